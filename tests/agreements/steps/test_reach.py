"""Whom a rule keeps something from: the recipient words, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Register, parse_question
from cordiale.agreements.case import Case
from cordiale.agreements.steps.reach import is_guessed, is_origin, not_bound, recipient_is
from tests.agreements.gate_factories import AT, agreement, asked, person, provision, world

SERBIA = {"side": "RS", "authority": "mup"}
FRANCE = {"side": "FR", "authority": "pj"}
FERRY = {"side": "FR", "authority": "line"}
FRONTEX = {"side": "FRONTEX", "authority": "frontex"}
UNION = {"side": "EU", "authority": "all"}
NOBODY_KNOWS = {"side": "ZZ", "authority": "x"}


def put(folder: Path, to: dict[str, str], *, onward: str = "", **said: Any) -> Case:
    line = provision(onward=onward) if onward else provision()
    register = world(folder, agreement(line))
    question = parse_question(asked(to=to, subjects=[person(**said)]))
    own = register.agreements[0]
    return Case(question, register.on(AT), own, own.provision[0])


@pytest.mark.parametrize(
    ("to", "word", "bloc", "reached"),
    [
        (FRANCE, "any", "EU", True),
        (FRANCE, "private", "EU", False),
        (FERRY, "private", "EU", True),
        (FRANCE, "third_country", "EU", False),
        (FRANCE, "third_state", "EU", False),
        (FRANCE, "third_state", "EU-BODIES", True),
        (FRONTEX, "third_country", "EU-BODIES", False),
        (SERBIA, "third_country", "EU", True),
        (SERBIA, "third_state", "EU", True),
        (SERBIA, "a word that nobody knows", "EU", False),
    ],
)
def test_a_recipient_word_means_these(
    tmp_path: Path, to: dict[str, str], word: str, bloc: str, reached: bool
) -> None:
    assert recipient_is(put(tmp_path, to), word, bloc=bloc) is reached


@pytest.mark.parametrize(
    ("to", "said", "origin", "guessed"),
    [
        (SERBIA, {"nationality": ["RS"]}, True, False),
        (SERBIA, {"nationality": ["FR", "RS"], "established": {}}, True, False),
        (SERBIA, {"nationality": ["FR"]}, False, False),
        (SERBIA, {"nationality": ["FR"], "established": {}}, True, True),
        (SERBIA, {"nationality": "unknown"}, True, True),
        (SERBIA, {"nationality": []}, True, True),
        (FRANCE, {"nationality": "unknown"}, False, False),
        (FRANCE, {"nationality": ["IQ"], "established": {}}, False, False),
        (FRONTEX, {"nationality": "unknown"}, False, False),
        (FRONTEX, {"nationality": ["IQ"]}, False, False),
        (UNION, {"nationality": ["IQ"]}, True, True),
        (NOBODY_KNOWS, {"nationality": "unknown"}, True, True),
        (NOBODY_KNOWS, {"nationality": ["IQ"]}, False, False),
    ],
)
def test_a_recipient_is_or_may_be_the_state_of_origin(
    tmp_path: Path, to: dict[str, str], said: dict[str, Any], origin: bool, guessed: bool
) -> None:
    case = put(tmp_path, to, **said)
    (subject,) = case.asked.subjects
    assert (is_origin(case, subject), is_guessed(case, subject)) == (origin, guessed)


@pytest.mark.parametrize(
    ("to", "onward", "free"),
    [
        (FRANCE, "", False),
        (FRANCE, '{rule = "never"}', False),
        (FRANCE, '{rule = "ask_originator"}', False),
        (FRANCE, '{rule = "listed", listed = ["RS"]}', True),
        (FRANCE, '{rule = "free"}', True),
        (SERBIA, "", True),
        (SERBIA, '{rule = "never"}', True),
    ],
)
def test_who_has_no_such_duty_or_may_pass_it_on_is_not_bound(
    tmp_path: Path, to: dict[str, str], onward: str, free: bool
) -> None:
    assert not_bound(put(tmp_path, to, onward=onward), "refugee-convention-1951") is free


def test_a_body_that_is_no_state_is_nobodys_state_of_origin(tmp_path: Path) -> None:
    world(tmp_path)
    with (tmp_path / "register.toml").open("a", encoding="utf-8") as more:
        more.write('[[side]]\ncode = "INTERPOL"\nname = "Invented, outside the Union"\nkind = "agency"\n')
    to = {"side": "INTERPOL", "authority": "x"}
    question = parse_question(asked(to=to, subjects=[person(nationality="unknown")]))
    case = Case(question, Register.load(tmp_path).on(AT))
    assert case.day.third("INTERPOL") and not is_origin(case, question.subjects[0])
