"""Languages and times: every string has its French, every moment its UTC."""

import re
from datetime import UTC, datetime

import pytest
from babel.messages.pofile import read_po

from cordiale.web.words import LOCALE, language_of, moment, say_in
from tests.web.strings import shown

PO = LOCALE / "fr" / "LC_MESSAGES" / "cordiale.po"


def test_every_string_that_a_page_can_show_has_its_french() -> None:
    held = read_po(PO.open("rb"), locale="fr")
    missing = [text for text in shown() if text not in held or not held[text].string]
    assert not missing, missing[:20]


def test_what_was_compiled_is_what_is_written() -> None:
    held, say = read_po(PO.open("rb"), locale="fr"), say_in("fr")
    stale = [one.id for one in held if one.id and say(str(one.id)) != one.string]
    assert not stale, f"run build_assets.py: {stale[:5]}"


def test_the_french_keeps_every_place_to_fill() -> None:
    say = say_in("fr")
    wrong = [t for t in shown() if re.findall(r"\{\w*\}", t) != re.findall(r"\{\w*\}", say(t))]
    assert not wrong, wrong


@pytest.mark.parametrize(
    ("header", "language"),
    [("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("de,en;q=0.7", "en"), ("", "fr"), ("xx", "fr"), ("FR", "fr")],
)
def test_the_first_language_that_is_spoken_here_is_taken(header: str, language: str) -> None:
    assert language_of(header, "fr") == language


def test_a_moment_says_utc_first_and_local_time_beside_it() -> None:
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert moment(at, "Europe/Paris", say_in("en")) == "22 November 2026, 23:30 UTC (23 November 00:30 Paris)"
    assert moment(at, "UTC", say_in("fr")) == "22 novembre 2026, 23:30 UTC"
    assert moment("2026-07-01T00:00:00Z", "Europe/London", say_in("en")).endswith("(01:00 London)")


def test_what_is_no_moment_is_shown_as_it_is() -> None:
    assert moment("soon", "UTC", say_in("en")) == "soon"
    assert moment(None, "UTC", say_in("en")) == ""
