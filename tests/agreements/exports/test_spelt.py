"""The encoding in words: no field of a line is left out, and each has a name for people."""

from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from cordiale.agreements import Register, model
from cordiale.agreements.explain import Speech
from cordiale.agreements.exports.fields import plain, said
from cordiale.agreements.exports.spelt import NAMES, TOLD, spelt
from cordiale.agreements.model import Agreement

PARTS = (
    model.Basis, model.Condition, model.Requirement, model.OriginRule, model.OnwardRule, model.Ceiling,
    model.Retention, model.Lift, model.ClockRule, model.DutyRule, model.Grades, model.Provision, model.Traits,
    model.Against, model.Protects, model.Bars, model.Only, model.Exception_, model.Taint, model.Deployment,
    model.Binds, model.PartySide, model.PartyAuthority, model.Span,
)  # fmt: skip


@cache
def register() -> Register:
    return Register.load()


@pytest.mark.parametrize("part", PARTS, ids=lambda one: one.__name__)
def test_every_field_of_the_model_has_a_name_for_people(part: Any) -> None:
    assert [one.name for one in fields(part) if one.name.rstrip("_") not in NAMES] == []


def words(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [word for one in value.values() for word in words(one)]
    if isinstance(value, list):
        return [word for one in value for word in words(one)]
    return [] if isinstance(value, bool) else [str(value)]


@pytest.mark.parametrize("text", (*register().agreements, *register().laws), ids=lambda one: one.id)
def test_every_word_of_a_lines_encoding_is_told(text: Agreement) -> None:
    speech = Speech(register(), str, str)
    for line in (*text.provision, *text.taint, *text.protects, *text.deployment):
        told = "\n".join(spelt(line, speech))
        for name, value in said(line).items():
            if name not in TOLD:
                assert f"{NAMES[name]}: " in told, (line.article, name)
                missing = [one for one in words(plain(value)) if one not in told and one != "confirmed"]
                assert missing == [], (line.article, name)
