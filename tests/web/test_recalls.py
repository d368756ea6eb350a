"""A recall reaches every open page by itself, in a real browser: text, sheet, draft, the way back; and a
person says on a page what has become of a print. All persons are invented.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from cordiale.demo import papers as invented
from cordiale.node import audit as auditing
from cordiale.node import drafts, notices, people, reports
from cordiale.node.papers import Draft
from tests.web.desks import Desk, desks
from tests.web.test_browser import FLAGS, complaints, findings
from tests.web.test_journey import sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="Chromium is not here: open pages were NOT watched"
    ),
]
WORD = "Exempel"
SOON_MS = 15_000
CALLED_BACK = "This message was called back"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    with desks(tmp_path_factory.mktemp("recalls"), ("FR", "UK"), hold_s=0) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def french(both: dict[str, Desk], chromium: Chromium) -> Page:
    """The originator's officer, signed in."""
    return sign_in(chromium, both["FR"])


@pytest.fixture(scope="module")
def british(both: dict[str, Desk], chromium: Chromium) -> Page:
    """The recipient's officer, signed in, reading for one purpose."""
    page = sign_in(chromium, both["UK"])
    page.goto(both["UK"].at("/inbox"))
    page.locator("#purpose").select_option("prevent")
    page.locator("form[action='/purpose'] button").click()
    return page


def officer(desk: Desk) -> Any:
    return people.officer(desk.node, desk.login)


def sent(both: dict[str, Desk], page: Page) -> tuple[str, str]:
    """A report goes from France to the UK: its reference there and here."""
    fr, uk = both["FR"], both["UK"]
    paper = invented.network_report(datetime.now(UTC))
    held = reports.send(
        fr.node, officer(fr), Draft(paper["type"], paper["body"], paper["asks"], ("UK/home-office",))
    )
    (line,) = [one for one in reports.outbox(fr.node, officer(fr)) if one.thread == held.reference]
    for _ in range(80):
        came = [one for one in reports.inbox(uk.node, officer(uk)) if one.message == line.message]
        if came:
            return line.reference, came[0].reference
        page.wait_for_timeout(100)
    raise AssertionError("the report did not come")


def recall(both: dict[str, Desk], reference: str, action: str = "recall") -> None:
    fr = both["FR"]
    notices.recall(fr.node, officer(fr), reference, "inaccurate", action=action)


def read(page: Page, desk: Desk, reference: str, path: str = "") -> None:
    page.goto(desk.at(f"/message/{reference}{path}?purpose=prevent"))
    expect(page.locator("#main")).to_contain_text(WORD)


def test_an_open_message_withdraws_by_itself_when_it_is_recalled_elsewhere(
    both: dict[str, Desk], french: Page, british: Page, chromium: Chromium
) -> None:
    fr, uk = both["FR"], both["UK"]
    ours, theirs = sent(both, british)
    said, heard = complaints(british), complaints(french)
    read(british, uk, theirs)
    beside = british.context.new_page()
    read(beside, uk, theirs, "/print")
    french.goto(fr.at(f"/message/{ours}?purpose=prevent"))
    colleague = french.context.new_page()
    read(colleague, fr, ours)

    french.get_by_label("Why it is recalled").select_option("inaccurate")
    french.get_by_role("button", name="Send to every holder").click()

    for page in (british, beside, colleague):
        expect(page.locator("#main")).to_contain_text(CALLED_BACK, timeout=SOON_MS)
        assert WORD not in page.content()
    expect(british.locator("#main")).to_contain_text("Direction nationale de la police judiciaire")
    expect(british.locator("#main")).to_contain_text("inaccurate")
    assert not findings(british) and not findings(beside)
    # The panel asks no more, and leads to what is left: the history without the words.
    british.get_by_role("link", name="See how it stands now").click()
    expect(british.locator("h1")).to_be_visible()
    assert WORD not in british.content()
    assert not said and not heard, [*said, *heard]
    beside.close()
    colleague.close()


def test_the_way_back_and_forward_shows_no_word_of_what_was_recalled_meanwhile(
    both: dict[str, Desk], british: Page
) -> None:
    uk = both["UK"]
    ours, theirs = sent(both, british)
    read(british, uk, theirs)
    british.goto(uk.at("/inbox"))
    recall(both, ours)
    wait_until_recalled(both, british, theirs)
    british.go_back()
    british.wait_for_url(re.compile(f"/message/{theirs}"))
    expect(british.locator("#main")).not_to_contain_text(WORD, timeout=SOON_MS)


def wait_until_recalled(both: dict[str, Desk], page: Page, reference: str) -> None:
    uk = both["UK"]
    for _ in range(100):
        lines = {one.reference: one.state for one in reports.inbox(uk.node, officer(uk))}
        if lines[reference] == "recalled":
            return
        page.wait_for_timeout(100)
    raise AssertionError("the recall did not come")


def test_a_sheet_is_printed_only_while_it_is_known_that_nobody_recalled_it(
    both: dict[str, Desk], british: Page, chromium: Chromium
) -> None:
    uk = both["UK"]
    ours, theirs = sent(both, british)
    sheet = british.context.new_page()
    # Cut off from events, so that only the moment of printing can tell.
    sheet.add_init_script("window.EventSource = class { addEventListener() {} close() {} };")
    read(sheet, uk, theirs, "/print")
    sheet.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(sheet.locator("#main")).to_contain_text(WORD)
    recall(both, ours)
    wait_until_recalled(both, british, theirs)
    expect(sheet.locator("#main")).to_contain_text(WORD)
    sheet.pdf()
    expect(sheet.locator("#main")).to_contain_text(CALLED_BACK)
    assert WORD not in sheet.content()
    sheet.close()

    again, there = sent(both, british)
    cut = british.context.new_page()
    read(cut, uk, there, "/print")
    cut.context.set_offline(True)
    try:
        cut.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    finally:
        cut.context.set_offline(False)
    expect(cut.locator("#main")).to_contain_text("could not be checked")
    assert WORD not in cut.locator("#main").inner_text()
    cut.close()
    recall(both, again)


def test_the_page_that_is_read_is_not_what_is_printed(both: dict[str, Desk], british: Page) -> None:
    ours, theirs = sent(both, british)
    read(british, both["UK"], theirs)
    british.emulate_media(media="print")
    assert WORD not in british.locator("#main").inner_text()
    expect(british.locator(".only-paper")).to_be_visible()
    british.emulate_media(media="screen")
    expect(british.locator(".only-paper")).to_be_hidden()
    recall(both, ours)


def test_an_open_draft_that_passes_it_on_is_withdrawn_under_its_author_s_eyes(
    both: dict[str, Desk], british: Page
) -> None:
    uk = both["UK"]
    ours, theirs = sent(both, british)
    begun = reports.forwarded(uk.node, officer(uk), theirs, ())
    draft = drafts.save_draft(uk.node, officer(uk), begun)
    british.goto(uk.at(f"/draft/{draft.reference}"))
    assert WORD in british.content()
    passing = british.context.new_page()
    passing.goto(uk.at(f"/message/{theirs}/forward"))
    recall(both, ours)
    expect(british.locator("#main")).to_contain_text("Your draft was withdrawn", timeout=SOON_MS)
    expect(passing.locator("#main")).to_contain_text(CALLED_BACK, timeout=SOON_MS)
    assert WORD not in british.content() and WORD not in passing.content()
    passing.close()
    british.goto(uk.at("/"))
    british.get_by_role("link", name="What you were passing on").first.click()
    british.get_by_role("button", name="I have seen it").first.click()
    expect(british.locator("#main")).not_to_contain_text(theirs)


def test_whoever_printed_says_what_became_of_it_and_the_sender_sees_how_many_are_open(
    both: dict[str, Desk], french: Page, british: Page
) -> None:
    fr, uk = both["FR"], both["UK"]
    ours, theirs = sent(both, british)
    read(british, uk, theirs)
    british.get_by_role("link", name="Print").click()
    expect(british.get_by_role("button", name="Print")).to_be_visible()
    recall(both, ours)
    expect(british.locator("#main")).to_contain_text(CALLED_BACK, timeout=SOON_MS)
    french.goto(fr.at(f"/message/{ours}/recall"))
    expect(french.locator("#holders .tag--refused")).to_have_text("1", timeout=SOON_MS)
    assert not findings(french)
    assert "Noor" not in french.content()
    british.goto(uk.at("/"))
    british.get_by_role("link", name="Destroy your print or file").first.click()
    assert not findings(british)
    card = british.locator("section", has_text=theirs)
    card.get_by_role("button", name="I have destroyed it").click()
    expect(british.locator("section", has_text=theirs)).to_have_count(0)
    british.goto(uk.at(f"/message/{theirs}?purpose=prevent"))
    expect(british.locator("#main")).to_contain_text("destroyed Noor Example (invented)")
    assert not findings(british)
    french.goto(fr.at(f"/message/{ours}/recall"))
    expect(french.locator("#holders")).to_contain_text("none open")
    assert [auditing.audit(one.node).wrong for one in both.values()] == [(), ()]
