"""Step 0: words of a request that only the register can check: Sides, authorities, facts, bases,
countries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from cordiale.agreements.answer import Failure
from cordiale.agreements.question import End, Question
from cordiale.agreements.register import Day
from cordiale.agreements.shape import nearest
from cordiale.agreements.words import Ids, say

COUNTRY: Final = re.compile(r"[A-Z]{2}")
ARTICLE: Final = "docs/reference/decide.md"


def misspelt(question: Question, day: Day) -> tuple[Failure, ...]:
    """Every word of the request that the register does not know, by field."""
    return tuple(_ends(question, day)) + tuple(_facts(question, day)) + tuple(_others(question, day))


def _odd(field: str, sentence: str) -> Failure:
    return Failure(step=0, scope="request", article=ARTICLE, sentence=sentence, field=field)


def _said(code: str, **words: object) -> str:
    """A sentence with the words as they were written: they are what is wrong."""
    return say(code, Ids(), words)


def _near(value: str, allowed: Iterable[str]) -> str:
    found = nearest(value, sorted(allowed))
    return f" {found}" if found.startswith("Did") else ""


def _ends(question: Question, day: Day) -> Iterator[Failure]:
    for name, end in (("from", question.from_), ("to", question.to)):
        yield from _end(name, end, day)
        if end.on_behalf_of:
            side, _, authority = end.on_behalf_of.rpartition("/")
            yield from _end(f"{name}.on_behalf_of", End(side=side or end.side, authority=authority), day)


def _end(name: str, end: End, day: Day) -> Iterator[Failure]:
    known = day.register.sides.get(end.side)
    if known is None:
        near = _near(end.side, day.register.sides)
        yield _odd(f"{name}.side", _said("unknown_side", value=end.side, near=near))
        return
    if (end.side, end.authority) in day.authorities:
        return
    if known.kind == "bloc":
        yield _odd(f"{name}.side", _said("group_recipient", value=end.side))
        return
    near = _near(end.authority, (a for s, a in day.authorities if s == end.side))
    yield _odd(f"{name}.authority", _said("unknown_authority", value=end.authority, side=end.side, near=near))


def _facts(question: Question, day: Day) -> Iterator[Failure]:
    types = day.register.fact_types
    for name, value in question.facts:
        if name not in types:
            yield _odd(f"facts.{name}", _said("unknown_fact", value=name, near=_near(name, types)))
        elif value is not None and not fits(value, types[name]):
            yield _odd(f"facts.{name}", _said("fact_type", value=name, type=types[name]))


def fits(value: Any, kind: str) -> bool:
    """Whether a fact's value is of its declared type; dates and moments are ISO words."""
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if kind == "country":
        return bool(COUNTRY.fullmatch(value))
    if kind in ("date", "datetime"):
        try:
            date.fromisoformat(value) if len(value) == len("2026-11-22") else datetime.fromisoformat(value)
        except ValueError:
            return False
    return True


def _others(question: Question, day: Day) -> Iterator[Failure]:
    if question.asked_basis:
        name, _, provision = question.asked_basis.partition("/")
        agreement = next((a for a in day.register.agreements if a.id == name), None)
        permits = [p.id for p in agreement.provision if p.effect == "permit"] if agreement else []
        if agreement is None or (provision and provision not in permits):
            known = [f"{name}/{p}" for p in permits] if agreement else [a.id for a in day.register.agreements]
            near = _near(question.asked_basis, known)
            yield _odd("asked_basis", _said("unknown_basis", value=question.asked_basis, near=near))
    for subject in question.subjects:
        for code in sorted(subject.nationality or ()):
            if not COUNTRY.fullmatch(code):
                yield _odd(f"subjects.{subject.id}.nationality", _said("unknown_side", value=code, near=""))
