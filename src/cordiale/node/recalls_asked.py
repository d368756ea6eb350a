"""Whoever called something back hears how it ends: each holder is asked until nothing is open there.

A holder that does not answer, or whose people leave prints and saved files open, stays on the page and raises
an alarm after a service level. No machine closes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from cordiale.errors import ExchangeError, SealError
from cordiale.exchange import Copy, ask_holders, boxes, copies, pursuit
from cordiale.node import recalls
from cordiale.node import recalls_kept as kept

if TYPE_CHECKING:
    from cordiale.node.node import Node

LOOK_EVERY: Final = timedelta(minutes=1)
ASK_AGAIN: Final = timedelta(minutes=15)  # the same holders about the same message
ASKED_MAX: Final = 20  # messages in one look: each asks every direct holder over the wire
ALARM: Final = "recall_open"
LOOKED: Final = "recalls looked at"
"""Under this name the node remembers when it last looked for what to ask."""


def pursue(node: Node, is_over: Callable[[], bool] = lambda: False) -> int:
    """Ask about what is not done with, and raise the alarms that are due; how many messages were asked about.

    It looks once in LOOK_EVERY, and stops between two messages when `is_over` says so. Called on a thread of
    its own: a partner that does not answer must hold up nothing that comes due.
    """
    now, last = node.world.clock.now(), node.seen.get(LOOKED)
    if last is not None and now - last < LOOK_EVERY:
        return 0
    node.seen[LOOKED] = now
    due = node.store.read(
        lambda tx: pursuit.unfinished(tx, limit=ASKED_MAX, asked_before=node.contact.moment() - ASK_AGAIN)
    )
    for message in due:
        if is_over():
            return 0
        _ask(node, message)
    _alarm(node)
    recalls.alarm_overdue(node)
    return len(due)


def _ask(node: Node, message: str) -> None:
    node.store.write(lambda tx: pursuit.note_asked(tx, message, at=node.contact.moment()))
    before = node.store.read(lambda tx: copies.holders(tx, message))
    try:
        after = ask_holders(node.contact, node.courier.wire, message)
    except (ExchangeError, SealError):
        return  # what came was no answer: it stays open, and is asked again
    if after != before:
        node.announce("outbox")


def _alarm(node: Node) -> None:
    at = node.contact.moment()
    late = node.store.read(lambda tx: pursuit.overdue(tx, at - recalls.CONFIRM_WITHIN))
    for message, copy in late:
        node.store.write(partial(_raise_once, message=message, copy=copy, at=at))


def _raise_once(tx: Connection, *, message: str, copy: Copy, at: datetime) -> None:
    about = f"{message}/{copy.holder}"
    if kept.is_alarm_fresh(tx, ALARM, about, peer=copy.node, since=at - timedelta(days=1)):
        return
    says = (
        f"{copy.holder}: {copy.act} {copy.state}; "
        f"{'not told how many' if copy.open_copies is None else copy.open_copies} prints or saved files open"
    )
    boxes.raise_alarm(tx, ALARM, peer=copy.node, about=about, says=says, at=at)
