"""Checking an exchange file offline, line by line: little memory, and little work before a signature.

The head's cards and checkpoint are verified before anything else is read; each line after it is verified as
it comes; the end line signs all of them. Nothing of a file that does not hold is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NoReturn

from cordiale.errors import LedgerError, SealError
from cordiale.ledger.checkpoint import Checkpoint, Note, cosigned_at, open_checkpoint
from cordiale.ledger.entry import Entry, Kind, commitment_digest
from cordiale.ledger.file import (
    CARDS_MAX,
    EARLIER_MAX,
    FILE_KIND,
    FORMAT,
    LINE_BYTES_MAX,
    RECEIPTS_MAX,
    Opening,
)
from cordiale.ledger.log import Inclusion, Logged
from cordiale.ledger.tree import verify_consistency, verify_inclusion
from cordiale.seals import (
    RECEIPT_KIND,
    BatchSignature,
    NodeCard,
    Signature,
    SigningPublic,
    canonical,
    fingerprint,
    leaf_hash,
    read_object,
    read_time,
    verify_batch,
)
from cordiale.seals import verify as verify_signature
from cordiale.seals.signing import base64_bytes

KEPT_MAX: Final = 10_000  # entries handed back; of a longer file the count
Told = Callable[[int], None]
"""Hears how many lines were checked, now and then."""
TOLD_EVERY: Final = 1000
_HEAD: Final = frozenset({"about", "cards", "checkpoint", "format", "log", "made_at", "sides"})
_END: Final = frozenset({"digest", "lines", "signature"})
_OUTCOMES: Final = ((Kind.RECEIVED, "accepted"), (Kind.REFUSED, "refused"))
_INTEGER_MAX: Final = 2**53 - 1
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file proves. `anchored`: the Side keys were given by the reader, not taken from the file.

    When not anchored, compare `fingerprints` (Side -> twelve words) with each Side by telephone before use.
    `counts`: how many of each kind of line; of entries, receipts and openings the first KEPT_MAX are here.
    """

    about: str
    log: str
    node: str
    made_at: datetime
    checkpoint: Checkpoint
    signed_at: datetime
    cosigned: Mapping[str, datetime]
    fingerprints: Mapping[str, str]
    anchored: bool
    counts: Mapping[str, int]
    entries: tuple[Logged, ...]
    receipts: tuple[Fields, ...]
    openings: tuple[Opening, ...]


def verify(
    raw: bytes | Iterable[bytes],
    anchors: Mapping[str, SigningPublic] | None = None,
    *,
    told: Told | None = None,
) -> Verified:
    """Check an exchange file, offline. `raw`: the file, whole or in pieces of any size.

    `anchors`: Side -> key, compared by the reader beforehand. Raises LedgerError naming the line and what
    does not hold.
    """
    reading: _Reading | None = None
    number, whole = 0, False
    for number, line in enumerate(_cut((raw,) if isinstance(raw, bytes) else raw), 1):
        try:
            if whole:
                _fail("end", "something follows the end of the file")
            fields = _read(line)
            if reading is None:
                reading = _Reading.of(fields, anchors)
            elif "digest" in fields:
                reading.close(fields, number - 1)
                whole = True
            else:
                reading.take(fields)
            reading.seen.update(line + b"\n")
        except (LedgerError, SealError) as fault:
            place = f"line {number}" + (f", {fault.field}" if fault.field else "")
            raise LedgerError(fault.message, field=place, way_out=fault.way_out) from None
        if told is not None and number % TOLD_EVERY == 0:
            told(number)
    if reading is None or not whole:
        raise LedgerError("The file ends before its signed end.", field=f"line {number}")
    return reading.verified()


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file in pieces. A line too long is refused as soon as that is seen."""
    waiting, number = bytearray(), 1
    for piece in pieces:
        begun, start = len(waiting), 0
        waiting += piece
        while (end := waiting.find(b"\n", max(begun, start))) >= 0:
            if end - start > LINE_BYTES_MAX:
                break
            yield bytes(waiting[start:end])
            start, number = end + 1, number + 1
        del waiting[:start]
        if len(waiting) > LINE_BYTES_MAX:
            raise LedgerError(f"It is longer than {LINE_BYTES_MAX} bytes.", field=f"line {number}")
    if waiting:
        raise LedgerError("It does not end with a newline: the file was cut.", field=f"line {number}")


def _read(line: bytes) -> dict[str, Any]:
    fields = read_object(line, bytes_max=LINE_BYTES_MAX)
    _plain(fields)
    return fields


def _plain(value: object) -> None:
    """Whole numbers and ASCII names only, so that no two programs can write a value differently."""
    if isinstance(value, dict):
        if not all(name.isascii() for name in value):
            _fail("json", "a name is not ASCII")
        for inner in value.values():
            _plain(inner)
    elif isinstance(value, list):
        for inner in value:
            _plain(inner)
    elif isinstance(value, float) or (type(value) is int and abs(value) > _INTEGER_MAX):
        _fail("json", "a number is not whole, or too large")


@dataclass(slots=True)
class _Reading:
    """A file as far as it was read: its head, verified, and the entry under which a line now stands."""

    head: Fields
    own: NodeCard
    cards: Mapping[str, NodeCard]
    sides: Mapping[str, SigningPublic]
    note: Note
    signed_at: datetime
    cosigned: Mapping[str, datetime]
    anchored: bool
    seen: Any = field(default_factory=sha256)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("earlier", "entry", "opening", "receipt"), 0)
    )
    entries: list[Logged] = field(default_factory=list)
    receipts: list[Fields] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    entry: Logged | None = None
    opened: str = ""
    received: int = 0
    old_size: int = 0

    @classmethod
    def of(cls, head: Fields, anchors: Mapping[str, SigningPublic] | None) -> _Reading:
        """The head of a file: keys, cards and checkpoint hold."""
        if set(head) != _HEAD:
            _fail("head", "it does not have the fields of a ledger file's head")
        if head["format"] != FORMAT:
            _fail("format", f"this program reads {FORMAT} only")
        sides = _sides(head["sides"], anchors)
        listed = _list(head["cards"], "cards")
        if len(listed) > CARDS_MAX:
            _fail("cards", f"there are more than {CARDS_MAX}")
        cards = {card.digest(): card for card in (NodeCard.from_bytes(canonical(item)) for item in listed)}
        origin = _str(head["log"], "log")
        mine = [card for card in cards.values() if card.facts.ledger_origin == origin]
        if len(mine) != 1:
            _fail("cards", "there is not exactly one card of the node that keeps this ledger")
        note, signed_at = open_checkpoint(
            _str(head["checkpoint"], "checkpoint"), origin, mine[0].facts.ledger
        )
        for card in cards.values():
            if card.facts.side not in sides:
                _fail("cards", f"there is no key of Side {card.facts.side}")
            card.check(sides[card.facts.side], signed_at)
        _str(head["about"], "about")
        read_time(head["made_at"])
        cosigned = _cosigned(note, cards, mine[0])
        return cls(head, mine[0], cards, sides, note, signed_at, cosigned, anchors is not None)

    def take(self, fields: Fields) -> None:
        """One line between head and end."""
        kind = next(iter(fields), "")
        takes = {
            "earlier": self._earlier,
            "entry": self._entry,
            "opening": self._opening,
            "receipt": self._receipt,
        }
        if len(fields) != 1 or kind not in takes or not isinstance(fields[kind], dict):
            _fail("line", "it is no earlier checkpoint, entry, opening or receipt")
        takes[kind](fields[kind])
        self.counts[kind] += 1

    def _earlier(self, item: Fields) -> None:
        _exactly(item, {"checkpoint", "proof"}, "earlier")
        now = self.note.checkpoint
        old = open_checkpoint(_str(item["checkpoint"], "earlier"), now.origin, self.own.facts.ledger)[
            0
        ].checkpoint
        if self.entry is not None or old.size <= self.old_size or self.counts["earlier"] == EARLIER_MAX:
            _fail("earlier", "earlier checkpoints rise, and stand before the first entry")
        proof = [base64_bytes(step) for step in _list(item["proof"], "earlier")]
        verify_consistency(old.size, now.size, proof, old_root=old.root, new_root=now.root)
        self.old_size = old.size

    def _entry(self, item: Fields) -> None:
        _exactly(item, {"index", "leaf", "path"}, "entry")
        index, leaf, now = (
            _int(item["index"], "entry"),
            _str(item["leaf"], "entry").encode(),
            self.note.checkpoint,
        )
        if self.entry is not None and index <= self.entry.index:
            _fail("entry", "entries are not in order")
        path = [base64_bytes(step) for step in _list(item["path"], "entry")]
        verify_inclusion(leaf_hash(leaf), index, now.size, path, root=now.root)
        self.entry = Logged(index, Entry.from_leaf(leaf))
        self.opened, self.received = "", 0
        _keep(self.entries, self.entry)

    def _opening(self, item: Fields) -> None:
        _exactly(item, {"index", "name", "salt", "value"}, "opening")
        index, name, salt = item["index"], _str(item["name"], "opening"), base64_bytes(item["salt"])
        if self.entry is None or index != self.entry.index or type(index) is not int or name <= self.opened:
            _fail("opening", "it does not stand under its entry, or not in order")
        committed = self.entry.entry.commitments.get(name)
        if committed is None or commitment_digest(name, item["value"], salt) != committed.digest:
            _fail("opening", f"`{name[:40]}` is not what entry {index} committed to")
        self.opened = name
        _keep(self.openings, Opening(index, name, item["value"], salt))

    def _receipt(self, item: Fields) -> None:
        """Signed by a card's node, resting on its own checkpoint, about the message of the entry above."""
        _exactly(item, {"body", "card", "signature"}, "receipt")
        card = self.cards.get(_str(item["card"], "receipt"))
        if card is None or not isinstance(item["signature"], dict):
            _fail("receipt", "the card of the node that signed is not in the file")
        raw = _str(item["body"], "receipt").encode()
        receipt = _read(raw)
        verify_batch(raw, BatchSignature.from_json(item["signature"]), card.facts.signing, kind=RECEIPT_KIND)
        about = self.entry.entry.facts.get("message") if self.entry is not None else None
        if about is None or receipt.get("message") != about or self.received == RECEIPTS_MAX:
            _fail("receipt", "it is about a message that the entry above is not about")
        _check_rests(receipt, card)
        self.received += 1
        _keep(self.receipts, receipt)

    def close(self, end: Fields, lines: int) -> None:
        """The end line: the node signs how many lines there are and what they were."""
        _exactly(end, _END, "end")
        if end["digest"] != f"sha256:{self.seen.hexdigest()}" or end["lines"] != lines:
            _fail("end", "the file does not hold the lines that were signed")
        signed = canonical({"digest": end["digest"], "lines": _int(end["lines"], "end")})
        signature = Signature.from_bytes(base64_bytes(end["signature"]))
        verify_signature(FILE_KIND, signed, signature, self.own.facts.signing)

    def verified(self) -> Verified:
        """What it proves, once it was closed."""
        return Verified(
            about=self.head["about"],
            log=self.head["log"],
            node=self.own.facts.node,
            made_at=read_time(self.head["made_at"]),
            checkpoint=self.note.checkpoint,
            signed_at=self.signed_at,
            cosigned=self.cosigned,
            fingerprints={side: fingerprint(key) for side, key in self.sides.items()},
            anchored=self.anchored,
            counts=dict(self.counts),
            entries=tuple(self.entries),
            receipts=tuple(self.receipts),
            openings=tuple(self.openings),
        )


def _sides(given: object, anchors: Mapping[str, SigningPublic] | None) -> dict[str, SigningPublic]:
    if not isinstance(given, dict) or not given:
        _fail("sides", "the Side keys are missing")
    sides = {side: SigningPublic.from_bytes(base64_bytes(key)) for side, key in given.items()}
    for side, key in sides.items():
        if anchors is not None and anchors.get(side) != key:
            _fail("sides", f"the key of Side {side} is not the one that you trust")
    return sides


def _cosigned(note: Note, cards: Mapping[str, NodeCard], own: NodeCard) -> dict[str, datetime]:
    """Who among the other cards' nodes has cosigned, and when; a wrong line under a known name fails."""
    seen: dict[str, datetime] = {}
    for card in cards.values():
        facts = card.facts
        at = cosigned_at(note, facts.ledger_origin, facts.ledger) if card is not own else None
        if at is not None:
            seen[facts.ledger_origin] = at
    return seen


def _check_rests(receipt: Fields, card: NodeCard) -> None:
    """The receiver's own entry says what the receipt says, and lies in the receiver's own log."""
    leaf = base64_bytes(receipt.get("entry"))
    proof = Inclusion.from_json(receipt.get("inclusion"))
    entry = Entry.from_leaf(leaf)
    if leaf_hash(leaf) != proof.leaf or entry.facts.get("message") != receipt["message"]:
        _fail("receipt", "its proof is of another entry")
    if (entry.kind, receipt.get("outcome")) not in _OUTCOMES:
        _fail("receipt", "its entry says another outcome")
    proof.check(card.facts.ledger_origin, card.facts.ledger)


def _keep(kept: list[Any], one: object) -> None:
    if len(kept) < KEPT_MAX:
        kept.append(one)


def _fail(place: str, fault: str) -> NoReturn:
    raise LedgerError(f"{fault}.", field=place)


def _exactly(item: Fields, names: set[str] | frozenset[str], place: str) -> None:
    if set(item) != names:
        _fail(place, "it does not have its fields")


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        _fail(place, "it is not a list")
    return value


def _str(value: object, place: str) -> str:
    if not isinstance(value, str):
        _fail(place, "text was expected")
    return value


def _int(value: object, place: str) -> int:
    if type(value) is not int:
        _fail(place, "a whole number was expected")
    return value
