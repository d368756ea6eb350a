"""What a node is given from outside, by name: clock, chance, disk and wire."""

from __future__ import annotations

from dataclasses import dataclass

from cordiale.world import Chance, Clock, Disk, SystemChance, SystemClock, SystemDisk, Wire


@dataclass(frozen=True, slots=True)
class World:
    """The outside things, by name. `wire` None: the real one, mutual TLS pinned to the partners' cards."""

    clock: Clock
    chance: Chance
    disk: Disk
    wire: Wire | None = None


def system_world() -> World:
    """The machine's own clock, chance and disk."""
    return World(SystemClock(), SystemChance(), SystemDisk())
