"""The graph of a day: who can pass what to whom under which agreement, and what is proved of each way.

Every pair of Sides that a line's directions name is an edge, whether the line lets anything about people pass
or not: too many edges prove less, never more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.certificate import About, Certificate, Questions, certify
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.drawing import permits, sheet_of
from cordiale.agreements.proofs.drawing.labels import reached
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.network.inductive import Edge
from cordiale.agreements.proofs.prove import span
from cordiale.agreements.proofs.safeguards import SAFEGUARDS, Leaving
from cordiale.agreements.proofs.solving import Asks, Unsatisfiable, solve_all
from cordiale.agreements.register import EU, EU_BODIES, Day, Register
from cordiale.terms import Personal, SubjectKind

BASE: Final = ("origin", "origin-unknown", "origin-claim-unknown", "group")
"""Whoever knows of a claim, or does not know that there is none, does not tell the state that was fled."""
LATER: Final = ("never-to", "no-onward", "asked-first")
"""Whoever holds something with a limit keeps to it."""
LABEL: Final = "labels"
"""Every message about people goes with a limit against every state that people may have fled."""


def asked_first(leaving: Leaving) -> tuple[int, ...]:
    """What came with `ask the originator` leaves to somebody else although nobody agreed."""
    sheet = leaving.sheet
    foreign = sheet.one("owner", "other", "unknown")
    return leaving.anyhow(), sheet.flag("limit:ask_originator"), foreign, -sheet.one("consent", "yes")


def bare(leaving: Leaving, line: Provision, state: str) -> tuple[int, ...]:
    """Something about people leaves under one line without a limit against one state."""
    sheet, outputs = leaving.sheet, leaving.sheet.form.outputs
    told = sheet.any(sheet.personal(Personal.YES), sheet.one("kind", SubjectKind.GROUP))
    elsewhere = -sheet.side("to", lambda side: side == state)
    free = (-outputs[f"{line.id}.closed"], -outputs[f"{line.id}.never:{state}"])
    return (leaving.under(line), *free, elsewhere, told)


def bare_name(line: Provision, state: str) -> str:
    return f"{LABEL}:{line.id}:{state}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One agreement in force, drawn, with the lemmas that the network asks of it."""

    agreement: Agreement
    leaving: Leaving
    about: About

    @classmethod
    def of(cls, agreement: Agreement, register: Register, at: datetime) -> Drawn:
        sheet = sheet_of(agreement, register.on(at))
        about = About(agreement.id, agreement.version, register.texts_digest, *span(register, at))
        return cls(agreement, Leaving(sheet, agreement), about)

    @property
    def sheet(self) -> Sheet:
        return self.leaving.sheet

    def questions(self, names: Iterable[str]) -> Questions:
        """The lemmas of these names, in the order of `names_of`. Raises KeyError for a name that is none."""
        known = self._known()
        wanted = set(names)
        if unknown := wanted - known.keys():
            raise KeyError(min(unknown))
        world = self.sheet.form.outputs["world"]
        return {name: (*goals(), world) for name, goals in known.items() if name in wanted}

    def _known(self) -> dict[str, Callable[[], tuple[int, ...]]]:
        wanted = (*BASE, *LATER, LABEL)
        found = {g.name: _posed(g.goals, self.leaving) for g in SAFEGUARDS if g.name in wanted}
        found["asked-first"] = _posed(asked_first, self.leaving)
        for line in permits(self.agreement):
            for state in reached(self.sheet.day):
                found[bare_name(line, state)] = _posed_bare(self.leaving, line, state)
        return found

    def lemmas(self, by: Asks, cap_s: float) -> dict[str, Certificate]:
        """Certificates of what holds: the lemmas, and line by line where labels are not proved at once."""
        names = {*BASE, *LATER, LABEL}
        found = self._certified(names, by, cap_s)
        if LABEL not in found:
            lines = (bare_name(p, s) for p in permits(self.agreement) for s in reached(self.sheet.day))
            found = self._certified({*names, *lines}, by, cap_s)
        # Put again as one set of clauses of their own, for a receiver draws the same set and no other.
        if found.keys() == names:
            return found
        again = self._certified(found, by, cap_s) if found else {}
        return again if again.keys() == found.keys() else {}

    def telling(self, by: Asks, cap_s: float) -> set[str]:
        """The lines under which something about a person may leave."""
        sheet = self.sheet
        person = sheet.all(sheet.personal(Personal.YES), sheet.one("kind", SubjectKind.PERSON))
        world = sheet.form.outputs["world"]
        asked = {p.id: (self.leaving.under(p), person, world) for p in permits(self.agreement)}
        made = clauses_of(sheet.form, asked)
        told = solve_all(made.clauses, made.picks, cap_s, by=by)
        return {name for name, one in told.items() if not isinstance(one, Unsatisfiable)}

    def _certified(self, names: Iterable[str], by: Asks, cap_s: float) -> dict[str, Certificate]:
        asked = self.questions(names)
        told = certify(self.sheet.form, asked, self.about, cap_s=cap_s, by=by)
        return {name: one for name, one in told.items() if isinstance(one, Certificate)}

    def ways(
        self, proved: Set[str], origins: Mapping[str, int], heedless: Set[str]
    ) -> Iterator[tuple[Provision, Edge]]:
        """Each way under each line. `proved`: lemmas that hold; `heedless`: Sides that keep to no limit."""
        tells = not proved >= set(BASE)
        heeds = proved >= set(LATER)
        for line in permits(self.agreement):
            free = self._free(line, proved, origins)
            for from_, to in pairs(self.agreement, line, self.sheet):
                kept = heeds and from_ not in heedless
                yield line, Edge(from_, to, free & ~origins.get(to, 0), tells, kept)

    def _free(self, line: Provision, proved: Set[str], origins: Mapping[str, int]) -> int:
        if LABEL in proved:
            return 0
        return sum(bit for state, bit in origins.items() if bare_name(line, state) not in proved)


def _posed(goals: Callable[[Leaving], tuple[int, ...]], leaving: Leaving) -> Callable[[], tuple[int, ...]]:
    return lambda: goals(leaving)


def _posed_bare(leaving: Leaving, line: Provision, state: str) -> Callable[[], tuple[int, ...]]:
    return lambda: bare(leaving, line, state)


def origins_of(day: Day) -> dict[str, int]:
    """Each state that people may have fled, with a bit of its own."""
    return {state: 1 << n for n, state in enumerate(reached(day))}


def pairs(agreement: Agreement, line: Provision, sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The pairs of Sides that a line may join, each once."""
    day = sheet.day
    sides = [s for s in sheet.by_side if _party(agreement, day, s)]
    for from_ in sides:
        for to in sides:
            if from_ != to and day.along(from_, to, line.directions):
                yield from_, to


def _party(agreement: Agreement, day: Day, side: str) -> bool:
    return any(one.code == side or (one.bloc and day.member(side, one.code)) for one in agreement.side)


def readers(day: Day, holders: Iterable[str]) -> Iterator[Edge]:
    """Who sees what a holder has without being sent it: the members of a bloc, of a body of the Union, and,
    where nobody has listed its members, every state for an organisation."""
    sides = day.register.sides
    for holder in sorted(set(holders)):
        kind = sides[holder].kind if holder in sides else "organisation"
        if kind == "state":
            continue
        bloc = EU if day.member(holder, EU_BODIES) else holder
        members = [code for code in sides if code != holder and day.member(code, bloc)]
        if not members and kind == "organisation":
            members = [code for code, one in sides.items() if one.kind == "state"]
        for member in members:
            yield Edge(holder, member, reads=True)


__all__ = ["Drawn", "origins_of", "pairs", "readers"]
