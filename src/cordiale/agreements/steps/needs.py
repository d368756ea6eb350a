"""Whether a requirement is met, and noting what is missing beforehand and who can give it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cordiale.agreements.case import Case
from cordiale.agreements.model import Record, Requirement
from cordiale.agreements.question import Confirmation, Item, Subject
from cordiale.terms import SubjectKind

WHO_GIVES: Final = {
    "adequacy": "the body that decides on adequacy",
    "approval": "the Secretary of State",
    "consent": "the owner",
    "declaration": "the body that makes the declaration",
    "independent_consent": "the independent authority",
    "host_authorisation": "the host authority",
    "judicial_authorisation": "a judge",
    "sab_approval": "the Security Accreditation Board",
    "instrument": "the Sides, by a signed instrument",
}


def met(case: Case, need: Requirement, *, article: str, item: Item | None = None) -> bool:
    """Whether a need is met; if not, it is noted as missing unless it is known to be otherwise."""
    article = need.article or article
    if need.fact:
        return _fact(case, need, article)
    if need.any_fact:
        found = [case.holds(f) for f in need.any_fact]
        if any(found) or (case.supplied and None in found):
            return True
        if None in found:
            case.lack(
                "fact", " or ".join(f.fact for f in need.any_fact), who="the sending officer", article=article
            )
        return False
    if need.confirmation:
        return confirmed(case, need, article)
    if need.record or need.any_record:
        return _record(case, need, article, item)
    if need.recipient_of_nationality:
        return _nationality(case, need, article)
    return _field(case, need, article)


def met_all(case: Case, needs: Sequence[Requirement], article: str, item: Item | None = None) -> bool:
    """Whether every need is met; each that is not is noted, not only the first."""
    found = [met(case, need, article=article, item=item) for need in needs]
    return all(found)


def _fact(case: Case, need: Requirement, article: str) -> bool:
    found = case.holds(need)
    if found is None and not case.supplied:
        case.lack("fact", need.fact, who=need.who_can_give or "the sending officer", article=article)
    return found if found is not None else case.supplied


def _nationality(case: Case, need: Requirement, article: str) -> bool:
    found = all_nationals(case)
    if found is None and not case.supplied:
        who = need.who_can_give or "the sending officer"
        case.lack("field", "subjects.nationality", who=who, article=article)
    return found if found is not None else case.supplied


def all_nationals(case: Case) -> bool | None:
    """Whether everybody whom the request is about is a national of the recipient's state.

    None when of somebody nobody has stated it, with who and when, or only a machine has.
    """
    asked = case.asked
    people = {s.id: s for item in asked.items for s in asked.about(item)} | {s.id: s for s in asked.subjects}
    found = [_national(s, asked.to.side) for s in people.values() if s.kind != SubjectKind.ORGANISATION]
    if False in found:
        return False
    return None if None in found else True


def _national(subject: Subject, side: str) -> bool | None:
    stated = subject.statement_on("nationality")
    if subject.nationality is None or stated is None or not stated.settles:
        return None
    return side in subject.nationality


def otherwise(case: Case, need: Requirement) -> bool:
    """Whether a need is known to be otherwise: nothing that is supplied would mend that."""
    if need.recipient_of_nationality:
        return all_nationals(case) is False
    return bool(need.fact) and case.holds(need) is False


def _record(case: Case, need: Requirement, article: str, item: Item | None) -> bool:
    wanted = (need.record,) if need.record else need.any_record
    for name in wanted:
        papers = [r for r in case.records(name) if not need.makes_live or need.makes_live in r.makes_live]
        found = consents(case, papers, item, need.owner) if name.startswith("consent") else papers[:1]
        if found:
            case.relies_on |= {r.id for r in found}
            return True
    if not case.supplied:
        kind = wanted[0].partition(":")[0]
        who = need.who_can_give or _named(need.owner) or WHO_GIVES.get(kind, "the body that issues it")
        case.lack("record", " or ".join(wanted), who=who, article=article, items=(item.id,) if item else ())
    return case.supplied


def _named(owner: str) -> str:
    return "" if owner == "unknown" else owner


def consents(case: Case, papers: Sequence[Record], item: Item | None, owner: str) -> list[Record]:
    """A consent for the item, or for every item that would leave; nothing if one of them has none."""
    items = (item,) if item is not None else tuple(case.staying())
    if not items:
        return [r for r in papers if r.answer == "given" and r.owner][:1]
    found = [next((r for r in papers if _covers(r, case, each, owner)), None) for each in items]
    return [r for r in found if r is not None] if None not in found else []


def _covers(record: Record, case: Case, item: Item, owner: str = "") -> bool:
    """Whether a consent was given by the owner, and reaches this item, recipient and purpose.

    `owner`: whose it must be where a line names somebody; else the item's owner. A consent of nobody, or for
    what nobody owns, is none.
    """
    asked, owner = case.asked, owner or item.origin.owner
    return (
        record.answer == "given"
        and (not record.items or item.id in record.items)
        and (not record.types or asked.type in record.types)
        and (not record.categories or item.category in record.categories)
        and (
            not record.recipients
            or bool({asked.to.side, f"{asked.to.side}/{asked.to.authority}"} & record.recipients)
        )
        and (not record.purposes or asked.purpose in record.purposes)
        and owner != "unknown"
        and owned_by(record.owner, owner)
    )


def consent_for(case: Case, item: Item, owner: str) -> Record | None:
    """A consent of the owner that reaches this item, named by the item or the request, or of the same
    case."""
    for each in case.day.records:
        named = each.id in item.handling.consents | case.asked.records
        ours = each.case == case.asked.case if each.case else named
        if each.kind != "consent" or not ours or not case.counts(each):
            continue
        if _covers(each, case, item) and owned_by(each.owner, owner):
            return each
    return None


def veto_on(case: Case, item: Item, owner: str) -> Record | None:
    """A refusal by the owner that reaches this item. It binds whether or not anybody names it."""
    for each in case.day.records:
        reaches = (each.items and item.id in each.items) or (each.types and case.asked.type in each.types)
        if each.kind == "consent" and each.answer == "refused" and reaches and owned_by(each.owner, owner):
            side = {case.asked.to.side, f"{case.asked.to.side}/{case.asked.to.authority}"}
            if not each.recipients or side & each.recipients:
                return each
    return None


def owned_by(stated: str, owner: str) -> bool:
    """Whether `UK/nca` or `UK` on a record means this owner."""
    return stated == owner or stated == owner.partition("/")[0]


def confirmed(case: Case, need: Requirement, article: str) -> bool:
    """Whether enough distinct persons confirmed it, qualified and independent where that is asked."""
    have = counting(case, need)
    if len(have) >= need.n or case.supplied:
        return True
    who = need.who_can_give or ("a qualified person" if need.qualified else "a named person")
    case.lack("confirmation", f"{need.confirmation} x{need.n}", who=who, article=article)
    return False


def counting(case: Case, need: Requirement) -> set[str]:
    """The persons whose confirmation counts: distinct, no machine, not after the decision, not the one
    who asks."""
    asked = case.asked
    others = {c.person for c in asked.confirmations if c.of != need.confirmation}
    sender = asked.from_.person.id if asked.from_.person else ""

    def counts(one: Confirmation) -> bool:
        return (
            one.of == need.confirmation
            and one.role != "machine"
            and one.at <= case.day.at
            and (not need.qualified or one.qualified == "yes")
            and (not need.independent or (one.person not in others and one.person != sender))
        )

    return {c.person for c in asked.confirmations if counts(c)}


def _field(case: Case, need: Requirement, article: str) -> bool:
    asked = case.asked
    have = {
        "case": bool(asked.case),
        "offence": asked.offence is not None,
        "reason": bool(asked.reason or asked.urgent.reason),
        "sought": asked.sought is not None,
        "place_of_processing": bool(asked.place_of_processing),
    }[need.field]
    if not have and not case.supplied:
        case.lack("field", need.field, who=need.who_can_give or "the sending officer", article=article)
    return have or case.supplied
