"""How a table of an agreement file becomes a frozen type: readers, places and the words to use.

A type names its reader beside each field (`Annotated[..., words(Act)]`), so the model is the schema. A
mistake is an AgreementFileError with file, line, field and the nearest allowed words: raised at a Place, kept
on a Sheet, which reads on, so that a lawyer hears all of them at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from cordiale.errors import AgreementFileError, InputError

T = TypeVar("T")
NEAREST_MAX = 4
"""How many near words an error offers: more is a list nobody reads."""
MISTAKES_MAX = 100
"""Mistakes of one file that are told: with more it is another kind of file."""


@dataclass(frozen=True)
class Place:
    """Where in a file a value stands: file name, its text, and the way to it."""

    file: str
    source: str
    path: tuple[str | int, ...] = ()

    def at(self, *keys: str | int) -> Place:
        # Made for every field of every table: dataclasses.replace takes ten times as long.
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, path=(*self.path, *keys))
        return other

    def wrong(self, message: str, way_out: str = "", value: object = None) -> InputError:
        """The error for this place: names file, line and field, and offers the words to use."""
        line = line_of(self.source, self.path, value)
        return AgreementFileError(
            f"{self.file}, line {line}: {message}", field=spelled(self.path), way_out=way_out
        )

    def noted(self, wrong: InputError) -> None:
        """What to do with a mistake: here, raise it."""
        raise wrong

    def noted_count(self) -> int:
        """How many mistakes were noted so far."""
        return 0

    def latest(self) -> InputError:
        """The mistake that was noted last."""
        return self.wrong("cannot be read.")

    def alone(self) -> Place:
        """The same place, where a mistake is raised."""
        return self


@dataclass(frozen=True)
class Sheet(Place):
    """A place in a file whose mistakes are noted, each once, while the rest is read."""

    mistakes: list[InputError] = field(default_factory=list)

    def noted(self, wrong: InputError) -> None:
        if not any(wrong is one for one in self.mistakes):
            self.mistakes.append(wrong)
        if len(self.mistakes) >= MISTAKES_MAX:
            raise wrong

    def noted_count(self) -> int:
        return len(self.mistakes)

    def latest(self) -> InputError:
        return self.mistakes[-1]

    def alone(self) -> Place:
        return Place(self.file, self.source, self.path)


Reader = Callable[[Any, Place], Any]


def spelled(path: Iterable[str | int]) -> str:
    """`provision[2].types` for ("provision", 2, "types")."""
    out = ""
    for part in path:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else part
    return out


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\"]+?)\s*\]\]?")


def line_of(source: str, path: tuple[str | int, ...], value: object = None) -> int:
    """The line (from 1) where `path` stands, as near as the text tells; inside it, where `value` stands."""
    names = [str(p) for p in path if not isinstance(p, int)]
    lines = source.splitlines()
    start, key = _table_line(lines, path), names[-1] if names else ""
    found = start
    for number in range(start, len(lines)):
        if number > start and _HEADER.match(lines[number]):
            break
        if re.match(rf'^\s*([A-Za-z_]+\.)?"?{re.escape(key)}"?\s*[=.]', lines[number]):
            found = number
            break
    if isinstance(value, str | int | float | date):
        for number in range(found, min(found + 400, len(lines))):
            if number > found and _HEADER.match(lines[number]):
                break
            if str(value) in lines[number]:
                return number + 1
    return found + 1


def _table_line(lines: list[str], path: tuple[str | int, ...]) -> int:
    """The line of the nearest enclosing table header, counting array tables inside their owner."""
    wanted: list[tuple[str, int | None]] = []
    for part in path:
        if isinstance(part, int):
            wanted[-1] = (wanted[-1][0], part)
        else:
            wanted.append((part, None))
    best, seen = 0, dict[str, int]()
    for number, line in enumerate(lines):
        if not (match := _HEADER.match(line)):
            continue
        name = match.group(2).replace('"', "")
        if match.group(1) == "[[":
            seen[name] = seen.get(name, -1) + 1
            for inner in [n for n in seen if n.startswith(name + ".")]:
                del seen[inner]
        parts = name.split(".")
        prefixes = [".".join(parts[: i + 1]) for i in range(len(parts))]
        here = [(p, seen.get(whole)) for p, whole in zip(parts, prefixes, strict=True)]
        if here == wanted[: len(here)]:
            best = number
    return best


def nearest(value: object, allowed: Iterable[str]) -> str:
    """`Use one of: ...` with the nearest words first, or all of them when nothing is near."""
    every = [str(a) for a in allowed]
    folded = {a.casefold(): a for a in every}
    near = difflib.get_close_matches(str(value).casefold(), folded, n=NEAREST_MAX, cutoff=0.5)
    if near:
        return "Did you mean " + " or ".join(f"`{folded[n]}`" for n in near) + "?"
    return "Use one of: " + ", ".join(f"`{a}`" for a in every[:60]) + "." if every else ""


def text(value: Any, place: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        raise place.wrong("must be words in quotes, not empty", value=value)
    return value


def texts(value: Any, place: Place) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise place.wrong('must be a list of words: ["…"]', value=value)
    return tuple(_each(text, [(v, place) for v in value]))


def _each(read: Reader, values: Iterable[tuple[Any, Place]]) -> list[Any]:
    """What is read of each value; one that cannot be read is noted where its place notes."""
    found = []
    for value, place in values:
        try:
            found.append(read(value, place))
        except InputError as wrong:
            place.noted(wrong)
    return found


def names(value: Any, place: Place) -> frozenset[str]:
    return frozenset(texts(value, place))


def one_or_more(value: Any, place: Place) -> tuple[str, ...]:
    """A list of words, or one word alone."""
    return (text(value, place),) if isinstance(value, str) else texts(value, place)


@dataclass(frozen=True, slots=True)
class Word:
    """Reads one word of a closed list. `known`: as written -> as kept."""

    known: Mapping[str, str]

    def __call__(self, value: Any, place: Place) -> str:
        if not isinstance(value, str) or value not in self.known:
            raise place.wrong(
                f"`{value}` is not a word for `{place.path[-1]}`.", nearest(value, self.known), value
            )
        return self.known[value]


def word(allowed: Iterable[str]) -> Word:
    """One word of a closed list."""
    return Word({str(a): a for a in allowed})


@dataclass(frozen=True, slots=True)
class Words:
    """Reads a list of words of a closed list, each once."""

    one: Word

    def __call__(self, value: Any, place: Place) -> frozenset[str]:
        if not isinstance(value, list):
            raise place.wrong('must be a list: ["…"]', value=value)
        found = _each(self.one, [(v, place) for v in value])
        if len(set(found)) != len(found):
            twice = next(f for f in found if found.count(f) > 1)
            place.noted(place.wrong(f"`{twice}` stands twice.", "Take one away.", twice))
        return frozenset(found)


def words(allowed: Iterable[str]) -> Words:
    """A list of words of a closed list, each once."""
    return Words(word(allowed))


def pattern(shape: str, example: str) -> Reader:
    """Words of one shape, such as `UK>FR`."""
    regex = re.compile(shape)

    def read(value: Any, place: Place) -> frozenset[str]:
        found = texts(value, place)
        for each in found:
            if not regex.fullmatch(each):
                way = f"Write it like `{example}`."
                place.noted(place.wrong(f"`{each}` has not the right shape.", way, each))
        return frozenset(each for each in found if regex.fullmatch(each))

    return read


def day(value: Any, place: Place) -> date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise place.wrong(f"`{value}` is not a date.", "Write 2026-11-22, without quotes.", value)
    return value


def days(value: Any, place: Place) -> frozenset[date]:
    if not isinstance(value, list):
        raise place.wrong("must be a list of dates", value=value)
    return frozenset(day(v, place) for v in value)


def flag(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.wrong(
            f"`{value}` is neither true nor false.", "Write true or false, without quotes.", value
        )
    return value


def whole(value: Any, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise place.wrong(f"`{value}` is not a whole number from 0 up.", value=value)
    return value


def either(first: Reader, second: Reader) -> Reader:
    """What the first reads, else what the second reads; the second speaks the error."""

    def read(value: Any, place: Place) -> Any:
        try:
            return first(value, place.alone())
        except InputError:
            return second(value, place)

    return read


def free(value: Any, place: Place) -> Any:
    """Anything TOML can say; kept for people, never read by the gate."""
    del place
    return value


@dataclass(frozen=True, slots=True)
class OneTable:
    """Reads one table as a `kind`."""

    kind: type[Any]

    def __call__(self, value: Any, place: Place) -> Any:
        return read_table(self.kind, value, place)


def table(kind: type[Any]) -> OneTable:
    """One table."""
    return OneTable(kind)


@dataclass(frozen=True, slots=True)
class ManyTables:
    """Reads a list of tables, or one table alone, each as a `kind`."""

    kind: type[Any]

    def __call__(self, value: Any, place: Place) -> tuple[Any, ...]:
        if isinstance(value, Mapping):
            return (read_table(self.kind, value, place),)
        if not isinstance(value, list):
            raise place.wrong("must be a table or a list of tables", value=value)
        return tuple(_each(OneTable(self.kind), [(v, place.at(i)) for i, v in enumerate(value)]))


def tables(kind: type[Any]) -> ManyTables:
    """A list of tables, or one table alone."""
    return ManyTables(kind)


def mapping(keys: Reader, values: Reader) -> Reader:
    """A table whose keys are words: sorted pairs."""

    def read(value: Any, place: Place) -> tuple[tuple[Any, Any], ...]:
        if not isinstance(value, Mapping):
            raise place.wrong("must be a table: {key = …}", value=value)
        found = _each(
            lambda pair, at: (keys(pair[0], place), values(pair[1], at)),
            [((k, v), place.at(k)) for k, v in value.items()],
        )
        return tuple(sorted(dict(found).items(), key=lambda pair: str(pair[0])))

    return read


@cache
def readers(kind: Any) -> dict[str, tuple[str, Reader, bool]]:
    """TOML key -> (field name, reader, must stand). A trailing underscore of a field is not in the file."""
    hints = get_type_hints(kind, include_extras=True)
    out = {}
    for each in fields(kind):
        if (reader := _reader(hints[each.name])) is not None:
            out[each.name.rstrip("_")] = (each.name, reader, _needed(each))
    return out


def _reader(hint: Any) -> Reader | None:
    found = [a for a in get_args(hint)[1:] if callable(a)] if hasattr(hint, "__metadata__") else []
    return found[0] if found else None


def _needed(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def read_table(kind: type[T], raw: Any, place: Place) -> T:
    """Build `kind` from a TOML table. Unknown keys, missing keys and odd values are refused by name.

    On a Sheet what can be read of a table is built all the same, so that what points to it can be looked at.
    """
    if not isinstance(raw, Mapping):
        raise place.wrong("must be a table", value=raw)
    before = place.noted_count()
    found = _fields(kind, raw, place)
    odd = place.noted_count() != before
    if odd and not place.path:
        found = _stand_ins(kind) | found
    try:
        return kind(**found)
    except (ValueError, TypeError) as wrong:
        if odd:
            raise place.latest() from None  # what follows from a mistake already told is none of its own
        raise place.wrong(str(wrong)) from None


def _stand_ins(kind: Any) -> dict[str, Any]:
    """Nothing at all for each key that must stand, so that the rest of a file can be looked at without it."""
    needed = [(name, reader) for name, reader, must in readers(kind).values() if must]
    return {name: () if isinstance(reader, ManyTables) else "" for name, reader in needed}


def _fields(kind: Any, raw: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """(field -> value) for every key of a table that can be read."""
    known = readers(kind)
    for key in raw:
        if key not in known:
            place.noted(place.at(key).wrong(f"`{key}` is not a key here.", nearest(key, known)))
    for key, (_, _, needed) in known.items():
        if needed and key not in raw:
            place.noted(place.wrong(f"`{key}` is missing.", f"Write `{key} = …`."))
    found = {}
    for key, value in raw.items():
        if key in known:
            name, reader, _ = known[key]
            try:
                found[name] = reader(value, place.at(key))
            except InputError as wrong:
                place.noted(wrong)
    return found
