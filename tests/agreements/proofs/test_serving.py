"""Is a promise shown by a request, and is one that waits for a paper told from one that nothing serves?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache

import pytest

from cordiale.agreements import Register
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.drawing import sheet_of
from cordiale.agreements.proofs.prove import PROVED, UNKNOWN, served
from cordiale.agreements.proofs.serving import Serving
from cordiale.agreements.proofs.solving import CAP_S, Asks, Solver, Told

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WAITS = "uk-al-2022"
"""An agreement of which some purposes wait for a paper on the day."""


@cache
def register() -> Register:
    return Register.load()


def agreement() -> Agreement:
    found = register().agreement(WAITS)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


class Lies:
    """A solver that says in some of its rounds (from 1) that nothing is met, and proves nothing."""

    def __init__(self, solver: Solver, *rounds: int) -> None:
        self.solver, self.rounds, self.asked = solver, rounds, 0

    def ask(self, clauses: Sequence[Sequence[int]], asked: Sequence[int], cap_s: float) -> Iterator[Told]:
        self.asked += 1
        if self.asked in self.rounds:
            yield from ({"holds": False, "steps": []} for _ in asked)
        else:
            yield from self.solver.ask(clauses, asked, cap_s)


def found(by: Asks) -> tuple[int, set[str], set[str]]:
    """(how many requests, what waits, what nothing serves)."""
    sheet = sheet_of(agreement(), register().on(NOON))
    shown, waiting, lacking = Serving(agreement(), register(), NOON, by, CAP_S).all(sheet)
    return len(shown), set(waiting), set(lacking)


def test_every_promise_is_shown_or_waits_for_a_paper(solver: Solver) -> None:
    shown, waiting, lacking = found(solver)
    assert shown > 3 and waiting and not lacking


def test_a_promise_waits_only_if_it_is_proved_that_nothing_serves_it_today(solver: Solver) -> None:
    """The first two rounds look for requests, the third for the proof, the fourth for what papers do."""
    _, waiting, _ = found(solver)
    shown, waits, lacking = found(Lies(solver, 1, 2, 3))
    assert shown == 0 and not waits, "a lie is no proof that only a paper is missing"
    assert lacking > waiting
    assert served(agreement(), register(), NOON, by=Lies(solver, 1, 2, 3)).status == UNKNOWN


def test_a_promise_that_no_paper_would_serve_is_lacking(solver: Solver) -> None:
    _, waiting, _ = found(solver)
    _, waits, lacking = found(Lies(solver, 4))
    assert not waits and lacking == waiting


def test_the_sheet_may_be_the_callers(solver: Solver) -> None:
    sheet = sheet_of(agreement(), register().on(NOON))
    told = served(agreement(), register(), NOON, by=solver, sheet=sheet)
    assert told == served(agreement(), register(), NOON, by=solver)
    assert told.status == PROVED and told.requests
