"""Trade and Cooperation Agreement, Title II: DNA, fingerprints, vehicles. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, leaves, refused

PRUM = "eu-uk-tca-title-II-prum"
OUT = ("UK/uk-prum-contact", "FR/fr-prum-contact")
SEARCH = {"act": "search", "between": OUT, "basis": PRUM}
DNA = ("dna_reference", "reference")
PRINT = ("fingerprint_reference", "reference")


@pytest.mark.law("TCA-530/531/534", "TCA-540")
@pytest.mark.parametrize(("information", "parts"), [("dna_search", DNA), ("fingerprint_search", PRINT)])
def test_a_reference_that_names_nobody_is_searched_in_one_case(information: str, parts: tuple[str]) -> None:
    """Arts 530, 531, 534: hit or no hit, in individual cases, after the evaluation under Art 540."""
    answer = ask(information, parts, **SEARCH)
    assert answer["verdict"] == "permit", answer["failures"]
    assert leaves(answer) == set(parts)


@pytest.mark.law("TCA-530/531/534")
def test_a_name_never_goes_with_a_profile() -> None:
    """Art 530: reference data do not identify."""
    answer = ask("dna_search", [*DNA, "name", "birth"], **SEARCH)
    assert not leaves(answer) & {"name", "birth"}


@pytest.mark.law("TCA-530/531/534")
@pytest.mark.parametrize("targeting", ["group", "named_list", "untargeted", "unknown"])
def test_no_trawl(targeting: str) -> None:
    """Arts 530, 534: individual cases only."""
    assert refused(ask("dna_search", DNA, **SEARCH, targeting=targeting), "individual case")


@pytest.mark.law("TCA-530/531/534")
def test_without_a_case_nothing_is_searched() -> None:
    """Arts 530, 534: an individual case has a number."""
    assert ask("dna_search", DNA, **SEARCH, case=None)["verdict"] == "refuse"


@pytest.mark.law("TCA-530/531/534")
def test_without_its_profile_a_search_is_refused_not_hollowed_out() -> None:
    """The reference profile is essential."""
    handling = {"code": "P", "classification": "SECRET", "caveats": [], "restrictions": [], "consents": []}
    secret = {"dna_reference": {"handling": handling}}
    assert ask("dna_search", DNA, **SEARCH, changed=secret)["verdict"] == "refuse"


@pytest.mark.law("TCA-528(a)")
def test_a_security_service_asks_nothing() -> None:
    """Art 528(a)."""
    said = SEARCH | {"between": ("UK/mi5", "FR/fr-prum-contact")}
    assert refused(ask("dna_search", DNA, **said), "528(a)")


@pytest.mark.law("TCA-536")
def test_a_name_follows_only_a_confirmed_match_and_a_second_persons_release() -> None:
    """Art 536: two steps, the law of the asked Side."""
    said = {"act": "answer", "between": OUT, "basis": PRUM}
    parts = ("reference", "name", "birth")
    assert ask("core_data", parts, **said)["verdict"] == "refuse"
    one = [confirmed("match", "examiner-1")]
    assert ask("core_data", parts, **said, confirmations=one)["verdict"] == "refuse"
    two = [*one, confirmed("release", "officer-2")]
    answer = ask("core_data", parts, **said, confirmations=two)
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("TCA-536")
def test_where_a_judge_must_release_the_police_do_not() -> None:
    """Art 536: legal-assistance rules included."""
    two = [confirmed("match", "examiner-1"), confirmed("release", "officer-2")]
    answer = ask(
        "core_data",
        ("reference", "name"),
        act="answer",
        between=OUT,
        basis=PRUM,
        confirmations=two,
        facts={"judicial_channel_required": True},
    )
    assert answer["verdict"] == "refuse"


@pytest.mark.law("TCA-537/540(2)", "uk:TCA-537")
def test_vehicles_are_off_until_the_union_declares() -> None:
    """Arts 537, 540(2): no declaration is loaded."""
    answer = ask("vehicle_search", ("vehicle", "reference"), **SEARCH)
    assert answer["verdict"] == "refuse"
    assert any("declaration" in str(m) for m in answer["missing"])


@pytest.mark.law("CU-01")
def test_no_face_is_searched() -> None:
    """No article of Title II speaks of faces."""
    assert refused(ask("face_search", ("face_reference", "reference"), **SEARCH), "no article on faces")


@pytest.mark.law("TCA-530/531/534")
@pytest.mark.parametrize("act", ["measure", "executive", "live_identification"])
def test_a_hit_is_no_ground_to_act(act: str) -> None:
    """A hit is not an identification."""
    assert ask("dna_search", DNA, **(SEARCH | {"act": act}))["verdict"] == "refuse"
