"""One source, read four ways: interpreter, decision table, formula, Cedar (test_cedar.py). Do they agree?

20,000 requests of the shipped agreements each time, a million with CORDIALE_LONG.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from random import Random

import pytest
from bench.questions import Questions

from cordiale.agreements import gate, parse_question
from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.form import Form, Interpreter, Word
from cordiale.agreements.proofs.table import Bank, Table, compiled, cone
from cordiale.agreements.proofs.words import word_of
from cordiale.agreements.spelling import misspelt
from tests.agreements.proofs.test_clauses import assignment
from tests.agreements.proofs.test_drawing import form_of, register
from tests.agreements.proofs.test_table import plain

BLOCK, BLOCKS = 1_000, 20
FIRST_SEED = 20261123
LONG_BLOCK, LONG_BLOCKS = 20_000, 50
ENDS = ("refused", "stays", "lesser")


@dataclass(frozen=True)
class Readings:
    """One line of one agreement in two other readings."""

    form: Form
    table: Table
    formula: Clauses
    numbers: tuple[int, ...]
    """The conditions of which the formula speaks."""


_KEPT: dict[tuple[int, str], Readings] = {}


def readings(form: Form, line: str) -> Readings:
    """Made once of each form and line."""
    key = (id(form), line)
    if key not in _KEPT:
        names = [f"{line}.{end}" for end in ENDS]
        questions = {name: (form.outputs[name],) for name in names}
        rests = cone(form, (form.outputs[name] for name in names))
        made = clauses_of(form, questions)
        _KEPT[key] = Readings(form, compiled(form, names), made, tuple(sorted(rests)))
    return _KEPT[key]


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
    asked = open_ = 0
    chance = Random(seed)
    for number, (raw, at) in enumerate(Questions(register(), seed)):
        if asked >= count:
            break
        question, day = parse_question(raw), register().on(at)
        if misspelt(question, day):
            continue
        for agreement, line in gate.candidates(question, day):
            if agreement is None or line is None:
                continue
            form = form_of(agreement.id, day)
            made = readings(form, line.id)
            word = word_of(question, day, form, agreement)
            told = made.table.decide(word)
            where = f"seed {seed}, question {number}, {agreement.id}/{line.id}: {raw}"
            reading = Interpreter(form, word)
            assert told == plain(form, word, made.table, reading), where
            assert not left_out(made, reading, word, chance), where
            asked, open_ = asked + 1, open_ + (told[f"{line.id}.refused"] is False)
    return asked, open_


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BLOCKS))
def test_three_readings_say_the_same_of_twenty_thousand_requests(seed: int) -> None:
    asked, open_ = agree(seed, BLOCK)
    assert asked >= BLOCK and open_ > asked // 5


@pytest.mark.long
@pytest.mark.skipif("CORDIALE_LONG" not in os.environ, reason="a million requests: `make long`")
@pytest.mark.parametrize("seed", range(FIRST_SEED + BLOCKS, FIRST_SEED + BLOCKS + LONG_BLOCKS))
def test_three_readings_say_the_same_of_a_million_requests(seed: int) -> None:
    asked, _ = agree(seed, LONG_BLOCK)
    assert asked >= LONG_BLOCK


def test_a_reading_that_is_spoilt_is_seen() -> None:
    """The comparison itself can fail: a table without its last row, a formula with one clause too many."""
    seed = FIRST_SEED
    for raw, at in Questions(register(), seed):
        question, day = parse_question(raw), register().on(at)
        if misspelt(question, day):
            continue
        for agreement, line in gate.candidates(question, day):
            if agreement is None or line is None:
                continue
            form = form_of(agreement.id, day)
            made = readings(form, line.id)
            word = word_of(question, day, form, agreement)
            reading = Interpreter(form, word)
            if made.table.outputs[0].bank is not Bank.REQUEST or not made.table.rows:
                continue
            number = abs(form.outputs[f"{line.id}.refused"])
            literal = number if reading.holds(number) else -number
            spoilt = replace(made.formula, clauses=(*made.formula.clauses, (-literal,)))
            wrong = replace(made, formula=spoilt)
            assert left_out(wrong, reading, word, Random(1)) == [(-literal,)]
            assert not left_out(made, reading, word, Random(1))
            return
    raise AssertionError("no request was found")
