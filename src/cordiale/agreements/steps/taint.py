"""Step 2: where an item comes from may shut it, by a row a source; only the row's own form lifts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cordiale.agreements.case import Case, personal_or_listed
from cordiale.agreements.model import Agreement, Only, Requirement, Taint
from cordiale.agreements.question import Item
from cordiale.agreements.steps.needs import met_all
from cordiale.agreements.steps.reach import is_origin, recipient_is
from cordiale.terms import Personal, System

FOREIGN: Final = frozenset(System) - {
    System.NATIONAL_POLICE,
    System.NATIONAL_IMMIGRATION,
    System.NATIONAL_ASYLUM,
    System.CRIMINAL_RECORD,
    System.CUSTOMS,
    System.SEIZED_DEVICE,
    System.RESCUE,
    System.OPEN_SOURCE,
    System.COMPLAINT,
    System.OTHER,
}
"""Systems that several states fill: what they give is somebody else's, whoever wrote it down again."""
WATCHED: Final = frozenset({"echr", "eu-charter"})
"""Duties under which a court looks at how a Side obtains what it knows."""


def check(case: Case, texts: tuple[Agreement, ...]) -> None:
    """Withhold what a source bars. An unknown source of a personal item counts inside each row's reach."""
    here = tuple(rows(case, texts))
    for item in case.asked.items:
        maybe: list[tuple[Agreement, Taint]] = []
        for text, row in here:
            known = comes_from(case, row, item)
            if known is False or not barred(case, row, item) or lifted(case, row, item, text):
                continue
            if known:
                case.withhold(item, 2, row.sentence, row, source=text)
            else:
                maybe.append((text, row))
        for of_sources in (True, False):
            first = next((one for one in maybe if bool(one[1].systems) is of_sources), None)
            if first and not case.supplied:
                _unknown(case, item, *first)


def _unknown(case: Case, item: Item, text: Agreement, row: Taint) -> None:
    """Told once, by the first row that it may fall under: the rest would say the same."""
    code, field = ("systems_unknown", "systems") if row.systems else ("obtained_unknown", "obtained")
    if row.systems and item.origin.systems is not None:
        code, field = "derived_unknown", "derived_from"
    field = f"origin.{field}"
    case.withhold(item, 2, case.said(code), row, source=text, field=field)
    case.lack("field", field, who="the originator", article=row.article, items=(item.id,))


def rows(case: Case, texts: tuple[Agreement, ...]) -> Iterator[tuple[Agreement, Taint]]:
    for text in texts:
        for row in text.taint:
            if row.in_force(case.day.on) and (
                not row.senders or case.day.among(case.asked.from_.side, row.senders)
            ):
                yield text, row


def comes_from(case: Case, row: Taint, item: Item) -> bool | None:
    """Whether an item comes from the row's source; None when nobody has said and the row counts that."""
    origin = item.origin
    derived = (origin.derived_from or frozenset()) if row.derived else frozenset()
    if (
        (origin.systems or frozenset()) | derived
    ) & row.systems or origin.source_article in row.source_articles:
        return True
    if origin.obtained in row.obtained:
        return True
    if row.unknown == "does_not_count" or not _unsaid(case, row, item):
        return False
    return None if item.personal is Personal.YES or row.unknown == "counts_for_all" else False


def _unsaid(case: Case, row: Taint, item: Item) -> bool:
    """Whether what the row asks of an item was left open: where it came from, what it was made of, or how it
    was obtained where nobody watches that.

    A stated list of systems names every one it came from or was made of; `derived_from` then adds to it.
    """
    origin = item.origin
    if row.systems and (origin.systems is None or (row.derived and origin.derived_from is None)):
        return True
    return bool(row.obtained) and origin.obtained == "unknown" and unwatched(case, item)


def unwatched(case: Case, item: Item) -> bool:
    """Whether its owner or the state it came from is one whose methods no court of human rights looks at.

    What INTERPOL carries for a state that nobody names may be of any.
    """
    origin = item.origin
    if origin.state == "unknown" and System.INTERPOL in (origin.systems or ()):
        return True
    sides = {origin.owner.partition("/")[0], origin.state} - {"unknown"}
    return any(not case.day.bound_by(side) & WATCHED for side in sides)


def barred(case: Case, row: Taint, item: Item) -> bool:
    """Whether the row bars this use, to this recipient, of this item."""
    return (
        use_barred(case, row)
        and personal_or_listed(item, row.bars.categories)
        and (
            row.bars.recipients != "state_of_origin"
            or any(is_origin(case, s) for s in case.asked.about(item))
        )
    )


def use_barred(case: Case, row: Taint) -> bool:
    """Whether the row bars this use to this recipient, whatever the item."""
    asked, bars, side = case.asked, row.bars, case.asked.to.side
    # Either use is barred: to act on it, or to use it for that end.
    named = bars.acts or bars.purposes
    if named and asked.act not in bars.acts and asked.purpose not in bars.purposes:
        return False
    return (
        (not bars.sides or case.day.among(side, bars.sides))
        and not case.day.among(side, bars.not_sides)
        and not case.day.among(side, bars.not_blocs)
        and (not bars.regimes or asked.regime in bars.regimes or asked.regime == "unknown")
        and (not bars.types or asked.type in bars.types)
        and _recipient(case, row)
    )


def _recipient(case: Case, row: Taint) -> bool:
    """Whether the recipient may be meant; whose state of origin it is depends on the item."""
    bars = row.bars
    if bars.recipients == "not_listed":
        kind = case.day.kind_of(case.asked.to.side, case.asked.to.authority)
        return not case.day.among(case.asked.to.side, bars.listed) and kind not in bars.listed
    return bars.recipients == "state_of_origin" or recipient_is(case, bars.recipients, bloc=bars.bloc)


def lifted(case: Case, row: Taint, item: Item, text: Agreement) -> bool:
    """Whether one of the row's own forms lifts it: every need at once, inside its limits."""
    for form in row.except_:
        if not inside(case, form.only, item):
            continue
        facts = [n for n in form.needs if n.fact or n.any_fact]
        # What is so of a person is never offered as a way out: a fact must be known, and is not asked for.
        if not all(_known(case, n) for n in facts):
            continue
        others = [_asked_of(n, row, item, case) for n in form.needs if n not in facts]
        if met_all(case, others, form.article or row.article, item):
            case.relies_on.add(f"{text.id}/{row.id}/{form.form}" if form.form else f"{text.id}/{row.id}")
            return True
    return False


def _asked_of(need: Requirement, row: Taint, item: Item, case: Case) -> Requirement:
    """A consent to pass on what a foreign system gave is never the sender's own: its source gives it.

    The sender's own note made of it belongs to the sender; its source is then the state that it came from,
    and where nobody names one, nobody can agree.
    """
    if not need.record.startswith("consent") or need.owner or not row.systems & FOREIGN:
        return need
    sender, origin = case.asked.from_.side, item.origin
    if origin.state == sender or origin.owner.partition("/")[0] != sender:
        return need
    return replace(need, owner=origin.state)


def _known(case: Case, need: Requirement) -> bool:
    if need.fact:
        return case.holds(need) is True
    return any(case.holds(f) is True for f in need.any_fact)


def inside(case: Case, only: Only, item: Item) -> bool:
    asked = case.asked
    return (
        (not only.purposes or asked.purpose in only.purposes)
        and asked.purpose not in only.not_purposes
        and (not only.acts or asked.act in only.acts)
        and (not only.types or asked.type in only.types)
        and (not only.sides or case.day.among(asked.to.side, only.sides))
        and personal_or_listed(item, only.categories)
        and recipient_is(case, only.recipients)
    )
