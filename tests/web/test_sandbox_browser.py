"""The sandbox and the lawyer's page in a real browser: every look, with and without scripts."""

import shutil
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.web import test_browser
from tests.web.test_browser import LOOKS, Serving, complaints, findings

serving, chromium, signed_in = test_browser.serving, test_browser.chromium, test_browser.signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="Chromium is not here: pages were NOT driven"
    ),
]


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


@pytest.mark.parametrize("look", LOOKS)
def test_the_lawyers_page_is_accessible_with_everything_open(
    serving: Serving, chromium: Chromium, signed_in: Any, look: str
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS[look])
    page = context.new_page()
    said = complaints(page)
    for path in ("/agreements/uk-rs-oic", "/agreements/intl-sar"):
        page.goto(serving.at(path))
        open_everything(page)
        assert not findings(page) and overflow(page) <= 0
    context.close()
    assert not said


@pytest.mark.parametrize("look", LOOKS)
def test_an_answer_with_its_path_is_accessible(
    serving: Serving, chromium: Chromium, signed_in: Any, look: str
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS[look])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("RS/rs-police")
    page.get_by_label("Under which agreement").select_option("uk-rs-oic")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".path__step")).to_have_count(12)
    open_everything(page)
    assert not findings(page) and overflow(page) <= 0
    context.close()
    assert not said


def test_a_paper_is_supposed_with_one_tick_and_the_form_stays_as_it_is(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.get_by_label("A judge is needed there").select_option("no")
    expect(page.get_by_role("heading", name="Supposed and stated here")).to_be_visible()
    expect(page.get_by_label("A judge is needed there")).to_have_value("no")
    box = page.locator('input[name="supposed"]:not(:checked)').first
    value = box.get_attribute("value")
    box.check()
    expect(page.get_by_text("Only supposed:")).to_be_visible()
    expect(page.locator(f'input[name="supposed"][value="{value}"]')).to_be_checked()
    assert page.get_by_label("To whom").input_value() == "FR/oltim"
    context.close()
    assert not said


def test_supposing_and_asking_again_need_no_scripts(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator('input[name="supposed"]').first.check()
    page.get_by_role("button", name="Ask again with that").first.click()
    assert page.get_by_text("Only supposed:").count() == 1
    context.close()


def test_what_is_missing_leads_to_its_question_in_the_form(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.get_by_role("link", name="Say it in the form").first.click()
    expect(page.get_by_label("Where it comes from")).to_be_visible()
    context.close()
