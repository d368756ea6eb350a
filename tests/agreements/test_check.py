"""A lawyer's first file in an empty folder: each mistake with file, line and the words to use. Invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordiale.agreements import Register
from cordiale.agreements.explain import check_folder
from cordiale.agreements.shape import MISTAKES_MAX
from cordiale.errors import AgreementFileError

NOTE = """id = "uk-nl-note"
title = "Note (invented)"
version = 1
kind = "agreement"
legal_nature = "arrangement"
source = "invented"
signed = 2026-02-20
[[validity]]
from = 2026-01-01
[[side]]
code = "UK"
[[side.authority]]
id = "nca"
[[side]]
code = "NL"
[[side.authority]]
id = "nl-police"
[[provision]]
id = "p1"
article = "Paragraph 2"
sentence = "Places are told."
source = "invented"
effect = "permit"
types = ["route_intelligence"]
acts = ["share"]
directions = ["UK>NL"]
purposes = ["prevent"]
granted = ["place"]
"""


def told(folder: Path, old: str, new: str) -> list[str]:
    """What is said of the note with one thing changed."""
    assert old in NOTE
    (folder / "note.toml").write_text(NOTE.replace(old, new, 1), encoding="utf-8")
    return [str(one) for one in check_folder(folder)]


def test_a_good_file_has_nothing_to_mend_and_loads(tmp_path: Path) -> None:
    assert told(tmp_path, "Note", "Note") == []
    assert Register.load(tmp_path).agreement("uk-nl-note") is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "way"),
    [
        ("2026-02-20", "2026-02-30", "line 7", "without quotes, and must exist"),
        ("2026-02-20", '"soon"', "line 7", "2026"),
        ('["place"]', '["plaec"]', "line 28", "Did you mean `place`"),
        ("granted", "grantd", "line 28", "Did you mean `granted`"),
        ('"route_intelligence"', '"route_inteligence"', "line 24", "`route_intelligence`"),
        ('"nl-police"', '"nl-polic"', "line 17", "`nl-police`"),
        ('"NL"', '"NX"', "line 15", "`NL`"),
        ('"UK>NL"', '"UK>NX"', "line 26", "`NL`"),
        ('granted = ["place"]', 'never_to = ["QQ"]', "line 28", "Did you mean"),
        ('source = "invented"\nsigned', "signed", "line 1", 'source = "the text, its article, where"'),
        ('source = "invented"\neffect', "effect", "line 19", 'source = "the text, its article, where"'),
        ('sentence = "Places are told."\n', "", "line 18", "`article` and `sentence`"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_words_to_use(
    tmp_path: Path, old: str, new: str, line: str, way: str
) -> None:
    found = told(tmp_path, old, new)
    assert any("note.toml" in one and line in one and way in one for one in found), found


def test_what_ships_has_a_source_for_every_line() -> None:
    assert check_folder() == ()


MANY = (
    ('"route_intelligence"', '"route_inteligence", "practise_note"'),
    ('"share"', '"shares"'),
    ('"UK>NL"', '"UK>NX"'),
    ("granted = ", "grantd = "),
    ('id = "nl-police"', 'id = "nl-polic"'),
    ("signed = 2026-02-20", 'signed = "soon"'),
    ("version = 1\n", ""),
)


def test_every_mistake_of_a_file_is_told_in_one_run_with_its_line(tmp_path: Path) -> None:
    text = NOTE
    for old, new in MANY:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "note.toml").write_text(text, encoding="utf-8")
    found = [str(one) for one in check_folder(tmp_path)]
    for word, line in (
        ("`route_inteligence`", 23), ("`practise_note`", 23), ("`shares`", 24), ("`grantd`", 27),
        ("`soon`", 6), ("`version` is missing", 1),
    ):  # fmt: skip
        assert any(word in one and f"note.toml, line {line}:" in one for one in found), (word, found)
    lines = [int(one.split(", line ")[1].split(":")[0]) for one in found]
    assert lines == sorted(lines), "they stand in the order of the file"


def test_what_points_nowhere_is_told_beside_what_is_not_a_word(tmp_path: Path) -> None:
    text = NOTE.replace('"share"', '"shares"').replace('"nl-police"', '"nl-polic"')
    (tmp_path / "note.toml").write_text(text, encoding="utf-8")
    found = "\n".join(map(str, check_folder(tmp_path)))
    assert "`shares`" in found and "`NL/nl-polic` is no authority of the register" in found


def test_what_only_follows_from_a_mistake_is_not_told_as_another(tmp_path: Path) -> None:
    assert len(told(tmp_path, '"share"', '"shares"')) == 1
    assert len(told(tmp_path, 'types = ["route_intelligence"]', "types = 3")) == 1


def test_a_file_with_a_mistake_never_decides(tmp_path: Path) -> None:
    told(tmp_path, '"share"', '"share", "shares"')
    with pytest.raises(AgreementFileError, match="shares"):
        Register.load(tmp_path)


def test_a_file_of_nothing_but_mistakes_ends(tmp_path: Path) -> None:
    rows = "".join(f'[[provision]]\nid = "{n}"\nodd = 1\n' for n in range(MISTAKES_MAX * 3))
    (tmp_path / "note.toml").write_text(NOTE + rows, encoding="utf-8")
    assert 0 < len(check_folder(tmp_path)) <= MISTAKES_MAX + 10


LETTER = """id = "letter"
kind = "suspension"
issued_by = "UK/nca (invented)"
agreement = "uk-nl-note"
source = "invented"
from = 2026-03-01
known_from = 2026-03-01
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "way"),
    [
        ("uk-nl-note", "uk-nl-notes", "line 4", "Did you mean `uk-nl-note`"),
        ("suspension", "suspention", "line 2", "Did you mean `suspension`"),
        ("known_from = ", "known_form = ", "line 7", "Did you mean `known_from`"),
        ('source = "invented"', 'provisions = ["p2"]', "line 5", "`p1`"),
        ('source = "invented"', 'for_sides = ["NX"]', "line 5", "`NL`"),
        ('source = "invented"', 'to_side = "NX"', "line 5", "`NL`"),
    ],
)
def test_a_record_that_would_do_nothing_is_a_mistake_with_its_line(
    tmp_path: Path, old: str, new: str, line: str, way: str
) -> None:
    texts, records = tmp_path / "texts", tmp_path / "records"
    texts.mkdir(), records.mkdir()
    (texts / "note.toml").write_text(NOTE, encoding="utf-8")
    (records / "letter.toml").write_text(LETTER, encoding="utf-8")
    assert check_folder(texts, records) == ()
    assert old in LETTER
    (records / "letter.toml").write_text(LETTER.replace(old, new, 1), encoding="utf-8")
    found = [str(one) for one in check_folder(texts, records)]
    assert any("letter.toml" in one and line in one and way in one for one in found), found


def test_a_record_of_a_shipped_agreement_may_stand_beside_a_draft(tmp_path: Path) -> None:
    texts, records = tmp_path / "texts", tmp_path / "records"
    texts.mkdir(), records.mkdir()
    (texts / "note.toml").write_text(NOTE, encoding="utf-8")
    (records / "letter.toml").write_text(LETTER.replace("uk-nl-note", "uk-rs-oic"), encoding="utf-8")
    assert check_folder(texts, records) == ()


def test_one_sentence_has_one_translation(tmp_path: Path) -> None:
    twin = 'sentence = "Places are told."\nsentences.fr = "{}"\n'
    first = NOTE.replace('sentence = "Places are told."\n', twin.format("Les lieux se disent."))
    other = NOTE.replace('sentence = "Places are told."\n', twin.format("On dit les lieux."))
    (tmp_path / "a.toml").write_text(first, encoding="utf-8")
    (tmp_path / "b.toml").write_text(other.replace("uk-nl-note", "uk-nl-other"), encoding="utf-8")
    found = [str(one) for one in check_folder(tmp_path)]
    assert any("b.toml, line 22" in one and "a.toml" in one for one in found), found
    (tmp_path / "b.toml").unlink()
    assert any("`frr`" in one for one in told_of(tmp_path, first.replace("sentences.fr", "sentences.frr")))


def told_of(folder: Path, text: str) -> list[str]:
    (folder / "a.toml").write_text(text, encoding="utf-8")
    return [str(one) for one in check_folder(folder)]


@pytest.mark.parametrize(
    ("old", "new", "line", "way"),
    [
        ('code = "NL"', 'code = "Netherlands"', "line 15", "Did you mean `NL`?"),
        ('id = "nca"', 'id = "national-crime-agency"', "line 13", "Did you mean `nca`?"),
        ("from = 2026-01-01", "from = 2026-01-01\nuntil = 2025-01-01", "line 10", "no longer counts"),
        ("signed = 2026-02-20", "signed = 20 February 2026", "line 7", "without quotes, and must exist"),
        ('title = "Note', "title = Note", "line 2", "Words stand in quotes"),
        ('["UK>NL"]', '["UK to NL"]', "line 26", "Write it like `UK>FR`"),
        ("[[provision]]", '[basis.UK_NL]\nmode = "none"\n[[provision]]', "line 18", "Write [basis.UK_to_FR]"),
        ('granted = ["place"]', 'granted = ["Place"]', "line 28", "Did you mean `place`"),
        ('types = ["route_intelligence"]', 'types = "route_intelligence"', "line 24", "must be a list"),
        ("version = 1", 'version = "1"', "line 3", "whole number"),
    ],
)
def test_what_a_lawyer_writes_first_is_met_with_the_way_out(
    tmp_path: Path, old: str, new: str, line: str, way: str
) -> None:
    found = told(tmp_path, old, new)
    assert any(f"note.toml, {line}:" in one and way in one for one in found), found
