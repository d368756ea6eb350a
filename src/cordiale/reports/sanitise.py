"""Before a report leaves: what would reveal who told it, and everything else a person should look at first.

Sanitising cuts words that a person has chosen; it never rewrites, and what is cut loses all marks around it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from cordiale.errors import InputError
from cordiale.payloads import Carried, FreeText, itemise
from cordiale.payloads.parts import Grading
from cordiale.reports.assess import divide, mixed, words_of
from cordiale.reports.grade import Grade, barred
from cordiale.screening import leaks
from cordiale.terms import Category, GradeScheme

CUT: Final = "[…]"
"""What stands where something was cut, so that nobody takes the rest for the whole."""

_WORDS: Final = (
    (r"\b(?:our|the|a|this|human|covert) source\b|\bCHIS\b|\binformants?\b|\bagent\b", "names a source"),
    (
        r"\b(?:he|she|they|the driver|a member) (?:told|confided|admitted|said to) (?:us|me|our|officers?)\b",
        "says who told it",
    ),
    (
        r"\bonly (?:\w+ ){0,3}(?:persons?|people|men|women|members?) (?:knew|know|were present|attended)\b",
        "was known to so few that the source can be worked out",
    ),
    (
        r"\b(?:was|were) present (?:when|at)\b|\boverheard\b|\bheard (?:him|her|them) say\b",
        "shows that somebody was there",
    ),
    (
        r"\b(?:intercept(?:ed|ion)?|wiretap|bugged|listening device|tracker|tracking device|undercover"
        r"|embedded officer|test purchase)\b",
        "reveals a technique",
    ),
    (
        r"\b(?:former|ex-) ?(?:wife|husband|partner|driver|associate|member)\b"
        r"|\b(?:his|her) (?:wife|husband|brother|sister|cousin|driver)\b",
        "points to one person near the subject",
    ),
    (
        r"\b(?:notre|une|la) source\b|\binformateur\b|\bindicateur\b|\bnous a (?:dit|confié|avoué)\b"
        r"|\bécoute (?:téléphonique|judiciaire)\b|\binfiltré\b",
        "names or betrays a source",
    ),
)
_REVEALING: Final = tuple((re.compile(pattern, re.IGNORECASE), why) for pattern, why in _WORDS)


@dataclass(frozen=True, slots=True)
class Revealing:
    """Words that may reveal a source: where they stand in the text, and why."""

    start: int
    end: int
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at before a report leaves. `stops`: it cannot leave so; else a person may go on."""

    path: str
    why: str
    stops: bool = False


def revealing(text: str) -> tuple[Revealing, ...]:
    """Stretches that may reveal who told it or how it was learnt, in order."""
    found = [
        Revealing(match.start(), match.end(), match.group(), why)
        for pattern, why in _REVEALING
        for match in pattern.finditer(text)
    ]
    return tuple(sorted(found, key=lambda r: (r.start, r.end)))


def cut(text: FreeText, stretches: Collection[tuple[int, int]]) -> FreeText:
    """The text without the stretches (start, end), each replaced by `[…]`; all marks are lost.

    Raises InputError for stretches outside the text or over one another.
    """
    words = text.text
    at, out = 0, []
    for start, end in sorted(stretches):
        if not at <= start < end <= len(words):
            raise InputError(f"{start} to {end} is no stretch of this text", field="stretches")
        out.extend([words[at:start], CUT])
        at = end
    return text if not stretches else FreeText.of("".join(out) + words[at:])


def concerns(carried: Carried, grade: Grading | None, names: Collection[str] = ()) -> tuple[Concern, ...]:
    """Everything that a person should look at before this leaves. Empty is no clearance: the gate still
    decides.

    `names`: names of the case's persons, looked for everywhere.
    """
    leaves = itemise(carried)
    out = [Concern(leaf.path, f"“{r.words}” {r.why}") for leaf in leaves for r in revealing(words_of(leaf))]
    out += [
        Concern(leak.path, f"a leaf about nobody holds something that {leak.span.why}")
        for leak in leaks(leaves, names)
    ]
    out += [
        Concern(m.path, f"“{m.words}” reads like an assessment, and stands among the facts")
        for m in mixed(carried)
    ]
    for leaf in divide(carried).unsaid:
        kind = "file" if leaf.category is Category.ATTACHMENT else "text"
        out.append(
            Concern(leaf.path, f"{kind} that nobody has marked counts as everything and will be withheld")
        )
    if grade is None:
        out.append(Concern("grade", "is not given and will count as X4"))
    else:
        out += _barred(grade, carried)
    return tuple(out)


def _barred(grading: Grading, carried: Carried) -> list[Concern]:
    grade = Grade(grading.scheme, grading.source, grading.information)
    why = "is about a person and graded E (suspected to be false): it is not exported"
    assert grade.information != "E" or grade.scheme is GradeScheme.UK_3X5X2
    return [Concern(path, why, stops=True) for path in barred(grade, itemise(carried))]
