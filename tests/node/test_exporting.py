"""Exports and what lapses, joined: the forms, the language, the summary of proofs, the lines for people."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from cordiale.agreements import Register
from cordiale.errors import UsageError
from cordiale.node import agreements, exporting, lapsing
from cordiale.web.words import say_in
from cordiale.world import SystemDisk

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUNKIRK = datetime(2029, 3, 25, 12, tzinfo=UTC)


@cache
def register() -> Register:
    return Register.load()


@pytest.mark.parametrize(("form", "start"), [("odrl", b"{"), ("akoma", b"<?xml"), ("pdf", b"%PDF-")])
def test_each_form_is_what_it_says(form: str, start: bytes) -> None:
    assert exporting.exported(register(), "uk-xk-2024", form, AT).startswith(start)


def test_a_form_or_an_id_that_is_not_known_is_refused_with_the_way_out() -> None:
    with pytest.raises(UsageError, match="doc") as wrong:
        exporting.exported(register(), "uk-xk-2024", "doc", AT)
    assert "odrl, akoma, pdf" in wrong.value.way_out
    with pytest.raises(UsageError, match="uk-xk") as wrong:
        exporting.exported(register(), "uk-xk", "odrl", AT)
    assert "uk-xk-2024" in wrong.value.way_out


def test_a_document_is_written_in_the_language_asked_for() -> None:
    voice = agreements.voiced(register(), "fr", say_in("fr"))
    raw = exporting.exported(register(), "uk-xk-2024", "akoma", AT, voice=voice)
    assert b'FRBRlanguage language="fra"' in raw and b"Squelette" in raw


@pytest.mark.parametrize(
    ("status", "holds", "told"),
    [("proved", True, "proved"), ("proved", False, "unknown"), ("refuted", False, "refuted")],
)
def test_a_proof_that_the_small_checker_did_not_check_again_is_not_told_as_one(
    status: str, holds: bool, told: str
) -> None:
    assert exporting._status(status, holds) == told


def test_a_folder_that_takes_nothing_is_a_fault_of_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UsageError, match="cannot be written"):
        exporting.write(b"raw", tmp_path / "file" / "x.json", SystemDisk())


# ------------------------------------------------------------------------------ what lapses


def test_the_days_are_told_with_what_stops_and_the_gates_reason() -> None:
    lines = lapsing.told(lapsing.due(register(), DUNKIRK, 10))
    assert lines[0] == "2029-04-01, in 7 days"
    assert lines[1].startswith("  agreement `uk-fr-2026-2029` ends: UK-France border deal")
    assert lines[2].startswith("  STOPS  uk-fr-2026-2029/programme (Dunkirk announcement")
    assert "had ended on 2029-04-01" in lines[3]


def test_in_french_the_lines_and_the_gates_reason_are_french() -> None:
    voice = agreements.voiced(register(), "fr", say_in("fr"))
    lines = lapsing.told(lapsing.due(register(), DUNKIRK, 10), voice)
    assert lines[0] == "2029-04-01, dans 7 jours"
    assert lines[2].startswith("  CESSE  ")
    assert "had ended" not in lines[3] and "2029-04-01" in lines[3]


def test_what_no_longer_leaves_is_named_where_the_line_goes_on() -> None:
    row = {
        "on": "2031-12-28",
        "left_days": 3,
        "dated": [],
        "opens": ["a/b"],
        "breaks": [
            {"agreement": "a", "provision": "c", "article": "Art 1", "how": "gives less", "ways": ["UK>EU"]}
            | {"regimes": ["crime"], "lost": ["vessel_id"], "why": "because", "why_article": "Art 2"}
        ],
    }
    lines = lapsing.told([row])
    assert "  GIVES LESS  a/c (Art 1), UK>EU" in lines
    assert "      because [Art 2]" in lines
    assert "      no longer leaves: vessel id" in lines
    assert "  gives more: a/b" in lines


@pytest.mark.parametrize("days", [0, -1, 4000])
def test_a_time_that_is_no_time_ahead_is_refused(days: int) -> None:
    with pytest.raises(UsageError, match="within"):
        lapsing.due(register(), AT, days)
