"""The tables of the reports room and their named queries.

Titles and bodies are opaque bytes: the node seals them before they come here and opens them after. Times are
kept as UTC text of one length, so that they sort.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    insert,
    or_,
    select,
    text,
    update,
)

from cordiale.errors import InputError
from cordiale.store.schema import metadata

PAGE_MAX: Final = 200  # rows of one page; the next page starts after the last row seen

cases = Table(
    "report_case",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", LargeBinary, nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("regime", String(40), nullable=False),
    Column("opened_by", String(120), nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("review_by", String(32), nullable=False),
    Column("closed_by", String(120)),
    Column("closed_at", String(32)),
    Column("closed_reason", String(400)),
)
"""One matter with its purpose and review date; closed only by a person, with a reason."""

drafts = Table(
    "report_draft",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", String(64), ForeignKey("report_case.id")),
    Column("author", String(120), nullable=False, index=True),
    Column("type_id", String(40), nullable=False),
    Column("model", String(20), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("saved_at", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Column("about", String(80)),  # the message that it passes on; NULL: begun before this was kept
    CheckConstraint("state in ('open', 'ready', 'sent', 'discarded')", name="state"),
    Index(
        "ix_report_draft_about",
        "about",
        sqlite_where=text("state in ('open', 'ready')"),
        postgresql_where=text("state in ('open', 'ready')"),
    ),
)
"""What somebody is writing, saved as typed."""

messages = Table(
    "report_message",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("direction", String(10), nullable=False),
    Column("case_id", String(64), ForeignKey("report_case.id")),
    Column("thread_id", String(128), nullable=False),
    Column("reply_to", String(128)),
    Column("type_id", String(40), nullable=False),
    Column("model", String(20), nullable=False),
    Column("side", String(20), nullable=False),
    Column("authority", String(80), nullable=False),
    Column("body", LargeBinary),
    Column("grade_scheme", String(8)),
    Column("grade_source", String(1)),
    Column("grade_information", String(1)),
    Column("at", String(32), nullable=False),
    Column("first_read_at", String(32)),
    Column("first_read_by", String(120)),
    Column("state", String(12), nullable=False),
    Column("erase_by", String(32)),
    CheckConstraint("direction in ('received', 'sent')", name="direction"),
    CheckConstraint("state in ('held', 'recalled', 'corrected', 'restricted', 'erased')", name="state"),
    CheckConstraint("(state = 'erased') = (body is null)", name="erased_has_no_body"),
    Index("ix_report_message_thread", "thread_id", "at"),
    Index("ix_report_message_case", "case_id", "at"),
    Index("ix_report_message_direction", "direction", "at"),
)
"""Reports received and sent. An erased one keeps its row without a body, so that nobody asks for it again."""

tasks = Table(
    "report_task",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("case_id", String(64), ForeignKey("report_case.id")),
    Column("message_id", String(128), ForeignKey("report_message.id")),
    Column("started_at", String(32), nullable=False),
    Column("due_at", String(32)),
    Column("binding", String(12), nullable=False),
    Column("article", String(120), nullable=False),
    Column("done_at", String(32)),
    Column("done_by", String(120)),
    CheckConstraint("binding in ('law', 'agreement', 'aim', 'service', 'none')", name="binding"),
    Index(
        "ix_report_task_waiting",
        "owner",
        "due_at",
        "started_at",
        "id",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_report_task_overdue",
        "due_at",
        "id",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)
"""What waits for whom, until when, and by which rule. `owner` is an account or a role."""


def stamp(at: datetime) -> str:
    """A moment as the text that the tables keep: UTC, microseconds, so that texts sort as moments do."""
    if at.tzinfo is None:
        raise InputError("a time needs its zone", field="at")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str | None) -> datetime | None:
    """The moment that a kept text means."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) if text else None


# ------------------------------------------------------------------------------ queries


def put(tx: Connection, table: Table, row: dict[str, Any]) -> None:
    """Add one row."""
    tx.execute(insert(table).values(**row))


def case_row(tx: Connection, case_id: str) -> Row[Any] | None:
    """One case."""
    return tx.execute(select(cases).where(cases.c.id == case_id)).one_or_none()


def open_cases(tx: Connection) -> Sequence[Row[Any]]:
    """Every open case, the one to be reviewed soonest first."""
    query = select(cases).where(cases.c.closed_at.is_(None)).order_by(cases.c.review_by, cases.c.id)
    return tx.execute(query.limit(PAGE_MAX)).all()


def close_case_row(tx: Connection, case_id: str, *, by: str, at: str, reason: str) -> bool:
    """Close a case that is open; False if it is not."""
    done = tx.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.closed_at.is_(None))
        .values(closed_by=by, closed_at=at, closed_reason=reason)
    )
    return done.rowcount == 1


def draft_row(tx: Connection, draft_id: str) -> Row[Any] | None:
    """One draft."""
    return tx.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()


def drafts_of(tx: Connection, author: str) -> Sequence[Row[Any]]:
    """What an officer is still writing, last touched first."""
    query = select(drafts).where(drafts.c.author == author, drafts.c.state.in_(("open", "ready")))
    return tx.execute(query.order_by(drafts.c.saved_at.desc(), drafts.c.id).limit(PAGE_MAX)).all()


def drafts_about(tx: Connection, message: str) -> Sequence[Row[Any]]:
    """Whatever is still being written and may pass this message on, whoever writes it.

    Those of which it was not yet kept what they pass on are among them: whoever asks opens them.
    """
    writing = drafts.c.state.in_(("open", "ready"))
    named = or_(drafts.c.about == message, drafts.c.about.is_(None))
    return tx.execute(select(drafts).where(writing, named).order_by(drafts.c.id)).all()


def change_draft(tx: Connection, draft_id: str, revision: int, values: dict[str, Any]) -> bool:
    """Change a draft that still is at `revision` and not sent or discarded; False if somebody was faster."""
    done = tx.execute(
        update(drafts)
        .where(drafts.c.id == draft_id, drafts.c.revision == revision, drafts.c.state.in_(("open", "ready")))
        .values(**values, revision=revision + 1)
    )
    return done.rowcount == 1


def message_row(tx: Connection, message_id: str) -> Row[Any] | None:
    """One message."""
    return tx.execute(select(messages).where(messages.c.id == message_id)).one_or_none()


def messages_in(tx: Connection, direction: str, before: str = "", limit: int = 50) -> Sequence[Row[Any]]:
    """Received or sent messages, newest first, before a moment."""
    query = select(messages).where(messages.c.direction == direction)
    if before:
        query = query.where(messages.c.at < before)
    return tx.execute(
        query.order_by(messages.c.at.desc(), messages.c.id).limit(max(1, min(limit, PAGE_MAX)))
    ).all()


def thread_rows(tx: Connection, thread_id: str) -> Sequence[Row[Any]]:
    """A thread from its beginning."""
    query = select(messages).where(messages.c.thread_id == thread_id).order_by(messages.c.at, messages.c.id)
    return tx.execute(query.limit(PAGE_MAX)).all()


def messages_of_case(tx: Connection, case_id: str) -> Sequence[Row[Any]]:
    """Everything received and sent in a case, oldest first."""
    query = select(messages).where(messages.c.case_id == case_id).order_by(messages.c.at, messages.c.id)
    return tx.execute(query.limit(PAGE_MAX)).all()


def change_message(tx: Connection, message_id: str, values: dict[str, Any]) -> bool:
    """Change a message's state; False if there is none or it is erased already."""
    done = tx.execute(
        update(messages).where(messages.c.id == message_id, messages.c.state != "erased").values(**values)
    )
    return done.rowcount == 1


def mark_read(tx: Connection, message_id: str, by: str, at: str) -> None:
    """Note the first reading. Every reading is in the ledger; this is only what a list shows."""
    tx.execute(
        update(messages)
        .where(messages.c.id == message_id, messages.c.first_read_at.is_(None))
        .values(first_read_at=at, first_read_by=by)
    )


def past_retention(tx: Connection, now: str) -> Sequence[Row[Any]]:
    """Messages that should have been erased by now."""
    query = select(messages).where(messages.c.erase_by <= now, messages.c.state != "erased")
    return tx.execute(query.order_by(messages.c.erase_by, messages.c.id).limit(PAGE_MAX)).all()


def tasks_waiting(tx: Connection, owners: Sequence[str]) -> Sequence[Row[Any]]:
    """What waits for any of these owners, soonest due first, undated last.

    Each owner's are read along the index, the dated and the undated apart, however many wait.
    """
    found: list[Row[Any]] = []
    for dated in (tasks.c.due_at.is_not(None), tasks.c.due_at.is_(None)):
        waiting = select(tasks).where(tasks.c.done_at.is_(None), dated)
        soonest = waiting.order_by(tasks.c.due_at, tasks.c.started_at, tasks.c.id).limit(PAGE_MAX)
        rows = [row for one in owners for row in tx.execute(soonest.where(tasks.c.owner == one))]
        found += sorted(rows, key=lambda row: (row.due_at or "", row.started_at, row.id))
    return found[:PAGE_MAX]


def tasks_overdue(tx: Connection, now: str) -> Sequence[Row[Any]]:
    """Every task past its time, whoever has it."""
    query = select(tasks).where(tasks.c.done_at.is_(None), tasks.c.due_at < now)
    return tx.execute(query.order_by(tasks.c.due_at, tasks.c.id).limit(PAGE_MAX)).all()


def finish_task(tx: Connection, task_id: str, by: str, at: str) -> bool:
    """Finish a task that is not finished; False if it is or there is none."""
    done = tx.execute(
        update(tasks).where(tasks.c.id == task_id, tasks.c.done_at.is_(None)).values(done_by=by, done_at=at)
    )
    return done.rowcount == 1


def reopen_task(tx: Connection, task_id: str, started_at: str, due_at: str | None) -> bool:
    """Let a task wait again, from now; False if there is none."""
    again = {"started_at": started_at, "due_at": due_at, "done_at": None, "done_by": None}
    return tx.execute(update(tasks).where(tasks.c.id == task_id).values(**again)).rowcount == 1


def tasks_open_for(tx: Connection, case_id: str) -> int:
    """How many tasks of a case, or of a message in it, are not finished."""
    of_messages = select(messages.c.id).where(messages.c.case_id == case_id)
    query = select(tasks.c.id).where(
        and_(tasks.c.done_at.is_(None), or_(tasks.c.case_id == case_id, tasks.c.message_id.in_(of_messages)))
    )
    return len(tx.execute(query.limit(PAGE_MAX)).all())
