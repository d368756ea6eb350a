"""Step 10: what leaves is the payload, inside what is granted, less what is withheld.

A lesser form (blur, crop, mask, generalise, aggregate) may make an item lawful. An essential category that is
gone refuses the whole, with the article that took it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from cordiale.agreements.case import Case, speaks_of_items
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.question import Item
from cordiale.agreements.registered import GoodsClass
from cordiale.agreements.steps.lines import excepted, step_of
from cordiale.agreements.words import joined
from cordiale.terms import Category, Personal

REFERENCES: Final = frozenset(
    {Category.DNA_REFERENCE, Category.FINGERPRINT_REFERENCE, Category.FACE_REFERENCE, Category.HIT}
)
"""Personal, but naming nobody: what `personal = "masked"` lets pass (Prüm)."""
SUSPECTING: Final = frozenset({Category.GOODS, Category.CONSIGNMENT, Category.TRADER, Category.SUSPICION})
"""What would make a parcel, its seller or its buyer suspicious."""
COUNTED: Final = frozenset({Category.COUNT, Category.STATISTIC})
LEVELS: Final = {
    "": frozenset(Personal),
    "yes": frozenset(Personal),
    "masked": frozenset({Personal.NONE, Personal.IDENTIFIERS, Personal.STAFF}),
    "staff": frozenset({Personal.NONE, Personal.STAFF}),
    "identifiers": frozenset({Personal.NONE, Personal.IDENTIFIERS}),
    "none": frozenset({Personal.NONE}),
    "off": frozenset({Personal.NONE}),
}
"""Which personal weight each level lets pass."""


def check(case: Case) -> None:
    """Grant, withhold, lessen, and test small cells; then see whether what is essential is still there."""
    for item in case.asked.items:
        if case.line is not None:
            _granted(case, item, case.line)
        for text, line in case.lines:
            _taken(case, item, text, line)
        _goods(case, item)
    if case.line is not None and not case.answering:
        _whole(case, case.line)


def _granted(case: Case, item: Item, line: Provision) -> None:
    named = dict(line.transform)
    if item.category not in line.granted and not (item.category in named and case.lessen(item)):
        case.withhold(item, 10, case.said("not_granted", category=item.category), line)
    elif item.category in line.withheld:
        case.withhold(item, 10, case.said("withheld_category", category=item.category), line)
    else:
        _form(case, item, line, None)


def _taken(case: Case, item: Item, text: Agreement, line: Provision) -> None:
    """A withholding or restricting line takes an item, unless its own exception or a lesser form saves it."""
    if line.effect not in ("withhold", "restrict") or excepted(case, line, item):
        return
    if speaks_of_items(line) and not case.touches(line, item):
        return
    if line.roles and not _of_role(case, line, item):
        return
    if item.category in line.withheld and item.id not in case.changed and not case.lessen(item):
        case.withhold(
            item, step_of(line) if line.effect == "withhold" else 10, line.sentence, line, source=text
        )
    else:
        _form(case, item, line, text)


def _form(case: Case, item: Item, line: Provision, text: Agreement | None) -> None:
    """The lesser form a line asks for, its personal level, and its smallest cell."""
    how = dict(line.transform).get(item.category)
    if how and item.id not in case.changed and not case.lessen(item):
        case.withhold(item, 10, case.said("must_transform", how=how), line, source=text)
    elif not _level_allows(case, item, line) and not case.lessen(item):
        case.withhold(item, 10, case.said("personal_level"), line, source=text)
    elif too_small(item, line.min_cell) or (
        describes_people(item) and too_small(item, line.min_cell_described)
    ):
        if Category(item.category) in COUNTED and "aggregate" in item.transformable:
            case.change(item, "aggregate", line.article)
        else:
            least = max(line.min_cell or 0, line.min_cell_described or 0)
            case.withhold(item, 10, case.said("small_cell", n=least), line, source=text)


def _level_allows(case: Case, item: Item, line: Provision) -> bool:
    if item.id in case.changed or item.personal in LEVELS[line.personal]:
        return True
    return line.personal == "masked" and item.category in REFERENCES


def too_small(item: Item, smallest: int | None) -> bool:
    """Whether a count is, or may be, of too few. Unknown counts."""
    if smallest is None or (item.aggregate is None and item.category not in COUNTED):
        return False
    cell = item.aggregate.smallest_cell if item.aggregate else None
    return cell is None or cell < smallest


def describes_people(item: Item) -> bool:
    """Whether counts are told by what people are: nationality, status, lodging, place, age, sex.

    A table of which nobody has said what its rows are may be; one plain count of one event is not.
    """
    if item.aggregate is None:
        return item.category == Category.STATISTIC
    return item.aggregate.describes != {"other"}


def _of_role(case: Case, line: Provision, item: Item) -> bool:
    """Whether an item is about somebody in a role that the line names; about nobody named, it may be."""
    about = case.asked.about(item)
    return not about or any(s.role in line.roles for s in about)


def _goods(case: Case, item: Item) -> None:
    """BSAIA 2025 s.15: things that keep people alive are not contraband."""
    if item.category not in SUSPECTING:
        return
    known = excluded_class(case, item) or dealt_in(case, item)
    if known is not None:
        case.withhold(item, 10, case.said("excluded_goods", goods=known.name), known)


def excluded_class(case: Case, item: Item) -> GoodsClass | None:
    """The class of an item's goods, if it is one that keeps people alive."""
    known = case.day.register.goods.get(item.goods.class_) if item.goods else None
    return known if known is not None and known.excluded else None


def dealt_in(case: Case, item: Item) -> GoodsClass | None:
    """The excluded class that is all that the persons of an item are said to deal in."""
    about = set(item.subjects)
    if item.goods is not None or not about:
        return None
    others = [i for i in case.asked.items if i.goods is not None and about & set(i.subjects)]
    classes = [excluded_class(case, i) for i in others]
    return classes[0] if classes and all(classes) else None


def _whole(case: Case, line: Provision) -> None:
    """Essential and compulsory parts; and something must be left."""
    staying = {i.category for i in case.staying()}
    for category in sorted(line.essential - staying):
        _follows(case, [i for i in case.asked.items if i.category == category], "essential", category)
    _must(case, line, line.must_include, staying)
    for text, other in case.lines:
        if case.asked.act != "ask":
            _must(case, other, other.must_include, staying, text)
    if not staying:
        _follows(case, case.asked.items, "nothing_left")


def _follows(case: Case, items: Sequence[Item], id: str, category: str = "") -> None:
    """A refusal that follows from items that are gone: told by the step and article that took most."""
    taken = [case.gone[i.id] for i in items if i.id in case.gone]
    if taken:
        often = Counter((f.step, f.article) for f in taken)
        took = min(taken, key=lambda f: (-often[f.step, f.article], f.step))
        words = {"category": category} if category else {}
        sentence = joined(case.said(id, **words), took.sentence)
        case.refuse(took.step, sentence, case.line, article=took.article, because=took.step)


def _must(case: Case, line: Provision, wanted: frozenset[str], staying: set[str], *texts: Agreement) -> None:
    for category in sorted(wanted):
        case.must_include.add(category)
        if category not in staying and case.asked.items and not case.supplied:
            there = [i for i in case.asked.items if i.category == category]
            if there:
                _follows(case, there, "must_include", category)
                continue
            source = texts[0] if texts else None
            case.refuse(10, case.said("must_include", category=category), line, source=source, curable=True)
            case.lack("field", f"items: {category}", who="the sending officer", article=line.article)
