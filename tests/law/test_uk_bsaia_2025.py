"""Border Security, Asylum and Immigration Act 2025. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import OUT, known, leaf, put, says


@pytest.mark.law("BSC-04")
@pytest.mark.parametrize("purpose", ["immigration_control", "asylum", "return", "evidence", "statistics"])
def test_a_seized_device_serves_nothing_but_facilitation_offences(purpose: str) -> None:
    """ss.24-26: use only for offences under ss.25 and 25A."""
    held = leaf("phone", systems=["seized_device"])
    answer = put("device_extract", [held], purpose=purpose, facts={"facilitation_offence": True})
    assert says(answer, "BSAIA 2025 ss.24-26")


@pytest.mark.law("BSC-04")
def test_without_the_inspectors_authorisation_nothing_leaves_a_device() -> None:
    """s.24: authorisation of inspector's grade; no record is loaded."""
    held = leaf("phone", systems=["seized_device"])
    answer = put("device_extract", ["event", held], facts={"facilitation_offence": True})
    assert says(answer, "BSAIA 2025 ss.24-26") and "phone" not in answer["leaves"]


@pytest.mark.law("BSC-05")
@pytest.mark.parametrize("act", ["onward", "reuse"])
def test_customs_information_goes_no_further_without_hmrc(act: str) -> None:
    """ss.30-32: no further disclosure without HMRC's consent."""
    held = leaf("consignment", "UK/hmrc", systems=["customs"])
    answer = put("customs_information", [held], between=("UK/border-force", "FR/douane"), act=act)
    assert says(answer, "BSAIA 2025 ss.30-32")


@pytest.mark.law("BSC-05")
def test_hmrc_itself_gives_its_own() -> None:
    """ss.30-32: HMRC is the originator."""
    held = leaf("consignment", "UK/hmrc", systems=["customs"])
    own = put("customs_information", [held], between=("UK/hmrc", "FR/douane"), purpose="customs")
    another = put("customs_information", [held], between=("UK/border-force", "FR/douane"), purpose="customs")
    assert not says(own, "BSAIA 2025 ss.30-32")
    assert says(another, "BSAIA 2025 ss.30-32")


@pytest.mark.law("BSC-03")
@pytest.mark.parametrize("activity", ["aid", "rescue", "press", "research", "medical", "legal"])
def test_who_helps_rescues_heals_reports_or_studies_is_not_told_on(activity: str) -> None:
    """s.16(3)-(6): the defences, whatever role somebody wrote down."""
    answer = put("intelligence_report", ["event", "name"], subjects=[known(protected_activity=activity)])
    assert says(answer, "BSAIA 2025 s.16") and "name" not in answer["leaves"]


@pytest.mark.law("BSC-03")
@pytest.mark.parametrize("role", ["contact", "other", "unknown"])
def test_of_a_mere_contact_it_must_be_said_that_no_protected_activity_is_there(role: str) -> None:
    """s.16: unknown counts for those alone."""
    unsaid: dict[str, Any] = {"protected_activity": "unknown"}
    contact = put("person_intelligence", ["name"], subjects=[known(role=role, **unsaid)])
    suspect = put("person_intelligence", ["name"], subjects=[known(role="suspect", **unsaid)])
    assert says(contact, "BSAIA 2025 s.16") and not says(suspect, "BSAIA 2025 s.16")


@pytest.mark.law("BSC-01")
def test_the_intelligence_services_do_not_come_through_this_door() -> None:
    """ss.4-6: no partner authorities."""
    answer = put("route_intelligence", ["route"], between=("UK/mi5", "FR/oltim"))
    assert says(answer, "BSAIA 2025 ss.4-6") and answer["verdict"] == "refuse"


@pytest.mark.law("BSC-02")
def test_customs_revenue_is_no_threat_to_border_security() -> None:
    """s.3(7)-(9)."""
    answer = put("consignment", ["goods"], between=OUT, purpose="revenue")
    assert says(answer, "BSAIA 2025 s.3")


@pytest.mark.law("BSC-03")
@pytest.mark.parametrize(
    "goods", ["life_jacket", "rescue_signal", "food_and_drink", "medicine", "tent", "sham_life_jacket"]
)
def test_a_consignment_of_what_keeps_people_alive_is_not_told(goods: str) -> None:
    """s.15: no relevant article; a sham one is a person's to look at, never scored."""
    answer = put("consignment", ["event", leaf("goods", goods={"class": goods})], purpose="detect")
    engines = put("consignment", ["event", leaf("goods", goods={"class": "boat_engine"})], purpose="detect")
    assert says(answer, "BSAIA 2025 s.15") and "goods" not in answer["leaves"]
    assert "goods" in engines["leaves"]
