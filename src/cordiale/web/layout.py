"""The order of a form: what is known, of whom, what is thought of it, why, and how it is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cordiale.terms import UNKNOWN
from cordiale.web.bodies import PREFIX, Group
from cordiale.web.forms import Question
from cordiale.web.telling import ROLES

PERSONS: Final = (
    *ROLES,
    "persons",
    "perpetrators",
    "person",
    "passengers",
    "passenger",
    "complainant",
    "user",
)
"""Lists of a body in which persons stand, each with their part."""
MARKING: Final = ("handling", "classification", "caveats")
FIRST: Final = ("title", "narrative", "place", "case_reference")
WHY: Final = ("purpose", "regime", "act", "mode", "urgent", "case", "judicial")
RARER: Final = ("targeting", "max_years", "collected_for", "obtained", "verified")


@dataclass(frozen=True, slots=True)
class Layout:
    """The form in the order in which a person thinks: what is known, of whom, what is thought of it, why, and
    how it is marked. Facts never share a part with assessments, nor suspects with victims and witnesses.
    """

    words: list[Question]
    facts: list[Group]
    persons: list[Group]
    assessments: list[Group]
    why: list[Question]
    more: list[Question]
    marking: list[Question]
    grades: list[Group]

    @property
    def more_said(self) -> bool:
        """Whether one of the rarer questions was answered, or wrongly."""
        return any(one.error or (one.value or UNKNOWN) != UNKNOWN for one in self.more)


def laid_out(body: Group, grounds: Sequence[Question]) -> Layout:
    """Questions and parts by what they are about."""

    def root(group: Group) -> str:
        return group.path.split(".")[0]

    apart = [one for one in body.groups if root(one).endswith("assessments")]
    persons = [one for one in body.groups if root(one) in PERSONS]
    grades = [one for one in body.groups if root(one) == "grade"]
    kept = (*apart, *persons, *grades)
    marks = [q for q in body.questions if q.name.removeprefix(PREFIX) in MARKING]
    return Layout(
        words=sorted((q for q in body.questions if q not in marks), key=_told_first),
        facts=[one for one in body.groups if one not in kept],
        persons=persons,
        assessments=apart,
        why=[q for q in grounds if q.name in WHY],
        more=[q for q in grounds if q.name in RARER],
        marking=[*marks, *(q for q in grounds if q.name not in WHY and q.name not in RARER)],
        grades=grades,
    )


def _told_first(question: Question) -> int:
    """What somebody on a quay types first stands first, the rest in its order. What travels keeps its own."""
    name = question.name.removeprefix(PREFIX)
    return FIRST.index(name) if name in FIRST else len(FIRST)
