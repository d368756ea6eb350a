"""Every invariant of the ledger against what is stored: one auditor for tests, operators and start-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import SQLAlchemyError

from cordiale.errors import CordialeError, LedgerError
from cordiale.ledger import tables
from cordiale.ledger.checkpoint import Note, NoteSignature, cosigned_at, open_checkpoint
from cordiale.ledger.entry import Entry
from cordiale.ledger.log import PAGE_MAX, Log
from cordiale.ledger.tree import Frontier
from cordiale.seals import LedgerPublic, leaf_hash, write_time

FINDINGS_MAX: Final = 1000  # a ledger with more is lost; the first thousand say so
UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    CordialeError,
    LookupError,
    SQLAlchemyError,
    TypeError,
    ValueError,
)
"""What reading falsified rows may raise: SQLite keeps text where bytes belong, and a cut tail is a gap."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, and what."""

    place: str
    fault: str


@dataclass(slots=True)
class _Walk:
    """One pass over the entries: the tree rebuilt from them, and its roots at the sizes that were signed."""

    frontier: Frontier = field(default_factory=Frontier)
    completed: dict[tuple[int, int], bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)


def audit(
    tx: Connection, log: Log, *, witnesses: Mapping[str, LedgerPublic] | None = None
) -> tuple[Finding, ...]:
    """All that is wrong with the stored ledger, at most FINDINGS_MAX; empty when every invariant holds.

    Indexes are dense; every leaf hashes to what is stored and is a canonical entry; head, tiles, checkpoints
    and cosignatures fit the tree rebuilt from the entries; no salt lies without its commitment. `witnesses`:
    name -> key of each partner whose cosignatures are checked.
    """
    return tuple(
        found for _, found in zip(range(FINDINGS_MAX), _findings(tx, log, witnesses or {}), strict=False)
    )


def _findings(tx: Connection, log: Log, witnesses: Mapping[str, LedgerPublic]) -> Iterator[Finding]:
    walk = _Walk()
    walk.roots[0] = walk.frontier.root()
    parts: dict[str, Callable[[], Iterator[Finding]]] = {
        "entries": lambda: _entries(tx, walk, set(tx.scalars(select(tables.checkpoints.c.size)))),
        "head": lambda: _head(tx, log, walk),
        "tile hashes": lambda: _tiles(tx, walk),
        "checkpoints": lambda: _checkpoints(tx, log, walk),
        "cosignatures": lambda: _cosignatures(tx, witnesses),
        "salts": lambda: _salts(tx),
    }
    for place, part in parts.items():
        yield from _to_the_end(place, part)


def _to_the_end(place: str, part: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a part finds; that it could not be read to its end is a finding too, never a fault."""
    try:
        yield from part()
    except UNREADABLE as fault:
        yield Finding(place, f"they could not be read to the end: {type(fault).__name__}: {fault}")


def _entries(tx: Connection, walk: _Walk, sizes: set[int]) -> Iterator[Finding]:
    columns, start, rows_count = tables.entries.c, -1, PAGE_MAX
    while rows_count == PAGE_MAX:
        query = select(tables.entries).where(columns.entry_index > start).order_by(columns.entry_index)
        rows = tx.execute(query.limit(PAGE_MAX)).all()
        for row in rows:
            if row.entry_index != walk.frontier.size:
                yield Finding(f"entry {walk.frontier.size}", "it is missing")
                return
            yield from _one_entry(row)
            hashed_leaf = leaf_hash(row.leaf) if isinstance(row.leaf, bytes) else bytes(32)
            for level, place, hashed in walk.frontier.append(hashed_leaf):
                walk.completed[level, place] = hashed
            if walk.frontier.size in sizes:
                walk.roots[walk.frontier.size] = walk.frontier.root()
            start = row.entry_index
        rows_count = len(rows)


def _one_entry(row: Row[*tuple[object, ...]]) -> Iterator[Finding]:
    place = f"entry {row.entry_index}"
    if not isinstance(row.leaf, bytes):
        yield Finding(place, "its leaf is text or a number, not the bytes that were hashed")
        return
    if leaf_hash(row.leaf) != row.leaf_hash:
        yield Finding(place, "its stored hash is not the hash of its leaf")
    try:
        entry = Entry.from_leaf(row.leaf)
    except LedgerError as fault:
        yield Finding(place, str(fault))
        return
    shown = (str(entry.kind), entry.facts.get("message"), write_time(entry.at))
    if shown != (row.kind, row.message, row.at):
        yield Finding(place, "its columns say something other than its leaf")


def _head(tx: Connection, log: Log, walk: _Walk) -> Iterator[Finding]:
    try:
        head = log.head(tx)
    except LedgerError as fault:
        yield Finding("head", str(fault))
        return
    if (head.size, head.root) != (walk.frontier.size, walk.frontier.root()):
        yield Finding("head", f"it says size {head.size}, the entries make size {walk.frontier.size}")


def _tiles(tx: Connection, walk: _Walk) -> Iterator[Finding]:
    held = {(row.level, row.place): row.hash for row in tx.execute(select(tables.tile_hashes))}
    for key in sorted(held.keys() | walk.completed.keys()):
        if held.get(key) != walk.completed.get(key):
            yield Finding(f"tile hash {key[0]}/{key[1]}", "it is not the one that the entries make")


def _checkpoints(tx: Connection, log: Log, walk: _Walk) -> Iterator[Finding]:
    for row in tx.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.size)):
        place = f"checkpoint {row.size}"
        try:
            note, _ = open_checkpoint(row.note, log.origin, log.keys.public())
        except LedgerError as fault:
            yield Finding(place, str(fault))
            continue
        if note.checkpoint.size != row.size or walk.roots.get(row.size) != note.checkpoint.root:
            yield Finding(place, "the entries do not lead to the root that was signed")


def _cosignatures(tx: Connection, witnesses: Mapping[str, LedgerPublic]) -> Iterator[Finding]:
    same = tables.checkpoints.c.size == tables.cosignatures.c.size
    query = select(tables.cosignatures, tables.checkpoints.c.note).join(tables.checkpoints, same)
    for row in tx.execute(query.where(tables.cosignatures.c.witness.in_(sorted(witnesses)))):
        try:
            line = NoteSignature.from_line(row.line.rstrip("\n"))
            note = Note(Note.from_text(row.note).checkpoint, (line,))
            at = cosigned_at(note, row.witness, witnesses[row.witness])
            fault = "" if at is not None else "it is not a cosignature under the partner's key"
        except LedgerError as wrong:
            fault = str(wrong)
        if fault:
            yield Finding(f"cosignature {row.size} by {row.witness}", fault)


def _salts(tx: Connection) -> Iterator[Finding]:
    here = tables.entries.c.entry_index == tables.salts.c.entry_index
    query = select(
        tables.salts.c.entry_index, tables.salts.c.name, tables.salts.c.salt, tables.entries.c.leaf
    )
    for row in tx.execute(query.outerjoin(tables.entries, here).execution_options(yield_per=PAGE_MAX)):
        try:
            committed = row.leaf is not None and row.name in Entry.from_leaf(row.leaf).commitments
        except LedgerError:
            continue  # the entry itself was found wrong above
        if not committed or len(row.salt) != 32:
            yield Finding(f"salt {row.entry_index}/{row.name}", "there is no commitment that it belongs to")
