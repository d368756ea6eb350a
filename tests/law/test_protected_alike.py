"""What leaves lets nobody tell a protected person from an unprotected one. All persons are invented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from agreement_questions import shipped
from law_questions import IN, OUT, TCA, known, leaf, permissive, put, says

from cordiale.agreements import Register, decide, parse_question
from cordiale.agreements.registered import RegisterFile
from cordiale.agreements.text import Loaded, read_record
from cordiale.demo import papers
from cordiale.exchange.gate import RegisterGate
from cordiale.exchange.judging import AgreementFacts, Outgoing, judge, letter_of, question_of
from cordiale.exchange.message import Restrictions
from cordiale.exchange.travelling import as_asked
from cordiale.payloads import decode

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
FACTS = AgreementFacts(TCA, 1, "sha256:" + "0" * 64)
NAMED = ("name", "birth", "nationality", "phone")
STATED = {"source": "lawful_assessment", "by": "case-officer-7 (invented)", "at": "2026-10-30"}
FLED = ("AL", "IQ", "MK", "RS", "XK")


@cache
def gate() -> RegisterGate:
    return RegisterGate(shipped())


def person(**said: Any) -> dict[str, Any]:
    """The suspect of the invented report, of whom everything is known by somebody."""
    facts = papers.known_nobody_protected("s1", "VN") | {"accompanied": "no"} | said
    return facts | {
        "established": dict.fromkeys([n for n in facts if n not in ("id", "role", "established")], STATED)
    }


def letter(*, recipient: str = "UK/home-office", **said: Any) -> bytes | None:
    """All that the recipient gets of the invented report about this person; None for nothing at all."""
    paper = papers.network_report(NOW)
    asks = {**paper["asks"], "subjects": [person(**said)]}
    body = decode(paper["type"], paper["body"])
    outgoing = Outgoing("report", "FR/police-judiciaire", recipient, body, asks)
    question = question_of(outgoing, "REF-1")
    decided = judge(gate(), outgoing, question, NOW)
    if decided.verdict == "refuse":
        return None
    return letter_of(outgoing, decided, question=question, facts=FACTS, at=NOW).to_bytes()


# -- the letter itself


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("protection", ["claim_pending", "appeal_pending", "granted", "refused_final"])
def test_the_letter_about_somebody_with_a_claim_is_the_letter_about_anybody(protection: str) -> None:
    """Byte for byte: payload, restrictions, grounds, retention. The claim hides behind nothing."""
    assert letter(protection=protection, nationality=["IQ"]) == letter(protection="none", nationality=["IQ"])


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("nationality", ["IQ", "AL", "VN", "FR"])
def test_the_label_is_the_same_whatever_state_somebody_fled(nationality: str) -> None:
    """Art 33, chain: a list that changed with the person would name the state."""
    assert letter(nationality=[nationality]) == letter(nationality=["ER"])


@pytest.mark.law("REF-33")
def test_the_label_names_every_state_of_the_register_outside_the_union_and_its_neighbours() -> None:
    """A state added to the register is added to the label, or this fails."""
    states = {
        code
        for code, side in shipped().sides.items()
        if side.kind == "state" and code != "UK" and not side.member_of
    }
    assert states == set(FLED)


@pytest.mark.law("REF-33")
@pytest.mark.parametrize("between", [OUT, IN])
def test_whatever_is_about_persons_carries_the_label_and_what_is_not_does_not(
    between: tuple[str, str],
) -> None:
    named = put("intelligence_report", ["event", "name"], between=between, asked_basis=TCA)
    plain = put("intelligence_report", ["event"], between=between, asked_basis=TCA, subjects=[])
    assert {"never_to": list(FLED)} in named["travels"]
    assert not any(isinstance(t, dict) and "never_to" in t for t in plain["travels"])


@pytest.mark.law("REF-33")
def test_the_two_ends_are_not_on_the_label() -> None:
    """A person's own state to which a return runs is told nothing of itself."""
    answer = put("route_intelligence", [leaf("name")], between=("UK/nca", "AL/al-police"))
    assert {"never_to": [c for c in FLED if c != "AL"]} in answer["travels"]


# -- one part that may not go


TRAFFICKED: dict[str, Any] = {"trafficking_indicator": "yes"}
CHILD: dict[str, Any] = {"minor": "yes"}


@pytest.mark.law("eu:EBCG-80")
@pytest.mark.parametrize("who", [TRAFFICKED, CHILD, {"minor": "disputed"}])
def test_of_a_protected_suspect_nothing_arrives_not_a_name_without_its_suspicion(
    who: dict[str, Any],
) -> None:
    """A name beside which the suspicion is missing tells that there is one, and that it may not be told."""
    sent = letter(**who)
    assert sent is not None and not re.search(rb"Exempel|Aron|Fitter|\+33 1 99|boats\"\]", sent)


def seen(answer: Mapping[str, Any]) -> Any:
    return {k: answer[k] for k in ("leaves", "travels", "clocks")}


@pytest.mark.law("eu:EBCG-80")
@pytest.mark.parametrize("role", ["suspect", "likely_offender", "convicted", "contact", "other", "witness"])
@pytest.mark.parametrize("act", ["share", "ask", "answer"])
def test_the_message_is_as_if_the_trafficked_person_never_stood_in_it(role: str, act: str) -> None:
    """Beside an unprotected suspect: what the recipient gets is the same with and without the other."""
    clear = [leaf(c, subjects=["s1"], id=c) for c in ("name", "suspicion")]
    other = [leaf(c, subjects=["s2"], id=f"other {c}") for c in ("name", "phone", "suspicion")]
    hidden = known(id="s2", role=role, **TRAFFICKED)
    with_them = put(
        "intelligence_report", ["event", *clear, *other], subjects=[known(), hidden], act=act, asked_basis=TCA
    )
    without = put("intelligence_report", ["event", *clear], subjects=[known()], act=act, asked_basis=TCA)
    assert with_them["verdict"] == "withhold" and seen(with_them) == seen(without)


@pytest.mark.law("eu:EBCG-80")
def test_a_trafficked_victim_is_still_told_as_a_victim() -> None:
    """What protects does not silence: name, account and where to find them, and no suspicion."""
    who = known(role="victim", **TRAFFICKED)
    answer = put("intelligence_report", ["event", *NAMED], subjects=[who], asked_basis=TCA)
    assert set(answer["leaves"]) == {"event", *NAMED}


@pytest.mark.law("eu:EBCG-80")
def test_what_would_leave_of_nobody_takes_nothing_else_with_it() -> None:
    """A category that the provision keeps back from everybody tells of nobody."""
    who = known(role="victim", **TRAFFICKED)
    items = ["event", "name", "immigration_status"]
    answer = put("intelligence_report", items, subjects=[who], asked_basis=TCA)
    assert set(answer["leaves"]) == {"event", "name"}


@pytest.mark.law("eu:EBCG-80")
def test_the_officer_is_told_why_and_where_help_is() -> None:
    answer = put("intelligence_report", ["event", "name"], subjects=[known(**TRAFFICKED)], asked_basis=TCA)
    assert says(answer, "against Trafficking Art 26")
    assert {k: v for k, v in answer["refer_to"][0].items() if k == "authority"} == {
        "authority": "first-responders"
    }


# -- sticky, along a chain


def passed_on(*, by: str, to: str, held: list[Any], **said: Any) -> Mapping[str, Any]:
    """Something of France's that another Side hands on, under an agreement that grants everything."""
    owned = leaf("name", "FR/police-judiciaire", systems=["national_police"])
    owned["handling"] = owned["handling"] | {"restrictions": held, "consents": ["yes"]}
    owned["origin"] = owned["origin"] | {"received_under": f"{TCA}/563-1"}
    raw = put_raw("person_intelligence", owned, (by, to), "share", **said)
    return decide(parse_question(raw), consenting(), NOW).as_json()


def put_raw(kind: str, item: dict[str, Any], between: tuple[str, str], act: str, **said: Any) -> Any:
    (sender, recipient) = (dict(zip(("side", "authority"), b.split("/"), strict=True)) for b in between)
    plain = {
        "act": act,
        "type": kind,
        "from": sender,
        "to": recipient,
        "automated": "no",
        "purpose": "investigate",
        "regime": "crime",
        "case": "case-1",
        "asked_basis": "invented-everything",
        "targeting": "individual",
        "offence": {"max_years": 14},
        "subjects": [known(nationality=["VN"])],
        "items": [item],
        "records": ["yes"],
    }
    return plain | said


@cache
def consenting() -> Register:
    """The shipped laws under an agreement that grants everything, with the owner's consent recorded."""
    open_ = permissive()
    paper = read_record(
        b'id = "yes"\nkind = "consent"\nissued_by = "invented"\nfrom = 2026-01-01\nknown_from = 2026-01-01\n'
        b'owner = "FR"\ncase = "case-1"\n',
        "yes.toml",
    )
    way = read_record(
        b'id = "way"\nkind = "safeguards"\nissued_by = "invented"\nfrom = 2026-01-01\n'
        b'known_from = 2026-01-01\nfrom_side = "UK"\nto_side = "RS"\n',
        "way.toml",
    )
    trade = next(a for a in shipped().agreements if a.id == TCA)
    loaded = Loaded((*open_.agreements, trade, *open_.laws), (*open_.records, paper, way), _files(open_))
    return Register(loaded, draft=True)


def _files(register: Register) -> Any:
    return (
        RegisterFile(
            side=tuple(register.sides.values()),
            authority=register.authorities,
            handling_code=tuple(register.handling.values()),
            classification=tuple(register.markings.values()),
        ),
    )


@pytest.mark.law("REF-33")
def test_even_with_the_owners_consent_the_label_keeps_it_from_the_third_in_the_chain() -> None:
    """France -> UK -> Serbia: consent opens a way for whom it names, not past the label."""
    free = passed_on(by="UK/nca", to="RS/rs-police", held=[])
    barred = passed_on(by="UK/nca", to="RS/rs-police", held=[{"never_to": list(FLED)}])
    assert free["leaves"] == ["name"] and barred["leaves"] == []


@pytest.mark.law("REF-33")
@pytest.mark.parametrize(
    "held",
    [
        [{"never_to": ["IQ"]}, {"never_to": ["RS"]}],
        [{"never_to": ["RS"]}, {"never_to": ["IQ"]}],
        [{"use_only": ["statistics"]}, {"use_only": ["investigate"]}],
        ["no_onward", {"never_to": ["IQ"]}],
    ],
)
def test_a_later_limit_is_added_and_replaces_none(held: list[Any]) -> None:
    """Whatever their order, each of them holds."""
    assert passed_on(by="UK/nca", to="RS/rs-police", held=held)["leaves"] == []


@pytest.mark.law("REF-33")
def test_what_is_passed_on_carries_the_limits_it_came_with_and_those_of_here() -> None:
    """France -> UK -> Belgium: both labels in one list."""
    answer = passed_on(by="UK/nca", to="BE/be-police", held=[{"never_to": ["INTERPOL"]}, "no_court_use"])
    assert answer["leaves"] == ["name"]
    assert {"never_to": sorted(["INTERPOL", *FLED])} in answer["travels"]
    assert "no_court_use" in answer["travels"]


@pytest.mark.law("REF-33")
def test_an_emergency_lifts_the_asking_and_not_the_label() -> None:
    """DPA s.78(b) lets an immediate threat go before the leave; nothing lets it go to the state fled from."""
    facts = {"threat_immediate_serious": True, "no_time_to_ask": True}
    held = ["ask_or_emergency_then_tell", {"never_to": list(FLED)}]
    assert passed_on(by="UK/nca", to="RS/rs-police", held=held, facts=facts)["leaves"] == []


@pytest.mark.law("REF-33")
def test_restrictions_received_are_asked_with_the_label() -> None:
    """The gate is told of it in its own words, so that a preview says no before the exchange must."""
    asked = as_asked(Restrictions(onward="ask_originator", never_to=("AL", "IQ")))
    assert {"never_to": ["AL", "IQ"]} in asked
