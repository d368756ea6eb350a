"""Eurodac: what came from there stays in the Union, but for one return form. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from law_questions import IN, OUT, known, leaf, put, says

FORM = {
    "illegally_staying": True,
    "person_informed": True,
    "rights_unharmed": True,
    "non_refoulement_checked": True,
}


def from_eurodac(category: str = "name", owner: str = "FR/police-judiciaire", **said: Any) -> dict[str, Any]:
    return leaf(category, owner, systems=["eurodac"], **said)


@pytest.mark.law("EURODAC-49")
@pytest.mark.parametrize("recipient", ["UK/nca", "RS/rs-police", "AL/al-police", "IQ/iq-interior"])
def test_what_came_from_eurodac_goes_to_no_third_country(recipient: str) -> None:
    """Art 49(1): no third country."""
    answer = put(
        "intelligence_report", ["event", from_eurodac()], between=("FR/police-judiciaire", recipient)
    )
    assert says(answer, "EURODAC Art 49(1)")
    assert "name" not in answer["leaves"]


@pytest.mark.law("EURODAC-49")
def test_the_bar_follows_what_was_derived_and_whoever_holds_it() -> None:
    """Art 49(1): nor after further processing."""
    tainted = leaf("name", "UK/nca", systems=["national_police", "eurodac"])
    answer = put("person_intelligence", [tainted], between=("UK/nca", "RS/rs-police"))
    assert says(answer, "EURODAC Art 49(1)")


@pytest.mark.law("EURODAC-49")
def test_nobody_having_said_where_it_came_from_is_not_a_no() -> None:
    """Art 49(1): unknown origin counts inside the bar's own reach."""
    answer = put(
        "person_intelligence", ["event", leaf("name", "FR/police-judiciaire", systems="unknown")], between=IN
    )
    assert [f["step"] for f in answer["failures"] if f["items"] == ["name"]] == [2]
    assert "name" not in answer["leaves"]


@pytest.mark.law("EURODAC-49")
def test_between_member_states_the_bar_is_silent() -> None:
    """Art 49(1) speaks of third countries."""
    answer = put("intelligence_report", [from_eurodac()], between=("FR/police-judiciaire", "BE/be-police"))
    assert not says(answer, "EURODAC Art 49(1)")


@pytest.mark.law("eu:EURODAC-49")
def test_the_fact_of_a_claim_is_not_told_even_when_it_came_from_elsewhere() -> None:
    """Art 49(4): neither the fact of an application nor of an admission procedure."""
    claim = leaf("asylum", "FR/police-judiciaire", sensitive={"condition": "c", "policy_document": "p"})
    assert says(put("person_intelligence", ["event", claim], between=IN), "EURODAC Art 49(4)")


@pytest.mark.law("eu:EURODAC-50")
def test_a_third_country_does_not_search_eurodac() -> None:
    """Art 50: no direct third-country access."""
    answer = put(
        "fingerprint_search",
        ["fingerprint_reference"],
        between=OUT,
        act="search",
        sought={"categories": ["hit"], "systems": ["eurodac"]},
    )
    assert says(answer, "EURODAC Art 49(1)") and answer["verdict"] == "refuse"


@pytest.mark.law("EURODAC-50")
def test_the_return_form_needs_every_tick_and_the_owners_leave() -> None:
    """Art 50: without the consent record all ticks are not enough."""
    answer = put(
        "identity_evidence",
        [from_eurodac()],
        between=("FR/prefecture", "UK/home-office"),
        purpose="return",
        regime="immigration",
        facts=FORM,
        subjects=[known(role="other", protection="refused_final")],
    )
    assert says(answer, "EURODAC Art 49(1)")


@pytest.mark.law("eu:EURODAC-dates")
def test_before_june_2026_the_repealed_regulation_bars_the_same() -> None:
    """Art 63(2): applies since 12 June 2026; the day before, Regulation 603/2013 Art 35."""
    before = put(
        "intelligence_report", [from_eurodac()], between=IN, at=datetime(2026, 6, 11, 12, tzinfo=UTC)
    )
    after = put("intelligence_report", [from_eurodac()], between=IN, at=datetime(2026, 6, 12, 12, tzinfo=UTC))
    assert says(before, "603/2013 Art 35") and not says(before, "EURODAC Art 49")
    assert says(after, "EURODAC Art 49(1)") and not says(after, "603/2013")


@pytest.mark.law("eu:EURODAC-47")
def test_a_result_serves_its_own_case_only() -> None:
    """Art 47: only for the specific case."""
    answer = put(
        "intelligence_report", [from_eurodac()], between=("FR/police-judiciaire", "BE/be-police"), act="reuse"
    )
    assert says(answer, "EURODAC Art 47")
