"""What nobody has said of an item: how it was got, of what it was made (docs/decisions/0018). Invented."""

from __future__ import annotations

from typing import Any

import pytest
from law_questions import OUT, leaf, put

TORTURE = "ECHR Art 3"


def fields(answer: Any) -> set[str]:
    """What the answer says that somebody must still state."""
    return {one["name"] for one in answer["missing"] if one["what"] == "field"}


def name(owner: str, *, derived: Any = None, **origin: Any) -> dict[str, Any]:
    made = leaf("name", owner, **origin)
    return made if derived is None else made | {"origin": made["origin"] | {"derived_from": derived}}


@pytest.mark.law("eu:EUROPOL-23/25")
@pytest.mark.parametrize(
    ("owner", "origin"),
    [
        ("IQ/iq-police", {}),
        ("XK/xk-police", {}),
        ("UK/nca", {"state": "IQ"}),
        ("UK/nca", {"state": "SY"}),
        ("UK/nca", {"systems": ["interpol"], "state": "unknown"}),
    ],
)
def test_what_comes_from_where_nobody_watches_stays_until_somebody_says_how_it_was_obtained(
    owner: str, origin: dict[str, Any]
) -> None:
    """ECHR Art 3; EUROPOL Art 23(9): its own reach is what may have been got by torture."""
    unsaid = put("intelligence_report", ["event", name(owner, obtained="unknown", **origin)], between=OUT)
    assert "name" not in unsaid["leaves"] and "origin.obtained" in fields(unsaid)
    assert any(one["article"].startswith(TORTURE) or "23(9)" in one["article"] for one in unsaid["withheld"])
    said = put("intelligence_report", ["event", name(owner, obtained="lawfully", **origin)], between=OUT)
    assert "origin.obtained" not in fields(said)


@pytest.mark.parametrize("owner", ["UK/nca", "FR/oltim", "AL/al-police", "RS/rs-police"])
def test_an_ordinary_report_needs_no_word_on_how_it_was_obtained(owner: str) -> None:
    """A court of human rights looks at how these Sides obtain what they know."""
    answer = put("intelligence_report", ["event", name(owner, obtained="unknown")], between=OUT)
    assert "origin.obtained" not in fields(answer)


def test_what_is_about_nobody_needs_no_word_either() -> None:
    event = leaf("event", "IQ/iq-police", obtained="unknown")
    assert "origin.obtained" not in fields(put("intelligence_report", [event], between=OUT))


def test_a_sender_at_whom_nobody_looks_says_how_it_obtained_what_it_sends() -> None:
    """The receiving node asks the same of what comes in."""
    inward = ("IQ/iq-police", "UK/nca")
    answer = put("intelligence_report", [name(inward[0], obtained="unknown")], between=inward)
    assert "origin.obtained" in fields(answer)


@pytest.mark.law("EURODAC-49")
def test_made_of_nobody_knows_what_counts_inside_the_reach_of_each_source() -> None:
    """A source bars what was derived from it too, so not knowing of what counts as systems unknown do."""
    abroad = ("UK/nca", "RS/rs-police")
    answer = put("person_intelligence", [name("UK/nca", derived="unknown")], between=abroad)
    assert "origin.derived_from" in fields(answer) and "name" not in answer["leaves"]


@pytest.mark.parametrize("derived", [None, [], ["national_police"]])
def test_a_stated_list_of_systems_names_what_an_item_was_made_of(derived: list[str] | None) -> None:
    """`systems` is every one it came or was derived from; `derived_from` only adds to it."""
    for between in (OUT, ("UK/nca", "RS/rs-police")):
        answer = put("person_intelligence", [name("UK/nca", derived=derived)], between=between)
        assert not {"origin.derived_from", "origin.systems"} & fields(answer)


def test_where_no_source_has_reach_not_knowing_of_what_it_was_made_withholds_nothing() -> None:
    """An event is about nobody: no source bars it to France but those that bar everything of theirs."""
    event = leaf("event", "UK/nca")
    event["origin"] = event["origin"] | {"derived_from": "unknown"}
    assert "event" in put("intelligence_report", [event], between=OUT)["leaves"]
