"""Names across scripts: known spellings, ways back that are true, and folding that finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.scripts import (
    SPELLINGS_MAX,
    Script,
    fold,
    folded_forms,
    possible_originals,
    script_of,
    to_latin,
)


@pytest.mark.parametrize(
    ("name", "language", "latin"),
    [
        ("Юлия Щеглова", "", "IULIIA SHCHEGLOVA"),
        ("Хрущёв", "", "KHRUSHCHEV"),
        ("Жељко", "sr", "ZELJKO"),
        ("Црња", "sr", "CRNJA"),
        ("Гриценко", "uk", "HRYTSENKO"),
        ("Müller", "", "MUELLER"),
        ("Ångström", "", "AANGSTROEM"),
        ("Þórður", "", "THORDUR"),
        ("Straße", "", "STRASSE"),
        ("Łódź", "", "LODZ"),
        ("Đorđe", "", "DORDE"),
        ("O'Neil", "", "ONEIL"),
        ("Παπαδόπουλος", "", "PAPADOPOULOS"),
        ("Ευάγγελος", "", "EVANGELOS"),
        ("Ευθύμιος", "", "EFTHYMIOS"),
        ("Χριστός", "", "CHRISTOS"),
    ],
)
def test_names_become_what_a_passport_would_say(name: str, language: str, latin: str) -> None:
    assert to_latin(name, language) == latin


def test_letters_of_a_script_that_is_not_known_stay_so_that_nothing_vanishes() -> None:
    assert to_latin("عمر") == "عمر"
    assert script_of("عمر") is Script.OTHER
    assert [script_of(x) for x in ("Ada", "Ада", "Άδα", "12")] == [
        Script.LATIN,
        Script.CYRILLIC,
        Script.GREEK,
        Script.OTHER,
    ]


def test_the_likeliest_way_back_comes_first_and_every_way_is_true() -> None:
    ways = possible_originals("IULIIA", Script.CYRILLIC)
    assert ways[0] == "ЮЛИЯ"
    assert all(to_latin(w) == "IULIIA" for w in ways) and len(set(ways)) == len(ways)
    assert possible_originals("PAPADOPOULOS", Script.GREEK)[0] == "ΠΑΠΑΔΟΠΟΥΛΟΣ"
    assert "ЖЕЉКО" in possible_originals("ZELJKO", Script.CYRILLIC, "sr", limit=200)


def test_there_is_no_way_back_for_what_no_letter_spells() -> None:
    assert possible_originals("QWX", Script.CYRILLIC) == ()
    assert possible_originals("ADA", Script.LATIN) == ()
    assert possible_originals("", Script.GREEK) == ()


def test_a_long_name_has_a_limit_of_ways_back() -> None:
    assert len(possible_originals("IIIIIIIIIIIIII", Script.CYRILLIC, limit=10_000)) <= SPELLINGS_MAX


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MÜLLER", "muller"),
        ("Al-Hassan, Omar", "al hassan omar"),
        ("  Søren ", "soren"),
        ("Đorđević", "dordevic"),
        ("Юлия", "iuliia"),
    ],
)
def test_spellings_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == other


def test_a_name_is_found_under_each_of_its_usual_spellings() -> None:
    assert {"muller", "mueller"} <= folded_forms("Müller")
    assert {"zeljko", "zheljko"} <= folded_forms("Жељко")
    assert folded_forms("") == frozenset()


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == " ".join(once.split())
