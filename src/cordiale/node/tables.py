"""The node's own tables: what ties the rooms together for a person. Bodies lie locked; salts lie apart.

The exchange keeps what travels, the ledger what happened; here is what an officer sees in a list, and the
local copy that the vault opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    delete,
    insert,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)

from cordiale.exchange.tables import inbox
from cordiale.reports.tables import draft_row as draft_row
from cordiale.reports.tables import tasks
from cordiale.store.schema import Json, Moment, metadata
from cordiale.store.search import item as search_item

PAGE: Final = 500
"""Rows read, and names asked for, at once: a database takes only so many in one statement."""
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
Place = tuple[datetime, str]
"""Where a reading of pages stands: the time and the reference of the last row."""

papers = Table(
    "node_paper",
    metadata,
    Column("reference", String(80), primary_key=True),
    # held | sent | received | refused | recalled | undone | failed
    Column("state", String(16), nullable=False),
    Column("direction", String(3), nullable=False),  # out | in
    Column("other", String(120), nullable=False),  # SIDE/authority
    Column("type", String(40), nullable=False),
    Column("message_id", String(80), nullable=False, default=""),
    Column("thread", String(80), nullable=False),  # the reference of the first paper of a conversation
    Column("officer", String(80), nullable=False),
    Column("verdict", String(10), nullable=False, default=""),
    Column("article", String(200), nullable=False, default=""),
    Column("handling", String(12), nullable=False, default=""),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment),  # when a held one goes
    Column("erase_by", Moment),  # the day after which nothing of it may be here
    Column("body", LargeBinary),  # locked; NULL once erased
    Index("ix_node_paper_list", "direction", "at"),
    Index("ix_node_paper_message", "message_id"),
    Index("ix_node_paper_thread", "thread", "at"),
    Index(
        "ix_node_paper_due",
        "due_at",
        sqlite_where=text("state = 'held'"),
        postgresql_where=text("state = 'held'"),
    ),
    Index(
        "ix_node_paper_erase",
        "erase_by",
        sqlite_where=text("body IS NOT NULL"),
        postgresql_where=text("body IS NOT NULL"),
    ),
)
"""One row a sent or a received message: what officers see in a list, with the locked local copy."""

salts = Table(
    "node_salt",
    metadata,
    Column("reference", String(80), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)
"""The salt of each locked body; to destroy it is to erase the body, in every old copy of the file too."""

judgements = Table(
    "node_judgement",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("officer", String(80), nullable=False),
    Column("reference", String(80), nullable=False),
    Column("thread", String(80), nullable=False),
    Column(
        "content", String(64), nullable=False
    ),  # keyed digest of the body: a new draft of the same is the same
    Column("recipient", String(120), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("article", String(200), nullable=False),
    Column("step", String(20), nullable=False),
    Column("stated", Json, nullable=False),  # fact name -> digest of what was stated: tells THAT one changed
    Column("changed", Json, nullable=False),  # facts that changed since a refusal of the same thread
    Column("ledger_index", Integer),
    Index("ix_node_judgement_thread", "thread"),
    Index("ix_node_judgement_content", "content"),
)
"""Every decision for the supervisor: a refusal followed by a changed fact is marked."""

distresses = Table(
    "node_distress",
    metadata,
    Column("reference", String(80), primary_key=True),
    Column("state", String(12), nullable=False),  # opened | received | closed
    Column("at", Moment, nullable=False),
    Column("opened_by", String(120), nullable=False),
    Column("other", String(120), nullable=False),
    Column("message_id", String(80), nullable=False, default=""),
    Column("confirmed_by", String(120), nullable=False, default=""),
    Column("confirmed_at", Moment),
    Column("closed_by", String(120), nullable=False, default=""),
    Column("defects", Json, nullable=False),
    Column("sent_to", Json, nullable=False),  # SIDE/authority -> {message_id, confirmed_by, confirmed_at}
    Column("body", LargeBinary),
)
"""Distress incidents, opened here or received; open until a named person closes one."""


# ------------------------------------------------------------------------------ papers


def put_paper(tx: Connection, row: dict[str, Any], salt: bytes) -> None:
    """Write a paper anew, with its salt."""
    tx.execute(delete(papers).where(papers.c.reference == row["reference"]))
    tx.execute(delete(salts).where(salts.c.reference == row["reference"]))
    tx.execute(insert(papers).values(**row))
    tx.execute(insert(salts).values(reference=row["reference"], salt=salt))


def put_line(tx: Connection, **row: Any) -> None:
    """Write the line of a message that came: its body lies in the exchange's inbox. A second time changes
    nothing.
    """
    if tx.execute(select(papers.c.reference).where(papers.c.reference == row["reference"])).first() is None:
        tx.execute(insert(papers).values(**row))


def paper(tx: Connection, reference: str) -> Row[Any] | None:
    """One paper with its salt."""
    query = (
        select(papers, salts.c.salt)
        .join(salts, salts.c.reference == papers.c.reference, isouter=True)
        .where(papers.c.reference == reference)
    )
    return tx.execute(query).one_or_none()


def by_message(tx: Connection, message_id: str) -> Row[Any] | None:
    """The paper of a message that travelled."""
    return tx.execute(select(papers).where(papers.c.message_id == message_id)).first()


def listed(
    tx: Connection,
    direction: str,
    states: Sequence[str],
    *,
    limit: int,
    within: ColumnElement[bool],
    before: datetime | None = None,
) -> Sequence[Row[Any]]:
    """A list, newest first, up to `limit`, older than `before`; `within` is what its reader may see."""
    query = select(papers).where(papers.c.direction == direction, papers.c.state.in_(states), within)
    if before is not None:
        query = query.where(papers.c.at < before)
    return tx.execute(query.order_by(papers.c.at.desc(), papers.c.reference).limit(limit)).all()


def thread(tx: Connection, name: str, within: ColumnElement[bool] | None = None) -> Sequence[Row[Any]]:
    """Every paper of a conversation, oldest first; `within` is what its reader may see."""
    seen = true() if within is None else within
    return tx.execute(select(papers).where(papers.c.thread == name, seen).order_by(papers.c.at)).all()


def held_until(tx: Connection, at: datetime) -> Sequence[Row[Any]]:
    """The held papers whose time has come."""
    held = papers.c.state == literal_column("'held'")  # as the index says it: SQLite compares the words
    query = select(papers).where(held, papers.c.due_at <= at)
    return tx.execute(query.order_by(papers.c.due_at)).all()


def set_state(tx: Connection, reference: str, state: str, **more: Any) -> None:
    """Move a paper on."""
    tx.execute(update(papers).where(papers.c.reference == reference).values(state=state, **more))


def erase_paper(tx: Connection, reference: str) -> None:
    """Erase the body of a paper: bytes and salt; the line stays, so that the story of the item stays
    whole.
    """
    tx.execute(update(papers).where(papers.c.reference == reference).values(body=None))
    tx.execute(delete(salts).where(salts.c.reference == reference))


def keep_salt(tx: Connection, reference: str, salt: bytes) -> None:
    """Keep the salt of a locked body that lies in another table, anew at each locking."""
    drop_salt(tx, reference)
    tx.execute(insert(salts).values(reference=reference, salt=salt))


def salt_of(tx: Connection, reference: str) -> bytes | None:
    """The salt of a locked body; None once it was erased."""
    found = tx.execute(select(salts.c.salt).where(salts.c.reference == reference)).scalar()
    return None if found is None else bytes(found)


def drop_salt(tx: Connection, reference: str) -> None:
    """Erase a locked body that lies in another table: without its salt it is noise."""
    tx.execute(delete(salts).where(salts.c.reference == reference))


def moved_since(tx: Connection, direction: str, states: Sequence[str], place: Place) -> Sequence[Row[Any]]:
    """What came ("in") or went ("out") and still has a body: one page, oldest first, beyond a place."""
    at, reference = place
    held: ColumnElement[bool] = papers.c.body.is_not(None)
    if direction == "in":  # its body lies in the exchange's inbox
        here = select(inbox.c.id).where(inbox.c.id == papers.c.message_id, inbox.c.erased_at.is_(None))
        held = here.exists()
    beyond = and_(papers.c.at >= at, or_(papers.c.at > at, papers.c.reference > reference))
    query = select(papers).where(papers.c.direction == direction, papers.c.state.in_(states), beyond, held)
    return tx.execute(query.order_by(papers.c.at, papers.c.reference).limit(PAGE)).all()


def place_of(rows: Sequence[Row[Any]]) -> Place:
    """Where a page ended."""
    return rows[-1].at, rows[-1].reference


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Names in parts that one statement takes."""
    return (names[start : start + PAGE] for start in range(0, len(names), PAGE))


def papers_of(
    tx: Connection, references: Sequence[str], states: Sequence[str], within: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """These papers, if they stand in one of these states, newest first; `within`: what the reader may see."""
    if not references:
        return []
    query = select(papers).where(papers.c.reference.in_(references), papers.c.state.in_(states), within)
    return tx.execute(query.order_by(papers.c.at.desc(), papers.c.reference)).all()


def indexed(tx: Connection, references: Sequence[str]) -> set[str]:
    """Which of these papers can be found by words."""
    queries = (select(search_item.c.item).where(search_item.c.item.in_(one)) for one in _parts(references))
    return {found for query in queries for found in tx.execute(query).scalars()}


def indexed_and_gone(tx: Connection, room: str, states: Sequence[str]) -> list[str]:
    """What can still be found by words although it stands in none of these states any more."""
    same = papers.c.reference == search_item.c.item
    here = select(papers.c.reference).where(same, papers.c.state.in_(states)).exists()
    query = select(search_item.c.item).where(search_item.c.room == room, ~here)
    return list(tx.execute(query).scalars())


def tasks_known(tx: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these tasks there are, finished or not."""
    queries = (select(tasks.c.id).where(tasks.c.id.in_(one)) for one in _parts(ids))
    return {found for query in queries for found in tx.execute(query).scalars()}


def tasks_open(tx: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these tasks nobody has finished."""
    waits = tasks.c.done_at.is_(None)
    queries = (select(tasks.c.id).where(tasks.c.id.in_(one), waits) for one in _parts(ids))
    return {found for query in queries for found in tx.execute(query).scalars()}


def past_retention(tx: Connection, at: datetime) -> Sequence[Row[Any]]:
    """Papers whose body should be gone and is not."""
    return tx.execute(select(papers).where(papers.c.erase_by < at, papers.c.body.is_not(None))).all()


# ------------------------------------------------------------------------------ judgements


def add_judgement(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(judgements).values(**row))


def refusals_of(tx: Connection, thread: str, content: str, recipient: str) -> Sequence[Row[Any]]:
    """Earlier refusals of the same draft, or of one that says the same, to the same recipient; newest
    first.
    """
    same = or_(judgements.c.thread == thread, judgements.c.content == content)
    query = select(judgements).where(
        same, judgements.c.recipient == recipient, judgements.c.verdict == "refuse"
    )
    return tx.execute(query.order_by(judgements.c.number.desc()).limit(10)).all()


def last_judgements(tx: Connection, limit: int) -> Sequence[Row[Any]]:
    return tx.execute(select(judgements).order_by(judgements.c.number.desc()).limit(limit)).all()


# ------------------------------------------------------------------------------ distress


def put_distress(tx: Connection, row: dict[str, Any]) -> None:
    """Write an incident anew."""
    tx.execute(delete(distresses).where(distresses.c.reference == row["reference"]))
    tx.execute(insert(distresses).values(**row))


def change_distress(tx: Connection, reference: str, **values: Any) -> None:
    tx.execute(update(distresses).where(distresses.c.reference == reference).values(**values))


def distress(tx: Connection, reference: str) -> Row[Any] | None:
    return tx.execute(select(distresses).where(distresses.c.reference == reference)).one_or_none()


def open_distresses(tx: Connection) -> Sequence[Row[Any]]:
    """Every incident that nobody has closed, newest first."""
    query = select(distresses).where(distresses.c.state != "closed")
    return tx.execute(query.order_by(distresses.c.at.desc())).all()
