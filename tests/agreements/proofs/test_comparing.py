"""Is every change between two versions found, with a request that the two gates answer differently?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs import comparing
from cordiale.agreements.proofs.certificate import About, Certificate, certify
from cordiale.agreements.proofs.comparing import Change, Versions
from cordiale.agreements.proofs.drawing import permits, sheet_with
from cordiale.agreements.proofs.safeguards import Leaving
from cordiale.agreements.proofs.serving import world
from cordiale.agreements.proofs.solving import Solver
from cordiale.agreements.question import parse_question

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTER = Register.load()
ID = "uk-frontex-wa-2024"


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


def text() -> Agreement:
    found = REGISTER.agreement(ID)
    assert found is not None
    return found


def with_text(new: Agreement) -> Register:
    other = copy.copy(REGISTER)
    other.agreements = tuple(new if one.id == new.id else one for one in REGISTER.agreements)
    other.texts_digest, other._days = "sha256:" + "2" * 64, {}
    return other


def versions(new: Agreement) -> Versions:
    return Versions(text(), new, REGISTER, with_text(new))


def answered_differently(change: Change, found: Versions) -> bool:
    """Whether the gate with the one version lets the item leave and the gate with the other does not."""
    assert change.shown is not None
    question = parse_question(change.shown.request | {"asked_basis": ID})
    both = [
        decide(question, known.supposing(change.shown.papers), NOON)
        for known in (found.with_old, found.with_new)
    ]
    return ("i1" in both[0].leaves) is not ("i1" in both[1].leaves)


def test_a_version_is_equal_to_itself(solver: Solver) -> None:
    found = versions(text())
    assert list(found.changes(NOON, solver)) == [] and found.wording() == []


@pytest.mark.law("EBCG-89(4)-(5)")
def test_one_word_less_in_a_refusal_is_found_with_the_requests_that_now_leave(solver: Solver) -> None:
    """The words about a pending claim are taken out of the rule about persons and groups."""
    cut = tuple(
        replace(rule, when=replace(rule.when, protection=rule.when.protection - {"claim_pending"}))
        for rule in text().protects
    )
    found = versions(replace(text(), protects=cut))
    changes = list(found.changes(NOON, solver))
    opened = [one for one in changes if one.what == comparing.PERMITTED and not one.by_words]
    assert {one.what for one in changes} == {comparing.PERMITTED}
    shown = [one for one in opened if one.shown is not None]
    assert len(shown) > 3 and {one.why for one in opened if one.shown is None} <= {comparing.NOT_SHOWN}
    for one in shown:
        assert answered_differently(one, found) and one.article
        assert one.shown is not None and one.shown.request["subjects"][0]["protection"] == "claim_pending"
    assert any(one.by_words for one in changes), "elsewhere the laws hold what the words no longer say"


def test_a_category_that_is_no_longer_granted_is_found(solver: Solver) -> None:
    lines = tuple(
        replace(line, granted=line.granted - {"forgery_method"}) if line.effect == "permit" else line
        for line in text().provision
    )
    found = versions(replace(text(), provision=lines))
    changes = [one for one in found.changes(NOON, solver) if not one.by_words]
    assert changes and {one.what for one in changes} <= {comparing.REFUSED, comparing.WITHHELD}
    assert all(answered_differently(one, found) for one in changes if one.shown)
    assert all(one.shown.request["items"][0]["category"] == "forgery_method" for one in changes if one.shown)


def test_a_category_that_a_line_can_do_without_is_found_too(solver: Solver) -> None:
    old = REGISTER.agreement("uk-fr-2026-2029")
    assert old is not None
    line = next(one for one in permits(old) if one.id == "programme")
    assert "logistics" in line.granted - line.essential
    less = replace(line, granted=line.granted - {"logistics"})
    new = replace(old, provision=tuple(_put(old, line, less)))
    found = Versions(old, new, REGISTER, with_text(new))
    changes = [one for one in found.changes(NOON, solver) if not one.by_words]
    assert changes and {one.line for one in changes} == {"programme"}
    for one in changes:
        assert one.shown is not None and one.shown.request["items"][0]["category"] == "logistics"


def test_a_day_more_is_found_on_that_day(solver: Solver) -> None:
    """A line ends a day later: on that one day something leaves that did not."""
    first = next(line for line in text().provision if line.id == "risk-analysis")
    ends = tuple(replace(one, until=date(2027, 1, 1)) if one is first else one for one in text().provision)
    later = tuple(replace(one, until=date(2027, 1, 2)) if one is first else one for one in text().provision)
    old, new = replace(text(), provision=ends), replace(text(), provision=later)
    found = Versions(old, new, with_text(old), with_text(new))
    assert set(found.days(NOON)) >= {date(2027, 1, 1), date(2027, 1, 2)}
    assert [w.name for w in found.wording()] == ["until"]
    on_it = datetime(2027, 1, 1, 12, tzinfo=UTC)
    opened = [one for one in found.changes(on_it, solver) if not one.by_words]
    assert [one.line for one in opened] == ["risk-analysis"] and opened[0].what == comparing.PERMITTED
    assert list(found.changes(NOON, solver)) == []


def test_a_period_that_changes_is_told_though_nothing_else_leaves() -> None:
    kept = next(line for line in text().provision if line.retention is not None)
    assert kept.retention is not None
    longer = replace(kept, retention=replace(kept.retention, n=kept.retention.n + 1))
    new = replace(text(), provision=tuple(longer if one is kept else one for one in text().provision))
    told = versions(new).wording()
    assert [(one.where, one.name) for one in told] == [(kept.id, "retention")]


# ---------------------------------------------------------------------- every shipped file, one small edit

NAMES = {"granted": "category", "purposes": "purpose", "acts": "act", "types": "type"}
QUICK = ("uk-mk-2024", "uk-rs-oic", "uk-xk-2024")


def one_word_less(agreement: Agreement, chance: Random) -> tuple[Provision, str, str, Agreement]:
    """(line, field, word, the agreement without that word)."""
    line = chance.choice(permits(agreement))
    name = chance.choice([n for n in (*NAMES, "directions") if len(getattr(line, n)) > 1])
    word = chance.choice(sorted(getattr(line, name)))
    changed: dict[str, Any] = {name: getattr(line, name) - {word}}
    less = replace(line, **changed)
    return line, name, word, replace(agreement, provision=tuple(_put(agreement, line, less)))


def _put(agreement: Agreement, line: Provision, less: Provision) -> Iterator[Provision]:
    return (less if one is line else one for one in agreement.provision)


def nothing_changes(found: Versions, solver: Solver) -> bool:
    """Whether a certificate says of everything that leaves under the old version that it leaves as before."""
    sheet = sheet_with({"old:": found.old, "new:": found.new}, REGISTER.on(NOON))
    before, after = Leaving(sheet, found.old, "old:"), Leaving(sheet, found.new, "new:")
    goals = {"less": (before.anyhow(), -after.anyhow(), world(sheet))}
    about = About(found.old.id, found.old.version, REGISTER.texts_digest, NOON.date(), None)
    return isinstance(certify(sheet.form, goals, about, by=solver)["less"], Certificate)


def both_ways(id: str, seed: int, solver: Solver) -> None:
    """One word less is told as a refusal or withholding with a request; put back, as a permission."""
    old = REGISTER.agreement(id)
    assert old is not None
    line, name, word, new = one_word_less(old, Random(f"{id} {seed}"))
    with_new = REGISTER.counting((new,), digests=("(invented) one word less",))
    there = Versions(old, new, REGISTER, with_new)
    back = Versions(new, old, with_new, REGISTER)
    closed = [one for one in there.changes(NOON, solver) if not one.by_words]
    opened = [one for one in back.changes(NOON, solver) if not one.by_words]
    if not closed and not opened:
        assert nothing_changes(there, solver), f"{id}/{line.id} without {word} in {name}"
        return
    assert {one.line for one in closed} == {one.line for one in opened} == {line.id}
    assert {one.what for one in closed} <= {comparing.REFUSED, comparing.WITHHELD, comparing.LESSER}
    assert {one.what for one in opened} <= {comparing.PERMITTED, comparing.FULLER}
    assert all(one.shown is not None and one.article == line.article for one in (*closed, *opened))


@pytest.mark.parametrize("id", QUICK)
def test_one_word_less_is_found_and_one_word_more(id: str, solver: Solver) -> None:
    both_ways(id, 1, solver)


@pytest.mark.law("EBCG-89(4)-(5)")
def test_beneficiaries_taken_out_of_one_refusal_are_shown_in_the_first_change(solver: Solver) -> None:
    """The lawyer's edit: one rule about known groups no longer speaks of those whose claim is pending."""
    cut = tuple(
        replace(rule, when=replace(rule.when, protection=rule.when.protection - {"claim_pending"}))
        if rule.id == "known-groups"
        else rule
        for rule in text().protects
    )
    found = versions(replace(text(), protects=cut))
    first = next(found.changes(NOON, solver))
    assert first.what == comparing.PERMITTED and not first.by_words and first.shown is not None
    assert first.shown.request["subjects"][0]["protection"] == "claim_pending"
    assert answered_differently(first, found)
