"""The boxes: what waits to go, what came, what failed, what is alarming.

Everything here works on a transaction that was opened elsewhere, and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Executable, Row, Table, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cordiale.errors import ExchangeError
from cordiale.exchange import tables
from cordiale.exchange.message import NO_MESSAGE, RESCUE_LANES
from cordiale.seals import BatchSignature
from cordiale.store import changed, chunks
from cordiale.store.ready import Ready, ReadyAmong, ReadyChanges, ReadyRows

OUTBOX: Final = "outbox"
"""What the store is told of when something is posted, or is to be carried once more."""
OUT: Final = "out"
IN: Final = "in"

# States of an outbox row. `stopped` is a row that no decision covers: it stays, and an alarm is raised.
WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
REFUSED: Final = "refused"
FAILED: Final = "failed"
STOPPED: Final = "stopped"
CLOSED: Final = (DELIVERED, REFUSED, FAILED)

ACCEPTED: Final = "accepted"
SET_ASIDE: Final = "set_aside"
ATTACHMENTS_MAX: Final = 20  # in one message
_ATTACHMENT: Final = re.compile(r"[0-9a-f]{32}\Z")
PAGE_MAX: Final = 500  # rows of a box given at once


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message that has been decided: its place, its stored bytes, how far it has come."""

    position: int
    id: str
    peer: str
    lane: str
    sequence: int
    reference: str
    recipient: str
    type: str
    kind: str
    about: str
    state: str
    attempts: int
    due_at: datetime
    fault: str
    decision: int | None
    posted_at: datetime
    closed_at: datetime | None
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One message that came: what became of it and why. `reason` is for our own officer alone."""

    position: int
    id: str
    peer: str
    lane: str
    sequence: int
    reference: str
    sender: str
    recipient: str
    type: str
    kind: str
    about: str
    outcome: str
    reason: Mapping[str, Any]
    defects: tuple[str, ...]
    restrictions: Mapping[str, Any]
    received_under: str
    erase_by: datetime | None
    entry: int | None
    received_at: datetime
    raw: bytes
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class Failed:
    """What a person must read and mend. `direction` is "out" or "in"; `state`: open, replayed, dismissed."""

    id: int
    direction: str
    message: str
    peer: str
    reference: str
    reason: str
    state: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person must look at."""

    id: int
    kind: str
    peer: str
    about: str
    says: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lane stands: the last sequence number and the last message id."""

    sequence: int
    last: str


# -- lanes --------------------


# Statements that each message needs are ready (store/ready.py): working one out costs more than running it.

_POST: Final = ReadyRows(tables.outbox)
_TAKE: Final = ReadyRows(tables.inbox)
_ADVANCE: Final = ReadyRows(tables.lane, key=("peer", "lane", "direction"))
_CLOSE_OUT: Final = ReadyChanges(tables.outbox, key="id")


def place(tx: Connection, peer: str, lane: str, direction: str) -> Place:
    """Where this lane stands; before the first message, sequence 0."""
    row = _PLACE.one(tx, p=peer, l=lane, d=direction)
    return Place(row.sequence, row.last) if row else Place(0, NO_MESSAGE)


_PLACE: Final = Ready(
    select(tables.lane.c.sequence, tables.lane.c.last)
    .where(tables.lane.c.peer == bindparam("p"), tables.lane.c.lane == bindparam("l"))
    .where(tables.lane.c.direction == bindparam("d"))
)  # no lock of its own: it is read on read-only connections too, and the store has one writer
_KNOWN: Final = ReadyAmong(tables.inbox.c.id)
_OUTCOME: Final = Ready(select(tables.inbox.c.outcome).where(tables.inbox.c.id == bindparam("m")))


def advance(tx: Connection, peer: str, lane: str, direction: str, *, to: Place) -> None:
    """Move a lane on to the message that was just given its place."""
    key = {"peer": peer, "lane": lane, "direction": direction}
    _ADVANCE.run(tx, [{**key, "sequence": to.sequence, "last": to.last}])


def put(tx: Connection, table: Any, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert a row or, where its key is there already, update it. One statement on either database."""
    put_all(tx, table, tuple(key), [{**key, **values}])


def put_all(tx: Connection, table: Any, key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    """`put` for rows that all have the same columns; `key` names those that make a row the same one."""
    if rows:
        values = tuple(name for name in rows[0] if name not in key)
        tx.execute(_put(table, key, values, tx.dialect.name), list(rows))


@cache
def _put(table: Table, key: tuple[str, ...], values: tuple[str, ...], name: str) -> Executable:
    """Built once: building a statement costs more than running it."""
    made = (postgresql if name == "postgresql" else sqlite).insert(table)
    changes = {one: made.excluded[one] for one in values}
    statement: Executable = (
        made.on_conflict_do_update(index_elements=list(key), set_=changes)
        if changes
        else made.on_conflict_do_nothing(index_elements=list(key))
    )
    return statement


# -- outbox --------------------

_OUT_COLUMNS: Final = [tables.outbox.c[one.name] for one in fields(OutboxRow)]


def post(tx: Connection, **row: Any) -> None:
    """Put one decided message into the outbox. The courier looks for its decision before it carries it."""
    post_all(tx, [row])


def post_all(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put decided messages into the outbox, in order."""
    blank = {"state": WAITING, "attempts": 0, "fault": "", "signature": None}
    _POST.run(tx, [{**blank, **row} for row in rows])
    changed(tx, OUTBOX)


def outbox(
    tx: Connection, *, reference: str = "", state: str = "", limit: int = 50, before: int = 0
) -> list[OutboxRow]:
    """The outbox, newest first; `before` is the position where the last page ended."""
    c = tables.outbox.c
    query = select(*_OUT_COLUMNS).order_by(c.position.desc()).limit(min(limit, PAGE_MAX))
    for wanted, clause in (
        (reference, c.reference == reference),
        (state, c.state == state),
        (before, c.position < before),
    ):
        query = query.where(clause) if wanted else query
    return [OutboxRow(*row) for row in tx.execute(query)]


def waiting(tx: Connection, peer: str, lane: str, *, limit: int, after: int = 0) -> Sequence[Row[Any]]:
    """The next waiting messages of a lane beyond number `after`, in order, with all that is needed to carry
    them.
    """
    return _WAITING.all(tx, p=peer, l=lane, n=limit, a=after)


_WAITING: Final = Ready(
    select(tables.outbox)
    .where(tables.outbox.c.peer == bindparam("p"), tables.outbox.c.lane == bindparam("l"))
    .where(tables.outbox.c.state == WAITING, tables.outbox.c.signature.is_not(None))
    .where(tables.outbox.c.sequence > bindparam("a"))
    .order_by(tables.outbox.c.sequence)
    .limit(bindparam("n"))
)


def still_waiting(tx: Connection, rows: Sequence[Row[Any]]) -> bool:
    """Whether neighbours in one lane that were read before wait as they were read: none of them gone."""
    first, last = rows[0], rows[-1]
    asked = {"p": first.peer, "l": first.lane, "a": first.sequence, "z": last.sequence}
    return [one.id for one in _STILL.all(tx, **asked)] == [row.id for row in rows]


_STILL: Final = Ready(
    select(tables.outbox.c.id)
    .where(tables.outbox.c.peer == bindparam("p"), tables.outbox.c.lane == bindparam("l"))
    .where(tables.outbox.c.state == WAITING, tables.outbox.c.signature.is_not(None))
    .where(tables.outbox.c.sequence >= bindparam("a"), tables.outbox.c.sequence <= bindparam("z"))
    .where(func.length(tables.outbox.c.sealed) > 0)
    .order_by(tables.outbox.c.sequence)
)
_LANES_WAITING: Final = Ready(
    select(tables.outbox.c.peer, tables.outbox.c.lane).where(tables.outbox.c.state == WAITING).distinct()
)


def lanes_waiting(tx: Connection) -> list[tuple[str, str]]:
    """(peer, lane) of every lane in which something waits, distress first."""
    rows = _LANES_WAITING.all(tx)
    return sorted(((row.peer, row.lane) for row in rows), key=lambda one: (one[1] not in RESCUE_LANES, one))


def backlog(tx: Connection) -> dict[str, int]:
    """How many messages wait for each peer."""
    c = tables.outbox.c
    rows = tx.execute(select(c.peer, func.count()).where(c.state == WAITING).group_by(c.peer))
    return {row[0]: row[1] for row in rows}


def close_out(
    tx: Connection, message: str, *, state: str, receipt: bytes | None, at: datetime, fault: str = ""
) -> None:
    """Close an outbox row: delivered or refused with its receipt, failed without."""
    close_all(tx, [{"message": message, "state": state, "receipt": receipt, "fault": fault}], at=at)


def close_all(tx: Connection, endings: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """`close_out` for several: {"message", "state", "receipt", "fault"} of each."""
    closed = [
        {
            "id": one["message"],
            "state": one["state"],
            "receipt": one["receipt"],
            "closed_at": at,
            "fault": one["fault"][:1000],
        }
        for one in endings
    ]
    _CLOSE_OUT.run(tx, closed)


def put_off(tx: Connection, messages: Sequence[str], *, due_at: datetime, fault: str) -> None:
    """A transient failure: try these again at `due_at`."""
    c = tables.outbox.c
    later = {"attempts": c.attempts + 1, "due_at": due_at, "fault": fault[:1000]}
    tx.execute(update(tables.outbox).where(c.id.in_(messages), c.state == WAITING).values(later))


def wait_again(tx: Connection, peer: str, lane: str, *, since: int, at: datetime) -> int:
    """Carry stored messages from sequence `since` on once more: the partner lost them. How many."""
    c = tables.outbox.c
    changed(tx, OUTBOX)
    lost = and_(c.peer == peer, c.lane == lane, c.sequence >= since, c.state.in_((DELIVERED, REFUSED)))
    return tx.execute(update(tables.outbox).where(lost).values(state=WAITING, due_at=at)).rowcount


def decision_of(tx: Connection, message: str) -> int | None:
    """The ledger index of the decision under which a message leaves, or None if it was never posted."""
    return tx.execute(select(tables.outbox.c.decision).where(tables.outbox.c.id == message)).scalar()


def sign(tx: Connection, message: str, share: BatchSignature) -> None:
    """Keep the signature under which a message left already."""
    here = update(tables.outbox).where(tables.outbox.c.id == message)
    tx.execute(here.values(signature=share.as_json()))


def spend(tx: Connection, message: str) -> bool:
    """Destroy the sealed bytes of a message that left and was answered; header and receipt stay. False when
    there are none, or it is still on its way.
    """
    c = tables.outbox.c
    here = update(tables.outbox).where(c.id == message, c.state.in_(CLOSED), c.sealed != b"")
    return tx.execute(here.values(sealed=b"")).rowcount == 1


# -- inbox --------------------

_IN_COLUMNS: Final = [tables.inbox.c[one.name] for one in fields(InboxRow)]


def take(tx: Connection, **row: Any) -> None:
    """Keep what came, with its outcome. Its receipt is added at the end of the group."""
    take_all(tx, [row])


def take_all(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`take` for several, in order."""
    _TAKE.run(tx, rows)


def taken(tx: Connection, message: str) -> InboxRow | None:
    """The message of this id, if it ever came."""
    row = tx.execute(select(*_IN_COLUMNS).where(tables.inbox.c.id == message)).one_or_none()
    return _inbox_row(row) if row else None


def outcome_of(tx: Connection, message: str) -> str:
    """What became of the message of this id, or "" if it never came."""
    return _OUTCOME.scalar(tx, m=message) or ""


def known_among(tx: Connection, messages: Sequence[str]) -> set[str]:
    """Those of these ids that came before."""
    return _KNOWN.of(tx, messages)


def at_place(tx: Connection, peer: str, lane: str, sequence: int) -> str:
    """The id of the message that holds this place of a lane, or ""."""
    c = tables.inbox.c
    here = and_(c.peer == peer, c.lane == lane, c.sequence == sequence)
    return tx.execute(select(c.id).where(here).limit(1)).scalar() or ""


def inbox(
    tx: Connection, *, reference: str = "", outcome: str = "", limit: int = 50, before: int = 0
) -> list[InboxRow]:
    """The inbox, newest first; `before` is the position where the last page ended."""
    c = tables.inbox.c
    query = select(*_IN_COLUMNS).order_by(c.position.desc()).limit(min(limit, PAGE_MAX))
    for wanted, clause in (
        (reference, c.reference == reference),
        (outcome, c.outcome == outcome),
        (before, c.position < before),
    ):
        query = query.where(clause) if wanted else query
    return [_inbox_row(row) for row in tx.execute(query)]


def due_for_erasure(tx: Connection, at: datetime, *, limit: int = PAGE_MAX) -> list[InboxRow]:
    """What has reached the end of its retention and is still held."""
    c = tables.inbox.c
    query = select(*_IN_COLUMNS).where(c.erase_by <= at, c.erased_at.is_(None)).limit(limit)
    return [_inbox_row(row) for row in tx.execute(query)]


def erase(tx: Connection, message: str, *, at: datetime) -> bool:
    """Destroy the sealed bytes of a message that came, and of its attachments; its key, outcome and proof
    stay. False if nothing was held.
    """
    c, t = tables.inbox.c, tables.attachment.c
    for name in tx.execute(select(t.id).where(t.message == message, t.direction == IN)).scalars().all():
        chunks.condemn(tx, name)
    gone = update(tables.inbox).where(c.id == message, c.erased_at.is_(None)).values(raw=b"", erased_at=at)
    return tx.execute(gone).rowcount == 1


def is_held(row: InboxRow) -> bool:
    """Whether we hold what came: it was accepted, or set aside here so that a person may replay it."""
    return row.outcome == ACCEPTED or row.reason.get("told") == SET_ASIDE


def accept_after_all(tx: Connection, message: str, *, at: datetime) -> None:
    """A person has let it take effect; its receipt stays the one that its sender has."""
    c = tables.inbox.c
    told = {"told": "", "says": f"replayed by a person, {at:%Y-%m-%d %H:%M} UTC", "article": ""}
    tx.execute(update(tables.inbox).where(c.id == message).values(outcome=ACCEPTED, reason=told))


def set_aside_here(tx: Connection, failed_id: int) -> InboxRow:
    """What came and lies open in the failed box. Raises ExchangeError when there is nothing to replay."""
    c, f = tables.inbox.c, tables.failed.c
    mine = and_(f.id == failed_id, f.direction == IN, f.state == "open", c.raw != b"")
    query = select(*_IN_COLUMNS).join_from(tables.inbox, tables.failed, f.message == c.id).where(mine)
    row = tx.execute(query).one_or_none()
    kept = _inbox_row(row) if row else None
    if kept is None or not (kept.outcome == ACCEPTED or is_held(kept)):
        raise ExchangeError(
            f"`{failed_id}` is nothing that came and was set aside",
            field="failed",
            way_out="What we refused is sent anew by its sender.",
        )
    return kept


def distress_aside(tx: Connection) -> list[bytes]:
    """Distress calls in the failed box that nobody has looked at, as they came."""
    c, f = tables.inbox.c, tables.failed.c
    open_ = and_(f.direction == IN, f.state == "open", c.lane.in_(sorted(RESCUE_LANES)), c.raw != b"")
    query = select(c.raw).join_from(tables.inbox, tables.failed, f.message == c.id).where(open_)
    return list(tx.execute(query.order_by(c.position).limit(PAGE_MAX)).scalars())


def restrict(
    tx: Connection, message: str, restrictions: Mapping[str, Any], *, erase_by: datetime | None
) -> None:
    """Keep stricter restrictions with a message that came."""
    changes = {"restrictions": dict(restrictions), "erase_by": erase_by}
    tx.execute(update(tables.inbox).where(tables.inbox.c.id == message).values(changes))


def _inbox_row(row: Row[Any]) -> InboxRow:
    known = row._asdict()
    return InboxRow(**{**known, "defects": tuple(known["defects"])})


# -- failed, alarms --------------------


def set_aside(
    tx: Connection, direction: str, message: str, *, reason: str, at: datetime, **known: Any
) -> None:
    """Put something into the box that a person reads. `known`: peer, reference, raw."""
    blank = {"peer": "", "reference": "", "raw": None, "state": "open", "settled_by": ""}
    row = {
        **blank,
        **known,
        "direction": direction,
        "message": message,
        "reason": reason[:4000],
        "failed_at": at,
    }
    tx.execute(insert(tables.failed).values(row))


def failures(tx: Connection, *, state: str = "open", limit: int = 50) -> list[Failed]:
    """The failed box, newest first."""
    c = tables.failed.c
    columns = [c.id, c.direction, c.message, c.peer, c.reference, c.reason, c.state, c.failed_at]
    query = select(*columns).where(c.state == state).order_by(c.id.desc()).limit(min(limit, PAGE_MAX))
    return [Failed(*row) for row in tx.execute(query)]


def is_aside(tx: Connection, message: str) -> bool:
    """Whether a message lies open in the failed box already."""
    c = tables.failed.c
    return (
        tx.execute(select(c.id).where(c.message == message, c.state == "open").limit(1)).scalar() is not None
    )


def settle(tx: Connection, failed_id: int, *, state: str, by: str, at: datetime) -> Failed:
    """Mark a failed one as replayed or dismissed, by a person. Raises ExchangeError when it is not open."""
    c = tables.failed.c
    columns = [c.id, c.direction, c.message, c.peer, c.reference, c.reason, c.state, c.failed_at]
    row = tx.execute(select(*columns).where(c.id == failed_id, c.state == "open")).one_or_none()
    if row is None:
        raise ExchangeError(f"`{failed_id}` is not an open entry of the failed box", field="failed")
    tx.execute(
        update(tables.failed).where(c.id == failed_id).values(state=state, settled_at=at, settled_by=by)
    )
    return Failed(*row)


def replay(tx: Connection, failed_id: int, *, by: str, at: datetime) -> Failed:
    """Carry a failed message again, as it was decided and stored. Only outgoing ones: what came is sent again
    by its sender. Raises ExchangeError when there is nothing to carry.
    """
    changed(tx, OUTBOX)
    one = settle(tx, failed_id, state="replayed", by=by, at=at)
    c = tables.outbox.c
    again = update(tables.outbox).where(c.id == one.message, c.state.in_((WAITING, FAILED)))
    if one.direction != OUT or tx.execute(again.values(state=WAITING, due_at=at, attempts=0)).rowcount != 1:
        raise ExchangeError(
            f"`{one.reference or failed_id}` cannot be carried again as it is",
            field="failed",
            way_out="Write it anew: it is decided again.",
        )
    return one


def raise_alarm(tx: Connection, kind: str, *, peer: str, about: str, says: str, at: datetime) -> None:
    """Raise an alarm once; one of the same kind about the same thing renews it."""
    key = {"kind": kind, "peer": peer, "about": about[:200]}
    put(tx, tables.alarm, key, {"says": says, "raised_at": at, "settled_at": None, "settled_by": ""})


def alarms(tx: Connection) -> list[Alarm]:
    """Open alarms, newest first."""
    c = tables.alarm.c
    columns = [c.id, c.kind, c.peer, c.about, c.says, c.raised_at]
    return [
        Alarm(*row)
        for row in tx.execute(select(*columns).where(c.settled_at.is_(None)).order_by(c.id.desc()))
    ]


def ever_alarmed(tx: Connection, kind: str) -> frozenset[str]:
    """What alarms of one kind were ever about, settled or not."""
    c = tables.alarm.c
    return frozenset(tx.execute(select(c.about).where(c.kind == kind)).scalars())


def settle_alarm(tx: Connection, alarm_id: int, *, by: str, at: datetime) -> None:
    """A person has looked at it."""
    c = tables.alarm.c
    tx.execute(update(tables.alarm).where(c.id == alarm_id).values(settled_at=at, settled_by=by))


# -- attachments --------------------


def post_attachments(
    tx: Connection, message: str, peer: str, attachments: Sequence[Mapping[str, Any]], *, at: datetime
) -> None:
    """Let the chunks of a posted message follow it."""
    for one in attachments:
        row = {"id": one["id"], "direction": OUT, "message": message, "peer": peer, "state": WAITING}
        tx.execute(insert(tables.attachment).values(**row, next_place=0, due_at=at, fault=""))


def expect_attachments(
    tx: Connection, message: str, peer: str, attachments: Sequence[Mapping[str, Any]], *, at: datetime
) -> None:
    """Make room for the chunks of an accepted message. Raises ExchangeError for what is no attachment."""
    check_attachments(tx, attachments)
    for one in attachments:
        chunks.announce(tx, one["id"], one["chunk_count"], at=at)
        row = {"id": one["id"], "direction": IN, "message": message, "peer": peer, "state": WAITING}
        tx.execute(insert(tables.attachment).values(**row, next_place=0, due_at=at, fault=""))


def check_attachments(tx: Connection, attachments: Sequence[Mapping[str, Any]]) -> None:
    """Raises ExchangeError for what a message cannot announce: each has an id that is nowhere here yet, and a
    count of chunks.
    """
    if len(attachments) > ATTACHMENTS_MAX:
        raise ExchangeError(f"a message has at most {ATTACHMENTS_MAX} attachments", field="attachments")
    seen: set[str] = set()
    for one in attachments:
        name, count = one.get("id"), one.get("chunk_count")
        if not isinstance(name, str) or not _ATTACHMENT.match(name) or type(count) is not int:
            raise ExchangeError("has no id or chunk count", field="attachments")
        if not 1 <= count <= chunks.CHUNKS_MAX or name in seen or chunks.look(tx, name) is not None:
            # An id that is here already may be of a file of ours, or of another partner's.
            raise ExchangeError("cannot be expected under this id and count", field="attachments")
        seen.add(name)
