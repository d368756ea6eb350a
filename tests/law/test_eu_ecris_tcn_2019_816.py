"""Third-country nationals' convictions: shut, one form to Eurojust. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import leaf, put, says


@pytest.mark.law("eu:TCN-17/18")
def test_nothing_of_it_goes_to_the_united_kingdom() -> None:
    """Art 18: no transfer to a third country."""
    tainted = leaf("conviction", "FR/casier-judiciaire", systems=["ecris_tcn"])
    answer = put("conviction_notice", [tainted], between=("FR/casier-judiciaire", "UK/acro"))
    assert says(answer, "TCN Art 18")


@pytest.mark.law("eu:TCN-17/18")
def test_the_form_to_eurojust_is_for_criminal_proceedings_only() -> None:
    """Art 17: criminal proceedings only."""
    without = put("conviction_request", ["reference"], between=("UK/acro", "EUROJUST/eurojust"), act="ask")
    inside = put(
        "conviction_request",
        ["reference"],
        between=("UK/acro", "EUROJUST/eurojust"),
        act="ask",
        facts={"criminal_proceedings": True},
    )
    assert says(without, "TCN Art 17") and not says(inside, "TCN Art 17")


@pytest.mark.law("eu:TCN-17/18")
def test_the_answer_does_not_tell_whether_there_was_a_hit() -> None:
    """Art 17: the name of a consenting state, or a neutral sentence."""
    answer = put(
        "conviction_request",
        ["reference", "hit"],
        between=("EUROJUST/eurojust", "UK/acro"),
        act="answer",
        facts={"criminal_proceedings": True},
    )
    assert says(answer, "TCN Art 17") and "hit" not in answer["leaves"]
