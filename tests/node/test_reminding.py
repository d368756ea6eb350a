"""Reminders: 90, 30 and 7 days before something ends, once each, with what breaks on that day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cordiale.exchange import boxes
from cordiale.node import exchange, keeping, lapsing, reminding
from cordiale.node.node import Node
from cordiale.simulation import Simulation
from cordiale.web.notes import noted
from cordiale.web.words import say_in

ENDS = datetime(2029, 4, 1, 12, tzinfo=UTC)  # the border deal of the UK and France ends
ROUNDS_MAX = 200


def began(days_before: int) -> Simulation:
    sides = {"UK": ("border-force", "nca"), "FR": ("oltim",)}
    return Simulation.of(sides, seed=5, at=ENDS - timedelta(days=days_before))


@pytest.fixture
def made() -> Iterator[Simulation]:
    with began(100) as simulation:
        yield simulation


def node_of(made: Simulation) -> Node:
    return made.officer("UK/nca")[0]


def keep(node: Node) -> None:
    """Rounds of the keeper until it has nothing more to ask."""
    for _ in range(ROUNDS_MAX):
        keeping.keep(node)
        if not node.reminder.waiting:
            return
    raise AssertionError("the keeper never came to an end")


def told(node: Node) -> list[tuple[str, str]]:
    return [(one["about"], one["says"]) for one in exchange.alarms(node) if one["kind"] == reminding.KIND]


def test_a_hundred_days_before_nobody_is_reminded_of_it_but_of_the_calendars_that_end_first(
    made: Simulation,
) -> None:
    node = node_of(made)
    keep(node)
    ((about, says),) = told(node)
    assert about == "2029-01-01 (30)"
    assert "Bank holidays" in says and says.endswith("No provision was found that gives less from then on")


def test_at_ninety_thirty_and_seven_days_an_alarm_says_what_breaks() -> None:
    for left, step in ((90, 90), (31, 90), (30, 30), (7, 7)):
        with began(left) as made:
            node = node_of(made)
            keep(node)
            ((about, says),) = told(node)
            assert about == f"2029-04-01 ({step})"
            assert says == (
                "on 2029-04-01: UK-France border deal 2026-2029, announced at Dunkirk."
                " 1 provisions stop or give less from then on: uk-fr-2026-2029/programme"
            )


def test_each_reminder_comes_once_whoever_settles_it() -> None:
    with began(20) as made:
        node, officer = made.officer("UK/nca")
        keep(node)
        (alarm,) = [one for one in exchange.alarms(node) if one["kind"] == reminding.KIND]
        exchange.settle_alarm(node, alarm["id"], by=officer.name)
        node.reminder.looked = None  # as after a start of the node
        keep(node)
        assert told(node) == []
        assert node.store.read(lambda tx: boxes.ever_alarmed(tx, reminding.KIND)) == {"2029-04-01 (30)"}


def test_one_round_of_the_keeper_asks_about_one_agreement_at_most() -> None:
    with began(20) as made:
        node = node_of(made)
        keeping.keep(node)
        (asking,) = node.reminder.waiting
        left = len(asking.left)
        assert left == len(node.register.agreements)
        keeping.keep(node)
        assert len(asking.left) == left - 1


def test_a_clock_that_leapt_ahead_reminds_of_nothing_until_a_person_confirms_it(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = node_of(made)
    monkeypatch.setattr(type(node.contact), "has_leapt", lambda _: True)
    assert reminding.remind(node) is False
    assert node.reminder.looked is None


def test_what_does_not_touch_this_nodes_side_reminds_nobody() -> None:
    with Simulation.of({"RS": ("mup",)}, seed=5, at=ENDS - timedelta(days=20)) as made:
        node = made.officer("RS/mup")[0]
        keep(node)
        assert told(node) == []
        assert lapsing.coming(node) == []


def test_the_page_hears_of_the_day_without_asking_the_gate() -> None:
    with began(20) as made:
        found = lapsing.coming(node_of(made))
    assert found == [{"on": "2029-04-01", "what": "UK-France border deal 2026-2029, announced at Dunkirk"}]


def test_the_alarm_is_told_in_the_readers_language() -> None:
    says = "on 2029-04-01: a deal. 2 provisions stop or give less from then on: a/b, c/d"
    assert noted(say_in("fr"), says).startswith("le 2029-04-01 : a deal. 2 dispositions cessent")
    assert noted(say_in("fr"), "on 2029-04-01: a deal. No provision was found that gives less from then on")


def test_of_many_the_first_are_named_and_the_rest_counted() -> None:
    assert reminding._some(", ", ["a", "b", "c"], 2) == "a, b (+1)"
    assert reminding._some(", ", ["a", "b"], 2) == "a, b"
