"""A certificate holds for one agreement, version, span of days and safeguard, and for nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cordiale.agreements import Register
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs import checker
from cordiale.agreements.proofs.certificate import (
    BYTES_MAX,
    WORK_MAX,
    About,
    Certificate,
    Counterexample,
    alone,
    certify,
    recheck_all,
    recheck_certificate,
    statement_of,
)
from cordiale.agreements.proofs.clauses import clauses_of
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
        ("agreement", []), ("version", 2**53), ("version", -(10**30)), ("version", float("nan")),
        ("texts", "sha256:" + "a" * 64 + "\n"), ("from", "2026-11-23T00:00"), ("from", "9999999-01-01"),
        ("until", False), ("statement", None), ("clauses", "sha256:" + "g" * 64),
        ("proof", [[0, 2**53]]), ("proof", [[-(2**53), 0]]), ("proof", [[10**400, 0]]), ("proof", [[[], 0]]),
        ("proof", {}), ("proof", 7), ("proof", {"0": [0]}), ("proof", [{"0": 0}]), ("proof", ["0"]),
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


# ---------------------------------------------------------------------- certificates that somebody made up


def test_the_limits_and_the_format_are_those_that_the_reference_names(proved: dict[str, Certificate]) -> None:
    assert proved["origin"].as_json()["format"] == 1
    assert BYTES_MAX == 16_777_216
    assert WORK_MAX == 20_000_000
    recheck_certificate(Certificate.from_bytes(proved["origin"].to_bytes()), *drawn(), ABOUT)


def test_a_version_may_be_nought_and_a_number_as_large_as_json_carries(
    proved: dict[str, Certificate],
) -> None:
    told = proved["origin"].as_json()
    for version in (0, 2**53 - 1):
        assert Certificate.from_json(told | {"version": version}).about.version == version
    for number in (2**53 - 1, 1 - 2**53):
        proof = [[number, 0, 1]]
        assert Certificate.from_json(told | {"proof": proof}).proof == proof
        assert refused(replace(proved["origin"], proof=[[number, 0, 1], [0, number]])) == "proof"


def test_the_step_that_is_none_is_named_and_a_day_is_cut_short(proved: dict[str, Certificate]) -> None:
    told = proved["origin"].as_json()
    for proof, words in (
        ([[0, 1], [1]], "step 2 is not a list of literals"),
        ([[1], [0, 1]], "step 1 is not a list of literals"),
        ({"0": [0]}, "a list of steps is wanted"),
        ("0", "a list of steps is wanted"),
    ):
        with pytest.raises(CertificateError, match=words):
            Certificate.from_json(told | {"proof": proof})
    with pytest.raises(CertificateError, match=f"`{'9' * 40}` is no day"):
        Certificate.from_json(told | {"from": "9" * 50})


def test_bytes_that_are_too_many_too_deep_or_empty_are_refused_before_anything_is_made_of_them(
    proved: dict[str, Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = proved["origin"].to_bytes()
    deep = b'{"agreement":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for odd in (deep, b"[" * 200_000, b"0", b"null", b'"', b'{"a":1e999}', b'{"a":' + b"9" * 5_000 + b"}"):
        with pytest.raises(CertificateError) as caught:
            Certificate.from_bytes(odd)
        assert caught.value.field == "certificate"
    with pytest.raises(CertificateError) as caught:
        Certificate.from_bytes(raw.replace(b'"version":3', b'"version": 3'))
    assert caught.value.way_out == "Send the signed bytes as they are."
    monkeypatch.setattr("cordiale.agreements.proofs.certificate.BYTES_MAX", len(raw))
    assert Certificate.from_bytes(raw) == proved["origin"]
    monkeypatch.setattr("cordiale.agreements.proofs.certificate.BYTES_MAX", len(raw) - 1)
    with pytest.raises(CertificateError) as caught:
        Certificate.from_bytes(raw)
    assert caught.value.field == "certificate"


def test_of_altered_bytes_none_says_anything_else_than_what_is_asked_here(
    proved: dict[str, Certificate],
) -> None:
    own, (form, questions), chance = proved["origin"], drawn(), Random(20261123)
    raw, made = own.to_bytes(), clauses_of(*drawn())
    for _ in range(1_500):
        altered, place = bytearray(raw), chance.randrange(len(raw))
        how = chance.randrange(4)
        if how == 0:
            altered[place] = chance.choice(b'0123456789abc-,:[]{}" \x00\xff')
        elif how == 1:
            del altered[place : place + chance.randrange(1, 9)]
        elif how == 2:
            altered[place:place] = altered[place : place + chance.randrange(1, 9)]
        else:
            altered = altered[:place]
        try:
            told = Certificate.from_bytes(bytes(altered))
            recheck_certificate(told, form, questions, ABOUT)
        except CertificateError:
            continue
        # What passes proves the same of the same, perhaps by other steps, and these are followed once more.
        assert replace(told, proof=own.proof) == own
        assert checker.recheck([*made.clauses, (made.picks["origin"],)], told.proof)


def forged(proof: list[list[int]]) -> Certificate:
    """One that says the right things of a form with a hole, with a proof of somebody's making."""
    made = clauses_of(*drawn(hole=True))
    return Certificate(ABOUT, "origin", statement_of(made, "origin"), made.digest, proof)


def test_no_proof_made_of_a_true_ones_steps_proves_what_is_not_so(proved: dict[str, Certificate]) -> None:
    chance = Random(20261123)
    count = len(clauses_of(*drawn(hole=True)).clauses) + 1
    for _ in range(1_500):
        proof = [list(step) for one in proved.values() for step in one.proof]
        for _ in range(chance.randrange(1, 6)):
            place = chance.randrange(len(proof))
            how = chance.randrange(6)
            if how == 0 and len(proof) > 1:
                del proof[place]  # left out
            elif how == 1:
                proof.insert(chance.randrange(len(proof) + 1), list(proof[place]))  # told twice
            elif how == 2:
                chance.shuffle(proof)
            elif how == 3:
                chance.shuffle(proof[place])
            elif how == 4:
                step = proof[place]
                step.insert(chance.randrange(len(step) + 1), chance.randrange(-count - 3, count + 4))
            else:
                proof[place] = [0, *range(1, count + place + 1)]  # follows from everything, and from itself
        proof.append([0, *chance.sample(range(1, count + len(proof)), chance.randrange(1, count))])
        assert refused(forged(proof), hole=True) == "proof", proof


@pytest.mark.parametrize(
    "proof",
    [[], [[]], [[0]], [[0, 0]], [[1, 2]], [[0, 10**30]], [[10**30, 0, 1], [0, 1]], [[0, -1]],
     [[0, *[1] * 1_000]], [[1, 0, 1]], [[True, 0]]],
)  # fmt: skip
def test_a_proof_that_is_none_is_refused_though_nobody_read_it_first(proof: Any) -> None:
    assert refused(forged(proof), hole=True) == "proof"


def test_among_all_certificates_one_that_does_not_hold_is_refused(proved: dict[str, Certificate]) -> None:
    form, questions = drawn()
    for field, change in (
        ("proof", {"proof": [[0, 1]]}),
        ("statement", {"statement": OTHER_DIGEST}),
        ("clauses", {"clauses": OTHER_DIGEST}),
        ("safeguard", {"safeguard": "unheard of"}),
        ("version", {"about": replace(ABOUT, version=2)}),
    ):
        for name in proved:
            altered = proved | {name: replace(proved[name], **change)}
            with pytest.raises(CertificateError) as caught:
                recheck_all(altered.values(), form, questions, ABOUT)
            assert caught.value.field == field
    for fewer in ([], [proved["origin"]], [*proved.values(), proved["basis"]]):
        with pytest.raises(CertificateError) as caught:
            recheck_all(fewer, form, questions, ABOUT)
        assert caught.value.field == "safeguard"


def test_the_work_of_a_proof_is_counted_to_the_literal(
    proved: dict[str, Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    form, questions = drawn()
    made = clauses_of(form, questions)
    clauses = [list(one) for one in made.clauses] + [[made.picks["origin"]]]
    own = proved["origin"]
    step, last = own.proof
    assert len(clauses[0]) > 1 and step.index(0) == 1
    # The proof as it is, with the first clause said again; then clauses that it no longer needs: the last of
    # what was given, the first, the two steps before, and two that there are not.
    count = len(clauses)
    again = [*clauses[0], 0, 1]
    proof = [step, again, [*last, count, 1, count + 1, count + 2, count + 3, count + 99]]
    needed = [number for number in (*step[2:], *last[1:]) if number <= count]
    assert len(needed) == len(step) + len(last) - 4, "one hint of the last step is the step before"
    work = 1 + sum(len(clauses[number - 1]) for number in needed) + 1  # the step's literal, once used
    work += 2 * len(clauses[0])  # said again: its literals, and those of the clause
    work += 1 + len(clauses[0]) + 1 + len(clauses[0])
    longer = replace(own, proof=proof)
    monkeypatch.setattr("cordiale.agreements.proofs.certificate.WORK_MAX", work)
    recheck_certificate(longer, form, questions, ABOUT)
    monkeypatch.setattr("cordiale.agreements.proofs.certificate.WORK_MAX", work - 1)
    with pytest.raises(CertificateError, match="more work than any may be"):
        recheck_certificate(longer, form, questions, ABOUT)


def test_what_a_court_takes_along_names_what_was_proved(proved: dict[str, Certificate]) -> None:
    told = alone(proved["origin"], *drawn())
    assert told["certificate"] == proved["origin"].as_json()
    assert told["proof"] == proved["origin"].proof


def test_those_of_one_agreement_day_or_version_prove_nothing_of_another(solver: Solver) -> None:
    register, at = Register.load(), datetime(2026, 11, 22, 12, tzinfo=UTC)
    one, other = (register.agreement(name) for name in ("uk-al-2022", "uk-rs-oic"))
    assert one is not None and other is not None

    def asked(agreement: Agreement, day: datetime) -> tuple[Form, dict[str, tuple[int, ...]]]:
        sheet = sheet_of(agreement, register.on(day))
        return sheet.form, {guard.name: guard.goals(Leaving(sheet, agreement)) for guard in SAFEGUARDS[:3]}

    own = certify(*asked(one, at), ABOUT, by=solver)
    for agreement, day in ((other, at), (one, datetime(2023, 1, 1, tzinfo=UTC))):
        form, questions = asked(agreement, day)
        for certificate in own.values():
            assert isinstance(certificate, Certificate)
            with pytest.raises(CertificateError) as caught:
                recheck_certificate(certificate, form, questions, ABOUT)
            assert caught.value.field == "statement"
