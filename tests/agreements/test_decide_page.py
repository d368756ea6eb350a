"""docs/reference/decide.md is exact: another person can write a client from the page alone."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench.questions import Questions

from cordiale.agreements import Register, parse_question
from cordiale.agreements.routes import decide_with_routes
from cordiale.agreements.words import TEMPLATES, TEXT

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "decide.md"
PLAIN = {"text": str, "number": int, "moment": str}
QUESTIONS = 400


@cache
def block(name: str) -> Any:
    """A JSON block of the page by what stands behind its language."""
    found = re.search(rf"```json {name}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found, name
    return json.loads(found[1])


@cache
def shipped() -> Register:
    return Register.load()


def differs(shape: Any, value: Any, at: str = "answer") -> str:
    """Where a value is not of the shape; "" when it is."""
    if isinstance(shape, dict):
        return _object(shape, value, at)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{at} is no list"
        wrong = [(i, [differs(s, v, f"{at}[{i}]") for s in shape]) for i, v in enumerate(value)]
        return next((told[0] for _, told in wrong if all(told)), "")
    words = shape.split(" | ")
    if any(_is(word, value) for word in words):
        return ""
    return f"{at}: {value!r} is not {shape}"


def _object(shape: dict[str, Any], value: Any, at: str) -> str:
    if not isinstance(value, dict):
        return f"{at} is no object"
    if not shape:
        return "" if all(isinstance(v, str) for v in value.values()) else f"{at} holds more than words"
    named = {key.rstrip("?"): (inner, key.endswith("?")) for key, inner in shape.items()}
    if extra := value.keys() - named.keys():
        return f"{at} has {sorted(extra)}"
    if lost := [k for k, (_, may) in named.items() if not may and k not in value]:
        return f"{at} lacks {lost}"
    return next((d for k, v in value.items() if (d := differs(named[k][0], v, f"{at}.{k}"))), "")


def _is(word: str, value: Any) -> bool:
    if word in ("true", "false"):
        return value is (word == "true")
    if word == "null":
        return value is None
    if word == "moment":
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    if word in PLAIN:
        return isinstance(value, PLAIN[word]) and not isinstance(value, bool)
    return bool(value == word)


def test_every_answer_is_of_the_shape_that_the_page_gives() -> None:
    shape, verdicts, keys = block("shape=answer"), set[str](), set[str]()
    for raw, at in islice(Questions(shipped(), 11), QUESTIONS):
        answer = decide_with_routes(parse_question(raw), shipped(), at).as_json()
        assert differs(shape, json.loads(json.dumps(answer))) == ""
        assert list(answer) == list(shape)
        verdicts.add(answer["verdict"])
        keys |= {key for key, value in answer.items() if value}
    assert verdicts == {"permit", "withhold", "refuse"}
    assert set(shape) - keys <= {"draft", "must_also_send", "must_include", "refer_to", "transform"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"draft": "no"}, "draft"),
        ({"leaves": [1]}, "leaves[0]"),
        ({"surprise": 1}, "surprise"),
        ({"travels": [{"never": []}]}, "travels[0]"),
        ({"headline": {}}, "headline"),
        ({"at": "2026-11-22T12:00:00"}, "at"),
    ],
)
def test_the_comparison_sees_what_is_otherwise(change: dict[str, Any], where: str) -> None:
    raw, at = next(iter(Questions(shipped(), 11)))
    answer = decide_with_routes(parse_question(raw), shipped(), at).as_json()
    assert where in differs(block("shape=answer"), answer | change)


def test_the_example_gives_the_answer_that_the_page_tells() -> None:
    at = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    answer = decide_with_routes(parse_question(block("request=example")), shipped(), at).as_json()
    assert answer["verdict"] == "withhold" and answer["leaves"] == ["how"]
    assert [(w["item"], w["step"]) for w in answer["withheld"]] == [("who", 3)]


def test_every_code_that_an_answer_says_is_one_that_a_client_can_know() -> None:
    """Words are words: no object, no number hides among them."""
    for raw, at in islice(Questions(shipped(), 12), 100):
        answer = decide_with_routes(parse_question(raw), shipped(), at).as_json()
        for one in answer["said"]:
            assert {s["code"] for s in one["says"]} <= {*TEMPLATES, TEXT}
