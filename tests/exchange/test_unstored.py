"""Does a distress call leave although our own store cannot write, and is it recorded when it can?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import ExchangeError, StoreError, StoreFull
from cordiale.exchange import boxes, unstored
from cordiale.exchange.message import UNSTORED
from cordiale.ledger import Commitment
from tests.exchange.partners import Partner, outgoing, two
from tests.exchange.test_delivery import GATE, distress, kinds, sound, states


def fill(one: Partner) -> None:
    """Leave the database no page to grow by: every further write meets a full disk."""
    one.store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1"))


def empty(one: Partner) -> None:
    one.store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1073741823"))


def full_pair(tmp_path: Path) -> tuple[Partner, Partner, Any]:
    uk, fr, wire = two(tmp_path, uk=GATE, fr=GATE)
    uk.point.dispatch(outgoing())
    uk.courier.round()
    fr.effects.clear()
    fill(uk)
    for _ in range(50):  # what the last page still holds is used up
        try:
            uk.point.dispatch(outgoing())
        except StoreFull:
            break
    else:
        raise AssertionError("the disk was never full")
    return uk, fr, wire


def test_on_a_full_disk_an_ordinary_message_is_refused_in_plain_words_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    uk, fr, _ = full_pair(tmp_path)
    before = uk.store.read(lambda tx: len(boxes.outbox(tx, limit=500)))
    with pytest.raises(StoreFull, match="no room left on disk; nothing was lost, nothing new was accepted"):
        uk.point.dispatch(outgoing())
    assert uk.store.read(lambda tx: len(boxes.outbox(tx, limit=500))) == before
    empty(uk)
    uk.point.dispatch(outgoing())
    while uk.courier.round():
        pass
    assert set(states(uk)) == {"delivered"} and len(fr.effects) == before
    sound(uk, fr)


def test_on_a_full_disk_a_distress_call_leaves_at_once_and_is_recorded_when_there_is_room(
    tmp_path: Path,
) -> None:
    uk, fr, _ = full_pair(tmp_path)
    sent = uk.point.dispatch(distress())
    assert (sent.logged, sent.entry) == (False, -1) and sent.message
    uk.courier._carry_unstored()
    (received,) = [one for one in fr.effects if one.letter.type == "distress_incident"]
    assert received.message == sent.message and any(one.startswith("unstored:") for one in received.defects)
    assert uk.point.log_what_was_shown() == 1, "there is no room yet"
    uk.courier._carry_unstored()
    empty(uk)
    assert uk.point.log_what_was_shown() == 0
    uk.clock.step(10)
    while uk.courier.round():
        pass
    assert set(states(uk)) == {"delivered"}
    row = next(row for row in uk.store.read(boxes.outbox) if row.lane == UNSTORED)
    assert (row.id, row.receipt is not None) == (sent.message, True)
    calls = [one for one in fr.effects if one.letter.type == "distress_incident"]
    assert len(calls) == 1, "it took effect once"
    entry = uk.store.read(lambda tx: uk.point.log.entry(tx, row.decision))
    assert entry.facts["lane"] == UNSTORED and entry.facts["message"] == sent.message
    sound(uk, fr)


def test_a_room_that_sends_again_when_there_is_room_records_the_call_that_left_and_sends_no_second(
    tmp_path: Path,
) -> None:
    uk, fr, _ = full_pair(tmp_path)
    prepared = uk.point.prepare(distress())
    with pytest.raises(StoreError):
        uk.store.write(lambda tx: uk.point.send(tx, prepared))
    first = uk.point.send_unstored(prepared)
    assert uk.point.send_unstored(prepared).message == first.message
    empty(uk)
    uk.clock.step(3600)  # a decision of an hour ago: it left then, and is not asked again
    again = uk.store.write(lambda tx: uk.point.send(tx, prepared))
    assert again.message == first.message and again.entry >= 0
    assert uk.store.write(lambda tx: uk.point.send(tx, prepared)).entry == again.entry
    while uk.courier.round():
        pass
    assert len([one for one in fr.effects if one.letter.type == "distress_incident"]) == 1


def test_a_partner_out_of_reach_is_called_again_within_seconds(tmp_path: Path) -> None:
    uk, fr, wire = full_pair(tmp_path)
    wire.down.add("fr-lille")
    uk.point.dispatch(distress())
    uk.courier._carry_unstored()
    wire.down.clear()
    uk.courier._carry_unstored()
    assert fr.effects == [], "not due yet: the partner is not hammered"
    uk.clock.step(5)
    uk.courier._carry_unstored()
    assert len(fr.effects) == 1
    uk.clock.step(5)
    carried = len(wire.carried)
    uk.courier._carry_unstored()
    assert len(wire.carried) == carried, "a receipt has come: it is not sent again"


def test_a_reply_that_is_no_receipt_does_not_end_the_calling(tmp_path: Path) -> None:
    uk, _, wire = full_pair(tmp_path)
    uk.point.dispatch(distress())
    real = wire.doors["fr-lille"]
    for answer in ((503, b""), (200, b"\0\0\0\1L"), (200, b"\0\0\0\2Rx"), (200, b"\0")):
        wire.doors["fr-lille"] = lambda path, body, one=answer: one
        uk.courier._carry_unstored()
        uk.clock.step(5)
        assert len(uk.point.unstored.to_carry(uk.clock.now())) == 1
    wire.doors["fr-lille"] = real
    uk.courier._carry_unstored()
    assert uk.point.unstored.to_carry(uk.clock.now()) == []


def test_nothing_but_distress_leaves_before_it_is_recorded() -> None:
    uk, _, _ = two()
    with pytest.raises(ExchangeError, match="only a distress call"):
        uk.point.send_unstored(uk.point.prepare(outgoing()))
    assert uk.point.unstored.waiting() == [] and kinds(uk) == []


def test_memory_is_bounded_and_what_is_recorded_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unstored, "HELD_MAX", 2)
    uk, _, _ = two(uk=GATE, fr=GATE)
    calls = [uk.point.prepare(distress()) for _ in range(3)]
    for one in calls[:2]:
        uk.point.send_unstored(one)
    with pytest.raises(ExchangeError, match="radio and telephone"):
        uk.point.send_unstored(calls[2])
    uk.point.log_what_was_shown()
    assert uk.point.send_unstored(calls[2]).message


def test_a_running_courier_carries_a_call_from_memory_by_itself(tmp_path: Path) -> None:
    uk, fr, _ = full_pair(tmp_path)
    courier = uk.courier.start()
    try:
        uk.point.dispatch(distress())
        import time

        until = time.monotonic() + 10
        while not fr.effects and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        courier.close()
    assert [one.letter.type for one in fr.effects][:1] == ["distress_incident"]


def test_a_store_that_has_stopped_for_good_stops_no_distress_call(tmp_path: Path) -> None:
    uk, fr, _ = two(tmp_path, uk=GATE, fr=GATE)
    uk.store._broken = StoreError("the disk did not confirm a write")
    sent = uk.point.dispatch(distress())
    uk.courier._carry_unstored()
    assert [one.message for one in fr.effects] == [sent.message]
    with pytest.raises(StoreError, match="did not confirm"):
        uk.point.dispatch(outgoing())


def test_a_slip_holds_all_that_is_needed_to_carry_and_record_the_call_and_no_more_than_once(
    tmp_path: Path,
) -> None:
    uk, fr, _ = full_pair(tmp_path)
    spool = MemorySpool()
    uk.point.unstored.spool = spool
    sent = uk.point.dispatch(distress())
    assert sent.kept and len(spool.slips) == 1
    fresh = unstored.Unstored()
    assert fresh.recover(spool, uk.point.gate) == 1
    (call,) = fresh.waiting()
    (first,) = uk.point.unstored.waiting()
    assert call.to_bytes() == first.to_bytes(), "the same bytes at every try, in every life"
    for one in (call.prepared, first.prepared):  # each life commits under a salt of its own
        salt = one.secrets["question"].salt
        assert one.facts["decision"] == Commitment.to("decision", one.decided.digest, salt=salt).digest
    own = {"decision": call.prepared.facts["decision"]}
    assert call.prepared.facts == {**first.prepared.facts, **own}
    empty(uk)
    assert uk.point.log_what_was_shown() == 0 and spool.slips == {} and fr


def test_a_slip_that_cannot_be_read_stays_and_stops_no_other(tmp_path: Path) -> None:
    uk, _, _ = full_pair(tmp_path)
    spool = MemorySpool()
    uk.point.unstored.spool = spool
    uk.point.dispatch(distress())
    spool.slips["call-bad"] = b'{"at":1}'
    spool.slips["call-worse"] = b"\xff"
    assert unstored.Unstored().recover(spool, uk.point.gate) == 1 and "call-bad" in spool.slips


def test_a_call_that_even_the_spool_cannot_keep_leaves_all_the_same_and_says_so(tmp_path: Path) -> None:
    uk, fr, _ = full_pair(tmp_path)
    uk.point.unstored.spool = MemorySpool(is_full=True)
    sent = uk.point.dispatch(distress())
    assert not sent.kept
    uk.courier._carry_unstored()
    assert [one.message for one in fr.effects] == [sent.message]


@dataclass
class MemorySpool:
    """A spool that is a mapping."""

    slips: dict[str, bytes] = field(default_factory=dict)
    is_full: bool = False

    def keep(self, name: str, raw: bytes) -> bool:
        if not self.is_full:
            self.slips[name] = raw
        return not self.is_full

    def drop(self, name: str) -> None:
        self.slips.pop(name, None)

    def kept(self, kind: str) -> list[tuple[str, bytes]]:
        return [(name, raw) for name, raw in self.slips.items() if name.startswith(kind)]
