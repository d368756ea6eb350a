"""The RFC 6962 tree: append, roots, inclusion and consistency proofs, C2SP tile coordinates.

Pure: nothing is stored or signed here. Proofs are made from any source of complete nodes, so the tree in
memory and the tree in the database give the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self

from cordiale.errors import LedgerError, SealError
from cordiale.seals.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, root_from_path, split

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
PROOF_MAX: Final = 63  # C2SP tlog-witness: no proof is longer

Node = Callable[[int, int], bytes]
"""The hash of the complete subtree (level, index): leaves [index << level, (index + 1) << level)."""

Completed = tuple[int, int, bytes]
"""A full tile's root: (tile level it belongs to, its index there, hash)."""


@dataclass(slots=True)
class Frontier:
    """The compact range of a growing tree: its size and the roots of its complete subtrees, largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> list[Completed]:
        """Add a leaf hash; tell the roots of the tiles that it completed."""
        index, level, completed = self.size, 0, []
        while index & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            index, level = index >> 1, level + 1
            if level % TILE_HEIGHT == 0:
                completed.append((level // TILE_HEIGHT, index, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root at this size."""
        return _fold(self.peaks)

    def to_bytes(self) -> bytes:
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, raw: bytes) -> Self:
        """Raises LedgerError when the number of peaks does not fit the size."""
        if len(raw) != HASH_BYTES * size.bit_count():
            raise LedgerError("The head of the ledger does not fit its size.")
        return cls(size, [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)])


class Recent:
    """Complete nodes of a tree at its newest leaves, worked out from the frontier before them: nothing older
    need be read. It knows all that the root asks for, and the paths of those leaves.
    """

    def __init__(self, before: Frontier, leaves: Sequence[bytes]) -> None:
        self.start = before.size
        self._nodes = {(0, self.start + place): leaf for place, leaf in enumerate(leaves)}
        at = 0
        for peak, level in zip(before.peaks, _levels(before.size), strict=True):
            self._nodes[level, at >> level] = peak
            at += 1 << level

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree (level, index). Raises LedgerError for one that is older."""
        known = self._nodes.get((level, index))
        if known is None:
            if level == 0 or (index + 1) << level <= self.start:
                raise LedgerError(f"The node `{level}/{index}` is older than what is kept.")
            known = node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))
            self._nodes[level, index] = known
        return known


def _levels(size: int) -> list[int]:
    """The heights of the complete subtrees of a tree of `size` leaves, largest first."""
    return [level for level in reversed(range(size.bit_length())) if size >> level & 1]


@dataclass(slots=True)
class Tree:
    """A whole tree in memory: every complete node, a row a level."""

    rows: list[list[bytes]] = field(default_factory=lambda: [[]])

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash and tell its index."""
        rows = self.rows
        row = rows[0]
        row.append(leaf)
        index = len(row) - 1
        count, level = index, 0
        while count & 1:
            leaf = sha256(b"\x01" + row[-2] + leaf).digest()
            level, count = level + 1, count >> 1
            if level == len(rows):
                rows.append([])
            row = rows[level]
            row.append(leaf)
        return index

    @property
    def size(self) -> int:
        return len(self.rows[0])

    def node(self, level: int, index: int) -> bytes:
        return self.rows[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root at `size`, which may be any earlier size."""
        return span(0, self.size if size is None else size, self.node)


def _fold(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def span(low: int, high: int, node: Node) -> bytes:
    """The hash over leaves [low, high) of a subtree that begins at `low` (RFC 6962 MTH of that part)."""
    peaks = []
    while low < high:
        level = (high - low).bit_length() - 1
        peaks.append(node(level, low >> level))
        low += 1 << level
    return _fold(peaks)


def inclusion(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """The inclusion path of leaf `index` in the tree of `size` leaves (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise LedgerError(f"Leaf `{index}` is not in a tree of `{size}`.")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(span(middle, high, node))
            high = middle
        else:
            path.append(span(low, middle, node))
            low = middle
    return tuple(reversed(path))


def consistency(old: int, new: int, node: Node) -> tuple[bytes, ...]:
    """The proof that the tree of `new` leaves begins with that of `old` (RFC 6962 section 2.1.2).

    Empty from size 0 and between equal sizes.
    """
    if not 0 <= old <= new:
        raise LedgerError(f"A tree of `{new}` cannot continue one of `{old}`.")
    low, high, whole, proof = 0, new, True, []
    while 0 < old < high:
        middle = low + split(high - low)
        if old <= middle:
            proof.append(span(middle, high, node))
            high = middle
        else:
            proof.append(span(low, middle, node))
            low, whole = middle, False
    if not whole:
        proof.append(span(low, high, node))
    return tuple(reversed(proof))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], *, root: bytes) -> None:
    """Raises LedgerError unless the path leads from the leaf hash to `root`."""
    try:
        reached = root_from_path(leaf, index, size, path)
    except SealError as fault:
        raise LedgerError(str(fault)) from None
    if reached != root:
        raise LedgerError("The inclusion proof does not lead to the checkpoint's root.")


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], *, old_root: bytes, new_root: bytes
) -> None:
    """Raises LedgerError unless the tree of `new` leaves begins with that of `old` (RFC 9162 2.1.4.2).

    From size 0 there is nothing to prove and this verifier refuses to call it proved; a witness, to whom C2SP
    prescribes an empty proof from size 0, asks only for sizes it has seen.
    """
    if not 0 < old <= new or any(len(step) != HASH_BYTES for step in proof):
        raise LedgerError(f"Nothing can be proved between sizes `{old}` and `{new}` with this proof.")
    if old == new:
        if proof or old_root != new_root:
            raise LedgerError("Two different trees claim the same size.")
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        raise LedgerError("The consistency proof is empty.")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise LedgerError("The consistency proof is too long.")
        if node & 1 or node == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, step)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise LedgerError("The consistency proof does not hold: the ledger was rewritten.")


def tile_path(level: int, index: int, width: int = TILE_WIDTH, *, entries: bool = False) -> str:
    """Where C2SP tlog-tiles serves a tile: "tile/0/x001/x234/067" or "tile/entries/000.p/17"."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    partial = f".p/{width}" if width < TILE_WIDTH else ""
    return f"tile/{'entries' if entries else level}/{place}{partial}"


def tile_width(size: int, level: int, index: int) -> int:
    """How many hashes tile `index` of tile level `level` has in a tree of `size` leaves; 0 when none."""
    return max(0, min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))
