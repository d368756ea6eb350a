"""Does a message arrive once, in order, with a receipt, whatever happens on the way?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cordiale import payloads
from cordiale.errors import ExchangeError, InputError, StoreError, Transient
from cordiale.exchange import attachments, boxes, notices, tables
from cordiale.exchange.message import Restrictions
from cordiale.exchange.peers import check_peer, remove_peer
from cordiale.exchange.stages import Received
from cordiale.exchange.wire import NOBODY_LISTENS
from cordiale.ledger import Kind, audit
from cordiale.world import Reply
from tests.exchange.partners import ListGate, LoopWire, Partner, note_of_practice, outgoing, partner, two


def kinds(one: Partner) -> list[str]:
    return [str(logged.entry.kind) for logged in one.store.read(lambda tx: list(one.point.log.entries(tx)))]


def states(one: Partner) -> list[str]:
    return [row.state for row in reversed(one.store.read(boxes.outbox))]


def sound(*partners: Partner) -> None:
    """Every ledger holds as a whole."""
    for one in partners:
        assert list(one.store.read(lambda tx, log=one.point.log: list(audit(tx, log)))) == []


def test_a_permitted_message_arrives_and_both_ledgers_hold_it() -> None:
    uk, fr, _ = two()
    sent = uk.point.dispatch(outgoing())
    assert uk.courier.round() == 1
    assert [one.message for one in fr.effects] == [sent.message]
    assert kinds(uk) == ["sent", "receipt"] and kinds(fr) == ["received"]
    assert states(uk) == ["delivered"]
    sound(uk, fr)
    assert payloads.encode(fr.effects[0].body) == payloads.encode(note_of_practice())


def test_what_is_not_granted_never_leaves_and_is_not_in_the_outbox() -> None:
    uk, fr, wire = two()
    body = note_of_practice(contact={"subject": "s1", "name": "Invented Officer"})
    sent = uk.point.dispatch(outgoing(body))
    assert sent.decided.verdict == "withhold"
    uk.courier.round()
    assert b"Invented Officer" not in b"".join(body for _, _, body in wire.carried)
    assert "contact" not in payloads.encode(fr.effects[0].body)["body"]


def test_a_refusal_is_recorded_and_nothing_is_posted() -> None:
    uk, fr, _ = two(uk=ListGate(closed=True))
    sent = uk.point.dispatch(outgoing())
    assert (sent.message, sent.decided.verdict, sent.decided.article) == ("", "refuse", "WA 4(2)")
    assert kinds(uk) == ["refused"] and states(uk) == [] and uk.courier.round() == 0 and fr.effects == []


def test_a_preview_leaves_no_trace() -> None:
    uk, _, _ = two()
    assert uk.point.preview(outgoing()).verdict == "permit"
    assert kinds(uk) == [] and states(uk) == []


def test_a_partner_that_is_down_gets_everything_later_in_order() -> None:
    uk, fr, wire = two()
    wire.down.add("fr-lille")
    sent = [uk.point.dispatch(outgoing()).message for _ in range(5)]
    for _ in range(4):
        assert uk.courier.round() == 0
        uk.clock.step(400)
    wire.down.clear()
    assert uk.courier.round() == 5
    assert [one.message for one in fr.effects] == sent


def test_a_lost_reply_is_answered_again_with_the_same_receipt_and_one_effect() -> None:
    uk, fr, wire = two()
    uk.point.dispatch(outgoing())
    wire.lose_replies = 2
    for _ in range(3):
        uk.courier.round()
        uk.clock.step(400)
    assert len(fr.effects) == 1 and states(uk) == ["delivered"]
    first, second, third = (body for _, _, body in wire.carried)
    assert first == second == third, "a retry sends the stored bytes"
    assert kinds(fr) == ["received"]


def test_waits_grow_with_jitter_and_are_never_longer_than_five_minutes() -> None:
    uk, _, wire = two()
    wire.down.add("fr-lille")
    uk.point.dispatch(outgoing())
    waits = []
    for _ in range(26):
        now = uk.clock.now()
        uk.courier.round()
        row = uk.store.read(boxes.outbox)[0]
        waits.append((row.due_at - now).total_seconds())
        uk.clock.step(waits[-1])
    assert waits[0] <= 1 and waits[5] > waits[0] and max(waits) <= 300
    assert [one.kind for one in uk.store.read(boxes.alarms)] == ["silence"]


def test_a_receiver_that_refuses_says_only_that_and_its_officer_sees_why() -> None:
    uk, fr, _ = two(fr=ListGate(closed=True))
    uk.point.dispatch(outgoing())
    uk.courier.round()
    assert fr.effects == [] and states(uk) == ["refused"]
    assert uk.store.read(boxes.outbox)[0].fault == "not_accepted"
    assert "WA 4(2)" in fr.store.read(boxes.inbox)[0].reason["says"]
    assert "WA 4(2)" not in str(uk.store.read(boxes.failures))
    assert kinds(fr) == ["refused"] and kinds(uk) == ["sent", "receipt"]


def test_a_refused_message_does_not_stop_those_behind_it() -> None:
    uk, fr, _ = two()
    uk.point.dispatch(outgoing())
    uk.point.gate = ListGate(granted=frozenset({"practice", "staff", "organisation"}))
    body = note_of_practice(contact={"subject": "s1", "name": "Invented Officer"})
    uk.point.dispatch(outgoing(body))
    uk.point.gate = ListGate()
    uk.point.dispatch(outgoing())
    assert uk.courier.round() == 3
    assert states(uk) == ["delivered", "refused", "delivered"] and len(fr.effects) == 2


def test_a_partner_that_does_not_know_us_yet_loses_nothing() -> None:
    wire = LoopWire()
    uk = partner("uk-calais", "UK", "border-force", wire=wire)
    fr = partner("fr-lille", "FR", "paf", wire=wire, clock=uk.clock)
    uk.knows(fr)
    uk.point.dispatch(outgoing())
    assert uk.courier.round() == 0 and states(uk) == ["waiting"]
    fr.knows(uk)
    uk.clock.step(400)
    assert uk.courier.round() == 1 and len(fr.effects) == 1


def test_a_removed_peer_is_taken_nothing_from() -> None:
    uk, fr, _ = two()
    fr.store.write(lambda tx: remove_peer(tx, "uk-calais"))
    uk.point.dispatch(outgoing())
    assert uk.courier.round() == 0 and fr.effects == []
    assert "It was removed." in fr.store.read(lambda tx: check_peer(tx, "uk-calais", at=fr.clock.now()))


def test_a_hand_written_outbox_row_stays_and_raises_an_alarm() -> None:
    uk, fr, _ = two()
    good = uk.point.dispatch(outgoing())
    row = uk.store.read(lambda tx: tx.execute(tables.outbox.select()).one())._asdict()
    forged = {
        **row,
        "position": None,
        "id": "sha256:" + "e" * 64,
        "sequence": 2,
        "signature": row["signature"],
    }
    forged.pop("position")
    uk.store.write(lambda tx: tx.execute(tables.outbox.insert().values(**forged)))
    uk.courier.round()
    uk.courier.round()
    assert [one.message for one in fr.effects] == [good.message]
    assert states(uk) == ["delivered", "stopped"]
    assert [one.kind for one in uk.store.read(boxes.alarms)] == ["no_decision"]


def test_a_hand_written_row_without_signature_is_not_even_signed() -> None:
    uk, _, _ = two()
    uk.point.dispatch(outgoing())
    row = uk.store.read(lambda tx: tx.execute(tables.outbox.select()).one())._asdict()
    forged = {**row, "id": "sha256:" + "e" * 64, "sequence": 2, "signature": None}
    forged.pop("position")
    uk.store.write(lambda tx: tx.execute(tables.outbox.insert().values(**forged)))
    newest = uk.store.read(lambda tx: tx.execute(tables.outbox.select()).all())[-1]
    assert newest.signature is None and newest.state == "stopped"


def test_a_room_that_cannot_take_it_refuses_and_the_lane_goes_on() -> None:
    def effect(tx: object, received: Received) -> None:
        if received.letter is not None and received.letter.reference == "odd-note":
            raise InputError("the room does not know this kind of note")

    wire = LoopWire()
    uk = partner("uk-calais", "UK", "border-force", wire=wire)
    fr = partner("fr-lille", "FR", "paf", wire=wire, clock=uk.clock, effect=effect)
    uk.knows(fr)
    fr.knows(uk)
    for reference in ("odd-note", ""):
        uk.point.dispatch(outgoing(reference=reference))
    for _ in range(3):
        uk.courier.round()
        uk.clock.step(400)
    assert states(uk) == ["refused", "delivered"]
    assert [one.direction for one in fr.store.read(boxes.failures)] == ["in"]


def test_a_node_restored_from_an_old_backup_is_sent_what_it_lost() -> None:
    uk, fr, _ = two()
    uk.point.dispatch(outgoing())
    uk.courier.round()

    def forget(tx: object) -> None:
        for one in (tables.inbox, tables.lane):
            tx.execute(one.delete())  # type: ignore[attr-defined]

    fr.store.write(forget)
    uk.point.dispatch(outgoing())
    for _ in range(3):
        uk.courier.round()
        uk.clock.step(400)
    assert len(fr.effects) == 3 and states(uk) == ["delivered", "delivered"]
    assert [one.kind for one in uk.store.read(boxes.alarms)] == ["partner_behind"]


def test_an_onward_message_keeps_every_restriction_it_came_with() -> None:
    uk, _, _ = two()
    under = Restrictions(onward="ask_originator", use_only=("rescue",), no_court_use=True)
    prepared = uk.point.prepare(outgoing(restrictions=under, received_under="x/p1"))
    assert prepared.decided.verdict == "permit"
    never = outgoing(restrictions=Restrictions(onward="never"))
    assert uk.point.dispatch(never).decided.verdict == "refuse"
    barred = outgoing(restrictions=Restrictions(onward="free", never_to=("FR",)))
    assert uk.point.dispatch(barred).decided.article == "restriction"


def quality(act: str, message: str) -> object:
    body = {
        "reference": "inv-q1",
        "action": act,
        "messages": ["inv-1"],
        "reason": "inaccurate",
        "decided_at": "2026-06-01T12:00:00Z",
    }
    raw = {"type": "quality_notice", "model": "report", "version": 1, "body": body}
    asks = {"act": act, "purpose": "data_quality", "regime": "none"}
    return outgoing(payloads.decode("quality_notice", raw), kind="recall", asks=asks, about=message)


def test_a_recall_follows_every_copy_and_the_state_of_each_holder_is_seen() -> None:
    uk, fr, wire = two()
    be = partner("be-oostende", "BE", "be-police", wire=wire, clock=uk.clock, seed=3)
    fr.knows(be)
    be.knows(fr)
    first = uk.point.dispatch(outgoing())
    uk.courier.round()
    on = outgoing(sender="FR/paf", recipient="BE/be-police", original=first.message)
    fr.point.dispatch(on)
    fr.courier.round()
    for one in (fr, be):
        take = one.point.effect
        one.point.effect = applying(one, take)
    sent = notices.notify(uk.point, quality("recall", first.message), first.message)
    assert len(sent) == 1
    uk.courier.round()
    assert notices.follow_on(fr.point) == 1
    fr.courier.round()
    assert be.store.read(boxes.inbox)[-1].raw == b""
    notices.ask_holders(fr.point, wire, first.message)
    seen = {one.holder: one.state for one in notices.ask_holders(uk.point, wire, first.message)}
    assert seen == {"FR/paf": "applied", "BE/be-police": "applied"}


def applying(one: Partner, take: object) -> object:
    def effect(tx: object, received: object) -> None:
        if received.letter.type == "quality_notice":  # type: ignore[attr-defined]
            notices.apply(tx, received, at=one.clock.now())  # type: ignore[arg-type]
        take(tx, received)  # type: ignore[operator]

    return effect


def test_nobody_recalls_what_somebody_else_sent() -> None:
    uk, fr, wire = two()
    be = partner("be-oostende", "BE", "be-police", wire=wire, clock=uk.clock, seed=3)
    be.knows(fr)
    fr.knows(be)
    first = uk.point.dispatch(outgoing())
    uk.courier.round()
    fr.point.effect = applying(fr, fr.point.effect)
    notice = quality("erase", first.message)
    be.point.dispatch(replace(notice, sender="BE/be-police"))
    be.courier.round()
    assert fr.store.read(lambda tx: boxes.taken(tx, first.message)).raw != b""
    assert kinds(fr).count("received") == 1


def test_a_notice_about_something_nobody_holds_is_a_mistake_that_is_said() -> None:
    uk, _, _ = two()
    with pytest.raises(ExchangeError, match="nobody holds"):
        notices.notify(uk.point, quality("recall", "sha256:" + "0" * 64), "sha256:" + "0" * 64)


def distress(**changes: object) -> object:
    body = {
        "incident_id": "inv-d1",
        "first_known_at": "2026-06-01T12:00:00Z",
        "telephone_to_ring": "+33 300000000",
        "centre": "Invented centre",
        "state": "taking_water",
        "status": "NOT CONFIRMED",
        "phase": "distress",
    }
    raw = {"type": "distress_incident", "model": "report", "version": 1, "body": body | changes}
    return outgoing(payloads.decode("distress_incident", raw))


GATE = ListGate(granted=ListGate().granted | {"organisation", "caller", "health", "vessel_id"})


def test_distress_has_its_own_lane_and_is_not_held_up_by_a_stuck_one() -> None:
    uk, fr, wire = two(uk=GATE, fr=GATE)
    uk.point.dispatch(outgoing())
    real = wire.doors["fr-lille"]
    uk.point.dispatch(distress())
    wire.doors["fr-lille"] = lambda path, body: real(path, body) if len(wire.carried) == 1 else (503, b"")
    uk.courier.round()
    assert [one.letter.type for one in fr.effects] == ["distress_incident"]


def test_distress_is_never_refused_by_the_gate_the_version_the_clock_or_the_order() -> None:
    uk, fr, _ = two(uk=GATE, fr=ListGate(closed=True))
    uk.point.dispatch(distress())
    uk.store.write(
        lambda tx: boxes.advance(tx, "fr-lille", "distress", "out", to=boxes.Place(40, "sha256:" + "1" * 64))
    )
    uk.point.dispatch(distress())
    fr.clock = fr.point.clock = type(uk.clock)(uk.clock.now())
    fr.clock.step(800 * 86400)
    assert uk.courier.round() == 2
    assert len(fr.effects) == 2
    assert any("card" in one for one in fr.effects[0].defects)
    assert any("not_accepted" in one for one in fr.effects[0].defects)
    assert any("sequence" in one for one in fr.effects[1].defects)


def test_when_the_store_cannot_write_distress_is_shown_first_and_logged_when_it_can(tmp_path: Path) -> None:
    uk, fr, _ = two(tmp_path, uk=GATE, fr=GATE)
    uk.point.dispatch(distress())
    real = fr.store.submit

    def full(acts: object) -> object:
        raise StoreError("no room")

    fr.store.submit = full
    assert uk.courier.round() == 0
    assert [(one.logged, one.letter.type) for one in fr.shown] == [(False, "distress_incident")]
    assert fr.effects == []
    fr.store.submit = real
    assert fr.point.log_what_was_shown() == 0
    assert len(fr.effects) == 1 and fr.effects[0].logged
    uk.clock.step(10)
    assert uk.courier.round() == 1 and len(fr.effects) == 1


def test_nothing_but_distress_may_use_the_distress_lane() -> None:
    uk, fr, _ = two()
    prepared = uk.point.prepare(outgoing())
    uk.store.write(lambda tx: uk.point.send(tx, replace(prepared, lane="distress")))
    uk.courier.round()
    assert any("distress" in one for one in fr.effects[0].defects), (
        "shown with its defect, never silently ordinary"
    )
    assert Kind.RECEIVED in kinds(fr)


@pytest.mark.parametrize("lost", [1, 3])
def test_exchange_works_on_either_database(url: str, lost: int) -> None:
    wire = LoopWire(lose_replies=lost)
    uk = partner("uk-calais", "UK", "border-force", wire=wire, url=url)
    fr = partner("fr-lille", "FR", "paf", wire=wire, clock=uk.clock)
    uk.knows(fr)
    fr.knows(uk)
    uk.store.write(lambda tx: None)
    for _ in range(20):
        uk.point.dispatch(outgoing())
    for _ in range(lost + 2):  # after a failure it begins with few, then all the rest
        uk.courier.round()
        uk.clock.step(400)
    assert states(uk) == ["delivered"] * 20 and len(fr.effects) == 20
    uk.store.close()
    fr.store.close()


def test_an_attachment_follows_its_message_in_sealed_chunks_and_resumes_where_it_stopped() -> None:
    uk, fr, wire = two(
        uk=ListGate(granted=ListGate().granted | {"attachment", "image"}),
        fr=ListGate(granted=ListGate().granted | {"attachment", "image"}),
    )
    content = b"Invented picture of a boat. " * 113_000  # 49 chunks, four posts
    made = attachments.attach(uk.point, content)
    title = {"title": "Boat engines", "area": "coast", "lines": [made["sha256"]]}
    uk.point.dispatch(outgoing(note_of_practice(**title), attachments=(made, {**made, "sha256": "0" * 64})))
    real = wire.doors["fr-lille"]
    left = [3]

    def stops(path: str, body: bytes) -> tuple[int, bytes]:
        if path == attachments.CHUNKS:
            left[0] -= 1
            if left[0] < 0:
                return 503, b""
        return real(path, body)

    wire.doors["fr-lille"] = stops
    uk.courier.round()
    letter = fr.effects[0].letter
    assert letter is not None and len(letter.attachments) == 1, (
        "a file whose leaf does not leave does not leave"
    )
    with pytest.raises(StoreError, match="not whole"):
        fr.store.read(lambda tx: list(attachments.content(tx, letter.attachments[0])))
    left[0] = 100
    uk.clock.step(60)
    uk.courier.round()
    assert fr.store.read(lambda tx: b"".join(attachments.content(tx, letter.attachments[0]))) == content
    assert 100 - left[0] == 1, "only what was missing went again"
    assert content[:28] not in b"".join(body for _, _, body in wire.carried)


def test_a_chunk_that_nobody_announced_is_refused() -> None:
    _, fr, wire = two()
    assert wire.doors["fr-lille"](attachments.CHUNKS, bytes(16) + bytes(4) + b"x")[0] == 400
    assert fr.effects == []


def test_a_word_from_a_partner_ends_the_wait_that_its_absence_caused() -> None:
    uk, fr, wire = two()
    wire.down.add("fr-lille")
    uk.point.dispatch(outgoing())
    for _ in range(8):
        uk.courier.round()
        uk.clock.step(300)
    uk.courier.round()
    wire.down.clear()
    uk.clock.step(1)
    assert uk.courier.round() == 0, "by itself it would wait for minutes"
    fr.point.dispatch(outgoing(sender="FR/paf", recipient="UK/border-force"))
    assert fr.courier.round() == 1
    assert uk.courier.round() == 1 and states(uk) == ["delivered"]


def test_a_partner_that_only_talks_is_not_called_more_often_than_once_a_second() -> None:
    uk, fr, wire = two()
    wire.down.add("fr-lille")
    uk.point.dispatch(outgoing())
    uk.courier.round()
    for _ in range(5):
        fr.point.dispatch(outgoing(sender="FR/paf", recipient="UK/border-force"))
        fr.courier.round()
        uk.courier.round()
    assert uk.store.read(boxes.outbox)[0].attempts == 1


def test_where_nobody_listens_it_is_tried_every_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    uk, _, wire = two()
    uk.point.dispatch(outgoing())

    def refused(*_: object, **__: object) -> Reply:
        raise Transient("refused", field=NOBODY_LISTENS)

    monkeypatch.setattr(wire, "post", refused)
    waits = []
    for _ in range(12):
        now = uk.clock.now()
        uk.courier.round()
        waits.append((uk.store.read(boxes.outbox)[0].due_at - now).total_seconds())
        uk.clock.step(waits[-1])
    assert 2 < max(waits) <= 5 and waits[0] <= 1


def test_after_a_failure_it_begins_with_few_messages() -> None:
    uk, fr, wire = two()
    for _ in range(20):
        uk.point.dispatch(outgoing())
    wire.lose_replies = 1
    uk.courier.round()
    uk.clock.step(2)
    assert [uk.courier.round() for _ in range(2)] == [8, 12] and len(fr.effects) == 20
