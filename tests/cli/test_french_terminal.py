"""The gate's answers on a French terminal: sentences and articles in French, the answer itself as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.test_commands import AT, Run, papers, request, run, written

__all__ = ["run"]


def asked(tmp_path: Path) -> str:
    paper = papers.claimant_report("IQ/iq-contact-point")
    return written(tmp_path, request(paper, "IQ/iq-contact-point", "UK/home-office"))


def test_the_answer_in_json_stays_and_its_french_stands_beside_it(run: Run, tmp_path: Path) -> None:
    words = ("decide", asked(tmp_path), "--at", f"{AT:%Y-%m-%d}", "--json")
    code, english, _ = run(*words, "--language", "en")
    again, french, _ = run(*words, "--language", "fr")
    plain, told = json.loads(english), json.loads(french)
    twins = told.pop("fr")
    assert (code, again) == (1, 1) and told == plain and "fr" not in plain
    for failure in plain["failures"]:
        assert twins[failure["article"]] != failure["article"]
        assert twins[failure["sentence"]] != failure["sentence"]


@pytest.mark.parametrize("name", ["LC_ALL", "LC_MESSAGES", "LANG"])
def test_a_french_terminal_is_answered_in_french(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for one in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv(name, "fr_FR.UTF-8")
    code, out, _ = run("decide", asked(tmp_path), "--at", f"{AT:%Y-%m-%d}")
    assert code == 1 and out.startswith("REFUSÉ") and "onvention de Genève de 1951" in out
    _, lines, _ = run("agreement", "explain", "eu-led-2016-680")
    assert "Directive (UE) 2016/680, art. 9(3)-(4)" in lines


def test_a_terminal_of_another_language_is_answered_in_english(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    code, out, _ = run("decide", asked(tmp_path), "--at", f"{AT:%Y-%m-%d}")
    assert code == 1 and out.startswith("REFUSE ")


def test_a_language_that_is_not_spoken_is_a_mistake_with_the_way_out(run: Run, tmp_path: Path) -> None:
    code, _, err = run("decide", asked(tmp_path), "--language", "xx")
    assert code == 2 and "Use one of: en, fr." in err
