"""Step 3 as it is drawn: from whom a person or group is protected. Unknown counts inside a rule's reach."""

from __future__ import annotations

from cordiale.agreements.model import Agreement, Protects
from cordiale.agreements.proofs.drawing.basis import Basis, binds
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over, Scope
from cordiale.agreements.steps.protection import AGAINST
from cordiale.terms import Personal, SubjectKind


def protection(basis: Basis) -> None:
    """Withhold every item about a guarded subject, or refuse, as each rule says."""
    sheet = basis.sheet
    for text in basis.texts:
        for rule in text.protects:
            if not rule.in_force(sheet.day.on):
                continue
            guard = _guard(basis, text, rule)
            if guard == NO:
                continue
            if rule.effect == "refuse":
                basis.refuse(sheet.some(Over.EVERYBODY, guard))
            else:
                _withhold(basis, rule, guard)


def _guard(basis: Basis, text: Agreement, rule: Protects) -> int:
    """The rule speaks and guards the subject: of the line it asks only if things are passed on freely."""
    sheet = basis.sheet

    def drawn() -> int:
        speaks = sheet.all(binds(sheet, text), _speaks(sheet, rule))
        return sheet.all(speaks, guarded(basis, rule))

    return basis.shared(f"guard {freely(basis)}", drawn, rule)


def _speaks(sheet: Sheet, rule: Protects) -> int:
    against = rule.against
    return sheet.all(
        sheet.side_among("from", rule.senders) if rule.senders else YES,
        sheet.among("act", against.acts),
        sheet.among("purpose", against.purposes),
        sheet.among("type", against.types),
    )


def _withhold(basis: Basis, rule: Protects, guard: int) -> None:
    sheet = basis.sheet
    kept = sheet.of_categories(rule.against.categories)
    about = sheet.all(sheet.some(Over.ITS_SUBJECTS, guard), kept)
    if rule.against.lessened:
        # Read before lessening: what takes a lesser form here is not kept back by this rule.
        taken = sheet.all(about, -basis.can_lessen)
        basis.lessen(about)
    else:
        taken = about
    basis.withhold(taken)
    _wholly(basis, guard, taken)


def _wholly(basis: Basis, guard: int, taken: int) -> None:
    """All of a person stays of whom one part stays that would leave of somebody else."""
    sheet, line = basis.sheet, basis.line
    there = sheet.all(sheet.one("category", *line.granted), -sheet.one("category", *line.withheld))
    person = sheet.one("kind", SubjectKind.PERSON, SubjectKind.UNIDENTIFIED)
    part = sheet.all(guard, person, taken, there)
    basis.withhold(sheet.some(Over.SAME_PERSON, part), sheet.personal(Personal.YES))


def guarded(basis: Basis, rule: Protects) -> int:
    """`protection.guarded`, of one subject."""
    sheet, traits = basis.sheet, rule.when
    group = sheet.one("kind", SubjectKind.GROUP)
    if not traits.group:
        counted = -group
    elif traits.smaller_than is None:
        counted = YES
    else:
        counted = sheet.any(-group, _small(sheet, traits.smaller_than))
    organisation = sheet.one("kind", SubjectKind.ORGANISATION)
    return sheet.all(-organisation, counted, bears(sheet, rule), reaches(basis, rule))


def _small(sheet: Sheet, n: int) -> int:
    return sheet.flag(f"smaller than {n}", Scope.SUBJECT)


def bears(sheet: Sheet, rule: Protects) -> int:
    """All that the rule looks for is so; what is unknown counts if the rule lets it."""
    parts = []
    for name in (*AGAINST, "role"):
        wanted = getattr(rule.when, name)
        if wanted:
            maybe = ("unknown",) if rule.unknown == "counts" else ()
            parts.append(sheet.one(name, *wanted, *maybe))
    return sheet.all(*parts)


def reaches(basis: Basis, rule: Protects) -> int:
    """The recipient is one that the rule keeps things from."""
    sheet, against = basis.sheet, rule.against
    own = is_origin(sheet) if rule.when.nationality_of_recipient else YES
    if against.recipients == "state_of_origin":
        return is_origin(sheet)
    if against.recipients == "state_of_nationality":
        return sheet.all(own, sheet.one("of_recipient", "yes"))
    if against.recipients == "any_not_bound":
        return sheet.all(own, not_bound(basis, against.duty))
    return sheet.all(own, recipient_is(sheet, against.recipients, bloc=against.bloc))


def recipient_is(sheet: Sheet, word: str, *, bloc: str = "EU") -> int:
    """`reach.recipient_is`."""
    if word in ("third_country", "third_state"):
        return sheet.third(bloc)
    if word == "private":
        return sheet.kind("to", ("private",))
    return YES if word == "any" else NO


def is_origin(sheet: Sheet) -> int:
    """`reach.is_origin`: the recipient is, or may be, a state of the subject's nationality."""
    sides = sheet.day.register.sides

    def of_kind(side: str, kind: str) -> bool:
        return side in sides and sides[side].kind == kind

    named = sheet.one("of_recipient", "yes")
    settled = sheet.one("nationality_settled", "yes")
    state = sheet.side("to", lambda side: side not in sides or of_kind(side, "state"))
    maybe = sheet.all(-settled, state, sheet.third("EU"))
    bloc = sheet.all(settled, sheet.side("to", lambda side: of_kind(side, "bloc")))
    return sheet.any(named, maybe, bloc)


def not_bound(basis: Basis, duty: str) -> int:
    """The recipient lacks a duty of protection, or may pass it on freely to one that does."""
    if freely(basis):
        return YES
    day = basis.sheet.day
    return basis.sheet.side("to", lambda side: duty not in day.bound_by(side))


def freely(basis: Basis) -> bool:
    """What was sent under the line may be passed on to whom the recipient likes, or to a list."""
    onward = basis.line.onward
    return onward is not None and onward.rule in ("free", "listed")


__all__ = ["Agreement", "guarded", "is_origin", "protection", "recipient_is"]
