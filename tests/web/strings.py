"""Every string that a page can show: from templates, from code, from forms, from the field's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from babel.messages.extract import extract_from_dir

from cordiale import payloads, screening, terms
from cordiale.agreements import Register
from cordiale.agreements import vocabulary as v
from cordiale.agreements import words as words_of_the_gate
from cordiale.agreements.explain import LINES
from cordiale.agreements.exports import akoma, sheet, spelt
from cordiale.agreements.proofs import safeguards
from cordiale.agreements.steps import needs
from cordiale.node import agreements
from cordiale.node.agreements_shown import article_by_article
from cordiale.officers import OfficerRole as Role
from cordiale.payloads import FormField
from cordiale.reports import sanitise
from cordiale.web import encoding, words

WEB = Path(words.__file__).parent
LEFT = ("text", "file")
TEXTS = Path(needs.__file__).parents[1] / "texts"
OPTIONS = {"cordiale": {"encoding": "utf-8"}}


def shown() -> list[str]:
    """All of them, sorted."""
    places = (
        in_pages,
        in_commands,
        in_forms,
        in_terms,
        in_acts,
        in_answers,
        in_concerns,
        in_footnotes,
        in_givers,
        in_papers,
        in_encodings,
        in_safeguards,
    )
    return sorted({text for place in places for text in place()} - {""})


def in_pages() -> Iterator[str]:
    """Strings in templates and code."""
    keywords = {"_": None, "say": None, "mark": None}
    methods = [("**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
    for _, _, text, _, _ in extract_from_dir(WEB, method_map=methods, keywords=keywords):
        yield text if isinstance(text, str) else text[0]


def in_commands() -> Iterator[str]:
    """Sentences for operators: what the doctor, a restore and other commands say."""
    methods, keywords = [("**.py", "python")], {"Said": None}
    for room in ("node", "cli"):
        for _, _, text, _, _ in extract_from_dir(WEB.parent / room, method_map=methods, keywords=keywords):
            assert isinstance(text, str)
            yield text


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


def in_answers() -> Iterator[str]:
    """The gate's own sentences and every word that can stand in one."""
    register = Register.load()
    yield from words_of_the_gate.TEMPLATES.values()
    yield from (*LINES.values(), *agreements.SAID.values())
    yield from map(words_of_the_gate.plain, (*v.CONFIDENCES, *v.BASIS_MODES, *v.NATURES))
    yield from ("in force", "suspended", "not yet", "ended", "permit", "withhold", "refuse")
    kinds = (terms.Act, terms.Channel, terms.Capacity, terms.Purpose, terms.Regime, terms.Targeting)
    kinds += (terms.Modality, terms.Category, terms.Transform, terms.Role, terms.System, terms.Verdict)
    listed = [str(value) for kind in kinds for value in kind]
    listed += [*v.INFORMATION_TYPES, *v.CONFIRMATIONS, *v.ONWARD_CONDITIONS, *v.RESTRICTIONS, "never_to"]
    listed += [*v.RECORD_KINDS, *v.DUTIES, *register.fact_types, *{a.kind for a in register.authorities}]
    listed += ["case", "offence", "reason", "sought", "place_of_processing", "unknown", "otherwise"]
    listed += ["national_security", "yes", "no", "or", "somebody unknown"]
    yield from map(words_of_the_gate.plain, listed)


def in_concerns() -> Iterator[str]:
    """Why a person should look at a passage before it leaves."""
    yield from (why for _, why in sanitise._WORDS)
    yield from (f"{kind} that nobody has marked counts as everything and will be withheld" for kind in LEFT)
    yield "is not given and will count as X4"
    yield "reads like an assessment, and stands among the facts"
    yield "is about a person and graded E (suspected to be false): it is not exported"
    signs = [one for held in vars(screening).values() if isinstance(held, tuple) for one in held]
    yield from (one.why for one in signs if hasattr(one, "why"))


def in_footnotes() -> Iterator[str]:
    """The neutral words that stand wherever a Side is named."""
    yield from (side.footnote for side in Register.load().sides.values())


def in_givers() -> Iterator[str]:
    """Who can give what is missing, as the gate says it and as the files do."""
    yield from needs.WHO_GIVES.values()
    yield from ("the sending officer", "the originator", "a qualified person", "a named person")
    yield "the body that issues it"
    for path in TEXTS.rglob("*.toml"):
        yield from re.findall(r'who_can_give = "([^"]+)"', path.read_text("utf-8"))


def in_papers() -> Iterator[str]:
    """What an exported agreement says beside its file: labels, names of fields, every word of its lists."""
    yield from (*sheet.LABELS.values(), *spelt.NAMES.values(), spelt.EVERY, akoma.NOTE)
    listed = [*v.ONWARD_RULES, *v.CONSENTS, *v.PERSONAL_LEVELS, *v.BASIS_DATA, *v.GUARDED_FROM, *v.LIFTABLE]
    listed += [*v.UNITS, *v.BINDINGS, "proved", "refuted", "counts", "does_not_count", "counts_for_all"]
    yield from map(words_of_the_gate.plain, listed)


def in_encodings() -> Iterator[str]:
    """Every label and word by which a page says what a line of law says to the machine."""
    register, heard = Register.load(), set[str]()

    def say(text: str) -> str:
        heard.add(text)
        return text

    node = SimpleNamespace(register=register, name_of=lambda side, body: f"{side}/{body}")
    visit: Any = SimpleNamespace(say=say, node=node, language="en", day=str)
    for text in (*register.agreements, *register.laws):
        for one in article_by_article(register, text.id, date(2026, 11, 22)).articles:
            encoding.said(visit, one.encoding)
    yield from heard


def in_safeguards() -> Iterator[str]:
    """What is proved of an agreement, and the law behind it; what a comparison says that differs."""
    for one in (*safeguards.SAFEGUARDS, *safeguards.SUSPENDED):
        yield from (one.says, one.law)


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
