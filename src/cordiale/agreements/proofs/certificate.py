"""Certificates: of one agreement, on the days of one form, that one safeguard holds for every request.

A receiver believes none of it: it draws its own form, makes the clauses anew, and lets the small checker
follow the proof. A certificate of another agreement, version, span of days or safeguard is refused by field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cordiale.agreements.proofs import checker
from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.form import Form
from cordiale.agreements.proofs.solving import CAP_S, Asks, Found, Satisfiable, Unknown, solve_all
from cordiale.agreements.proofs.trimming import Proof
from cordiale.errors import CertificateError, SealError
from cordiale.seals.canonical import DIGEST, INTEGER_MAX, canonical, read_object

FORMAT: Final = 1
BYTES_MAX: Final = 16 << 20
"""Of one certificate: those of the shipped agreements take a few thousand."""
WORK_MAX: Final = 20_000_000
"""Literals that checking one proof may look at, a few seconds' worth; the largest shipped look at 3,000."""
Questions = Mapping[str, Iterable[int]]
"""Safeguard -> the goals that no request may meet together."""


@dataclass(frozen=True, slots=True)
class About:
    """What a certificate speaks of.

    `texts`: digest of every file and record that the form was drawn from. `from_` to `until`: the days on
    which it is the same, both included; `until` None is open.
    """

    agreement: str
    version: int
    texts: str
    from_: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The checked proof of one safeguard.

    `statement` is the digest of what is proved, `clauses` of how it was put to the solver.
    """

    about: About
    safeguard: str
    statement: str
    clauses: str
    proof: Proof

    def as_json(self) -> dict[str, Any]:
        """Every field in plain types."""
        about = self.about
        return {
            "format": FORMAT,
            "agreement": about.agreement,
            "version": about.version,
            "texts": about.texts,
            "from": about.from_.isoformat(),
            "until": about.until.isoformat() if about.until else None,
            "safeguard": self.safeguard,
            "statement": self.statement,
            "clauses": self.clauses,
            "proof": self.proof,
        }

    def to_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical(self.as_json())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Certificate:
        """Read one from canonical JSON. Raises CertificateError naming the field, as `from_json` does."""
        try:
            told = read_object(raw, bytes_max=BYTES_MAX)
        except SealError as fault:
            raise CertificateError(fault.message, field="certificate", way_out=fault.way_out) from None
        return cls.from_json(told)

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> Certificate:
        """Read one. Raises CertificateError naming the field; whether its proof holds, `recheck_all` says."""
        return _Reader(told).certificate()


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A word that meets the goals: a value for every variable on which any safeguard asked hangs.

    `others`: the gathered conditions that hold because of others than the focus. `model`: the literals.
    """

    safeguard: str
    values: Mapping[str, str]
    others: tuple[int, ...]
    model: frozenset[int]


Verdict = Certificate | Counterexample | Unknown


def certify(
    form: Form, questions: Questions, about: About, *, cap_s: float = CAP_S, by: Asks | None = None
) -> dict[str, Verdict]:
    """For each safeguard its certificate, the word that breaks it, or why nobody knows.

    All are put as one set of clauses. What is found is checked here, by the checker that a receiver runs.
    `cap_s`: seconds for each safeguard. `by`: a solver that the caller keeps.
    """
    made = clauses_of(form, questions)
    found = solve_all(made.clauses, made.picks, cap_s, by=by)
    return {name: _verdict(made, name, one, about) for name, one in found.items()}


def _verdict(made: Clauses, name: str, found: Found, about: About) -> Verdict:
    if isinstance(found, Unknown):
        return found
    if isinstance(found, Satisfiable):
        model = frozenset(found.model)
        return Counterexample(name, made.values(model), made.others(model), model)
    if not checker.recheck([*made.clauses, (made.picks[name],)], found.proof):
        return Unknown("the proof that was found does not hold")
    return Certificate(about, name, statement_of(made, name), made.digest, found.proof)


def statement_of(made: Clauses, safeguard: str) -> str:
    """The digest of what is proved: a form, a safeguard's name, and the goals that no request may meet."""
    goals = " ".join(map(str, made.goals[safeguard]))
    said = f"{made.form_digest}\n{safeguard}\n{goals}"
    return "sha256:" + hashlib.sha256(said.encode()).hexdigest()


def alone(certificate: Certificate, form: Form, questions: Questions) -> dict[str, Any]:
    """The certificate with its clauses written out, as the checker takes it: `python checker.py FILE`."""
    made = clauses_of(form, questions)
    clauses = [*made.clauses, (made.picks[certificate.safeguard],)]
    return {"certificate": certificate.as_json(), "clauses": clauses, "proof": certificate.proof}


# ---------------------------------------------------------------------- the receiver's side


def recheck_certificate(certificate: Certificate, form: Form, questions: Questions, about: About) -> None:
    """Check one certificate against one's own form and safeguards. Raises CertificateError with the field.

    `questions` are all that are asked of the form: they are put together as one set of clauses.
    """
    _recheck(certificate, clauses_of(form, questions), about)


def recheck_all(certificates: Iterable[Certificate], form: Form, questions: Questions, about: About) -> None:
    """Check that each safeguard has one certificate, and that all hold.

    Raises CertificateError with the field of the first that does not.
    """
    made, seen = clauses_of(form, questions), set[str]()
    for certificate in certificates:
        _recheck(certificate, made, about)
        if certificate.safeguard in seen:
            raise CertificateError(f"`{certificate.safeguard}` is certified twice", field="safeguard")
        seen.add(certificate.safeguard)
    for name in made.picks:
        if name not in seen:
            raise CertificateError(f"safeguard `{name}` has no certificate", field="safeguard")


def _recheck(certificate: Certificate, made: Clauses, about: About) -> None:
    _same_subject(certificate.about, about)
    name = certificate.safeguard
    if name not in made.picks:
        raise CertificateError(f"`{name}` is no safeguard asked of this agreement", field="safeguard")
    if certificate.statement != statement_of(made, name):
        raise CertificateError("it proves something else than what is asked here", field="statement")
    if certificate.clauses != made.digest:
        raise CertificateError("its clauses are not those made here", field="clauses")
    clauses = [*made.clauses, (made.picks[name],)]
    if _work(clauses, certificate.proof) > WORK_MAX:
        raise CertificateError(f"to check the proof of `{name}` is more work than any may be", field="proof")
    if not checker.recheck(clauses, certificate.proof):
        raise CertificateError(f"the proof of `{name}` does not hold", field="proof")


def _work(clauses: Sequence[Sequence[int]], proof: Proof) -> int:
    """How many literals a checker looks at: a stranger's proof may not keep a node busy."""
    given, sizes, found = len(clauses), list[int](), 0
    for step in proof:
        end = step.index(0) if 0 in step else len(step)
        found += end
        for number in step[end + 1 :]:
            if 0 < number <= given:
                found += len(clauses[number - 1])
            elif given < number <= given + len(sizes):
                found += sizes[number - given - 1]
        sizes.append(end)
    return found


def _same_subject(told: About, own: About) -> None:
    """Refuse what speaks of something else."""
    for name in About.__dataclass_fields__:
        theirs, ours = getattr(told, name), getattr(own, name)
        if theirs != ours:
            raise CertificateError(f"it is of `{theirs}`, and `{ours}` is asked here", field=name.rstrip("_"))


# ---------------------------------------------------------------------- reading


FIELDS: Final = (
    *("format", "agreement", "version", "texts", "from", "until"),
    *("safeguard", "statement", "clauses", "proof"),
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the fields of a certificate, each of its own kind."""

    told: Mapping[str, object]

    def certificate(self) -> Certificate:
        for name in self.told:
            if name not in FIELDS:
                raise CertificateError("a certificate has no such field", field=name)
        for name in FIELDS:
            if name not in self.told:
                raise CertificateError("the field is missing", field=name)
        if self._whole("format") != FORMAT:
            raise CertificateError(f"only format {FORMAT} is known here", field="format")
        about = About(
            agreement=self._text("agreement"),
            version=self._whole("version"),
            texts=self._digest("texts"),
            from_=self._day("from"),
            until=None if self.told["until"] is None else self._day("until"),
        )
        digests = self._digest("statement"), self._digest("clauses")
        return Certificate(about, self._text("safeguard"), *digests, self._proof())

    def _text(self, name: str) -> str:
        value = self.told[name]
        if not isinstance(value, str) or not value:
            raise CertificateError("a text is wanted", field=name)
        return value

    def _whole(self, name: str) -> int:
        value = self.told[name]
        if type(value) is not int or not 0 <= value <= INTEGER_MAX:
            raise CertificateError("a whole number is wanted", field=name)
        return value

    def _digest(self, name: str) -> str:
        value = self._text(name)
        if not DIGEST.match(value):
            raise CertificateError('"sha256:" and 64 hexadecimal digits are wanted', field=name)
        return value

    def _day(self, name: str) -> date:
        value = self._text(name)
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
        if found is None or found.isoformat() != value:
            raise CertificateError(f"`{value[:40]}` is no day; it is written as 2026-11-23", field=name)
        return found

    def _proof(self) -> Proof:
        value = self.told["proof"]
        if not isinstance(value, list) or not value:
            raise CertificateError("a list of steps is wanted", field="proof")
        for number, step in enumerate(value, start=1):
            if not isinstance(step, list) or not all(map(_number, step)) or step.count(0) != 1:
                raise CertificateError(
                    f"step {number} is not a list of literals, 0, and the clauses used", field="proof"
                )
        return value


def _number(value: object) -> bool:
    return type(value) is int and abs(value) <= INTEGER_MAX
