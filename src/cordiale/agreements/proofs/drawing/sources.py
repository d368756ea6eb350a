"""Steps 2, 6 and 8 as they are drawn: where an item comes from, what it was collected for, whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cordiale.agreements.case import speaks_of_items
from cordiale.agreements.model import Agreement, OnwardRule, OriginRule, Provision, Requirement, Taint
from cordiale.agreements.proofs.drawing.basis import Basis, Spoken, binds, touches
from cordiale.agreements.proofs.drawing.needs import carries, counts, met, names
from cordiale.agreements.proofs.drawing.persons import is_origin, recipient_is
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over, Scope
from cordiale.agreements.steps.origin import APPROVING, CRIME_KINDS
from cordiale.agreements.steps.purpose import NEUTRAL
from cordiale.agreements.steps.taint import FOREIGN
from cordiale.agreements.vocabulary import FAMILY, LOCKED_FAMILIES
from cordiale.terms import Act, Personal, Purpose, System

NOT_KNOWN = "not known"


# ---------------------------------------------------------------------- step 2: taint


def taint(basis: Basis) -> None:
    """Withhold what a source bars, or may bar; only the row's own form lifts it."""
    basis.gone += basis.shared("taint", lambda: list(_tainted(basis)))


def _tainted(basis: Basis) -> Iterator[int]:
    """What each row of each text withholds."""
    sheet = basis.sheet
    for text in basis.texts:
        for row in text.taint:
            if not row.in_force(sheet.day.on):
                continue
            speaks = sheet.all(
                binds(sheet, text), sheet.side_among("from", row.senders) if row.senders else YES
            )
            use = sheet.all(speaks, _use_barred(sheet, row))
            if use != NO:
                yield _row(basis, row, use)


def _row(basis: Basis, row: Taint, use: int) -> int:
    sheet = basis.sheet
    whose = YES
    if row.bars.recipients == "state_of_origin":
        whose = sheet.some(Over.ITS_SUBJECTS, is_origin(sheet))
    barred = sheet.all(use, sheet.of_categories(row.bars.categories), whose)
    from_it = comes_from(sheet, row)
    maybe = _unsaid(sheet, row)
    lifted = sheet.any(*(_lifted(basis, row, n) for n in range(len(row.except_))))
    return sheet.all(barred, -lifted, sheet.any(from_it, maybe))


def comes_from(sheet: Sheet, row: Taint) -> int:
    """It is known to come from the row's source."""
    article = sheet.form.variable("source_article", Scope.ITEM, (*_articles(sheet), "other"))
    return sheet.any(
        sheet.system(row.systems, derived=row.derived) if row.systems else NO,
        sheet.form.one_of(article, row.source_articles),
        sheet.one("obtained", *row.obtained),
    )


def _articles(sheet: Sheet) -> list[str]:
    register = sheet.day.register
    texts = (*register.agreements, *register.laws)
    return sorted({name for text in texts for row in text.taint for name in row.source_articles})


def _unsaid(sheet: Sheet, row: Taint) -> int:
    """What the row asks of the item was left open, and that counts."""
    if row.unknown == "does_not_count":
        return NO
    open_ = []
    if row.systems:
        open_.append(-sheet.one("systems_stated", "yes"))
        open_.append(-sheet.one("derived_stated", "yes") if row.derived else NO)
    if row.obtained:
        open_.append(sheet.all(sheet.one("obtained", "unknown"), sheet.one("unwatched", "yes")))
    weight = YES if row.unknown == "counts_for_all" else sheet.personal(Personal.YES)
    return sheet.all(weight, sheet.any(*open_))


def _use_barred(sheet: Sheet, row: Taint) -> int:
    """`taint.use_barred`: this use, to this recipient, whatever the item."""
    bars, day = row.bars, sheet.day
    used = YES
    if bars.acts or bars.purposes:
        used = sheet.any(sheet.one("act", *bars.acts), sheet.one("purpose", *bars.purposes))
    if bars.recipients == "not_listed":
        recipient = sheet.body(
            "to",
            lambda side, authority: (
                not day.among(side, bars.listed) and day.kind_of(side, authority) not in bars.listed
            ),
        )
    elif bars.recipients == "state_of_origin":
        recipient = YES
    else:
        recipient = recipient_is(sheet, bars.recipients, bloc=bars.bloc)
    return sheet.all(
        used,
        recipient,
        sheet.side_among("to", bars.sides) if bars.sides else YES,
        -sheet.side_among("to", bars.not_sides),
        -sheet.side_among("to", bars.not_blocs),
        sheet.among("regime", {*bars.regimes, "unknown"}) if bars.regimes else YES,
        sheet.among("type", bars.types),
    )


def _lifted(basis: Basis, row: Taint, n: int) -> int:
    """One of the row's own forms lifts it: every need at once, inside its limits."""
    sheet, form = basis.sheet, row.except_[n]
    only = form.only
    inside = sheet.all(
        sheet.among("purpose", only.purposes),
        -sheet.one("purpose", *only.not_purposes),
        sheet.among("act", only.acts),
        sheet.among("type", only.types),
        sheet.side_among("to", only.sides) if only.sides else YES,
        sheet.of_categories(only.categories),
        recipient_is(sheet, only.recipients),
    )
    return sheet.all(inside, *(_need(basis, need, row) for need in form.needs))


def _need(basis: Basis, need: Requirement, row: Taint) -> int:
    if need.record.startswith("consent") and not need.owner and row.systems & FOREIGN:
        # What a foreign system gave is never the sender's own: the state that it came from agrees.
        need = replace(need, owner=BY_STATE)
    return met(basis, need, of_item=True)


BY_STATE = "(its state)"
"""Stands for the owner of what a foreign system gave (`taint._asked_of`)."""


# ---------------------------------------------------------------------- step 6: what it was collected for


def slides(basis: Basis) -> None:
    """Withhold a personal item that would, or may, leave the body of law it was collected under."""
    sheet = basis.sheet
    slid = sheet.once("slid", lambda: _slid(sheet))
    lift = basis.line.lifts
    emergency = NO
    if lift is not None and lift.condition == "same_purpose" and lift.when:
        emergency = sheet.true(lift.when)
    basis.withhold(slid, -sheet.one("slide_paper", "yes"), -emergency)


def _slid(sheet: Sheet) -> int:
    away = []
    for family in sorted(LOCKED_FAMILIES):
        members = [p for p in Purpose if FAMILY.get(p, NEUTRAL) == family]
        was = sheet.any(sheet.one("collected_for", *members), sheet.one("collected_regime", family))
        away.append(sheet.all(was, -sheet.one("purpose", *members)))
    nobody_said = sheet.all(
        sheet.one("collected_for", "unknown"), -sheet.one("collected_regime", *LOCKED_FAMILIES)
    )
    return sheet.all(
        sheet.personal(Personal.YES), -sheet.one("purpose", Purpose.RIGHTS), sheet.any(nobody_said, *away)
    )


# ---------------------------------------------------------------------- step 8: whose it is


def origin(basis: Basis) -> None:
    """Consent where a line asks for it, restrictions that came with the item, and the rule it came under."""
    sheet = basis.sheet
    basis.withhold(-ours(sheet), sheet.one("veto", "yes"))
    basis.gone += _owner(sheet, Spoken(basis.agreement, basis.line, YES))
    basis.gone += basis.shared("owner", lambda: _told_of_owners(basis))
    basis.gone += sheet.once("restrictions", lambda: _restrictions(sheet))
    basis.gone += basis.shared("received", lambda: _received(basis))


def ours(sheet: Sheet, name: str = "holder") -> int:
    return sheet.one(name, "ours", "of_both")


def recipients(sheet: Sheet, name: str = "holder") -> int:
    """The item belongs to the recipient's own Side."""
    return sheet.one(name, "theirs", "of_both")


def _told_of_owners(basis: Basis) -> list[int]:
    heard = (s for s in basis.spoken if s.line.effect in ("restrict", "withhold"))
    return [kept for s in heard for kept in _owner(basis.sheet, s)]


def _owner(sheet: Sheet, one: Spoken) -> Iterator[int]:
    """What a line that asks for the owner's consent withholds."""
    line, rule = one.line, one.line.origin
    if rule is None:
        return
    here = sheet.all(-ours(sheet), one.when, touches(sheet, line) if speaks_of_items(line) else YES)
    if rule.systems_barred:
        yield sheet.all(here, sheet.system(rule.systems_barred, derived=False))
    agreed = sheet.any(sheet.one("consent", "yes"), _emergency(sheet, line))
    yield sheet.all(here, -recipients(sheet), _asks(sheet, rule, one.text), -agreed)


def _asks(sheet: Sheet, rule: OriginRule, text: Agreement) -> int:
    if rule.consent == "owner_if_not_party":
        if text.is_law:
            return -sheet.one("holder", "ours", "theirs", "of_both")
        return sheet.any(sheet.one("holder", "unknown"), -sheet.one("owner_party", "yes"))
    return YES if rule.consent == "owner" else NO


def _emergency(sheet: Sheet, line: Provision) -> int:
    lift = line.lifts
    if lift is None or lift.condition != "owner_consent" or not lift.when:
        return NO
    return sheet.true(lift.when)


def _threat(sheet: Sheet) -> int:
    return sheet.true(("threat_immediate_serious", "no_time_to_ask"))


def carried(sheet: Sheet, name: str) -> int:
    """A limit of this name travels with the item, by itself, by a record, or by its handling code."""
    rules = sheet.day.register.handling
    codes = [code for code, rule in rules.items() if name in rule.travels]
    by_code = sheet.all(sheet.one("code", *codes), -ours(sheet, "owner"))
    return sheet.any(sheet.flag(f"limit:{name}"), by_code)


def _restrictions(sheet: Sheet) -> list[int]:
    """Limits that travel with the item bind every later act, whatever the agreement says."""
    mine, home = ours(sheet, "owner"), recipients(sheet, "owner")
    other_side = -sheet.same_side()
    consent = sheet.one("consent", "yes")
    looking = sheet.one("act", Act.LIVE_IDENTIFICATION, Act.COMPARE, Act.MEASURE)
    asked = carried(sheet, "ask_or_emergency_then_tell")
    return [
        sheet.all(carried(sheet, "no_onward"), -mine, -home, other_side),
        sheet.all(sheet.one("never_here", "yes"), other_side),
        sheet.one("use_barred", "yes"),
        sheet.all(carried(sheet, "no_court_use"), sheet.one("purpose", Purpose.EVIDENCE), -consent),
        sheet.all(carried(sheet, "no_identification"), looking),
        sheet.all(carried(sheet, "ask_originator"), -mine, -home, -consent),
        sheet.all(asked, -mine, -home, -consent, -_threat(sheet)),
    ]


def rule_name(rule: OnwardRule) -> str:
    """An onward rule as a word: two of one word bind alike."""
    return "|".join((rule.rule, " ".join(sorted(rule.listed)), " ".join(sorted(rule.conditions))))


def onward_rules(sheet: Sheet) -> dict[str, OnwardRule]:
    """Every onward rule of the register by its word."""
    register = sheet.day.register
    lines = (p for text in (*register.agreements, *register.laws) for p in text.provision)
    return {rule_name(p.onward): p.onward for p in lines if p.onward is not None}


def _received(basis: Basis) -> list[int]:
    """The rule of the agreement under which it came goes with it. Unknown for an onward act refuses."""
    sheet, rules = basis.sheet, onward_rules(basis.sheet)
    under = sheet.form.variable("received_under", Scope.ITEM, ("", NOT_KNOWN, *sorted(rules)))
    nothing = sheet.form.one_of(under, ("",))
    found = [sheet.all(nothing, sheet.one("act", Act.ONWARD), -ours(sheet, "owner"))]
    found.append(sheet.form.one_of(under, (NOT_KNOWN,)))
    away = sheet.all(-sheet.same_side(), -recipients(sheet, "owner"))
    for name, rule in rules.items():
        here = sheet.all(sheet.form.one_of(under, (name,)), away)
        found.append(sheet.all(here, _onward_bars(basis, rule)))
    return found


def _onward_bars(basis: Basis, rule: OnwardRule) -> int:
    sheet = basis.sheet
    if rule.rule == "never":
        return YES
    barred = []
    if rule.rule == "listed" and rule.listed:
        barred.append(-sheet.side_among("to", rule.listed))
    if rule.rule in ("ask_originator", "ask_or_emergency_then_tell"):
        urgent = _threat(sheet) if rule.rule == "ask_or_emergency_then_tell" else NO
        barred.append(sheet.all(-sheet.one("consent", "yes"), -urgent))
    barred += [-_condition(basis, condition) for condition in sorted(rule.conditions)]
    return sheet.any(*barred)


def _condition(basis: Basis, condition: str) -> int:
    sheet = basis.sheet
    if condition == "competent_recipient":
        return sheet.kind("to", CRIME_KINDS)
    if condition == "same_purpose":
        same = []
        for purpose in Purpose:
            family = FAMILY.get(purpose, purpose)
            like = [p for p in Purpose if FAMILY.get(p, p) == family]
            same.append(sheet.all(sheet.one("collected_for", purpose), sheet.one("purpose", *like)))
        return sheet.any(*same)
    plain = -sheet.personal(Personal.YES, Personal.IDENTIFIERS)
    return sheet.any(plain, _approved(basis))


def _approved(basis: Basis) -> int:
    """An approval, an adequacy decision or safeguards carry this way; one case's reason is none."""
    sheet, found = basis.sheet, []
    for record in sheet.day.records:
        if record.kind in APPROVING and record.from_side and record.to_side:
            named = names(sheet, record) if record.case else YES
            found.append(sheet.all(carries(sheet, record), counts(basis, record), named))
    return sheet.any(*found)


__all__ = ["System", "origin", "slides", "taint"]
