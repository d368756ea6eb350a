"""The Schengen Information System is shut, but for the return form. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import IN, leaf, put, says

TAINTED = leaf("name", "FR/police-judiciaire", systems=["sis"])


@pytest.mark.law("eu:SIS-65")
@pytest.mark.parametrize("recipient", ["UK/nca", "UK/police", "RS/rs-police"])
def test_alerts_go_to_no_third_country(recipient: str) -> None:
    """Art 65: neither data nor supplementary information."""
    answer = put("intelligence_report", ["event", TAINTED], between=("FR/police-judiciaire", recipient))
    assert says(answer, "SIS Art 65") and "name" not in answer["leaves"]


@pytest.mark.law("eu:SIS-65")
def test_a_suspended_return_is_never_in_the_form() -> None:
    """2018/1860 Art 15(5): never where enforcement was suspended on non-refoulement grounds."""
    answer = put(
        "identity_evidence",
        [TAINTED],
        between=("FR/prefecture", "UK/home-office"),
        purpose="return",
        regime="immigration",
        facts={
            "return_alert": True,
            "illegally_staying": True,
            "person_informed": True,
            "rights_unharmed": True,
            "enforcement_suspended_non_refoulement": True,
        },
    )
    assert says(answer, "SIS Art 65")


@pytest.mark.law("eu:SIS-65")
def test_border_alerts_are_shut_too_though_nobody_read_that_article() -> None:
    """2018/1861 Art 50, known through 2018/1860 Art 15: an unconfirmed line may bar."""
    answer = put("intelligence_report", [TAINTED], between=IN, purpose="border_control", regime="immigration")
    assert says(answer, "SIS Art 50 (2018/1861)")


@pytest.mark.law("eu:SIS-65")
def test_inside_the_union_the_bar_is_silent() -> None:
    """Art 65 speaks of third countries."""
    answer = put("intelligence_report", [TAINTED], between=("FR/police-judiciaire", "DE/de-police"))
    assert not says(answer, "SIS Art 65")
