"""The register beside the agreements as frozen types: Sides, authorities, rescue, rights and markings.

docs/reference/agreement-file.md says what every key means; what binds is in the agreements and laws.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from cordiale.agreements import vocabulary as v
from cordiale.agreements.model import InOthers, Labels, Line
from cordiale.agreements.shape import (
    day,
    days,
    flag,
    free,
    names,
    table,
    tables,
    text,
    whole,
    word,
    words,
)
from cordiale.terms import (
    Act,
    Category,
    Classification,
    HandlingCode,
    Purpose,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """From when to when a Side belongs to a bloc."""

    bloc: Annotated[str, text]
    from_: Annotated[date | None, day] = None
    until: Annotated[date | None, day] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side(Line):
    """A Side as the register knows it."""

    code: Annotated[str, text]
    name: Annotated[str, text]
    kind: Annotated[str, word(("state", "agency", "bloc", "organisation"))] = "state"
    names_: InOthers = ()
    member_of: Annotated[tuple[Membership, ...], tables(Membership)] = ()
    bound_by: Annotated[frozenset[str], names] = frozenset()
    footnote: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority(Line):
    """A body inside a Side."""

    side: Annotated[str, text]
    id: Annotated[str, text]
    name: Annotated[str, text]
    kind: Annotated[str, text]
    national_security: Annotated[bool, flag] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueAuthority(Line):
    """Who may be told of people in danger at sea, whatever the agreement's state."""

    side: Annotated[str, text]
    authority: Annotated[str, text]
    sea_areas: Annotated[frozenset[str], names] = frozenset()
    telephone: Annotated[str, text] = ""
    telephone_invented: Annotated[bool, flag] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueMinimum(Line):
    """What a distress message may carry, and nothing more."""

    categories: Annotated[frozenset[str], words(Category)]
    never: Annotated[frozenset[str], words(Category)] = frozenset()
    purpose_lock: Annotated[str, word(Purpose)] = "rescue"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsOfficer(Line):
    """Who hears complaints and reports of violations, outside the chain of command."""

    side: Annotated[str, text]
    authority: Annotated[str, text]
    hears: Annotated[frozenset[str], words(Act)] = frozenset({Act.COMPLAIN, Act.INCIDENT_REPORT})
    about: Annotated[frozenset[str], names] = frozenset()
    for_: Annotated[Any, free] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar(Line):
    """Days that are not working days, for a span of years."""

    id: Annotated[str, text]
    name: Annotated[str, text]
    weekend: Annotated[frozenset[str], names] = frozenset()
    days: Annotated[frozenset[date], days] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsClass(Line):
    """A class of goods; `excluded` ones keep people alive and are never told as suspicious."""

    id: Annotated[str, text]
    name: Annotated[str, text]
    excluded: Annotated[bool, flag]
    to_a_person: Annotated[bool, flag] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingRule(Line):
    """What a handling code says, and its height."""

    id: Annotated[str, word(HandlingCode)]
    says: Annotated[str, text] = ""
    rank: Annotated[int, whole]
    use_only: Annotated[frozenset[str], words(Purpose)] = frozenset()
    travels: Annotated[frozenset[str], words(v.RESTRICTIONS)] = frozenset()
    human_reads: Annotated[bool, flag] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking(Line):
    """The height of a protective marking."""

    marking: Annotated[str, word(Classification)]
    rank: Annotated[int, whole]
    above_ceiling: Annotated[bool, flag] = False
    equals: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeDefault(Line):
    """The grade of what nobody graded."""

    source_grade: Annotated[str, text]
    information_grade: Annotated[str, text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution(Line):
    """Where a list of the register comes from."""

    ceiling: Annotated[frozenset[str], words(Classification)] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """One file of the register: any of these tables."""

    side: Annotated[tuple[Side, ...], tables(Side)] = ()
    authority: Annotated[tuple[Authority, ...], tables(Authority)] = ()
    rescue_authority: Annotated[tuple[RescueAuthority, ...], tables(RescueAuthority)] = ()
    rescue_minimum: Annotated[RescueMinimum | None, table(RescueMinimum)] = None
    rights_officer: Annotated[tuple[RightsOfficer, ...], tables(RightsOfficer)] = ()
    calendar: Annotated[tuple[Calendar, ...], tables(Calendar)] = ()
    goods_class: Annotated[tuple[GoodsClass, ...], tables(GoodsClass)] = ()
    handling_code: Annotated[tuple[HandlingRule, ...], tables(HandlingRule)] = ()
    classification: Annotated[tuple[Marking, ...], tables(Marking)] = ()
    source: Annotated[Any, free] = None
    grade_map: Annotated[Any, free] = None
    grade_default: Annotated[GradeDefault | None, table(GradeDefault)] = None
    handling_source: Annotated[Attribution | None, table(Attribution)] = None
    classification_source: Annotated[Attribution | None, table(Attribution)] = None
    mechanism_rule: Annotated[Any, free] = None
    labels: Labels = ()
