"""The ledger of one node: append inside the act's transaction, checkpoints, proofs, tiles.

Every method takes the transaction it works in and opens none. The head is read and locked in that same
transaction, so several workers on PostgreSQL stay right. No method deletes an entry; there is no switch.
"""

from __future__ import annotations

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from sqlalchemy import Connection, delete, insert, select

from cordiale.errors import LedgerError, SealError
from cordiale.ledger import tables
from cordiale.ledger.checkpoint import (
    Checkpoint,
    Note,
    NoteSignature,
    check_origin,
    cosigned_at,
    open_checkpoint,
    sign_checkpoint,
)
from cordiale.ledger.entry import Entry, Kind
from cordiale.ledger.tree import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Completed,
    Frontier,
    Node,
    Recent,
    consistency,
    inclusion,
    span,
    tile_width,
    verify_inclusion,
)
from cordiale.seals import LedgerKeys, LedgerPublic, leaf_hash, node_hash, write_time
from cordiale.seals.signing import base64_bytes

PAGE_MAX: Final = 1000  # entries read at once: 16 MB at the most
KEPT_MAX: Final = 64  # frontiers remembered: of the acts of one group, and a few groups before
TILES_MAX: Final = 256  # tiles remembered at once: 8 MB; a walk along the leaves needs a dozen


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A proof that one entry is in a log: place, leaf hash, path, and the log's signed checkpoint."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    checkpoint: str

    def as_json(self) -> dict[str, object]:
        """{"index", "leaf": base64, "path": [base64], "checkpoint": note}: as a receipt carries it."""
        return {
            "index": self.index,
            "leaf": _text(self.leaf),
            "path": [_text(step) for step in self.path],
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def from_json(cls, fields: object) -> Self:
        """Raises LedgerError for anything but the form that `as_json` writes."""
        if not isinstance(fields, Mapping) or set(fields) != {"index", "leaf", "path", "checkpoint"}:
            raise LedgerError("An inclusion proof has index, leaf, path and checkpoint.")
        index, path, note = fields["index"], fields["path"], fields["checkpoint"]
        if type(index) is not int or not isinstance(path, list) or not isinstance(note, str):
            raise LedgerError("An inclusion proof has a number, a list and a note.")
        return cls(index, _raw(fields["leaf"]), tuple(_raw(step) for step in path), note)

    def check(self, origin: str, public: LedgerPublic) -> Checkpoint:
        """The checkpoint that this proof rests on. Raises LedgerError unless all of it holds."""
        note, _ = open_checkpoint(self.checkpoint, origin, public)
        held = note.checkpoint
        verify_inclusion(self.leaf, self.index, held.size, self.path, root=held.root)
        return held


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry in its place."""

    index: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Log:
    """One node's ledger. `origin` names it for ever, on every checkpoint."""

    origin: str
    keys: LedgerKeys = field(repr=False)
    _kept: OrderedDict[int, Frontier] = field(default_factory=OrderedDict, repr=False, compare=False)
    """The frontiers to which this process appended last, by their size: a hint that `nodes` proves."""

    def __post_init__(self) -> None:
        check_origin(self.origin)

    def append(self, tx: Connection, entry: Entry) -> int:
        """Add one entry inside the act's own transaction and tell its index, counted from 0."""
        return self.append_all(tx, (entry,)).start

    def append_all(self, tx: Connection, batch: Sequence[Entry]) -> range:
        """Add entries in order, one write of the head for all of them; their indexes."""
        frontier, founded = self._frontier(tx, locked=True)
        self._keep(frontier)
        start, tiles = frontier.size, list[Completed]()
        rows, kept = list[dict[str, object]](), list[dict[str, object]]()
        for index, entry in enumerate(batch, start):
            leaf = entry.leaf()
            hashed = leaf_hash(leaf)
            tiles.extend(frontier.append(hashed))
            rows.append(_row(index, entry, leaf, hashed))
            kept.extend(
                {"entry_index": index, "name": name, "salt": held.salt}
                for name, held in entry.commitments.items()
                if held.salt is not None
            )
        if not rows:
            return range(start, start)
        tables.ADD_ENTRIES.run(tx, rows)
        tables.ADD_SALTS.run(tx, kept)
        columns = ("level", "place", "hash")
        tables.ADD_TILES.run(tx, [dict(zip(columns, one, strict=True)) for one in tiles])
        self._write_head(tx, frontier, founded=founded)
        return range(start, frontier.size)

    def head(self, tx: Connection) -> Checkpoint:
        """The state of the tree as this transaction sees it, unsigned."""
        frontier, _ = self._frontier(tx)
        return Checkpoint(self.origin, frontier.size, frontier.root())

    def checkpoint(self, tx: Connection, at: datetime) -> str:
        """The signed checkpoint of the present head, signed once a size and stored before it is shown.

        Raises LedgerError when this size was signed with another root: then the tree was altered.
        """
        frontier, _ = self._frontier(tx, locked=True)
        head = Checkpoint(self.origin, frontier.size, frontier.root())
        if (held := self.checkpoint_at(tx, head.size)) is not None:
            if held.checkpoint != head:
                raise LedgerError(
                    f"The ledger of `{self.origin}` was altered: at size {head.size} it had another root.",
                    way_out="Stop the node and run `cordiale ledger audit`.",
                )
            return held.text()
        note = sign_checkpoint(head, self.keys, at)
        row = {"size": head.size, "note": note.text(), "signed_at": write_time(at)}
        tables.ADD_CHECKPOINT.run(tx, [row])
        return note.text()

    def checkpoint_at(self, tx: Connection, size: int) -> Note | None:
        """The checkpoint signed at `size`, with the cosignatures that came; None if there was none."""
        text = tables.NOTE_AT.scalar(tx, size=size)
        if text is None:
            return None
        note = Note.from_text(text)
        for row in tables.COSIGNED_AT.all(tx, size=size):
            note = note.with_line(NoteSignature.from_line(row.line.rstrip("\n")))
        return note

    def latest(self, tx: Connection) -> Note | None:
        """The newest signed checkpoint with its cosignatures; None before the first."""
        newest = select(tables.checkpoints.c.size).order_by(tables.checkpoints.c.size.desc()).limit(1)
        size = tx.scalar(newest)
        return None if size is None else self.checkpoint_at(tx, size)

    def add_cosignature(
        self, tx: Connection, size: int, *, name: str, public: LedgerPublic, line: str
    ) -> None:
        """Keep a partner's cosignature of our checkpoint. Raises LedgerError unless it verifies."""
        note = self.checkpoint_at(tx, size)
        if note is None:
            raise LedgerError(f"We signed no checkpoint of size `{size}`.")
        signature = NoteSignature.from_line(line.rstrip("\n"))
        at = cosigned_at(Note(note.checkpoint, (signature,)), name, public)
        if at is None:
            raise LedgerError(f"The line is no cosignature by `{name}`.")
        here = (tables.cosignatures.c.size == size) & (tables.cosignatures.c.witness == name)
        tx.execute(delete(tables.cosignatures).where(here))
        row = {"size": size, "witness": name, "line": signature.line(), "cosigned_at": write_time(at)}
        tx.execute(insert(tables.cosignatures).values(**row))

    def cosigned_size(self, tx: Connection, name: str) -> int:
        """The largest size that `name` has cosigned; 0 when none. Size minus this is the witness's lag."""
        theirs = select(tables.cosignatures.c.size).where(tables.cosignatures.c.witness == name)
        return tx.scalar(theirs.order_by(tables.cosignatures.c.size.desc()).limit(1)) or 0

    def inclusion(self, tx: Connection, index: int, *, size: int | None = None) -> Inclusion:
        """The proof of one entry under the signed checkpoint of `size` (the newest when not given)."""
        note = self.latest(tx) if size is None else self.checkpoint_at(tx, size)
        if note is None:
            raise LedgerError(
                "No checkpoint was signed yet.", way_out="Call `checkpoint` in the same transaction."
            )
        leaf = tx.scalar(select(tables.entries.c.leaf_hash).where(tables.entries.c.entry_index == index))
        if leaf is None:
            raise LedgerError(f"There is no entry `{index}`.")
        path = inclusion(index, note.checkpoint.size, Tiles(tx, note.checkpoint.size).node)
        return Inclusion(index, leaf, path, note.text())

    def nodes(self, tx: Connection, first: int) -> Node:
        """The complete nodes of the tree as this transaction sees it, for paths of entries from `first` on.

        They are worked out from the frontier to which this process appended those entries, if it leads to the
        root that the store holds; else they are read from the store.
        """
        frontier, _ = self._frontier(tx)
        before = self._kept.get(max((size for size in self._kept if size <= first), default=-1))
        if before is None or frontier.size - before.size > PAGE_MAX:
            return Tiles(tx, frontier.size).node
        leaves = tables.LEAF_HASHES.all(tx, first=before.size, last=frontier.size - 1)
        recent = Recent(before, [row.leaf_hash for row in leaves])
        leads_there = (
            before.size + len(leaves) == frontier.size
            and span(0, frontier.size, recent.node) == frontier.root()
        )
        return recent.node if leads_there else Tiles(tx, frontier.size).node

    def consistency(self, tx: Connection, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that our tree at `new` begins with our tree at `old`."""
        size = self.head(tx).size
        if new > size:
            raise LedgerError(f"The ledger has `{size}` entries, not `{new}`.")
        return consistency(old, new, Tiles(tx, new).node)

    def root_at(self, tx: Connection, size: int) -> bytes:
        """The root that the tree had at an earlier size, from the tiles."""
        if not 0 <= size <= self.head(tx).size:
            raise LedgerError(f"The ledger never had `{size}` entries.")
        return span(0, size, Tiles(tx, size).node)

    def tile(self, tx: Connection, level: int, index: int) -> bytes:
        """A C2SP tile as wide as it is now: up to 256 hashes. Raises LedgerError for an empty one."""
        if width := tile_width(self.head(tx).size, level, index):
            return b"".join(Tiles(tx, index * TILE_WIDTH + width).hashes(level, index, width))
        raise LedgerError(f"There is no tile `{level}/{index}`.")

    def entry_bundle(self, tx: Connection, index: int) -> bytes:
        """A C2SP entry bundle: up to 256 entries, each after its length in two bytes."""
        width = tile_width(self.head(tx).size, 0, index)
        if not width:
            raise LedgerError(f"There is no entry bundle `{index}`.")
        rows = tx.execute(tables.entries_from(index * TILE_WIDTH, width))
        return b"".join(len(leaf).to_bytes(2) + leaf for _, leaf, _ in rows)

    def entry(self, tx: Connection, index: int) -> Entry:
        """The entry at `index`. Raises LedgerError when there is none."""
        leaf = tx.scalar(select(tables.entries.c.leaf).where(tables.entries.c.entry_index == index))
        if leaf is None:
            raise LedgerError(f"There is no entry `{index}`.")
        return Entry.from_leaf(leaf)

    def entries(
        self,
        tx: Connection,
        *,
        message: str | None = None,
        kind: Kind | None = None,
        start: int = 0,
        count: int = PAGE_MAX,
    ) -> Iterator[Logged]:
        """Entries in order from `start`, at most `count`, of one message or kind when given."""
        if message is None and kind is None:
            plain = self.leaves(tx, start, min(count, PAGE_MAX))
            return (Logged(index, Entry.from_leaf(leaf)) for index, leaf in plain.items())
        query = tables.entries_from(start, min(count, PAGE_MAX))
        if message is not None:
            query = query.where(tables.entries.c.message == message)
        if kind is not None:
            query = query.where(tables.entries.c.kind == str(kind))
        return (Logged(index, Entry.from_leaf(leaf)) for index, leaf, _ in tx.execute(query).all())

    def leaves(self, tx: Connection, start: int, count: int) -> dict[int, bytes]:
        """The leaves of entries from `start` on, at most `count`, as the tree holds them: index -> bytes."""
        return dict(tables.SPAN.all(tx, start=start, count=count))

    def salts(self, tx: Connection, index: int) -> dict[str, bytes]:
        """The salts that still exist for an entry: commitment name -> 32 bytes."""
        rows = select(tables.salts.c.name, tables.salts.c.salt).where(tables.salts.c.entry_index == index)
        return {row.name: row.salt for row in tx.execute(rows)}

    def erase_salts(self, tx: Connection, indexes: Sequence[int], *, names: Sequence[str] = ()) -> int:
        """Destroy the salts of entries (of the `names` only, when given); how many were destroyed.

        The entries, the tree and every proof stay whole; what was committed to can no longer be shown.
        """
        query = delete(tables.salts).where(tables.salts.c.entry_index.in_(list(indexes)))
        if names:
            query = query.where(tables.salts.c.name.in_(list(names)))
        return tx.execute(query).rowcount

    def _frontier(self, tx: Connection, *, locked: bool = False) -> tuple[Frontier, bool]:
        row = (tables.HEAD_LOCKED if locked else tables.HEAD_SEEN).one(tx)
        if row is None:
            return Frontier(), False
        if row.origin != self.origin:
            raise LedgerError(f"This store holds the ledger of `{row.origin}`, not of `{self.origin}`.")
        return Frontier.from_bytes(row.size, row.peaks), True

    def _keep(self, frontier: Frontier) -> None:
        self._kept[frontier.size] = Frontier(frontier.size, list(frontier.peaks))
        self._kept.move_to_end(frontier.size)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)

    def _write_head(self, tx: Connection, frontier: Frontier, *, founded: bool) -> None:
        row = {"origin": self.origin, "size": frontier.size, "peaks": frontier.to_bytes()}
        if founded:
            tables.HEAD_MOVED.run(tx, **row)
        else:
            tx.execute(insert(tables.head).values(id=1, **row))


@dataclass(slots=True)
class Tiles:
    """Complete nodes of the stored tree at one size, a tile a query; the last TILES_MAX are remembered."""

    tx: Connection
    size: int
    _rows: dict[tuple[int, int], list[list[bytes]]] = field(default_factory=dict, repr=False)

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree (level, index)."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile, place = divmod(index << height, TILE_WIDTH)
        return self._tile(tile_level, tile)[height][place >> height]

    def hashes(self, level: int, index: int, width: int) -> list[bytes]:
        """The `width` hashes of a tile. Raises LedgerError when some are missing in the store."""
        start = index * TILE_WIDTH
        between = {"first": start, "last": start + width - 1}
        rows = (
            tables.UPPER_HASHES.all(self.tx, level=level, **between)
            if level
            else tables.LEAF_HASHES.all(self.tx, **between)
        )
        held = [row[0] for row in rows]
        if len(held) != width:
            raise LedgerError(f"Tile `{level}/{index}` of the ledger is not whole.")
        return held

    def _tile(self, level: int, index: int) -> list[list[bytes]]:
        if (level, index) not in self._rows:
            if len(self._rows) == TILES_MAX:
                del self._rows[next(iter(self._rows))]
            rows = [self.hashes(level, index, tile_width(self.size, level, index))]
            while len(rows[-1]) > 1:
                below = rows[-1]
                rows.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
            self._rows[level, index] = rows
        return self._rows[level, index]


def _row(index: int, entry: Entry, leaf: bytes, hashed: bytes) -> dict[str, object]:
    return {
        "entry_index": index,
        "leaf": leaf,
        "leaf_hash": hashed,
        "kind": str(entry.kind),
        "message": entry.facts.get("message"),
        "at": write_time(entry.at),
    }


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _raw(value: object) -> bytes:
    try:
        return base64_bytes(value)
    except SealError:
        raise LedgerError("A hash of the proof is not base64.") from None
