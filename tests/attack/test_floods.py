"""What if a partner sends a flood that cannot be believed? The ledger stays short and says how much it was, a
person is called, and nobody else is kept from anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.exchange import boxes
from cordiale.exchange.service import FRAMES_MAX, MESSAGES, Service, join, split
from cordiale.exchange.unbelieved import CALLS_MAX, FLOOD, OWN_MAX, WINDOW_S
from cordiale.ledger import Kind
from cordiale.seals import digest
from tests.attack.test_exchange_cheating import hand_in, raws
from tests.exchange.partners import Partner, two


def junk(count: int, start: int = 0, lane: str = "main") -> list[bytes]:
    return [f'{{"header":{{"lane":"{lane}","n":{n}}}}}'.encode() for n in range(start, start + count)]


def pour(fr: Partner, messages: list[bytes], by: str = "uk-calais") -> list[bytes]:
    return split(Service(fr.point)(MESSAGES, join(messages), by=by)[1])


def refusals(fr: Partner) -> list[Mapping[str, Any]]:
    found = fr.store.read(lambda tx: list(fr.point.log.entries(tx, kind=Kind.REFUSED)))
    return [one.entry.facts for one in found]


def test_thousands_of_unbelieved_messages_lengthen_the_ledger_by_a_few_entries() -> None:
    _, fr, _ = two()
    sent: list[bytes] = []
    for turn in range(3):
        several = junk(FRAMES_MAX, turn * FRAMES_MAX)
        assert set(pour(fr, several)) == {b"Nform"}, "each is told why"
        sent += several
    assert len(refusals(fr)) == OWN_MAX
    fr.clock.step(WINDOW_S)
    fr.point.log_what_was_counted()
    *own, common = refusals(fr)
    assert [one["content"] for one in own] == [digest(one) for one in sent[:OWN_MAX]]
    assert common["count"] == len(sent) - OWN_MAX and common["outcome"] == "rejected"
    assert common["peer"] == "uk-calais" and common["reasons"] == ("form",)
    chain = ""
    for one in sent[OWN_MAX:]:
        chain = digest(f"{chain}{digest(one)}".encode())
    assert common["content"] == chain, "what was counted can be proved by who kept it"
    assert fr.store.read(boxes.inbox) == [] and fr.effects == []


def test_single_messages_one_after_another_are_counted_like_many_at_once() -> None:
    _, fr, _ = two()
    for one in junk(OWN_MAX + 20):
        assert pour(fr, [one]) == [b"Nform"]
    assert len(refusals(fr)) == OWN_MAX
    fr.clock.step(WINDOW_S)
    pour(fr, junk(1, 5000))
    *_, common, next_one = refusals(fr)
    assert common["count"] == 20 and next_one["content"] == digest(junk(1, 5000)[0])


def test_a_flood_calls_a_person_once_and_names_the_partner() -> None:
    _, fr, _ = two()
    pour(fr, junk(OWN_MAX))
    assert fr.store.read(boxes.alarms) == []
    pour(fr, junk(200))
    (alarm,) = [one for one in fr.store.read(boxes.alarms) if one.kind == FLOOD]
    assert alarm.peer == "uk-calais"


def test_a_flood_of_one_partner_hides_no_refusal_of_another_and_no_honest_message() -> None:
    uk, fr, _ = two()
    pour(fr, junk(FRAMES_MAX), by="be-brussels")
    assert hand_in(fr, *raws(uk, 1))[0][:1] == b"R" and len(fr.effects) == 1
    pour(fr, junk(1, 9000))
    assert refusals(fr)[-1]["content"] == digest(junk(1, 9000)[0])


def test_what_claims_to_be_distress_is_shown_in_the_midst_of_a_flood() -> None:
    _, fr, _ = two()
    pour(fr, junk(FRAMES_MAX))
    pour(fr, junk(1, 1, lane="distress"))
    (alarm,) = [one for one in fr.store.read(boxes.alarms) if one.kind == "unreadable_distress"]
    assert "register number" in alarm.says and len(fr.effects) == 1
    pour(fr, junk(CALLS_MAX + 5, 2, lane="distress"))
    assert len(fr.effects) == CALLS_MAX + 6, "each is given to the room that shows it"
    assert len(refusals(fr)) == OWN_MAX + CALLS_MAX


def test_a_node_that_ends_writes_down_what_it_has_counted() -> None:
    _, fr, _ = two()
    pour(fr, junk(OWN_MAX + 3))
    fr.point.log_what_was_counted(all_of_it=True)
    assert refusals(fr)[-1]["count"] == 3
