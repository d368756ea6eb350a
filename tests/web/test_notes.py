"""The notes of alarms in the reader's language, beside the note as it was written. Invented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import cordiale
from cordiale.node import exchange
from cordiale.web.notes import NOTES, noted
from cordiale.web.words import say_in
from tests.web.pages import Browser, Night
from tests.web.test_alarms import raise_one, settle_all

SOURCE = Path(cordiale.__file__).parent


def written() -> set[str]:
    """Every sentence in the source of node and exchange, with {} for what is put in now or later."""
    found = set()
    for path in (*(SOURCE / "node").glob("*.py"), *(SOURCE / "exchange").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
                found.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.sub(r"\{\w+\}", "{}", node.value))
    return found


def test_every_note_that_has_its_french_is_a_note_that_a_node_makes() -> None:
    here = written()
    assert not [note for note in NOTES if re.sub(r"\{\w+\}", "{}", note) not in here]


def test_a_note_is_told_in_french_with_what_was_put_in() -> None:
    say = say_in("fr")
    note = "`uk-nca` could not be reached: timed out"
    assert noted(say, note) == "`uk-nca` n’a pu être joint : timed out"
    for one in NOTES:
        told = noted(say, re.sub(r"\{(\w+)\}", r"<\1>", one))
        assert told and all(f"<{name}>" in told for name in re.findall(r"\{(\w+)\}", one)), one


def test_a_note_without_twin_and_every_note_in_english_stand_as_they_were_written() -> None:
    assert noted(say_in("fr"), "something that nobody foresaw") == ""
    assert noted(say_in("en"), "it claims to be from `fr-cross`") == ""


def test_the_page_shows_the_french_and_the_note_itself(made: Night, ada: Browser) -> None:
    note = "it was restored from a backup and has lost 3 messages that it had confirmed"
    raise_one(made, "partner_behind", note)
    ada.post("/language", {"language": "fr", "back": "/"})
    page = ada.get("/alarms").text
    ada.post("/language", {"language": "en", "back": "/"})
    assert note in page and "a été rétabli depuis une sauvegarde et a perdu 3 messages" in page
    assert exchange.alarms(made.node)
    settle_all(made)
