"""Mending a lane whose first message the partner will never take: a person on each side agrees to go on.

The sender's person asks: one message is set aside, the lane goes on at a number that the signed notice names.
The partner's person agrees. Both ledgers then tell the gap: who, when, which message, which notice. What
waited behind gets new places, with the bytes that were decided and sealed. No machine does any of this alone.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import ExchangeError, Transient
from cordiale.exchange import boxes, seats
from cordiale.exchange.boxes import IN, OUT, Place
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.message import LANES as LANES_KNOWN
from cordiale.exchange.message import Head, Header, count, exactly, word
from cordiale.exchange.notices import open_signed
from cordiale.ledger import Entry, Kind
from cordiale.seals import canonical, digest, read_object, sign, write_time
from cordiale.world import Wire

LANES: Final = "/exchange/v1/lanes"
NOTICE_KIND: Final = "application/vnd.cordiale.lane-notice.v1"
ANSWER_KIND: Final = "application/vnd.cordiale.lane-answer.v1"
WAITING: Final = "waiting"
AGREED: Final = "agreed"
REFUSED: Final = "refused"
TAKEN: Final = "taken"
RESEATED_MAX: Final = 4096  # messages that change their place in one act: what one signature covers
_NOTICE: Final = frozenset({"at", "lane", "message", "next", "node", "to"})


# -- the sender --------------------


def ask(point: ContactPoint, failed_id: int, *, by: str, reason: str, officer: str = "") -> str:
    """Ask the partner to go on without a message that lies in the failed box and is first of its lane.

    `by` names the person, `reason` is for our own box, `officer` is the opaque token for the ledger. The id
    of the notice. Raises ExchangeError when the message holds up no lane, or nobody is named.
    """
    if not by.strip() or not reason.strip():
        raise ExchangeError("name who asks, and why", field="by")

    def act(tx: Connection) -> str:
        row = seats.stuck(tx, failed_id)
        above = boxes.place(tx, row.peer, row.lane, OUT).sequence
        return _note(tx, point, row, failed_id, above=above, by=by, reason=reason, officer=officer)

    return point.store.write(act)


def _note(
    tx: Connection, point: ContactPoint, row: Row[Any], failed_id: int, *, above: int, **who: str
) -> str:
    """Sign and keep the notice, and log the asking."""
    at = point.moment()
    body = {
        "at": write_time(at),
        "lane": row.lane,
        "message": row.id,
        "next": above + 1,
        "node": point.identity.node,
        "to": row.peer,
    }
    raw = _signed(point, NOTICE_KIND, body)
    seats.keep_notice(tx, failed_id, raw, by=who["by"], reason=who["reason"])
    seats.due_now(tx, row.id, at=at)
    _log(tx, point, row.peer, state="asked", notice=raw, body=body, officer=who.get("officer", ""))
    return digest(raw)


def go_on(point: ContactPoint, wire: Wire, message: str) -> int | None:
    """Carry the notice about a message, if a person has asked, and do what was agreed; None if nobody has.

    How many messages have new places. Raises Transient while the partner's person has not agreed.
    """
    asked = point.store.read(lambda tx: seats.asked(tx, message))
    if asked is None:
        return None
    answer = wire.post(asked.peer, LANES, asked.raw)
    if answer.status != 200:
        raise Transient(f"`{asked.peer}` answered with status {answer.status}")
    card = point.store.read(lambda tx: point.cards.believed(tx, asked.peer, point.moment()))
    told = open_signed(answer.body, ANSWER_KIND, card.facts.signing)
    exactly(told, {"asked", "sequence", "state"}, "lanes")
    if told["asked"] != digest(asked.raw):
        raise ExchangeError("the answer is to another notice", field="lanes")
    if told["state"] == AGREED:
        return point.store.write(lambda tx: _reseat(tx, point, asked, answer.body))
    if told["state"] == TAKEN:
        point.store.write(lambda tx: _ask_higher(tx, point, asked, count(told["sequence"], "sequence")))
    if told["state"] == REFUSED:
        raise Transient(f"a person at `{asked.peer}` has refused to go on: speak with each other")
    raise Transient(f"a person at `{asked.peer}` must agree before the lane goes on")


def _ask_higher(tx: Connection, point: ContactPoint, asked: Row[Any], sequence: int) -> None:
    """The partner stands further on than we knew (an old backup here): ask for the place after that."""
    row = seats.stuck(tx, asked.failed_id)
    _note(tx, point, row, asked.failed_id, above=sequence, by=asked.settled_by, reason=asked.reason)


def _reseat(tx: Connection, point: ContactPoint, asked: Row[Any], answer: bytes) -> int:
    """Agreed: set the message aside for good and give what waits behind it new places."""
    at = point.moment()
    body = read_object(asked.raw)["body"]
    assert isinstance(body, dict)
    stuck = seats.stuck(tx, asked.failed_id)
    behind = seats.waiting_after(tx, stuck, limit=RESEATED_MAX + 1)
    if len(behind) > RESEATED_MAX:
        raise ExchangeError(f"more than {RESEATED_MAX} messages wait behind it", field="lane")
    boxes.settle(tx, asked.failed_id, state="reseated", by=asked.settled_by, at=at)
    boxes.close_out(tx, stuck.id, state=boxes.FAILED, receipt=None, at=at, fault="set aside by a person")
    seats.leave_place(tx, stuck.id)
    _log(
        tx, point, stuck.peer, state="reseated", notice=asked.raw, body=body, count=len(behind), answer=answer
    )
    place = Place(count(body["next"], "next") - 1, digest(asked.raw))
    seats.leave_places(tx, [row.id for row in behind])
    for row in behind:
        place = move_row(tx, point, row, place, at=at)
    boxes.advance(tx, stuck.peer, stuck.lane, OUT, to=place)
    return len(behind)


def move_row(tx: Connection, point: ContactPoint, row: Row[Any], before: Place, *, at: datetime) -> Place:
    """The same sealed letter under a new header, with a ledger entry that names the old one."""
    fields: dict[str, Any] = dict(read_object(row.header))
    head = point.log.head(tx)
    header = replace(
        Header.from_json(fields),
        sequence=before.sequence + 1,
        previous=before.last,
        head=Head(head.size, head.root.hex()),
        card=point.identity.card.digest(),
    )
    raw = header.to_bytes()
    message = digest(raw)
    facts = dict(point.log.entry(tx, row.decision).facts)
    entry = point.log.append(
        tx, Entry(Kind.SENT, at, facts | {"message": message, "in_reply_to": row.id, "state": "reseated"})
    )
    seats.move(tx, row, message, header=raw, sequence=header.sequence, decision=entry, at=at)
    return Place(header.sequence, message)


# -- the partner --------------------


def answer_notice(point: ContactPoint, raw: bytes) -> bytes:
    """What a partner hears that asks to go on: waiting for a person here, agreed, refused, or place taken."""
    body = _read_notice(point, raw)
    told = point.store.write(lambda tx: _note_asking(tx, point, raw, body))
    return _signed(point, ANSWER_KIND, told)


def _note_asking(tx: Connection, point: ContactPoint, raw: bytes, body: Mapping[str, Any]) -> dict[str, Any]:
    notice, at = digest(raw), point.moment()
    peer, lane, following = str(body["node"]), str(body["lane"]), count(body["next"], "next")
    here = boxes.place(tx, peer, lane, IN)
    told: dict[str, Any] = {"asked": notice, "sequence": here.sequence}
    state = seats.state_aside(tx, IN, notice)
    if state:
        known = {"open": WAITING, "agreed": AGREED}
        return told | {"state": known.get(state, REFUSED)}
    if following <= here.sequence:
        return told | {"state": TAKEN}
    says = f"`{peer}` asks to go on with {following} on `{lane}`, without {body['message']}"
    says += f"; we are at {here.sequence}"
    seats.withdraw_asking(tx, peer, lane, at=at)
    boxes.set_aside(tx, IN, notice, reason=says, at=at, peer=peer, reference=f"lane:{lane}", raw=raw)
    boxes.raise_alarm(tx, "lane_asked", peer=peer, about=lane, says=says, at=at)
    return told | {"state": WAITING}


def agree(point: ContactPoint, failed_id: int, *, by: str, officer: str = "") -> None:
    """Let a partner's lane go on as its notice asks, after `by` has spoken with a person there.

    Raises ExchangeError when the entry is no open asking, or the lane has moved past it.
    """
    if not by.strip():
        raise ExchangeError("name who agrees", field="by")

    def act(tx: Connection) -> None:
        at = point.moment()
        raw = seats.asking(tx, failed_id)
        body = _read_notice(point, raw)
        peer, lane, following = str(body["node"]), str(body["lane"]), count(body["next"], "next")
        if following <= boxes.place(tx, peer, lane, IN).sequence:
            raise ExchangeError("the lane has moved on since this was asked", field="failed")
        boxes.settle(tx, failed_id, state=AGREED, by=by, at=at)
        boxes.advance(tx, peer, lane, IN, to=Place(following - 1, digest(raw)))
        _log(tx, point, peer, state=AGREED, notice=raw, body=body, officer=officer)

    point.store.write(act)


def _read_notice(point: ContactPoint, raw: bytes) -> dict[str, Any]:
    """The body of a notice to us, by a peer of ours. Raises ExchangeError or SealError for anything else."""
    claimed = read_object(raw, bytes_max=1 << 16).get("body")
    if not isinstance(claimed, dict):
        raise ExchangeError("is not an object", field="lanes.body")
    exactly(claimed, _NOTICE, "lanes.body")
    node = word(claimed["node"], "node")

    def query(tx: Connection) -> Any:
        return point.cards.believed(tx, node, point.moment()).facts.signing

    body = open_signed(raw, NOTICE_KIND, point.store.read(query))
    if body["to"] != point.identity.node:
        raise ExchangeError("the notice is for somebody else", field="lanes.to")
    if body["lane"] not in LANES_KNOWN:
        # A partner that named lanes at will would fill the failed box and the alarms with them.
        raise ExchangeError("the notice is about no lane", field="lanes.lane")
    return body


def _log(tx: Connection, point: ContactPoint, peer: str, *, state: str, notice: bytes, **known: Any) -> None:
    """What both ledgers tell of the gap."""
    body, answer, officer = known["body"], known.get("answer"), known.get("officer", "")
    facts: dict[str, Any] = {
        "peer": peer,
        "lane": body["lane"],
        "state": state,
        "message": body["message"],
        "sequence": body["next"],
        "content": digest(notice),
    }
    facts |= {"answered": digest(answer)} if answer else {}
    facts |= {"officer": officer} if officer else {}
    facts |= {"count": known["count"]} if "count" in known else {}
    point.log.append(tx, Entry(Kind.PEER, point.moment(), facts))


def _signed(point: ContactPoint, kind: str, body: Mapping[str, Any]) -> bytes:
    raw = canonical(dict(body))
    signature = b64encode(sign(kind, raw, point.identity.signing).to_bytes()).decode()
    return canonical({"body": read_object(raw), "signature": signature})
