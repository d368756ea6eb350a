"""Prüm II, between Member States. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import leaf, put, says

BETWEEN = ("FR/fr-prum-contact", "BE/be-prum-contact")
FACE: dict[str, Any] = {"between": BETWEEN, "act": "search"}


@pytest.mark.law("eu:P2-75/76")
def test_until_the_router_has_a_date_no_face_is_searched() -> None:
    """Arts 68, 75, 76: no declaration is shipped."""
    answer = put("face_search", [leaf("face_reference", BETWEEN[0])], **FACE)
    assert says(answer, "P2 Arts 68, 75, 76") and answer["verdict"] == "refuse"


@pytest.mark.law("P2")
@pytest.mark.parametrize("targeting", ["named_list", "group", "untargeted"])
def test_a_face_is_searched_for_one_person_only(targeting: str) -> None:
    """Arts 19-20."""
    answer = put("face_search", [leaf("face_reference", BETWEEN[0])], targeting=targeting, **FACE)
    assert says(answer, "P2 Arts 19-20")


@pytest.mark.law("P2")
def test_core_data_wait_for_a_match_and_a_release() -> None:
    """Art 47: a person decides."""
    answer = put("core_data", [leaf("name", BETWEEN[0])], between=BETWEEN, act="answer")
    assert says(answer, "P2 Art 47")


@pytest.mark.law("eu:P2-16")
def test_a_vehicle_is_searched_by_its_whole_number() -> None:
    """Art 16: full chassis or full plate; by owner with all three."""
    vehicle = [leaf("vehicle", BETWEEN[0])]
    bare = put("vehicle_search", vehicle, between=BETWEEN, act="search")
    whole = put(
        "vehicle_search", vehicle, between=BETWEEN, act="search", facts={"full_plate_or_chassis": True}
    )
    assert says(bare, "P2 Art 16") and not says(whole, "P2 Art 16")


@pytest.mark.law("P2")
def test_it_does_not_speak_of_the_united_kingdom() -> None:
    """Between Member States only; with the United Kingdom TCA Title II rules."""
    answer = put("face_search", ["face_reference"], between=("UK/uk-prum-contact", BETWEEN[0]), act="search")
    assert not says(answer, "P2 Art")
