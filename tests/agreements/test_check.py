"""A lawyer's first file in an empty folder: each mistake with file, line and the words to use. Invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordiale.agreements import Register
from cordiale.agreements.explain import check_folder

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
