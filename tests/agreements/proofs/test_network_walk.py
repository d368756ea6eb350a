"""Is the least set closed and clean, and does the small checker refuse every set that is not?"""

from __future__ import annotations

from random import Random

import pytest
from bench.network import invented

from cordiale.agreements.proofs.network.inductive import Edge, holds
from cordiale.agreements.proofs.network.walk import leaks, least, shortest

SEED = 20261123
ORIGINS = {"A": 1, "B": 2, "C": 4, "X": 8}
RING = [Edge("A", "B"), Edge("B", "C"), Edge("C", "X"), Edge("C", "A")]


def test_a_ring_with_limits_leads_to_no_origin_state() -> None:
    limited, bare = least(RING, ORIGINS)
    assert leaks(ORIGINS, limited, bare) == () and not any(bare.values())
    assert holds(RING, ORIGINS, limited, bare)
    assert shortest(RING, ORIGINS, "X") is None


def test_without_a_limit_the_chain_of_three_is_found_from_the_one_who_begins() -> None:
    open_ = [edge._replace(bare=8 if edge.to != "X" else 0) for edge in RING]
    assert leaks(ORIGINS, *least(open_, ORIGINS)) == ("X",)
    assert shortest(open_, ORIGINS, "X", begun_by="A") == (0, 1, 2)
    assert shortest(open_, ORIGINS, "X") == (1, 2), "the shortest begins later"


def test_a_limit_goes_on_with_the_next_message() -> None:
    """Once limited, what is passed on without a limit of its own is limited still where nodes keep it."""
    half = [Edge("A", "B"), Edge("B", "C", bare=8), Edge("C", "X")]
    assert shortest(half, ORIGINS, "X", begun_by="A") is None
    careless = [half[0], half[1]._replace(heeds=False), half[2]]
    assert shortest(careless, ORIGINS, "X", begun_by="A") == (0, 1, 2)


def test_who_reads_along_has_what_was_sent() -> None:
    bloc = [Edge("A", "EU"), Edge("EU", "X", reads=True)]
    assert leaks(ORIGINS, *least(bloc, ORIGINS)) == ("X",)
    assert shortest(bloc, ORIGINS, "X") == (0, 1)


def test_who_may_tell_an_origin_state_of_a_claim_is_found_at_once() -> None:
    assert shortest([Edge("A", "X", tells=True)], ORIGINS, "X") == (0,)
    assert shortest([Edge("A", "X")], ORIGINS, "X") is None


def test_a_chain_that_the_gate_refused_is_passed_over_by_its_kinds() -> None:
    ways = [Edge("A", "B", bare=8), Edge("B", "X"), Edge("B", "X")]
    kinds = ("a", "b", "c")
    assert shortest(ways, ORIGINS, "X", kinds=kinds) == (0, 1)
    assert shortest(ways, ORIGINS, "X", kinds=kinds, without={("a", "b")}) == (0, 2)
    assert shortest(ways, ORIGINS, "X", kinds=kinds, without={("a",)}) is None


@pytest.mark.parametrize("place", range(len(RING)))
def test_a_set_that_one_edge_leads_out_of_is_refused(place: int) -> None:
    limited, bare = least(RING, ORIGINS)
    to = RING[place].to
    assert not holds(RING, ORIGINS, limited | {to: limited[to] & (limited[to] - 1)}, bare)


def test_a_set_that_is_not_clean_or_malformed_is_refused() -> None:
    limited, bare = least(RING, ORIGINS)
    assert not holds(RING, ORIGINS, limited | {"X": 15}, bare)
    assert not holds(RING, ORIGINS, limited, {"X": 8})
    assert not holds([], {"A": 3}, {}, {}), "a state has one bit"
    assert not holds([], {"A": 1, "B": 1}, {}, {}), "and its own"


def test_the_least_set_and_the_shortest_chain_agree_on_generated_networks() -> None:
    """Where no message without a limit follows one with, the two readings are the same."""
    chance = Random(SEED)
    for _ in range(300):
        edges = [
            Edge(*chance.sample(list(ORIGINS), 2), bare=free, tells=False, heeds=not free)
            for free in (chance.choice((0, 0, 15)) for _ in range(6))
        ]
        edges = [edge._replace(bare=edge.bare & ~ORIGINS[edge.to]) for edge in edges]
        limited, bare = least(edges, ORIGINS)
        reached = leaks(ORIGINS, limited, bare)
        for state in ORIGINS:
            found = shortest(edges, ORIGINS, state)
            assert (found is not None) is (state in reached), (SEED, edges, state)
        assert holds(edges, ORIGINS, limited, bare) is not bool(reached)


def test_a_thousand_agreements_with_cycles_are_closed_and_clean() -> None:
    edges, origins = invented()
    limited, bare = least(edges, origins)
    assert holds(edges, origins, limited, bare) and leaks(origins, limited, bare) == ()
    open_, _ = invented(leaking=1)
    assert leaks(origins, *least(open_, origins))
