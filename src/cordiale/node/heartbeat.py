"""Signs of life of a running node: when its keeper, its courier and its listener last did a round.

A thread that does nothing else writes them into a file of the home, so that another process can tell a node
that works from one that only still stands. No part vouches for itself: each leaves only a time behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cordiale.node.saying import Said
from cordiale.world import Disk

FILE: Final = "heartbeat"
BEAT_S: Final = 5.0  # how often the file is written
SILENT_S: Final = 60.0  # a part that gave no sign for so long does not work; the slowest round takes seconds
KEEPER, COURIER, LISTENER = "keeper", "courier", "listener"
PARTS: Final = (KEEPER, COURIER, LISTENER)
_PARTS: Final = {KEEPER: Said("keeper"), COURIER: Said("courier"), LISTENER: Said("listener")}
Sign = Callable[[], datetime | None]
"""When a part last gave a sign of life; None when it never has."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the file says: when it was written, and each part's last sign (UTC)."""

    at: datetime
    parts: Mapping[str, datetime]


def write(home: Path, disk: Disk, signs: Mapping[str, Sign], *, at: datetime) -> None:
    """Write down the last sign of each part. Raises OSError when the disk does not take it."""
    parts = {name: found.isoformat() for name, sign in signs.items() if (found := sign())}
    disk.write(home / FILE, json.dumps({"at": at.isoformat(), "parts": parts}).encode())


def read(home: Path, disk: Disk) -> Heartbeat | None:
    """The last heartbeat; None where there is none that can be read."""
    try:
        fields = json.loads(disk.read(home / FILE))
        parts = {str(name): datetime.fromisoformat(at) for name, at in fields["parts"].items()}
        return Heartbeat(datetime.fromisoformat(fields["at"]), parts)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def silent(found: Heartbeat | None, at: datetime) -> list[str]:
    """What does not live, in plain words; empty when every part does."""
    if found is None:
        return [Said("it has written no heartbeat: it started this minute, or the disk takes nothing")]
    if (age := (at - found.at).total_seconds()) > SILENT_S:
        old = f"{age:.0f}"
        return [
            Said("its last heartbeat is {age} s old: the process hangs, or the disk takes nothing", age=old)
        ]
    wrong: list[str] = []
    for name in PARTS:
        last = found.parts.get(name)
        if last is None:
            wrong.append(Said("the {part} has given no sign of life since the start", part=_PARTS[name]))
        elif (age := (found.at - last).total_seconds()) > SILENT_S:
            quiet = f"{age:.0f}"
            wrong.append(
                Said("the {part} has given no sign of life for {age} s", part=_PARTS[name], age=quiet)
            )
    return wrong
