"""Trade and Cooperation Agreement, Title III, and the PNR Regulations 2018. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, confirmed, refused

PNR = "eu-uk-tca-title-III-pnr"
SAID = {"between": ("UK/ukpiu", "FR/fr-piu"), "basis": PNR, "act": "answer"}
PARTS = ("travel", "name", "reference")


@pytest.mark.law("uk:PNR")
def test_no_use_without_the_independent_authority() -> None:
    """PNR Regs reg 13A: consent of the independent authority."""
    answer = ask("passenger_records", PARTS, **SAID, confirmations=[confirmed("sign_off")])
    assert answer["verdict"] == "refuse"
    assert any("independent_consent" in str(m) for m in answer["missing"])


@pytest.mark.law("TCA-542-562")
@pytest.mark.parametrize("purpose", ["immigration_control", "border_control", "return"])
def test_never_for_plain_immigration_control(purpose: str) -> None:
    """PNR Regs reg 6: terrorism and serious crime only."""
    assert refused(ask("passenger_records", PARTS, **SAID, purpose=purpose, regime="immigration"), "reg 6")


@pytest.mark.law("uk:PNR")
def test_a_small_offence_is_not_enough() -> None:
    """PNR Regs reg 6: three years' maximum or more."""
    small = {"law": "UK", "code": "small", "max_years": 1, "stage": "suspected", "place": "UK"}
    signed = [confirmed("sign_off")]
    answer = ask("passenger_records", PARTS, **SAID, offence=small, confirmations=signed)
    assert any(f["step"] in (6, "6", "purpose", "6 purpose") for f in answer["failures"])


@pytest.mark.law("uk:PNR")
def test_no_machine_decides_against_a_passenger() -> None:
    """PNR Regs reg 6(5A)."""
    assert refused(ask("passenger_records", PARTS, **(SAID | {"act": "measure"})), "6(5A)")


@pytest.mark.law("TCA-692/693")
def test_nothing_before_the_agreement_applied() -> None:
    """Applied from 1 January 2021."""
    before = datetime(2020, 12, 31, 12, 0, tzinfo=UTC)
    assert ask("passenger_records", PARTS, **SAID, at=before)["verdict"] == "refuse"
