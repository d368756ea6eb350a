"""EUROSUR: what its pictures are for, and where they end. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import leaf, put, says

FX = "FRONTEX/frontex"
UK = "UK/home-office"


def picture(category: str = "event", owner: str = FX) -> dict[str, Any]:
    return leaf(category, owner, systems=["eurosur"])


@pytest.mark.law("uk:EUROSUR-19")
@pytest.mark.parametrize(
    "purpose", ["evidence", "prosecute", "immigration_control", "return", "readmission", "asylum"]
)
@pytest.mark.parametrize("intercepted", [True, "unknown"])
def test_after_interception_the_picture_serves_no_measure(purpose: str, intercepted: bool | str) -> None:
    """EBCG Art 19(2): no legal or administrative measure; nobody knowing counts as intercepted."""
    answer = put(
        "situational_item",
        [picture(owner=UK)],
        between=(UK, "UK/police"),
        purpose=purpose,
        facts={"after_interception": intercepted},
    )
    assert says(answer, "EBCG Art 19(2)")


@pytest.mark.law("uk:EUROSUR-19")
def test_a_measure_is_barred_before_interception_too() -> None:
    """EBCG Art 19(2), the house's stricter reading."""
    answer = put(
        "situational_item", [picture()], between=(UK, UK), act="measure", facts={"after_interception": False}
    )
    assert says(answer, "EBCG Art 19(2)") and answer["verdict"] == "refuse"


@pytest.mark.law("uk:EBCG-27")
def test_a_specific_picture_needs_its_originators_consent() -> None:
    """EBCG Arts 27, 75(3): a refusal binds, silence is no consent."""
    answer = put("situational_item", [picture()], between=(FX, UK), purpose="situational_awareness")
    assert says(answer, "EBCG Arts 27(1)-(3)")
    inside = put("situational_item", [picture()], between=(FX, "FR/paf"), purpose="situational_awareness")
    assert not says(inside, "EBCG Arts 27(1)-(3)")


@pytest.mark.law("uk:EBCG-27")
def test_what_the_agency_itself_first_saw_needs_nobody_elses_consent() -> None:
    """EBCG Art 27: the keeper of a picture is not its originator unless somebody says so."""
    said: dict[str, Any] = {"between": (FX, UK), "purpose": "situational_awareness", "subjects": []}
    own = put("situational_item", [picture()], facts={"sender_is_originator": True}, **said)
    unsaid = put("situational_item", [picture()], **said)
    risk = put("risk_product", [picture()], facts={"sender_is_originator": True}, **said)
    assert not says(own, "EBCG Arts 27(1)-(3)")
    assert says(unsaid, "EBCG Arts 27(1)-(3)") and says(risk, "EBCG Arts 27(1)-(3)")


@pytest.mark.law("uk:EUROSUR-40")
@pytest.mark.parametrize("act", ["search", "compare", "live_identification"])
def test_nobody_is_looked_for_in_a_picture(act: str) -> None:
    """Art 40: not processed to identify."""
    answer = put("situational_item", [picture("image")], between=(FX, UK), act=act)
    assert says(answer, "2021/581 Art 40")


@pytest.mark.law("eu:IR-30/33/39")
@pytest.mark.parametrize("between", [(FX, UK), (UK, FX)])
def test_no_live_link_before_the_accreditation_board_approved_it(between: tuple[str, str]) -> None:
    """Art 39(3): each interconnection; no approval is shipped."""
    live = put("situational_item", ["event"], between=between, channel="live_link")
    plain = put("situational_item", ["event"], between=between)
    assert says(live, "39(3)") and live["verdict"] == "refuse"
    assert not says(plain, "39(3)")


@pytest.mark.law("uk:EBCG-70(c)")
def test_where_the_own_patrols_stand_stays_at_home() -> None:
    """EBCG Arts 25(5), 26(5)."""
    answer = put("situational_item", ["event", leaf("asset", FX)], between=(FX, UK))
    assert says(answer, "EBCG Arts 25(5)") and "asset" not in answer["leaves"]


@pytest.mark.law("uk:EUROSUR-watchlists")
def test_no_natural_person_stands_on_a_watchlist() -> None:
    """Art 15: vessels, aircraft, ports, places."""
    answer = put("situational_item", ["event", "name"], between=(UK, FX))
    assert says(answer, "2021/581 Arts 3(10), 15")


@pytest.mark.law("uk:EUROSUR-roles")
def test_a_machine_closes_nothing() -> None:
    """Art 9(7): the owner closes, for one of three reasons."""
    answer = put("situational_item", ["event"], between=(UK, UK), act="close", capacity="machine")
    assert says(answer, "9(7)") and answer["verdict"] == "refuse"
