"""The contact point of a node: the one place through which anything leaves or enters.

Out: decide, copy out, seal (outside the transaction); then give it its place, record it, post it (inside).
In: verify, open, decide again of our own files (outside); then find its place, record it, let it take effect
(inside). At the end of each group one signature covers all that leaves and one checkpoint all receipts.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from cordiale.errors import CordialeError, ExchangeError, InputError, StoreError, Transient
from cordiale.exchange import boxes, closing, tables
from cordiale.exchange.arriving import DISTRESS_TYPE, Reader
from cordiale.exchange.boxes import IN, OUT, Place
from cordiale.exchange.closing import Closing
from cordiale.exchange.entries import bare, inbox_values, received_entry, sent_entry
from cordiale.exchange.judging import (
    REFUSE,
    AgreementFacts,
    Gate,
    Judged,
    Outgoing,
    judge,
    letter_of,
    party,
    question_of,
)
from cordiale.exchange.message import (
    DISTRESS,
    MAIN,
    RESCUE_LANES,
    UNSTORED,
    Envelope,
    Head,
    Header,
    claimed_distress,
    seal_letter,
)
from cordiale.exchange.peers import Cards, Directory, find_peer, heard
from cordiale.exchange.receipts import ACCEPTED, REFUSED
from cordiale.exchange.stages import Arrived, Fault, Identity, Prepared, Received, Sent
from cordiale.exchange.unstored import Unstored, UnstoredCall
from cordiale.ledger import Entry, Kind, Log
from cordiale.seals import digest
from cordiale.store import Attempt, Store
from cordiale.world import Chance, Clock

PREPARED_MAX_S: Final = 300.0  # an older decision is asked again before it leaves
CLOCK_BACK_S: Final = 300.0  # a clock further behind than this raises an alarm
MARK_S: Final = 1.0  # how old the latest moment on disk may be: a second more or less revives no agreement
DISTRESS_WAIT_S: Final = 2.0  # if the store has not confirmed a distress call by then, it is shown first
TRIES_MAX: Final = 3  # how often our own mistake may stop a message before it is set aside for a person
TRYING_MAX: Final = 1024  # messages whose tries are remembered at once; the oldest is forgotten first


Effect = Callable[[Connection, Received], None]
"""What an accepted message does here, in the same transaction as its key, entry and receipt."""
OnDistress = Callable[[Received], None]
"""Shows and sounds a distress call. Called again for the same message it must change nothing."""
OnHeard = Callable[[str], None]
"""Told the name of a partner from which something came under its own signature. Must not wait."""


class ContactPoint:
    """The single door of one node. Thread-safe; holds no transaction of its own."""

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
        self.cards = Cards()
        self.unstored = Unstored()
        self._directory = Directory()
        self._reader = Reader(store, self.cards, self.moment, threading.local())
        self._unlogged: dict[str, Arrived] = {}
        self._tries: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._told: set[str] = set()
        self._shown_again = False
        self._latest = store.read(_latest_moment) or clock.now()
        self._marked = self._latest - timedelta(seconds=MARK_S)
        store.at_commit(self._close_group)

    def moment(self) -> datetime:
        """Now; but never before the latest moment at which something was recorded here.

        A clock set back cannot bring an agreement to life that has ended.
        """
        return max(self.clock.now(), self._latest)

    def admits(self, certificate: bytes) -> bool:
        """Whether a TLS certificate (DER) was issued as the card of an active partner says."""
        return self._directory.admits(self.store, certificate)

    # -- out --------------------

    def preview(self, outgoing: Outgoing) -> Judged:
        """What the gate would answer now. Nothing is sealed, recorded or sent."""
        question = question_of(outgoing, outgoing.reference or "preview")
        return judge(self.gate, outgoing, question, self.moment())

    def prepare(self, outgoing: Outgoing) -> Prepared:
        """Decide, copy out what may leave, and seal it. Raises RequestError for a malformed question and
        ExchangeError when no known node speaks for the recipient."""
        at, gate = self.moment(), self.gate
        reference = outgoing.reference or self.chance.token(16)
        question = question_of(outgoing, reference)
        decided = judge(gate, outgoing, question, at)
        prepared = Prepared(outgoing, reference, decided, at, gate)
        if decided.verdict == REFUSE:
            return prepared
        where = party(outgoing.recipient)
        peer = self._directory.speaking_for(self.store, where["side"], where["authority"])
        if peer is None:
            raise ExchangeError(
                f"no known node speaks for `{outgoing.recipient}`",
                field="recipient",
                way_out="Run `cordiale peer add`.",
            )
        facts = gate.facts(decided.agreement, at) or AgreementFacts(decided.agreement, 0, digest(b""))
        letter = letter_of(outgoing, decided, question=question, facts=facts, at=at)
        bucket, sealed = seal_letter(
            letter, sender=self.identity.node, recipient=peer.node, public=peer.card.facts.sealing
        )
        lane = DISTRESS if outgoing.body.TYPE == DISTRESS_TYPE else MAIN
        return replace(
            prepared,
            node=peer.node,
            lane=lane,
            bucket=bucket,
            sealed=sealed,
            attachments=tuple(letter.attachments),
        )

    def send(self, tx: Connection, prepared: Prepared) -> Sent:
        """Record the decision either way; if it lets something leave, give that its place and post it.

        Raises Transient when the agreements changed or the decision is old: prepare it again.
        """
        at = self.moment()
        if call := self.unstored.of(prepared):  # it left already: what is recorded is that one, not a second
            return self._log_unstored(tx, call)
        if prepared.gate is not self.gate or at - prepared.decided_at > timedelta(seconds=PREPARED_MAX_S):
            raise Transient("the agreements changed since this was decided", way_out="Prepare it again.")
        if not prepared.sealed:
            entry = self.log.append(tx, sent_entry(Kind.REFUSED, at, prepared))
            return Sent(prepared.reference, "", entry, prepared.decided)
        before = boxes.place(tx, prepared.node, prepared.lane, OUT)
        header = self._header(tx, prepared, before)
        header_raw = header.to_bytes()
        message = digest(header_raw)
        entry = self.log.append(
            tx,
            sent_entry(
                Kind.SENT, at, prepared, message=message, content=header.digest, peer=header.recipient
            ),
        )
        boxes.advance(tx, prepared.node, prepared.lane, OUT, to=Place(header.sequence, message))
        self._post(tx, prepared, header_raw, message=message, sequence=header.sequence, decision=entry, at=at)
        return Sent(prepared.reference, message, entry, prepared.decided)

    def dispatch(self, outgoing: Outgoing) -> Sent:
        """Prepare and send in one act of its own.

        A distress call that the store cannot record in time leaves all the same, and is recorded when it can.
        """
        prepared = self.prepare(outgoing)
        if prepared.lane not in RESCUE_LANES:
            return self.store.write(lambda tx: self.send(tx, prepared))
        try:
            return self.store.submit([lambda tx: self.send(tx, prepared)])[0].result(DISTRESS_WAIT_S)
        except (StoreError, TimeoutError):
            return self.send_unstored(prepared)

    def send_unstored(self, prepared: Prepared) -> Sent:
        """A decided distress call that the store cannot record: signed and handed to the courier from memory.

        Raises ExchangeError for anything but distress: nothing else leaves without its ledger entry.
        """
        if prepared.lane not in RESCUE_LANES or not prepared.sealed:
            raise ExchangeError("only a distress call leaves before it is recorded", field="lane")
        call = self.unstored.hold(prepared, identity=self.identity, at=self.moment())
        return Sent(prepared.reference, call.message, -1, prepared.decided, logged=False)

    def _log_unstored(self, tx: Connection, call: UnstoredCall) -> Sent:
        """Record a call that left from memory: its decision and its place in the outbox."""
        prepared, at = call.prepared, self.moment()
        entry = boxes.decision_of(tx, call.message)
        if entry is None:
            before = boxes.place(tx, prepared.node, UNSTORED, OUT)
            facts = {"message": call.message, "content": call.header.digest, "peer": prepared.node}
            recorded = sent_entry(Kind.SENT, at, prepared, **facts, lane=UNSTORED)
            entry = self.log.append(tx, recorded)
            boxes.advance(tx, prepared.node, UNSTORED, OUT, to=Place(before.sequence + 1, call.message))
            here = replace(prepared, lane=UNSTORED)
            where: dict[str, Any] = {"message": call.message, "sequence": before.sequence + 1}
            self._post(tx, here, call.header_raw, decision=entry, at=call.at, **where)
            boxes.sign(tx, call.message, call.signature)
        return Sent(prepared.reference, call.message, entry, prepared.decided)

    def _header(self, tx: Connection, prepared: Prepared, before: Place) -> Header:
        head = self.log.head(tx)
        return Header(
            sender=self.identity.node,
            recipient=prepared.node,
            reference=prepared.reference,
            lane=prepared.lane,
            bucket=prepared.bucket,
            digest=digest(prepared.sealed),
            card=self.identity.card.digest(),
            sequence=before.sequence + 1,
            previous=before.last,
            head=Head(head.size, head.root.hex()),
        )

    def _post(
        self,
        tx: Connection,
        prepared: Prepared,
        header: bytes,
        *,
        message: str,
        sequence: int,
        decision: int,
        at: datetime,
    ) -> None:
        out = prepared.outgoing
        boxes.post(
            tx,
            id=message,
            peer=prepared.node,
            lane=prepared.lane,
            sequence=sequence,
            reference=prepared.reference,
            recipient=out.recipient,
            type=out.body.TYPE,
            kind=out.kind,
            about=out.about,
            header=header,
            sealed=prepared.sealed,
            decision=decision,
            due_at=at,
            posted_at=at,
        )
        boxes.post_attachments(tx, message, prepared.node, prepared.attachments, at=at)
        original = out.original or message
        boxes.note_copy(tx, message, out.recipient, via="", node=prepared.node, original=original, at=at)

    # -- in: outside the transaction --------------------

    def arrive(self, raw: bytes) -> Arrived:
        """Verify, open and judge what came; no fault is raised, it is written in `fault`."""
        return self._reader.read(raw, identity=self.identity, gate=self.gate)

    # -- in: inside the transaction --------------------

    def receive(self, tx: Connection, arrived: Arrived) -> Received:
        """Find its place, record it, and let it take effect; or record why not, and change nothing else."""
        at = self.moment()
        if arrived.gate is not self.gate and arrived.letter is not None:
            arrived = self.arrive(arrived.raw)
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
        odd = self._order(tx, header, before, envelope.id) or self._same_ledger(tx, header)
        if odd and not rescue:
            if odd.reason == "sequence":
                if not any(one[0] == header.sender for one in self._tries):
                    self._raise(tx, odd, header, at)  # else what is missing is what is being tried again
                return Received(
                    "behind", envelope.id, header.sender, expected=before.sequence + 1, says=odd.says
                )
            self._raise(tx, odd, header, at)
            return self._reject(tx, arrived, odd, at)
        if odd:
            arrived = replace(arrived, defects=(*arrived.defects, f"{odd.reason}: {odd.says}"))
            self._raise(tx, odd, header, at)
        return self._take_or_set_aside(tx, arrived, before, at)

    def _take_or_set_aside(self, tx: Connection, arrived: Arrived, before: Place, at: datetime) -> Received:
        """Take it with its effect. What the room will not have is refused; what breaks the room is tried a
        few times and then set aside for a person. Neither holds up what comes behind it.
        """
        envelope = arrived.envelope
        assert envelope is not None
        if arrived.fault:
            if arrived.fault.ours:
                self._poisoned(tx, arrived, arrived.fault.says, at)
                arrived = replace(arrived, fault=Fault("set_aside", arrived.fault.says, trusted=True))
            return self._take(tx, arrived, before, at)
        with Attempt(tx) as attempt:
            received = self._take(tx, arrived, before, at)
            self.effect(tx, received)
        fault = attempt.fault
        if fault is None:
            self._tries.pop((envelope.header.sender, envelope.id), None)
            return received
        says = f"{type(fault).__name__}: {fault}"
        if envelope.header.lane in RESCUE_LANES:
            return self._take_without_effect(tx, arrived, before, says=says)
        if isinstance(fault, Transient) or not isinstance(fault, InputError | ExchangeError):
            if self._another_try(envelope):
                return Received("later", envelope.id, envelope.header.sender, says=says)
            self._poisoned(tx, arrived, says, at)
            stopped = Fault("set_aside", says, trusted=True)
        else:
            stopped = Fault("type", str(fault), trusted=True)
        return self._take(tx, replace(arrived, fault=stopped), before, at)

    def _take_without_effect(self, tx: Connection, arrived: Arrived, before: Place, *, says: str) -> Received:
        """A distress call that breaks the room: shown already, tried again, and at last recorded as it came.

        It stays on the screen, and in the failed box, until a person has looked at it.
        """
        envelope = arrived.envelope
        assert envelope is not None
        at, header = self.moment(), envelope.header
        arrived = replace(arrived, defects=(*arrived.defects, f"effect: {says}"))
        if self._another_try(envelope):
            return Received("later", envelope.id, header.sender, says=says)
        self._poisoned(tx, arrived, says, at)
        received = self._take(tx, arrived, before, at)
        boxes.set_aside(
            tx,
            IN,
            envelope.id,
            reason=f"effect: {bare(says)}",
            at=at,
            peer=header.sender,
            reference=header.reference,
        )
        return received

    def _another_try(self, envelope: Envelope) -> bool:
        """Count a try; whether one more is left."""
        key = (envelope.header.sender, envelope.id)
        self._tries[key] = self._tries.get(key, 0) + 1
        if self._tries[key] < TRIES_MAX:
            if len(self._tries) > TRYING_MAX:
                self._tries.popitem(last=False)
            return True
        del self._tries[key]
        return False

    def _poisoned(self, tx: Connection, arrived: Arrived, says: str, at: datetime) -> None:
        assert arrived.envelope is not None
        header = arrived.envelope.header
        told = f"it could not be taken after {TRIES_MAX} tries and lies in the failed box: {bare(says)}"
        boxes.raise_alarm(tx, "poison", peer=header.sender, about=arrived.envelope.id, says=told, at=at)

    def _take(self, tx: Connection, arrived: Arrived, before: Place, at: datetime) -> Received:
        """Its place, its ledger entry, its key. What takes effect is the caller's to do."""
        envelope, letter, fault = arrived.envelope, arrived.letter, arrived.fault
        assert envelope is not None
        header = envelope.header
        kind = Kind.REFUSED if fault else Kind.RECEIVED
        entry = self.log.append(tx, received_entry(kind, at, arrived))
        to = Place(max(header.sequence, before.sequence), envelope.id)
        boxes.advance(tx, header.sender, header.lane, IN, to=to)
        heard(tx, header.sender, at=at, size=header.head.size, root=header.head.root)
        received = Received(
            REFUSED if fault else ACCEPTED,
            envelope.id,
            header.sender,
            letter,
            arrived.body,
            arrived.decided,
            reason=fault.reason if fault else "",
            says=fault.says if fault else "",
            entry=entry,
            defects=arrived.defects,
        )
        boxes.take(tx, **inbox_values(arrived, received, at))
        if fault:
            known = {"peer": header.sender, "reference": header.reference[:200]}
            boxes.set_aside(tx, IN, envelope.id, reason=f"{fault.reason}: {bare(fault.says)}", at=at, **known)
        else:
            attached = letter.attachments if letter else ()
            boxes.expect_attachments(tx, envelope.id, header.sender, attached, at=at)
        return received

    def replay(self, failed_id: int, *, by: str, officer: str = "") -> Received:
        """Let something that came and was set aside take effect after all, by a named person.

        It is verified and judged once more, by the agreements of today. `officer`: opaque token for the
        ledger. Raises ExchangeError when it cannot be taken now; what the room raises is raised, and nothing
        has changed.
        """
        kept = self.store.read(lambda tx: boxes.set_aside_here(tx, failed_id))
        arrived = self.arrive(kept.raw)
        if arrived.fault or arrived.envelope is None:
            says = arrived.fault.says if arrived.fault else "it cannot be read"
            raise ExchangeError(f"it cannot be taken: {says}", field="failed", way_out="Ask for it anew.")
        fields = (arrived.letter, arrived.body, arrived.decided)

        def act(tx: Connection) -> Received:
            at = self.moment()
            boxes.settle(tx, failed_id, state="replayed", by=by, at=at)
            facts: dict[str, Any] = {"message": kept.id, "peer": kept.peer, "state": "replayed"}
            facts |= {"outcome": "accepted", **({"officer": officer} if officer else {})}
            entry = self.log.append(tx, Entry(Kind.RECEIVED, at, facts))
            received = Received(ACCEPTED, kept.id, kept.peer, *fields, entry=entry, defects=arrived.defects)
            boxes.accept_after_all(tx, kept.id, at=at)
            self.effect(tx, received)
            return received

        return self.store.write(act)

    def _order(self, tx: Connection, header: Header, before: Place, message: str) -> Fault | None:
        """Gaps and forks: what is missing is asked for, what contradicts is never taken."""
        if header.lane == UNSTORED:
            return None  # it left from memory: it has no place before or after anything
        expected = before.sequence + 1
        if header.sequence > expected:
            return Fault("sequence", f"message {expected} is missing; {header.sequence} came")
        if header.sequence < expected or header.previous != before.last:
            other = boxes.at_place(tx, header.sender, header.lane, header.sequence) or before.last
            return Fault("fork", f"place {header.sequence} is held by {other}; {message} claims it too")
        return None

    def _same_ledger(self, tx: Connection, header: Header) -> Fault | None:
        """Two roots of one size are two histories: the partner shows us another ledger than before."""
        held = tx.execute(_HEAD_HELD, {"n": header.sender}).one()
        if held.head_size and header.head.size == held.head_size and header.head.root != held.head_root:
            return Fault("split_view", f"at size {held.head_size} its ledger had another root")
        return None

    def _raise(self, tx: Connection, odd: Fault, header: Header, at: datetime) -> None:
        kind = "gap" if odd.reason == "sequence" else odd.reason
        boxes.raise_alarm(tx, kind, peer=header.sender, about=header.lane, says=odd.says, at=at)

    def _reject(self, tx: Connection, arrived: Arrived, fault: Fault, at: datetime) -> Received:
        """Nothing is believed of it: a ledger entry, and nothing else."""
        sender = arrived.envelope.header.sender if arrived.envelope else ""
        told = fault.reason if fault.reason != "split_view" else "fork"
        facts: dict[str, Any] = {
            "content": digest(arrived.raw),
            "outcome": "rejected",
            "reason": fault.reason,
        }
        entry = self.log.append(tx, Entry(Kind.REFUSED, at, facts))
        claimed = claimed_distress(arrived.raw)
        if claimed and find_peer(tx, claimed):
            says = f"an unreadable distress from {claimed}: ring (register number {entry})"
            boxes.raise_alarm(tx, "unreadable_distress", peer=claimed, about=claimed, says=says, at=at)
        return Received("rejected", peer=sender, reason=told, says=fault.says)

    # -- in: whole --------------------

    def accept(self, raws: Sequence[bytes]) -> list[tuple[Received | StoreError, bytes]]:
        """Take several messages in order, in one group; each with the receipt that answers it, if it has one.

        A distress call that the store cannot confirm in time is handed to `on_distress` first and logged when
        it can.
        """
        arrivals = [self.arrive(raw) for raw in raws]
        for peer in sorted({one.card.facts.node for one in arrivals if one.card}):
            self.on_heard(peer)
        outcomes = [
            self._outcome(one, answer) for one, answer in zip(arrivals, self._submit(arrivals), strict=True)
        ]
        ids = [one.message for one in outcomes if isinstance(one, Received) and one.message]
        receipts = self._receipts(ids) if ids else {}
        return [
            (one, receipts.get(one.message, b"") if isinstance(one, Received) else b"") for one in outcomes
        ]

    def _submit(self, arrivals: Sequence[Arrived]) -> list[Future[Received]]:
        try:
            return self.store.submit([self._act(one) for one in arrivals])
        except StoreError as fault:
            return [_failed(fault) for _ in arrivals]

    def _act(self, arrived: Arrived) -> Callable[[Connection], Received]:
        return lambda tx: self.receive(tx, arrived)

    def _outcome(self, arrived: Arrived, answer: Future[Received]) -> Received | StoreError:
        """What became of it. Whatever keeps a distress call from being recorded, it is shown first."""
        rescue = arrived.envelope is not None and arrived.envelope.header.lane in RESCUE_LANES
        rescue = rescue and not arrived.fault
        try:
            fault = answer.exception(DISTRESS_WAIT_S if rescue else None)
        except TimeoutError:
            fault = StoreError("the store has not confirmed in time")
        received = None if fault else answer.result()
        tried = received is not None and (received.outcome == "later" or _without_effect(received))
        if rescue and (received is None or tried):
            self._show_first(arrived)
        if received is not None:
            return received
        return fault if isinstance(fault, StoreError) else StoreError(f"it could not be recorded: {fault}")

    def _show_first(self, arrived: Arrived) -> None:
        """A life at risk: show and sound it now, log it when the store can."""
        envelope = arrived.envelope
        assert envelope is not None
        self._unlogged[envelope.id] = arrived
        self._show(arrived)

    def _show(self, arrived: Arrived) -> None:
        envelope = arrived.envelope
        assert envelope is not None
        fields = (arrived.letter, arrived.body, arrived.decided)
        self.on_distress(
            Received(
                ACCEPTED, envelope.id, envelope.header.sender, *fields, defects=arrived.defects, logged=False
            )
        )

    def log_what_was_shown(self) -> int:
        """Try again to record the distress calls that were shown, or left, before the store could write.
        Returns how many wait.
        """
        self._show_again()
        for message, arrived in list(self._unlogged.items()):
            try:
                received = self.store.write(self._act(arrived))
            except StoreError:
                break
            except CordialeError as fault:
                self._unrecorded(arrived.envelope.header.sender if arrived.envelope else "", message, fault)
                continue
            if received.outcome != "later":
                self._unlogged.pop(message, None)
        for call in self.unstored.waiting():
            try:
                self.store.write(partial(self._log_unstored, call=call))
            except StoreError:
                break
            except CordialeError as fault:
                self._unrecorded(call.prepared.node, call.message, fault)
                continue
            self.unstored.logged(call)
        return len(self._unlogged) + len(self.unstored.waiting())

    def _unrecorded(self, peer: str, message: str, fault: CordialeError) -> None:
        """One call that cannot be recorded as it is: a person is told once, and the others go on."""
        if message in self._told:
            return
        says = f"a distress call cannot be recorded ({type(fault).__name__}); it stays on the screen"
        try:
            self.store.write(
                lambda tx: boxes.raise_alarm(
                    tx, "unrecorded", peer=peer, about=message, says=says, at=self.moment()
                )
            )
        except StoreError:
            return  # it is told on the next round
        self._told.add(message)

    def _show_again(self) -> None:
        """After a start, distress that was set aside and that nobody has looked at is shown again."""
        if self._shown_again:
            return
        self._shown_again = True
        for raw in self.store.read(boxes.distress_aside):
            arrived = self.arrive(raw)
            if arrived.envelope is not None:
                self._show(arrived)

    def _receipts(self, messages: Iterable[str]) -> dict[str, bytes]:
        c = tables.inbox.c
        query = select(c.id, c.receipt).where(c.id.in_(list(messages)))
        return {
            row.id: row.receipt for row in self.store.read(lambda tx: tx.execute(query).all()) if row.receipt
        }

    # -- the end of a group --------------------

    def _close_group(self, tx: Connection) -> None:
        ending = Closing(self.log, self.identity, self.moment)
        ending.sign_posted(tx)
        ending.sign_receipts(tx)
        self._mark_time(tx)

    def covered(self, tx: Connection, row: Any) -> bool:
        """Whether the ledger holds a decision that lets exactly these bytes leave."""
        return closing.covered(tx, self.log, row)

    def stop(self, tx: Connection, row: Any) -> None:
        """A row in the outbox that nobody decided: it stays where it is, and an alarm is raised."""
        closing.stop(tx, self.log, row, at=self.moment())

    def _mark_time(self, tx: Connection) -> None:
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


_HEAD_HELD: Final = select(tables.peer.c.head_size, tables.peer.c.head_root).where(
    tables.peer.c.node == bindparam("n")
)


def _failed(fault: StoreError) -> Future[Received]:
    answer: Future[Received] = Future()
    answer.set_exception(fault)
    return answer


def _without_effect(received: Received) -> bool:
    return any(one.startswith("effect:") for one in received.defects)


def _latest_moment(tx: Connection) -> datetime | None:
    return tx.execute(select(tables.clock_mark.c.latest_at).where(tables.clock_mark.c.id == 1)).scalar()
