"""Are a partner's files bounded by its share and by the disk, and do both sides hear of it?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from cordiale.exchange import attachments, boxes, room, tables
from cordiale.exchange.stages import Arrived
from cordiale.store import chunks
from tests.exchange.partners import ListGate, LoopWire, Partner, note_of_practice, outgoing, two
from tests.exchange.test_delivery import GATE, distress

GIGABYTE = chunks.CHUNKS_MAX * chunks.CHUNK_BYTES_MAX


def sharing() -> tuple[Partner, Partner, LoopWire]:
    gate = ListGate(granted=ListGate().granted | {"attachment", "image"})
    return two(uk=gate, fr=gate)


def send_file(uk: Partner, content: bytes) -> None:
    made = attachments.attach(uk.point, content)
    body = note_of_practice(title="Boat engines", area="coast", lines=[made["sha256"]])
    uk.point.dispatch(outgoing(body, attachments=(made,)))


def expected(fr: Partner, peer: str, count: int, *, name: str) -> None:
    def act(tx: Any) -> None:
        one = {"id": name * 32, "chunk_count": count}
        boxes.expect_attachments(tx, "sha256:" + "0" * 64, peer, [one], at=fr.clock.now())

    fr.store.write(act)


def test_the_share_of_one_partner_is_four_files_of_a_gigabyte_and_not_anothers() -> None:
    _, fr, _ = two()
    for name in "abc":
        expected(fr, "uk-calais", chunks.CHUNKS_MAX, name=name)
    one = [{"chunk_count": chunks.CHUNKS_MAX}]

    def wanting(peer: str, files: Any, free: int = 1 << 50) -> str:
        return fr.store.read(lambda tx: room.wanting(tx, peer, files, free_bytes=free))

    assert "may be at once" in wanting("uk-calais", one * 2)
    assert wanting("be-ostend", one * 3) == ""
    assert wanting("uk-calais", []) == "" and wanting("uk-calais", [{"chunk_count": "many"}]) == ""
    assert "must stay so" in wanting("be-ostend", one, free=3 * GIGABYTE + GIGABYTE)
    assert wanting("be-ostend", one, free=3 * GIGABYTE + 2 * GIGABYTE + room.FREE_BYTES_MIN) == ""


def test_a_file_for_which_there_is_no_room_is_refused_with_its_message_and_both_sides_hear_why() -> None:
    uk, fr, _ = sharing()
    fr.point.free_bytes = lambda: room.FREE_BYTES_MIN + 10
    send_file(uk, b"Invented picture. " * 9000)
    uk.courier.round()
    (row,) = fr.store.read(boxes.inbox)
    assert (row.outcome, row.reason["told"]) == ("refused", "no_room") and "must stay so" in row.reason[
        "says"
    ]
    assert [one.kind for one in fr.store.read(boxes.alarms)] == ["no_room"]
    assert uk.store.read(boxes.outbox)[0].fault == "no_room" and fr.effects == []
    assert fr.store.read(lambda tx: tx.execute(select(chunks.bundle)).all()) == []
    fr.point.free_bytes = lambda: 1 << 50
    send_file(uk, b"Invented picture. " * 9000)
    uk.courier.round()
    assert [one.outcome for one in fr.store.read(boxes.inbox)] == ["accepted", "refused"]
    (bundle,) = fr.store.read(lambda tx: tx.execute(select(chunks.bundle)).all())
    assert bundle.whole


def test_several_messages_with_files_in_one_post_each_ask_for_room() -> None:
    uk, fr, _ = sharing()
    for n in range(3):
        send_file(uk, bytes([n]) * 70_000)
    left = iter([1 << 50, 0, 0])
    fr.point.free_bytes = lambda: next(left)
    uk.courier.round()
    assert [one.outcome for one in fr.store.read(boxes.inbox)] == ["refused", "refused", "accepted"]


def test_a_distress_call_is_taken_without_the_files_for_which_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uk, fr, _ = two(uk=GATE, fr=GATE)
    uk.point.dispatch(distress())
    real = type(fr.point.receiving).arrive

    def with_file(self: Any, raw: bytes, *, by: str = "") -> Arrived:
        came = real(self, raw, by=by)
        assert came.letter is not None
        return replace(came, letter=replace(came.letter, attachments=({"id": "a" * 32, "chunk_count": 3},)))

    monkeypatch.setattr(type(fr.point.receiving), "arrive", with_file)
    fr.point.free_bytes = lambda: 0
    uk.courier.round()
    (row,) = fr.store.read(boxes.inbox)
    assert row.outcome == "accepted" and any(one.startswith("no_room") for one in row.defects)
    assert [one.letter.type for one in fr.effects if one.letter] == ["distress_incident"]


def test_a_chunk_that_is_refused_again_and_again_is_an_alarm_once_and_is_tried_more_rarely() -> None:
    uk, _, wire = sharing()
    send_file(uk, b"Invented picture. " * 9000)
    real = wire.doors["fr-lille"]
    tries: list[str] = []

    def refuses(path: str, body: bytes) -> tuple[int, bytes]:
        if path == attachments.CHUNKS:
            tries.append(path)
            return 400, b""
        return real(path, body)

    wire.doors["fr-lille"] = refuses
    for _ in range(60):
        uk.courier.round()
        uk.clock.step(60)
    assert uk.store.read(boxes.alarms) == []
    for _ in range(10):
        uk.courier.round()
        uk.clock.step(60)
    (told,) = uk.store.read(boxes.alarms)
    assert (told.kind, told.peer) == ("file_stuck", "fr-lille") and "for an hour" in told.says
    at = uk.clock.now()
    uk.store.write(lambda tx: boxes.settle_alarm(tx, told.id, by="Invented", at=at))
    before = len(tries)
    for _ in range(20):
        uk.courier.round()
        uk.clock.step(60)
    assert uk.store.read(boxes.alarms) == [], "a person has looked at it"
    assert 0 < len(tries) - before < 9
    wire.doors["fr-lille"] = real
    uk.clock.step(600)
    uk.courier.round()
    state = select(tables.attachment.c.state)
    assert uk.store.read(lambda tx: list(tx.execute(state).scalars())) == ["delivered"]
