"""What somebody at three in the morning stumbled on: a wrong word, a lost click, a number in another tongue.

(All persons are invented.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cordiale.node import people
from cordiale.web.visit import LIMITS
from cordiale.web.words import COLON, ZONES, day, moment, say_in, town
from tests.web.pages import Browser, Night, intelligence, night
from tests.web.test_languages import seen
from tests.web.test_pages import ASK

PERSON = {"accept": "text/html"}


@pytest.fixture
def there() -> Iterator[Night]:
    """A night of its own, for what closes accounts or changes a language."""
    found = night()
    yield found
    found.close()


# ------------------------------------------------------------------------------ words and figures


def test_the_empty_string_is_empty_in_every_language() -> None:
    """A catalogue keeps its own header there: a page showed it as the purpose of a message."""
    assert say_in("fr")("") == "" == say_in("en")("")


def test_no_page_in_french_shows_the_header_of_the_catalogue(there: Night) -> None:
    made = there
    made.simulation.send("FR/oltim", intelligence(), "UK/nca")
    for _ in range(40):
        made.simulation.step()
    people.choose(made.node, people.officer(made.node, "chief"), language="fr")
    chief = Browser(made, "chief")
    letter = re.search(r"/message/(\w+)", chief.get("/inbox").text)
    assert letter is not None
    page = chief.get(f"/message/{letter.group(1)}?purpose=investigate").text
    assert "Case reference" not in page and "Project-Id-Version" not in page


def test_french_says_days_towns_sizes_and_colons_its_own_way(there: Night) -> None:
    say = say_in("fr")
    assert day("2026-03-01", say) == "1er mars 2026" and day("2026-03-02", say) == "2 mars 2026"
    assert moment("2026-08-01T00:10:00Z", "Europe/London", say).endswith("(01:10 Londres)")
    assert moment("2026-08-01T00:10:00Z", "Europe/London", say).startswith("1er août 2026")
    assert say(COLON) == "\u00a0:"
    assert {town(one, say) for one in ZONES} >= {"Bruxelles", "Varsovie", "Bagdad"}
    people.choose(there.node, people.officer(there.node, "ada"), language="fr")
    ada = Browser(there, "ada")
    assert "Inscriptions\u00a0:" in ada.get("/ledger").text
    large = ada.client.post("/language", data={"csrf": ada.token, "x": "y" * 6_100_000}, headers=PERSON)
    assert large.status_code == 413 and "6,0 Mo" in large.text


def test_what_is_missing_is_told_without_a_code(sam: Browser) -> None:
    sam.get("/question")
    page = sam.post("/question", {**ASK, "to": "RS/rs-police"}).text
    said = " ".join(seen(page.partition("What is missing")[2].partition("</ul>")[0]))
    assert "for what it was collected" in said and "(UK to RS)" in said
    assert ":UK" not in said and "UK>RS" not in said and "_" not in said


def test_a_day_that_is_none_is_shown_as_it_is() -> None:
    assert day("soon", say_in("en")) == "soon" and day(None, say_in("en")) == "" == day("", say_in("en"))


def test_a_consent_that_is_missing_names_whose_once_and_in_words(made: Night) -> None:
    chief = Browser(made, "chief")
    letter = re.search(r"/message/(\w+)", chief.get("/inbox").text)
    assert letter is not None
    page = chief.get(f"/message/{letter.group(1)}/forward").text
    assert "consent of Office de lutte contre le trafic illicite de migrants (FR)" in page
    assert "consent: consent of" not in page and "FR/oltim;" not in page


# ------------------------------------------------------------------------------ what is true


def test_what_our_own_gate_refused_is_not_called_refused_by_the_partner(made: Night) -> None:
    refused = intelligence()
    refused["asks"]["item"]["origin"]["owner"] = "UK/nca"
    view = made.simulation.send("UK/nca", refused, "FRONTEX/frontex")
    assert view.verdict == "refuse"
    page = Browser(made, "chief").get("/outbox").text
    line = next(one for one in page.split('<li class="tray__line') if "Frontex (FRONTEX)" in one)
    assert "not sent" in line and "Partner" not in line


def test_a_cover_that_ends_before_it_begins_is_not_taken(there: Night) -> None:
    sam = Browser(there, "sam")
    assert "Nobody looks after my in-tray" in sam.get("/me").text
    late = sam.post("/me/cover", {"covered_by": "kit", "covered_until": "2026-11-21"})
    assert late.status_code == 400 and "This day is past" in late.text
    assert "<title>Error:" in late.text
    assert "Nobody looks after my in-tray" in sam.get("/me").text
    kept = sam.post("/me/cover", {"covered_by": "kit", "covered_until": "2026-12-01"})
    assert "Kit Example (invented) looks after my in-tray" in kept.text
    assert "up to and with 1 December 2026" in kept.text


def test_no_account_is_closed_by_one_slip_of_a_finger(there: Night) -> None:
    ada = Browser(there, "ada")
    ada.get("/accounts/kit")
    slip = ada.post("/accounts/kit/close")
    assert slip.status_code == 400 and 'href="#sure-1"' in slip.text
    assert not next(one for one in people.accounts(there.node) if one["login"] == "kit")["closed"]
    ada.post("/accounts/kit/close", {"sure": "1"})
    assert next(one for one in people.accounts(there.node) if one["login"] == "kit")["closed"]


def test_a_second_person_reads_what_is_lost_who_asks_and_why(there: Night) -> None:
    ada, sam = Browser(there, "ada"), Browser(there, "sam")
    ada.get("/accounts/kit")
    ada.post("/accounts/kit/reset", {"lost": "factor", "reason": "I rang the number I had"})
    page = sam.get("/accounts").text
    assert "telephone with the second factor lost" in page
    assert "asked by Ada Example (invented)" in page and "I rang the number I had" in page
    assert "telephone with the second factor lost" in sam.get("/").text


def test_a_person_whom_nobody_knows_is_not_found_rather_than_forbidden(ada: Browser) -> None:
    page = ada.get("/accounts/nobody-of-this-name")
    assert page.status_code == 404
    assert "Nobody signs in as <code>nobody-of-this-name</code>" in page.text
    assert "<code>login</code>" not in page.text, "a field of the code is no place for a person"


def test_an_account_names_its_authority_and_its_roles_in_words_of_the_reader(there: Night) -> None:
    people.choose(there.node, people.officer(there.node, "ada"), language="fr")
    said = seen(Browser(there, "ada").get("/accounts/kit").text)
    assert "Border Force" in said and "border-force" not in said
    assert "superviseur" in said and "supervisor" not in said


# ------------------------------------------------------------------------------ turned away


def test_a_form_out_of_date_and_too_many_requests_are_pages_with_numbers_to_ring(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = Browser(there, "sam")
    sam.get("/me")
    stale = sam.client.post("/me/cover", data={"csrf": "old"}, headers=PERSON)
    assert stale.status_code == 403 and "<h1" in stale.text and "This form is out of date" in stale.text
    assert 'href="tel:' in stale.text and 'id="main"' in stale.text
    monkeypatch.setitem(LIMITS, "read", 0)
    many = sam.client.get("/me", headers=PERSON)
    assert many.status_code == 429 and "Too many requests" in many.text and 'href="tel:' in many.text
    script = sam.client.get("/me", headers={**PERSON, "hx-request": "true"})
    assert script.headers["content-type"].startswith("text/plain"), "a script has words of its own"


# ------------------------------------------------------------------------------ comforts


def test_nobody_is_shown_a_key_to_a_place_that_they_do_not_have(there: Night) -> None:
    stat, sam = (Browser(there, who).get("/").text for who in ("stat", "sam"))
    assert "<kbd>d</kbd>" not in stat and "<kbd>i</kbd>" not in stat and "<kbd>/</kbd>" not in stat
    assert "<kbd>d</kbd>" in sam and "<kbd>i</kbd>" in sam and "<kbd>/</kbd>" in sam


def test_a_code_to_read_out_stands_in_groups_and_is_taken_as_it_is_heard(there: Night) -> None:
    asked = people.ask_recovery(
        there.node,
        people.officer(there.node, "ada"),
        people.officer(there.node, "stat").id,
        people.Lost("both"),
        reason="seen at the desk",
    )
    sam = Browser(there, "sam")
    sam.get("/accounts")
    granted = sam.post(f"/recoveries/{asked.id}/grant").text
    spelt = re.search(r'class="spelt">(\w{5} \w{5})<', granted)
    assert spelt is not None
    stat = Browser(there)
    stat.get("/recover")
    words = {"login": "stat", "code": spelt.group(1).upper(), "password": "four quite other words"}
    done = stat.post("/recover", words)
    assert done.status_code == 200 and re.search(r'class="spelt">(\w{4} )+', done.text)


def test_the_wait_after_mistakes_is_told_in_seconds_too(
    there: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "sign-in", 1000)
    stranger = Browser(there)
    for _ in range(7):
        stranger.get("/sign-in")
        page = stranger.post("/sign-in", {"login": "sam", "password": "wrong words", "code": "000000"})
    assert re.search(r"there is a wait, until .* \(\d+ s\)\.", page.text)


def test_a_long_agreement_leads_to_each_of_its_articles(sam: Browser) -> None:
    page = sam.get("/agreements/uk-frontex-wa-2024").text
    goals = re.findall(r'href="#(p-[\w-]+)"', page)
    assert len(goals) > 3 and all(f'id="{one}"' in page for one in goals)


def test_browser_files_go_compressed_and_pages_never_do(sam: Browser) -> None:
    """A page holds a token beside what somebody typed: its length must tell nothing (BREACH)."""
    way = {"accept-encoding": "gzip", "accept": "text/html"}
    sheet = sam.client.get("/assets/govuk-frontend.min.css", headers=way)
    assert sheet.headers["content-encoding"] == "gzip" and len(sheet.text) > 100_000
    for path in ("/", "/me", "/question", "/sign-in", "/nowhere"):
        assert "content-encoding" not in sam.client.get(path, headers=way).headers, path
