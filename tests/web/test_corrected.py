"""What was corrected is not passed on in its old words unread; restriction from a page; words for choices.
All persons and events are invented.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cordiale.errors import PayloadError
from cordiale.node import judgements, notices, people, recalls_told, reports, rescue
from cordiale.node.papers import Draft
from cordiale.web import trays
from cordiale.web.faults import in_words, told
from cordiale.web.words import say_in
from tests.web.pages import Browser, Night, distress, intelligence, night
from tests.web.test_pages import plain


@pytest.fixture
def made() -> Iterator[Night]:
    found = night()
    found.simulation.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    for _ in range(40):
        found.simulation.step()
    found.simulation.settle()
    yield found
    found.close()


def correct(made: Night) -> str:
    """France says that its report is wrong; the line of it in the UK's in-tray."""
    sea = made.simulation
    (line,) = reports.inbox(made.node, people.officer(made.node, "nca"))
    node, officer = sea.officer("FR/oltim")
    notices.recall(node, officer, sea.sent["hulls"][1], "inaccurate", action="correct", paths=("title",))
    for _ in range(6):
        sea.step()
    sea.settle()
    return line.reference


def test_the_page_that_passes_on_asks_about_a_correction_and_sends_nothing_until_it_is_answered(
    made: Night,
) -> None:
    reference, chief = correct(made), Browser(made, "chief")
    there = f"/message/{reference}/forward"
    assert "This message was corrected: these are its old words" in plain(chief.get(there).text)
    asked = chief.post(there, {"recipients": "FRONTEX/frontex", "send": "1"})
    assert asked.status_code == 400 and "It was corrected: pass on the message" in plain(asked.text)
    assert reports.outbox(made.node, people.officer(made.node, "chief")) == []
    number = re.search(r'name="despite" value="(\d+)"', asked.text)
    assert number is not None
    answers = {"recipients": "FRONTEX/frontex", "send": "1", "despite": number[1]}
    sent = chief.post(there, answers)
    assert "It was corrected: pass on the message" not in plain(sent.text)


def test_lists_of_purposes_and_acts_say_words_that_a_person_uses(made: Night) -> None:
    sam = Browser(made, "sam")
    html = sam.get("/question").text + sam.get("/inbox").text
    raws = ("aml cft", "own record", "vetting child work", "eu institution")
    for raw in (*raws, "measure", "executive", "reuse", "view"):
        assert f">{raw}</option>" not in html, raw
    assert "fighting money laundering" in html and "take a measure against a person" in html


def sent_by_kit(made: Night) -> tuple[Browser, str]:
    """A British report that France has, and its page."""
    sea = made.simulation
    sea.send("UK/nca", intelligence(), "FR/oltim", name="ours")
    for _ in range(40):
        sea.step()
    sea.settle()
    line = next(one for one in reports.outbox(made.node, people.officer(made.node, "chief")) if one.message)
    return Browser(made, "chief"), line.reference


def test_a_message_is_restricted_from_its_page_and_the_holder_keeps_to_it(made: Night) -> None:
    chief, reference = sent_by_kit(made)
    page = chief.get(f"/message/{reference}?purpose=investigate")
    assert 'value="restrict"' in page.text and "Never to these Sides" in page.text
    there = f"/message/{reference}/recall"
    words = {"action": "restrict", "reason": "new_restriction", "purpose": "investigate"}
    chief.post("/purpose", {"purpose": "investigate"})
    assert "Say what is no longer allowed" in chief.post(there, words).text
    wrong = chief.post(there, {**words, "never_to": "ZZ"})
    assert wrong.status_code == 400 and "No Side has this code" in wrong.text
    done = chief.post(there, {**words, "limits": "no_onward", "use_only": "investigate", "never_to": "RS"})
    assert done.status_code == 200 and done.url.path == there
    for _ in range(6):
        made.simulation.step()
    fr, reader = made.simulation.officer("FR/oltim")
    (came,) = [one for one in reports.inbox(fr, reader) if one.type == "intelligence_report"]
    opened = reports.open_message(fr, reader, came.reference, purpose="an invented check")
    kept = opened.restrictions
    assert kept["onward"] == "never" and kept["never_to"] == ["RS"] and kept["use_only"] == ["investigate"]


def test_a_slip_in_a_recall_is_told_on_the_message_that_was_opened_for_its_purpose(made: Night) -> None:
    """A reader without a purpose for the whole tray was asked for one, and the mistake was lost."""
    chief, reference = sent_by_kit(made)
    page = chief.get(f"/message/{reference}?purpose=investigate").text
    way = re.search(rf'action="(/message/{reference}/recall[^"]*)"', page)
    assert way is not None
    slip = chief.post(way[1].replace("&amp;", "&"), {"action": "recall", "reason": ""})
    assert slip.status_code == 400 and "Say why it is recalled" in slip.text
    assert "For what do you read this?" not in slip.text


def test_parts_that_are_wrong_are_named_from_the_page_and_told_to_the_holder(made: Night) -> None:
    chief, reference = sent_by_kit(made)
    chief.post("/purpose", {"purpose": "investigate"})
    page = chief.get(f"/message/{reference}")
    assert re.search(r'name="paths"[^>]*value="title"', page.text)
    words = {"action": "correct", "reason": "inaccurate", "paths": ["title"]}
    assert chief.post(f"/message/{reference}/recall", words).status_code == 200
    for _ in range(6):
        made.simulation.step()
    fr, reader = made.simulation.officer("FR/oltim")
    (came,) = [one for one in reports.inbox(fr, reader) if one.type == "intelligence_report"]
    assert recalls_told.standing(fr, reader, came.reference).notices[0].paths == ("title",)


# ------------------------------------------------------------------------------ words


def test_what_is_wrong_with_an_answer_is_said_in_french_with_what_was_typed() -> None:
    say = say_in("fr")
    wrong = {
        "is empty": "est vide",
        "`about forty` is no whole number": "`about forty` n’est pas un nombre entier",
        "has 700 characters, 500 may travel": "a 700 caractères, 500 peuvent partir",
        "must lie between 0 and 9": "doit être entre 0 et 9",
    }
    assert {english: in_words(say, english) for english in wrong} == wrong
    for english in wrong:
        assert in_words(say_in("en"), english) == english
    fault = PayloadError("is empty", field="title", way_out="Leave it out instead.")
    assert told(say, fault) == "est vide. Omettez-le plutôt."


def test_decisions_say_in_words_what_was_changed_after_a_refusal(made: Night) -> None:
    node, officer = made.node, people.officer(made.node, "nca")
    paper = intelligence()
    asks = {**paper["asks"], "purpose": "statistics"}
    draft = Draft(paper["type"], paper["body"], asks, ("FR/oltim",))
    assert reports.send(node, officer, draft).views[0].verdict == "refuse"
    reports.send(node, officer, replace(draft, asks=paper["asks"]))
    text = plain(Browser(made, "chief").get("/decisions").text)
    assert "the purpose" in text
    assert set(trays.CHANGED) == set(judgements.WATCHED), "each has its words"


def test_the_form_begins_with_what_is_typed_first(made: Night) -> None:
    text = Browser(made, "sam").get("/compose/intelligence_report").text
    places = [text.index(f'name="body.{one}"') for one in ("title", "narrative", "case_reference", "phones")]
    assert places == sorted(places)


def test_an_incident_of_our_own_says_not_confirmed_until_somebody_has_confirmed_it(made: Night) -> None:
    sea = made.simulation
    node, watch = sea.officer("UK/hm-coastguard")
    opened = rescue.open_distress(node, watch, distress(sea.clock.now()))
    assert not opened.sounding and not opened.is_confirmed
    sam = Browser(made, "sam")
    page = sam.get(f"/distress/{opened.reference}").text
    assert "NOT CONFIRMED</strong></h1>" in page and "50° 57.07′ N, 001° 25.33′ E" in page
    for _ in range(4):
        sea.step()
    sea.confirm("FR/cross-gris-nez")
    for _ in range(4):
        sea.step()
    assert rescue.distress(node, opened.reference).is_confirmed
    assert "confirmed</strong></h1>" in sam.get(f"/distress/{opened.reference}").text
