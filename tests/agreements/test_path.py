"""The path through the twelve steps says what each step said, and never more."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from bench.questions import NOON, Questions

from cordiale.agreements import Answer, Register, parse_question
from cordiale.agreements.path import path_of
from cordiale.agreements.routes import decide_with_routes
from cordiale.agreements.vocabulary import STEPS
from cordiale.terms import Verdict
from tests.agreements.gate_factories import agreement, answer, item, provision, world


def states(found: Answer) -> dict[int, str]:
    return {stage.step: stage.state for stage in path_of(found)}


def test_a_permit_has_passed_all_twelve(tmp_path: Path) -> None:
    assert set(states(answer(world(tmp_path))).values()) == {"passed"}
    assert list(states(answer(world(tmp_path)))) == list(range(1, 13))


def test_a_withheld_item_stands_at_the_step_that_took_it(tmp_path: Path) -> None:
    found = answer(world(tmp_path), item(), item("dna_reference"))
    stages = {stage.step: stage for stage in path_of(found)}
    took = found.withheld[0].step
    assert stages[took].state == "withheld" and stages[took].items == ("dna_reference",)


def test_without_a_line_nothing_is_said_to_have_passed_after_step_four(tmp_path: Path) -> None:
    found = answer(world(tmp_path), type="dna_search")
    assert states(found)[4] == "refused"
    assert {states(found)[step] for step in range(5, 13)} <= {"not_asked", "refused", "withheld"}


def test_a_refusal_that_follows_is_told_apart_from_the_one_that_took(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision(essential='["name"]', personal='"none"')))
    found = answer(register, item(), item("name"))
    follows = [f for stage in path_of(found) for f in stage.follows]
    assert follows and all(f.because for f in follows)
    assert all(not f.because for stage in path_of(found) for f in stage.failures)


def test_what_is_no_question_has_no_path(tmp_path: Path) -> None:
    assert path_of(answer(world(tmp_path), to={"side": "ZZ", "authority": "nobody"})) == ()


def test_a_rescue_is_decided_at_step_one_and_nothing_after_it_is_asked() -> None:
    register = Register.load()
    raw = {
        "act": "share", "type": "distress_incident", "purpose": "rescue", "regime": "rescue",
        "from": {"side": "FR", "authority": "cross-gris-nez"},
        "to": {"side": "UK", "authority": "hm-coastguard"},
        "facts": {"life_at_risk": True}, "items": [{"id": "position", "category": "position"}],
    }  # fmt: skip
    found = decide_with_routes(parse_question(raw), register, NOON)
    assert found.verdict is Verdict.PERMIT
    assert states(found) == {1: "decided"} | dict.fromkeys(range(2, 13), "not_asked")


@pytest.fixture(scope="module")
def seeded() -> list[Answer]:
    register = Register.load()
    return [
        decide_with_routes(parse_question(raw), register, at)
        for raw, at in islice(Questions(register, 31), 600)
    ]


def test_every_failure_stands_on_the_path_exactly_once(seeded: list[Answer]) -> None:
    for found in seeded:
        stages = path_of(found)
        if not stages or stages[0].state == "decided":
            continue
        told = [f for stage in stages for f in (*stage.failures, *stage.follows)]
        assert sorted(map(repr, told)) == sorted(map(repr, found.failures))


def test_a_path_refuses_somewhere_exactly_when_the_answer_does(seeded: list[Answer]) -> None:
    for found in seeded:
        stages = path_of(found)
        refusing = any(s.state == "refused" or any(not f.items for f in s.follows) for s in stages)
        assert refusing is (bool(stages) and found.verdict is Verdict.REFUSE)


def test_a_stage_names_its_step_as_the_vocabulary_does(seeded: list[Answer]) -> None:
    told = path_of(seeded[0])[3].as_json()
    assert told["name"] == STEPS[told["step"]]
