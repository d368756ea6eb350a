"""Is what the doctor and a restore say to an operator said in French on a French terminal, values and all?"""

from __future__ import annotations

from pathlib import Path

import pytest

from cordiale import cli
from cordiale.node import found
from cordiale.node.backup import NEXT
from cordiale.node.home import Founding
from cordiale.node.saying import Said, said
from cordiale.seals import ScryptCost
from cordiale.web.words import say_in


def test_a_sentence_is_english_as_it_is_and_keeps_its_values_in_another_language() -> None:
    part = Said("the {part} has given no sign of life for {age} s", part=Said("keeper"), age="90")
    assert part == "the keeper has given no sign of life for 90 s"
    assert part.said(say_in("fr")) == "le gardien n’a donné aucun signe de vie depuis 90 s"
    assert said({"wrong": [part, "plain", 3]}, say_in("fr"))["wrong"][1:] == ["plain", 3]


def test_what_a_restore_leaves_to_do_is_said_in_french() -> None:
    assert NEXT.said(say_in("fr")) != NEXT and "cordiale doctor" in NEXT.said(say_in("fr"))


@pytest.mark.parametrize(
    ("language", "says"), [("fr_FR.UTF-8", "personne ne le fait tourner"), ("C", "nobody")]
)
def test_the_doctor_speaks_the_language_of_the_terminal_and_a_machine_reads_english(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    says: str,
) -> None:
    phrase = "an invented phrase for tests 7"
    (tmp_path / "phrase").write_text(phrase)
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented")
    secrets = (phrase, "four invented words together")
    found(tmp_path / "n", founding, secrets=secrets, cost=ScryptCost(n=1 << 10))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, language)
    line = ["doctor", "--home", str(tmp_path / "n"), "--passphrase-file", str(tmp_path / "phrase")]
    assert cli.main(line) == 1
    assert says in capsys.readouterr().out
    assert cli.main([*line, "--json"]) == 1
    assert "nobody runs it" in capsys.readouterr().out
