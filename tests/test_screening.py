"""What free text may give away: each kind is found, plain words are not, and nothing is ever called safe."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.payloads import itemise
from cordiale.payloads.cooperation import Consignment
from cordiale.payloads.situation import LaunchAlert
from cordiale.payloads.specimens import SPECIMENS
from cordiale.screening import TEXT_CHARS_MAX, leaks, screen
from cordiale.terms import Category


@pytest.mark.parametrize(
    ("text", "words", "category"),
    [
        ("Ring +33 6 12 34 56 78 now.", "+33 6 12 34 56 78", Category.PHONE),
        ("ring 0770 0900 123", "0770 0900 123", Category.PHONE),
        ("Write to a.b@example.org today", "a.b@example.org", Category.EMAIL),
        ("posted by @boats_now on it", "@boats_now", Category.ONLINE_ACCOUNT),
        ("see https://invented.example/x", "https://invented.example/x", Category.ONLINE_ACCOUNT),
        ("a van, AB-123-CD, grey", "AB-123-CD", Category.VEHICLE),
        ("a van, AB12 CDE, grey", "AB12 CDE", Category.VEHICLE),
        ("a van, HH-AB 1234, grey", "HH-AB 1234", Category.VEHICLE),
        ("chassis WVWZZZ1JZXW000001 seen", "WVWZZZ1JZXW000001", Category.VEHICLE),
        ("passport no P1234567 was torn", "P1234567", Category.IDENTITY_DOCUMENT),
        ("passeport 20AB12345", "20AB12345", Category.IDENTITY_DOCUMENT),
        ("number 123456789 was given", "123456789", Category.IDENTITY_DOCUMENT),
        ("at 50.9123, 1.6512.", "50.9123, 1.6512", Category.POSITION),
        ("at 50°58.4'N 001°47.2'E", "50°58.4'N 001°47.2'E", Category.POSITION),
        ("paid to GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32", Category.FINANCE),
        ("he was born on 17/05/1990", "17/05/1990", Category.BIRTH),
        ("the ship IMO 9074729", "IMO 9074729", Category.VESSEL_ID),
        ("a man named Omar Beispiel drove", "Omar Beispiel", Category.NAME),
        ("they met Karim at the depot", "Karim", Category.NAME),
        ("Jean-Luc Exemple left early", "Jean-Luc Exemple", Category.NAME),
        ("the driver Юлия Щеглова", "Юлия Щеглова", Category.NAME),
        ("the driver عمر", "عمر", Category.NAME),
        ("three Eritreans hid", "three Eritreans", Category.VULNERABILITY),
        ("there were 4 young men", "4 young men", Category.VULNERABILITY),
        ("a family of five waited", "family of five", Category.VULNERABILITY),
        ("she is pregnant", "pregnant", Category.HEALTH),
        ("he asked for asylum", "asylum", Category.ASYLUM),
        ("they are Yazidis", "Yazidis", Category.BELIEF),
        ("our source said so", "our source", Category.ASSOCIATION),
    ],
)
def test_what_may_point_to_somebody_is_shown_with_its_kind(text: str, words: str, category: Category) -> None:
    found = {(span.words(text), span.category) for span in screen(text)}
    assert (words, category) in found
    assert all(span.why for span in screen(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The boat left the beach at 04:10 and turned back.",
        "Patrols near Calais and Gravelines saw about 45 persons on Tuesday 3 November 2026.",
        "Prices rose from EUR 1,500 to EUR 1,800 in 2026.",
        "Launches moved south. Weather was calm. Three nights were busy.",
        "On 2026-11-21 at 23:40 UTC the Coastguard was told.",
    ],
)
def test_plain_words_about_nobody_are_left_alone(text: str) -> None:
    assert screen(text) == ()


def test_names_of_the_case_are_found_in_any_capitals() -> None:
    text = "erfunden was seen, and ERFUNDEN again; erfundenes was not"
    found = [span.start for span in screen(text, names=["Erfunden"])]
    assert found == [0, 23]


def test_a_leaf_about_nobody_that_holds_somebody_is_found() -> None:
    alert = SPECIMENS["launch_alert", "report"]
    assert isinstance(alert, LaunchAlert)
    assert leaks(itemise(alert)) == ()
    sly = LaunchAlert(
        alert_id="a", kind=alert.kind, seen_at=alert.seen_at, position=alert.position,
        place="behind the house of Omar Beispiel, +33 6 12 34 56 78",
    )  # fmt: skip
    found = {(leak.path, leak.span.category) for leak in leaks(itemise(sly))}
    assert found == {("place", Category.NAME), ("place", Category.PHONE)}


def test_leaves_that_are_about_persons_anyway_are_no_leaks() -> None:
    consignment = SPECIMENS["consignment", "report"]
    assert isinstance(consignment, Consignment)
    assert "traders.0.name" not in {leak.path for leak in leaks(itemise(consignment))}


def test_what_was_too_long_to_be_screened_is_said() -> None:
    spans = screen("a " * (TEXT_CHARS_MAX // 2 + 10))
    assert spans[-1].category is Category.FREE_TEXT and "too long" in spans[-1].why


@given(st.text(max_size=300))
def test_spans_lie_in_the_text_in_order_and_never_overlap(text: str) -> None:
    spans = screen(text)
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
