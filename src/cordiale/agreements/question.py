"""The request to the gate as a frozen type, and its strict JSON codec.

Absent equals unknown. A key that stands twice, an unknown field, value or category is refused by name
(RequestError). Sides, authorities and facts are checked against the register by the gate.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Final

from cordiale.agreements import vocabulary as v
from cordiale.agreements.shape import (
    Place,
    Reader,
    free,
    names,
    read_table,
    spelled,
    table,
    tables,
    text,
    texts,
    whole,
    word,
    words,
)
from cordiale.agreements.values import Asked, calendar_day, maybe, moment, pairs, scalar
from cordiale.errors import RequestError
from cordiale.terms import (
    CATEGORIES,
    Act,
    Capacity,
    Category,
    Channel,
    Classification,
    GradeScheme,
    HandlingCode,
    Minor,
    Modality,
    Mode,
    Personal,
    Protection,
    Purpose,
    Regime,
    Role,
    SubjectKind,
    System,
    Targeting,
    Transform,
    Urgency,
)

UNIDENTIFIED: Final = "unidentified"
PEOPLE: Final = frozenset({SubjectKind.PERSON, SubjectKind.UNIDENTIFIED})
"""Kinds of subject that are somebody: what is tied to one is personal, whatever its category."""
ITEMS_MAX: Final = 2_000
"""Items of one request: a report has tens of leaves; a list of thousands is bulk, which no agreement here
allows."""
SUBJECTS_MAX: Final = 500
ANSWERS: Final = ("yes", "no", "unknown")
BASES_OF_STATEMENT: Final = ("document", "lawful_assessment", "own_statement", "officer", "machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """In what capacity a person acts."""

    capacity: Annotated[str, word(Capacity)] = Capacity.OWN_OFFICER
    deployment: Annotated[str, text] = ""
    id: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of an exchange: exactly one authority of one Side."""

    side: Annotated[str, text]
    authority: Annotated[str, text]
    on_behalf_of: Annotated[str, text] = ""
    person: Annotated[Person | None, table(Person)] = None

    @property
    def capacity(self) -> str:
        return self.person.capacity if self.person else Capacity.OWN_OFFICER


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    """How urgent, and why."""

    level: Annotated[str, word(Urgency)] = Urgency.NO
    reason: Annotated[str, text] = ""


def urgent(value: Any, place: Place) -> Urgent:
    """`"threat_to_life"`, or `{level, reason}`."""
    if isinstance(value, str):
        return Urgent(level=word(Urgency)(value, place))
    return read_table(Urgent, value, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """Which offence, how grave (most years of prison), and how far the case has come."""

    law: Annotated[str, text] = ""
    code: Annotated[str, text] = ""
    max_years: Annotated[int | None, maybe(whole)] = None
    stage: Annotated[str, word(("suspected", "investigated", "tried", "convicted", "unknown"))] = "unknown"
    place: Annotated[str, text] = ""
    date: Annotated[Any, maybe(calendar_day)] = None


def offence(value: Any, place: Place) -> Offence | None:
    """A table, or `"none"` or `"unknown"`: neither shows an offence."""
    return None if value in ("none", "unknown") else read_table(Offence, value, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a question wants to hear: the answer is judged as well."""

    categories: Annotated[frozenset[str], words(Category)]
    systems: Annotated[frozenset[str] | None, maybe(words(System))] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Who stated a fact about a person, when, and from what."""

    source: Annotated[str, word(BASES_OF_STATEMENT)]
    by: Annotated[str, text] = ""
    at: Annotated[Any, calendar_day] = None

    @property
    def settles(self) -> bool:
        """Whether it may count against the person: complete, and not a machine's."""
        return self.source != "machine" and bool(self.by) and self.at is not None


def statement(value: Any, place: Place) -> Statement:
    """`{source, by, at}`; a bare word says from what only, and so settles nothing."""
    if isinstance(value, str):
        return Statement(source=word(BASES_OF_STATEMENT)(value, place))
    return read_table(Statement, value, place)


STATED: Final = (
    "protection",
    "human_rights_claim",
    "nationality",
    "stateless",
    "minor",
    "accompanied",
    "trafficking_indicator",
    "protected_activity",
    "role",
    "size",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom items are about. Everything not said is unknown; unknown protects."""

    id: Annotated[str, text]
    kind: Annotated[str, word(SubjectKind)]
    role: Annotated[str, word(Role)] = Role.UNKNOWN
    ground: Annotated[str, text] = ""
    protection: Annotated[str, word(Protection)] = Protection.UNKNOWN
    human_rights_claim: Annotated[str, word(("none", "open", "closed", "unknown"))] = "unknown"
    nationality: Annotated[frozenset[str] | None, maybe(names)] = None
    stateless: Annotated[str, word(ANSWERS)] = "unknown"
    minor: Annotated[str, word(Minor)] = Minor.UNKNOWN
    accompanied: Annotated[str, word(ANSWERS)] = "unknown"
    trafficking_indicator: Annotated[str, word(ANSWERS)] = "unknown"
    protected_activity: Annotated[
        str, word(("aid", "rescue", "press", "research", "medical", "legal", "none", "unknown"))
    ] = "unknown"
    informed: Annotated[str, word(ANSWERS)] = "unknown"
    size: Annotated[int | None, maybe(whole)] = None
    established: Annotated[tuple[tuple[str, Statement], ...], pairs(word(STATED), statement)] = ()

    def statement_on(self, name: str) -> Statement | None:
        return dict(self.established).get(name)


class Subjects(tuple[Subject, ...]):
    """Subjects read once for many questions (reading.py). `who`: id, kind and role of each; `kept`: what was
    worked out of them.
    """

    who: tuple[tuple[str, str, str], ...]
    kept: dict[str | tuple[str, ...], Any]

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> Subjects:
        made = cls(subjects)
        made.who, made.kept = tuple((one.id, one.kind, one.role) for one in made), {}
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How reliable: source and information in one scheme."""

    scheme: Annotated[str, word(GradeScheme)]
    source: Annotated[str, text]
    information: Annotated[str, text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an item comes from: owner, agreement it came under, purpose, systems, and how it was obtained."""

    owner: Annotated[str, text] = "unknown"
    state: Annotated[str, text] = "unknown"
    systems: Annotated[frozenset[str] | None, maybe(words(System))] = None
    derived_from: Annotated[frozenset[str] | None, maybe(words(System))] = frozenset()
    received_under: Annotated[str, text] = ""
    source_article: Annotated[str, text] = ""
    collected_for: Annotated[str | None, maybe(word(Purpose))] = None
    regime: Annotated[str, word(Regime)] = Regime.UNKNOWN
    obtained: Annotated[str, word(("lawfully", "rights_violation", "unknown"))] = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseOnly:
    """A restriction to purposes."""

    use_only: Annotated[frozenset[str], words(Purpose)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverTo:
    """A restriction that names Sides which never get it."""

    never_to: Annotated[frozenset[str], names]


def restriction(value: Any, place: Place) -> tuple[str, frozenset[str]]:
    """A word, `{"use_only": [purposes]}` or `{"never_to": [Sides]}`: (name, what is listed)."""
    if isinstance(value, Mapping) and "never_to" in value:
        return "never_to", read_table(NeverTo, value, place).never_to
    if isinstance(value, Mapping):
        return "use_only", read_table(UseOnly, value, place).use_only
    return word(v.RESTRICTIONS)(value, place), frozenset()


@dataclass(frozen=True, slots=True)
class Many:
    """Reads a list, each as `reader` reads it."""

    reader: Reader

    def __call__(self, value: Any, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise place.wrong("must be a list: […]")
        return tuple(self.reader(x, place.at(i)) for i, x in enumerate(value))


def many(reader: Reader) -> Many:
    """A list, each as `reader` reads it."""
    return Many(reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Markings and limits that travel with an item."""

    code: Annotated[str, word(HandlingCode)] = HandlingCode.UNKNOWN
    classification: Annotated[str, word(Classification)] = Classification.UNKNOWN
    caveats: Annotated[tuple[str, ...], texts] = ()
    restrictions: Annotated[tuple[tuple[str, frozenset[str]], ...], many(restriction)] = ()
    consents: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A table of counts: its smallest cell, and what its rows describe."""

    smallest_cell: Annotated[int | None, maybe(whole)] = None
    describes: Annotated[
        frozenset[str], words(("nationality", "status", "lodging", "place", "age", "sex", "other"))
    ] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What class of goods an item names."""

    class_: Annotated[str, text] = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitive:
    """The two papers that sensitive processing needs (DPA s.35(5), s.42)."""

    condition: Annotated[str, text]
    policy_document: Annotated[str, text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conviction:
    """What kind of conviction, and whether it is spent."""

    spent: Annotated[str, word(ANSWERS)] = "unknown"
    class_: Annotated[str, text] = "unknown"
    recorded_at: Annotated[Any, maybe(calendar_day)] = None
    marker: Annotated[str, text] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One leaf: what kind of thing it says, about whom, where from, and how it is marked."""

    id: Annotated[str, text]
    category: Annotated[str, word(Category)]
    subjects: Annotated[tuple[str, ...], texts] = ()
    value: Annotated[Any, free] = field(default=None, repr=False, compare=False)
    transformable: Annotated[frozenset[str], words(Transform)] = frozenset()
    assertion: Annotated[str, word(("fact", "assessment", "unknown"))] = "unknown"
    as_of: Annotated[Any, maybe(calendar_day)] = None
    grade: Annotated[Grade | None, maybe(table(Grade))] = None
    verified: Annotated[str, word(ANSWERS)] = "unknown"
    origin: Annotated[Origin, table(Origin)] = Origin()
    handling: Annotated[Handling, table(Handling)] = Handling()
    aggregate: Annotated[Aggregate | None, table(Aggregate)] = None
    goods: Annotated[Goods | None, maybe(table(Goods))] = None
    sensitive: Annotated[Sensitive | None, table(Sensitive)] = None
    conviction: Annotated[Conviction | None, table(Conviction)] = None
    tied: bool = field(default=False, repr=False, compare=False)
    """Whether one of its subjects is a person, which makes a place or an event personal too (Question sets
    it)."""

    @property
    def personal(self) -> Personal:
        """Its weight: what its category says, and always personal when it is about a person."""
        return Personal.YES if self.tied else _PERSONAL[self.category]

    @property
    def special(self) -> bool:
        return CATEGORIES[Category(self.category)].special


_PERSONAL: Final[Mapping[str, Personal]] = {
    name: CATEGORIES[one].personal for one in Category for name in (one, one.value)
}
"""The weight of each category, under its word and under its name: an enumeration has a hash of its own."""


class Items(tuple[Item, ...]):
    """Items read once for many questions (reading.py): no id stands twice. `kept`: what was worked out of
    them.
    """

    ids: tuple[str, ...]
    kept: dict[str, Any]

    @classmethod
    def of(cls, items: Iterable[Item]) -> Items:
        made = cls(items)
        made.ids, made.kept = tuple(item.id for item in made), {}
        return made


def ids_of(items: tuple[Item, ...]) -> tuple[str, ...]:
    """The ids of items, in order."""
    return items.ids if isinstance(items, Items) else tuple(item.id for item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A named person's yes to one thing."""

    person: Annotated[str, text]
    role: Annotated[str, text] = ""
    qualified: Annotated[str, word(ANSWERS)] = "unknown"
    of: Annotated[str, word(v.CONFIRMATIONS)]
    at: Annotated[Any, moment]
    independent_of: Annotated[frozenset[str], names] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryItem:
    """What holds for every item that does not say otherwise."""

    origin: Annotated[Any, free] = None
    handling: Annotated[Any, free] = None
    grade: Annotated[Any, free] = None
    verified: Annotated[Any, free] = None
    assertion: Annotated[Any, free] = None
    as_of: Annotated[Any, free] = None
    sensitive: Annotated[Any, free] = None
    subjects: Annotated[Any, free] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to the gate (docs/reference/decide.md)."""

    id: Annotated[str, text] = ""
    at: Annotated[datetime | None, moment] = None
    act: Annotated[str, word(Act)]
    type: Annotated[str, word(v.INFORMATION_TYPES)]
    mode: Annotated[str, word(Mode)] = Mode.SPONTANEOUS
    urgent: Annotated[Urgent, urgent] = Urgent()
    asked_basis: Annotated[str, text] = ""
    case: Annotated[str, text] = ""
    channel: Annotated[str, word(Channel)] = Channel.NODE
    from_: Annotated[End, table(End)]
    to: Annotated[End, table(End)]
    automated: Annotated[str, word(ANSWERS)] = "unknown"
    purpose: Annotated[str, word(Purpose)]
    regime: Annotated[str, word(Regime)] = Regime.UNKNOWN
    offence: Annotated[Offence | None, offence] = None
    targeting: Annotated[str, word(Targeting)] = Targeting.UNKNOWN
    modality: Annotated[str, word(Modality)] = ""
    place_of_processing: Annotated[str, text] = ""
    reason: Annotated[str, text] = ""
    sought: Annotated[Sought | None, table(Sought)] = None
    subjects: Annotated[tuple[Subject, ...], tables(Subject)] = ()
    items: Annotated[tuple[Item, ...], tables(Item)] = ()
    facts: Annotated[tuple[tuple[str, Any], ...], pairs(text, maybe(scalar))] = ()
    confirmations: Annotated[tuple[Confirmation, ...], tables(Confirmation)] = ()
    records: Annotated[frozenset[str], names] = frozenset()

    def __post_init__(self) -> None:
        """See which items are about a person, whatever their category says of itself."""
        if any(i.subjects for i in self.items):
            people, others = people_of(self.subjects)
            object.__setattr__(self, "items", tuple(weighed(i, people, others) for i in self.items))

    def fact(self, name: str) -> Any:
        """The value of a fact; None is unknown."""
        return dict(self.facts).get(name)

    def subject(self, id: str) -> Subject:
        """The subject of that id; whom nobody described is unidentified, with everything unknown."""
        found = next((s for s in self.subjects if s.id == id), None)
        return found or Subject(id=id, kind=SubjectKind.UNIDENTIFIED)

    def about(self, item: Item) -> tuple[Subject, ...]:
        """Everybody an item is about; a personal item about nobody named is about somebody unidentified."""
        ids = item.subjects or ((UNIDENTIFIED,) if item.personal is Personal.YES else ())
        if not isinstance(self.subjects, Subjects):
            return tuple(self.subject(i) for i in ids)
        found: tuple[Subject, ...] | None = self.subjects.kept.get(ids)
        if found is None:
            found = tuple(self.subject(i) for i in ids)
            if len(self.subjects.kept) <= SUBJECTS_MAX:
                self.subjects.kept[ids] = found
        return found


def people_of(subjects: tuple[Subject, ...]) -> tuple[dict[str, str], set[str]]:
    """The role of each subject that is somebody, and the ids of those that are not."""
    people: dict[str, str] = {s.id: s.role for s in subjects if s.kind in PEOPLE}
    return people, {s.id for s in subjects} - people.keys()


def weighed(item: Item, people: Mapping[str, str], others: Set[str]) -> Item:
    """The item, tied to a person or not. Staff in their office are not whom it is about; a suspect is."""
    named = [people.get(s, Role.UNKNOWN) for s in item.subjects if s not in others]
    if item.category == Category.STAFF:
        named = [role for role in named if role not in (Role.STAFF, Role.UNKNOWN)]
    return item if item.tied is bool(named) else replace(item, tied=bool(named))


def parse_question(raw: Mapping[str, Any]) -> Question:
    """A Question from JSON already read. Raises RequestError naming the field.

    `every_item` gives origin, handling and the like once for all items that do not say their own.
    """
    if not isinstance(raw, Mapping):
        raise RequestError("a request is a JSON object.", way_out="See docs/reference/decide.md.")
    _no_nulls(raw, ())
    asked = dict(raw)
    place = Asked("request", "")
    if (common := asked.pop("every_item", None)) is not None:
        read_table(EveryItem, common, place.at("every_item"))
        if isinstance(items := asked.get("items"), list):
            asked["items"] = [{**common, **i} if isinstance(i, Mapping) else i for i in items]
    question = read_table(Question, asked, place)
    for message, where in _contradictions(question):
        raise RequestError(message, field=where)
    return question


def _no_nulls(value: Any, path: tuple[str | int, ...]) -> None:
    if value is None:
        raise RequestError(
            "null says nothing.", field=spelled(path), way_out='Leave it out, or write "unknown".'
        )
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key != "value":
                _no_nulls(each, (*path, str(key)))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _no_nulls(each, (*path, index))


def _contradictions(question: Question) -> Iterator[tuple[str, str]]:
    """What a form cannot show: ids that stand twice or lead nowhere, and sizes beyond the limits."""
    subjects = [s.id for s in question.subjects]
    items = [i.id for i in question.items]
    for ids, where, limit in ((subjects, "subjects", SUBJECTS_MAX), (items, "items", ITEMS_MAX)):
        if len(ids) > limit:
            yield f"more than {limit} are bulk; send them apart.", where
        if twice := next((i for i in ids if ids.count(i) > 1), None):
            yield f"`{twice}` stands twice.", f"{where}.id"
    for index, item in enumerate(question.items):
        for each in item.subjects:
            if each not in subjects and each != UNIDENTIFIED:
                yield f"`{each}` is none of the subjects.", f"items[{index + 1}].subjects"


def read_question(raw: bytes) -> Question:
    """A Question from bytes: refuses what is not JSON, and a key that stands twice. Raises RequestError."""
    return parse_question(read_json(raw))


def read_json(raw: bytes) -> Mapping[str, Any]:
    """JSON in which no key stands twice and no number is NaN. Raises RequestError."""
    try:
        found = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise RequestError(f"the request is not JSON: {wrong}") from None
    if not isinstance(found, dict):
        raise RequestError("the request is not a JSON object.", way_out="See docs/reference/decide.md.")
    return found


def _once(found: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in found:
        if key in out:
            raise RequestError("the key stands twice in one object.", field=key, way_out="Keep one.")
        out[key] = value
    return out


def _no_constant(name: str) -> Any:
    raise RequestError(f"`{name}` is not a JSON number.")
