"""Facts apart from assessments (DPA 2018 s.38(2), LED Art 7(1)), and words that mix them shown.

It proposes; the officer decides what is a fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cordiale.payloads import Carried, Leaf, itemise
from cordiale.terms import Category

_OPINION: Final = re.compile(
    r"(?i)\b(?:probably|possibly|presumably|apparently|allegedly|likely|unlikely|may be|might|could be"
    r"|appears? to"
    r"|seems?|we (?:believe|think|assess|suspect)|is (?:believed|thought|assessed|suspected|considered)"
    r"|assessed as|in my (?:view|opinion)|sans doute|probablement|vraisemblablement|semble"
    r"|il est possible|serait)\b"
)


@dataclass(frozen=True, slots=True)
class Divided:
    """Leaves, facts and assessments apart. `unsaid`: text of which nobody has said which it is."""

    facts: tuple[Leaf, ...]
    assessments: tuple[Leaf, ...]
    unsaid: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Mixed:
    """A fact that reads like an assessment: where, and the words that say so."""

    path: str
    start: int
    end: int
    words: str


def divide(carried: Carried) -> Divided:
    """Facts, assessments, and text that is still neither."""
    leaves = itemise(carried)
    unsaid = tuple(leaf for leaf in leaves if leaf.category in (Category.FREE_TEXT, Category.ATTACHMENT))
    said = [leaf for leaf in leaves if leaf not in unsaid]
    return Divided(
        facts=tuple(leaf for leaf in said if leaf.asserted == "fact"),
        assessments=tuple(leaf for leaf in said if leaf.asserted == "assessment"),
        unsaid=unsaid,
    )


def mixed(carried: Carried) -> tuple[Mixed, ...]:
    """Facts with words of opinion in them: they may belong among the assessments."""
    return tuple(
        Mixed(leaf.path, match.start(), match.end(), match.group())
        for leaf in divide(carried).facts
        for match in _OPINION.finditer(words_of(leaf))
    )


def words_of(leaf: Leaf) -> str:
    """The words of a leaf: its text, or that of a passage; nothing for numbers and files."""
    if isinstance(leaf.value, str):
        return leaf.value
    return str(leaf.value.get("text", "")) if isinstance(leaf.value, dict) else ""
