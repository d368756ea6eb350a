"""The keeper: what comes due is done page by page, and no fault of one turn ends the turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cordiale.errors import OpenError
from cordiale.exchange import boxes
from cordiale.node import keeping, papers, recalls, reports, serving, tables, waiting
from cordiale.simulation import Simulation
from cordiale.store import search
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)


@pytest.fixture
def made() -> Iterator[Simulation]:
    with Simulation.of({"UK": ("border-force", "nca"), "FR": ("oltim",)}, seed=3, at=NIGHT) as simulation:
        yield simulation
        assert simulation.audit() == []


def arrive(made: Simulation, count: int) -> None:
    for _ in range(count):
        made.send("FR/oltim", intelligence(), "UK/nca")
    made.step()
    made.settle()


# ------------------------------------------------------------------------------ the thread


@pytest.mark.parametrize(
    "fault", [OperationalError("SELECT", {}, Exception("too many SQL variables")), RuntimeError("a mistake")]
)
def test_a_turn_that_fails_raises_an_alarm_and_the_next_turn_comes(
    made: Simulation, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    node, _ = made.officer("UK/nca")
    turns, over, heard = [], threading.Event(), []

    def turn(_: Any) -> int:
        turns.append(1)
        if len(turns) == 1:
            raise fault
        over.set()
        return 0

    monkeypatch.setattr(serving, "KEEPER_S", 0.001)
    monkeypatch.setattr(keeping, "keep", turn)
    node.listeners.append(heard.append)
    keeper = threading.Thread(target=serving._keep, args=(node, over, serving.Signs(NIGHT), lambda: None))
    keeper.start()
    keeper.join(timeout=30)
    over.set()
    assert not keeper.is_alive() and len(turns) == 2
    assert type(fault).__name__ in node.store.read(boxes.alarms)[0].says
    assert "alarm" in heard


def test_an_alarm_that_cannot_be_raised_does_not_end_the_thread_either(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, _ = made.officer("UK/nca")
    turns, over = [], threading.Event()

    def turn(_: Any) -> int:
        turns.append(1)
        if len(turns) == 2:
            over.set()
        raise RuntimeError("a mistake")

    def full(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    monkeypatch.setattr(serving, "KEEPER_S", 0.001)
    monkeypatch.setattr(keeping, "keep", turn)
    monkeypatch.setattr(keeping, "alarm", full)
    keeper = threading.Thread(target=serving._keep, args=(node, over, serving.Signs(NIGHT), lambda: None))
    keeper.start()
    keeper.join(timeout=30)
    over.set()
    assert len(turns) == 2


def test_more_names_than_one_statement_takes_can_be_asked_for(made: Simulation) -> None:
    node, _ = made.officer("UK/nca")
    arrive(made, 1)
    keeping.keep(node)
    reference = reports.inbox(*made.officer("UK/nca"))[0].reference
    many = [f"nothing-{n}" for n in range(300_000)]
    assert node.store.read(lambda tx: search.known(tx, [*many, reference])) == {reference}
    ids = [*many, f"read_report/{reference}"]
    assert node.store.read(lambda tx: tables.tasks_known(tx, ids)) == {f"read_report/{reference}"}


# ------------------------------------------------------------------------------ retention


def test_the_sender_s_copy_goes_when_the_recipient_s_must(made: Simulation) -> None:
    node, _ = made.officer("FR/oltim")
    gate = node.contact.gate

    class Dated:
        """The real gate, with a day of erasure that travels."""

        def decide(self, question: Any, at: datetime) -> Any:
            answer = gate.decide(question, at)
            return {**answer, "travels": [*answer["travels"], {"erase_by": "2026-12-22T00:00:00+00:00"}]}

        def __getattr__(self, name: str) -> Any:
            return getattr(gate, name)

    node.contact.gate = Dated()
    arrive(made, 1)
    sent = reports.outbox(*made.officer("FR/oltim"))[0]
    there = reports.inbox(*made.officer("UK/nca"))[0]
    uk = made.officer("UK/nca")[0]
    theirs = papers.found(uk, there.reference).erase_by
    assert theirs is not None
    row = papers.found(node, sent.reference)
    assert row.erase_by == theirs and row.body is not None
    made.clock.step((theirs - made.clock.now() + timedelta(days=1)).total_seconds())
    reader = made.officer("UK/nca")[1]
    looked = {"purpose": "an invented check", "view": recalls.PRINT}
    reports.open_message(uk, reader, there.reference, **looked)
    mine = made.officer("FR/oltim")[1]
    reports.open_message(node, mine, sent.reference, **looked)
    assert recalls.mine(uk, reader) == [] == recalls.mine(node, mine)
    keeping.erase_due(node)
    keeping.erase_due(uk)
    for here, who in ((uk, reader), (node, mine)):
        (sheet,) = recalls.mine(here, who)
        assert sheet.act == "retention", "what may be kept no longer is not kept on paper either"
        assert "destroy_copy" in [one.kind for one in waiting.waiting(here, who)]
        recalls.settle(here, who, sheet.id, "destroyed")
        assert recalls.mine(here, who) == []
    with pytest.raises(OpenError, match="erased"):
        papers.draft_of(node, papers.found(node, sent.reference))
