"""Are the last words of a draft kept when somebody leaves the page at once, by a link or in any other way?"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from cordiale.node import drafts, people
from tests.web.test_browser import LOOKS, Serving, chromium, complaints, pytestmark, serving, signed_in

__all__ = ["chromium", "pytestmark", "serving", "signed_in"]

LAST = "the last words before the link (invented)"


@pytest.fixture
def page(serving: Serving, chromium: Chromium, signed_in: Any) -> Any:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    found = context.new_page()
    said = complaints(found)
    yield found
    context.close()
    assert not said


def begun(serving: Serving, page: Page) -> str:
    """A draft that was saved once; its reference."""
    page.goto(serving.at("/compose/intelligence_report"))
    page.get_by_label("Title", exact=True).fill("Hulls (invented)")
    page.get_by_label("Case reference").fill("UK-2026-9")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    return str(page.locator("#reference").get_attribute("value"))


def title_of(serving: Serving, reference: str) -> str:
    node = serving.night.node
    return drafts.open_draft(node, people.officer(node, "sam"), reference).typed.get("title", "")


def test_words_typed_just_before_a_link_are_kept_and_stand_on_the_next_page(
    serving: Serving, page: Page
) -> None:
    reference = begun(serving, page)
    page.get_by_label("Title", exact=True).fill(LAST)
    page.get_by_role("link", name="Inbox").click()
    page.wait_for_url("**/inbox")
    assert title_of(serving, reference) == LAST
    page.goto(serving.at(f"/draft/{reference}"))
    expect(page.get_by_label("Title", exact=True)).to_have_value(LAST)


def test_words_typed_while_a_save_is_on_its_way_are_kept_too(serving: Serving, page: Page) -> None:
    reference = begun(serving, page)
    with page.expect_request("**/compose/intelligence_report"):
        page.get_by_label("Title", exact=True).fill("an earlier title (invented)")
    page.get_by_label("Title", exact=True).fill(LAST)
    page.get_by_role("link", name="Outbox").click()
    page.wait_for_url("**/outbox")
    assert title_of(serving, reference) == LAST


def test_words_typed_just_before_the_page_is_left_without_a_link_are_kept(
    serving: Serving, page: Page
) -> None:
    reference = begun(serving, page)
    page.get_by_label("Title", exact=True).fill(LAST)
    page.goto(serving.at("/me"))
    for _ in range(40):
        if title_of(serving, reference) == LAST:
            break
        page.wait_for_timeout(100)
    assert title_of(serving, reference) == LAST
