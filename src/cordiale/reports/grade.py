"""Grades: 3x5x2 and 4x4 side by side. The original is kept; the other is worked out and never better.

Reg. (EU) 2016/794 Art 29 (source A B C X, information 1-4; ungraded is X4; nobody changes a grade without the
provider); UK 3x5x2 (source 1-3, information A-E). The crosswalk between them is this house's, and lossy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cordiale.errors import InputError
from cordiale.payloads import Leaf
from cordiale.payloads.parts import Grading
from cordiale.terms import CATEGORIES, GradeScheme, Personal

_SOURCES: Final[Mapping[GradeScheme, str]] = MappingProxyType(
    {GradeScheme.EU_4X4: "ABCX", GradeScheme.UK_3X5X2: "123"}
)
_INFORMATION: Final[Mapping[GradeScheme, str]] = MappingProxyType(
    {GradeScheme.EU_4X4: "1234", GradeScheme.UK_3X5X2: "ABCDE"}
)

# Conservative: a reliable UK source is "mostly reliable", an untested one cannot be assessed.
_TO_EU_SOURCE: Final = MappingProxyType({"1": "B", "2": "X", "3": "C"})
# E (suspected false) has no match: such intelligence about a person is not exported.
_TO_EU_INFORMATION: Final = MappingProxyType({"A": "2", "B": "3", "C": "4", "D": "4"})
_TO_UK_SOURCE: Final = MappingProxyType({"A": "1", "B": "2", "C": "3", "X": "2"})
_TO_UK_INFORMATION: Final = MappingProxyType({"1": "A", "2": "A", "3": "B", "4": "D"})

SAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "4x4:A": "no doubt about the source",
        "4x4:B": "source mostly reliable",
        "4x4:C": "source mostly unreliable",
        "4x4:X": "source cannot be assessed",
        "4x4:1": "accuracy not in doubt",
        "4x4:2": "known to the source, not to the reporting officer",
        "4x4:3": "not known to the source but corroborated",
        "4x4:4": "not known to the source and not corroborated",
        "3x5x2:1": "source reliable",
        "3x5x2:2": "source untested",
        "3x5x2:3": "source not reliable",
        "3x5x2:A": "known directly to the source",
        "3x5x2:B": "known indirectly to the source but corroborated",
        "3x5x2:C": "known indirectly to the source",
        "3x5x2:D": "not known",
        "3x5x2:E": "suspected to be false",
    }
)
"""What each mark means, by "scheme:mark"."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade in one scheme."""

    scheme: GradeScheme
    source: str
    information: str

    def __post_init__(self) -> None:
        if len(self.source) != 1 or self.source not in _SOURCES[self.scheme]:
            raise InputError(
                f"`{self.source[:10]}` is no source grade of {self.scheme}",
                field="source",
                way_out=f"Use one of {', '.join(_SOURCES[self.scheme])}.",
            )
        if len(self.information) != 1 or self.information not in _INFORMATION[self.scheme]:
            raise InputError(
                f"`{self.information[:10]}` is no information grade of {self.scheme}",
                field="information",
                way_out=f"Use one of {', '.join(_INFORMATION[self.scheme])}.",
            )

    def __str__(self) -> str:
        return f"{self.source}{self.information}"

    def spoken(self) -> str:
        """Both marks in plain words."""
        return f"{SAYS[f'{self.scheme}:{self.source}']}; {SAYS[f'{self.scheme}:{self.information}']}"


UNGRADED: Final = Grade(GradeScheme.EU_4X4, "X", "4")
"""What counts where nobody has graded (Reg. (EU) 2016/794 Art 29(3))."""


@dataclass(frozen=True, slots=True)
class Both:
    """A grade as given and, beside it, in the other scheme. `other` is None where there is no match."""

    given: Grade
    other: Grade | None


def graded(given: Grading | None) -> Both:
    """The grade of a payload in both schemes; none given is X4."""
    if given is None:
        return beside(UNGRADED)
    return beside(Grade(given.scheme, given.source, given.information))


def beside(grade: Grade) -> Both:
    """A grade with its conservative counterpart."""
    return Both(grade, to_uk(grade) if grade.scheme is GradeScheme.EU_4X4 else to_eu(grade))


def to_eu(grade: Grade) -> Grade | None:
    """A 3x5x2 grade in 4x4, never better: 1->B, 2->X, 3->C; A->2, B->3, C and D->4; E has no match."""
    if grade.scheme is GradeScheme.EU_4X4:
        return grade
    information = _TO_EU_INFORMATION.get(grade.information)
    return Grade(GradeScheme.EU_4X4, _TO_EU_SOURCE[grade.source], information) if information else None


def to_uk(grade: Grade) -> Grade:
    """A 4x4 grade in 3x5x2, never better: A->1, B and X->2, C->3; 1 and 2->A, 3->B, 4->D."""
    if grade.scheme is GradeScheme.UK_3X5X2:
        return grade
    return Grade(GradeScheme.UK_3X5X2, _TO_UK_SOURCE[grade.source], _TO_UK_INFORMATION[grade.information])


def as_payload(grade: Grade) -> Grading:
    """The grade as it travels: the original scheme and marks."""
    return Grading(scheme=grade.scheme, source=grade.source, information=grade.information)


def regrade(old: Grade, new: Grade, *, provider_agreement: str) -> Grade:
    """The new grade, if the provider agreed to it. `provider_agreement`: the reference of that agreement.

    Raises InputError without one: nobody changes a grade alone, not even downwards (Art 29(5)-(6)).
    """
    if new != old and not provider_agreement.strip():
        raise InputError(
            f"the grade {old} is the provider's and stays",
            field="grade",
            way_out="Ask the provider; give the reference of the answer.",
        )
    return new


def barred(grade: Grade, leaves: tuple[Leaf, ...]) -> tuple[str, ...]:
    """The paths that may not leave because of the grade: what is about a person and suspected false."""
    if grade.scheme is not GradeScheme.UK_3X5X2 or grade.information != "E":
        return ()
    return tuple(
        leaf.path for leaf in leaves if leaf.subjects or CATEGORIES[leaf.category].personal is Personal.YES
    )
