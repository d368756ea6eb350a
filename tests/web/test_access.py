"""Who comes in: sign-in, tokens, limits, headers, and what each role sees."""

import re

import pytest

from cordiale.web.frame import CEILING
from tests.web.pages import Browser, Night

EVERY = ["/", "/question", "/agreements", "/compose", "/inbox", "/outbox", "/failed", "/search", "/distress",
         "/contacts", "/decisions", "/ledger", "/accounts", "/peers", "/me", "/message/x", "/held/x",
         "/live/strip", "/live/events", "/nowhere"]  # fmt: skip


@pytest.mark.parametrize("path", EVERY)
def test_who_is_not_signed_in_is_sent_to_sign_in(made: Night, path: str) -> None:
    answer = Browser(made).client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_signing_in_leads_to_what_waits(made: Night) -> None:
    answer = Browser(made).sign_in("sam")
    assert answer.url.path == "/"
    assert "Waiting for you" in answer.text


def test_unknown_name_wrong_password_and_wrong_code_read_the_same(made: Night) -> None:
    pages = [
        Browser(made).sign_in("nobody", code="123456"),
        Browser(made).sign_in("kit", password="not the password at all"),
    ]
    said = {
        found.group(0) for page in pages if (found := re.search(r"error-summary.*?</ul>", page.text, re.S))
    }
    assert len(said) == 1
    assert all(page.status_code == 400 for page in pages)


def test_the_session_cookie_is_strict_secure_and_not_for_scripts(made: Night) -> None:
    browser = Browser(made)
    browser.get("/sign-in")
    words = {
        "login": "kit",
        "password": "three green harbour lamps",
        "code": made.code("kit"),
        "csrf": browser.token,
    }
    cookie = browser.client.post("/sign-in", data=words, follow_redirects=False).headers["set-cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie


def test_a_form_without_its_token_does_nothing(sam: Browser) -> None:
    sam.token = "another"
    answer = sam.post("/language", {"language": "fr"})
    assert answer.status_code == 403


def test_a_form_from_another_site_does_nothing(sam: Browser) -> None:
    sam.get("/")
    assert sam.post("/sign-out", {}, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert sam.get("/").url.path == "/"


def test_signing_out_ends_it_on_the_server_too(sam: Browser) -> None:
    jar = dict(sam.client.cookies)
    sam.get("/")
    sam.post("/sign-out")
    sam.client.cookies.update(jar)
    assert sam.client.get("/", follow_redirects=False).status_code == 303


def test_after_signing_in_nobody_is_sent_to_another_site(made: Night) -> None:
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example"):
        browser = Browser(made)
        page = browser.get(f"/sign-in?next={bad}")
        assert 'name="next" value="/"' in page.text


def test_too_many_tries_from_one_address_wait_a_minute(made: Night) -> None:
    browser = Browser(made)
    browser.get("/sign-in")
    statuses = [browser.post("/recover", {"login": "x", "code": "y"}).status_code for _ in range(21)]
    assert statuses[-1] == 429 and statuses[0] == 400
    made.simulation.clock.step(61)
    assert browser.post("/recover", {"login": "x", "code": "y"}).status_code == 400


def test_every_answer_carries_the_policy_and_no_page_is_kept(sam: Browser) -> None:
    for path in ("/", "/nowhere", "/assets/htmx.min.js", "/agreements"):
        headers = sam.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert sam.get("/").headers["cache-control"] == "no-store"


def test_no_page_has_an_inline_script_or_style(sam: Browser) -> None:
    for path in ("/", "/question", "/compose/intelligence_report", "/distress", "/accounts"):
        text = sam.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", text), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text), path


def test_marking_and_demonstration_stand_on_every_page(sam: Browser) -> None:
    for path in EVERY:
        if path.startswith("/live"):
            continue
        text = sam.get(path).text
        assert CEILING in text, path
        assert "demonstration, not endorsed by any agency" in text, path


def test_an_administrator_sees_no_content(ada: Browser) -> None:
    for path in (
        "/inbox",
        "/outbox",
        "/compose",
        "/message/x?purpose=investigate",
        "/search?words=a",
        "/distress",
    ):
        assert ada.get(path).status_code == 403, path
    assert ada.get("/accounts").status_code == 200
    assert ada.get("/peers").status_code == 200


def test_a_visiting_observer_may_ask_and_read_but_not_write_recall_or_confirm(made: Night) -> None:
    vic = Browser(made, "vic")
    assert vic.get("/question").status_code == 200
    assert vic.get("/inbox").status_code == 200
    vic.get("/")
    for path in (
        "/compose/intelligence_report",
        "/message/x/recall",
        "/distress/x/close",
        "/accounts",
        "/ledger/verify",
    ):
        assert vic.post(path).status_code == 403, path


def test_each_language_is_remembered(sam: Browser) -> None:
    sam.get("/")
    page = sam.post("/language", {"language": "fr", "back": "/agreements", "zone": "Europe/London"})
    assert page.url.path == "/agreements"
    assert 'lang="fr"' in page.text and "démonstration, non approuvée" in page.text
    sam.post("/language", {"language": "en", "back": "/"})
    assert 'lang="en"' in sam.get("/").text


def test_an_unknown_address_is_said_in_the_frame(sam: Browser) -> None:
    answer = sam.get("/nowhere/at/all")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text and "use radio and telephone now" in answer.text
