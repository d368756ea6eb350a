"""Immigration Rules paragraph 339IA: the secrecy of a claim. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import known, leaf, put, says

RS = ("UK/home-office", "RS/rs-police")
PAPERS = {"condition": "c", "policy_document": "p"}


@pytest.mark.law("IR339")
@pytest.mark.parametrize(
    "protection", ["claim_pending", "granted", "refused_final", "withdrawn", "inadmissible", "unknown"]
)
def test_the_state_of_origin_never_learns_of_a_claim(protection: str) -> None:
    """339IA(i): neither the information given in support nor the fact of the claim, refused or not."""
    who = known(protection=protection, nationality=["RS"])
    claim = leaf("asylum", sensitive=PAPERS)
    answer = put("person_intelligence", ["event", claim], between=RS, subjects=[who])
    assert says(answer, "339IA(i)") and "asylum" not in answer["leaves"]


@pytest.mark.law("IR339")
def test_a_nationality_that_nobody_stated_counts_as_the_recipients() -> None:
    """339IA(i): unknown counts inside the rule's own reach."""
    who = known(protection="claim_pending", nationality="unknown")
    answer = put("person_intelligence", [leaf("immigration_status")], between=RS, subjects=[who])
    assert says(answer, "339IA(i)")


@pytest.mark.law("IR339")
def test_nothing_is_asked_that_would_tell_of_the_claim() -> None:
    """339IA(ii): no drawing out from those said to persecute."""
    who = known(protection="claim_pending", nationality=["RS"])
    answer = put("person_intelligence", ["name"], between=RS, act="ask", subjects=[who])
    assert says(answer, "339IA(ii)") and answer["verdict"] == "refuse"


@pytest.mark.law("IR339")
def test_of_a_person_settled_to_have_no_claim_the_rule_is_silent() -> None:
    """339IA protects who claimed."""
    who = known(nationality=["RS"])
    assert not says(put("person_intelligence", ["name"], between=RS, act="ask", subjects=[who]), "339IA")


@pytest.mark.law("IR339")
@pytest.mark.parametrize("category", ["ethnicity", "health", "complaint"])
@pytest.mark.parametrize("protection", ["refused_final", "withdrawn", "unknown"])
def test_what_a_claim_is_made_of_stays_too_in_a_return(category: str, protection: str) -> None:
    """339IA(i): people flee for who they are, and for having spoken; the claim refused or not."""
    who = known(protection=protection, nationality=["RS"], role="other")
    held = leaf(category, "UK/home-office", purpose="return", regime="immigration", sensitive=PAPERS)
    said = {"purpose": "return", "regime": "immigration", "subjects": [who]}
    answer = put("own_national_return", ["event", held], between=RS, **said)
    assert says(answer, "339IA(i)") and category not in answer["leaves"]
