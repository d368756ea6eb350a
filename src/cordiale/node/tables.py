"""The node's own tables: what ties the rooms together for a person. Bodies lie locked; salts lie apart.

The exchange keeps what travels, the ledger what happened; here is what an officer sees in a list, and the
local copy that the vault opens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    and_,
    delete,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union,
    update,
)

from cordiale.exchange.tables import inbox, outbox
from cordiale.node.drafting_kept import quotes as quotes
from cordiale.node.drafting_kept import reviews as reviews
from cordiale.reports.tables import draft_row as draft_row
from cordiale.reports.tables import tasks
from cordiale.store import search
from cordiale.store.schema import Json, Moment, metadata

PAGE: Final = 500
"""Rows read, and names asked for, at once: a database takes only so many in one statement."""
KEPT: Final = ("received", "sent", "held")
"""States in which a paper can be found by its words; in every other state it cannot."""
Place = tuple[datetime, str]
"""Where a reading of pages stands: the time and the reference of the last row."""
T = TypeVar("T")
DIRECTIONS: Final[dict[str, ColumnElement[str]]] = {one: literal_column(f"'{one}'") for one in ("in", "out")}
"""As the indexes say it: SQLite compares the words of a condition with those of a partial index."""

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
    Column(
        "authority", String(60), nullable=False, server_default=""
    ),  # ours: to which it came, or from which
    Column("about", String(80)),  # the message that it passes on; NULL: written before this was kept
    Column("verdict", String(10), nullable=False, default=""),
    Column("article", String(200), nullable=False, default=""),
    Column("handling", String(12), nullable=False, default=""),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment),  # when a held one goes
    Column("erase_by", Moment),  # the day after which nothing of it may be here
    Column("body", LargeBinary),  # locked; NULL once erased
    Index("ix_node_paper_list", "direction", "at", "reference"),
    Index("ix_node_paper_authority", "authority", "direction", "at", "reference"),
    Index(
        "ix_node_paper_officer",
        "direction",
        "officer",
        "at",
        "reference",
        sqlite_where=text("direction = 'out'"),
        postgresql_where=text("direction = 'out'"),
    ),
    Index(
        "ix_node_paper_about",
        "about",
        sqlite_where=text("direction = 'out' AND body IS NOT NULL"),
        postgresql_where=text("direction = 'out' AND body IS NOT NULL"),
    ),
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

LINE: Final = tuple(one for one in papers.c if one.name != "body")
"""What a list needs of a paper: everything but its body."""

fresh = Table(
    "node_fresh",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("reference", String(80), nullable=False, unique=True),
    sqlite_autoincrement=True,
)
"""Papers at which the keeper has yet to look: to begin what waits for somebody, to let them be found."""

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
    Column("authority", String(60), nullable=False, server_default=""),  # of the officer, on that day
    Index("ix_node_judgement_authority", "authority", "number"),
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
    Index(
        "ix_node_distress_open",
        "at",
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    Index(
        "ix_node_distress_closed",
        "at",
        "reference",
        sqlite_where=text("state = 'closed'"),
        postgresql_where=text("state = 'closed'"),
    ),
    Index("ix_node_distress_message", "message_id"),
)
"""Distress incidents, opened here or received; open until a named person closes one."""

distress_steps = Table(
    "node_distress_step",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(16), nullable=False),
    Column("reference", String(80), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("act", String(12), nullable=False),  # closed | reopened | told_closed | called_again
    Column("by", String(120), nullable=False),  # the person here, or the partner's SIDE/authority
    Column("officer", String(80), nullable=False),
    Column("words", LargeBinary, nullable=False),  # locked: what they wrote down, how many they counted
    Column("told", Json, nullable=False),  # whom it was told to: recipient, message
    sqlite_autoincrement=True,
)
"""What became of an incident: closed, reopened, and what partners told of it."""

taken = Table(
    "node_taken",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("reference", String(80), nullable=False),  # the paper that it was made from
    Column("message", String(80), nullable=False),  # whose words they are: that came here, or that left
    Column("officer", String(80), nullable=False),
    Column("kind", String(10), nullable=False),  # print | file
    Column("item", String(40), nullable=False, server_default=""),  # the file; "" for a print
    Column("taken_at", Moment, nullable=False),
    Column("act", String(12), nullable=False, server_default=""),  # of the notice; "" for none
    Column("woken_at", Moment),
    # destroyed | amended | not_made | lost; "" while nobody has said
    Column("outcome", String(12), nullable=False, server_default=""),
    Column("settled_at", Moment),
    Column("settled_by", String(80), nullable=False, server_default=""),
    Index("ix_node_taken_reference", "reference"),
    Index("ix_node_taken_message", "message"),
    Index(
        "ix_node_taken_open",
        "woken_at",
        sqlite_where=text("outcome IN ('', 'lost')"),
        postgresql_where=text("outcome IN ('', 'lost')"),
    ),
)
"""What left the pages on paper or as a file: who, when, of which message; no word of it."""

called = Table(
    "node_called",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("message", String(80), nullable=False, index=True),
    Column("act", String(12), nullable=False),  # recall | erase | correct | restrict
    Column("reason", String(40), nullable=False),
    Column("by", String(120), nullable=False),  # SIDE/authority, or the account that called our own back
    Column("notice", String(80), nullable=False, server_default=""),  # the message that told it, if one came
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
"""Each notice about a message, for whoever has it open: what was asked, by whom, why and when."""


# ------------------------------------------------------------------------------ papers


def put_paper(tx: Connection, row: dict[str, Any], salt: bytes) -> None:
    """Write a paper anew, with its salt."""
    tx.execute(delete(papers).where(papers.c.reference == row["reference"]))
    tx.execute(delete(salts).where(salts.c.reference == row["reference"]))
    tx.execute(insert(papers).values(**row))
    tx.execute(insert(salts).values(reference=row["reference"], salt=salt))
    if row["state"] in KEPT:
        look_at_later(tx, row["reference"])


def lock_anew(tx: Connection, reference: str, locked: bytes, salt: bytes) -> None:
    """Put another locked copy in the place of a paper's, under a salt of its own."""
    tx.execute(update(papers).where(papers.c.reference == reference).values(body=locked))
    keep_salt(tx, reference, salt)


def put_line(tx: Connection, **row: Any) -> None:
    """Write the line of a message that came: its body lies in the exchange's inbox. A second time changes
    nothing.
    """
    if tx.execute(select(papers.c.reference).where(papers.c.reference == row["reference"])).first() is None:
        tx.execute(insert(papers).values(**row))
        look_at_later(tx, row["reference"])


def paper(tx: Connection, reference: str) -> Row[Any] | None:
    """One paper with its salt."""
    query = (
        select(papers, salts.c.salt)
        .join(salts, salts.c.reference == papers.c.reference, isouter=True)
        .where(papers.c.reference == reference)
    )
    return tx.execute(query).one_or_none()


def posted(tx: Connection, messages: Sequence[str]) -> dict[str, Row[Any]]:
    """Message id -> how far the courier has come with it: state and fault."""
    query: Select[Any] = select(outbox.c.id, outbox.c.state, outbox.c.fault)
    parts = (query.where(outbox.c.id.in_(one)) for one in _parts(messages))
    return {row.id: row for part in parts for row in tx.execute(part).all()}


def by_message(tx: Connection, message_id: str) -> Row[Any] | None:
    """The paper of a message that travelled."""
    return tx.execute(select(papers).where(papers.c.message_id == message_id)).first()


def listed(
    tx: Connection,
    direction: str,
    *,
    limit: int,
    strands: Sequence[ColumnElement[bool]],
    before: Place | None = None,
) -> Sequence[Row[Any]]:
    """A list without bodies, newest first, up to `limit`, older than the place `before`.

    `strands`: what its reader may see, each read along an index of its own and then merged.
    """
    if not strands:
        return []
    newest = (papers.c.at.desc(), papers.c.reference.desc())
    picked = [papers.c.direction == DIRECTIONS[direction]]
    if before is not None:
        picked.append(
            tuple_(papers.c.at, papers.c.reference) < tuple_(literal(before[0], Moment()), literal(before[1]))
        )
    if len(strands) == 1:
        return tx.execute(select(*LINE).where(*picked, *strands).order_by(*newest).limit(limit)).all()
    each = [
        select(papers.c.reference).where(*picked, one).order_by(*newest).limit(limit).subquery()
        for one in strands
    ]
    names = union(*(select(one.c.reference) for one in each))
    return tx.execute(select(*LINE).where(papers.c.reference.in_(names)).order_by(*newest).limit(limit)).all()


def thread(tx: Connection, name: str, within: ColumnElement[bool] | None = None) -> Sequence[Row[Any]]:
    """The papers of a conversation without their bodies, oldest first; `within`: what its reader may see."""
    seen = true() if within is None else within
    return tx.execute(select(*LINE).where(papers.c.thread == name, seen).order_by(papers.c.at)).all()


def passing_on(tx: Connection, message: str) -> Sequence[Row[Any]]:
    """The papers written here that may pass this message on and whose words are still kept, with their salt.

    Those of which it was not yet kept what they pass on are among them: whoever asks opens them.
    """
    kept = and_(papers.c.direction == DIRECTIONS["out"], papers.c.body.is_not(None))
    query = select(papers, salts.c.salt).join(salts, salts.c.reference == papers.c.reference)
    return tx.execute(query.where(kept, or_(papers.c.about == message, papers.c.about.is_(None)))).all()


def held_until(tx: Connection, at: datetime) -> Sequence[Row[Any]]:
    """The held papers whose time has come."""
    held = papers.c.state == literal_column("'held'")  # as the index says it: SQLite compares the words
    query = select(papers).where(held, papers.c.due_at <= at)
    return tx.execute(query.order_by(papers.c.due_at)).all()


def set_state(tx: Connection, reference: str, state: str, **more: Any) -> None:
    """Move a paper on. What is no longer kept is no longer found, from this very act on."""
    tx.execute(update(papers).where(papers.c.reference == reference).values(state=state, **more))
    if state not in KEPT:
        search.erase(tx, [reference])


def erase_paper(tx: Connection, reference: str) -> None:
    """Erase the body of a paper: bytes and salt; the line stays, so that the story of the item stays
    whole.
    """
    tx.execute(update(papers).where(papers.c.reference == reference).values(body=None))
    tx.execute(delete(salts).where(salts.c.reference == reference))
    search.erase(tx, [reference])


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


# ------------------------------------------------------------------------------ not yet looked at


def look_at_later(tx: Connection, reference: str) -> None:
    """Let the keeper look at a paper: once, whoever asks."""
    if tx.execute(select(fresh.c.number).where(fresh.c.reference == reference)).first() is None:
        tx.execute(insert(fresh).values(reference=reference))


def look_at_all(tx: Connection) -> int:
    """Let the keeper look at every kept paper once more; how many."""
    waiting = select(fresh.c.reference)
    kept = select(papers.c.reference).where(papers.c.state.in_(KEPT), papers.c.reference.not_in(waiting))
    oldest = kept.order_by(papers.c.at, papers.c.reference)
    again = insert(fresh).from_select(["reference"], oldest).execution_options(preserve_rowcount=True)
    return tx.execute(again).rowcount


def not_looked_at(tx: Connection, *, limit: int, only: str = "") -> Sequence[Row[Any]]:
    """The papers at which nobody has looked, in the order they came, with number and salt; a gone one has no
    state.
    """
    query = (
        select(fresh.c.number, papers, salts.c.salt)
        .select_from(fresh)
        .join(papers, papers.c.reference == fresh.c.reference, isouter=True)
        .join(salts, salts.c.reference == fresh.c.reference, isouter=True)
    )
    query = query.where(fresh.c.reference == only) if only else query
    return tx.execute(query.order_by(fresh.c.number).limit(limit)).all()


def looked_at(tx: Connection, numbers: Sequence[int]) -> set[int]:
    """Strike these off; those that nobody struck off before."""
    gone = [delete(fresh).where(fresh.c.number.in_(one)).returning(fresh.c.number) for one in _parts(numbers)]
    return {number for query in gone for number in tx.execute(query).scalars()}


def _parts(names: Sequence[T]) -> Iterator[Sequence[T]]:
    """Names or numbers in parts that one statement takes."""
    return (names[start : start + PAGE] for start in range(0, len(names), PAGE))


def papers_of(tx: Connection, references: Sequence[str], within: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Of these papers the kept ones that their reader may see, without their bodies, newest first."""
    if not references:
        return []  # a database that is asked for none of a million looks at each
    query = select(*LINE).where(papers.c.reference.in_(references), papers.c.state.in_(KEPT), within)
    return tx.execute(query.order_by(papers.c.at.desc(), papers.c.reference.desc())).all()


def papers_seen(
    tx: Connection, references: Collection[str], within: ColumnElement[bool]
) -> dict[str, Row[Any]]:
    """Reference -> paper without its body, of those that their reader may see."""
    query = select(*LINE).where(within)
    parts = (query.where(papers.c.reference.in_(one)) for one in _parts(sorted(references)))
    return {row.reference: row for part in parts for row in tx.execute(part).all()}


def is_index_lost(tx: Connection) -> bool:
    """Whether nothing can be found, nothing is about to be, and there is something: after a restore."""
    first = (
        select(search.item.c.id).limit(1),
        select(fresh.c.number).limit(1),
        select(papers.c.reference).where(papers.c.state.in_(KEPT)).limit(1),
    )
    found, waits, there = (tx.execute(query).first() is not None for query in first)
    return there and not found and not waits


def still_kept(tx: Connection, references: Sequence[str]) -> set[str]:
    """Which of these may be found now: kept, and their body not erased."""
    erased = select(inbox.c.id).where(inbox.c.id == papers.c.message_id, inbox.c.erased_at.is_not(None))
    held = or_(
        and_(papers.c.direction == "out", papers.c.body.is_not(None)),
        and_(papers.c.direction == "in", ~erased.exists()),
    )
    query = select(papers.c.reference).where(papers.c.state.in_(KEPT), held)
    return {
        name
        for part in _parts(references)
        for name in tx.execute(query.where(papers.c.reference.in_(part))).scalars()
    }


def note_about(tx: Connection, reference: str, about: str) -> None:
    """Keep what a paper passes on, where that was not yet kept."""
    unknown = and_(papers.c.reference == reference, papers.c.about.is_(None))
    tx.execute(update(papers).where(unknown).values(about=about))


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
    """Papers whose body should be gone and is not, a page of them, without it."""
    query = select(*LINE).where(papers.c.erase_by < at, papers.c.body.is_not(None))
    return tx.execute(query.order_by(papers.c.erase_by).limit(PAGE)).all()


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


def last_judgements(tx: Connection, limit: int, within: frozenset[str] | None = None) -> Sequence[Row[Any]]:
    """The newest decisions; `within`: of officers of these authorities alone, each read along its index."""
    number = judgements.c.number
    query = select(judgements).order_by(number.desc()).limit(limit)
    if within is None:
        return tx.execute(query).all()
    newest = select(number).order_by(number.desc()).limit(limit)
    theirs = (newest.where(judgements.c.authority == one) for one in sorted(within))
    numbers = {found for one in theirs for found in tx.execute(one).scalars()}
    return tx.execute(query.where(number.in_(numbers))).all() if numbers else []


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
    is_open = distresses.c.state != literal_column("'closed'")  # as the index says it
    query = select(distresses).where(is_open)
    return tx.execute(query.order_by(distresses.c.at.desc())).all()
