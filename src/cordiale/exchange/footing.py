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

    def moment(self) -> datetime:
        """Now; but never before the latest moment at which something was recorded here.

        A clock set back cannot bring an agreement to life that has ended.
        """
        return max(self.clock.now(), self._latest)

    def mark_time(self, tx: Connection) -> None:
        """At the end of each group: keep the latest moment; a clock set far back raises an alarm."""
        now = self.clock.now()
        if now < self._latest - timedelta(seconds=CLOCK_BACK_S):
            says = (
                f"the clock says {now:%Y-%m-%d %H:%M} but {self._latest:%Y-%m-%d %H:%M} was recorded before"
            )
            boxes.raise_alarm(tx, "clock_back", peer="", about="clock", says=says, at=self._latest)
        elif now > self._latest:
            self._latest = now
            if now - self._marked >= timedelta(seconds=MARK_S):
                boxes.put(tx, tables.clock_mark, {"id": 1}, {"latest_at": now})
                self._marked = now


def _latest_moment(tx: Connection) -> datetime | None:
    return tx.execute(select(tables.clock_mark.c.latest_at).where(tables.clock_mark.c.id == 1)).scalar()
