"""Is a run of messages taken exactly as each of them would be by itself, whatever is odd in its midst?"""

from __future__ import annotations

from typing import Any

import pytest

from cordiale.errors import InputError, StoreError
from cordiale.exchange import boxes, order
from cordiale.exchange.boxes import IN, Place
from cordiale.exchange.stages import Received
from cordiale.ledger import Kind
from cordiale.store import Attempt
from tests.attack.test_exchange_cheating import raws
from tests.exchange.partners import ListGate, Partner, two
from tests.exchange.test_delivery import sound

ODD = {
    "nothing": (lambda them: them, ["accepted"] * 6, 6),
    "one is missing": (lambda them: [*them[:2], *them[3:]], ["accepted"] * 2 + ["behind"] * 3, 2),
    "the first came before": (lambda them: [them[0], *them], ["accepted", "accepted", *["accepted"] * 5], 6),
    "one is no message": (lambda them: [*them[:3], b"{}", *them[3:]], [*["accepted"] * 3, "rejected"], 6),
    "two changed places": (
        lambda them: [them[0], them[2], them[1], *them[3:]],
        ["accepted", "behind", "accepted", *["behind"] * 3],
        2,
    ),
}


def id_of(fr: Partner, raw: bytes) -> str:
    envelope = fr.point.arrive(raw).envelope
    assert envelope is not None
    return envelope.id


@pytest.mark.parametrize("in_runs", [True, False])
@pytest.mark.parametrize("odd", ODD)
def test_a_run_is_taken_as_its_messages_would_be_one_by_one(
    odd: str, in_runs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_runs:
        monkeypatch.setattr(order, "run_of", lambda *_: (Place(0, ""), ()))
    uk, fr, _ = two()
    arrange, outcomes, place = ODD[odd]
    told = fr.point.accept(arrange(raws(uk, 6)))
    assert outcomes == [one.outcome for one, _ in told if isinstance(one, Received)][: len(outcomes)]
    for one, receipt in told:
        assert isinstance(one, Received) and bool(receipt) == (one.outcome == "accepted")
    assert fr.store.read(lambda tx: boxes.place(tx, "uk-calais", "main", IN)).sequence == place
    taken = [one.entry for one in fr.store.read(boxes.inbox)]
    assert len(taken) == place == len(set(taken))
    kinds = [one.entry.kind for one in fr.store.read(lambda tx: list(fr.point.log.entries(tx)))]
    assert kinds.count(Kind.RECEIVED) == place


@pytest.mark.parametrize("stopped", [0, 2, 5])
def test_an_effect_that_fails_in_a_run_undoes_nothing_of_the_others(stopped: int) -> None:
    uk, fr, _ = two()
    them = raws(uk, 6)
    ids = [id_of(fr, raw) for raw in them]

    def effect(_: Any, received: Received) -> None:
        if received.message == ids[stopped]:
            raise InputError("the room does not know this kind of note")

    fr.point.effect = effect
    told = fr.point.accept(them)
    outcomes = [one.outcome for one, _ in told if isinstance(one, Received)]
    assert outcomes == ["refused" if i == stopped else "accepted" for i in range(6)]
    assert all(receipt for _, receipt in told)
    assert [one.message for one in fr.store.read(boxes.failures)] == [ids[stopped]]


def test_what_our_own_program_breaks_on_is_answered_later_and_what_follows_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uk, fr, _ = two()
    them = raws(uk, 3)
    bad = id_of(fr, them[1])
    receive = type(fr.point.receiving).receive

    def sometimes(self: Any, tx: Any, arrived: Any) -> Received:
        if arrived.envelope.id == bad:
            raise LookupError("a mistake of our own")
        return receive(self, tx, arrived)

    monkeypatch.setattr(order, "run_of", lambda *_: (Place(0, ""), ()))
    monkeypatch.setattr(type(fr.point.receiving), "receive", sometimes)
    first, second, third = (one for one, _ in fr.point.accept(them))
    assert isinstance(first, Received) and first.outcome == "accepted"
    assert isinstance(second, StoreError) and "a mistake of our own" in str(second)
    assert isinstance(third, Received) and third.outcome == "behind"


def test_a_run_that_was_judged_by_other_agreements_is_judged_again_one_by_one() -> None:
    uk, fr, _ = two()
    arrived = [fr.point.arrive(raw) for raw in raws(uk, 3)]
    fr.point.gate = ListGate(closed=True)
    told = fr.store.write(lambda tx: fr.point.receiving.receive_all(tx, arrived))
    assert [one.outcome for one in told if isinstance(one, Received)] == ["refused"] * 3


def test_another_history_of_the_senders_ledger_ends_a_run() -> None:
    uk, fr, _ = two()
    them = [fr.point.arrive(raw) for raw in raws(uk, 4)]
    assert them[1].envelope is not None
    size = them[1].envelope.header.head.size
    fr.store.write(
        lambda tx: tx.exec_driver_sql(f"UPDATE exchange_peer SET head_size={size}, head_root='00'")
    )
    assert len(fr.store.read(lambda tx: order.run_of(tx, them, fr.point.gate))[1]) == 1


def test_a_duplicate_gets_the_same_receipt_from_memory_and_from_the_store() -> None:
    uk, fr, _ = two()
    them = raws(uk, 2)
    first = fr.point.accept(them)
    again = fr.point.accept(them)
    assert [receipt for _, receipt in first] == [receipt for _, receipt in again] and all(r for _, r in first)
    assert all(isinstance(one, Received) and one.duplicate for one, _ in again)


def test_a_run_leaves_no_savepoint_behind() -> None:
    uk, fr, _ = two()
    fr.point.accept(raws(uk, 3))

    def nested(tx: Any) -> None:
        with Attempt(tx):
            pass
        with pytest.raises(Exception, match="no such savepoint"):
            tx.exec_driver_sql("RELEASE SAVEPOINT attempt")

    fr.store.write(nested)
    carried(uk)
    sound(uk, fr)


def carried(uk: Partner) -> None:
    assert uk.courier.round() == 3
