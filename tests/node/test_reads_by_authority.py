"""Whose messages an officer reads where one node has several authorities: theirs, and whom they cover for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cordiale.errors import ExchangeError, RequestError
from cordiale.exchange import boxes
from cordiale.node import Node, notices, people, reports, waiting
from cordiale.node.papers import Draft
from cordiale.node.people import NewAccount, Officer
from cordiale.simulation import Simulation
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
PURPOSE = "prevent"
UK = ("border-force", "nca", "hm-coastguard")
VISITS = ("visiting_observer", "visiting_coordinator", "visiting_adviser", "visiting_liaison")


@pytest.fixture
def made() -> Iterator[Simulation]:
    with Simulation.of({"UK": UK, "FR": ("oltim",)}, seed=5, at=NIGHT) as simulation:
        yield simulation
        assert simulation.audit() == []


def arrive(made: Simulation) -> str:
    """A French report for the NCA; its reference at the UK's node."""
    made.send("FR/oltim", intelligence(), "UK/nca")
    made.step()
    made.settle()
    made.step()
    return reports.inbox(*made.officer("UK/nca"))[0].reference


def person(node: Node, role: str, authority: str) -> Officer:
    """Somebody invented with one role."""
    until = date(2027, 3, 1) if role.startswith("visiting_") else None
    login = f"{role.replace('_', '-')}-{authority}"
    new = NewAccount(login, f"{role} (invented)", authority, frozenset({role}), until=until)
    return people.found_account(node, new, "three green harbour lamps", quick=True)[0]


def said(node: Node, officer: Officer, reference: str) -> str:
    """The words of the refusal to open a message, its reference taken out."""
    with pytest.raises(RequestError) as fault:
        reports.open_message(node, officer, reference, purpose=PURPOSE)
    return str(fault.value).replace(reference, "")


def write(made: Simulation, party: str) -> str:
    """A report that is held at its writer's; its reference."""
    node, officer = made.officer(party)
    node.settings = replace(node.settings, hold_s=600)
    held = intelligence()
    held["asks"]["item"]["origin"]["owner"] = party
    reports.send(node, officer, Draft(held["type"], held["body"], held["asks"], ("FR/oltim",)))
    return reports.outbox(node, officer)[0].reference


def test_an_officer_of_another_authority_finds_and_opens_nothing(made: Simulation) -> None:
    came, node = arrive(made), made.nodes["UK"]
    coastguard = person(node, "officer", "hm-coastguard")
    went = write(made, "UK/nca")
    assert reports.inbox(node, coastguard) == [] and reports.outbox(node, coastguard) == []
    assert reports.search(node, coastguard, "hulls", purpose=PURPOSE) == []
    nothing = said(node, coastguard, "no-such-message")
    assert said(node, coastguard, came) == nothing and said(node, coastguard, went) == nothing
    assert len(reports.search(node, person(node, "officer", "nca"), "hulls", purpose=PURPOSE)) == 2


def test_nothing_that_begins_with_a_reference_reaches_another_s_message(made: Simulation) -> None:
    came, node = arrive(made), made.nodes["UK"]
    coastguard = person(node, "officer", "hm-coastguard")
    for act in (
        lambda: reports.answering(node, coastguard, came),
        lambda: reports.forwarded(node, coastguard, came, ["FR/oltim"]),
        lambda: reports.open_file(node, coastguard, came, "any", purpose=PURPOSE),
        lambda: notices.holders(node, coastguard, came),
    ):
        with pytest.raises(RequestError, match="there is no message"):
            act()


def test_another_authority_recalls_nothing_of_ours(made: Simulation) -> None:
    made.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    node = made.nodes["FR"]
    made.settle()
    thread = made.sent["hulls"][1]
    with pytest.raises(RequestError, match="was not sent from here"):
        notices.recall(node, person(node, "officer", "paf"), thread, "inaccurate")
    assert notices.recall(*made.officer("FR/oltim"), thread, "inaccurate") == ["UK/nca"]
    made.settle()


@pytest.mark.parametrize("role", VISITS)
def test_a_visitor_sees_nothing_even_of_the_authority_that_they_visit(made: Simulation, role: str) -> None:
    came, went = arrive(made), write(made, "UK/nca")
    node = made.nodes["UK"]
    visitor = person(node, role, "nca")
    assert reports.inbox(node, visitor) == [] and reports.outbox(node, visitor) == []
    assert reports.search(node, visitor, "hulls", purpose=PURPOSE) == []
    assert waiting.waiting(node, visitor) == []
    nothing = said(node, visitor, "no-such-message")
    assert said(node, visitor, came) == nothing and said(node, visitor, went) == nothing


def test_a_visitor_sees_what_they_wrote_and_cover_widens_no_visit(made: Simulation) -> None:
    arrive(made)
    node, away = made.officer("UK/nca")
    node.settings = replace(node.settings, hold_s=600)
    visitor, paper = person(node, "visiting_liaison", "nca"), intelligence()
    reports.send(node, visitor, Draft(paper["type"], paper["body"], paper["asks"], ("FR/oltim",)))
    waiting.cover(node, away, visitor.id)
    lines = reports.outbox(node, visitor)
    assert len(lines) == 1 and reports.inbox(node, visitor) == []
    assert reports.open_message(node, visitor, lines[0].reference, purpose=PURPOSE).body == paper["body"]


def test_whoever_covers_reads_for_the_absent_one_until_the_day_is_over(made: Simulation) -> None:
    came, (node, away) = arrive(made), made.officer("UK/nca")
    other = person(node, "officer", "border-force")
    waiting.cover(node, away, other.id, until=date(2026, 11, 23))
    assert [one.reference for one in reports.inbox(node, other)] == [came]
    assert reports.open_message(node, other, came, purpose=PURPOSE).body
    made.clock.step(timedelta(days=2).total_seconds())
    assert reports.inbox(node, other) == [] and said(node, other, came)


@pytest.mark.parametrize("role", ["data_protection", "fundamental_rights"])
def test_the_rights_side_reads_what_the_whole_node_holds(made: Simulation, role: str) -> None:
    came, node = arrive(made), made.nodes["UK"]
    overseer = person(node, role, "border-force")
    assert [one.reference for one in reports.inbox(node, overseer)] == [came]
    assert reports.open_message(node, overseer, came, purpose=PURPOSE).body


def test_the_failed_box_shows_and_settles_only_one_s_own(made: Simulation) -> None:
    went, node = write(made, "UK/nca"), made.nodes["UK"]
    nca = person(node, "officer", "nca")
    coastguard = person(node, "officer", "hm-coastguard")
    at = made.clock.now()
    node.store.write(lambda tx: boxes.set_aside(tx, "out", went, reason="odd", at=at, reference=went))
    (shown,) = reports.failed_box(node, nca)
    assert reports.failed_box(node, coastguard) == []
    assert reports.failed_box(node, person(node, "visiting_observer", "nca")) == []
    with pytest.raises(ExchangeError, match="is not an open entry"):
        reports.dismiss(node, coastguard, shown["id"])
    with pytest.raises(ExchangeError, match="is not an open entry"):
        reports.replay(node, coastguard, shown["id"])
    reports.dismiss(node, nca, shown["id"])
    assert reports.failed_box(node, nca) == []


def test_a_supervisor_reads_and_judges_their_own_authority_and_the_rights_side_all(made: Simulation) -> None:
    came, node = arrive(made), made.nodes["UK"]
    went = write(made, "UK/nca")
    theirs, other = (person(node, "supervisor", one) for one in ("nca", "hm-coastguard"))
    assert [one.reference for one in reports.inbox(node, theirs)] == [came]
    assert reports.inbox(node, other) == [] and reports.outbox(node, other) == []
    assert reports.search(node, other, "hulls", purpose=PURPOSE) == []
    nothing = said(node, other, "no-such-message")
    assert said(node, other, came) == nothing and said(node, other, went) == nothing
    assert reports.decisions(node, theirs) and reports.decisions(node, other) == []
    for role in ("data_protection", "fundamental_rights"):
        watcher = person(node, role, "hm-coastguard")
        assert [one.reference for one in reports.inbox(node, watcher)] == [came]
        assert reports.decisions(node, watcher)


def test_many_hits_of_another_authority_hide_none_of_one_s_own(made: Simulation) -> None:
    arrive(made)
    node = made.nodes["UK"]
    border = person(node, "officer", "border-force")
    write(made, "UK/border-force")
    for _ in range(4):
        write(made, "UK/nca")
    assert len(reports.search(node, border, "hulls", purpose=PURPOSE, limit=2)) == 1
