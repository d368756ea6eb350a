"""What the gate says stands on the page in the reader's language. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

from cordiale.agreements import Register, parse_question
from cordiale.agreements.routes import decide_with_routes
from cordiale.node.agreements import in_language, title_in
from cordiale.web.words import say_in

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUEST = {
    "act": "share",
    "type": "conviction_notice",
    "from": {"side": "UK", "authority": "nca"},
    "to": {"side": "FR", "authority": "police-judiciaire"},
    "asked_basis": "eu-uk-tca-563-operational/563-1",
    "purpose": "aml_cft",
    "regime": "crime",
    "items": [{"id": "who", "category": "name"}],
}


def spoken(language: str) -> list[str]:
    """Each failing step's sentence in one language."""
    register = Register.load()
    answer = decide_with_routes(parse_question(REQUEST), register, AT).as_json()
    say = say_in(language)
    return [
        in_language(register, answer, f["sentence"], language=language, say=say) for f in answer["failures"]
    ]


def test_the_gates_own_sentences_are_french_for_a_french_reader_and_name_things_in_french() -> None:
    told = spoken("fr")
    assert any(one.startswith("Cette disposition ne couvre pas ce") for one in told)
    assert any(one.startswith("À déclarer : un juge y est nécessaire.") for one in told)


def test_they_are_english_for_everybody_else_and_articles_are_told_in_the_readers_language() -> None:
    english = spoken("en")
    assert "This provision does not cover this kind of message: conviction notice." in english
    of_the_file = (
        "This article is no way round the Titles on DNA, prints, vehicles, passenger records and convictions."
    )
    french = "Cet article ne permet pas de contourner les titres sur l’ADN"
    assert of_the_file in english and of_the_file not in spoken("fr")
    assert any(one.startswith(french) for one in spoken("fr"))


def test_a_text_has_its_official_french_title() -> None:
    register = Register.load()
    name = title_in(register, "uk-fr-dangerous-journeys-2025/readmission-request", "fr")
    assert name.endswith("traversées périlleuses") and title_in(register, "nothing", "fr") == "nothing"
