"""The order of a form and of what is read: facts, persons and assessments never run into one another."""

from __future__ import annotations

import re

from cordiale.web.bodies import Group, lines
from cordiale.web.forms import Question
from cordiale.web.layout import laid_out
from cordiale.web.visit import Visit
from tests.web.pages import REPORT, Browser, Night
from tests.web.test_pages import GROUNDS, plain


def group(path: str) -> Group:
    return Group(path, path, (), ())


def test_suspects_victims_and_witnesses_stand_apart_from_facts_and_from_assessments() -> None:
    paths = (
        "episodes.0",
        "suspects.0",
        "victims.0",
        "witnesses.0",
        "assessments.0",
        "method_assessments.0",
        "grade",
    )
    body = Group(
        "",
        "",
        (Question("body.title", "Title"), Question("body.handling", "Handling")),
        tuple(map(group, paths)),
    )
    found = laid_out(body, [Question("purpose", "Purpose"), Question("obtained", "How", value="unknown")])
    assert [one.path for one in found.facts] == ["episodes.0"]
    assert [one.path for one in found.persons] == ["suspects.0", "victims.0", "witnesses.0"]
    assert [one.path for one in found.assessments] == ["assessments.0", "method_assessments.0"]
    assert [one.path for one in found.grades] == ["grade"]
    assert [one.name for one in found.words] == ["body.title"]
    assert [one.name for one in found.marking] == ["body.handling"]
    assert [one.name for one in found.why] == ["purpose"]
    assert [one.name for one in found.more] == ["obtained"] and not found.more_said


def test_a_rarer_question_that_was_answered_is_not_hidden() -> None:
    body = Group("", "", (), ())
    assert laid_out(body, [Question("obtained", "How", value="rights_violation")]).more_said
    assert laid_out(body, [Question("obtained", "How", value="unknown", error="no")]).more_said


def test_nobody_but_the_officer_says_at_whom_a_message_is_aimed(sam: Browser) -> None:
    """Some articles carry an individual case only: a form must not state one for the officer."""
    page = sam.get("/compose/intelligence_report").text
    aimed = page.partition('name="targeting"')[2].partition("</select>")[0]
    assert re.search(r'value="unknown" selected', aimed) and aimed.count("selected") == 1
    assert laid_out(Group("", "", (), ()), [Question("targeting", "Aimed", value="individual")]).more_said


def test_what_was_chosen_from_a_list_is_read_in_the_reader_s_language(made: Night) -> None:
    reader = Visit(made.node, None, "", "fr", "UTC", made.simulation.clock.now(), "/")
    inner = {"state": "unknown", "phase": "distress", "place": "distress", "craft": {"kind": "wooden"}}
    body = {"type": "distress_incident", "model": "report", "body": inner}
    said = {one.path: one.value for one in lines(body, reader)}
    assert said["state"] == "inconnu" and said["phase"] == "détresse"
    assert said["place"] == "distress", "a place of that name is somebody's own word"
    assert said["craft.kind"] != "wooden"
    assert {one.value for one in lines({**body, "model": "none such"}, reader)} >= {"unknown", "distress"}


def test_several_chosen_from_a_list_are_read_in_words_too(made: Night) -> None:
    reader = Visit(made.node, None, "", "en", "UTC", made.simulation.clock.now(), "/")
    inner = {"crime_areas": ["money_laundering", "drugs"], "handling": "H1"}
    body = {"type": "intelligence_report", "model": "report", "body": inner}
    said = {one.path: one.value for one in lines(body, reader)}
    assert said["crime_areas"] == "money laundering, drugs"
    assert said["handling"].startswith("H1: not in court")


def test_the_page_keeps_that_order_and_loses_no_question(sam: Browser) -> None:
    page = sam.get("/compose/intelligence_report").text
    people, thought = "Persons, each in their own part", "Assessments, apart from the facts"
    order = ["What it says", people, thought, "Why", "How it is marked"]
    places = [page.index(f">{title}<") for title in order]
    assert places == sorted(places)
    asked = ["suspects.0.family_name", "assessments.0.text", "handling", "grade.source"]
    names = [f"body.{one}" for one in asked]
    for name in (*names, "purpose", "judicial", "targeting", "obtained", "system"):
        assert f'name="{name}"' in page, name


def test_who_may_have_it_stands_above_who_may_not(sam: Browser) -> None:
    sam.get("/compose/intelligence_report")
    page = sam.post("/compose/intelligence_report", {**REPORT, **GROUNDS}, **{"hx-request": "true"}).text
    found = re.findall(r'class="view view--(\w+)"', page)
    assert found == sorted(found, key=("permit", "withhold", "refuse").index) and len(found) > 1


def test_what_stands_by_itself_is_read_before_any_part(made: Night) -> None:
    reader = Visit(made.node, None, "", "en", "UTC", made.simulation.clock.now(), "/")
    body = {"body": {"episodes": [{"place": "a beach"}], "methods": ["vans"], "title": "Invented"}}
    said = [(one.label, one.depth) for one in lines(body, reader)]
    assert said == [("Title", 1), ("Methods", 1), ("Episodes 1", 0), ("Place", 1)]


def test_a_draft_says_how_many_seconds_it_can_be_taken_back(sam: Browser) -> None:
    assert "After Send you have 30 seconds to take it back." in plain(
        sam.get("/compose/intelligence_report").text
    )
