"""The gate: twelve steps in order, and one answer. This is the reference; compiled.py must agree with it.

Any refusal wins; what leaves is the payload inside what is granted, less what is withheld; the default is
refuse. A bar in a law ends every basis, a failed basis ends only itself, and an asked basis is never
swapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from cordiale.agreements.answer import Answer, Failure, Missing
from cordiale.agreements.case import Case
from cordiale.agreements.digest import digest_of
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.question import Question
from cordiale.agreements.register import Day, Register
from cordiale.agreements.sought import judge_sought
from cordiale.agreements.spelling import misspelt
from cordiale.agreements.steps import (
    basis,
    ceiling,
    human,
    lines,
    minimise,
    origin,
    protection,
    purpose,
    record,
    rescue,
    taint,
    when,
    who,
)
from cordiale.terms import Verdict

Candidate = tuple[Agreement | None, Provision | None]


def decide(question: Question, register: Register, at: datetime) -> Answer:
    """The answer to one request as everything stood at `at` (aware UTC)."""
    day = register.on(at)
    lane = rescue.lane(Case(question, day))
    odd = misspelt(question, day)
    if lane == "rescue" or (lane and not odd):
        return step_one(question, day, lane, odd)
    if odd:
        return answered(Case(question, day, failures=list(odd)))
    return concluded(*best(question, day, candidates(question, day)))


def concluded(chosen: Case, others: list[Case]) -> Answer:
    """The answer of the case chosen, with the open bases that were passed over for it."""
    answer = answered(chosen)
    passed = tuple((basis_name(c), chosen.said("better")) for c in others if not refused(c))
    return replace(answer, passed_over=passed if answer.permitted else ())


def step_one(question: Question, day: Day, lane: str, odd: tuple[Failure, ...]) -> Answer:
    """The lanes of step 1: what is odd about a distress call is shown, and holds nothing up."""
    case = Case(question, day)
    for failure in odd:
        case.warn(failure.sentence)
    if lane == "rescue":
        rescue.pass_rescue(case)
    else:
        rescue.keep_ceiling(case)
    heard = ("duty",) if lane == "rescue" else ("duty", "restrict")
    spoken = lines.speaking(case, laws_for(question, day))
    case.lines = tuple((text, line) for text, line in spoken if line.effect in heard)
    record.collect(case)
    head = rescue.headline(case, lane)
    answer = answered(case)
    verdict = Verdict.WITHHOLD if case.gone else Verdict.PERMIT
    return replace(
        answer, verdict=verdict, step=1, article=head.article, sentence=head.sentence, would_be=None
    )


# ---------------------------------------------------------------------- candidates


def laws_for(question: Question, day: Day) -> tuple[Agreement, ...]:
    """The law files in force that bind the two Sides."""
    return lines.binding(day.laws, day, question.from_.side, question.to.side)


def candidates(question: Question, day: Day) -> list[Candidate]:
    """Every basis to be judged: the asked one alone, else each permitting line of each agreement of both
    Sides."""
    if question.asked_basis:
        name, _, provision = question.asked_basis.partition("/")
        agreement = day.register.agreement(name)
        assert agreement is not None, "an unknown basis was refused as misspelt"
        return list(_lines_of(agreement, question, provision))
    found = [
        candidate
        for agreement in day.register.agreements
        if _both(agreement, question, day)
        for candidate in _lines_of(agreement, question, "")
    ]
    return found or [(None, None)]


def _both(agreement: Agreement, question: Question, day: Day) -> bool:
    case = Case(question, day, agreement)
    return all(any(who.party_sides(agreement, case, e.side)) for e in (question.from_, question.to))


def _lines_of(agreement: Agreement, question: Question, provision: str) -> Iterator[Candidate]:
    permits = [p for p in agreement.provision if p.effect == "permit" and provision in ("", p.id)]
    fitting = [p for p in permits if question.type in p.types] or (permits if provision else [])
    if not fitting:
        yield agreement, None
    for line in fitting:
        yield agreement, line


def evaluate(question: Question, day: Day, candidate: Candidate, *, supplied: bool = False) -> Case:
    """The twelve steps for one basis."""
    agreement, line = candidate
    case = Case(question, day, agreement, line, supplied=supplied)
    texts = (*laws_for(question, day), *((agreement,) if agreement else ()))
    case.lines = lines.speaking(case, texts)
    taint.check(case, texts)
    protection.check(case, texts)
    lines.check(case, 2)
    lines.check(case, 3)
    lines.check(case, 4)
    if agreement is None:
        _no_agreement(case)
        return case
    if line is None:
        sentence = case.said("no_provision", agreement=agreement.id, type=question.type)
        case.refuse(4, sentence, agreement, article=agreement.article or agreement.title)
    who.check(case)
    when.check(case)
    lines.check(case, 5)
    purpose.check(case)
    lines.check(case, 6)
    origin.check(case)
    lines.check(case, 8)
    ceiling.check(case)
    lines.check(case, 9)
    basis.check(case)
    lines.check(case, 7)
    minimise.check(case)
    lines.check(case, 10)
    judge_sought(case, evaluate_answer)
    human.check(case)
    lines.check(case, 11)
    record.check(case)
    lines.check(case, 12)
    return case


def _no_agreement(case: Case) -> None:
    ends = (case.asked.from_, case.asked.to)
    sender, recipient = (f"{e.side}/{e.authority}" for e in ends)
    sentence = case.said("no_agreement", sender=sender, recipient=recipient)
    case.refuse(4, sentence, article="House rule: the default is refuse", scope="basis")
    for step in range(5, 13):
        lines.check(case, step)


def evaluate_answer(question: Question, day: Day, candidate: Candidate) -> Case:
    """The steps that judge an answer before it exists: what could leave, not who must sign it."""
    agreement, line = candidate
    case = Case(question, day, agreement, line, answering=True)
    texts = (*laws_for(question, day), *((agreement,) if agreement else ()))
    case.lines = lines.speaking(case, texts)
    taint.check(case, texts)
    protection.check(case, texts)
    basis.check(case)
    minimise.check(case)
    lines.bars(case)
    return case


# ---------------------------------------------------------------------- choosing


def best(question: Question, day: Day, found: list[Candidate]) -> tuple[Case, list[Case]]:
    """The case that answers, and the others. Specific before residual, then what withholds least, then id."""
    return choose([evaluate(question, day, candidate) for candidate in found])


def choose(cases: list[Case]) -> tuple[Case, list[Case]]:
    """The case that answers, and the others."""
    open_ = [c for c in cases if not refused(c)]
    if open_:
        chosen = min(open_, key=lambda c: (_yields(c, open_), len(c.gone) + len(c.changed), basis_name(c)))
    else:
        chosen = min(cases, key=_nearness)
    return chosen, [c for c in cases if c is not chosen]


def refused(case: Case) -> bool:
    """Whether a failure ends this basis: one that names no item takes all of them."""
    return any(not f.items for f in case.failures)


def _yields(case: Case, others: list[Case]) -> bool:
    """Whether another open basis is the more specific one that this agreement steps behind."""
    behind = case.agreement.yields_to if case.agreement else ()
    names = {basis_name(c) for c in others if c is not case} | {c.agreement.id for c in others if c.agreement}
    return bool(names & set(behind))


def _nearness(case: Case) -> tuple[bool, bool, int, int, str]:
    """The refused basis that has a line on this type and act and came furthest explains most."""
    hard = [f for f in case.failures if not f.items]
    mendable = sum(1 for f in hard if not f.curable)
    # What only follows from an item that is gone came as far as step 10, whoever took the item.
    reached = min(10 if f.because else f.step for f in hard)
    other_act = case.line is not None and bool(case.line.acts) and case.asked.act not in case.line.acts
    return (case.line is None, other_act, mendable, -reached, basis_name(case))


def basis_name(case: Case) -> str:
    agreement = case.agreement.id if case.agreement else ""
    return f"{agreement}/{case.line.id}" if case.line else agreement


# ---------------------------------------------------------------------- answering


def answered(case: Case) -> Answer:
    """The Answer of a case, with verdict, reasons in step order, and everything that goes with it."""
    failures = merged(case.failures)
    hard = [f for f in failures if not f.items]
    verdict = verdict_of(case)
    if not hard and case.line is not None:
        record.collect(case)
    head = _headline(case, verdict, failures)
    question, day = case.asked, case.day
    leaves = () if hard else tuple(i.id for i in case.staying())
    line = case.line
    return Answer(
        id=question.id,
        verdict=verdict,
        at=day.at.isoformat(),
        texts_digest=day.register.texts_digest,
        replay=replay(question, day.register.texts_digest, day.at),
        draft=day.register.draft,
        agreement=case.agreement.id if case.agreement else "",
        provision=line.id if line else "",
        step=head.step,
        article=head.article,
        sentence=head.sentence,
        relies_on=tuple(sorted(case.relies_on)) if not hard else (),
        leaves=leaves,
        withheld=merged(list(case.gone.values())),
        transform=tuple(c for i, c in sorted(case.changed.items()) if i in leaves),
        failures=failures,
        missing=_missing(case, verdict),
        duties=tuple(dict.fromkeys(case.duties)) if not hard else (),
        travels=tuple(sorted(case.travels)) if not hard else (),
        must_include=tuple(sorted(case.must_include)),
        must_also_send=record.also_told(case) if not hard else (),
        refer_to=tuple(dict.fromkeys(case.referred)),
        clocks=record.clocks(case) if not hard else (),
        confidence=line.confidence if line and line.confidence != "unconfirmed" else "confirmed",
        warnings=tuple(case.warnings),
    )


def verdict_of(case: Case) -> Verdict:
    """Refuse if anything ends the basis; withhold if an item stays or leaves in a lesser form; else
    permit."""
    if refused(case):
        return Verdict.REFUSE
    lessened = any(i not in case.gone for i in case.changed)
    return Verdict.WITHHOLD if case.gone or lessened else Verdict.PERMIT


def merged(failures: list[Failure]) -> tuple[Failure, ...]:
    """Failures in step order; the same reason for several items is told once."""
    found: dict[tuple[object, ...], Failure] = {}
    for each in sorted(failures, key=lambda f: f.step):
        key = (
            each.step,
            each.scope,
            each.article,
            each.sentence,
            each.agreement,
            each.provision,
            bool(each.items),
        )
        if key in found and each.items:
            found[key] = replace(found[key], items=tuple(dict.fromkeys((*found[key].items, *each.items))))
        else:
            found.setdefault(key, each)
    return tuple(found.values())


def _headline(case: Case, verdict: Verdict, failures: tuple[Failure, ...]) -> Failure:
    if verdict is Verdict.REFUSE:
        return next(f for f in failures if not f.items)
    words = {"agreement": case.agreement.id if case.agreement else "", "article": ""}
    words["article"] = case.line.article if case.line else ""
    return Failure(
        step=12, scope="request", article=words["article"], sentence=case.said(verdict.value, **words)
    )


def _missing(case: Case, verdict: Verdict) -> tuple[Missing, ...]:
    """What is missing beforehand; for what leaves anyway, only what would free a withheld item."""
    found: dict[tuple[str, ...], Missing] = {}
    for each in case.missing:
        if verdict is not Verdict.REFUSE and not (each.items and set(each.items) <= set(case.gone)):
            continue
        key = (each.what, each.name, each.who_can_give, each.article)
        before = found.get(key)
        items = (*(before.items if before else ()), *each.items)
        found[key] = replace(each, items=tuple(dict.fromkeys(items)))
    return tuple(found.values())


def replay(question: Question, texts_digest: str, at: datetime) -> str:
    """The digest by which the same request, texts and moment are known again."""
    whole = "\n".join((digest_of(question), texts_digest, at.isoformat()))
    return "sha256:" + hashlib.sha256(whole.encode()).hexdigest()
