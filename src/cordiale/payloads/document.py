"""The table of information types as Markdown: docs/reference/information-types.md, held by a test."""

from __future__ import annotations

import sys

from cordiale.payloads.model import Part, Subject, slots
from cordiale.payloads.registry import TYPES, InformationType, categories_of
from cordiale.terms import Category

_HEAD = """# Information types

Generated from the registry (`cordiale.payloads.TYPES`); do not edit. Each type has one model, or a query and
a reply. Every leaf names its category; *free text* and *attachment* count as every category, about persons
unknown, until a person has marked them. *Persons: none* means that the model has no leaf for anybody (ship
and aircraft numbers apart).

| # | id | what | between | models | persons |
|---|---|---|---|---|---|
"""


def table() -> str:
    """The whole document."""
    rows = "".join(_row(t) for t in TYPES.values())
    return _HEAD + rows + "".join(_fields(t) for t in TYPES.values())


def _row(t: InformationType) -> str:
    free = [m for m in t.models if m in t.person_free]
    persons = f"none in {', '.join(free)}" if free else "staff only" if t.staff_only else "yes"
    if len(free) == len(t.models):
        persons = "none"
    return f"| {t.number} | `{t.id}` | {t.title} | {t.flows} | {', '.join(t.models)} | {persons} |\n"


def _fields(t: InformationType) -> str:
    out = [f"\n## {t.number} {t.title}\n"]
    for name, model in t.models.items():
        says = " ".join((model.__doc__ or "").split()).removeprefix(f"Type {t.number}: ")
        categories = ", ".join(c.value for c in sorted(categories_of(model), key=list(Category).index))
        out.append(f"\n`{name}`: {says}\n\nCategories: {categories}.\n")
        out.append("\n| field | category | required |\n|---|---|---|\n")
        out.extend(_lines(model, ""))
    return "".join(out)


def _lines(model: type[Part], prefix: str) -> list[str]:
    out = []
    for slot in slots(model):
        path = f"{prefix}{slot.name}" + ("[]" if slot.many else "")
        must = "yes" if slot.required else ""
        if slot.kind == "part":
            whom = f" ({slot.of.ROLE})" if issubclass(slot.of, Subject) else ""
            out.append(f"| `{path}` | *{slot.of.__name__}*{whom} | {must} |\n")
            out.extend(_lines(slot.of, f"{path}."))
        elif slot.kind == "leaf":
            also = ", assessment" if slot.asserted == "assessment" else ""
            out.append(f"| `{path}` | {slot.category}{also} | {must} |\n")
        else:
            kind = {"key": "subject id", "ref": "points to a subject"}.get(
                slot.kind, f"{slot.kind}: by its marks"
            )
            out.append(f"| `{path}` | {kind} | {must} |\n")
    return out


if __name__ == "__main__":
    sys.stdout.write(table())
