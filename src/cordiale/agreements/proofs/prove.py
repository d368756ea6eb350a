"""Proves that an agreement keeps every safeguard on one day, or shows the request that breaks one.

What holds on a day holds on every day up to the next date that stands in a file or record: `spans` names
them, and an activation proves each that lies ahead.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from cordiale.agreements.compiled import dates_of
from cordiale.agreements.model import Agreement, Record
from cordiale.agreements.proofs.certificate import About, Certificate, Counterexample, Questions, certify
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.drawing import permits, sheet_of, turns_on_stops
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import Form
from cordiale.agreements.proofs.safeguards import SAFEGUARDS, SUSPENDED, Leaving, Safeguard
from cordiale.agreements.proofs.serving import Serving, calm, heaviest, world
from cordiale.agreements.proofs.solving import (
    CAP_S,
    Asks,
    Solver,
    models,
)
from cordiale.agreements.proofs.witness import Witness, witness
from cordiale.agreements.register import Register

PROVED: Final = "proved"
REFUTED: Final = "refuted"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one safeguard: proved with a certificate, refuted with a request, or neither."""

    safeguard: str
    says: str
    law: str
    status: str
    certificate: Certificate | None = None
    rechecked: bool = False
    breach: Witness | None = None
    requests: tuple[Mapping[str, Any], ...] = ()
    """For `served`: the requests that show it, each permitted by the gate."""
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.status == PROVED and self.rechecked

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": self.safeguard,
            "says": self.says,
            "law": self.law,
            "status": self.status,
            "rechecked": self.rechecked,
            "certificate": self._certificate(),
        }
        if self.breach is not None:
            found["breach"] = {"request": self.breach.request, "answer": self.breach.answer.as_json()}
            found["breach"]["papers"] = [f"{p.kind} of {p.owner or p.issued_by}" for p in self.breach.papers]
        return found | ({"why": self.why} if self.why else {})

    def _certificate(self) -> dict[str, Any] | None:
        if self.certificate is not None:
            return self.certificate.as_json()
        return {"requests": list(self.requests)} if self.requests else None


@dataclass(frozen=True, slots=True)
class Proof:
    """Every safeguard of one agreement on one day."""

    agreement: str
    version: int
    day: date
    outcomes: tuple[Outcome, ...]

    @property
    def holds(self) -> bool:
        return all(one.holds for one in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.agreement,
            "version": self.version,
            "day": self.day.isoformat(),
            "safeguards": [one.as_json() for one in self.outcomes],
        }


def prove(
    agreement: Agreement, register: Register, at: datetime, *, by: Asks | None = None, cap_s: float = CAP_S
) -> Proof:
    """Prove every safeguard, as it stands on the day and as if it were suspended.

    `by`: a solver that the caller keeps; without it, one is started and ended here. `cap_s`: seconds for one
    safeguard; what is not proved by then is unknown. Raises ValueError for an agreement that cannot be drawn.
    """
    if by is None:
        with Solver() as solver:
            return prove(agreement, register, at, by=solver, cap_s=cap_s)
    outcomes: list[Outcome] = []
    drawn = stated(agreement, register, at)
    for posed in drawn:
        outcomes += posed.outcomes(by, cap_s)
    outcomes.append(served(agreement, register, at, by=by, cap_s=cap_s, sheet=drawn[0].sheet))
    return Proof(agreement.id, agreement.version, at.date(), tuple(outcomes))


def served(
    agreement: Agreement,
    register: Register,
    at: datetime,
    *,
    by: Asks,
    cap_s: float = CAP_S,
    sheet: Sheet | None = None,
) -> Outcome:
    """That every promised purpose can be served; what waits for a paper promises nothing yet.

    `sheet`: the one on which the agreement is drawn for the day, where the caller has it.
    """
    drawn = sheet or sheet_of(agreement, register.on(at))
    shown, waiting, lacking = Serving(agreement, register, at, by, cap_s).all(drawn)
    why = [f"waits for a paper, or is not in force: {name}" for name in waiting]
    why += [f"no request can be served: {name}" for name in lacking]
    return Outcome(
        "served",
        "Every purpose that the agreement promises can be served.",
        "What refuses everything would keep every other safeguard",
        UNKNOWN if lacking else PROVED,
        rechecked=not lacking,
        requests=tuple(one.request for one in shown),
        why="; ".join(why),
    )


def stated(agreement: Agreement, register: Register, at: datetime) -> tuple[Posed, ...]:
    """The safeguards of one agreement as questions: as it stands on the day, and as if it were suspended."""
    about = About(agreement.id, agreement.version, register.texts_digest, *span(register, at))
    still = register.supposing([suspension(agreement, at.date())])
    day = register.on(at)
    leaving = Leaving(sheet_of(agreement, day), agreement)
    asked = [Asked.of(guard, leaving, register) for guard in SAFEGUARDS]
    if turns_on_stops(agreement, day):
        apart = Leaving(sheet_of(agreement, still.on(at)), agreement)
        also = [Asked.of(guard, apart, still) for guard in SUSPENDED]
        return Posed(agreement, at, tuple(asked), about), Posed(agreement, at, tuple(also), about)
    stopped = replace(leaving, suspended=True)
    asked += [Asked.of(guard, stopped, still) for guard in SUSPENDED]
    return (Posed(agreement, at, tuple(asked), about),)


def suspension(agreement: Agreement, day: date) -> Record:
    """A suspension of the whole agreement, in thought."""
    id = f"suspended-in-thought-{agreement.id}"
    return Record(
        id=id, kind="suspension", agreement=agreement.id, issued_by="(in thought)", from_=day, known_from=day
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One safeguard put to one agreement: what would break it, and the register that a breach is asked of."""

    guard: Safeguard
    leaving: Leaving
    register: Register
    goals: tuple[int, ...]

    @classmethod
    def of(cls, guard: Safeguard, leaving: Leaving, register: Register) -> Asked:
        return cls(guard, leaving, register, (*guard.goals(leaving), world(leaving.sheet)))


@dataclass(frozen=True, slots=True)
class Posed:
    """One agreement, drawn on one sheet, with all that is asked of it."""

    agreement: Agreement
    at: datetime
    asked: tuple[Asked, ...]
    about: About

    @property
    def sheet(self) -> Sheet:
        return self.asked[0].leaving.sheet

    @property
    def form(self) -> Form:
        return self.sheet.form

    @property
    def questions(self) -> Questions:
        return {one.guard.name: one.goals for one in self.asked}

    def outcomes(self, by: Asks, cap_s: float) -> Iterator[Outcome]:
        """What the solver found, each proof re-checked and each breach asked of the gate."""
        found = certify(self.form, self.questions, self.about, cap_s=cap_s, by=by)
        for asked in self.asked:
            guard = asked.guard
            one, told = found[guard.name], (guard.name, guard.says, guard.law)
            if isinstance(one, Certificate):
                yield Outcome(*told, PROVED, certificate=one, rechecked=True)
            elif isinstance(one, Counterexample):
                breach = self.breach(asked, by, cap_s)
                status, why = (REFUTED, "") if breach else (UNKNOWN, NOT_SHOWN)
                yield Outcome(*told, status, breach=breach, why=why)
            else:
                yield Outcome(*told, UNKNOWN, why=one.reason)

    def breach(self, asked: Asked, by: Asks, cap_s: float) -> Witness | None:
        """A request that breaks the safeguard and that the gate really permits, line by line."""
        sheet, goals, under = self.sheet, asked.goals, asked.leaving.under
        tries = {
            f"{n} {line.id}": (line, (*goals, under(line), *plain, *focus))
            for n, plain in enumerate(((calm(sheet),), ()))
            for line in permits(self.agreement)
            for focus in (heaviest(sheet, line),)
        }
        tries |= {f"2 {line.id}": (line, (*goals, under(line))) for line in permits(self.agreement)}
        for alone in (True, False):
            clauses = clauses_of(sheet.form, {name: asked for name, (_, asked) in tries.items()}, alone=alone)
            for name, model in models(clauses.clauses, clauses.picks, cap_s, by=by).items():
                values = clauses.values(model)
                shown = witness(values, self.agreement, tries[name][0], (asked.register, self.at))
                if shown.leaves:
                    return shown
        return None


NOT_SHOWN: Final = "the proof fails, but no request was found that the gate permits: a person must look"


# ---------------------------------------------------------------------- every day that lies ahead


def spans(register: Register, at: datetime) -> tuple[date, ...]:
    """The first day of every span ahead in which nothing changes by itself, beginning with today."""
    edges = _edges(register)
    return (at.date(), *edges[bisect_right(edges, at.date()) :])


def span(register: Register, at: datetime) -> tuple[date, date | None]:
    """The first and the last day of the span in which a moment lies; None is open."""
    edges, day = _edges(register), at.date()
    place = bisect_right(edges, day)
    first = edges[place - 1] if place else date.min
    return first, edges[place] - timedelta(days=1) if place < len(edges) else None


_EDGES: WeakKeyDictionary[Register, list[date]] = WeakKeyDictionary()


def _edges(register: Register) -> list[date]:
    """Every date at which something changes, read once of a register: what it holds does not change."""
    if register not in _EDGES:
        _EDGES[register] = sorted(set(dates_of(register)))
    return _EDGES[register]


def noon(day: date) -> datetime:
    """The middle of a day: a proof is about the day, not the hour."""
    return datetime.combine(day, time(12), UTC)
