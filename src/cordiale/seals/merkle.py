"""RFC 6962 Merkle hashing, pure: leaf and node hashes, roots, inclusion paths.

Shared by batch signatures (seals) and by the ledger's tree. Nothing here is stored or signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from cordiale.errors import SealError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""MTH({}) of RFC 6962 section 2.1."""


def leaf_hash(raw: bytes) -> bytes:
    """SHA-256(0x00 || raw), RFC 6962 section 2.1."""
    return sha256(b"\x00" + raw).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size` (size >= 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    if not leaves:
        return EMPTY_ROOT
    row = list(leaves)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def path_of(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The inclusion path of leaf `index`, nearest sibling first (RFC 6962 section 2.1.1)."""
    path: list[bytes] = []
    row = list(leaves)
    while len(row) > 1:
        if (sibling := index ^ 1) < len(row):
            path.append(row[sibling])
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
        index >>= 1
    return tuple(path)


def paths_of(leaves: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """The root and, in order, `path_of` every leaf: the tree is hashed once, not once a leaf."""
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        odd = row[-1:] if len(row) % 2 else []
        rows.append([node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd)
    return (rows[-1][0] if leaves else EMPTY_ROOT), [_climb(index, rows) for index in range(len(leaves))]


def _climb(index: int, rows: Sequence[Sequence[bytes]]) -> tuple[bytes, ...]:
    path = []
    for row in rows[:-1]:
        if (sibling := index ^ 1) < len(row):
            path.append(row[sibling])
        index >>= 1
    return tuple(path)


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf hash and its path lead to (RFC 9162 section 2.1.3.2).

    Raises SealError when index, size and length of the path do not fit one another.
    """
    if not 0 <= index < size:
        raise SealError(f"Leaf `{index}` cannot be in a tree of `{size}` leaves.")
    if len(leaf) != HASH_BYTES:
        raise SealError("The leaf hash is not a hash.")
    node, last, root = index, size - 1, leaf
    for step in path:
        if len(step) != HASH_BYTES or last == 0:
            raise SealError("The inclusion path is too long or holds something that is not a hash.")
        if node & 1 or node == last:
            root = node_hash(step, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, step)
        node, last = node >> 1, last >> 1
    if last:
        raise SealError("The inclusion path is too short.")
    return root
