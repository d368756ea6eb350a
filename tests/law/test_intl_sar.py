"""A life at risk comes before every rule. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import NOW, leaf, put, says

RESCUE: dict[str, Any] = {"purpose": "rescue", "regime": "rescue"}
CALL = ["event", "position", "count", "caller", "health"]


@pytest.mark.law("SAR")
@pytest.mark.parametrize("life", [True, "unknown"])
@pytest.mark.parametrize("recipient", ["FR/cross-gris-nez", "BE/mrcc-oostende", "UK/hm-coastguard"])
def test_distress_goes_to_the_rescue_authority_whatever_else_is_so(life: bool | str, recipient: str) -> None:
    """SOLAS V/33: unknown counts as a life at risk."""
    answer = put(
        "distress_incident",
        CALL,
        between=("UK/hm-coastguard", recipient),
        facts={"life_at_risk": life},
        **RESCUE,
    )
    assert answer["verdict"] == "permit" and set(answer["leaves"]) == set(CALL)


@pytest.mark.law("SAR")
@pytest.mark.parametrize(
    "category", ["nationality", "asylum", "identity_document", "fingerprint", "face_template"]
)
def test_rescue_is_no_key_to_everything(category: str) -> None:
    """The least that finds and saves: no nationality, claim, document or biometrics."""
    answer = put(
        "distress_incident",
        ["event", "position", category],
        between=("UK/hm-coastguard", "FR/cross-gris-nez"),
        facts={"life_at_risk": True},
        **RESCUE,
    )
    assert category not in answer["leaves"] and "position" in answer["leaves"]


@pytest.mark.law("SAR")
@pytest.mark.parametrize("purpose", ["investigate", "immigration_control", "evidence", "asylum", "return"])
def test_what_callers_told_serves_rescue_only(purpose: str) -> None:
    """The lock follows what was derived."""
    told = leaf("caller", "UK/hm-coastguard", systems=["rescue"])
    answer = put(
        "intelligence_report", ["event", told], between=("UK/hm-coastguard", "UK/nca"), purpose=purpose
    )
    assert says(answer, "DPA 2018 s.76(2A)") and "caller" not in answer["leaves"]


@pytest.mark.law("SAR")
@pytest.mark.parametrize("automated", ["yes", "unknown"])
def test_no_machine_and_no_match_closes_an_incident(automated: str) -> None:
    """Cranston Inquiry: a wrong match cost lives."""
    answer = put(
        "distress_incident",
        ["event"],
        between=("UK/hm-coastguard", "UK/hm-coastguard"),
        act="close",
        automated=automated,
        facts={"resolved_by_evidence": True},
        **RESCUE,
    )
    assert says(answer, "Cranston") and answer["verdict"] == "refuse"


@pytest.mark.law("SAR")
def test_who_closes_signs_on_what_evidence() -> None:
    """Cranston Inquiry: open until positively resolved."""
    answer = put(
        "distress_incident",
        ["event"],
        between=("UK/hm-coastguard", "UK/hm-coastguard"),
        act="close",
        **RESCUE,
    )
    assert says(answer, "Cranston") and answer["verdict"] == "refuse"
    assert NOW.tzinfo is not None
