"""Directive (EU) 2016/680: what binds a Member State that gives. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import IN, TCA, known, leaf, owes, put, says

FR = IN[0]


@pytest.mark.law("DPA-30/31/36(4)")
def test_police_data_do_not_slide_into_immigration() -> None:
    """Arts 4(2), 9(1)."""
    held = leaf("name", FR, systems=["national_police"])
    answer = put(
        "person_intelligence",
        [held],
        between=(FR, "FR/prefecture"),
        act="reuse",
        purpose="immigration_control",
        regime="immigration",
    )
    assert says(answer, "LED Arts 4(2)")


@pytest.mark.law("DPA-38(2)-(3)")
def test_of_somebody_whose_part_nobody_stated_no_suspicion_is_sent() -> None:
    """Arts 6, 7(1)."""
    answer = put("intelligence_report", ["event", "suspicion"], between=IN, subjects=[known(role="unknown")])
    assert says(answer, "LED Arts 6")


@pytest.mark.law("DPA-35/42")
def test_sensitive_data_need_their_ground() -> None:
    """Art 10."""
    answer = put("intelligence_report", ["event", leaf("health", FR)], between=IN)
    assert says(answer, "LED Art 10") and "health" not in answer["leaves"]


@pytest.mark.law("eu:LED-11")
def test_no_machine_decides_and_nobody_is_profiled_by_what_they_are() -> None:
    """Art 11(1), (3)."""
    alone = put("passenger_records", [leaf("name", FR)], between=IN, act="measure", automated="yes")
    crowd = put("passenger_records", [leaf("name", FR)], between=IN, act="search", targeting="untargeted")
    assert says(alone, "LED Art 11") and says(crowd, "LED Art 11(3)")
    assert alone["verdict"] == crowd["verdict"] == "refuse"


@pytest.mark.law("LED-35/36/38")
def test_another_states_data_wait_for_its_leave_unless_there_is_no_time() -> None:
    """Art 35(1)(c), (2): the emergency lifts the leave and nothing else."""
    theirs: list[Any] = ["event", leaf("name", "DE/de-police", state="DE")]
    threat = {"threat_immediate_serious": True, "no_time_to_ask": True}
    asked = put("intelligence_report", theirs, between=IN)
    urgent = put("intelligence_report", theirs, between=IN, facts=threat)
    assert says(asked, "LED Art 35(1)(c)")
    assert not says(urgent, "LED Art 35(1)(c)") and owes(urgent, "LED Art 35(2)")


@pytest.mark.law("eu:LED-36/37/38")
def test_date_recipient_reason_and_content_are_recorded() -> None:
    """Arts 37(3), 38(3)."""
    answer = put("intelligence_report", ["event", leaf("name", FR)], between=IN, asked_basis=TCA)
    assert owes(answer, "LED Arts 37(3)")
