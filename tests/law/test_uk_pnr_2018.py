"""Passenger Name Record Regulations 2018 as amended. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import leaf, put, says

HOME = ("UK/ukpiu", "UK/nca")
RECORD = leaf("name", "UK/ukpiu", systems=["pnr"])


@pytest.mark.law("TCA-542-562")
@pytest.mark.parametrize("purpose", ["immigration_control", "border_control", "revenue", "vetting_other"])
def test_passenger_records_never_serve_plain_immigration_control(purpose: str) -> None:
    """Reg 6: terrorism, serious crime, or lives."""
    assert says(put("passenger_records", [RECORD], between=HOME, purpose=purpose), "regs 6, 6A")


@pytest.mark.law("uk:PNR")
def test_serious_crime_begins_at_three_years() -> None:
    """Reg 6 as amended."""
    small = {"law": "UK", "code": "minor", "max_years": 2, "stage": "suspected", "place": "UK"}
    assert says(put("passenger_records", [RECORD], between=HOME, offence=small), "reg 6: serious crime")
    grave = small | {"max_years": 3}
    assert not says(put("passenger_records", [RECORD], between=HOME, offence=grave), "reg 6: serious crime")


@pytest.mark.law("uk:PNR")
@pytest.mark.parametrize("automated", ["yes", "unknown"])
def test_no_machine_decides_on_a_passenger(automated: str) -> None:
    """Reg 6(5A)."""
    answer = put("passenger_records", [RECORD], between=HOME, act="measure", automated=automated)
    assert says(answer, "reg 6(5A)") and answer["verdict"] == "refuse"


@pytest.mark.law("uk:PNR")
def test_union_records_do_not_leave_for_another_country() -> None:
    """Reg 12: case, equal protection in writing, independent consent."""
    answer = put("passenger_records", [RECORD], between=("UK/ukpiu", "RS/rs-police"))
    assert says(answer, "reg 12(2B)")


@pytest.mark.law("uk:PNR-third-country")
def test_a_member_state_is_no_third_country_here() -> None:
    """For passenger records a Member State is not a third country."""
    assert not says(put("passenger_records", [RECORD], between=("UK/ukpiu", "FR/fr-piu")), "reg 12(2B)")


@pytest.mark.law("uk:PNR")
@pytest.mark.parametrize("act", ["onward", "reuse"])
def test_at_home_it_goes_no_further_without_the_unit(act: str) -> None:
    """Regs 6(9), 7(3), 13A."""
    answer = put("passenger_records", [RECORD], between=("UK/nca", "UK/home-office"), act=act)
    assert says(answer, "regs 6(9)") and says(answer, "reg 13A")
