"""What if a partner uses its own recalls and dates to make a call vanish, or says two things at once?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cordiale import payloads
from cordiale.exchange import Outgoing, boxes
from cordiale.exchange.travelling import FREE
from cordiale.node import notices, reports, rescue, rescue_sent
from cordiale.simulation import Simulation
from tests.node.test_reads_by_authority import arrive, made
from tests.node.test_rescue import settled
from tests.web.pages import distress, night

__all__ = ["made"]


@pytest.fixture
def sea() -> Iterator[Simulation]:
    with night().simulation as found:
        yield found


def call(sea: Simulation, **more: Any) -> str:
    """An invented French call to the British centre; the id of its message."""
    body, _ = payloads.decode_distress(distress(sea.clock.now()))
    out = Outgoing(
        kind="notice",
        sender="FR/cross-gris-nez",
        recipient="UK/hm-coastguard",
        body=body,
        asks=dict(rescue_sent.ASKS),
        reference="invented-1",
        officer="0" * 16,
    )
    message = sea.nodes["FR"].contact.dispatch(replace(out, **more)).message
    settled(sea)
    return message


def notice(made: Simulation, message: str, *, action: str, act: str, sender: str, recipient: str) -> None:
    """What the French node says about a message of its own."""
    at = f"{made.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    body = {
        "reference": "invented-2",
        "action": action,
        "messages": [message],
        "reason": "inaccurate",
        "decided_at": at,
    }
    raw = {"type": notices.TYPE, "model": "report", "version": 1, "body": body}
    made.nodes["FR"].contact.dispatch(
        Outgoing(
            kind="recall",
            sender=sender,
            recipient=recipient,
            body=payloads.decode(notices.TYPE, raw),
            asks=notices._asks(act),
            about=message,
            officer="0" * 16,
        )
    )
    settled(made)


def test_a_call_with_a_date_of_erasure_in_the_past_stays_on_the_screen(sea: Simulation) -> None:
    call(sea, restrictions=replace(FREE, erase_by=sea.clock.now() - timedelta(days=1)))
    settled(sea)
    (shown,) = rescue.distresses(sea.nodes["UK"])
    assert shown.sounding and shown.body["persons"] == 44


@pytest.mark.parametrize("action", ["recall", "erase"])
def test_a_call_that_is_recalled_stays_on_the_screen_until_a_person_closes_it(
    sea: Simulation, action: str
) -> None:
    message = call(sea)
    ends = {"sender": "FR/cross-gris-nez", "recipient": "UK/hm-coastguard"}
    notice(sea, message, action=action, act=action, **ends)
    assert "quality_notice" in [one.type for one in sea.nodes["UK"].store.read(boxes.inbox)]
    (shown,) = rescue.distresses(sea.nodes["UK"])
    assert shown.sounding and shown.body["persons"] == 44


@pytest.mark.parametrize(("action", "act"), [("recall", "correct"), ("erase", "restrict")])
def test_a_notice_that_says_one_act_to_the_gate_and_another_to_us_does_neither(
    made: Simulation, action: str, act: str
) -> None:
    reference = arrive(made)
    line = reports.inbox(*made.officer("UK/nca"))[0]
    ends = {"sender": "FR/oltim", "recipient": "UK/nca"}
    notice(made, line.message, action=action, act=act, **ends)
    came = made.nodes["UK"].store.read(boxes.inbox)
    assert [one.outcome for one in came if one.type == notices.TYPE] == ["refused"]
    (kept,) = [one for one in reports.inbox(*made.officer("UK/nca")) if one.reference == reference]
    assert kept.state == "received"
