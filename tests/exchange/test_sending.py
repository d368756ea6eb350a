"""Does a group of messages leave as each of them would by itself?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from cordiale.errors import Transient
from cordiale.exchange import boxes, copies, tables
from cordiale.exchange.boxes import OUT
from cordiale.exchange.message import Header
from cordiale.exchange.sending import PREPARED_MAX_S
from cordiale.ledger import Kind
from cordiale.seals import read_object
from tests.exchange.partners import ListGate, Partner, outgoing, two
from tests.exchange.test_delivery import GATE, distress, sound, states


def headers(uk: Partner) -> list[Header]:
    rows = uk.store.read(
        lambda tx: tx.execute(select(tables.outbox).order_by(tables.outbox.c.position)).all()
    )
    return [Header.from_json(read_object(row.header)) for row in rows]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_group_has_the_places_entries_and_copies_that_its_messages_would_have_one_by_one(
    at_once: bool,
) -> None:
    uk, fr, _ = two()
    prepared = [uk.point.prepare(outgoing(reference=f"note-{i}")) for i in range(5)]
    if at_once:
        sent = uk.store.write(lambda tx: uk.point.send_all(tx, prepared))
    else:
        sent = [uk.store.write(lambda tx, one=each: uk.point.send(tx, one)) for each in prepared]
    assert [one.sequence for one in headers(uk)] == [1, 2, 3, 4, 5]
    assert [one.previous for one in headers(uk)][1:] == [one.message for one in sent][:-1]
    assert [one.entry for one in sent] == [0, 1, 2, 3, 4]
    entries = uk.store.read(lambda tx: list(uk.point.log.entries(tx)))
    assert [(one.entry.kind, one.entry.facts["message"]) for one in entries] == [
        (Kind.SENT, one.message) for one in sent
    ]
    assert uk.store.read(lambda tx: boxes.place(tx, "fr-lille", "main", OUT)).last == sent[-1].message
    assert all(len(uk.store.read(lambda tx, m=one.message: copies.holders(tx, m))) == 1 for one in sent)
    assert uk.courier.round() == 5 and states(uk) == ["delivered"] * 5
    sound(uk, fr)


def test_what_the_gate_refuses_in_a_group_is_recorded_in_its_order_and_takes_no_place() -> None:
    uk, _, _ = two()
    good = [uk.point.prepare(outgoing()) for _ in range(2)]
    uk.point.gate, gate = ListGate(closed=True), uk.point.gate
    refused = uk.point.prepare(outgoing())
    uk.point.gate = gate
    several = [good[0], replace(refused, gate=gate), good[1]]
    sent = uk.store.write(lambda tx: uk.point.send_all(tx, several))
    assert [bool(one.message) for one in sent] == [True, False, True]
    assert [one.sequence for one in headers(uk)] == [1, 2]
    kinds = [one.entry.kind for one in uk.store.read(lambda tx: list(uk.point.log.entries(tx)))]
    assert kinds == [Kind.SENT, Kind.REFUSED, Kind.SENT]


def test_one_old_decision_in_a_group_keeps_all_of_it_back() -> None:
    uk, _, _ = two()
    old = uk.point.prepare(outgoing())
    uk.clock.step(PREPARED_MAX_S + 1)
    fresh = uk.point.prepare(outgoing())
    with pytest.raises(Transient, match="changed since"):
        uk.store.write(lambda tx: uk.point.send_all(tx, [fresh, old]))
    assert states(uk) == [] and uk.store.read(uk.point.log.head).size == 0


def test_distress_and_other_messages_of_a_group_stand_in_lanes_of_their_own() -> None:
    uk, _, _ = two(uk=GATE, fr=GATE)
    several = [uk.point.prepare(one) for one in (outgoing(), distress(), outgoing())]
    uk.store.write(lambda tx: uk.point.send_all(tx, several))
    assert [(one.lane, one.sequence) for one in headers(uk)] == [("main", 1), ("distress", 1), ("main", 2)]


def test_a_call_that_left_from_memory_is_recorded_as_that_one_in_a_group_too() -> None:
    uk, _, _ = two(uk=GATE, fr=GATE)
    call, note = uk.point.prepare(distress()), uk.point.prepare(outgoing())
    left = uk.point.send_unstored(call)
    sent: Any = uk.store.write(lambda tx: uk.point.send_all(tx, [call, note]))
    assert [one.message == left.message for one in sent] == [True, False]
    assert [one.lane for one in headers(uk)].count("unstored") == 1
