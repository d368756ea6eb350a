"""The gate that runs: the same twelve steps as gate.py, over what can speak, and each kind of question once.

Three things make it fast. A *plan* for a head (who, what, why) holds the law lines that can speak to it and
the bases that its head alone shuts. A *reading* for a signature holds the answer of its first question,
judged by the steps themselves; the next is filled in with its own ids and moments. A *table* of one pair
numbers its readings: what was read into a word when it was parsed is answered by one look. tests/twins hold
every field equal to `gate.decide`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NoReturn

import orjson

from cordiale.agreements import gate
from cordiale.agreements.answer import Answer, Changed, Failure, Missing, Route
from cordiale.agreements.case import Case
from cordiale.agreements.model import Agreement, Protects, Provision
from cordiale.agreements.question import Offence, Question, Urgent, ids_of
from cordiale.agreements.register import Day, Register
from cordiale.agreements.routes import with_routes
from cordiale.agreements.signature import Signatures
from cordiale.agreements.spelling import misspelt
from cordiale.agreements.steps import lines, protection, purpose, reach, record, rescue, taint, when, who
from cordiale.seals import canonical
from cordiale.terms import Channel, Verdict

READINGS_MAX: Final = 20_000
"""Readings kept (about 5 kB each); beyond it all are forgotten and made again."""
PLANS_MAX: Final = 4_000
WORDS_MAX: Final = 1_000_000
"""Words of one table: a pair whose questions differ more than that is asked through `Compiled.decide`."""
NO_WORD: Final = -1
COMPILED_MAX: Final = 16
"""Registers kept compiled in one process: a node has one, and one more while it takes in a new file."""


# ---------------------------------------------------------------------- plans


@dataclass(frozen=True, slots=True)
class Plan:
    """What can speak to questions of one head, and which bases the head does not shut by itself."""

    laws: tuple[Agreement, ...]
    open: tuple[gate.Candidate, ...]
    shut: tuple[gate.Candidate, ...]


def plan_of(question: Question, day: Day) -> Plan:
    """The plan of a question's head. It holds for every day between two dates of the files."""
    case = Case(bare(question), day)
    sliced = (_sliced(law, case) for law in gate.laws_for(question, day))
    laws = tuple(law for law in sliced if law is not None)
    found = gate.candidates(question, day)
    judged = [(_shut(case.asked, day, c), c) for c in found]
    return Plan(laws, tuple(c for shut, c in judged if not shut), tuple(c for shut, c in judged if shut))


def bare(question: Question) -> Question:
    """The head alone: nothing of persons, items, facts and papers, and an offence grave enough for
    anything."""
    return replace(
        question,
        urgent=Urgent(),
        offence=Offence(max_years=1_000_000),
        sought=None,
        subjects=(),
        items=(),
        facts=(),
        confirmations=(),
        records=frozenset(),
    )


def _sliced(law: Agreement, case: Case) -> Agreement | None:
    """A law with the lines that can speak to this head; None when none can."""
    provision = tuple(p for p in law.provision if p.effect in lines.TAKING and case.scoped(p))
    shutting = tuple(row for _, row in taint.rows(case, (law,)) if taint.use_barred(case, row))
    protects = tuple(rule for _, rule in protection.rules(case, (law,)) if _may_reach(rule, case))
    if not (provision or shutting or protects):
        return None
    return replace(law, provision=provision, taint=shutting, protects=protects)


def _may_reach(rule: Protects, case: Case) -> bool:
    """Whether the recipient can be one that the rule keeps things from; some words ask who it is about."""
    word = rule.against.recipients
    asks = word in ("state_of_origin", "state_of_nationality", "any_not_bound")
    return asks or reach.recipient_is(case, word, bloc=rule.against.bloc)


def _shut(head: Question, day: Day, candidate: gate.Candidate) -> bool:
    """Whether the head alone refuses this basis, by a failure that no paper mends."""
    agreement, line = candidate
    if agreement is None or line is None:
        return True
    case = Case(head, day, agreement, line)
    who.check(case)
    when.check(case)
    purpose.inside(case, line)
    return any(not f.items and not f.curable for f in case.failures)


# ---------------------------------------------------------------------- readings


@dataclass(frozen=True, slots=True)
class Heard:
    """What sets the ends of periods: the lines that spoke, on which day. Nothing of the question is kept."""

    day: Day
    agreement: Agreement | None
    line: Provision | None
    lines: tuple[tuple[Agreement, Provision], ...]

    def of(self, question: Question) -> dict[str, Any]:
        """Clocks and limits of one question, from its own moments."""
        case = Case(question, self.day, self.agreement, self.line, lines=self.lines)
        return {"clocks": record.clocks(case), "travels": record.erasures(case)}


class _KeptTable(dict[str, Any]):
    """A table in an answer that later answers share: nobody writes into it."""

    def _refused(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("an answer of the gate is read, not written into: copy it first")

    __setitem__ = __delitem__ = __ior__ = _refused
    clear = pop = popitem = setdefault = update = _refused


class _KeptList(list[Any]):
    """A list in an answer that later answers share: nobody writes into it."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _KeptTable._refused
    append = clear = extend = insert = pop = remove = reverse = sort = _KeptTable._refused


def _shared(value: Any) -> Any:
    """The same value, read-only through and through; equal to it, and written as JSON alike."""
    if isinstance(value, dict):
        return _KeptTable({name: _shared(inner) for name, inner in value.items()})
    return _KeptList(map(_shared, value)) if isinstance(value, list) else value


class Told(dict[str, Any]):
    """An answer as JSON (`Answer.as_json`), with its canonical bytes.

    Other answers share what it holds, so nobody can write into that. `kept`: what a reader works out of all
    but id, moment and replay; shared by the answers that differ in nothing else.
    """

    raw: bytes
    kept: dict[str, Any]

    @classmethod
    def of(cls, fields: dict[str, Any], raw: bytes, kept: dict[str, Any] | None = None) -> Told:
        made = cls(fields)
        made.raw, made.kept = raw, {} if kept is None else kept
        return made


@dataclass(frozen=True, slots=True)
class Telling:
    """An answer as JSON without what is put in for each question, and the canonical bytes of each part."""

    fields: dict[str, Any]
    parts: dict[str, Any]
    kept: dict[str, Any]

    @classmethod
    def of(cls, whole: Told) -> Telling:
        return cls(whole, {name: orjson.Fragment(canonical(value)) for name, value in whole.items()}, {})

    def filled(self, question: Question, at: datetime, replay: str) -> Told:
        own = {"id": question.id, "at": at.isoformat(), "replay": replay}
        raw = orjson.dumps(self.parts | own, option=orjson.OPT_SORT_KEYS)
        return Told.of(self.fields | own, raw, self.kept)


@dataclass(slots=True)
class Reading:
    """The answer to a signature, with what is put in for each question.

    `heard`: only where periods start at moments that the question states. `ways`, `told`: made when first
    asked for; `told` only where nothing but id, moment and replay is put in.
    """

    answer: Answer
    ids: tuple[str, ...]
    heard: Heard | None
    ways: tuple[Verdict | None, tuple[Route, ...]] | None = None
    told: Telling | None = None

    def filled(self, question: Question, at: datetime, *, ways: bool = False) -> Answer:
        """The answer to another question of this signature; with the ways on, if it has them."""
        first, changes = self.answer, dict[str, Any]()
        if ways and self.ways is not None:
            changes["would_be"], changes["routes"] = self.ways
        ids = ids_of(question.items)
        if ids != self.ids:
            changes |= _renamed(first, dict(zip(self.ids, ids, strict=True)))
        if self.heard is not None and first.permitted:
            now = self.heard.of(question)
            kept = {t for t in first.travels if t[0] != "erase_by"}
            changes |= now | {"travels": tuple(sorted(kept | now["travels"]))}
        replay = gate.replay(question, first.texts_digest, at)
        return replace(first, id=question.id, at=at.isoformat(), replay=replay, **changes)


def _renamed(first: Answer, names: dict[str, str]) -> dict[str, Any]:
    """Every place of an answer that names items, with other names."""

    def of(each: Failure | Missing) -> Any:
        return replace(each, items=tuple(names[i] for i in each.items)) if each.items else each

    def changed(each: Changed) -> Changed:
        return replace(each, item=names[each.item])

    return {
        "leaves": tuple(names[i] for i in first.leaves),
        "withheld": tuple(of(f) for f in first.withheld),
        "failures": tuple(of(f) for f in first.failures),
        "missing": tuple(of(m) for m in first.missing),
        "transform": tuple(sorted((changed(c) for c in first.transform), key=lambda c: c.item)),
    }


# ---------------------------------------------------------------------- the gate


class Compiled:
    """A register made ready to decide fast. Answers as `gate.decide` and `decide_with_routes` do."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.signatures = Signatures(register)
        self._edges = sorted(set(dates_of(register)))
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._readings: dict[bytes, Reading] = {}

    def decide(self, question: Question, at: datetime) -> Answer:
        """The answer to one request as everything stood at `at` (aware UTC); equal to `gate.decide`."""
        return self._decided(question, at)[0]

    def decide_with_routes(self, question: Question, at: datetime) -> Answer:
        """`decide` with what it would be and the lawful ways on; equal to `routes.decide_with_routes`."""
        answer, reading = self._decided(question, at, ways=True)
        if answer.verdict is Verdict.PERMIT or answer.step in (0, 1):
            return answer
        if reading is not None and reading.ways is not None:
            return answer
        day = self._day_for(question, at)
        full = with_routes(answer, question, day, bases=self._bases_for(question, day))
        if reading is not None:
            reading.ways = (full.would_be, full.routes)
        return full

    def told(self, question: Question, at: datetime) -> Told:
        """`decide_with_routes` as JSON; equal to that answer's `as_json`."""
        signature = self.signatures.of(question, at)
        reading = self._readings.get(signature) if signature else None
        same = reading is not None and reading.ids == ids_of(question.items)
        if reading is not None and reading.told is not None and same:
            return reading.told.filled(question, at, gate.replay(question, reading.answer.texts_digest, at))
        answer = self.decide_with_routes(question, at)
        fields = answer.as_json()
        whole = Told.of({name: _shared(value) for name, value in fields.items()}, canonical(fields))
        kept = self._readings.get(signature) if signature else None
        if kept is not None and kept.heard is None and kept.ids == ids_of(question.items):
            kept.told = Telling.of(whole)
        return whole

    def table(self, sender: str, recipient: str, at: datetime) -> Table:
        """The table of one pair ("UK/nca", "FR/police-judiciaire") for the day of `at`."""
        return Table(self, sender, recipient, at)

    def _decided(
        self, question: Question, at: datetime, *, ways: bool = False
    ) -> tuple[Answer, Reading | None]:
        """The answer, and the reading that it came from or that it left."""
        signature = self.signatures.of(question, at)
        reading = self._readings.get(signature) if signature else None
        if reading is not None:
            return reading.filled(question, at, ways=ways), reading
        answer, case = self._judged(question, at)
        return answer, self._kept(signature, question, answer, case) if signature else None

    def _kept(
        self, signature: bytes, question: Question, answer: Answer, case: Case | None
    ) -> Reading | None:
        """The reading, kept where another question may use it."""
        timed = self.signatures.timed(question) and answer.permitted
        # A period without an end cannot be told from one whose end is filled in.
        open_end = any(name == "erase_by" and not values for name, values in answer.travels)
        if answer.step == 0 or (timed and (case is None or open_end)):
            return None  # a failure of step 0 names a subject; the lanes of step 1 are asked anew
        heard = Heard(case.day, case.agreement, case.line, case.lines) if case and timed else None
        reading = Reading(replace(answer, id=""), ids_of(question.items), heard)
        if len(self._readings) >= READINGS_MAX:
            self._readings.clear()
        self._readings[signature] = reading
        return reading

    def _judged(self, question: Question, at: datetime) -> tuple[Answer, Case | None]:
        """The twelve steps over the plan; what is odd, sought or of step 1 goes to the reference whole."""
        day = self.register.on(at)
        if question.sought is not None or misspelt(question, day) or rescue.lane(Case(question, day)):
            return gate.decide(question, self.register, at), None
        plan = self.plan(question, day)
        planned = with_laws(day, plan.laws)
        cases = [gate.evaluate(question, planned, c) for c in plan.open]
        if all(gate.refused(c) for c in cases):
            # A basis without a line on the type explains less than any with one, and is never open.
            lined = [c for c in plan.shut if c[1] is not None]
            rest = lined if lined or cases else plan.shut
            cases += [gate.evaluate(question, planned, c) for c in rest]
        chosen, others = gate.choose(cases)
        return gate.concluded(chosen, others), chosen

    def plan(self, question: Question, day: Day) -> Plan:
        """The plan for this head between two dates of the files."""
        key = (
            bisect_right(self._edges, day.on),
            *(_who(e) for e in (question.from_, question.to)),
            question.act,
            question.type,
            question.purpose,
            question.regime,
            question.channel,
            question.targeting,
            question.modality,
            question.automated,
            question.asked_basis,
        )
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= PLANS_MAX:
                self._plans.clear()
            found = self._plans[key] = plan_of(question, day)
        return found

    def _bases_for(self, question: Question, day: Day) -> Sequence[gate.Candidate] | None:
        """The bases that a request with none asked for could stand on: all others its head alone refuses."""
        if question.sought is not None or question.channel != Channel.NODE or not question.asked_basis:
            return None
        return self.plan(replace(question, asked_basis=""), day).open

    def _day_for(self, question: Question, at: datetime) -> Day:
        """The day with the laws that can speak; another channel, and an answer in thought, need them all."""
        day = self.register.on(at)
        if question.sought is not None or question.channel != Channel.NODE:
            return day
        return with_laws(day, self.plan(question, day).laws)


def _who(end: Any) -> tuple[object, ...]:
    person = end.person
    return (end.side, end.authority, end.on_behalf_of, end.capacity, bool(person and person.deployment))


def with_laws(day: Day, laws: tuple[Agreement, ...]) -> Day:
    """The same day with these laws in force."""
    other = object.__new__(Day)
    other.__dict__.update(day.__dict__)
    other.__dict__["laws"] = laws
    return other


def dates_of(value: object) -> Iterator[date]:
    """Every date in a register: between two of them nothing changes."""
    if isinstance(value, Register):
        parts: tuple[object, ...] = (value.agreements, value.laws, value.records, value.sides.values())
        parts = (*parts, value.authorities, value.rescue, value.rights)
        for part in parts:
            yield from dates_of(part)
    elif isinstance(value, datetime):
        yield value.date()
    elif isinstance(value, date):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from dates_of(getattr(value, each.name))
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for inner in value:
            yield from dates_of(inner)


# ---------------------------------------------------------------------- tables


class Table:
    """The answers of one pair and day by number. A word is given when a question is parsed.

    Words are filled by first use: the first question of a word is judged by the steps.
    """

    def __init__(self, compiled: Compiled, sender: str, recipient: str, at: datetime) -> None:
        self.ends = (sender, recipient)
        self.at = at
        self._compiled = compiled
        self._words: dict[tuple[bytes, tuple[str, ...]], int] = {}
        self.answers: list[Answer] = []

    def word(self, question: Question) -> int:
        """The word of a question; NO_WORD for one of another pair, or that no table can hold."""
        ends = tuple(f"{e.side}/{e.authority}" for e in (question.from_, question.to))
        signatures = self._compiled.signatures
        signature = signatures.of(question, self.at)
        if ends != self.ends or signature is None or signatures.timed(question):
            return NO_WORD
        key = (signature, ids_of(question.items))
        found = self._words.get(key, NO_WORD)
        if found == NO_WORD and len(self.answers) < WORDS_MAX:
            answer = self._compiled.decide(question, self.at)
            if answer.step == 0:
                return NO_WORD
            self.answers.append(replace(answer, id="", replay=""))
            found = self._words[key] = len(self.answers) - 1
        return found

    def decide(self, word: int) -> Answer:
        """The answer to a word: frozen, whole but for the id of the question and its replay digest."""
        return self.answers[word]


# ---------------------------------------------------------------------- the one line


@lru_cache(maxsize=COMPILED_MAX)
def compiled_of(register: Register) -> Compiled:
    """The compiled form of a register, made once."""
    return Compiled(register)


def decide_told(question: Question, register: Register, at: datetime) -> Told:
    """`decide_fast(...).as_json()` with its canonical bytes."""
    return compiled_of(register).told(question, at)


def decide_fast(question: Question, register: Register, at: datetime) -> Answer:
    """`decide` as it runs: the same answer in every field, ways on included."""
    return compiled_of(register).decide_with_routes(question, at)
