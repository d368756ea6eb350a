"""The gate's sentences: plain words and names in English, and all that another language needs. Invented."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from bench.questions import Questions

from cordiale.agreements import Register, parse_question
from cordiale.agreements.routes import decide_with_routes
from cordiale.agreements.spoken import Called, in_language
from cordiale.agreements.words import (
    BODIES,
    LISTS,
    TEMPLATES,
    TERMS,
    TEXT,
    TEXTS,
    Ids,
    joined,
    plain,
    said_by,
    say,
)
from tests.agreements.gate_factories import answer, item, person, world

FRENCH = {
    TEMPLATES["purpose"]: "Cette disposition ne sert pas cette finalité : {purpose}.",
    TEMPLATES["relied"]: "{agreement} repose sur {other}, qui ne s'appliquait pas le {day}.",
    "aid": "aide",
    "fighting money laundering": "lutte contre le blanchiment",
}


def french(text: str) -> str:
    return FRENCH.get(text, text)


def test_a_sentence_says_plain_words_and_keeps_the_code_and_the_word_of_the_list() -> None:
    found = say("purpose", Ids(), {"purpose": "aml_cft"})
    assert found == "This provision does not serve this purpose: fighting money laundering."
    (said,) = said_by(found)
    assert said.as_json() == {"code": "purpose", "words": {"purpose": "aml_cft"}}


def test_texts_sides_and_authorities_are_told_by_name(tmp_path: Path) -> None:
    register = world(tmp_path)
    words = {"sender": "UK/nca", "recipient": "FR"}
    assert "from Agency (United Kingdom) to France" in say("direction", register, words)
    assert say("ended", register, {"agreement": "deal", "day": "2026-01-01"}).startswith("Invented agreement")
    assert "Invented agreement deal (Art 1)" in say("route_instead", register, {"basis": "deal/1"})
    assert "somebody unknown" in say("consent", register, {"owner": "unknown"})


def test_what_the_register_does_not_know_keeps_its_id(tmp_path: Path) -> None:
    register = world(tmp_path)
    assert register.text("nothing/1") == "nothing" or register.text("nothing/1") == "nothing/1"
    assert register.body("UK/nobody") == "nobody (United Kingdom)" and register.body("ZZ/x") == "ZZ/x"


def test_records_are_told_by_kind_and_way(tmp_path: Path) -> None:
    names = "approval:UK>FR or edps_authorisation or consent:ART-50"
    found = say("record_must", world(tmp_path), {"name": names})
    assert "approval (United Kingdom → France) or authorisation of the European Data" in found
    assert "consent (ART-50)" in found


def test_several_sentences_are_one_and_keep_their_codes() -> None:
    whole = joined(say("nothing_left", Ids(), {}), "The words of a file.")
    assert whole == "Nothing may leave. The words of a file."
    assert [s.code for s in said_by(whole)] == ["nothing_left", TEXT]
    assert said_by("The words of a file.") == ()


def test_every_word_of_every_template_is_a_name_a_word_of_a_list_or_plain() -> None:
    """A word that nobody classed would show an id to an officer."""
    free = {"near", "value", "day", "read", "ground", "article", "source", "n", "have", "area", "goods", "id"}
    free |= {"marking", "ceiling", "code", "field", "message", "type"}
    for template in TEMPLATES.values():
        named = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert named <= TEXTS | BODIES | LISTS | TERMS | free, template


def test_no_answer_shows_an_officer_an_id_or_a_word_with_an_underscore() -> None:
    """Over what ships, in 300 questions of which many are odd: titles, names and plain words."""
    register, seen = Register.load(), set[str]()
    for raw, at in (next(asked) for asked in [iter(Questions(register, 7))] for _ in range(300)):
        found = decide_with_routes(parse_question(raw), register, at)
        told = [found.sentence, *(f.sentence for f in found.failures), *(r.sentence for r in found.routes)]
        seen |= {s for s in (*told, *found.warnings) if said_by(s)}
    ids = {a.id for a in (*register.agreements, *register.laws)}
    shown = [s for s in seen if re.search(r"\b[a-z]+_[a-z_]+\b", s) or any(i in s for i in ids)]
    assert shown == [] and len(seen) > 30


@pytest.mark.parametrize(
    ("said", "french_sentence"),
    [
        ({"purpose": "statistics"}, None),
        (
            {"purpose": "aml_cft"},
            "Cette disposition ne sert pas cette finalité : lutte contre le blanchiment.",
        ),
    ],
)
def test_an_answer_is_told_in_another_language_from_its_json(
    tmp_path: Path, said: dict[str, Any], french_sentence: str | None
) -> None:
    register = world(tmp_path)
    told = answer(register, item(), item("name"), subjects=[person()], **said).as_json()
    sentences = [in_language(told, f["sentence"], Called(register, "fr"), french) for f in told["failures"]]
    assert french_sentence is None or french_sentence in sentences


def test_a_text_is_called_by_its_official_title_where_the_file_has_one() -> None:
    called = Called(Register.load(), "fr")
    assert called.text("uk-fr-dangerous-journeys-2025").endswith("la prévention des traversées périlleuses")
    assert Called(Register.load(), "de").text("uk-mk-2024").startswith("UK-North Macedonia")
    assert called.text("eu-uk-tca-563-operational/563-1").endswith("coopération, art. 563(1), (3))")
    assert called.text("nothing") == "nothing" and called.body("UK/nca").startswith("National Crime")


def test_what_has_no_code_or_an_unknown_one_is_told_as_it_stands(tmp_path: Path) -> None:
    """An answer of a later version, or words of a file."""
    called = Called(world(tmp_path), "fr")
    later = {"said": [{"sentence": "New.", "says": [{"code": "of-tomorrow", "words": {}}]}]}
    assert in_language(later, "New.", called, french) == "New."
    assert in_language({}, "Words of a file.", called, french) == "Words of a file."


def test_plain_words_have_no_underscores() -> None:
    assert plain("own_officer") == "own officer" and plain("dna") == "DNA"
