"""Can a person turn the pages of a tray and of a search, and is what they typed never kept for others?"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from cordiale.node import looking
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
