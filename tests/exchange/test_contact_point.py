"""Does a message that breaks a room leave its lane free, and is a distress call shown whatever happens?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import ExchangeError, StoreError, Transient
from cordiale.exchange import boxes, contact_point, receiving
from cordiale.exchange.receiving import TRIES_MAX
from cordiale.ledger import Kind
from tests.exchange.partners import ListGate, Partner, note_of_practice, outgoing, two
from tests.exchange.test_delivery import GATE, distress, kinds, quality, sound, states

POISON = "poison-1"


def breaks(one: Partner, fault: Callable[[], Exception], *, reference: str = POISON) -> None:
    """From now on the room of `one` raises when it meets the message of this reference."""
    take = one.point.effect

    def effect(tx: Any, received: Any) -> None:
        take(tx, received)
        if received.letter.reference == reference:
            raise fault()

    one.point.effect = effect
    one.effects.clear()


def carry(uk: Partner, rounds: int) -> None:
    for _ in range(rounds):
        uk.courier.round()
        uk.clock.step(400)


@pytest.mark.parametrize("fault", [lambda: KeyError("leaf"), ZeroDivisionError, lambda: Transient("x")])
def test_what_breaks_a_room_is_tried_a_few_times_and_then_set_aside_and_blocks_nobody(fault: Any) -> None:
    uk, fr, _ = two()
    breaks(fr, fault)
    uk.point.dispatch(outgoing(reference=POISON))
    uk.point.dispatch(outgoing(reference="after-it"))
    carry(uk, TRIES_MAX - 1)
    assert states(uk) == ["waiting", "waiting"] and fr.store.read(boxes.inbox) == []
    assert fr.store.read(boxes.alarms) == [], "while it is tried again, nothing is missing"
    carry(uk, 2)
    assert states(uk) == ["refused", "delivered"]
    assert uk.store.read(boxes.outbox)[1].fault == "set_aside"
    (aside,) = fr.store.read(boxes.failures)
    assert aside.direction == "in" and aside.reason.startswith("set_aside: ")
    assert [one.kind for one in fr.store.read(boxes.alarms)] == ["poison"]
    assert kinds(fr) == ["refused", "received"]
    sound(uk, fr)


def test_what_comes_behind_a_poisoned_message_in_the_same_group_is_taken_with_it() -> None:
    uk, fr, _ = two()
    breaks(fr, lambda: KeyError("leaf"))
    for reference in (POISON, "b", "c"):
        uk.point.dispatch(outgoing(reference=reference))
    carry(uk, TRIES_MAX)
    assert states(uk) == ["refused", "delivered", "delivered"], "the third try needs no fourth for the others"


def test_a_passing_fault_is_forgotten_and_the_message_is_taken_once() -> None:
    uk, fr, _ = two()
    left = [1]

    def fault() -> Exception:
        return KeyError("once")

    breaks(fr, fault)
    broken = fr.point.effect

    def effect(tx: Any, received: Any) -> None:
        if left[0]:
            left[0] -= 1
            broken(tx, received)

    fr.point.effect = effect
    uk.point.dispatch(outgoing(reference=POISON))
    carry(uk, 2)
    assert states(uk) == ["delivered"] and fr.point.receiving.tries == {}
    assert fr.store.read(boxes.failures) == []


def test_a_person_replays_what_was_set_aside_and_its_sender_can_still_recall_it() -> None:
    uk, fr, _ = two()
    healthy = fr.point.effect
    breaks(fr, lambda: KeyError("leaf"))
    sent = uk.point.dispatch(outgoing(reference=POISON))
    carry(uk, TRIES_MAX)
    fr.effects.clear()
    (aside,) = fr.store.read(boxes.failures)
    with pytest.raises(KeyError):
        fr.point.replay(aside.id, by="Invented Duty Officer")
    assert [one.state for one in fr.store.read(boxes.failures)] == ["open"], (
        "a replay that fails changes nothing"
    )
    fr.point.effect = healthy
    fr.effects.clear()
    received = fr.point.replay(aside.id, by="Invented Duty Officer", officer="cd" * 8)
    assert received.message == sent.message and [one.message for one in fr.effects] == [sent.message]
    assert fr.store.read(boxes.inbox)[0].outcome == "accepted"
    entry = fr.store.read(lambda tx: fr.point.log.entry(tx, received.entry))
    assert entry.kind is Kind.RECEIVED and entry.facts["state"] == "replayed" and entry.facts["officer"]
    with pytest.raises(ExchangeError, match="nothing that came"):
        fr.point.replay(aside.id, by="Invented Duty Officer")
    sound(fr)


def test_a_message_set_aside_can_be_recalled_and_is_then_gone() -> None:
    from cordiale.exchange import notices
    from tests.exchange.test_delivery import applying

    uk, fr, _ = two()
    breaks(fr, lambda: KeyError("leaf"))
    sent = uk.point.dispatch(outgoing(reference=POISON))
    carry(uk, TRIES_MAX)
    fr.point.effect = applying(fr, lambda tx, received: None)
    notices.notify(uk.point, quality("recall", sent.message), sent.message)
    carry(uk, 1)
    held = fr.store.read(lambda tx: boxes.taken(tx, sent.message))
    assert held is not None and held.raw == b""
    (aside,) = [one for one in fr.store.read(boxes.failures) if one.message == sent.message]
    with pytest.raises(ExchangeError, match="nothing that came"):
        fr.point.replay(aside.id, by="Invented Duty Officer")


def test_what_our_gate_would_no_longer_take_is_not_replayed() -> None:
    uk, fr, _ = two()
    breaks(fr, lambda: KeyError("leaf"))
    uk.point.dispatch(outgoing(reference=POISON))
    carry(uk, TRIES_MAX)
    fr.point.gate = ListGate(closed=True)
    (aside,) = fr.store.read(boxes.failures)
    with pytest.raises(ExchangeError, match=r"cannot be taken: .*WA 4\(2\)"):
        fr.point.replay(aside.id, by="Invented Duty Officer")


class BrokenGate(ListGate):
    """A gate with a mistake in it: our own, not the sender's."""

    def decide(self, question: Any, at: Any) -> Any:
        raise KeyError("a mistake in our own file")


def test_a_mistake_of_our_own_while_reading_blocks_no_lane_either() -> None:
    uk, fr, _ = two(fr=BrokenGate())
    uk.point.dispatch(outgoing())
    carry(uk, TRIES_MAX - 1)
    assert states(uk) == ["waiting"]
    carry(uk, 1)
    assert states(uk) == ["refused"] and fr.effects == []
    assert [one.kind for one in fr.store.read(boxes.alarms)] == ["poison"]


def test_a_mistake_of_our_own_never_stops_a_distress_call() -> None:
    uk, fr, _ = two(uk=GATE, fr=BrokenGate())
    uk.point.dispatch(distress())
    carry(uk, 1)
    assert states(uk) == ["delivered"] and any("KeyError" in one for one in fr.effects[0].defects)


def test_a_distress_call_that_breaks_the_room_is_shown_first_and_recorded_as_it_came() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)

    def effect(tx: Any, received: Any) -> None:
        raise KeyError("rescue room")

    fr.point.effect = effect
    sent = uk.point.dispatch(distress())
    uk.courier.round()
    assert [(one.message, one.logged) for one in fr.shown] == [(sent.message, False)]
    fr.point.log_what_was_shown()
    assert fr.point.log_what_was_shown() == 0, "the third try records it without its effect"
    carry(uk, 2)
    assert states(uk) == ["delivered"], "a distress call is never refused"
    held = fr.store.read(boxes.inbox)[0]
    assert held.outcome == "accepted" and any(one.startswith("effect: KeyError") for one in held.defects)
    assert [one.kind for one in fr.store.read(boxes.alarms)] == ["poison"]
    assert [one.message for one in fr.store.read(boxes.failures)] == [sent.message]


def test_after_a_start_a_distress_call_that_was_set_aside_is_shown_again_until_a_person_has_looked() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    healthy = fr.point.effect

    def effect(tx: Any, received: Any) -> None:
        raise KeyError("rescue room")

    fr.point.effect = effect
    sent = uk.point.dispatch(distress())
    carry(uk, TRIES_MAX)
    fr.shown.clear()
    fr.point.calls._is_shown_again = False  # as after a start
    fr.point.log_what_was_shown()
    assert [one.message for one in fr.shown] == [sent.message]
    fr.point.effect = healthy
    fr.point.replay(fr.store.read(boxes.failures)[0].id, by="Invented Duty Officer")
    fr.shown.clear()
    fr.point.calls._is_shown_again = False
    fr.point.log_what_was_shown()
    assert fr.shown == [] and len(fr.effects) == 1


def test_when_not_even_the_ledger_can_be_written_nothing_is_acknowledged(monkeypatch: Any) -> None:
    uk, fr, _ = two()

    def broken(*_: Any) -> range:
        raise LookupError("the ledger cannot be read")

    monkeypatch.setattr(type(fr.point.log), "append_all", broken)
    uk_rows = uk.store.read(boxes.outbox)
    assert uk_rows == []
    monkeypatch.undo()
    uk.point.dispatch(outgoing())
    monkeypatch.setattr(type(fr.point.log), "append_all", broken)
    carry(uk, 1)
    assert states(uk) == ["waiting"] and fr.effects == [] and fr.store.read(boxes.inbox) == []
    monkeypatch.undo()
    carry(uk, 3)
    assert states(uk) == ["delivered"] or states(uk) == ["refused"]


def test_a_distress_call_is_shown_although_the_store_does_not_answer_in_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import threading

    uk, fr, _ = two(tmp_path, uk=GATE, fr=GATE)
    uk.point.dispatch(distress())
    monkeypatch.setattr(contact_point, "DISTRESS_WAIT_S", 0.05)
    hold = threading.Event()
    fr.store.submit([lambda tx: hold.wait(10)])
    assert uk.courier.round() == 0
    assert [one.logged for one in fr.shown] == [False]
    hold.set()
    carry(uk, 2)
    assert states(uk) == ["delivered"] and len(fr.effects) == 1


def test_an_old_decision_or_one_under_other_agreements_does_not_leave() -> None:
    uk, _, _ = two()
    prepared = uk.point.prepare(outgoing())
    uk.clock.step(301)
    with pytest.raises(Transient, match="changed since"):
        uk.store.write(lambda tx: uk.point.send(tx, prepared))
    prepared = uk.point.prepare(outgoing())
    uk.point.gate = ListGate()
    with pytest.raises(Transient):
        uk.store.write(lambda tx: uk.point.send(tx, prepared))
    assert states(uk) == []


def test_what_arrived_under_other_agreements_is_judged_again_before_it_is_taken() -> None:
    uk, fr, wire = two()
    uk.point.dispatch(outgoing())
    from tests.attack.test_exchange_cheating import raws

    arrived = fr.point.arrive(raws(uk)[0])
    fr.point.gate = ListGate(closed=True)
    received = fr.store.write(lambda tx: fr.point.receive(tx, arrived))
    assert received.outcome == "refused" and received.reason == "not_accepted" and wire.carried == []


def test_nobody_speaks_for_the_recipient_is_said_plainly() -> None:
    uk, _, _ = two()
    with pytest.raises(ExchangeError, match="no known node speaks for `FR/douane`"):
        uk.point.prepare(outgoing(recipient="FR/douane"))


def test_only_so_many_tries_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "TRYING_MAX", 1)
    uk, fr, _ = two()
    breaks(fr, lambda: KeyError("x"))
    uk.point.dispatch(outgoing(reference=POISON))
    carry(uk, 1)
    fr.point.receiving.tries[("somebody", "sha256:1")] = 1
    carry(uk, 1)
    assert len(fr.point.receiving.tries) <= 2


def test_a_body_that_no_reader_here_can_hold_is_refused_not_believed() -> None:
    _, fr, _ = two()
    ((received, receipt),) = fr.point.accept([b'{"header":{"lane":["a"]},"sealed":"","signature":{}}'])
    assert not isinstance(received, StoreError) and received.outcome == "rejected" and receipt == b""
    assert note_of_practice() is not None
