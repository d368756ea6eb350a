"""What a pasted article becomes, what is suggested of it, and who confirms it. All texts are invented."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from cordiale.agreements import drafting
from cordiale.agreements.drafting import (
    Act,
    Done,
    Origin,
    is_confirmed,
    is_known,
    line_digest,
    line_id,
    standing_answers,
    suggested,
    toml,
    unconfirmed_line,
)
from cordiale.agreements.pasted import Paragraph
from cordiale.agreements.vocabulary import INFORMATION_TYPES
from cordiale.terms import Act as Asked
from cordiale.terms import Purpose

ONE = Paragraph("Article 7(1)(b)", "The Sides shall not pass on names.", 3)
ORIGIN = Origin(where="Invented Journal 7, page 2", on=date(2026, 11, 22), by="Sam Example (invented)")
LINE = unconfirmed_line(ONE, ORIGIN, "Invented Accord")


def done(*acts: tuple[Act, str, str]) -> list[Done]:
    return [Done(act=act, officer=officer, digest=digest) for act, officer, digest in acts]


PASTED = (Act.PASTED, "sam", "d0")
WRITTEN = (Act.WRITTEN, "sam", "d1")


def test_a_pasted_article_comes_in_unconfirmed_with_source_and_the_paragraph_to_read() -> None:
    assert LINE["confidence"] == "unconfirmed" and LINE["effect"] == "restrict"
    assert LINE["read"] == "Invented Accord, Article 7(1)(b)"
    assert LINE["source"] == "Invented Journal 7, page 2; pasted on 2026-11-22 by Sam Example (invented)"
    assert LINE["id"] == "article-7-1-b" and "types" not in LINE


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert line_id("Article 1", ["article-1", "article-1-2"]) == "article-1-3"
    assert line_id("§") == "line"


def test_a_line_is_toml_that_says_the_same_whatever_stands_in_it() -> None:
    odd = LINE | {
        "sentence": 'with "quotes", \\ and\tnew\nlines \x7f é', "from": date(2027, 1, 1), "types": ["a", "b"],
        "onward": {"rule": "never", "n": 3, "live": True}, "sentences": {"fr": "œuvre"},
    }  # fmt: skip
    assert tomllib.loads(toml(odd))["provision"] == [odd]


def test_what_is_suggested_are_words_of_the_file_each_with_the_words_that_led_to_it() -> None:
    found = suggested("The Sides may share photographs to prevent launches; they shall not ask for DNA.")
    assert found.effects == (("refuse", "shall not"), ("permit", "may"))
    assert ("face_search", "photographs") in found.types and ("dna_search", "DNA") in found.types
    assert ("share", "share") in found.acts and found.purposes == (("prevent", "prevent"),)


def test_french_words_are_suggested_too_and_a_french_no_is_no_yes() -> None:
    found = suggested("Les Parties ne peuvent pas transmettre les empreintes digitales, sauf le sauvetage.")
    assert [word for word, _ in found.effects] == ["refuse"]
    assert "fingerprint_search" in dict(found.types) and "rescue" in dict(found.purposes)


def test_every_suggestion_is_a_word_that_the_file_knows() -> None:
    assert set(drafting._TYPES) <= set(INFORMATION_TYPES)
    assert set(drafting._ACTS) <= {str(one) for one in Asked}
    assert set(drafting._PURPOSES) <= {str(one) for one in Purpose}
    assert set(drafting._EFFECTS) <= set(drafting.EFFECTS)


@pytest.mark.parametrize("change", [{"sentence": "Nobody has."}, {"effect": "refuse"}, {"note": "x"}])
def test_any_change_of_the_words_is_another_digest(change: dict[str, str]) -> None:
    assert line_digest(LINE | change, "a") != line_digest(LINE, "a") != line_digest(LINE, "b")


def test_how_sure_a_line_is_is_no_part_of_its_digest() -> None:
    assert line_digest(LINE | {"confidence": "confirmed", "read": "x"}, "a") == line_digest(LINE, "a")


def test_two_people_who_did_not_write_it_confirm_a_line_and_one_does_not() -> None:
    one = done(PASTED, WRITTEN, (Act.YES, "kit", "d1"))
    assert not is_confirmed(one, "d1")
    assert not is_confirmed([*one, *done((Act.YES, "kit", "d1"))], "d1"), "the same person twice is one"
    assert is_confirmed([*one, *done((Act.YES, "lea", "d1"))], "d1")


@pytest.mark.parametrize("writer", ["sam", "ada"])
def test_whoever_pasted_or_ever_wrote_a_line_is_none_of_the_two(writer: str) -> None:
    acts = done(PASTED, (Act.WRITTEN, "ada", "d9"), WRITTEN, (Act.YES, "kit", "d1"), (Act.YES, writer, "d1"))
    assert not is_confirmed(acts, "d1") and set(standing_answers(acts, "d1")) == {"kit"}


def test_a_no_of_anybody_stands_in_the_way_until_they_say_yes() -> None:
    acts = done(PASTED, WRITTEN, *((Act.YES, one, "d1") for one in ("kit", "lea")), (Act.NO, "liv", "d1"))
    assert not is_confirmed(acts, "d1")
    assert is_confirmed([*acts, *done((Act.YES, "liv", "d1"))], "d1")


def test_any_later_change_takes_the_confirmation_away_and_changing_it_back_does_not_return_it() -> None:
    acts = done(PASTED, WRITTEN, (Act.YES, "kit", "d1"), (Act.YES, "lea", "d1"))
    assert is_confirmed(acts, "d1") and not is_confirmed(acts, "d2")
    back = [*acts, *done((Act.WRITTEN, "sam", "d2"), WRITTEN)]
    assert is_known(back, "d1") and not is_confirmed(back, "d1")


def test_words_that_nobody_wrote_here_are_not_known_and_never_confirmed() -> None:
    acts = done(PASTED, WRITTEN, (Act.YES, "kit", "d2"), (Act.YES, "lea", "d2"))
    assert not is_known(acts, "d2") and not is_confirmed(acts, "d2")
    assert not is_known([], "d1") and not is_confirmed([], "d1")
