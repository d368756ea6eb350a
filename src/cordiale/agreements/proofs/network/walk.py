"""Finds the least set that every chain stays in, and the shortest chain that reaches a state of origin.

What is found here is believed by nobody: the set is checked edge by edge (inductive.py), and a chain is asked
of the gate hop by hop (route.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set

from cordiale.agreements.proofs.network.inductive import Edge, Held, arrives, every

State = tuple[str, bool]
"""A holder, and whether what it holds came with a limit."""


def least(edges: Sequence[Edge], origins: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """(with a limit, without) the least sets that every edge leads into."""
    leaving, everybody = _by_holder(edges), every(origins)
    limited: dict[str, int] = {}
    bare: dict[str, int] = {}
    open_ = deque(leaving)
    waiting = set(open_)
    while open_:
        holder = open_.popleft()
        waiting.discard(holder)
        for edge in leaving[holder]:
            lim, free = arrives(edge, origins, everybody, limited=limited, bare=bare)
            more = lim & ~limited.get(edge.to, 0) | free & ~bare.get(edge.to, 0)
            limited[edge.to] = limited.get(edge.to, 0) | lim
            bare[edge.to] = bare.get(edge.to, 0) | free
            if more and edge.to in leaving and edge.to not in waiting:
                open_.append(edge.to)
                waiting.add(edge.to)
    return limited, bare


def leaks(origins: Mapping[str, int], limited: Held, bare: Held) -> tuple[str, ...]:
    """The states that may come to hold something about their own people."""
    return tuple(s for s, bit in origins.items() if (limited.get(s, 0) | bare.get(s, 0)) & bit)


def shortest(
    edges: Sequence[Edge],
    origins: Mapping[str, int],
    state: str,
    *,
    kinds: Sequence[str] = (),
    without: Set[tuple[str, ...]] = frozenset(),
    begun_by: str = "",
) -> tuple[int, ...] | None:
    """The shortest chain (places in `edges`) that tells a state of its own people; None: there is none.

    A limit that came with a message goes with the next one, as the gate has it. `kinds`: of each edge what it
    leads by. `without`: chains by the kinds of their first hops, passed over because the gate refused them.
    `begun_by`: the Side at which it begins; empty: any.
    """
    bit = origins[state]
    leaving: dict[str, list[int]] = {}
    for place, edge in enumerate(edges):
        leaving.setdefault(edge.from_, []).append(place)
    first = [(place,) for place, edge in enumerate(edges) if not bit & origins.get(edge.from_, 0)]
    first = [way for way in first if begun_by in ("", edges[way[0]].from_)]
    open_: deque[tuple[int, ...]] = deque(
        way for way in first if not edges[way[0]].reads and (edges[way[0]].to != state or edges[way[0]].tells)
    )
    seen: set[tuple[str, bool, tuple[int, str] | None]] = set()
    while open_:
        way = open_.popleft()
        if without and _passed_over(tuple(kinds[place] for place in way), without):
            continue
        last = edges[way[-1]]
        if last.to == state:
            return way
        limited = _limited(edges, way, bit)
        # Who began counts: what its owner gets back is no new chain.
        mark = (last.to, limited, (way[-1], edges[way[0]].from_) if without else None)
        if mark in seen:
            continue
        seen.add(mark)
        open_.extend(
            (*way, place) for place in leaving.get(last.to, ()) if _may(edges[place], state, limited)
        )
    return None


def _passed_over(led: tuple[str, ...], without: Set[tuple[str, ...]]) -> bool:
    return any(led[: len(one)] == one for one in without)


def _limited(edges: Sequence[Edge], way: Iterable[int], bit: int) -> bool:
    """Whether what went this way is held with a limit: one that came with it, or that the last hop gave."""
    limited = False
    for place in way:
        edge = edges[place]
        if not edge.reads:
            limited = not edge.bare & bit or (limited and edge.heeds)
    return limited


def _may(edge: Edge, state: str, limited: bool) -> bool:
    return edge.reads or not (limited and edge.heeds and edge.to == state)


def _by_holder(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.from_, []).append(edge)
    return found


__all__ = ["every", "leaks", "least", "shortest"]
