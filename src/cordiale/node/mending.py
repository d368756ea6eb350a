"""The failed box as a person mends it: what each entry is, and what may be done about it, by whom.

Carrying again, taking after all and writing anew are one person's to do. A lane that is stuck goes on only
when a person here asks and a person at the partner agrees. Nothing here is done by a machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from cordiale import payloads
from cordiale.errors import ExchangeError, RequestError
from cordiale.exchange import boxes, seats
from cordiale.exchange import mending as room
from cordiale.exchange.boxes import Failed
from cordiale.node import attachments, drafts, papers, reading, tables
from cordiale.node.people import Verb, needs

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

LISTED_MAX: Final = 200
ASKS: Final = "lane:"
CARRY: Final = "carry"
GO_ON: Final = "go_on"
AGREE: Final = "agree"
TAKE: Final = "take"
ANEW: Final = "anew"


@dataclass(frozen=True, slots=True)
class Aside:
    """An entry of the failed box. `ways`: what may be done about it, of carry (send the stored bytes again),
    go_on (ask the partner to go on without it), agree (let the partner's lane go on), take (let what came
    take effect after all), anew (write it again as a draft). `reason` is as the machine noted it, in English.
    `asked`: go_on was asked already, and a person at the partner has not agreed yet. `title`: what kind of
    message it is; "" when this node no longer knows.
    """

    id: int
    direction: str
    message: str
    peer: str
    reference: str
    reason: str
    at: datetime
    ways: tuple[str, ...] = ()
    asked: bool = False
    title: str = ""


def aside(node: Node, officer: Officer) -> list[Aside]:
    """What could not be delivered or taken and is this officer's to see, newest first."""
    needs(officer, Verb.READ)
    mine = reading.reach(node, officer)

    def query(tx: Connection) -> list[Aside]:
        listed = [one for one in boxes.failures(tx, limit=LISTED_MAX) if mine.sees_failed(tx, one)]
        return [_seen(tx, one) for one in listed]

    return node.store.read(query)


def _seen(tx: Connection, one: Failed) -> Aside:
    asks = one.direction == boxes.IN and one.reference.startswith(ASKS)
    held = Aside(
        one.id,
        one.direction,
        one.message,
        one.peer,
        "" if asks else one.reference,
        one.reason,
        one.failed_at,
        title="" if asks else _title(tx, one),
    )
    if one.direction == boxes.IN:
        return replace(held, ways=(AGREE,) if asks else _ways_in(tx, one))
    return replace(held, ways=_ways_out(tx, one), asked=seats.asked(tx, one.message) is not None)


def _title(tx: Connection, one: Failed) -> str:
    row = tables.paper(tx, one.reference) if one.reference else None
    return payloads.type_named(row.type).title if row is not None else ""


def _ways_in(tx: Connection, one: Failed) -> tuple[str, ...]:
    try:
        boxes.set_aside_here(tx, one.id)
    except ExchangeError:
        return ()  # we refused it: its sender has our reason, and sends it anew
    return (TAKE,)


def _ways_out(tx: Connection, one: Failed) -> tuple[str, ...]:
    posted = any(row.id == one.message for row in boxes.outbox(tx, reference=one.reference, limit=LISTED_MAX))
    ways = [CARRY] if posted else []
    try:
        seats.stuck(tx, one.id)
        ways.append(GO_ON)
    except ExchangeError:
        pass  # it holds up no lane
    row = tables.paper(tx, one.reference) if one.reference else None
    return (*ways, ANEW) if row is not None and row.body is not None else tuple(ways)


def take(node: Node, officer: Officer, failed: int) -> None:
    """Let what came and was set aside here take effect after all: verified and judged once more, today.

    Raises ExchangeError when it cannot be taken.
    """
    _own(node, officer, failed)
    node.contact.replay(failed, by=officer.name, officer=officer.id)


def ask_to_go_on(node: Node, officer: Officer, failed: int, *, reason: str) -> None:
    """Ask the partner to go on without a message that it never takes; a person there must agree."""
    _own(node, officer, failed)
    if not reason.strip():
        raise RequestError("say why the lane should go on without it", field="reason")
    room.ask(node.contact, failed, by=officer.name, reason=reason, officer=officer.id)


def agree(node: Node, officer: Officer, failed: int) -> None:
    """Let a partner's lane go on without the message that it names, after speaking with a person there."""
    _own(node, officer, failed)
    room.agree(node.contact, failed, by=officer.name, officer=officer.id)


def anew(node: Node, officer: Officer, failed: int) -> str:
    """What could not go as it is, as a draft to be mended and sent: decided again. The draft's reference."""
    one = _own(node, officer, failed)
    needs(officer, Verb.WRITE)
    paper = papers.draft_of(node, reading.found(node, officer, one.reference))
    files = attachments.copied(node, paper.files)
    begun = replace(paper, reference="", revision=0, files=attachments.named(files, paper.body))
    return drafts.save_draft(node, officer, begun).reference


def _own(node: Node, officer: Officer, failed: int) -> Aside:
    """An entry that this officer may mend; one of another's is told apart from none by nothing."""
    needs(officer, Verb.RELEASE)
    found = next((one for one in aside(node, officer) if one.id == failed), None)
    if found is None:
        raise ExchangeError(f"`{failed}` is not an open entry of the failed box", field="failed")
    return found
