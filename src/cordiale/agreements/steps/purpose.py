"""Step 6: purpose and regime inside the provision, and no slide from what an item was collected for."""

from __future__ import annotations

from typing import Final

from cordiale.agreements.answer import Duty
from cordiale.agreements.case import Case
from cordiale.agreements.model import Condition, Provision, Record, Requirement
from cordiale.agreements.question import Item
from cordiale.agreements.steps.lines import grave_enough
from cordiale.agreements.steps.needs import met, otherwise
from cordiale.agreements.vocabulary import FAMILY, LOCKED_FAMILIES
from cordiale.agreements.words import Sentence, joined
from cordiale.terms import Personal, Purpose, SubjectKind

SLIDE_ARTICLE: Final = "DPA 2018 s.36(4); LED Art 9(1)"
COLLECTED: Final = "origin.collected_for"
NEUTRAL: Final = "neutral"
"""The family of a purpose that belongs to no one body of law: statistics, training, customs."""


def check(case: Case) -> None:
    """The provision's own purposes, regimes, offence, targeting, roles and facts; then each item's
    history."""
    if case.line is not None:
        inside(case, case.line)
        _roles(case, case.line)
        _needs(case, case.line)
    for item in case.asked.items:
        if not slides(case, item) or _may_slide(case, item):
            continue
        if _lawbooks(item):
            was = _from(case, item)
            case.withhold(item, 6, case.said("slide", was=was, now=case.asked.purpose), article=SLIDE_ARTICLE)
            who = "the body that collected it"
            case.lack("record", "purpose_authorisation", who=who, article=SLIDE_ARTICLE, items=(item.id,))
        else:
            case.withhold(item, 6, case.said("slide_unknown"), article=SLIDE_ARTICLE, field=COLLECTED)
            case.lack("field", COLLECTED, who="the originator", article=SLIDE_ARTICLE, items=(item.id,))


def inside(case: Case, line: Provision) -> None:
    """The purpose, regime, aim and gravity that the provision names."""
    asked = case.asked
    if asked.purpose not in line.purposes or asked.purpose in line.not_purposes:
        case.refuse(6, case.said("purpose", purpose=asked.purpose), line)
    if line.regimes and asked.regime not in line.regimes:
        case.refuse(
            6,
            case.said("regime", regime=asked.regime),
            line,
            field="regime" if asked.regime == "unknown" else "",
        )
    if line.targeting and asked.targeting not in line.targeting:
        case.refuse(6, case.said("targeting", targeting=asked.targeting), line)
    if line.modality and asked.modality not in line.modality:
        case.refuse(6, case.said("modality", modality=asked.modality or "unknown"), line)
    if line.min_offence_years is not None and not grave_enough(case, line.min_offence_years):
        case.refuse(6, case.said("offence", n=line.min_offence_years), line)


def _roles(case: Case, line: Provision) -> None:
    """LED Art 6, DPA s.38(3): suspects, convicts, victims and others stay apart."""
    if not line.roles:
        return
    for item in case.asked.items:
        outside = [
            s
            for s in case.asked.about(item)
            if s.kind in (SubjectKind.PERSON, SubjectKind.UNIDENTIFIED) and s.role not in line.roles
        ]
        if outside and item.personal is Personal.YES and not case.lessen(item):
            case.withhold(item, 6, case.said("role", role=outside[0].role), line, scope="subject")


def _needs(case: Case, line: Provision) -> None:
    for condition in line.when:
        found = case.holds(condition) if condition.fact else case.when(condition, restricting=False)
        if not found and not (found is None and case.supplied):
            if found is None:
                case.lack("fact", condition.fact, who="the sending officer", article=line.article)
            why = must(case, condition, found) if condition.fact else case.said("urgent_must")
            case.refuse(6, why, line, curable=found is None)
    for need in line.requires:
        if need.confirmation or met(case, need, article=line.article):
            continue
        step, sentence, known = _unmet(case, need)
        case.refuse(step, sentence, line, curable=not known, field=need.field)


def _unmet(case: Case, need: Requirement) -> tuple[int, str, bool]:
    """(step, sentence, known to be otherwise) of a need that is not met."""
    if need.fact:
        found = case.holds(need)
        return 6, must(case, need, found), found is False
    if need.any_fact:
        known = all(case.holds(f) is False for f in need.any_fact)
        state = False if known else None
        return 6, joined(*(must(case, each, state) for each in need.any_fact)), known
    if need.recipient_of_nationality:
        # Step 3: a person's nationality does not travel, so only the owner can judge it (exchange.judging).
        return 3, case.said("own_nationals", side=case.asked.to.side), otherwise(case, need)
    if need.field:
        return 6, case.said("field_must", name=need.field), False
    return 5, case.said("record_must", name=need.record or " or ".join(need.any_record)), False


def must(case: Case, need: Requirement | Condition, found: bool | None) -> Sentence:
    """Which fact must be stated, how it must be, and how it is."""
    if need.at_most is not None:
        wanted = f"≤ {need.at_most}"
    elif need.at_least is not None:
        wanted = f"≥ {need.at_least}"
    else:
        wanted = ("yes" if need.is_ else "no") if isinstance(need.is_, bool) else str(need.is_)
    state = "unknown" if found is None else "otherwise"
    return case.said("fact_must", name=need.fact, wanted=wanted, state=state)


def slides(case: Case, item: Item) -> bool:
    """Whether a personal item would, or may, leave the body of law it was collected under."""
    if item.personal is not Personal.YES or case.asked.purpose == Purpose.RIGHTS:
        return False
    was = _lawbooks(item)
    now = FAMILY.get(Purpose(case.asked.purpose))
    return not was or bool((was & LOCKED_FAMILIES) - {now})


def _lawbooks(item: Item) -> frozenset[str]:
    """The bodies of law an item was collected under: by its purpose, and by its regime where that says one.

    Empty when nobody has said: what was collected for asylum stands under the immigration regime too.
    """
    origin = item.origin
    purpose = {FAMILY.get(Purpose(origin.collected_for), NEUTRAL)} if origin.collected_for else set()
    regime = {str(origin.regime)} & LOCKED_FAMILIES
    return frozenset(purpose | regime)


def _from(case: Case, item: Item) -> str:
    """The word that says what it was collected under: its purpose, or the regime where that is the bar."""
    origin = item.origin
    books = (_lawbooks(item) & LOCKED_FAMILIES) - {FAMILY.get(Purpose(case.asked.purpose))}
    by_purpose = bool(origin.collected_for) and FAMILY.get(Purpose(str(origin.collected_for))) in books
    return str(origin.collected_for if by_purpose else origin.regime)


def _authorises(record: Record, case: Case, item: Item) -> bool:
    """Whether an authorisation names this purpose, and this way, item and category where it names any."""
    asked, day = case.asked, case.day
    return (
        asked.purpose in record.purposes
        and (not record.from_side or day.member(asked.from_.side, record.from_side))
        and (not record.to_side or day.member(asked.to.side, record.to_side))
        and (not record.items or item.id in record.items)
        and (not record.categories or item.category in record.categories)
    )


def authorised(case: Case, item: Item) -> bool:
    """Whether a recorded authorisation lets the item serve the new purpose."""
    return any(_authorises(r, case, item) for r in case.records("purpose_authorisation"))


def _may_slide(case: Case, item: Item) -> bool:
    """A recorded authorisation for the new purpose, or the one emergency that the provision names."""
    if case.supplied or authorised(case, item):
        return True
    lift = case.line.lifts if case.line else None
    if (
        lift
        and lift.condition == "same_purpose"
        and lift.when
        and all(case.fact(n) is True for n in lift.when)
    ):
        case.duties.append(
            Duty(do=lift.then, article=lift.article or (case.line.article if case.line else ""))
        )
        return True
    return False
