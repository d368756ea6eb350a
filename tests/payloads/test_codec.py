"""Encoding and decoding: round trips, strictness by field, limits, and lenience for distress alone."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.errors import PayloadError
from cordiale.payloads import TYPES, Partial, decode, decode_bytes, decode_distress, encode, itemise, only
from cordiale.payloads.codec import BODY_BYTES_MAX
from cordiale.payloads.specimens import SPECIMENS

EVERY = sorted(SPECIMENS)


def raw(type_id: str = "intelligence_report", model: str = "report") -> dict[str, Any]:
    """An encoded specimen as it comes off the wire."""
    return json.loads(json.dumps(encode(SPECIMENS[type_id, model])))


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_every_model_makes_one_trip_and_comes_back_equal(type_id: str, model: str) -> None:
    payload = SPECIMENS[type_id, model]
    wire = json.dumps(encode(payload), ensure_ascii=False).encode()
    assert decode_bytes(type_id, wire) == payload


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_every_required_field_that_is_missing_is_named(type_id: str, model: str) -> None:
    kind = TYPES[type_id].models[model]
    from cordiale.payloads.model import slots

    required = [s.name for s in slots(kind) if s.required]
    assert required
    for name in required:
        broken = raw(type_id, model)
        del broken["body"][name]
        with pytest.raises(PayloadError) as wrong:
            decode(type_id, broken)
        assert wrong.value.field == name and "missing" in str(wrong.value)


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_an_unknown_field_is_refused_by_name_in_every_model(type_id: str, model: str) -> None:
    broken = raw(type_id, model)
    broken["body"]["shoe_size"] = 44
    with pytest.raises(PayloadError, match="shoe_size"):
        decode(type_id, broken)


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        (("suspects", 0, "family_name"), 7, "suspects.0.family_name", "must be text"),
        (("suspects", 0, "family_name"), "x" * 121, "suspects.0.family_name", "121 characters"),
        (("suspects", 0, "shoe"), "44", "suspects.0.shoe", "no field"),
        (("suspects", 0, "subject"), "s2", "victims.0.subject", "two persons"),
        (("suspects",), {}, "suspects", "must be a list"),
        (("suspects",), [], "suspects", "empty"),
        (("suspects", 0), "Omar", "suspects.0", "must be an object"),
        (("episodes", 0, "at"), "2026-11-21T23:40:00", "episodes.0.at", "written like"),
        (("episodes", 0, "at"), "2026-11-21 23:40:00Z", "episodes.0.at", "written like"),
        (("episodes", 0, "position", "latitude"), 50.9, "episodes.0.position.latitude", "whole number"),
        (("episodes", 0, "position", "latitude"), True, "episodes.0.position.latitude", "whole number"),
        (("episodes", 0, "position", "latitude"), 10**9, "episodes.0.position.latitude", "between"),
        (("handling",), "H9", "handling", "none of"),
        (("grade", "source"), "1A", "grade.source", "must be A, B, C"),
        (("narrative", "passages"), [], "narrative.passages", "1 to"),
        (
            ("narrative", "passages", 0, "categories"),
            ["moon"],
            "narrative.passages.0.categories",
            "no category",
        ),
        (("narrative", "passages", 0, "text"), "", "narrative.passages.0.text", "1 to"),
        (("narrative", "extra"), 1, "narrative.extra", "no field"),
        (("title",), "  ", "title", "empty"),
        (("title",), None, "title", "must be text"),
    ],
)
def test_what_does_not_fit_is_named_with_its_whole_path(
    path: tuple[Any, ...], value: Any, field: str, words: str
) -> None:
    broken = raw()
    place = broken["body"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(PayloadError) as wrong:
        decode("intelligence_report", broken)
    assert wrong.value.field == field
    assert words in str(wrong.value)


def test_the_envelope_is_strict_too() -> None:
    for change, field in (
        ({"type": "joint_item"}, "type"),
        ({"model": "reply"}, "model"),
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"extra": 1}, "extra"),
        ({"body": []}, "body"),
        ({"withheld": ["title"]}, "withheld"),
    ):
        with pytest.raises(PayloadError) as wrong:
            decode("intelligence_report", raw() | change)
        assert wrong.value.field == field
    with pytest.raises(PayloadError, match="no information type"):
        decode("gossip", raw())


def test_a_field_that_comes_twice_a_fraction_and_what_is_no_json_are_refused() -> None:
    for wire in (
        b'{"type": "a", "type": "b"}',
        b'{"a": 1.5}',
        b'{"a": NaN}',
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
    ):
        with pytest.raises(PayloadError):
            decode_bytes("launch_alert", wire)


def test_a_body_beyond_the_limit_is_refused_before_it_is_read() -> None:
    huge = raw()
    huge["body"]["title"] = "x" * (BODY_BYTES_MAX + 1)
    with pytest.raises(PayloadError, match="larger"):
        decode("intelligence_report", huge)
    with pytest.raises(PayloadError, match="larger"):
        decode_bytes("intelligence_report", b" " * (2 * BODY_BYTES_MAX + 1))


def test_too_many_entries_are_refused() -> None:
    many = raw()
    many["body"]["methods"] = ["m"] * 201
    with pytest.raises(PayloadError, match="201 entries"):
        decode("intelligence_report", many)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@given(value=json_values, index=st.integers(0, 10_000))
@settings(max_examples=400, deadline=None)
def test_whatever_is_put_anywhere_decodes_or_is_a_payload_error(value: Any, index: int) -> None:
    type_id, model = EVERY[index % len(EVERY)]
    tree = raw(type_id, model)
    names = sorted(tree["body"])
    tree["body"][names[index % len(names)]] = value
    try:
        found = decode(type_id, tree)
    except PayloadError as wrong:
        assert wrong.field
    else:
        assert decode(type_id, encode(found)) == found


@given(value=json_values)
@settings(max_examples=300, deadline=None)
def test_a_distress_message_is_never_refused_whatever_came(value: Any) -> None:
    partial, defects = decode_distress(value)
    assert isinstance(partial, Partial)
    assert defects, "something was wrong and it was not said"
    encode(partial)


def test_a_damaged_distress_message_is_shown_with_its_defects() -> None:
    tree = raw("distress_incident")
    tree["version"] = 9
    tree["body"]["persons"] = "forty"
    tree["body"]["new_field"] = "from next year"
    tree["body"]["callers"][0]["shoe"] = 44
    del tree["body"]["centre"]
    partial, defects = decode_distress(tree)
    said = "\n".join(defects)
    for words in ("version", "persons", "forty", "new_field", "from next year", "shoe", "centre: is missing"):
        assert words in said
    paths = {leaf.path for leaf in itemise(partial)}
    assert {"position.latitude", "boats", "callers.0.contact"} <= paths
    assert "persons" not in paths


def test_what_has_a_default_is_still_stated_on_the_wire_so_that_a_default_never_speaks_for_the_sender() -> (
    None
):
    silent = raw("launch_alert")
    assert silent["body"].pop("status") == "NOT CONFIRMED"
    with pytest.raises(PayloadError) as wrong:
        decode("launch_alert", silent)
    assert wrong.value.field == "status"


def test_a_good_distress_message_has_no_defects() -> None:
    partial, defects = decode_distress(raw("distress_incident"))
    assert defects == ()
    assert partial.whole() == SPECIMENS["distress_incident", "report"]


def test_a_partial_payload_must_name_exactly_what_is_missing() -> None:
    payload = SPECIMENS["launch_alert", "report"]
    part = only(payload, [leaf.path for leaf in itemise(payload) if leaf.path != "seen_at"])
    wire = encode(part)
    assert wire["withheld"] == ["seen_at"]
    back = decode("launch_alert", wire)
    assert isinstance(back, Partial) and back.withheld == ("seen_at",) and back.whole() is None
    for lie in ([], ["kind"], ["seen_at", "kind"], "seen_at", None):
        with pytest.raises(PayloadError):
            decode("launch_alert", wire | {"withheld": lie})


def test_what_was_read_does_not_change_when_somebody_writes_into_what_it_was_read_from() -> None:
    raw = encode(SPECIMENS["intelligence_report", "report"])
    raw = json.loads(json.dumps(raw))
    before = json.loads(json.dumps(raw))
    read = decode("intelligence_report", raw)
    raw["body"]["title"] = "Written over"
    raw["body"]["suspects"][0]["family_name"] = "Another"
    assert encode(read) == before
