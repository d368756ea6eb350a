"""Safeguards proved and re-checked: processor time by size of the agreement: `rows()`.

    python -m bench proving

Invented forms of 33, 300 and 3,000 lines over 64 bodies and 30 categories (seed below), each with twelve
safeguards that hold; and shipped agreements whole, as `agreement prove` takes them: drawn, proved, re-checked
as by a receiver, and a request found for every promise. Times are processor time, the solver's process
included, the best of five; its start is not counted, for it is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from random import Random

from bench.row import Row
from cordiale.agreements import Register
from cordiale.agreements.proofs.certificate import About, Certificate, certify, recheck_all
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.drawing import sheet_of
from cordiale.agreements.proofs.form import Form, Over, Scope
from cordiale.agreements.proofs.prove import prove, served, stated
from cordiale.agreements.proofs.solving import CAP_S, Solver, solve

SEED = 20261123
ROUNDS = 5
AIMS_MS = {33: 100.0, 300: None, 3_000: 3_000.0}
BODIES, CATEGORIES = 64, 30
DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ABOUT = About("invented-2026", 1, "sha256:" + "0" * 64, date(2026, 11, 23), None)
Questions = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Lines:
    """An invented agreement: what its lines permit, refuse and withhold, in one form."""

    form: Form
    granted: list[int]
    barred: list[int]
    held: list[int]
    flags: list[int]
    kept: list[tuple[int, int]]

    def leaves(self, granted: Sequence[int] | None = None, held: Sequence[int] | None = None) -> int:
        """What leaves; with other lines that permit or withhold, where they are named."""
        grants, holds = granted or self.granted, held or self.held
        all_of, any_of = self.form.all_of, self.form.any_of
        return all_of(any_of(*grants), *(-one for one in self.barred), *(-one for one in holds))


def lines_of(lines: int) -> Lines:
    """So many lines: a third permits, a third refuses, a third withholds."""
    chance, form = Random(SEED), Form()
    words = {name: [f"{name}{n}" for n in range(count)] for name, count in _COUNTS.items()}
    for name, values in words.items():
        form.variable(name, _SCOPES.get(name, Scope.HEAD), values)

    def among(name: str, least: int = 1) -> int:
        count = len(words[name])
        return form.one_of(
            name, chance.sample(words[name], chance.randrange(least, max(least + 1, count // 2)))
        )

    flags = [form.one_of(name, [f"{name}1"]) for name in _COUNTS if name.startswith("flag")]
    marks = [form.one_of(name, [f"{name}1"]) for name in _COUNTS if name.startswith("mark")]
    people = [
        form.some(Over.ITS_SUBJECTS, form.one_of("protection", [f"protection{n}"])) for n in (1, 2, 3, 4)
    ]
    # What keeps the safeguards: the first refusals and the first lines that withhold.
    barred = [form.all_of(person, flags[0]) for person in people] + [
        form.all_of(f, -flags[0]) for f in flags[1:5]
    ]
    held = [form.all_of(mark, among("category", 4)) for mark in marks[:4]]
    granted: list[int] = []
    kept = list(zip(marks[:4], held, strict=True))
    for _ in range(lines // 3):
        basis = form.all_of(
            among("from"), among("to"), among("purpose"), among("regime"), among("category", 4)
        )
        granted.append(form.all_of(basis, chance.choice(flags)))
        barred.append(form.all_of(among("from"), among("to"), chance.choice(flags), chance.choice(people)))
        held.append(form.all_of(among("to"), chance.choice(marks), among("category")))
    return Lines(form, granted, barred, held, flags, kept)


def invented(lines: int) -> tuple[Form, Questions]:
    """A form of so many lines, with its safeguards."""
    made = lines_of(lines)
    form, flags, leaves = made.form, made.flags, made.leaves()
    claims = {n: form.one_of("protection", [f"protection{n}"]) for n in (1, 2, 3, 4)}
    asked: Questions = {f"claim {n}": (leaves, claim, flags[0]) for n, claim in claims.items()}
    asked |= {f"flag {n}": (leaves, flags[n], -flags[0]) for n in range(1, 5)}
    asked |= {f"mark {n}": (leaves, line) for n, (_, line) in enumerate(made.kept)}
    return form, asked


_COUNTS = (
    {"from": BODIES, "to": BODIES, "purpose": 20, "regime": 4, "category": CATEGORIES, "protection": 6}
    | {f"flag{n}": 2 for n in range(8)}
    | {f"mark{n}": 2 for n in range(8)}
)
_SCOPES = {"category": Scope.ITEM, "protection": Scope.SUBJECT} | {f"mark{n}": Scope.ITEM for n in range(8)}


@cache
def register() -> Register:
    return Register.load()


def _lines(agreement_id: str) -> str:
    """How many lines are drawn: each permitting one under every law of the day."""
    agreement = register().agreement(agreement_id)
    assert agreement is not None
    laws = sum(len(law.provision) for law in register().on(DAY).laws)
    return f"{len(agreement.provision)} lines, under {laws} of the laws"


def _shipped(agreement_id: str, solver: Solver) -> list[Row]:
    """One shipped agreement: each part of `prove` by itself, and all of it."""
    agreement = register().agreement(agreement_id)
    assert agreement is not None
    posed = stated(agreement, register(), DAY)[0]
    outcomes = list(posed.outcomes(solver, CAP_S))
    certificates = [one.certificate for one in outcomes if one.certificate is not None]
    if len(certificates) < len(outcomes):
        raise RuntimeError(f"{agreement_id}: {len(outcomes) - len(certificates)} safeguards were not proved")

    def best(act: Callable[[], object]) -> float:
        return min(_spent(act, solver) for _ in range(ROUNDS))

    drawn = best(lambda: stated(agreement, register(), DAY))
    slowly = best(lambda: sheet_of(agreement, register().on(DAY), anew=True))
    found = best(lambda: list(posed.outcomes(solver, CAP_S)))
    again = best(lambda: recheck_all(certificates, posed.form, posed.questions, posed.about))
    shown = best(lambda: served(agreement, register(), DAY, by=solver, sheet=posed.sheet))
    whole = best(lambda: prove(agreement, register(), DAY, by=solver))
    of, count = f"`{agreement_id}`", f"{len(outcomes)} safeguards"
    made = clauses_of(posed.form, posed.questions)
    return [
        Row(f"{of} drawn ({_lines(agreement_id)})", drawn, "ms", "", None, "each line anew", slowly),
        Row(f"{count} of {of}: proved and re-checked", found + again, "ms", "< 100", found + again < 100),
        Row(
            f"{count} of {of}: re-checked by a receiver",
            *(again, "ms", "less than finding", again < found, "finding", found),
        ),
        Row(f"{of}: a request found for every promise", shown, "ms"),
        Row(f"{of}: all of `agreement prove`", whole, "ms"),
        Row(f"clauses of {of}", len(made.clauses), ""),
        Row(f"steps of all proofs of {of}", sum(len(one.proof) for one in certificates), ""),
    ]


# ---------------------------------------------------------------------- measuring


@dataclass(frozen=True, slots=True)
class Told:
    """Milliseconds of processor time for one form, and how large it is."""

    found_ms: float
    rechecked_ms: float
    safeguards: int
    clauses: int
    steps: int


def measured(form: Form, questions: Questions, solver: Solver) -> Told:
    """Proved from the form to the certificates, then re-checked from the form as a receiver does."""
    verdicts = certify(form, questions, ABOUT, by=solver)
    certificates = [one for one in verdicts.values() if isinstance(one, Certificate)]
    if len(certificates) < len(questions):
        raise RuntimeError(f"{len(questions) - len(certificates)} safeguards were not proved")
    found_ms = min(_spent(lambda: certify(form, questions, ABOUT, by=solver), solver) for _ in range(ROUNDS))
    rechecked_ms = min(
        _spent(lambda: recheck_all(certificates, form, questions, ABOUT)) for _ in range(ROUNDS)
    )
    made = clauses_of(form, questions)
    steps = sum(len(one.proof) for one in certificates)
    return Told(found_ms, rechecked_ms, len(questions), len(made.clauses), steps)


def _spent(act: Callable[[], object], solver: Solver | None = None) -> float:
    """Milliseconds of processor time here and in the solver's process."""
    here, there = time.process_time(), _of(solver)
    act()
    return 1000 * (time.process_time() - here + _of(solver) - there)


def _of(solver: Solver | None) -> float:
    """Seconds of processor time of the solver's process so far (Linux: its clock by process id)."""
    return time.clock_gettime(~solver.id << 3 | 2) if solver is not None else 0.0


def rows() -> list[Row]:
    """Finding and re-checking by size. About half a minute."""
    told: list[Row] = []
    with Solver() as solver:
        solve([[1]], by=solver)
        for lines, aim_ms in AIMS_MS.items():
            told += _rows(f"{lines:,} invented lines", measured(*invented(lines), solver), aim_ms)
        for name in ("uk-frontex-wa-2024", "uk-al-2022"):
            told += _shipped(name, solver)
    return told


def _rows(of: str, told: Told, aim_ms: float | None) -> list[Row]:
    both = told.found_ms + told.rechecked_ms
    size = f"{told.safeguards} safeguards of {of}"
    aim, reached = (f"< {aim_ms:,.0f}", both < aim_ms) if aim_ms is not None else ("", None)
    return [
        Row(f"{size}: proved and re-checked", both, "ms", aim, reached),
        Row(
            f"{size}: re-checked by a receiver",
            told.rechecked_ms,
            "ms",
            "less than finding",
            told.rechecked_ms < told.found_ms,
            "finding",
            told.found_ms,
        ),
        Row(f"clauses of {of}", told.clauses, ""),
        Row(f"steps of all proofs of {of}", told.steps, ""),
    ]


if __name__ == "__main__":
    for row in rows():
        print(f"{row.value:>12,.1f} {row.unit:<3} {row.aim:<12} {row.name}")
