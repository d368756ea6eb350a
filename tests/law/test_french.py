"""The law in French beside the English: what a page or a command shows of a file has its twin there.

The twins are in our words too, and a lawyer reads both at once (docs/decisions/0017).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.law.agreement_questions import question

from cordiale.agreements import SHIPPED, Register, decide, parse_question, steps
from cordiale.agreements.spoken import Called, twins
from cordiale.agreements.text import read_agreement
from cordiale.agreements.tongues import lines_of
from cordiale.web.words import say_in

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = ("sentence", "read", "title", "name")
"""Keys whose words a person reads; each has its French under it."""
ENGLISH = re.compile(
    r"\b(the|and|of|by|with|for|only|which|nobody|without|under|is|are|was|to|from|no|who|what|their)\b", re.I
)
NAMES = re.compile(
    r"EU \(Future Relationship\) Act|UK Borders Act|Police Reform Act|Banking and Financial Dealings Act"
    r"|Parliamentary Commissioner Act|Common Understanding|Information Commissioner"
)
"""Acts and offices that have no official French name and keep their own."""
CONSTANT = re.compile(r'(?:ARTICLE: Final = \(?\s*|article=|else (?="(?:House|DPA)))"((?:[^"\\]|\\.)*)"')


@cache
def register() -> Register:
    return Register.load()


def files() -> list[Path]:
    return [p for p in sorted(SHIPPED.rglob("*.toml")) if p.name != "coverage.toml"]


def walked(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """(key, table) for every table of a file."""
    if isinstance(value, Mapping):
        yield key, value
        for name, one in value.items():
            yield from walked(one, str(name))
    elif isinstance(value, list):
        for one in value:
            yield from walked(one, key)


@pytest.mark.parametrize("path", files(), ids=lambda p: p.stem)
def test_every_sentence_of_a_file_has_its_french_under_it(path: Path) -> None:
    shown = [key for key in LATER if key != "name" or path.stem == "sides"]
    shown = [
        key for key in shown if (key != "title" or path.parent.name != "records") and path.stem != "sources"
    ]
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    found = [
        (key, row[key], row.get(f"{key}s", {})) for _, row in walked(told) for key in shown if key in row
    ]
    missing = [(key, words) for key, words, others in found if not others.get("fr")]
    assert not missing


def labels_in_use() -> set[str]:
    """Every label of an article in the files, and those that the gate itself gives."""
    rows = (row for path in files() for _, row in walked(tomllib.loads(path.read_text(encoding="utf-8"))))
    used = {str(row["article"]) for row in rows if isinstance(row.get("article"), str)}
    for path in (*Path(steps.__file__).parent.glob("*.py"), Path(steps.__file__).parents[1] / "gate.py"):
        used |= set(CONSTANT.findall(path.read_text(encoding="utf-8")))
    return used | {f"handling code {code.id}" for code in register().handling.values()}


def test_every_label_of_an_article_has_its_french_and_none_stands_for_nothing() -> None:
    held = tomllib.loads((SHIPPED / "register" / "labels.toml").read_text(encoding="utf-8"))["labels"]["fr"]
    used = {one for one in labels_in_use() if re.search(r"\d|[a-z] ", one) or one == "unread"}
    assert not used - set(held), sorted(used - set(held))[:10]
    assert not set(held) - labels_in_use(), sorted(set(held) - labels_in_use())[:10]


def test_the_french_is_french_and_keeps_every_number() -> None:
    for english, french in register().twins("fr").items():
        assert not ENGLISH.search(NAMES.sub("", french)), french
        wanted, held = (Counter(re.findall(r"\b(\d+)(?:er)?\b", words)) for words in (english, french))
        assert not wanted - held, (english, french)


TO_FRANCE = ("UK/nca", "FR/police-judiciaire")
TO_SERBIA = ("UK/nca", "RS/rs-interior")
TO_FRONTEX = ("UK/home-office", "FRONTEX/frontex")
WHO = ("event", "name")


def asked(
    information: str, between: tuple[str, str], basis: str | None = None, **said: Any
) -> dict[str, Any]:
    return (
        question(information, WHO, between=between, basis=basis, **said)
        if basis
        else {
            key: one
            for key, one in question(information, WHO, between=between, basis="", **said).items()
            if key != "asked_basis"
        }
    )


QUESTIONS = [
    asked("intelligence_report", TO_FRANCE),
    asked("intelligence_report", TO_FRANCE, act="onward"),
    asked("intelligence_report", TO_FRANCE, purpose="immigration_control", regime="immigration"),
    asked("intelligence_report", TO_FRANCE, capacity="liaison", act="executive"),
    asked("face_search", TO_FRANCE, act="search", targeting="group"),
    asked("person_intelligence", TO_SERBIA, "uk-rs-oic"),
    asked("person_intelligence", TO_SERBIA, subjects=[{"id": "s1", "kind": "person"}]),
    asked("situational_item", TO_FRONTEX, "uk-frontex-wa-2024", purpose="situational_awareness"),
    asked("readmission_request", TO_FRANCE, "uk-fr-dangerous-journeys-2025", purpose="readmission"),
    asked("distress_incident", TO_FRANCE, purpose="rescue", facts={"life_at_risk": True}),
    asked("rights_report", TO_FRANCE, act="complain", purpose="rights"),
]


@pytest.mark.parametrize("raw", QUESTIONS, ids=range(len(QUESTIONS)))
def test_what_an_answer_shows_has_its_french_and_the_answer_stays_the_same(raw: dict[str, Any]) -> None:
    found = decide(parse_question(raw), register(), AT).as_json()
    before = json.dumps(found)
    said = twins(found, Called(register(), "fr"), say_in("fr"))
    assert json.dumps(found) == before
    shown = {
        row[key]
        for _, row in walked({**found, "said": []})
        for key in ("sentence", "article")
        if row.get(key)
    }
    assert shown, "an answer that says nothing proves nothing"
    assert not [words for words in shown if words not in said and not words.startswith("docs/")]


def test_a_draft_may_bring_its_own_french(tmp_path: Path) -> None:
    text = (SHIPPED / "agreements" / "uk-xk-2024.toml").read_text(encoding="utf-8")
    text = text.replace("uk-xk-2024", "invented").replace("UK-XK announcement", "Invented note")
    (tmp_path / "draft.toml").write_text(
        text + '\n[labels.fr]\n"Invented note, 7 November 2024" = "Note inventée"\n', encoding="utf-8"
    )
    called = Called(Register.load(tmp_path), "fr")
    assert called.told("Invented note, 7 November 2024") == "Note inventée"
    assert called.told("Liaison officers advise.") == "Les officiers de liaison conseillent."
    assert called.told("Nobody wrote this.") == "Nobody wrote this."


def test_every_line_with_a_sentence_is_a_line_that_the_twins_know() -> None:
    for text in (*register().agreements, *register().laws):
        for line in lines_of(text):
            assert not line.sentence or register().twins("fr")[line.sentence] != line.sentence


def test_mending_the_french_changes_no_agreement_that_partners_compare() -> None:
    """Two nodes refuse each other's messages when they hold different agreements; a French word is none."""
    raw = (SHIPPED / "agreements" / "uk-xk-2024.toml").read_text(encoding="utf-8")
    held = read_agreement(raw.encode(), "a.toml").digest
    french = raw.replace("Expérience, formation", "L’expérience, la formation") + '\n[labels.fr]\n"a" = "b"\n'
    assert french != raw and read_agreement(french.encode(), "a.toml").digest == held
    assert read_agreement(f"# a comment\n{raw}".encode(), "a.toml").digest == held
    for old, new in (
        ("min_cell = 10", "min_cell = 9"),
        ("Experience, training", "Training"),
        ("2024-11-07", "2024-11-08"),
    ):
        assert old in raw and read_agreement(raw.replace(old, new, 1).encode(), "a.toml").digest != held
    hidden = raw.replace("[terms]", '[terms]\nnote = """\n[labels.fr]\n"""\nmore = 1')
    assert read_agreement(hidden.encode(), "a.toml").digest != held
