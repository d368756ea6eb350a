"""The rows of a lane that is being mended: what mending.py decides, done row by row.

Everything here works on a transaction that was opened elsewhere, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from cordiale.errors import ExchangeError
from cordiale.exchange import boxes, tables
from cordiale.exchange.boxes import FAILED, IN, OUT, WAITING


def stuck(tx: Connection, failed_id: int) -> Row[Any]:
    """The outbox row of an open failed one that is first of its lane. Raises ExchangeError for any other."""
    c, f = tables.outbox.c, tables.failed.c
    mine = and_(f.id == failed_id, f.direction == OUT, f.state == "open", c.state == WAITING)
    row = tx.execute(
        select(tables.outbox).join_from(tables.outbox, tables.failed, f.message == c.id).where(mine)
    ).one_or_none()
    if row is not None:
        ahead = and_(c.peer == row.peer, c.lane == row.lane, c.state == WAITING, c.sequence < row.sequence)
        if tx.execute(select(c.id).where(ahead).limit(1)).scalar() is None:
            return row
    raise ExchangeError(f"`{failed_id}` holds up no lane", field="failed")


def waiting_after(tx: Connection, row: Row[Any], *, limit: int) -> Sequence[Row[Any]]:
    """What waits behind a row of the outbox, in order."""
    c = tables.outbox.c
    behind = and_(c.peer == row.peer, c.lane == row.lane, c.state == WAITING, c.sequence > row.sequence)
    return tx.execute(select(tables.outbox).where(behind).order_by(c.sequence).limit(limit)).all()


def keep_notice(tx: Connection, failed_id: int, raw: bytes, *, by: str, reason: str) -> None:
    """Keep the notice that asks to go on without a failed one, and who asked."""
    changes = {"raw": raw, "settled_by": by, "reason": reason[:4000]}
    tx.execute(update(tables.failed).where(tables.failed.c.id == failed_id).values(changes))


def asked(tx: Connection, message: str) -> Row[Any] | None:
    """The notice about a message that holds up its lane, if a person has asked to go on without it."""
    f = tables.failed.c
    columns = [f.id.label("failed_id"), f.peer, f.raw, f.settled_by, f.reason]
    mine = and_(f.message == message, f.direction == OUT, f.state == "open", f.raw.is_not(None))
    return tx.execute(select(*columns).where(mine).limit(1)).one_or_none()


def due_now(tx: Connection, message: str, *, at: datetime) -> None:
    """Look at this message again at once."""
    tx.execute(update(tables.outbox).where(tables.outbox.c.id == message).values(due_at=at))


def leave_place(tx: Connection, message: str) -> None:
    """Give up the place of a row in its lane: the place is counted below zero from now on."""
    leave_places(tx, [message])


def leave_places(tx: Connection, messages: Sequence[str]) -> None:
    """Give up the places of these rows, so that others may have them."""
    c = tables.outbox.c
    tx.execute(update(tables.outbox).where(c.id.in_(messages)).values(sequence=-c.position))


def move(
    tx: Connection, row: Row[Any], message: str, *, header: bytes, sequence: int, decision: int, at: datetime
) -> None:
    """Post a row anew under another header and let all that hangs on it follow; the old one is closed."""
    kept = ("peer", "lane", "reference", "recipient", "type", "kind", "about", "sealed", "posted_at")
    same = {name: getattr(row, name) for name in kept}
    boxes.close_out(tx, row.id, state=FAILED, receipt=None, at=at, fault=f"it goes on as {message}")
    boxes.post(tx, **same, id=message, header=header, sequence=sequence, decision=decision, due_at=at)
    for table, column in (
        (tables.attachment, "message"),
        (tables.copy, "message"),
        (tables.copy, "original"),
        (tables.following, "notice"),
        (tables.following, "original"),
    ):
        c = table.c[column]
        tx.execute(update(table).where(c == row.id).values({column: message}))


def state_aside(tx: Connection, direction: str, message: str) -> str:
    """The state of what was set aside under this id, or ""."""
    f = tables.failed.c
    mine = select(f.state).where(f.message == message, f.direction == direction)
    return tx.execute(mine.order_by(f.id.desc()).limit(1)).scalar() or ""


def withdraw_asking(tx: Connection, peer: str, lane: str, *, at: datetime) -> None:
    """A newer notice of a partner about the same lane takes the place of its open one."""
    f = tables.failed.c
    mine = and_(f.peer == peer, f.direction == IN, f.state == "open", f.reference == f"lane:{lane}")
    changes = {"state": "withdrawn", "settled_at": at, "settled_by": peer}
    tx.execute(update(tables.failed).where(mine).values(changes))


def withdraw(tx: Connection, message: str, *, by: str, at: datetime) -> None:
    """What lies in the failed box under this id or reference has been settled by what partner `by` told."""
    f = tables.failed.c
    changes = {"state": "withdrawn", "settled_at": at, "settled_by": by}
    mine = and_(f.message == message, f.state == "open")
    tx.execute(update(tables.failed).where(mine).values(changes))


def asking(tx: Connection, failed_id: int) -> bytes:
    """The notice of a partner that asks to go on. Raises ExchangeError when it is none, or not open."""
    f = tables.failed.c
    mine = and_(f.id == failed_id, f.direction == IN, f.state == "open", f.reference.startswith("lane:"))
    raw = tx.execute(select(f.raw).where(mine)).scalar()
    if not raw:
        raise ExchangeError(f"`{failed_id}` is no open asking of a partner", field="failed")
    return bytes(raw)
