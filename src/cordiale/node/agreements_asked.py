"""Asking to learn: the gate's answer with its path, on papers only supposed. Sends and stores nothing.

The very gate that decides every message answers; the rules are in agreements/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from cordiale import agreements as room
from cordiale.agreements import Register, parse_question
from cordiale.agreements.path import path_of
from cordiale.agreements.routes import taken
from cordiale.agreements.supposed import Paper, papers_in, suppose

__all__ = ["Changed", "Register", "Tried", "changed", "facts", "papers", "tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An answer as JSON, the stages of its path, the papers that it supposes (each `what|name`), and the
    facts that could be stated, with their types.
    """

    answer: dict[str, Any]
    path: list[dict[str, Any]]
    supposed: tuple[str, ...]
    facts: Mapping[str, str]


def tried(raw: Mapping[str, Any], register: Register, at: datetime, papers: Iterable[str] = ()) -> Tried:
    """What the gate says to a request if these papers (`what|name`) were there.

    Raises RequestError naming the field, and for what cannot be supposed.
    """
    wanted = tuple(dict.fromkeys(papers))
    question, there = suppose(parse_question(raw), register, at, map(_paper, wanted))
    answer = room.decide(question, there, at)
    return Tried(
        answer=answer.as_json(),
        path=[stage.as_json() for stage in path_of(answer)],
        supposed=wanted,
        facts=facts(register),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a way on changes of a request: basis, channel, or the ids of the items that stay."""

    asked_basis: str
    channel: str
    items: tuple[str, ...]


def changed(raw: Mapping[str, Any], by: str) -> Changed:
    """A request once a way on is gone. Raises RequestError for what is no way on."""
    after = taken(parse_question(raw), by)
    return Changed(
        asked_basis=after.asked_basis, channel=after.channel, items=tuple(item.id for item in after.items)
    )


def _paper(words: str) -> Paper:
    what, _, name = words.partition("|")
    return Paper(what=what, name=name)


def papers(missing: Mapping[str, Any]) -> tuple[str, ...]:
    """The papers that one line of `missing` names, each `what|name`; none for facts and fields."""
    found = papers_in(str(missing.get("what", "")), str(missing.get("name", "")))
    return tuple(f"{one.what}|{one.name}" for one in found)


def facts(register: Register) -> Mapping[str, str]:
    """Every fact that a request may state, and its type: bool, int, date, datetime, enum, country, id."""
    return MappingProxyType(dict(register.fact_types))
