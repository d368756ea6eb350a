"""Every string that a page can show: from templates, from code, from forms, from the field's words."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from babel.messages.extract import extract_from_dir

from cordiale import payloads, terms
from cordiale.officers import OfficerRole as Role
from cordiale.payloads import FormField
from cordiale.web import words

WEB = Path(words.__file__).parent
OPTIONS = {"cordiale": {"encoding": "utf-8"}}


def shown() -> list[str]:
    """All of them, sorted."""
    return sorted({*in_pages(), *in_forms(), *in_terms(), *in_acts()} - {""})


def in_pages() -> Iterator[str]:
    """Strings in templates and code."""
    keywords = {"_": None, "say": None, "mark": None}
    methods = [("**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
    for _, _, text, _, _ in extract_from_dir(WEB, method_map=methods, keywords=keywords):
        yield text if isinstance(text, str) else text[0]


def in_forms() -> Iterator[str]:
    """Labels, hints, choices and titles of the information types."""
    for kind in payloads.TYPES.values():
        yield kind.title
        for model in kind.models:
            yield model
            yield from in_fields(kind.form(model))
        yield kind.id.replace("_", " ")


def in_fields(fields: tuple[FormField, ...]) -> Iterator[str]:
    for one in fields:
        yield one.label
        yield one.hint
        yield from (str(choice).replace("_", " ") for choice in one.choices)
        yield from in_fields(one.fields)


def in_terms() -> Iterator[str]:
    """The closed words of the field that a form offers."""
    kinds = [
        terms.Capacity,
        terms.Category,
        terms.Purpose,
        terms.Regime,
        terms.Mode,
        terms.Urgency,
        terms.Act,
    ]
    kinds += [terms.Targeting, terms.Role, terms.Protection, terms.Minor, terms.System, terms.LegalNature]
    for kind in kinds:
        if issubclass(kind, StrEnum):
            yield from (str(value).replace("_", " ") for value in kind)


def in_acts() -> Iterator[str]:
    """Words that the node says and a page shows: states, roles, effects, duties, restrictions."""
    yield from (role.value.replace("_", " ") for role in Role)
    yield from STATES.split("|")


STATES = (
    "draft|held|waiting|delivered|refused|failed|stopped|recalled|received|undone|sent|in force|not in force|"
    "suspended|unknown|permit|withhold|restrict|duty|types|acts|directions|purposes|regimes|granted|essential|"
    "authority kinds|inform originator|inform state|inform person|inform regulator|record particulars|delete|"
    "review|follow up request|keep open|forward copy|log justification|rescue review|use only|no court use|"
    "no onward|ask originator|ask or emergency then tell|no identification|access|erase by|review by|"
    "feedback|record|consent|confirmation|fact|instrument|field|password|factor|both|new|active|acknowledged|"
    "assessment|message|decision|read|checkpoint|account|peer|hold|restriction|erasure|correction|"
    "gap|split view|opened|statute|announced"
)
