"""What if a partner, or somebody between, cheats? Refused, recorded, and nothing else is changed."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest

from cordiale.errors import ExchangeError, IdentityError
from cordiale.exchange import boxes, tables
from cordiale.exchange.judging import AgreementFacts
from cordiale.exchange.message import NO_MESSAGE, Envelope, Head, Header, Letter
from cordiale.exchange.peers import add_peer
from cordiale.exchange.receipts import ReceiptVerifier
from cordiale.exchange.service import MESSAGES, join, split
from cordiale.exchange.stages import Identity
from cordiale.ledger.tables import entries
from cordiale.seals import (
    LedgerKeys,
    SealingKeys,
    SigningKeys,
    canonical,
    digest,
    fingerprint,
    read_object,
    sign_batch,
)
from cordiale.store import chunks
from tests.exchange.partners import (
    START,
    ListGate,
    LoopWire,
    Partner,
    issue_card,
    note_of_practice,
    outgoing,
    partner,
    two,
)


def raws(uk: Partner, count: int = 1) -> list[bytes]:
    """Stored bytes of `count` honest messages, ready to be tampered with."""
    for _ in range(count):
        uk.point.dispatch(outgoing())
    rows = uk.store.read(lambda tx: boxes.waiting(tx, "fr-lille", "main", limit=count))
    from cordiale.exchange.courier import stored

    return [stored(row) for row in rows]


def hand_in(fr: Partner, *messages: bytes) -> list[bytes]:
    status, body = fr.wire.doors["fr-lille"](MESSAGES, join(messages))
    assert status == 200
    return split(body)


def refused(fr: Partner, reply: bytes, reason: str) -> None:
    """The reply says no more than one word; our ledger has the refusal; nothing took effect."""
    assert reply == b"N" + reason.encode()
    assert fr.effects == []
    entries = fr.store.read(lambda tx: list(fr.point.log.entries(tx)))
    assert [str(one.entry.kind) for one in entries] == ["refused"]
    assert fr.store.read(boxes.inbox) == []


def resigned(uk: Partner, raw: bytes, **changes: Any) -> bytes:
    """The same message with another header, honestly signed: what a cheating partner itself can do."""
    one = Envelope.from_bytes(raw)
    header = replace(one.header, **changes)
    body = header.to_bytes()
    return Envelope(header, one.sealed, sign_batch([body], uk.identity.signing)[0], body).to_bytes()


def test_a_replay_is_answered_with_the_same_receipt_and_done_once() -> None:
    uk, fr, _ = two()
    raw = raws(uk)[0]
    first, second, third = hand_in(fr, raw)[0], hand_in(fr, raw)[0], hand_in(fr, raw, raw)[1]
    assert first[:1] == b"R" and first == second == third
    assert len(fr.effects) == 1


def test_reordered_messages_wait_for_what_is_missing_and_the_gap_is_shown() -> None:
    uk, fr, _ = two()
    one, two_, three = raws(uk, 3)
    assert hand_in(fr, three, two_) == [b"B1", b"B1"]
    assert [alarm.kind for alarm in fr.store.read(boxes.alarms)] == ["gap"] and fr.effects == []
    assert [reply[:1] for reply in hand_in(fr, one, two_, three)] == [b"R", b"R", b"R"]


def test_a_message_signed_with_another_key_is_refused() -> None:
    uk, fr, _ = two()
    one = Envelope.from_bytes(raws(uk)[0])
    forged = replace(one, signature=sign_batch([one.header_raw], SigningKeys.generate())[0])
    refused(fr, hand_in(fr, forged.to_bytes())[0], "signature")


def test_an_altered_header_or_letter_is_refused() -> None:
    uk, fr, _ = two()
    one = Envelope.from_bytes(raws(uk)[0])
    fields = read_object(one.to_bytes())
    fields["header"]["reference"] = "other"  # type: ignore[index]
    refused(fr, hand_in(fr, canonical(fields))[0], "signature")
    swapped = replace(one, sealed=one.sealed[:-1] + bytes([one.sealed[-1] ^ 1]))
    assert hand_in(fr, swapped.to_bytes())[0] == b"Nsignature"


def test_a_letter_swapped_under_an_honest_header_does_not_open() -> None:
    uk, fr, _ = two()
    first, second = (Envelope.from_bytes(raw) for raw in raws(uk, 2))
    header = replace(first.header, digest=second.header.digest)
    body = header.to_bytes()
    raw = Envelope(header, second.sealed, sign_batch([body], uk.identity.signing)[0], body).to_bytes()
    reply = hand_in(fr, raw)[0]
    assert reply[:1] == b"R" and b'"outcome":"refused"' in reply and b'"reason":"seal"' in reply
    assert fr.effects == []


def test_a_node_cannot_speak_for_an_authority_that_its_card_does_not_name() -> None:
    uk, fr, _ = two()
    uk.point.dispatch(outgoing(sender="UK/home-office"))
    uk.courier.round()
    assert fr.effects == [] and uk.store.read(boxes.outbox)[0].fault == "speaker"


def test_a_node_cannot_speak_for_another_side() -> None:
    uk, fr, _ = two()
    uk.point.dispatch(outgoing(sender="FR/paf"))
    uk.courier.round()
    assert fr.effects == [] and uk.store.read(boxes.outbox)[0].fault == "speaker"


def test_an_unknown_node_is_refused_whatever_it_signs() -> None:
    wire = LoopWire()
    fr = partner("fr-lille", "FR", "paf", wire=wire)
    uk = partner("uk-calais", "UK", "border-force", wire=wire, clock=fr.clock)
    uk.knows(fr)
    refused(fr, hand_in(fr, raws(uk)[0])[0], "speaker")


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b'{"header":{},' + raw[1:],
        lambda raw: raw[:-1],
        lambda raw: b"",
        lambda raw: b"[" * 5000,
        lambda raw: raw.replace(b'"sealed":', b'"sealed" :'),
        lambda raw: canonical({**read_object(raw), "extra": 1}),
        lambda raw: canonical({**read_object(raw), "header": {**read_object(raw)["header"], "extra": 1}}),  # type: ignore[dict-item]
    ],
)
def test_duplicate_keys_unknown_fields_and_broken_json_are_refused(change: Any) -> None:
    uk, fr, _ = two()
    refused(fr, hand_in(fr, change(raws(uk)[0]))[0], "form")


def test_an_oversize_message_is_refused_unread() -> None:
    _, fr, _ = two()
    refused(fr, hand_in(fr, b"x" * (6 << 20))[0], "form")


def test_another_version_of_the_agreement_is_refused_by_name_and_the_reason_may_be_told() -> None:
    other = AgreementFacts("invented-working-arrangement", 4, "sha256:" + "b" * 64)
    uk, fr, _ = two(uk=ListGate(known=other))
    uk.point.dispatch(outgoing())
    uk.courier.round()
    assert fr.effects == [] and uk.store.read(boxes.outbox)[0].fault == "agreement"
    assert "version 4" in fr.store.read(boxes.inbox)[0].reason["says"]


def test_the_same_version_with_other_words_is_refused_too() -> None:
    other = AgreementFacts("invented-working-arrangement", 3, "sha256:" + "b" * 64)
    uk, fr, _ = two(uk=ListGate(known=other))
    uk.point.dispatch(outgoing())
    uk.courier.round()
    assert fr.effects == [] and uk.store.read(boxes.outbox)[0].fault == "agreement"


def test_a_corrupted_gate_of_the_sender_is_caught_by_the_receiver_s_own_file() -> None:
    lax = ListGate(granted=ListGate().granted | {"staff"})
    uk, fr, _ = two(uk=lax)
    body = note_of_practice(contact={"subject": "s1", "name": "Invented Officer"})
    assert uk.point.dispatch(outgoing(body)).decided.verdict == "permit"
    uk.courier.round()
    assert fr.effects == [] and uk.store.read(boxes.outbox)[0].fault == "not_accepted"
    assert "WA 4(2)" in fr.store.read(boxes.inbox)[0].reason["says"]


def renewed(uk: Partner, serial: int, *authorities: str, **more: Any) -> Any:
    """A newer card of the same node, with the same keys unless others are given."""
    facts = uk.card.facts
    keys = more.pop("keys", (uk.identity.signing, uk.identity.sealing, uk.point.log.keys))
    named = authorities or facts.authorities
    return issue_card(facts.node, facts.side, named, side_keys=uk.side_keys, keys=keys, serial=serial, **more)


def told(fr: Partner) -> list[tuple[str, str]]:
    """(outcome, the one word that the sender hears) of each message that was taken or refused."""
    return [(str(row.outcome), str(row.reason.get("told", ""))) for row in fr.store.read(boxes.inbox)]


def hold(fr: Partner, uk: Partner, card: Any) -> None:
    words = fingerprint(uk.side_keys.public())
    fr.store.write(lambda tx: add_peer(tx, card, uk.side_keys.public(), words=words, by="x", at=START))


def test_what_left_before_the_card_was_renewed_is_taken_if_the_same_key_signed_it() -> None:
    uk, fr, _ = two()
    raw = raws(uk)[0]
    hold(fr, uk, renewed(uk, 2))
    hand_in(fr, raw)
    assert len(fr.effects) == 1


def test_a_message_under_a_card_that_we_never_held_is_refused() -> None:
    uk, fr, _ = two()
    uk.point.identity = Identity(renewed(uk, 2), uk.identity.signing, uk.identity.sealing)
    hand_in(fr, raws(uk)[0])
    assert told(fr) == [("refused", "card")] and fr.effects == []


def test_a_message_of_the_key_before_is_refused_once_the_keys_were_changed() -> None:
    uk, fr, _ = two()
    raw = raws(uk)[0]
    hold(fr, uk, renewed(uk, 2, keys=(SigningKeys.generate(), uk.identity.sealing, uk.point.log.keys)))
    refused(fr, hand_in(fr, raw)[0], "signature")


def test_an_older_card_lends_no_authority_that_today_s_card_has_lost() -> None:
    uk, fr, _ = two()
    raw = raws(uk)[0]
    hold(fr, uk, renewed(uk, 2, "nca"))
    hand_in(fr, raw)
    assert told(fr) == [("refused", "speaker")] and fr.effects == []


def test_a_card_past_its_date_is_not_believed() -> None:
    uk, fr, _ = two()
    raw = raws(uk)[0]
    fr.clock.step(400 * 86400)
    refused(fr, hand_in(fr, raw)[0], "card")


def test_an_older_card_never_replaces_a_newer_and_two_cards_of_one_serial_are_refused() -> None:
    uk, fr, _ = two()
    words, key = fingerprint(uk.side_keys.public()), uk.side_keys.public()

    def add(card: Any) -> None:
        fr.store.write(lambda tx: add_peer(tx, card, key, words=words, by="x", at=START))

    with pytest.raises(IdentityError, match="two different cards"):
        add(renewed(uk, 1, address="127.0.0.1:9"))
    add(renewed(uk, 3))
    with pytest.raises(IdentityError, match="older"):
        add(renewed(uk, 2))


def test_a_card_under_another_side_key_or_with_wrong_words_is_refused() -> None:
    uk, fr, _ = two()
    thief = SigningKeys.generate()
    keys = (SigningKeys.generate(), SealingKeys.generate(), LedgerKeys.generate())
    card = issue_card("uk-calais", "UK", ("nca",), side_keys=thief, keys=keys, serial=9)
    with pytest.raises(IdentityError, match="words"):
        words = fingerprint(uk.side_keys.public())
        fr.store.write(lambda tx: add_peer(tx, card, thief.public(), words=words, by="x", at=START))
    with pytest.raises(IdentityError, match="another Side key"):
        words = fingerprint(thief.public())
        fr.store.write(lambda tx: add_peer(tx, card, thief.public(), words=words, by="x", at=START))


def test_a_clock_set_back_revives_nothing_and_is_noticed() -> None:
    uk, _, _ = two()
    uk.clock.step(86400)
    uk.point.dispatch(outgoing())
    before = uk.point.moment()
    uk.clock.step(-30 * 86400)
    assert uk.point.moment() == before
    uk.point.dispatch(outgoing())
    assert [one.kind for one in uk.store.read(boxes.alarms)] == ["clock_back"]


def test_two_messages_in_one_place_are_a_fork_and_the_second_is_refused() -> None:
    uk, fr, _ = two()
    one, two_ = raws(uk, 2)
    hand_in(fr, one)
    rival = resigned(uk, two_, sequence=1, previous=NO_MESSAGE)
    assert hand_in(fr, rival) == [b"Nfork"]
    assert [alarm.kind for alarm in fr.store.read(boxes.alarms)] == ["fork"] and len(fr.effects) == 1


def test_another_predecessor_is_a_fork() -> None:
    uk, fr, _ = two()
    one, two_ = raws(uk, 2)
    hand_in(fr, one)
    assert hand_in(fr, resigned(uk, two_, previous="sha256:" + "7" * 64)) == [b"Nfork"]


def test_two_ledger_heads_of_one_size_are_a_split_view() -> None:
    uk, fr, _ = two()
    one, two_ = raws(uk, 2)
    first = Envelope.from_bytes(one).header
    hand_in(fr, resigned(uk, one, head=Head(5, "a" * 64)))
    last = fr.store.read(boxes.inbox)[0].id
    assert hand_in(fr, resigned(uk, two_, previous=last, head=Head(5, "b" * 64))) == [b"Nfork"]
    assert [alarm.kind for alarm in fr.store.read(boxes.alarms)] == ["split_view"]
    assert first.sequence == 1 and len(fr.effects) == 1


@pytest.mark.parametrize("part", ["outcome", "reason", "message", "node", "entry"])
def test_an_altered_receipt_closes_nothing(part: str) -> None:
    uk, fr, _ = two()
    raw = raws(uk)[0]
    receipt = read_object(hand_in(fr, raw)[0][1:])
    receipt["receipt"][part] = "other"  # type: ignore[index]
    with pytest.raises(ExchangeError, match="receipt"):
        ReceiptVerifier().open(canonical(receipt), fr.card, Envelope.from_bytes(raw).id)


def test_a_receipt_for_another_message_closes_nothing() -> None:
    uk, fr, wire = two()
    one, two_ = raws(uk, 2)
    replies = hand_in(fr, one, two_)
    wire.doors["fr-lille"] = lambda path, body: (200, join(list(reversed(replies))))
    uk.courier.round()
    assert {row.state for row in uk.store.read(boxes.outbox)} == {"waiting"}


def test_a_receipt_of_a_partner_that_lies_about_its_ledger_closes_nothing() -> None:
    uk, fr, _ = two()
    uk.point.dispatch(outgoing())
    fr.point.log = replace(fr.point.log, keys=LedgerKeys.generate())
    uk.courier.round()
    assert {row.state for row in uk.store.read(boxes.outbox)} == {"waiting"}


MARKERS = (b"Boat engines", b"practice_note", b"border-force", b"situational_awareness", b'"path":"p1"')
"""Long enough that no ciphertext, signature or base64 holds one by chance (below 2^-60 a run)."""


def all_layers(body: bytes) -> bytes:
    """A body, and all that is base64 in it, decoded: what an observer who tries would read."""
    inner = [b64decode(one + b"=" * (-len(one) % 4)) for one in re.findall(rb"[A-Za-z0-9+/]{16,}", body)]
    return b"\n".join([body, *inner])


def test_an_observer_who_stores_everything_sees_no_word_of_it() -> None:
    uk, _, wire = two()
    uk.point.dispatch(outgoing())
    uk.courier.round()
    seen = b"".join(all_layers(body) for _, _, body in wire.carried)
    assert b'"sender"' in seen  # the header, which anybody on the way may see
    assert [word for word in MARKERS if word in seen] == []


def test_the_observer_s_test_would_see_a_word_that_was_not_sealed() -> None:
    for word in MARKERS:
        assert word in all_layers(b'{"sealed":"' + b64encode(b"x" * 20 + word + b"y" * 20) + b'"}')
        assert word in all_layers(b"plain " + word)


def test_a_stolen_database_has_no_word_of_a_message_in_the_exchange_s_tables() -> None:
    uk, fr, _ = two()
    uk.point.dispatch(outgoing())
    uk.courier.round()
    for one in (uk, fr):
        for table in (tables.outbox, tables.inbox, tables.failed):
            assert "Boat engines" not in str(one.store.read(lambda tx, t=table: tx.execute(t.select()).all()))


def test_the_header_type_is_what_was_tampered_with() -> None:
    """The helper that tampers really changes the id: without this the tests above could pass for nothing."""
    uk, _, _ = two()
    raw = raws(uk)[0]
    other = resigned(uk, raw, sequence=9)
    assert (
        Envelope.from_bytes(raw).id
        != Envelope.from_bytes(other).id
        == digest(Envelope.from_bytes(other).header_raw)
    )
    assert isinstance(Envelope.from_bytes(other).header, Header)


def lettered(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Partner:
    """The French node after a letter of a partner that writes what it likes into one, signed and sealed."""
    uk, fr, _ = two()
    honest = Letter.to_bytes

    def written(letter: Letter) -> bytes:
        fields = dict(read_object(honest(letter)))
        for name, more in changes.items():
            held = fields.get(name)
            fields[name] = {**held, **more} if isinstance(held, dict) else more
        return canonical(fields)

    monkeypatch.setattr(Letter, "to_bytes", written)
    uk.point.dispatch(outgoing())
    uk.courier.round()
    return fr


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"Invented Person": 1}, "letter.(…): is not a field"),
        ({"payload": {"Invented Person": 1}}, "(…) is no field of a payload"),
        ({"payload": {"body": {"Invented Person": 1}}}, "(…) is no field of this type"),
        ({"restrictions": {"Invented.Exempel": 1}}, "restrictions.(…).(…): is not a field"),
        ({"grounds": {"offence": {"Invented Person": 1}}}, ""),
        ({"grounds": {"items": [{"marks": {"handling": {"code": "Invented Person"}}, "paths": []}]}}, ""),
    ],
)
def test_a_field_called_after_a_person_is_kept_nowhere_in_clear(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], kept: str
) -> None:
    fr = lettered(monkeypatch, **changes)
    assert kept in fr.store.read(boxes.inbox)[0].reason["says"]
    for table in (tables.inbox, tables.failed, tables.alarm, entries):
        held = str(fr.store.read(lambda tx, t=table: tx.execute(t.select()).all()))
        assert "Invented" not in held and "Exempel" not in held


@pytest.mark.parametrize("items", [5, {"marks": {}}, [{"marks": {"handling": 7}, "paths": ["title"]}]])
def test_odd_marks_are_refused_at_once_as_the_partner_s_mistake_and_not_as_ours(
    monkeypatch: pytest.MonkeyPatch, items: object
) -> None:
    fr = lettered(monkeypatch, grounds={"items": items})
    assert told(fr) == [("refused", "not_accepted")] and fr.store.read(boxes.alarms) == []


@pytest.mark.parametrize(
    "announced",
    [
        [{"id": "a" * 32, "chunk_count": 1}, {"id": "a" * 32, "chunk_count": 1}],
        [{"id": "a" * 32, "chunk_count": 10**9}],
        [{"id": "a" * 32, "chunk_count": 0}],
    ],
)
def test_a_file_announced_under_a_name_or_size_that_cannot_be_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, announced: list[dict[str, Any]]
) -> None:
    """An id that is here already would be another's file; no such message may be called our own mistake."""
    fr = lettered(monkeypatch, attachments=announced)
    assert told(fr) == [("refused", "type")] and fr.effects == []
    assert fr.store.read(boxes.alarms) == [] and fr.store.read(lambda tx: chunks.look(tx, "a" * 32)) is None
