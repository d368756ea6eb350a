"""Every page in French: nothing of the catalogue is left in English, and no id is shown to anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po

from cordiale.agreements import Register
from cordiale.node import drafts, people, reports, rescue
from cordiale.node.papers import Draft
from cordiale.web.stating import about_questions, ground_questions
from cordiale.web.visit import Visit
from tests.web.pages import REPORT, Browser, Night
from tests.web.test_pages import GROUNDS
from tests.web.test_words import PO

UNSEEN = ("script", "style", "pre", "code", "textarea")
DRAFT = Draft("intelligence_report", {}, {})
SHORT = 14
"""Shorter strings are often the same word in both languages, or part of a name."""
SNAKE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
PATHS = (
    "/", "/inbox", "/outbox", "/compose", "/question", "/agreements", "/contacts", "/decisions", "/ledger",
    "/failed", "/alarms", "/distress", "/me", "/compose/intelligence_report", "/compose/person_intelligence",
    "/compose/situational_item", "/search?words=hulls&purpose=investigate", "/search?words=x",
    "/agreements/uk-frontex-wa-2024", "/agreements/uk-xk-2024", "/agreements/eu-led-2016-680", "/nowhere",
    "/agreements/uk-frontex-wa-2024/proof", "/agreements/uk-frontex-wa-2024/compare",
)  # fmt: skip
FOR_ADA = ("/accounts", "/accounts/kit", "/peers", "/alarms", "/ledger", "/")


class Text(HTMLParser):
    """What a reader sees of a page, but for what is marked as English or shown as it lies in a file."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in ("input", "br", "meta", "link", "hr", "img"):
            self.open.append((tag, tag in UNSEEN or given.get("translate") == "no"))
        self.said += [given[name] or "" for name in ("aria-label", "placeholder", "title") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(unseen for _, unseen in self.open):
            self.said.append(re.sub(r"\s+", " ", data.strip()))


def seen(html: str) -> list[str]:
    found = Text()
    found.feed(html)
    return found.said


def english() -> set[str]:
    """The sentences of the catalogue, and of the agreement files, that are other in French."""
    held = read_po(PO.open("rb"), locale="fr")
    known = {str(one.id) for one in held if one.id and one.string != one.id and len(str(one.id)) > SHORT}
    return known | {words for words in Register.load().twins("fr") if len(words) > SHORT}


def pages(made: Night, sam: Browser, ada: Browser) -> Iterator[tuple[str, str]]:
    """Address and HTML of every page."""
    officer = people.officer(made.node, "sam")
    sam.get("/compose/intelligence_report")
    sam.post("/compose/intelligence_report", {**REPORT, **GROUNDS, "save": "1"})
    draft = drafts.drafts(made.node, officer)[0].reference
    letter = reports.inbox(made.node, people.officer(made.node, "nca"))[0].reference
    mine = [f"/draft/{draft}", f"/draft/{draft}/marks", f"/draft/{draft}/files"]
    mine += [f"/distress/{one.reference}" for one in rescue.distresses(made.node)]
    mine += [f"/message/{letter}", f"/message/{letter}?purpose=investigate"]
    mine += [f"/message/{letter}/print?purpose=investigate"]
    for browser, paths in ((sam, [*PATHS, *mine]), (ada, FOR_ADA)):
        for path in paths:
            yield path, browser.get(path).text


@pytest.fixture
def french(made: Night, sam: Browser, ada: Browser) -> Iterator[tuple[Browser, Browser]]:
    for one in (sam, ada):
        one.post("/language", {"language": "fr", "back": "/"})
    yield sam, ada
    for one in (sam, ada):
        one.post("/language", {"language": "en", "back": "/"})


def test_no_page_in_french_says_a_sentence_of_the_catalogue_in_english(
    made: Night, french: tuple[Browser, Browser]
) -> None:
    known, wrong = english(), set()
    for path, html in pages(made, *french):
        assert '<html lang="fr"' in html, path
        wrong |= {f"{path}: {said}" for said in seen(html) if said.rstrip(" :.") in known or said in known}
    assert not wrong, "\n".join(sorted(wrong))


def test_no_page_shows_an_id_with_underscores_in_french(made: Night, french: tuple[Browser, Browser]) -> None:
    wrong = {
        f"{path}: {found.group(0)}"
        for path, html in pages(made, *french)
        for said in seen(html)
        if (found := SNAKE.search(said))
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_no_page_shows_an_id_with_underscores_in_english(made: Night, sam: Browser, ada: Browser) -> None:
    wrong = {
        f"{path}: {found.group(0)}"
        for path, html in pages(made, sam, ada)
        for said in seen(html)
        if (found := SNAKE.search(said))
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_what_an_officer_chooses_from_is_french_to_its_last_word(made: Night) -> None:
    """Short answers and those that no page shows at first: every option beside the words of a message."""

    def options(language: str) -> dict[tuple[str, str], str]:
        visit = Visit(made.node, None, "", language, "UTC", made.simulation.clock.now(), "/")
        asked = [*ground_questions(visit, DRAFT), *about_questions(visit, DRAFT, "s1")]
        return {(one.name, value): text for one in asked for value, text in one.options}

    held, said = {str(one.id) for one in read_po(PO.open("rb"), locale="fr")}, options("fr")
    same = [key for key, text in options("en").items() if said[key] == text and text not in held]
    assert [key for key in same if len(key[1]) > 1 and not key[0].startswith("grade")] == []


@pytest.mark.parametrize("path", ["/agreements", "/agreements/uk-xk-2024", "/question"])
def test_the_footnote_stands_wherever_its_side_is_named(sam: Browser, path: str) -> None:
    html = sam.get(path).text
    assert "UNSCR 1244/1999" in html.rpartition("</main>")[0]
    unstarred = [said for said in seen(html) if re.search(r"\b(Kosovo|XK)\b(?![*/:-])", said)]
    assert [one for one in unstarred if "UNSCR" not in one] == []


def test_a_page_that_does_not_name_the_side_has_no_footnote(sam: Browser) -> None:
    assert "UNSCR" not in sam.get("/me").text
