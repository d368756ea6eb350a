"""Forms read off the models: every question has a label, and what is typed comes back as the payload."""

import pytest

from cordiale.errors import PayloadError
from cordiale.payloads import TYPES, FormField, answers_of, fill
from cordiale.payloads.cooperation import Consignment
from cordiale.payloads.crime import IntelligenceReport
from cordiale.payloads.forms import fields, label
from cordiale.payloads.situation import LaunchAlert
from cordiale.payloads.specimens import SPECIMENS

ALERT = {
    "alert_id": "al-9",
    "kind": "launch",
    "seen_at": "2026-11-21T23:40",
    "position.latitude": "50.951234",
    "position.longitude": "-1,62",
    "boats": "1",
    "children_seen": "yes",
    "place": "   ",
}


def every_field(model: type) -> list[FormField]:
    out: list[FormField] = []
    todo = list(fields(model))
    while todo:
        one = todo.pop()
        out.append(one)
        todo.extend(one.fields)
    return out


@pytest.mark.parametrize("type_id", sorted(TYPES))
def test_every_type_has_a_form_in_which_each_question_has_a_label_and_a_kind(type_id: str) -> None:
    for name in TYPES[type_id].models:
        assert TYPES[type_id].form(name)
        for one in every_field(TYPES[type_id].models[name]):
            assert one.label[:1].isupper() and "_" not in one.label
            assert (one.kind == "choice") == bool(one.choices)
            assert (one.kind == "group") == bool(one.fields)
            assert one.category is not None or one.kind == "group"


@pytest.mark.parametrize(("type_id", "model"), sorted(SPECIMENS))
def test_the_answers_of_a_payload_fill_it_again(type_id: str, model: str) -> None:
    payload = SPECIMENS[type_id, model]
    again = fill(type(payload), answers_of(payload))
    assert answers_of(again) == answers_of(payload)
    marked = ("narrative", "images", "files", "words", "evidence")
    if not any(getattr(payload, name, None) for name in marked):
        assert again == payload


def test_a_filled_text_has_no_marks_because_a_form_cannot_bind_them() -> None:
    payload = SPECIMENS["intelligence_report", "report"]
    again = fill(IntelligenceReport, answers_of(payload))
    assert isinstance(again, IntelligenceReport) and again.narrative is not None
    assert all(not p.categories for p in again.narrative.passages)


def test_typed_degrees_times_and_yes_become_what_travels() -> None:
    alert = fill(LaunchAlert, ALERT)
    assert isinstance(alert, LaunchAlert)
    assert alert.position.degrees == (50.951234, -1.62)
    assert alert.seen_at.isoformat() == "2026-11-21T23:40:00+00:00"
    assert alert.children_seen is True and alert.place is None


def test_a_list_may_be_typed_as_lines_or_as_numbered_answers() -> None:
    base = {"case_reference": "c-1", "title": "t"}
    lines = fill(IntelligenceReport, base | {"methods": "one\n\n two \n"})
    numbered = fill(IntelligenceReport, base | {"methods.0": "one", "methods.7": "two"})
    assert lines == numbered
    persons = fill(
        IntelligenceReport,
        base
        | {"suspects.0.subject": "s1", "suspects.0.family_name": "Ada", "suspects.0.nationalities": "IQ\nIR"},
    )
    assert isinstance(persons, IntelligenceReport)
    assert persons.suspects[0].nationalities == ("IQ", "IR")


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("boats", "many", "whole number"),
        ("boats", "1" * 14, "whole number"),
        ("children_seen", "perhaps", "neither yes nor no"),
        ("position.latitude", "north", "no angle"),
        ("position.latitude", "NaN", "no angle"),
        ("position.latitude", "95", "between"),
        ("seen_at", "tonight", "written like"),
        ("kind", "party", "none of"),
        ("colour", "red", "no question"),
        ("position.colour", "red", "no question"),
    ],
)
def test_what_does_not_fit_is_named_by_its_question(path: str, text: str, words: str) -> None:
    with pytest.raises(PayloadError, match=words) as wrong:
        fill(LaunchAlert, ALERT | {path: text})
    assert wrong.value.field == path


def test_a_question_left_blank_that_must_be_answered_is_named() -> None:
    with pytest.raises(PayloadError) as wrong:
        fill(LaunchAlert, {k: v for k, v in ALERT.items() if k != "kind"})
    assert wrong.value.field == "kind"


def test_labels_are_spelled_as_the_field_spells_them() -> None:
    assert [label(n) for n in ("date_of_birth", "imo", "hs_code", "alert_id")] == [
        "Date of birth",
        "IMO",
        "HS code",
        "Alert ID",
    ]


def test_life_jackets_are_no_class_of_goods() -> None:
    """BSAIA 2025 s.15: things that preserve life are no relevant article."""
    goods = next(f for f in fields(Consignment) if f.path == "goods")
    assert not [c for c in goods.choices if "jacket" in c or "medic" in c or "food" in c or "tent" in c]
