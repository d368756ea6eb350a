"""Proofs in a real browser: the button, the wait, the outcome, in every look, with and without scripts."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from cordiale.world import SystemDisk
from tests.web import test_browser
from tests.web.test_browser import LOOKS, Serving, complaints, findings
from tests.web.test_proofs import HOLE, drafted
from tests.web.test_sandbox_browser import open_everything, overflow

serving, chromium, signed_in = test_browser.serving, test_browser.chromium, test_browser.signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="Chromium is not here: pages were NOT driven"
    ),
]
ID = "calais-group-2024"
ABOUT = f"/agreements/{ID}"
SOON_MS = 20_000


@pytest.fixture(scope="module")
def home(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the node on a real disk, with one draft that has a hole."""
    node, folder = serving.night.node, tmp_path_factory.mktemp("proofs")
    before = node.home, node.world
    node.home, node.world = folder, replace(node.world, disk=SystemDisk())
    drafted(folder, "goes-on", ID, HOLE)
    yield folder
    node.home, node.world = before


@pytest.fixture(scope="module")
def asked(serving: Serving, chromium: Chromium, signed_in: Any, home: Path) -> None:
    """The draft proved and compared, once."""
    context = chromium.new_context(storage_state=signed_in)
    page = context.new_page()
    for path, button in (("proof", "Prove the draft"), ("compare", "Compare")):
        page.goto(serving.at(f"{ABOUT}/{path}?texts=goes-on"))
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("section.answer")).to_be_visible(timeout=SOON_MS)
    context.close()


def test_the_button_leads_to_a_page_that_waits_by_itself_and_shows_every_safeguard(
    serving: Serving, chromium: Chromium, signed_in: Any, home: Path
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at(ABOUT))
    page.get_by_role("button", name="Prove it now").click()
    expect(page.get_by_role("heading", name="Every safeguard")).to_be_visible(timeout=SOON_MS)
    assert page.locator(".guard").count() > 20 and page.get_by_text("Look again").count() == 0
    page.goto(serving.at(ABOUT))
    expect(page.get_by_role("link", name="Every safeguard, with its law")).to_be_visible()
    context.close()
    assert not said


def test_proving_and_comparing_need_no_scripts(
    serving: Serving, chromium: Chromium, signed_in: Any, home: Path
) -> None:
    context = chromium.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(serving.at(f"{ABOUT}/proof"))
    page.get_by_label("Draft", exact=True).select_option("goes-on")
    page.get_by_role("button", name="Prove the draft").click()
    for _ in range(40):
        if not page.get_by_text("Look again").count():
            break
        page.wait_for_timeout(250)
        page.get_by_text("Look again").click()
    assert page.get_by_text("1 broken").count() == 1 and page.get_by_text("The request:").count() == 1
    context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_broken_and_what_changed_are_accessible_with_everything_open(
    serving: Serving, chromium: Chromium, signed_in: Any, asked: None, look: str
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS[look])
    page = context.new_page()
    said = complaints(page)
    for path in ("proof", "compare"):
        page.goto(serving.at(f"{ABOUT}/{path}?texts=goes-on"))
        assert page.get_by_text("The request:").count() or path == "compare"
        open_everything(page)
        assert not findings(page) and overflow(page) <= 0, path
    context.close()
    assert not said


def test_a_paper_comes_as_a_file(serving: Serving, chromium: Chromium, signed_in: Any, home: Path) -> None:
    context = chromium.new_context(storage_state=signed_in, accept_downloads=True)
    page = context.new_page()
    page.goto(serving.at(ABOUT))
    page.get_by_text("To take along").click()
    with page.expect_download() as held:
        page.get_by_role("link", name="Policy for systems that read ODRL").click()
    assert held.value.suggested_filename == f"{ID}.jsonld"
    context.close()
