"""What an answer depends on stands in the signature; what it does not is left out, field by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Item, Question, Subject, parse_question
from cordiale.agreements import question as q
from cordiale.agreements.signature import Signatures
from tests.agreements.gate_factories import AT, asked, item, origin, person, record, world

LEFT_OUT: dict[type, set[str]] = {
    Question: {"id", "at", "mode"},
    Item: {"value", "as_of", "assertion", "verified", "tied"},
    Subject: {"ground", "informed"},
    q.Handling: {"caveats"},
    q.Origin: set(),
    q.Conviction: {"recorded_at", "marker"},
    q.Offence: {"law", "code", "place", "date"},
    q.Confirmation: {"independent_of"},
}
"""Fields that no step reads. A new field must be put here or into the signature."""

READ: dict[type, str] = {
    Question: """act type urgent asked_basis case channel from_ to automated purpose regime offence targeting
        modality place_of_processing reason sought subjects items facts confirmations records""",
    Item: "id category subjects transformable grade origin handling aggregate goods sensitive conviction",
    Subject: """id kind role protection human_rights_claim nationality stateless minor accompanied
        trafficking_indicator protected_activity size established""",
    q.Handling: "code classification restrictions consents",
    q.Origin: """owner state systems derived_from received_under source_article collected_for regime
        obtained""",
    q.Conviction: "spent class_",
    q.Offence: "max_years stage",
    q.Confirmation: "person role qualified of at",
}


@pytest.mark.parametrize("kind", sorted(READ, key=lambda k: k.__name__))
def test_every_field_is_read_or_knowingly_left_out(kind: Any) -> None:
    assert {f.name for f in fields(kind)} == set(READ[kind].split()) | LEFT_OUT[kind]


def signed(folder: Path, raw: dict[str, Any], **files: Any) -> bytes | None:
    return Signatures(world(folder, **files)).of(parse_question(raw), AT)


SAME: dict[str, Callable[[dict[str, Any]], object]] = {
    "id": lambda raw: raw.update(id="other"),
    "mode": lambda raw: raw.update(mode="on_request"),
    "case": lambda raw: raw.update(case="other"),
    "reason": lambda raw: raw.update(reason="other words"),
    "officer": lambda raw: raw["from"].update(person={"id": "somebody else"}),
    "item id": lambda raw: raw["items"][0].update(id="other"),
    "value": lambda raw: raw["items"][0].update(value="other"),
    "verified": lambda raw: raw["items"][0].update(verified="yes", as_of="2026-01-01", assertion="fact"),
    "caveats": lambda raw: raw["items"][0]["handling"].update(caveats=["other"]),
    "subject id": lambda raw: (raw["subjects"][0].update(id="s9"), raw["items"][1].update(subjects=["s9"])),
    "who settled it": lambda raw: raw["subjects"][0]["established"].update(
        minor={"source": "officer", "by": "another", "at": "2025-01-01"}
    ),
    "moment": lambda raw: raw["facts"].update(received_at="2026-10-01T10:00:00Z"),
    "confirmed by": lambda raw: raw["confirmations"][0].update(person="another"),
}

OTHER: dict[str, Callable[[dict[str, Any]], object]] = {
    "purpose": lambda raw: raw.update(purpose="prosecute"),
    "no reason": lambda raw: raw.pop("reason"),
    "no case": lambda raw: raw.pop("case"),
    "capacity": lambda raw: raw["from"].update(person={"capacity": "machine"}),
    "deployment": lambda raw: raw["from"].update(person={"deployment": "d1"}),
    "category": lambda raw: raw["items"][0].update(category="place"),
    "owner": lambda raw: raw["items"][0].update(origin=origin(owner="FR/pj")),
    "no systems": lambda raw: raw["items"][0].update(origin=origin(systems=[])),
    "systems unknown": lambda raw: raw["items"][0].update(origin=origin(systems="unknown")),
    "marking": lambda raw: raw["items"][0]["handling"].update(classification="SECRET"),
    "cell": lambda raw: raw["items"][0].update(aggregate={"smallest_cell": 3}),
    "about nobody": lambda raw: raw["items"][1].pop("subjects"),
    "unsettled": lambda raw: raw["subjects"][0]["established"].update(minor="machine"),
    "nationality": lambda raw: raw["subjects"][0].update(nationality="unknown"),
    "stateless": lambda raw: raw["subjects"][0].update(stateless="yes"),
    "moment unknown": lambda raw: raw["facts"].update(received_at="unknown"),
    "moment odd": lambda raw: raw["facts"].update(received_at="soon"),
    "risk": lambda raw: raw["facts"].update(life_at_risk=True),
    "record": lambda raw: raw.update(records=["paper"]),
    "confirmed later": lambda raw: raw["confirmations"][0].update(at="2027-01-01T00:00:00Z"),
    "confirmed by the sender": lambda raw: raw["confirmations"][0].update(person=""),
}


def whole() -> dict[str, Any]:
    said = {"person": "examiner", "role": "officer", "qualified": "yes", "of": "match"}
    return asked(
        item(),
        item("name"),
        reason="words",
        facts={"received_at": "2026-11-01T10:00:00Z"},
        confirmations=[said | {"at": "2026-01-01T00:00:00Z"}],
    )


@pytest.mark.parametrize("what", sorted(SAME))
def test_what_no_answer_depends_on_is_left_out(tmp_path: Path, what: str) -> None:
    raw = whole()
    SAME[what](raw)
    assert signed(tmp_path, raw) == signed(tmp_path, whole()) is not None


@pytest.mark.parametrize("what", sorted(OTHER))
def test_what_an_answer_depends_on_is_in_it(tmp_path: Path, what: str) -> None:
    raw = whole()
    if what == "confirmed by the sender":
        raw["confirmations"].append(raw["confirmations"][0] | {"person": "second"})
        plain = signed(tmp_path, raw)
        raw["confirmations"][1]["person"] = "examiner"
        assert signed(tmp_path, raw) != plain
        return
    OTHER[what](raw)
    assert signed(tmp_path, raw) != signed(tmp_path, whole())


def test_an_item_or_case_that_a_record_names_keeps_its_name(tmp_path: Path) -> None:
    paper = record("paper", "consent", owner='"FR"', items='["event"]', case='"c1"')
    other = whole()
    other["items"][0]["id"] = "another"
    files = {"records": {"p": paper}}
    assert signed(tmp_path, other, **files) != signed(tmp_path, whole(), **files)
    assert signed(tmp_path, whole() | {"case": "c2"}, **files) != signed(tmp_path, whole(), **files)


def test_a_question_that_cannot_be_written_has_no_signature(tmp_path: Path) -> None:
    signatures = Signatures(world(tmp_path))
    twice = Question(act="share", type="core_data", from_=END, to=END, purpose="prevent", items=(ONE, ONE))
    people = Question(
        act="share", type="core_data", from_=END, to=END, purpose="prevent", subjects=(WHO, WHO)
    )
    huge = parse_question(whole() | {"subjects": [person(size=10**30)]})
    assert [signatures.of(each, AT) for each in (twice, people, huge)] == [None, None, None]


END = q.End(side="UK", authority="nca")
ONE = Item(id="i", category="name", subjects=("nobody-described", "unidentified"))
WHO = Subject(id="s", kind="person")


def test_people_nobody_described_are_told_apart(tmp_path: Path) -> None:
    signatures = Signatures(world(tmp_path))

    def about(*ids: str) -> bytes | None:
        two = tuple(Item(id=str(n), category="name", subjects=(i,)) for n, i in enumerate(ids))
        return signatures.of(
            Question(act="share", type="core_data", from_=END, to=END, purpose="prevent", items=two), AT
        )

    assert about("a", "b") == about("x", "y") != about("a", "a")
    assert about("a", "unidentified") != about("a", "b")
