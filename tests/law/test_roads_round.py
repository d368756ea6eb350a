"""Roads round a rule: the same act by another name, a fact left out, a form half filled. All is invented."""

from __future__ import annotations

from typing import Any

import pytest
from agreement_questions import confirmed, shipped
from law_questions import OUT, SETTLED, TCA, known, leaf, put, says

HOME_TO = {"AL": ("UK/home-office", "AL/al-contact-point"), "IQ": ("UK/home-office", "IQ/iq-contact-point")}
RETURN: dict[str, Any] = {"purpose": "return", "regime": "immigration"}
TYPE = {"AL": "own_national_return", "IQ": "identity_evidence"}
UNION = ("eurosur", "frontex_risk", "frontex_return", "frontex_suspect")
PICTURE: dict[str, Any] = {"purpose": "situational_awareness", "regime": "immigration", "subjects": []}


def documented(country: str, **who: Any) -> Any:
    """Somebody's name put to a country for a travel document, under an agreement that grants everything."""
    person = known(role="other", nationality=[country], **who)
    return put(TYPE[country], ["name", "birth"], between=HOME_TO[country], subjects=[person], **RETURN)


def group(**said: Any) -> dict[str, Any]:
    """An invented group of eight from Iraq, with claims pending."""
    facts = dict.fromkeys(("protection", "nationality", "size"), SETTLED)
    plain = {"id": "g1", "kind": "group", "protection": "claim_pending", "nationality": ["IQ"], "size": 8}
    return plain | {"established": facts} | said


# -- a name for a travel document is the first step of a removal


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("country", ["AL", "IQ"])
@pytest.mark.parametrize(
    ("who", "article"),
    [
        ({"human_rights_claim": "open"}, "ECHR Arts 3, 8, 13"),
        ({"human_rights_claim": "unknown"}, "ECHR Arts 3, 8, 13"),
        ({"minor": "yes", "accompanied": "no"}, "Rights of the Child"),
        ({"minor": "yes", "accompanied": "unknown"}, "Rights of the Child"),
        ({"minor": "unknown", "accompanied": "no"}, "Rights of the Child"),
        ({"minor": "disputed", "accompanied": "yes"}, "Rights of the Child"),
        ({"trafficking_indicator": "yes"}, "against Trafficking"),
        ({"trafficking_indicator": "unknown"}, "against Trafficking"),
    ],
)
def test_nobody_is_documented_for_a_return_while_that_is_open(
    country: str, who: dict[str, Any], article: str
) -> None:
    """ECHR Arts 3, 4, 8, 13; Convention on the Rights of the Child Arts 3, 20, 22."""
    answer = documented(country, **who)
    assert answer["verdict"] == "refuse" and says(answer, article)


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("country", ["AL", "IQ"])
@pytest.mark.parametrize("who", [{}, {"minor": "yes", "accompanied": "yes"}])
def test_with_every_fact_settled_the_same_request_is_not_stopped_by_them(
    country: str, who: dict[str, Any]
) -> None:
    """The lines above do not refuse everybody: an adult, and a child with family, are not theirs."""
    answer = documented(country, **who)
    assert not says(answer, "ECHR") and not says(answer, "Rights of the Child Arts 3, 20, 22")


# -- a group is a subject


@pytest.mark.law("EBCG-89(4)-(5)")
@pytest.mark.parametrize("size", [1, 9, "unknown", 400])
@pytest.mark.parametrize("act", ["share", "ask", "answer", "onward"])
def test_where_a_group_with_claims_is_stays_from_the_state_it_fled(size: Any, act: str) -> None:
    """Art 33; EBCG Art 89(5): not the place, not the event, not the number, of whatever size."""
    items = [leaf(c, subjects=["g1"]) for c in ("event", "place", "count")]
    answer = put(
        "route_intelligence", items, between=("UK/nca", "IQ/iq-police"), act=act, subjects=[group(size=size)]
    )
    assert answer["leaves"] == [] and says(answer, "groups of persons")


@pytest.mark.law("EBCG-89(4)-(5)")
def test_a_small_group_of_whom_nothing_is_known_is_guarded_and_a_large_one_is_not() -> None:
    """EBCG Art 89(5): unknown counts where a few people can be told."""
    items = [leaf(c, subjects=["g1"]) for c in ("event", "place")]
    route: dict[str, Any] = {"between": ("UK/nca", "IQ/iq-police")}
    few = put("route_intelligence", items, subjects=[group(protection="unknown", size=9)], **route)
    many = put("route_intelligence", items, subjects=[group(protection="unknown", size=10)], **route)
    assert few["leaves"] == [] and many["leaves"] == ["event", "place"]


@pytest.mark.law("SAR")
def test_a_launch_alert_about_eight_unknown_people_still_goes() -> None:
    """The rule on groups does not reach what finds people in danger."""
    eight = group(protection="unknown", nationality="unknown")
    items = [leaf(c, "FR/paf", purpose="prevent", subjects=["g1"]) for c in ("event", "position", "count")]
    answer = put(
        "launch_alert",
        items,
        between=("FR/paf", "UK/sboc"),
        purpose="prevent",
        asked_basis="uk-fr-summit-2023",
        subjects=[eight],
    )
    assert answer["verdict"] == "permit" and set(answer["leaves"]) == {"event", "position", "count"}


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("category", ["event", "place", "offence", "reference", "staff"])
def test_what_names_nobody_but_is_about_a_protected_person_stays_too(category: str) -> None:
    """Art 33: a place or an event tied to the person tells the state fled from as much as a name."""
    who = known(protection="claim_pending", nationality=["RS"])
    answer = put(
        "route_intelligence",
        [leaf(category, subjects=["s1"])],
        between=("UK/nca", "RS/rs-police"),
        subjects=[who],
    )
    assert answer["leaves"] == [] and says(answer, "Refugee Convention Art 33")


@pytest.mark.law("REF-33")
def test_of_two_people_on_one_item_the_protected_one_decides() -> None:
    """Art 33."""
    other = known(id="s2", nationality=["AL"], protection="claim_pending")
    items = ["event", leaf("name", subjects=["s1", "s2"])]
    answer = put("person_intelligence", items, between=("UK/nca", "AL/al-police"), subjects=[known(), other])
    assert "name" not in answer["leaves"] and says(answer, "Refugee Convention Art 33")


@pytest.mark.law("REF-33")
def test_a_question_tells_as_much_as_an_answer() -> None:
    """Art 33, chain: the name in a question to somebody who is not bound."""
    who = known(protection="granted", nationality=["SD"])
    answer = put(
        "person_intelligence", ["name"], between=("UK/nca", "IQ/iq-police"), act="ask", subjects=[who]
    )
    assert answer["leaves"] == [] and says(answer, "Art 33: chain")


@pytest.mark.law("FADO")
@pytest.mark.parametrize(("basis", "to"), [("uk-rs-oic", "RS/rs-police"), ("uk-al-2022", "AL/al-police")])
def test_a_masked_page_is_still_somebodys_passport(basis: str, to: str) -> None:
    """To a state that somebody may have fled no holder's page goes, masked or not."""
    said: dict[str, Any] = {"purpose": "document_fraud", "regime": "immigration"}
    page = leaf("image", transformable=["mask", "blur"], **said)
    answer = put(
        "document_alert",
        ["forgery_method", page],
        between=("UK/home-office", to),
        asked_basis=basis,
        subjects=[known(protection="claim_pending", nationality=[to[:2]])],
        confirmations=[confirmed("sign_off")],
        **said,
    )
    assert answer["leaves"] == ["forgery_method"]


# -- passing on under another name


@pytest.mark.law("EBCG-86(5)")
@pytest.mark.parametrize("act", ["share", "ask", "answer", "onward"])
@pytest.mark.parametrize("system", UNION)
@pytest.mark.parametrize("to", ["RS/rs-police", "AL/al-police", "IQ/iq-police", "XK/xk-police"])
def test_what_the_union_gave_goes_to_no_further_country_by_any_act(act: str, system: str, to: str) -> None:
    """Art 86(5): not the item, and not the UK's own note made of it."""
    own = leaf("event", "UK/nca", systems=["open_source"])
    own["origin"] = own["origin"] | {"derived_from": [system]}
    for item in (leaf("event", "FRONTEX/frontex", systems=[system]), own):
        answer = put("route_intelligence", [item], between=("UK/nca", to), act=act, subjects=[])
        assert answer["leaves"] == [] and says(answer, "EBCG Art 86(5)")


@pytest.mark.law("eu:EUROPOL-23/25")
@pytest.mark.parametrize(
    "between",
    [OUT, ("UK/nca", "RS/rs-police"), ("RS/rs-police", "UK/nca"), ("FR/oltim", "UK/nca")],
)
def test_what_europol_gave_is_shared_with_nobody_without_its_leave(between: tuple[str, str]) -> None:
    """Art 23(7): share is passing on."""
    made = leaf("name", between[0], systems=["europol"])
    answer = put("intelligence_report", ["event", made], between=between)
    assert answer["leaves"] == ["event"] and says(answer, "EUROPOL Art 23(7)")


@pytest.mark.law("eu:EUROPOL-23/25")
def test_back_to_europol_it_may_go() -> None:
    """Art 23(7) keeps nothing from Europol itself."""
    made = leaf("name", "UK/nca", systems=["europol"])
    answer = put("europol_intelligence", ["event", made], between=("UK/nca", "EUROPOL/europol"))
    assert not says(answer, "EUROPOL Art 23(7)")


@pytest.mark.law("eu:PRUM1")
@pytest.mark.parametrize("between", [("UK/nca", "RS/rs-police"), ("FR/police-judiciaire", "AL/al-police")])
def test_a_search_reply_does_not_become_intelligence_for_a_third_country(between: tuple[str, str]) -> None:
    """Art 27; TCA Title II as its model."""
    answer = put(
        "person_intelligence", ["offence", leaf("name", between[0], systems=["prum"])], between=between
    )
    assert answer["leaves"] == ["offence"] and says(answer, "2008/615/JHA Art 27")


@pytest.mark.law("uk:PNR")
def test_passenger_records_leave_for_a_third_country_in_an_immediate_threat_only() -> None:
    """PNR reg 12(2B)-(2D): a promise and a consent without the threat, or an agreement, are not the form."""
    row = next(t for law in shipped().laws for t in law.taint if t.id == "pnr-12")
    facts = {need.fact for form in row.except_ for need in form.needs if need.fact}
    assert facts == {"reasoned_case", "threat_immediate_serious", "equal_protection_in_writing"}


@pytest.mark.law("TCA-643-651")
@pytest.mark.parametrize("to", ["RS/rs-interior", "IQ/iq-interior"])
def test_a_conviction_goes_abroad_to_authorities_against_crime_only(to: str) -> None:
    """FRA20 s.3, condition B."""
    told = leaf("suspicion", systems=["ecris"])
    answer = put("person_intelligence", ["offence", told], between=("UK/nca", to))
    assert answer["leaves"] == ["offence"] and says(answer, "condition B")


@pytest.mark.law("INTERPOL")
def test_a_notice_is_not_told_to_a_further_country() -> None:
    """Rules on the Processing of Data: the source bureau controls it."""
    told = leaf("name", "UK/nca", systems=["interpol"])
    answer = put("person_intelligence", ["offence", told], between=("UK/nca", "RS/rs-police"))
    assert answer["leaves"] == ["offence"] and says(answer, "INTERPOL Rules")


@pytest.mark.law("DPA-78/80")
@pytest.mark.parametrize("regime", ["crime", "immigration", "rescue", "none"])
@pytest.mark.parametrize("act", ["share", "ask", "answer"])
def test_an_owner_who_is_no_end_of_the_exchange_is_asked_in_every_regime(regime: str, act: str) -> None:
    """A place and an event too: the owner's say is not only about names."""
    theirs = leaf("event", "BE/be-police", regime=regime)
    said: dict[str, Any] = {"between": ("UK/nca", "RS/rs-police"), "regime": regime, "subjects": []}
    answer = put("route_intelligence", [theirs], act=act, **said)
    ours = put("route_intelligence", [leaf("event", regime=regime)], act=act, **said)
    assert answer["leaves"] == [] and says(answer, "House rule; EBCG Arts 75(3)")
    assert ours["leaves"] == ["event"]


@pytest.mark.law("DPA-78/80")
def test_a_life_and_no_time_lift_the_owners_say_and_the_owner_is_told() -> None:
    """Europol Art 22(2) as a model: both facts, not one."""
    theirs = leaf("event", "BE/be-police", regime="none")
    said: dict[str, Any] = {"between": ("UK/nca", "FR/paf"), "regime": "none", "subjects": []}
    both = put("launch_alert", [theirs], facts={"life_at_risk": True, "no_time_to_ask": True}, **said)
    one = put("launch_alert", [theirs], facts={"life_at_risk": True}, **said)
    assert both["leaves"] == ["event"] and any(d["do"] == "inform_originator" for d in both["duties"])
    assert one["leaves"] == []


# -- the type says it when the item does not


@pytest.mark.law("BSC-04")
@pytest.mark.parametrize("facts", [{}, {"facilitation_offence": False}, {"facilitation_offence": True}])
def test_a_device_extract_needs_its_authorisation_whatever_the_item_says(facts: dict[str, Any]) -> None:
    """BSAIA ss.24-26: the system left out is no way round."""
    answer = put("device_extract", ["event", "name", "phone"], asked_basis=TCA, facts=facts)
    assert answer["verdict"] == "refuse" and says(answer, "BSAIA 2025 ss.24-26")


@pytest.mark.law("SAR")
@pytest.mark.parametrize(
    "to", ["FR/paf", "FR/police-judiciaire", "UK/border-force", "UK/nca", "FRONTEX/frontex"]
)
@pytest.mark.parametrize("purpose", ["rescue", "prevent", "border_control"])
def test_a_distress_message_is_not_addressed_to_enforcement(to: str, purpose: str) -> None:
    """DPA s.76(2A): rescue is no key."""
    answer = put("distress_incident", ["event", "caller"], between=("UK/hm-coastguard", to), purpose=purpose)
    assert answer["verdict"] == "refuse" and says(answer, "SAR Convention")


@pytest.mark.law("EBCG-46/109-111")
@pytest.mark.parametrize("act", ["view", "search", "share", "onward", "reuse"])
def test_a_complaint_is_read_by_no_administrator(act: str) -> None:
    """EBCG Art 111: nobody in the chain of command reads it first."""
    answer = put(
        "rights_report",
        ["complaint", "name"],
        between=("UK/home-office", "UK/border-force"),
        act=act,
        purpose="other_administrative",
    )
    assert answer["verdict"] == "refuse" and says(answer, "EBCG Art 111")


# -- and what must not be refused


@pytest.mark.law("CLASS-UK")
@pytest.mark.parametrize("marking", ["RESTREINT UE", "SECRET", "unknown"])
def test_one_marked_item_stays_and_the_rest_goes(marking: str) -> None:
    """The ceiling takes what is above it, not the report."""
    marked = leaf("place")
    marked["handling"] = marked["handling"] | {"classification": marking}
    answer = put("intelligence_report", ["event", "name", marked], asked_basis=TCA)
    assert answer["verdict"] == "withhold" and answer["leaves"] == ["event", "name"]


@pytest.mark.law("RS-01")
@pytest.mark.parametrize(("basis", "to"), [("uk-rs-oic", "RS/rs-police"), ("uk-al-2022", "AL/al-police")])
def test_a_person_sent_to_a_partner_is_passed_on_only_with_leave(basis: str, to: str) -> None:
    """DPA s.78: of the two conditions the stricter; no emergency of theirs lifts it."""
    text = next(a for a in shipped().agreements if a.id == basis)
    line = next(p for p in text.provision if p.id == "person-intelligence")
    assert line.onward is not None and line.onward.rule == "ask_originator", to
    assert "ask_or_emergency_then_tell" not in line.travels


@pytest.mark.law("TCA-563(3)-(4)")
def test_where_a_judge_is_needed_the_customs_partnership_is_shut_too() -> None:
    """TCA Art 563(4), on which its persons rest."""
    said: dict[str, Any] = {"between": ("UK/hmrc", "FR/douane"), "asked_basis": "calais-group-2024"}
    signed = [confirmed("sign_off")]
    open_ = put("consignment", ["consignment", "trader"], confirmations=signed, **said)
    shut = put(
        "consignment",
        ["consignment", "trader"],
        confirmations=signed,
        facts={"judicial_channel_required": True},
        **said,
    )
    assert open_["verdict"] == "permit" and shut["verdict"] == "refuse"
    assert says(shut, "TCA Art 563(4)")


# -- what names nobody is about somebody when it is tied to somebody

KOSOVO: dict[str, Any] = {
    "between": ("UK/nca", "XK/xk-police"),
    "asked_basis": "uk-xk-2024",
    "purpose": "prevent",
}


@pytest.mark.law("XK-01")
@pytest.mark.parametrize("category", ["event", "place", "offence", "reference", "position", "vessel_id"])
@pytest.mark.parametrize(
    "who", [[known()], [{"id": "s1", "kind": "unidentified"}], [known(kind="unidentified")]]
)
def test_a_place_tied_to_a_person_needs_a_basis_as_a_name_does(category: str, who: Any) -> None:
    """DPA s.73; to Kosovo persons are off: neither the place nor the event of one goes."""
    tied = leaf(category, id="tied", subjects=["s1"], purpose="prevent")
    answer = put("route_intelligence", [leaf("method", purpose="prevent"), tied], subjects=who, **KOSOVO)
    assert answer["leaves"] == ["method"]


@pytest.mark.law("XK-01")
def test_a_place_tied_to_a_group_or_a_firm_is_about_no_person() -> None:
    """The rule takes in persons, known or not, and leaves boats, firms and crowds to their own lines."""
    many = group(id="s1", size=40, nationality=["VN"], protection="none")
    for who in (many, {"id": "s1", "kind": "organisation"}):
        answer = put(
            "route_intelligence",
            [leaf("place", subjects=["s1"], purpose="prevent")],
            subjects=[who],
            **KOSOVO,
        )
        assert answer["leaves"] == ["place"], answer["failures"]


@pytest.mark.law("XK-01")
def test_a_suspect_under_the_category_of_staff_is_no_staff() -> None:
    """Staff travel without a basis in their office only: a suspect by that name does not."""
    said = KOSOVO | {"purpose": "training"}
    items = [leaf("method", purpose="training"), leaf("staff", subjects=["s1"], purpose="training")]
    told = {
        role: put("practice_note", items, subjects=[known(role=role)], **said)["leaves"]
        for role in ("suspect", "victim", "staff")
    }
    assert told == {"suspect": ["method"], "victim": ["method"], "staff": ["method", "staff"]}


# -- a person's own state, and no other


OWN_STATE: list[tuple[str, str, tuple[str, str], dict[str, Any]]] = [
    (
        "own_national_return",
        "uk-al-2022/own-national-return",
        ("UK/home-office", "AL/al-contact-point"),
        RETURN,
    ),
    ("identity_evidence", "uk-iq-2024/identity-evidence", ("UK/home-office", "IQ/iq-contact-point"), RETURN),
    (
        "conviction_notice",
        "eu-uk-tca-title-IX-criminal-records/s1-notice",
        ("UK/acro", "FR/casier-judiciaire"),
        {"purpose": "prosecute"},
    ),
    (
        "conviction_notice",
        "eu-uk-tca-title-IX-criminal-records/s2-received-notice",
        ("FR/casier-judiciaire", "UK/acro"),
        {"purpose": "prosecute"},
    ),
]


@pytest.mark.law("AL-01", "IQ-01", "TCA-643-651")
@pytest.mark.parametrize(("kind", "basis", "between", "said"), OWN_STATE)
def test_what_serves_a_persons_own_state_goes_to_no_other(
    kind: str, basis: str, between: tuple[str, str], said: dict[str, Any]
) -> None:
    """FRA20 s.1: the state of nationality; the returns texts: own nationals, and nobody else."""
    own = between[1][:2]
    bare = {k: v for k, v in known()["established"].items() if k != "nationality"}
    answers = {
        name: says_own(
            put(kind, ["name", "nationality"], between=between, asked_basis=basis, subjects=who, **said)
        )
        for name, who in {
            "own": [known(nationality=[own])],
            "both": [known(nationality=[own, "VN"])],
            "other": [known(nationality=["VN"])],
            "unknown": [known(nationality="unknown")],
            "bare word": [known(nationality=[own], established=bare)],
            "two people": [known(nationality=[own]), known(id="s2", nationality=["VN"])],
        }.items()
    }
    assert answers == {
        "own": False,
        "both": False,
        "other": True,
        "unknown": True,
        "bare word": True,
        "two people": True,
    }


def says_own(answer: Any) -> bool:
    """Whether the answer says that it goes to a person's own state only."""
    return any("own state only" in failure["sentence"] for failure in answer["failures"])
