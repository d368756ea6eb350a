"""What one contact point stands on: store, ledger, keys, gate, and a clock that never runs back.

Sending, receiving and the distress calls share it. It decides nothing and carries nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from cordiale.exchange import boxes, tables
from cordiale.exchange.judging import Gate
from cordiale.exchange.peers import Cards, Directory, Freshness
from cordiale.exchange.stages import Identity, Received, Regained
from cordiale.exchange.unstored import Unstored
from cordiale.ledger import Log
from cordiale.store import Store
from cordiale.world import Chance, Clock

CLOCK_BACK_S: Final = 300.0  # a clock further behind than this raises an alarm
OFF_MAX: Final = timedelta(days=7)  # a node that was off for longer, by its clock, asks a person for the time
LEAP_MAX: Final = timedelta(days=1)  # by which a clock may run away from the machine's own count of seconds
AHEAD: Final = "clock_ahead"
"""The alarm: the clock leapt ahead. A person who settles it has compared it with another clock."""
MARK_S: Final = 1.0  # how old the latest moment on disk may be: a second more or less revives no agreement
DISTRESS_WAIT_S: Final = 2.0  # if the store has not confirmed a distress call by then, it is shown first

NO_LIMIT: Final = 1 << 62
"""Free bytes where nobody knows of a disk that could be full."""

Effect = Callable[[Connection, Received], None]
"""What an accepted message does here, in the same transaction as its key, entry and receipt."""
OnDistress = Callable[[Received], None]
"""Shows and sounds a distress call. Called again for the same message it must change nothing."""
OnHeard = Callable[[str], None]
"""Told the name of a partner from which something came under its own signature. Must not wait."""
OnRegained = Callable[[Connection, Regained], None]
"""What a message does here that this node had forgotten and a partner still holds; in one transaction."""


class Footing:
    """The parts of one contact point. `gate` and `identity` are replaced when agreements or card change."""

    def __init__(
        self,
        store: Store,
        log: Log,
        identity: Identity,
        gate: Gate,
        *,
        clock: Clock,
        chance: Chance,
        effect: Effect,
        on_distress: OnDistress,
    ) -> None:
        self.store = store
        self.log = log
        self.identity = identity
        self.gate = gate
        self.clock = clock
        self.chance = chance
        self.effect = effect
        self.on_distress = on_distress
        self.on_heard: OnHeard = lambda _: None
        self.on_regained: OnRegained = lambda _, __: None
        self.free_bytes: Callable[[], int] = lambda: NO_LIMIT
        self.cards = Cards(Freshness(clock))
        self.directory = Directory(Freshness(clock))
        self.unstored = Unstored()
        self._latest = store.read(_latest_moment) or clock.now()
        self._marked = self._latest - timedelta(seconds=MARK_S)
        self._counted_s: float | None = None

    def moment(self) -> datetime:
        """Now; but never before the latest moment at which something was recorded here.

        A clock set back cannot bring an agreement to life that has ended.
        """
        return max(self.clock.now(), self._latest)

    def mark_time(self, tx: Connection) -> None:
        """At the end of each group: keep the latest moment; a clock set far back raises an alarm. So does one
        that leapt ahead: its moment is kept when a person has confirmed it, and not before; set right again
        it has left no mark.
        """
        now = self.clock.now()
        if self.has_leapt() and not self._is_confirmed(tx, now):
            return
        self._counted_s = self.clock.monotonic_s()
        if now < self._latest - timedelta(seconds=CLOCK_BACK_S):
            says = (
                f"the clock says {now:%Y-%m-%d %H:%M} but {self._latest:%Y-%m-%d %H:%M} was recorded before"
            )
            boxes.raise_alarm(tx, "clock_back", peer="", about="clock", says=says, at=self._latest)
        elif now >= self._latest:
            self._latest = now
            if now - self._marked >= timedelta(seconds=MARK_S):
                boxes.put(tx, tables.clock_mark, {"id": 1}, {"latest_at": now})
                self._marked = now

    def has_leapt(self) -> bool:
        """Whether the clock is further ahead of the latest moment recorded than time can have passed: more
        than a week at the start, later more than a day beyond the machine's own count of seconds.
        """
        ahead = self.clock.now() - self._latest
        if self._counted_s is None:
            return ahead > OFF_MAX
        return ahead - timedelta(seconds=self.clock.monotonic_s() - self._counted_s) > LEAP_MAX

    def trust_clock(self) -> None:
        """Somebody stands before this machine, and begins anew with the time that it shows: a restore."""
        self._latest = self.clock.now()

    def _is_confirmed(self, tx: Connection, now: datetime) -> bool:
        """Whether a person has settled the alarm since the clock leapt; raises it where none is open."""
        c = tables.alarm.c
        row = tx.execute(select(c.settled_at).where(c.kind == AHEAD, c.about == "clock")).one_or_none()
        if row is not None and row.settled_at is not None and row.settled_at - self._latest > LEAP_MAX:
            return True
        if row is None or row.settled_at is not None:
            says = f"the clock says {now:%Y-%m-%d %H:%M}; last recorded was {self._latest:%Y-%m-%d %H:%M}"
            boxes.raise_alarm(tx, AHEAD, peer="", about="clock", says=says, at=now)
        return False


def _latest_moment(tx: Connection) -> datetime | None:
    return tx.execute(select(tables.clock_mark.c.latest_at).where(tables.clock_mark.c.id == 1)).scalar()
