"""What a partner tells of our places, read: nothing of it is believed that no signature covers.

What we sent is under our own signature and the partner's receipt; what we once took, under our own receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cordiale import payloads
from cordiale.errors import ExchangeError
from cordiale.exchange.boxes import Place
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.message import KINDS, Envelope, Head, count, exactly, word
from cordiale.exchange.notices import ACTS
from cordiale.exchange.receipts import ACCEPTED, Receipt, ReceiptVerifier
from cordiale.exchange.shapes import reference_of
from cordiale.exchange.stages import Regained
from cordiale.exchange.standing import ORDERED, TELL_KIND
from cordiale.ledger import Entry
from cordiale.ledger.entry import Fact
from cordiale.seals import BatchVerifier, NodeCard, Signature, canonical, digest, read_object, verify
from cordiale.seals.signing import base64_bytes

ANSWER_BYTES_MAX: Final = 8 << 20  # what the wire takes as one reply


@dataclass(frozen=True, slots=True)
class HeldThere:
    """A message of ours as a partner holds it. `envelope`: None once its bytes are destroyed there."""

    regained: Regained
    sequence: int
    envelope: Envelope | None
    receipt: Receipt
    receipt_raw: bytes


@dataclass(frozen=True, slots=True)
class Gone:
    """A message that we once confirmed and nobody can have any more: our own receipt says where it stood."""

    message: str
    reference: str
    facts: Mapping[str, Fact]
    outcome: str
    reason: str
    receipt_raw: bytes


@dataclass(frozen=True, slots=True)
class Told:
    lanes: Mapping[str, tuple[Place, int]]
    """Lane -> (how far the partner has taken what we sent, how far it once confirmed what it sent)."""
    held: Sequence[HeldThere]
    gone: Sequence[Gone]
    more: bool
    ledger: Head
    serial: int


def read_answer(point: ContactPoint, raw: bytes, card: NodeCard, *, asked: str) -> Told:
    """A partner's answer, every signature in it checked. Raises ExchangeError or SealError for any other."""
    fields = read_object(raw, bytes_max=ANSWER_BYTES_MAX)
    exactly(fields, {"body", "signature"}, "places")
    body = fields["body"]
    if not isinstance(body, dict):
        raise ExchangeError("is not an object", field="places.body")
    exactly(body, {"asked", "gone", "held", "lanes", "ledger", "more", "serial"}, "places")
    signature = Signature.from_bytes(base64_bytes(fields["signature"]))
    verify(TELL_KIND, canonical(body), signature, card.facts.signing)
    if body["asked"] != asked:
        raise ExchangeError("the answer is to another question", field="places.asked")
    lanes, ledger = body["lanes"], body["ledger"]
    if not isinstance(lanes, dict) or set(lanes) != set(ORDERED) or not isinstance(ledger, dict):
        raise ExchangeError(f"names the lanes {' and '.join(ORDERED)}", field="places.lanes")
    ours, theirs, seals = ReceiptVerifier(), ReceiptVerifier(), BatchVerifier()
    return Told(
        {lane: _lane(lanes[lane]) for lane in ORDERED},
        [_held(point, one, card, (theirs, seals)) for one in _objects(body["held"])],
        [_gone(point, one, card, ours) for one in _objects(body["gone"])],
        body["more"] is True,
        Head(count(ledger.get("size"), "size"), word(ledger.get("root"), "root")),
        count(body["serial"], "serial"),
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ExchangeError("is not a list of objects", field="places")
    return value


def _lane(value: object) -> tuple[Place, int]:
    if not isinstance(value, dict):
        raise ExchangeError("is not an object", field="places.lanes")
    exactly(value, {"in", "last", "out"}, "places.lanes")
    return Place(count(value["in"], "in"), word(value["last"], "last")), count(value["out"], "out")


_HELD: Final = frozenset(
    [
        *("about", "act", "at", "kind", "lane", "message", "outcome"),
        *("raw", "receipt", "recipient", "reference", "sender", "sequence", "type"),
    ]
)


def _held(
    point: ContactPoint,
    fields: Mapping[str, Any],
    card: NodeCard,
    checks: tuple[ReceiptVerifier, BatchVerifier],
) -> HeldThere:
    """One message of ours: the partner's receipt holds, and the bytes are those that we signed."""
    exactly(fields, _HELD, "places.held")
    receipts, seals = checks
    words = {name: word(fields[name], name) for name in _HELD - {"at", "raw", "receipt", "sequence"}}
    receipt_raw = base64_bytes(fields["receipt"])
    receipt = receipts.open(receipt_raw, card, words["message"])
    is_known = (words["type"] in payloads.TYPES and words["kind"] in KINDS) or words["outcome"] != ACCEPTED
    if not is_known or words["lane"] not in ORDERED or words["act"] not in ("", *ACTS):
        raise ExchangeError("is no message of ours", field="places.held")
    words["outcome"] = receipt.outcome
    envelope = None
    if raw := base64_bytes(fields["raw"]):
        envelope = Envelope.from_bytes(raw)
        header = envelope.header
        seals.verify(envelope.header_raw, envelope.signature, point.identity.card.facts.signing)
        expected = (
            point.identity.node,
            card.facts.node,
            words["lane"],
            fields["sequence"],
            words["reference"],
        )
        said = (header.sender, header.recipient, header.lane, header.sequence, reference_of(header.reference))
        if said != expected or envelope.id != words["message"] or digest(envelope.sealed) != header.digest:
            raise ExchangeError("is not what we signed", field="places.held")
    at = datetime.fromisoformat(str(fields["at"])[:40])
    regained = Regained(peer=card.facts.node, at=at, is_whole=envelope is not None, **words)
    return HeldThere(regained, count(fields["sequence"], "sequence"), envelope, receipt, receipt_raw)


def _gone(point: ContactPoint, fields: Mapping[str, Any], card: NodeCard, receipts: ReceiptVerifier) -> Gone:
    """One message that nobody can have any more: we ourselves have signed that we had it."""
    exactly(fields, {"message", "receipt", "reference"}, "places.gone")
    raw, message = base64_bytes(fields["receipt"]), word(fields["message"], "message")
    receipt = receipts.open(raw, point.identity.card, message)
    facts = Entry.from_leaf(receipt.entry).facts
    if facts.get("peer") != card.facts.node or facts.get("lane") not in ORDERED:
        raise ExchangeError("is of another partner", field="places.gone")
    return Gone(message, word(fields["reference"], "reference"), facts, receipt.outcome, receipt.reason, raw)
