"""The exchange file: what a court, an ombudsman or the other Side checks offline, with a small program.

docs/reference/ledger-format.md describes it so that others can write a second verifier; one stands beside it.
A file shows that what it holds is true. That nothing was left out is shown by the ledger's own indexes only.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NoReturn

from sqlalchemy import Connection

from cordiale.errors import LedgerError, SealError
from cordiale.ledger.checkpoint import Checkpoint, Note, cosigned_at, open_checkpoint
from cordiale.ledger.entry import Entry, Kind, commitment_digest
from cordiale.ledger.log import Inclusion, Log, Logged
from cordiale.ledger.tree import verify_consistency, verify_inclusion
from cordiale.seals import (
    RECEIPT_KIND,
    BatchSignature,
    NodeCard,
    Signature,
    SigningKeys,
    SigningPublic,
    canonical,
    fingerprint,
    leaf_hash,
    read_object,
    read_time,
    sign,
    verify_batch,
    write_time,
)
from cordiale.seals import verify as verify_signature
from cordiale.seals.signing import base64_bytes

FORMAT: Final = "cordiale-ledger-file-1"
FILE_KIND: Final = "application/vnd.cordiale.ledger-file.v1"
FILE_BYTES_MAX: Final = 64 << 20
_OUTCOMES: Final = ((Kind.RECEIVED, "accepted"), (Kind.REFUSED, "refused"))
_NAMES: Final = frozenset(
    {"about", "cards", "checkpoint", "earlier", "entries", "format", "log", "made_at"}
    | {"openings", "receipts", "sides"}
)


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A partner's receipt as it came: canonical body (with "message", "inclusion") and batch signature."""

    card: str
    body: bytes
    signature: BatchSignature


@dataclass(frozen=True, slots=True)
class Opening:
    """A committed value shown with its salt: to a court, never by default."""

    index: int
    name: str
    value: object
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes into a file beside the entries: `cards`, our own among them; `sides`, the Side keys."""

    cards: Sequence[NodeCard]
    sides: Mapping[str, SigningPublic]
    receipts: Sequence[SignedReceipt] = ()
    openings: Sequence[Opening] = ()
    earlier_sizes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file proves. `anchored`: the Side keys were given by the reader, not taken from the file.

    When not anchored, compare `fingerprints` (Side -> twelve words) with each Side by telephone before use.
    """

    about: str
    log: str
    node: str
    made_at: datetime
    checkpoint: Checkpoint
    signed_at: datetime
    cosigned: Mapping[str, datetime]
    entries: tuple[Logged, ...]
    receipts: tuple[Mapping[str, object], ...]
    openings: tuple[Opening, ...]
    fingerprints: Mapping[str, str]
    anchored: bool


def export(
    tx: Connection,
    log: Log,
    indexes: Sequence[int],
    *,
    about: str,
    enclosed: Enclosed,
    signing: SigningKeys,
    at: datetime,
) -> bytes:
    """One exchange file with these entries and all that proves them, signed by our node.

    `about`: what the file tells, usually a message's digest. Raises LedgerError when an entry is missing or
    our own card is not among the cards. The newest signed checkpoint is used.
    """
    note = log.latest(tx)
    if note is None:
        raise LedgerError("No checkpoint was signed yet.", way_out="Sign a checkpoint first.")
    if all(card.facts.ledger_origin != log.origin for card in enclosed.cards):
        raise LedgerError(f"The card of the node that keeps `{log.origin}` is not among the cards.")
    size = note.checkpoint.size
    body = {
        "format": FORMAT,
        "about": about,
        "made_at": write_time(at),
        "log": log.origin,
        "sides": {side: _text(key.to_bytes()) for side, key in enclosed.sides.items()},
        "cards": [read_object(card.to_bytes()) for card in enclosed.cards],
        "checkpoint": note.text(),
        "entries": [_entry_item(tx, log, index, size) for index in sorted(set(indexes))],
        "openings": [_opening_item(one) for one in enclosed.openings],
        "receipts": [_receipt_item(one) for one in enclosed.receipts],
        "earlier": [_earlier_item(tx, log, old, size) for old in sorted(set(enclosed.earlier_sizes))],
    }
    signature = sign(FILE_KIND, canonical(body), signing)
    return canonical({"body": body, "signature": _text(signature.to_bytes())})


def _entry_item(tx: Connection, log: Log, index: int, size: int) -> dict[str, object]:
    proof = log.inclusion(tx, index, size=size)
    leaf = log.entry(tx, index).leaf().decode()
    return {"index": index, "leaf": leaf, "path": [_text(step) for step in proof.path]}


def _opening_item(one: Opening) -> dict[str, object]:
    return {"index": one.index, "name": one.name, "value": one.value, "salt": _text(one.salt)}


def _receipt_item(one: SignedReceipt) -> dict[str, object]:
    return {"card": one.card, "body": one.body.decode(), "signature": one.signature.as_json()}


def _earlier_item(tx: Connection, log: Log, old: int, size: int) -> dict[str, object]:
    note = log.checkpoint_at(tx, old)
    if note is None or old == 0:
        raise LedgerError(f"No checkpoint to prove from was signed at size `{old}`.")
    proof = [_text(step) for step in log.consistency(tx, old, size)]
    return {"checkpoint": note.text(), "proof": proof}


def verify(raw: bytes, anchors: Mapping[str, SigningPublic] | None = None) -> Verified:
    """Check an exchange file, offline. `anchors`: Side -> key, compared by the reader beforehand.

    Raises LedgerError naming what does not hold; nothing of a file that does not hold is returned.
    """
    try:
        return _verify(raw, anchors)
    except LedgerError:
        raise
    except SealError as fault:
        raise LedgerError(f"The file does not hold: {fault}") from None


def _verify(raw: bytes, anchors: Mapping[str, SigningPublic] | None) -> Verified:
    outer = read_object(raw, bytes_max=FILE_BYTES_MAX)
    body = outer.get("body")
    if set(outer) != {"body", "signature"} or not isinstance(body, dict) or set(body) != _NAMES:
        _fail("file", "it does not have the fields of a ledger file")
    if body["format"] != FORMAT:
        _fail("format", f"this program reads {FORMAT} only")
    sides = _sides(body, anchors)
    note_text, origin = _str(body["checkpoint"], "checkpoint"), _str(body["log"], "log")
    cards = {card.digest(): card for card in (_card(item) for item in _list(body, "cards"))}
    mine = [card for card in cards.values() if card.facts.ledger_origin == origin]
    if len(mine) != 1:
        _fail("cards", "there is not exactly one card of the node that keeps this ledger")
    own = mine[0]
    note, signed_at = open_checkpoint(note_text, origin, own.facts.ledger)
    for card in cards.values():
        _check_card(card, sides, signed_at)
    signature = Signature.from_bytes(base64_bytes(outer["signature"]))
    verify_signature(FILE_KIND, canonical(body), signature, own.facts.signing)
    entries = _entries(_list(body, "entries"), note.checkpoint)
    _check_earlier(_list(body, "earlier"), note.checkpoint, own)
    return Verified(
        about=_str(body["about"], "about"),
        log=origin,
        node=own.facts.node,
        made_at=read_time(body["made_at"]),
        checkpoint=note.checkpoint,
        signed_at=signed_at,
        cosigned=_cosigned(note, cards, own),
        entries=entries,
        receipts=_receipts(_list(body, "receipts"), cards, entries),
        openings=_openings(_list(body, "openings"), entries),
        fingerprints={side: fingerprint(key) for side, key in sides.items()},
        anchored=anchors is not None,
    )


def _sides(
    body: Mapping[str, object], anchors: Mapping[str, SigningPublic] | None
) -> dict[str, SigningPublic]:
    given = body["sides"]
    if not isinstance(given, dict) or not given:
        _fail("sides", "the Side keys are missing")
    sides = {side: SigningPublic.from_bytes(base64_bytes(key)) for side, key in given.items()}
    for side, key in sides.items():
        if anchors is not None and anchors.get(side) != key:
            _fail("sides", f"the key of Side {side} is not the one that you trust")
    return sides


def _card(item: object) -> NodeCard:
    return NodeCard.from_bytes(canonical(item))


def _check_card(card: NodeCard, sides: Mapping[str, SigningPublic], at: datetime) -> None:
    side = sides.get(card.facts.side)
    if side is None:
        _fail("cards", f"there is no key of Side {card.facts.side}")
    card.check(side, at)


def _entries(items: Sequence[object], checkpoint: Checkpoint) -> tuple[Logged, ...]:
    found: list[Logged] = []
    for item in items:
        fields = _fields(item, "entries", {"index", "leaf", "path"})
        index, leaf = _int(fields["index"], "entries"), _str(fields["leaf"], "entries").encode()
        if found and index <= found[-1].index:
            _fail("entries", "they are not in order")
        path = [base64_bytes(step) for step in _list(fields, "path")]
        verify_inclusion(leaf_hash(leaf), index, checkpoint.size, path, root=checkpoint.root)
        found.append(Logged(index, Entry.from_leaf(leaf)))
    return tuple(found)


def _check_earlier(items: Sequence[object], checkpoint: Checkpoint, own: NodeCard) -> None:
    for item in items:
        fields = _fields(item, "earlier", {"checkpoint", "proof"})
        text = _str(fields["checkpoint"], "earlier")
        old = open_checkpoint(text, checkpoint.origin, own.facts.ledger)[0].checkpoint
        proof = [base64_bytes(step) for step in _list(fields, "proof")]
        verify_consistency(old.size, checkpoint.size, proof, old_root=old.root, new_root=checkpoint.root)


def _cosigned(note: Note, cards: Mapping[str, NodeCard], own: NodeCard) -> dict[str, datetime]:
    """Who among the other cards' nodes has cosigned, and when; a wrong line under a known name fails."""
    seen: dict[str, datetime] = {}
    for card in cards.values():
        facts = card.facts
        at = cosigned_at(note, facts.ledger_origin, facts.ledger) if card is not own else None
        if at is not None:
            seen[facts.ledger_origin] = at
    return seen


def _receipts(
    items: Sequence[object], cards: Mapping[str, NodeCard], entries: Sequence[Logged]
) -> tuple[Mapping[str, object], ...]:
    """Each receipt: signed by a card's node, resting on its own checkpoint, about a message shown here."""
    messages = {logged.entry.facts.get("message") for logged in entries} - {None}
    found: list[Mapping[str, object]] = []
    for item in items:
        fields = _fields(item, "receipts", {"card", "body", "signature"})
        card = cards.get(_str(fields["card"], "receipts"))
        raw, signature = _str(fields["body"], "receipts").encode(), fields["signature"]
        if card is None or not isinstance(signature, dict):
            _fail("receipts", "the card of the node that signed is not in the file")
        receipt = read_object(raw)
        verify_batch(raw, BatchSignature.from_json(signature), card.facts.signing, kind=RECEIPT_KIND)
        if receipt.get("message") not in messages:
            _fail("receipts", "it is about a message that no entry here is about")
        _check_rests(receipt, card)
        found.append(receipt)
    return tuple(found)


def _check_rests(receipt: Mapping[str, object], card: NodeCard) -> None:
    """The receiver's own entry says what the receipt says, and lies in the receiver's own log."""
    leaf = base64_bytes(receipt.get("entry"))
    proof = Inclusion.from_json(receipt.get("inclusion"))
    entry = Entry.from_leaf(leaf)
    if leaf_hash(leaf) != proof.leaf or entry.facts.get("message") != receipt["message"]:
        _fail("receipts", "its proof is of another entry")
    if (entry.kind, receipt.get("outcome")) not in _OUTCOMES:
        _fail("receipts", "its entry says another outcome")
    proof.check(card.facts.ledger_origin, card.facts.ledger)


def _openings(items: Sequence[object], entries: Sequence[Logged]) -> tuple[Opening, ...]:
    held = {logged.index: logged.entry for logged in entries}
    found: list[Opening] = []
    for item in items:
        fields = _fields(item, "openings", {"index", "name", "value", "salt"})
        index, name = _int(fields["index"], "openings"), _str(fields["name"], "openings")
        salt, entry = base64_bytes(fields["salt"]), held.get(index)
        committed = entry.commitments.get(name) if entry else None
        if committed is None or commitment_digest(name, fields["value"], salt) != committed.digest:
            _fail("openings", f"`{name[:40]}` is not what entry {index} committed to")
        found.append(Opening(index, name, fields["value"], salt))
    return tuple(found)


def _fail(place: str, fault: str) -> NoReturn:
    raise LedgerError(f"{fault}.", field=place)


def _fields(item: object, place: str, names: set[str]) -> dict[str, object]:
    if not isinstance(item, dict) or set(item) != names:
        _fail(place, "an item does not have its fields")
    return item


def _list(fields: Mapping[str, object], name: str) -> list[object]:
    value = fields[name]
    if not isinstance(value, list):
        _fail(name, "it is not a list")
    return value


def _str(value: object, place: str) -> str:
    if not isinstance(value, str):
        _fail(place, "text was expected")
    return value


def _int(value: object, place: str) -> int:
    if type(value) is not int:
        _fail(place, "a whole number was expected")
    return value


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
