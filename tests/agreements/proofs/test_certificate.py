"""A certificate holds for one agreement, version, span of days and safeguard, and for nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.agreements.proofs import checker
from cordiale.agreements.proofs.certificate import (
    About,
    Certificate,
    Counterexample,
    alone,
    certify,
    recheck_all,
    recheck_certificate,
)
from cordiale.agreements.proofs.drawing import sheet_of
from cordiale.agreements.proofs.form import Form, Scope
from cordiale.agreements.proofs.safeguards import SAFEGUARDS, Leaving
from cordiale.agreements.proofs.solving import Solver, Unknown
from cordiale.errors import CertificateError

ABOUT = About("uk-xx-2026", 3, "sha256:" + "a" * 64, date(2026, 3, 1), date(2026, 8, 31))
"""An invented agreement."""
OTHER_DIGEST = "sha256:" + "b" * 64


def drawn(*, hole: bool = False) -> tuple[Form, dict[str, tuple[int, ...]]]:
    """Names leave to one Side only, and not those of the protected; with a hole, a status is forgotten."""
    form = Form()
    form.variable("to", Scope.HEAD, ("FR", "RS", "AL", "XX"))
    form.variable("protection", Scope.SUBJECT, ("none", "pending", "granted"))
    form.variable("category", Scope.ITEM, ("name", "count", "photo"))
    protected = form.one_of("protection", ("granted",) if hole else ("granted", "pending"))
    friend, personal = form.one_of("to", ("FR", "XX")), form.one_of("category", ("name", "photo"))
    home = form.one_of("to", ("XX",))
    stays = form.all_of(form.any_of(friend, -personal), -form.all_of(protected, home))
    claim = form.one_of("protection", ("granted", "pending"))
    questions = {
        "origin": (stays, personal, claim, home),
        "basis": (stays, personal, -friend),
    }
    return form, questions


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


@pytest.fixture(scope="module")
def proved(solver: Solver) -> dict[str, Certificate]:
    form, questions = drawn()
    found = certify(form, questions, ABOUT, by=solver)
    assert all(isinstance(one, Certificate) for one in found.values())
    return {name: one for name, one in found.items() if isinstance(one, Certificate)}


def refused(certificate: Certificate, *, about: About = ABOUT, hole: bool = False) -> str:
    """The field by which a receiver refuses it."""
    form, questions = drawn(hole=hole)
    with pytest.raises(CertificateError) as caught:
        recheck_certificate(certificate, form, questions, about)
    return caught.value.field


# ---------------------------------------------------------------------- what is proved


def test_a_receiver_that_draws_the_same_form_accepts_it(proved: dict[str, Certificate]) -> None:
    form, questions = drawn()
    for certificate in proved.values():
        recheck_certificate(Certificate.from_bytes(certificate.to_bytes()), form, questions, ABOUT)
    recheck_all(proved.values(), form, questions, ABOUT)


def test_a_hole_is_answered_with_the_word_that_breaks_the_safeguard(solver: Solver) -> None:
    form, questions = drawn(hole=True)
    found = certify(form, questions, ABOUT, by=solver)
    broken = found["origin"]
    assert isinstance(broken, Counterexample)
    assert broken.values["protection"] == "pending" and broken.values["to"] == "XX"
    assert broken.values["category"] in ("name", "photo")
    assert isinstance(found["basis"], Certificate)


def test_a_proof_is_the_same_every_time(proved: dict[str, Certificate]) -> None:
    form, questions = drawn()
    assert certify(form, questions, ABOUT) == proved


class Liar:
    """Says that nothing breaks anything, and proves it by saying so."""

    def ask(self, clauses: Any, asked: Any, cap_s: float) -> Iterator[Mapping[str, object]]:
        yield from ({"holds": False, "steps": [[-literal], []]} for literal in asked)


def test_a_solver_that_lies_certifies_nothing_that_is_broken() -> None:
    form, questions = drawn(hole=True)
    assert isinstance(certify(form, questions, ABOUT, by=Liar())["origin"], Unknown)


def test_a_solver_that_dies_certifies_nothing() -> None:
    form, questions = drawn()
    with Solver((sys.executable, "-c", "raise SystemExit(1)")) as dead:
        found = certify(form, questions, ABOUT, by=dead)
    assert all(isinstance(one, Unknown) for one in found.values())


def test_a_proof_that_the_checker_does_not_follow_is_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    form, questions = drawn()
    monkeypatch.setattr(checker, "recheck", lambda clauses, proof: False)
    assert all(isinstance(one, Unknown) for one in certify(form, questions, ABOUT).values())


# ---------------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("agreement", {"agreement": "uk-yy-2026"}),
        ("version", {"version": 4}),
        ("texts", {"texts": OTHER_DIGEST}),
        ("from", {"from_": date(2026, 3, 2)}),
        ("until", {"until": date(2026, 9, 1)}),
        ("until", {"until": None}),
    ],
)
def test_one_that_belongs_elsewhere_is_refused_by_its_field(
    field: str, change: dict[str, Any], proved: dict[str, Certificate]
) -> None:
    elsewhere = replace(ABOUT, **change)
    assert refused(proved["origin"], about=elsewhere) == field
    assert refused(replace(proved["origin"], about=elsewhere)) == field


def test_one_of_another_safeguard_is_refused(proved: dict[str, Certificate]) -> None:
    assert refused(replace(proved["origin"], safeguard="basis")) == "statement"
    assert refused(replace(proved["origin"], safeguard="unheard of")) == "safeguard"
    assert refused(replace(proved["origin"], proof=proved["basis"].proof)) == "proof"


def test_one_of_the_files_as_they_were_is_refused_where_they_say_something_else(
    proved: dict[str, Certificate],
) -> None:
    assert refused(proved["origin"], hole=True) == "statement"
    form, questions = drawn(hole=True)
    # Even one that lies about what it proves: the receiver's own clauses do not contradict each other.
    lying = certify(form, {"basis": questions["basis"], "origin": (*questions["origin"], -2, 2)}, ABOUT)
    assert isinstance(lying["origin"], Certificate)
    assert refused(lying["origin"], hole=True) == "statement"


def test_what_it_says_of_itself_helps_no_proof_that_does_not_hold() -> None:
    from cordiale.agreements.proofs.certificate import statement_of
    from cordiale.agreements.proofs.clauses import clauses_of

    form, questions = drawn(hole=True)
    made = clauses_of(form, questions)
    forged = Certificate(
        ABOUT, "origin", statement_of(made, "origin"), made.digest, [[0, len(made.clauses) + 1]]
    )
    assert refused(forged, hole=True) == "proof"


def test_one_whose_clauses_or_statement_are_altered_is_refused(proved: dict[str, Certificate]) -> None:
    assert refused(replace(proved["origin"], clauses=OTHER_DIGEST)) == "clauses"
    assert refused(replace(proved["origin"], statement=OTHER_DIGEST)) == "statement"


def test_a_proof_with_one_step_or_hint_removed_is_refused(proved: dict[str, Certificate]) -> None:
    for certificate in proved.values():
        proof = certificate.proof
        for place in range(len(proof)):
            assert refused(replace(certificate, proof=proof[:place] + proof[place + 1 :])) == "proof"
        for place, step in enumerate(proof):
            for one in range(len(step)):
                fewer = [*proof[:place], step[:one] + step[one + 1 :], *proof[place + 1 :]]
                assert refused(replace(certificate, proof=fewer)) == "proof", (place, one)


def test_a_proof_that_would_keep_a_node_busy_is_refused_before_it_is_followed(
    proved: dict[str, Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    form, questions = drawn()
    own = proved["origin"]
    monkeypatch.setattr("cordiale.agreements.proofs.certificate.WORK_MAX", 10_000)
    recheck_certificate(own, form, questions, ABOUT)
    busy = replace(own, proof=[own.proof[0] + own.proof[0][-1:] * 20_000, *own.proof[1:]])
    with monkeypatch.context() as followed:
        followed.setattr(checker, "recheck", lambda clauses, proof: pytest.fail("it was followed"))
        assert refused(busy) == "proof"


def test_every_safeguard_needs_its_certificate_and_only_one(proved: dict[str, Certificate]) -> None:
    form, questions = drawn()
    with pytest.raises(CertificateError, match="safeguard `basis` has no certificate"):
        recheck_all([proved["origin"]], form, questions, ABOUT)
    with pytest.raises(CertificateError, match="`origin` is certified twice"):
        recheck_all([*proved.values(), proved["origin"]], form, questions, ABOUT)


# ---------------------------------------------------------------------- how it is written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2), ("format", True), ("format", "1"),
        ("agreement", ""), ("agreement", 7), ("version", -1),
        ("version", "3"), ("version", True), ("version", 3.0), ("texts", "sha256:abc"), ("texts", "a" * 64),
        ("from", "2026-3-1"), ("from", "20260301"), ("from", None), ("from", "2026-02-30"), ("until", ""),
        ("until", 7), ("safeguard", None), ("statement", "sha256:" + "A" * 64), ("clauses", None),
        ("proof", []), ("proof", None), ("proof", "0"),
        ("proof", [[]]), ("proof", [[1, 2]]), ("proof", [["0"]]),
        ("proof", [[0, 1, 0]]), ("proof", [[0, True]]), ("proof", [[0, 1.5]]), ("proof", [0]),
    ],
)  # fmt: skip
def test_a_field_that_is_not_what_it_must_be_is_named(
    field: str, value: object, proved: dict[str, Certificate]
) -> None:
    told = proved["origin"].as_json()
    with pytest.raises(CertificateError) as caught:
        Certificate.from_json(told | {field: value})
    assert caught.value.field == field


def test_every_field_is_needed_and_no_other_is_known(proved: dict[str, Certificate]) -> None:
    told = proved["origin"].as_json()
    for field in told:
        with pytest.raises(CertificateError) as caught:
            Certificate.from_json({name: value for name, value in told.items() if name != field})
        assert caught.value.field == field
    with pytest.raises(CertificateError) as caught:
        Certificate.from_json(told | {"note": "trust me"})
    assert caught.value.field == "note"


def test_bytes_that_are_not_its_one_spelling_are_refused(proved: dict[str, Certificate]) -> None:
    raw = proved["origin"].to_bytes()
    for odd in (
        b"",
        b"[]",
        b"{",
        raw + b" ",
        raw.replace(b'"version":3', b'"version": 3'),
        b'{"a":1,"a":1}',
        b"\xff",
    ):
        with pytest.raises(CertificateError) as caught:
            Certificate.from_bytes(odd)
        assert caught.value.field == "certificate"


def test_an_open_span_is_kept(solver: Solver) -> None:
    form, questions = drawn()
    about = replace(ABOUT, until=None)
    found = certify(form, questions, about, by=solver)["origin"]
    assert isinstance(found, Certificate)
    assert Certificate.from_bytes(found.to_bytes()).about == about


def test_a_court_can_follow_it_with_the_checker_alone(tmp_path: Path, proved: dict[str, Certificate]) -> None:
    path, (form, questions) = tmp_path / "origin.json", drawn()
    told = alone(proved["origin"], form, questions)
    path.write_text(json.dumps(told), encoding="utf-8")
    words = [sys.executable, "-I", "-S", str(Path(checker.__file__)), str(path)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    told["clauses"] = told["clauses"][:-1]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1


# ---------------------------------------------------------------------- the shipped agreements


def test_the_certificates_of_a_shipped_agreement_hold_where_it_is_drawn_anew(solver: Solver) -> None:
    register = Register.load()
    agreement, day = register.agreements[0], register.on(datetime(2026, 11, 22, 12, tzinfo=UTC))

    def asked() -> tuple[Form, dict[str, tuple[int, ...]]]:
        sheet = sheet_of(agreement, day)
        return sheet.form, {guard.name: guard.goals(Leaving(sheet, agreement)) for guard in SAFEGUARDS}

    found = certify(*asked(), ABOUT, by=solver)
    certificates = [one for one in found.values() if isinstance(one, Certificate)]
    assert len(certificates) > len(SAFEGUARDS) // 2
    form, questions = asked()
    for certificate in certificates[:3]:
        again = Certificate.from_bytes(certificate.to_bytes())
        recheck_certificate(again, form, questions, ABOUT)
        with pytest.raises(CertificateError, match="proof"):
            recheck_certificate(replace(again, proof=again.proof[:-1]), form, questions, ABOUT)
