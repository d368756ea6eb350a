"""Is what a file says in vain or twice found, each with a certificate or a request that the gate answers?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs import findings as room
from cordiale.agreements.proofs.certificate import recheck_certificate
from cordiale.agreements.proofs.findings import Examination, Finding, Findings, findings
from cordiale.agreements.proofs.solving import CAP_S, Solver
from cordiale.agreements.question import parse_question
from cordiale.errors import CertificateError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTER = Register.load()
ID = "uk-xk-2024"
HIT = frozenset({"hit"})


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


def text(id: str = ID) -> Agreement:
    found = REGISTER.agreement(id)
    assert found is not None
    return found


def permit() -> Provision:
    return next(line for line in text().provision if line.id == "practice")


def with_lines(*lines: Provision) -> Agreement:
    return replace(text(), provision=(*text().provision, *lines))


def register_with(agreement: Agreement) -> Register:
    return REGISTER.counting((agreement,), digests=("(invented) planted",))


def examined(agreement: Agreement, solver: Solver) -> Findings:
    return findings(agreement, register_with(agreement), NOON, by=solver)


def one(found: Findings, kind: str, line: str) -> Finding:
    return next(each for each in found.of(kind) if each.line == line)


def test_a_shipped_file_says_what_it_says_for_emphasis_only(solver: Solver) -> None:
    """Belt and braces: two refusals of what nothing in the file permits. No line is dead."""
    found = examined(text(), solver)
    assert {each.line for each in found.of(room.IDLE)} == {"no-person", "no-executive"}
    assert len(found.found) == 2 and found.unsettled == ()
    assert all(each.why.startswith(room.MEETS_NOTHING) for each in found.found)


def test_a_line_that_nothing_can_reach_is_dead_and_a_certificate_says_so(solver: Solver) -> None:
    never = replace(permit(), id="never", not_purposes=permit().purposes)
    agreement = with_lines(never)
    found = one(examined(agreement, solver), room.DEAD, "never")
    assert found.certificate is not None and found.why == room.NOTHING_LEFT and found.request is None
    own = Examination.of(agreement, register_with(agreement), NOON, asking=(solver, CAP_S))
    recheck_certificate(found.certificate, own.sheet.form, own.stated, own.about)


def test_a_certificate_of_a_finding_is_refused_for_another_text(solver: Solver) -> None:
    never = replace(permit(), id="never", not_purposes=permit().purposes)
    found = one(examined(with_lines(never), solver), room.DEAD, "never")
    assert found.certificate is not None
    own = Examination.of(text(), REGISTER, NOON, asking=(solver, CAP_S))
    with pytest.raises(CertificateError):
        recheck_certificate(found.certificate, own.sheet.form, own.stated, own.about)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"until": date(2026, 1, 1)}, room.OUT_OF_DATE),
        ({"confidence": "unconfirmed", "read": "paragraph 3"}, f"{room.UNCONFIRMED}: paragraph 3"),
        ({"personal": "off", "granted": HIT, "essential": HIT}, room.SWITCHED_OFF),
    ],
)
def test_a_dead_line_says_what_keeps_it_shut(change: dict[str, Any], why: str, solver: Solver) -> None:
    shut = replace(permit(), id="shut", **change)
    assert one(examined(with_lines(shut), solver), room.DEAD, "shut").why == why


def test_a_line_said_twice_is_told_as_overlap_and_as_without_effect(solver: Solver) -> None:
    again = replace(permit(), id="again", article="(invented) a second paragraph")
    agreement = with_lines(again)
    found = examined(agreement, solver)
    assert {each.line for each in found.of(room.IDLE)} >= {"again", "practice"}
    both = one(found, room.OVERLAP, "practice")
    assert both.others == ("again",) and both.wins == "again" and both.why == room.FIRST_NAMED
    assert both.answer is not None and both.answer.permitted and both.request is not None
    for line in ("practice", "again"):
        asked = parse_question(both.request | {"asked_basis": f"{ID}/{line}"})
        assert decide(asked, register_with(agreement), NOON).permitted


def test_a_line_for_fewer_purposes_than_another_has_no_effect_but_the_other_has(solver: Solver) -> None:
    wider = replace(permit(), id="wider", purposes=permit().purposes | {"research"})
    found = examined(with_lines(wider), solver)
    assert "practice" in {each.line for each in found.of(room.IDLE)}
    assert "wider" not in {each.line for each in found.of(room.IDLE)}


def test_a_refusal_against_a_permit_is_shown_with_a_request_that_the_gate_answers_so(solver: Solver) -> None:
    """The refusal wins, and without it the gate would let the request pass."""
    purpose = min(permit().purposes)
    stop = Provision(
        id="stop",
        effect="refuse",
        article="(invented) a refusal",
        sentence="(invented) Not for this purpose.",
        types=permit().types,
        purposes=frozenset({purpose}),
    )
    agreement = with_lines(stop)
    found = one(examined(agreement, solver), room.CONFLICT, "practice")
    assert found.others == ("stop",) and found.wins == "stop" and "(invented) a refusal" in found.why
    assert found.answer is not None and not found.answer.permitted and found.request is not None
    assert found.request["purpose"] == purpose
    asked = parse_question(found.request)
    assert not decide(asked, register_with(agreement), NOON).permitted
    assert decide(asked, REGISTER, NOON).permitted


def test_a_line_that_repeats_a_law_is_told_apart_from_one_that_meets_nothing(solver: Solver) -> None:
    law = text("intl-refugee-convention-echr")
    again = replace(next(rule for rule in law.protects if rule.id == "ref-33-group"), id="again")
    agreement = replace(text(), protects=(*text().protects, again))
    found = one(examined(agreement, solver), room.IDLE, "again")
    assert found.why.startswith(room.BY_LAW) and found.certificate is not None


def test_nothing_is_permitted_while_the_agreement_is_not_in_force(solver: Solver) -> None:
    later = replace(text(), validity=tuple(replace(span, from_=date(2030, 1, 1)) for span in text().validity))
    found = examined(later, solver)
    assert {each.line for each in found.of(room.DEAD)} == {
        line.id for line in text().provision if line.effect == "permit"
    }
    assert {each.why.partition(";")[0] for each in found.found} == {room.SLEEPS}


def test_a_solver_that_finds_nothing_leaves_the_question_open(solver: Solver) -> None:
    with Solver(("/bin/false",)) as dead:
        found = findings(text(), REGISTER, NOON, by=dead)
    assert found.found == () and f"{room.DEAD} practice" in found.unsettled


def test_a_finding_in_json_names_its_kind_its_line_and_its_proof(solver: Solver) -> None:
    told = examined(text(), solver).as_json()
    assert told["id"] == ID and told["day"] == "2026-11-22" and told["unsettled"] == []
    first = told["findings"][0]
    assert first["kind"] == room.IDLE and first["rechecked"] is True
    assert first["certificate"]["agreement"] == ID


def test_a_file_with_more_lines_than_are_examined_is_refused() -> None:
    stop = next(line for line in text().provision if line.effect == "refuse")
    many = with_lines(*(replace(stop, id=f"stop-{n}") for n in range(room.ROWS_MAX)))
    with pytest.raises(ValueError, match="lines that take away"):
        room.takings(many)
