"""UK-Germany Joint Action Plan, December 2024. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, refused

PLAN = "uk-de-jap-2024"
OUT = ("UK/nca", "DE/de-police")


@pytest.mark.law("DE-01")
def test_a_store_of_boats_is_told() -> None:
    """Supply chains."""
    answer = ask(
        "consignment",
        ("consignment", "goods", "place"),
        between=OUT,
        basis=PLAN,
        subjects=[],
        confirmations=[confirmed("sign_off")],
    )
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("DE-01")
@pytest.mark.parametrize(("stated", "verdict"), [(True, "permit"), (False, "refuse"), ("unknown", "refuse")])
def test_prosecution_waits_for_somebody_to_say_it_was_an_offence_there(stated: object, verdict: str) -> None:
    """Germany is to make facilitation toward the UK an offence; the date is not loaded."""
    facts = {"offence_in_germany_on_date": stated}
    answer = ask(
        "intelligence_report",
        ("event", "offence", "name"),
        between=OUT,
        basis=PLAN,
        purpose="prosecute",
        facts=facts,
    )
    assert answer["verdict"] == verdict, answer["failures"]


@pytest.mark.law("DE-01")
def test_nobody_is_asked_to_be_arrested() -> None:
    """ECHR Art 7; surrender has its judges."""
    answer = ask("intelligence_report", ("event",), between=OUT, basis=PLAN, act="executive")
    assert refused(answer, "Art 7")


@pytest.mark.law("DE-01")
def test_how_returns_are_run_is_told_and_who_is_returned_is_not() -> None:
    """Returns: practice."""
    said = {"between": ("UK/home-office", "DE/de-contact-point"), "basis": PLAN, "purpose": "return"}
    answer = ask("returns_information", ("practice", "logistics"), **said, regime="none", subjects=[])
    assert answer["verdict"] == "permit", answer["failures"]
    assert ask("own_national_return", ("name",), **said, regime="immigration")["verdict"] == "refuse"
