"""Distress calls that the store could not record in time: shown first, logged when it can, never forgotten.

Nothing here closes a call: a person does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from cordiale.errors import CordialeError, StoreError
from cordiale.exchange import boxes
from cordiale.exchange.claims import claim_of
from cordiale.exchange.footing import Footing
from cordiale.exchange.message import RESCUE_LANES
from cordiale.exchange.receipts import ACCEPTED
from cordiale.exchange.receiving import Receiving
from cordiale.exchange.sending import Sending
from cordiale.exchange.stages import Arrived, Fault, Received

SHOWN_MAX: Final = 512  # calls in memory at once; a night in the Channel has tens
SHOWN_BYTES_MAX: Final = 64 << 20  # of them together: sixteen of the longest letters there are


@dataclass(slots=True)
class Calls:
    """The distress calls of one contact point that are on a screen, or on their way, and not yet on disk."""

    here: Footing
    receiving: Receiving
    sending: Sending
    shown: dict[str, Arrived] = field(default_factory=dict)
    """Message id -> what was shown before it could be recorded, oldest first."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Partner -> how many of its calls were shown and are no longer kept for recording."""
    _told: set[str] = field(default_factory=set)
    _is_shown_again: bool = False

    def is_call(self, arrived: Arrived) -> bool:
        """Whether it is a distress call, or bytes of a partner that claim to be one."""
        return self._received(arrived) is not None

    def show_first(self, arrived: Arrived) -> None:
        """A life at risk: show and sound it now, log it when the store can."""
        if received := self._received(arrived):
            self.shown[received.message] = arrived
            self._bound(received.message)
            self.here.on_distress(received)

    def _bound(self, newest: str) -> None:
        """Keep no more than memory holds: of the partner that has most, the oldest goes. It is on the screen;
        its sender has no receipt, so that it comes again until it is recorded.
        """
        while len(self.shown) > SHOWN_MAX or self._bytes() > SHOWN_BYTES_MAX:
            others = [(key, _peer(one)) for key, one in list(self.shown.items()) if key != newest]
            if not others:
                return
            peer = Counter(name for _, name in others).most_common(1)[0][0]
            self.shown.pop(next(key for key, name in others if name == peer), None)
            self.dropped[peer] += 1

    def _bytes(self) -> int:
        return sum(len(one.raw) for one in list(self.shown.values()))

    def _received(self, arrived: Arrived) -> Received | None:
        """A call as the room takes it that shows and sounds; None for what is no distress."""
        envelope, fault = arrived.envelope, arrived.fault
        if envelope is None or (fault and not fault.trusted):
            claim = claim_of(arrived, self._is_partner)
            why = fault or Fault("form", "It could not be read.")
            return replace(claim.received(why), logged=False) if claim else None
        if fault or envelope.header.lane not in RESCUE_LANES:
            return None
        fields = (arrived.letter, arrived.body, arrived.decided)
        sender, defects = envelope.header.sender, arrived.defects
        return Received(ACCEPTED, envelope.id, sender, *fields, defects=defects, logged=False)

    def _is_partner(self, name: str) -> bool:
        return any(one.node == name for one in self.here.directory.active(self.here.store))

    def log_what_was_shown(self) -> int:
        """Try again to record the calls that were shown, or left, before the store could write.

        Returns how many wait.
        """
        self._show_again()
        self._log_shown()
        self._log_sent()
        self._tell_dropped()
        return len(self.shown) + len(self.here.unstored.waiting())

    def _log_shown(self) -> None:
        for message, arrived in list(self.shown.items()):
            try:
                received = self.here.store.write(self.receiving.act(arrived))
            except StoreError:
                return
            except CordialeError as fault:
                peer = arrived.envelope.header.sender if arrived.envelope else ""
                self._unrecorded(peer, message, fault)
                continue
            if received.outcome != "later":
                self.shown.pop(message, None)

    def _log_sent(self) -> None:
        for call in self.here.unstored.waiting():
            try:
                self.here.store.write(partial(self.sending.log_unstored, call=call))
            except StoreError:
                return
            except CordialeError as fault:
                self._unrecorded(call.prepared.node, call.message, fault)
                continue
            self.here.unstored.logged(call)

    def _tell_dropped(self) -> None:
        """How many calls of whom were shown and not kept: told once the store can write."""
        for peer, count in [(name, count) for name, count in list(self.dropped.items()) if count > 0]:
            says = (
                f"{count} of its distress calls were shown while the store could not write, and not kept: "
                "each comes again until it is recorded. Ring it and compare"
            )
            told = partial(
                boxes.raise_alarm,
                kind="unrecorded",
                peer=peer,
                about="dropped",
                says=says,
                at=self.here.moment(),
            )
            try:
                self.here.store.write(told)
            except StoreError:
                return
            self.dropped[peer] -= count

    def _unrecorded(self, peer: str, message: str, fault: CordialeError) -> None:
        """One call that cannot be recorded as it is: a person is told once, and the others go on."""
        if message in self._told:
            return
        says = f"a distress call cannot be recorded ({type(fault).__name__}); it stays on the screen"
        at = self.here.moment()
        try:
            self.here.store.write(
                lambda tx: boxes.raise_alarm(tx, "unrecorded", peer=peer, about=message, says=says, at=at)
            )
        except StoreError:
            return  # it is told on the next round
        self._told.add(message)

    def _show_again(self) -> None:
        """After a start, distress that was set aside and that nobody has looked at is shown again."""
        if self._is_shown_again:
            return
        self._is_shown_again = True
        try:
            aside = list(self.here.store.read(boxes.distress_aside))
        except StoreError:
            self._is_shown_again = False  # on the next round
            return
        for raw in aside:
            if received := self._received(self.receiving.arrive(raw)):
                self.here.on_distress(received)


def _peer(arrived: Arrived) -> str:
    """Who answers for a call: who signed it, else over whose connection it came."""
    return arrived.card.facts.node if arrived.card else arrived.by
