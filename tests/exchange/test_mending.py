"""Is a stuck lane mended by two named persons only, and do both ledgers tell the gap?"""

from __future__ import annotations

from typing import Any

import pytest

from cordiale.errors import ExchangeError, IdentityError, SealError, Transient
from cordiale.exchange import boxes, mending, tables
from cordiale.exchange.message import NO_MESSAGE
from cordiale.exchange.service import MESSAGES, join, split
from cordiale.ledger import Kind
from cordiale.seals import canonical, read_object
from tests.exchange.partners import Partner, outgoing, partner, two
from tests.exchange.test_delivery import sound, states

ASKER, AGREER = "Invented British Officer", "Invented French Officer"


def stuck(count: int = 3) -> tuple[Partner, Partner, Any, list[str]]:
    """One message taken, then one that the partner will never take, and others behind it."""
    uk, fr, wire = two()
    uk.point.dispatch(outgoing(reference="taken"))
    uk.courier.round()
    sent = [uk.point.dispatch(outgoing(reference=f"m{n}")).message for n in range(count)]

    def spoil(tx: Any) -> None:
        c = tables.outbox.c
        row = tx.execute(tables.outbox.select().where(c.id == sent[0])).one()
        share = {**row.signature, "size": 7}  # stored wrongly: the partner answers `form` or `signature`
        tx.execute(tables.outbox.update().where(c.id == sent[0]).values(signature=share))

    uk.store.write(spoil)
    uk.courier.round()
    return uk, fr, wire, sent


def aside(one: Partner, message: str = "") -> int:
    return next(f.id for f in one.store.read(boxes.failures) if f.message == message or not message)


def later(uk: Partner) -> int:
    uk.clock.step(400)
    return uk.courier.round()


def peer_entries(one: Partner) -> list[dict[str, Any]]:
    found = one.store.read(lambda tx: list(one.point.log.entries(tx, kind=Kind.PEER)))
    return [dict(logged.entry.facts) for logged in found]


def test_without_a_person_a_stuck_lane_stays_stuck_and_loses_nothing() -> None:
    uk, fr, _, _ = stuck()
    for _ in range(5):
        assert later(uk) == 0
    assert states(uk) == ["delivered", "waiting", "waiting", "waiting"] and len(fr.effects) == 1
    assert [one.kind for one in uk.store.read(boxes.alarms)] == ["not_taken"]
    assert peer_entries(uk) == []


def test_two_persons_let_the_lane_go_on_and_both_ledgers_tell_the_gap() -> None:
    uk, fr, _, sent = stuck()
    notice = mending.ask(
        uk.point, aside(uk, sent[0]), by=ASKER, reason="spoilt on our disk", officer="ab" * 8
    )
    assert later(uk) == 0 and states(uk)[1:] == ["waiting"] * 3, "nobody at the partner has agreed yet"
    (asking,) = fr.store.read(boxes.failures)
    assert asking.message == notice and "without" in asking.reason
    assert "lane_asked" in [one.kind for one in fr.store.read(boxes.alarms)]
    mending.agree(fr.point, asking.id, by=AGREER, officer="cd" * 8)
    later(uk)
    later(uk)
    assert [one.letter.reference for one in fr.effects] == ["taken", "m1", "m2"]
    rows = {row.reference: [] for row in uk.store.read(boxes.outbox)}  # type: ignore[var-annotated]
    for row in uk.store.read(boxes.outbox):
        rows[row.reference].append(row.state)
    assert rows == {"taken": ["delivered"], "m0": ["failed"], "m1": ["delivered", "failed"], "m2": rows["m2"]}
    ours, theirs = peer_entries(uk), peer_entries(fr)
    assert [one["state"] for one in ours] == ["asked", "reseated"] and ours[1]["count"] == 2
    assert [one["state"] for one in theirs] == ["agreed"]
    for one in (*ours, *theirs):
        assert one["message"] == sent[0] and one["content"] == notice and one["sequence"] == 5
    assert ours[0]["officer"] == "ab" * 8 and theirs[0]["officer"] == "cd" * 8
    sound(uk, fr)


def test_what_went_on_is_recalled_as_if_nothing_had_happened() -> None:
    from cordiale.exchange import notices
    from tests.exchange.test_delivery import applying, quality

    uk, fr, _, sent = stuck(2)
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    later(uk)
    mending.agree(fr.point, aside(fr), by=AGREER)
    later(uk)
    later(uk)
    held = fr.effects[-1].message
    assert held != sent[1]
    fr.point.effect = applying(fr, lambda tx, received: None)
    assert len(notices.notify(uk.point, quality("recall", held), held)) == 1
    later(uk)
    kept = fr.store.read(lambda tx: boxes.taken(tx, held))
    assert kept is not None and kept.raw == b""


def test_messages_written_between_asking_and_agreeing_go_on_too() -> None:
    uk, fr, _, _ = stuck(1)
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    uk.point.dispatch(outgoing(reference="written-meanwhile"))
    later(uk)
    mending.agree(fr.point, aside(fr), by=AGREER)
    later(uk)
    uk.point.dispatch(outgoing(reference="written-after"))
    later(uk)
    later(uk)
    assert [one.letter.reference for one in fr.effects] == ["taken", "written-meanwhile", "written-after"]


def test_a_fork_after_an_old_backup_of_the_sender_is_mended_at_a_place_beyond_both() -> None:
    uk, fr, _ = two()
    for n in range(4):
        uk.point.dispatch(outgoing(reference=f"old{n}"))
    uk.courier.round()

    def restored(tx: Any) -> None:
        tx.execute(tables.outbox.delete())
        boxes.advance(tx, "fr-lille", "main", "out", to=boxes.Place(1, NO_MESSAGE))

    uk.store.write(restored)
    uk.point.dispatch(outgoing(reference="new"))
    uk.courier.round()
    assert states(uk) == ["waiting"] and "fork" in [one.kind for one in fr.store.read(boxes.alarms)]
    mending.ask(uk.point, aside(uk), by=ASKER, reason="restored from Sunday's backup")
    uk.point.dispatch(outgoing(reference="behind-it"))
    for _ in range(2):  # first it hears that the place is taken, then it asks for one beyond
        later(uk)
    mending.agree(fr.point, aside(fr), by=AGREER)
    later(uk)
    later(uk)
    assert [one.letter.reference for one in fr.effects] == ["old0", "old1", "old2", "old3", "behind-it"]
    assert peer_entries(uk)[-1]["sequence"] == 5


def test_a_person_at_the_partner_may_refuse_and_then_nothing_moves() -> None:
    uk, fr, _, _ = stuck()
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    later(uk)
    asking = aside(fr)
    fr.store.write(lambda tx: boxes.settle(tx, asking, state="dismissed", by=AGREER, at=fr.clock.now()))
    later(uk)
    assert states(uk)[1:] == ["waiting"] * 3 and len(fr.effects) == 1
    assert "refused to go on" in uk.store.read(boxes.outbox)[-2].fault


def test_an_agreement_that_was_lost_on_the_way_is_heard_again() -> None:
    uk, fr, wire, _ = stuck()
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    later(uk)
    mending.agree(fr.point, aside(fr), by=AGREER)
    wire.lose_replies = 1
    later(uk)
    assert states(uk)[1:] == ["waiting"] * 3
    later(uk)
    later(uk)
    assert len(fr.effects) == 3 and len(peer_entries(fr)) == 1


@pytest.mark.parametrize("words", [("", "reason"), ("name", " ")])
def test_an_asking_without_name_or_reason_is_refused(words: tuple[str, str]) -> None:
    uk, _, _, _ = stuck()
    with pytest.raises(ExchangeError, match="name who asks"):
        mending.ask(uk.point, aside(uk), by=words[0], reason=words[1])
    with pytest.raises(ExchangeError, match="name who agrees"):
        mending.agree(uk.point, 1, by=" ")


def test_only_what_holds_up_its_lane_is_asked_about() -> None:
    uk, _, _, sent = stuck()
    at = uk.clock.now()
    uk.store.write(lambda tx: boxes.set_aside(tx, "out", sent[1], reason="not first", at=at, peer="fr-lille"))
    for wrong in (aside(uk, sent[1]), 999):
        with pytest.raises(ExchangeError, match="holds up no lane"):
            mending.ask(uk.point, wrong, by=ASKER, reason="x")


def test_what_is_no_open_asking_cannot_be_agreed_to_and_a_lane_that_moved_neither() -> None:
    uk, fr, _, _ = stuck()
    with pytest.raises(ExchangeError, match="no open asking"):
        mending.agree(fr.point, 77, by=AGREER)
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    later(uk)
    fr.store.write(lambda tx: boxes.advance(tx, "uk-calais", "main", "in", to=boxes.Place(50, NO_MESSAGE)))
    with pytest.raises(ExchangeError, match="moved on"):
        mending.agree(fr.point, aside(fr), by=AGREER)


def test_a_newer_asking_takes_the_place_of_an_older_one() -> None:
    uk, fr, _, _ = stuck()
    failed = aside(uk)
    mending.ask(uk.point, failed, by=ASKER, reason="x")
    later(uk)
    uk.clock.step(1)
    second = mending.ask(uk.point, failed, by=ASKER, reason="again")
    later(uk)
    assert [one.message for one in fr.store.read(boxes.failures)] == [second]


def notice_of(uk: Partner, **changes: Any) -> bytes:
    body = {
        "at": "2026-06-01T12:00:00Z",
        "lane": "main",
        "message": "sha256:" + "1" * 64,
        "next": 9,
        "node": "uk-calais",
        "to": "fr-lille",
    }
    return mending._signed(uk.point, mending.NOTICE_KIND, body | changes)


def test_nobody_moves_the_lane_of_somebody_else() -> None:
    uk, fr, wire = two()
    thief = partner("be-oostende", "BE", "be-police", wire=wire, clock=uk.clock, seed=3)
    with pytest.raises(IdentityError):
        mending.answer_notice(fr.point, notice_of(thief, node="be-oostende"))
    with pytest.raises(SealError):
        mending.answer_notice(fr.point, notice_of(thief))
    with pytest.raises(ExchangeError, match="somebody else"):
        mending.answer_notice(fr.point, notice_of(uk, to="be-oostende"))
    with pytest.raises(ExchangeError, match="not an object"):
        mending.answer_notice(fr.point, b'{"body":1,"signature":""}')
    assert wire.doors["fr-lille"](mending.LANES, b"{}")[0] == 400
    assert fr.store.read(boxes.failures) == []


def test_an_answer_to_another_notice_or_of_another_status_moves_nothing() -> None:
    uk, fr, wire, sent = stuck()
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    wire.doors["fr-lille"] = lambda path, body: (503, b"")
    with pytest.raises(Transient, match="503"):
        mending.go_on(uk.point, wire, sent[0])
    other = mending._signed(
        fr.point, mending.ANSWER_KIND, {"asked": "sha256:0", "sequence": 1, "state": "agreed"}
    )
    wire.doors["fr-lille"] = lambda path, body: (200, other)
    with pytest.raises(ExchangeError, match="another notice"):
        mending.go_on(uk.point, wire, sent[0])
    forged = canonical({**read_object(other), "signature": read_object(notice_of(uk))["signature"]})
    wire.doors["fr-lille"] = lambda path, body: (200, forged)
    with pytest.raises(SealError):
        mending.go_on(uk.point, wire, sent[0])
    assert mending.go_on(uk.point, wire, sent[1]) is None


def test_a_lane_with_too_much_behind_it_is_not_moved_in_one_act(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "RESEATED_MAX", 1)
    uk, fr, _, _ = stuck()
    mending.ask(uk.point, aside(uk), by=ASKER, reason="x")
    later(uk)
    mending.agree(fr.point, aside(fr), by=AGREER)
    later(uk)
    assert states(uk)[1:] == ["waiting"] * 3
    assert split(join([b"x"])) == [b"x"] and MESSAGES
