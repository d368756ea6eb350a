"""What if a partner's distress call is odd, or made odd on purpose? It is shown, and nothing else stops."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from cordiale.errors import LedgerError
from cordiale.exchange import boxes, tables
from cordiale.exchange.message import Envelope, Letter, open_letter
from cordiale.seals import canonical, digest, read_object, seal, sealing_info, sign_batch
from tests.attack.test_exchange_cheating import hand_in
from tests.exchange.partners import Partner, outgoing, two
from tests.exchange.test_delivery import GATE, distress


def called(uk: Partner, fr: Partner, **changes: Any) -> bytes:
    """A distress call whose letter the sender changed before it sealed and signed it."""
    uk.point.dispatch(distress())
    row = uk.store.read(lambda tx: boxes.waiting(tx, "fr-lille", "distress", limit=1))[0]
    from cordiale.exchange.courier import stored

    envelope = Envelope.from_bytes(stored(row))
    header = envelope.header
    fields = read_object(open_letter(envelope, fr.identity.sealing).to_bytes()) | changes
    raw = canonical({name: value for name, value in fields.items() if value is not ...})
    padded = (len(raw).to_bytes(4) + raw).ljust(header.bucket, b"\0")
    info = sealing_info(sender=header.sender, recipient=header.recipient, reference=header.reference)
    sealed = seal(padded, fr.card.facts.sealing, info)
    header = replace(header, digest=digest(sealed))
    body = header.to_bytes()
    return Envelope(header, sealed, sign_batch([body], uk.identity.signing)[0], body).to_bytes()


def shown(fr: Partner) -> list[Any]:
    return [*fr.shown, *fr.effects]


def test_a_distress_call_with_an_odd_type_is_shown_and_recorded() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    hand_in(fr, called(uk, fr, type="x y"))
    assert shown(fr) and fr.point.log_what_was_shown() == 0
    (kept,) = fr.store.read(boxes.inbox)
    assert kept.outcome == "accepted" and any("type" in one for one in kept.defects)


def test_an_honest_distress_call_has_no_defect() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    hand_in(fr, called(uk, fr))
    assert [one.defects for one in shown(fr)] == [()]


def test_a_payload_without_nesting_is_salvaged() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    hand_in(fr, called(uk, fr, payload={"persons": 41}))
    assert shown(fr)[0].body.tree == {"persons": 41}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sent_at", "2026-06-01T12:00:00.123Z"),
        ("sent_at", 7),
        ("about", None),
        ("handling", "white"),
        ("attachments", "none"),
        ("purpose", "x" * 4000),
        ("reference", "another"),
        ("restrictions", {"onward": "never"}),
        ("restrictions", None),
        ("about", ...),
    ],
)
def test_an_odd_field_of_a_distress_letter_is_a_defect_and_the_call_is_shown(name: str, value: Any) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    hand_in(fr, called(uk, fr, **{name: value}))
    call = shown(fr)[0]
    assert call.letter.type == "distress_incident" and call.body is not None and call.body.tree
    assert any(name in one for one in call.defects)


def test_a_restriction_that_can_be_read_stands_beside_one_that_cannot() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    hand_in(fr, called(uk, fr, restrictions={"no_court_use": True, "onward": 7}))
    kept: Letter = shown(fr)[0].letter
    assert kept.restrictions.no_court_use and kept.restrictions.onward == "never"


def test_a_call_that_cannot_be_recorded_raises_one_alarm_and_the_next_is_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    bad, good = (fr.point.arrive(called(uk, fr)) for _ in range(2))
    assert bad.envelope and good.envelope
    fr.point.calls.shown = {"bad": bad, "good": good}
    act = fr.point.receiving.act

    def broken(tx: Any) -> Any:
        raise LedgerError("a fact has no form")

    monkeypatch.setattr(type(fr.point.receiving), "act", lambda _, one: broken if one is bad else act(one))
    assert fr.point.log_what_was_shown() == 1 and list(fr.point.calls.shown) == ["bad"]
    assert fr.point.log_what_was_shown() == 1
    assert [one.kind for one in fr.store.read(boxes.alarms)] == ["unrecorded"]


def test_a_turn_of_the_courier_that_fails_raises_an_alarm_and_the_courier_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    failures = iter([LedgerError("odd"), KeyError("odder")])
    whole = uk.point.log_what_was_shown

    def sometimes() -> int:
        if fault := next(failures, None):
            raise fault
        return whole()

    monkeypatch.setattr(uk.point, "log_what_was_shown", sometimes)
    uk.point.dispatch(outgoing())
    monkeypatch.setattr("cordiale.exchange.courier.POLL_S", 0.01)
    starting = iter([0])
    lanes = type(uk.courier)._lanes
    monkeypatch.setattr(
        type(uk.courier), "_lanes", lambda self: set() if next(starting, None) == 0 else lanes(self)
    )
    uk.courier.start()
    end = time.monotonic() + 10
    while not fr.effects and time.monotonic() < end:
        time.sleep(0.01)
    uk.courier.close()
    assert len(fr.effects) == 1
    assert {one.kind for one in uk.store.read(boxes.alarms)} == {"courier"}


def test_no_received_value_of_a_distress_call_is_stored_in_clear() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    odd = {"nationality": "Invented Person", "persons": "Invented Person", "Invented Person": 1}
    hand_in(fr, called(uk, fr, payload=odd))
    assert any("Invented Person" in one for one in shown(fr)[0].defects), "the page may say it, in memory"
    for table in (tables.inbox, tables.failed, tables.alarm):
        assert "Invented Person" not in str(fr.store.read(lambda tx, t=table: tx.execute(t.select()).all()))
    (kept,) = fr.store.read(boxes.inbox)
    assert any("unknown here: `nationality`" in one for one in kept.defects)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b'"sealed":', b'"sealed" :'),
        lambda raw: canonical({**read_object(raw), "extra": 1}),
    ],
)
def test_an_odd_envelope_of_a_distress_call_is_shown_with_its_defect(change: Any) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    raw = called(uk, fr)
    assert change(raw) != raw
    hand_in(fr, change(raw))
    assert any("envelope" in one for one in shown(fr)[0].defects)


def test_a_distress_call_whose_signature_does_not_hold_raises_an_alarm_to_ring() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    fields = read_object(called(uk, fr))
    fields["header"]["sequence"] = 7  # type: ignore[index]
    assert hand_in(fr, canonical(fields)) == [b"Nsignature"]
    (alarm,) = fr.store.read(boxes.alarms)
    assert "it claims to be from uk-calais: ring (register number" in alarm.says
    assert [one.letter for one in shown(fr)] == [None], "and it is shown"
