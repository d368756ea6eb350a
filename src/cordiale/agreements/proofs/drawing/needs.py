"""Requirements as conditions: facts, papers, confirmations and fields of the request."""

from __future__ import annotations

from cordiale.agreements.case import limits_of, scopes_of
from cordiale.agreements.model import Record, Requirement
from cordiale.agreements.proofs.drawing.basis import Basis
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over, Scope
from cordiale.agreements.vocabulary import CASE_RECORDS

COUNTED_MAX = 4
"""Confirmations are counted up to here: no line asks for more."""


def met(basis: Basis, need: Requirement, *, of_item: bool = False) -> int:
    """`needs.met`, for a request in which nothing is supplied in thought."""
    sheet = basis.sheet
    if need.fact:
        return sheet.holds(need)[0]
    if need.any_fact:
        return sheet.any(*(sheet.holds(one)[0] for one in need.any_fact))
    if need.confirmation:
        return confirmed(sheet, need)
    if need.record or need.any_record:
        wanted = (need.record,) if need.record else need.any_record
        return sheet.any(*(_paper(basis, name, need, of_item=of_item) for name in wanted))
    if need.recipient_of_nationality:
        return sheet.one("all_nationals", "yes")
    return sheet.one(need.field, "yes")


def confirmed(sheet: Sheet, need: Requirement) -> int:
    """Enough distinct persons confirmed it, qualified and independent where that is asked."""
    name = count_name(need.confirmation, qualified=need.qualified, independent=need.independent)
    sheet.form.variable(name, Scope.HEAD, map(str, range(COUNTED_MAX + 1)))
    if need.n > COUNTED_MAX:
        raise ValueError(f"a line asks for {need.n} confirmations; at most {COUNTED_MAX} are counted")
    return sheet.form.one_of(name, map(str, range(need.n, COUNTED_MAX + 1)))


def count_name(of: str, *, qualified: bool, independent: bool) -> str:
    marks = ":qualified" * qualified + ":independent" * independent
    return f"confirmed:{of}{marks}"


def _paper(basis: Basis, name: str, need: Requirement, *, of_item: bool) -> int:
    if not name.startswith("consent"):
        return sheet_paper(basis, name, makes_live=need.makes_live)
    paper = basis.sheet.flag(consent_name(name, need.owner, need.makes_live))
    if of_item:
        return paper
    # A consent for every item that would leave; where none would, one that its owner gave.
    stays = basis.stays()
    lacking = basis.sheet.some(Over.ITEMS, basis.sheet.all(stays, -paper))
    alone = basis.sheet.flag(f"any {name}|{need.makes_live}", Scope.HEAD)
    return basis.sheet.all(-lacking, basis.sheet.any(basis.sheet.some(Over.ITEMS, stays), alone))


def consent_name(name: str, owner: str, makes_live: str) -> str:
    """The variable that says whether a consent covers the item."""
    return f"{name}|{owner}|{makes_live}"


def sheet_paper(basis: Basis, wanted: str, *, makes_live: str = "") -> int:
    """A record in force of `kind` or `kind:scope`. Of papers of a case there may be others than today's."""
    sheet = basis.sheet
    kind = wanted.partition(":")[0]
    future = (
        sheet.flag(f"paper:{wanted}|{makes_live}", Scope.HEAD)
        if kind in CASE_RECORDS or sheet.any_paper
        else NO
    )
    found = [
        cond for record, cond in papers(basis, wanted) if not makes_live or makes_live in record.makes_live
    ]
    return sheet.any(future, *found)


def papers(basis: Basis, wanted: str) -> list[tuple[Record, int]]:
    """`Case.records`: each record of the day that may be meant, and when it is."""
    kind, _, scope = wanted.partition(":")
    found = []
    for record in basis.sheet.day.records:
        if record.kind == kind and (not scope or scope in scopes_of(record)):
            cond = is_ours(basis, record)
            if cond != NO:
                found.append((record, cond))
    return found


def is_ours(basis: Basis, record: Record) -> int:
    """`Case._is_ours`: it counts, and it is named, or general and of these Sides."""
    sheet, day = basis.sheet, basis.sheet.day
    cond = counts(basis, record)
    if record.kind in CASE_RECORDS or record.case:
        return sheet.all(cond, names(sheet, record))
    if record.from_side and record.to_side:
        return sheet.all(cond, carries(sheet, record))
    if record.for_sides:
        ends = (sheet.side(end, lambda side: day.among(side, record.for_sides)) for end in ("from", "to"))
        return sheet.all(cond, sheet.any(*ends))
    return cond


def carries(sheet: Sheet, record: Record) -> int:
    """`Day.carries`, as the two ends each have to be."""
    day = sheet.day

    def starts(side: str) -> bool:
        return day.carries(record, side, record.to_side)

    return sheet.all(
        sheet.side("from", starts), sheet.side("to", lambda side: day.member(side, record.to_side))
    )


def names(sheet: Sheet, record: Record) -> int:
    return sheet.flag(f"named:{record.id}", Scope.HEAD)


def counts(basis: Basis, record: Record) -> int:
    """`Case.counts`: confirmed, of this agreement, regime, type, purpose and recipient."""
    sheet = basis.sheet
    elsewhere = record.agreement and record.agreement != basis.agreement.id
    if record.confidence == "unconfirmed" or elsewhere:
        return NO
    return sheet.all(
        sheet.among("regime", record.regimes),
        -sheet.one("regime", *record.excludes),
        sheet.among("type", record.types),
        sheet.among("purpose", record.purposes),
        _reaches(sheet, record),
    )


def _reaches(sheet: Sheet, record: Record) -> int:
    if record.kind == "consent":
        return YES
    named = record.recipients | limits_of(record, "authorities") | ({record.recipient} - {""})
    if not named:
        return NO if record.kind == "case_transfer" else YES
    return sheet.body("to", lambda side, authority: bool({side, f"{side}/{authority}"} & named))
