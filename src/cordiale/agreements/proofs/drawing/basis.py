"""One permitting line as it is drawn: what has refused it, and what has taken an item, step after step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from cordiale.agreements.case import speaks_of_items
from cordiale.agreements.model import Agreement, Grades, Provision, Scope
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over
from cordiale.agreements.proofs.form import Scope as Of
from cordiale.agreements.steps.lines import TAKING
from cordiale.terms import CATEGORIES, Capacity, Category

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A taking line that may speak to the request, the text it stands in, and when it does."""

    text: Agreement
    line: Provision
    when: int


@dataclass(slots=True)
class Basis:
    """What is drawn of one line so far. Conditions in `refused` are of the request, in `gone` of an item."""

    sheet: Sheet
    agreement: Agreement
    line: Provision
    texts: tuple[Agreement, ...]
    spoken: tuple[Spoken, ...] = ()
    name: str = ""
    """Of the version of the agreement, where several stand on one sheet."""
    refused: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    lesser: int = NO
    """Whether the item goes on in a lesser form, so far."""
    can_lessen: int = NO

    def refuse(self, *when: int) -> None:
        self.refused.append(self.sheet.all(*when))

    def withhold(self, *when: int) -> None:
        self.gone.append(self.sheet.all(*when))

    def lessen(self, *when: int) -> None:
        """Where the item can take a lesser form, it takes it here."""
        self.lesser = self.sheet.any(self.lesser, self.sheet.all(*when, self.can_lessen))

    def stays(self) -> int:
        """No step has taken the item yet."""
        return -self.sheet.any(*self.gone)

    def shared(self, what: str, draw: Callable[[], Drawn], *of: object) -> Drawn:
        """What does not hang on the line is drawn for the first line of the agreement only."""
        return self.sheet.once((self.name, what, *map(id, of)), draw)


# ---------------------------------------------------------------------- which lines speak


def binds(sheet: Sheet, text: Agreement) -> int:
    """The law binds the pair; one that names nobody binds everybody. An agreement is heard with itself."""
    if not text.is_law:
        return YES
    named = text.binds
    if not (named.senders or named.recipients or named.parties):
        return YES
    return sheet.any(
        sheet.side_among("from", named.senders),
        sheet.side_among("to", named.recipients),
        *(sheet.side_among(end, named.parties) for end in ("from", "to")),
    )


def spoken(sheet: Sheet, texts: tuple[Agreement, ...]) -> tuple[Spoken, ...]:
    """The taking lines that can speak on this day, in the order in which the gate hears them."""
    found = (
        Spoken(text, line, sheet.all(binds(sheet, text), applies(sheet, line)))
        for text in texts
        for line in text.provision
        if line.effect in TAKING and line.in_force(sheet.day.on)
    )
    return tuple(one for one in found if one.when != NO)


def applies(sheet: Sheet, line: Provision) -> int:
    """`Case.applies`: head, roles of the subjects described, conditions, and some item that it speaks of."""
    roles = sheet.some(Over.STATED, sheet.among("role", line.roles)) if line.roles else YES
    items = sheet.some(Over.ITEMS, touches(sheet, line)) if speaks_of_items(line) else YES
    return sheet.all(scoped(sheet, line), roles, items, *(sheet.when(c, restricting=True) for c in line.when))


def scoped(sheet: Sheet, line: Scope) -> int:
    """`Case.scoped` but for the dates: who, what, why, by what way."""
    kinds = (sheet.any(*(sheet.kind(end, line.authority_kinds) for end in ("from", "to"))),)
    barred = (-sheet.any(*(sheet.kind(end, line.not_authority_kinds) for end in ("from", "to"))),)
    return sheet.all(
        sheet.among("type", line.types),
        -sheet.one("type", *line.not_types),
        sheet.among("act", line.acts),
        sheet.along(line.directions) if line.directions else YES,
        sheet.among("purpose", line.purposes),
        -sheet.one("purpose", *line.not_purposes),
        sheet.among("regime", {*line.regimes, "unknown"}) if line.regimes else YES,
        *(kinds if line.authority_kinds else ()),
        *(barred if line.not_authority_kinds else ()),
        sheet.kind("to", line.recipient_kinds) if line.recipient_kinds else YES,
        sheet.among("capacity", line.capacities),
        sheet.among("targeting", line.targeting),
        sheet.among("modality", {*line.modality, "none"}) if line.modality else YES,
        sheet.among("channel", line.channel),
        automated(sheet, line),
    )


def automated(sheet: Sheet, line: Scope) -> int:
    """A machine that acts is automated, whatever the field says."""
    if not line.automated:
        return YES
    machine = sheet.one("capacity", Capacity.MACHINE)
    said = sheet.all(-machine, sheet.among("automated", line.automated))
    return sheet.any(machine, said) if "yes" in line.automated else said


def touches(sheet: Sheet, line: Provision) -> int:
    """`Case.touches`: the line speaks of this item's source, bloc, marking, grade or conviction."""
    parts = [YES]
    if line.systems:
        parts.append(sheet.system(line.systems, derived=True))
    if line.origin_blocs:
        parts.append(sheet.flag("bloc:" + " ".join(sorted(line.origin_blocs))))
    if line.classifications:
        parts.append(sheet.among("classification", line.classifications))
    if line.grades is not None:
        parts.append(sheet.flag(graded_name(line.grades)))
    if line.unless_sensitive:
        special = sheet.one("category", *(c for c in Category if CATEGORIES[c].special))
        parts.append(sheet.all(special, -sheet.one("sensitive_papers", "yes")))
    parts += [trait(sheet, c.conviction, c.conviction_class, c.unknown) for c in line.when]
    return sheet.all(*parts)


def graded_name(grades: Grades) -> str:
    """The variable that says whether an item is of one of these grades."""
    return f"graded:{grades.scheme}|{' '.join(sorted(grades.source))}|{' '.join(sorted(grades.information))}"


def trait(sheet: Sheet, conviction: str, kind: str, unknown: str) -> int:
    """`Case.trait`: the item's conviction is of the kind a condition names."""
    if not (conviction or kind):
        return YES
    form, counts = sheet.form, unknown != "does_not_count"
    form.variable("spent", Of.ITEM, ("none", "yes", "no", "unknown"))
    there = -form.one_of("spent", ("none",))
    unsaid = sheet.all(-there, sheet.one("category", "conviction", "offence")) if counts else NO
    known = [there]
    spent = {"spent": "yes", "unspent": "no"}.get(conviction)
    maybe = ("unknown",) if counts else ()
    if spent:
        known.append(form.one_of("spent", (spent, *maybe)))
    if kind:
        known.append(form.one_of(conviction_class(sheet), (kind, *maybe)))
    return sheet.any(unsaid, sheet.all(*known))


def conviction_class(sheet: Sheet) -> str:
    """The variable of an item's class of conviction; the classes are those that some line names."""
    register = sheet.day.register
    named = {
        c.conviction_class
        for text in (*register.agreements, *register.laws)
        for line in text.provision
        for c in (*line.when, *line.except_)
        if c.conviction_class
    }
    return sheet.form.variable("conviction_class", Of.ITEM, (*sorted(named), "unknown", "other"))


# ---------------------------------------------------------------------- lesser forms


def can_lessen(basis: Basis) -> int:
    """`Case.lessen`: the first line heard that names a lesser form, if the item can take it."""
    sheet, found = basis.sheet, []
    own = dict(basis.line.transform)
    for category in Category:
        if category in own:
            takes = sheet.flag(f"can:{own[category]}")
            found.append(sheet.all(sheet.one("category", category), takes))
        else:
            found += basis.shared(f"lessened {category}", partial(_lessened, basis, category))
    return sheet.any(*found)


def _lessened(basis: Basis, category: Category) -> list[int]:
    """When items of a category take the form that the first line heard of laws and agreement names."""
    sheet, found, earlier = basis.sheet, [], NO
    for one in basis.spoken:
        how = dict(one.line.transform).get(category)
        if how is not None:
            takes = sheet.flag(f"can:{how}")
            found.append(sheet.all(sheet.one("category", category), one.when, -earlier, takes))
            earlier = sheet.any(earlier, one.when)
    return found
