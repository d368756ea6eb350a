"""Drafts from pasted texts in a real browser: every look, and the whole way without scripts. All invented."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from cordiale.node import drafting, people
from cordiale.node.drafting import Heading, Wording
from cordiale.world import SystemDisk
from tests.agreements.test_pasted import ACCORD
from tests.web import test_browser
from tests.web.test_browser import LOOKS, Serving, complaints, cookies_of, findings
from tests.web.test_sandbox_browser import open_everything, overflow

serving, chromium, signed_in = test_browser.serving, test_browser.chromium, test_browser.signed_in
WHERE = "Invented Journal 7 of 2026, page 2"
DRAFT = "uk-nl-shown-accord"
WORDING = Wording(
    sentence="Photographs of engines may be shared.",
    french="Des photographies de moteurs peuvent être transmises.",
    effect="refuse",
    more='directions = ["UK>NL"]',
    picked={"types": ["face_search"]},
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="Chromium is not here: pages were NOT driven"
    ),
]


@pytest.fixture(scope="module")
def drafted(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a draft with a confirmed line, one that is written and one that is not."""
    node = serving.night.node
    home, world = node.home, node.world
    node.home, node.world = tmp_path_factory.mktemp("home"), replace(world, disk=SystemDisk())
    kit, chief, sam = (people.officer(node, name) for name in ("kit", "chief", "sam"))
    heading = Heading(id=DRAFT, title="Harbour Accord (invented)", nature="treaty", sides=("UK", "NL"))
    drafting.begin(node, kit, heading, text=ACCORD, where=WHERE)
    for line in ("article-1-2-a", "article-1-2-b"):
        seen = next(one.digest for one in drafting.show(node, kit, DRAFT).lines if one.id == line)
        drafting.write(node, kit, DRAFT, line, wording=WORDING, seen=seen)
    shown = next(one for one in drafting.show(node, kit, DRAFT).lines if one.id == "article-1-2-a")
    for officer in (chief, sam):
        drafting.review(node, officer, DRAFT, shown.id, yes=True, seen=shown.digest)
    yield f"/drafting/{DRAFT}"
    node.home, node.world = home, world


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_a_draft_are_accessible_with_everything_open(
    serving: Serving, chromium: Chromium, signed_in: Any, drafted: str, look: str
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS[look])
    page = context.new_page()
    said = complaints(page)
    for path in ("/drafting", drafted, f"{drafted}/line/article-1-2-b", f"{drafted}/line/article-1-1"):
        page.goto(serving.at(path))
        open_everything(page)
        assert not findings(page) and overflow(page) <= 0, path
    context.close()
    assert not said


def test_a_text_is_pasted_written_and_confirmed_by_two_without_scripts(
    serving: Serving, chromium: Chromium, signed_in: Any, drafted: str
) -> None:
    contexts = {
        name: chromium.new_context(storage_state=state, java_script_enabled=False)
        for name, state in (
            ("sam", signed_in),
            *((one, cookies_of(one, serving, chromium)) for one in ("kit", "chief")),
        )
    }
    page = contexts["sam"].new_page()
    page.goto(serving.at("/agreements"))
    page.get_by_role("link", name="Drafts from pasted texts").click()
    paste(page)
    expect(page.get_by_role("heading", name="Draft: Harbour Code (invented)")).to_be_visible()
    page.get_by_role("link", name="Write it (article-2)").click()
    page.get_by_label("What the article says, in our words, in English").fill("No names (invented).")
    page.get_by_label("It refuses: what stands below is not done").check()
    page.get_by_role("button", name="Save as unconfirmed").click()
    expect(page.get_by_text("You pasted or wrote it")).to_be_visible()
    for name in ("kit", "chief"):
        other = contexts[name].new_page()
        other.goto(serving.at("/drafting/uk-nl-typed-code"))
        other.get_by_role("button", name="Yes, it says what the article says").click()
    expect(other.get_by_text("1 of 2 lines are confirmed")).to_be_visible()
    for one in contexts.values():
        one.close()


def paste(page: Page) -> None:
    """Fill in the form for a new draft, by its labels."""
    page.get_by_label("Short name of the agreement").fill("uk-nl-typed-code")
    page.get_by_label("Title, as the text has it").fill("Harbour Code (invented)")
    page.get_by_label("Working arrangement: not binding").check()
    page.get_by_label("Netherlands", exact=True).check()
    page.get_by_label("United Kingdom", exact=True).check()
    page.get_by_label("Where the text is from").fill(WHERE)
    page.get_by_label("The text", exact=True).fill(
        "Article 1\nBoats count.\nArticle 2\nNo names are passed on."
    )
    page.get_by_role("button", name="Cut it into articles").click()
