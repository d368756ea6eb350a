"""What the rooms say is wrong reaches a reader in their own language, whatever was put into the sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import cordiale
from cordiale.web.fault_words import SENTENCES
from cordiale.web.faults import FAULTS, WAYS_OUT, in_words
from cordiale.web.words import say_in
from tests.web.pages import Browser, Night

SOURCE = Path(cordiale.__file__).parent
ROOMS = (
    "officers", "reports", "payloads", "node/reports.py", "node/reports_begun.py", "node/reports_read.py",
    "node/drafts.py", "node/papers.py", "node/people.py", "node/recalls.py", "node/notices.py",
    "node/mending.py", "node/rescue.py", "node/rescue_shown.py", "node/attachments.py", "node/exchange.py",
    "node/ledger.py", "node/reach.py", "node/reading.py", "node/effects.py", "node/proofs_asked.py",
    "node/agreements_drafted.py", "node/drafting.py", "agreements/pasted.py",
)  # fmt: skip
"""Where the faults are raised that a page can show."""
OURS = ("TypeError", "ValueError")
"""Mistakes of a programmer: no person sees them."""


def sentences() -> Iterator[str]:
    """Every message and way out of a fault raised there, `{}` where something is put in."""
    for room in ROOMS:
        place = SOURCE / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            for one in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call):
                    yield from _said(one.exc)


def _said(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    if name.endswith("Error") and name not in OURS:
        ways = [one.value for one in call.keywords if one.arg == "way_out"]
        yield from filter(None, map(_template, [*call.args[:1], *ways]))


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
        return "".join(parts)
    return ""


def _bare(sentence: str) -> str:
    return re.sub(r"\{\w*\}", "{}", sentence)


def test_every_fault_that_a_page_can_show_has_its_sentence() -> None:
    raised = {one for one in sentences() if one.strip("{} ")}
    assert len(raised) > 150, "the search found too little: it looks for the wrong thing"
    known = {_bare(one) for one in (*FAULTS, *WAYS_OUT, *SENTENCES)}
    assert raised <= known, sorted(raised - known)


def test_what_was_put_into_a_sentence_stays_and_the_words_round_it_are_french() -> None:
    say = say_in("fr")
    assert in_words(say, "there is no message `x` here") == "il n’y a pas de message `x` ici"
    assert in_words(say, "the password has 5 characters") == "le mot de passe a 5 caractères"
    assert in_words(say, "") == ""
    assert in_words(say, "words that nobody foresaw") == "words that nobody foresaw"


def test_a_sentence_that_says_more_is_found_before_one_that_says_less() -> None:
    say = say_in("fr")
    assert in_words(say, "must be a list") == "doit être une liste"
    assert in_words(say, "`a` is no draft of yours") == "`a` n’est pas un de vos brouillons"


def test_a_fault_page_and_a_form_speak_french(made: Night, sam: Browser, ada: Browser) -> None:
    for one in (sam, ada):
        one.post("/language", {"language": "fr", "back": "/"})
    try:
        gone = sam.get("/message/x?purpose=prevent").text
        assert "Il n’y a pas de message <code>x</code> ici" in gone and "there is no message" not in gone
        ada.get("/accounts")
        new = {"login": "kit", "name": "Kit (invented)", "authority": "border-force", "roles": "officer"}
        taken = ada.post("/accounts", {**new, "reason": "seen"}).text
        assert "Le nom de connexion `kit` est déjà pris" in taken and "is taken" not in taken
    finally:
        for one in (sam, ada):
            one.post("/language", {"language": "en", "back": "/"})
