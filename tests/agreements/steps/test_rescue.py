"""Step 1, looked at closely: which acts take which lane, and what each of its conditions keeps out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale.agreements import Register, parse_question
from cordiale.agreements.case import Case
from cordiale.agreements.steps import rescue
from cordiale.terms import Act
from tests.agreements.gate_factories import AT, agreement, answer, asked, item, world

CENTRE = {"side": "FR", "authority": "cross"}
OFFICER = {"side": "UK", "authority": "iopc"}
POLICE = {"side": "FR", "authority": "pj"}
DISTRESS: dict[str, Any] = {"to": CENTRE, "type": "distress_incident", "purpose": "rescue", "subjects": []}
REPORT: dict[str, Any] = {"from": POLICE, "to": OFFICER, "type": "rights_report", "purpose": "rights"}
NOTICE: dict[str, Any] = {"to": POLICE, "type": "quality_notice", "purpose": "data_quality", "subjects": []}
HIGH = {"handling": {"code": "H1", "classification": "SECRET"}}
POSITION = item("position")
REFERENCE = item("reference")


def lane(register: Register, *items: dict[str, Any], at: datetime = AT, **said: Any) -> str:
    return rescue.lane(Case(parse_question(asked(*items, **said)), register.on(at)))


@pytest.mark.parametrize("act", list(Act))
def test_each_act_has_its_lane_or_none(tmp_path: Path, act: Act) -> None:
    register = world(tmp_path)
    helps = act in ("share", "ask", "answer", "onward", "correct")
    assert lane(register, POSITION, **DISTRESS, act=act) == ("rescue" if helps else "")
    tells = act in ("share", "answer", "onward", "correct", "complain")  # an officer who hears complaints
    assert lane(register, item("complaint"), **REPORT, act=act) == ("rights" if tells else "")
    mends = act in ("correct", "recall", "restrict", "erase")
    assert lane(register, REFERENCE, **NOTICE, act=act) == ("quality" if mends else "")


def test_an_officer_hears_what_the_register_says(tmp_path: Path) -> None:
    world(tmp_path)
    path = tmp_path / "register.toml"
    text = path.read_text("utf-8")
    for hears, acts in (('["incident_report"]', {"incident_report"}), ("[]", set[str]())):
        path.write_text(text.replace('hears = ["complain"]', f"hears = {hears}"), encoding="utf-8")
        register = Register.load(tmp_path)
        for act in ("complain", "incident_report"):
            assert (lane(register, item("complaint"), **REPORT, act=act) == "rights") is (act in acts)
        assert lane(register, item("complaint"), **REPORT, act="share") == "rights"


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ({}, True),
        ({"type": "distress_incident", "purpose": "investigate"}, True),
        ({"type": "intelligence_report", "purpose": "rescue"}, True),
        ({"type": "intelligence_report", "purpose": "investigate"}, False),
        ({"to": POLICE}, False),
        ({"to": {"side": "UK", "authority": "cross"}}, False),
        ({"facts": {"life_at_risk": True}}, True),
        ({"facts": {"life_at_risk": "unknown"}}, True),
        ({"facts": {"life_at_risk": False}}, False),
    ],
)
def test_distress_is_known_by_type_or_purpose_and_by_who_is_asked(
    tmp_path: Path, said: dict[str, Any], opens: bool
) -> None:
    assert (lane(world(tmp_path), POSITION, **(DISTRESS | said)) == "rescue") is opens


def test_no_marking_holds_distress_and_one_that_is_too_high_holds_the_other_lanes(tmp_path: Path) -> None:
    register = world(tmp_path)
    assert lane(register, item("position", **HIGH), **DISTRESS) == "rescue"
    for said, category in (
        (REPORT | {"act": "complain"}, "complaint"),
        (NOTICE | {"act": "recall"}, "reference"),
    ):
        high, plain = item(category, "a", **HIGH), item(category, "b")
        unknown = item(category, "c", handling={})
        assert lane(register, high, **said) == ""
        assert lane(register, high, plain, **said) != ""
        assert lane(register, unknown, **said) != ""
        assert answer(register, high, plain, **said).leaves == ("b",)


@pytest.mark.parametrize(
    ("items", "opens"),
    [
        ([REFERENCE], True),
        ([REFERENCE, item("event")], True),
        ([item("event"), item("event", "two")], False),
        ([REFERENCE, item("reference", "two")], True),
        ([REFERENCE, item("count")], False),
        ([REFERENCE, item("name")], False),
        ([item("event", subjects=["s1"])], False),
    ],
)
def test_a_notice_holds_pointers_and_one_moment(
    tmp_path: Path, items: list[dict[str, Any]], opens: bool
) -> None:
    said = NOTICE | {"act": "recall"}
    if any(one.get("subjects") for one in items):
        del said["subjects"]
    assert (lane(world(tmp_path), *items, **said) == "quality") is opens


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ({}, True),
        ({"type": "intelligence_report"}, False),
        ({"purpose": "investigate"}, False),
        ({"to": {"side": "FR", "authority": "nobody"}}, False),
        ({"to": {"side": "FRONTEX", "authority": "frontex"}}, False),
        ({"from": {"side": "FRONTEX", "authority": "frontex"}}, False),
        ({"to": {"side": "UK", "authority": "border"}}, True),
        ({"to": {"side": "RS", "authority": "mup"}}, True),
    ],
)
def test_a_notice_goes_to_a_known_body_of_a_side_with_an_agreement(
    tmp_path: Path, said: dict[str, Any], opens: bool
) -> None:
    register = world(tmp_path)
    assert (lane(register, REFERENCE, **(NOTICE | {"act": "recall"} | said)) == "quality") is opens
    ended = lane(
        register, REFERENCE, at=datetime(2031, 1, 1, tzinfo=UTC), **(NOTICE | {"act": "recall"} | said)
    )
    assert (ended == "quality") is opens, "an agreement that has ended left copies too"


def test_what_is_not_of_the_rescue_minimum_stays_with_its_article(tmp_path: Path) -> None:
    found = answer(world(tmp_path), POSITION, item("name", subjects=[]), item("nationality"), **DISTRESS)
    assert found.leaves == ("position",) and found.step == 1
    assert [(f.step, f.article, f.items) for f in found.withheld] == [(1, "SAR", ("name", "nationality"))]
    assert set(found.travels) >= {("use_only", ("rescue",)), ("no_onward", ())}
    assert answer(world(tmp_path), POSITION, **DISTRESS).article == rescue.RESCUE_ARTICLE
    complaint = answer(world(tmp_path), item("complaint"), **REPORT, act="complain")
    assert complaint.article == rescue.RIGHTS_ARTICLE and not complaint.warnings
    assert answer(world(tmp_path), REFERENCE, **NOTICE, act="recall").article == rescue.QUALITY_ARTICLE


def test_one_agreement_of_the_two_sides_is_enough_for_a_notice(tmp_path: Path) -> None:
    stranger = agreement(id="other").replace('code = "RS"', 'code = "FRONTEX"').replace('"mup"', '"frontex"')
    stranger = stranger.replace("UK>RS", "UK>FRONTEX").replace("UK_to_RS", "UK_to_FRONTEX")
    register = world(tmp_path, agreement(), stranger)
    serbia = NOTICE | {"act": "recall", "to": {"side": "RS", "authority": "mup"}}
    assert lane(register, REFERENCE, **serbia) == "quality"
