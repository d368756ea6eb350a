"""Is what a partner chooses bounded before any of it stands in clear in our tables?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from cordiale.errors import ExchangeError
from cordiale.exchange import shapes, tables
from cordiale.exchange.entries import binding
from cordiale.exchange.message import NOBODY, Letter, Restrictions
from cordiale.exchange.sending import Sending
from tests.exchange import partners
from tests.exchange.test_message import letter

NAME = "Jean Dupont, born 1990"


def odd(field: str) -> Letter:
    inside = {"restrictions.never_to": "never_to", "restrictions.use_only": "use_only"}
    if field in inside:
        return replace(letter(), restrictions=Restrictions(**{inside[field]: (NAME,)}))
    return replace(letter(), **{field: NAME})


FIELDS = tuple(shapes._FITS)


def test_an_ordinary_letter_is_of_the_form() -> None:
    shapes.check_letter(letter())
    assert shapes.under(letter()) and shapes.fitting(letter(), "sender") == letter().sender


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_of_another_form_is_named(field: str) -> None:
    with pytest.raises(ExchangeError) as wrong:
        shapes.check_letter(odd(field))
    assert wrong.value.field == field and NAME not in str(wrong.value)


def test_too_many_sides_in_one_restriction_are_refused() -> None:
    many = tuple(f"S{n}" for n in range(shapes.SIDES_MAX + 1))
    with pytest.raises(ExchangeError, match="at most 64 Sides"):
        shapes.check_letter(replace(letter(), restrictions=Restrictions(never_to=many)))


def test_a_list_that_is_not_of_its_form_binds_as_strictly_as_can_be() -> None:
    assert binding(odd("restrictions.use_only")).use_only == (NOBODY,)
    for field in ("restrictions.use_only", "restrictions.never_to"):
        held = binding(odd(field))
        assert held.onward == "never" and NAME not in str(held)


def test_an_odd_reference_is_kept_as_its_digest_and_two_are_told_apart() -> None:
    assert shapes.reference_of("ab12-3") == "ab12-3"
    one, other = shapes.reference_of(NAME), shapes.reference_of(NAME + "!")
    assert one != other and one.startswith("odd-") and shapes.REFERENCE.fullmatch(one)


@pytest.mark.parametrize("field", [one for one in FIELDS if one != "reference"])
def test_a_letter_with_a_name_where_a_code_belongs_is_refused_and_leaves_no_word_of_it_in_clear(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender's gate and program are corrupt: it writes what it likes, and signs it."""
    uk, fr, _ = partners.two()
    import cordiale.exchange.sending as sending

    real = sending.letter_of

    def corrupt(*given: Any, **known: Any) -> Letter:
        made = real(*given, **known)
        other = odd(field)
        inner = field.partition(".")[0]
        return replace(made, **{inner: getattr(other, inner)})

    monkeypatch.setattr(sending, "letter_of", corrupt)
    uk.point.dispatch(partners.outgoing())
    uk.courier.round()
    assert isinstance(uk.point.sending, Sending)
    for table in (tables.inbox, tables.failed, tables.alarm):
        rows = fr.store.read(lambda tx, t=table: tx.execute(select(t)).all())
        for row in rows:
            kept = {k: v for k, v in row._mapping.items() if not isinstance(v, bytes)}
            assert "Dupont" not in str(kept), (table.name, kept)
    outcomes = fr.store.read(lambda tx: list(tx.execute(select(tables.inbox.c.outcome)).scalars()))
    assert outcomes == ["refused"] and fr.effects == []
