"""The digest of a question: everything the gate reads of it, so that the same request is known again.

Values of items are left out, so it tells nothing of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

import orjson

from cordiale.agreements.question import Handling, Item, Items, Origin, Question, Subjects


def digest_of(question: Question) -> str:
    """The digest of everything the gate reads; values of items are left out, so it tells nothing of them."""
    head = _HEAD(question)
    try:
        facts = [repr(f) for f in question.facts]
        raw = orjson.dumps((*_with_people(head, question), facts, _items(question)), default=_in_order)
    except orjson.JSONEncodeError:  # a whole number beyond 64 bits, or half a character
        items = [_leaf(item) for item in question.items]
        raw = repr((_plain(head), question.facts, _plain(items))).encode()
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def _with_people(head: tuple[Any, ...], question: Question) -> tuple[Any, ...]:
    """The head as JSON writes it; of subjects read once for many questions, the bytes are kept."""
    subjects = question.subjects
    if not isinstance(subjects, Subjects):
        return head
    kept = subjects.kept.get("digest")
    if kept is None:
        raw = orjson.dumps(tuple(subjects), default=_in_order)
        kept = subjects.kept["digest"] = orjson.Fragment(raw)
    return (*head[:_PEOPLE], kept, *head[_PEOPLE + 1 :])


def _items(question: Question) -> Any:
    """The items as JSON writes them; of items read once for many questions, the bytes are kept."""
    items = question.items
    if not isinstance(items, Items):
        return [_leaf(item) for item in items]
    kept = items.kept.get("digest")
    if kept is None:
        raw = orjson.dumps([_leaf(item) for item in items], default=_in_order)
        kept = items.kept["digest"] = orjson.Fragment(raw)
    return kept


_TOLD: Final = tuple(f.name for f in fields(Question) if f.name not in ("items", "facts"))
_HEAD: Final = attrgetter(*_TOLD)
_PEOPLE: Final = _TOLD.index("subjects")
_ASIDE: Final = frozenset({"value", "tied", "origin", "handling", "transformable"})
_LEAF: Final = attrgetter(*(f.name for f in fields(Item) if f.name not in _ASIDE))
_SETS: Final = ("systems", "derived_from")
_FROM: Final = attrgetter(*(f.name for f in fields(Origin) if f.name not in _SETS))
_PARTS: Final = attrgetter(
    "transformable",
    *(f"origin.{name}" for name in _SETS),
    *(f"handling.{each.name}" for each in fields(Handling)),
)


def _leaf(item: Item) -> tuple[Any, ...]:
    """All of an item but its value, in a fixed order; an empty set is nothing."""
    parts = [part or 0 for part in _PARTS(item)]
    if item.origin.derived_from is None:
        parts.append("derived from nobody knows what")
    return (*_LEAF(item), *_FROM(item.origin), item.origin.systems is None, *parts)


def _in_order(value: Any) -> list[str]:
    """A set as a list that is the same everywhere."""
    return sorted(str(x) for x in value)


def _plain(value: Any) -> Any:
    """Nested tuples in a fixed order, sets sorted."""
    if hasattr(value, "__dataclass_fields__"):
        return tuple(_plain(getattr(value, n)) for n in value.__dataclass_fields__)
    if isinstance(value, frozenset):
        return _in_order(value)
    if isinstance(value, tuple | list):
        return tuple(_plain(x) for x in value)
    return str(value) if value is not None else None
