"""The references name every key, field and word that the code knows."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import answer as answers
from cordiale.agreements import model, question
from cordiale.agreements.shape import readers
from cordiale.agreements.vocabulary import INFORMATION_TYPES, STEPS
from cordiale.agreements.words import TEMPLATES
from cordiale.payloads import TYPES
from cordiale.terms import Act, Purpose

DOCS = Path(__file__).parents[2] / "docs" / "reference"
ROOM = Path(model.__file__).parent


def tables_of(module: Any) -> list[type]:
    return [
        k
        for k in vars(module).values()
        if isinstance(k, type) and k.__module__ == module.__name__ and hasattr(k, "__dataclass_fields__")
    ]


@pytest.mark.parametrize("kind", tables_of(model), ids=lambda k: k.__name__)
def test_every_key_of_a_file_stands_in_the_reference(kind: type) -> None:
    page = (DOCS / "agreement-file.md").read_text(encoding="utf-8")
    missing = [key for key in readers(kind) if not re.search(rf"\b{key}\b", page)]
    assert not missing


@pytest.mark.parametrize("kind", tables_of(question), ids=lambda k: k.__name__)
def test_every_field_of_a_request_stands_in_the_reference(kind: type) -> None:
    page = (DOCS / "decide.md").read_text(encoding="utf-8")
    missing = [key for key in readers(kind) if not re.search(rf"\b{key}\b", page)]
    assert not missing


def test_every_field_of_an_answer_every_act_purpose_and_step_stands_in_the_reference() -> None:
    page = (DOCS / "decide.md").read_text(encoding="utf-8")
    told = {"agreement", "provision", "article", "sentence", "step", "relies_on", "version"}
    words = [f.name for f in fields(answers.Answer)] + [*told, *Act, *Purpose, *STEPS.values()]
    assert not [w for w in words if not re.search(rf"\b{w}\b", page)]


def test_the_information_types_are_those_that_travel() -> None:
    assert set(INFORMATION_TYPES) == set(TYPES)


def test_every_sentence_of_the_gate_is_used() -> None:
    source = "\n".join(p.read_text(encoding="utf-8") for p in ROOM.rglob("*.py") if p.name != "words.py")
    spoken = {"permit", "withhold", "rescue", "rights", "quality", "not_yet", "ended"}
    assert not [t for t in TEMPLATES if f'"{t}"' not in source and t not in spoken]
