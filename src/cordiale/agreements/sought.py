"""The answer that a question seeks is judged together with the question.

What could not be answered is told now: the wanted categories are sent, in thought, the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cordiale.agreements.case import Case
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.question import Handling, Item, Origin, Question
from cordiale.agreements.register import Day
from cordiale.agreements.words import joined
from cordiale.terms import Act

ASKING = frozenset({Act.ASK, Act.SEARCH, Act.COMPARE})
ANSWERING = frozenset({Act.ANSWER, Act.SHARE, Act.SEARCH, Act.COMPARE})
Judge = Callable[[Question, Day, tuple[Agreement | None, Provision | None]], Case]


def judge_sought(case: Case, judge: Judge) -> None:
    """Refuse if nothing of what is sought could be answered; else warn of what could not."""
    asked = case.asked
    if asked.sought is None or asked.act not in ASKING or case.line is None:
        return
    back = turned(asked)
    lines = answering_lines(case, back) or [case.line]
    judged = [judge(back, case.day, (case.agreement, line)) for line in lines]
    could = {i.category for j in judged if not _barred(j) for i in j.staying()}
    reasons = {i.category: j.gone[i.id] for j in judged for i in back.items if i.id in j.gone}
    if judged and all(_barred(j) for j in judged):
        bar = next(f for f in judged[0].failures if not f.items)
        case.failures.append(replace(bar, field="sought"))
        return
    for category in sorted(asked.sought.categories - could):
        why = reasons.get(category)
        sentence = case.said("sought_not_granted", category=category)
        sentence = joined(sentence, why.sentence) if why else sentence
        if could:
            case.warn(sentence)
        else:
            step, article = (why.step, why.article) if why else (10, case.line.article)
            case.refuse(step, sentence, case.line, article=article, field="sought.categories")


def _barred(case: Case) -> bool:
    return any(not f.items for f in case.failures)


def turned(asked: Question) -> Question:
    """The answer in thought: the other way round, with an item for each category sought."""
    assert asked.sought is not None
    people = tuple(s.id for s in asked.subjects)
    origin = Origin(owner=f"{asked.to.side}/{asked.to.authority}", systems=asked.sought.systems)
    items = tuple(
        Item(id=f"sought:{c}", category=c, subjects=people, origin=origin, handling=Handling())
        for c in sorted(asked.sought.categories)
    )
    return replace(asked, act=Act.ANSWER, from_=asked.to, to=asked.from_, items=items, sought=None)


def answering_lines(case: Case, back: Question) -> list[Provision]:
    """The permitting lines of the agreement that an answer would stand on."""
    found = []
    for line in case.agreement.provision if case.agreement else ():
        if (
            line.effect == "permit"
            and back.type in line.types
            and line.acts & ANSWERING
            and back.purpose in line.purposes
            and case.day.along(back.from_.side, back.to.side, line.directions)
        ):
            found.append(line)
    return found
