"""Distress in one node: an honest call arrives whole, and no call is ever swallowed by another (invented)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cordiale import payloads
from cordiale.errors import AccountError, RequestError
from cordiale.exchange import Outgoing
from cordiale.node import rescue, rescue_came, rescue_kept, rescue_sent, tables
from cordiale.node.audit import audit
from cordiale.seals import SealingKeys
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
            asks={**rescue_sent.ASKS, **act},
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


def brought(sea: Simulation, raw: bytes) -> bytes:
    """What the United Kingdom's door answers to bytes over the connection of the French node."""
    from cordiale.exchange.service import MESSAGES, join, split

    status, body = sea.sea.services["uk-border-force"](MESSAGES, join([raw]), by="fr-oltim")  # type: ignore[call-arg]
    assert status == 200
    return split(body)[0]


def unsigned_call(number: int = 1) -> bytes:
    """Bytes that claim to be a distress call of France and hold no signature at all."""
    return b'{"header":{"lane":"distress","sender":"fr-oltim","sequence":%d}}' % number


def test_a_call_that_cannot_be_believed_is_shown_sounds_and_gives_the_number_of_who_brought_it(
    sea: Simulation,
) -> None:
    uk = sea.nodes["UK"]
    assert brought(sea, unsigned_call())[:1] == b"N"
    (came,) = rescue.distresses(uk)
    assert came.sounding and came.unreadable and came.other == "fr-oltim"
    assert [one["number"] for one in came.ring] == ["+33 1 99 00 01 02"]
    assert came.defects[0].startswith("unreadable: it came over the connection of fr-oltim")
    assert brought(sea, unsigned_call()) and len(rescue.distresses(uk)) == 1, (
        "the same bytes are the same call"
    )
    assert audit(uk).ok, audit(uk).wrong


def test_a_call_that_cannot_be_believed_sounds_until_a_named_person_has_confirmed_it(sea: Simulation) -> None:
    uk, officer = sea.officer("UK/hm-coastguard")
    brought(sea, unsigned_call())
    (came,) = rescue.distresses(uk)
    held = rescue.confirm_distress(uk, officer, came.reference, "Somebody Else (invented)")
    assert not held.sounding and held.confirmed_by
    settled(sea)
    assert audit(uk).ok, audit(uk).wrong


def test_many_unreadable_calls_of_one_partner_bury_no_other_call(sea: Simulation) -> None:
    uk = sea.nodes["UK"]
    for number in range(rescue_came.UNREADABLE_MAX + 5):
        brought(sea, unsigned_call(number))
    assert len(rescue.distresses(uk)) == rescue_came.UNREADABLE_MAX
    sea.open_distress("FR/cross-gris-nez", distress(sea.clock.now()))
    settled(sea)
    assert [one.unreadable for one in rescue.distresses(uk)].count(False) == 1, (
        "a call that is believed counts"
    )


def test_a_signed_call_that_does_not_open_is_shown_with_the_number_to_ring(sea: Simulation) -> None:
    uk, fr = sea.nodes["UK"], sea.nodes["FR"]
    fr.contact.directory.active(fr.store)
    key = SealingKeys.generate()
    uk.contact.identity = replace(uk.contact.identity, sealing=key)
    sea.open_distress("FR/cross-gris-nez", distress(sea.clock.now()))
    settled(sea)
    (came,) = rescue.distresses(uk)
    assert came.sounding and came.unreadable and came.ring[0]["number"] == "+33 1 99 00 01 02"
    assert any(one.startswith("seal:") for one in came.defects)


def test_no_received_value_stands_in_clear_beside_an_incident(sea: Simulation) -> None:
    body = distress(sea.clock.now())
    body["body"]["nationality"] = "Invented Person"
    sea.open_distress("FR/cross-gris-nez", body)
    settled(sea)
    for node in (sea.nodes["UK"], sea.nodes["FR"]):
        rows = node.store.read(lambda tx: [list(row.defects) for row in tables.open_distresses(tx)])
        assert rows and "Invented Person" not in str(rows)


# ------------------------------------------------------------------------------ closed, and taken back


def closed_in_france(sea: Simulation) -> tuple[str, str]:
    """A British call that the French centre confirmed and then closed: the British reference, the French."""
    our_call(sea)
    fr, claude = sea.officer("FR/cross-gris-nez")
    (theirs,) = rescue.distresses(fr)
    rescue.confirm_distress(fr, claude, theirs.reference, "Invented Watch")
    rescue.close_distress(
        fr, claude, theirs.reference, "Invented Watch", evidence=["44 of 44 on the quay"], counted=44
    )
    settled(sea)
    (ours,) = rescue.distresses(sea.nodes["UK"])
    return ours.reference, theirs.reference


def test_a_closing_keeps_who_why_and_who_was_told_and_closes_nothing_at_a_partner(sea: Simulation) -> None:
    ours, theirs = closed_in_france(sea)
    uk, fr = sea.nodes["UK"], sea.nodes["FR"]
    (shut,) = rescue.closed(*sea.officer("FR/cross-gris-nez"))
    assert shut.reference == theirs and rescue.distresses(fr) == []
    (step,) = shut.steps
    assert step.by.startswith("Invented Watch") and step.why == ("44 of 44 on the quay",)
    assert step.counted == 44
    assert [(one["recipient"], one["state"]) for one in step.told] == [("UK/hm-coastguard", "delivered")]
    here = rescue.distress(uk, ours)
    assert here.state == "opened", "never closed by a machine"
    assert [(one.act, one.by) for one in here.steps] == [("told_closed", "FR/cross-gris-nez")]
    for node in (uk, fr):
        assert audit(node).ok, audit(node).wrong


def test_what_was_written_at_a_closing_lies_locked(sea: Simulation) -> None:
    _, theirs = closed_in_france(sea)
    rows = sea.nodes["FR"].store.read(lambda tx: rescue_kept.steps_of(tx, theirs))
    assert rows and all(b"quay" not in row.words for row in rows)


def test_a_closing_that_a_partner_tells_of_silences_no_call_that_nobody_here_has_confirmed(
    sea: Simulation,
) -> None:
    uk, officer = sea.officer("UK/hm-coastguard")
    sea.open_distress("FR/cross-gris-nez", distress(sea.clock.now()))
    settled(sea)
    fr, claude = sea.officer("FR/cross-gris-nez")
    (theirs,) = rescue.distresses(fr)
    rescue.close_distress(fr, claude, theirs.reference, "Invented Watch", evidence=["seen"])
    settled(sea)
    (ours,) = rescue.distresses(uk)
    assert ours.sounding and [one.act for one in rescue.distress(uk, ours.reference).steps] == ["told_closed"]
    del officer


def test_a_mistaken_closing_is_taken_back_by_a_named_person_and_sounds_at_the_partner(
    sea: Simulation,
) -> None:
    ours, theirs = closed_in_france(sea)
    uk, officer = sea.officer("UK/hm-coastguard")
    fr, claude = sea.officer("FR/cross-gris-nez")
    rescue.close_distress(uk, officer, ours, "Invented Person", evidence=["the French centre says so"])
    settled(sea)
    assert rescue.distresses(uk) == [] == rescue.distresses(fr)
    held = rescue.reopen_distress(fr, claude, theirs, "Invented Watch", why="Another boat was counted")
    assert held.state == "received" and held.steps[-1].why == ("Another boat was counted",)
    settled(sea)
    (again,) = rescue.distresses(uk)
    assert again.reference == ours and again.sounding and again.state == "opened", "one boat, one incident"
    for node in (uk, fr):
        assert audit(node).ok, audit(node).wrong
    assert not rescue.confirm_distress(uk, officer, ours, "Invented Person").sounding
    with pytest.raises(RequestError, match="is not closed"):
        rescue.reopen_distress(uk, officer, ours, "Invented Person", why="once more")
    assert audit(uk).ok, audit(uk).wrong


@pytest.mark.parametrize("phase", ["operation_concluded", "distress"])
def test_an_answer_that_says_more_than_the_call_is_a_call_of_its_own_and_sounds(
    sea: Simulation, phase: str
) -> None:
    body, message = our_call(sea)
    body["body"] |= {"phase": phase, "persons": 45}
    from_france(sea, body, kind="answer", about=message)
    sounding = [one.body["persons"] for one in rescue.distresses(sea.nodes["UK"]) if one.sounding]
    assert sounding == [45]


def test_nobody_of_another_side_tells_how_a_call_ended(sea: Simulation) -> None:
    body, message = our_call(sea)
    (ours,) = rescue.distresses(sea.nodes["UK"])
    body["body"]["phase"] = "operation_concluded"
    call, _ = payloads.decode_distress(body)
    lie = Outgoing(
        kind="answer",
        sender="FRONTEX/frontex",
        recipient="UK/hm-coastguard",
        body=call,
        asks={**rescue_sent.ASKS, "act": "answer", "mode": "on_request"},
        reference="invented-2",
        about=message,
        officer="0" * 16,
    )
    sea.nodes["FRONTEX"].contact.dispatch(lie)
    settled(sea)
    assert rescue.distress(sea.nodes["UK"], ours.reference).steps == ()


def test_a_visitor_and_an_empty_reason_take_no_closing_back(sea: Simulation) -> None:
    _, theirs = closed_in_france(sea)
    fr, claude = sea.officer("FR/cross-gris-nez")
    with pytest.raises(RequestError, match="say why"):
        rescue.reopen_distress(fr, claude, theirs, "Invented Watch", why="  ")
    observer = replace(claude, roles=frozenset({"visiting_observer"}))
    with pytest.raises(AccountError):
        rescue.reopen_distress(fr, observer, theirs, "Invented Watch", why="not over")
    assert rescue.distresses(fr) == []
