"""The fast reading of a request: the same Question as `question.parse_question`, or that one's own error.

Every field is read by the model's own readers, without the way to it; whatever is odd is read again by the
reference, which alone speaks errors. Items that came before, about the same kinds of subject, are not read
twice: they hold paths and markings, never a value. tests/twins hold both equal.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache, lru_cache
from typing import Any, Final

from cordiale.agreements import question as q
from cordiale.agreements.question import (
    Item,
    Items,
    Question,
    Statement,
    Subject,
    Subjects,
    parse_question,
)
from cordiale.agreements.shape import ManyTables, OneTable, Reader, Word, Words, readers, text, texts
from cordiale.agreements.values import Asked, Maybe, Pairs
from cordiale.errors import InputError

ITEMS_KEPT: Final = 100
"""Items of a list that is kept: a report has tens."""
LISTS_MAX: Final = 512
"""Lists kept (each at most about 50 kB); beyond it all are forgotten and read again."""
STATEMENTS_MAX: Final = 4_096
PLAIN: Final = 2
"""The version of marshal in which equal values have equal bytes, whoever else holds them."""
PLAIN_MAX: Final = 50_000
"""Bytes of what is kept read: a hundred items with all their markings."""
PARTS_MAX: Final = 1_024
"""Ends and offences kept read: as many as officers here have partners and matters."""

Fast = Callable[[Any], Any]
_ODD: Final = (InputError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def parse_fast(raw: Mapping[str, Any]) -> Question:
    """`parse_question` as it runs. Raises RequestError as that does."""
    try:
        return _question(raw)
    except _ODD:
        return parse_question(raw)


class Listed(list[dict[str, Any]]):
    """Items of a request as JSON, made once for many requests: they are read, not written into.

    `plain`: the bytes by which what was read of them is found again; empty where nothing may be kept.
    """

    plain: bytes

    @classmethod
    def of(cls, items: Iterable[dict[str, Any]]) -> Listed:
        made = cls(items)
        kept = len(made) <= ITEMS_KEPT and not any("value" in one for one in made)
        made.plain = plain_bytes(list(made)) if kept else b""
        return made


def plain_bytes(value: Any) -> bytes:
    """The bytes of a value of JSON's own types alone: others are told apart. Empty for what has none, and for
    what is too long to be kept.
    """
    try:
        plain = marshal.dumps(value, PLAIN)
    except ValueError:
        return b""
    return plain if len(plain) <= PLAIN_MAX else b""


# ---------------------------------------------------------------------- readers without places


@dataclass(frozen=True)
class _Nowhere(Asked):
    """A place for a reading whose errors nobody hears."""

    def at(self, *keys: str | int) -> _Nowhere:
        del keys
        return self


_HERE: Final = _Nowhere("request", "")


def _fast(reader: Reader) -> Fast:
    """A reader of the model without its place; what it refuses in words, this refuses in any way."""
    if isinstance(reader, Word):
        return reader.known.__getitem__
    if isinstance(reader, Words):
        return _words(reader.one.known)
    if isinstance(reader, OneTable):
        return _table(reader.kind)
    if isinstance(reader, ManyTables):
        return _tables(reader.kind)
    if isinstance(reader, Maybe):
        return _maybe(_fast(reader.reader))
    if isinstance(reader, Pairs):
        return _pairs(_fast(reader.keys), _fast(reader.values))
    if reader in _KNOWN:
        return _KNOWN[reader]
    return lambda value: reader(value, _HERE)


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise TypeError


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple([_text(one) for one in value])


def _words(known: Mapping[str, str]) -> Fast:
    def read(value: Any) -> frozenset[str]:
        if not isinstance(value, list):
            raise TypeError
        found = frozenset([known[one] for one in value])
        if len(found) != len(value):
            raise ValueError
        return found

    return read


def _maybe(inner: Fast) -> Fast:
    return lambda value: None if value == "unknown" else inner(value)


def _pairs(keys: Fast, values: Fast) -> Fast:
    def read(value: Any) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted([(keys(key), values(one)) for key, one in _object(value).items()]))

    return read


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise TypeError
    return value


def _table(kind: Any) -> Fast:
    known, needed = _schema(kind)
    make = _maker(kind)

    def read(value: Any) -> Any:
        if not needed <= _object(value).keys():
            raise KeyError
        given = {}
        for key, one in value.items():
            name, reader = known[key]
            given[name] = reader(one)
        return make(given)

    return read


def _maker(kind: Any) -> Callable[[dict[str, Any]], Any]:
    """A type made of its fields without its constructor, where that only puts them in their places."""
    every = fields(kind)
    plain = all(each.default_factory is MISSING for each in every)
    if hasattr(kind, "__post_init__") or not plain or "__slots__" not in vars(kind):
        return lambda given: kind(**given)
    usual = {each.name: each.default for each in every if each.default is not MISSING}
    puts = tuple((each.name, getattr(kind, each.name).__set__) for each in every)
    new = object.__new__

    def make(given: dict[str, Any]) -> Any:
        values = usual | given
        made = new(kind)
        for name, put in puts:
            put(made, values[name])
        return made

    return make


def _tables(kind: type[Any]) -> Fast:
    one = _table(kind)

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise TypeError
        return tuple([one(each) for each in value])

    return read


@cache
def _schema(kind: Any) -> tuple[dict[str, tuple[str, Fast]], frozenset[str]]:
    """(key -> (field, reader), the keys that must stand)."""
    found = readers(kind)
    known = {key: (name, _fast(reader)) for key, (name, reader, _) in found.items()}
    return known, frozenset(key for key, (_, _, needed) in found.items() if needed)


@lru_cache(STATEMENTS_MAX, typed=True)
def _stated(source: str, by: str, at: str) -> Statement:
    return q.statement({"source": source, "by": by, "at": at}, _HERE)


def _statement(value: Any) -> Statement:
    """A statement; a whole one is made once: who stated, when and from what, and nothing about whom."""
    if type(value) is dict and len(value) == 3:
        return _stated(value["source"], value["by"], value["at"])
    return q.statement(value, _HERE)


_KNOWN: Final[Mapping[Reader, Fast]] = {text: _text, texts: _texts, q.statement: _statement}


# ---------------------------------------------------------------------- the question


_APART: Final = frozenset({"items", "subjects", "every_item"})
_PARTS: Final = frozenset({"from", "to", "offence", "sought"})
"""What comes again and again and is about no person outside a service."""
_parts: dict[tuple[str, bytes], Any] = {}
_DEFAULTS: Final = {each.name: each.default for each in fields(Question) if each.default is not MISSING}
_SET: Final = tuple((each.name, getattr(Question, each.name).__set__) for each in fields(Question))


def _question(raw: Mapping[str, Any]) -> Question:
    known, needed = _schema(Question)
    if not needed <= _object(raw).keys():
        raise KeyError
    values = dict(_DEFAULTS)
    for key, value in raw.items():
        if key in _APART:
            continue
        name, read = known[key]
        values[name] = _part(key, read, value) if key in _PARTS and type(value) is dict else read(value)
    values["subjects"] = subjects = _subjects(raw.get("subjects", []))
    values["items"] = _items(raw, subjects)
    # Made without its constructor, which would weigh the items again.
    made = object.__new__(Question)
    for name, put in _SET:
        put(made, values[name])
    return made


def _part(key: str, read: Fast, value: Any) -> Any:
    """One table that comes again and again, read once."""
    plain = plain_bytes(value)
    if not plain:
        return read(value)
    found = _parts.get((key, plain))
    if found is None:
        found = read(value)
        if len(_parts) >= PARTS_MAX:
            _parts.clear()
        _parts[key, plain] = found
    return found


def _subjects(raw: Any) -> Subjects:
    """The subjects; kept as they were stated: ordinals, parts in the matter, facts settled; no identity."""
    if not isinstance(raw, list) or len(raw) > q.SUBJECTS_MAX:
        raise TypeError
    plain = plain_bytes(raw) if len(raw) <= ITEMS_KEPT else b""
    found = _people.get(plain) if plain else None
    if found is None:
        found = Subjects.of(_READ_SUBJECTS(raw))
        if len({each.id for each in found}) != len(found):
            raise ValueError
        if len(_people) >= LISTS_MAX:
            _people.clear()
        if plain:
            _people[plain] = found
    return found


_READ_SUBJECTS: Final = _tables(Subject)
_people: dict[bytes, Subjects] = {}
_lists: dict[tuple[object, ...], Items] = {}


def _items(raw: Mapping[str, Any], subjects: Subjects) -> tuple[Item, ...]:
    """The items, weighed; kept under all that they were read from, and whom that could be about."""
    given, common = raw.get("items", []), raw.get("every_item", {})
    if not isinstance(given, list) or len(given) > q.ITEMS_MAX or (common and not given):
        raise TypeError
    plain = given.plain if type(given) is Listed else _plain_items(given)
    shared = plain and plain_bytes(common)
    if not shared:
        return _read_items(given, _object(common), subjects)
    key = (shared, plain, subjects.who)
    found = _lists.get(key)
    if found is None:
        found = Items.of(_read_items(given, _object(common), subjects))
        if len(_lists) >= LISTS_MAX:
            _lists.clear()
        _lists[key] = found
    return found


def _plain_items(given: list[Any]) -> bytes:
    if len(given) > ITEMS_KEPT or any("value" in one for one in given):
        return b""
    return plain_bytes(given)


def _read_items(given: list[Any], common: dict[str, Any], subjects: tuple[Subject, ...]) -> tuple[Item, ...]:
    """Items as they stand, with what holds for every one; a table that several share is read once."""
    known, needed = _schema(Item)
    seen: dict[tuple[str, int], Any] = {}

    def read(name: str, value: Any) -> Any:
        if type(value) is not dict:
            return known[name][1](value)
        found = seen.get((name, id(value)))
        if found is None:
            found = seen[name, id(value)] = known[name][1](value)
        return found

    if not common.keys() <= _COMMON:
        raise KeyError
    shared = {known[name][0]: read(name, value) for name, value in common.items()}
    have = needed - common.keys()
    people, others = q.people_of(subjects)
    out = []
    for one in given:
        if not have <= _object(one).keys():
            raise KeyError
        item = Item(**shared | {known[name][0]: read(name, value) for name, value in one.items()})
        if not all(each in people or each in others or each == q.UNIDENTIFIED for each in item.subjects):
            raise ValueError
        out.append(q.weighed(item, people, others))
    if len({item.id for item in out}) != len(out):
        raise ValueError
    return tuple(out)


_COMMON: Final = frozenset(readers(q.EveryItem))
