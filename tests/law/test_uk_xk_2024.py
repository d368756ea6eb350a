"""UK-Kosovo, announced 7 November 2024; no text was found. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, leaves, refused

ANNOUNCED = "uk-xk-2024"
OUT = ("UK/home-office", "XK/xk-contact-point")
ROUTE = {"between": OUT, "basis": ANNOUNCED, "purpose": "prevent", "regime": "immigration"}


@pytest.mark.law("XK-01")
def test_the_route_is_told_with_a_warning() -> None:
    """Announced: exchange of intelligence and expertise."""
    answer = ask("route_intelligence", ("route", "event", "price"), **ROUTE, subjects=[])
    assert answer["verdict"] == "permit", answer["failures"]
    assert answer["confidence"] == "partly" and answer["warnings"]


@pytest.mark.law("XK-01")
@pytest.mark.parametrize(
    "information", ["person_intelligence", "dna_search", "own_national_return", "joint_item"]
)
def test_about_a_person_nothing_passes_without_a_text(information: str) -> None:
    """No text was found."""
    assert refused(ask(information, ("event", "name"), between=OUT, basis=ANNOUNCED), "no text")


@pytest.mark.law("XK-01")
def test_a_name_in_route_intelligence_stays_at_home() -> None:
    """Personal data off."""
    assert "name" not in leaves(ask("route_intelligence", ("route", "name"), **ROUTE))


@pytest.mark.law("XK-01")
def test_nothing_before_the_announcement() -> None:
    """7 November 2024."""
    before = datetime(2024, 11, 6, 12, 0, tzinfo=UTC)
    assert ask("route_intelligence", ("route",), **ROUTE, at=before, subjects=[])["verdict"] == "refuse"
