"""Directive (EU) 2023/977 binds Member States, never the United Kingdom. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import IN, OUT, TCA, leaf, put, says

INSIDE = ("FR/fr-contact-point", "DE/de-contact-point")
GIVEN = {"necessity_reason_given": True, "availability_reason_given": True}


@pytest.mark.law("D977-5")
@pytest.mark.parametrize("between", [IN, OUT])
@pytest.mark.parametrize("urgent", ["no", "threat_to_life"])
def test_its_clocks_never_run_with_the_united_kingdom(between: tuple[str, str], urgent: str) -> None:
    """Art 5: eight hours, three days, seven days are the Union's own."""
    answer = put("intelligence_report", ["event"], between=between, act="ask", urgent=urgent, asked_basis=TCA)
    assert not [c for c in answer["clocks"] if c["name"] in ("answer-8h", "answer-3d", "answer-7d")]


@pytest.mark.law("D977-4")
def test_who_asks_says_why_and_why_there() -> None:
    """Art 4(3): necessary and proportionate, and available there."""
    about: dict[str, Any] = {"between": INSIDE, "act": "ask"}
    bare = put("intelligence_report", ["event"], **about)
    given = put("intelligence_report", ["event"], facts=GIVEN, **about)
    assert says(bare, "D977 Art 4(3)") and not says(given, "D977 Art 4(3)")


@pytest.mark.law("eu:D977-6(1)")
def test_what_came_from_another_state_waits_for_its_consent() -> None:
    """Art 6(1)(h): a third country's too."""
    ours = leaf("name", "UK/nca", state="UK")
    answer = put("intelligence_report", ["event", ours], between=INSIDE, act="answer")
    assert says(answer, "D977 Art 6(1)(h)")
