"""A form for each model, read off its annotations, and filling a model from what a person typed.

Nothing here draws: web and cli render `FormField`s and hand the answers back as text by path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, cast

from cordiale.errors import PayloadError
from cordiale.payloads.codec import read, refuse_double_subjects, write
from cordiale.payloads.model import (
    ENTRIES_MAX,
    LEAF_CHARS_MAX,
    TEXT_CHARS_MAX,
    Degrees,
    Json,
    Longest,
    Part,
    Payload,
    Shaped,
    Slot,
    slots,
    text_digest,
)
from cordiale.terms import Category

_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    int: "number",
    bool: "yesno",
    datetime: "time",
    date: "date",
}
_WORDS: Final = {"id": "ID", "imo": "IMO", "mmsi": "MMSI", "dna": "DNA", "vin": "VIN", "hs": "HS"}


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form.

    `kind`: text, area, number, degrees, yesno, time, date, choice, subject, attachment, group (`fields`).
    `many`: the question may be answered several times: `path.0`, `path.1`.
    """

    path: str
    label: str
    kind: str
    required: bool
    many: bool
    category: Category | None = None
    choices: tuple[str, ...] = ()
    longest: int = 0
    hint: str = ""
    fields: tuple[FormField, ...] = ()


def fields(model: type[Part]) -> tuple[FormField, ...]:
    """The questions of a model, in order; paths are relative to it."""
    return tuple(_field(slot) for slot in slots(model))


def _field(slot: Slot) -> FormField:
    kind, hint = _kind(slot), ""
    if shaped := slot.mark(Shaped):
        hint = shaped.says
    if kind == "time":
        hint = "UTC"
    return FormField(
        path=slot.name,
        label=label(slot.name),
        kind=kind,
        required=slot.required,
        many=slot.many,
        category=slot.category or _category(slot),
        choices=tuple(slot.of) if issubclass(slot.of, StrEnum) else (),
        longest=_longest(slot),
        hint=hint,
        fields=fields(slot.of) if slot.kind == "part" else (),
    )


def _kind(slot: Slot) -> str:
    fixed = {"part": "group", "text": "area", "attachment": "attachment", "key": "subject", "ref": "subject"}
    if slot.kind in fixed:
        return fixed[slot.kind]
    if slot.mark(Degrees):
        return "degrees"
    return "choice" if issubclass(slot.of, StrEnum) else _KINDS[slot.of]


def _category(slot: Slot) -> Category | None:
    return {"text": Category.FREE_TEXT, "attachment": Category.ATTACHMENT}.get(slot.kind)


def _longest(slot: Slot) -> int:
    if slot.kind == "text":
        return TEXT_CHARS_MAX
    stated = slot.mark(Longest)
    return stated.chars if stated else (LEAF_CHARS_MAX if slot.of is str else 0)


def label(name: str) -> str:
    """A field's name as a person reads it."""
    words = [_WORDS.get(w, w) for w in name.split("_")]
    return words[0][:1].upper() + words[0][1:] + "".join(f" {w}" for w in words[1:])


# ------------------------------------------------------------------------------ filling


def fill(model: type[Payload], answers: Mapping[str, str]) -> Payload:
    """A payload from typed answers by path, such as `suspects.0.family_name`.

    Blank answers count as not given. A list of plain leaves may be given as lines under its own path.
    Raises PayloadError naming the path, also for a path that the form does not have.
    """
    given = {path: text.strip() for path, text in answers.items() if text.strip()}
    used: set[str] = set()
    tree = _tree(model, given, "", used)
    if odd := sorted(set(given) - used):
        raise PayloadError("is no question of this form", field=odd[0][:120])
    payload = cast(Payload, read(model, tree, ""))
    refuse_double_subjects(model, write(payload))
    return payload


def answers_of(payload: Payload) -> dict[str, str]:
    """The answers that would fill this payload again, so that a draft can be edited as a form."""
    out: dict[str, str] = {}
    _answers(type(payload), write(payload), "", out)
    return out


def _answers(kind: type[Part], tree: Mapping[str, Json], path: str, out: dict[str, str]) -> None:
    for slot in slots(kind):
        if slot.name not in tree:
            continue
        here = f"{path}.{slot.name}".strip(".")
        value = tree[slot.name]
        for index, entry in enumerate(value if slot.many else [value]):
            place = f"{here}.{index}" if slot.many else here
            if slot.kind == "part":
                _answers(slot.of, entry, place, out)
            elif slot.kind == "text":
                out[place] = "".join(p["text"] for p in entry["passages"])
            elif slot.kind == "attachment":
                out |= {f"{place}.{name}": str(entry[name]) for name in ("name", "sha256", "size")}
            else:
                out[place] = _shown(slot, entry)


def _shown(slot: Slot, entry: Json) -> str:
    if slot.of is bool:
        return "yes" if entry else "no"
    if slot.mark(Degrees):
        return f"{Decimal(entry) / 1_000_000:.6f}"
    return str(entry)


def _tree(kind: type[Part], given: Mapping[str, str], path: str, used: set[str]) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for slot in slots(kind):
        here = f"{path}.{slot.name}".strip(".")
        if slot.many:
            found: Json = [v for p in _places(given, here) if (v := _entry(slot, given, p, used)) is not None]
            found += _lines(slot, given, here, used)
        else:
            found = _entry(slot, given, here, used)
        if found not in (None, []):
            out[slot.name] = found
    return out


def _places(given: Mapping[str, str], here: str) -> list[str]:
    """`path.0`, `path.1` ... as far as answers go below them, in number order."""
    shape = re.compile(re.escape(here) + r"\.([0-9]{1,3})(?:\.|$)")
    numbers = sorted({int(m.group(1)) for path in given if (m := shape.match(path))})
    return [f"{here}.{n}" for n in numbers[: ENTRIES_MAX + 1]]


def _lines(slot: Slot, given: Mapping[str, str], here: str, used: set[str]) -> list[Json]:
    """A list of plain leaves, one a line."""
    if slot.kind not in ("leaf", "ref") or here not in given:
        return []
    used.add(here)
    return [_plain(slot, line.strip(), here) for line in given[here].splitlines() if line.strip()]


def _entry(slot: Slot, given: Mapping[str, str], here: str, used: set[str]) -> Json | None:
    if slot.kind == "part":
        return _tree(slot.of, given, here, used) or None
    if slot.kind == "attachment":
        return _attachment(given, here, used)
    if here not in given:
        return None
    used.add(here)
    if slot.kind == "text":
        return {"passages": [{"text": given[here]}], "digest": text_digest(given[here])}
    return _plain(slot, given[here], here)


def _attachment(given: Mapping[str, str], here: str, used: set[str]) -> Json | None:
    paths = {name: f"{here}.{name}" for name in ("name", "sha256", "size")}
    have = {name: given[path] for name, path in paths.items() if path in given}
    used.update(paths[name] for name in have)
    if not have:
        return None
    return have | ({"size": _number(have["size"], paths["size"])} if "size" in have else {})


def _plain(slot: Slot, text: str, path: str) -> Json:
    """What a person typed as the JSON value of its leaf."""
    if slot.of is bool:
        if text.lower() not in ("yes", "no"):
            raise PayloadError(f"`{text[:40]}` is neither yes nor no", field=path)
        return text.lower() == "yes"
    if slot.mark(Degrees):
        return _degrees(text, path)
    if slot.of is int:
        return _number(text, path)
    return _time(text) if slot.of is datetime else text


def _number(text: str, path: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,13}", text):
        raise PayloadError(f"`{text[:40]}` is no whole number", field=path)
    return int(text)


def _degrees(text: str, path: str) -> int:
    try:
        return int((Decimal(text.replace(",", ".")) * 1_000_000).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError):
        raise PayloadError(
            f"`{text[:40]}` is no angle",
            field=path,
            way_out="Write degrees like 50.9512, west and south negative.",
        ) from None


def _time(text: str) -> str:
    """What a browser's date-and-time field sends, as the spelling that travels; forms ask for UTC."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", text):
        return text.replace(" ", "T") + ("" if text.count(":") == 2 else ":00") + "Z"
    return text
