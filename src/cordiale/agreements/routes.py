"""Other lawful ways, each decided in full: another basis, fewer items, another channel, what is missing
supplied.

A way on names only lawful steps; it never changes a fact about a person, a purpose or a rescue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cordiale.agreements.answer import Answer, Route
from cordiale.agreements.gate import (
    Candidate,
    basis_name,
    best,
    candidates,
    decide,
    evaluate,
    verdict_of,
)
from cordiale.agreements.question import Question
from cordiale.agreements.register import Day, Register
from cordiale.agreements.supposed import wanted
from cordiale.agreements.words import Names, say
from cordiale.errors import RequestError
from cordiale.terms import Channel, Personal, Verdict

ROUTES_MAX: Final = 8
"""Ways on that an officer can weigh at once."""
OTHER_BASIS: Final = "asked_basis"
OTHER_CHANNEL: Final = "channel"
WITHOUT_PERSONS: Final = "items without persons"


def taken(question: Question, by: str) -> Question:
    """The question once a way on is gone. Nothing else of it changes: no subject, no purpose, no fact.

    `by` as a Route has it: `asked_basis ID`, `channel WORD` or `items without persons`. Raises RequestError.
    """
    what, _, name = by.partition(" ")
    if by == WITHOUT_PERSONS:
        return replace(question, items=tuple(i for i in question.items if i.personal is Personal.NONE))
    if what == OTHER_BASIS:
        return replace(question, asked_basis=name)
    if what == OTHER_CHANNEL and name in tuple(Channel):
        return replace(question, channel=name)
    raise RequestError(f"`{by[:80]}` is no way on.", field="way", way_out="Take one that an answer names.")


def decide_with_routes(question: Question, register: Register, at: datetime) -> Answer:
    """`decide`, and for what was refused or withheld what it would be, and the lawful ways on."""
    return with_routes(decide(question, register, at), question, register.on(at))


def with_routes(
    answer: Answer, question: Question, day: Day, *, bases: Sequence[Candidate] | None = None
) -> Answer:
    """The same answer with what it would be, and the lawful ways on.

    `bases`: those that may permit anything where no basis is asked for, if that is known; else all are asked.
    """
    if answer.verdict is Verdict.PERMIT or answer.step in (0, 1):
        return answer
    found = list(_routes(question, day, answer, bases))
    return replace(answer, would_be=would_be(question, day, answer), routes=tuple(found[:ROUTES_MAX]))


def would_be(question: Question, day: Day, answer: Answer) -> Verdict:
    """The verdict of the same basis once everything under `missing` is there, each fact as a line wants it.

    A fact that a line requires may be what another line shuts on while nobody has stated it.
    """
    stated = [pair for m in answer.missing if m.what == "fact" for pair in wanted(day.register, m.name)]
    question = replace(question, facts=(*question.facts, *stated)) if stated else question
    for agreement, line in candidates(question, day):
        if (agreement.id if agreement else "", line.id if line else "") == (
            answer.agreement,
            answer.provision,
        ):
            return verdict_of(evaluate(question, day, (agreement, line), supplied=True))
    return answer.verdict


def _routes(question: Question, day: Day, answer: Answer, bases: Sequence[Candidate] | None) -> list[Route]:
    found: list[Route] = []
    found += _other_bases(question, day, answer, bases)
    found += _fewer_items(question, day, answer)
    found += _other_channel(question, day, answer)
    found += _pointed_to(answer, day)
    return found


def _other_bases(
    question: Question, day: Day, answer: Answer, bases: Sequence[Candidate] | None
) -> list[Route]:
    """An asked basis is never swapped: the others are shown."""
    if not question.asked_basis:
        return []
    free = replace(question, asked_basis="")
    out = []
    for candidate in candidates(free, day) if bases is None else bases:
        case = evaluate(free, day, candidate)
        name, verdict = basis_name(case), verdict_of(case)
        if name != f"{answer.agreement}/{answer.provision}" and _better(verdict, answer.verdict):
            out.append(_route(day.register, "route_basis", f"{OTHER_BASIS} {name}", verdict, basis=name))
    return out


def _better(one: Verdict, than: Verdict) -> bool:
    order = (Verdict.REFUSE, Verdict.WITHHOLD, Verdict.PERMIT)
    return order.index(one) > order.index(than)


def _fewer_items(question: Question, day: Day, answer: Answer) -> list[Route]:
    """The same without what is about persons, or without what was withheld."""
    if answer.verdict is not Verdict.REFUSE:
        return []
    fewer = taken(question, WITHOUT_PERSONS)
    if not fewer.items or len(fewer.items) == len(question.items):
        return []
    case, _ = best(fewer, day, candidates(fewer, day))
    verdict = verdict_of(case)
    if verdict is Verdict.REFUSE:
        return []
    return [_route(day.register, "route_reduced", WITHOUT_PERSONS, verdict, basis=basis_name(case))]


def _other_channel(question: Question, day: Day, answer: Answer) -> list[Route]:
    if answer.verdict is not Verdict.REFUSE or question.channel == Channel.NODE:
        return []
    way = f"{OTHER_CHANNEL} {Channel.NODE.value}"
    other = taken(question, way)
    case, _ = best(other, day, candidates(other, day))
    verdict = verdict_of(case)
    if verdict is Verdict.REFUSE:
        return []
    return [_route(day.register, "route_channel", way, verdict, channel=Channel.NODE.value)]


def _pointed_to(answer: Answer, day: Day) -> list[Route]:
    pointers = [p for f in answer.failures for p in f.instead]
    return [
        Route(by=f"{OTHER_BASIS} {p}", verdict="", sentence=_points(day, p), computed=False)
        for p in dict.fromkeys(pointers)
    ]


def _points(day: Day, basis: str) -> str:
    return say("route_instead", day.register, {"basis": basis})


def _route(names: Names, code: str, by: str, verdict: Verdict, **words: str) -> Route:
    sentence = say(code, names, {"verdict": verdict.value, **words})
    return Route(by=by, verdict=verdict.value, sentence=sentence, computed=True)
