"""Whole answers of the gate, kept word for word: whoever changes the gate sees which words change, and where.

A test says in its asserts what matters; all that it does not name (scope, source, confidence, what is
curable, whom it is referred to) stands in answers.json. After a change that is meant, read what differs:

    CORDIALE_KEEP=1 python -m pytest tests/agreements
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from cordiale.agreements import Answer

FILE = Path(__file__).with_name("answers.json")
KEEPING = "CORDIALE_KEEP" in os.environ
FORGOTTEN = ("id", "at", "texts_digest", "replay", "draft")
"""What says nothing of the steps, or changes with any letter of a file."""
Told = dict[str, Any]
heard: list[Told] = []
"""The answers since the running test began."""


@cache
def kept() -> dict[str, list[Told]]:
    """Test -> its answers, in their order. In the file each different answer stands once, under its mark."""
    if not FILE.exists():
        return {}
    told = json.loads(FILE.read_text("utf-8"))
    return {name: [told["answers"][mark] for mark in marks] for name, marks in told["tests"].items()}


def told(answer: Answer) -> Told:
    """The fields that say something."""
    whole = {name: value for name, value in asdict(answer).items() if name not in FORGOTTEN}
    found: Told = json.loads(json.dumps(brief(whole)))
    return found


def brief(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [brief(one) for one in value]
    if isinstance(value, dict):
        return {k: brief(v) for k, v in value.items() if v not in ("", [], (), {}, None, False)}
    return value


def compare(name: str) -> None:
    """Hold what was heard equal to what is kept of the test `name`."""
    if KEEPING:
        kept().pop(name, None)
        kept().update({name: list(heard)} if heard else {})
        return
    known = kept().get(name, [])
    for n, (found, wanted) in enumerate(zip(heard, known, strict=False), start=1):
        assert found == wanted, f"answer {n} of `{name}` is not as it is kept (tests/agreements/kept.py)"
    assert len(heard) == len(known), f"{len(heard)} answers, {len(known)} kept: see tests/agreements/kept.py"


def keep() -> None:
    """Write down what was heard, a line an answer."""
    answers: dict[str, str] = {}
    tests: dict[str, list[str]] = {}
    for name, own in sorted(kept().items()):
        lines = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in own]
        marks = [hashlib.sha256(line.encode()).hexdigest()[:8] for line in lines]
        answers |= dict(zip(marks, lines, strict=True))
        tests[name] = marks
    told = ",\n".join(f'"{mark}": {line}' for mark, line in sorted(answers.items()))
    named = ",\n".join(f"{json.dumps(name)}: {json.dumps(marks)}" for name, marks in tests.items())
    text = f'{{"answers": {{\n{told}\n}},\n"tests": {{\n{named}\n}}}}\n'
    FILE.write_text(text, encoding="utf-8")
