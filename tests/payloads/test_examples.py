"""The shipped examples, asked of the real gate with the shipped texts."""

import json
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from cordiale.agreements import Register, decide, parse_question
from cordiale.payloads import TYPES, itemise, only
from cordiale.payloads.examples import EXAMPLES
from cordiale.payloads.specimens import SPECIMENS


@cache
def shipped() -> Register:
    return Register.load()


def answer(request: Any) -> dict[str, Any]:
    raw = json.loads(json.dumps(request))
    return decide(parse_question(raw), shipped(), datetime.fromisoformat(raw["at"])).as_json()


def test_every_type_has_its_examples_or_says_why_not() -> None:
    assert set(EXAMPLES) == set(TYPES)
    for example in EXAMPLES.values():
        assert example.why_refused and example.refused
        assert bool(example.permitted) != bool(example.why_none)
    assert sum(bool(e.why_none) for e in EXAMPLES.values()) == 7


@pytest.mark.parametrize("type_id", [t for t in TYPES if EXAMPLES[t].permitted])
def test_the_permitted_example_leaves_whole_or_in_part(type_id: str) -> None:
    found = answer(EXAMPLES[type_id].permitted)
    assert found["verdict"] in ("permit", "withhold"), found["headline"]
    leaves = [leaf if isinstance(leaf, str) else leaf["item"] for leaf in found["leaves"]]
    assert leaves
    model = next(m for (t, m), p in SPECIMENS.items() if t == type_id and set(leaves) <= paths(t, m))
    assert only(SPECIMENS[type_id, model], leaves).tree


def paths(type_id: str, model: str) -> set[str]:
    return {leaf.path for leaf in itemise(SPECIMENS[type_id, model])}


@pytest.mark.parametrize("type_id", list(TYPES))
def test_the_refused_example_is_refused_with_an_article_or_a_file(type_id: str) -> None:
    found = answer(EXAMPLES[type_id].refused)
    assert found["verdict"] == "refuse", found["headline"]
    assert found["headline"]["sentence"]
