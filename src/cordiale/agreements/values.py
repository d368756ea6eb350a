"""How one value of a request is read: moments, days, facts, objects as pairs, and what may be unknown.

Each reader takes a value and its place, and refuses by name (RequestError).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cordiale.agreements.shape import Place, Reader, spelled
from cordiale.errors import InputError, RequestError


@dataclass(frozen=True)
class Asked(Place):
    """A place in a request: speaks RequestError, without file and line."""

    def wrong(self, message: str, way_out: str = "", value: object = None) -> InputError:
        del value
        return RequestError(message, field=spelled(self.path), way_out=way_out)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Reads what `reader` reads, or None for `"unknown"`."""

    reader: Reader

    def __call__(self, value: Any, place: Place) -> Any:
        return None if value == "unknown" else self.reader(value, place)


def maybe(reader: Reader) -> Maybe:
    """What `reader` reads, or None for `"unknown"`."""
    return Maybe(reader)


def moment(value: Any, place: Place) -> datetime:
    """A moment with its zone: `2026-11-22T09:30:00Z`."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise place.wrong(f"`{value}` is not a moment.", "Write 2026-11-22T09:30:00Z.") from None
    if found.tzinfo is None:
        raise place.wrong(f"`{value}` has no time zone.", "Add Z for UTC.")
    return found


def calendar_day(value: Any, place: Place) -> date:
    """A day, `2026-11-22`; a moment gives its day."""
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        raise place.wrong(f"`{value}` is not a date.", "Write 2026-11-22.") from None


def scalar(value: Any, place: Place) -> bool | int | str:
    """The value of a fact: true, false, a whole number, or words."""
    if isinstance(value, bool | int | str):
        return value
    raise place.wrong("a fact is true, false, a whole number, words or a date in words.")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Reads an object as its sorted (key, value) pairs."""

    keys: Reader
    values: Reader

    def __call__(self, value: Any, place: Place) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, Mapping):
            raise place.wrong("must be an object: {…}")
        found = ((self.keys(k, place.at(k)), self.values(x, place.at(k))) for k, x in value.items())
        return tuple(sorted(found))


def pairs(keys: Reader, values: Reader) -> Pairs:
    """An object, as its sorted (key, value) pairs."""
    return Pairs(keys, values)
