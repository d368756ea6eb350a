"""The ledger, joined: write what proves an exchange into one file, and check such a file anywhere.

A file holds no personal data: entries are facts and salted commitments. Whoever reads one compares the
twelve words of each Side by telephone first; a file that proves itself with keys from within itself proves
only that it is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from glob import escape
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, or_, select

from cordiale.errors import CordialeError, LedgerError, UsageError
from cordiale.exchange import list_peers
from cordiale.exchange import tables as exchange_tables
from cordiale.exchange.receipts import ReceiptVerifier
from cordiale.ledger import Enclosed, Kind, SignedReceipt, audit, cosigned_at, export, verify
from cordiale.ledger.file import CARDS_MAX
from cordiale.ledger.tables import checkpoints, entries
from cordiale.node import tally
from cordiale.node.saying import Said
from cordiale.seals import BatchSignature, LedgerPublic, NodeCard, canonical, read_object, write_time
from cordiale.world import Disk

if TYPE_CHECKING:
    from cordiale.node.node import Node

PIECE_BYTES: Final = 1 << 20
BEGINS: Final = b'{"about":'
"""How every export begins: its head is canonical JSON."""
UNCHECKED: Final = ".unchecked"
PAGE: Final = 1000
EARLIER_SHOWN: Final = 100
Told = Callable[[str], None]
"""Hears a word about how it goes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of the ledger is wanted: all about one message, or what was entered from one moment to before
    another; all of it when nothing is said.
    """

    message: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None


WHOLE: Final = Part()


def export_to(node: Node, file: Path, part: Part = WHOLE, *, told: Told | None = None) -> dict[str, Any]:
    """Write the ledger, or a part of it.

    It is read again and verified before it is called written. Of one message the partner's receipts go with
    it. Raises LedgerError when there is no such entry.
    """
    _sign(node)
    disk = node.world.disk
    beside = unchecked(file, disk)
    try:
        count = node.store.read(lambda tx: disk.pour(beside, _lines(node, tx, part), mode=0o644))
        sides = node.store.read(lambda tx: _sides(node, tx))
        found = verify(disk.stream(beside, PIECE_BYTES), sides, told=_telling(told))
        disk.move(beside, file)
    finally:
        disk.remove(beside)
    return {
        "file": str(file),
        "bytes": count,
        "ledger": node.log.origin,
        "size": found.checkpoint.size,
        "entries": found.counts["entry"],
        "receipts": found.counts["receipt"],
    }


def unchecked(file: Path, disk: Disk) -> Path:
    """Where a file is written until it has been read back, so that it takes no other one's place before; what
    one that was cut short left there is taken away.
    """
    beside = file.with_name(f".{file.name}{UNCHECKED}")
    for left in file.parent.glob(f".{escape(beside.name)}.*"):
        disk.remove(left)
    disk.remove(beside)
    return beside


def exported(node: Node, *, message: str = "") -> bytes:
    """An exchange file of the whole ledger, or of the entries about one message."""
    _sign(node)
    return node.store.read(lambda tx: b"".join(_lines(node, tx, Part(message))))


def checked(node: Node) -> dict[str, Any]:
    """What an export of the whole ledger would prove, checked as it is made: nothing of it is kept."""
    _sign(node)
    return node.store.read(lambda tx: _verified(_lines(node, tx)))


def _sign(node: Node) -> None:
    at = node.world.clock.now()
    node.store.write(lambda tx: node.log.checkpoint(tx, at))


def _lines(node: Node, tx: Connection, part: Part = WHOLE) -> Iterator[bytes]:
    enclosed = _enclosed(node, tx)
    if part.message:
        enclosed = replace(enclosed, receipts=_receipts(tx, part.message, enclosed.cards))
    return export(
        tx,
        node.log,
        _indexes(tx, part),
        about=part.message or "ledger",
        enclosed=enclosed,
        signing=node.keys.signing,
        at=node.world.clock.now(),
    )


def _indexes(tx: Connection, part: Part) -> Iterator[int]:
    """The entries asked for, page by page; the first is looked for at once."""
    c = entries.c
    query = select(c.entry_index).order_by(c.entry_index).limit(PAGE)
    if part.message:
        query = query.where(or_(c.message == part.message, c.entry_index.in_(_recalls(tx, part.message))))
    if part.from_at is not None:
        query = query.where(c.at >= write_time(part.from_at))
    if part.to_at is not None:
        query = query.where(c.at < write_time(part.to_at))
    page = list(tx.scalars(query))
    if not page:
        raise LedgerError(
            "There is no such entry.", way_out="Give the id of a message of this node, or other dates."
        )

    def walk(page: Sequence[int]) -> Iterator[int]:
        while page:
            yield from page
            page = list(tx.scalars(query.where(c.entry_index > page[-1])))

    return walk(page)


def _recalls(tx: Connection, message: str) -> list[int]:
    """The entries that tell of a recall, correction, restriction or erasure of a message."""
    notices = tally.told(tx, Kind.RECALL, Kind.CORRECTION, Kind.RESTRICTION, Kind.ERASURE)
    return [index for index, entry in notices if entry.facts.get("recalled") == message][:PAGE]


def _enclosed(node: Node, tx: Connection) -> Enclosed:
    """The cards that the proofs need, as far as they hold, and the last checkpoints that were signed, so that
    nothing was rewritten.
    """
    partners = list_peers(tx, removed=True)
    note = node.log.latest(tx)
    at = cosigned_at(note, node.log.origin, node.log.keys.public()) if note else None
    cards = [one.card for one in partners if at is not None and _holds(one.card, one.side_key, at)]
    newest = select(checkpoints.c.size).where(checkpoints.c.size > 0).order_by(checkpoints.c.size.desc())
    sizes = list(tx.scalars(newest.limit(EARLIER_SHOWN + 1)))
    return Enclosed(
        cards=[node.keys.card, *cards[: CARDS_MAX - 1]], sides=_sides(node, tx), earlier_sizes=sizes[1:]
    )


def _sides(node: Node, tx: Connection) -> dict[str, Any]:
    partners = {one.side: one.side_key for one in list_peers(tx, removed=True)}
    return {**partners, node.keys.card.facts.side: node.keys.side}


def _holds(card: NodeCard, side_key: Any, at: datetime) -> bool:
    """Whether a card holds at the time of the file: one that has ended would spoil it."""
    try:
        card.check(side_key, at)
    except CordialeError:
        return False
    return True


def _receipts(tx: Connection, message: str, cards: Sequence[NodeCard]) -> list[SignedReceipt]:
    """The partner's receipt of a message, under the card that it was signed with, when that card is here."""
    c, found = exchange_tables.outbox.c, list[SignedReceipt]()
    for raw in tx.scalars(select(c.receipt).where(c.id == message, c.receipt.is_not(None))):
        for card in cards:
            try:
                ReceiptVerifier().open(raw, card, message)
            except CordialeError:
                continue
            fields: dict[str, Any] = dict(read_object(raw))
            share = BatchSignature.from_json(fields["signature"])
            found.append(SignedReceipt(card.digest(), canonical(fields["receipt"]), share))
    return found


def verify_file(file: Path, disk: Disk, *, told: Told | None = None) -> dict[str, Any]:
    """Check an export, offline, in pieces: {ok, ledger, size, ...}, or {ok: False, wrong}."""
    try:
        pieces = disk.stream(file, PIECE_BYTES)
        begins = next(pieces, b"")
        if not begins.startswith(BEGINS):
            says = Said(
                "`{file}` is not a ledger export: `cordiale ledger export` writes one", file=file.name
            )
            return {"ok": False, "wrong": says}
        return _verified(chain([begins], pieces), told)
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(f"there is no file `{file}`", field="file") from None


def verified(raw: bytes) -> dict[str, Any]:
    """What an exported file proves."""
    return _verified((raw,))


def _verified(pieces: Iterator[bytes] | tuple[bytes, ...], told: Told | None = None) -> dict[str, Any]:
    try:
        found = verify(pieces, told=_telling(told))
    except LedgerError as wrong:
        return {"ok": False, "wrong": str(wrong)}
    return {
        "ok": True,
        "about": found.about,
        "ledger": found.log,
        "node": found.node,
        "size": found.checkpoint.size,
        "root": found.checkpoint.root.hex(),
        "entries": found.counts["entry"],
        "receipts": found.counts["receipt"],
        "cosigned_by": sorted(found.cosigned),
        "made_at": found.made_at.isoformat(),
        "compare_by_telephone": dict(found.fingerprints),
    }


def _telling(told: Told | None) -> Callable[[int], None] | None:
    if told is None:
        return None
    return lambda lines: told(f"{lines} lines hold") if lines % (10 * PAGE) == 0 else None


def size(node: Node) -> int:
    """How many entries the ledger has."""
    return node.store.read(node.log.head).size


def faults(node: Node) -> list[str]:
    """All that is wrong with this node's own ledger; empty when every invariant holds."""

    def query(tx: Connection) -> list[str]:
        witnesses: dict[str, LedgerPublic] = {
            one.card.facts.ledger_origin: one.card.facts.ledger for one in list_peers(tx, removed=True)
        }
        return [f"{one.place}: {one.fault}" for one in audit(tx, node.log, witnesses=witnesses)]

    return node.store.read(query)


def story(node: Node, message: str) -> list[dict[str, Any]]:
    """Every entry about one message, in order: index, kind, time, facts."""

    def query(tx: Connection) -> list[dict[str, Any]]:
        return [
            {
                "index": one.index,
                "kind": str(one.entry.kind),
                "at": one.entry.at,
                "facts": dict(one.entry.facts),
            }
            for one in node.log.entries(tx, message=message)
        ]

    return node.store.read(query)
