"""Copies: who holds what left us or was passed on, and how far a notice about it has come with each holder.

Everything here works on a transaction that was opened elsewhere, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select, update

from cordiale.exchange import boxes, tables
from cordiale.store.ready import ReadyRows

ENDS_COPY: Final = ("recall", "erase")
"""Notices after which nobody keeps the message."""
_NOTE: Final = ReadyRows(tables.copy, key=("message", "holder"))


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of message `message`: who holds it, through whom, and where a notice about it has come to.

    `open_copies`: prints and saved files there that nobody has settled; None while its node has not told.
    """

    message: str
    holder: str
    via: str
    node: str
    sent_at: datetime
    act: str
    state: str
    open_copies: int | None = None


def note_copy(
    tx: Connection, message: str, holder: str, *, via: str, node: str, original: str, at: datetime
) -> None:
    """Remember that `holder` ("SIDE/authority") has a copy. `via` is who gave it; "" is ourselves."""
    here = {"message": message, "holder": holder, "via": via, "node": node}
    note_copies(tx, [{**here, "original": original, "sent_at": at}])


def note_copies(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`note_copy` for several: rows of message, holder, via, node, original, sent_at."""
    _NOTE.run(tx, rows)


def holders(tx: Connection, message: str) -> list[Copy]:
    """Everyone who holds a copy of a message or of what it was passed on as, with the state of the latest
    notice.
    """
    c, f = tables.copy.c, tables.following.c
    on = and_(f.holder == c.holder, f.original == c.original)
    columns = [
        c.message,
        c.holder,
        c.via,
        c.node,
        c.sent_at,
        func.coalesce(f.act, ""),
        func.coalesce(f.state, "held"),
        f.open_copies,
    ]
    query = select(*columns).select_from(tables.copy.outerjoin(tables.following, on))
    rows = tx.execute(query.where(c.original == message).order_by(c.sent_at, c.holder, f.changed_at))
    latest = {(row.message, row.holder): Copy(*row) for row in rows}
    return list(latest.values())


def every_copy(tx: Connection, messages: Sequence[str]) -> Sequence[Any]:
    """(message, holder, via, original) of every copy that is known of these messages."""
    c = tables.copy.c
    query = select(c.message, c.holder, c.via, c.original)
    return tx.execute(query.where(c.message.in_(sorted(set(messages))))).all()


def follow(
    tx: Connection,
    notice: str,
    holder: str,
    *,
    original: str,
    act: str,
    state: str,
    at: datetime,
    open_copies: int | None = None,
) -> None:
    """Note how far a notice about `original` has come with one holder: sent, acknowledged or applied; and how
    many prints and saved files are open there. What is known already keeps its time.
    """
    c = tables.following.c
    here = and_(c.notice == notice, c.holder == holder)
    known = tx.execute(select(c.act, c.state, c.open_copies, c.begun_at).where(here)).one_or_none()
    if known is not None and tuple(known)[:3] == (act, state, open_copies):
        return
    values = {"original": original, "act": act, "state": state, "changed_at": at, "open_copies": open_copies}
    begun_at = known.begun_at if known is not None else at
    boxes.put(tx, tables.following, {"notice": notice, "holder": holder}, {**values, "begun_at": begun_at})


def acknowledge(tx: Connection, notice: str, holder: str, *, at: datetime) -> None:
    """A holder's node has confirmed that the notice came."""
    c = tables.following.c
    here = update(tables.following).where(c.notice == notice, c.holder == holder, c.state == "sent")
    tx.execute(here.values(state="acknowledged", changed_at=at))


def spend_recalled(tx: Connection, notice: str, about: str) -> bool:
    """`spend` the message that a confirmed notice ended; False when it ended none."""
    c = tables.following.c
    ended = select(c.act).where(c.notice == notice, c.act.in_(ENDS_COPY)).limit(1)
    return tx.execute(ended).first() is not None and boxes.spend(tx, about)
