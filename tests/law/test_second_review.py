"""Roads round a rule that a second hostile reading found, and promises that must be kept. All is invented."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from agreement_questions import shipped
from law_questions import IN, NOW, OUT, SETTLED, TCA, known, leaf, permissive, put, says
from test_state_fled_from import asked, generous

from cordiale.agreements import parse_question
from cordiale.agreements.compiled import Compiled
from cordiale.agreements.gate import decide
from cordiale.agreements.question import Question

THIRD = ("RS/rs-police", "AL/al-police", "IQ/iq-police")
ACTS = ("share", "ask", "answer", "search", "compare", "onward")
SHARED = ("eurosur", "frontex_risk", "frontex_return", "frontex_suspect", "europol", "interpol", "ecris")
SHARED = (*SHARED, "ecris_tcn", "eurodac", "sis", "prum")


# -- the same act by another name


@pytest.mark.law("EBCG-86(5)")
@pytest.mark.parametrize("system", SHARED)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("to", THIRD)
def test_what_a_shared_system_gave_reaches_no_third_country_by_any_act(
    system: str, act: str, to: str
) -> None:
    """A question that carries it tells as much as an answer: itself, or made of it."""
    plain = leaf("name", "UK/nca", systems=[system])
    made = leaf("phone", "UK/nca", systems=["national_police"])
    made["origin"] = made["origin"] | {"derived_from": [system]}
    answer = put("person_intelligence", [plain, made], between=("UK/nca", to), act=act)
    assert answer["leaves"] == []


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("act", [*ACTS, "reuse", "correct", "live_identification"])
@pytest.mark.parametrize("to", THIRD)
def test_nothing_of_somebody_with_a_claim_reaches_the_state_fled_by_any_act(act: str, to: str) -> None:
    """Art 33: a correction of an old message is a message."""
    who = known(protection="claim_pending", nationality=[to[:2]])
    assert put("person_intelligence", ["event", "name"], between=("UK/nca", to), act=act, subjects=[who])[
        "leaves"
    ] in ([], ["event"])


@pytest.mark.law("DPA-35/42")
@pytest.mark.parametrize("between", [OUT, IN])
@pytest.mark.parametrize("act", ["ask", "onward", "share"])
def test_a_question_with_prints_in_it_is_sensitive_processing_too(between: tuple[str, str], act: str) -> None:
    """DPA s.35(5), s.42; LED Art 10."""
    answer = put("person_intelligence", ["event", "fingerprint"], between=between, act=act)
    assert "fingerprint" not in answer["leaves"] and (says(answer, "Sch 8") or says(answer, "LED Art 10"))


# -- what nobody has said counts


@pytest.mark.law("EBCG-86(5)")
@pytest.mark.parametrize("to", THIRD)
def test_what_names_nobody_and_comes_from_nobody_knows_where_stays_from_a_third_country(to: str) -> None:
    """Art 86(5) speaks of information, not of persons only: it may have been Frontex's."""
    unknown = leaf("event", "UK/nca", systems="unknown")
    answer = put("route_intelligence", [unknown], between=("UK/nca", to), subjects=[])
    assert answer["leaves"] == [] and any(f.get("field") == "origin.systems" for f in answer["failures"])
    stated = leaf("event", "UK/nca", systems=["open_source"])
    assert put("route_intelligence", [stated], between=("UK/nca", to), subjects=[])["leaves"] == ["event"]


@pytest.mark.law("SAR")
def test_a_launch_alert_does_not_wait_for_that() -> None:
    unknown = leaf("event", "UK/sboc", systems="unknown", purpose="prevent")
    said: dict[str, Any] = {"subjects": [], "purpose": "prevent", "asked_basis": "uk-fr-summit-2023"}
    assert put("launch_alert", [unknown], between=("UK/sboc", "FR/paf"), **said)["leaves"] == ["event"]


@pytest.mark.law("REF-33")
@pytest.mark.parametrize(
    "stated", [{}, {"nationality": "document"}, {"nationality": {**SETTLED, "source": "machine"}}]
)
def test_that_somebody_is_of_another_nationality_needs_who_said_so(stated: dict[str, Any]) -> None:
    """A bare word, a default or a machine's word leaves open that this is the state fled from."""
    others = {k: v for k, v in known()["established"].items() if k != "nationality"}
    who = known(protection="granted", nationality=["VN"], established=others | stated)
    answer = put("person_intelligence", ["name"], between=("UK/nca", "AL/al-police"), subjects=[who])
    assert answer["leaves"] == []


# -- small counts


def cells(category: str = "statistic", **aggregate: Any) -> dict[str, Any]:
    made = leaf(category, "UK/nca", subjects=[])
    return made | ({"aggregate": aggregate} if aggregate else {})


@pytest.mark.law("EBCG-89(4)-(5)")
@pytest.mark.parametrize("between", [OUT, ("UK/nca", "RS/rs-police"), ("FRONTEX/frontex", "UK/nca")])
@pytest.mark.parametrize(
    ("item", "leaves"),
    [
        (cells(smallest_cell=9, describes=["nationality"]), False),
        (cells(smallest_cell=9, describes=["lodging"]), False),
        (cells(smallest_cell=9, describes=["age", "other"]), False),
        (cells(smallest_cell=10, describes=["age"]), True),
        (cells(smallest_cell="unknown", describes=["sex"]), False),
        (cells(smallest_cell=3, describes=["other"]), True),
        (cells(smallest_cell=3), False),
        (cells(), False),
        (cells("count"), True),
        (cells("count", smallest_cell=3, describes=["place"]), False),
    ],
)
def test_a_small_count_that_describes_people_stays_whatever_agreement_it_goes_under(
    between: tuple[str, str], item: dict[str, Any], leaves: bool
) -> None:
    """EBCG Art 89(5): unknown cells and unknown rows count; engines are no people."""
    mine = item | {"origin": item["origin"] | {"owner": between[0], "state": between[0].split("/")[0]}}
    answer = put("route_intelligence", ["event", mine], between=between, subjects=[])
    assert (item["id"] in answer["leaves"]) is leaves


@pytest.mark.law("EBCG-89(4)-(5)")
def test_the_gate_that_runs_knows_what_a_count_describes() -> None:
    """A reading of counts of engines is none for counts of people."""
    fast, open_ = Compiled(permissive()), permissive()
    for describes in (["other"], ["nationality"], ["other"], ["age", "other"]):
        question = asked_about(cells(smallest_cell=4, describes=describes))
        assert fast.decide(question, NOW) == decide(question, open_, NOW)


def asked_about(item: dict[str, Any]) -> Question:
    ends = {
        "from": {"side": "UK", "authority": "nca"},
        "to": {"side": "FR", "authority": "police-judiciaire"},
    }
    head = {"act": "share", "type": "route_intelligence", "purpose": "investigate", "regime": "crime"}
    return parse_question({**head, **ends, "items": [item]})


@pytest.mark.law("EBCG-89(4)-(5)")
@pytest.mark.parametrize("protection", ["claim_pending", "serious_risk"])
def test_where_a_group_with_claims_is_leaves_no_picture(protection: str) -> None:
    """Art 89(5): the place and the event tell of the group as much as the number."""
    group = {"id": "g1", "kind": "group", "protection": protection, "size": 400}
    items = [leaf(c, "FRONTEX/frontex", subjects=["g1"], purpose="detect") for c in ("event", "place")]
    said: dict[str, Any] = {"between": ("FRONTEX/frontex", "UK/home-office"), "purpose": "detect"}
    for kind in ("situational_item", "intelligence_report"):
        answer = put(kind, items, subjects=[group], asked_basis="uk-frontex-wa-2024", **said)
        assert answer["leaves"] == [] and says(answer, "groups of persons")


# -- who speaks


@pytest.mark.law("WA-05")
@pytest.mark.parametrize("capacity", ["observer", "coordinator", "adviser", "team_member"])
def test_somebody_posted_sends_nothing_under_a_text_without_postings(capacity: str) -> None:
    """A visiting observer is no officer of the treaty."""
    answer = put("intelligence_report", ["event"], asked_basis=TCA, capacity=capacity, subjects=[])
    assert answer["verdict"] == "refuse" and says(answer, "whoever is posted")


# -- what goes on


@pytest.mark.law("DPA-78/80")
@pytest.mark.parametrize(("purpose", "leaves"), [("investigate", True), (None, False), ("customs", False)])
def test_the_condition_of_the_same_purpose_is_not_met_by_silence(purpose: Any, leaves: bool) -> None:
    """Onward of something received: what nobody said it was collected for is no same purpose."""
    item = leaf("event", "FR/police-judiciaire", subjects=[])
    origin = {k: v for k, v in item["origin"].items() if k != "collected_for"}
    item["origin"] = origin | ({"collected_for": purpose} if purpose else {})
    item["origin"]["received_under"] = f"{TCA}/563-1"
    facts = {
        "threat_immediate_serious": True,
        "no_time_to_ask": True,
        "judicial_channel_required": False,
        "life_at_risk": True,
    }
    between = ("UK/nca", "DE/de-police")
    answer = put("intelligence_report", [item], between=between, facts=facts, subjects=[], asked_basis=TCA)
    conditions = [f for f in answer["failures"] if "the same purpose" in f["sentence"]]
    assert bool(conditions) is not leaves


@pytest.mark.law("TCA-643-651")
def test_a_transfer_for_one_case_is_no_approval_for_passing_on() -> None:
    """FRA20 s.3, condition A: adequacy or safeguards; s.78 passes nothing on by one case's reason."""
    text = next(a for a in shipped().agreements if a.id == "eu-uk-tca-title-IX-criminal-records")
    line = next(p for p in text.provision if p.id == "s1-notice")
    assert line.onward is not None and "approval_or_safeguards" in line.onward.conditions
    item = leaf("name", "UK/nca")
    item["origin"] = item["origin"] | {
        "owner": "FR/casier-judiciaire",
        "received_under": f"{text.id}/s1-notice",
    }
    answer = decide(
        parse_question(
            {
                "act": "onward",
                "type": "person_intelligence",
                "from": {"side": "UK", "authority": "nca"},
                "to": {"side": "RS", "authority": "rs-police"},
                "purpose": "investigate",
                "regime": "crime",
                "case": "case-1",
                "subjects": [known()],
                "items": [item],
                "asked_basis": "uk-rs-oic",
            }
        ),
        generous(),
        NOW,
    )
    assert any("an approval or safeguards" in f.sentence for f in answer.failures)


# -- whose role it is


@pytest.mark.law("DPA-38(2)-(3)")
@pytest.mark.parametrize("other", ["unknown", "witness", "victim"])
def test_a_suspicion_is_not_lost_because_somebody_else_stands_beside_the_suspect(other: str) -> None:
    """DPA s.38(3), Europol Art 30: the line speaks of items about those in that role, and of no others."""
    suspicion = leaf("suspicion", subjects=["s1"])
    beside = leaf("suspicion", subjects=["s2"], id="of the other")
    for kind in ("intelligence_report", "network_profile"):
        people = [known(), known(id="s2", role=other)]
        answer = put(kind, ["event", suspicion, beside], subjects=people)
        assert "suspicion" in answer["leaves"]
        kept = kind == "network_profile" or other == "unknown"
        assert ("of the other" in answer["leaves"]) is not kept


# -- what is promised can be had


@cache
def promised() -> tuple[tuple[str, str, str], ...]:
    """(provision, direction, purpose) of every confirmed or partly confirmed permit about nobody."""
    about_nobody = {"none", "staff", "identifiers"}
    return tuple(
        (f"{text.id}/{line.id}", direction, str(purpose))
        for text in shipped().agreements
        for line in text.provision
        if line.effect == "permit" and line.confidence != "unconfirmed" and line.personal in about_nobody
        for direction in sorted(line.directions)
        for purpose in sorted(line.purposes)
    )


WAITING = frozenset({"uk-frontex-wa-2024/picture-live-link", "uk-frontex-wa-2024/rights-report"})
WAITING |= {"uk-fr-dangerous-journeys-2025/readmission-reply", "uk-fr-dangerous-journeys-2025/weekly-counts"}
WAITING |= {"uk-fr-jic-uro/cell-picture"}
"""Shut by a board that has not approved, addressed to a rights officer, of unknown status, or of bodies whose
dates tests/law/test_uk_fr_jic_uro.py asks about."""


def test_every_purpose_promised_for_what_names_nobody_is_served() -> None:
    """A refusal nobody ordered is a broken promise: each purpose in each direction, for some type and act.

    What runs to and from Frontex is asked in tests/law/test_uk_frontex_wa_2024.py.
    """
    texts = {a.id: a for a in generous().agreements}
    shut = []
    for basis, direction, purpose in promised():
        name, _, id = basis.partition("/")
        line = next(p for p in texts[name].provision if p.id == id)
        served = any(
            decide(parse_question(raw | {"purpose": purpose, "regime": regime}), generous(), NOW).permitted
            for regime in sorted(line.regimes) or ["none"]
            for raw in asked(texts[name], line, direction, about=(), protection="none")
        )
        if not served and basis not in WAITING and "FRONTEX" not in direction:
            shut.append((basis, direction, purpose))
    assert shut == [] and len(promised()) > 100


@pytest.mark.parametrize("code", ["RS", "AL", "IQ"])
def test_every_partner_outside_the_union_is_still_told_of_routes(code: str) -> None:
    """Protection is no silence: places and methods go, with a stated source."""
    between = ("UK/nca", f"{code}/{code.lower()}-police")
    items = [
        leaf(c, "UK/nca", systems=["open_source"], purpose="detect") for c in ("event", "route", "method")
    ]
    told = put("route_intelligence", items, between=between, subjects=[], purpose="detect")
    assert set(told["leaves"]) == {"event", "route", "method"}
