"""Does the form of an agreement say what the gate says: refused, what stays, what is lessened?"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice

import pytest
from bench.questions import Questions

from cordiale.agreements import Register, gate, parse_question
from cordiale.agreements.compiled import dates_of
from cordiale.agreements.proofs.drawing import draw
from cordiale.agreements.proofs.drawing.sheet import ELSEWHERE
from cordiale.agreements.proofs.form import Form, Interpreter
from cordiale.agreements.proofs.words import word_of
from cordiale.agreements.question import Question
from cordiale.agreements.register import Day
from cordiale.agreements.spelling import misspelt

COUNT = 150
NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)


@cache
def register() -> Register:
    return Register.load()


@cache
def edges() -> list[date]:
    return sorted(set(dates_of(register())))


_DAYS: dict[tuple[str, int], Form] = {}


def form_of(agreement: str, day: Day) -> Form:
    """The form of an agreement; between two dates of the files it is the same."""
    key = (agreement, bisect_right(edges(), day.on))
    if key not in _DAYS:
        found = register().agreement(agreement)
        assert found is not None
        _DAYS[key] = draw(found, day)
    return _DAYS[key]


def differing(question: Question, day: Day) -> tuple[int, int, list[str]]:
    """(bases asked, bases open, where form and gate differ)."""
    asked = open_ = 0
    odd: list[str] = []
    for agreement, line in gate.candidates(question, day):
        if agreement is None or line is None:
            continue
        case = gate.evaluate(question, day, (agreement, line))
        form = form_of(agreement.id, day)
        word = word_of(question, day, form, agreement)
        reading = Interpreter(form, word)
        refused = reading.holds(form.outputs[f"{line.id}.refused"])
        wrong = [] if refused == gate.refused(case) else [f"refused {refused}"]
        # Of a body that the agreement does not name the form says no more than that it is refused.
        told = ELSEWHERE not in word.head.values()
        for n, item in enumerate(question.items if told else ()):
            stays = reading.holds(form.outputs[f"{line.id}.stays"], item=n)
            lesser = reading.holds(form.outputs[f"{line.id}.lesser"], item=n)
            if stays is (item.id in case.gone):
                wrong.append(f"{item.id} stays {stays}")
            if lesser is not (item.id in case.changed and item.id not in case.gone):
                wrong.append(f"{item.id} lesser {lesser}")
        asked, open_ = asked + 1, open_ + (not refused)
        odd += [f"{agreement.id}/{line.id}: {one}" for one in wrong]
    return asked, open_, odd


@pytest.mark.parametrize("seed", [20261123, 20261124])
def test_the_form_says_of_every_basis_what_the_gate_says(seed: int) -> None:
    asked = open_ = 0
    for number, (raw, at) in enumerate(islice(Questions(register(), seed), COUNT)):
        question, day = parse_question(raw), register().on(at)
        if misspelt(question, day):
            continue
        some, passed, odd = differing(question, day)
        assert not odd, f"seed {seed}, question {number}: {odd} in {raw}"
        asked, open_ = asked + some, open_ + passed
    assert asked > COUNT and open_ > asked // 4, (asked, open_)


def test_a_form_is_drawn_alike_every_time() -> None:
    day = register().on(NIGHT)
    agreement = register().agreements[0]
    assert draw(agreement, day).digest() == draw(agreement, day).digest()
