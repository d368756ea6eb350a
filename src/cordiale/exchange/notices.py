"""Recall, correction, restriction and erasure: messages that follow every copy until every holder has
answered.

A notice goes to each holder that we sent to; each of them sends it on to those it passed the message on to.
Where it has come to is asked of the holders and shown holder by holder.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from cordiale import payloads
from cordiale.errors import ExchangeError, SealError, Transient
from cordiale.exchange import boxes, copies, tables
from cordiale.exchange.boxes import InboxRow
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.copies import Copy
from cordiale.exchange.entries import fault_words
from cordiale.exchange.judging import Outgoing
from cordiale.exchange.message import Restrictions, exactly
from cordiale.exchange.stages import Received, Sent
from cordiale.seals import Signature, canonical, digest, read_object, read_time, sign, verify, write_time
from cordiale.seals.signing import base64_bytes
from cordiale.store import jobs
from cordiale.world import Wire

NOTICE_TYPE: Final = "quality_notice"
ACTS: Final = ("recall", "correct", "restrict", "erase")
HOLDERS: Final = "/exchange/v1/holders"
FOLLOW: Final = "exchange.follow"
ASK_KIND: Final = "application/vnd.cordiale.holders-request.v1"
TELL_KIND: Final = "application/vnd.cordiale.holders.v1"
ASK_AGE_MAX_S: Final = 600.0  # a question older than this is not answered again
ASK_WAIT_S: Final = 5.0  # somebody may be looking at the page
HOLDERS_MAX: Final = 1000
HOLDERS_BYTES_MAX: Final = 1 << 20
OPEN_COPIES_MAX: Final = 1_000_000
APPLIED: Final = "applied"


def check_notice(tx: Connection, received: Received) -> InboxRow:
    """The message that a notice concerns. Raises ExchangeError unless it came from that very partner: nobody
    recalls, corrects or erases what somebody else sent.
    """
    letter = received.letter
    held = boxes.taken(tx, letter.about) if letter else None
    if held is None or held.peer != received.peer or not boxes.is_held(held):
        raise ExchangeError("the notice is about no message that this partner sent", field="about")
    return held


def apply(tx: Connection, received: Received, *, at: datetime) -> InboxRow:
    """Do with our copy what the notice says, and see to it that it follows those to whom we passed it on.

    Called by the node in the message's own transaction. Recall and erase destroy the sealed copy (its key,
    outcome and proof stay); restrict adds restrictions. What lies in the rooms is the node's to change in the
    same transaction.
    """
    held = check_notice(tx, received)
    assert received.letter is not None
    act = str(received.letter.grounds.get("act", ""))
    if act in ("recall", "erase"):
        boxes.erase(tx, held.id, at=at)
    elif act in ("restrict", "correct"):
        stricter = Restrictions.from_json(held.restrictions).also(received.letter.restrictions)
        boxes.restrict(tx, held.id, stricter.as_json(), erase_by=stricter.erase_by)
    else:
        raise ExchangeError(f"`{act}` is nothing that a notice asks for", field="act")
    if copies.holders(tx, held.id):
        body = {"notice": received.message, "original": held.id}
        jobs.enqueue(tx, FOLLOW, body, at=at)
    return held


def follow_to(tx: Connection, notice: str, original: str, holder: str, *, at: datetime) -> None:
    """Let a notice that came earlier follow a message to a holder who was given it only now."""
    jobs.enqueue(tx, FOLLOW, {"notice": notice, "original": original, "holder": holder}, at=at)


def notify(point: ContactPoint, notice: Outgoing, original: str, *, only: str = "") -> list[Sent]:
    """Send a notice about message `original` to everyone we gave it to; one decided message a holder.

    `notice` is the message to any one of them: recipient and `about` are filled in; `only`: to this holder
    alone. Raises ExchangeError when nobody holds a copy.
    """
    held = [one for one in point.store.read(lambda tx: copies.holders(tx, original)) if not one.via]
    held = [one for one in held if only in ("", one.holder)]
    if not held:
        raise ExchangeError(f"nobody holds a copy of `{original}`", field="message")
    return [_notify_one(point, notice, original, one) for one in held]


def _notify_one(point: ContactPoint, notice: Outgoing, original: str, copy: Copy) -> Sent:
    one = replace(notice, recipient=copy.holder, about=copy.message, reference="")
    prepared = point.prepare(one)
    act = str(notice.asks.get("act", ""))

    def send(tx: Connection) -> Sent:
        sent = point.send(tx, prepared)
        state = "sent" if sent.message else "refused"
        key = sent.message or sent.reference
        copies.follow(tx, key, copy.holder, original=original, act=act, state=state, at=point.moment())
        return sent

    return point.store.write(send)


def follow_on(point: ContactPoint) -> int:
    """Send notices that came on to those to whom we had passed the message on; how many went.

    Each is decided like every other message and goes under its own ledger entry.
    """
    went = 0
    if not point.store.read(lambda tx: jobs.is_due(tx, [FOLLOW], at=point.moment())):
        return went
    while job := point.store.write(
        lambda tx: jobs.claim(tx, [FOLLOW], at=point.moment(), chance=point.chance)
    ):
        went += _follow_one(point, job)
    return went


def _follow_one(point: ContactPoint, job: jobs.Job) -> int:
    try:
        notice = point.store.read(lambda tx: boxes.taken(tx, str(job.body["notice"])))
        assert notice is not None
        letter = point.arrive(notice.raw).letter
        if letter is None:
            raise ExchangeError("the notice can no longer be opened", field="notice")
        body = payloads.decode(letter.type, letter.payload)
        asks = {name: value for name, value in letter.grounds.items() if value != ""}
        asks |= {"purpose": letter.purpose, "regime": letter.regime}
        outgoing = Outgoing(letter.kind, letter.recipient, "", body, asks, restrictions=letter.restrictions)
        only = str(job.body.get("holder", ""))
        sent = notify(point, outgoing, str(job.body["original"]), only=only)
        point.store.write(lambda tx: jobs.finish(tx, job, at=point.moment()))
        return len(sent)
    except (ExchangeError, SealError) as fault:
        why = fault_words(fault)
        point.store.write(lambda tx: jobs.fail(tx, job, why, at=point.moment(), chance=point.chance))
        return 0


# -- where a notice has come to ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holding:
    """What a holder tells the sender of a message: who has it through that holder, and what was done with a
    notice. `open_copies`: how many prints and saved files nobody there has settled; no name goes with it.
    None: that holder's node has not told yet.
    """

    message: str
    holder: str
    via: str
    act: str
    state: str
    open_copies: int | None = None

    def as_json(self) -> dict[str, object]:
        told = {"open_copies": self.open_copies} if self.open_copies is not None else {}
        return {
            "act": self.act,
            "holder": self.holder,
            "message": self.message,
            "state": self.state,
            "via": self.via,
            **told,
        }


def ask_holders(point: ContactPoint, wire: Wire, original: str) -> list[Copy]:
    """Ask each direct holder who has copies of `original` and where the latest notice has come to; then all
    of it.

    A holder that cannot be reached keeps its last known state.
    """
    direct = [one for one in point.store.read(lambda tx: copies.holders(tx, original)) if not one.via]
    for one in direct:
        try:
            told = _ask(point, wire, one)
        except Transient:
            continue
        point.store.write(_noting(point, original, one, told))
    return point.store.read(lambda tx: copies.holders(tx, original))


def _ask(point: ContactPoint, wire: Wire, copy: Copy) -> list[Holding]:
    body = canonical(
        {
            "at": write_time(point.clock.now()),
            "message": copy.message,
            "node": point.identity.node,
            "to": copy.node,
        }
    )
    question = canonical(
        {"body": read_object(body), "signature": _text(sign(ASK_KIND, body, point.identity.signing))}
    )
    answer = wire.post(copy.node, HOLDERS, question, wait_s=ASK_WAIT_S)
    if answer.status != 200:
        raise Transient(f"`{copy.node}` answered with status {answer.status}")
    card = point.store.read(lambda tx: point.cards.believed(tx, copy.node, point.moment()))
    fields = open_signed(answer.body, TELL_KIND, card.facts.signing)
    if fields.get("asked") != digest(question) or not isinstance(fields.get("holdings"), list):
        raise ExchangeError("the answer is to another question", field="holders")
    return [_holding(one) for one in fields["holdings"][:HOLDERS_MAX]]


def _noting(point: ContactPoint, original: str, copy: Copy, told: Sequence[Holding]) -> Any:
    def note(tx: Connection) -> None:
        at = point.moment()
        known = copies.every_copy(tx, [one.message for one in told])
        others = {(one.message, one.holder): one.via for one in known}
        direct = {one.holder for one in copies.holders(tx, original) if not one.via}
        for one in told:
            holder, via = one.holder or copy.holder, one.via or copy.holder
            if one.holder and others.get((one.message, holder), via) != via:
                continue  # of a copy that we gave, or that another holder told us of, this one tells nothing
            if one.holder:
                copies.note_copy(tx, one.message, holder, via=via, node="", original=original, at=at)
            if one.act and not (one.holder and holder in direct):
                key = _latest_notice(tx, original, holder) or f"told:{digest(one.message.encode())}"[:71]
                facts = {"original": original, "act": one.act, "state": one.state}
                copies.follow(tx, key, holder, **facts, open_copies=one.open_copies, at=at)

    return note


def _latest_notice(tx: Connection, original: str, holder: str) -> str:
    c = tables.following.c
    mine = (
        select(c.notice)
        .where(c.original == original, c.holder == holder)
        .order_by(c.changed_at.desc())
        .limit(1)
    )
    return tx.execute(mine).scalar() or ""


def tell_holders(
    point: ContactPoint, raw: bytes, *, open_copies: Callable[[Connection, str], int] | None = None
) -> bytes:
    """The answer to `ask_holders`, for the partner alone that sent us the message.

    `open_copies` counts the prints and saved files of a message that nobody here has settled.
    """
    fields = read_object(raw, bytes_max=HOLDERS_BYTES_MAX)
    exactly(fields, {"body", "signature"}, "holders")
    body = fields["body"]
    if not isinstance(body, dict):
        raise ExchangeError("is not an object", field="holders.body")
    exactly(body, {"at", "message", "node", "to"}, "holders.body")
    node, message, now = str(body["node"]), str(body["message"]), point.moment()
    card = point.store.read(lambda tx: point.cards.believed(tx, node, now))
    open_signed(raw, ASK_KIND, card.facts.signing)
    late = abs((now - read_time(body["at"])).total_seconds()) > ASK_AGE_MAX_S
    if late or body["to"] != point.identity.node:
        raise ExchangeError("the question is old or for somebody else", field="holders")
    told = point.store.read(lambda tx: _holdings(tx, node, message, open_copies))
    holdings = [one.as_json() for one in told]
    answer = canonical({"asked": digest(raw), "holdings": holdings})
    signature = _text(sign(TELL_KIND, answer, point.identity.signing))
    return canonical({"body": read_object(answer), "signature": signature})


def _holdings(
    tx: Connection, node: str, message: str, open_copies: Callable[[Connection, str], int] | None
) -> list[Holding]:
    held = boxes.taken(tx, message)
    if held is None or held.peer != node:
        # the same as for a message that nobody passed on: a question tells nothing about other partners
        return []
    count = open_copies(tx, message) if open_copies else None
    own = Holding(message, "", "", *_own_state(tx, held), open_copies=count)
    onward = [
        Holding(one.message, one.holder, one.via or held.recipient, one.act, one.state, one.open_copies)
        for one in copies.holders(tx, message)
    ]
    return [own, *onward][:HOLDERS_MAX]


def _own_state(tx: Connection, held: InboxRow) -> tuple[str, str]:
    """What we did with our own copy: the last notice about it that was accepted here."""
    c = tables.inbox.c
    notices = select(c.id, c.raw, c.kind).where(
        c.about == held.id, c.peer == held.peer, c.type == NOTICE_TYPE, c.outcome == boxes.ACCEPTED
    )
    row = tx.execute(notices.order_by(c.position.desc()).limit(1)).one_or_none()
    return (row.kind, APPLIED) if row else ("", "held")


def open_signed(raw: bytes, kind: str, public: Any) -> dict[str, Any]:
    """The body of {"body", "signature"}, once its signature holds."""
    fields = read_object(raw, bytes_max=HOLDERS_BYTES_MAX)
    exactly(fields, {"body", "signature"}, "holders")
    body = fields["body"]
    if not isinstance(body, dict):
        raise ExchangeError("is not an object", field="holders.body")
    verify(kind, canonical(body), Signature.from_bytes(base64_bytes(fields["signature"])), public)
    return body


def _holding(fields: Any) -> Holding:
    if not isinstance(fields, Mapping):
        raise ExchangeError("is not an object", field="holders.holding")
    named = {"act", "holder", "message", "state", "via"}
    exactly(fields, named | (set(fields) & {"open_copies"}), "holders.holding")
    count = fields.get("open_copies")
    if count is not None and not (type(count) is int and 0 <= count <= OPEN_COPIES_MAX):
        raise ExchangeError("is no count", field="holders.holding.open_copies")
    words = {name: str(fields[name])[:200] for name in named}
    return Holding(**words, open_copies=count)


def _text(signature: Signature) -> str:
    return b64encode(signature.to_bytes()).decode()
