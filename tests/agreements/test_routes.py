"""Lawful ways on are decided in full and change no fact about a person, a purpose or a rescue."""

from pathlib import Path

from cordiale.terms import Verdict
from tests.agreements.gate_factories import agreement, answer, item, provision, world


def test_leaving_out_what_is_about_persons_is_shown_as_decided(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision(essential='["name"]', personal='"none"')))
    found = answer(register, item(), item("name"))
    assert found.verdict is Verdict.REFUSE
    assert [(r.by, r.verdict) for r in found.routes] == [("items without persons", "permit")]


def test_another_channel_is_shown_if_it_would_do(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision(channel='["node"]')))
    found = answer(register, item(), channel="live_link")
    assert [r.by for r in found.routes] == ["channel node"] and found.as_json()["routes"][0][
        "computed"
    ] == "yes"


def test_no_way_is_shown_that_would_be_refused_too(tmp_path: Path) -> None:
    register = world(tmp_path, agreement(provision(regimes='["immigration"]', channel='["portal"]')))
    assert answer(register, channel="live_link").routes == ()


def test_where_a_line_itself_points_is_shown_as_not_computed(tmp_path: Path) -> None:
    body = provision() + (
        '[[provision]]\nid = "x"\narticle = "Art x"\nsentence = "Not here."\neffect = '
        '"refuse"\ninstead = ["deal"]\n'
    )
    found = answer(world(tmp_path, agreement(body)))
    assert [(r.by, r.computed) for r in found.routes] == [("asked_basis deal", False)]


def test_a_permit_has_no_ways_on(tmp_path: Path) -> None:
    assert answer(world(tmp_path)).routes == ()
