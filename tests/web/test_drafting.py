"""Drafts on the pages: a pasted text beside its lines, suggestions that a person picks, a yes of two others.
All texts and people are invented.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cordiale.node import drafting
from cordiale.node.agreements_drafted import FOLDER
from cordiale.world import SystemDisk
from tests.agreements.test_pasted import ACCORD
from tests.web.pages import Browser, Night
from tests.web.test_pages import plain

WHERE = "Invented Journal 7 of 2026, page 2"
NAMES = iter(f"uk-nl-page-accord-{n}" for n in range(100))
LINE = "article-1-2-a"
WORDS = {
    "sentence": "Photographs of engines may be shared.",
    "french": "Des photographies de moteurs peuvent être transmises.",
    "effect": "restrict",
    "more": 'directions = ["UK>NL"]',
}


@pytest.fixture(scope="module")
def kit(made: Night) -> Iterator[Browser]:
    yield Browser(made, "kit")


@pytest.fixture(scope="module")
def chief(made: Night) -> Iterator[Browser]:
    yield Browser(made, "chief")


@pytest.fixture
def home(made: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the node on a real disk, empty."""
    monkeypatch.setattr(made.node, "home", tmp_path)
    monkeypatch.setattr(made.node, "world", replace(made.node.world, disk=SystemDisk()))
    return tmp_path


def pasting(**changes: Any) -> dict[str, Any]:
    return {
        "id": next(NAMES), "title": "Harbour Accord (invented)", "nature": "arrangement",
        "sides": ["UK", "NL"], "where": WHERE, "text": ACCORD, **changes,
    }  # fmt: skip


@pytest.fixture
def draft(home: Path, sam: Browser) -> str:
    """The address of a fresh draft that Sam pasted."""
    sam.get("/drafting")
    done = sam.post("/drafting", pasting())
    assert done.status_code == 200 and done.url.path.startswith("/drafting/uk-nl")
    return str(done.url.path)


def hidden(html: str, line: str) -> str:
    """The digest of the words that the page shows of one line."""
    form = html.partition(f"/line/{line}")[2]
    found = re.search(r'name="seen" value="(sha256:\w+)"', form)
    return found.group(1) if found else ""


def write(one: Browser, draft: str, **changes: Any) -> Any:
    address = f"{draft}/line/{LINE}"
    seen = hidden(one.get(address).text.partition("Write what it says")[2], LINE)
    return one.post(address, {"seen": seen, **WORDS, **changes})


def review(one: Browser, draft: str, answer: str, reason: str = "") -> Any:
    seen = hidden(one.get(draft).text, LINE)
    return one.post(f"{draft}/line/{LINE}/review", {"seen": seen, "answer": answer, "reason": reason})


def toml(home: Path, draft: str) -> dict[str, Any]:
    name = draft.rpartition("/")[2]
    return tomllib.loads((home / FOLDER / name / f"{name}.toml").read_text("utf-8"))


def test_a_pasted_text_stands_article_by_article_beside_unconfirmed_lines(sam: Browser, draft: str) -> None:
    html = sam.get(draft).text
    assert html.count('class="provision provision--unconfirmed"') == 13
    said = plain(html)
    assert "Les Parties ne transmettent pas" in said and "0 of 13 lines are confirmed" in said
    assert "information" in said and "Cut at the end of a line" in said
    assert "Pasted, and in no line" in said and "TITLE I" in said
    assert WHERE in said and "pasted on 2026-11-22 by Sam Example (invented)" in said
    assert "Harbour Accord (invented)" in sam.get("/drafting").text
    assert 'href="/drafting"' in sam.get("/agreements").text


def test_what_is_suggested_is_not_ticked_and_what_a_person_ticks_is_written(
    sam: Browser, draft: str, home: Path
) -> None:
    html = sam.get(f"{draft}/line/{LINE}").text
    assert "photographs" in html and 'value="face_search"' in html
    assert not re.findall(r"<input[^>]*(?:face_search|value=.share.|type=.radio.)[^>]*checked", html)
    assert write(sam, draft, types=["face_search"]).status_code == 200
    line = next(one for one in toml(home, draft)["provision"] if one["id"] == LINE)
    assert line["types"] == ["face_search"] and "acts" not in line
    assert line["sentence"] == WORDS["sentence"] and line["sentences"] == {"fr": WORDS["french"]}
    assert line["confidence"] == "unconfirmed"


def test_two_others_say_yes_and_the_line_is_confirmed_with_their_names(
    sam: Browser, kit: Browser, chief: Browser, draft: str, home: Path
) -> None:
    write(sam, draft)
    assert "You pasted or wrote it" in plain(sam.get(draft).text)
    assert review(kit, draft, "yes").status_code == 200
    assert "0 of 13" in plain(kit.get(draft).text)
    done = plain(review(chief, draft, "yes").text)
    assert "1 of 13 lines are confirmed" in done
    assert "Said yes to these words: Kit Example (invented), Chief Example (invented)" in done
    line = next(one for one in toml(home, draft)["provision"] if one["id"] == LINE)
    assert line["confidence"] == "confirmed" and "read" not in line
    who = plain(kit.get(f"{draft}/line/{LINE}").text)
    assert "pasted: Sam Example" in who and "yes, these words: Kit Example" in who
    write(sam, draft, sentence="Photographs may be asked for.")
    again = plain(kit.get(draft).text)
    assert "0 of 13" in again and "on earlier words" in plain(kit.get(f"{draft}/line/{LINE}").text)


def test_a_no_without_a_reason_is_asked_again_and_with_one_is_kept(
    sam: Browser, kit: Browser, draft: str
) -> None:
    write(sam, draft)
    asked = review(kit, draft, "no")
    assert asked.status_code == 400 and "A no says why" in plain(asked.text)
    assert review(kit, draft, "no", "engines, not persons (invented)").status_code == 200
    assert "engines, not persons (invented)" in kit.get(f"{draft}/line/{LINE}").text


def test_words_that_changed_since_the_page_was_loaded_are_not_confirmed(
    sam: Browser, kit: Browser, draft: str
) -> None:
    write(sam, draft)
    seen = hidden(kit.get(draft).text, LINE)
    write(sam, draft, sentence="Other words (invented).")
    late = kit.post(f"{draft}/line/{LINE}/review", {"seen": seen, "answer": "yes"})
    assert late.status_code == 400 and "changed while you had it open" in plain(late.text)


def test_whoever_wrote_it_is_refused_even_past_the_page(sam: Browser, draft: str) -> None:
    write(sam, draft)
    seen = hidden(sam.get(f"{draft}/line/{LINE}").text.partition("Write what it says")[2], LINE)
    own = sam.post(f"{draft}/line/{LINE}/review", {"seen": seen, "answer": "yes"})
    assert own.status_code == 400 and "does not review it" in plain(own.text)


def test_what_was_typed_stays_when_something_is_wrong(sam: Browser, draft: str, home: Path) -> None:
    wrong = write(sam, draft, more='types = ["boats"]')
    assert wrong.status_code == 400 and WORDS["sentence"] in wrong.text and "boats" in wrong.text
    name = next(NAMES)
    twice = "Article 1\nBoats count.\n\nArticle 1\nBoats do not (invented)."
    again = sam.post("/drafting", pasting(id=name, text=twice))
    assert again.status_code == 400 and "Boats do not (invented)" in again.text
    assert "Line 4: `Article 1` is quoted with other words than on line 1" in plain(again.text)
    assert not (home / FOLDER / name).exists()
    more = sam.post(draft, {"where": WHERE, "text": "Article 7(1)(b)\nThey may pass on names."})
    assert more.status_code == 400 and "is quoted with other words" in plain(more.text)


def test_more_is_pasted_into_a_draft_and_the_draft_is_taken_along_as_a_file(
    sam: Browser, draft: str, home: Path
) -> None:
    sam.post(draft, {"where": WHERE, "text": "Article 40\nIt ends."})
    taken = sam.get(f"{draft}/file")
    assert taken.headers["content-disposition"].endswith('.toml"')
    assert tomllib.loads(taken.text) == toml(home, draft)
    assert tomllib.loads(taken.text)["provision"][-1]["article"] == "Article 40"


def test_who_may_not_write_law_reads_a_draft_and_changes_nothing(
    made: Night, draft: str, sam: Browser, ada: Browser
) -> None:
    stat = Browser(made, "stat")
    html = stat.get(draft).text
    assert "A lawyer or a supervisor reviews it." in html and 'name="answer"' not in html
    stat.get("/me")
    assert stat.post("/drafting", pasting()).status_code == 403
    assert stat.post(draft, {"where": WHERE, "text": "Article 40\nIt ends."}).status_code == 403
    assert stat.post(f"{draft}/line/{LINE}", WORDS).status_code == 403
    assert stat.post(f"{draft}/line/{LINE}/review", {"answer": "yes"}).status_code == 403
    assert ada.get("/drafting").status_code == 403 and ada.get(draft).status_code == 403


def test_a_draft_or_line_that_is_not_there_is_said_to_be_missing(sam: Browser, draft: str) -> None:
    assert "is no draft made from a pasted text" in plain(sam.get("/drafting/nowhere").text)
    assert sam.get(f"{draft}/line/nowhere").status_code == 404


def test_a_file_that_somebody_spoilt_is_named_and_the_other_drafts_are_listed(
    sam: Browser, draft: str, home: Path
) -> None:
    name = draft.rpartition("/")[2]
    (home / FOLDER / name / f"{name}.toml").write_text("id = [", "utf-8")
    listed = sam.get("/drafting")
    assert listed.status_code == 200 and name in listed.text and "line 1" in plain(listed.text)
    assert sam.get(draft).status_code == 400


def test_the_pages_speak_french(sam: Browser, kit: Browser, draft: str) -> None:
    write(sam, draft)
    kit.get("/me")
    kit.post("/language", {"language": "fr", "back": "/"})
    try:
        for address, words in (
            ("/drafting", "Brouillons tirés de textes collés"),
            ("/drafting", "Pays-Bas"),
            (draft, "Oui, elle dit ce que dit l’article"),
            (f"{draft}/line/{LINE}", "Qui en a fait quoi"),
        ):
            said = plain(kit.get(address).text)
            assert words in said, address
            assert "confirmed" not in said and "Write" not in said
        refused = plain(kit.post("/drafting", pasting(text="sans numéro")).text)
        assert "aucun article" in refused.casefold()
    finally:
        kit.post("/language", {"language": "en", "back": "/"})


def test_a_draft_is_asked_alone_in_may_i(made: Night, sam: Browser, draft: str) -> None:
    name = draft.rpartition("/")[2]
    asked = sam.get(f"/question?texts={name}")
    assert asked.status_code == 200 and name in asked.text
    assert name in drafting.pasted_drafts(made.node)
