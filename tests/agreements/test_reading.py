"""The fast reading: what is kept and what is not. That it equals the reference stands in tests/twins."""

from typing import Any

import pytest

from cordiale.agreements import Listed, parse_fast, parse_question, plain_bytes, reading
from cordiale.agreements.question import Items
from cordiale.errors import RequestError
from cordiale.terms import Category
from tests.agreements.gate_factories import asked, item, person


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_lists", "_people", "_parts"):
        monkeypatch.setattr(reading, name, {})


def test_the_same_items_are_read_once_and_other_ids_of_the_request_do_not_matter() -> None:
    one, two = (parse_fast(asked(item(), item("name"), id=i, case=i)) for i in ("a", "b"))
    assert one.items is two.items and isinstance(one.items, Items)
    assert (one.case, two.case) == ("a", "b") and one.items.ids == tuple(i.id for i in one.items)


def test_items_with_values_are_not_kept() -> None:
    raw = asked(item("name", value="Anna (invented)"))
    assert parse_fast(raw) == parse_question(raw) and parse_fast(raw).items[0].value == "Anna (invented)"
    assert not reading._lists


def test_long_lists_and_words_of_an_enumeration_are_read_and_not_kept() -> None:
    many = [item(id=f"i{n}") for n in range(reading.ITEMS_KEPT + 1)]
    for raw in (asked(*many), asked(item() | {"category": Category.EVENT})):
        assert parse_fast(raw) == parse_question(raw)
    assert not reading._lists


def test_only_so_many_lists_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LISTS_MAX", 2)
    for number in range(5):
        parse_fast(asked(item(id=f"i{number}")))
    assert len(reading._lists) <= 2


def test_a_table_used_under_two_names_is_read_as_each_of_them() -> None:
    empty: dict[str, Any] = {}
    raw = asked(item() | {"origin": empty, "handling": empty, "aggregate": empty})
    assert parse_fast(raw) == parse_question(raw)


@pytest.mark.parametrize(
    "said",
    [
        {"subjects": [person(), person()]},
        {"every_item": None},
        {"every_item": {"colour": "red"}},
        {"every_item": {"origin": None}, "items": []},
        {"items": ({"id": "a", "category": "event"},)},
        {"urgent": {"level": None}},
    ],
)
def test_what_is_malformed_is_refused_in_the_references_words(said: dict[str, Any]) -> None:
    errors = []
    for read in (parse_fast, parse_question):
        with pytest.raises(RequestError) as found:
            read(asked(item()) | said)
        errors.append((found.value.message, found.value.field, found.value.way_out))
    assert errors[0] == errors[1]


def test_a_statement_is_told_apart_by_the_kind_of_its_words() -> None:
    whole = {"source": "document", "by": "officer-1", "at": "2026-01-05"}
    raw = asked(item(), subjects=[person(established={"minor": whole})])
    assert parse_fast(raw) == parse_question(raw)
    for odd in (
        whole | {"by": 1},
        whole | {"by": True},
        whole | {"at": 5},
        {"source": "document", "by": "x"},
    ):
        again = asked(item(), subjects=[person(established={"minor": odd})])
        try:
            plain: Any = parse_question(again)
        except RequestError as wrong:
            plain = wrong.message
        try:
            fast: Any = parse_fast(again)
        except RequestError as wrong:
            fast = wrong.message
        assert fast == plain


def test_a_list_that_is_made_once_is_read_as_the_items_in_it() -> None:
    raw = asked(item(), item("name"))
    listed = raw | {"items": Listed.of(raw["items"])}
    assert parse_fast(listed) == parse_question(raw) and parse_fast(listed).items is parse_fast(raw).items
    valued = asked(item("name", value="Anna (invented)"))
    listed = valued | {"items": Listed.of(valued["items"])}
    assert listed["items"].plain == b"" and parse_fast(listed).items[0].value == "Anna (invented)"


def test_subjects_of_whom_the_same_was_stated_are_read_once_and_of_whom_more_was_stated_anew() -> None:
    raw = asked(item(), subjects=[person(), {"id": "x1", "kind": "person", "role": "witness"}])
    more = raw | {"subjects": [person(minor="yes"), *raw["subjects"][1:]]}
    one, two, other = parse_fast(raw), parse_fast(raw | {"id": "b", "case": "c"}), parse_fast(more)
    assert one.subjects is two.subjects and other.subjects is not one.subjects
    assert other == parse_question(more) and other.subjects[0].minor == "yes"
    assert [one.about(each) for each in one.items] == [parse_question(raw).about(i) for i in one.items]


def test_ends_and_offences_are_read_once_and_words_of_an_officer_are_not_kept() -> None:
    raw = asked(item(), reason="Anna is invented", facts={"told": "Anna is invented"})
    assert parse_fast(raw).to is parse_fast(raw | {"id": "b"}).to
    assert {name for name, _ in reading._parts} <= {"from", "to", "offence", "sought"}
    assert "Anna" not in repr((reading._parts, reading._people, reading._lists))


def test_what_is_too_long_is_read_and_not_kept() -> None:
    raw = asked(item(handling={"caveats": ["INVENTED " * 9_000]}))
    assert plain_bytes(raw["items"]) == b""
    assert parse_fast(raw) == parse_question(raw) and not reading._lists


@pytest.mark.parametrize("name", ["_people", "_parts"])
def test_only_so_much_is_kept_of_subjects_and_ends(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LISTS_MAX", 2)
    monkeypatch.setattr(reading, "PARTS_MAX", 2)
    for number in range(5):
        subject = {"id": f"x{number}", "kind": "person", "role": "witness"}
        raw = asked(item(), subjects=[person(), subject], offence={"law": f"act {number}"})
        assert parse_fast(raw) == parse_question(raw)
        assert 0 < len(getattr(reading, name)) <= 2
