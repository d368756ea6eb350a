"""UK-EU Common Understanding, 19 May 2025. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused

CU = "uk-eu-common-understanding-2025"
OUT = ("UK/home-office", "FR/fr-contact-point")
FACE = {"between": ("UK/uk-prum-contact", "FR/fr-prum-contact"), "basis": CU, "act": "search"}
NOBODY = {"regime": "immigration", "subjects": []}


@pytest.mark.law("CU-01")
def test_faces_are_off_until_a_declaration_is_loaded() -> None:
    """Talks only."""
    people = [confirmed("match", "examiner-1"), confirmed("release", "a-1"), confirmed("release", "a-2")]
    answer = ask("face_search", ("face_reference", "reference"), **FACE, confirmations=people)
    assert answer["verdict"] == "refuse" and not leaves(answer)


@pytest.mark.law("CU-01")
@pytest.mark.parametrize("modality", ["live", "later"])
def test_no_living_face_is_searched_across_the_border(modality: str) -> None:
    """Regulation (EU) 2024/1689 Art 5(1)(h)."""
    assert refused(ask("face_search", ("face_reference",), **FACE, modality=modality), "para 53")


@pytest.mark.law("CU-02")
@pytest.mark.parametrize("information", ["dna_search", "fingerprint_search", "conviction_request"])
def test_more_exchange_is_looked_at_and_not_yet_lawful(information: str) -> None:
    """Titles II and IX are the law of today."""
    answer = ask(information, ("reference",), between=OUT, basis=CU)
    assert refused(answer, "further exchange")


@pytest.mark.law("CU-02")
def test_third_country_nationals_records_stay_shut() -> None:
    """Regulation (EU) 2019/816 Art 18."""
    origin = {
        "owner": "FR/fr-contact-point",
        "state": "FR",
        "systems": ["ecris_tcn"],
        "collected_for": "statistics",
        "regime": "none",
        "obtained": "lawfully",
    }
    said = {"between": ("FR/fr-contact-point", "UK/home-office"), "basis": CU, "purpose": "statistics"}
    answer = ask("risk_product", ("statistic",), **said, **NOBODY, changed={"statistic": {"origin": origin}})
    assert "statistic" not in leaves(answer)


@pytest.mark.law("CU-03", "CU-04")
@pytest.mark.parametrize("between", [OUT, ("UK/home-office", "FRONTEX/frontex"), ("DE/de-police", "UK/nca")])
def test_the_whole_route_is_drawn_without_persons(between: tuple[str, str]) -> None:
    """Whole-of-route approach."""
    said = {"basis": CU, "purpose": "situational_awareness"}
    answer = ask("route_intelligence", ("route", "event", "price"), between=between, **said, **NOBODY)
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("CU-05", "CU-06")
@pytest.mark.parametrize(
    "information", ["intelligence_report", "own_national_return", "europol_intelligence"]
)
def test_the_text_lends_no_basis(information: str) -> None:
    """Channels keep their own law."""
    assert refused(ask(information, ("event", "name"), between=OUT, basis=CU), "Common Understanding")


@pytest.mark.law("CU-06")
def test_how_returns_work_is_told() -> None:
    """Operational information on returns: practice, flights, numbers."""
    answer = ask(
        "returns_information", ("practice", "logistics"), between=OUT, basis=CU, purpose="return", **NOBODY
    )
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("CU-07")
def test_a_group_with_a_claim_is_not_shown() -> None:
    """International protection for those who need it."""
    group = person(kind="group", protection="claim_pending", size=6, role="other")
    answer = ask(
        "returns_information",
        ("practice", "nationality"),
        between=OUT,
        basis=CU,
        purpose="return",
        regime="immigration",
        subjects=[group],
    )
    assert "nationality" not in leaves(answer)


@pytest.mark.law("CU-08")
def test_visa_patterns_are_counts_and_no_small_ones() -> None:
    """Abuse of legal routes."""
    said = {"between": OUT, "basis": CU, "purpose": "immigration_control"}
    small = {"statistic": {"aggregate": {"smallest_cell": 4, "describes": ["nationality"]}}}
    large = {"statistic": {"aggregate": {"smallest_cell": 60, "describes": ["nationality"]}}}
    answer = ask("risk_product", ("statistic", "risk_product"), **said, **NOBODY, changed=large)
    assert answer["verdict"] == "permit", answer["failures"]
    assert ask("risk_product", ("statistic",), **said, **NOBODY, changed=small)["verdict"] == "refuse"


@pytest.mark.law("CU-08")
@pytest.mark.parametrize("act", ["measure", "executive"])
def test_nobody_is_scored_by_nationality(act: str) -> None:
    """LED Art 11(3)."""
    said = {"between": OUT, "basis": CU, "purpose": "immigration_control", "act": act}
    assert refused(ask("risk_product", ("statistic",), **said, **NOBODY), "11(3)")
