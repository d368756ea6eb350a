"""What the pages call shown is shown: each row of the threat model names its tests, and they are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREATS = ROOT / "docs" / "explanation" / "threat-model.md"
PROVED = ROOT / "docs" / "explanation" / "what-is-proved.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [line for line in THREATS.read_text(encoding="utf-8").splitlines() if re.match(r"\| T\d+ \|", line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_a_row_names_the_tests_that_show_it_or_says_that_nothing_does(row: str) -> None:
    shown = row.strip().strip("|").split("|")[3]
    assert NAMED.search(shown) or shown.strip() == "nothing yet"


@pytest.mark.parametrize("page", [THREATS, PROVED], ids=["threat-model", "what-is-proved"])
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert named
    for file, test in named:
        assert (ROOT / file).is_file(), file
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
