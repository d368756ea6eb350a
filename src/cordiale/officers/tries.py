"""How often signing in failed, by name and by who tries: one address, or one browser that signed in before.

A stranger's mistakes make nobody wait but the stranger; a name that nobody has is counted like any other, so
that no wait tells one from the other. In memory: nobody outside can end the process that counts.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cordiale.officers.proofs import digest_of

FREE_TRIES: Final = 4  # mistakes without a wait; the fifth doubles a wait that starts at 30 s
FREE_CODES: Final = 10  # wrong codes after a right password from anywhere: somebody has the password
WAIT_FIRST_S: Final = 30
WAIT_MAX_S: Final = 3600
COUNTED_MAX: Final = 20_000  # names times places; the one that failed longest ago is forgotten first


def wait_s(failures: int, free: int = FREE_TRIES) -> int:
    """How long to wait after so many failures in a row: none, then 30 s doubling to an hour."""
    if failures <= free:
        return 0
    doublings = min(failures - free - 1, 20)
    return min(WAIT_FIRST_S << doublings, WAIT_MAX_S)


@dataclass(slots=True)
class Tries:
    """What is counted of one node. Thread-safe. `whose`: an address, or a browser known to this node."""

    _counts: OrderedDict[str, tuple[int, datetime | None]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_until(self, login: str, whose: str, *, at: datetime) -> datetime | None:
        """Until when this name is not tried from there; None when it may be tried now."""
        with self._lock:
            _, until = self._counts.get(_key(login, whose), (0, None))
        return until if until is not None and at < until else None

    def failed(self, login: str, whose: str, *, at: datetime) -> datetime | None:
        """Count one mistake; until when to wait."""
        key = _key(login, whose)
        with self._lock:
            failures = self._counts.pop(key, (0, None))[0] + 1
            wait = wait_s(failures)
            until = at + timedelta(seconds=wait) if wait else None
            self._counts[key] = (failures, until)
            if len(self._counts) > COUNTED_MAX:
                self._counts.popitem(last=False)
        return until

    def succeeded(self, login: str, whose: str) -> None:
        """Forget the mistakes of this name from there."""
        with self._lock:
            self._counts.pop(_key(login, whose), None)


def _key(login: str, whose: str) -> str:
    return digest_of(f"{whose}\n{login.strip().lower()}")
