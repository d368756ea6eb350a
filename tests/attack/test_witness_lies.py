"""What if one of two ledgers is not what the other node cosigned? Persons on both sides hear of it, once, and
nobody who is a third can raise it against somebody else. Invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from cordiale.exchange import boxes
from cordiale.ledger import AddCheckpoint, Kind
from cordiale.ledger.tables import witnessed
from cordiale.node import Node, exchange, witnessing
from cordiale.simulation import Simulation
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)


@pytest.fixture
def made() -> Iterator[Simulation]:
    with Simulation.of({"UK": ("nca",), "FR": ("oltim",)}, seed=3, at=NIGHT) as simulation:
        assert witnessing.ask_partners(simulation.nodes["UK"]) == 1
        yield simulation


def more(made: Simulation) -> None:
    """The UK's ledger grows."""
    made.send("UK/nca", intelligence(), "FR/oltim")
    made.step()
    made.settle()


def other_history(node: Node) -> None:
    """What this node cosigned of its partner's ledger was another one."""
    node.store.write(lambda tx: tx.execute(update(witnessed).values(root=b"\x07" * 32)))


def alarms(node: Node, kind: str) -> list[boxes.Alarm]:
    return [one for one in node.store.read(boxes.alarms) if one.kind == kind]


def test_a_ledger_that_does_not_follow_from_what_was_cosigned_alarms_both_sides(made: Simulation) -> None:
    uk, fr = made.nodes["UK"], made.nodes["FR"]
    other_history(fr)
    more(made)
    assert witnessing.ask_partners(uk) == 0
    assert [one.peer for one in alarms(fr, "split_view")] == [uk.id]
    assert [one.peer for one in alarms(uk, "ledger_doubted")] == [fr.id]


def test_it_is_told_once_a_day_and_lengthens_no_ledger_at_each_asking(made: Simulation) -> None:
    uk, fr = made.nodes["UK"], made.nodes["FR"]
    other_history(fr)
    more(made)
    for _ in range(4):
        witnessing.ask_partners(uk)
    for node in (uk, fr):
        told = node.store.read(lambda tx, one=node: list(one.log.entries(tx, kind=Kind.ALARM)))
        assert len(told) == 1
    exchange.settle_alarm(fr, alarms(fr, "split_view")[0].id, by="Invented Person")
    witnessing.ask_partners(uk)
    assert alarms(fr, "split_view") == [], "a person has looked at it today"
    made.clock.step(timedelta(days=2).total_seconds())
    witnessing.ask_partners(uk)
    assert len(alarms(fr, "split_view")) == 1, "and it is still so"


def test_a_third_node_raises_no_alarm_by_putting_a_wrong_proof_under_a_true_note(made: Simulation) -> None:
    uk, fr = made.nodes["UK"], made.nodes["FR"]
    more(made)
    uk.store.write(lambda tx: uk.log.checkpoint(tx, uk.contact.moment()))
    old = uk.store.read(lambda tx: uk.log.cosigned_size(tx, fr.keys.card.facts.ledger_origin))
    request = uk.store.read(lambda tx: witnessing._request(uk, tx, old=old))
    assert isinstance(request, AddCheckpoint)
    wrong = replace(request, proof=(b"\x01" * 32,) * max(len(request.proof), 1)).to_bytes()
    assert witnessing.answer(fr, wrong, by="frontex-frontex").startswith(b"422")
    assert alarms(fr, "split_view") == []
    assert witnessing.answer(fr, wrong, by=uk.id).startswith(b"422")
    assert len(alarms(fr, "split_view")) == 1, "its own connection: it answers for it"


def test_a_lying_witness_s_answers_of_any_size_are_read_and_forgotten(made: Simulation) -> None:
    uk, fr = made.nodes["UK"], made.nodes["FR"]
    more(made)
    for body in (
        b"",
        b"200\n",
        b"200\n" + b"x" * (1 << 20),
        b"409\n" + b"9" * 5000,
        b"409\n-1",
        b"\xff\n",
        b"422",
    ):
        fr_door = made.sea.services[fr.id]
        made.sea.services[fr.id] = lambda path, _, said=body: (200, said)
        assert witnessing.ask_partners(uk) == 0, body[:20]
        made.sea.services[fr.id] = fr_door
    assert witnessing.ask_partners(uk) == 1, "the true one is still taken"
