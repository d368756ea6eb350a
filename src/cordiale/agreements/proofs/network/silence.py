"""Whether what leaves tells a protected person from another: two requests alike but for what protects.

Both are drawn on one form (self-composition): the second has a variable of its own for each trait that
protects, and shares everything else. What a recipient can see of the two is then compared for every request.
What is so because of other people or items is free in each of the two: too much is compared, not too little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.certificate import About, Certificate, Counterexample, Questions, certify
from cordiale.agreements.proofs.drawing import permits, sheet_of
from cordiale.agreements.proofs.drawing.labels import reached
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import All, Form, Is, Some
from cordiale.agreements.proofs.prove import PROVED, REFUTED, UNKNOWN, Outcome, span
from cordiale.agreements.proofs.safeguards import Leaving
from cordiale.agreements.proofs.solving import CAP_S, Asks, Solver
from cordiale.agreements.register import Register
from cordiale.agreements.steps.protection import AGAINST

TRAITS: Final = tuple(AGAINST)
"""What protects a person: in these alone the two requests differ."""


@dataclass(slots=True)
class Twins:
    """A form with a second reading of its conditions, in which the subject's traits are others."""

    form: Form
    known: dict[int, int]

    @classmethod
    def of(cls, form: Form) -> Twins:
        for name in TRAITS:
            variable = form.variables[form.place(name)]
            form.variable(f"{name} of the other", variable.scope, variable.values)
        return cls(form, {})

    def other(self, condition: int) -> int:
        """The same condition of the other request; what asks for no trait is the very same."""
        number = abs(condition)
        found = self.known.get(number)
        if found is None:
            found = self.known[number] = self._drawn(number)
        return found if condition > 0 else -found

    def _drawn(self, number: int) -> int:
        form, node = self.form, self.form.nodes[number - 1]
        if isinstance(node, Is):
            name = form.variables[node.variable].name
            return form.masked(f"{name} of the other", node.mask) if name in TRAITS else number
        if isinstance(node, All):
            return form.all_of(*map(self.other, node.parts)) if node.parts else number
        assert isinstance(node, Some)
        return form.some(node.over, self.other(node.of))

    def differ(self, condition: int) -> int:
        """The condition holds of one of the two requests, and not of the other."""
        other, form = self.other(condition), self.form
        return form.any_of(form.all_of(condition, -other), form.all_of(-condition, other))


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that a recipient can see, and how two requests would differ in it."""

    name: str
    says: str
    differs: Callable[[Leaving, Twins, Provision], int]


def labels_differ(leaving: Leaving, twins: Twins, line: Provision) -> int:
    outputs = leaving.sheet.form.outputs
    names = [f"{line.id}.closed", *(f"{line.id}.never:{side}" for side in reached(leaving.sheet.day))]
    return leaving.sheet.any(*(twins.differ(outputs[name]) for name in names))


def form_differs(leaving: Leaving, twins: Twins, line: Provision) -> int:
    leaves, lesser = leaving.under(line), leaving.sheet.form.outputs[f"{line.id}.lesser"]
    return leaving.sheet.all(leaves, twins.other(leaves), twins.differ(lesser))


def rescue_differs(leaving: Leaving, twins: Twins, _: Provision) -> int:
    outputs = leaving.sheet.form.outputs
    return leaving.sheet.any(*(twins.differ(outputs[name]) for name in ("rescue.open", "rescue.leaves")))


SIGHTS: Final = (
    Sight("same-labels", "The limits on a message are the same whoever is protected.", labels_differ),
    Sight("same-form", "What leaves of both leaves in the same form.", form_differs),
    Sight("same-rescue", "A call of distress is the same whoever is in distress.", rescue_differs),
)
"""What must not differ. What must: an item about a protected person stays, or nothing leaves at all."""
LAW: Final = "Refugee Convention Art 33; Reg. 2019/1896 Art 86(4)"


def sights(
    agreement: Agreement,
    register: Register,
    at: datetime,
    *,
    by: Asks | None = None,
    cap_s: float = CAP_S,
) -> tuple[Outcome, ...]:
    """Each sight proved of every request under one agreement, refuted, or not known."""
    if by is None:
        with Solver() as solver:
            return sights(agreement, register, at, by=solver, cap_s=cap_s)
    sheet = sheet_of(agreement, register.on(at))
    about = About(agreement.id, agreement.version, register.texts_digest, *span(register, at))
    found = certify(sheet.form, questions(agreement, sheet), about, cap_s=cap_s, by=by)
    outcomes = []
    for sight in SIGHTS:
        one, told = found[sight.name], (sight.name, sight.says, LAW)
        if isinstance(one, Certificate):
            outcomes.append(Outcome(*told, PROVED, certificate=one, rechecked=True))
        elif isinstance(one, Counterexample):
            outcomes.append(Outcome(*told, REFUTED, why=differing(one)))
        else:
            outcomes.append(Outcome(*told, UNKNOWN, why=one.reason))
    return tuple(outcomes)


def questions(agreement: Agreement, sheet: Sheet) -> Questions:
    """What no two requests may show, of each sight. Draws on the sheet's form."""
    leaving, twins = Leaving(sheet, agreement), Twins.of(sheet.form)
    world = sheet.form.outputs["world"]
    both = (world, twins.other(world))
    lines = permits(agreement)
    return {
        sight.name: (sheet.any(*(sight.differs(leaving, twins, line) for line in lines)), *both)
        for sight in SIGHTS
    }


def differing(found: Counterexample) -> str:
    """In which traits two requests differ that can be told apart."""
    told = []
    for name in TRAITS:
        one, other = found.values.get(name), found.values.get(f"{name} of the other")
        if one != other:
            told.append(f"{name}: {one or 'any'} / {other or 'any'}".replace("_", " "))
    return "told apart by " + "; ".join(told)


__all__ = ["SIGHTS", "Sight", "Twins", "sights"]
