"""Passing on: the originator's recorded consents are ticked by what they are called. All is invented."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cordiale.node import people, reports
from cordiale.web.words import day, say_in
from tests.web.pages import Browser, Night, intelligence, night
from tests.web.test_pages import plain

CONSENT = """id = "{id}"
kind = "consent"
title = "{title}"
issued_by = "{owner}"
owner = "{owner}"
types = ["{type}"]
recipients = ["FRONTEX"]
purposes = ["prevent", "investigate"]
answer = "{answer}"
from = 2026-11-22
known_from = 2026-11-22
article = "invented for a test"
source = "invented for a test"
confidence = "{confidence}"
"""
ORDINARY = {
    "title": "Consent to Frontex (invented)",
    "owner": "FR/oltim",
    "type": "intelligence_report",
    "answer": "given",
    "confidence": "confirmed",
}


@pytest.fixture
def made() -> Iterator[Night]:
    found = night()
    found.simulation.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    for _ in range(40):
        found.simulation.step()
    found.simulation.settle()
    yield found
    found.close()


def recorded(made: Night, id: str, **other: str) -> None:
    made.simulation.load(["UK"], id, CONSENT.format(id=id, **{**ORDINARY, **other}))


def there(made: Night) -> str:
    (line,) = reports.inbox(made.node, people.officer(made.node, "chief"))
    return f"/message/{line.reference}/forward"


def test_a_recorded_consent_is_a_box_to_tick_with_title_day_and_who(made: Night) -> None:
    recorded(made, "invented-consent-1")
    page = Browser(made, "chief").get(there(made)).text
    assert re.search(r'name="consents" type="checkbox" value="invented-consent-1"', page)
    since = day("2026-11-22", say_in("en"))
    assert f"Consent to Frontex (invented) · {since} · Office de lutte" in plain(page)


def test_only_consents_of_this_originator_that_hold_and_reach_this_kind_stand_there(made: Night) -> None:
    recorded(made, "of-all-france", owner="FR")
    recorded(made, "of-somebody-else", owner="FRONTEX/frontex")
    recorded(made, "of-another-kind", type="person_intelligence")
    recorded(made, "refused-one", answer="refused")
    recorded(made, "unread-one", confidence="unconfirmed")
    held = reports.consents(
        made.node, people.officer(made.node, "chief"), there(made).removesuffix("/forward")[9:]
    )
    assert [one.id for one in held] == ["of-all-france"]


def test_what_is_ticked_and_what_is_typed_both_go_to_the_gate(made: Night) -> None:
    recorded(made, "invented-consent-1")
    chief, path = Browser(made, "chief"), there(made)
    asked = "consent of Office de lutte contre le trafic illicite de migrants (FR)"
    assert asked in chief.get(path).text
    answers = {"act": "onward", "purpose": "investigate", "regime": "crime"}
    assert asked in chief.post(path, answers).text, "a consent that nobody named is none"
    ticked = chief.post(path, {**answers, "consents": "invented-consent-1"}).text
    typed = chief.post(path, {**answers, "other_consents": "invented-consent-1"}).text
    assert asked not in ticked and asked not in typed
    assert re.search(r'name="consents"[^>]*value="invented-consent-1" checked', ticked)
    assert re.search(r'name="other_consents"[^>]*value="invented-consent-1"', typed)


def test_what_was_passed_on_says_that_it_waits_and_where_it_is_taken_back(made: Night) -> None:
    chief, path = Browser(made, "chief"), there(made)
    chief.get(path)
    answers = {"act": "share", "purpose": "investigate", "regime": "crime", "system": "national_police"}
    kept = {"obtained": "lawfully", "verified": "yes", "recipients": "FR/oltim", "send": "1"}
    done = chief.post(path, {**answers, **kept}).text
    assert "<h1" in done and ">Passed on</h1>" in done
    assert "It leaves when its hold is over." in done
    way = re.search(r'href="(/held/\w+)"', done)
    assert way is not None and "Undo" in chief.get(way[1]).text


def test_without_any_recorded_consent_only_its_name_is_asked_for(made: Night) -> None:
    page = Browser(made, "chief").get(there(made)).text
    assert "None is recorded here." in page and 'name="other_consents"' in page
    assert 'name="consents"' not in page
