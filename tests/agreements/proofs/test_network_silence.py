"""Does what leaves tell a protected person from another? Two requests, alike but for what protects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import pytest

from cordiale.agreements import Register
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.certificate import Certificate, certify, recheck_all
from cordiale.agreements.proofs.drawing import permits, sheet_of
from cordiale.agreements.proofs.form import Over
from cordiale.agreements.proofs.network.silence import SIGHTS, TRAITS, Twins, questions, sights
from cordiale.agreements.proofs.prove import Posed, stated
from cordiale.agreements.proofs.solving import Solver
from cordiale.agreements.question import parse_question

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def register() -> Register:
    return Register.load()


IDS = [one.id for one in register().agreements]


def text(id: str) -> Agreement:
    found = register().agreement(id)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


@pytest.mark.parametrize("id", IDS)
def test_nothing_that_a_recipient_sees_of_what_leaves_tells_who_is_protected(id: str, solver: Solver) -> None:
    found = sights(text(id), register(), NOON, by=solver)
    assert [one.safeguard for one in found] == [one.name for one in SIGHTS]
    assert all(one.holds for one in found), [(one.safeguard, one.why) for one in found if not one.holds]


@pytest.mark.parametrize(
    ("sight", "output"),
    [
        ("same-labels", "person-intelligence.never:RS"),
        ("same-labels", "own-national-return.closed"),
        ("same-form", "person-intelligence.lesser"),
        ("same-rescue", "rescue.leaves"),
    ],
)
def test_a_planted_difference_is_found_and_told_by_the_trait(sight: str, output: str, solver: Solver) -> None:
    """A hole planted into the form: the sight hangs on whether somebody has a claim."""
    agreement = text("uk-al-2022")
    sheet = sheet_of(agreement, register().on(NOON))
    claimed = sheet.some(Over.ITS_SUBJECTS, sheet.one("minor", "yes"))
    sheet.form.outputs[output] = sheet.any(
        sheet.all(sheet.form.outputs[output], -claimed), sheet.all(-sheet.form.outputs[output], claimed)
    )
    posed = next(iter(stated(agreement, register(), NOON)))
    assert isinstance(posed, Posed)
    found = certify(sheet.form, questions(agreement, sheet), posed.about, by=solver)
    assert not isinstance(found[sight], Certificate)
    others = {one.name for one in SIGHTS} - {sight}
    assert all(isinstance(found[name], Certificate) for name in others), "and nothing else is blamed"


def test_a_receiver_follows_the_certificates_of_two_copies(solver: Solver) -> None:
    agreement = text("uk-al-2022")
    found = sights(agreement, register(), NOON, by=solver)
    sheet = sheet_of(agreement, register().on(NOON))
    told = [one.certificate for one in found if one.certificate is not None]
    recheck_all(told, sheet.form, questions(agreement, sheet), told[0].about)


def test_the_other_request_differs_in_what_protects_and_in_nothing_else() -> None:
    sheet = sheet_of(text("uk-al-2022"), register().on(NOON))
    twins = Twins.of(sheet.form)
    purpose, claim = sheet.one("purpose", "return"), sheet.one("protection", "granted")
    assert twins.other(purpose) == purpose and twins.other(-purpose) == -purpose
    assert twins.other(claim) != claim and twins.other(-claim) == -twins.other(claim)
    line = permits(text("uk-al-2022"))[0]
    assert twins.other(sheet.form.outputs[f"{line.id}.refused"]) != 0
    assert len([v for v in sheet.form.variables if v.name.endswith(" of the other")]) == len(TRAITS)


def test_a_refusal_for_a_claim_shows_a_partner_what_any_other_refusal_shows() -> None:
    """What leaves of a refusal is that it is one: not the step, the article or the persons."""
    asked = {
        "act": "share",
        "type": "person_intelligence",
        "purpose": "prosecute",
        "regime": "crime",
        "from": {"side": "UK", "authority": "uk-nca"},
        "to": {"side": "AL", "authority": "al-contact-point"},
        "items": [{"id": "i1", "category": "name", "subjects": ["s1"]}],
    }
    plain = {"id": "s1", "kind": "person", "nationality": ["AL"], "role": "suspect"}
    seen = [
        decide(parse_question({**asked, **other, "subjects": [{**plain, **who}]}), register(), NOON)
        for other, who in (
            ({}, {"protection": "granted"}),
            ({}, {"protection": "claim_pending", "minor": "yes"}),
            ({"purpose": "research"}, {}),
            ({"to": {"side": "RS", "authority": "(invented) nobody"}}, {}),
        )
    ]
    assert all(not one.permitted for one in seen)
    shown = [one.without_reasons() for one in seen]
    assert shown[1:] == shown[:-1], "the same to the letter"
