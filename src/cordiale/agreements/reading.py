"""The fast reading of a request: the same Question as `question.parse_question`, or that one's own error.

Every field is read by the model's own readers, without the way to it; whatever is odd is read again by the
reference, which alone speaks errors. Items that came before, about the same kinds of subject, are not read
twice: they hold paths and markings, never a value. tests/twins hold both equal.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache, lru_cache
from typing import Any, Final

from cordiale.agreements import question as q
from cordiale.agreements.question import Asked, Item, Items, Question, Statement, Subject, parse_question
from cordiale.agreements.shape import ManyTables, OneTable, Reader, Word, Words, readers, text, texts
from cordiale.errors import InputError

ITEMS_KEPT: Final = 100
"""Items of a list that is kept: a report has tens."""
LISTS_MAX: Final = 512
"""Lists kept (each at most about 50 kB); beyond it all are forgotten and read again."""
STATEMENTS_MAX: Final = 4_096
PLAIN: Final = 2
"""The version of marshal in which equal values have equal bytes, whoever else holds them."""

Fast = Callable[[Any], Any]
_ODD: Final = (InputError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def parse_fast(raw: Mapping[str, Any]) -> Question:
    """`parse_question` as it runs. Raises RequestError as that does."""
    try:
        return _question(raw)
    except _ODD:
        return parse_question(raw)


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
    if isinstance(reader, q.Maybe):
        return _maybe(_fast(reader.reader))
    if isinstance(reader, q.Pairs):
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

    def read(value: Any) -> Any:
        if not needed <= _object(value).keys():
            raise KeyError
        return kind(**{known[key][0]: known[key][1](one) for key, one in value.items()})

    return read


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
_DEFAULTS: Final = {each.name: each.default for each in fields(Question) if each.default is not MISSING}
_SET: Final = tuple((each.name, getattr(Question, each.name).__set__) for each in fields(Question))


def _question(raw: Mapping[str, Any]) -> Question:
    known, needed = _schema(Question)
    if not needed <= _object(raw).keys():
        raise KeyError
    values = dict(_DEFAULTS)
    for key, value in raw.items():
        if key not in _APART:
            name, read = known[key]
            values[name] = read(value)
    values["subjects"] = subjects = _subjects(raw.get("subjects", []))
    values["items"] = _items(raw, subjects)
    # Made without its constructor, which would weigh the items again.
    made = object.__new__(Question)
    for name, put in _SET:
        put(made, values[name])
    return made


def _subjects(raw: Any) -> tuple[Subject, ...]:
    found: tuple[Subject, ...] = _READ_SUBJECTS(raw)
    if len(found) > q.SUBJECTS_MAX or len({each.id for each in found}) != len(found):
        raise ValueError
    return found


_READ_SUBJECTS: Final = _tables(Subject)
_lists: dict[tuple[object, ...], Items] = {}


def _items(raw: Mapping[str, Any], subjects: tuple[Subject, ...]) -> tuple[Item, ...]:
    """The items, weighed; kept under all that they were read from, and whom that could be about."""
    given, common = raw.get("items", []), raw.get("every_item", {})
    if not isinstance(given, list) or len(given) > q.ITEMS_MAX or (common and not given):
        raise TypeError
    if len(given) > ITEMS_KEPT or any("value" in one for one in given):
        return _read_items(given, _object(common), subjects)
    try:
        plain = marshal.dumps((common, given), PLAIN)  # of JSON's own types alone: others are told apart here
    except ValueError:
        return _read_items(given, _object(common), subjects)
    key = (plain, tuple([(one.id, one.kind, one.role) for one in subjects]))
    found = _lists.get(key)
    if found is None:
        found = Items.of(_read_items(given, _object(common), subjects))
        if len(_lists) >= LISTS_MAX:
            _lists.clear()
        _lists[key] = found
    return found


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
