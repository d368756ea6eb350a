"""The question on both sides of a message, and what of its marks travels. Everybody here is invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cordiale import payloads
from cordiale.agreements import parse_question
from cordiale.errors import ExchangeError
from cordiale.exchange import judging
from cordiale.exchange.judging import (
    AgreementFacts,
    Judged,
    Outgoing,
    judge_again,
    question_about,
    question_of,
)
from cordiale.exchange.message import Letter
from cordiale.seals import canonical, digest
from tests.exchange.partners import AGREEMENT
from tests.exchange.reports import shipped, under_563

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
PLATE, COUNTRY = "vehicles.0.plate", "vehicles.0.country"
SECRET = {"handling": {"code": "H1"}, "origin": {"owner": "FR/paf"}}


def decided(outgoing: Outgoing) -> tuple[dict[str, Any], Judged]:
    question = question_of(outgoing, "r")
    return question, judging.judge(shipped(), outgoing, question, AT)


def letter(outgoing: Outgoing, facts: AgreementFacts = AGREEMENT) -> Letter:
    """The letter as its recipient reads it: from bytes."""
    question, found = decided(outgoing)
    assert found.paths
    written = judging.letter_of(outgoing, found, question=question, facts=facts, at=AT).to_bytes()
    return Letter.from_bytes(written)


def asked_again(came: Letter) -> Any:
    return parse_question(question_about(came, payloads.decode(came.type, came.payload)))


def test_what_holds_for_every_item_is_stated_once_and_travels_once() -> None:
    question = question_of(under_563(), "r")
    assert question["every_item"]["origin"]["owner"] == "FR/police-judiciaire"
    assert not any("origin" in one or "handling" in one for one in question["items"])
    (group,) = letter(under_563()).grounds["items"]
    assert len(group["paths"]) > 20 and group["marks"]["origin"]["owner"] == "FR/police-judiciaire"
    assert "systems" not in group["marks"]["origin"]


def test_an_item_with_marks_of_its_own_keeps_them_on_both_sides() -> None:
    outgoing = under_563(marks={PLATE: SECRET, COUNTRY: {"verified": "no"}})
    own = {item.id: item for item in parse_question(question_of(outgoing, "r")).items}
    assert own[PLATE].handling.code == "H1" and own[COUNTRY].verified == "no"
    assert own[PLATE].handling.classification == own["title"].handling.classification == "OFFICIAL"
    came = letter(outgoing)
    assert len(came.grounds["items"]) == 3
    told = {item.id: item for item in asked_again(came).items}
    for path in (PLATE, COUNTRY, "title"):
        for name in ("handling.code", "handling.classification", "origin.owner", "verified", "grade"):
            assert _of(told[path], name) == _of(own[path], name), (path, name)


def _of(item: Any, name: str) -> Any:
    for part in name.split("."):
        item = getattr(item, part)
    return item


def test_the_marks_of_what_stays_do_not_travel() -> None:
    kept = [leaf.path for leaf in payloads.itemise(under_563().body) if leaf.category == "vulnerability"]
    assert kept
    outgoing = under_563(marks={path: {"origin": {"owner": "FR/invented-service"}} for path in kept})
    assert "invented-service" in json.dumps(question_of(outgoing, "r"))
    assert b"invented-service" not in letter(outgoing).to_bytes()


def test_nothing_stated_of_one_item_is_lent_to_another() -> None:
    came = letter(under_563())
    (group,) = came.grounds["items"]
    fewer = [{"marks": group["marks"], "paths": [p for p in group["paths"] if p != PLATE]}]
    told = {i.id: i for i in asked_again(replace(came, grounds=came.grounds | {"items": fewer})).items}
    assert told[PLATE].origin.owner == "unknown" and told[PLATE].handling.code == "unknown"
    assert told[COUNTRY].origin.owner == "FR/police-judiciaire"
    none = {i.id: i for i in asked_again(replace(came, grounds={"act": "share"})).items}
    assert {i.origin.owner for i in none.values()} == {"unknown"}


@pytest.mark.parametrize(
    "items",
    [
        "words",
        [1],
        [{"marks": {}}],
        [{"marks": [], "paths": []}],
        [{"marks": {}, "paths": "title"}],
        [{"marks": {}, "paths": [], "more": 1}],
    ],
)
def test_grounds_of_another_form_are_refused_by_name(items: Any) -> None:
    came = letter(under_563())
    with pytest.raises(ExchangeError) as wrong:
        asked_again(replace(came, grounds={"items": items}))
    assert wrong.value.field == "grounds.items"


def test_what_may_not_travel_is_not_read_either() -> None:
    came = letter(under_563())
    (group,) = came.grounds["items"]
    more = {
        "origin": {"owner": "FR", "systems": ["sis"]},
        "handling": {"consents": ["a"], "restrictions": ["x"]},
    }
    forged = [{"marks": more | {"category": "dna", "value": 1}, "paths": group["paths"]}]
    for item in asked_again(replace(came, grounds={"items": forged, "act": "share"})).items:
        assert item.origin.systems is None and not item.handling.consents and not item.handling.restrictions
        assert item.category != "dna" and item.value is None


def test_the_recipient_judges_anew_and_names_its_own_decision() -> None:
    outgoing = under_563()
    facts = shipped().facts("eu-uk-tca-563-operational", AT)
    assert facts is not None
    came = letter(outgoing, facts)
    body = payloads.decode(came.type, came.payload)
    found = judge_again(shipped(), came, body, AT)
    assert found.verdict == judging.PERMIT and "title" in found.paths
    assert found.digest == digest(canonical(json.loads(json.dumps(found.answer))))


def test_a_decision_is_named_by_the_digest_of_the_whole_answer() -> None:
    _, found = decided(under_563())
    assert found.digest == digest(canonical(json.loads(json.dumps(found.answer))))
    dated = judging.judged({"verdict": "refuse", "at": AT})
    assert dated.digest == digest(canonical({"verdict": "refuse", "at": AT.isoformat()}))
