"""Where this node stands with its partners, asked of each of them at every start before anything but distress
is sent to it.

A node that was put back from an older backup has forgotten what it sent, took and recalled since. Its
partners hold that under its own signature: it is taken back as it was sent, no number is given twice, and
what they had sent comes again. What nobody holds is gone, and is said to be.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from cordiale.errors import ExchangeError, SealError, StoreError, Transient
from cordiale.exchange import boxes, copies, seats, tables
from cordiale.exchange.boxes import DELIVERED, IN, OUT, REFUSED, WAITING, Place
from cordiale.exchange.closing import REGAINED
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.mending import move_row
from cordiale.exchange.message import MAIN, Head, Restrictions
from cordiale.exchange.notices import NOTICE_TYPE
from cordiale.exchange.receipts import ACCEPTED
from cordiale.exchange.standing import ASK_KIND, ORDERED, PLACES
from cordiale.exchange.told import Gone, HeldThere, Told, read_answer
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import FACTS, Fact
from cordiale.seals import (
    canonical,
    digest,
    read_object,
    sign,
    write_time,
)
from cordiale.world import Wire

RESTORED: Final = "restored"
AGAIN: Final = timedelta(seconds=15)  # so often a partner is asked that has not told, after a restore
WAIT_S: Final = 10.0
PAGES_MAX: Final = 10_000  # of 256 messages: more than any backup is behind
NO_SUCH_PATH: Final = 404
BAD: Final = "what it tells of our place does not hold"


@dataclass(frozen=True, slots=True)
class Loss:
    """That this node was put back, as its own ledger tells: where, when, and how many entries it then had."""

    entry: int
    at: datetime
    size: int


@dataclass(slots=True)
class Places:
    """Who has told, in this life of the process. `always`: each partner is asked, whether anything is known
    to be lost or not. `theirs`: (partner, lane) -> how far we once confirmed what it sent to us.
    """

    always: bool = False
    known: set[str] = field(default_factory=set)
    theirs: dict[tuple[str, str], int] = field(default_factory=dict)
    again: dict[str, datetime] = field(default_factory=dict)
    locks: dict[str, threading.Lock] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    is_lost: bool | None = None

    def wanted(self, point: ContactPoint) -> bool:
        """Whether partners are to be asked at all."""
        if self.is_lost is None:
            self.is_lost = point.store.read(lambda tx: loss(tx, point)) is not None
        return self.always or self.is_lost


# -- what our own ledger tells --------------------


def loss(tx: Connection, point: ContactPoint) -> Loss | None:
    """The last time that this node was put back; None when it never was."""
    found = [
        Loss(one.index, one.entry.at, int(str(one.entry.facts["size"])))
        for one in point.log.entries(tx, kind=Kind.NODE)
        if one.entry.facts.get("state") == RESTORED
    ]
    return found[-1] if found else None


def note_loss(tx: Connection, point: ContactPoint) -> None:
    """Write into the ledger that this node was put back; it goes on from the checkpoint signed here."""
    at, size = point.moment(), point.log.head(tx).size
    point.log.checkpoint(tx, at)
    point.log.append(tx, Entry(Kind.NODE, at, {"state": RESTORED, "size": size}))


def silent(tx: Connection, point: ContactPoint) -> tuple[Loss | None, list[str]]:
    """The last loss, and the active partners that have not told since where we stand with them."""
    last = loss(tx, point)
    if last is None:
        return None, []
    active = [one.node for one in point.directory.active(point.store)]
    return last, sorted(set(active) - _answered(tx, point, last))


def _answered(tx: Connection, point: ContactPoint, last: Loss) -> set[str]:
    entries = point.log.entries(tx, kind=Kind.PEER, start=last.entry)
    return {str(one.entry.facts["peer"]) for one in entries if one.entry.facts.get("state") == REGAINED}


def card_serial(tx: Connection, point: ContactPoint) -> int:
    """The highest serial of a card of ours that a partner has told of since a restore; 0 when none has."""
    entries = point.log.entries(tx, kind=Kind.PEER)
    told = [one.entry.facts for one in entries if one.entry.facts.get("state") == REGAINED]
    return max((int(str(one.get("serial", 0))) for one in told), default=0)


# -- asking --------------------


def ask_everybody(point: ContactPoint, wire: Wire, places: Places) -> None:
    """Ask each partner that has not told yet; after a restore again and again, else once."""
    if not places.wanted(point):
        return
    now = point.clock.now()
    for peer in [one.node for one in point.directory.active(point.store)]:
        if peer in places.known or places.again.get(peer, now) > now:
            continue
        places.again[peer] = now + (AGAIN if places.is_lost else timedelta(days=1))
        try:
            make_sure(point, wire, peer, places)
        except (ExchangeError, SealError) as fault:
            if places.is_lost and peer not in places.told:
                places.told.add(peer)
                _tell_silence(point, peer, fault)


def _tell_silence(point: ContactPoint, peer: str, fault: Exception) -> None:
    why = BAD if not isinstance(fault, Transient) else "it has not told yet where we stand with it"
    says = f"this node was restored from a backup, and {why}: what it recalled since may be shown"
    at = point.moment()
    with suppress(StoreError):
        point.store.write(
            lambda tx: boxes.raise_alarm(tx, RESTORED, peer=peer, about="places", says=says, at=at)
        )


def make_sure(point: ContactPoint, wire: Wire, peer: str, places: Places) -> None:
    """Know where we stand with this partner before anything goes to it. Raises Transient while it has not
    told, ExchangeError or SealError when what it tells does not hold.
    """
    if peer in places.known or not places.wanted(point):
        return
    with places.locks.setdefault(peer, threading.Lock()):
        if peer in places.known:
            return
        after: dict[str, int] = {}
        for _ in range(PAGES_MAX):
            learnt = _ask(point, wire, peer, after)
            if learnt is None:
                break  # it knows no such question
            places.theirs |= {(peer, lane): one for lane, one in learnt.theirs.items()}
            places.is_lost = places.is_lost or learnt.begins
            if not learnt.more:
                break
            if learnt.after == after and not learnt.begins:
                raise ExchangeError(BAD, field="places")
            after = {} if learnt.begins else learnt.after
        places.known.add(peer)


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What one answer has brought. `begins`: we see only now that something was lost here."""

    more: bool
    after: dict[str, int]
    theirs: dict[str, int]
    begins: bool = False


def _ask(point: ContactPoint, wire: Wire, peer: str, after: Mapping[str, int]) -> _Learnt | None:
    question, last = point.store.read(lambda tx: _question(tx, point, peer, after))
    answer = wire.post(peer, PLACES, question, wait_s=WAIT_S)
    if answer.status == NO_SUCH_PATH and last is None:
        return None
    if answer.status != 200:
        raise Transient(f"`{peer}` does not tell our place (status {answer.status})")
    card = point.store.read(lambda tx: point.cards.believed(tx, peer, point.moment()))
    told = read_answer(point, answer.body, card, asked=digest(question))
    return point.store.write(lambda tx: _learn(tx, point, told, peer=peer, last=last))


def _question(
    tx: Connection, point: ContactPoint, peer: str, after: Mapping[str, int]
) -> tuple[bytes, Loss | None]:
    """How far we know to have come with this partner; with what we have lost, until it has told once."""
    last = loss(tx, point)
    if last is not None and peer in _answered(tx, point, last):
        last = None
    lanes = {
        lane: {
            "in": boxes.place(tx, peer, lane, IN).sequence,
            "out": max(_known(tx, peer, lane, last), after.get(lane, 0)),
        }
        for lane in ORDERED
    }
    body = {
        "at": write_time(point.clock.now()),
        "lanes": lanes,
        "lost": {"at": write_time(last.at), "note": _anchor(tx, point, last)} if last else None,
        "node": point.identity.node,
        "to": peer,
    }
    raw = canonical(body)
    signature = b64encode(sign(ASK_KIND, raw, point.identity.signing).to_bytes()).decode()
    return canonical({"body": read_object(raw), "signature": signature}), last


def _known(tx: Connection, peer: str, lane: str, last: Loss | None) -> int:
    """The last number of ours on this lane for which we hold a receipt. Distress left since the restore under
    numbers that were given before: of it, all is asked for.
    """
    if last is not None and lane != MAIN:
        return 0
    c = tables.outbox.c
    mine = select(func.max(c.sequence)).where(c.peer == peer, c.lane == lane, c.receipt.is_not(None))
    return max(0, tx.execute(mine).scalar() or 0)


def _anchor(tx: Connection, point: ContactPoint, last: Loss) -> str:
    note = point.log.checkpoint_at(tx, last.size)
    if note is None:
        raise ExchangeError(f"no checkpoint of size {last.size} was signed", field="ledger")
    return note.text()


# -- the answer, taken --------------------


def _learn(tx: Connection, point: ContactPoint, told: Told, *, peer: str, last: Loss | None) -> _Learnt:
    """Take what was told into boxes and ledger; or see that we have lost something, and begin with that."""
    theirs = {lane: out for lane, (_, out) in told.lanes.items()}
    if last is None and _is_behind(tx, peer, told):
        note_loss(tx, point)
        return _Learnt(True, {}, theirs, begins=True)
    for one in told.gone:
        _note_gone(tx, point, peer, one)
    regained = sum(_take_lane(tx, point, told, peer=peer, lane=lane) for lane in ORDERED)
    after = {one.regained.lane: one.sequence for one in told.held}
    if not told.more:
        _check_ledger(tx, point, peer, told.ledger)
        _check_card(tx, point, peer, told.serial)
        if last is not None:
            _finish(tx, point, told, peer=peer, regained=regained)
    return _Learnt(told.more, after, theirs)


def _is_behind(tx: Connection, peer: str, told: Told) -> bool:
    """Whether the partner knows of more than we do: then this is an older copy of our database."""
    known = _ours_among(tx, [one.regained.message for one in told.held])
    if any(one.regained.message not in known for one in told.held):
        return True
    return any(
        place.sequence > boxes.place(tx, peer, lane, OUT).sequence
        or confirmed > boxes.place(tx, peer, lane, IN).sequence
        for lane, (place, confirmed) in told.lanes.items()
    )


def _ours_among(tx: Connection, messages: Sequence[str]) -> set[str]:
    c = tables.outbox.c
    return set(tx.execute(select(c.id).where(c.id.in_(list(messages)))).scalars())


def _take_lane(tx: Connection, point: ContactPoint, told: Told, *, peer: str, lane: str) -> int:
    """What we have forgotten of one lane, back in its place; how many messages."""
    mine = [one for one in told.held if one.regained.lane == lane]
    known = _ours_among(tx, [one.regained.message for one in mine])
    missing = [one for one in mine if one.regained.message not in known]
    theirs, _ = told.lanes[lane]
    if missing:
        # Distress has left already, whatever its number: it stays as it is.
        since = min(one.sequence for one in missing)
        moved = _leave_way(tx, peer, lane, since) if lane == MAIN else ()
        for one in missing:
            _take_back(tx, point, one)
        _go_behind(tx, point, moved, lane=(peer, lane), behind=theirs)
    here = boxes.place(tx, peer, lane, OUT)
    if here.sequence < theirs.sequence:
        boxes.advance(tx, peer, lane, OUT, to=theirs)
    return len(missing)


def _leave_way(tx: Connection, peer: str, lane: str, since: int) -> Sequence[Row[Any]]:
    """What was posted here since under numbers that were given before: it has not left, and makes way."""
    c = tables.outbox.c
    mine = (c.peer == peer) & (c.lane == lane) & (c.state == WAITING) & (c.sequence >= since)
    rows = tx.execute(select(tables.outbox).where(mine).order_by(c.sequence)).all()
    if rows:
        seats.leave_places(tx, [row.id for row in rows])
    return rows


def _go_behind(
    tx: Connection, point: ContactPoint, rows: Sequence[Row[Any]], *, lane: tuple[str, str], behind: Place
) -> None:
    if not rows:
        return
    at, place = point.moment(), behind
    for row in rows:
        place = move_row(tx, point, row, place, at=at)
    boxes.advance(tx, *lane, OUT, to=place)


def _take_back(tx: Connection, point: ContactPoint, one: HeldThere) -> None:
    """One message of ours as it was: its bytes, its receipt, who holds it, and what it did here."""
    got, at = one.regained, point.moment()
    if one.envelope is not None:
        entry = point.log.append(tx, Entry(Kind.SENT, at, _facts(one)))
        boxes.post(tx, **_row(tx, one, entry, at))
        facts: dict[str, Fact] = {
            "message": got.message,
            "receipt": digest(one.receipt_raw),
            "peer": got.peer,
        }
        facts |= {"peer_index": one.receipt.proof.index, "outcome": got.outcome}
        point.log.append(tx, Entry(Kind.RECEIPT, at, facts))
    else:
        facts = {"peer": got.peer, "message": got.message, "lane": got.lane, "sequence": one.sequence}
        point.log.append(tx, Entry(Kind.PEER, at, facts | {"state": "regained_gone"}))
    if got.outcome == ACCEPTED:
        if one.envelope is not None:
            copies.note_copy(
                tx, got.message, got.recipient, via="", node=got.peer, original=got.message, at=got.at
            )
        if got.type == NOTICE_TYPE and got.about and got.act:
            copies.follow(
                tx, got.message, got.recipient, original=got.about, act=got.act, state="acknowledged", at=at
            )
            if copies.spend_recalled(tx, got.message, got.about):
                gone: dict[str, Fact] = {"message": got.about, "reason": "recalled", "box": "outbox"}
                point.log.append(tx, Entry(Kind.ERASURE, at, gone))
    point.on_regained(tx, got)


def _facts(one: HeldThere) -> dict[str, Fact]:
    """What the ledger tells of a message that was taken back. Under which decision it left is lost."""
    got = one.regained
    assert one.envelope is not None
    known: dict[str, Fact] = {
        "message": got.message,
        "content": one.envelope.header.digest,
        "peer": got.peer,
        "lane": got.lane,
        "sequence": one.sequence,
        "reference": got.reference,
        "sender": got.sender,
        "recipient": got.recipient,
        "type": got.type,
        "state": REGAINED,
    }
    return {name: value for name, value in known.items() if value != "" and FACTS[name].fits(value)}


def _row(tx: Connection, one: HeldThere, entry: int, at: datetime) -> dict[str, Any]:
    got = one.regained
    assert one.envelope is not None
    c = tables.outbox.c
    held = (c.peer == got.peer) & (c.lane == got.lane) & (c.sequence == one.sequence)
    is_taken = tx.execute(select(c.id).where(held)).first() is not None
    names = ("peer", "lane", "reference", "recipient", "type", "kind", "about")
    return {
        **{name: getattr(got, name) for name in names},
        "id": got.message,
        # A distress call that left meanwhile has this number too, and keeps it: it waited for nobody.
        "sequence": -(1 << 30) - one.sequence if is_taken else one.sequence,
        "header": one.envelope.header_raw,
        "sealed": one.envelope.sealed,
        "signature": one.envelope.signature.as_json(),
        "decision": entry,
        "state": DELIVERED if got.outcome == ACCEPTED else REFUSED,
        "receipt": one.receipt_raw,
        "fault": one.receipt.reason,
        "due_at": at,
        "posted_at": got.at,
        "closed_at": got.at,
    }


def _note_gone(tx: Connection, point: ContactPoint, peer: str, one: Gone) -> None:
    """What we once had and nobody has any more keeps its place, so that what follows it can be taken."""
    if boxes.outcome_of(tx, one.message):
        return
    at = point.moment()
    names = ("message", "content", "peer", "lane", "sequence", "outcome", "type")
    facts: dict[str, Fact] = {name: one.facts[name] for name in names if name in one.facts}
    kind = Kind.RECEIVED if one.outcome == ACCEPTED else Kind.REFUSED
    entry = point.log.append(tx, Entry(kind, at, facts | {"state": REGAINED}))
    point.log.append(tx, Entry(Kind.ERASURE, at, {"message": one.message, "reason": "recalled"}))
    blank = dict.fromkeys(("sender", "recipient", "kind", "about", "received_under"), "")
    boxes.take(
        tx,
        **blank,
        id=one.message,
        peer=peer,
        lane=str(one.facts["lane"]),
        sequence=int(str(one.facts["sequence"])),
        reference=one.reference,
        type=str(one.facts.get("type", "")),
        raw=b"",
        outcome=one.outcome,
        reason={"told": one.reason, "says": "its sender had recalled it before it came back", "article": ""},
        defects=[],
        restrictions=Restrictions(onward="never").as_json(),
        erase_by=None,
        entry=entry,
        receipt=one.receipt_raw,
        received_at=at,
        erased_at=at,
    )


# -- when all of it was told --------------------


def _check_ledger(tx: Connection, point: ContactPoint, peer: str, seen: Head) -> None:
    """A partner that has seen a longer ledger of ours, or another, tells what a person must know."""
    here = point.log.head(tx)
    if seen.size <= here.size and (not seen.size or point.log.root_at(tx, seen.size).hex() == seen.root):
        return
    at, last = point.moment(), loss(tx, point)
    size = last.size if last else here.size
    says = (
        f"it has seen {seen.size} entries of our ledger; this one goes on from {size}. "
        f"{max(0, seen.size - size)} entries are lost. It cosigns us again when a person there accepts it"
    )
    boxes.raise_alarm(tx, "ledger_lost", peer=peer, about="ledger", says=says, at=at)
    facts: dict[str, Fact] = {"peer": peer, "reason": "ledger_lost", "size": seen.size}
    point.log.append(tx, Entry(Kind.ALARM, at, facts))


def _check_card(tx: Connection, point: ContactPoint, peer: str, serial: int) -> None:
    if serial > point.identity.card.facts.serial:
        says = f"it holds card {serial} of ours, this node has {point.identity.card.facts.serial}: renew it"
        boxes.raise_alarm(tx, "card", peer=peer, about="own card", says=says, at=point.moment())


def _finish(tx: Connection, point: ContactPoint, told: Told, *, peer: str, regained: int) -> None:
    at = point.moment()
    facts: dict[str, Fact] = {"peer": peer, "state": REGAINED, "serial": told.serial, "count": regained}
    point.log.append(tx, Entry(Kind.PEER, at, facts | {"size": told.ledger.size}))
    for one in boxes.alarms(tx):
        if (one.kind, one.peer, one.about) == (RESTORED, peer, "places"):
            boxes.settle_alarm(tx, one.id, by=peer, at=at)
