"""The RFC 6962 tree: official vectors, two ways of computing, tiles."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cordiale.errors import LedgerError
from cordiale.ledger.tree import (
    TILE_WIDTH,
    Frontier,
    Recent,
    Tree,
    consistency,
    inclusion,
    span,
    tile_path,
    tile_width,
    verify_consistency,
    verify_inclusion,
)
from cordiale.seals import EMPTY_ROOT, leaf_hash, path_of, root_of

VECTORS = Path(__file__).parents[2].parent / "shared" / "data" / "vectors" / "merkle-rfc6962" / "testdata"
LEAVES = [leaf_hash(str(i).encode()) for i in range(600)]


def grown(size: int) -> Tree:
    tree = Tree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree


TREE = grown(600)


def official(kind: str) -> list[dict[str, object]]:
    return [json.loads(p.read_text()) for p in sorted((VECTORS / kind).rglob("*.json"))]


def hashes(value: object) -> list[bytes]:
    return [b64decode(one) for one in value or []]


def holds(check: object, *positional: object, **named: object) -> bool:
    try:
        check(*positional, **named)
    except LedgerError:
        return False
    return True


def test_every_official_inclusion_vector_is_judged_as_it_says() -> None:
    if not VECTORS.is_dir():
        pytest.skip("the shared vectors merkle-rfc6962 are absent")
    vectors = official("inclusion")
    assert len(vectors) > 90
    wrong = [
        v["desc"]
        for v in vectors
        if holds(
            verify_inclusion,
            b64decode(v["leafHash"] or ""),
            v["leafIdx"],
            v["treeSize"],
            hashes(v["proof"]),
            root=b64decode(v["root"] or ""),
        )
        is v["wantErr"]
    ]
    assert not wrong


def test_every_official_consistency_vector_is_judged_as_it_says() -> None:
    """Size 0 is decided in writing (ledger-format.md): we prove nothing from it; a witness may begin so."""
    if not VECTORS.is_dir():
        pytest.skip("the shared vectors merkle-rfc6962 are absent")
    vectors = official("consistency")
    assert len(vectors) > 80
    wrong = [
        v["desc"]
        for v in vectors
        if holds(
            verify_consistency,
            v["size1"],
            v["size2"],
            hashes(v["proof"]),
            old_root=b64decode(v["root1"] or ""),
            new_root=b64decode(v["root2"] or ""),
        )
        is v["wantErr"]
    ]
    assert not wrong


def test_the_three_trees_have_the_same_root_at_every_size() -> None:
    frontier = Frontier()
    assert frontier.root() == TREE.root(0) == EMPTY_ROOT
    for size in range(1, 601):
        frontier.append(LEAVES[size - 1])
        assert frontier.root() == TREE.root(size) == root_of(LEAVES[:size])
        assert Frontier.from_bytes(size, frontier.to_bytes()) == frontier
    assert TREE.root() == frontier.root()
    assert TREE.append(LEAVES[0]) == 600
    TREE.rows[0].pop()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 255, 256, 257, 600])
def test_every_leaf_has_a_proof_that_holds_and_equals_the_plain_one(size: int) -> None:
    for index in range(size):
        path = inclusion(index, size, TREE.node)
        assert path == path_of(index, LEAVES[:size])
        verify_inclusion(LEAVES[index], index, size, path, root=TREE.root(size))


@settings(max_examples=400, deadline=None)
@given(some.integers(0, 600), some.integers(1, 600))
def test_the_newest_leaves_are_proved_from_the_frontier_before_them_alone(one: int, other: int) -> None:
    start, size = sorted((one, other))
    before = Frontier()
    for leaf in LEAVES[:start]:
        before.append(leaf)
    recent = Recent(before, LEAVES[start:size])
    assert span(0, size, recent.node) == TREE.root(size)
    for index in range(start, size):
        assert inclusion(index, size, recent.node) == inclusion(index, size, TREE.node)


def test_what_is_older_than_the_frontier_is_not_made_up() -> None:
    before = Frontier()
    for leaf in LEAVES[:6]:
        before.append(leaf)
    recent = Recent(before, LEAVES[6:8])
    with pytest.raises(LedgerError, match="older than what is kept"):
        recent.node(0, 3)
    with pytest.raises(LedgerError, match="older than what is kept"):
        recent.node(0, 8)


@settings(max_examples=400, deadline=None)
@given(some.integers(1, 600), some.integers(1, 600))
def test_every_earlier_tree_is_proved_to_be_the_beginning(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = consistency(old, new, TREE.node)
    verify_consistency(old, new, proof, old_root=TREE.root(old), new_root=TREE.root(new))
    for wrong in (LEAVES[1], b"x"):
        with pytest.raises(LedgerError):
            verify_consistency(old, new, proof, old_root=wrong, new_root=TREE.root(new))
        with pytest.raises(LedgerError):
            verify_consistency(old, new, [*proof, wrong], old_root=TREE.root(old), new_root=TREE.root(new))
    if proof:
        with pytest.raises(LedgerError):
            verify_consistency(old, new, proof[:-1], old_root=TREE.root(old), new_root=TREE.root(new))


def test_an_empty_proof_between_different_sizes_is_refused() -> None:
    with pytest.raises(LedgerError, match="empty"):
        verify_consistency(3, 5, [], old_root=TREE.root(3), new_root=TREE.root(5))


def test_nothing_is_proved_from_an_empty_tree_and_no_tree_shrinks() -> None:
    assert consistency(0, 9, TREE.node) == ()
    assert consistency(9, 9, TREE.node) == ()
    with pytest.raises(LedgerError, match="Nothing can be proved"):
        verify_consistency(0, 9, [], old_root=EMPTY_ROOT, new_root=TREE.root(9))
    with pytest.raises(LedgerError, match="cannot continue"):
        consistency(9, 8, TREE.node)
    with pytest.raises(LedgerError, match="not in a tree"):
        inclusion(9, 9, TREE.node)


def test_a_path_to_another_root_or_of_another_length_is_refused() -> None:
    path = inclusion(3, 9, TREE.node)
    with pytest.raises(LedgerError, match="does not lead"):
        verify_inclusion(LEAVES[3], 3, 9, path, root=TREE.root(8))
    with pytest.raises(LedgerError, match="too short"):
        verify_inclusion(LEAVES[3], 3, 9, path[:-1], root=TREE.root(9))


def test_a_head_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(LedgerError, match="does not fit its size"):
        Frontier.from_bytes(3, bytes(32))


def test_completed_tiles_are_told_once_with_their_root() -> None:
    frontier, completed = Frontier(), []
    for leaf in (LEAVES * 110)[: TILE_WIDTH * TILE_WIDTH]:
        completed += frontier.append(leaf)
    levels = [level for level, _, _ in completed]
    assert (levels.count(1), levels.count(2)) == (256, 1)
    assert completed[0] == (1, 0, span(0, 256, TREE.node))


def test_tile_paths_are_those_of_c2sp() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 0, 17) == "tile/1/000.p/17"
    assert tile_path(0, 999, entries=True) == "tile/entries/999"
    assert tile_path(0, 1000) == "tile/0/x001/000"


def test_tile_widths_are_those_of_the_example_in_c2sp() -> None:
    # Its example: size 70,000 has 273 full tiles at level 0 and one of 112; one full and one of 17 above.
    assert [tile_width(70_000, 0, i) for i in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tile_width(70_000, 1, i) for i in (0, 1, 2)] == [256, 17, 0]
    assert tile_width(70_000, 2, 0) == 1
    assert tile_width(256, 1, 0) == 1
