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


def draw(agreement: Agreement, day: Day) -> Form:
    """The form of one agreement on one day: `sheet_of` without the sheet."""
    return sheet_of(agreement, day).form


def sheet_of(agreement: Agreement, day: Day, *, any_paper: bool = False) -> Sheet:
    """The sheet on which one agreement is drawn for one day.

    For each permitting line `p` its form has `p.refused` (of the request), `p.stays` and `p.lesser` (of an
    item). What leaves under it is what stays while it is not refused. Before them stand `rescue.open` and
    `rescue.leaves`: where that lane is open, no line is asked. Raises ValueError for a line that cannot be
    drawn. `any_paper`: as if papers that nobody has issued yet might be there.
    """
    return sheet_with({"": agreement}, day, any_paper=any_paper)


def sheet_with(
    versions: Mapping[str, Agreement], day: Day, *, any_paper: bool = False, laws: bool = True
) -> Sheet:
    """Several versions on one sheet, each with its name before its outputs (`new:p.refused`).

    `laws`: without them, what each file says by its own words alone.
    """
    bodies = {body: None for one in versions.values() for body in heads.bodies_of(one, day)}
    sheet = Sheet.of(day, tuple(bodies), any_paper=any_paper)
    world(sheet)
    lanes.rescue(sheet)
    for name, agreement in versions.items():
        texts = (*day.laws, agreement) if laws else (agreement,)
        heard = spoken(sheet, texts)
        for line in permits(agreement):
            _drawn(Basis(sheet, agreement, line, texts, heard), name)
    return sheet


def _drawn(basis: Basis, name: str) -> None:
    """The twelve steps of one line, in the order in which the gate takes them."""
    form, line = basis.sheet.form, basis.line
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
    labels.labels(basis, name)
    form.output(f"{name}{line.id}.refused", basis.sheet.any(*basis.refused))
    form.output(f"{name}{line.id}.stays", basis.stays())
    form.output(f"{name}{line.id}.lesser", basis.sheet.all(basis.lesser, basis.stays()))


def permits(agreement: Agreement) -> tuple[Provision, ...]:
    """The lines of an agreement that a form has outputs for."""
    return tuple(line for line in agreement.provision if line.effect == "permit")
