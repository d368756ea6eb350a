"""UK-France deal announced on 23 April 2026. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, refused

DEAL = "uk-fr-2026-2029"
OUT = ("UK/home-office", "FR/paf")
SAID = {"between": OUT, "basis": DEAL, "purpose": "statistics", "regime": "none", "subjects": []}


@pytest.mark.law("uk:UKFR-26")
def test_money_and_results_are_told_with_a_warning() -> None:
    """Known from the press only."""
    answer = ask("support_record", ("programme", "reference"), **SAID)
    assert answer["verdict"] == "permit" and answer["warnings"], answer["failures"]


@pytest.mark.law("uk:UKFR-26")
@pytest.mark.parametrize("targeting", ["group", "named_list"])
def test_no_list_is_picked_by_nationality(targeting: str) -> None:
    """Whatever the announcement aims at."""
    assert refused(ask("support_record", ("programme",), **SAID, targeting=targeting), "nationality")


@pytest.mark.law("uk:UKFR-26")
def test_no_person_passes_on_an_announcement() -> None:
    """Political text."""
    answer = ask("person_intelligence", ("event", "name"), between=OUT, basis=DEAL)
    assert refused(answer, "political text")


@pytest.mark.law("uk:UKFR-26")
def test_it_starts_on_its_day() -> None:
    """Announced 23 April 2026."""
    before = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
    assert ask("support_record", ("programme",), **SAID, at=before)["verdict"] == "refuse"
