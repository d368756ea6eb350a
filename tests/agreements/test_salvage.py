"""What is malformed is refused by field; a distress call is never lost for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import answer_bytes, answer_mapping
from cordiale.terms import Verdict
from tests.agreements.gate_factories import AT, asked, item, world


def call(**said: Any) -> dict[str, Any]:
    return {
        "act": "share",
        "type": "distress_incident",
        "purpose": "rescue",
        "from": {"side": "FR", "authority": "pj"},
        "to": {"side": "FR", "authority": "cross"},
        "items": [{"id": "p", "category": "position"}],
    } | said


def test_a_malformed_request_is_a_refusal_that_names_the_field(tmp_path: Path) -> None:
    register = world(tmp_path)
    found = answer_mapping(asked(colour="red"), register, AT)
    assert found.verdict is Verdict.REFUSE and found.step == 0 and found.failures[0].field == "colour"
    assert answer_bytes(b"{", register, AT).verdict is Verdict.REFUSE
    assert answer_bytes(json.dumps(asked()).encode(), register, AT).permitted


@pytest.mark.parametrize(
    "said",
    [
        {"colour": "red"},
        {"version": 99},
        {"act": "shout"},
        {"purpose": "fun"},
        {"items": [{"id": "p", "category": "position"}, {"id": "x", "category": "gossip"}]},
        {"items": [{"id": "p", "category": "position", "as_of": "soon"}]},
        {"facts": {"a": 1.5, "unheard_of": True}},
        {"subjects": [{"id": "s", "kind": "ghost"}]},
        {"items": [{"id": "p", "category": "position", "origin": {"owner": 3}}]},
    ],
)
def test_a_distress_call_with_an_odd_field_is_shown_with_the_defect(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    found = answer_mapping(call(**said), world(tmp_path), AT)
    assert found.verdict is Verdict.PERMIT and found.step == 1 and found.leaves == ("p",) and found.warnings


def test_a_distress_call_without_act_or_purpose_means_rescue(tmp_path: Path) -> None:
    bare = call()
    del bare["act"], bare["purpose"]
    assert answer_mapping(bare, world(tmp_path), AT).step == 1


def test_a_call_to_nobody_cannot_be_carried(tmp_path: Path) -> None:
    lost = call(to={"side": "FR"})
    found = answer_mapping(lost, world(tmp_path), AT)
    assert found.verdict is Verdict.REFUSE and found.failures[0].field == "to"


def test_a_call_with_more_defects_than_can_be_read_is_refused_by_field(tmp_path: Path) -> None:
    many = call() | {f"odd{n}": n for n in range(300)}
    assert answer_mapping(many, world(tmp_path), AT).verdict is Verdict.REFUSE
    assert answer_mapping(call(items=[item(), item()]), world(tmp_path), AT).verdict is not None
