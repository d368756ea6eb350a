"""Every page in a real browser: light, dark, on a telephone; axe finds nothing, the console stays silent."""

import asyncio
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from cordiale.node import people, reports, rescue
from cordiale.node.serving import free_ports
from cordiale.web import application
from tests.web.pages import PASSWORD, Night, night, with_something_to_read

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
PATHS = [
    "/",
    "/question",
    "/agreements",
    "/agreements/uk-frontex-wa-2024",
    "/agreements/uk-frontex-wa-2024/proof",
    "/agreements/uk-frontex-wa-2024/compare",
    "/compose",
    "/inbox",
    "/outbox",
    "/compose/intelligence_report",
    "/failed",
    "/alarms",
    "/search?words=hulls&purpose=investigate",
    "/message/x",
    "/search?words=zzqq&purpose=investigate",
    "/distress",
    "/distress/closed",
    "/agreements/eu-led-2016-680",
    "/compose/person_intelligence",
    "/contacts",
    "/decisions",
    "/ledger",
    "/accounts",
    "/accounts/ada",
    "/me",
    "/held/x",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="Chromium is not here: pages were NOT driven"
    ),
]


class Serving:
    """The pages of the UK's node on a port of its own; stopped with the test."""

    def __init__(self, made: Night) -> None:
        self.night = made
        self.port = free_ports(1)[0]
        made.node.settings = replace(made.node.settings, pages_port=self.port)
        self.server = Server(
            application(made.node),
            address="127.0.0.1",
            port=self.port,
            interface=Interfaces.ASGI,
            log_enabled=False,
        )
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()), daemon=True)
        self.thread.start()

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self) -> None:
        self.server.stop()
        self.thread.join(10)
        self.night.close()


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    found = Serving(with_something_to_read(night()))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(serving: Serving, chromium: Chromium) -> Any:
    """The cookies of somebody who has signed in through the page, by its labels."""
    return cookies_of("sam", serving, chromium)


@pytest.fixture(scope="module")
def reader(serving: Serving, chromium: Chromium) -> Any:
    """The cookies of somebody of the authority to which the message came."""
    return cookies_of("chief", serving, chromium)


def cookies_of(name: str, serving: Serving, chromium: Chromium) -> Any:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(serving.at("/sign-in"))
    page.get_by_label("Sign-in name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Six-digit code").fill(serving.night.code(name))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(serving.at("/"))
    state = context.storage_state()
    context.close()
    return state


def complaints(page: Page) -> list[str]:
    """Collects what a page says on its console, and its faults."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda fault: said.append(f"{page.url}: {fault}"))
    page.on("request", lambda r: said.append(f"asks outside: {r.url}") if not _own(r.url) else None)
    return said


def _own(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def findings(page: Page) -> list[str]:
    """What axe finds, serious or not."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {RULES})")
    return [f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


def paths(serving: Serving) -> list[str]:
    incident = rescue.distresses(serving.night.node)[0].reference
    return [*PATHS, f"/distress/{incident}"]


def letters(serving: Serving) -> list[str]:
    """The message that came, to read and to print."""
    (one, *_) = reports.inbox(*serving.night.simulation.officer("UK/nca"))
    read = [f"/message/{one.reference}{view}?purpose=investigate" for view in ("", "/print")]
    return [*read, f"/message/{one.reference}/forward"]


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_serious_finding_a_console_error_or_a_sideways_scroll(
    serving: Serving, chromium: Chromium, signed_in: Any, reader: Any, look: str
) -> None:
    said = wrong_on(serving, chromium, signed_in, LOOKS[look], paths(serving))
    said += wrong_on(serving, chromium, reader, LOOKS[look], letters(serving))
    assert not said, "\n".join(said)


def wrong_on(serving: Serving, chromium: Chromium, who: Any, look: Any, there: list[str]) -> list[str]:
    """What axe, the console and the width say of these pages as somebody sees them."""
    context = chromium.new_context(storage_state=who, **look)
    page = context.new_page()
    said, wrong = complaints(page), []
    for path in there:
        page.goto(serving.at(path))
        wrong += [f"{path}: {one}" for one in findings(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{path}: {wide} px too wide"] if wide > 0 else []
    context.close()
    return wrong + said


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_somebody_not_signed_in_hold_too(
    serving: Serving, chromium: Chromium, look: str
) -> None:
    context = chromium.new_context(**LOOKS[look])
    page = context.new_page()
    said = complaints(page)
    for path in ("/sign-in", "/recover"):
        page.goto(serving.at(path))
        assert not findings(page)
    context.close()
    assert not said


def test_a_draft_is_saved_while_somebody_types_and_the_partners_appear(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/compose/intelligence_report"))
    page.get_by_label("Case reference").fill("UK-2026-1")
    page.get_by_label("Title", exact=True).fill("Hulls (invented)")
    page.locator("section.view").first.wait_for()
    assert page.locator("#reference").get_attribute("value")
    assert "Draft saved" in page.locator("#saved").inner_text()
    assert not findings(page)
    page.goto(serving.at(f"/draft/{page.locator('#reference').get_attribute('value')}/marks"))
    assert not findings(page)
    context.close()
    assert not said


def test_the_alarm_really_plays_after_a_gesture_and_says_so_when_it_may_not(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/distress"))
    button = page.get_by_role("button", name="Sound on this computer is off: switch it on")
    assert button.is_visible(), "nobody has touched this page: a browser plays nothing, and the page says so"
    button.click()
    for _ in range(40):
        if page.evaluate("document.documentElement.dataset.heard") == "yes":
            break
        page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.dataset.heard") == "yes", "no energy at the analyser"
    assert button.is_hidden()
    page.get_by_role("button", name="Test the sound").click()
    page.get_by_text("The sound is on").wait_for(timeout=3000)
    context.close()
    assert not said


def test_a_browser_without_sound_says_so(serving: Serving, chromium: Chromium, signed_in: Any) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["phone"])
    page = context.new_page()
    page.add_init_script("delete window.AudioContext;")
    page.goto(serving.at("/distress"))
    page.get_by_role("button", name="Test the sound").click()
    page.get_by_text("This browser plays no sound").wait_for(timeout=3000)
    assert page.get_by_role("button", name="Sound on this computer is off").is_visible()
    context.close()


def test_a_file_goes_on_by_itself_after_an_interruption_and_is_whole_in_the_end(
    serving: Serving, chromium: Chromium, signed_in: Any, tmp_path: Path
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["phone"])
    page = context.new_page()
    page.goto(serving.at("/compose/intelligence_report"))
    page.get_by_label("Case reference").fill("UK-2026-3")
    page.get_by_label("Title", exact=True).fill("Film of a van (invented)")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("link", name="Files").click()
    film = tmp_path / "film.bin"
    film.write_bytes(b"".join(n.to_bytes(4) * 16384 for n in range(150)))  # three pieces
    broken = [0]

    def breaks(route: Any) -> None:
        broken[0] += 1
        route.abort() if broken[0] == 2 else route.continue_()

    page.route("**/piece", breaks)
    page.get_by_label("File").set_input_files(film)
    page.get_by_role("button", name="Attach").click()
    page.get_by_text("It goes on by itself").wait_for(timeout=8000)
    page.get_by_text("Nobody has stated what it holds").wait_for(timeout=20000)
    assert broken[0] == 4, "three pieces, one of them twice"
    assert "9.8 MB" in page.locator("section.card").first.inner_text()
    assert not findings(page)
    context.close()


def test_the_answer_of_the_gate_appears_beside_the_question(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["dark"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.locator("section.answer .verdict").wait_for()
    assert not findings(page)
    context.close()
    assert not said


def test_the_same_journey_works_without_scripts(serving: Serving, chromium: Chromium, signed_in: Any) -> None:
    context = chromium.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.get_by_role("button", name="Ask").click()
    assert page.locator("section.answer .verdict").count() == 1
    page.goto(serving.at("/compose/intelligence_report"))
    page.get_by_label("Case reference").fill("UK-2026-2")
    page.get_by_label("Title", exact=True).fill("Engines (invented)")
    page.get_by_role("button", name="Save and preview").click()
    assert page.url.startswith(serving.at("/draft/"))
    context.close()


def test_a_new_distress_reaches_an_open_page_by_itself(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    simulation = serving.night.simulation
    node, officer = serving.night.node, people.officer(serving.night.node, "sam")
    for one in rescue.distresses(node):
        if one.sounding:
            rescue.confirm_distress(node, officer, one.reference, "Invented Watchkeeper")
    context = chromium.new_context(storage_state=signed_in)
    page = context.new_page()
    page.goto(serving.at("/agreements"))
    assert page.locator(".alarm").count() == 0
    page.wait_for_timeout(1500)
    simulation.open_distress("FR/cross-gris-nez", {"place": "off an invented cape", "persons": 12})
    simulation.settle()
    page.locator(".alarm").wait_for(timeout=8000)
    assert "off an invented cape" in page.locator(".alarm").inner_text()
    context.close()


def test_the_first_click_is_not_lost_when_the_sound_button_goes(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    simulation = serving.night.simulation
    simulation.open_distress("FR/cross-gris-nez", {"place": "off another invented cape", "persons": 3})
    simulation.settle()
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    page.goto(serving.at("/me"))
    page.get_by_role("button", name="Sound on this computer is off: switch it on").wait_for()
    page.locator("form[action='/me/cover'] button").scroll_into_view_if_needed()
    box = page.locator("form[action='/me/cover'] button").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    with page.expect_navigation():
        page.mouse.down()
        page.wait_for_timeout(400)  # a tired finger: the page must stay where it is under it
        page.mouse.up()
    context.close()


def test_words_chosen_in_a_text_are_the_passage_and_letters_find_a_kind(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["light"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/compose/intelligence_report"))
    page.get_by_label("Case reference").fill("UK-2026-4")
    page.get_by_label("Title", exact=True).fill("A quay (invented)")
    page.get_by_label("Narrative", exact=True).fill("Seen.")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("link", name="Mark passages").click()
    page.locator("[data-passage]").dblclick(position={"x": 12, "y": 10})
    expect(page.locator("textarea[name=words]")).to_have_value("Seen")
    find = page.get_by_label("Find a kind by its first letters")
    find.fill("fing")
    shown = page.locator("input[name=categories]:visible")
    assert {one.get_attribute("value") for one in shown.all()} == {"fingerprint", "fingerprint_reference"}
    find.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("input[value=fingerprint]").is_checked(), "the keyboard alone reaches it"
    find.fill("zzz")
    assert page.get_by_text("No kind begins like this").is_visible()
    find.fill("")
    assert page.locator("input[value=fingerprint]").is_visible(), "what is ticked is never hidden"
    assert not findings(page)
    context.close()
    assert not said


def test_keys_lead_somewhere_never_while_somebody_types_and_can_be_switched_off(
    serving: Serving, chromium: Chromium, reader: Any
) -> None:
    context = chromium.new_context(storage_state=reader, **LOOKS["light"])
    page = context.new_page()
    said = complaints(page)
    page.goto(serving.at("/"))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("gigo/")
    assert page.locator("#find").input_value() == "gigo/" and page.url == serving.at("/")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(serving.at("/inbox"))
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.keyboard.press("i")
    page.goto(serving.at("/"))
    page.get_by_role("button", name="Switch these keys off in this browser").click()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "find" and page.url == serving.at("/")
    page.get_by_role("button", name="Switch these keys on in this browser").click()
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    context.close()
    assert not said


def test_somebody_without_scripts_is_told_what_does_not_work(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(serving.at("/me"))
    assert page.get_by_text("distress makes no sound").is_visible()
    assert not page.get_by_role("button", name="Switch these keys").is_visible()
    context.close()


@pytest.mark.parametrize("wide", [390, 320])
def test_a_table_on_a_telephone_cuts_nothing_off(
    serving: Serving, chromium: Chromium, signed_in: Any, wide: int
) -> None:
    context = chromium.new_context(storage_state=signed_in, viewport={"width": wide, "height": 800})
    page = context.new_page()
    for path in ("/agreements", "/contacts", "/decisions"):
        page.goto(serving.at(path))
        for region in page.locator(".scroll").all():
            assert region.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, path
    context.close()


def test_on_paper_an_answer_stands_beside_what_was_asked(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["dark"])
    page = context.new_page()
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.locator("section.answer .verdict").wait_for()
    page.emulate_media(media="print")
    assert page.get_by_label("To whom").is_visible() and page.locator(".answer .verdict").is_visible()
    assert not page.locator(".masthead").is_visible()
    assert not page.get_by_role("button", name="Ask", exact=True).is_visible()
    shown = "e => getComputedStyle(e, '::after').content"
    assert page.locator(".answer .govuk-link").first.evaluate(shown) in ("none", "normal")
    assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    context.close()


def test_on_a_telephone_the_answer_is_what_one_sees_after_asking(
    serving: Serving, chromium: Chromium, signed_in: Any
) -> None:
    context = chromium.new_context(storage_state=signed_in, **LOOKS["phone"])
    page = context.new_page()
    page.goto(serving.at("/question"))
    page.get_by_label("To whom").select_option("FR/oltim")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url(re.compile("#answer$"))
    expect(page.locator("section.answer .verdict")).to_be_in_viewport()
    context.close()
