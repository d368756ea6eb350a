"""Step 7: a basis for personal data, apart from the agreement, judged on what would leave.

Without one the personal items stay and the rest goes on.
"""

from __future__ import annotations

from cordiale.agreements.case import Case, limits_of
from cordiale.agreements.model import Agreement, Basis, Record
from cordiale.agreements.question import Item
from cordiale.agreements.steps.when import applies
from cordiale.agreements.vocabulary import CASE_RECORDS
from cordiale.terms import Personal

Reach = tuple[str, frozenset[str]]
"""A level (`identifiers`, `yes`) and the only categories; none is every category."""


def check(case: Case) -> None:
    """Withhold every item about persons that no basis in force carries."""
    reaches = covered(case)
    row = best_row(case)
    for item in list(case.staying()):
        if not needs_basis(case, item.personal, item.id) or _carried(item, reaches) or case.lessen(item):
            continue
        sentence = case.said("no_basis", sender=case.asked.from_.side, recipient=case.asked.to.side)
        case.withhold(item, 7, sentence, row, article=_article(row))
        if row is not None and row.mode != "none" and row.records and _reaches(row.data, item):
            who = "the body that issues it"
            case.lack("record", " or ".join(row.records), who=who, article=_article(row), items=(item.id,))


def needs_basis(case: Case, personal: Personal, item: str) -> bool:
    """Staff acting in their office, and what names nobody, travel without one."""
    return personal in (Personal.YES, Personal.IDENTIFIERS) and item not in case.changed


def _article(row: Basis | None) -> str:
    return (row.article or row.source) if row else "DPA 2018 s.73; LED Art 35: a transfer needs a basis"


def rows(case: Case) -> tuple[Basis, ...]:
    """The agreement's rows for this direction, a bloc standing for its members."""
    agreement = case.agreement
    assert agreement is not None, "step 7 is asked of an agreement"
    sender, recipient = case.asked.from_.side, case.asked.to.side
    return tuple(
        row
        for key, listed in agreement.basis
        if case.day.along(sender, recipient, [key.replace("_to_", ">")])
        for row in listed
        if row.in_force(case.day.on)
    )


def best_row(case: Case) -> Basis | None:
    found = rows(case)
    right = [r for r in found if case.asked.regime in r.regimes or not r.regimes]
    return next(iter(right or found), None)


def covered(case: Case) -> tuple[Reach, ...]:
    """How far the bases in force carry: each as its level and the only categories, if it names some."""
    found = tuple((row.data, only) for row in rows(case) for only in holds(case, row))
    if not found and case.asked.from_.side == case.asked.to.side:
        return (("yes", frozenset()),)
    return found


def _carried(item: Item, reaches: tuple[Reach, ...]) -> bool:
    return any(_reaches(level, item) and (not only or item.category in only) for level, only in reaches)


def _reaches(level: str, item: Item) -> bool:
    """Whether a row of this level speaks of an item of this weight."""
    return level == "yes" or (level == "identifiers" and item.personal is Personal.IDENTIFIERS)


def holds(case: Case, row: Basis) -> tuple[frozenset[str], ...]:
    """For each way in which one row carries the categories it is limited to; nothing where it does not.

    It carries by its regime, its records in force, and what it relies on.
    """
    if row.mode == "none" or row.confidence == "unconfirmed" or case.asked.regime not in row.regimes:
        return ()
    if row.confidence == "partly":
        case.warn(case.said("partly", article=row.article or "basis", source=row.source))
    if not all(_relied(case, other, row) for other in row.relies_on):
        return ()
    if row.mode == "rescue" or not row.records:
        return (frozenset(),) if row.mode in ("rescue", "instrument") else ()
    found = [f for f in (_record(case, name) for name in row.records) if f is not None]
    case.relies_on |= {f.id for f in found}
    if not found and case.supplied:
        return (frozenset(),)
    return tuple(f.categories | limits_of(f, "categories") for f in found)


def _relied(case: Case, other: str, row: Basis) -> bool:
    text = case.day.register.agreement(other)
    if text is not None and applies(text, case.day) and not _suspended(text, case):
        case.relies_on.add(other)
        return True
    sentence = case.said(
        "relied", agreement=case.agreement.id if case.agreement else "", other=other, day=case.day.on
    )
    case.refuse(7, sentence, row, scope="item")
    return False


def _suspended(text: Agreement, case: Case) -> bool:
    """Whether any of it is suspended: what leans on a text cannot say that it leans on the rest."""
    return bool(case.day.stops(text))


def _record(case: Case, wanted: str) -> Record | None:
    """An adequacy, approval or safeguard for this direction and regime, with its exclusions read."""
    kind, _, way = wanted.partition(":")
    asked = case.asked
    for each in case.day.records:
        if each.kind != kind or not case.counts(each):
            continue
        direction = f"{each.from_side}>{each.to_side}"
        if each.from_side and (
            direction != way or not case.day.carries(each, asked.from_.side, asked.to.side)
        ):
            continue
        if not each.from_side and way and case.record(wanted) is not each:
            continue
        if case.names(each) or not (each.kind in CASE_RECORDS or each.case):
            return each
    return None
