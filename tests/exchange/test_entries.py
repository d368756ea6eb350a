"""Does what is kept of a fault name the field, and never a word of what came? (All persons are invented.)"""

from __future__ import annotations

import pytest

from cordiale.errors import ExchangeError, PayloadError
from cordiale.exchange import boxes
from cordiale.exchange.courier import _word
from cordiale.exchange.entries import bare, fault_words, vocabulary, words_of
from tests.exchange.partners import outgoing, two


@pytest.mark.parametrize(
    ("says", "kept"),
    [
        ("The category `name` is not granted", "The category `name` is not granted"),
        ("`intelligence_report` to `Invented Person` is refused", "`intelligence_report` to (…) is refused"),
        ("field `Invented Person` is unknown", "field (…) is unknown"),
        ("`Invented` and `name` and `Someone`", "(…) and `name` and (…)"),
        ("a `x` Invented Person `y` b", "a (…) b"),
        ("`line\nof Invented Person`", "(…) of (…)"),
        ("no value at all", "no value at all"),
        ("a single ` is none", "a single ` is none"),
    ],
)
def test_known_words_stay_and_all_that_came_goes(says: str, kept: str) -> None:
    assert bare(says) == kept


def test_the_vocabulary_is_the_field_s_own_and_names_nobody() -> None:
    assert {"name", "contact", "distress_incident", "telephone_to_ring", "not_accepted"} <= vocabulary()
    assert not {"sam", "kit", "maria", "ali"} & vocabulary()


def test_of_a_library_s_fault_only_its_kind_is_kept() -> None:
    assert fault_words(ValueError("could not read 'Invented Person'")) == "ValueError"
    assert fault_words(ExchangeError("it names `Invented Person`")) == "it names (…)"


@pytest.mark.parametrize("said", [b"Invented Person", b"\xff" * 90, b"x" * 5000, b"not_accepted Invented"])
def test_what_a_partner_writes_instead_of_a_reason_is_not_kept(said: bytes) -> None:
    assert _word(said) == "a reason that is not known here"
    uk, _, wire = two()
    uk.point.dispatch(outgoing())
    reply = b"N" + said
    wire.doors["fr-lille"] = lambda path, body: (200, len(reply).to_bytes(4) + reply)
    uk.courier.round()
    told = str([uk.store.read(boxes.outbox), uk.store.read(boxes.failures), uk.store.read(boxes.alarms)])
    assert "Invented" not in told and "xxx" not in told


@pytest.mark.parametrize("said", [b"signature", b"speaker", b"store", b"42"])
def test_a_reason_that_is_known_is_kept(said: bytes) -> None:
    assert _word(said) == said.decode()


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ("letter.Invented Person", "letter.(…)"),
        ("body.suspects.0.family_name", "body.suspects.0.family_name"),
        ("Invented", "(…)"),
        ("items[12].Exempel", "items[12].(…)"),
        ("facts.+33199000016", "facts.(…)"),
        ("facts.33199000016", "facts.(…)"),
        ("not_accepted", "not_accepted"),
        ("grounds.items", "grounds.items"),
    ],
)
def test_of_the_place_of_a_fault_only_our_own_names_are_kept(place: str, kept: str) -> None:
    assert words_of(PayloadError("is odd", field=place, way_out="Mend it.")) == f"{kept}: is odd Mend it."
    assert fault_words(PayloadError("is `Invented Person`", field=place)) == f"{kept}: is (…)"
