"""Receipts: the receiver's signed word, resting on its own ledger.

A receipt names the message, what became of it, the ledger entry that says so, the entry's inclusion proof and
the signed checkpoint under it. Only a receipt that verifies closes an outbox row; a duplicate gets the same
bytes again.
"""

from __future__ import annotations

from base64 import b64encode
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cordiale.errors import ExchangeError, LedgerError, SealError
from cordiale.exchange.message import exactly, word
from cordiale.ledger.checkpoint import Checkpoint, open_checkpoint
from cordiale.ledger.entry import Entry, Kind
from cordiale.ledger.log import Inclusion
from cordiale.ledger.tree import verify_inclusion
from cordiale.seals import (
    RECEIPT_KIND,
    BatchSignature,
    BatchVerifier,
    NodeCard,
    canonical,
    leaf_hash,
    read_object,
)
from cordiale.seals.signing import base64_bytes

FORMAT: Final = "cordiale-receipt-1"
RECEIPT_BYTES_MAX: Final = 64 << 10  # two signatures, a path, a note of two signatures, one entry of 16 KB
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
_NOTES_MAX: Final = 256  # verified checkpoint notes remembered


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message at its recipient. `reason` is one of judging.TELLABLE, or empty."""

    message: str
    node: str
    outcome: str
    reason: str
    entry: bytes
    proof: Inclusion

    def body(self) -> bytes:
        """What is signed."""
        return canonical(
            {
                "entry": b64encode(self.entry).decode(),
                "format": FORMAT,
                "message": self.message,
                "node": self.node,
                "outcome": self.outcome,
                "inclusion": self.proof.as_json(),
                "reason": self.reason,
            }
        )

    def signed(self, signature: BatchSignature) -> bytes:
        """The bytes that travel and are kept."""
        return signed_receipt(self.body(), signature)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        exactly(fields, {"entry", "format", "message", "node", "outcome", "inclusion", "reason"}, "receipt")
        if fields["format"] != FORMAT or fields["outcome"] not in (ACCEPTED, REFUSED):
            raise ExchangeError("is of another format", field="receipt")
        return cls(
            message=word(fields["message"], "message"),
            node=word(fields["node"], "node"),
            outcome=fields["outcome"],
            reason=word(fields["reason"], "reason"),
            entry=base64_bytes(fields["entry"]),
            proof=Inclusion.from_json(fields["inclusion"]),
        )


def signed_receipt(body: bytes, signature: BatchSignature) -> bytes:
    """The bytes that travel and are kept, put together from two canonical parts."""
    return b'{"receipt":%b,"signature":%b}' % (body, canonical(signature.as_json()))


@dataclass(slots=True)
class ReceiptVerifier:
    """Verifies receipts; a batch signature and a checkpoint are checked once however many rest on them."""

    batches: BatchVerifier = field(default_factory=BatchVerifier)
    _notes: OrderedDict[tuple[str, str], Checkpoint] = field(default_factory=OrderedDict, repr=False)

    def open(self, raw: bytes, card: NodeCard, message: str) -> Receipt:
        """The receipt of `message` by the node of `card`. Raises ExchangeError unless every part holds."""
        try:
            return self._open(raw, card, message)
        except (SealError, LedgerError) as fault:
            raise ExchangeError(f"the receipt does not hold: {fault}", field="receipt") from fault

    def _open(self, raw: bytes, card: NodeCard, message: str) -> Receipt:
        fields = read_object(raw, bytes_max=RECEIPT_BYTES_MAX)
        exactly(fields, {"receipt", "signature"}, "receipt")
        inner, signature = fields["receipt"], fields["signature"]
        if not isinstance(inner, dict) or not isinstance(signature, dict):
            raise ExchangeError("is not an object", field="receipt")
        share = BatchSignature.from_json(signature)
        self.batches.verify(canonical(inner), share, card.facts.signing, kind=RECEIPT_KIND)
        receipt = Receipt.from_json(inner)
        if receipt.message != message or receipt.node != card.facts.node:
            raise ExchangeError(f"it is for `{receipt.message}` by `{receipt.node}`", field="receipt.message")
        self._check_proof(receipt, card)
        return receipt

    def _check_proof(self, receipt: Receipt, card: NodeCard) -> None:
        """The entry says what the receipt says, and lies in the ledger that the card names."""
        entry = Entry.from_leaf(receipt.entry)
        kind = Kind.RECEIVED if receipt.outcome == ACCEPTED else Kind.REFUSED
        if entry.kind is not kind or entry.facts.get("message") != receipt.message:
            raise ExchangeError("the ledger entry says something else", field="receipt.entry")
        proof = receipt.proof
        if leaf_hash(receipt.entry) != proof.leaf:
            raise ExchangeError("the proof is of another entry", field="receipt.inclusion")
        head = self._head(proof.checkpoint, card)
        verify_inclusion(proof.leaf, proof.index, head.size, proof.path, root=head.root)

    def _head(self, note: str, card: NodeCard) -> Checkpoint:
        key = (card.facts.signing.id(), note)
        if key not in self._notes:
            opened, _ = open_checkpoint(note, card.facts.ledger_origin, card.facts.ledger)
            self._notes[key] = opened.checkpoint
            if len(self._notes) > _NOTES_MAX:
                self._notes.popitem(last=False)
        return self._notes[key]
