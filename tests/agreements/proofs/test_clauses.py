"""Do the clauses of a question hold for every word in which its goals do, and for no other?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import pytest

from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.form import All, Form, Interpreter, Is, Over, Scope, Some, Word
from cordiale.agreements.proofs.solving import Satisfiable, Solver, Unsatisfiable, solve_all
from tests.agreements.proofs.forms import drawn, worded

NOBODY = None


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


def found(form: Form, *goals: int, by: Solver, alone: bool = False) -> Satisfiable | Unsatisfiable:
    made = clauses_of(form, {"q": goals}, alone=alone)
    answer = solve_all(made.clauses, made.picks, by=by)["q"]
    assert isinstance(answer, Satisfiable | Unsatisfiable)
    return answer


def possible(form: Form, *goals: int, by: Solver, alone: bool = False) -> bool:
    return isinstance(found(form, *goals, by=by, alone=alone), Satisfiable)


# ---------------------------------------------------------------------- every word is among the models


def assignment(
    made: Clauses,
    word: Word,
    item: int | None,
    subject: int | None,
    *,
    reading: Interpreter | None = None,
    numbers: Sequence[int] = (),
) -> dict[int, bool]:
    """What a word says of every number, with this item and this subject in focus. `numbers`: of these
    conditions alone, in their order.
    """
    form, reading = made.form, reading or Interpreter(made.form, word)
    told = {
        made.present.item: item is not NOBODY,
        made.present.subject: subject is not NOBODY,
        made.present.stated: subject is not NOBODY and subject < word.stated,
    }
    values: dict[Scope, dict[str, str]] = {Scope.HEAD: dict(word.head)}
    for scope, chosen in ((Scope.ITEM, item), (Scope.SUBJECT, subject)):
        there = {v.name: v.values[0] for v in form.variables if v.scope is scope}
        if chosen is not NOBODY:
            there |= dict(word.items[chosen].values if scope is Scope.ITEM else word.subjects[chosen])
        values[scope] = there
    for place, parts in made.classes.items():
        variable = form.variables[place]
        bit = form.bit(place, values[variable.scope][variable.name])
        told |= {number: bit in bits for number, bits in parts}
    for number in numbers or range(1, len(form.nodes) + 1):
        node = form.nodes[number - 1]
        if isinstance(node, All):
            told[number] = all(told[abs(part)] is (part > 0) for part in node.parts)
        elif isinstance(node, Is):
            variable = form.variables[node.variable]
            bit = form.bit(node.variable, values[variable.scope][variable.name])
            told[number] = bool(node.mask >> bit & 1)
        elif node.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) and item is NOBODY:
            told[number] = False
        else:
            told[number] = reading.holds(number, item=item)
    return told


@pytest.mark.parametrize("seed", range(60))
def test_no_word_is_left_out_whoever_and_whatever_it_speaks_of(seed: int) -> None:
    form, _ = drawn(seed)
    every = range(1, len(form.nodes) + 1)
    # A question about each condition and its opposite, so that the clauses of all stand there.
    made = clauses_of(form, {f"{sign * number}": (sign * number,) for number in every for sign in (1, -1)})
    asked = set(made.picks.values())
    for other in range(40):
        word = worded(form, seed * 1000 + other)
        for item in (NOBODY, *range(len(word.items))):
            about = range(len(word.subjects)) if item is NOBODY else word.items[item].about
            # Nobody is in focus only where there is nobody: of an item, where it is about nobody.
            for subject in about or (NOBODY,):
                told = assignment(made, word, item, subject)
                for clause in made.clauses:
                    if not asked.intersection(map(abs, clause)):
                        held = any(told[abs(literal)] is (literal > 0) for literal in clause)
                        assert held, (seed, other, item, subject, clause)


def test_an_item_about_nobody_is_a_word_too(solver: Solver) -> None:
    form = Form()
    form.variable("minor", Scope.SUBJECT, ("yes", "no"))
    form.variable("category", Scope.ITEM, ("name", "count"))
    minor = form.one_of("minor", ("yes",))
    neither = [-form.some(Over.ITS_SUBJECTS, minor), -form.some(Over.ITS_SUBJECTS, -minor)]
    assert possible(form, form.one_of("category", ("count",)), *neither, by=solver)
    # Of an item that is about the subject in focus it is not possible.
    assert not possible(form, minor, form.one_of("category", ("count",)), *neither, by=solver)


def test_a_subject_whom_the_request_does_not_state_is_not_among_the_stated(solver: Solver) -> None:
    form = Form()
    form.variable("minor", Scope.SUBJECT, ("yes", "no"))
    minor = form.one_of("minor", ("yes",))
    assert possible(form, minor, -form.some(Over.STATED, minor), by=solver)
    assert not possible(form, minor, -form.some(Over.EVERYBODY, minor), by=solver)


def test_a_request_without_items_is_a_word_too(solver: Solver) -> None:
    form = Form()
    form.variable("act", Scope.HEAD, ("share", "ask"))
    form.variable("category", Scope.ITEM, ("name", "count"))
    act, name = form.one_of("act", ("ask",)), form.one_of("category", ("name",))
    none = [-form.some(Over.ITEMS, name), -form.some(Over.ITEMS, -name)]
    assert possible(form, act, *none, by=solver)
    assert not possible(form, act, name, *none, by=solver)


def test_who_is_stated_or_meant_by_an_item_is_among_everybody(solver: Solver) -> None:
    form = Form()
    form.variable("minor", Scope.SUBJECT, ("yes", "no"))
    minor = form.one_of("minor", ("yes",))
    nobody = -form.some(Over.EVERYBODY, minor)
    assert not possible(form, form.some(Over.STATED, minor), nobody, by=solver)
    assert not possible(form, form.some(Over.ITS_SUBJECTS, minor), nobody, by=solver)


def test_where_there_is_nobody_an_item_is_about_nobody(solver: Solver) -> None:
    form = Form()
    for name in ("minor", "stateless"):
        form.variable(name, Scope.SUBJECT, ("yes", "no"))
    minor, stateless = form.one_of("minor", ("yes",)), form.one_of("stateless", ("yes",))
    nobody = [-form.some(Over.EVERYBODY, minor), -form.some(Over.EVERYBODY, -minor)]
    assert possible(form, *nobody, by=solver)
    for over in (Over.ITS_SUBJECTS, Over.SAME_PERSON):
        assert not possible(form, *nobody, form.some(over, stateless), by=solver)


# ---------------------------------------------------------------------- and no other is


def by_enumeration(form: Form, goals: tuple[int, ...]) -> bool:
    """Slow and plain: some values, some focus and some others meet all goals."""
    some = [n for n, node in enumerate(form.nodes, start=1) if isinstance(node, Some)]
    spoken = {scope for goal in goals for scope in spoken_of(form, abs(goal))} - {Scope.HEAD}
    for chosen in product(*(range(len(v.values)) for v in form.variables)):
        for item, subject, stated in product((True, False), repeat=3):
            if (
                not {scope for scope, there in ((Scope.ITEM, item), (Scope.SUBJECT, subject)) if there}
                >= spoken
            ):
                continue
            for others in product((False, True), repeat=len(some)):
                focus = (item, subject, stated)
                if reads(form, goals, chosen, focus, dict(zip(some, others, strict=True))):
                    return True
    return False


def reads(
    form: Form,
    goals: tuple[int, ...],
    chosen: tuple[int, ...],
    focus: tuple[bool, ...],
    others: dict[int, bool],
) -> bool:
    """The goals under one choice of values, with this in focus and these conditions met by others."""
    item, subject, stated = focus
    there = {
        Over.ITS_SUBJECTS: item and subject,
        Over.SAME_PERSON: item and subject,
        Over.EVERYBODY: subject,
        Over.STATED: subject and stated,
        Over.ITEMS: item,
    }
    told: dict[int, bool] = {}

    def holds(condition: int) -> bool:
        return told[abs(condition)] is (condition > 0)

    for number, node in enumerate(form.nodes, start=1):
        if isinstance(node, Is):
            told[number] = bool(node.mask >> chosen[node.variable] & 1)
        elif isinstance(node, All):
            told[number] = all(map(holds, node.parts))
        else:
            nobody = node.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) and item and not subject
            told[number] = not nobody and (others[number] or (there[node.over] and holds(node.of)))
    for number, node in enumerate(form.nodes, start=1):
        if isinstance(node, Some) and node.over in (Over.STATED, Over.ITS_SUBJECTS) and told[number]:
            wide = [
                n for n, other in enumerate(form.nodes, start=1) if other == Some(Over.EVERYBODY, node.of)
            ]
            if not all(told[n] for n in wide):
                return False
    return all(map(holds, goals))


def spoken_of(form: Form, condition: int) -> set[Scope]:
    node = form.nodes[condition - 1]
    if isinstance(node, Is):
        return {form.variables[node.variable].scope}
    if isinstance(node, Some):
        return {Scope.ITEM} if node.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) else set()
    return {scope for part in node.parts for scope in spoken_of(form, abs(part))}


def small(seed: int) -> Form:
    """A form that can be enumerated: one variable of each scope, three gathered conditions at most."""
    chance, form = Random(seed), Form()
    pool: dict[Scope, list[int]] = {}
    for scope in Scope:
        form.variable(scope, scope, ("a", "b", "c"))
        pool[scope] = [form.masked(scope, mask) for mask in chance.sample(range(1, 7), 2)]
    head, subject, item = pool[Scope.HEAD], pool[Scope.SUBJECT], pool[Scope.ITEM]
    asked = {Over.ITEMS: item}
    for over in chance.sample(tuple(Over), 3):
        some = form.some(over, chance.choice((1, -1)) * chance.choice(asked.get(over, subject)))
        (item if over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) else head).append(some)
    for mine in (head, subject, item):
        for _ in range(2):
            parts = (chance.choice((1, -1)) * chance.choice(mine + head) for _ in range(2))
            made = form.all_of(*parts)
            if abs(made) != 1:
                mine.append(made)
    return form


@pytest.mark.parametrize("seed", range(24))
def test_clauses_can_be_met_exactly_where_an_enumeration_finds_a_word(seed: int, solver: Solver) -> None:
    form, chance = small(seed), Random(seed)
    answers = set()
    for _ in range(8):
        goals = tuple(
            chance.choice((1, -1)) * chance.randrange(2, len(form.nodes) + 1)
            for _ in range(chance.choice((3, 4, 5)))
        )
        expected = by_enumeration(form, goals)
        assert possible(form, *goals, by=solver) is expected, (seed, goals)
        answers.add(expected)


def test_the_seeds_of_the_enumeration_ask_both_kinds_of_question(solver: Solver) -> None:
    answers = set()
    for seed in range(24):
        form, chance = small(seed), Random(seed)
        for _ in range(8):
            count = len(form.nodes) + 1
            goals = [
                chance.choice((1, -1)) * chance.randrange(2, count) for _ in range(chance.choice((3, 4, 5)))
            ]
            answers.add(possible(form, *goals, by=solver))
    assert answers == {True, False}


# ---------------------------------------------------------------------- what a model says


def test_a_model_gives_every_variable_its_value_the_first_of_those_alike(solver: Solver) -> None:
    form = Form()
    form.variable("to", Scope.HEAD, ("FR/paf", "RS/police", "RS/mup", "AL/police"))
    goals = (-form.one_of("to", ("FR/paf",)), -form.one_of("to", ("AL/police",)))
    made = clauses_of(form, {"q": goals})
    answer = solve_all(made.clauses, made.picks, by=solver)["q"]
    assert isinstance(answer, Satisfiable)
    assert made.values(frozenset(answer.model)) == {"to": "RS/police"}
    assert [bits for _, bits in made.classes[0]] == [(0,), (1, 2), (3,)]


def test_what_holds_because_of_others_is_named_and_alone_there_are_none(solver: Solver) -> None:
    form = Form()
    form.variable("minor", Scope.SUBJECT, ("yes", "no"))
    minor = form.one_of("minor", ("yes",))
    someone = form.some(Over.EVERYBODY, minor)
    made = clauses_of(form, {"q": (-minor, someone), "alone": (minor,)})
    found = solve_all(made.clauses, made.picks, by=solver)
    answer, own = found["q"], found["alone"]
    assert isinstance(answer, Satisfiable) and isinstance(own, Satisfiable)
    assert made.others(frozenset(answer.model)) == (someone,)
    assert made.others(frozenset(own.model)) == ()
    assert not possible(form, -minor, someone, by=solver, alone=True)
    assert possible(form, minor, someone, by=solver, alone=True)


def test_only_the_conditions_that_a_goal_rests_on_are_written() -> None:
    form = Form()
    for name in ("asked", "other"):
        form.variable(name, Scope.HEAD, ("a", "b", "c"))
    asked, other = form.one_of("asked", ("a",)), form.one_of("other", ("a",))
    made = clauses_of(form, {"q": (asked,)})
    assert set(made.classes) == {form.place("asked")}
    assert not any(other in map(abs, clause) for clause in made.clauses)


SPOKEN = """
from tests.agreements.proofs.forms import drawn
from cordiale.agreements.proofs.clauses import clauses_of
form, pools = drawn(7)
goals = {f"q{n}": (n, -n + 1) for n in range(3, 9)}
print(clauses_of(form, goals).digest)
"""


def test_the_same_form_gives_the_same_clauses_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", SPOKEN],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1 and next(iter(told)).startswith("sha256:")
