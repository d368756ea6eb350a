"""Regulation (EU) 2019/1896: what may be given, and what nobody passes on. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from law_questions import known, leaf, put, says

FX = "FRONTEX/frontex"
UK = "UK/home-office"


@pytest.mark.law("EBCG-86(5)")
@pytest.mark.parametrize("system", ["eurosur", "frontex_risk", "frontex_return"])
@pytest.mark.parametrize("recipient", ["FR/paf", "RS/rs-police", "BE/be-police"])
def test_a_third_country_never_passes_on_what_it_was_given(system: str, recipient: str) -> None:
    """Art 86(5): no onward transmission to other third countries or parties."""
    held = leaf("event", FX, systems=[system])
    answer = put("situational_item", [held], between=(UK, recipient), act="onward")
    assert says(answer, "EBCG Art 86(5)") and answer["verdict"] == "refuse"


@pytest.mark.law("eu:EBCG-90")
@pytest.mark.parametrize(
    "recipient", ["UK/nca", "UK/home-office", "RS/rs-police", "INTERPOL/interpol-general-secretariat"]
)
def test_suspect_data_of_frontex_go_to_no_third_country(recipient: str) -> None:
    """Art 90: only Europol, Eurojust and Member States' law enforcement."""
    held = leaf("suspicion", FX, systems=["frontex_suspect"])
    assert says(put("intelligence_report", [held], between=(FX, recipient)), "EBCG Art 90")


@pytest.mark.law("eu:EBCG-90")
@pytest.mark.parametrize("recipient", ["EUROPOL/europol", "EUROJUST/eurojust", "FR/police-judiciaire"])
def test_suspect_data_of_frontex_may_go_to_those_listed(recipient: str) -> None:
    """Art 90: Europol, Eurojust, Member States."""
    held = leaf("suspicion", FX, systems=["frontex_suspect"])
    assert not says(put("intelligence_report", [held], between=(FX, recipient)), "EBCG Art 90")


@pytest.mark.law("EBCG-87(1)-(3)")
def test_another_purpose_needs_the_providers_leave() -> None:
    """Art 87(3): case by case, compatible and authorised."""
    held = leaf("event", FX, systems=["frontex_risk"])
    without = put("risk_product", [held], between=(UK, UK), act="reuse")
    given = put(
        "risk_product", [held], between=(UK, UK), act="reuse", facts={"provider_authorised_purpose": True}
    )
    assert says(without, "EBCG Art 87") and not says(given, "EBCG Art 87")


@pytest.mark.law("EBCG-88")
def test_crossing_identifiers_leave_only_for_a_return() -> None:
    """Art 88(2): third countries of return only."""
    vehicle = leaf("vehicle", FX, systems=["national_police"])
    analysis = put(
        "crossing_identifiers", [vehicle], between=(FX, UK), purpose="risk_analysis", regime="immigration"
    )
    going_back = put(
        "crossing_identifiers", [vehicle], between=(FX, UK), purpose="return", regime="immigration"
    )
    assert says(analysis, "EBCG Art 88(1)-(2)") and not says(going_back, "EBCG Art 88(1)-(2)")


@pytest.mark.law("EBCG-89(2)")
@pytest.mark.parametrize(
    "category", ["name", "nationality", "phone", "face_image", "vehicle", "caller", "asylum"]
)
def test_the_shared_picture_shows_no_person(category: str) -> None:
    """Art 89(2): ship and aircraft identification numbers only."""
    answer = put(
        "situational_item",
        ["event", "position", category],
        between=(UK, FX),
        purpose="situational_awareness",
        regime="immigration",
    )
    assert says(answer, "EBCG Art 89(2)") and category not in answer["leaves"]


@pytest.mark.law("EBCG-89(2)")
def test_the_numbers_of_ships_and_aircraft_are_not_withheld() -> None:
    """Art 89(2): the one kind that is allowed."""
    answer = put(
        "situational_item",
        ["event", "vessel_id", "aircraft_id"],
        between=(UK, FX),
        purpose="situational_awareness",
        regime="immigration",
    )
    assert not says(answer, "EBCG Art 89(2)")


@pytest.mark.law("EBCG-89(4)-(5)")
@pytest.mark.parametrize("protection", ["claim_pending", "appeal_pending", "serious_risk", "unknown"])
def test_who_may_be_protected_is_not_told_to_a_third_country(protection: str) -> None:
    """Art 89(5): persons under examination or at serious risk; unknown counts."""
    who = known(protection=protection)
    answer = put(
        "crossing_identifiers",
        [leaf("vehicle", FX)],
        between=(FX, UK),
        purpose="return",
        regime="immigration",
        subjects=[who],
    )
    assert says(answer, "EBCG Art 89(5)")


@pytest.mark.law("EBCG-89(4)-(5)")
def test_a_settled_no_lets_the_rule_rest_and_a_machines_no_does_not() -> None:
    """Art 89(5): a negative fact needs who stated it, when and from what; a machine settles nothing."""
    about = {"between": (FX, UK), "purpose": "return", "regime": "immigration"}
    settled: Any = put("crossing_identifiers", [leaf("vehicle", FX)], subjects=[known()], **about)
    machine = known(established={"protection": {"source": "machine", "by": "m", "at": "2026-10-30"}})
    bare = known(established={})
    assert not says(settled, "EBCG Art 89(5)")
    for who in (machine, bare):
        assert says(
            put("crossing_identifiers", [leaf("vehicle", FX)], subjects=[who], **about), "EBCG Art 89(5)"
        )


@pytest.mark.law("EBCG-89(4)-(5)")
@pytest.mark.parametrize("size", [3, "unknown"])
def test_a_small_group_is_a_subject(size: int | str) -> None:
    """Art 89(5): persons or groups."""
    group = {"id": "s1", "kind": "group", "size": size, "protection": "unknown"}
    table = leaf(
        "count", FX, subjects=["s1"], aggregate={"smallest_cell": 3, "describes": ["nationality", "status"]}
    )
    answer = put(
        "risk_product",
        [table],
        between=(FX, UK),
        purpose="risk_analysis",
        regime="immigration",
        subjects=[group],
    )
    assert says(answer, "EBCG Art 89(5)")


@pytest.mark.law("EBCG-86(4)")
def test_the_state_fled_from_learns_nothing() -> None:
    """Art 86(4): no harm to those who ask for protection."""
    who = known(protection="claim_pending", nationality=["RS"])
    answer = put(
        "person_intelligence", [leaf("name", FX)], between=(FX, "RS/rs-border-police"), subjects=[who]
    )
    assert says(answer, "EBCG Art 86(4)")


@pytest.mark.law("eu:EBCG-80")
def test_nobody_with_an_open_claim_is_handed_over() -> None:
    """Art 80: non-refoulement, chain included."""
    who = known(role="applicant", protection="appeal_pending")
    answer = put(
        "readmission_request",
        [leaf("name", "FR/prefecture")],
        between=("FR/prefecture", "UK/home-office"),
        act="readmission",
        purpose="readmission",
        regime="immigration",
        subjects=[who],
    )
    assert says(answer, "EBCG Art 80") and answer["verdict"] == "refuse"


@pytest.mark.law("EBCG-73")
@pytest.mark.parametrize("capacity", ["observer", "coordinator", "adviser", "liaison", "team_member"])
def test_executive_powers_need_a_status_agreement(capacity: str) -> None:
    """Art 73(3): status agreement before any executive act."""
    answer = put("deployment", ["staff"], between=(FX, UK), act="executive", capacity=capacity)
    assert says(answer, "EBCG Art 73(3)") and answer["verdict"] == "refuse"


@pytest.mark.law("EBCG-82(10)")
def test_a_team_member_looks_into_nothing_without_the_hosts_leave() -> None:
    """Art 82(10): the host authorises, person by person and database by database."""
    answer = put("intelligence_report", ["event"], between=(FX, "FR/paf"), act="view", capacity="team_member")
    assert says(answer, "EBCG Art 82(10)")


@pytest.mark.law("EBCG-83")
def test_accreditation_that_nobody_can_show_is_none() -> None:
    """Art 83: the document names the tasks and ends."""
    about: dict[str, Any] = {"between": (FX, "FR/paf"), "act": "view", "capacity": "team_member"}
    without = put("intelligence_report", ["event"], **about)
    shown = put("intelligence_report", ["event"], facts={"accreditation_in_force": True}, **about)
    assert says(without, "EBCG Art 83") and not says(shown, "EBCG Art 83")


@pytest.mark.law("eu:EBCG-46")
def test_serious_or_lasting_violations_stop_the_exchange_and_never_a_rescue() -> None:
    """Art 46(4)-(5): suspend, end, do not start; distress goes on."""
    facts = {"rights_violation_serious_or_persistent": True}
    picture = put("situational_item", ["event"], between=(UK, FX), facts=facts)
    quiet = put("situational_item", ["event"], between=(UK, FX))
    distress = put(
        "distress_incident",
        ["event", "position"],
        between=("UK/hm-coastguard", "FR/cross-gris-nez"),
        purpose="rescue",
        regime="rescue",
        facts=facts | {"life_at_risk": True},
    )
    assert says(picture, "EBCG Art 46") and not says(quiet, "EBCG Art 46")
    assert distress["verdict"] == "permit"


@pytest.mark.law("uk:EBCG-73")
def test_persons_leave_frontex_only_on_adequacy_or_the_supervisors_leave() -> None:
    """Art 73(4): no adequacy reached the United Kingdom's immigration control before 19 December 2025."""
    vehicle = [leaf("vehicle", FX, purpose="return", regime="immigration")]
    about: dict[str, Any] = {"between": (FX, UK), "purpose": "return", "regime": "immigration"}
    before = put("crossing_identifiers", vehicle, at=datetime(2025, 12, 18, 12, tzinfo=UTC), **about)
    now = put("crossing_identifiers", vehicle, **about)
    serbia = put("crossing_identifiers", vehicle, **about | {"between": (FX, "RS/rs-police")})
    assert says(before, "EBCG Art 73(4)") and not says(now, "EBCG Art 73(4)")
    assert says(serbia, "EBCG Art 73(4)")


@pytest.mark.law("eu:EBCG-92(1)")
def test_classified_matter_needs_the_commission() -> None:
    """Art 92(1): Commission's prior approval."""
    marked = leaf("event", FX)
    marked["handling"] = marked["handling"] | {"classification": "RESTREINT UE"}
    assert says(put("situational_item", [marked], between=(FX, UK)), "92(1)")


@pytest.mark.law("eu:EBCG-21(6)")
def test_another_body_than_the_coordination_centre_speaks_by_its_leave() -> None:
    """Art 21(6): the centre authorises and is told."""
    without = put("situational_item", [leaf("event", "FR/paf")], between=("FR/paf", UK))
    centre = put("situational_item", [leaf("event", "FR/fr-ncc")], between=("FR/fr-ncc", UK))
    assert says(without, "EBCG Art 21(6)") and not says(centre, "EBCG Art 21(6)")


@pytest.mark.law("eu:EBCG-70")
def test_article_70_spoke_of_the_united_kingdom_until_the_end_of_2020() -> None:
    """Arts 70, 124(3): until the end of the transition period."""
    held = leaf("event", FX)
    then = put("situational_item", [held], between=(FX, UK), at=datetime(2020, 12, 31, 12, tzinfo=UTC))
    after = put("situational_item", [held], between=(FX, UK), at=datetime(2021, 1, 1, 12, tzinfo=UTC))
    assert says(then, "EBCG Arts 70") and not says(after, "EBCG Arts 70")
