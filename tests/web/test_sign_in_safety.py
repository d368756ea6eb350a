"""Can a stranger find out who has an account, or keep a duty officer from signing in? And what becomes of a
distress call that was typed when the session had ended? (All people are invented.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cordiale.errors import StoreError, StoreFull
from cordiale.exchange import boxes
from cordiale.node import people, rescue
from cordiale.officers import FREE_CODES, proofs
from cordiale.store import Store
from cordiale.web.visit import LIMITS
from tests.web.pages import PASSWORD, Browser, Night, night

NUMBER = "+44 1632 960101"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    found = night()
    monkeypatch.setitem(LIMITS, "sign-in", 1000)
    yield found
    found.close()


def tried(
    browser: Browser, login: str, password: str = "wrong words here", code: str = "000000"
) -> tuple[int, str]:
    """Status and message of one try."""
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"login": login, "password": password, "code": code, "next": "/"})
    found = re.search(r'id="login-error"[^>]*>(.*?)</p>', answer.text, re.S)
    return answer.status_code, found.group(1) if found else ""


def test_a_name_that_nobody_has_gets_the_same_words_and_waits_as_any_other(there: Night) -> None:
    stranger = Browser(there)
    rows = [[tried(stranger, login) for _ in range(7)] for login in ("sam", "nobody-of-this-name")]
    assert rows[0] == rows[1]
    assert "there is a wait, until" in rows[0][-1][1] and "there is a wait" not in rows[0][0][1]


def test_every_try_costs_one_password_check_and_writes_nothing(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    verify = proofs._HASHER.verify

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            checks.append(password)
            return bool(verify(stored, password))

    monkeypatch.setattr(proofs, "_HASHER", Counting())
    there.node.store = NoWriting(there.node.store)  # type: ignore[assignment]
    for login in ("sam", "nobody-of-this-name"):
        people.sign_in(there.node, login, "wrong words here", "000000", whose="x")
    assert isinstance(people.sign_in(there.node, "sam", PASSWORD, "000000", whose="x"), people.Denied)
    assert len(checks) == 3, "and none of them needed a store that can write"


class NoWriting:
    """A store that can be read and takes nothing."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def read(self, act: Any) -> Any:
        return self.store.read(act)

    def write(self, act: Any) -> Any:
        raise StoreFull

    def submit(self, acts: Any) -> Any:
        raise StoreFull

    def close(self) -> None:
        self.store.close()


def test_a_stranger_at_the_same_address_cannot_keep_a_person_out_of_their_own_browser(there: Night) -> None:
    sam = Browser(there, "sam")
    sam.get("/")
    sam.post("/sign-out")
    stranger = Browser(there)
    code = there.code("sam")
    for _ in range(12):
        tried(stranger, "sam")
    assert "there is a wait" in tried(stranger, "sam", PASSWORD, code)[1]
    assert sam.sign_in("sam", code=code).url.path == "/"


def test_a_stranger_elsewhere_keeps_nobody_out_of_any_browser(there: Night) -> None:
    for n in range(30):
        people.sign_in(there.node, "sam", "wrong words here", "000000", whose=f"192.0.2.{n % 3}")
    assert Browser(there, "sam").get("/").url.path == "/"


def test_the_limit_of_an_address_stops_no_known_browser_behind_it(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "sign-in", 5)
    sam = Browser(there, "sam")
    sam.get("/")
    sam.post("/sign-out")
    there.simulation.clock.step(61)
    stranger = Browser(there)
    stranger.client.app.state.limits = sam.client.app.state.limits
    for _ in range(6):
        answer = stranger.client.post("/sign-in")
    assert answer.status_code == 429 and NUMBER in answer.text, "even then: whom to ring"
    code = there.code("sam")
    for _ in range(6):
        stranger.client.post("/sign-in")
    assert sam.sign_in("sam", code=code).url.path == "/"


def test_a_mark_of_a_known_browser_cannot_be_made_up_and_opens_nothing(there: Night) -> None:
    node = there.node
    tag, value = people.browser_tag(node, "sam"), people.remember_browser(node, "sam")
    assert people.known_browser(node, tag, value)
    assert not people.known_browser(node, people.browser_tag(node, "kit"), value), "it is one person's"
    assert not people.known_browser(node, tag, value[:-1] + ("0" if value[-1] != "0" else "1"))
    assert not people.known_browser(node, tag, "") and not people.known_browser(node, tag, "é.ü")
    assert "sam" not in tag + value


def test_codes_guessed_from_many_places_are_stopped_and_told_to_a_person(there: Night) -> None:
    for n in range(FREE_CODES + 2):
        people.sign_in(there.node, "sam", PASSWORD, "000000", whose=f"192.0.2.{n}")
    there.node.store.write(lambda tx: None)
    code = there.code("sam")
    at_once = people.sign_in(there.node, "sam", PASSWORD, "000000", whose="192.0.2.99")
    assert isinstance(at_once, people.Denied) and at_once.wait_until is None, (
        "nothing tells that it is stopped"
    )
    assert [one.kind for one in there.node.store.read(boxes.alarms)] == ["codes_guessed"]
    assert isinstance(
        people.sign_in(there.node, "sam", PASSWORD, code, whose="b", is_known=True), people.SignedIn
    )


def test_too_many_checks_at_once_are_put_off_and_a_known_browser_has_its_own_place(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PLACE_WAIT_S", 0.01)
    places = people._STRANGERS_PLACES
    assert places.acquire() and places.acquire()
    try:
        busy = people.sign_in(there.node, "sam", PASSWORD, there.code("sam"), whose="x")
        assert busy == people.Denied("busy")
        known = people.sign_in(there.node, "sam", PASSWORD, there.code("sam"), whose="b", is_known=True)
        assert isinstance(known, people.SignedIn)
    finally:
        places.release()
        places.release()


# ------------------------------------------------------------------------------ distress


CALL = {"body.place": "near an invented buoy", "body.persons": "12"}


def test_a_call_typed_when_the_session_had_ended_is_kept_and_goes_out_with_the_sign_in(there: Night) -> None:
    sam = Browser(there, "sam")
    sam.get("/distress")
    there.simulation.clock.step(13 * 3600)
    page = sam.post("/distress", CALL)
    assert page.status_code == 401 and "NOT been sent" in page.text
    assert NUMBER in page.text and "near an invented buoy" in page.text
    words = {**CALL, "login": "sam", "password": PASSWORD, "code": "000000"}
    wrong = sam.post("/distress/sign-in", words)
    assert wrong.status_code == 401 and 'value="near an invented buoy"' in wrong.text
    opened = sam.post("/distress/sign-in", {**words, "code": there.code("sam")})
    assert opened.status_code == 200 and opened.url.path.startswith("/distress/")
    (call,) = rescue.distresses(there.node)
    assert (call.body["place"], call.body["persons"]) == ("near an invented buoy", 12)


def test_a_call_with_an_outdated_form_is_shown_again_as_it_was_typed(there: Night) -> None:
    sam = Browser(there, "sam")
    sam.token = "0" * 32
    page = sam.post("/distress", CALL)
    assert page.status_code == 400 and "NOT been sent" in page.text and NUMBER in page.text
    assert 'value="near an invented buoy"' in page.text
    assert sam.post("/distress", CALL).url.path.startswith("/distress/")


def test_another_site_sends_no_call_in_anybody_s_name(there: Night) -> None:
    sam = Browser(there, "sam")
    sam.get("/distress")
    assert sam.post("/distress", CALL, **{"sec-fetch-site": "cross-site"}).status_code == 403
    sam.token = "0" * 32
    assert sam.post("/distress", CALL, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert rescue.distresses(there.node) == []


def test_composing_distress_is_never_refused_for_how_much_its_address_asked(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "change", 3)
    stranger = Browser(there)
    assert [stranger.client.post("/distress", data=CALL).status_code for _ in range(6)] == [401] * 6


def test_pages_that_fell_asleep_use_up_nobody_s_way_to_the_sign_in(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "strip", 3)
    monkeypatch.setitem(LIMITS, "read", 3)
    asleep = Browser(there)
    for _ in range(8):
        asleep.client.get("/live/strip?have=none", follow_redirects=False)
    assert asleep.client.get("/sign-in").status_code == 200


def test_the_sign_in_page_says_whom_to_ring(there: Night) -> None:
    assert NUMBER in Browser(there).get("/sign-in").text


# ------------------------------------------------------------------------------ a store that cannot write


def test_while_the_store_cannot_write_a_duty_officer_stays_and_comes_in_and_it_is_recorded_later(
    there: Night,
) -> None:
    node, sam = there.node, Browser(there, "sam")
    whole, node.store = node.store, NoWriting(node.store)  # type: ignore[assignment]
    there.simulation.clock.step(90)
    assert sam.get("/distress").status_code == 200, "a session is not lost with the disk"
    kit = Browser(there)
    code = there.code("kit")
    assert kit.sign_in("kit", code=code).url.path == "/"
    assert kit.get("/distress").status_code == 200
    with pytest.raises(StoreError):
        people.sign_in(node, "kit", PASSWORD, code, whose="x")  # a code is taken once, in memory too
    node.store = whole
    assert people.write_sessions(node) == 0 and node.unwritten == {}
    assert kit.get("/distress").status_code == 200
    told = [one.entry.facts.get("outcome") for one in node.store.read(lambda tx: list(node.log.entries(tx)))]
    assert told.count("signed_in") == 2


def test_an_administrator_does_not_come_in_without_a_record(there: Night) -> None:
    there.node.store = NoWriting(there.node.store)  # type: ignore[assignment]
    with pytest.raises(StoreError):
        people.sign_in(there.node, "ada", PASSWORD, there.code("ada"), whose="x")
    assert there.node.unwritten == {}


# ------------------------------------------------------------------------------ nothing typed is lost


@pytest.mark.parametrize("number", ["", "+44 1632 960999", "ask at the desk"])
def test_all_that_is_typed_reaches_the_incident_whatever_fits(there: Night, number: str) -> None:
    there.node.settings = replace(there.node.settings, ring_number=number)
    sam = Browser(there, "sam")
    sam.get("/distress")
    odd = {
        **CALL,
        "body.remarks": "A child in a red jacket (invented). " * 40,
        "body.children": "some",
        "body.position.latitude": "about fifty",
        "body.position.longitude": "1.4",
        "body.callers.0.contact": "+33 1 99 00 00 17",
        "body.telephone_to_ring": "the red telephone",
        "body.centre": "x" * 400,
    }
    opened = sam.post("/distress", odd)
    assert opened.url.path.startswith("/distress/")
    (call,) = rescue.distresses(there.node)
    assert (call.body["place"], call.body["persons"]) == ("near an invented buoy", 12)
    assert call.body["callers"][0]["contact"] == "+33 1 99 00 00 17"
    said = "".join(one["said"] for one in call.body["source_calls"])
    assert said.count("A child in a red jacket (invented).") == 40
    for typed in ("some", "about fifty", "the red telephone", "x" * 400):
        assert typed in said
    assert call.body["telephone_to_ring"] == (number if number.startswith("+") else "+44 1632 960101")
    assert not [one for one in call.defects if "no known node" not in one], call.defects
