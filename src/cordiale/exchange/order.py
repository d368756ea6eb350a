"""Whether what came stands where it says: gaps, forks, two histories of one ledger; and what makes a run.

Everything here looks and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select

from cordiale.exchange import boxes, tables
from cordiale.exchange.boxes import IN, Place
from cordiale.exchange.judging import Gate
from cordiale.exchange.message import RESCUE_LANES, UNSTORED, Head, Header
from cordiale.exchange.stages import Arrived, Fault
from cordiale.store.ready import Ready


def odd(tx: Connection, header: Header, before: Place, message: str) -> Fault | None:
    """Why it may not stand where it says, or None."""
    return _order(tx, header, before, message) or _same_ledger(tx, header)


def _order(tx: Connection, header: Header, before: Place, message: str) -> Fault | None:
    """Gaps and forks: what is missing is asked for, what contradicts is never taken."""
    if header.lane == UNSTORED:
        return None  # it left from memory: it has no place before or after anything
    expected = before.sequence + 1
    if header.sequence > expected:
        return Fault("sequence", f"message {expected} is missing; {header.sequence} came")
    if header.sequence < expected or header.previous != before.last:
        other = boxes.at_place(tx, header.sender, header.lane, header.sequence) or before.last
        return Fault("fork", f"place {header.sequence} is held by {other}; {message} claims it too")
    return None


def past_gone(tx: Connection, header: Header, before: Place) -> Place:
    """The place after all that came once, follows `before` and was recalled while we had forgotten it."""
    while message := boxes.at_place(tx, header.sender, header.lane, before.sequence + 1):
        before = Place(before.sequence + 1, message)
    return before


def _same_ledger(tx: Connection, header: Header) -> Fault | None:
    """Two roots of one size are two histories: the partner shows us another ledger than before."""
    held = _head_held(tx, header.sender)
    if held.size and header.head.size == held.size and header.head.root != held.root:
        return Fault("split_view", f"at size {held.size} its ledger had another root")
    return None


def run_of(tx: Connection, several: Sequence[Arrived], gate: Gate) -> tuple[Place, Sequence[Arrived]]:
    """The longest beginning of `several` in which nothing is odd, and the place of the lane before it.

    Nothing odd: one sender and one lane, no distress, no fault, judged by `gate`, none known yet, each in its
    place behind the one before, and one history of the sender's ledger. Empty when the first is odd already.
    """
    nowhere = Place(0, "")
    if not _is_plain(several[0], gate):
        return nowhere, ()
    first = _header(several[0])
    before, head = boxes.place(tx, first.sender, first.lane, IN), _head_held(tx, first.sender)
    at, count = before, 0
    for one in several:
        if not _is_plain(one, gate):
            break
        header = _header(one)
        expected = (first.sender, first.lane, at.sequence + 1, at.last)
        if (header.sender, header.lane, header.sequence, header.previous) != expected:
            break
        if head.size and header.head.size == head.size and header.head.root != head.root:
            break
        head = header.head if header.head.size > head.size else head
        at, count = Place(header.sequence, _id(one)), count + 1
    return before, _unknown(tx, several[:count])


def _is_plain(arrived: Arrived, gate: Gate) -> bool:
    if arrived.envelope is None or arrived.fault or arrived.letter is None or arrived.card is None:
        return False
    if arrived.letter.attachments:
        return False  # whether there is room for its files is asked of each
    return arrived.gate is gate and arrived.envelope.header.lane not in RESCUE_LANES


def _unknown(tx: Connection, several: Sequence[Arrived]) -> Sequence[Arrived]:
    """The beginning of `several` that never came before."""
    known = boxes.known_among(tx, [_id(one) for one in several])
    fresh = next((i for i, one in enumerate(several) if _id(one) in known), len(several))
    return several[:fresh]


def _header(arrived: Arrived) -> Header:
    assert arrived.envelope is not None
    return arrived.envelope.header


def _id(arrived: Arrived) -> str:
    assert arrived.envelope is not None
    return arrived.envelope.id


def _head_held(tx: Connection, node: str) -> Head:
    row = _HEAD_HELD.one(tx, n=node)
    assert row is not None  # whoever is believed has a row here
    return Head(*row)


_HEAD_HELD: Final = Ready(
    select(tables.peer.c.head_size, tables.peer.c.head_root).where(tables.peer.c.node == bindparam("n"))
)
