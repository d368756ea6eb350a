"""Non-refoulement, children, trafficking, torture: they bind every Side. All persons are invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import OUT, SETTLED, known, leaf, put, says

BACK = ("UK/home-office", "FR/prefecture")


def handed_over(**who: Any) -> Any:
    """A readmission asked for one person."""
    return put(
        "readmission_request",
        ["reference", "name"],
        between=BACK,
        act="readmission",
        purpose="readmission",
        regime="immigration",
        subjects=[known(role="other", **who)],
    )


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("act", ["share", "ask", "answer", "onward"])
@pytest.mark.parametrize(
    "protection", ["claim_pending", "appeal_pending", "granted", "serious_risk", "unknown"]
)
def test_nothing_goes_to_the_state_fled_from(act: str, protection: str) -> None:
    """Art 33: not by any act, whatever the agreement."""
    who = known(protection=protection, nationality=["AL"])
    answer = put("person_intelligence", ["name"], between=("UK/nca", "AL/al-police"), act=act, subjects=[who])
    assert says(answer, "Refugee Convention Art 33")
    assert "name" not in answer["leaves"]


@pytest.mark.law("REF-33")
@pytest.mark.parametrize(
    ("who", "is_guessed"),
    [
        ({"nationality": ["RS"]}, False),
        ({"nationality": None}, True),
        ({"nationality": ["VN"], "established": {}}, True),
    ],
)
def test_a_refusal_says_when_nobody_knows_which_state_was_fled(who: dict[str, Any], is_guessed: bool) -> None:
    """Art 33: unknown counts as this very state, and the answer says that it is a guess. It names no way out:
    a fact about a person is never one.
    """
    subject = {k: v for k, v in (known(protection="claim_pending") | who).items() if v is not None}
    answer = put("person_intelligence", ["name"], between=("UK/nca", "RS/rs-police"), subjects=[subject])
    kept = [one["sentence"] for one in answer["withheld"] if one["article"].startswith("Refugee Convention")]
    assert kept and all(("Nobody has recorded which state" in one) == is_guessed for one in kept)
    assert not [one for one in answer["missing"] if "nationality" in one["name"]]
    assert not [one for one in answer["routes"] if "state" in one["sentence"]]


@pytest.mark.law("REF-33")
def test_a_recipient_that_is_not_bound_learns_nothing_either() -> None:
    """Art 33, chain: Iraq is not known to be bound by the Convention."""
    who = known(protection="granted", nationality=["SD"])
    answer = put("person_intelligence", ["name"], between=("UK/nca", "IQ/iq-police"), subjects=[who])
    assert says(answer, "Refugee Convention Art 33: chain")


@pytest.mark.law("REF-33")
@pytest.mark.parametrize(
    "protection", ["claim_pending", "appeal_pending", "granted", "serious_risk", "unknown"]
)
def test_nobody_is_handed_over_while_a_claim_is_open_or_unknown(protection: str) -> None:
    """Art 33; ECHR Arts 2, 3."""
    answer = handed_over(protection=protection)
    assert says(answer, "Refugee Convention Art 33") and answer["verdict"] == "refuse"


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("claim", ["open", "unknown"])
def test_nobody_is_handed_over_while_a_human_rights_claim_is_open(claim: str) -> None:
    """ECHR Arts 8, 13."""
    assert says(handed_over(human_rights_claim=claim), "ECHR Arts 8, 13")
    assert not says(handed_over(human_rights_claim="closed"), "ECHR Arts 8, 13")


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("minor", ["yes", "disputed", "unknown"])
def test_a_child_alone_or_of_disputed_age_is_not_handed_over(minor: str) -> None:
    """Convention on the Rights of the Child: disputed and unknown count as a child."""
    answer = handed_over(minor=minor, accompanied="no")
    assert says(answer, "Rights of the Child") and answer["verdict"] == "refuse"


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("indicator", ["yes", "unknown"])
def test_signs_of_trafficking_are_looked_into_first(indicator: str) -> None:
    """ECHR Art 4; unknown counts where somebody would be handed over."""
    assert says(handed_over(trafficking_indicator=indicator), "ECHR Art 4")


@pytest.mark.law("REF-33")
def test_a_machine_never_settles_a_protective_fact_against_the_person() -> None:
    """A negative fact needs who stated it, when and from what; `established: machine` counts as unknown."""
    machine = {"source": "machine", "by": "age-estimator", "at": "2026-10-30"}
    for fact, article in (
        ("protection", "Art 33"),
        ("minor", "Rights of the Child"),
        ("trafficking_indicator", "ECHR Art 4"),
    ):
        said = dict.fromkeys(
            ("protection", "human_rights_claim", "minor", "accompanied", "trafficking_indicator"), SETTLED
        )
        assert not says(handed_over(established=said), article), fact
        assert says(handed_over(established=said | {fact: machine}), article), fact
        assert says(handed_over(established={k: v for k, v in said.items() if k != fact}), article), fact


@pytest.mark.law("eu:EBCG-80")
def test_a_trafficked_person_is_not_reported_as_an_offender() -> None:
    """Convention against Trafficking Art 26."""
    who = known(role="suspect", trafficking_indicator="yes")
    answer = put("intelligence_report", ["event", "suspicion"], subjects=[who])
    assert says(answer, "Trafficking Art 26") and "suspicion" not in answer["leaves"]
    spared = put("intelligence_report", ["event", "suspicion"], subjects=[who], purpose="safeguarding")
    assert not says(spared, "Trafficking Art 26")


@pytest.mark.law("eu:EUROPOL-30")
def test_of_a_child_no_suspicion_goes_abroad_but_to_protect_it() -> None:
    """Strictly necessary: only rescue, safeguarding and the child's own rights."""
    child = known(minor="yes")
    answer = put("person_intelligence", ["suspicion"], between=("UK/nca", "RS/rs-police"), subjects=[child])
    assert says(answer, "Rights of the Child Arts 3, 16")


@pytest.mark.law("eu:EUROPOL-23/25")
@pytest.mark.parametrize("between", [OUT, ("FR/oltim", "UK/nca"), ("RS/rs-police", "UK/nca")])
def test_what_torture_gave_is_passed_on_by_nobody(between: tuple[str, str]) -> None:
    """ECHR Art 3; EUROPOL Art 23(9)."""
    answer = put(
        "intelligence_report",
        ["event", leaf("name", between[0], obtained="rights_violation")],
        between=between,
    )
    assert says(answer, "ECHR Art 3") and "name" not in answer["leaves"]


@pytest.mark.law("REF-33")
@pytest.mark.parametrize(("nationality", "leaves"), [(["AL"], False), (["VN"], True)])
def test_an_alert_about_a_group_known_to_be_protected_stays_from_the_state_of_its_nationality(
    nationality: list[str], leaves: bool
) -> None:
    """Art 33: whatever the type of the message; found by the proof of the safeguard `group`."""
    group = known(protection="claim_pending", nationality=nationality) | {"kind": "group", "size": 30}
    route = leaf("route", "UK/nca", purpose="investigate", regime="crime") | {"subjects": ["s1"]}
    answer = put("situational_item", [route], between=("UK/nca", "AL/al-police"), subjects=[group])
    articles = [one["article"] for one in (*answer["failures"], *answer["withheld"])]
    assert any("groups of persons" in article for article in articles) is not leaves


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("act", ["complain", "incident_report"])
def test_a_known_claimants_complaint_goes_to_no_body_of_the_state_fled_from(act: str) -> None:
    """Art 33; EBCG Art 111: the way to an independent officer stays open (step 1)."""
    who = known(protection="claim_pending", nationality=["AL"])
    answer = put(
        "rights_report",
        ["name"],
        between=("FRONTEX/frontex-fro", "AL/al-police"),
        act=act,
        purpose="rights",
        subjects=[who],
    )
    assert says(answer, "EBCG Art 111: confidential") and "name" not in answer["leaves"]
