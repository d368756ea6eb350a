"""The whole network: 1,000 agreements, chains of any length, found and re-checked: `rows()`.

    python -m bench network

An invented network (seed below): 190 states and 1,000 agreements between two to four of them, with cycles and
two lines each, 40 of which, in the second measurement, send without a limit. What is counted is what comes
after the encoding: the least set, its check edge by edge, and the shortest chain to one state. Processor
time, the best of five.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from bench.row import Row
from cordiale.agreements.proofs.network.inductive import Edge, holds
from cordiale.agreements.proofs.network.walk import leaks, least, shortest

SEED = 20261123
ROUNDS = 5
STATES, AGREEMENTS = 190, 1_000
LEAKING = 40
AIM_MS = 100.0


def invented(leaking: int = 0) -> tuple[list[Edge], dict[str, int]]:
    """Edges and states; the first `leaking` agreements set no limit, and their Sides keep to none."""
    chance = Random(SEED)
    origins = {f"S{n:03}": 1 << n for n in range(STATES)}
    everybody = (1 << STATES) - 1
    edges: list[Edge] = []
    for number in range(AGREEMENTS):
        sides = chance.sample(list(origins), chance.choice((2, 2, 2, 3, 4)))
        careless = number < leaking
        for from_ in sides:
            for to in sides:
                if from_ != to:
                    free = everybody & ~origins[to] if careless else 0
                    edges += [Edge(from_, to, free, False, not careless)] * 2
    return edges, origins


def _spent_ms(act: Callable[[], object]) -> float:
    told = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        act()
        told.append(1000 * (time.process_time() - begun))
    return min(told)


def rows() -> list[Row]:
    """Finding and checking the set, and finding the leaks. A few seconds."""
    edges, origins = invented()
    limited, bare = least(edges, origins)
    if leaks(origins, limited, bare) or not holds(edges, origins, limited, bare):
        raise RuntimeError("the labelled network leaks")
    found = _spent_ms(lambda: least(edges, origins))
    checked = _spent_ms(lambda: holds(edges, origins, limited, bare))
    open_, _ = invented(LEAKING)
    reached = leaks(origins, *least(open_, origins))
    both = _spent_ms(lambda: shortest(open_, origins, reached[0]))
    size = f"{AGREEMENTS:,} agreements of {STATES} states ({len(edges):,} edges, with cycles)"
    return [
        Row(
            f"{size}: no chain of any length leaks, found and re-checked",
            found + checked,
            "ms",
            f"< {AIM_MS:,.0f}",
            found + checked < AIM_MS,
        ),
        Row(f"{size}: re-checked edge by edge", checked, "ms"),
        Row(f"{LEAKING} of them without limits: the shortest of the chains to one state", both, "ms"),
        Row(
            f"{LEAKING} of them without limits: states that may be told of their own people", len(reached), ""
        ),
    ]


if __name__ == "__main__":
    for row in rows():
        print(f"{row.value:>12,.1f} {row.unit:<3} {row.aim:<12} {row.name}")
