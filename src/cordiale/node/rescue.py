"""Distress in one node: confirmed, closed and reopened by named persons, never by a machine.

What comes from a known partner is never refused for version, clock, order or an odd field: it is shown
with its defects (rescue_came.py); what is opened here leaves without a hold (rescue_sent.py). The telephone
comes first, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale import payloads
from cordiale.errors import CordialeError, RequestError
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import rescue_kept as kept
from cordiale.node import tables
from cordiale.node.people import Verb, needs
from cordiale.node.rescue_came import CONCLUDED, IN_DISTRESS, ONGOING, TYPE
from cordiale.node.rescue_sent import open_distress as open_distress
from cordiale.node.rescue_sent import outgoing
from cordiale.node.rescue_shown import CLOSED, HERE, REOPENED, locked_step, sounds
from cordiale.node.rescue_shown import Distress as Distress
from cordiale.node.rescue_shown import Step as Step
from cordiale.node.rescue_shown import closed as closed
from cordiale.node.rescue_shown import distress as distress
from cordiale.node.rescue_shown import distresses as distresses
from cordiale.node.rescue_shown import to_ring as to_ring

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

NAME_CHARS_MAX: Final = 60
EVIDENCE_MAX: Final = 20  # lines of one closing
EVIDENCE_CHARS_MAX: Final = 500  # of one line
COUNT_MAX: Final = 100_000


def confirm_distress(node: Node, officer: Officer, reference: str, person: str) -> Distress:
    """A named person here says: we have it. The sound stops, the ledger says so, the sender is told."""
    needs(officer, Verb.RESCUE)
    said = _named(officer, person)
    held = distress(node, reference)
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        row = _still_open(tx, reference)
        if row.confirmed_by:
            raise RequestError(f"`{reference}` has been confirmed by {row.confirmed_by}", field="reference")
        tables.change_distress(tx, reference, confirmed_by=said, confirmed_at=at)
        committed = {"person": Commitment.to("person", person.strip())}
        facts = _facts(officer, reference, "confirmed")
        node.log.append(tx, Entry(Kind.CONFIRMATION, at, facts, committed))

    node.store.write(act)
    if held.state == "received" and "/" in held.other:
        # Of one that nobody could read no authority is known: the telephone alone tells them.
        _dispatch(node, officer, held, held.other, about=_message(node, held), phase=ONGOING)
    node.announce("distress")
    return distress(node, reference)


def close_distress(
    node: Node,
    officer: Officer,
    reference: str,
    person: str,
    *,
    evidence: Sequence[str],
    counted: int | None = None,
) -> Distress:
    """A named person closes it, on positive evidence that these very people are safe. No machine may, nor
    a visitor. The partners that have it are told; it closes nothing there.

    `evidence`: what shows it (the vessel's report, the count on the quay), one thing an entry. `counted`:
    how many persons are known to be safe. Wrongly believing a boat rescued costs lives (Cranston Inquiry,
    2026). Raises RequestError for no evidence, and for one that sounds, is closed or is not recorded yet.
    """
    needs(officer, Verb.EXECUTIVE)
    said = _named(officer, person)
    shown = said_lines(evidence)
    if not shown:
        raise RequestError("say what shows that these very people are safe", field="evidence")
    if counted is not None and not 0 <= counted <= COUNT_MAX:
        raise RequestError(f"give a number from 0 to {COUNT_MAX}", field="counted")
    distress(node, reference)
    committed = {
        "person": Commitment.to("person", person.strip()),
        "evidence": Commitment.to("evidence", shown),
    }

    def act(tx: Connection) -> int:
        row = _still_open(tx, reference)
        if not row.confirmed_by and sounds(row.state, row.sent_to):
            raise RequestError(
                f"nobody here has confirmed `{reference}`",
                field="person",
                way_out="Ring; say that you have it; then close it.",
            )
        tables.change_distress(tx, reference, state="closed", closed_by=said)
        at = node.world.clock.now()
        facts = _facts(officer, reference, "closed")
        node.log.append(tx, Entry(Kind.RESCUE, at, facts, committed))
        words = {"why": shown, "counted": counted}
        step = {"reference": reference, "at": at, "act": CLOSED, "by": said, "officer": officer.id}
        return kept.add_step(tx, step | locked_step(node, words))

    return _tell_all(node, officer, reference, step=node.store.write(act), phase=CONCLUDED)


def reopen_distress(node: Node, officer: Officer, reference: str, person: str, *, why: str) -> Distress:
    """A named person takes a closing back: it stands open as before, its centres count as not confirmed, and
    at every partner that has it, it sounds again.

    Whoever may open distress may say that one is not over. Raises RequestError for one that is not closed,
    or for no reason.
    """
    needs(officer, Verb.RESCUE)
    said = _named(officer, person)
    shown = said_lines([why])
    if not shown:
        raise RequestError("say why it is not over", field="why")
    distress(node, reference)
    committed = {"person": Commitment.to("person", person.strip()), "why": Commitment.to("why", shown)}

    def act(tx: Connection) -> int:
        row = tables.distress(tx, reference)
        if row is None or row.state != "closed":
            raise RequestError(f"`{reference}` is not closed", field="reference")
        sent = {name: {**one, "confirmed_by": "", "confirmed_at": ""} for name, one in row.sent_to.items()}
        state = "received" if row.other else "opened"
        tables.change_distress(tx, reference, state=state, closed_by="", sent_to=sent)
        at = node.world.clock.now()
        facts = _facts(officer, reference, "reopened")
        node.log.append(tx, Entry(Kind.RESCUE, at, facts, committed))
        step = {"reference": reference, "at": at, "act": REOPENED, "by": said, "officer": officer.id}
        return kept.add_step(tx, step | locked_step(node, {"why": shown}))

    return _tell_all(node, officer, reference, step=node.store.write(act), phase=IN_DISTRESS)


def said_lines(lines: Sequence[str]) -> list[str]:
    """What was written down, without blanks. Raises RequestError for more than an incident keeps."""
    shown = [one.strip() for one in lines if one.strip()]
    if len(shown) > EVIDENCE_MAX or any(len(one) > EVIDENCE_CHARS_MAX for one in shown):
        raise RequestError(
            f"at most {EVIDENCE_MAX} lines of {EVIDENCE_CHARS_MAX} characters", field="evidence"
        )
    return shown


def _tell_all(node: Node, officer: Officer, reference: str, *, step: int, phase: str) -> Distress:
    """Tell each partner that has the call, and keep who was told with the step that they hear of."""
    held = distress(node, reference)
    told = []
    for name, about in _partners(node, held).items():
        one = {"recipient": name, "message": about}
        if about != HERE:
            one["message"] = _dispatch(node, officer, held, name, about=about, phase=phase) if about else ""
        told.append(one)
    node.store.write(lambda tx: kept.note_told(tx, step, told))
    node.announce("distress")
    return distress(node, reference)


def _partners(node: Node, held: Distress) -> dict[str, str]:
    """Whoever has the call -> the message that told them of it: HERE at this node, "" for one it never
    reached, or from which it came and nobody could read of which authority.
    """
    if held.other:
        return {held.other: _message(node, held) if "/" in held.other else ""}
    return {str(one["recipient"]): str(one.get("message", "")) for one in held.centres}


def _message(node: Node, held: Distress) -> str:
    row = node.store.read(lambda tx: tables.distress(tx, held.reference))
    return "" if row is None else str(row.message_id)


def _dispatch(node: Node, officer: Officer, held: Distress, recipient: str, *, about: str, phase: str) -> str:
    """Repeat the call to a partner in its new phase, as an answer about it; the message, "" if none went."""
    answer, _ = payloads.decode_distress(
        {"type": TYPE, "model": "report", "version": 1, "body": {**held.body, "phase": phase}}
    )
    reference = node.world.chance.token(8)
    try:
        sent = node.contact.dispatch(
            outgoing(node, officer, answer, recipient, reference=reference, about=about)
        )
    except CordialeError:
        return ""  # shown as not told, with the number to ring: what is done here stays done
    return sent.message


def _facts(officer: Officer, reference: str, state: str) -> dict[str, Fact]:
    return {"incident": reference, "officer": officer.id, "state": state, "rescue": True}


def _still_open(tx: Connection, reference: str) -> Row[Any]:
    """The incident as it is recorded. Raises RequestError for one that is closed, or that only memory holds:
    who closed it stays who closed it, and the ledger tells of nothing that did not happen.
    """
    row = tables.distress(tx, reference)
    if row is None:
        raise RequestError(
            f"`{reference}` is shown but not recorded yet",
            field="reference",
            way_out="Ring now; try again in a moment.",
        )
    if row.state == "closed":
        raise RequestError(f"`{reference}` has been closed by {row.closed_by}", field="reference")
    return row


def _named(officer: Officer, person: str) -> str:
    """Who acts. Who is named and who signed in may differ at night: both are shown, and nobody acts in
    another's name.
    """
    named = person.strip()
    if not 2 <= len(named) <= NAME_CHARS_MAX:
        raise RequestError("give the name of the person", field="person")
    return named if named == officer.name else f"{named} ({officer.name[:50]})"
