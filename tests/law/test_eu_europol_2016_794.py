"""Europol's Regulation. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from law_questions import known, leaf, put, says

EP = "EUROPOL/europol"


@pytest.mark.law("eu:EUROPOL-23/25")
@pytest.mark.parametrize("act", ["search", "compare", "view"])
def test_a_third_country_does_not_look_into_europols_data(act: str) -> None:
    """Arts 20-25: no search right."""
    held = leaf("name", EP, systems=["europol"])
    assert says(put("europol_intelligence", [held], between=(EP, "UK/nca"), act=act), "EUROPOL Arts 20")


@pytest.mark.law("eu:EUROPOL-23/25")
@pytest.mark.parametrize("act", ["onward", "reuse"])
def test_nothing_is_passed_on_without_europols_leave(act: str) -> None:
    """Art 23(7)."""
    held = leaf("name", EP, systems=["europol"])
    answer = put("europol_intelligence", [held], between=("UK/nca", "RS/rs-police"), act=act)
    assert says(answer, "EUROPOL Art 23(6)-(7)")


@pytest.mark.law("eu:EUROPOL-23/25")
def test_what_violated_rights_is_not_processed() -> None:
    """Art 23(9)."""
    held = leaf("name", EP, obtained="rights_violation")
    answer = put("europol_intelligence", ["event", held], between=(EP, "UK/nca"))
    assert says(answer, "EUROPOL Art 23(9)") and "name" not in answer["leaves"]


@pytest.mark.law("eu:EUROPOL-30")
@pytest.mark.parametrize("role", ["victim", "witness", "informant", "contact"])
def test_of_victims_witnesses_and_contacts_only_the_strictly_necessary(role: str) -> None:
    """Art 30, Annex II B."""
    answer = put("network_profile", ["event", "finance"], between=("UK/nca", EP), subjects=[known(role=role)])
    assert says(answer, "EUROPOL Art 30") and "finance" not in answer["leaves"]


@pytest.mark.law("eu:EUROPOL-23/25")
def test_a_working_arrangement_with_europol_carries_no_persons() -> None:
    """Arts 23(4), 25: to Serbia nothing is shipped that would carry them."""
    answer = put("europol_intelligence", [leaf("name", EP)], between=(EP, "RS/rs-police"))
    assert says(answer, "EUROPOL Arts 23(4), 25") and answer["verdict"] == "refuse"


@pytest.mark.law("eu:EUROPOL-23/25")
def test_to_the_united_kingdom_it_rests_on_the_unions_adequacy_of_the_day() -> None:
    """Art 25(1)(a): none before 28 June 2021."""
    before = put(
        "europol_intelligence",
        [leaf("name", EP)],
        between=(EP, "UK/nca"),
        at=datetime(2021, 6, 27, 12, tzinfo=UTC),
    )
    now = put("europol_intelligence", [leaf("name", EP)], between=(EP, "UK/nca"))
    assert says(before, "EUROPOL Arts 23(4), 25") and not says(now, "EUROPOL Arts 23(4), 25")
