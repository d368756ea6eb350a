"""Other people's words on a terminal: they steer nothing, and everything in them can be seen."""

from __future__ import annotations

import json

import pytest

from cordiale.cli import telling
from cordiale.cli.visible import visible

EVIL = "\x1b[2J\x1b]52;c;ZXZpbA==\x07 all well \x9b31m\u202egro.live\u2066\r\u2028"


@pytest.mark.parametrize(
    "mark", ["\x1b", "\x07", "\x9b", "\r", "\x00", "\u202e", "\u2066", "\u2028", "\ud800"]
)
def test_nothing_that_steers_a_terminal_gets_through(mark: str) -> None:
    assert visible(f"a{mark}b") == f"a\\u{ord(mark):04x}b"


def test_words_of_every_script_stay_as_they_are() -> None:
    for words in (
        "two\nlines\tand a tab",
        "Fécamp\u202f: 3",
        "محمد\u200cرضا",
        "Владимир",
        "東京",
        "👩\u200d🚒",
    ):
        assert visible(words) == words


def test_a_partner_s_title_in_a_table_a_field_and_a_fault_clears_no_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telling.rows([{"title": EVIL, "peer": "x"}], False, "messages")
    telling.rows([{"title": EVIL * 40, "peer": "x"}], False, "messages")
    telling.fields({"says": EVIL, "list": [EVIL]}, False)
    telling.progress(EVIL)
    told = capsys.readouterr()
    for one in "\x1b\x07\x9b\u202e\u2066\r\u2028":
        assert one not in told.out + told.err, hex(ord(one))
    assert "all well" in told.out and "\\u001b" in told.out


def test_json_is_still_the_same_value_for_who_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    telling.print_json({"title": EVIL, "name": "Fécamp \U000e0041"})
    told = capsys.readouterr().out
    assert "\u202e" not in told and "\x9b" not in told
    assert json.loads(told) == {"title": EVIL, "name": "Fécamp \U000e0041"}
