"""UK-Serbia: declaration of 2023, organised crime agreement of 2025. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, confirmed, leaves

SERBIA = "uk-rs-oic"
OUT = ("UK/nca", "RS/rs-contact-point")
TWO = {"confirmations": [confirmed("release", "officer-1"), confirmed("necessity", "officer-2")]}
ROUTE = {"purpose": "prevent", "regime": "immigration", "subjects": []}


@pytest.mark.law("RS-01")
@pytest.mark.parametrize("between", [OUT, ("RS/rs-police", "UK/home-office")])
def test_the_route_is_told_without_persons(between: tuple[str, str]) -> None:
    """Declaration of intent: information sharing."""
    answer = ask("route_intelligence", ("route", "event", "price"), between=between, basis=SERBIA, **ROUTE)
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("RS-01")
def test_about_a_person_nothing_goes_by_default() -> None:
    """DPA ss.75-76: no recorded assessment or reason, no transfer."""
    answer = ask("person_intelligence", ("event", "offence", "name"), between=OUT, basis=SERBIA, **TWO)
    assert "name" not in leaves(answer)
    assert any("UK>RS" in str(m) or "case_transfer" in str(m) for m in answer["missing"])


@pytest.mark.law("RS-01")
def test_person_intelligence_starts_with_the_agreement_of_2025() -> None:
    """Signed in April 2025, day unread: counted from 1 May."""
    then = datetime(2025, 4, 1, tzinfo=UTC)
    answer = ask(
        "person_intelligence", ("event", "offence", "name"), between=OUT, basis=SERBIA, at=then, **TWO
    )
    assert answer["verdict"] == "refuse"


@pytest.mark.law("RS-01")
def test_two_people_release_it() -> None:
    """Release and necessity, by two."""
    answer = ask("person_intelligence", ("event", "offence"), between=OUT, basis=SERBIA)
    assert answer["verdict"] == "refuse"


@pytest.mark.law("RS-01", "eu:PCC-SEE")
@pytest.mark.parametrize("information", ["dna_search", "fingerprint_search", "vehicle_search"])
def test_the_regions_own_prum_opens_nothing_for_the_uk(information: str) -> None:
    """PCC SEE: the UK is not a party."""
    assert ask(information, ("reference",), between=OUT, basis=SERBIA, act="search")["verdict"] == "refuse"
