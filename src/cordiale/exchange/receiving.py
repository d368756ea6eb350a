"""The way in, inside the transaction: its place, its ledger entry, its effect; or why not, and nothing else.

What came was verified, opened and judged before (arriving.py). Odd is told from wrong, and our own mistakes
from a partner's; nothing that stops one message holds up what comes behind it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from cordiale.errors import ExchangeError, InputError, Transient
from cordiale.exchange import boxes, order, room
from cordiale.exchange.arriving import Reader
from cordiale.exchange.boxes import IN, Place
from cordiale.exchange.claims import claim_of
from cordiale.exchange.entries import bare, fault_words, inbox_values, received_entry, words_of
from cordiale.exchange.footing import Footing
from cordiale.exchange.message import RESCUE_LANES, Envelope, Header
from cordiale.exchange.peers import heard, is_active
from cordiale.exchange.receipts import ACCEPTED, REFUSED
from cordiale.exchange.shapes import reference_of
from cordiale.exchange.stages import Arrived, Fault, Received
from cordiale.exchange.unbelieved import Unbelieved
from cordiale.ledger import Entry, Kind
from cordiale.seals import digest
from cordiale.store import Attempt

TRIES_MAX: Final = 3  # how often our own mistake may stop a message before it is set aside for a person
TRYING_MAX: Final = 1024  # messages whose tries are remembered at once; the oldest is forgotten first


@dataclass(slots=True)
class Receiving:
    """Takes in for one contact point. Thread-safe; holds no transaction of its own."""

    here: Footing
    reader: Reader
    tries: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    """How often our own mistake has stopped a message: (sender, message id) -> tries."""
    unbelieved: Unbelieved = field(init=False)

    def __post_init__(self) -> None:
        self.unbelieved = Unbelieved(self.here.log, self.here.clock)

    def arrive(self, raw: bytes, *, by: str = "") -> Arrived:
        """Verify, open and judge what came; no fault is raised, it is written in `fault`."""
        return self.reader.read(raw, identity=self.here.identity, gate=self.here.gate, by=by)

    def act(self, arrived: Arrived) -> Callable[[Connection], Received]:
        """What the store runs for one message."""
        return lambda tx: self.receive(tx, arrived)

    def receive_all(self, tx: Connection, several: Sequence[Arrived]) -> list[Received | Exception]:
        """`receive` for each in its order; a fault in place of what could not be received, undone by itself.

        What follows in one lane with nothing odd about it is taken with one write a table. Does its effect
        stop one of a run, each of the run is received by itself: that way stays the one that decides.
        """
        outcomes: list[Received | Exception] = []
        while rest := several[len(outcomes) :]:
            before, run = order.run_of(tx, rest, self.here.gate) if len(rest) > 1 else (None, ())
            taken = self._take_run(tx, run, before) if before and run else None
            outcomes += taken or [self._alone(tx, one) for one in run or rest[:1]]
        return outcomes

    def _take_run(self, tx: Connection, run: Sequence[Arrived], before: Place) -> list[Received] | None:
        """Take a run with its effects; None, and nothing has changed, when an effect fails."""
        with Attempt(tx) as attempt:
            taken = self._take_all(tx, run, before, self.here.moment())
            for one in taken:
                self.here.effect(tx, one)
        if attempt.fault is not None:
            return None
        for one in taken:
            self.tries.pop((one.peer, one.message), None)
        return taken

    def _alone(self, tx: Connection, arrived: Arrived) -> Received | Exception:
        with Attempt(tx) as attempt:
            received = self.receive(tx, arrived)
        return attempt.fault or received

    def receive(self, tx: Connection, arrived: Arrived) -> Received:
        """Find its place, record it, and let it take effect; or record why not, and change nothing else."""
        at = self.here.moment()
        if arrived.gate is not self.here.gate and arrived.letter is not None:
            arrived = self.arrive(arrived.raw, by=arrived.by)
        envelope, fault = arrived.envelope, arrived.fault
        if envelope is None or arrived.card is None or (fault and not fault.trusted):
            return self._reject(tx, arrived, fault or Fault("form", "It could not be read."), at)
        header = envelope.header
        if known := boxes.outcome_of(tx, envelope.id):
            return Received(known, envelope.id, header.sender, arrived.letter, duplicate=True)
        rescue = header.lane in RESCUE_LANES
        if fault and fault.ours and self._another_try(envelope):
            return Received("later", envelope.id, header.sender, says=fault.says)
        before = boxes.place(tx, header.sender, header.lane, IN)
        odd = order.odd(tx, header, before, envelope.id)
        if odd and odd.reason == "sequence":
            before = order.past_gone(tx, header, before)
            odd = order.odd(tx, header, before, envelope.id)
        if odd and not rescue:
            if odd.reason == "sequence":
                if not any(one[0] == header.sender for one in self.tries):
                    _raise(tx, odd, header, at)  # else what is missing is what is being tried again
                return Received(
                    "behind", envelope.id, header.sender, expected=before.sequence + 1, says=odd.says
                )
            _raise(tx, odd, header, at)
            return self._reject(tx, arrived, odd, at)
        if odd:
            arrived = replace(arrived, defects=(*arrived.defects, f"{odd.reason}: {odd.says}"))
            _raise(tx, odd, header, at)
        if rescue:
            arrived = _without_odd_files(tx, arrived)
        arrived = self._with_room(tx, arrived, at)
        return self._take_or_set_aside(tx, arrived, before, at)

    def _with_room(self, tx: Connection, arrived: Arrived, at: datetime) -> Arrived:
        """Where its files have no room here it is refused, so that its sender hears at once; distress is
        taken without them.
        """
        envelope, letter = arrived.envelope, arrived.letter
        if envelope is None or letter is None or not letter.attachments or arrived.fault:
            return arrived
        try:
            boxes.check_attachments(tx, letter.attachments)
        except ExchangeError:
            return arrived  # refused for its form when it is taken: what cannot be needs no room
        peer = envelope.header.sender
        wanting = room.wanting(tx, peer, letter.attachments, free_bytes=self.here.free_bytes())
        if not wanting:
            return arrived
        boxes.raise_alarm(tx, "no_room", peer=peer, about="files", says=wanting, at=at)
        if envelope.header.lane in RESCUE_LANES:
            kept = replace(letter, attachments=())
            return replace(arrived, letter=kept, defects=(*arrived.defects, f"no_room: {wanting}"))
        return replace(arrived, fault=Fault("no_room", wanting, trusted=True))

    def _take_or_set_aside(self, tx: Connection, arrived: Arrived, before: Place, at: datetime) -> Received:
        """Take it with its effect. What the room will not have is refused; what breaks the room is tried a
        few times and then set aside for a person. Neither holds up what comes behind it.
        """
        envelope = arrived.envelope
        assert envelope is not None
        if arrived.fault:
            if arrived.fault.ours:
                _poisoned(tx, arrived, arrived.fault.says, at)
                arrived = replace(arrived, fault=Fault("set_aside", arrived.fault.says, trusted=True))
            return self._take(tx, arrived, before, at)
        with Attempt(tx) as attempt:
            received = self._take(tx, arrived, before, at)
            self.here.effect(tx, received)
        fault = attempt.fault
        if fault is None:
            self.tries.pop((envelope.header.sender, envelope.id), None)
            return received
        says = f"{type(fault).__name__}: {fault_words(fault)}"
        if envelope.header.lane in RESCUE_LANES:
            return self._take_without_effect(tx, arrived, before, says=says)
        if isinstance(fault, Transient) or not isinstance(fault, InputError | ExchangeError):
            if self._another_try(envelope):
                return Received("later", envelope.id, envelope.header.sender, says=says)
            _poisoned(tx, arrived, says, at)
            stopped = Fault("set_aside", says, trusted=True)
        else:
            stopped = Fault("type", words_of(fault), trusted=True)
        return self._take(tx, replace(arrived, fault=stopped), before, at)

    def _take_without_effect(self, tx: Connection, arrived: Arrived, before: Place, *, says: str) -> Received:
        """A distress call that breaks the room: shown already, tried again, and at last recorded as it came.

        It stays on the screen, and in the failed box, until a person has looked at it.
        """
        envelope = arrived.envelope
        assert envelope is not None
        at, header = self.here.moment(), envelope.header
        arrived = replace(arrived, defects=(*arrived.defects, f"effect: {says}"))
        if self._another_try(envelope):
            return Received("later", envelope.id, header.sender, says=says)
        _poisoned(tx, arrived, says, at)
        received = self._take(tx, arrived, before, at)
        boxes.set_aside(
            tx,
            IN,
            envelope.id,
            reason=f"effect: {bare(says)}",
            at=at,
            peer=header.sender,
            reference=reference_of(header.reference),
        )
        return received

    def _another_try(self, envelope: Envelope) -> bool:
        """Count a try; whether one more is left."""
        key = (envelope.header.sender, envelope.id)
        self.tries[key] = self.tries.get(key, 0) + 1
        if self.tries[key] < TRIES_MAX:
            if len(self.tries) > TRYING_MAX:
                self.tries.popitem(last=False)
            return True
        del self.tries[key]
        return False

    def _take(self, tx: Connection, arrived: Arrived, before: Place, at: datetime) -> Received:
        """Its place, its ledger entry, its key. What takes effect is the caller's to do."""
        return self._take_all(tx, [arrived], before, at)[0]

    def _take_all(
        self, tx: Connection, several: Sequence[Arrived], before: Place, at: datetime
    ) -> list[Received]:
        """`_take` for several of one lane that follow one another from `before` on."""
        headers = [_envelope(one).header for one in several]
        last, newest = headers[-1], max((one.head for one in headers), key=lambda head: head.size)
        entries = [received_entry(Kind.REFUSED if one.fault else Kind.RECEIVED, at, one) for one in several]
        indexes = self.here.log.append_all(tx, entries)
        to = Place(max(last.sequence, before.sequence), _envelope(several[-1]).id)
        boxes.advance(tx, last.sender, last.lane, IN, to=to)
        heard(tx, last.sender, at=at, size=newest.size, root=newest.root)
        taken = [_received(one, entry) for one, entry in zip(several, indexes, strict=True)]
        boxes.take_all(tx, [inbox_values(one, got, at) for one, got in zip(several, taken, strict=True)])
        for one, got in zip(several, taken, strict=True):
            _set_aside_or_expect(tx, one, got, at)
        return taken

    def replay(self, failed_id: int, *, by: str, officer: str = "") -> Received:
        """Let something that came and was set aside take effect after all, by a named person.

        It is verified and judged once more, by the agreements of today. `officer`: opaque token for the
        ledger. Raises ExchangeError when it cannot be taken now; what the room raises is raised, and nothing
        has changed.
        """
        kept = self.here.store.read(lambda tx: boxes.set_aside_here(tx, failed_id))
        arrived = self.arrive(kept.raw)
        if arrived.fault or arrived.envelope is None:
            says = arrived.fault.says if arrived.fault else "it cannot be read"
            raise ExchangeError(f"it cannot be taken: {says}", field="failed", way_out="Ask for it anew.")
        fields = (arrived.letter, arrived.body, arrived.decided)

        def act(tx: Connection) -> Received:
            at = self.here.moment()
            boxes.settle(tx, failed_id, state="replayed", by=by, at=at)
            facts: dict[str, Any] = {"message": kept.id, "peer": kept.peer, "state": "replayed"}
            facts |= {"outcome": "accepted", **({"officer": officer} if officer else {})}
            entry = self.here.log.append(tx, Entry(Kind.RECEIVED, at, facts))
            received = Received(ACCEPTED, kept.id, kept.peer, *fields, entry=entry, defects=arrived.defects)
            boxes.accept_after_all(tx, kept.id, at=at)
            self.here.effect(tx, received)
            return received

        return self.here.store.write(act)

    def _reject(self, tx: Connection, arrived: Arrived, fault: Fault, at: datetime) -> Received:
        """Nothing is believed of it: a ledger entry, of many in common, and nothing else; a claim of distress
        is shown.
        """
        sender = arrived.envelope.header.sender if arrived.envelope else ""
        told = fault.reason if fault.reason != "split_view" else "fork"
        claim = claim_of(arrived, partial(is_active, tx))
        entry = self.unbelieved.note(
            tx, digest(arrived.raw), fault.reason, by=arrived.by, call=claim is not None, at=at
        )
        if claim:
            number = "counted in the register" if entry is None else f"register number {entry}"
            says = f"an unreadable distress call: {claim.says}: ring ({number})"
            boxes.raise_alarm(tx, "unreadable_distress", peer=claim.peer, about="distress", says=says, at=at)
            # It is shown and sounds; should that fail, the alarm and the entry stand all the same.
            with Attempt(tx):
                self.here.effect(tx, claim.received(fault))
        return Received("rejected", peer=sender, reason=told, says=fault.says)


def _envelope(arrived: Arrived) -> Envelope:
    assert arrived.envelope is not None
    return arrived.envelope


def _received(arrived: Arrived, entry: int) -> Received:
    envelope, fault = _envelope(arrived), arrived.fault
    return Received(
        REFUSED if fault else ACCEPTED,
        envelope.id,
        envelope.header.sender,
        arrived.letter,
        arrived.body,
        arrived.decided,
        reason=fault.reason if fault else "",
        says=fault.says if fault else "",
        entry=entry,
        defects=arrived.defects,
    )


def _without_odd_files(tx: Connection, arrived: Arrived) -> Arrived:
    """A distress call whose files cannot be expected is taken without them: they stop no call."""
    if arrived.letter is None:
        return arrived
    try:
        boxes.check_attachments(tx, arrived.letter.attachments)
    except ExchangeError as fault:
        letter = replace(arrived.letter, attachments=())
        return replace(arrived, letter=letter, defects=(*arrived.defects, words_of(fault)))
    return arrived


def _set_aside_or_expect(tx: Connection, arrived: Arrived, received: Received, at: datetime) -> None:
    """What is refused goes into the box that a person reads; what is taken has attachments to come."""
    if fault := arrived.fault:
        known = {"peer": received.peer, "reference": reference_of(_envelope(arrived).header.reference)}
        why = f"{fault.reason}: {bare(fault.says)}"
        boxes.set_aside(tx, IN, received.message, reason=why, at=at, **known)
    elif arrived.letter:
        attached = arrived.letter.attachments
        boxes.expect_attachments(tx, received.message, received.peer, attached, at=at)


def _poisoned(tx: Connection, arrived: Arrived, says: str, at: datetime) -> None:
    assert arrived.envelope is not None
    header = arrived.envelope.header
    told = f"it could not be taken after {TRIES_MAX} tries and lies in the failed box: {bare(says)}"
    boxes.raise_alarm(tx, "poison", peer=header.sender, about=arrived.envelope.id, says=told, at=at)


def _raise(tx: Connection, odd: Fault, header: Header, at: datetime) -> None:
    kind = "gap" if odd.reason == "sequence" else odd.reason
    boxes.raise_alarm(tx, kind, peer=header.sender, about=header.lane, says=odd.says, at=at)
