"""INTERPOL: neutrality, source control, refugees. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import confirmed, known, leaf, put, says

NOTICE = leaf("suspicion", "RS/rs-police", systems=["interpol"])


@pytest.mark.law("INTERPOL")
@pytest.mark.parametrize("act", ["onward", "reuse"])
def test_the_bureau_that_recorded_it_controls_it(act: str) -> None:
    """Rules on the Processing of Data."""
    answer = put("person_intelligence", [NOTICE], between=("UK/nca", "FR/police-judiciaire"), act=act)
    assert says(answer, "INTERPOL Rules")


@pytest.mark.law("INTERPOL")
def test_a_notice_is_not_acted_on_before_somebody_looked_at_the_risk() -> None:
    """Constitution Arts 2-3; refugee policy."""
    about = {"between": ("UK/police", "UK/nca"), "act": "measure"}
    assert says(put("person_intelligence", [NOTICE], **about), "INTERPOL Constitution Arts 2-3")
    looked = put("person_intelligence", [NOTICE], confirmations=[confirmed("refoulement")], **about)
    assert not says(looked, "INTERPOL Constitution Arts 2-3")


@pytest.mark.law("INTERPOL")
def test_what_a_notice_led_to_is_not_told_back_to_the_persons_state() -> None:
    """Refugee policy: nothing to the state fled from."""
    answer = put(
        "person_intelligence",
        [NOTICE],
        between=("UK/nca", "RS/rs-police"),
        subjects=[known(nationality=["RS"])],
    )
    assert says(answer, "INTERPOL Constitution Arts 2-3")
