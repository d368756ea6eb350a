"""European Union (Future Relationship) Act 2020. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import leaf, put, says

HELD = leaf("conviction", "FR/casier-judiciaire", systems=["ecris"], conviction={"spent": "no"})


@pytest.mark.law("TCA-643-651")
def test_a_conviction_received_serves_what_it_was_asked_for() -> None:
    """s.4: within purpose and restrictions."""
    answer = put("conviction_notice", [HELD], between=("UK/acro", "UK/police"), act="reuse")
    assert says(answer, "FRA20 s.4")


@pytest.mark.law("TCA-643-651")
def test_only_an_immediate_and_serious_threat_lifts_that() -> None:
    """s.4: to public security."""
    about = {"between": ("UK/acro", "UK/police"), "act": "reuse", "purpose": "public_security"}
    threat = put("conviction_notice", [HELD], facts={"threat_immediate_serious": True}, **about)
    none = put("conviction_notice", [HELD], facts={"threat_immediate_serious": False}, **about)
    assert says(none, "FRA20 s.4") and not says(threat, "FRA20 s.4")


@pytest.mark.law("TCA-643-651")
@pytest.mark.parametrize("recipient", ["RS/rs-police", "AL/al-police"])
def test_it_goes_to_a_third_country_only_with_leave_and_safeguards(recipient: str) -> None:
    """s.3: third country is neither the United Kingdom nor a Member State."""
    answer = put("conviction_notice", [HELD], between=("UK/acro", recipient))
    back = put("conviction_notice", [HELD], between=("UK/acro", "BE/be-central-authority"))
    assert says(answer, "FRA20 s.3") and not says(back, "FRA20 s.3")


@pytest.mark.law("TCA-643-651")
@pytest.mark.parametrize("spent", ["yes", "unknown"])
def test_a_spent_conviction_is_told_for_criminal_cases_only(spent: str) -> None:
    """s.5(3)-(5): unknown counts as spent."""
    told = leaf("conviction", "UK/acro", conviction={"spent": spent})
    about = {"between": ("UK/acro", "FR/casier-judiciaire"), "act": "answer"}
    vetting = put("conviction_request", [told], purpose="vetting_other", **about)
    trial = put("conviction_request", [told], purpose="prosecute", **about)
    assert says(vetting, "FRA20 s.5") and not says(trial, "FRA20 s.5")


@pytest.mark.law("uk:FRA20-Sch1")
def test_the_face_in_a_notice_is_no_probe() -> None:
    """Sch 1: it may stand in the notice; no search."""
    answer = put(
        "conviction_notice", ["face_image"], between=("UK/acro", "FR/casier-judiciaire"), act="compare"
    )
    assert says(answer, "FRA20 s.1") and answer["verdict"] == "refuse"
