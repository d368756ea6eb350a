"""Does every agreement keep every safeguard, and is a planted hole found and really permitted by the gate?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from cordiale.agreements import Register
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.drawing import draw
from cordiale.agreements.proofs.form import All, Form, Is
from cordiale.agreements.proofs.prove import Proof, prove, span, spans
from cordiale.agreements.proofs.safeguards import SAFEGUARDS, SUSPENDED
from cordiale.agreements.proofs.solving import Solver
from cordiale.agreements.question import parse_question

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def register() -> Register:
    return Register.load()


IDS = [one.id for one in register().agreements]


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


def proof_of(known: Register, id: str, by: Solver, at: datetime = NOON) -> Proof:
    found = known.agreement(id)
    assert found is not None
    return prove(found, known, at, by=by)


def changed(id: str, **fields: object) -> Register:
    """The shipped register with one agreement changed."""
    other = copy.copy(register())

    def mended(one: Agreement) -> Agreement:
        return replace(one, **fields) if one.id == id else one  # type: ignore[arg-type]

    other.agreements = tuple(map(mended, register().agreements))
    other.texts_digest, other._days = "sha256:" + "0" * 64, {}
    return other


def broken(proof: Proof) -> dict[str, str]:
    return {one.safeguard: one.status for one in proof.outcomes if not one.holds}


@pytest.mark.parametrize("id", IDS)
def test_every_shipped_agreement_keeps_every_safeguard(id: str, solver: Solver) -> None:
    proof = proof_of(register(), id, solver)
    assert broken(proof) == {}
    names = [one.safeguard for one in proof.outcomes]
    assert names == [*(g.name for g in SAFEGUARDS), *(g.name for g in SUSPENDED), "served"]
    assert all(one.certificate is not None for one in proof.outcomes if one.safeguard != "served")


@pytest.mark.parametrize("id", IDS)
def test_an_agreement_that_goes_on_while_suspended_is_found_with_the_request(id: str, solver: Solver) -> None:
    """A planted hole: ordinary acts are said to go on after the end."""
    text = register().agreement(id)
    assert text is not None
    acts = frozenset(act for line in text.provision if line.effect == "permit" for act in line.acts)
    holed = changed(id, continues_after_end=acts)
    found = {one.safeguard: one for one in proof_of(holed, id, solver).outcomes}
    hole = found["suspended"]
    assert hole.status == "refuted" and hole.breach is not None
    assert "i1" in hole.breach.answer.leaves and hole.breach.answer.permitted
    assert parse_question(hole.breach.request).act in acts
    assert found["rescue-suspended"].holds, "a hole in one promise is none in another"


POLITICAL = [
    one.id for one in register().agreements if one.legal_nature not in ("treaty", "statute", "regulation")
]


@pytest.mark.parametrize("id", POLITICAL)
def test_a_political_text_that_calls_itself_a_basis_is_found_with_the_request(
    id: str, solver: Solver
) -> None:
    """A planted hole: the row says `instrument`, and no text that binds stands behind it."""
    text = register().agreement(id)
    assert text is not None
    regimes = frozenset({"crime", "immigration", "none"})
    rows = tuple(
        (
            way,
            tuple(
                replace(r, mode="instrument", records=(), regimes=regimes, data="yes", relies_on=())
                for r in each
            ),
        )
        for way, each in text.basis
    )
    found = {one.safeguard: one for one in proof_of(changed(id, basis=rows), id, solver).outcomes}
    if found["basis"].status != "proved":
        breach = found["basis"].breach
        assert found["basis"].status == "refuted" and breach is not None
        assert "i1" in breach.answer.leaves
    else:  # a text that grants nothing about a person leaks nothing by its row
        granted = {c for line in text.provision if line.effect == "permit" for c in line.granted}
        assert not granted & {"name", "birth", "phone", "face_image"}, granted


LAW = "intl-refugee-convention-echr"


def without(*rules: str) -> Register:
    """The shipped register without some protective rules of the law."""
    other = copy.copy(register())

    def cut(law: Agreement) -> Agreement:
        return replace(law, protects=tuple(rule for rule in law.protects if rule.id not in rules))

    other.laws = tuple(cut(law) for law in register().laws)
    other.texts_digest, other._days = "sha256:" + "1" * 64, {}
    return other


@pytest.mark.law("REF-33")
def test_a_protected_person_forgotten_by_the_law_is_found_with_the_request(solver: Solver) -> None:
    """Refugee Convention Art 33: several rules stand behind one another; without all, somebody is told of."""
    one_gone = proof_of(without("ref-33-origin"), "uk-rs-oic", solver)
    assert broken(one_gone) == {"origin-claim-unknown": "refuted"}, "other rules hold the rest"
    rules = [
        rule.id for law in register().laws for rule in law.protects if rule.id.startswith(("ref-33", "339ia"))
    ]
    none_left = proof_of(without(*rules), "uk-rs-oic", solver)
    found = {one.safeguard: one for one in none_left.outcomes}
    assert {"origin", "origin-unknown"} <= broken(none_left).keys()
    breach = found["origin"].breach
    assert found["origin"].status == "refuted" and breach is not None
    who = breach.request["subjects"][0]
    assert who["protection"] in ("claim_pending", "appeal_pending", "granted", "serious_risk")
    assert who["nationality"] == [breach.request["to"]["side"]]
    assert "i1" in breach.answer.leaves


def test_a_proof_is_told_in_the_form_that_partners_read(solver: Solver) -> None:
    told = proof_of(register(), "uk-xk-2024", solver).as_json()
    assert told["id"] == "uk-xk-2024"
    for one in told["safeguards"]:
        assert {"name", "status", "certificate", "rechecked"} <= one.keys()
        assert one["status"] == "proved" and one["rechecked"] is True


def test_nothing_is_proved_in_no_time(solver: Solver) -> None:
    """What the solver has not shown by its cap is unknown, and unknown activates nothing."""
    text = register().agreement("uk-frontex-wa-2024")
    assert text is not None
    proof = prove(text, register(), NOON, by=solver, cap_s=1e-9)
    assert not proof.holds and "unknown" in broken(proof).values()


def test_a_span_of_days_ends_before_anything_changes() -> None:
    first, last = span(register(), NOON)
    assert first <= NOON.date() and last is not None and NOON.date() <= last
    ahead = spans(register(), NOON)
    assert ahead[0] == NOON.date() and last < ahead[1] and list(ahead) == sorted(set(ahead))


@pytest.mark.law("REF-33")
def test_a_message_without_its_limit_is_found(solver: Solver) -> None:
    """Refugee Convention Art 33, chain: without the one list for all, a later holder might pass it on."""
    bare = copy.copy(register())
    bare.laws = tuple(
        replace(law, provision=tuple(p for p in law.provision if p.id != "ref-33-label"))
        for law in register().laws
    )
    bare.texts_digest, bare._days = "sha256:" + "3" * 64, {}
    found = {one.safeguard: one for one in proof_of(bare, "calais-group-2024", solver).outcomes}
    assert found["labels"].status == "refuted" and found["labels"].breach is not None
    travels = [name for name, _ in found["labels"].breach.answer.travels]
    assert not {"never_to", "no_onward", "ask_originator"} & set(travels), "what leaves may go anywhere"


PROTECTED = {"protection", "human_rights_claim", "minor", "accompanied", "trafficking_indicator", "stateless"}


@pytest.mark.parametrize("id", IDS)
def test_what_travels_does_not_depend_on_who_is_protected(id: str) -> None:
    """Nothing that goes with a message may tell a protected person from another: no label asks of it."""
    text = register().agreement(id)
    assert text is not None
    form = draw(text, register().on(NOON))
    for name, condition in form.outputs.items():
        if ".closed" in name or ".never:" in name:
            assert not PROTECTED & asked_of(form, condition), name


def asked_of(form: Form, condition: int) -> set[str]:
    """The variables on which a condition turns."""
    node = form.nodes[abs(condition) - 1]
    if isinstance(node, Is):
        return {form.variables[node.variable].name}
    parts = node.parts if isinstance(node, All) else (node.of,)
    return set().union(*(asked_of(form, part) for part in parts))
