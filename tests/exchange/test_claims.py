"""Is distress that cannot be believed shown, and laid at the door of who brought it? (All invented.)"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cordiale.exchange import boxes
from cordiale.exchange.claims import claims_distress
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.message import Envelope
from cordiale.exchange.service import MESSAGES, join, split
from cordiale.seals import canonical, digest, read_object, seal, sealing_info, sign_batch
from tests.attack.test_exchange_cheating import raws
from tests.attack.test_exchange_distress import called
from tests.exchange.partners import Partner, two
from tests.exchange.test_delivery import GATE
from tests.exchange.test_unstored import fill


def over(fr: Partner, by: str, raw: bytes) -> bytes:
    """What the French door answers to bytes that came over the connection of `by`."""
    status, body = fr.wire.doors["fr-lille"](MESSAGES, join([raw]), by=by)  # type: ignore[call-arg]
    assert status == 200
    return split(body)[0]


def unsigned(raw: bytes) -> bytes:
    fields = read_object(raw)
    fields["header"]["sequence"] = 7  # type: ignore[index]
    return canonical(fields)


DAMAGES = {
    "a signature that does not hold": unsigned,
    "cut short": lambda raw: raw[:-40],
    "no JSON any more": lambda raw: b"\x00" + raw[5:],
    "a key twice": lambda raw: raw.replace(b'"sequence":', b'"sequence":9,"sequence":8,"x":', 1),
    "another body than the one signed": lambda raw: raw.replace(b'"sealed":"', b'"sealed":"AAAA', 1),
    "for another node": lambda raw: raw.replace(b'"recipient":"fr-lille"', b'"recipient":"be-oostende"'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_distress_is_refused_recorded_and_shown_as_a_call_of_who_brought_it(damage: Any) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    raw = damage(called(uk, fr))
    assert over(fr, "uk-calais", raw)[:1] == b"N", "no receipt: its sender's officer hears of it too"
    (shown,) = fr.effects
    assert (shown.peer, shown.letter, shown.body) == ("uk-calais", None, None)
    assert shown.message == digest(raw), "it can never stand for the true call"
    assert shown.defects[0].startswith("unreadable: it came over the connection of uk-calais")
    (alarm,) = fr.store.read(boxes.alarms)
    assert alarm.peer == "uk-calais" and "ring (register number" in alarm.says


def test_the_true_call_is_taken_after_its_damaged_copy() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    raw = called(uk, fr)
    over(fr, "uk-calais", unsigned(raw))
    assert over(fr, "uk-calais", raw)[:1] == b"R"
    assert [one.letter is not None for one in fr.effects] == [False, True]


def test_who_brought_it_answers_for_it_and_not_whom_it_names() -> None:
    """A partner that forges another's call is named; the other is only what it claims."""
    uk, fr, _ = two(uk=GATE, fr=GATE)
    be = replace_name(fr, "be-oostende")
    over(fr, "be-oostende", unsigned(called(uk, fr)))
    assert be and fr.effects[0].peer == "be-oostende"
    says = "came over the connection of be-oostende and claims to be from uk-calais"
    assert says in fr.effects[0].defects[0]
    (alarm,) = fr.store.read(boxes.alarms)
    assert (alarm.peer, says in alarm.says) == ("be-oostende", True)


def replace_name(fr: Partner, name: str) -> Partner:
    from tests.exchange.partners import LoopWire, partner

    other = partner(name, "BE", "be-police", wire=LoopWire(), gate=GATE, clock=fr.clock)
    fr.knows(other)
    return other


def test_a_name_that_nobody_here_knows_is_told_as_such_and_never_stored() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    over(fr, "uk-calais", called(uk, fr).replace(b"uk-calais", b"invented-person"))
    assert "claims to be from nobody known here" in fr.effects[0].defects[0]
    assert "invented-person" not in str(fr.store.read(boxes.alarms))


def test_an_ordinary_message_that_is_damaged_sounds_nowhere() -> None:
    uk, fr, _ = two()
    over(fr, "uk-calais", unsigned(raws(uk)[0]))
    assert fr.effects == [] and fr.store.read(boxes.alarms) == []


def test_bytes_of_no_partner_sound_nowhere() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    over(fr, "", called(uk, fr).replace(b"uk-calais", b"nobody-here"))
    assert fr.effects == [] and fr.store.read(boxes.alarms) == []


def test_a_claim_is_shown_from_memory_while_the_store_cannot_write_and_is_recorded_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cordiale.exchange.contact_point.DISTRESS_WAIT_S", 0.2)
    uk, fr, _ = two(tmp_path, uk=GATE, fr=GATE)
    raw = unsigned(called(uk, fr))
    fill(fr)
    while not fr.shown:  # what the last page still holds is used up
        over(fr, "uk-calais", raw)
    assert fr.shown[0].peer == "uk-calais" and not fr.shown[0].logged
    fr.store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1073741823"))
    assert fr.point.log_what_was_shown() == 0
    assert fr.effects[-1].message == fr.shown[0].message


@pytest.mark.parametrize("lane", ["distress", "unstored"])
def test_bytes_claim_distress_however_they_are_spelled(lane: str) -> None:
    assert claims_distress(b'{"lane" : "%s"' % lane.encode())
    assert claims_distress(b'{"header":{"\\u006cane":"%s"}}' % lane.encode())
    assert not claims_distress(
        b'{"header":{"lane":"main","reference":"\\"lane\\":\\"%s\\""}}' % lane.encode()
    )


def letterless(uk: Partner, fr: Partner, padded: bytes) -> bytes:
    """A call that its sender signed, whose letter is what a test says."""
    envelope = Envelope.from_bytes(called(uk, fr))
    header = envelope.header
    info = sealing_info(sender=header.sender, recipient=header.recipient, reference=header.reference)
    sealed = seal(padded, fr.card.facts.sealing, info)
    header = replace(header, digest=digest(sealed))
    body = header.to_bytes()
    return Envelope(header, sealed, sign_batch([body], uk.identity.signing)[0], body).to_bytes()


@pytest.mark.parametrize("letter", [b'{"about":"","about":""}', b"no letter", b""])
def test_a_signed_call_whose_letter_cannot_be_read_is_taken_with_its_defect(letter: bytes) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    raw = letterless(uk, fr, (len(letter).to_bytes(4) + letter).ljust(1 << 10, b"\0"))
    assert over(fr, "uk-calais", raw)[:1] == b"R"
    (shown,) = fr.effects
    assert (shown.outcome, shown.letter, shown.peer) == ("accepted", None, "uk-calais") and shown.defects


def test_a_signed_call_that_does_not_open_is_taken_with_its_defect() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    envelope = Envelope.from_bytes(called(uk, fr))
    sealed = bytes(1200)
    header = replace(envelope.header, digest=digest(sealed))
    body = header.to_bytes()
    raw = Envelope(header, sealed, sign_batch([body], uk.identity.signing)[0], body).to_bytes()
    assert over(fr, "uk-calais", raw)[:1] == b"R"
    assert any(one.startswith("seal:") for one in fr.effects[0].defects)


def test_the_partners_are_known_while_the_store_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    uk, fr, _ = two()
    assert [one.node for one in fr.point.partners()] == ["uk-calais"]
    from cordiale.errors import StoreError

    def broken(_: Any) -> Any:
        raise StoreError

    monkeypatch.setattr(fr.store, "read", broken)
    assert [one.node for one in ContactPoint.partners(fr.point)] == ["uk-calais"] and uk
