"""Two versions beside each other: every line that is not the same is named, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordiale.agreements import Agreement, Register
from cordiale.node.agreements_compared import ADDED, OTHERWISE, TAKEN_OUT, nested, reworded
from cordiale.node.agreements_shown import Encoding

REGISTER = Register.load()
ID = "uk-frontex-wa-2024"


@pytest.fixture
def text() -> Agreement:
    found = REGISTER.agreement(ID)
    assert found is not None
    return found


@pytest.mark.parametrize("id", [one.id for one in (*REGISTER.agreements, *REGISTER.laws)])
def test_a_text_beside_itself_differs_in_nothing(id: str) -> None:
    found = REGISTER.agreement(id)
    assert found is not None
    assert list(reworded(found, found)) == []


def test_one_word_that_is_taken_out_of_one_line_is_the_only_thing_named(text: Agreement) -> None:
    rule = text.protects[0]
    fewer = replace(rule.when, protection=rule.when.protection - {"claim_pending"})
    changed = replace(text, protects=(replace(rule, when=fewer), *text.protects[1:]))
    (only,) = reworded(text, changed)
    assert (only.kind, only.id, only.what) == ("protects", rule.id, OTHERWISE)
    ((name, was, now),) = only.fields
    assert name == "when" and isinstance(was, Encoding) and isinstance(now, Encoding)
    assert "claim_pending" in dict(was.pairs)["protection"]
    assert "claim_pending" not in dict(now.pairs)["protection"]
    assert nested(was)


def test_a_line_that_was_added_and_one_that_was_taken_out_are_told_apart(text: Agreement) -> None:
    first, *rest = text.provision
    changed = replace(text, provision=(*rest, replace(first, id="invented")))
    found = {(one.kind, one.id): one for one in reworded(text, changed)}
    assert found["provision", first.id].what == TAKEN_OUT and found["provision", first.id].fields == ()
    assert found["provision", "invented"].what == ADDED
    assert len(found) == 2, "the other lines only moved"


def test_fields_of_the_text_as_a_whole_stand_first_with_what_they_were(text: Agreement) -> None:
    changed = replace(text, version=2, title="Another title (invented)", continues_after_end=frozenset())
    (only,) = reworded(text, changed)
    assert only.kind == "" and only.what == OTHERWISE
    found = {name: (was, now) for name, was, now in only.fields}
    assert found["version"] == ("1", "2")
    was, now = found["continues_after_end"]
    assert "recall" in was and now is None


def test_the_name_and_the_digest_of_a_file_are_no_change_of_law(text: Agreement) -> None:
    assert list(reworded(text, replace(text, file="copy.toml", digest="sha256:0"))) == []


def test_two_lines_without_a_name_are_told_apart_by_their_number(text: Agreement) -> None:
    (way, rows), *others = text.basis
    other = replace(rows[0], article="(invented)")
    (only,) = reworded(text, replace(text, basis=((way, (*rows, other)), *others)))
    assert only.kind == "basis" and only.what == ADDED and only.id.endswith(f" {len(rows) + 1}")
    assert ">" in only.id
