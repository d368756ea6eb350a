"""docs/law/agreements.md says what the agreement files say today."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_agreements_is_the_files() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "law" / "agreements.py"))["page"]()
    written = (ROOT / "docs" / "law" / "agreements.md").read_text(encoding="utf-8")
    assert made == written, "run: python docs/law/agreements.py"


def test_the_table_names_every_agreement_and_every_unread_paragraph() -> None:
    table = runpy.run_path(str(ROOT / "docs" / "law" / "agreements.py"))
    written = (ROOT / "docs" / "law" / "agreements.md").read_text(encoding="utf-8")
    for text in table["files"]():
        assert f"\n## {text['id']}\n" in written
        assert table["unread"](text), f"{text['id']} says nothing is left to read"
        for paragraph in table["unread"](text):
            assert paragraph in written
