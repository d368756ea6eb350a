"""UK-Frontex working arrangement and what the Regulation binds Frontex to. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused, withheld

WA = "uk-frontex-wa-2024"
OUT = ("UK/home-office", "FRONTEX/frontex")
IN = ("FRONTEX/frontex", "UK/home-office")
PICTURE = ("event", "position", "place", "count", "route", "vessel_id")
ORDINARY = {"purpose": "situational_awareness", "regime": "immigration", "subjects": []}
REPORT = ("event", "place", "route", "method", "offence")


@pytest.mark.law("WA-04")
@pytest.mark.parametrize("between", [OUT, IN])
def test_a_picture_item_goes_both_ways(between: tuple[str, str]) -> None:
    """WA scope, EBCG Arts 26(2)(e) and 27: events, places, counts, craft."""
    answer = ask("situational_item", PICTURE, between=between, basis=WA, **ORDINARY)
    assert answer["verdict"] == "permit", answer["failures"]
    assert leaves(answer) == set(PICTURE)


@pytest.mark.law("WA-02")
def test_a_report_leaves_for_frontex_without_the_persons_in_it() -> None:
    """WA: intelligence exchange is in scope, personal data has no read paragraph to stand on."""
    answer = ask(
        "intelligence_report",
        [*REPORT, "name", "phone", "nationality", "suspicion"],
        between=OUT,
        basis=WA,
        purpose="prevent",
        subjects=[person()],
    )
    assert answer["verdict"] == "withhold", answer["failures"]
    assert leaves(answer) == set(REPORT)
    assert set(withheld(answer)) == {"name", "phone", "nationality", "suspicion"}
    assert all(withheld(answer).values())


@pytest.mark.law("WA-02")
def test_the_arrangement_alone_never_carries_a_person_file() -> None:
    """WA is expressly non-binding and no basis for personal data."""
    assert ask("person_intelligence", ["event", "name"], between=OUT, basis=WA)["verdict"] == "refuse"


@pytest.mark.law("WA-01")
def test_a_uk_body_not_named_under_the_home_office_is_refused() -> None:
    """WA preamble: the Home Office for the relevant authorities; footnote 2 is unread."""
    answer = ask("situational_item", PICTURE, between=("UK/police", "FRONTEX/frontex"), basis=WA, **ORDINARY)
    assert answer["verdict"] == "refuse"


@pytest.mark.law("WA-04")
@pytest.mark.parametrize(
    "information", ["dna_search", "passenger_records", "network_profile", "conviction_request"]
)
def test_other_related_cooperation_is_no_wildcard(information: str) -> None:
    """WA scope, last words."""
    assert refused(ask(information, ["reference"], between=OUT, basis=WA), "other related cooperation")


@pytest.mark.law("WA-05")
@pytest.mark.parametrize("act", ["executive", "measure", "live_identification"])
def test_deployed_staff_act_on_nobody(act: str) -> None:
    """WA: without executive powers; EBCG Art 73(3)."""
    answer = ask("situational_item", PICTURE, between=OUT, basis=WA, act=act, capacity="observer", **ORDINARY)
    assert refused(answer, "executive powers")


@pytest.mark.law("WA-05", "WA-08")
def test_a_deployment_waits_for_host_and_rights_check() -> None:
    """WA scope; EBCG Arts 74(3), 78."""
    answer = ask(
        "deployment",
        ["staff", "place"],
        between=OUT,
        basis=WA,
        purpose="training",
        regime="none",
        subjects=[],
    )
    assert answer["verdict"] == "refuse"
    assert {"human_rights_check", "host_authorisation"} <= {
        str(m["name"]).split(":")[0] for m in answer["missing"]
    }


@pytest.mark.law("WA-06")
def test_a_forgery_alert_goes_after_an_examiner_signed() -> None:
    """WA: document and identity fraud."""
    said = {"between": OUT, "basis": WA, "purpose": "document_fraud", "regime": "immigration", "subjects": []}
    parts = ("forgery_method", "specimen", "security_feature", "place")
    assert ask("document_alert", parts, **said)["verdict"] == "refuse"
    assert ask("document_alert", parts, **said, confirmations=[confirmed("sign_off")])["verdict"] == "permit"


@pytest.mark.law("WA-07")
def test_no_asset_visit_without_the_hosts_request() -> None:
    """WA, ports clause."""
    said = {
        "between": IN,
        "basis": f"{WA}/asset-visit",
        "purpose": "border_control",
        "regime": "none",
        "subjects": [],
    }
    facts = {"asset_visit": True, "host_request_recorded": False}
    assert ask("deployment", ["programme", "place"], **said, facts=facts)["verdict"] == "refuse"
    facts["host_request_recorded"] = True
    assert ask("deployment", ["programme", "place"], **said, facts=facts)["verdict"] == "permit"


@pytest.mark.law("WA-04")
def test_no_duty_to_take_anybody_follows() -> None:
    """WA: best practice on returns only."""
    assert refused(
        ask(
            "readmission_request",
            ["reference"],
            between=OUT,
            basis=WA,
            purpose="readmission",
            regime="immigration",
        ),
        "returns",
    )
    answer = ask(
        "practice_note", ["practice"], between=OUT, basis=WA, purpose="return", regime="none", subjects=[]
    )
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("EBCG-86(5)")
def test_nothing_is_passed_on() -> None:
    """EBCG Art 86(5): no onward transmission by the third country, ever."""
    answer = ask("situational_item", PICTURE, between=OUT, basis=WA, act="onward", **ORDINARY)
    assert refused(answer, "86(5)")
    given = ask("situational_item", PICTURE, between=IN, basis=WA, **ORDINARY)
    assert "no_onward" in str(given["travels"])


@pytest.mark.law("EBCG-88")
def test_identifiers_of_crossers_stay_inside_the_union() -> None:
    """EBCG Art 88: plates, phones, chassis numbers."""
    assert refused(ask("crossing_identifiers", ["vehicle", "phone"], between=IN, basis=WA, **ORDINARY), "88")


@pytest.mark.law("WA-09")
def test_nothing_above_the_printed_ceiling() -> None:
    """WA body unread; EBCG Arts 73(4), 76(4)."""
    secret = {
        "event": {
            "handling": {
                "code": "H0",
                "classification": "RESTREINT UE",
                "caveats": [],
                "restrictions": [],
                "consents": [],
            }
        }
    }
    assert (
        ask("situational_item", PICTURE, between=IN, basis=WA, changed=secret, **ORDINARY)["verdict"]
        == "refuse"
    )


@pytest.mark.law("WA-09")
def test_a_live_link_waits_for_the_accreditation_board() -> None:
    """Regulation (EU) 2021/581 Arts 30, 33, 39."""
    answer = ask("situational_item", PICTURE, between=IN, basis=WA, channel="live_link", **ORDINARY)
    assert answer["verdict"] == "refuse"


@pytest.mark.law("eu:EBCG-75")
def test_a_member_states_item_waits_for_its_owner() -> None:
    """EBCG Arts 27(3), 75(3): the originator's refusal binds, silence is no leave."""
    owned = {
        c: {
            "origin": {
                "owner": "ES/es-police",
                "state": "ES",
                "systems": ["national_police"],
                "received_under": WA,
                "collected_for": "situational_awareness",
                "regime": "immigration",
                "obtained": "lawfully",
            }
        }
        for c in PICTURE
    }
    answer = ask("situational_item", PICTURE, between=IN, basis=WA, changed=owned, **ORDINARY)
    assert answer["verdict"] == "refuse"


@pytest.mark.law("WA-04")
def test_risk_products_are_signed_and_show_no_small_group() -> None:
    """WA: risk analysis; EBCG Art 29(2)."""
    said = {"between": OUT, "basis": WA, "purpose": "risk_analysis", "regime": "immigration", "subjects": []}
    signed = {"confirmations": [confirmed("sign_off")]}
    large = {"statistic": {"aggregate": {"smallest_cell": 40, "describes": ["nationality"]}}}
    small = {"statistic": {"aggregate": {"smallest_cell": 3, "describes": ["nationality"]}}}
    assert ask("risk_product", ["risk_product", "statistic"], **said)["verdict"] == "refuse"
    whole = ask("risk_product", ["risk_product", "statistic"], **said, **signed, changed=large)
    assert whole["verdict"] == "permit", whole["failures"]
    assert "statistic" not in leaves(
        ask("risk_product", ["risk_product", "statistic"], **said, **signed, changed=small)
    )


@pytest.mark.law("WA-02")
def test_nothing_before_the_day_of_signature() -> None:
    """A non-binding arrangement whose start is unread counts from its signature."""
    before = datetime(2024, 2, 22, 12, 0, tzinfo=UTC)
    assert (
        ask("situational_item", PICTURE, between=OUT, basis=WA, at=before, **ORDINARY)["verdict"] == "refuse"
    )


@pytest.mark.law("EBCG-46/109-111")
def test_a_complaint_reaches_the_fundamental_rights_officer() -> None:
    """EBCG Art 111."""
    answer = ask(
        "rights_report",
        ["complaint", "event"],
        between=("UK/home-office", "FRONTEX/frontex-fro"),
        basis=WA,
        act="complain",
        purpose="rights",
        regime="none",
        subjects=[person(role="other")],
    )
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("WA-04", "TCA-563(6)+")
def test_what_france_gave_goes_to_frontex_only_with_frances_leave() -> None:
    """TCA Art 563(6), EBCG Art 75(3): the originator keeps a say over every copy."""
    french = {
        "owner": "FR/oltim",
        "state": "FR",
        "systems": ["national_police"],
        "received_under": "eu-uk-tca-563-operational/563-1",
        "collected_for": "prevent",
        "regime": "crime",
        "obtained": "lawfully",
    }
    changed = {category: {"origin": french} for category in REPORT}
    answer = ask("intelligence_report", REPORT, between=OUT, basis=WA, purpose="prevent", changed=changed)
    assert answer["verdict"] == "refuse"
    assert any("FR/oltim" in str(lacking) for lacking in answer["missing"])


@pytest.mark.law("EBCG-86(5)")
def test_what_frontex_gave_is_never_passed_to_a_third_country() -> None:
    """EBCG Art 86(5), whatever agreement the UK has with that country."""
    shown = {
        "owner": "FRONTEX/frontex",
        "state": "FRONTEX",
        "systems": ["eurosur"],
        "received_under": f"{WA}/picture-out",
        "collected_for": "situational_awareness",
        "regime": "immigration",
        "obtained": "lawfully",
    }
    parts = ("route", "event")
    answer = ask(
        "route_intelligence",
        parts,
        between=("UK/nca", "RS/rs-contact-point"),
        basis="uk-rs-oic",
        changed={category: {"origin": shown} for category in parts},
        **ORDINARY,
    )
    assert answer["verdict"] == "refuse" and not leaves(answer)
