"""Step 8: whose it is and how it came. The originator keeps a say over every copy."""

from __future__ import annotations

from typing import Final

from cordiale.agreements.answer import Duty
from cordiale.agreements.case import Case, limit, speaks_of_items
from cordiale.agreements.model import Agreement, OnwardRule, OriginRule, Provision
from cordiale.agreements.question import Item
from cordiale.agreements.register import Register
from cordiale.agreements.steps.needs import consent_for, veto_on
from cordiale.agreements.steps.who import party_sides
from cordiale.agreements.vocabulary import FAMILY
from cordiale.terms import Act, Personal, Purpose

APPROVING: Final = frozenset({"approval", "adequacy", "safeguards"})
"""What opens a way for good; a transfer for one case does not."""
OWNER_ARTICLE: Final = "originator control: the owner's say binds"
STRICTEST_FIRST: Final = ("never", "ask_originator", "ask_or_emergency_then_tell", "listed", "free")
NOTHING: Final = frozenset[str]()
CRIME_KINDS: Final = frozenset(
    [
        "police",
        "gendarmerie",
        "criminal_agency",
        "customs",
        "prosecution",
        "investigating_judge",
        "border",
        "contact_point",
        "prum_contact",
        "central_authority",
        "piu",
        "agency",
        "fiu",
        "liaison_desk",
    ]
)
"""Kinds of authority that are competent against crime (LED Art 3(7))."""


def check(case: Case) -> None:
    """Consent where the line asks for it, restrictions that came with the item, and the rule it came
    under."""
    for item in case.asked.items:
        _owner(case, item)
        _restrictions(case, item)
        _received(case, item)


def origin_rules(case: Case) -> list[tuple[OriginRule, Provision, Agreement | None]]:
    """Every rule of consent that speaks: the provision's own, and those of restricting lines."""
    own = [(case.agreement, case.line)] if case.line else []
    heard = [*own, *((t, p) for t, p in case.lines if p.effect in ("restrict", "withhold"))]
    return [(line.origin, line, text) for text, line in heard if line.origin is not None]


def _owner(case: Case, item: Item) -> None:
    """The owner's refusal binds; each rule that asks for consent is told, not only the first."""
    owner = item.origin.owner
    if owner == "unknown" and item.origin.state != "unknown":
        owner = item.origin.state
    if is_ours(case, owner):
        return
    if veto_on(case, item, owner) is not None:
        case.withhold(item, 8, case.said("vetoed", owner=owner), article=OWNER_ARTICLE)
    for rule, line, text in origin_rules(case):
        if speaks_of_items(line) and not case.touches(line, item):
            continue
        barred = (item.origin.systems or frozenset()) & rule.systems_barred
        if barred:
            sentence = case.said("systems_barred", systems=" or ".join(sorted(barred)))
            case.withhold(item, 8, sentence, line, source=text)
        # What goes back to the owner's own Side needs no leave of it.
        to_owner = case.asked.to.side == owner.partition("/")[0]
        if not to_owner and _asks(case, rule, owner, text) and not _agreed(case, item, owner, line):
            # A permit speaks of what passes; whose leave it needs has an article of its own.
            article = rule.article or (OWNER_ARTICLE if line.effect == "permit" else line.article)
            _unasked(case, item, owner, line=line, text=text, article=article)


def _agreed(case: Case, item: Item, owner: str, line: Provision) -> bool:
    return consent_for(case, item, owner) is not None or case.supplied or _emergency(case, line)


def _unasked(
    case: Case, item: Item, owner: str, *, line: Provision, text: Agreement | None, article: str
) -> None:
    if owner == "unknown":
        sentence = case.said("owner_unknown")
        case.withhold(item, 8, sentence, line, source=text, article=article, field="origin.owner")
        case.lack("field", "origin.owner", who="the sending officer", article=article, items=(item.id,))
    else:
        case.withhold(item, 8, case.said("consent", owner=owner), line, source=text, article=article)
        case.lack("consent", f"consent of {owner}", who=owner, article=article, items=(item.id,))


def is_ours(case: Case, owner: str) -> bool:
    """Whether the sending Side, or the authority it acts for, owns the item."""
    sender = case.asked.from_
    return owner in (sender.side, sender.on_behalf_of) or owner.partition("/")[0] == sender.side


def _asks(case: Case, rule: OriginRule, owner: str, text: Agreement | None) -> bool:
    """Whether the rule asks this owner. Under a law, who is no end of the exchange is no party to it."""
    side = owner.partition("/")[0]
    if rule.consent == "owner_if_not_party":
        if text is None or text.is_law:
            return side not in (case.asked.from_.side, case.asked.to.side)
        return owner == "unknown" or not any(party_sides(text, case, side))
    return rule.consent == "owner"


def _emergency(case: Case, line: Provision) -> bool:
    """The one condition that an emergency lifts; the owner is told afterwards."""
    lift = line.lifts
    if lift is None or lift.condition != "owner_consent" or not lift.when:
        return False
    if not all(case.fact(name) is True for name in lift.when):
        return False
    case.duties.append(Duty(do=lift.then, article=lift.article or line.article))
    return True


def _restrictions(case: Case, item: Item) -> None:
    """Limits that travel with the item bind every later act, whatever the agreement says."""
    ours = is_ours(case, item.origin.owner)
    rule = case.day.register.handling.get(item.handling.code)
    carried = limits_on(case, item) | {(n, NOTHING) for n in (rule.travels if rule and not ours else ())}
    for name, purposes in sorted(carried, key=lambda r: (r[0], sorted(r[1]))):
        if _bars(case, item, name, purposes):
            case.withhold(item, 8, case.said("restricted", limit=name), article=OWNER_ARTICLE)
            return
        if not _needs_asking(case, item, name):
            case.withhold(item, 8, case.said("restricted", limit=name), article=OWNER_ARTICLE)
            who = item.origin.owner
            case.lack("consent", f"consent of {who}", who=who, article=OWNER_ARTICLE, items=(item.id,))
            return
        case.travels.add(limit(name, purposes))


def limits_on(case: Case, item: Item) -> set[tuple[str, frozenset[str]]]:
    """The limits on an item: those that came with it, and those that a record has set since.

    A later limit is added to an earlier one of the same name and does not replace it.
    """
    carried = set(item.handling.restrictions)
    for record in case.day.records:
        if record.kind == "restriction_update" and item.id in record.items:
            carried |= {(n, record.purposes) for n in record.restrictions}
            carried |= {("never_to", record.never_to)} if record.never_to else set()
    return carried


def _bars(case: Case, item: Item, name: str, purposes: frozenset[str]) -> bool:
    asked = case.asked
    ours = is_ours(case, item.origin.owner)
    to_owner = asked.to.side == item.origin.owner.partition("/")[0]
    if name == "no_onward":
        return not ours and not to_owner and asked.to.side != asked.from_.side
    if name == "never_to":
        return asked.to.side != asked.from_.side and case.day.among(asked.to.side, purposes)
    if name == "use_only":
        return bool(purposes) and asked.purpose not in purposes
    if name == "no_court_use":
        return asked.purpose == Purpose.EVIDENCE and consent_for(case, item, item.origin.owner) is None
    if name == "no_identification":
        return asked.act in (Act.LIVE_IDENTIFICATION, Act.COMPARE) or asked.act == Act.MEASURE
    return False


def _needs_asking(case: Case, item: Item, name: str) -> bool:
    """Whether an `ask_originator` is answered: own item, consent, or, where allowed, an emergency."""
    if name not in ("ask_originator", "ask_or_emergency_then_tell") or is_ours(case, item.origin.owner):
        return True
    if case.asked.to.side == item.origin.owner.partition("/")[0] or case.supplied:
        return True
    if consent_for(case, item, item.origin.owner) is not None:
        return True
    if name == "ask_or_emergency_then_tell" and _threat(case):
        case.duties.append(Duty(do="inform_originator", article=OWNER_ARTICLE))
        return True
    return False


def _threat(case: Case) -> bool:
    return case.fact("threat_immediate_serious") is True and case.fact("no_time_to_ask") is True


def _received(case: Case, item: Item) -> None:
    """The rule of the agreement under which it came goes with it. Unknown for an onward act refuses."""
    under, asked = item.origin.received_under, case.asked
    if not under:
        if asked.act == Act.ONWARD and not is_ours(case, item.origin.owner):
            case.withhold(item, 8, case.said("under_unknown", under="unknown"), field="origin.received_under")
            case.lack(
                "field",
                "origin.received_under",
                who="the sending officer",
                article=OWNER_ARTICLE,
                items=(item.id,),
            )
        return
    strictest = onward_rule(case.day.register, under)
    if strictest is None:
        case.withhold(item, 8, case.said("under_unknown", under=under), field="origin.received_under")
        return
    if asked.to.side in (asked.from_.side, item.origin.owner.partition("/")[0]):
        return
    _onward(case, item, strictest, under)


def onward_rule(register: Register, under: str) -> OnwardRule | None:
    """The strictest onward rule of a text, or of the one provision named; None where none is known."""
    name, _, provision = under.partition("/")
    text = register.agreement(name)
    lines = text.provision if text else ()
    rules = [p.onward for p in lines if p.onward and (not provision or p.id == provision)]
    return min(rules, key=lambda rule: STRICTEST_FIRST.index(rule.rule)) if rules else None


def _onward(case: Case, item: Item, rule: OnwardRule, under: str) -> None:
    words, article = {"under": under}, rule.article or under
    if rule.rule == "never":
        case.withhold(item, 8, case.said("onward_never", **words), article=article)
        return
    if rule.rule == "listed" and rule.listed and not case.day.among(case.asked.to.side, rule.listed):
        case.withhold(item, 8, case.said("onward_listed", **words), article=article)
        return
    asks = rule.rule in ("ask_originator", "ask_or_emergency_then_tell")
    may = consent_for(case, item, item.origin.owner) is not None or case.supplied
    if asks and not may and rule.rule == "ask_or_emergency_then_tell" and _threat(case):
        case.duties.append(Duty(do="inform_originator", article=article))
        may = True
    if asks and not may:
        case.withhold(item, 8, case.said("onward_ask", **words), article=article)
        who = item.origin.owner
        case.lack("consent", f"consent of {who}", who=who, article=article, items=(item.id,))
        return
    for condition in sorted(rule.conditions):
        if not _condition(case, item, condition):
            case.withhold(
                item, 8, case.said("onward_condition", condition=condition, **words), article=article
            )
            return


def _condition(case: Case, item: Item, condition: str) -> bool:
    if condition == "competent_recipient":
        return case.day.kind_of(case.asked.to.side, case.asked.to.authority) in CRIME_KINDS
    if condition == "same_purpose":
        was = item.origin.collected_for
        return was is not None and _family(was) == _family(case.asked.purpose)
    return item.personal not in (Personal.YES, Personal.IDENTIFIERS) or _approved(case)


def _approved(case: Case) -> bool:
    """Whether an approval, an adequacy decision or safeguards carry this way; one case's reason is none."""
    asked, day = case.asked, case.day
    return case.supplied or any(
        r.kind in APPROVING
        and bool(r.from_side and r.to_side)
        and day.carries(r, asked.from_.side, asked.to.side)
        and case.counts(r)
        and (case.names(r) or not r.case)
        for r in day.records
    )


def _family(purpose: str) -> str:
    return FAMILY.get(Purpose(purpose), purpose)
