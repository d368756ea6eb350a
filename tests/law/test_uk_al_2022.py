"""UK-Albania communiqué 2022 and statement 2023. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused

ALBANIA = "uk-al-2022"
OUT = ("UK/home-office", "AL/al-contact-point")
TWO = {"confirmations": [confirmed("release", "caseworker-1"), confirmed("refoulement", "caseworker-2")]}
RETURN = {
    "between": OUT,
    "basis": ALBANIA,
    "purpose": "return",
    "regime": "immigration",
    "facts": {"return_decision_final": True},
}
PARTS = ("name", "nationality", "birth", "reference")


@pytest.mark.law("AL-01")
def test_the_task_force_shares_routes_and_forgeries() -> None:
    """Joint migration task force; forged documents at Durrës."""
    said = {"between": OUT, "basis": ALBANIA, "regime": "immigration", "subjects": []}
    assert ask("route_intelligence", ("route", "event"), **said, purpose="prevent")["verdict"] == "permit"
    signed = {"confirmations": [confirmed("sign_off")]}
    answer = ask("document_alert", ("forgery_method", "specimen"), **said, purpose="document_fraud", **signed)
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("AL-01")
def test_a_return_needs_its_own_recorded_transfer() -> None:
    """A communiqué is no instrument."""
    answer = ask(
        "own_national_return",
        PARTS,
        **RETURN,
        **TWO,
        subjects=[person(role="other", protection="refused_final")],
    )
    assert answer["verdict"] == "refuse"
    assert any("UK>AL" in str(m) or "case_transfer" in str(m) for m in answer["missing"])


@pytest.mark.law("AL-01")
@pytest.mark.parametrize("protection", ["claim_pending", "appeal_pending", "unknown"])
def test_who_has_a_claim_is_not_shown_to_albania(protection: str) -> None:
    """Safe country or not: ECHR Art 3, 1951 Convention Art 33."""
    answer = ask(
        "own_national_return", PARTS, **RETURN, **TWO, subjects=[person(role="other", protection=protection)]
    )
    assert answer["verdict"] == "refuse" and not leaves(answer)


@pytest.mark.law("AL-01")
@pytest.mark.parametrize("indicator", ["yes", "unknown"])
def test_a_sign_of_trafficking_goes_to_those_who_help(indicator: str) -> None:
    """ECAT Arts 10, 13, 16."""
    answer = ask(
        "own_national_return",
        PARTS,
        **RETURN,
        **TWO,
        subjects=[person(role="other", trafficking_indicator=indicator)],
    )
    assert refused(answer, "ECAT")


@pytest.mark.law("AL-01")
@pytest.mark.parametrize("act", ["measure", "readmission", "executive"])
def test_safe_country_proves_nothing_about_a_person(act: str) -> None:
    """No measure rests on this paper."""
    answer = ask("own_national_return", PARTS, **RETURN, **TWO, act=act)
    assert refused(answer, "ECHR Art 3")


@pytest.mark.law("AL-01")
def test_no_list_of_nationals() -> None:
    """One person, one case."""
    assert ask("own_national_return", PARTS, **RETURN, **TWO, targeting="named_list")["verdict"] == "refuse"
