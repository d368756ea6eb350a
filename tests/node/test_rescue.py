"""Distress in one node: an honest call arrives whole, and no call is ever swallowed by another (invented)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cordiale import payloads
from cordiale.exchange import Outgoing
from cordiale.node import rescue
from cordiale.simulation import Simulation
from tests.web.pages import distress, night

SECOND = "Second boat, sixty persons in the water (invented)"


@pytest.fixture
def sea() -> Iterator[Simulation]:
    with night().simulation as made:
        yield made


def settled(sea: Simulation) -> None:
    for _ in range(6):
        sea.step()


def our_call(sea: Simulation) -> tuple[dict[str, Any], str]:
    """The United Kingdom's call as it was sent, and the id of the message to France."""
    body = distress(sea.clock.now())
    sea.open_distress("UK/hm-coastguard", body)
    settled(sea)
    held = rescue.distresses(sea.nodes["UK"])[0]
    return body, next(str(c["message"]) for c in held.centres if c["recipient"] == "FR/cross-gris-nez")


def from_france(sea: Simulation, body: dict[str, Any], *, kind: str, about: str) -> None:
    """What the French centre sends about that message."""
    call, _ = payloads.decode_distress(body)
    act = {"act": "answer", "mode": "on_request"} if kind == "answer" else {}
    sea.nodes["FR"].contact.dispatch(
        Outgoing(
            kind=kind,
            sender="FR/cross-gris-nez",
            recipient="UK/hm-coastguard",
            body=call,
            asks={**rescue.ASKS, **act},
            reference="invented-1",
            about=about,
            officer="0" * 16,
        )
    )
    settled(sea)


def test_an_honest_call_arrives_whole_without_a_defect_and_with_the_number_to_ring(sea: Simulation) -> None:
    body = distress(sea.clock.now())
    sea.open_distress("FR/cross-gris-nez", body)
    settled(sea)
    (came,) = rescue.distresses(sea.nodes["UK"])
    assert came.sounding
    assert came.defects == ()
    for name in ("incident_id", "centre", "telephone_to_ring"):
        assert came.body[name] == body["body"][name]
    assert came.ring[0]["number"] == body["body"]["telephone_to_ring"]


def test_a_confirmation_repeats_the_call_and_is_noted_on_it(sea: Simulation) -> None:
    body, message = our_call(sea)
    body["body"]["phase"] = "operation_ongoing"
    from_france(sea, body, kind="answer", about=message)
    (ours,) = rescue.distresses(sea.nodes["UK"])
    assert [c["confirmed_by"] for c in ours.centres if c["recipient"] == "FR/cross-gris-nez"] == [
        "FR/cross-gris-nez"
    ]


@pytest.mark.parametrize("kind", ["notice", "answer"])
@pytest.mark.parametrize("phase", ["distress", "operation_ongoing"])
def test_a_second_boat_is_never_swallowed_by_the_first(sea: Simulation, kind: str, phase: str) -> None:
    body, message = our_call(sea)
    body["body"] |= {"place": SECOND, "phase": phase}
    from_france(sea, body, kind=kind, about=message)
    found = rescue.distresses(sea.nodes["UK"])
    assert [one.sounding for one in found if SECOND in str(one.body)] == [True]
    (ours,) = (one for one in found if one.state == "opened")
    assert not any(c["confirmed_by"] for c in ours.centres)


def test_a_call_opened_by_another_authority_of_the_same_node_sounds_until_the_centre_confirms(
    sea: Simulation,
) -> None:
    node, officer = sea.officer("UK/hm-coastguard")
    elsewhere = replace(officer, authority="border-force", name="Invented Watch")
    opened = rescue.open_distress(node, elsewhere, distress(sea.clock.now()))
    assert opened.sounding
    assert rescue.distress(node, opened.reference).sounding
    held = rescue.confirm_distress(node, officer, opened.reference, "Somebody Else (invented)")
    assert not held.sounding
    assert officer.name in held.confirmed_by and "Somebody Else (invented)" in held.confirmed_by
