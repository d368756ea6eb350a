"""Two versions of a text beside each other: which lines were added or taken out, and what reads otherwise in
the others, field by field. Shows; what a change does to what leaves is proved elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

from cordiale.agreements import Agreement
from cordiale.node.agreements_shown import KINDS, Encoding, encoded

ADDED: Final = "added"
TAKEN_OUT: Final = "taken out"
OTHERWISE: Final = "reads otherwise"
LINES: Final = frozenset({*KINDS, "file", "digest", "labels"})
"""What is compared line by line, or is no law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """One line, or the whole text where `kind` is empty, and its fields that read otherwise.

    `fields`: (name, as it was, as it is); a value as in `Encoding`, None for what does not stand there.
    """

    kind: str
    id: str
    article: str
    what: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


def reworded(old: Agreement, new: Agreement) -> Iterator[Reworded]:
    """Every line of two versions that is not the same in both, in the order in which lines are shown."""
    if whole := tuple(_whole(old, new)):
        yield Reworded(kind="", id=new.id, article="", what=OTHERWISE, fields=whole)
    for kind in KINDS:
        before, after = dict(_lines(old, kind)), dict(_lines(new, kind))
        for id in dict.fromkeys((*before, *after)):
            if found := _compared(kind, id, before.get(id), after.get(id)):
                yield found


def _whole(old: Agreement, new: Agreement) -> Iterator[tuple[str, Any, Any]]:
    for one in fields(old):
        was, now = getattr(old, one.name), getattr(new, one.name)
        if one.name not in LINES and was != now:
            yield one.name.rstrip("_"), _short(was), _short(now)


def _short(value: Any) -> Any:
    """A field of the text as a whole: several words in their order, nothing as None."""
    if isinstance(value, frozenset):
        return tuple(sorted(map(str, value))) or None
    if isinstance(value, tuple):
        return tuple(map(str, value)) or None
    return None if value is None or value == "" else str(value)


def _lines(text: Agreement, kind: str) -> Iterator[tuple[str, Any]]:
    """Each line of a kind by what it is called; those without a name by their number."""
    if kind == "basis":
        rows = [(way, line) for way, found in text.basis for line in found]
    else:
        rows = [
            (str(getattr(line, "id", "") or getattr(line, "code", "")), line) for line in getattr(text, kind)
        ]
    seen: dict[str, int] = {}
    for name, line in rows:
        seen[name] = number = seen.get(name, 0) + 1
        yield (f"{name} {number}" if number > 1 or not name else name), line


def _compared(kind: str, id: str, was: Any, now: Any) -> Reworded | None:
    if was == now:
        return None
    shown = was if now is None else now
    what = ADDED if was is None else TAKEN_OUT if now is None else OTHERWISE
    found = _fields(was, now) if what == OTHERWISE else ()
    return Reworded(
        kind=kind, id=id.replace("_to_", ">"), article=shown.article, what=what, fields=tuple(found)
    )


def _fields(was: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    before, after = (dict(encoded(one).pairs) for one in (was, now))
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def nested(value: Any) -> bool:
    """Whether a value is a table, or several of them."""
    several = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, Encoding) for one in several)
