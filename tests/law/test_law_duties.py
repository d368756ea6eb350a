"""Duties, clocks, and lines that only some types meet. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from law_questions import known, leaf, owes, put, runs, says

FX, UK, FR = "FRONTEX/frontex", "UK/home-office", "FR/police-judiciaire"
IMMIGRATION: dict[str, Any] = {"regime": "immigration"}
DAY = "2026-10-01"


def own(category: str, owner: str, purpose: str, **said: Any) -> dict[str, Any]:
    """An item collected for what it is now used for."""
    return leaf(category, owner, purpose=purpose, regime=said.pop("regime", "immigration"), **said)


DUTIES = [
    (
        "D977-6/10/13",
        "D977 Arts 7, 8",
        "intelligence_report",
        ("FR/paf", "DE/bundespolizei"),
        {"act": "answer"},
    ),
    (
        "eu:D977-6(1)",
        "D977 Arts 6, 16",
        "intelligence_report",
        ("FR/paf", "DE/bundespolizei"),
        {"act": "answer"},
    ),
    ("eu:EBCG-72", "EBCG Art 72(3)", "situational_item", ("FR/fr-ncc", UK), {}),
    (
        "eu:EBCG-24(2)/28(2)",
        "EBCG Art 28(2)",
        "situational_item",
        (UK, FX),
        {"facts": {"life_at_risk": True}},
    ),
    ("uk:SAR", "2021/581 Art 20(1)", "launch_alert", (UK, FR), {"facts": {"life_at_risk": True}}),
    ("uk:EUROSUR-charter", "2021/581 Art 24(4)", "situational_item", (UK, FX), {}),
    ("uk:EUROSUR-reports", "2021/581 Arts 16, 17", "situational_item", (UK, FX), {}),
    ("uk:EUROSUR-40", "2021/581 Art 40(2)", "situational_item", (UK, FX), {}),
    ("DPA-38(4)-(5)", "LED Art 7(2)", "intelligence_report", (FR, "UK/nca"), {}),
    ("LED-9(3)", "LED Art 9(3)", "intelligence_report", (FR, "UK/nca"), {}),
    ("GRADE-EU", "EUROPOL Art 29", "network_profile", ("UK/nca", "EUROPOL/europol"), {}),
    ("DPA-37", "DPA 2018 s.37", "intelligence_report", ("UK/nca", FR), {}),
    ("uk:DPA-75", "DPA 2018 s.75(3)", "intelligence_report", ("UK/nca", "RS/rs-police"), {}),
    ("uk:DPA-76", "DPA 2018 s.76(3)", "intelligence_report", ("UK/nca", "RS/rs-police"), {}),
    ("uk:CEMA-8A/8B", "CEMA 1979 s.8B", "customs_information", ("UK/hmrc", "FR/douane"), {}),
]

CLOCKS = [
    ("eu:EBCG-47", "activity-evaluation", 60, "day", "deployment", (FX, UK), "operation_ended_at"),
    (
        "eu:EBCG-91",
        "ninety-days-from-collection",
        90,
        "day",
        "crossing_identifiers",
        (FX, "FR/paf"),
        "collected_at",
    ),
    ("eu:EBCG-91", "thirty-days-from-return", 30, "day", "returns_information", (FX, UK), "return_ended_at"),
    (
        "uk:EUROSUR-clocks",
        "first-report-from-detection",
        24,
        "h",
        "situational_item",
        ("FR/fr-ncc", FX),
        "detected_at",
    ),
    (
        "uk:EUROSUR-clocks",
        "first-report-from-awareness",
        24,
        "h",
        "situational_item",
        ("FR/fr-ncc", FX),
        "aware_at",
    ),
    (
        "uk:EUROSUR-statistics",
        "monthly-indicators",
        15,
        "day",
        "risk_product",
        ("FR/fr-ncc", FX),
        "month_ended_at",
    ),
    (
        "eu:EUROPOL-31",
        "europol-three-years",
        36,
        "month",
        "network_profile",
        ("UK/nca", "EUROPOL/europol"),
        "received_at",
    ),
    (
        "TCA-542-562",
        "pnr-five-years",
        60,
        "month",
        "passenger_records",
        ("UK/ukpiu", "FR/fr-piu"),
        "received_at",
    ),
    ("TCA-542-562", "pnr-mask", 6, "month", "passenger_records", ("UK/ukpiu", "FR/fr-piu"), "received_at"),
    (
        "DPA-45/54",
        "subject-access",
        1,
        "month",
        "rights_report",
        ("FR/defenseur-des-droits", UK),
        "request_received_at",
    ),
]


@pytest.mark.parametrize(
    ("row", "article", "information", "between", "said"), DUTIES, ids=lambda v: str(v)[:30]
)
def test_the_law_leaves_its_duty(
    row: str, article: str, information: str, between: tuple[str, str], said: dict[str, Any]
) -> None:
    assert owes(put(information, ["event"], between=between, **said), article), row


@pytest.mark.parametrize(
    ("row", "name", "n", "unit", "information", "between", "starts"), CLOCKS, ids=lambda v: str(v)[:30]
)
def test_the_law_starts_its_clock(
    row: str, name: str, n: int, unit: str, information: str, between: tuple[str, str], starts: str
) -> None:
    moment = (
        DAY if starts.endswith(("collected_at", "ended_at")) or "request" in starts else f"{DAY}T08:00:00Z"
    )
    answer = put(information, ["event"], between=between, facts={starts: moment})
    clock = runs(answer, name)
    assert (clock["n"], clock["unit"], clock["binding"]) == (n, unit, "law"), row
    assert clock["due"], row


@pytest.mark.law("DPA-67/68")
@pytest.mark.law("eu:LED-28/30")
@pytest.mark.parametrize(("to", "name"), [("UK/hmrc", "breach-72h-uk"), ("DE/de-police", "breach-72h")])
def test_a_breach_is_told_in_seventy_two_hours(to: str, name: str) -> None:
    """DPA s.67; LED Art 30: and no clock where nobody said there was a breach."""
    sender = "UK/nca" if to.startswith("UK") else FR
    about: dict[str, Any] = {"between": (sender, to), "act": "share"}
    told = put(
        "quality_notice", ["event"], facts={"breach": True, "breach_found_at": f"{DAY}T08:00:00Z"}, **about
    )
    quiet = put("quality_notice", ["event"], **about)
    assert runs(told, name)["n"] == 72
    assert name not in {c["name"] for c in quiet["clocks"]}


@pytest.mark.law("EBCG-88")
@pytest.mark.parametrize("category", ["association", "finance", "occupation", "conviction", "online_account"])
def test_of_a_crossing_nothing_else_is_sent(category: str) -> None:
    """EBCG Art 88(1): the closed list."""
    answer = put(
        "crossing_identifiers",
        ["event", own(category, FX, "return")],
        between=(FX, "FR/paf"),
        purpose="return",
        **IMMIGRATION,
    )
    assert says(answer, "EBCG Art 88(1)") and category not in answer["leaves"]


@pytest.mark.law("eu:EBCG-12-18/29")
@pytest.mark.parametrize("category", ["name", "phone", "face_image", "vehicle", "whereabouts"])
def test_risk_analysis_names_nobody(category: str) -> None:
    """EBCG Arts 29(2), 91(1)."""
    answer = put("risk_product", ["risk_product", category], between=(UK, FX))
    assert says(answer, "EBCG Arts 29(2)") and category not in answer["leaves"]


@pytest.mark.law("uk:EUROSUR-statistics")
@pytest.mark.parametrize(("cell", "leaves"), [(3, False), ("unknown", False), (10, True)])
def test_small_cells_do_not_leave(cell: int | str, leaves: bool) -> None:
    """2021/581 Annex 1; ten is the house's."""
    table = own(
        "statistic", UK, "risk_analysis", aggregate={"smallest_cell": cell, "describes": ["nationality"]}
    )
    answer = put(
        "risk_product", ["risk_product", table], between=(UK, FX), purpose="risk_analysis", **IMMIGRATION
    )
    assert ("statistic" in answer["leaves"]) is leaves


@pytest.mark.law("EBCG-89(4)-(5)")
def test_absolutely_necessary_is_somebodys_word() -> None:
    """EBCG Art 89(4)."""
    vehicle = [own("vehicle", FX, "return")]
    answer = put("crossing_identifiers", vehicle, between=(FX, UK), purpose="return", **IMMIGRATION)
    assert says(answer, "EBCG Art 89(4)") and answer["verdict"] == "refuse"


@pytest.mark.law("eu:EBCG-74")
def test_an_operation_abroad_needs_its_plan_and_the_neighbour() -> None:
    """EBCG Art 74(3)."""
    answer = put("deployment", ["staff"], between=(FX, UK), capacity="team_member")
    assert says(answer, "EBCG Art 74(3)") and answer["verdict"] == "refuse"


@pytest.mark.law("eu:EBCG-77/78")
def test_an_observer_comes_agreed_trained_and_bound() -> None:
    """EBCG Art 78(2): all three."""
    three = {"ms_agreement": True, "observer_trained": True, "code_of_conduct_signed": True}
    about: dict[str, Any] = {"between": (UK, FX), "capacity": "observer"}
    assert not says(put("deployment", ["staff"], facts=three, **about), "EBCG Art 78(2)")
    for missing in three:
        given = {name: True for name in three if name != missing}
        assert says(put("deployment", ["staff"], facts=given, **about), "EBCG Art 78(2)"), missing


@pytest.mark.law("eu:EBCG-49")
@pytest.mark.parametrize("category", ["fingerprint", "face_image", "dna"])
def test_the_return_platform_keeps_no_biometrics(category: str) -> None:
    """EBCG Art 49: relayed only."""
    answer = put("returns_information", ["event", category], between=(UK, FX))
    assert says(answer, "EBCG Art 49") and category not in answer["leaves"]


@pytest.mark.law("uk:EUROSUR-requests")
def test_an_answer_from_the_picture_needs_its_originator() -> None:
    """2021/581 Art 14(4): request and answer alike."""
    theirs = leaf("event", "FR/fr-ncc", systems=["frontex_risk"])
    answer = put("risk_product", [theirs], between=(FX, "BE/be-ncc"), act="answer")
    assert says(answer, "2021/581 Art 14(2)")


@pytest.mark.law("eu:EUROPOL-19")
def test_the_providers_word_binds_europols_answer() -> None:
    """EUROPOL Art 19(2): a provider that is no party to the agreement used."""
    theirs = leaf("event", "XK/xk-police", systems=["europol"])
    answer = put("europol_intelligence", [theirs], between=("EUROPOL/europol", "FR/oltim"))
    assert says(answer, "EUROPOL Art 19(1)-(2)")


@pytest.mark.law("eu:EUROPOL-22(2)")
def test_a_threat_to_life_is_told_whatever_the_limits_and_the_provider_learns_it() -> None:
    """EUROPOL Art 22(2)."""
    theirs = leaf("event", "XK/xk-police", systems=["europol"])
    urgent = {"level": "threat_to_life", "reason": "invented: a boat is sinking"}
    about: dict[str, Any] = {"between": ("EUROPOL/europol", "BE/be-police"), "urgent": urgent}
    answer = put("europol_intelligence", [theirs], facts={"life_at_risk": True}, **about)
    waits = put("europol_intelligence", [theirs], facts={"life_at_risk": False}, **about)
    assert answer["leaves"] == ["event"] and owes(answer, "EUROPOL Art 22(2)")
    assert waits["leaves"] == [] and says(waits, "EUROPOL Art 19(1)-(2)")


@pytest.mark.law("EBCG-86(4)")
def test_on_the_same_question_a_settled_no_changes_the_answer() -> None:
    """The protective lines are not refusing everybody."""
    at = datetime(2026, 11, 2, 12, tzinfo=UTC)
    open_ = put(
        "person_intelligence",
        ["name"],
        subjects=[known(protection="claim_pending", nationality=["RS"])],
        between=("UK/nca", "RS/rs-police"),
        at=at,
    )
    none = put(
        "person_intelligence",
        ["name"],
        subjects=[known(nationality=["RS"])],
        between=("UK/nca", "RS/rs-police"),
        at=at,
    )
    assert "name" not in open_["leaves"] and none["leaves"] == ["name"]


@pytest.mark.law("eu:LED-28/30")
def test_a_breach_is_told_to_the_other_states_as_soon_as_possible() -> None:
    """LED Art 30(6): without undue delay, which is no number of hours."""
    facts = {"breach": True, "breach_found_at": f"{DAY}T08:00:00Z"}
    answer = put("quality_notice", ["event"], between=("FR/oltim", "DE/de-police"), facts=facts, subjects=[])
    clock = next(one for one in answer["clocks"] if one["name"] == "breach-other-states")
    assert clock["as_soon_as_possible"] and "n" not in clock
    assert any(one["do"] == "inform_state" and one["by"] == clock["name"] for one in answer["duties"])


@pytest.mark.law("eu:SIS-65")
@pytest.mark.parametrize(("found", "due"), [("2026-11-19", "2026-11-23"), ("2026-11-20", "2026-11-24")])
def test_the_unions_working_days_leave_out_the_weekend(found: str, due: str) -> None:
    """SIS Art 59: two working days; public holidays are unknown here, so it is never due too late."""
    alert = leaf("event", "FR/oltim", systems=["sis"])
    said = {"facts": {"found_wrong_at": found}, "subjects": [], "act": "correct"}
    answer = put("quality_notice", [alert], between=("FR/oltim", "DE/de-police"), **said)
    clock = next(one for one in answer["clocks"] if one["name"] == "wrong-alert-notice")
    assert clock["due"].startswith(due)
