"""Trade and Cooperation Agreement, Title V; Regulation (EU) 2016/794. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, leaves, refused

EUROPOL = "eu-uk-tca-title-V-europol"
IN = ("EUROPOL/europol", "UK/nca")
PARTS = ("event", "offence", "name", "suspicion")


@pytest.mark.law("TCA-564-579")
def test_europol_answers_the_uk_with_a_warning_that_the_title_is_unread() -> None:
    """Arts 564-579, known by summary: partly confirmed permits and says so."""
    answer = ask(
        "europol_intelligence", PARTS, between=IN, basis=EUROPOL, confirmations=[confirmed("release")]
    )
    assert answer["verdict"] == "permit", answer["failures"]
    assert answer["confidence"] == "partly" and answer["warnings"]


@pytest.mark.law("TCA-564-579")
def test_to_europol_no_person_goes_until_the_schedule_is_read() -> None:
    """DPA Sch 21: the list of Union bodies is unread, so the approval record opens nothing."""
    said = {"between": ("UK/nca", "EUROPOL/europol"), "basis": EUROPOL}
    answer = ask("europol_intelligence", PARTS, **said, confirmations=[confirmed("release")])
    assert not leaves(answer) & {"name", "suspicion"}


@pytest.mark.law("TCA-564-579")
@pytest.mark.parametrize("act", ["search", "compare", "view"])
def test_the_uk_searches_no_europol_file(act: str) -> None:
    """Reg. 2016/794 Arts 20-25: no search right for third countries."""
    assert refused(ask("europol_intelligence", PARTS, between=IN, basis=EUROPOL, act=act), "Arts 20-25")
