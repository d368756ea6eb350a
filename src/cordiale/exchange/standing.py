"""What we tell a partner that asks where it stands with us: its place in each lane, what it sent since, and
which of ours it can have no more.

A partner that says it was put back from a backup is believed at once where that costs nothing: what it lost
goes to it again. That its ledger begins again at an earlier entry is noted and shown; only a person here lets
us cosign it again.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, select, update

from cordiale.errors import ExchangeError, LedgerError
from cordiale.exchange import boxes, seats, tables
from cordiale.exchange.boxes import DELIVERED, IN, REFUSED, WAITING
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.message import DISTRESS, MAIN, Head, count, exactly, word
from cordiale.exchange.notices import NOTICE_TYPE, open_signed
from cordiale.exchange.peers import Peer, find_peer
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.checkpoint import Note, open_checkpoint
from cordiale.ledger.entry import Fact
from cordiale.ledger.witness import begin_again, known_checkpoint
from cordiale.seals import canonical, digest, read_object, read_time, sign

PLACES: Final = "/exchange/v1/places"
ASK_KIND: Final = "application/vnd.cordiale.places-request.v1"
TELL_KIND: Final = "application/vnd.cordiale.places.v1"
ORDERED: Final = (MAIN, DISTRESS)
"""The lanes that have an order, and so a place."""
ASK_AGE_MAX_S: Final = 600.0  # as for a question after holders
HELD_MAX: Final = 256  # messages told in one answer: a batch of the courier
HELD_BYTES_MAX: Final = 3 << 20  # or as many as fit here; one bigger message goes alone, within a reply
GONE_MAX: Final = 1000  # of ours whose bytes are destroyed, in one answer
NOTED: Final = "ledger"
"""The reference in the failed box under which a ledger that begins again waits for a person."""
_ASK: Final = frozenset({"at", "lanes", "lost", "node", "to"})
_PLACE: Final = frozenset({"in", "out"})
_LOST: Final = frozenset({"at", "note"})


@dataclass(frozen=True, slots=True)
class Question:
    """A partner's question, checked: for each lane how far it knows to have come, in and out. `lost`: the
    signed checkpoint at which its ledger goes on after a restore, with the time; None when nothing was lost.
    """

    node: str
    lanes: Mapping[str, tuple[int, int]]
    lost: tuple[str, Note] | None


def tell(point: ContactPoint, raw: bytes) -> bytes:
    """The signed answer to a partner's question after its places. Raises ExchangeError, IdentityError or
    SealError for what is no question of a partner.
    """
    asked = _read(point, raw)
    if asked.lost is None:
        told, held = point.store.read(lambda tx: _told(tx, asked))
    else:
        told, held = point.store.write(lambda tx: _give_back(tx, point, asked))
    told |= {"asked": digest(raw), "held": [_item(point, row) for row in held]}
    answer = canonical(told)
    signature = b64encode(sign(TELL_KIND, answer, point.identity.signing).to_bytes()).decode()
    return b'{"body":%b,"signature":"%b"}' % (answer, signature.encode())


def accept_ledger(point: ContactPoint, node: str, *, by: str, officer: str = "") -> tuple[int, int]:
    """Cosign a partner's ledger again from where it says that it goes on, after `by` has spoken with a person
    there: (entries that we had cosigned, entries from which it goes on). Both notes are kept as evidence.

    Raises ExchangeError when that partner has said no such thing, or nobody is named.
    """
    if not by.strip():
        raise ExchangeError("name who has spoken with them", field="by")

    def act(tx: Connection) -> tuple[int, int]:
        at = point.moment()
        failed, kept = _noted(tx, node)
        before = known_checkpoint(tx, kept.checkpoint.origin)
        begin_again(tx, kept, at)
        boxes.settle(tx, failed, state="agreed", by=by, at=at)
        size = before.size if before else 0
        facts: dict[str, Fact] = {"peer": node, "state": "ledger_accepted", "size": kept.checkpoint.size}
        facts |= {"count": size, "checkpoint": digest(kept.text().encode())}
        facts |= {"officer": officer} if officer else {}
        point.log.append(tx, Entry(Kind.PEER, at, facts, {"by": Commitment.to("by", by)}))
        return size, kept.checkpoint.size

    return point.store.write(act)


def _noted(tx: Connection, node: str) -> tuple[int, Note]:
    """The checkpoint at which a partner's ledger goes on, as it waits for a person here."""
    f = tables.failed.c
    mine = and_(f.peer == node, f.direction == IN, f.state == "open", f.reference == NOTED)
    mine = and_(mine, f.raw.is_not(None))
    row = tx.execute(select(f.id, f.raw).where(mine).order_by(f.id.desc()).limit(1)).one_or_none()
    if row is None or not row.raw:
        raise ExchangeError(f"`{node}` has said of no ledger that it begins again", field="peer")
    return row.id, Note.from_text(row.raw.decode())


# -- the question --------------------


def _read(point: ContactPoint, raw: bytes) -> Question:
    claimed = read_object(raw, bytes_max=1 << 18).get("body")
    if not isinstance(claimed, dict):
        raise ExchangeError("is not an object", field="places.body")
    exactly(claimed, _ASK, "places.body")
    node, now = word(claimed["node"], "node"), point.moment()
    card = point.store.read(lambda tx: point.cards.believed(tx, node, now))
    body = open_signed(raw, ASK_KIND, card.facts.signing)
    # Where nothing was lost the answer changes nothing here: a clock that is astray holds up no message.
    age_s = abs((now - read_time(body["at"])).total_seconds())
    late = body["lost"] is not None and age_s > ASK_AGE_MAX_S
    if late or body["to"] != point.identity.node:
        raise ExchangeError("the question is old or for somebody else", field="places")
    lanes = body["lanes"]
    if not isinstance(lanes, dict) or set(lanes) != set(ORDERED):
        raise ExchangeError(f"names the lanes {' and '.join(ORDERED)}", field="places.lanes")
    return Question(node, {lane: _place(lanes[lane]) for lane in ORDERED}, _lost(body["lost"], card.facts))


def _place(value: object) -> tuple[int, int]:
    if not isinstance(value, dict):
        raise ExchangeError("is not an object", field="places.lanes")
    exactly(value, _PLACE, "places.lanes")
    return count(value["in"], "in"), count(value["out"], "out")


def _lost(value: object, facts: Any) -> tuple[str, Note] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ExchangeError("is not an object", field="places.lost")
    exactly(value, _LOST, "places.lost")
    try:
        note, _ = open_checkpoint(str(value["note"]), facts.ledger_origin, facts.ledger)
    except LedgerError as fault:
        raise ExchangeError(f"the checkpoint does not hold: {fault}", field="places.lost") from fault
    return word(value["at"], "at"), note


# -- the answer --------------------


def _told(tx: Connection, asked: Question) -> tuple[dict[str, Any], Sequence[Row[Any]]]:
    """Places, ledger head and card as we hold them of who asks, and the rows of what it sent since."""
    peer = find_peer(tx, asked.node)
    assert peer is not None
    held, more = _held(tx, asked)
    seen = _seen(tx, peer)
    told = {
        "gone": _gone(tx, asked) if asked.lost else [],
        "lanes": {lane: _stand(tx, asked.node, lane) for lane in ORDERED},
        "ledger": seen.as_json(),
        "more": more,
        "serial": peer.card.facts.serial,
    }
    return told, held


def _seen(tx: Connection, peer: Peer) -> Head:
    """The longest ledger of this partner that we have seen, cosigned or named in a message."""
    known = known_checkpoint(tx, peer.card.facts.ledger_origin)
    if known and known.size >= peer.head_size:
        return Head(known.size, known.root.hex())
    return Head(peer.head_size, peer.head_root)


def _stand(tx: Connection, node: str, lane: str) -> dict[str, Any]:
    """How far we have taken what it sent, and how far it once confirmed what we sent."""
    here, o = boxes.place(tx, node, lane, IN), tables.outbox.c
    mine = and_(o.peer == node, o.lane == lane, o.receipt.is_not(None))
    confirmed = tx.execute(select(func.max(o.sequence)).where(mine)).scalar() or 0
    return {"in": here.sequence, "last": here.last, "out": max(0, confirmed)}


def _held(tx: Connection, asked: Question) -> tuple[list[Row[Any]], bool]:
    """What the partner sent beyond the places that it knows, in order, as far as one answer takes it."""
    rows: list[Row[Any]] = []
    c, total = tables.inbox.c, 0
    for lane in ORDERED:
        since = and_(c.peer == asked.node, c.lane == lane, c.sequence > asked.lanes[lane][1])
        query = select(tables.inbox).where(since, c.receipt.is_not(None)).order_by(c.sequence, c.position)
        for row in tx.execute(query.limit(HELD_MAX + 1)):
            total += len(row.raw)
            if len(rows) == HELD_MAX or (rows and total > HELD_BYTES_MAX):
                return rows, True
            rows.append(row)
    return rows, False


def _gone(tx: Connection, asked: Question) -> list[dict[str, str]]:
    """Of what we sent beyond its place: what it once confirmed and nobody can have any more, with its own
    receipt.
    """
    found: list[dict[str, str]] = []
    o = tables.outbox.c
    for lane in ORDERED:
        since = and_(o.peer == asked.node, o.lane == lane, o.sequence > asked.lanes[lane][0])
        query = select(o.id, o.reference, o.receipt).where(since, o.sealed == b"", o.receipt.is_not(None))
        for row in tx.execute(query.order_by(o.sequence).limit(GONE_MAX)):
            receipt = b64encode(row.receipt).decode()
            found.append({"message": row.id, "receipt": receipt, "reference": row.reference})
    return found[:GONE_MAX]


def _item(point: ContactPoint, row: Row[Any]) -> dict[str, Any]:
    """One message of the partner's as we hold it. `act` of a notice: what it asked of us."""
    columns = ("kind", "lane", "outcome", "recipient", "reference", "sender", "sequence", "type", "about")
    told: dict[str, Any] = {name: getattr(row, name) for name in columns}
    told |= {"message": row.id, "act": "", "at": row.received_at.isoformat()}
    told |= {"raw": b64encode(row.raw).decode(), "receipt": b64encode(row.receipt).decode()}
    if row.type == NOTICE_TYPE:
        letter = point.arrive(row.raw).letter if row.raw else None
        told["act"] = str(letter.grounds.get("act", "")) if letter else _ACT_OF.get(row.kind, "")
    return told


_ACT_OF: Final = {"recall": "recall", "correction": "correct"}
"""What a notice asked, as far as its row tells when its bytes are gone."""


# -- a partner that lost something --------------------


def _give_back(
    tx: Connection, point: ContactPoint, asked: Question
) -> tuple[dict[str, Any], Sequence[Row[Any]]]:
    """The answer to a partner that has lost something; what it had confirmed goes to it again."""
    told = _told(tx, asked)
    at = point.moment()
    again = sum(_send_again(tx, asked, lane, at=at) for lane in ORDERED)
    if again:
        says = f"it was restored from a backup and has lost {again} messages that it had confirmed"
        boxes.raise_alarm(tx, "partner_behind", peer=asked.node, about="places", says=says, at=at)
    assert asked.lost is not None
    _note_ledger(tx, point, asked.node, asked.lost)
    return told


def _send_again(tx: Connection, asked: Question, lane: str, *, at: datetime) -> int:
    """Carry again what it lost; what was recalled meanwhile is only told, and holds the lane up no longer."""
    o = tables.outbox.c
    lost = and_(o.peer == asked.node, o.lane == lane, o.sequence > asked.lanes[lane][0])
    spent = and_(lost, o.sealed == b"", o.receipt.is_not(None), o.state == WAITING)
    names = list(tx.execute(select(o.id).where(spent)).scalars())
    if names:
        tx.execute(update(tables.outbox).where(o.id.in_(names)).values(state=DELIVERED))
        for one in names:
            seats.withdraw(tx, one, by=asked.node, at=at)
    closed = and_(lost, o.sealed != b"", o.state.in_((DELIVERED, REFUSED)))
    return tx.execute(
        update(tables.outbox).where(closed).values(state=WAITING, due_at=at, attempts=0)
    ).rowcount


def _note_ledger(tx: Connection, point: ContactPoint, node: str, lost: tuple[str, Note]) -> None:
    """Note, once, that a partner's ledger goes on from an earlier entry than we have seen of it."""
    peer, (since, note) = find_peer(tx, node), lost
    assert peer is not None
    seen, anchor = _seen(tx, peer), note.checkpoint
    name = digest(canonical({"at": since, "node": node, "size": anchor.size}))
    if seen.size <= anchor.size or seats.state_aside(tx, IN, name):
        return
    at, count_ = point.moment(), seen.size - anchor.size
    says = (
        f"it was restored from a backup: its ledger goes on from entry {anchor.size}, "
        f"we had seen {seen.size}; {count_} entries are lost there. "
        "We cosign it no more until a person here accepts it"
    )
    boxes.set_aside(tx, IN, name, reason=says, at=at, peer=node, reference=NOTED, raw=note.text().encode())
    boxes.raise_alarm(tx, "ledger_restarted", peer=node, about="ledger", says=says, at=at)
    # What we go by from now, so that its next words are not taken for a second history that nobody told of.
    head = {"head_size": anchor.size, "head_root": anchor.root.hex()}
    tx.execute(update(tables.peer).where(tables.peer.c.node == node).values(head))
    facts: dict[str, Fact] = {"peer": node, "state": "ledger_restarted", "size": anchor.size, "count": count_}
    facts |= {"checkpoint": digest(note.text().encode())}
    point.log.append(tx, Entry(Kind.PEER, at, facts))
