"""Coders made of a model: plain source for each class, put together and compiled once, as dataclasses do.

They read only what is in perfect order and raise anything for the rest, which the reference in codec.py then
reads and refuses by name; they write what it writes. tests/twins hold both equal for every model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from cordiale.payloads.model import (
    CONTROL,
    ENTRIES_MAX,
    LEAF_CHARS_MAX,
    NUMBER_MAX,
    PASSAGES_MAX,
    TEXT_CHARS_MAX,
    Between,
    FreeText,
    Json,
    Longest,
    Part,
    Passage,
    Shaped,
    Slot,
    is_subject_id,
    slots,
)
from cordiale.terms import Category

Reader = Callable[[Json, list[str]], Any]
"""A JSON tree as a part; the subject ids in it are noted."""
Writer = Callable[[Any], dict[str, Json]]
Making = Callable[[type], Any]
"""The coder of a part class: made once for each."""


# ------------------------------------------------------------------------------ reading


def reader_of(kind: type[Part], part: Making, attachment: Callable[[Json], object]) -> Reader:
    """What reads a tree in perfect order as `kind`. `part`: the reader of another class."""
    usual = {each.name: each.default for each in fields(kind)}
    own = kind.__post_init__ is not Part.__post_init__
    known: dict[str, Any] = {"new": object.__new__, "kind": kind, "control": CONTROL.search}
    lines = ["def code(tree, subjects):", "    if type(tree) is not dict:", "        raise TypeError"]
    lines += ["    made, rest, get = new(kind), len(tree), tree.get"]
    for n, slot in enumerate(slots(kind)):
        known |= {f"put{n}": getattr(kind, slot.name).__set__, f"of{n}": slot.of}
        known |= _read_with(n, slot, part, attachment)
        body = ["rest -= 1", *(_entries(n, slot) if slot.many else _one(n, slot)), f"put{n}(made, value)"]
        lines.append(f"    value = get({slot.name!r})")
        if slot.stated:
            lines += ["    if value is None:", "        raise TypeError", *_indented(body, 1)]
        else:
            known[f"blank{n}"] = usual[slot.name] if usual[slot.name] is not MISSING else ()
            lines += ["    if value is None:", f"        put{n}(made, blank{n})", "    else:"]
            lines += _indented(body, 2)
    lines += ["    if rest:", "        raise TypeError"]
    lines += ["    made.__post_init__()"] if own else []
    made: Reader = _compiled([*lines, "    return made"], known, kind)
    return made


def _read_with(
    n: int, slot: Slot, part: Making, attachment: Callable[[Json], object]
) -> dict[str, Callable[..., Any]]:
    """What the source of one slot calls, by name."""
    match slot.kind:
        case "part":
            return {f"read{n}": part(slot.of)}
        case "text":
            return {f"read{n}": _read_text}
        case "attachment":
            return {f"read{n}": attachment}
    if issubclass(slot.of, StrEnum):
        return {f"read{n}": {word.value: word for word in slot.of}.__getitem__}
    if slot.of in (datetime, date):
        return {f"read{n}": _read_moment if slot.of is datetime else _read_day}
    shaped = slot.mark(Shaped)
    return {f"shape{n}": re.compile(shaped.pattern).fullmatch} if shaped else {}


def _one(n: int, slot: Slot) -> list[str]:
    """The source that checks or reads the one entry `value`."""
    if slot.kind == "part":
        return [f"value = read{n}(value, subjects)"]
    if slot.of is str:
        noted = ["subjects.append(value)"] if slot.kind == "key" else []
        return [f"if {_odd_text(n, slot)}:", "    raise TypeError", *noted]
    if slot.of is int:
        span = slot.mark(Between) or Between(0, NUMBER_MAX)
        return [
            f"if type(value) is not int or not {span.low} <= value <= {span.high}:",
            "    raise TypeError",
        ]
    if slot.of is bool:
        return ["if type(value) is not bool:", "    raise TypeError"]
    return [f"value = read{n}(value)"]


def _entries(n: int, slot: Slot) -> list[str]:
    """The source that reads a list, none of whose entries may be odd."""
    source = [f"if type(value) is not list or not 0 < len(value) <= {ENTRIES_MAX}:", "    raise TypeError"]
    if slot.kind == "ref":
        source += ["if len(set(value)) != len(value):", "    raise TypeError"]
    each = _indented(_one(n, slot), 1)
    return [
        *source,
        "found = []",
        "for value in value:",
        *each,
        "    found.append(value)",
        "value = tuple(found)",
    ]


def _odd_text(n: int, slot: Slot) -> str:
    longest = (slot.mark(Longest) or Longest(LEAF_CHARS_MAX)).chars
    shape = f" or shape{n}(value) is None" if slot.mark(Shaped) else ""
    return (
        f"type(value) is not str or not value or len(value) > {longest} or value.isspace()"
        f" or (not value.isprintable() and control(value) is not None){shape}"
    )


def _read_moment(value: Json) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is not UTC or write_moment(found) != value:
        raise TypeError
    return found


def _read_day(value: Json) -> date:
    found = date.fromisoformat(value)
    if found.isoformat() != value:
        raise TypeError
    return found


def _put(kind: type, *names: str) -> tuple[Callable[[object, object], None], ...]:
    return tuple(getattr(kind, name).__set__ for name in names)


_CATEGORIES: Final = {
    one.value: one for one in Category if one not in (Category.FREE_TEXT, Category.ATTACHMENT)
}
_PUT_TEXT, _PUT_CATEGORIES, _PUT_SUBJECTS, _PUT_BY = _put(
    Passage, "text", "categories", "subjects", "marked_by"
)
_PUT_PASSAGES, _PUT_DIGEST = _put(FreeText, "passages", "digest")
_MARKED: Final = ({"text", "categories", "marked_by"}, {"text", "categories", "marked_by", "subjects"})


def _read_text(value: Json) -> FreeText:
    passages, digest = value["passages"], value["digest"]
    if len(value) != 2 or type(passages) is not list or type(digest) is not str:
        raise TypeError
    found = tuple([_read_passage(one) for one in passages])
    if not 0 < len(found) <= PASSAGES_MAX or sum([len(one.text) for one in found]) > TEXT_CHARS_MAX:
        raise TypeError
    made = object.__new__(FreeText)
    _PUT_PASSAGES(made, found)
    _PUT_DIGEST(made, digest)
    return made


def _read_passage(value: Json) -> Passage:
    text = value["text"]
    if type(text) is not str or not 0 < len(text) <= TEXT_CHARS_MAX:
        raise TypeError
    made = object.__new__(Passage)
    _PUT_TEXT(made, text)
    if len(value) == 1:
        _PUT_CATEGORIES(made, ())
        _PUT_SUBJECTS(made, ())
        _PUT_BY(made, "")
        return made
    if value.keys() not in _MARKED:
        raise TypeError
    by, subjects = value["marked_by"], tuple(value.get("subjects", ()))
    categories = tuple([_CATEGORIES[one] for one in value["categories"]])
    if type(by) is not str or not 0 < len(by) <= LEAF_CHARS_MAX or not categories:
        raise TypeError
    if len(set(categories)) != len(categories) or len(set(subjects)) != len(subjects):
        raise TypeError
    if type(value["categories"]) is not list or not all(map(is_subject_id, subjects)):
        raise TypeError
    if "subjects" in value and (type(value["subjects"]) is not list or not subjects):
        raise TypeError
    _PUT_CATEGORIES(made, categories)
    _PUT_SUBJECTS(made, subjects)
    _PUT_BY(made, by)
    return made


# ------------------------------------------------------------------------------ writing


def writer_of(kind: type[Part], part: Making, one: Callable[[object], Json]) -> Writer:
    """What writes a `kind` as a JSON tree. `one`: the reference, for a value of a kind of its own."""
    known: dict[str, Any] = {"one": one, "write_moment": write_moment, "UTC": UTC}
    lines = ["def code(part):", "    out = {}"]
    for n, slot in enumerate(slots(kind)):
        known[f"of{n}"] = slot.of
        if slot.kind == "part":
            known[f"write{n}"] = part(slot.of)
        written = f"{_written(n, slot)} if type(value) is of{n} else one(value)"
        lines.append(f"    value = part.{slot.name}")
        if slot.many:
            lines += ["    if value:", f"        out[{slot.name!r}] = [{written} for value in value]"]
        else:
            lines += ["    if value is not None:", f"        out[{slot.name!r}] = {written}"]
    made: Writer = _compiled([*lines, "    return out"], known, kind)
    return made


def _written(n: int, slot: Slot) -> str:
    if slot.kind == "part":
        return f"write{n}(value)"
    if slot.of in (str, int, bool):
        return "value"
    if issubclass(slot.of, StrEnum):
        return "value.value"
    if slot.of is datetime:
        return "write_moment(value)"
    return "value.isoformat()" if slot.of is date else "one(value)"


def write_moment(value: datetime) -> str:
    """A moment in UTC, in the one spelling that travels."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


# ------------------------------------------------------------------------------ source


def _indented(lines: list[str], steps: int) -> list[str]:
    return ["    " * steps + line for line in lines]


def _compiled(lines: list[str], known: dict[str, Any], kind: type) -> Any:
    """The function `code` of a source that names nothing but slots of `kind` and what is known."""
    source = compile("\n".join(lines), f"<coder of {kind.__name__}>", "exec")
    exec(source, known)  # noqa: S102 -- made of our own models alone, as dataclasses does; nothing that came
    return known["code"]
