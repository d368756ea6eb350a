"""UK-Iraq statements of 28 November 2024. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused

IRAQ = "uk-iq-2024"
OUT = ("UK/home-office", "IQ/iq-contact-point")
TWO = {"confirmations": [confirmed("release", "caseworker-1"), confirmed("refoulement", "caseworker-2")]}
PAPERS = {
    "between": OUT,
    "basis": IRAQ,
    "purpose": "travel_document",
    "regime": "immigration",
    "facts": {"return_decision_final": True},
}


@pytest.mark.law("IQ-01")
def test_training_and_campaigns_are_accounted_for() -> None:
    """300, 200 and 300 thousand pounds."""
    said = {"between": OUT, "basis": IRAQ, "purpose": "training", "regime": "none", "subjects": []}
    answer = ask("support_record", ("programme", "organisation"), **said)
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("IQ-01")
@pytest.mark.parametrize("information", ["person_intelligence", "intelligence_report"])
def test_no_intelligence_on_persons(information: str) -> None:
    """Political texts."""
    assert refused(ask(information, ("event", "name"), between=OUT, basis=IRAQ), "political texts")


@pytest.mark.law("IQ-01")
def test_identity_evidence_needs_its_own_recorded_transfer_and_two_people() -> None:
    """UK GDPR Chapter V; a statement is no instrument."""
    returnee = person(role="other", nationality=["IQ"], protection="refused_final")
    answer = ask("identity_evidence", ("name", "reference"), **PAPERS, **TWO, subjects=[returnee])
    assert "name" not in leaves(answer)
    assert (
        ask("identity_evidence", ("name", "reference"), **PAPERS, subjects=[returnee])["verdict"] == "refuse"
    )


@pytest.mark.law("IQ-01")
@pytest.mark.parametrize("protection", ["claim_pending", "granted", "serious_risk", "unknown"])
def test_the_state_a_person_fled_learns_of_no_claim(protection: str) -> None:
    """1951 Convention Art 33; Immigration Rules para 339IA."""
    refugee = person(role="other", nationality=["IQ"], protection=protection)
    answer = ask("identity_evidence", ("name", "reference"), **PAPERS, **TWO, subjects=[refugee])
    assert answer["verdict"] == "refuse" and not leaves(answer)


@pytest.mark.law("IQ-01")
def test_a_regional_body_is_no_party() -> None:
    """Identity evidence to the federal authorities alone."""
    said = PAPERS | {"between": ("UK/home-office", "IQ/iq-police")}
    assert ask("identity_evidence", ("name", "reference"), **said, **TWO)["verdict"] == "refuse"
