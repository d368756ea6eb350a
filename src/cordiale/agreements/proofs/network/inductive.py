"""The small checker of a network: is this set of who may hold what closed under every edge, and clean?

Standard library only; it knows nothing of agreements, solvers, or how the set was found. States are numbered:
bit i of a set stands for data about people who fled state i.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Edge(NamedTuple):
    """One way from a holder to a recipient.

    `bare`: the states about whose people a message may go without a limit. `tells`: who knows of a claim may
    tell the recipient of its own people all the same. `heeds`: what came with a limit does not go to those
    that it names. `reads`: the recipient sees what the holder has; nobody sends anything.
    """

    from_: str
    to: str
    bare: int = 0
    tells: bool = False
    heeds: bool = True
    reads: bool = False


Held = Mapping[str, int]
"""Holder -> of the people of which states it may hold something."""


def arrives(
    edge: Edge, origins: Mapping[str, int], everybody: int, *, limited: Held, bare: Held
) -> tuple[int, int]:
    """(with a limit, without) what may reach the recipient over one edge, if these sets hold before it.

    Anybody may begin with anybody else's people (`everybody`). A limit that came with a message is not
    counted on to go with the next: every message has its own.
    """
    lim, free = limited.get(edge.from_, 0), bare.get(edge.from_, 0)
    if edge.reads:
        return lim, free
    own, theirs = origins.get(edge.from_, 0), origins.get(edge.to, 0)
    begun = everybody & ~own if edge.tells else everybody & ~own & ~theirs
    held = begun | free | (lim & ~theirs if edge.heeds else lim)
    return held & ~edge.bare, held & edge.bare


def every(origins: Mapping[str, int]) -> int:
    """All states that people may have fled."""
    found = 0
    for bit in origins.values():
        found |= bit
    return found


def holds(edges: Iterable[Edge], origins: Mapping[str, int], limited: Held, bare: Held) -> bool:
    """Whether no chain of any length over these edges reaches a state with something about its own people.

    True if every edge leads from the set into the set, and no state stands in it with its own people.
    `origins`: each state with its own one bit. Whatever is malformed is False.
    """
    bits = list(origins.values())
    if any(bit <= 0 or bit & (bit - 1) for bit in bits) or len(set(bits)) < len(bits):
        return False
    for state, bit in origins.items():
        if (limited.get(state, 0) | bare.get(state, 0)) & bit:
            return False
    everybody = every(origins)
    for edge in edges:
        lim, free = arrives(edge, origins, everybody, limited=limited, bare=bare)
        if lim & ~limited.get(edge.to, 0) or free & ~bare.get(edge.to, 0):
            return False
    return True
