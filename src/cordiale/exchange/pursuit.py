"""Notices that are not done with at some holder: asked about again and again, then told to a person.

Done with is a holder that has applied the notice and whose people have settled every print and saved file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from cordiale.exchange import tables
from cordiale.exchange.boxes import PAGE_MAX
from cordiale.exchange.copies import Copy

_LATER: Final = tables.following.alias()
_SUPERSEDED: Final = exists().where(
    _LATER.c.original == tables.following.c.original,
    _LATER.c.holder == tables.following.c.holder,
    or_(
        _LATER.c.changed_at > tables.following.c.changed_at,
        and_(
            _LATER.c.changed_at == tables.following.c.changed_at,
            _LATER.c.notice > tables.following.c.notice,
        ),
    ),
)
UNDONE: Final = and_(
    ~_SUPERSEDED,
    tables.following.c.state != "refused",
    or_(
        tables.following.c.state != "applied",
        tables.following.c.open_copies.is_(None),
        tables.following.c.open_copies > 0,
    ),
)


def unfinished(tx: Connection, *, limit: int, asked_before: datetime) -> list[str]:
    """The messages about which a notice is not done with at some holder, the longest not asked first: not
    applied, or prints and saved files are open, or it was not told how many.
    """
    c = tables.following.c
    asked = func.min(func.coalesce(c.asked_at, c.begun_at))
    due = select(c.original).where(UNDONE).group_by(c.original)
    due = due.having(or_(func.count(c.asked_at) < func.count(), asked < asked_before))
    return list(tx.execute(due.order_by(asked, c.original).limit(limit)).scalars())


def note_asked(tx: Connection, original: str, *, at: datetime) -> None:
    """The holders of a message were asked how far the notice has come."""
    c = tables.following.c
    tx.execute(update(tables.following).where(c.original == original, UNDONE).values(asked_at=at))


def overdue(tx: Connection, before: datetime) -> list[tuple[str, Copy]]:
    """The holders with whom a notice that was begun before this moment is not done with: original, copy."""
    c, k = tables.following.c, tables.copy.c
    on = and_(k.holder == c.holder, k.original == c.original)
    columns = [k.message, k.holder, k.via, k.node, k.sent_at, c.act, c.state, c.open_copies]
    query = select(c.original, *columns).join_from(tables.following, tables.copy, on)
    rows = tx.execute(query.where(UNDONE, c.begun_at < before).order_by(c.begun_at).limit(PAGE_MAX))
    return [(row[0], Copy(*row[1:])) for row in rows]
