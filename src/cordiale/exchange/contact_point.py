"""The contact point of a node: the one place through which anything leaves or enters.

Out (sending.py): decide, copy out, seal; then give it its place, record it, post it. In (receiving.py):
verify, open, decide again of our own files; then find its place, record it, let it take effect. At the end of
each group one signature covers all that leaves and one checkpoint all receipts (closing.py).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from cordiale.errors import StoreError
from cordiale.exchange import closing, tables
from cordiale.exchange.arriving import Reader
from cordiale.exchange.calls import Calls
from cordiale.exchange.closing import Closing
from cordiale.exchange.footing import DISTRESS_WAIT_S, Effect, Footing, OnDistress
from cordiale.exchange.judging import Gate, Judged, Outgoing
from cordiale.exchange.peers import Peer
from cordiale.exchange.receiving import Receiving
from cordiale.exchange.sending import Sending
from cordiale.exchange.stages import Arrived, Identity, Prepared, Received, Sent
from cordiale.ledger import Log
from cordiale.store import Store
from cordiale.world import Chance, Clock

SIGNED_HELD_MAX: Final = 1024  # receipts in memory until their POST is answered: four full batches, 10 MB


class ContactPoint(Footing):
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
        super().__init__(
            store,
            log,
            identity,
            gate,
            clock=clock,
            chance=chance,
            effect=effect,
            on_distress=on_distress,
        )
        reader = Reader(store, self.cards, self.moment, self.partners, threading.local())
        self.sending = Sending(self)
        self.receiving = Receiving(self, reader)
        self.calls = Calls(self, self.receiving, self.sending)
        self._signed: OrderedDict[str, bytes] = OrderedDict()
        self._receipts_lock = threading.Lock()
        store.at_commit(self._close_group)

    def partner_of(self, certificate: bytes) -> str:
        """The active partner whose card names the issuer of a TLS certificate (DER), or ""."""
        return self.directory.partner_of(self.store, certificate)

    def partners(self) -> list[Peer]:
        """The active partners; while the store cannot be read, those that were active when it last could."""
        return self.directory.active(self.store)

    # -- out --------------------

    def preview(self, outgoing: Outgoing) -> Judged:
        """What the gate would answer now. Nothing is sealed, recorded or sent."""
        return self.sending.preview(outgoing)

    def prepare(self, outgoing: Outgoing) -> Prepared:
        """Decide, copy out what may leave, and seal it, outside any transaction. Raises RequestError for a
        malformed question and ExchangeError when no known node speaks for the recipient.
        """
        return self.sending.prepare(outgoing)

    def send(self, tx: Connection, prepared: Prepared) -> Sent:
        """Record the decision either way; if it lets something leave, post it. Raises Transient when the
        agreements changed or the decision is old: prepare it again.
        """
        return self.sending.send(tx, prepared)

    def send_all(self, tx: Connection, several: Sequence[Prepared]) -> list[Sent]:
        """`send` for each in its order, with one write a table for all of them; all of them or none."""
        return self.sending.send_all(tx, several)

    def dispatch(self, outgoing: Outgoing) -> Sent:
        """Prepare and send in one act of its own. A distress call that the store cannot record in time leaves
        all the same, and is recorded when it can.
        """
        return self.sending.dispatch(outgoing)

    def send_unstored(self, prepared: Prepared) -> Sent:
        """A decided distress call that the store cannot record leaves from memory. Raises ExchangeError for
        anything else.
        """
        return self.sending.send_unstored(prepared)

    # -- in --------------------

    def arrive(self, raw: bytes, *, by: str = "") -> Arrived:
        """Verify, open and judge what came; no fault is raised, it is written in `fault`. `by`: the partner
        over whose connection it came, "" when none was seen.
        """
        return self.receiving.arrive(raw, by=by)

    def receive(self, tx: Connection, arrived: Arrived) -> Received:
        """Find its place, record it, and let it take effect; or record why not, and change nothing else."""
        return self.receiving.receive(tx, arrived)

    def replay(self, failed_id: int, *, by: str, officer: str = "") -> Received:
        """Let something that came and was set aside take effect after all, by a named person. `officer`:
        opaque token for the ledger. Raises ExchangeError when it cannot be taken now.
        """
        return self.receiving.replay(failed_id, by=by, officer=officer)

    def accept(self, raws: Sequence[bytes], *, by: str = "") -> list[tuple[Received | StoreError, bytes]]:
        """Take several messages in order, in one group; each with the receipt that answers it, if it has one.

        A distress call that the store cannot confirm in time is handed to `on_distress` first and logged when
        it can.
        """
        arrivals = [self.arrive(raw, by=by) for raw in raws]
        for peer in sorted({one.card.facts.node for one in arrivals if one.card}):
            self.on_heard(peer)
        outcomes = self._outcomes(arrivals)
        ids = [one.message for one in outcomes if isinstance(one, Received) and one.message]
        receipts = self._receipts(ids) if ids else {}
        return [
            (one, receipts.get(one.message, b"") if isinstance(one, Received) else b"") for one in outcomes
        ]

    def _outcomes(self, arrivals: Sequence[Arrived]) -> list[Received | StoreError]:
        """What became of each: every distress call in an act of its own, first of all; the rest in one."""
        urgent = [self.calls.is_call(one) for one in arrivals]
        calls = [one for one, is_call in zip(arrivals, urgent, strict=True) if is_call]
        rest = [one for one, is_call in zip(arrivals, urgent, strict=True) if not is_call]
        acts: list[Callable[[Connection], Any]] = [self.receiving.act(one) for one in calls]
        acts.append(partial(self.receiving.receive_all, several=rest))
        try:
            answers: list[Future[Any]] = self.store.submit(acts)
        except StoreError as fault:
            answers = [_failed(fault) for _ in acts]
        shown = iter([self._outcome(one, answer) for one, answer in zip(calls, answers[:-1], strict=True)])
        taken = iter(_each(answers[-1], len(rest)))
        return [next(shown) if is_call else next(taken) for is_call in urgent]

    def _outcome(self, arrived: Arrived, answer: Future[Received]) -> Received | StoreError:
        """What became of it. Whatever keeps a distress call from being recorded, it is shown first."""
        rescue = self.calls.is_call(arrived)
        try:
            fault = answer.exception(DISTRESS_WAIT_S if rescue else None)
        except TimeoutError:
            fault = StoreError("the store has not confirmed in time")
        received = None if fault else answer.result()
        tried = received is not None and (received.outcome == "later" or _without_effect(received))
        if rescue and (received is None or tried):
            self.calls.show_first(arrived)
        return _told(received or fault)

    def _receipts(self, messages: Sequence[str]) -> dict[str, bytes]:
        """The receipts of what is durable: of the last groups from memory, of earlier ones from the store."""
        with self._receipts_lock:
            found = {one: self._signed.pop(one) for one in messages if one in self._signed}
        rest = [one for one in messages if one not in found]
        rows = self.store.read(lambda tx: tx.execute(_RECEIPTS, {"ids": rest}).all()) if rest else []
        return found | {row.id: row.receipt for row in rows if row.receipt}

    def log_what_was_shown(self) -> int:
        """Try again to record the distress calls that were shown, or left, before the store could write.

        Returns how many wait.
        """
        return self.calls.log_what_was_shown()

    def log_what_was_counted(self, *, all_of_it: bool = False) -> None:
        """Write down what was not believed and only counted so far, once its minute is over."""
        counted = self.receiving.unbelieved
        if counted.waits(all_of_it=all_of_it):
            self.store.write(lambda tx: counted.tell(tx, self.moment(), all_of_it=all_of_it))

    # -- the end of a group --------------------

    def _close_group(self, tx: Connection) -> None:
        ending = Closing(self.log, self.identity, self.moment)
        ending.sign_posted(tx)
        signed = ending.sign_receipts(tx)
        with self._receipts_lock:
            self._signed |= signed
            while len(self._signed) > SIGNED_HELD_MAX:
                self._signed.popitem(last=False)
        self.mark_time(tx)

    def covered(self, tx: Connection, row: Any) -> bool:
        """Whether the ledger holds a decision that lets exactly these bytes leave."""
        return closing.covered(tx, self.log, row)

    def stop(self, tx: Connection, row: Any) -> None:
        """A row in the outbox that nobody decided: it stays where it is, and an alarm is raised."""
        closing.stop(tx, self.log, row, at=self.moment())


_RECEIPTS: Final = select(tables.inbox.c.id, tables.inbox.c.receipt).where(
    tables.inbox.c.id.in_(bindparam("ids", expanding=True))
)


def _failed(fault: StoreError) -> Future[Any]:
    answer: Future[Any] = Future()
    answer.set_exception(fault)
    return answer


def _each(answer: Future[list[Received | Exception]], count: int) -> list[Received | StoreError]:
    fault = answer.exception()
    return [_told(fault)] * count if fault else [_told(one) for one in answer.result()]


def _told(outcome: Received | BaseException | None) -> Received | StoreError:
    """What was received; or a fault of the store, whatever it was: the partner will try again."""
    if isinstance(outcome, Received | StoreError):
        return outcome
    return StoreError(f"it could not be recorded: {outcome}")


def _without_effect(received: Received) -> bool:
    return any(one.startswith("effect:") for one in received.defects)
