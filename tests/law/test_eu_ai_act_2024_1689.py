"""Remote identification by a machine. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import IN, OUT, confirmed, put, says

FACE: dict[str, Any] = {"act": "search", "modality": "later"}
TWO = [confirmed("identity", "examiner-1"), confirmed("identity", "examiner-2")]


@pytest.mark.law("AIA-5(1)(h)")
@pytest.mark.parametrize("between", [OUT, IN, ("UK/police", "UK/nca"), ("RS/rs-police", "UK/nca")])
def test_nobody_is_recognised_live_in_a_crowd(between: tuple[str, str]) -> None:
    """Art 5(1)(h): for every Side, and with no exception."""
    answer = put("face_search", ["face_reference"], between=between, act="live_identification")
    assert says(answer, "AI Act Art 5(1)(h)") and answer["verdict"] == "refuse"


@pytest.mark.law("AIA-5(1)(h)")
@pytest.mark.parametrize("act", ["search", "compare"])
def test_a_live_comparison_by_another_name_is_the_same(act: str) -> None:
    """Art 5(1)(h)."""
    answer = put("face_search", ["face_reference"], act=act, modality="live")
    assert says(answer, "AI Act Art 5(1)(h)") and answer["verdict"] == "refuse"


@pytest.mark.law("AIA-14(5)")
def test_one_person_is_not_enough_and_the_same_one_twice_neither() -> None:
    """Art 14(5): two competent persons, each apart."""
    for confirmations in ([], TWO[:1], [TWO[0], TWO[0]]):
        answer = put("face_search", ["face_reference"], confirmations=confirmations, **FACE)
        assert says(answer, "AI Act Art 14(5)")
    assert not says(put("face_search", ["face_reference"], confirmations=TWO, **FACE), "AI Act Art 14(5)")


@pytest.mark.law("AIA-26(10)")
def test_later_identification_needs_an_offence_and_an_authorisation() -> None:
    """Art 26(10)."""
    assert says(put("face_search", ["face_reference"], **FACE), "AI Act Art 26(10)")


@pytest.mark.law("AIA-26(10)")
@pytest.mark.parametrize("targeting", ["named_list", "group", "untargeted", "unknown"])
def test_later_identification_is_never_untargeted(targeting: str) -> None:
    """Art 26(10)."""
    answer = put("face_search", ["face_reference"], targeting=targeting, **FACE)
    assert says(answer, "AI Act Art 26(10)") and answer["verdict"] == "refuse"
