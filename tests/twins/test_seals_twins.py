"""Fast twin = slow reference, 20,000 random values a run: canonical bytes, and the two trees."""

from hypothesis import given, settings
from hypothesis import strategies as some

from cordiale.errors import SealError
from cordiale.ledger.tree import Frontier, Tree
from cordiale.seals import canonical, canonical_reference, canonical_with, leaf_hash, root_of

KEYS = some.text(some.characters(), max_size=6)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**60), 2**60) | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def outcome(write: object, value: object) -> bytes | None:
    """The bytes, or nothing when it is refused."""
    try:
        return write(value)
    except SealError:
        return None


@settings(max_examples=20_000, deadline=None)
@given(VALUES)
def test_canonical_writes_or_refuses_just_as_the_reference_does(value: object) -> None:
    assert outcome(canonical, value) == outcome(canonical_reference, value)


@settings(max_examples=4_000, deadline=None)
@given(some.dictionaries(KEYS, VALUES, max_size=4), some.dictionaries(KEYS, VALUES, max_size=3))
def test_an_object_put_together_from_written_parts_is_the_one_written_whole(
    fields: dict[str, object], parts: dict[str, object]
) -> None:
    written = {name: raw for name, value in parts.items() if (raw := outcome(canonical_reference, value))}
    whole = {**fields, **{name: parts[name] for name in written}}

    def together(_: object) -> bytes:
        return canonical_with(fields, written)

    assert outcome(together, whole) == outcome(canonical_reference, whole)


@settings(max_examples=500, deadline=None)
@given(some.lists(some.binary(max_size=4), max_size=300))
def test_frontier_and_tree_have_the_root_of_the_plain_computation(raw: list[bytes]) -> None:
    frontier, tree, leaves = Frontier(), Tree(), [leaf_hash(one) for one in raw]
    for leaf in leaves:
        frontier.append(leaf)
        tree.append(leaf)
    assert frontier.root() == tree.root() == root_of(leaves)
