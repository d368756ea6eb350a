"""Reasons, codes, persons and numbers in words, as the trays and forms tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cordiale.exchange import boxes, courier, judging
from cordiale.node import people, reports
from cordiale.terms import Category, HandlingCode
from cordiale.web import compose, telling
from cordiale.web.marks import ANYTHING
from tests.web.pages import REPORT, Browser, Night, night
from tests.web.test_alarms import stuck
from tests.web.test_pages import GROUNDS

NARRATIVE = "Seen by an invented quay; the garage answers on +33 1 99 00 00 17."


def test_every_reason_that_a_partner_may_tell_has_its_sentence() -> None:
    assert set(judging.TELLABLE) | set(courier.WAITS) <= set(telling.REASONS)
    assert courier._word(b"anything else") in telling.REASONS


def test_every_handling_code_has_its_words() -> None:
    assert set(telling.HANDLING) == set(HandlingCode)


def test_every_kind_of_information_stands_in_one_group_and_none_is_lost() -> None:
    listed = [one for _, held in telling.KINDS for one in held]
    assert len(listed) == len(set(listed)) and set(listed) <= {str(one) for one in Category}


@pytest.mark.parametrize(
    ("text", "rung"),
    [
        ("ring +33 1 99 00 00 17 now", ["+33199000017"]),
        ("+442012345678, or +44 (20) 1234-5678", ["+442012345678", "+442012345678"]),
        ("UK-2026-0417, 2026-11-22, 50.9512 and 1+1990000017", []),
        ("+33 1", []),
    ],
)
def test_a_number_that_says_its_country_can_be_rung_and_nothing_else(text: str, rung: list[str]) -> None:
    shown = str(telling.ringable(text))
    assert re.findall(r'href="tel:([^"]+)"', shown) == rung
    assert re.sub(r"<[^>]+>", "", shown) == text


def test_what_stands_round_a_number_is_escaped() -> None:
    assert "<script" not in str(telling.ringable("<script>+33 1 99 00 00 17</script>"))


@pytest.fixture(scope="module")
def held_up() -> Iterator[tuple[Night, int]]:
    """A night of its own, in which a message of the UK's is stuck at France; its number in the failed box."""
    made = night()
    yield made, stuck(made)
    made.close()


def test_a_card_of_the_failed_box_says_what_it_is_for_whom_and_why(held_up: tuple[Night, int]) -> None:
    made, number = held_up
    desk = Browser(made, "chief")
    page = desk.get("/failed").text
    head = re.search(rf'id="failed-{number}"[^>]*>([^<]+)<', page)
    assert head is not None and "Operational information and intelligence report" in head.group(1)
    assert "Its signature did not hold at the partner" in page
    shown = re.sub(r'<p class="govuk-body-s lines".*?</p>', "", page)
    assert "fr-oltim" not in shown and "Office de lutte contre le trafic" in shown


def outgoing(made: Night, fault: str) -> str:
    """The out-tray of the UK, when the courier has noted this of the last message."""
    node = made.node
    (line, *_) = reports.outbox(node, people.officer(node, "nca"))
    at = made.simulation.clock.now()
    node.store.write(lambda tx: boxes.put_off(tx, [line.message], due_at=at, fault=fault))
    return Browser(made, "chief").get("/outbox").text


def test_the_outbox_tells_what_our_gate_said_from_what_the_partner_did(held_up: tuple[Night, int]) -> None:
    made, _ = held_up
    page = outgoing(made, "not_accepted")
    line = page[page.index('class="tray__line') :]
    assert line.index("Our gate") < line.index("On its way")
    assert "own gate does not accept it" in page and "not_accepted" not in page
    assert "H0: to prevent and combat crime" in page


def draft_of(browser: Browser) -> str:
    browser.get("/compose/intelligence_report")
    saved = browser.post(
        "/compose/intelligence_report", {**REPORT, **GROUNDS, "body.narrative": NARRATIVE, "save": "1"}
    )
    return str(saved.url.path).rpartition("/")[2]


def test_a_person_of_a_draft_is_called_by_name_and_part(sam: Browser) -> None:
    draft = draft_of(sam)
    for path in (f"/draft/{draft}", f"/draft/{draft}/marks"):
        assert "Exempel, suspect 1 (s1)" in sam.get(path).text, path


def test_the_marks_page_offers_each_kind_once_and_the_most_used_first(sam: Browser) -> None:
    page = sam.get(f"/draft/{draft_of(sam)}/marks").text
    offered = re.findall(r'name="categories"[^>]*value="(\w+)"', page)
    assert sorted(offered) == sorted(str(one) for one in Category if one not in ANYTHING)
    assert offered[:3] == ["name", "phone", "vehicle"]
    numbers = re.findall(r'id="(categories-\d+)"', page)
    assert len(numbers) == len(set(numbers)) == len(offered)
    assert page.count('<details class="govuk-details kinds" open>') == 1


def test_a_kind_that_was_ticked_stands_in_an_open_group_after_a_mistake(sam: Browser) -> None:
    draft = draft_of(sam)
    sam.get(f"/draft/{draft}/marks")
    page = sam.post(f"/draft/{draft}/marks", {"categories": "dna", "words": ""}).text
    opened = re.findall(r'<details class="govuk-details kinds" open>(.*?)</details>', page, re.DOTALL)
    assert len(opened) == 2 and any(re.search(r'value="dna" checked', one) for one in opened)


def test_a_large_file_is_announced_before_it_is_sealed(sam: Browser, monkeypatch: Any) -> None:
    draft = draft_of(sam)
    assert "sealed anew" not in sam.get(f"/draft/{draft}").text

    class Large:
        size = 1_073_741_824

    monkeypatch.setattr(compose.attachments, "files_of", lambda *_: [Large()])
    page = sam.get(f"/draft/{draft}").text
    assert "about 25 seconds each" in page and "data-sealing" in page
