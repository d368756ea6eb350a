"""Does the form of an agreement say what the gate says: refused, what stays, what is lessened?"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice

import pytest
from bench.questions import Questions

from cordiale.agreements import Register, gate, parse_question
from cordiale.agreements.compiled import dates_of
from cordiale.agreements.model import Agreement, Requirement
from cordiale.agreements.proofs.drawing import draw, sheet_of, sheet_with, turns_on_stops
from cordiale.agreements.proofs.drawing.sheet import ELSEWHERE
from cordiale.agreements.proofs.form import All, Form, Interpreter, Is
from cordiale.agreements.proofs.prove import Asked, stated, suspension
from cordiale.agreements.proofs.safeguards import SUSPENDED, Leaving
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


IDS = [one.id for one in register().agreements]
OTHER_DAYS = [datetime(2021, 3, 1, 12, tzinfo=UTC), datetime(2024, 6, 1, 12, tzinfo=UTC)]


@pytest.mark.parametrize("id", IDS)
def test_what_the_lines_of_an_agreement_share_is_drawn_once_and_is_the_same(id: str) -> None:
    agreement = register().agreement(id)
    assert agreement is not None
    day = register().on(NIGHT)
    for any_paper in (False, True):
        kept = sheet_of(agreement, day, any_paper=any_paper)
        anew = sheet_of(agreement, day, any_paper=any_paper, anew=True)
        assert kept.form.digest() == anew.form.digest()
        assert kept.suspended == anew.suspended


@pytest.mark.parametrize("at", OTHER_DAYS)
def test_it_is_the_same_on_other_days_and_for_two_versions_on_one_sheet(at: datetime) -> None:
    old = register().agreement("uk-al-2022")
    assert old is not None
    free = [replace(one, onward=None, ceiling=None, transform=()) for one in old.provision]
    versions = {"old:": old, "new:": replace(old, provision=tuple(free), basis=(), taint=())}
    kept, anew = (sheet_with(versions, register().on(at), anew=each) for each in (False, True))
    assert kept.form.digest() == anew.form.digest() and kept.suspended == anew.suspended
    outputs = kept.form.outputs
    stay = [
        name.removeprefix("old:") for name in outputs if name.startswith("old:") and name.endswith(".stays")
    ]
    assert stay and all(outputs[f"old:{name}"] != outputs[f"new:{name}"] for name in stay)


def spelt(form: Form) -> list[str]:
    """Of each condition what it says, whatever numbers the form gave: equal words, equal conditions."""
    told: list[str] = []

    def of(part: int) -> str:
        return ("-" if part < 0 else "") + told[abs(part) - 1]

    for node in form.nodes:
        if isinstance(node, Is):
            variable = form.variables[node.variable]
            said = f"{variable.name} {variable.values} {node.mask}"
        else:
            parts = node.parts if isinstance(node, All) else (node.of,)
            said = " ".join([type(node).__name__, getattr(node, "over", ""), *sorted(map(of, parts))])
        told.append(hashlib.sha256(said.encode()).hexdigest())
    return told


@pytest.mark.parametrize("id", IDS)
def test_a_line_as_if_suspended_is_the_line_of_the_agreement_that_is_suspended(id: str) -> None:
    agreement = register().agreement(id)
    assert agreement is not None
    still = register().supposing([suspension(agreement, NIGHT.date())])
    thought, drawn = sheet_of(agreement, register().on(NIGHT)), draw(agreement, still.on(NIGHT))
    says, means = spelt(thought.form), spelt(drawn)
    assert thought.suspended and not turns_on_stops(agreement, register().on(NIGHT))
    for line, refused in thought.suspended.items():
        for found, wanted in (
            (refused, drawn.outputs[f"{line}.refused"]),
            (thought.form.outputs[f"{line}.stays"], drawn.outputs[f"{line}.stays"]),
            (thought.form.outputs[f"{line}.lesser"], drawn.outputs[f"{line}.lesser"]),
        ):
            assert (found > 0, says[abs(found) - 1]) == (wanted > 0, means[abs(wanted) - 1]), line


def leaning(agreement: Agreement) -> Agreement:
    rows = tuple(
        (way, tuple(replace(r, relies_on=(agreement.id,)) for r in each)) for way, each in agreement.basis
    )
    return replace(agreement, basis=rows)


def asking(agreement: Agreement) -> Agreement:
    need = Requirement(record="suspension")
    return replace(agreement, provision=tuple(replace(p, requires=(need,)) for p in agreement.provision))


@pytest.mark.parametrize("changed", [leaning, asking])
def test_an_agreement_that_turns_on_its_own_suspension_is_drawn_suspended_by_itself(
    changed: Callable[[Agreement], Agreement],
) -> None:
    agreement = register().agreement("uk-al-2022")
    assert agreement is not None
    text = changed(agreement)
    other = register().counting([text])
    assert turns_on_stops(text, other.on(NIGHT))
    posed = stated(text, other, NIGHT)
    assert len(posed) == 2 and len(stated(agreement, register(), NIGHT)) == 1
    still = other.supposing([suspension(text, NIGHT.date())])
    apart = Leaving(sheet_of(text, still.on(NIGHT)), text)
    assert [one.goals for one in posed[1].asked] == [Asked.of(g, apart, still).goals for g in SUSPENDED]
    assert posed[1].form.digest() == apart.sheet.form.digest() != posed[0].form.digest()
    assert list(posed[1].questions) == [guard.name for guard in SUSPENDED]


def test_a_form_is_drawn_alike_every_time() -> None:
    day = register().on(NIGHT)
    agreement = register().agreements[0]
    assert draw(agreement, day).digest() == draw(agreement, day).digest()
