"""The named queries of what was called back: prints and saved files (node_taken), notices (node_called)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from cordiale.exchange.tables import alarm
from cordiale.node.tables import called, taken

OPEN: Final = taken.c.outcome.in_(("", "lost"))
"""What nobody has settled: a lost one is told, and stays open."""


def put_taken(tx: Connection, row: dict[str, Any]) -> None:
    """A print or saved file, as it is made."""
    tx.execute(insert(taken).values(**row))


def taken_row(tx: Connection, id: str) -> Row[Any] | None:
    """One print or saved file."""
    return tx.execute(select(taken).where(taken.c.id == id)).one_or_none()


def taken_from(tx: Connection, reference: str) -> Sequence[Row[Any]]:
    """Every print and saved file of one paper, oldest first."""
    query = select(taken).where(taken.c.reference == reference)
    return tx.execute(query.order_by(taken.c.taken_at, taken.c.id)).all()


def taken_of(
    tx: Connection, message: str, *, reference: str = "", outcomes: Sequence[str] = ("",)
) -> Sequence[Row[Any]]:
    """Prints and saved files with the words of a message, or made from one paper, that have one of these
    outcomes.
    """
    words = [taken.c.message == message] if message else []
    paper = [taken.c.reference == reference] if reference else []
    query = select(taken).where(or_(*words, *paper), taken.c.outcome.in_(list(outcomes)))
    return tx.execute(query.order_by(taken.c.taken_at, taken.c.id)).all() if words or paper else []


def change_taken(tx: Connection, id: str, **values: Any) -> None:
    """Note that a notice reached it, or what became of it."""
    tx.execute(update(taken).where(taken.c.id == id).values(**values))


def open_taken_count(tx: Connection, message: str) -> int:
    """How many of a message were called back and are not settled."""
    here = and_(taken.c.message == message, taken.c.act != "", OPEN)
    return int(tx.execute(select(func.count()).select_from(taken).where(here)).scalar_one())


def taken_open(tx: Connection, *, limit: int, officers: Collection[str] | None = None) -> Sequence[Row[Any]]:
    """What was called back and is not settled, the longest open first; `officers`: of these alone."""
    query = select(taken).where(taken.c.act != "", OPEN, taken.c.woken_at.is_not(None))
    if officers is not None:
        query = query.where(taken.c.officer.in_(sorted(officers)))
    return tx.execute(query.order_by(taken.c.woken_at, taken.c.taken_at, taken.c.id).limit(limit)).all()


def taken_overdue(tx: Connection, before: datetime) -> list[tuple[str, int]]:
    """The papers of which something was called back before this moment and is not settled; how many."""
    late = and_(taken.c.woken_at < before, taken.c.act != "", OPEN)
    query = select(taken.c.reference, func.count()).where(late).group_by(taken.c.reference)
    return [(str(reference), int(count)) for reference, count in tx.execute(query)]


def is_alarm_fresh(tx: Connection, kind: str, about: str, *, peer: str = "", since: datetime) -> bool:
    """Whether an alarm of this kind stands open, or a person has looked at it since this moment."""
    same = and_(alarm.c.kind == kind, alarm.c.peer == peer, alarm.c.about == about[:200])
    fresh = or_(alarm.c.settled_at.is_(None), alarm.c.settled_at > since)
    return tx.execute(select(alarm.c.id).where(same, fresh).limit(1)).first() is not None


# ------------------------------------------------------------------------------ notices


def note_called(tx: Connection, message: str, **row: Any) -> None:
    """A notice about a message was obeyed or sent here: act, reason, by, notice, at."""
    tx.execute(insert(called).values(message=message, **row))


def called_back(tx: Connection, message: str) -> Sequence[Row[Any]]:
    """The notices about a message, oldest first."""
    query = select(called).where(called.c.message == message)
    return tx.execute(query.order_by(called.c.number)).all()


def last_called(tx: Connection, message: str) -> int:
    """The number of the latest notice about a message; 0 when there is none."""
    query = select(func.max(called.c.number)).where(called.c.message == message)
    return tx.execute(query).scalar() or 0
