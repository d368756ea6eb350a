"""After a restore: what a partner tells that this node had forgotten takes its effect here again, and an
operator hears from whom nothing is known yet.

Messages come back through the exchange (exchange/places.py); this is what they do in the rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Row, select

from cordiale.exchange import boxes, places, seats
from cordiale.exchange.message import RESCUE_LANES
from cordiale.exchange.stages import Regained
from cordiale.ledger import Entry
from cordiale.ledger.entry import FACTS, Fact
from cordiale.node import attachments, erasing, notices, recalls, tables
from cordiale.node.saying import Said

if TYPE_CHECKING:
    from cordiale.node.node import Node

FORGOTTEN_PRINTS: Final = "prints_forgotten"
"""The alarm of a restore: the hours of which nobody here knows what was printed or saved."""
WAIT_S: Final = 30.0
"""How long the pages of a restored node stay shut for partners that tell what they recalled."""
STEP_S: Final = 0.2
OFF_HOLD: Final = (
    "it was on hold when the backup was made, and may have gone since: look before it goes again"
)


def begin(node: Node) -> int:
    """Note in the ledger that this node was put back, and let nothing go by itself that was on hold when the
    backup was made: it may have gone since. How many messages lie in the failed box for it.
    """
    node.store.write(lambda tx: _tell_of_prints(node, tx))
    node.store.write(lambda tx: places.note_loss(tx, node.contact))
    return node.store.write(lambda tx: _take_off_hold(node, tx))


def _tell_of_prints(node: Node, tx: Connection) -> None:
    """Say which hours are lost: who printed or saved what in them stood here alone, and no partner knows it.
    A recall finds those sheets only if people say that they have them.
    """
    size = node.log.head(tx).size
    since = node.log.entry(tx, size - 1).at if size else node.contact.moment()
    at = node.contact.moment()
    says = f"from {since:%Y-%m-%d %H:%M} to {at:%Y-%m-%d %H:%M} UTC"
    boxes.raise_alarm(tx, FORGOTTEN_PRINTS, peer="", about="prints", says=says, at=at)


def forgotten_hours(node: Node) -> str:
    """The hours of which nobody here knows what was printed: `from 2026-11-22 20:00 to 2026-11-22 21:00 UTC`;
    "" for a node that was never put back.
    """
    raised = [one for one in node.store.read(boxes.alarms) if one.kind == FORGOTTEN_PRINTS]
    return raised[0].says if raised else ""


def _take_off_hold(node: Node, tx: Connection) -> int:
    p = tables.papers
    rows = tx.execute(select(p).where(p.c.direction == "out", p.c.state == "held")).all()
    at = node.contact.moment()
    for row in rows:
        tables.set_state(tx, row.reference, "failed", due_at=None)
        boxes.set_aside(tx, boxes.OUT, row.reference, reason=OFF_HOLD, at=at, reference=row.reference)
    return len(rows)


# -- what was forgotten --------------------


def regain(node: Node, tx: Connection, got: Regained) -> None:
    """Let a message of ours that a partner still holds stand here again, in the exchange's transaction."""
    if got.lane in RESCUE_LANES:
        says = f"we sent it a distress call at {got.at:%Y-%m-%d %H:%M} UTC that the backup does not hold"
        at = node.contact.moment()
        boxes.raise_alarm(tx, places.RESTORED, peer=got.peer, about=got.message, says=says, at=at)
    elif got.type == notices.TYPE:
        _repeat(node, tx, got)
    elif got.is_whole:
        _list(node, tx, got)
    node.later.append("outbox")


def _list(node: Node, tx: Connection, got: Regained) -> None:
    """The line of what was sent. Its words are where the draft is, or lost here."""
    paper = tables.paper(tx, got.reference)
    if paper is not None and paper.direction == "out":
        tables.set_state(tx, got.reference, "sent", message_id=got.message, due_at=None)
        seats.withdraw(tx, got.reference, by=got.peer, at=node.contact.moment())
        return
    tables.put_line(
        tx,
        reference=got.reference[:80],
        state="sent",
        direction="out",
        other=got.recipient,
        type=got.type,
        message_id=got.message,
        thread=got.reference[:80],
        officer="",
        authority=got.sender.partition("/")[2],
        verdict="",
        article="",
        handling="",
        urgent=False,
        at=got.at,
        erase_by=None,
    )


def _repeat(node: Node, tx: Connection, got: Regained) -> None:
    """Do here again what we did when we sent this notice, as far as it is about what this partner has."""
    at, row = node.contact.moment(), tables.by_message(tx, got.about)
    if row is not None and row.direction == "out" and _went_to(tx, got):
        _call_back(node, tx, row, got)
    known: dict[str, Fact] = {"recalled": got.about, "recipient": got.recipient, "act": got.act}
    facts = {name: value for name, value in known.items() if FACTS[name].fits(value)}
    if "recalled" in facts and got.act in notices.LOGGED:
        node.log.append(tx, Entry(notices.LOGGED[got.act], at, facts | {"state": "repeated"}))


def _went_to(tx: Connection, got: Regained) -> bool:
    return any(one.node == got.peer for one in notices.direct(tx, got.about))


def _call_back(node: Node, tx: Connection, row: Row[object], got: Regained) -> None:
    reference = str(row.reference)
    if got.act in notices.ENDS_COPY:
        tables.set_state(tx, reference, "recalled")
    if got.act == "erase":
        attachments.erase(tx, attachments.files_kept(node, tx, reference))
        tables.erase_paper(tx, reference)
        erasing.mute(node, tx, got.about)
    if got.act in notices.OWN_COPIES:
        recalls.wake(tx, got.about, act=got.act, at=node.contact.moment(), reference=reference)


# -- until all have told --------------------


def silent(node: Node) -> Iterator[str]:
    """One sentence for each partner that has not told since the restore where we stand with it."""
    last, names = node.store.read(lambda tx: places.silent(tx, node.contact))
    for one in names:
        assert last is not None
        yield Said(
            "{partner} has not told since the restore of {at} UTC what it has of this node: "
            "what it recalled since may be shown. Ring it: its node must run and reach this one",
            partner=one,
            at=f"{last.at:%Y-%m-%d %H:%M}",
        )


def wait_for_partners(node: Node, say: Callable[[str], None], pause: Callable[[float], bool]) -> None:
    """After a restore, keep the pages shut for a while until each partner has told and what it sends again
    has come. `pause` waits so many seconds. Distress is taken meanwhile.
    """
    if not list(silent(node)):
        return
    say("this node was restored: asking every partner what it has forgotten, before the pages open")
    until = node.world.clock.monotonic_s() + WAIT_S
    while _is_waiting(node) and node.world.clock.monotonic_s() < until:
        pause(STEP_S)
    for one in silent(node):
        say(one)


def _is_waiting(node: Node) -> bool:
    if list(silent(node)):
        return True
    told = node.courier.places.theirs

    def query(tx: Connection) -> bool:
        return any(
            boxes.place(tx, peer, lane, boxes.IN).sequence < last for (peer, lane), last in told.items()
        )

    return node.store.read(query)
