"""While the store cannot write, is every distress call shown, and memory bounded all the same?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordiale.errors import StoreError
from cordiale.exchange import boxes, calls
from cordiale.exchange.message import Envelope
from cordiale.exchange.stages import Arrived
from tests.exchange.partners import Partner, two
from tests.exchange.test_delivery import GATE, distress


def call(uk: Partner, fr: Partner) -> Arrived:
    """One distress call as it comes to the French node."""
    uk.point.dispatch(distress())
    raw = fr.wire.carried[-1][2][4:] if fr.wire.carried else b""
    if not raw:
        fr.wire.down.clear()
        uk.courier.round()
        raw = fr.wire.carried[-1][2][4:]
    return fr.point.arrive(raw)


def many(one: Arrived, count: int, *, peer: str = "") -> list[Arrived]:
    """Calls that differ in their reference, as if each had been signed; from `peer` when named."""
    assert one.envelope is not None and one.card is not None
    card = one.card
    if peer:
        card = replace(card, facts=replace(card.facts, node=peer))
    made = []
    for n in range(count):
        header = replace(one.envelope.header, reference=f"{peer or 'flood'}-{n}")
        envelope = Envelope(header, one.envelope.sealed, one.envelope.signature)
        made.append(replace(one, envelope=envelope, card=card))
    return made


@pytest.fixture
def pair() -> tuple[Partner, Partner, Arrived]:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    return uk, fr, call(uk, fr)


def test_each_of_very_many_calls_is_shown_and_a_bounded_number_is_kept(
    pair: tuple[Partner, Partner, Arrived], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SHOWN_MAX", 10)
    _, fr, one = pair
    fr.shown.clear()
    flood = many(one, 50)
    for each in flood:
        fr.point.calls.show_first(each)
    assert len(fr.shown) == 50, "not one was silent"
    assert len(fr.point.calls.shown) == 10
    newest = flood[-1].envelope
    assert newest is not None and newest.id in fr.point.calls.shown
    assert fr.point.calls.dropped == {"uk-calais": 40}


def test_who_floods_makes_way_and_the_one_call_of_another_partner_is_kept(
    pair: tuple[Partner, Partner, Arrived], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SHOWN_MAX", 10)
    _, fr, one = pair
    (other,) = many(one, 1, peer="be-ostend")
    fr.point.calls.show_first(other)
    for each in many(one, 50):
        fr.point.calls.show_first(each)
    assert other.envelope is not None and other.envelope.id in fr.point.calls.shown
    assert set(fr.point.calls.dropped) == {"uk-calais"}


def test_long_calls_are_bounded_by_their_bytes(
    pair: tuple[Partner, Partner, Arrived], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, fr, one = pair
    monkeypatch.setattr(calls, "SHOWN_BYTES_MAX", 3 * len(one.raw))
    for each in many(one, 9):
        fr.point.calls.show_first(each)
    assert len(fr.point.calls.shown) == 3


def test_how_many_made_way_is_told_once_the_store_can_write(
    pair: tuple[Partner, Partner, Arrived], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, fr, _one = pair
    fr.point.calls.dropped["uk-calais"] = 7
    real = fr.store.write
    with monkeypatch.context() as broken:

        def full(_: object) -> None:
            raise StoreError("no room")

        broken.setattr(fr.store, "write", full)
        fr.point.calls._tell_dropped()
    assert fr.point.calls.dropped["uk-calais"] == 7
    assert real is not None
    fr.point.log_what_was_shown()
    fr.point.log_what_was_shown()
    (told,) = [one for one in fr.store.read(boxes.alarms) if one.about == "dropped"]
    assert told.peer == "uk-calais" and told.says.startswith("7 of its distress calls")
    assert fr.point.calls.dropped["uk-calais"] == 0


@pytest.mark.parametrize("heard_before", [True, False])
def test_a_store_that_can_neither_be_read_nor_written_silences_no_call(
    heard_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database server that went away: the sender's card is not on disk, and yet it is known who calls."""
    uk, fr, _ = two(uk=GATE, fr=GATE)
    if heard_before:
        call(uk, fr)
    fr.point.partners()  # as the courier does when it starts
    for partner in (uk, fr):
        partner.clock.step(10)
    fr.shown.clear()

    def away(*_: object) -> None:
        raise StoreError("the database server does not answer")

    with monkeypatch.context() as gone:
        for verb in ("read", "write", "submit"):
            gone.setattr(fr.store, verb, away)
        uk.point.dispatch(distress(incident_id="inv-away"))
        uk.courier.round()
        assert [one.letter.payload["body"]["incident_id"] for one in fr.shown if one.letter] == ["inv-away"]
    assert fr.point.log_what_was_shown() == 0, "and is recorded when the store is back"
    assert fr.point.calls.shown == {} and fr.store.read(boxes.inbox)
