"""What if an officer cheats, or two windows and the clock do it for them? Invented people throughout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cordiale.errors import AccountError, RequestError, StoreError
from cordiale.exchange import Outgoing
from cordiale.exchange.stages import Prepared
from cordiale.ledger import Kind
from cordiale.node import Node, drafts, notices, reports, rescue, rescue_sent, waiting
from cordiale.node.papers import Draft
from cordiale.node.people import Officer
from cordiale.simulation import Simulation
from tests.node.test_reads_by_authority import PURPOSE, arrive, made, person, write
from tests.node.test_reports import paper
from tests.web.pages import distress, intelligence, night

__all__ = ["made"]


def holding(made: Simulation) -> tuple[Node, Officer, Draft]:
    """A French report on its hold, and its draft."""
    node, officer = made.officer("FR/oltim")
    node.settings = replace(node.settings, hold_s=30)
    saved = drafts.save_draft(node, officer, paper())
    reports.send(node, officer, saved)
    return node, officer, saved


# -- the hold --------------------


@pytest.mark.parametrize("breaks", [False, True])
def test_what_was_taken_back_while_its_decision_was_made_does_not_leave(
    made: Simulation, breaks: bool
) -> None:
    node, officer, saved = holding(made)
    made.clock.step(31)
    prepare, undone = node.contact.prepare, []

    def slow(out: Outgoing) -> Prepared:
        prepared = prepare(out)
        undone.append(reports.undo(node, officer, saved.reference))
        if breaks:
            raise RequestError("the question became odd meanwhile")
        return prepared

    node.contact.prepare = slow  # type: ignore[method-assign]
    assert reports.release_due(node) == [] and undone == [True]
    made.settle()
    assert [one.state for one in reports.outbox(node, officer)] == ["undone"]
    assert reports.inbox(*made.officer("UK/nca")) == []
    assert drafts.open_draft(node, officer, saved.reference).body, "and its words are there again"


def test_a_form_that_is_sent_twice_sends_one_message(made: Simulation) -> None:
    node, officer, saved = holding(made)
    with pytest.raises(RequestError, match="has been sent"):
        reports.send(node, officer, saved)
    made.clock.step(31)
    reports.release_due(node)
    with pytest.raises(RequestError, match="has been sent"):
        reports.send(node, officer, saved)
    assert len(reports.outbox(node, officer)) == 1
    made.settle()


def test_words_typed_in_a_second_window_are_refused_not_destroyed(made: Simulation) -> None:
    node, officer, saved = holding(made)
    for act in (
        lambda: drafts.save_draft(node, officer, replace(saved, typed={"title": "newer"}, revision=0)),
        lambda: drafts.discard_draft(node, officer, saved.reference),
    ):
        with pytest.raises(RequestError, match="on its hold"):
            act()
    assert reports.undo(node, officer, saved.reference)
    drafts.save_draft(node, officer, replace(saved, typed={"title": "newer"}, revision=0))


# -- references that are somebody else's --------------------


@pytest.mark.parametrize("authority", ["nca", "hm-coastguard"])
def test_no_draft_takes_the_name_of_a_message_and_so_destroys_it(made: Simulation, authority: str) -> None:
    went, node = write(made, "UK/nca"), made.nodes["UK"]
    writer, other = made.officer("UK/nca")[1], person(made.nodes["UK"], "officer", authority)
    thread = reports.outbox(node, writer)[0].thread
    for taken in (went, thread):
        with pytest.raises(RequestError, match="no draft of yours"):
            drafts.save_draft(node, other, Draft("intelligence_report", {}, {}, reference=taken))
    assert reports.open_message(node, writer, went, purpose=PURPOSE).body


def test_nobody_writes_into_the_conversation_of_another(made: Simulation) -> None:
    write(made, "UK/nca")
    node = made.nodes["UK"]
    thread = reports.outbox(*made.officer("UK/nca"))[0].thread
    held = intelligence()
    held["asks"]["item"]["origin"]["owner"] = "UK/hm-coastguard"
    mine = Draft(held["type"], held["body"], held["asks"], ("FR/oltim",), reference=thread)
    with pytest.raises(RequestError, match="has been sent"):
        reports.send(node, person(node, "officer", "hm-coastguard"), mine)


# -- cover --------------------


@pytest.mark.parametrize("role", ["administrator", "lawyer", "statistician"])
def test_who_may_not_read_lends_nobody_the_tray_of_their_authority(made: Simulation, role: str) -> None:
    arrive(made)
    node = made.nodes["UK"]
    friend = person(node, "officer", "hm-coastguard")
    with pytest.raises(AccountError, match="needs `read`"):
        waiting.cover(node, person(node, role, "nca"), friend.id)
    assert reports.inbox(node, friend) == []


def test_the_ledger_names_who_covers_and_until_when(made: Simulation) -> None:
    node, officer = made.officer("UK/nca")
    friend = person(node, "officer", "hm-coastguard")
    day = made.clock.now().date()
    waiting.cover(node, officer, friend.id, day)
    waiting.cover(node, officer, "")
    told = [
        one.entry.facts for one in node.store.read(lambda tx: list(node.log.entries(tx, kind=Kind.ACCOUNT)))
    ]
    assert told[-2]["officer"] == friend.id and told[-2]["valid_until"] == day.isoformat()
    assert told[-1]["outcome"] == "uncovered" and "officer" not in told[-1]


# -- distress --------------------


@pytest.fixture
def sea() -> Iterator[Simulation]:
    with night().simulation as found:
        yield found


def duty(sea: Simulation) -> tuple[Node, Officer]:
    node, officer = sea.officer("UK/hm-coastguard")
    return node, replace(officer, roles=frozenset({"duty_officer"}))


def test_who_closed_an_incident_stays_who_closed_it(sea: Simulation) -> None:
    node, officer = duty(sea)
    reference = rescue.open_distress(node, officer, distress(sea.clock.now())).reference
    rescue.close_distress(node, officer, reference, "First Invented", evidence=["count on the quay"])
    for act in (
        lambda: rescue.close_distress(node, officer, reference, "Second Invented", evidence=["seen"]),
        lambda: rescue.confirm_distress(node, officer, reference, "Second Invented"),
    ):
        with pytest.raises(RequestError, match="closed by First Invented"):
            act()


def test_what_only_memory_holds_is_neither_confirmed_nor_closed_in_the_ledger(
    sea: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, officer = duty(sea)

    def full(_: Any) -> Any:
        raise StoreError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(node.store, "submit", full)
        reference = rescue.open_distress(node, officer, distress(sea.clock.now())).reference
    for act in (
        lambda: rescue.close_distress(node, officer, reference, "Invented Person", evidence=["seen"]),
        lambda: rescue.confirm_distress(node, officer, reference, "Invented Person"),
    ):
        with pytest.raises(RequestError, match="not recorded yet"):
            act()
    assert [one.state for one in rescue.distresses(node)] == ["opened"]
    rescue_sent.log_what_was_shown(node)
    rescue.close_distress(node, officer, reference, "Invented Person", evidence=["seen"])
    assert rescue.distresses(node) == []


# -- roles --------------------


def refused(act: Any) -> bool:
    try:
        act()
    except (AccountError, RequestError):
        return True
    return False


@pytest.mark.parametrize(
    "role", ["administrator", "lawyer", "statistician", "visiting_observer", "visiting_adviser"]
)
def test_roles_do_not_cross(made: Simulation, role: str) -> None:
    """Who administers, asks law or visits neither reads what came, nor sends, recalls or closes."""
    came, went = arrive(made), write(made, "UK/nca")
    node = made.nodes["UK"]
    who = person(node, role, "nca")
    for act in (
        lambda: reports.open_message(node, who, came, purpose=PURPOSE),
        lambda: reports.send(node, who, paper(recipients=("FR/oltim",))),
        lambda: drafts.save_draft(node, who, paper()),
        lambda: reports.undo(node, who, went),
        lambda: reports.answering(node, who, came),
        lambda: notices.recall(node, who, went, "inaccurate"),
        lambda: reports.replay(node, who, 1),
        lambda: reports.dismiss(node, who, 1),
        lambda: rescue.close_distress(node, who, "0" * 16, "Invented Person", evidence=["seen"]),
        lambda: rescue.open_distress(node, who, distress(made.clock.now())),
    ):
        assert refused(act)
    found = (
        []
        if refused(lambda: reports.search(node, who, "hulls", purpose=PURPOSE))
        else (reports.search(node, who, "hulls", purpose=PURPOSE))
    )
    assert found == []
