"""UK-France Joint Intelligence Cell. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, confirmed, leaves, refused

JIC = "uk-fr-jic-uro"
OUT = ("UK/nca", "FR/oltim")
PARTS = ("event", "route", "offence", "name", "suspicion")
BOTH = {"confirmations": [confirmed("release", "officer-uk"), confirmed("release", "officer-fr")]}


@pytest.mark.law("FR-01")
@pytest.mark.parametrize("between", [OUT, ("FR/oltim", "UK/hoio")])
def test_a_joint_item_passes_when_an_officer_of_each_side_released_it(between: tuple[str, str]) -> None:
    """The cell leans on TCA Art 563 for data about persons."""
    answer = ask("joint_item", PARTS, between=between, basis=JIC, **BOTH)
    assert answer["verdict"] == "permit", answer["failures"]
    assert "eu-uk-tca-563-operational" in str(answer["basis"]["relies_on"])


@pytest.mark.law("FR-01")
def test_one_officer_is_not_enough() -> None:
    """Officer check on both sides."""
    assert (
        ask("joint_item", PARTS, between=OUT, basis=JIC, confirmations=[confirmed("release")])["verdict"]
        == "refuse"
    )


@pytest.mark.law("FR-01")
def test_without_adequacy_the_cell_has_nothing_to_stand_on() -> None:
    """A declaration of intent is no basis: what TCA Art 563 loses, the cell loses."""
    late = datetime(2032, 3, 1, tzinfo=UTC)
    answer = ask("joint_item", PARTS, between=("FR/oltim", "UK/nca"), basis=JIC, at=late, **BOTH)
    assert "name" not in leaves(answer)


@pytest.mark.law("FR-01")
def test_who_sits_in_the_cell_depends_on_the_day() -> None:
    """Staffing of 2020 and of 2025."""
    old = ("UK/nca", "FR/paf")
    then = datetime(2024, 5, 1, tzinfo=UTC)
    parts = ("event", "place")
    said = {"basis": JIC, "purpose": "prevent"}
    assert ask("launch_alert", parts, between=old, at=then, **said)["verdict"] == "permit"
    assert ask("launch_alert", parts, between=old, **said)["verdict"] == "refuse"
    assert ask("launch_alert", parts, between=OUT, at=then, **said)["verdict"] == "refuse"


@pytest.mark.law("FR-01")
def test_no_uk_hand_writes_in_a_french_file() -> None:
    """Output is for the French judicial investigation, and France's alone."""
    assert refused(ask("joint_item", PARTS, between=OUT, basis=JIC, act="close", **BOTH), "judicial inquiry")


@pytest.mark.law("FR-01", "TCA-563(1)")
@pytest.mark.parametrize("information", ["dna_search", "conviction_request", "passenger_records"])
def test_the_cell_is_no_back_door_to_registers(information: str) -> None:
    """Searches run under their Titles."""
    assert ask(information, ["reference"], between=OUT, basis=JIC, **BOTH)["verdict"] == "refuse"
