"""`cordiale agreement export` and `due`: files that are never written over, exit codes, JSON, languages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cordiale import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def export(run: Run, form: str, file: str, *more: str) -> tuple[int, str, str]:
    return run("agreement", "export", "uk-xk-2024", "--as", form, "--out", file, *more)


def test_each_form_is_written_where_it_was_asked_for(run: Run, tmp_path: Path) -> None:
    for form, start in (("odrl", b"{"), ("akoma", b"<?xml"), ("pdf", b"%PDF-")):
        code, out, _ = export(run, form, f"x.{form}", "--json", "--at", "2026-11-22")
        raw = (tmp_path / f"x.{form}").read_bytes()
        assert (code, json.loads(out)["bytes"]) == (0, len(raw))
        assert raw.startswith(start)


def test_a_file_that_is_there_is_written_over_only_when_that_was_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("kept")
    code, _, err = export(run, "odrl", "x.json")
    assert code == 2 and "exists already" in err
    assert (tmp_path / "x.json").read_text() == "kept"
    assert export(run, "odrl", "x.json", "--replace")[0] == 0
    assert (tmp_path / "x.json").read_text() != "kept"


def test_what_a_node_lives_on_is_never_written_over(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code, _, err = export(run, "odrl", "home/card", "--home", "home", "--replace")
    assert code == 2 and "lives on" in err
    assert list(home.iterdir()) == []


def test_a_form_that_is_none_writes_nothing(run: Run, tmp_path: Path) -> None:
    code, _, err = export(run, "word", "x")
    assert code == 2 and "odrl, akoma, pdf" in err
    assert not (tmp_path / "x").exists()


def test_the_same_export_twice_is_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for form in ("odrl", "akoma", "pdf"):
        for name in ("a", "b"):
            assert export(run, form, f"{name}.{form}", "--at", "2026-11-22")[0] == 0
        assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()


def test_what_is_due_is_told_in_words_and_in_json(run: Run) -> None:
    code, out, _ = run("agreement", "due", "--within", "10", "--at", "2029-03-25")
    assert code == 0 and "STOPS  uk-fr-2026-2029/programme" in out
    code, out, _ = run("agreement", "due", "--within", "10", "--at", "2029-03-25", "--json")
    (day,) = json.loads(out)["due"]
    assert (code, day["on"], day["breaks"][0]["how"]) == (0, "2029-04-01", "stops")
    code, out, _ = run("agreement", "due", "--within", "10", "--at", "2029-03-25", "--language", "fr")
    assert "CESSE" in out


def test_when_nothing_is_due_that_is_said_and_no_time_at_all_is_refused(run: Run) -> None:
    code, out, err = run("agreement", "due", "--within", "5", "--at", "2026-11-22")
    assert (code, out) == (0, "") and "nothing ends, begins or is due within 5 days" in err
    assert run("agreement", "due", "--within", "0")[0] == 2
