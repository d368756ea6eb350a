"""UK-France summit of 10 March 2023 and what it builds on. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, leaves, refused

SUMMIT = "uk-fr-summit-2023"
OUT = ("UK/home-office", "FR/paf")
IN = ("FR/gendarmerie", "UK/sboc")
ALERT = ("event", "position", "place", "count")
ORDINARY = {"purpose": "prevent", "regime": "immigration", "subjects": []}


@pytest.mark.law("FR-03", "FR-04")
@pytest.mark.parametrize("between", [OUT, IN, ("FR/police-judiciaire", "UK/hm-coastguard")])
def test_a_launch_is_told_both_ways_at_once(between: tuple[str, str]) -> None:
    """Coordination centre; intercept as quickly as possible and save lives."""
    answer = ask("launch_alert", ALERT, between=between, basis=SUMMIT, **ORDINARY)
    assert answer["verdict"] == "permit", answer["failures"]
    assert leaves(answer) == set(ALERT)
    assert answer["basis"]["agreement"] == SUMMIT


@pytest.mark.law("FR-04")
def test_faces_from_the_air_are_blurred() -> None:
    """Surveillance picture: blurred by default; unblurred it stays."""
    answer = ask("surveillance_track", ("position", "image"), between=OUT, basis=SUMMIT, **ORDINARY)
    assert "image" not in leaves(answer) or any(t["item"] == "image" for t in answer["transform"])


@pytest.mark.law("FR-03")
@pytest.mark.parametrize("information", ["intelligence_report", "person_intelligence", "joint_item"])
def test_a_summit_is_no_basis_for_a_person(information: str) -> None:
    """Political text."""
    assert refused(ask(information, ("event", "name"), between=OUT, basis=SUMMIT), "political text")


@pytest.mark.law("FR-03", "FR-02")
@pytest.mark.parametrize("act", ["executive", "measure", "readmission"])
def test_nothing_here_detains_or_moves_anybody(act: str) -> None:
    """The removal centre is France's; observers observe."""
    assert ask("launch_alert", ALERT, between=OUT, basis=SUMMIT, act=act, **ORDINARY)["verdict"] == "refuse"


@pytest.mark.law("FR-02")
def test_a_debrief_is_anonymous_and_enters_no_asylum_file() -> None:
    """Joint statement of 14 November 2022."""
    said = {"between": OUT, "basis": SUMMIT}
    told = ask("route_intelligence", ("route", "event", "price"), **said, **ORDINARY)
    assert told["verdict"] == "permit", told["failures"]
    named = ask("route_intelligence", ("route", "name"), **said, purpose="prevent", regime="immigration")
    assert "name" not in leaves(named)
    asylum = ask("route_intelligence", ("route",), **said, purpose="asylum", regime="immigration")
    assert refused(asylum, "14 November 2022")


@pytest.mark.law("FR-08")
def test_migration_work_screens_no_crowd() -> None:
    """Olympics: lessons yes, data no."""
    answer = ask("launch_alert", ALERT, between=OUT, basis=SUMMIT, act="reuse", **ORDINARY)
    assert answer["verdict"] == "refuse"


@pytest.mark.law("FR-02", "FR-03")
def test_an_observer_is_accredited_by_the_host_first() -> None:
    """Embedded observers and permanent liaison officers."""
    said = {"purpose": "training", "regime": "none", "subjects": []}
    answer = ask("deployment", ("staff", "place"), between=OUT, basis=SUMMIT, **said)
    assert answer["verdict"] == "refuse" and "host_authorisation" in str(answer["missing"])
