"""What if a partner with valid keys sends what is signed, sealed and odd? It gets no further than its own
letters, and no call of its own is lost by it.
"""

from __future__ import annotations

from typing import Any

import pytest

from cordiale.exchange import attachments, boxes, closing, copies, mending, notices
from cordiale.exchange.message import Envelope
from cordiale.exchange.receipts import Receipt
from cordiale.seals import SEALED_CHUNK_BYTES, write_time
from cordiale.store import chunks
from tests.attack.test_exchange_cheating import hand_in, raws, resigned
from tests.attack.test_exchange_distress import called, shown
from tests.exchange.partners import START, ListGate, note_of_practice, outgoing, partner, two
from tests.exchange.test_delivery import GATE, applying, quality

A_FILE = {"id": "a" * 32, "chunk_count": 1}


@pytest.mark.parametrize("lane", ["thief", "", "MAIN", "main ", "x" * 200])
def test_nobody_opens_a_lane_of_their_own_to_get_around_the_order(lane: str) -> None:
    """Two who hold one key are seen by the fork that they make; in a lane each they would make none."""
    uk, fr, _ = two()
    first, second = raws(uk, 2)
    assert hand_in(fr, first)[0][:1] == b"R"
    elsewhere = resigned(
        uk, second, lane=lane, sequence=1, previous=Envelope.from_bytes(first).header.previous
    )
    assert hand_in(fr, elsewhere) == [b"Nform"]
    assert len(fr.effects) == 1


@pytest.mark.parametrize(
    "files",
    [
        [{}],
        [{"id": 7}],
        [{**A_FILE, "chunk_count": 1 << 40}],
        [{**A_FILE, "chunk_count": 0}],
        [A_FILE, A_FILE],
        [{"id": f"{n:032x}", "chunk_count": 1} for n in range(boxes.ATTACHMENTS_MAX + 1)],
    ],
)
def test_odd_files_keep_no_distress_call_from_being_recorded(files: list[dict[str, Any]]) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    reply = hand_in(fr, called(uk, fr, attachments=files))[0]
    assert reply[:1] == b"R" and len(fr.effects) == 1, "at the first try"
    (kept,) = fr.store.read(boxes.inbox)
    assert kept.outcome == "accepted" and any("attachments" in one for one in kept.defects)
    assert fr.store.read(lambda tx: chunks.look(tx, "a" * 32)) is None


def test_a_call_with_a_file_that_is_another_message_s_is_taken_without_it() -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    fr.store.write(lambda tx: chunks.announce(tx, "a" * 32, 3, at=START))
    hand_in(fr, called(uk, fr, attachments=[A_FILE]))
    assert shown(fr)[0].letter.attachments == ()
    assert fr.store.read(lambda tx: chunks.look(tx, "a" * 32)).chunk_count == 3


def test_notices_about_lanes_that_are_none_fill_no_box_and_raise_no_alarm() -> None:
    uk, fr, _ = two()
    for n in range(5):
        body = {
            "at": write_time(START),
            "lane": f"lane {n}",
            "message": "sha256:" + "0" * 64,
            "next": 4,
            "node": "uk-calais",
            "to": "fr-lille",
        }
        raw = mending._signed(uk.point, mending.NOTICE_KIND, body)
        assert fr.wire.doors["fr-lille"](mending.LANES, raw)[0] == 400
    assert fr.store.read(boxes.alarms) == [] and fr.store.read(boxes.failures) == []


def test_words_of_a_partner_s_receipt_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason is one of a few words; what else is written there may be about a person."""
    uk, _fr, _ = two(fr=ListGate(closed=True))

    def wordy(message: str, node: str, outcome: str, told: str, *rest: Any) -> Receipt:
        return Receipt(message, node, outcome, "Jean Exemple, +33 300000000 (invented)", *rest)

    monkeypatch.setattr(closing, "Receipt", wordy)
    uk.point.dispatch(outgoing())
    uk.courier.round()
    (row,), (failed,) = uk.store.read(boxes.outbox), uk.store.read(boxes.failures)
    assert row.state == boxes.REFUSED
    assert "Exemple" not in f"{row.fault} {failed.reason}" and "not known here" in failed.reason


# -- holders --------------------


def test_a_holder_says_nothing_of_a_copy_that_we_gave_to_another() -> None:
    """Else it would show a recall as done with somebody who has never heard of it."""
    uk, fr, wire = two()
    be = partner("be-oostende", "BE", "be-police", wire=wire, clock=uk.clock, seed=3)
    uk.knows(be)
    be.knows(uk)
    first = uk.point.dispatch(outgoing())
    second = uk.point.dispatch(outgoing(recipient="BE/be-police", original=first.message))
    uk.courier.round()
    fr.point.effect = applying(fr, fr.point.effect)
    wire.down.add("be-oostende")
    notices.notify(uk.point, quality("recall", first.message), first.message)
    uk.courier.round()

    def lying(tx: Any, node: str, message: str, *_: Any) -> list[notices.Holding]:
        own = notices.Holding(message, "", "", "recall", "applied")
        of_another = notices.Holding(second.message, "BE/be-police", "", "recall", "applied")
        return [
            own,
            of_another,
            notices.Holding("sha256:" + "1" * 64, "BE/be-police", "", "recall", "applied"),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notices, "_holdings", lying)
        notices.ask_holders(uk.point, wire, first.message)
    known = uk.store.read(lambda tx: copies.holders(tx, first.message))
    given = {one.holder: one for one in known if not one.via}
    assert set(given) == {"FR/paf", "BE/be-police"}, "what we gave stays ours to recall"
    assert given["FR/paf"].state == "applied" and given["BE/be-police"].state == "sent"


# -- files --------------------


def with_a_file() -> Any:
    wide = ListGate(granted=ListGate().granted | {"attachment", "image"})
    uk, fr, _ = two(uk=wide, fr=wide)
    made = attachments.attach(uk.point, b"Invented picture of a boat. " * 5_000)
    title = {"title": "Boat engines", "area": "coast", "lines": [made["sha256"]]}
    uk.point.dispatch(outgoing(note_of_practice(**title), attachments=(made,)))
    uk.courier.carry("fr-lille", "main")
    return uk, fr, made


def test_nobody_spoils_the_file_of_another_partner() -> None:
    uk, fr, made = with_a_file()
    door = fr.wire.doors["fr-lille"]
    spoilt = bytes.fromhex(made["id"]) + (0).to_bytes(4) + b"x" * SEALED_CHUNK_BYTES
    assert door(attachments.CHUNKS, spoilt, by="be-oostende")[0] == 400
    uk.courier.round()
    letter = fr.effects[0].letter
    whole = fr.store.read(lambda tx: b"".join(attachments.content(tx, letter.attachments[0])))
    assert whole == b"Invented picture of a boat. " * 5_000


@pytest.mark.parametrize("place", [3, 1 << 31, (1 << 32) - 1])
def test_a_chunk_beyond_what_was_announced_has_no_room(place: int) -> None:
    _, fr, made = with_a_file()
    raw = bytes.fromhex(made["id"]) + place.to_bytes(4) + b"x" * 99
    assert fr.wire.doors["fr-lille"](attachments.CHUNKS, raw, by="uk-calais")[0] == 503
    assert fr.store.read(lambda tx: chunks.look(tx, made["id"])).held_count == 0


def test_chunks_out_of_order_make_the_same_file_and_a_last_one_twice_changes_nothing() -> None:
    uk, fr, made = with_a_file()
    sealed = [
        uk.store.read(lambda tx, n=n: chunks.one(tx, made["id"], n)) for n in range(made["chunk_count"])
    ]
    door, id = fr.wire.doors["fr-lille"], bytes.fromhex(made["id"])
    for place in [*reversed(range(len(sealed))), len(sealed) - 1]:
        assert door(attachments.CHUNKS, id + place.to_bytes(4) + sealed[place], by="uk-calais")[0] == 200
    letter = fr.effects[0].letter
    whole = fr.store.read(lambda tx: b"".join(attachments.content(tx, letter.attachments[0])))
    assert whole == b"Invented picture of a boat. " * 5_000
