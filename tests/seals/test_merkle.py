"""RFC 6962 hashing, checked against a second way of computing the same roots and paths."""

from hashlib import sha256

import pytest

from cordiale.errors import SealError
from cordiale.seals import EMPTY_ROOT, leaf_hash, node_hash, path_of, root_from_path, root_of
from cordiale.seals.merkle import paths_of, split


def mth(leaves: list[bytes]) -> bytes:
    """MTH as the RFC writes it, recursively."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = split(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


LEAVES = [leaf_hash(bytes([i])) for i in range(33)]


def test_leaf_and_node_hashes_are_those_of_the_rfc() -> None:
    assert leaf_hash(b"") == sha256(b"\x00").digest()
    assert node_hash(b"a" * 32, b"b" * 32) == sha256(b"\x01" + b"a" * 32 + b"b" * 32).digest()
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 34))
def test_roots_and_paths_agree_with_the_recursive_definition(size: int) -> None:
    leaves = LEAVES[:size]
    assert root_of(leaves) == mth(leaves)
    for index in range(size):
        assert root_from_path(leaves[index], index, size, path_of(index, leaves)) == mth(leaves)


@pytest.mark.parametrize("size", [*range(34), 256, 257])
def test_all_paths_at_once_are_those_of_each_leaf(size: int) -> None:
    leaves = [leaf_hash(i.to_bytes(2)) for i in range(size)]
    root, paths = paths_of(leaves)
    assert root == root_of(leaves) and paths == [path_of(i, leaves) for i in range(size)]


@pytest.mark.parametrize("size", [2, 3, 5, 8, 13])
def test_a_path_of_another_length_is_refused(size: int) -> None:
    for index in range(size):
        path = path_of(index, LEAVES[:size])
        for wrong in (path[:-1], (*path, LEAVES[0]), (b"short", *path[1:])):
            with pytest.raises(SealError):
                root_from_path(LEAVES[index], index, size, wrong)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(SealError, match="cannot be in a tree"):
        root_from_path(LEAVES[0], index, size, ())
