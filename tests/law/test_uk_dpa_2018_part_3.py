"""Data Protection Act 2018 Part 3, each section on its days. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from law_questions import IN, OUT, TCA, known, leaf, owes, put, says


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


REPORT = ["event", "place", "offence", "name"]


def report(**said: Any) -> Any:
    return put("intelligence_report", REPORT, asked_basis=TCA, **said)


@pytest.mark.law("DPA-30/31/36(4)")
def test_what_was_collected_against_crime_does_not_slide() -> None:
    """s.36(4): other purposes only where a law allows."""
    held = leaf("name", systems=["national_police"])
    about: dict[str, Any] = {"act": "reuse", "purpose": "immigration_control", "regime": "immigration"}
    answer = put("intelligence_report", [held], between=("UK/nca", "UK/home-office"), **about)
    assert says(answer, "DPA 2018 s.36(4)")


@pytest.mark.law("DPA-35/42")
@pytest.mark.parametrize("category", ["fingerprint", "dna", "health", "ethnicity", "belief"])
def test_sensitive_items_without_condition_and_policy_document_stay(category: str) -> None:
    """ss.35, 42, Sch 8: all three papers."""
    bare = put("intelligence_report", ["event", leaf(category)])
    papers = leaf(category, sensitive={"condition": "Sch 8 para 1", "policy_document": "apd-3"})
    assert says(bare, "DPA 2018 ss.35") and category not in bare["leaves"]
    assert not says(put("intelligence_report", ["event", papers]), "DPA 2018 ss.35")


@pytest.mark.law("DPA-38(2)-(3)")
def test_of_somebody_whose_part_nobody_stated_no_suspicion_is_sent() -> None:
    """s.38(3): suspects, convicts, victims, witnesses apart."""
    answer = put("intelligence_report", ["event", "suspicion"], subjects=[known(role="unknown")])
    assert says(answer, "DPA 2018 s.38(2)") and "suspicion" not in answer["leaves"]


@pytest.mark.law("DPA-38(4)-(5)")
def test_what_is_sent_says_how_current_it_is_and_stays_open_to_recall() -> None:
    """s.38(4)-(5)."""
    assert owes(report(), "DPA 2018 s.38(4)") and owes(report(), "DPA 2018 s.38(5)(c)")


@pytest.mark.law("DPA-39")
def test_a_date_of_review_stands_beside_it() -> None:
    """s.39(2)."""
    assert owes(report(), "DPA 2018 s.39(2)")


@pytest.mark.law("DPA-49/50")
@pytest.mark.law("uk:DPA-50A-50D")
@pytest.mark.parametrize(
    ("day", "article", "not_article"),
    [("2026-02-04", "DPA 2018 ss.49-50", "ss.50A-50C"), ("2026-02-05", "DPA 2018 ss.50A-50C", "ss.49-50")],
)
@pytest.mark.parametrize("automated", ["yes", "unknown"])
def test_a_machine_alone_decides_nothing_under_either_text(
    day: str, article: str, not_article: str, automated: str
) -> None:
    """ss.49-50 until 5 February 2026, ss.50A-50D since; the house bars it on every day."""
    answer = put("passenger_records", ["name"], act="measure", automated=automated, at=on(day))
    assert says(answer, article) and not says(answer, not_article)
    assert says(answer, "House rule") and answer["verdict"] == "refuse"


@pytest.mark.law("uk:DPA-62")
def test_the_reason_is_logged_on_every_day_by_law_or_by_the_house() -> None:
    """s.62: the reason was struck from the log on 19 August 2025; the house keeps it."""
    assert owes(report(at=on("2025-08-18")), "DPA 2018 s.62(2)-(3)")
    after = report(at=on("2025-08-19"))
    assert owes(after, "house rule; LED Art 25") and not owes(after, "DPA 2018 s.62(2)-(3)")


@pytest.mark.law("uk:DPA-73")
def test_union_data_leave_with_their_states_leave() -> None:
    """s.73(1)(b): the Member State's authorisation; to Serbia it is the state's, not ours."""
    theirs = leaf("name", "FR/police-judiciaire", state="FR")
    answer = put("person_intelligence", [theirs], between=("UK/nca", "RS/rs-police"))
    assert says(answer, "DPA 2018 s.73(1)(b)")


@pytest.mark.law("uk:DPA-73")
def test_an_immediate_threat_lifts_the_leave_and_leaves_the_duty_to_tell() -> None:
    """s.73(5)-(6): then the Member State is told without delay."""
    theirs = leaf("name", "FR/police-judiciaire", state="FR")
    facts = {"threat_immediate_serious": True, "no_time_to_ask": True}
    answer = put("person_intelligence", [theirs], between=("UK/nca", "RS/rs-police"), facts=facts)
    half = put(
        "person_intelligence",
        [theirs],
        between=("UK/nca", "RS/rs-police"),
        facts={"threat_immediate_serious": True},
    )
    assert not says(answer, "DPA 2018 s.73(1)(b)") and owes(answer, "DPA 2018 s.73(5)-(6)")
    assert says(half, "DPA 2018 s.73(1)(b)")


@pytest.mark.law("uk:DPA-78")
@pytest.mark.parametrize(
    ("day", "restriction"), [("2026-02-04", "ask_originator"), ("2026-02-05", "ask_or_emergency_then_tell")]
)
def test_the_onward_condition_travels_in_the_words_of_its_day(day: str, restriction: str) -> None:
    """s.78: two conditions since 5 February 2026, one before."""
    assert restriction in str(report(at=on(day))["travels"])


@pytest.mark.law("uk:DPA-78A/79")
def test_a_national_security_exemption_opens_nothing_here() -> None:
    """ss.78A, 79, since 5 September 2025."""
    before = put("intelligence_report", REPORT, regime="security_service", at=on("2025-09-04"))
    after = put("intelligence_report", REPORT, regime="security_service", at=on("2025-09-05"))
    assert says(after, "DPA 2018 ss.78A") and not says(before, "DPA 2018 ss.78A")
    assert after["verdict"] == "refuse"


@pytest.mark.law("uk:DPA-82A-82E")
def test_a_designation_notice_never_covers_a_transfer_abroad() -> None:
    """s.82A(3), since 17 November 2025."""
    before = put("intelligence_report", REPORT, regime="security_service", at=on("2025-11-16"))
    after = put("intelligence_report", REPORT, regime="security_service", at=on("2025-11-17"))
    assert says(after, "DPA 2018 ss.82A") and not says(before, "DPA 2018 ss.82A")


@pytest.mark.law("DPA-58/61")
def test_every_transfer_stands_in_the_record_of_processing() -> None:
    """s.61."""
    assert owes(report(), "DPA 2018 s.61")


@pytest.mark.law("DPA-73")
def test_the_condition_of_the_transfer_is_recorded_on_every_day() -> None:
    """s.73: condition 2; by the text of the day."""
    assert owes(report(between=OUT, at=on("2026-02-04")), "DPA 2018 s.73")
    assert owes(report(between=OUT, at=on("2026-02-05")), "DPA 2018 s.73")
    assert not owes(report(between=IN), "DPA 2018 s.73")
