"""One source, read four ways: interpreter, decision table, formula, Cedar (test_cedar.py). Do they agree?

20,000 requests of the shipped agreements each time, a million with CORDIALE_LONG.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from random import Random

import pytest
from bench.questions import Questions

from cordiale.agreements import gate, parse_question
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.drawing import draw
from cordiale.agreements.proofs.form import Form, Interpreter, Word
from cordiale.agreements.proofs.table import Table, compiled, cone
from cordiale.agreements.proofs.words import word_of
from cordiale.agreements.question import Question
from cordiale.agreements.register import Day
from cordiale.agreements.spelling import misspelt
from tests.agreements.proofs.test_clauses import assignment
from tests.agreements.proofs.test_drawing import edges, register
from tests.agreements.proofs.test_table import plain

BLOCK, BLOCKS = 5_000, 4
FIRST_SEED = 20261123
LONG_BLOCK, LONG_BLOCKS = 20_000, 50
ENDS = ("refused", "stays", "lesser")


Asked = tuple[Agreement, str, Question, Day, str]
"""(agreement, line, question, day, where it comes from)."""


def asked(seed: int, count: int) -> list[Asked]:
    """So many questions of an agreement's line, those of one form together: each form is drawn once, and no
    more than one is held.
    """
    found: list[Asked] = []
    for number, (raw, at) in enumerate(Questions(register(), seed)):
        if len(found) >= count:
            break
        question, day = parse_question(raw), register().on(at)
        if misspelt(question, day):
            continue
        found += [
            (agreement, line.id, question, day, f"seed {seed}, question {number}: {raw}")
            for agreement, line in gate.candidates(question, day)
            if agreement is not None and line is not None
        ]
    return sorted(found, key=lambda one: (one[0].id, span_of(one[3]), one[1]))


def span_of(day: Day) -> int:
    """The number of the span of days in which the files say the same."""
    return bisect_right(edges(), day.on)


def by_form(some: list[Asked]) -> Iterator[tuple[Form, str, list[Asked]]]:
    """(form, line, questions) with each form drawn once."""
    for _, of_form in groupby(some, key=lambda one: (one[0].id, span_of(one[3]))):
        first, *rest = of_form
        form = draw(first[0], first[3])
        for line, each in groupby([first, *rest], key=lambda one: one[1]):
            yield form, line, list(each)


@dataclass(frozen=True)
class Readings:
    """One line of one agreement in two other readings. `numbers`: the conditions that the formula names."""

    form: Form
    table: Table
    formula: Clauses
    numbers: tuple[int, ...]


def readings(form: Form, line: str) -> Readings:
    """The line's outputs compiled, and as clauses."""
    names = [f"{line}.{end}" for end in ENDS]
    made = clauses_of(form, {name: (form.outputs[name],) for name in names})
    rests = cone(form, (form.outputs[name] for name in names))
    return Readings(form, compiled(form, names), made, tuple(sorted(rests)))


def left_out(made: Readings, reading: Interpreter, word: Word, chance: Random) -> list[tuple[int, ...]]:
    """The clauses of the formula that a word, seen from one item and one of its people, does not meet: then a
    proof would hold for fewer requests than there are.
    """
    item = chance.randrange(len(word.items)) if word.items else None
    about = word.items[item].about if item is not None else range(len(word.subjects))
    subject = chance.choice([*about]) if about else None
    told = assignment(made.formula, word, item, subject, reading=reading, numbers=made.numbers)
    held = {number if holds else -number for number, holds in told.items()}
    put = set(made.formula.picks.values())
    return [
        clause
        for clause in made.formula.clauses
        if held.isdisjoint(clause) and put.isdisjoint(map(abs, clause))
    ]


def agree(seed: int, count: int) -> tuple[int, int]:
    """(asked, open) of a block. Raises AssertionError with the question of the first that differs."""
    number = open_ = 0
    chance = Random(seed)
    for form, line, some in by_form(asked(seed, count)):
        made = readings(form, line)
        for agreement, _, question, day, where in some:
            word = word_of(question, day, form, agreement)
            told, reading = made.table.decide(word), Interpreter(form, word)
            assert told == plain(form, word, made.table, reading), f"{agreement.id}/{line}: {where}"
            assert not left_out(made, reading, word, chance), f"{agreement.id}/{line}: {where}"
            number, open_ = number + 1, open_ + (told[f"{line}.refused"] is False)
    return number, open_


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BLOCKS))
def test_three_readings_say_the_same_of_twenty_thousand_requests(seed: int) -> None:
    count, open_ = agree(seed, BLOCK)
    assert count >= BLOCK and open_ > count // 5


@pytest.mark.long
@pytest.mark.skipif("CORDIALE_LONG" not in os.environ, reason="a million requests: `make long`")
@pytest.mark.parametrize("seed", range(FIRST_SEED + BLOCKS, FIRST_SEED + BLOCKS + LONG_BLOCKS))
def test_three_readings_say_the_same_of_a_million_requests(seed: int) -> None:
    count, _ = agree(seed, LONG_BLOCK)
    assert count >= LONG_BLOCK


def test_a_reading_that_is_spoilt_is_seen() -> None:
    """The comparison itself can fail: a formula with one clause too many."""
    form, line, some = next(iter(by_form(asked(FIRST_SEED, 50))))
    agreement, _, question, day, _ = some[0]
    made, word = readings(form, line), word_of(question, day, form, agreement)
    reading, number = Interpreter(form, word), abs(form.outputs[f"{line}.refused"])
    literal = number if reading.holds(number) else -number
    wrong = replace(made, formula=replace(made.formula, clauses=(*made.formula.clauses, (-literal,))))
    assert left_out(wrong, reading, word, Random(1)) == [(-literal,)]
    assert not left_out(made, reading, word, Random(1))
