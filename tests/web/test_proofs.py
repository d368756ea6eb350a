"""Proofs on the pages: every safeguard with its law, the request that breaks one in plain words, a draft
beside what is in force; asked by a button, one at a time, whoever presses it how often.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from threading import Lock
from time import sleep

import pytest

from cordiale.agreements.register import SHIPPED
from cordiale.errors import UsageError
from cordiale.node import proofs_asked
from cordiale.node.agreements_drafted import FOLDER
from cordiale.node.proofs_asked import NO_TIME, Kept
from cordiale.web import breach
from cordiale.web.proofs import WAITING_MAX, Desk
from cordiale.web.visit import Visit
from cordiale.web.words import say_in
from cordiale.world import SystemDisk
from tests.web.pages import NIGHT, Browser, Night
from tests.web.test_pages import plain

SMALL = "calais-group-2024"
ABOUT = f"/agreements/{SMALL}"
FRONTEX = "uk-frontex-wa-2024"
HOLE = ('continues_after_end = ["recall"', 'continues_after_end = ["share", "answer", "recall"')


@pytest.fixture
def home(made: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the node on a real disk, empty."""
    monkeypatch.setattr(made.node, "home", tmp_path)
    monkeypatch.setattr(made.node, "world", replace(made.node.world, disk=SystemDisk()))
    return tmp_path


def drafted(home: Path, name: str, id: str, *changes: tuple[str, str]) -> None:
    words = (SHIPPED / "agreements" / f"{id}.toml").read_text("utf-8")
    for old, new in changes:
        assert old in words
        words = words.replace(old, new)
    folder = home / FOLDER / name
    folder.mkdir(parents=True)
    (folder / f"{id}.toml").write_text(words, "utf-8")


# ------------------------------------------------------------------------------ the button


def test_a_button_on_the_agreement_proves_it_and_the_outcome_stays_with_day_and_digest(
    made: Night, sam: Browser, home: Path
) -> None:
    assert "Nobody has asked for it here yet" in plain(sam.get(ABOUT).text)
    done = sam.post(f"{ABOUT}/proof")
    assert done.url.path == f"{ABOUT}/proof"
    kept = proofs_asked.last(made.node, SMALL)
    assert kept is not None
    said = plain(done.text)
    assert f"{len(kept.guards)} proved" in said and "Nothing was changed since" in said
    assert done.text.count('class="guard guard--permit"') == len(kept.guards)
    again = sam.get(ABOUT).text
    assert f"{len(kept.guards)} proved" in plain(again)
    assert kept.digest.split(":")[-1][:16] in again and "22 November 2026" in plain(again)
    assert "Prove it" not in plain(again)


def test_what_was_proved_of_these_very_texts_is_not_proved_again(
    made: Night, sam: Browser, home: Path
) -> None:
    sam.get(ABOUT)
    sam.post(f"{ABOUT}/proof")
    first = proofs_asked.last(made.node, SMALL)
    made.simulation.clock.step(60)
    sam.post(f"{ABOUT}/proof")
    assert first is not None and proofs_asked.last(made.node, SMALL) == first


def test_a_proof_is_said_to_be_out_of_date_once_anything_was_changed(
    made: Night, sam: Browser, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam.get(ABOUT)
    sam.post(f"{ABOUT}/proof")
    monkeypatch.setattr(made.node, "register", made.node.register.supposing(()))
    for path in (ABOUT, f"{ABOUT}/proof"):
        page = plain(sam.get(path).text)
        assert "It is out of date" in page and "Prove it again" in page


def test_who_may_not_ask_reads_the_outcome_and_finds_no_button(
    sam: Browser, ada: Browser, home: Path
) -> None:
    sam.get(ABOUT)
    sam.post(f"{ABOUT}/proof")
    page = ada.get(f"{ABOUT}/proof")
    assert page.status_code == 200 and "Every safeguard" in page.text
    assert f'action="{ABOUT}/proof"' not in page.text + ada.get(ABOUT).text
    assert ada.post(f"{ABOUT}/proof").status_code == 403


@pytest.mark.parametrize("id", ["eu-led-2016-680", "no-such-agreement"])
def test_a_law_or_an_unknown_name_has_no_page_of_proofs(sam: Browser, home: Path, id: str) -> None:
    assert sam.get(f"/agreements/{id}/proof").status_code == 404
    assert sam.get(f"/agreements/{id}/compare").status_code == 404
    assert sam.post(f"/agreements/{id}/proof").status_code == 400
    assert "Prove it now" not in sam.get(f"/agreements/{id}").text


# ------------------------------------------------------------------------------ what is broken


def test_a_broken_safeguard_shows_the_request_in_plain_words_and_what_the_gate_said(
    sam: Browser, home: Path
) -> None:
    drafted(home, "goes-on", FRONTEX, HOLE)
    sam.get(f"/agreements/{FRONTEX}/proof")
    page = sam.post(f"/agreements/{FRONTEX}/proof", {"texts": "goes-on"}).text
    said = plain(page)
    assert "On the draft goes-on: nothing of it counts yet." in said
    assert "1 broken" in said and "The gate lets it go, under" in said
    first = plain(page.partition('<li class="guard')[2].partition("</li>")[0])
    assert "Nothing leaves while the agreement is suspended" in first, "what is broken stands first"
    assert re.search(r"The request: .+ to .+: share\. .+ For: \w+", first)
    assert "What it tells" in first and "About" in first
    assert "&#34;act&#34;: &#34;share&#34;" in page, "the whole request, to ask the gate again"
    assert "1 broken" not in plain(sam.get(f"/agreements/{FRONTEX}").text), "a draft proves nothing of it"
    sam.post("/language", {"language": "fr", "back": "/"})
    said = plain(sam.get(f"/agreements/{FRONTEX}/proof?texts=goes-on").text)
    sam.post("/language", {"language": "en", "back": "/"})
    for words in ("brisée", "Rien ne sort pendant que l’accord est suspendu", "La demande :", "prouvé"):
        assert words in said, words
    assert "Nothing leaves" not in said and "attend une pièce" in said


def test_a_mistake_in_a_draft_is_told_and_nothing_waits(sam: Browser, home: Path) -> None:
    drafted(home, "astray", FRONTEX, ("eu-uk-tca-title-II-prum", "no-such-agreement"))
    sam.get(f"/agreements/{FRONTEX}/proof")
    answer = sam.post(f"/agreements/{FRONTEX}/proof", {"texts": "astray"})
    assert answer.status_code == 400 and re.search(r"toml, line \d+", plain(answer.text))
    assert sam.post(f"/agreements/{SMALL}/proof", {"texts": "../astray"}).status_code == 400


# ------------------------------------------------------------------------------ two versions


def test_a_draft_beside_what_is_in_force_shows_what_opens_and_which_words_did_it(
    sam: Browser, home: Path
) -> None:
    drafted(home, "forgets", FRONTEX, ('["claim_pending", "appeal_pending", ', '["appeal_pending", '))
    path = f"/agreements/{FRONTEX}/compare"
    assert "Choose a draft" in sam.get(path).text
    page = sam.post(path, {"texts": "forgets"}).text
    said = plain(page)
    assert "became permitted" in said and "International protection: claim pending" in said
    assert "What reads otherwise" in said and "pending-claims-and-groups" in said
    assert re.search(r"<del>[^<]*claim pending", page) and re.search(r"<ins>[^<]*appeal pending", page)


def test_a_draft_that_changes_nothing_is_said_to_change_nothing(sam: Browser, home: Path) -> None:
    drafted(home, "copy", SMALL)
    sam.get(f"{ABOUT}/compare")
    said = plain(sam.post(f"{ABOUT}/compare", {"texts": "copy"}).text)
    assert "What leaves is the same for every request" in said and "Not a word." in said


def test_without_a_draft_there_is_nothing_to_compare_and_no_button(sam: Browser, home: Path) -> None:
    page = sam.get(f"{ABOUT}/compare").text
    assert "There is no draft on this node." in page and f'action="{ABOUT}/compare"' not in page
    assert "/compare" not in sam.get(ABOUT).text


# ------------------------------------------------------------------------------ many at once


@pytest.fixture
def kept(made: Night) -> Kept:
    register = made.node.register
    return Kept(agreement="x", version=1, digest="sha256:0", texts=register.texts_digest, day=NIGHT.date(),
                until=None, at=NIGHT, guards=())  # fmt: skip


def test_forty_people_who_press_at_once_have_it_proved_once(kept: Kept) -> None:
    runs: list[int] = []

    def act() -> Kept:
        runs.append(1)
        return kept

    async def press() -> None:
        desk, key = Desk(), ("proof", "x", "")
        asked = [desk.asked(key) for _ in range(40)]
        assert asked == [True, *([False] * 39)] and desk.before(key) == 0
        await desk.work(key, act)
        assert desk.before(key) is None and desk.found[key] is kept

    asyncio.run(press())
    assert len(runs) == 1


def test_never_two_are_proved_at_a_time_and_each_knows_how_many_are_before_it(kept: Kept) -> None:
    running, most, lock = 0, 0, Lock()

    def act() -> Kept:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        sleep(0.005)
        with lock:
            running -= 1
        return kept

    async def press() -> None:
        desk = Desk()
        keys = [("proof", f"x{n}", "") for n in range(8)]
        assert all(desk.asked(key) for key in keys)
        assert [desk.before(key) for key in keys] == list(range(8))
        await asyncio.gather(*(desk.work(key, act) for key in keys))
        assert not desk.waiting

    asyncio.run(press())
    assert most == 1


def test_a_row_that_is_full_says_so_and_takes_nobody_more() -> None:
    desk = Desk()
    assert all(desk.asked(("proof", f"x{n}", "")) for n in range(WAITING_MAX))
    late = ("proof", "late", "")
    assert not desk.asked(late)
    assert "too many" in desk.failed[late].message and len(desk.waiting) == WAITING_MAX


def test_what_fails_is_told_once_and_leaves_the_row(kept: Kept) -> None:
    def fails() -> Kept:
        raise UsageError("`x` is no draft of this node", field="texts")

    async def press() -> None:
        desk, key = Desk(), ("proof", "x", "gone")
        assert desk.asked(key)
        await desk.work(key, fails)
        assert not desk.waiting and "no draft" in desk.failed[key].message
        assert desk.asked(key) and key not in desk.failed
        with pytest.raises(ZeroDivisionError):
            await desk.work(key, lambda: replace(kept, version=1 // 0))
        assert not desk.waiting, "what nobody foresaw leaves the row, too"

    asyncio.run(press())


def test_who_waits_is_told_so_and_the_page_asks_by_itself_and_by_a_link(
    made: Night, sam: Browser, home: Path
) -> None:
    desk: Desk = sam.client.app.state.desk
    desk.waiting += [("proof", "other", ""), ("proof", SMALL, "")]
    try:
        page = sam.get(f"{ABOUT}/proof").text
        assert "It waits for its turn. Before it: 1" in plain(page)
        assert 'hx-trigger="every 2s"' in page and "Look again" in page and "Prove it now" not in plain(page)
    finally:
        desk.waiting.clear()
    assert 'hx-trigger="every 2s"' not in sam.get(f"{ABOUT}/proof").text


# ------------------------------------------------------------------------------ words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_why_something_is_not_known_is_said_in_words(made: Night, language: str) -> None:
    visit = Visit(made.node, None, "", language, "UTC", NIGHT, "/")
    french = language == "fr"
    assert breach.why(visit, NO_TIME) == [say_in(language)(NO_TIME)]
    assert (breach.why(visit, NO_TIME) != [NO_TIME]) == french
    (late,) = breach.why(visit, "the solver found nothing within 5 seconds")
    assert "5" in late and ("solveur" in late) == french
    waits = "waits for a paper, or is not in force: "
    told = breach.why(visit, f"{waits}link for detect; {waits}link for prevent; no request can be served: x")
    assert len(told) == 2 and told[0].count("link") == 1
    assert breach.why(visit, "something that nobody foresaw") == [say_in(language)(breach.FAILED)]
    assert breach.why(visit, "") == []


def test_every_word_of_every_proof_has_its_french(made: Night, home: Path) -> None:
    say = say_in("fr")
    for one in proofs_asked.proved(made.node, SMALL, NIGHT).guards:
        assert say(one.says) != one.says and say(one.law) != one.law, one.name


def test_what_ends_is_said_on_the_page_with_what_breaks_on_that_day(sam: Browser) -> None:
    said = plain(sam.get("/agreements/uk-fr-2026-2029").text)
    assert "What ends, and what breaks on that day" in said and "1 April 2029: in 861 days" in said
    assert "permits nothing more Dunkirk announcement, 23 April 2026" in said and "had ended on" in said
    assert "What ends, and what breaks" not in plain(sam.get(f"/agreements/{FRONTEX}").text)


def test_what_an_address_says_is_never_taken_for_html(sam: Browser, home: Path) -> None:
    page = sam.get("/agreements/%3Cscript%3E/proof?texts=%3Cscript%3E").text
    main = page.partition("<main")[2].partition("</main>")[0]
    assert "On the draft" in main and "<script>" not in main
