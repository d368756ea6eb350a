"""UK-France Agreement on the Prevention of Dangerous Journeys, 2025. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused, withheld

PDJ = "uk-fr-dangerous-journeys-2025"
OUT = ("UK/home-office", "FR/prefecture")
IN = ("FR/prefecture", "UK/home-office")
SPRING_2026 = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PARTS = ("reference", "name", "birth", "nationality", "travel")
CRITERIA: dict[str, Any] = {
    "arrived_by_small_boat": True,
    "came_directly_from_france": True,
    "official_finding_adult_or_accompanied": True,
    "no_live_protection_claim": True,
    "no_outstanding_human_rights_claim": True,
    "no_trafficking_indicator": True,
    "no_suspensive_appeal": True,
    "no_court_order": True,
    "days_since_arrival": 9,
}


def traveller(**said: Any) -> dict[str, Any]:
    return (
        person(role="other", nationality=["ER"], protection="inadmissible", human_rights_claim="closed")
        | said
    )


def asked(**said: Any) -> Any:
    """An ordinary request: an invented adult, nine days after arrival, two people confirming."""
    ordinary: dict[str, Any] = {
        "act": "ask",
        "between": OUT,
        "basis": PDJ,
        "at": SPRING_2026,
        "purpose": "readmission",
        "regime": "immigration",
        "facts": CRITERIA,
        "subjects": [traveller()],
        "confirmations": [confirmed("necessity", "caseworker-1"), confirmed("refoulement", "caseworker-2")],
    }
    return ask("readmission_request", PARTS, **(ordinary | said))


@pytest.mark.law("FR-07", "uk:FR-07-scope")
def test_a_request_with_every_point_stated_may_go() -> None:
    """Arts 3, 4, 16."""
    answer = asked()
    assert answer["verdict"] == "permit", answer["failures"]
    assert leaves(answer) == set(PARTS)


@pytest.mark.law("FR-07")
@pytest.mark.parametrize("criterion", [c for c in CRITERIA if c != "days_since_arrival"])
@pytest.mark.parametrize("stated", [False, "unknown"])
def test_each_point_must_be_stated(criterion: str, stated: object) -> None:
    """Art 4(1): every criterion a positive statement."""
    assert asked(facts=CRITERIA | {criterion: stated})["verdict"] == "refuse"


@pytest.mark.law("uk:FR-07-clocks")
def test_after_fourteen_days_it_is_too_late() -> None:
    """Requests later than 14 days after arrival are refused."""
    assert asked(facts=CRITERIA | {"days_since_arrival": 14})["verdict"] == "permit"
    assert asked(facts=CRITERIA | {"days_since_arrival": 15})["verdict"] == "refuse"


@pytest.mark.law("FR-07")
@pytest.mark.parametrize(
    "protection", ["claim_pending", "appeal_pending", "granted", "serious_risk", "unknown"]
)
def test_nobody_with_a_claim_is_sent_back(protection: str) -> None:
    """Art 4(1): no live claim; unknown protects."""
    assert refused(asked(subjects=[traveller(protection=protection)]), "4(1)")


@pytest.mark.law("FR-07")
@pytest.mark.parametrize(
    "child",
    [
        {"minor": "yes", "accompanied": "no"},
        {"minor": "disputed", "accompanied": "no"},
        {"minor": "disputed", "accompanied": "yes"},
        {"minor": "unknown", "accompanied": "unknown"},
    ],
)
def test_no_child_alone_and_nobody_of_disputed_age(child: dict[str, str]) -> None:
    """Art 4(1): unaccompanied minors out."""
    assert asked(subjects=[traveller(**child)])["verdict"] == "refuse"


@pytest.mark.law("FR-07")
@pytest.mark.parametrize("indicator", ["yes", "unknown"])
def test_a_sign_of_trafficking_stops_it(indicator: str) -> None:
    """ECAT Arts 10, 13, 16."""
    assert asked(subjects=[traveller(trafficking_indicator=indicator)])["verdict"] == "refuse"


@pytest.mark.law("FR-07")
def test_two_named_people_and_no_machine() -> None:
    """A named caseworker, and another who looked for danger."""
    assert asked(confirmations=[])["verdict"] == "refuse"
    assert asked(confirmations=[confirmed("necessity")])["verdict"] == "refuse"
    assert asked(capacity="machine")["verdict"] == "refuse"


@pytest.mark.law("uk:FR-07-data")
def test_france_sends_no_word_about_a_person() -> None:
    """Art 16: France transmits no personal data to the UK."""
    said = {
        "act": "answer",
        "between": IN,
        "basis": PDJ,
        "at": SPRING_2026,
        "purpose": "readmission",
        "regime": "immigration",
    }
    bare = ask("readmission_request", ("reference", "event"), **said, subjects=[])
    assert bare["verdict"] == "permit", bare["failures"]
    told = ask(
        "readmission_request", ("reference", "event", "name", "asylum"), **said, subjects=[traveller()]
    )
    assert not leaves(told) & {"name", "asylum"}
    if told["verdict"] == "withhold":
        assert "name" in withheld(told)


@pytest.mark.law("uk:FR-07-data")
def test_what_is_sent_serves_nothing_else() -> None:
    """Art 16: only where needed to carry the treaty out."""
    assert refused(asked(act="reuse"), "Art 16")
    assert asked(purpose="investigate", regime="crime")["verdict"] == "refuse"


@pytest.mark.law("uk:FR-07-data")
def test_asylum_facts_never_leave() -> None:
    """Art 16 and asylum secrecy."""
    answer = ask(
        "readmission_request",
        [*PARTS, "asylum"],
        act="ask",
        between=OUT,
        basis=PDJ,
        at=SPRING_2026,
        purpose="readmission",
        regime="immigration",
        facts=CRITERIA,
        subjects=[traveller()],
        confirmations=[confirmed("necessity", "caseworker-1"), confirmed("refoulement", "caseworker-2")],
    )
    assert "asylum" not in leaves(answer)


@pytest.mark.law("uk:FR-07-term", "FR-07")
def test_before_its_day_and_after_its_end_everything_is_refused() -> None:
    """In force 6 August 2025; after 11 June 2026 unknown until the instrument is loaded."""
    assert asked(at=datetime(2025, 8, 5, 12, 0, tzinfo=UTC))["verdict"] == "refuse"
    after = asked(at=datetime(2026, 6, 12, 12, 0, tzinfo=UTC))
    assert after["verdict"] == "refuse"
    assert "instrument" in str(after["missing"]) + str(after["failures"])
    assert asked(at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))["verdict"] == "refuse"


@pytest.mark.law("uk:FR-07-balance")
def test_the_committee_sees_counts() -> None:
    """Arts 1(3), 17(1)(d): weekly counts."""
    said = {
        "between": OUT,
        "basis": PDJ,
        "at": SPRING_2026,
        "purpose": "statistics",
        "regime": "immigration",
        "subjects": [],
    }
    large = {"statistic": {"aggregate": {"smallest_cell": 25, "describes": ["status"]}}}
    answer = ask("returns_information", ("statistic",), **said, changed=large)
    assert answer["verdict"] == "permit", answer["failures"]
