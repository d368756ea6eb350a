"""Data (Use and Access) Act 2025 s.103: complaints to the controller itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from law_questions import put


def complaint(at: datetime) -> Any:
    return put(
        "rights_report",
        ["complaint"],
        between=("FR/defenseur-des-droits", "UK/home-office"),
        act="complain",
        purpose="rights",
        regime="none",
        at=at,
        facts={"complaint_received_at": "2026-11-01"},
    )


@pytest.mark.law("uk:DUAA-103")
def test_since_19_june_2026_a_complaint_is_acknowledged_in_thirty_days() -> None:
    """s.103, in force 19 June 2026 on a law firm's word: a clock, and no day before."""
    names = {c["name"] for c in complaint(datetime(2026, 11, 2, 12, tzinfo=UTC))["clocks"]}
    before = {c["name"] for c in complaint(datetime(2026, 6, 18, 12, tzinfo=UTC))["clocks"]}
    assert "complaint-acknowledged" in names and "complaint-acknowledged" not in before
