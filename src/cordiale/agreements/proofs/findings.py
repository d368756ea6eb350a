"""What an agreement says in vain or twice: lines that are dead or change nothing, conflicts, overlaps.

Each finding is about what leaves, for every possible request on one day. That something never happens comes
with a certificate; that it does, with a request that the gate was asked. What a question may be answered
(`sought`) is judged under the line that answers, and not spoken of here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar

from cordiale.agreements.answer import Answer
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, Protects, Provision, Taint
from cordiale.agreements.proofs.certificate import About, Certificate, Questions, certify
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.drawing import permits, sheet_of, sheet_with
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.prove import span
from cordiale.agreements.proofs.safeguards import Leaving
from cordiale.agreements.proofs.serving import calm, heaviest, world
from cordiale.agreements.proofs.solving import CAP_S, Asks, Unknown, models
from cordiale.agreements.proofs.witness import FOCUS, Raw, Witness, witness
from cordiale.agreements.question import parse_question
from cordiale.agreements.register import Register
from cordiale.agreements.steps.lines import TAKING
from cordiale.agreements.steps.when import applies

DEAD: Final = "dead"
IDLE: Final = "no effect"
CONFLICT: Final = "conflict"
OVERLAP: Final = "overlap"
KINDS: Final = (DEAD, IDLE, CONFLICT, OVERLAP)
ROWS_MAX: Final = 200
"""Lines that take away, of one agreement: each is one more version on the sheet; shipped files have up to
thirteen."""

Row = Provision | Protects | Taint
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Taking:
    """A line of the agreement that takes something away, and the agreement as it would be without it."""

    name: str
    row: Row
    without: Agreement


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `line` is the one spoken of, `others` those that it meets.

    A certificate says that no request does otherwise; `request` and `answer` show one that does, as the
    agreement stands. `wins`: the line whose word the gate follows there. `why`: what a reader should know.
    """

    kind: str
    line: str
    article: str
    others: tuple[str, ...] = ()
    certificate: Certificate | None = None
    request: Raw | None = None
    answer: Answer | None = None
    wins: str = ""
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain types; what does not apply is left out."""
        found: dict[str, Any] = {"kind": self.kind, "provision": self.line, "article": self.article}
        found["others"] = list(self.others)
        if self.certificate is not None:
            found |= {"certificate": self.certificate.as_json(), "rechecked": True}
        if self.request is not None and self.answer is not None:
            found |= {"request": self.request, "answer": self.answer.as_json(), "wins": self.wins}
        return found | ({"why": self.why} if self.why else {})


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was found of one agreement on one day.

    `unsettled`: questions without an answer. A request is shown about one person; where two lines may meet
    only in one about several persons or parts, that is said here, and nobody claims that they never meet.
    """

    agreement: str
    version: int
    day: date
    found: tuple[Finding, ...]
    unsettled: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[Finding, ...]:
        return tuple(one for one in self.found if one.kind == kind)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.agreement,
            "version": self.version,
            "day": self.day.isoformat(),
            "findings": [one.as_json() for one in self.found],
            "unsettled": list(self.unsettled),
        }


def findings(
    agreement: Agreement, register: Register, at: datetime, *, by: Asks, cap_s: float = CAP_S
) -> Findings:
    """Everything that the agreement says in vain or twice, as of a moment.

    `cap_s`: seconds for one question. Raises ValueError for an agreement that cannot be drawn, or that has
    more than `ROWS_MAX` lines that take away.
    """
    return Examination.of(agreement, register, at, asking=(by, cap_s)).all()


def takings(agreement: Agreement) -> tuple[Taking, ...]:
    """The lines that take away, each with the agreement without it. A duty takes nothing from what leaves."""
    found = [
        Taking(line.id, line, replace(agreement, provision=_but(agreement.provision, line)))
        for line in agreement.provision
        if line.effect in TAKING - {"duty"}
    ]
    found += [
        Taking(rule.id or f"protects {n}", rule, replace(agreement, protects=_but(agreement.protects, rule)))
        for n, rule in enumerate(agreement.protects, start=1)
    ]
    found += [
        Taking(source.id or f"taint {n}", source, replace(agreement, taint=_but(agreement.taint, source)))
        for n, source in enumerate(agreement.taint, start=1)
    ]
    if len(found) > ROWS_MAX:
        raise ValueError(f"`{agreement.id}` has {len(found)} lines that take away; {ROWS_MAX} are examined")
    return tuple(found)


def _but(rows: tuple[Each, ...], row: Each) -> tuple[Each, ...]:
    return tuple(one for one in rows if one is not row)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question about two lines: what a request that meets `goals` shows of them, under `line`."""

    kind: str
    line: Provision
    other: Provision | Taking
    goals: tuple[int, ...]

    @property
    def name(self) -> str:
        other = self.other.name if isinstance(self.other, Taking) else self.other.id
        return f"{self.kind} {self.line.id} and {other}"


@dataclass(frozen=True, slots=True)
class Examination:
    """One agreement on one sheet, as it stands and without each line that takes away."""

    agreement: Agreement
    known: tuple[Register, datetime]
    sheet: Sheet
    taking: tuple[Taking, ...]
    about: About
    asking: tuple[Asks, float]

    @classmethod
    def of(
        cls, agreement: Agreement, register: Register, at: datetime, *, asking: tuple[Asks, float]
    ) -> Examination:
        """Draw it, once as it stands and once without each line. `asking`: who is asked, seconds for each."""
        taking = takings(agreement)
        versions = {"": agreement, **{f"{n}:": one.without for n, one in enumerate(taking)}}
        sheet = sheet_with(versions, register.on(at))
        about = About(agreement.id, agreement.version, register.texts_digest, *span(register, at))
        return cls(agreement, (register, at), sheet, taking, about, asking)

    @property
    def stated(self) -> Questions:
        """What the certificates answer: of each line, that something leaves by it, and that it matters."""
        return {**dict(self.dead()), **dict(self.idle())}

    def all(self) -> Findings:
        """Every finding: what is dead or changes nothing first, then conflicts and overlaps."""
        by, cap_s = self.asking
        found = certify(self.sheet.form, self.stated, self.about, cap_s=cap_s, by=by)
        proved = {name: one for name, one in found.items() if isinstance(one, Certificate)}
        told = [*self._dead(proved), *self._idle(proved)]
        dead = {one.line for one in told if one.kind == DEAD}
        pairs = {one.name: one for one in self.pairs() if one.line.id not in dead}
        shown = self._shown(pairs)
        left = {name: (*one.goals, world(self.sheet)) for name, one in pairs.items() if name not in shown}
        settled = certify(self.sheet.form, left, self.about, cap_s=cap_s, by=by) if left else {}
        unsettled = [name for name, one in found.items() if isinstance(one, Unknown)]
        unsettled += [name for name, one in settled.items() if not isinstance(one, Certificate)]
        at = self.known[1].date()
        whole = (*told, *(shown[name] for name in pairs if name in shown))
        return Findings(self.agreement.id, self.agreement.version, at, whole, tuple(unsettled))

    # -------------------------------------------------------------------- what is asked

    def leaving(self, version: str = "") -> Leaving:
        return Leaving(self.sheet, self.agreement, version)

    def full(self, line: Provision, version: str = "") -> int:
        """The item leaves under the line, and in no lesser form."""
        lesser = self.sheet.form.outputs[f"{version}{line.id}.lesser"]
        return self.sheet.all(self.leaving(version).under(line), -lesser)

    def less(self, line: Provision, *, here: str, there: str) -> int:
        """It leaves under the line in the one version, and not, or only in a lesser form, in the other."""
        form = self.sheet
        gone = form.all(self.leaving(there).under(line), -self.leaving(here).under(line))
        lessened = form.all(self.full(line, there), -self.full(line, here))
        return form.any(gone, lessened)

    def dead(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Of each permitting line: something leaves under it."""
        for line in permits(self.agreement):
            yield f"{DEAD} {line.id}", (self.leaving().under(line), world(self.sheet))

    def idle(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Of each line: without it, something else would leave, or in another form."""
        lines, form = permits(self.agreement), self.sheet
        for line in lines:
            others = [one for one in lines if one is not line]
            alone = form.all(self.leaving().under(line), -form.any(*map(self.leaving().under, others)))
            in_full = form.all(self.full(line), -form.any(*map(self.full, others)))
            yield f"{IDLE} {line.id}", (form.any(alone, in_full), self._asks_nothing_back(), world(form))
        for n, one in enumerate(self.taking):
            both = [
                self.less(line, here=here, there=there)
                for line in lines
                for here, there in (("", f"{n}:"), (f"{n}:", ""))
            ]
            yield f"{IDLE} {one.name}", (form.any(*both), world(form))

    def _asks_nothing_back(self) -> int:
        """No line refuses the question for what its answer would tell: that is judged line by line, apart."""
        barred = [f"sought_barred:{line.id}" for line in permits(self.agreement)]
        return self.sheet.all(*(-self.sheet.one(name, "yes") for name in barred))

    def pairs(self) -> Iterator[Pair]:
        """A line that permits and one that takes it away; two lines that permit the same."""
        lines = permits(self.agreement)
        for line in lines:
            for n, one in enumerate(self.taking):
                yield Pair(CONFLICT, line, one, (self.less(line, here="", there=f"{n}:"),))
        for n, line in enumerate(lines):
            for other in lines[n + 1 :]:
                yield Pair(OVERLAP, line, other, (self.leaving().under(line), self.leaving().under(other)))

    # -------------------------------------------------------------------- what is dead or changes nothing

    def _dead(self, proved: Mapping[str, Certificate]) -> Iterator[Finding]:
        lines = [line for line in permits(self.agreement) if f"{DEAD} {line.id}" in proved]
        waiting = self._waiting(lines)
        for line in lines:
            why = self._unused(line) or (WAITS if line.id in waiting else NOTHING_LEFT)
            yield Finding(DEAD, line.id, line.article, certificate=proved[f"{DEAD} {line.id}"], why=why)

    def _unused(self, line: Provision) -> str:
        """What the file itself says of a line that nobody can use, if it does."""
        if asleep := self._sleeps():
            return asleep
        if not line.in_force(self.known[1].date()):
            return OUT_OF_DATE
        if line.confidence == "unconfirmed":
            return f"{UNCONFIRMED}: {line.read}"
        return SWITCHED_OFF if line.personal == "off" else ""

    def _sleeps(self) -> str:
        """Why nothing at all is permitted on this day, if so."""
        register, at = self.known
        day = register.on(at)
        open_ = applies(self.agreement, day) and not day.stops(self.agreement)
        return "" if open_ else SLEEPS

    def _waiting(self, lines: list[Provision]) -> set[str]:
        """Of these lines those that a paper would open which nobody has issued."""
        if not lines:
            return set()
        register, at = self.known
        by, cap_s = self.asking
        sheet = sheet_of(self.agreement, register.on(at), any_paper=True)
        leaving = Leaving(sheet, self.agreement)
        goals = {line.id: (leaving.under(line), world(sheet)) for line in lines}
        clauses = clauses_of(sheet.form, goals)
        return set(models(clauses.clauses, clauses.picks, cap_s, by=by))

    def _idle(self, proved: Mapping[str, Certificate]) -> Iterator[Finding]:
        for line in permits(self.agreement):
            certificate = proved.get(f"{IDLE} {line.id}")
            if certificate is not None and f"{DEAD} {line.id}" not in proved:
                yield Finding(IDLE, line.id, line.article, certificate=certificate, why=SAID_TWICE)
        taking = [one for one in self.taking if f"{IDLE} {one.name}" in proved]
        doubled = self._doubled(taking)
        for one in taking:
            why = self._sleeps() or (BY_LAW if one.name in doubled else MEETS_NOTHING)
            kept = f"; {CARRIES}" if isinstance(one.row, Provision) and carries(one.row) else ""
            certificate = proved[f"{IDLE} {one.name}"]
            yield Finding(IDLE, one.name, one.row.article, certificate=certificate, why=why + kept)

    def _doubled(self, taking: list[Taking]) -> set[str]:
        """Of these lines those that would take something if there were no laws beside the agreement."""
        if not taking:
            return set()
        register, at = self.known
        by, cap_s = self.asking
        versions = {"": self.agreement, **{f"{n}:": one.without for n, one in enumerate(taking)}}
        sheet = sheet_with(versions, register.on(at), laws=False)
        bare = replace(self, sheet=sheet, taking=tuple(taking))
        clauses = clauses_of(sheet.form, dict(bare.idle()))
        names = {f"{IDLE} {one.name}": clauses.picks[f"{IDLE} {one.name}"] for one in taking}
        return {name.removeprefix(f"{IDLE} ") for name in models(clauses.clauses, names, cap_s, by=by)}

    # -------------------------------------------------------------------- what meets

    def _shown(self, pairs: Mapping[str, Pair]) -> dict[str, Finding]:
        """For each pair a finding with a request that the gate answers so: the plainest that is found."""
        by, cap_s = self.asking
        sheet, found = self.sheet, dict[str, Finding]()
        for plain, narrow, alone in ((True, True, True), (False, True, True), (False, False, True)):
            goals = {
                name: (
                    *one.goals,
                    world(sheet),
                    *((calm(sheet),) if plain else ()),
                    *(heaviest(sheet, one.line) if narrow else ()),
                )
                for name, one in pairs.items()
                if name not in found
            }
            clauses = clauses_of(sheet.form, goals, alone=alone)
            for name, model in models(clauses.clauses, clauses.picks, cap_s, by=by).items():
                one = pairs[name]
                tell = self._conflict if one.kind == CONFLICT else self._overlap
                told = tell(one, clauses.values(model))
                if told is not None:
                    found[name] = told
        return found

    def _conflict(self, pair: Pair, values: Mapping[str, str]) -> Finding | None:
        """The line would let it leave, and the other takes it: asked of the gate with and without it."""
        one, (register, at) = pair.other, self.known
        assert isinstance(one, Taking)
        bare = register.counting((one.without,), digests=(f"without {one.name}",))
        made = witness(values, one.without, pair.line, (bare, at))
        answer = self._answer(made, f"{self.agreement.id}/{pair.line.id}")
        if not made.leaves or _leaves(answer) == _leaves(made.answer):
            return None
        line = pair.line
        return Finding(
            CONFLICT,
            line.id,
            line.article,
            (one.name,),
            request=made.request,
            answer=answer,
            wins=one.name,
            why=f"{TAKES} ({one.row.article})",
        )

    def _overlap(self, pair: Pair, values: Mapping[str, str]) -> Finding | None:
        """Both lines let it leave; the gate, asked for none of them, cites one."""
        line, other, id = pair.line, pair.other, self.agreement.id
        assert isinstance(other, Provision)
        both = replace(line, essential=line.essential | other.essential | other.must_include)
        made = witness(values, self.agreement, both, self.known)
        second = self._answer(made, f"{id}/{other.id}")
        if not made.leaves or FOCUS not in second.leaves:
            return None
        answer = self._answer(made, id)
        taken = [len(one.withheld) + len(one.transform) for one in (made.answer, second)]
        why = FIRST_NAMED if taken[0] == taken[1] else LEAST_TAKEN
        request = made.request | {"asked_basis": id}
        return Finding(
            OVERLAP,
            line.id,
            line.article,
            (other.id,),
            request=request,
            answer=answer,
            wins=answer.provision,
            why=why,
        )

    def _answer(self, made: Witness, basis: str) -> Answer:
        """What the gate says to a request under one basis, with the papers that it takes in thought."""
        register, at = self.known
        papered = register.supposing(made.papers) if made.papers else register
        return decide(parse_question(made.request | {"asked_basis": basis}), papered, at)


def carries(line: Provision) -> bool:
    """Whether a line says more than what leaves: duties, periods, limits, who else is told."""
    more = (line.duties, line.clocks, line.travels, line.never_to, line.must_include, line.must_also_send)
    return any(more) or line.retention is not None or line.onward is not None


def _leaves(answer: Answer) -> tuple[bool, bool]:
    """Whether the item in focus leaves, and whether in a lesser form."""
    return FOCUS in answer.leaves, any(one.item == FOCUS for one in answer.transform)


SLEEPS: Final = "the agreement is not in force on this day, or is suspended"
OUT_OF_DATE: Final = "the line's own dates leave this day out"
UNCONFIRMED: Final = "nobody has confirmed it"
SWITCHED_OFF: Final = "it is switched off until its law is there"
WAITS: Final = "it waits for a paper that nobody has issued"
NOTHING_LEFT: Final = "what its own words let through, other lines or laws take"
SAID_TWICE: Final = "other lines let the same leave"
BY_LAW: Final = "the laws take the same: it repeats them"
MEETS_NOTHING: Final = "nothing that the agreement permits meets it"
CARRIES: Final = "what it says of duties, periods and limits is not judged here"
TAKES: Final = "what takes away goes before what permits"
LEAST_TAKEN: Final = "the line is cited that takes least"
FIRST_NAMED: Final = "both let the same leave: the first by name is cited"
