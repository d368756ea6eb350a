"""Is a table proved to say what its form says, and is every altered table found, with the word?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from cordiale.agreements.proofs.form import Form, Interpreter, Over, Scope
from cordiale.agreements.proofs.solving import Solver, Unknown
from cordiale.agreements.proofs.table import Mask, Row, Table, compiled
from cordiale.agreements.proofs.validation import Validation, recheck, validate
from tests.agreements.proofs.forms import worded
from tests.agreements.proofs.test_drawing import NIGHT, form_of, register
from tests.agreements.proofs.test_table import named, plain

ALTERED = 12
"""Alterations tried of each form."""


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


def ends(form: Form) -> list[str]:
    """The outputs of the lines: what decides."""
    return [name for name in form.outputs if name.endswith((".refused", ".stays", ".lesser"))]


@pytest.mark.parametrize("id", [one.id for one in register().agreements])
def test_the_table_of_every_shipped_agreement_is_proved_equal_to_its_form(id: str, solver: Solver) -> None:
    form = form_of(id, register().on(NIGHT))
    table = compiled(form, ends(form))
    told = validate(table, form, by=solver)
    assert told.equal and told.alike + len(told.proofs) // 2 == len(table.rows) + len(table.outputs)
    assert recheck(told, table, form)


@pytest.mark.parametrize("seed", range(15))
def test_random_forms_are_proved_and_a_proof_is_of_its_own_table_alone(seed: int, solver: Solver) -> None:
    form, other = named(seed), named(seed + 1)
    table = compiled(form)
    told = validate(table, form, by=solver)
    assert told.equal and recheck(told, table, form)
    assert not recheck(told, table, other) or table.lines() == compiled(other).lines()


def altered(table: Table, chance: Random) -> tuple[str, Table]:
    """A table with one thing changed: a row left out, a mask widened or turned, two bits swapped."""
    rows = list(table.rows)
    place = chance.randrange(len(rows))
    row, mask = rows[place], rows[place].mask
    bits = [n for n in range(mask.care.bit_length()) if mask.care >> n & 1]
    how = chance.choice(("left out", "widened", "turned", "swapped", "gathered otherwise"))
    if how == "left out" or not bits:
        return how, replace(table, rows=tuple(rows[:place] + rows[place + 1 :]))
    bit = 1 << chance.choice(bits)
    if how == "widened":
        rows[place] = replace(row, mask=Mask(mask.care & ~bit, mask.want & ~bit))
    elif how == "turned":
        rows[place] = replace(row, mask=Mask(mask.care, mask.want ^ bit))
    elif how == "swapped":
        later = chance.randrange(len(rows))
        rows[place], rows[later] = (
            replace(row, sets=rows[later].sets),
            replace(rows[later], sets=row.sets),
        )
    elif row.over is not None:
        among = (Over.EVERYBODY, Over.STATED) if row.over in (Over.EVERYBODY, Over.STATED) else (row.over,)
        rows[place] = replace(row, over=chance.choice(among))
    return how, replace(table, rows=tuple(rows))


@pytest.mark.parametrize("seed", range(25))
def test_an_altered_table_that_says_something_else_is_never_called_equal(seed: int, solver: Solver) -> None:
    """Whenever a random word tells the two apart, the proof must fail; a difference that is shown is real."""
    chance, form = Random(seed), named(seed)
    table = compiled(form)
    for _ in range(ALTERED):
        how, other = altered(table, chance)
        told = validate(other, form, by=solver)
        if told.difference is not None:
            shown = told.difference
            reading = Interpreter(form, shown.word)
            condition = form.outputs[shown.output]
            items = range(len(shown.word.items))
            said = (
                tuple(reading.holds(condition, item=n) for n in items)
                if isinstance(shown.form, tuple)
                else reading.holds(condition)
            )
            assert said == shown.form != shown.table == other.decide(shown.word)[shown.output]
        if told.equal:
            assert recheck(told, other, form)
            for number in range(60):
                word = worded(form, 1_000 * seed + number)
                assert other.decide(word) == plain(form, word, other), how


def test_what_a_lost_line_lets_through_is_shown_as_a_word(solver: Solver) -> None:
    form = Form()
    form.variable("to", Scope.HEAD, ("origin", "elsewhere"))
    form.variable("protection", Scope.SUBJECT, ("claim_pending", "none"))
    claims = form.some(Over.ITS_SUBJECTS, form.one_of("protection", ["claim_pending"]))
    form.output("withheld", form.all_of(claims, form.one_of("to", ["origin"])))
    table = compiled(form)
    assert validate(table, form, by=solver).equal
    lost = replace(table, rows=tuple(row for row in table.rows if row.over is None))
    told = validate(lost, form, by=solver)
    assert not told.equal and told.difference is not None
    assert told.difference.word.subjects == ({"protection": "claim_pending"},)
    assert (told.difference.form, told.difference.table) == ((True,), (False,))


@pytest.mark.parametrize(
    "change",
    [
        lambda row: replace(row, sets=0),
        lambda row: replace(row, condition=999_999),
        lambda row: replace(row, condition=-1),
        lambda row: replace(row, over=Over.ITS_SUBJECTS),
    ],
)
def test_a_row_that_sets_or_claims_what_is_not_there_is_no_row(change: object, solver: Solver) -> None:
    form = named(3)
    table = compiled(form)
    assert callable(change)
    first: Row = next(row for row in table.rows if row.over is None and row.bank == 0)
    rows = tuple(change(row) if row is first else row for row in table.rows)
    told = validate(replace(table, rows=rows), form, by=solver)
    assert not told.equal
    assert not recheck(Validation(0, {}), replace(table, rows=rows), form)


class Silent:
    """A solver that never finds anything."""

    def ask(self, clauses: object, literals: list[int], cap_s: float) -> Iterator[Unknown]:
        return iter([Unknown("no time") for _ in literals])


def test_without_a_proof_nothing_is_equal() -> None:
    form = named(4)
    table = compiled(form)
    some = next(row for row in table.rows if row.mask.care)
    bit = some.mask.care & -some.mask.care
    wider = replace(some, mask=Mask(some.mask.care & ~bit, some.mask.want & ~bit))
    other = replace(table, rows=tuple(wider if row is some else row for row in table.rows))
    told = validate(other, form, by=Silent())
    assert not told.equal and told.why.startswith("not proved: ")
