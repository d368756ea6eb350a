"""Does the courier carry the stored bytes in order, batch behind batch, and only what a decision covers?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from cordiale.errors import InputError
from cordiale.exchange import boxes, courier, tables
from cordiale.exchange.closing import covered_all
from cordiale.exchange.courier import stored, stored_reference
from cordiale.exchange.service import MESSAGES, split
from cordiale.exchange.stages import Received
from tests.attack.test_exchange_cheating import raws
from tests.exchange.partners import LoopWire, Partner, outgoing, two
from tests.exchange.test_delivery import sound, states


def rows(uk: Partner) -> Any:
    return uk.store.read(
        lambda tx: tx.execute(select(tables.outbox).order_by(tables.outbox.c.position)).all()
    )


def posts(wire: LoopWire) -> list[int]:
    """How many messages each POST held."""
    return [len(split(body)) for _, path, body in wire.carried if path == MESSAGES]


def post(uk: Partner, count: int) -> None:
    prepared = [uk.point.prepare(outgoing()) for _ in range(count)]
    uk.store.write(lambda tx: uk.point.send_all(tx, prepared))


def test_the_bytes_put_together_are_those_of_an_envelope_that_was_read_and_written() -> None:
    uk, _, _ = two()
    for count in (1, 5):
        post(uk, count)
    assert len(rows(uk)) == 6
    for row in rows(uk):
        assert stored(row) == stored_reference(row)


def test_batch_follows_batch_in_order_while_receipts_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "BATCH_MAX", 3)
    uk, fr, wire = two()
    post(uk, 10)
    assert uk.courier._carry_run("fr-lille", "main") == 10
    assert posts(wire) == [3, 3, 3, 1] and states(uk) == ["delivered"] * 10
    assert [one.sequence for one in reversed(fr.store.read(boxes.inbox))] == list(range(1, 11))
    sound(uk, fr)


def test_a_full_batch_that_is_not_all_receipted_is_settled_before_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier, "BATCH_MAX", 3)
    uk, fr, wire = two()
    tries = iter([KeyError("in the run"), KeyError("by itself"), None])

    def effect(_: Any, received: Received) -> None:
        if received.letter and received.letter.reference == "hard" and (fault := next(tries, None)):
            raise fault

    post(uk, 1)
    uk.point.dispatch(outgoing(reference="hard"))
    post(uk, 5)
    fr.point.effect = effect
    assert uk.courier._carry_run("fr-lille", "main") == 1 and posts(wire) == [3]
    uk.clock.step(400)
    while uk.courier._carry_run("fr-lille", "main"):
        pass
    assert states(uk) == ["delivered"] * 7
    sound(uk, fr)


@pytest.mark.parametrize("count", [2, 5])
def test_full_batches_for_a_partner_that_is_down_wait_and_lie_before_nobody(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "BATCH_MAX", 2)
    uk, fr, wire = two()
    post(uk, count)
    wire.down.add("fr-lille")
    assert uk.courier._carry_run("fr-lille", "main") == 0
    assert states(uk) == ["waiting"] * count and uk.store.read(boxes.failures) == []
    assert uk.store.read(boxes.alarms) == []
    wire.down.clear()
    uk.clock.step(400)
    while uk.courier._carry_run("fr-lille", "main"):
        pass
    assert states(uk) == ["delivered"] * count
    sound(uk, fr)


def test_a_receipt_that_does_not_hold_stops_its_own_batch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "BATCH_MAX", 2)
    uk, fr, wire = two()
    post(uk, 4)
    door, spoiled = wire.doors["fr-lille"], iter([True])

    def spoil(path: str, body: bytes, **known: Any) -> tuple[int, bytes]:
        status, answer = door(path, body, **known)
        return status, answer.replace(b"accepted", b"acceptEd", 1) if next(spoiled, False) else answer

    wire.doors["fr-lille"] = spoil
    uk.courier._carry_run("fr-lille", "main")
    assert states(uk) == ["waiting", "waiting", "delivered", "delivered"]
    uk.clock.step(400)
    uk.courier._carry_run("fr-lille", "main")
    assert states(uk) == ["delivered"] * 4
    assert len(fr.store.read(boxes.inbox)) == 4, "what came twice is taken once"


@pytest.mark.parametrize("gone", [{"sealed": b""}, {"state": "withdrawn"}])
def test_what_is_destroyed_while_the_batch_before_it_is_under_way_does_not_leave(
    gone: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "BATCH_MAX", 2)
    uk, fr, wire = two()
    post(uk, 4)
    door, first = wire.doors["fr-lille"], iter([True])

    def destroy(path: str, body: bytes, **known: Any) -> tuple[int, bytes]:
        if next(first, False):
            third = update(tables.outbox).where(tables.outbox.c.sequence == 3).values(gone)
            uk.store.write(lambda tx: tx.execute(third))
        return door(path, body, **known)

    wire.doors["fr-lille"] = destroy
    behind = [[3, 4], [4]]["state" in gone]
    monkeypatch.setattr(boxes, "still_waiting", told := _Noted(boxes.still_waiting))
    uk.courier._carry_run("fr-lille", "main")
    assert told.asked == [([3, 4], False)], "they were read ahead, and looked at again before they left"
    assert [one.sequence for one in reversed(fr.store.read(boxes.inbox))] == [1, 2]
    assert [row.sequence for row in rows(uk) if row.state == "waiting"] == behind


def test_where_all_that_waits_is_under_way_nothing_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    uk, fr, _ = two()
    post(uk, 2)
    read: list[int] = []
    real = courier.Courier._due

    def noted(one: courier.Courier, peer: str, lane: str, *, after: int = 0) -> list[Any]:
        read.append(after)
        return real(one, peer, lane, after=after)

    monkeypatch.setattr(courier.Courier, "_due", noted)
    assert uk.courier._carry_run("fr-lille", "main") == 2
    assert read == [0] and len(fr.store.read(boxes.inbox)) == 2
    post(uk, 3)
    monkeypatch.setattr(courier, "BATCH_MAX", 2)
    assert uk.courier._carry_run("fr-lille", "main") == 3
    assert read[1:] == [0, 4], "and where more waits, it is"


class _Noted:
    """Notes what was asked, and what was answered."""

    def __init__(self, asks: Any) -> None:
        self.asks, self.asked = asks, []

    def __call__(self, tx: Any, rows: Any) -> bool:
        answer = self.asks(tx, rows)
        self.asked.append(([row.sequence for row in rows], answer))
        return bool(answer)


@pytest.mark.parametrize("leaf", ["'text in place of bytes'", "X'7B7D'", "X'00'"])
def test_a_leaf_that_cannot_be_read_covers_nothing_and_stops_nothing_else(leaf: str) -> None:
    uk, _, _ = two()
    raws(uk, 3)
    uk.store.write(
        lambda tx: tx.exec_driver_sql(f"UPDATE ledger_entries SET leaf={leaf} WHERE entry_index=1")
    )
    them = rows(uk)
    assert uk.store.read(lambda tx: covered_all(tx, uk.point.log, them)) == [True, False, True]


def test_a_decision_that_says_refuse_or_names_another_partner_covers_nothing() -> None:
    uk, _, _ = two()
    raws(uk, 1)
    (leaf,) = uk.store.read(lambda tx: list(uk.point.log.leaves(tx, 0, 1).values()))
    for old, new in ((b'"permit"', b'"refuse"'), (b'"fr-lille"', b'"be-ostend"'), (b'"sent"', b'"received"')):
        assert old in leaf
        changed = leaf.replace(old, new)
        uk.store.write(lambda tx, c=changed: tx.exec_driver_sql("UPDATE ledger_entries SET leaf=?", (c,)))
        them = rows(uk)
        assert uk.store.read(lambda tx, t=them: covered_all(tx, uk.point.log, t)) == [False]


def test_input_errors_of_a_room_are_refusals_for_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "BATCH_MAX", 2)
    uk, fr, _ = two()

    def effect(_: Any, received: Received) -> None:
        raise InputError("no room takes this")

    fr.point.effect = effect
    post(uk, 5)
    assert uk.courier._carry_run("fr-lille", "main") == 5
    assert states(uk) == ["refused"] * 5 and len(uk.store.read(boxes.failures)) == 5


class Begun:
    """Stands for the carriers: what a turn gives them is noted, and done at once."""

    def __init__(self) -> None:
        self.lanes: list[str] = []

    def submit(self, act: Any, *args: Any) -> None:
        self.lanes += args[1:]
        act(*args)


def test_what_is_posted_during_a_post_goes_behind_it_while_its_receipts_are_settled() -> None:
    uk, fr, wire = two()
    more, door = iter([2, 3]), wire.doors["fr-lille"]

    def opens(path: str, body: bytes) -> tuple[int, bytes]:
        if count := next(more, 0):
            post(uk, count)
        return door(path, body)

    wire.doors["fr-lille"] = opens
    post(uk, 1)
    assert uk.courier._carry_run("fr-lille", "main") == 6
    assert posts(wire) == [1, 2, 3] and states(uk) == ["delivered"] * 6
    assert [one.sequence for one in reversed(fr.store.read(boxes.inbox))] == list(range(1, 7))
    sound(uk, fr)


def test_a_receipt_that_closes_a_row_begins_no_turn_and_a_posted_message_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uk, _, _ = two()
    looks, lanes = list[int](), courier.Courier._lanes

    def counted(self: courier.Courier) -> set[tuple[str, str]]:
        looks.append(1)
        return lanes(self)

    monkeypatch.setattr(courier.Courier, "_lanes", counted)
    uk.store.after_commit(uk.courier._posted)
    post(uk, 2)
    assert uk.courier._wake.is_set()
    uk.courier._wake.clear()
    carriers: Any = Begun()
    uk.courier._busy.add(courier.BESIDE)
    uk.courier._turn(carriers, carriers, quiet=False)
    assert states(uk) == ["delivered"] * 2 and carriers.lanes == ["main"] and len(looks) == 1
    assert not uk.courier._wake.is_set(), "closing them was a commit of our own"
    uk.courier._turn(carriers, carriers, quiet=False)
    assert len(looks) == 1, "nothing was posted since"
    uk.courier._turn(carriers, carriers)
    assert len(looks) == 2, "after a quiet while every lane is looked at: a wait may have ended"
    post(uk, 1)
    assert uk.courier._wake.is_set()


def test_what_was_posted_while_its_lane_was_busy_waits_for_no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    uk, _, _ = two()
    more = iter([1])

    def run(*_: Any) -> int:
        if count := next(more, 0):
            post(uk, count)
        return 0

    monkeypatch.setattr(courier.Courier, "_carry_run", run)
    uk.courier._due("fr-lille", "main")
    uk.courier._wake.clear()
    uk.courier._carry_all("fr-lille", "main")
    assert uk.courier._wake.is_set() and uk.courier._looked == -1
    uk.courier._due("fr-lille", "main")
    uk.courier._wake.clear()
    uk.courier._carry_all("fr-lille", "main")
    assert not uk.courier._wake.is_set(), "a lane that cannot be carried does not wake us for ever"


def test_a_partner_that_is_heard_of_makes_every_lane_be_looked_at() -> None:
    uk, _, wire = two()
    wire.down.add("fr-lille")
    post(uk, 1)
    uk.courier._carry_run("fr-lille", "main")
    uk.courier._looked = uk.store.version(boxes.OUTBOX)
    uk.courier._wake.clear()
    uk.courier.heard("fr-lille")
    assert uk.courier._looked == -1 and uk.courier._wake.is_set()
