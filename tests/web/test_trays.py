"""Can a person turn the pages of a tray and of a search, and is what they typed never kept for others?"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from cordiale.node import looking, notices, people, reports
from cordiale.store import search as index
from cordiale.web import frame, trays
from cordiale.web.forms import Question
from tests.web.pages import Browser, Night, intelligence, night

PURPOSE = "prevent"


@pytest.fixture(scope="module")
def made() -> Iterator[Night]:
    """Three reports from France in the in-tray of Sam's authority."""
    one = night()
    for _ in range(3):
        one.simulation.send("FR/oltim", intelligence(), "UK/border-force")
    for _ in range(40):  # beyond the hold
        one.simulation.step()
    one.simulation.settle()
    yield one
    one.close()


@pytest.fixture(scope="module")
def sam(made: Night) -> Browser:
    return Browser(made, "sam")


def turned(browser: Browser, path: str, words: str) -> list[str]:
    """The messages of every page, from the first on by the link of these words."""
    found: list[str] = []
    while path:
        page = browser.get(path).text
        found += re.findall(r'href="/message/(\w+)"', page)
        link = re.search(rf'href="([^"]+)">{words}<', page)
        path = html.unescape(link.group(1)) if link else ""
        assert len(found) < 20, "the pages go round in a circle"
    return found


def test_every_message_stands_on_one_page_of_the_in_tray(
    sam: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trays, "PAGE_LINES", 1)
    found = turned(sam, "/inbox", "Older")
    assert len(found) == len(set(found)) == 3


def test_a_search_says_how_many_and_goes_on_among_what_is_older(
    made: Night, sam: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking.look_on(made.node)
    path = f"/search?words=hulls&purpose={PURPOSE}"
    assert "Found: 3." in sam.get(path).text
    monkeypatch.setattr(trays, "PAGE_LINES", 1)
    monkeypatch.setattr(index, "STEPS_MAX", 2)
    assert "There may be more" in sam.get(path).text
    browser = Browser(made, "sam")
    browser.post("/purpose", {"purpose": PURPOSE})
    found = turned(browser, path, "Search on among what is older")
    assert len(found) == len(set(found)) == 3


def test_a_search_that_finds_nothing_says_what_to_try_and_keeps_the_words(sam: Browser) -> None:
    page = sam.get(f"/search?words=zzqq+hulls&purpose={PURPOSE}").text
    assert "Nothing that you may see holds all of these words." in page
    assert "Found: 0." not in page and "Nothing here." not in page
    assert re.search(r'id="find"[^>]* value="zzqq hulls"', page), "a word is mended, not typed anew"


def test_a_row_tells_no_restriction_that_stands_on_the_opened_message(made: Night) -> None:
    """To which Sides a message may never go can tell who is protected: no need, no sight of it."""
    node, officer = made.simulation.officer("FR/oltim")
    sent = reports.outbox(node, officer)[0]
    limits = ["never_to:rs", "no_onward"]
    notices.recall(node, officer, sent.reference, "new_restriction", action="restrict", restrictions=limits)
    for _ in range(6):
        made.simulation.step()
    made.simulation.settle()
    sam = Browser(made, "sam")
    rows = sam.get("/inbox").text + sam.get(f"/search?words=hulls&purpose={PURPOSE}").text
    assert "never to" not in rows and "RS" not in rows and "Serbia" not in rows
    mine = people.officer(made.node, "sam")
    assert any(
        "RS" in reports.open_message(made.node, mine, one.reference, purpose=PURPOSE).restrictions["never_to"]
        for one in reports.inbox(made.node, mine)
        if one.type == "intelligence_report"
    )


def test_a_line_that_our_gate_refused_says_where_the_reason_stands_and_the_message_tells_it(
    made: Night, sam: Browser
) -> None:
    refused = intelligence()
    refused["asks"]["regime"] = "immigration"
    assert made.simulation.send("UK/border-force", refused, "FRONTEX/frontex").verdict == "refuse"
    (line,) = [
        one for one in reports.outbox(made.node, people.officer(made.node, "sam")) if one.verdict == "refuse"
    ]
    row = next(one for one in sam.get("/outbox").text.split("<li class=") if line.reference in one)
    assert "Open it to read why." in row
    page = sam.get(f"/message/{line.reference}?purpose={PURPOSE}").text
    assert re.search(r"Refused under</dt><dd[^>]*>[^<]{4,}", page)
    assert "there is nothing to recall" in page and "Send to every holder" not in page


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 40, "٣"])
def test_a_place_that_is_none_begins_at_the_newest(made: Night, odd: str) -> None:
    browser = Browser(made, "sam")
    for path in (f"/search?words=hulls&purpose={PURPOSE}&before={odd}", f"/inbox?before={odd}"):
        assert browser.get(path).status_code == 200


# ------------------------------------------------------------------------------ unanswered questions


def drawn(question: Question) -> str:
    """A question on a page, as the template draws it."""
    page = "{% from 'cordiale/parts.html' import ask with context %}{{ ask(q) }}"
    return frame.environment("en").from_string(page).render(q=question)


@pytest.mark.parametrize("kind", ["text", "area", "select", "radios", "checkboxes", "time", "number"])
def test_an_unanswered_question_kept_as_drawn_is_the_one_drawn_anew(kind: str) -> None:
    question = Question("a.b_c", "Sign & <word>", kind, hint="H", options=(("", "Choose"), ("x", "<X>")))
    page = "{% from 'cordiale/parts.html' import ask_anew with context %}{{ ask_anew(q) }}"
    anew = frame.environment("en").from_string(page).render(q=question)
    assert drawn(question) == drawn(question) == anew and "&lt;word&gt;" in anew


def test_what_somebody_typed_is_never_kept_as_drawn() -> None:
    kept = frame.environment("en").globals["unanswered"]
    before = kept.cache_info().currsize
    for more in ({"value": "Exempel"}, {"values": ("x",)}, {"error": "not `Exempel`"}):
        assert drawn(Question("n", "N", "checkboxes", options=(("x", "X"),), **more))
    assert kept.cache_info().currsize == before
