"""How an agreement stands at this node, on its page; and its suspension by one person. All invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cordiale.agreements.register import SHIPPED
from cordiale.agreements.signed import Parcel
from cordiale.node import agreements_active as active
from cordiale.node import agreements_counting as counting
from cordiale.node import agreements_kept as kept
from cordiale.node.node import Node
from cordiale.officers import Account
from tests.web.pages import Browser, Night

ID = "uk-iq-2024"
ABOUT = f"/agreements/{ID}"
TWO = (
    Account("lea0000", "lea", "Lea (invented)", "nca", frozenset({"lawyer"})),
    Account("sue0000", "sue", "Sue (invented)", "nca", frozenset({"supervisor"})),
)


@pytest.fixture(autouse=True)
def _as_it_was(made: Night) -> Iterator[None]:
    """Other tests read the same node."""
    yield
    made.node.store.write(lambda tx: [tx.execute(one.delete()) for one in (kept.steps, kept.texts)])
    counting.recount(made.node)


def in_force(node: Node) -> None:
    """A second version that says more in its comments, as if both had signed it and it had been proved."""
    words = (
        (SHIPPED / "agreements" / f"{ID}.toml").read_text("utf-8").replace("version = 1\n", "version = 2\n")
    )
    parcel = Parcel("signed-in-baghdad.toml", words.encode())
    step = active.step_of(node, parcel.text(), active.Act.ACTIVATED, TWO)

    def act(tx: object) -> None:
        kept.keep_text(tx, parcel, at=datetime(2026, 11, 22, tzinfo=UTC))
        kept.keep_step(tx, step)

    node.store.write(act)
    counting.recount(node)


def test_what_ships_says_that_it_counts_as_it_ships(sam: Browser) -> None:
    assert "counts as it ships with Cordiale" in sam.get(ABOUT).text


def test_one_person_suspends_with_a_reason_and_the_page_says_so_at_once(made: Night, sam: Browser) -> None:
    answer = sam.post(f"{ABOUT}/suspend", {"reason": "an invented reason"})
    assert answer.status_code == 200 and "suspended at this node; rescue goes on" in answer.text
    assert "an invented reason" in answer.text and "Suspend it now" not in answer.text
    assert "suspended" in sam.get("/agreements").text
    assert [one.ground for one in made.node.register.records if one.kind == "suspension"] == [
        "an invented reason"
    ]


def test_a_suspension_without_a_reason_or_twice_is_refused_in_words(sam: Browser) -> None:
    answer = sam.post(f"{ABOUT}/suspend", {"reason": " "})
    assert answer.status_code == 400 and "It was not suspended" in answer.text
    assert "Why is it done?" in answer.text
    sam.post(f"{ABOUT}/suspend", {"reason": "an invented reason"})
    assert "is suspended already" in sam.post(f"{ABOUT}/suspend", {"reason": "again"}).text
    assert sam.post("/agreements/nothing/suspend", {"reason": "x"}).status_code == 400


@pytest.mark.parametrize("who", ["ada", "vic"])
def test_who_neither_oversees_nor_is_a_lawyer_is_not_offered_it_and_may_not(made: Night, who: str) -> None:
    browser = Browser(made, who)
    assert "Suspend it now" not in browser.get(ABOUT).text
    assert browser.post(f"{ABOUT}/suspend", {"reason": "x"}).status_code == 403
    assert not [one for one in made.node.register.records if one.kind == "suspension"]


def test_a_text_that_was_activated_is_shown_as_it_was_signed(made: Night, sam: Browser) -> None:
    in_force(made.node)
    page = sam.get(ABOUT).text
    assert "in force: signed by all Sides and proved here" in page and "replaced by a later version" in page
    assert "version 2" in page and "The file on the disk is no longer the one" not in page
    assert "The lines of the file, from line" in page


def test_the_same_in_french(sam: Browser) -> None:
    sam.post("/language", {"language": "fr", "back": "/"})
    page = sam.get(ABOUT).text
    sam.post("/language", {"language": "en", "back": "/"})
    assert "vaut tel que fourni avec Cordiale" in page and "Le suspendre maintenant" in page
