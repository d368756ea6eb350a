"""What a page offers next: the first act first, a mistake beside its question, nothing typed in vain."""

from __future__ import annotations

import re

import pytest

from cordiale.web import telling
from tests.web.pages import REPORT, Browser, Night
from tests.web.test_pages import GROUNDS

FORM = "/compose/intelligence_report"


def test_what_is_missing_is_said_beside_its_question_and_the_summary_leads_there(sam: Browser) -> None:
    sam.get(FORM)
    page = sam.post(FORM, {**REPORT, **GROUNDS, "body.case_reference": "", "send": "1"}).text
    assert '<a href="#body-case-reference">Case reference: is missing.</a>' in page
    assert 'id="body-case-reference-error"' in page


def test_the_part_with_a_mistake_in_it_is_open(sam: Browser) -> None:
    sam.get(FORM)
    witness = {"body.witnesses.0.subject": "w1", "body.witnesses.0.sex": "of no known kind"}
    wrong = {**REPORT, **GROUNDS, **witness, "send": "1"}
    page = sam.post(FORM, wrong).text
    assert 'href="#body-witnesses-0-sex"' in page
    parts = re.findall(r'<details class="govuk-details part" open>.*?</details>', page, re.DOTALL)
    assert any('id="body-witnesses-0-sex-error"' in one for one in parts)


def test_who_sends_to_nobody_is_led_to_the_recipients(sam: Browser) -> None:
    sam.get(FORM)
    page = sam.post(FORM, {**REPORT, **GROUNDS, "send": "1"}).text
    assert '<a href="#who">Choose at least one recipient</a>' in page


def test_a_search_goes_on_with_its_words_once_a_purpose_is_said(made: Night) -> None:
    browser = Browser(made, "sam")
    asked = browser.get("/search?words=hulls %26 engines").text
    assert 'name="words" value="hulls &amp; engines"' in asked
    found = browser.post("/purpose", {"purpose": "prevent", "words": "hulls & engines"})
    assert found.url.path == "/search" and "hulls &amp; engines" in found.text
    assert "Only within what you may see" in found.text


def test_whoever_may_help_finds_the_distress_button_before_the_list(sam: Browser) -> None:
    page = sam.get("/").text
    assert page.index("Open a distress") < page.index('id="waiting"')


def test_numbers_that_can_be_rung_stand_first_among_the_contacts(sam: Browser) -> None:
    page = sam.get("/contacts").text
    assert page.rindex('href="tel:') < page.index("no number is known here")


def test_a_new_account_is_given_an_authority_by_name(ada: Browser) -> None:
    assert re.search(r'<option value="border-force"[^>]*>Border Force</option>', ada.get("/accounts").text)


def test_agreements_stand_apart_from_laws_and_each_once(sam: Browser) -> None:
    page = sam.get("/agreements").text
    first, _, laws = page.partition("Laws that bind whatever the agreement</h2>")
    assert "/agreements/uk-frontex-wa-2024" in first and "/agreements/eu-led-2016-680" in laws
    links = re.findall(r'class="govuk-link" href="/agreements/([^"]+)"', page)
    assert len(links) == len(set(links))


@pytest.mark.parametrize("path", ["/agreements/uk-frontex-wa-2024", "/agreements/eu-led-2016-680"])
def test_directions_are_told_in_words(sam: Browser, path: str) -> None:
    shown = re.findall(r"<dt>Who to whom</dt><dd>(.*?)</dd>", sam.get(path).text)
    assert shown and all(" to " in one and "&gt;" not in one and "*&gt;" not in one for one in shown)


def test_a_node_that_speaks_for_many_is_named_by_two(monkeypatch: pytest.MonkeyPatch, made: Night) -> None:
    visit = type("Visit", (), {"node": made.node})()
    rows = [{"peer": "uk-home-office", "side": "UK", "authorities": ["border-force", "nca", "hm-coastguard"]}]
    monkeypatch.setattr(telling.exchange, "peers", lambda _: rows)
    named = telling.Partners(visit)
    assert named("uk-home-office") == "Border Force, National Crime Agency + 1 (UK)"
    assert named("nobody-known") == "nobody-known"
