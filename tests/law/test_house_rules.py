"""House rules: what is asked of every Side where law is silent. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import IN, OUT, leaf, put, says


@pytest.mark.law("uk:DPA-50A-50D")
@pytest.mark.parametrize("act", ["measure", "readmission", "close"])
@pytest.mark.parametrize("automated", ["yes", "unknown"])
def test_a_named_person_decides_whatever_bears_on_a_person(act: str, automated: str) -> None:
    """House rule beside LED Art 11 and PNR reg 6(5A)."""
    answer = put("person_intelligence", ["name"], act=act, automated=automated)
    assert says(answer, "House rule") and answer["verdict"] == "refuse"


@pytest.mark.law("GRADE-UK")
def test_what_is_suspected_to_be_false_is_not_sent() -> None:
    """3x5x2: E has no Union grade."""
    false = leaf("name", grade={"scheme": "3x5x2", "source": "1", "information": "E"})
    answer = put("intelligence_report", ["event", false])
    assert says(answer, "3x5x2") and "name" not in answer["leaves"]


@pytest.mark.law("CLASS-UK")
@pytest.mark.parametrize("marking", ["RESTREINT UE", "CONFIDENTIEL UE", "SECRET", "TOP SECRET", "unknown"])
@pytest.mark.parametrize("between", [OUT, IN])
def test_nothing_above_the_ceiling_is_carried(marking: str, between: tuple[str, str]) -> None:
    """An unaccredited node stops at OFFICIAL-SENSITIVE and LIMITE."""
    marked = leaf("event", between[0])
    marked["handling"] = marked["handling"] | {"classification": marking}
    answer = put("route_intelligence", [marked], between=between)
    assert answer["verdict"] == "refuse" and "event" not in answer["leaves"]
    assert says(answer, "Security of Information")


@pytest.mark.law("eu:LED-11")
@pytest.mark.parametrize("information", ["dna_search", "fingerprint_search", "face_search"])
@pytest.mark.parametrize("targeting", ["named_list", "group", "untargeted", "unknown"])
def test_a_search_has_a_case_and_one_person(information: str, targeting: str) -> None:
    """No search of everybody."""
    answer = put(information, ["reference"], act="search", targeting=targeting)
    assert says(answer, "House rule") and answer["verdict"] == "refuse"


@pytest.mark.law("EBCG-46/109-111")
@pytest.mark.parametrize("purpose", ["investigate", "asylum", "immigration_control", "return"])
def test_a_complaint_never_counts_against_the_person(purpose: str) -> None:
    """EBCG Art 111: confidential."""
    told = leaf("complaint", "FRONTEX/frontex-fro", systems=["complaint"])
    answer = put(
        "person_intelligence", ["event", told], between=("FRONTEX/frontex-fro", "FR/paf"), purpose=purpose
    )
    assert says(answer, "EBCG Art 111") and "complaint" not in answer["leaves"]


@pytest.mark.law("EBCG-86(4)")
def test_an_asylum_file_is_no_intelligence_at_home_or_abroad() -> None:
    """EBCG Art 86(4); 339IA."""
    told = leaf("name", "UK/uk-visas-and-immigration", systems=["national_asylum"])
    for recipient in ("UK/nca", "FR/police-judiciaire"):
        answer = put(
            "intelligence_report", ["event", told], between=("UK/uk-visas-and-immigration", recipient)
        )
        assert says(answer, "EBCG Art 86(4)") and "name" not in answer["leaves"]
