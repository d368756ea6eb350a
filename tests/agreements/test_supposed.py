"""What is supposed is a paper of others, never a fact about a person, a purpose or a rescue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from bench.questions import NOON, Questions

from cordiale.agreements import Answer, Question, Register, parse_question
from cordiale.agreements.gate import decide
from cordiale.agreements.routes import decide_with_routes, taken
from cordiale.agreements.supposed import PAPERS, Paper, papers_in, suppose, wanted
from cordiale.errors import RequestError

OF_EACH = 12
"""Questions for each type of each permitting line, the first as the line wants it, the others spoilt."""
ROUNDS_MAX = 3
"""Papers bring items back, and then their conditions too ask for something."""
STANDS = ("id", "act", "type", "from_", "to", "purpose", "regime", "subjects", "facts", "offence", "case")
"""What no way on touches: whom it is about, what they are, why, and whether a life is at risk."""


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def asked(register: Register) -> list[tuple[Question, Answer]]:
    """Every agreement and each of its types, with seeded questions, and what was answered."""
    found = [parse_question(raw) for raw in _everything(register)]
    return [(question, decide_with_routes(question, register, NOON)) for question in found]


def _everything(register: Register) -> Iterator[dict[str, object]]:
    questions = Questions(register, 20261123)
    for agreement, line, pairs in list(questions.lines):
        questions.lines = [(agreement, line, pairs)]
        for kind in sorted(line.types):
            for number in range(OF_EACH):
                raw = questions.near()
                raw["type"] = kind
                for _ in range(number % 5):
                    questions.spoil(raw)
                yield raw


def same(before: Question, after: Question) -> None:
    """Nothing that a way on may not touch is other than it was, nor any item that is still there."""
    assert [getattr(before, n) for n in STANDS] == [getattr(after, n) for n in STANDS]
    assert before.fact("life_at_risk") == after.fact("life_at_risk")
    assert set(after.items) <= set(before.items)


def test_the_questions_reach_every_agreement_that_permits_and_most_answers(
    register: Register, asked: list[tuple[Question, Answer]]
) -> None:
    permits = {(a.id, t) for a in register.agreements for p in a.provision if p.effect == "permit"
               for t in p.types}  # fmt: skip
    tried = {(a.agreement, q.type) for q, a in asked}
    reached = {agreement for agreement, _ in permits & tried}
    assert len(reached) >= len({agreement for agreement, _ in permits}) - 2
    ways = {route.by.partition(" ")[0] for _, answer in asked for route in answer.routes}
    assert ways >= {"asked_basis", "items"}
    assert {m.what for _, a in asked for m in a.missing} >= {"confirmation", "record", "consent", "field"}


def test_no_way_on_changes_a_fact_about_a_person_a_purpose_or_a_rescue(
    asked: list[tuple[Question, Answer]],
) -> None:
    for question, answer in asked:
        for route in answer.routes:
            after = taken(question, route.by)
            same(question, after)
            changed = [
                n for n in ("asked_basis", "channel", "items") if getattr(question, n) != getattr(after, n)
            ]
            assert len(changed) == 1


def test_a_way_on_that_was_computed_is_what_the_gate_says_once_it_is_gone(
    register: Register, asked: list[tuple[Question, Answer]]
) -> None:
    told = [(q, r) for q, a in asked for r in a.routes if r.computed]
    assert len(told) > 20
    for question, route in told:
        assert decide(taken(question, route.by), register, NOON).verdict == route.verdict


def test_what_would_be_is_what_the_gate_says_once_the_papers_are_there(
    register: Register, asked: list[tuple[Question, Answer]]
) -> None:
    supplied = PAPERS | {"fact"}
    curable = [
        (q, a) for q, a in asked if a.missing and a.would_be and {m.what for m in a.missing} <= supplied
    ]
    assert len(curable) > 80
    for question, answer in curable:
        basis = "/".join(filter(None, (answer.agreement, answer.provision)))
        asked_again = replace(question, asked_basis=basis)
        assert _once_done(asked_again, answer, register) == answer.would_be


def _once_done(question: Question, answer: Answer, register: Register) -> object:
    papers: list[Paper] = []
    facts: list[tuple[str, object]] = []
    for _ in range(ROUNDS_MAX):
        papers += [p for m in answer.missing for p in papers_in(m.what, m.name)[:1]]
        after, there = suppose(question, register, NOON, papers)
        same(question, after)
        facts += [pair for m in answer.missing if m.what == "fact" for pair in wanted(register, m.name)]
        after = replace(after, facts=(*question.facts, *facts))
        answer = decide(after, there, NOON)
        if answer.verdict == decide_with_routes(question, register, NOON).would_be:
            break
    return answer.verdict


def test_a_fact_or_field_named_as_missing_is_one_that_nobody_has_stated(
    asked: list[tuple[Question, Answer]],
) -> None:
    for question, answer in asked:
        for missing in answer.missing:
            if missing.what == "fact":
                assert any(question.fact(name) is None for name in missing.name.split(" or "))
            if missing.name == "subjects.nationality":
                stated = [s.statement_on("nationality") for s in question.subjects]
                unsettled = [by is None or not by.settles for by in stated]
                assert any(unsettled) or not question.subjects or any(not i.subjects for i in question.items)


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("fact", "life_at_risk"),
        ("field", "subjects.nationality"),
        ("record", "protection"),
        ("confirmation", "release"),
        ("confirmation", "release x900"),
        ("confirmation", "protection x1"),
        ("consent", "anything"),
        ("purpose", "rescue"),
    ],
)
def test_nothing_but_papers_of_others_can_be_supposed(what: str, name: str) -> None:
    with pytest.raises(RequestError):
        Paper(what=what, name=name)


def test_an_answer_on_suppositions_is_a_draft_with_another_digest(register: Register) -> None:
    question = parse_question(next(_everything(register)))
    _, there = suppose(question, register, NOON, [Paper(what="record", name="adequacy:EU>UK")])
    assert there.draft and not register.draft
    assert there.texts_digest != register.texts_digest
    assert len(there.records) == len(register.records) + 1
    assert register.on(NOON).records != there.on(NOON).records


def test_whether_a_life_is_at_risk_is_never_supposed(register: Register) -> None:
    assert wanted(register, "life_at_risk") == ()
    assert wanted(register, "judicial_channel_required") == (("judicial_channel_required", False),)


def test_a_fact_that_one_line_wants_and_another_shuts_on_is_seen_to_help(register: Register) -> None:
    raw = {
        "act": "share", "type": "intelligence_report", "purpose": "investigate", "regime": "crime",
        "case": "case-1", "reason": "an invented reason", "targeting": "individual",
        "from": {"side": "UK", "authority": "nca"}, "to": {"side": "FR", "authority": "oltim"},
        "items": [{"id": "event", "category": "event",
                   "handling": {"code": "P", "classification": "OFFICIAL"},
                   "origin": {"owner": "UK/nca", "systems": ["national_police"], "obtained": "lawfully",
                              "collected_for": "investigate"}}],
        "asked_basis": "eu-uk-tca-563-operational",
    }  # fmt: skip
    answer = decide_with_routes(parse_question(raw), register, NOON)
    assert "judicial_channel_required" in {m.name for m in answer.missing}
    assert (answer.verdict, answer.would_be) == ("refuse", "permit")


def test_nothing_supposed_leaves_question_and_register_as_they_are(register: Register) -> None:
    question = parse_question(next(_everything(register)))
    after, there = suppose(question, register, NOON, [])
    assert after == question and there is register


def test_each_alternative_of_a_record_is_a_paper_of_its_own() -> None:
    names = [paper.name for paper in papers_in("record", "adequacy:EU>UK or safeguards or case_transfer")]
    assert names == ["adequacy:EU>UK", "safeguards", "case_transfer"]


def test_a_refusal_by_the_owner_is_not_undone_by_supposing_a_consent(register: Register) -> None:
    veto = replace(
        register.records[0],
        id="invented-veto",
        kind="consent",
        owner="FR/oltim",
        answer="refused",
        types=frozenset({"intelligence_report"}),
        recipients=frozenset(),
        from_=NOON.date(),
        known_from=NOON.date(),
        until=None,
        withdrawn_at=None,
    )
    raw = {
        "act": "onward", "type": "intelligence_report", "purpose": "investigate", "regime": "crime",
        "from": {"side": "UK", "authority": "nca"}, "to": {"side": "RS", "authority": "rs-police"},
        "items": [{"id": "event", "category": "event", "origin": {"owner": "FR/oltim"}}],
    }  # fmt: skip
    kept = register.supposing([veto])
    consent = [Paper(what="consent", name="consent of FR/oltim")]
    answer = decide(*suppose(parse_question(raw), kept, NOON, consent), NOON)
    assert any(f.step == 8 and "event" in f.items for f in answer.failures)
