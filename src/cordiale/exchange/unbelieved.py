"""What is not believed, in the ledger: an entry each while it is little, then one entry for many.

Nobody answers for bytes without a good signature, so that whoever reaches our door could else lengthen our
ledger without end. What is counted stays provable: a running digest over all of it stands in the entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from cordiale.exchange import boxes
from cordiale.ledger import Entry, Kind, Log
from cordiale.ledger.entry import Fact
from cordiale.seals import digest
from cordiale.world import Clock

OWN_MAX: Final = 32  # entries of their own for one partner in one WINDOW_S; an honest one needs none
CALLS_MAX: Final = 128  # the same for what claims to be distress: a person is told its number
WINDOW_S: Final = 60.0
FLOOD: Final = "unbelieved"
"""The alarm: somebody sends more that cannot be believed than is written down one by one."""


@dataclass(slots=True)
class _Window:
    began_s: float
    own: int = 0
    count: int = 0
    chain: str = ""
    reasons: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Unbelieved:
    """Counts for one contact point. Used within the writer's acts alone; of an act that is undone, at most
    the number of what was counted is too high.
    """

    log: Log
    clock: Clock
    _of: dict[tuple[str, bool], _Window] = field(default_factory=dict)

    def note(
        self, tx: Connection, content: str, reason: str, *, by: str, call: bool, at: datetime
    ) -> int | None:
        """Record bytes (by their digest) that came over the connection of `by`: the number of their own
        entry, or None when they are counted and stand in a common one, a minute later at most.
        """
        now_s, key = self.clock.monotonic_s(), (by, call)
        window = self._of.get(key)
        if window is None or now_s - window.began_s >= WINDOW_S:
            self._write(tx, key, at)
            window = self._of[key] = _Window(now_s)
        if window.own < (CALLS_MAX if call else OWN_MAX):
            window.own += 1
            facts: dict[str, Fact] = {"content": content, "outcome": "rejected", "reason": reason}
            return self.log.append(tx, Entry(Kind.REFUSED, at, facts))
        if not window.count:
            says = f"it sends more than {window.own} messages a minute that cannot be believed: ring it"
            boxes.raise_alarm(tx, FLOOD, peer=by, about="door", says=says, at=at)
        window.count += 1
        window.chain = digest(f"{window.chain}{content}".encode())
        window.reasons.add(reason)
        return None

    def waits(self, *, all_of_it: bool = False) -> bool:
        """Whether something was counted that should stand in the ledger now."""
        now_s = self.clock.monotonic_s()
        return any(one.count and (all_of_it or now_s - one.began_s >= WINDOW_S) for one in self._of.values())

    def tell(self, tx: Connection, at: datetime, *, all_of_it: bool = False) -> None:
        """Write what was counted in the minutes that are over; with `all_of_it` in this one too."""
        now_s = self.clock.monotonic_s()
        for key in [key for key, one in self._of.items() if all_of_it or now_s - one.began_s >= WINDOW_S]:
            self._write(tx, key, at)

    def _write(self, tx: Connection, key: tuple[str, bool], at: datetime) -> None:
        window = self._of.get(key)
        if window is None:
            return
        if window.count:
            facts: dict[str, Fact] = {
                "content": window.chain,
                "count": window.count,
                "outcome": "rejected",
                "reasons": tuple(sorted(window.reasons)),
            }
            self.log.append(tx, Entry(Kind.REFUSED, at, facts | ({"peer": key[0]} if key[0] else {})))
        del self._of[key]
