"""The signature of a question: all that its answer depends on, and nothing else, in bytes.

Two questions of one signature get the same answer but for their id, their moment, the names of their items
and the ends of periods that start at a stated moment. Left out: ids (items and subjects are numbered), who
established a fact (only whether it is settled), and what no step reads. tests/twins hold this to be true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import orjson

from cordiale.agreements.model import Condition, Requirement
from cordiale.agreements.question import UNIDENTIFIED, End, Item, Items, Question, Subject, Subjects
from cordiale.agreements.register import Register
from cordiale.agreements.spelling import fits
from cordiale.agreements.steps.protection import AGAINST

_ORIGIN: Final = attrgetter(
    "owner", "state", "received_under", "source_article", "collected_for", "regime", "obtained"
)
_SETTLED: Final = tuple((name, attrgetter(name), values) for name, values in AGAINST.items())
MOMENT: Final = "@"


class Signatures:
    """Reads questions for one register: it knows which ids and facts its lines and records name."""

    def __init__(self, register: Register) -> None:
        self._types = register.fact_types
        self._cases = frozenset(r.case for r in register.records if r.case)
        self._named = frozenset(i for r in register.records for i in r.items)
        read = frozenset(_facts_read(register))
        self._moments = frozenset(n for n, t in self._types.items() if t in ("date", "datetime")) - read

    def timed(self, question: Question) -> bool:
        """Whether it states a moment at which a period starts."""
        return any(name in self._moments and value is not None for name, value in question.facts)

    def of(self, question: Question, at: datetime) -> bytes | None:
        """The signature at `at`; None for what has none: ids that stand twice, numbers beyond 64 bits."""
        places: dict[str, int] = {s.id: n for n, s in enumerate(question.subjects)}
        if len(places) != len(question.subjects):
            return None
        items = question.items
        if not isinstance(items, Items) and len({i.id for i in items}) != len(items):
            return None
        try:
            return orjson.dumps(
                (
                    at.toordinal(),
                    self._head(question),
                    self._papers(question, at),
                    places.get(UNIDENTIFIED, -1),
                    _subjects(question.subjects),
                    self._items_of(items, places),
                ),
                default=sorted,
            )
        except orjson.JSONEncodeError:
            return None

    def _head(self, asked: Question) -> tuple[Any, ...]:
        offence, sought, urgent = asked.offence, asked.sought, asked.urgent
        return (
            asked.act,
            asked.type,
            urgent.level,
            bool(urgent.reason),
            bool(asked.reason),
            asked.asked_basis,
            asked.case if asked.case in self._cases else bool(asked.case),
            asked.channel,
            _end(asked.from_),
            _end(asked.to),
            asked.automated,
            asked.purpose,
            asked.regime,
            offence and (offence.max_years, offence.stage),
            asked.targeting,
            asked.modality,
            bool(asked.place_of_processing),
            sought and (sought.categories, sought.systems),
        )

    def _papers(self, asked: Question, at: datetime) -> tuple[Any, ...]:
        """Facts, records named, and confirmations as far as they count."""
        facts = [(n, self._moment(n, v) if n in self._moments else v) for n, v in asked.facts]
        sender = asked.from_.person.id if asked.from_.person else ""
        persons: dict[str, int] = {sender: 0}
        given = [
            (
                persons.setdefault(c.person, len(persons)),
                c.of,
                c.role == "machine",
                c.qualified == "yes",
                c.at <= at,
            )
            for c in asked.confirmations
        ]
        return facts, asked.records or 0, given

    def _moment(self, name: str, value: Any) -> Any:
        return MOMENT if value is not None and fits(value, self._types[name]) else [value]

    def _items_of(self, items: tuple[Item, ...], places: dict[str, int]) -> Any:
        """What is read of the items; of items read once for many questions, the bytes are kept."""
        if not isinstance(items, Items):
            return [self._item(i, places) for i in items]
        numbers = tuple(places)
        kept: tuple[Any, ...] | None = items.kept.get("signature")
        if kept is None or kept[0] is not self or kept[1] != numbers:
            raw = orjson.dumps([self._item(i, places) for i in items], default=sorted)
            kept = items.kept["signature"] = (self, numbers, orjson.Fragment(raw))
        return kept[2]

    def _item(self, item: Item, places: dict[str, int]) -> tuple[Any, ...]:
        origin, handling, grade = item.origin, item.handling, item.grade
        systems = origin.systems
        return (
            item.category,
            [_place(i, places) for i in item.subjects],
            item.transformable or 0,
            _ORIGIN(origin),
            systems if systems is None else (systems or 0),
            1 if origin.derived_from is None else (origin.derived_from or 0),
            handling.code,
            handling.classification,
            handling.restrictions or 0,
            handling.consents or 0,
            grade and (grade.scheme, grade.source, grade.information),
            item.aggregate and (item.aggregate.smallest_cell, item.aggregate.describes or 0),
            item.goods and item.goods.class_,
            item.sensitive is None,
            item.conviction and (item.conviction.spent, item.conviction.class_),
            item.id if item.id in self._named else 0,
        )


def _place(id: str, places: dict[str, int]) -> int:
    """The number of a subject; whom nobody described gets the next one, somebody unidentified minus one."""
    if id == UNIDENTIFIED:
        return places.get(id, -1)
    return places.setdefault(id, len(places))


def _end(end: End) -> tuple[Any, ...]:
    person = end.person
    return (end.side, end.authority, end.on_behalf_of, end.capacity, bool(person and person.deployment))


def _subjects(subjects: tuple[Subject, ...]) -> Any:
    """What is read of the subjects; of subjects read once for many questions, the bytes are kept."""
    if not isinstance(subjects, Subjects):
        return [_subject(one) for one in subjects]
    kept = subjects.kept.get("signature")
    if kept is None:
        raw = orjson.dumps([_subject(one) for one in subjects], default=sorted)
        kept = subjects.kept["signature"] = orjson.Fragment(raw)
    return kept


def _subject(subject: Subject) -> tuple[Any, ...]:
    """What the steps read of a subject: the settled value of each fact, and nationality as it counts."""
    stated = {name: one.settles for name, one in subject.established}
    by = subject.statement_on("nationality") if "nationality" in stated else None
    facts = [
        "unknown" if (value := read(subject)) in against and not stated.get(name, False) else value
        for name, read, against in _SETTLED
    ]
    return (
        subject.kind,
        subject.role,
        facts,
        subject.stateless,
        subject.nationality if subject.nationality is None else (subject.nationality or 0),
        by is not None and by.source == "machine",
        by is not None and by.settles,
        subject.size,
    )


def _facts_read(register: Register) -> Iterator[str]:
    """The facts that some line asks a value of; a moment among them is not interchangeable."""
    for text in (*register.agreements, *register.laws):
        for line in text.provision:
            yield from _names(line.when, line.requires)
            yield from _names(line.except_, ())
            yield from line.lifts.when if line.lifts else ()
        for row in text.taint:
            for form in row.except_:
                yield from _names((), form.needs)


def _names(conditions: Iterable[Condition], needs: Iterable[Requirement]) -> Iterator[str]:
    every: list[Condition | Requirement] = [*conditions]
    for need in needs:
        every += [need, *need.any_fact]
    read: Callable[[Condition | Requirement], str] = attrgetter("fact")
    yield from (read(e) for e in every if e.fact)
