"""One report through the pages of real nodes: written, previewed, held, undone, sent, read, recalled.

With it goes a file, withheld until a person has stated what it holds.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from cordiale.node import audit as auditing
from tests.web.desks import PASSWORD, Desk, desks
from tests.web.test_browser import FLAGS, complaints, findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="Chromium is not here: the journey was NOT made"
    ),
]
NAMED = "Direction nationale de la police judiciaire (FR)"
TITLE = "Boats unloaded behind an invented dune"
FILE = b"an invented photograph of a van " * 9000


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    with desks(tmp_path_factory.mktemp("desks"), ("FR", "UK", "FRONTEX"), hold_s=6) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def sign_in(chromium: Chromium, desk: Desk, **context: Any) -> Page:
    page = chromium.new_context(**context).new_page()
    page.set_default_timeout(8000)
    page.goto(desk.at("/sign-in"))
    page.get_by_label("Sign-in name").fill(desk.login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Six-digit code").fill(desk.code())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(desk.at("/"))
    return page


def open_part(page: Page, title: str) -> None:
    """Open every folded part, once the one that is meant is there."""
    page.locator("details > summary", has_text=title).first.wait_for(state="attached")
    page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true })")


def write_report(page: Page, desk: Desk) -> None:
    """A report on a method, with one suspect of whom it is known how he stands."""
    page.goto(desk.at("/compose/intelligence_report"))
    page.get_by_label("Case reference").fill("PJ-2026-0417")
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("Methods", exact=True).fill("boats carried folded in hired vans")
    open_part(page, "Suspects")
    page.locator("#body-suspects-0-subject").fill("s1")
    page.locator("#body-suspects-0-family-name").fill("Exempel")
    page.get_by_label("Case", exact=True).fill("PJ-2026-0417")
    open_part(page, "What else an article may ask")
    page.locator("#max-years").fill("15")
    page.locator("#purpose").select_option("prevent")
    page.locator("#collected-for").select_option("prevent")
    assert page.locator("#system").input_value() == "unknown"  # nobody has said it yet: no machine does
    page.locator("#system").select_option("national_police")
    page.locator("input[name=obtained][value=lawfully]").check()
    page.locator("input[name=verified][value=yes]").check()
    page.locator("input[name=judicial][value=no]").check()
    open_part(page, "Grade")
    page.locator("#body-grade-scheme").select_option("4x4")
    page.locator("#body-grade-source").fill("B")
    page.locator("#body-grade-information").fill("2")
    page.locator("#body-handling").select_option("H0")
    page.locator("#body-classification").select_option("OFFICIAL")
    page.get_by_role("button", name="Save and preview").click()
    for name, value in (
        ("protection", "none"), ("human_rights_claim", "none"), ("minor", "no"), ("stateless", "no"),
        ("trafficking_indicator", "no"), ("protected_activity", "none"), ("established", "document"),
    ):  # fmt: skip
        page.locator(f"[name='about.s1.{name}']").select_option(value)
    page.locator("[name='about.s1.nationality']").fill("FR")
    page.get_by_role("button", name="Save and preview").click()
    page.wait_for_url(re.compile("/draft/"))  # not turned away by what was saved while it was typed
    assert page.locator("[name='about.s1.nationality']").input_value() == "FR"


def view_of(page: Page, name: str) -> Any:
    return page.locator(f"section.view[aria-label='{name}']")


def test_a_report_goes_the_whole_way_through_the_pages(
    both: dict[str, Desk], chromium: Chromium, tmp_path: Path
) -> None:
    fr, uk = both["FR"], both["UK"]
    page = sign_in(chromium, fr)
    said = complaints(page)
    write_report(page, fr)
    reference = page.locator("#reference").input_value()
    assert view_of(page, "Home Office").locator(".verdict--permit").count() == 1
    assert view_of(page, "Frontex").locator(".verdict").count() == 1
    assert not findings(page)

    attach_and_state(page, fr, tmp_path)

    page.locator("#to-UK-home-office").check()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    assert "Your draft is where it was" in page.content()
    page.goto(fr.at(f"/draft/{reference}"))
    assert page.get_by_label("Title", exact=True).input_value() == TITLE
    page.locator("#to-UK-home-office").check()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("/held/"))
    assert not findings(page)
    expect(page.locator("#where .tag").first).to_have_text("delivered", timeout=20_000)

    desk = sign_in(chromium, uk)
    heard = complaints(desk)
    expect(desk.locator("#waiting .tag--new")).to_have_count(1, timeout=10_000)
    read_and_answer(desk, uk)
    pass_on(desk, uk)

    recall(page, fr)
    assert not said and not heard, [*said, *heard]
    assert [auditing.audit(one.node).wrong for one in both.values()] == [(), (), ()]


def attach_and_state(page: Page, desk: Desk, folder: Path) -> None:
    """A file goes in pieces; unstated it is withheld from everybody, stated it may go."""
    there = folder / "van.jpg"
    there.write_bytes(FILE)
    page.locator("a", has_text="Files: 0").click()
    page.get_by_label("File", exact=True).set_input_files(there)
    page.get_by_role("button", name="Attach").click()
    page.locator("section.card--warning").wait_for()
    assert "withheld from everybody" in page.content()
    assert not findings(page)
    page.get_by_role("link", name="The draft").click()
    assert view_of(page, "Home Office").locator("s", has_text="Attachments 1").count() == 1
    page.locator("a", has_text="Files: 1").click()
    page.locator("input[name^=holds][value=method]").check()
    page.get_by_role("button", name="State it").click()
    assert "You stated that it holds" in page.content()
    page.get_by_role("link", name="The draft").click()
    assert view_of(page, "Home Office").locator("s", has_text="Attachments 1").count() == 0


def read_and_answer(desk: Page, uk: Desk) -> None:
    """No purpose, no message; the file is saved, not shown; an answer is a draft of its own."""
    desk.locator("#waiting a.govuk-link").first.click()
    desk.locator("#purpose").select_option("prevent")
    desk.get_by_role("button", name="Read").click()
    expect(desk.locator("main")).to_contain_text("Exempel", timeout=10_000)
    expect(desk.locator("main")).to_contain_text(TITLE)
    desk.locator("a", has_text="van.jpg").wait_for()
    for _ in range(40):
        if desk.locator("a[href*='/files/']").count():
            break
        desk.wait_for_timeout(250)
        desk.reload()
    with desk.expect_download() as saved:
        desk.locator("a[href*='/files/']").click()
    assert Path(saved.value.path()).read_bytes() == FILE
    assert not findings(desk)
    message = desk.url
    desk.goto(uk.at("/"))
    assert desk.locator("#waiting .tag--new").count() == 0
    desk.goto(message)
    desk.get_by_role("button", name="Answer").click()
    desk.wait_for_url(re.compile("/draft/"))
    answers = desk.locator(".govuk-inset-text", has_text="This answers a message from")
    expect(answers).to_contain_text(NAMED)
    desk.goto(message)


def pass_on(desk: Page, uk: Desk) -> None:
    """Without the originator's consent nothing is passed on, and the page says so before anything goes."""
    desk.get_by_role("link", name="Pass on").click()
    frontex = view_of(desk, "Frontex")
    assert frontex.locator(".verdict--refuse").count() == 1
    assert frontex.locator("input[type=checkbox]").is_disabled()
    assert not findings(desk)


def recall(page: Page, fr: Desk) -> None:
    """The originator recalls it; every holder is listed with what it has acknowledged."""
    page.goto(fr.at("/outbox"))
    page.locator("ul.tray a.govuk-link").first.click()
    if page.locator("#purpose").count():
        page.locator("#purpose").select_option("prevent")
        page.get_by_role("button", name="Read").click()
    page.get_by_label("Why it is recalled").select_option("inaccurate")
    page.get_by_role("button", name="Send to every holder").click()
    page.wait_for_url(re.compile("/recall"))
    for _ in range(40):
        if page.locator(".tag--acknowledged, .tag--applied").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    assert page.locator("td", has_text="Home Office (UK)").count() == 1
    assert page.locator(".tag--acknowledged, .tag--applied").count() == 1
    assert not findings(page)
