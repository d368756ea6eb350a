"""The gate that runs gives the reference's answer in every field: 20,000 questions, a million in `make long`.

A third of the questions comes second: a sibling of other people and hours has filled the reading before.
Seeds are printed; a difference names its seed, number and field. In blocks, so that every core takes its
share: on one core the whole takes about forty seconds, most of it the reference's.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from functools import cache
from itertools import islice
from random import Random

import pytest
from bench.questions import NOON, Questions, sibling

from cordiale.agreements import Register, parse_question
from cordiale.agreements.answer import Answer
from cordiale.agreements.compiled import NO_WORD, Compiled
from cordiale.agreements.gate import decide
from cordiale.agreements.routes import decide_with_routes
from cordiale.seals import canonical_reference
from cordiale.terms import Verdict

BLOCK = 1_000
BLOCKS = 20
LONG_BLOCKS = 1_000
FIRST_SEED = int(os.environ.get("CORDIALE_SEED", "20261122"))
NOT_REFUSED_MIN = 0.4


@cache
def compiled() -> Compiled:
    """One compiled form of what ships, as a node has it."""
    return Compiled(Register.load())


def differing(one: Answer, other: Answer) -> list[str]:
    return [f.name for f in fields(Answer) if getattr(one, f.name) != getattr(other, f.name)]


def hold_equal(seed: int, count: int) -> float:
    """Ask both gates; the share that is not refused."""
    fast, chance, passed = compiled(), Random(seed), 0
    print(f"seed {seed}")
    for number, (raw, at) in enumerate(islice(Questions(fast.register, seed), count)):
        question = parse_question(raw)
        if number % 3 == 0:
            fast.decide(parse_question(sibling(raw, chance)), at.replace(minute=1))
        plain = decide(question, fast.register, at)
        odd = differing(plain, fast.decide(question, at))
        assert not odd, f"seed {seed}, question {number}: {odd} differ in {raw}"
        passed += plain.verdict is not Verdict.REFUSE
    return passed / count


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BLOCKS))
def test_the_compiled_gate_answers_as_the_reference_does(seed: int) -> None:
    assert hold_equal(seed, BLOCK) >= NOT_REFUSED_MIN


@pytest.mark.long
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + LONG_BLOCKS))
def test_the_compiled_gate_answers_as_the_reference_does_a_million_times(seed: int) -> None:
    assert hold_equal(seed + 1_000_000, BLOCK) >= NOT_REFUSED_MIN


def test_what_it_would_be_and_the_ways_on_are_the_references_too() -> None:
    fast = compiled()
    for raw, at in islice(Questions(fast.register, FIRST_SEED - 1), 120):
        question = parse_question(raw)
        plain = decide_with_routes(question, fast.register, at)
        for _ in range(2):
            odd = differing(plain, fast.decide_with_routes(question, at))
            assert not odd, f"seed {FIRST_SEED - 1}: {odd} differ in {raw}"


def test_what_is_told_is_the_answer_as_json_and_in_canonical_bytes() -> None:
    fast, chance, kept = compiled(), Random(FIRST_SEED), 0
    for raw, at in islice(Questions(fast.register, FIRST_SEED - 3), 400):
        for asked, hour in ((raw, at), (sibling(raw, chance), at.replace(minute=1)), (raw, at)):
            question = parse_question(asked)
            told, plain = fast.told(question, hour), fast.decide_with_routes(question, hour).as_json()
            assert told == plain, f"seed {FIRST_SEED - 3}: {asked}"
            assert told.raw == canonical_reference(json.loads(json.dumps(plain)))
        kept += any(each.told is not None for each in fast._readings.values())
    assert kept > 300


def test_a_word_is_answered_as_its_question_is() -> None:
    fast, pair = compiled(), ("UK/nca", "FR/police-judiciaire")
    table, held = fast.table(*pair, NOON), 0
    for raw, _ in islice(Questions(fast.register, FIRST_SEED - 2, pair=pair), 400):
        question = parse_question(raw)
        if (word := table.word(question)) == NO_WORD:
            continue
        odd = set(differing(decide(question, fast.register, NOON), table.decide(word)))
        assert odd <= {"id", "replay"}, f"seed {FIRST_SEED - 2}: {odd} differ in {raw}"
        held += 1
    assert held > 200 and table.word(question) < len(table.answers)
