"""Distress that comes: shown and sounded first, then recorded; of a known partner never refused.

An answer that repeats our own call may say that its centre has it, or that it was closed there; it closes
nothing here. Whatever says anything else is a call of its own, and sounds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.exchange import Received
from cordiale.exchange.claims import REJECTED
from cordiale.exchange.entries import bare
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import rescue_kept as kept
from cordiale.node import tables
from cordiale.node.rescue_shown import (
    AGAIN,
    CALLED_AGAIN,
    TOLD_CLOSED,
    Distress,
    distresses,
    locked,
    locked_step,
    ring,
)
from cordiale.payloads.codec import tree_of
from cordiale.seals import canonical

if TYPE_CHECKING:
    from cordiale.node.node import Node

TYPE: Final = "distress_incident"
UNLOGGED_MAX: Final = 200  # calls of one partner on the screen at once that the store cannot write
UNREADABLE_MAX: Final = 20  # unreadable calls of one partner that sound at once
CLOSED_LOOKED_AT_MAX: Final = 500  # closed incidents in which an answer may find its call; else it sounds
MOVES: Final = ("phase", "status")
"""What an answer changes in the call that it repeats."""
ONGOING, CONCLUDED, IN_DISTRESS = "operation_ongoing", "operation_concluded", "distress"
"""Phases that are news of a call: we have it; closed here; not closed after all."""


def show(node: Node, received: Received) -> None:
    """Show and sound a call that the store has not confirmed yet. Called twice, it changes nothing."""
    if received.message in node.unlogged:
        return
    if received.outcome == REJECTED and _too_many(received, distresses(node)):
        return
    node.unlogged[received.message] = (_with_count(node, _received(node, received, logged=False)), None)
    node.announce("distress")


def _with_count(node: Node, new: Distress) -> Distress:
    """A call as it is shown; where its partner has very many that only memory holds, the newest stand for
    all, and say how many there are: each earlier one comes again until it is recorded.
    """
    earlier = [
        key for key, (one, act) in list(node.unlogged.items()) if act is None and one.other == new.other
    ]
    over = len(earlier) - UNLOGGED_MAX + 1
    for key in earlier[: max(0, over)]:
        node.unlogged.pop(key, None)
    if over <= 0:
        return new
    node.unshown[new.other] = node.unshown.get(new.other, 0) + over
    says = f"{node.unshown[new.other]} earlier calls of this partner make way for the newest: ring it"
    return replace(new, defects=(*new.defects, says))


def take(node: Node, tx: Connection, received: Received) -> None:
    """What a distress message does here, in the transaction of its receipt or, if it is not believed, of its
    refusal: it is shown and sounds, with its defects, until a named person has confirmed it.
    """
    node.later.append("distress")
    if _answers(received) and _is_news(node, tx, received):
        node.unlogged.pop(received.message, None)  # shown while the store could not write: it is no call
        return
    new = _received(node, received)
    if tables.distress(tx, new.reference) is None:
        if received.outcome == REJECTED:
            if _too_many(received, tables.open_distresses(tx)):
                return
            _log_claim(node, tx, new)
        row = {
            "reference": new.reference,
            "state": "received",
            "at": new.opened_at,
            "opened_by": new.opened_by,
            "other": new.other,
            "message_id": received.message,
            "defects": [bare(one) for one in new.defects],
            "sent_to": {},
            "body": locked(node, new.reference, new.body),
        }
        tables.put_distress(tx, row)


def _too_many(received: Received, shown: Iterable[Any]) -> bool:
    """Whether this partner has so many unreadable calls sounding that one more helps nobody: its alarm and
    its ledger entry stand, and somebody must ring there anyway. Calls that are believed have no limit.
    """
    unread = (one for one in shown if one.other == received.peer and not one.confirmed_by)
    return sum(1 for _ in unread) >= UNREADABLE_MAX


def _log_claim(node: Node, tx: Connection, new: Distress) -> None:
    """Nobody's message stands behind it, so the ledger tells of the incident itself."""
    facts: dict[str, Fact] = {
        "incident": new.reference,
        "state": "received",
        "rescue": True,
        "peer": new.other,
    }
    node.log.append(tx, Entry(Kind.RESCUE, new.opened_at, facts))


def _received(node: Node, received: Received, *, logged: bool = True) -> Distress:
    """What came, as it is shown; the message id names it, so that a second copy is the same incident here."""
    letter = received.letter
    sender = letter.sender if letter is not None else received.peer
    body = dict(tree_of(received.body)) if received.body is not None else {}
    shown = ring(node, [sender])
    if body.get("telephone_to_ring"):
        shown = ({"name": str(body.get("centre", sender)), "number": str(body["telephone_to_ring"])}, *shown)
    return Distress(
        reference=reference_of(received.message),
        state="received",
        opened_at=node.world.clock.now(),
        opened_by=sender,
        other=sender,
        body=body,
        sounding=True,
        confirmed_by="",
        confirmed_at=None,
        ring=shown,
        defects=received.defects,
        centres=(),
        logged=logged,
    )


def reference_of(message: str) -> str:
    """The incident that a call makes here: the beginning of its message id."""
    return message.removeprefix("sha256:")[:16]


def _answers(received: Received) -> bool:
    """Whether it says that it answers a call, and so may be news of that call. Anything else is a call of its
    own and sounds.

    A new call that names an old one must never be swallowed by it (Cranston Inquiry, 2026: a second boat was
    taken for the first).
    """
    letter = received.letter
    if letter is None or not letter.about or letter.kind != "answer" or received.body is None:
        return False
    return letter.grounds.get("act") == "answer"


def _is_news(node: Node, tx: Connection, received: Received) -> bool:
    """Take in what an answer tells of a call that both nodes know: confirmed, closed or not closed there.

    Only what repeats the call as it stands here is news of it; an answer that says anything else sounds.
    """
    phase = dict(tree_of(received.body)).get("phase") if received.body is not None else ""
    if phase == ONGOING:
        return _acknowledged(node, tx, received)
    if phase not in (CONCLUDED, IN_DISTRESS):
        return False
    row = _known(tx, received)
    if row is None or not _repeats(node, row, received):
        return False
    act = TOLD_CLOSED if phase == CONCLUDED else CALLED_AGAIN
    _note(node, tx, row, received, act=act)
    return True


def _acknowledged(node: Node, tx: Connection, received: Received) -> bool:
    """A centre has confirmed a call of ours: note who, on the incident that it answers."""
    letter = received.letter
    assert letter is not None
    for row in tables.open_distresses(tx):
        sent = {name: dict(one) for name, one in row.sent_to.items()}
        if letter.sender not in sent or sent[letter.sender].get("message") != letter.about:
            continue
        if not _repeats(node, row, received):
            return False
        sent[letter.sender] |= {"confirmed_by": letter.sender, "confirmed_at": letter.sent_at.isoformat()}
        tables.change_distress(tx, row.reference, sent_to=sent)
        return True
    return False


def _known(tx: Connection, received: Received) -> Row[Any] | None:
    """The incident, open or closed, that an answer of its partner's Side is about: any of its authorities may
    tell how it ended.
    """
    letter = received.letter
    assert letter is not None
    side = letter.sender.partition("/")[0]
    came = kept.by_message(tx, letter.about)
    if came is not None:
        return came if came.other.partition("/")[0] == side else None
    for row in (*tables.open_distresses(tx), *kept.closed(tx, limit=CLOSED_LOOKED_AT_MAX)):
        for name, one in row.sent_to.items():
            if one.get("message") == letter.about and name.partition("/")[0] == side:
                return row
    return None


def _note(node: Node, tx: Connection, row: Row[Any], received: Received, *, act: str) -> None:
    """Closed at a partner: it is shown, and closes and silences nothing here. Called again: it is open and
    sounds here too, until a named person here has confirmed it anew.
    """
    letter = received.letter
    assert letter is not None
    at, past = node.contact.moment(), kept.steps_of(tx, row.reference)
    if past and (past[-1].act, past[-1].by) == (act, letter.sender):
        return
    step = {"reference": row.reference, "at": at, "act": act, "by": letter.sender, "officer": ""}
    kept.add_step(tx, step | locked_step(node, {}))
    if act != CALLED_AGAIN:
        return
    sent = {name: {**one, AGAIN: True} for name, one in row.sent_to.items()}
    changes: dict[str, Any] = {"state": "received" if row.other else "opened", "closed_by": ""}
    changes |= {"confirmed_by": "", "confirmed_at": None, "sent_to": sent}
    tables.change_distress(tx, row.reference, **changes)
    facts: dict[str, Fact] = {"incident": row.reference, "state": act, "rescue": True, "peer": received.peer}
    node.log.append(tx, Entry(Kind.RESCUE, at, facts))


def _repeats(node: Node, row: Row[Any], received: Received) -> bool:
    """Whether it says what the call says, and nothing else, but for what moves."""
    ours = json.loads(node.vault.unlock(row.body, f"distress/{row.reference}"))
    said = json.loads(canonical(dict(tree_of(received.body)))) if received.body is not None else {}
    return all(_told(ours.get(name)) == _told(value) for name, value in said.items() if name not in MOVES)


def _told(value: Any) -> Any:
    """What was told, without the subject ids, which are counted anew on the way."""
    if isinstance(value, Mapping):
        return {name: _told(inner) for name, inner in value.items() if name != "subject"}
    return [_told(inner) for inner in value] if isinstance(value, list) else value
