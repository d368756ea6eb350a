"""The intermediate form of an agreement, drawn from its file, the laws and the records of one day.

The files follow the gate's steps, so that drawing and step can be read side by side; tests hold them equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.drawing import heads, labels, lanes, leaving, persons, sources
from cordiale.agreements.proofs.drawing.basis import Basis, can_lessen, spoken
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.drawing.world import world
from cordiale.agreements.proofs.form import Form, Scope
from cordiale.agreements.register import Day
from cordiale.agreements.vocabulary import STOPPING


def draw(agreement: Agreement, day: Day) -> Form:
    """The form of one agreement on one day: `sheet_of` without the sheet."""
    return sheet_of(agreement, day).form


def sheet_of(agreement: Agreement, day: Day, *, any_paper: bool = False, anew: bool = False) -> Sheet:
    """The sheet on which one agreement is drawn for one day.

    For each permitting line `p` its form has `p.refused` (of the request), `p.stays` and `p.lesser` (of an
    item). What leaves under it is what stays while it is not refused. Before them stand `rescue.open` and
    `rescue.leaves`: where that lane is open, no line is asked. Raises ValueError for a line that cannot be
    drawn. `any_paper`: as if papers that nobody has issued yet might be there. `anew`: the slow way, in which
    nothing that several lines share is kept; the form is the same.
    """
    return sheet_with({"": agreement}, day, any_paper=any_paper, anew=anew)


def sheet_with(
    versions: Mapping[str, Agreement],
    day: Day,
    *,
    any_paper: bool = False,
    laws: bool = True,
    anew: bool = False,
) -> Sheet:
    """Several versions on one sheet, each with its name before its outputs (`new:p.refused`).

    `laws`: without them, what each file says by its own words alone.
    """
    bodies = {body: None for one in versions.values() for body in heads.bodies_of(one, day)}
    sheet = Sheet.of(day, tuple(bodies), any_paper=any_paper, anew=anew)
    world(sheet)
    lanes.rescue(sheet)
    for name, agreement in versions.items():
        texts = (*day.laws, agreement) if laws else (agreement,)
        heard = spoken(sheet, texts)
        for line in permits(agreement):
            _drawn(Basis(sheet, agreement, line, texts, heard, name))
    return sheet


def _drawn(basis: Basis) -> None:
    """The twelve steps of one line, in the order in which the gate takes them."""
    form, line, name = basis.sheet.form, basis.line, basis.name
    basis.can_lessen = can_lessen(basis)
    sources.taint(basis)
    persons.protection(basis)
    for step in (2, 3, 4):
        leaving.lines(basis, step)
    heads.who(basis)
    heads.when(basis)
    leaving.lines(basis, 5)
    heads.purpose(basis)
    sources.slides(basis)
    leaving.lines(basis, 6)
    sources.origin(basis)
    leaving.lines(basis, 8)
    leaving.ceiling(basis)
    leaving.lines(basis, 9)
    leaving.personal_basis(basis)
    leaving.lines(basis, 7)
    leaving.minimise(basis)
    leaving.lines(basis, 10)
    basis.refuse(form.one_of(form.variable(f"sought_barred:{line.id}", Scope.HEAD, ("yes", "no")), ("yes",)))
    leaving.human(basis)
    leaving.lines(basis, 11)
    leaving.record(basis)
    leaving.lines(basis, 12)
    labels.labels(basis)
    form.output(f"{name}{line.id}.refused", basis.sheet.any(*basis.refused))
    form.output(f"{name}{line.id}.stays", basis.stays())
    form.output(f"{name}{line.id}.lesser", basis.sheet.all(basis.lesser, basis.stays()))
    basis.sheet.suspended[f"{name}{line.id}"] = basis.sheet.any(*basis.refused, heads.stopped(basis))


def turns_on_stops(agreement: Agreement, day: Day) -> bool:
    """Whether a suspension would change more than step 5: a text leans on this very one, or asks for such a
    paper. Then `Sheet.suspended` does not say all, and the suspended agreement is drawn by itself.
    """
    leans = any(agreement.id in row.relies_on for _, rows in agreement.basis for row in rows)
    return leans or any(_asks_for_stop(text) for text in (*day.laws, agreement))


def _asks_for_stop(text: Agreement) -> bool:
    needs = [need for line in text.provision for need in line.requires]
    needs += [need for row in text.taint for form in row.except_ for need in form.needs]
    asked = [name for need in needs for name in (need.record, *need.any_record)]
    asked += [name for _, rows in text.basis for row in rows for name in row.records]
    asked += [name for row in text.deployment for name in row.needs]
    return any(name.partition(":")[0] in STOPPING for name in asked)


def permits(agreement: Agreement) -> tuple[Provision, ...]:
    """The lines of an agreement that a form has outputs for."""
    return tuple(line for line in agreement.provision if line.effect == "permit")
