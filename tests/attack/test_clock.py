"""What if the clock of the machine is wrong by a year, or is set while people work? Nothing is erased too
early in silence, nothing stays in the future once it is set right, and no session outlives its day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from cordiale.exchange import boxes
from cordiale.exchange.footing import AHEAD
from cordiale.exchange.tables import inbox
from cordiale.ledger import Kind
from cordiale.node import Node, exchange, found, keeping, open_node, papers, people, reports
from cordiale.node.audit import audit
from cordiale.node.home import Founding
from cordiale.node.outside import World
from cordiale.node.people import NewAccount
from cordiale.seals import ScryptCost
from cordiale.simulation import Simulation
from cordiale.world import SteppedClock, SystemChance, SystemDisk
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
YEAR = timedelta(days=390)
PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"


@pytest.fixture
def made() -> Iterator[Simulation]:
    with Simulation.of({"UK": ("nca",), "FR": ("oltim",)}, seed=3, at=NIGHT) as simulation:
        simulation.send("FR/oltim", intelligence(), "UK/nca")
        simulation.step()
        simulation.settle()
        yield simulation
        assert simulation.audit() == []


def due(node: Node, days: int | None) -> None:
    """What came is to be erased then; or at no day, as its letter says."""
    due = update(inbox).values(erase_by=NIGHT + timedelta(days=days) if days else None)
    node.store.write(lambda tx: tx.execute(due))


def erased(node: Node) -> int:
    return node.store.read(lambda tx: len(list(node.log.entries(tx, kind=Kind.ERASURE))))


def alarmed(node: Node) -> list[boxes.Alarm]:
    return [one for one in node.store.read(boxes.alarms) if one.kind == AHEAD]


def test_a_clock_that_leaps_years_ahead_erases_nothing_and_calls_a_person(made: Simulation) -> None:
    node, _ = made.officer("UK/nca")
    due(node, 10)
    made.clocks["UK"].back = -YEAR
    for _ in range(3):
        keeping.keep(node)
    assert erased(node) == 0
    (alarm,) = alarmed(node)
    assert "2027" in alarm.says and "2026" in alarm.says
    assert reports.inbox(*made.officer("UK/nca")), "it can still be read"
    made.clocks["UK"].back = timedelta()
    keeping.keep(node)
    assert node.contact.moment() - made.clock.now() < timedelta(minutes=1), "it has left no mark"
    due(node, None)


def test_a_person_who_has_compared_the_clock_lets_what_is_due_be_erased(made: Simulation) -> None:
    node, _ = made.officer("UK/nca")
    due(node, 10)
    made.clocks["UK"].back = made.clocks["FR"].back = -YEAR
    for one in made.nodes.values():
        keeping.keep(one)
        exchange.settle_alarm(one, alarmed(one)[0].id, by="Invented Person")
        keeping.keep(one)
        assert alarmed(one) == []
    assert erased(node) == 1


def test_an_alarm_that_was_settled_while_the_clock_was_right_vouches_for_no_leap(made: Simulation) -> None:
    node, _ = made.officer("UK/nca")
    made.clocks["UK"].back = -YEAR
    keeping.keep(node)
    made.clocks["UK"].back = timedelta()
    exchange.settle_alarm(node, alarmed(node)[0].id, by="Invented Person")
    made.clocks["UK"].back = -YEAR
    keeping.keep(node)
    assert alarmed(node) and erased(node) == 0
    made.clocks["UK"].back = timedelta()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    world = World(SteppedClock(NIGHT), SystemChance(), SystemDisk())
    founding = Founding("UK", ("home-office",), "ada", "Ada Invented")
    found(tmp_path / "n", founding, secrets=(PHRASE, PASSWORD), world=world, cost=ScryptCost(n=1 << 10))
    return tmp_path / "n"


def at(home: Path, moment: datetime) -> Node:
    world = World(SteppedClock(moment), SystemChance(), SystemDisk())
    return open_node(home, PHRASE, world=world, environment={})


def test_a_node_that_starts_in_another_year_asks_a_person_and_is_itself_again_when_the_clock_is(
    home: Path,
) -> None:
    with at(home, NIGHT + timedelta(days=365)) as node:
        keeping.keep(node)
        assert len(alarmed(node)) == 1 and not keeping.is_sure_of_the_day(node)
    with at(home, NIGHT + timedelta(hours=1)) as node:
        assert node.contact.moment() == NIGHT + timedelta(hours=1), "no year was lost"
        assert keeping.is_sure_of_the_day(node)
        assert audit(node).wrong == ()


def test_a_long_weekend_alarms_nobody(home: Path) -> None:
    with at(home, NIGHT + timedelta(days=4)) as node:
        keeping.keep(node)
        assert alarmed(node) == [] and keeping.is_sure_of_the_day(node)


def test_no_session_outlives_its_day_because_the_clock_was_set_back(home: Path) -> None:
    with at(home, NIGHT) as node:
        new = NewAccount("sam", "Sam Invented", "home-office", frozenset({"officer"}))
        secret = people.found_account(node, new, PASSWORD)[1]
        clock = node.world.clock
        assert isinstance(clock, SteppedClock)
        clock.step(60)
        opened = people.sign_in(node, "sam", PASSWORD, people.code_now(secret, clock.now()))
        assert isinstance(opened, people.SignedIn)
        clock.step(-20)
        assert people.session(node, opened.token) is not None, "a clock that is corrected signs nobody out"
        clock.at += timedelta(days=400)
        clock.step(-400 * 86400)
        again = people.sign_in(node, "sam", PASSWORD, people.code_now(secret, clock.now()))
        assert isinstance(again, people.Denied), "one code opens once, whatever the clock does"
        clock.step(13 * 3600)
        assert people.session(node, opened.token) is None


def test_a_session_of_a_clock_that_was_wrong_is_over_when_it_is_right(home: Path) -> None:
    with at(home, NIGHT) as node:
        new = NewAccount("sam", "Sam Invented", "home-office", frozenset({"officer"}))
        secret = people.found_account(node, new, PASSWORD)[1]
        clock = node.world.clock
        assert isinstance(clock, SteppedClock)
        clock.at += YEAR
        opened = people.sign_in(node, "sam", PASSWORD, people.code_now(secret, clock.now()))
        assert isinstance(opened, people.SignedIn)
        clock.at -= YEAR
        assert people.session(node, opened.token) is None


def test_papers_of_a_leap_are_found_where_they_were(made: Simulation) -> None:
    """What came while the clock was wrong is kept and read like everything else."""
    node, _ = made.officer("UK/nca")
    made.clocks["UK"].back = -YEAR
    line = reports.inbox(*made.officer("UK/nca"))[0]
    made.clocks["UK"].back = timedelta()
    assert papers.found(node, line.reference).reference == line.reference
