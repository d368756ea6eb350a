"""Recall, correction, restriction and erasure: messages that follow every copy and are acknowledged by
every holder.

Only who sent a message may recall it (DPA 2018 ss.38(5), 48(9); LED Arts 7(3), 16(6)). A node that passed
a copy on passes the notice on too; what was recalled is destroyed here before the receipt goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cordiale import payloads
from cordiale.errors import ExchangeError, RequestError
from cordiale.exchange import Copy, Outgoing, Received, Restrictions, boxes, copies
from cordiale.exchange import notices as room
from cordiale.exchange.travelling import travelling
from cordiale.ledger import Entry, Kind
from cordiale.node import attachments, erasing, reading, recalls, tables
from cordiale.node import recalls_kept as kept
from cordiale.node.people import Verb, needs

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

TYPE: Final = "quality_notice"
HOLDERS: Final = room.HOLDERS
"""The path on which partners ask."""
REASONS: Final = (
    "inaccurate",
    "incomplete",
    "out_of_date",
    "unlawfully_transmitted",
    "contested",
    "no_longer_needed",
    "request_of_the_person",
    "new_restriction",
)
LOGGED: Final = {
    "recall": Kind.RECALL,
    "erase": Kind.ERASURE,
    "restrict": Kind.RESTRICTION,
    "correct": Kind.CORRECTION,
}
ENDS_COPY: Final = recalls.ENDS_COPY
OWN_COPIES: Final = ("erase", "correct")
"""Notices that reach the sender's own prints: a recall leaves the sender its copy, an erasure does not."""


def recall(
    node: Node,
    officer: Officer,
    reference: str,
    reason: str,
    *,
    action: str = "recall",
    restrictions: Sequence[str] = (),
    paths: Sequence[str] = (),
) -> list[str]:
    """Recall, erase, correct or restrict what this node sent; returns the holders whom the notice goes to.

    `reference` is that of one message or of a conversation (then every recipient of it). `reason` is one
    of REASONS: a code, because words would carry what is to be erased. `restrictions`: codes such as
    `no_onward`, `never_to:rs`, `use_only:rescue`. `paths`: the parts of which it holds; new words go as a
    message of their own, under the agreement: no notice carries content past the gate. Further holders are
    reached by those who passed it on. Raises RequestError for a reason, action or restriction that is none.
    """
    needs(officer, Verb.RELEASE)
    if reason not in REASONS:
        raise RequestError(
            f"`{reason[:40]}` is no reason", field="reason", way_out=f"Use one of: {', '.join(REASONS)}."
        )
    if action not in LOGGED:
        raise RequestError(
            f"`{action[:40]}` is no notice", field="action", way_out=f"Use one of: {', '.join(LOGGED)}."
        )
    stricter(restrictions)
    mine = reading.reach(node, officer)
    rows = node.store.read(lambda tx: [row for row in _sent(tx, reference) if mine.sees(tx, row.reference)])
    if not rows:
        raise RequestError(f"`{reference[:80]}` was not sent from here", field="reference")
    told: list[str] = []
    for row in rows:
        notice = _notice(node, action, row.message_id, reason=reason, restrictions=restrictions, paths=paths)
        sent = room.notify(node.contact, _outgoing(node, officer, notice), row.message_id)
        if refused := next((one for one in sent if not one.message), None):
            why = f"{refused.decided.article}: {refused.decided.sentence}"
            raise RequestError(f"the notice was refused: {why}", field="recipient")
        told += [copy.holder for copy in node.store.read(partial(direct, message=row.message_id))]
        node.store.write(partial(_note_own, node, row=row, action=action, reason=reason, officer=officer.id))
    node.announce("outbox")  # also whoever has it open here
    return told


def _sent(tx: Connection, reference: str) -> list[Any]:
    rows = tables.thread(tx, reference)
    one = tables.paper(tx, reference)
    rows = [*rows, *([one] if one is not None else [])]
    found = {
        row.reference: row
        for row in rows
        if row.direction == "out" and row.state == "sent" and row.message_id
    }
    return list(found.values())


def _note_own(node: Node, tx: Connection, *, row: Any, action: str, reason: str, officer: str) -> None:
    at = node.contact.moment()
    if action in ENDS_COPY:
        tables.set_state(tx, row.reference, "recalled")
    if action == "erase":  # what nobody may keep, its sender does not keep either
        attachments.erase(tx, attachments.files_kept(node, tx, row.reference))
        tables.erase_paper(tx, row.reference)
        erasing.mute(node, tx, row.message_id)
    if action in OWN_COPIES:
        recalls.wake(tx, row.message_id, act=action, at=at, reference=row.reference)
    kept.note_called(tx, row.message_id, act=action, reason=reason, by=officer, at=at)
    facts = {"recalled": row.message_id, "recipient": row.other, "act": action}
    facts |= {"reason": reason, "officer": officer}
    node.log.append(tx, Entry(LOGGED[action], at, facts))


def stricter(codes: Sequence[str]) -> Restrictions:
    """What the codes of a notice forbid. Raises RequestError for a code that is no restriction."""
    named = [code.partition(":") for code in codes]
    try:
        return travelling(
            {name: [value.upper() if name == "never_to" else value]} if value else name
            for name, _, value in named
        )
    except (ExchangeError, ValueError) as fault:
        raise RequestError(
            f"that is no restriction: {fault}",
            field="restrictions",
            way_out="Write no_onward, never_to:SIDE, use_only:PURPOSE, no_court_use or no_identification.",
        ) from fault


def _notice(
    node: Node,
    action: str,
    message: str,
    *,
    reason: str,
    restrictions: Sequence[str],
    paths: Sequence[str],
) -> dict[str, Any]:
    at = node.world.clock.now().replace(microsecond=0)
    body: dict[str, Any] = {
        "reference": node.world.chance.token(8),
        "action": action,
        "messages": [message],
        "reason": reason,
        "decided_at": at.isoformat().replace("+00:00", "Z"),
    }
    if restrictions:
        body["restrictions"] = list(restrictions)
    if paths:
        body["paths"] = list(paths)
    return {"type": TYPE, "model": "report", "version": 1, "body": body}


def _outgoing(node: Node, officer: Officer, notice: dict[str, Any]) -> Outgoing:
    """The notice to any one holder; the exchange fills in to whom, about which copy."""
    action = str(notice["body"]["action"])
    return Outgoing(
        kind="recall" if action == "recall" else "correction",
        sender=f"{node.side}/{officer.authority}",
        recipient="",
        body=payloads.decode(TYPE, notice),
        asks=_asks(action),
        officer=officer.id,
    )


def direct(tx: Connection, message: str) -> list[Copy]:
    """The copies that this node itself sent: of its own message, or of one that it passed on."""
    return [one for one in copies.holders(tx, message) if not one.via]


def _asks(action: str) -> dict[str, Any]:
    return {
        "act": action,
        "mode": "spontaneous",
        "urgent": "no",
        "purpose": "data_quality",
        "regime": "none",
        "targeting": "individual",
        "channel": "node",
        "automated": "no",
    }


# ------------------------------------------------------------------------------ in


def obey(node: Node, tx: Connection, received: Received) -> None:
    """Do what a notice says to our copy. Raises RequestError unless its sender gave us that very message."""
    letter = received.letter
    assert letter is not None
    at = node.contact.moment()
    if letter.grounds.get("act") != letter.payload["body"]["action"]:
        raise RequestError("the notice says one act to the gate and another to us", field="act")
    try:
        held = room.apply(tx, received, at=at)
    except ExchangeError as fault:
        raise RequestError(fault.message, field=fault.field) from fault
    _restrict(tx, held.id, letter.payload["body"].get("restrictions") or ())
    action = str(letter.payload["body"]["action"])
    row = tables.by_message(tx, held.id)
    if row is not None and action in ENDS_COPY:
        tables.set_state(tx, row.reference, "recalled")
    reason = str(letter.payload["body"]["reason"])
    told = {"act": action, "reason": reason, "by": letter.sender, "notice": received.message, "at": at}
    kept.note_called(tx, held.id, **told)
    recalls.follow(node, tx, held.id, act=action, at=at)
    facts = {"recalled": held.id, "sender": letter.sender, "act": action, "reason": reason, "outcome": "done"}
    node.log.append(tx, Entry(LOGGED[action], at, facts))


def _restrict(tx: Connection, message: str, codes: Sequence[str]) -> None:
    """Keep with our copy what the notice forbids, beside what bound it before: a notice only tightens."""
    held = boxes.taken(tx, message)
    if held is None or not codes:
        return
    both = Restrictions.from_json(held.restrictions).also(stricter(codes))
    boxes.restrict(tx, message, both.as_json(), erase_by=both.erase_by)


def pass_on(node: Node) -> int:
    """Tell the holders of what this node passed on before it was recalled. The keeper calls it; how many."""
    return room.follow_on(node.contact)


def tell(node: Node, question: bytes) -> bytes:
    """The answer to a partner that asks who holds what it sent us, and how many prints are open here."""
    return room.tell_holders(node.contact, question, open_copies=recalls.open_count)


def holders(node: Node, officer: Officer, reference: str) -> list[dict[str, Any]]:
    """Every holder of a message, asked now, and how far a notice has come with each: holder, act, state,
    at, open_copies (prints and saved files that nobody there has settled; None: not told).
    """
    needs(officer, Verb.READ)
    row = reading.found(node, officer, reference)
    held = room.ask_holders(node.contact, node.courier.wire, row.message_id)
    return [
        {"holder": one.holder, "act": one.act, "state": one.state, "at": one.sent_at}
        | {"via": one.via, "open_copies": one.open_copies}
        for one in held
    ]
