"""Prüm I: still law until the router's date. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import leaf, put, says


@pytest.mark.law("eu:PRUM1")
@pytest.mark.parametrize("act", ["onward", "reuse"])
def test_what_a_search_gave_goes_no_further_without_the_supplier(act: str) -> None:
    """Arts 26-27."""
    held = leaf("name", "FR/fr-prum-contact", systems=["prum"])
    answer = put("core_data", [held], between=("UK/nca", "RS/rs-police"), act=act)
    assert says(answer, "2008/615/JHA Arts 26-27")


@pytest.mark.law("eu:PRUM1")
def test_to_compare_and_to_answer_is_what_it_is_for() -> None:
    """Art 26."""
    held = leaf("dna_reference", "FR/fr-prum-contact", systems=["prum"])
    between = ("FR/fr-prum-contact", "BE/be-prum-contact")
    assert not says(put("dna_search", [held], between=between, act="answer"), "2008/615/JHA Arts 26-27")


@pytest.mark.law("eu:PRUM1")
def test_two_years_are_for_the_log_and_the_data_go_right_after_the_reply() -> None:
    """Arts 26, 30: no period of two years travels with what was searched."""
    between = ("FR/fr-prum-contact", "BE/be-prum-contact")
    answer = put("dna_search", ["dna_reference"], between=between, act="search")
    assert not [one for one in answer["travels"] if isinstance(one, dict) and "erase_by" in one]
    told = {(one["do"], one["article"]) for one in answer["duties"]}
    assert ("delete", "Decision 2008/615/JHA Art 26: right after comparison or reply") in told
    assert ("log_justification", "Decision 2008/615/JHA Art 30: log kept two years") in told
