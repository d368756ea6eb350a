"""Distress is never refused for how much was asked before, and one partner's flood buries nobody's call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar.testing import TestClient

from cordiale.node import rescue
from cordiale.web.frame import OF_ONE_SENDER, shown
from cordiale.web.visit import LIMITS
from tests.web.pages import Browser, Night, night, with_something_to_read


@pytest.fixture(scope="module")
def sea() -> Iterator[Night]:
    """A night of its own: what is counted here is counted for nobody else."""
    found = with_something_to_read(night())
    yield found
    found.close()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer requests show the same."""
    monkeypatch.setitem(LIMITS, "change", 12)
    monkeypatch.setitem(LIMITS, "read", 40)


def chosen(browser: Browser) -> int:
    """The answer to a change that is no distress."""
    words = {"csrf": browser.token, "language": "en"}
    return int(browser.client.post("/language", data=words, follow_redirects=False).status_code)


def worn_out(browser: Browser) -> None:
    """Make of it a session that has changed more than one may in a minute."""
    answers = [chosen(browser) for _ in range(LIMITS["change"] + 1)]
    assert answers[0] == 303 and answers[-1] == 429


def sounding(made: Night) -> list[rescue.Distress]:
    return [one for one in rescue.distresses(made.node) if one.sounding]


def test_distress_is_taken_confirmed_and_closed_when_everything_else_is_too_much(sea: Night) -> None:
    sam = Browser(sea, "sam")
    sam.get("/distress")
    worn_out(sam)
    opened = sam.post("/distress", {"body.place": "near an invented buoy"})
    assert opened.status_code == 200 and opened.url.path.startswith("/distress/")
    came = sounding(sea)[0].reference
    assert sam.post(f"/distress/{came}/confirm", {"person": "Sam Example"}).status_code == 200
    evidence = {"person": "Sam Example", "evidence": "Counted on the quay: 44 of 44"}
    evidence |= {"counted": "44", "sure": "1"}
    assert sam.post(f"{opened.url.path}/close", evidence).url.path == "/distress"
    assert chosen(sam) == 429


def test_the_strip_is_drawn_for_a_session_that_has_read_too_much(sea: Night) -> None:
    kit = Browser(sea, "kit")
    for _ in range(LIMITS["read"] + 1):
        if kit.client.get("/health").status_code == 429:
            break
    assert kit.client.get("/inbox").status_code == 429
    assert kit.client.get("/live/strip?have=none").status_code == 200
    assert kit.client.get("/distress").status_code == 200


def test_one_session_s_many_requests_stop_no_colleague_at_the_same_address(sea: Night) -> None:
    worn, colleague = Browser(sea, "ada"), Browser(sea)
    colleague.client = TestClient(
        worn.client.app, base_url="https://127.0.0.1", raise_server_exceptions=False
    )
    colleague.sign_in("sam")
    worn.get("/")
    worn_out(worn)
    colleague.get("/")
    assert chosen(worn) == 429 and chosen(colleague) == 303


def test_who_is_not_signed_in_is_still_limited_by_address(sea: Night) -> None:
    stranger = Browser(sea)
    answers = [stranger.client.post("/sign-in").status_code for _ in range(LIMITS["sign-in"] + 1)]
    assert answers[-1] == 429 and 429 not in answers[:-1]


def many(made: Night) -> list[rescue.Distress]:
    """Five hundred of one partner's, and an older one of another's."""
    (one, *_) = rescue.distresses(made.node)
    flood = [replace(one, reference=f"flood-{n}", other="FR/cross-gris-nez") for n in range(500)]
    return [*flood, replace(one, reference="the-other", other="BE/mrcc-oostende")]


def test_a_flood_by_one_partner_does_not_bury_another_s_call(sea: Night) -> None:
    strip = shown(many(sea))
    senders = [one.other for one in strip.incidents]
    assert senders.count("FR/cross-gris-nez") == OF_ONE_SENDER and "BE/mrcc-oostende" in senders
    assert strip.count == 501 and len(strip.digest) == 16


def test_what_changes_in_the_strip_changes_its_digest(sea: Night) -> None:
    before = many(sea)
    assert shown(before).digest == shown(list(before)).digest
    assert shown(before[:-1]).digest != shown(before).digest != shown(before[1:]).digest


def test_the_page_asks_with_a_short_digest_and_links_to_the_whole_list(
    sea: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood = [replace(one, sounding=True) for one in many(sea)]
    sam = Browser(sea, "sam")
    monkeypatch.setattr(rescue, "distresses", lambda node: flood)
    text = sam.get("/contacts").text
    asked = re.search(r'hx-get="(/live/strip\?have=[0-9a-f]{16})"', text)
    assert asked is not None and "All distress not confirmed, in a list:" in text and "501" in text
    assert "/distress/the-other" in text and text.count('href="/distress/flood-') == OF_ONE_SENDER
    assert sam.client.get(asked.group(1)).status_code == 204
    monkeypatch.setattr(rescue, "distresses", lambda node: flood[1:])
    assert sam.client.get(asked.group(1)).status_code == 200
