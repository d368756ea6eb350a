"""Steps 4, 5 and 6 as they bear on the request: who may do what, when, and for which purpose."""

from __future__ import annotations

from cordiale.agreements.model import Agreement, PartyAuthority, Requirement
from cordiale.agreements.proofs.drawing.basis import Basis
from cordiale.agreements.proofs.drawing.needs import met
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over
from cordiale.agreements.register import Day
from cordiale.agreements.steps import when as step
from cordiale.agreements.vocabulary import DEPLOYED, SENSITIVE_ACTS
from cordiale.terms import Capacity, Personal, SubjectKind


def who(basis: Basis) -> None:
    """Step 4: both ends are parties, the capacity may act, and the line covers the request."""
    basis.refused += basis.shared("parties", lambda: _parties(basis.sheet, basis.agreement))
    _capacity(basis)
    _covered(basis)


def _parties(sheet: Sheet, agreement: Agreement) -> list[int]:
    found = []
    for end in ("from", "to"):
        found.append(-party(sheet, agreement, end))
        behalf = sheet.one(f"{end}_behalf", "none")
        found.append(sheet.all(-behalf, -party(sheet, agreement, f"{end}_behalf")))
    return found


def named(agreement: Agreement, day: Day, body: str) -> tuple[PartyAuthority, ...]:
    """The lines in force that name a body, by id or by kind."""
    side, _, authority = body.partition("/")
    kind = day.kind_of(side, authority)
    return tuple(
        one
        for each in agreement.side
        if each.code == side or (each.bloc and day.member(side, each.code))
        for one in each.authority
        if (one.id == authority or (one.kind and one.kind == kind)) and one.in_force(day.on)
    )


def bodies_of(agreement: Agreement, day: Day) -> tuple[str, ...]:
    """The bodies that may be an end of an exchange under the agreement, and the rescue centres."""
    every = [f"{side}/{authority}" for side, authority in day.authorities]
    centres = {f"{r.side}/{r.authority}" for r in day.register.rescue}
    return tuple(body for body in every if body in centres or named(agreement, day, body))


def party(sheet: Sheet, agreement: Agreement, end: str) -> int:
    """A body that the agreement names on the day, for this act and type."""
    groups: dict[tuple[PartyAuthority, ...], list[str]] = {}
    for body in sheet.bodies:
        lines = named(agreement, sheet.day, body)
        if lines:
            groups.setdefault(lines, []).append(body)
    found = []
    for lines, bodies in groups.items():
        limits = [sheet.all(sheet.among("act", one.acts), sheet.among("type", one.types)) for one in lines]
        found.append(sheet.all(sheet.form.one_of(end, bodies), sheet.any(*limits)))
    return sheet.any(*found)


def _capacity(basis: Basis) -> None:
    sheet = basis.sheet
    sensitive = sheet.one("act", *SENSITIVE_ACTS)
    basis.refuse(sheet.one("capacity", Capacity.MACHINE), sensitive)
    for capacity in Capacity:
        if capacity in (Capacity.OWN_OFFICER, Capacity.MACHINE, Capacity.EXAMINER):
            continue
        here = sheet.one("capacity", capacity)
        rows = [d for d in basis.agreement.deployment if capacity in d.capacities]
        powers = {act for d in rows if d.executive for act in d.acts}
        barred = sheet.all(sensitive, -sheet.one("act", *powers))
        basis.refuse(here, barred)
        if not rows:
            basis.refuse(here, YES if capacity in DEPLOYED else NO)
            continue
        may = sheet.any(*(sheet.among("act", d.acts) for d in rows))
        basis.refuse(here, -may)
        posted = YES if capacity in DEPLOYED else sheet.one("posted", "yes")
        for name in rows[0].needs:
            basis.refuse(here, -barred, may, posted, -met(basis, Requirement(record=name)))


def _covered(basis: Basis) -> None:
    sheet, line = basis.sheet, basis.line
    if line.confidence == "unconfirmed":
        basis.refuse(YES)
    for name, values in (("type", line.types), ("act", line.acts)):
        basis.refuse(-sheet.one(name, *values))
    basis.refuse(-sheet.along(line.directions))
    for name, values in (("channel", line.channel), ("capacity", line.capacities)):
        basis.refuse(-sheet.among(name, values))
    for end in ("from", "to"):
        basis.refuse(sheet.kind(end, line.not_authority_kinds) if line.not_authority_kinds else NO)
        basis.refuse(-sheet.kind(end, line.authority_kinds) if line.authority_kinds else NO)


def when(basis: Basis) -> None:
    """Step 5: the agreement applies on the day, is not suspended, and the line's own dates hold."""
    day = basis.sheet.day
    listed = [step.stopped(record) for record in day.stops(basis.agreement)]
    shut = any(not names or basis.line.id in names for names in listed)
    if shut or not step.applies(basis.agreement, day) or not basis.line.in_force(day.on):
        basis.refuse(stopped(basis))


def stopped(basis: Basis) -> int:
    """What follows copies that are already there goes on; everything else is refused."""
    return -basis.sheet.one("act", *basis.agreement.continues_after_end)


def purpose(basis: Basis) -> None:
    """Step 6, but for the history of items: the line's own purposes, regimes, gravity, aim and facts."""
    sheet, line = basis.sheet, basis.line
    basis.refuse(-sheet.one("purpose", *line.purposes))
    basis.refuse(sheet.one("purpose", *line.not_purposes))
    for name, values in (
        ("regime", line.regimes),
        ("targeting", line.targeting),
        ("modality", line.modality),
    ):
        basis.refuse(-sheet.among(name, values))
    if line.min_offence_years is not None:
        basis.refuse(-sheet.grave(line.min_offence_years))
    _roles(basis)
    for condition in line.when:
        basis.refuse(-sheet.when(condition, restricting=False))
    for need in line.requires:
        if not need.confirmation:
            basis.refuse(-met(basis, need))


def _roles(basis: Basis) -> None:
    """Suspects, convicts, victims and others stay apart: an item about somebody else stays."""
    sheet, line = basis.sheet, basis.line
    if not line.roles:
        return
    somebody = sheet.one("kind", SubjectKind.PERSON, SubjectKind.UNIDENTIFIED)
    outside = sheet.some(Over.ITS_SUBJECTS, sheet.all(somebody, -sheet.one("role", *line.roles)))
    told = sheet.all(outside, sheet.personal(Personal.YES))
    basis.withhold(told, -basis.can_lessen)
    basis.lessen(told)
