"""The strict codec of the request: what is malformed is refused by field."""

import json
from typing import Any

import pytest

from cordiale.agreements import parse_question, read_question
from cordiale.errors import RequestError
from tests.agreements.gate_factories import asked, item, person


def refused(raw: Any) -> RequestError:
    with pytest.raises(RequestError) as found:
        parse_question(raw)
    return found.value


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"act": "shere"}, "act"),
        ({"type": "gossip"}, "type"),
        ({"purpose": None}, "purpose"),
        ({"from": "UK"}, "from"),
        ({"from": {"side": "UK"}}, "from"),
        ({"facts": ["a"]}, "facts"),
        ({"facts": {"a": 1.5}}, "facts.a"),
        ({"items": [item(category="rumour")]}, "items[1].category"),
        ({"items": [item(), item()]}, "items.id"),
        ({"items": [item(subjects=["s9"])]}, "items[1].subjects"),
        ({"subjects": [person(), person()]}, "subjects.id"),
        ({"subjects": [person(minor="perhaps")]}, "subjects[1].minor"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-11-22T09:00:00"}, "at"),
        ({"items": [item(as_of="soon")]}, "items[1].as_of"),
        ({"items": [item(handling={"restrictions": "no_onward"})]}, "items[1].handling.restrictions"),
        (
            {"items": [item(handling={"restrictions": [{"use_only": ["fun"]}]})]},
            "items[1].handling.restrictions[1].use_only",
        ),
        ({"every_item": {"colour": 1}}, "every_item.colour"),
        ({"subjects": [{**person(), "nationality": [None]}]}, "subjects[1].nationality[1]"),
    ],
)
def test_what_is_malformed_is_refused_by_field(said: dict[str, Any], field: str) -> None:
    assert refused(asked() | said).field == field


def test_near_words_are_offered() -> None:
    assert "`share`" in refused(asked(act="shere")).way_out


def test_a_key_that_stands_twice_is_refused() -> None:
    raw = json.dumps(asked()).replace('"act": "share"', '"act": "share", "act": "share"')
    with pytest.raises(RequestError, match="twice") as found:
        read_question(raw.encode())
    assert found.value.field == "act"


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[]", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_not_a_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestError):
        read_question(raw)
    assert isinstance(refused([]), RequestError)


def test_bulk_is_refused() -> None:
    assert "bulk" in refused(asked(*[item(id=str(n)) for n in range(2001)])).message


def test_unknown_may_be_written_or_left_out() -> None:
    written = person(nationality="unknown", size="unknown")
    assert parse_question(asked(subjects=[written])).subjects[0].nationality is None
    assert parse_question(asked(offence="none")).offence is None
    assert parse_question(asked(offence={"max_years": "unknown"})).offence is not None
    assert parse_question(asked(facts={"a": "unknown"})).fact("a") is None


def test_every_item_speaks_for_those_that_do_not_say_their_own() -> None:
    raw = asked({"id": "a", "category": "event"}, item(id="b"), every_item={"origin": {"owner": "FR"}})
    assert [i.origin.owner for i in parse_question(raw).items] == ["FR", "UK/nca"]


def test_urgency_is_a_word_or_a_table_and_a_use_only_is_a_table() -> None:
    assert parse_question(asked(urgent="liberty")).urgent.reason == ""
    assert parse_question(asked(urgent={"level": "liberty", "reason": "x"})).urgent.reason == "x"
    limited = item(handling={"restrictions": ["no_onward", {"use_only": ["investigate"]}]})
    names = [n for n, _ in parse_question(asked(limited)).items[0].handling.restrictions]
    assert names == ["no_onward", "use_only"]


def test_a_bare_word_says_from_what_and_settles_nothing() -> None:
    stated = (
        parse_question(asked(subjects=[person(established={"minor": "document"})])).subjects[0].established
    )
    assert not stated[0][1].settles


def test_a_personal_item_about_nobody_named_is_about_somebody_unidentified() -> None:
    question = parse_question(asked(item("name", subjects=[])))
    assert [s.kind for s in question.about(question.items[0])] == ["unidentified"]
