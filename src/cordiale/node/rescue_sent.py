"""A distress call of our own: sent at once to every rescue centre of its sea areas, and only then recorded.

Where the store cannot write in time, a slip of it in the spool outlives the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cordiale import payloads
from cordiale.errors import CordialeError, StoreError
from cordiale.exchange import Outgoing
from cordiale.exchange.entries import bare
from cordiale.exchange.footing import DISTRESS_WAIT_S
from cordiale.exchange.judging import REFUSE
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import tables
from cordiale.node.people import Verb, needs
from cordiale.node.rescue_shown import HERE, Distress, centres_of, locked, rescue_centres, ring, sounds
from cordiale.payloads.codec import tree_of

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

SLIP: Final = "incident-"
"""What the names of incidents in the spool begin with."""
IN_MEMORY: Final = (
    "memory: neither database nor spool can be written; it is lost here if the program ends. Write it down."
)
ASKS: Final[Mapping[str, Any]] = {
    "act": "share",
    "mode": "spontaneous",
    "urgent": "threat_to_life",
    "purpose": "rescue",
    "regime": "rescue",
    "targeting": "untargeted",
    "channel": "node",
    "automated": "no",
    "facts": {"life_at_risk": True},
}
"""What every distress call states to the gate; step 1 reads no more."""


def open_distress(
    node: Node, officer: Officer, body: Mapping[str, Any], *, areas: Sequence[str] = ()
) -> Distress:
    """Open a distress incident and send it to every rescue centre of its sea areas, at once, without a hold.

    `body` is a distress_incident as payloads.encode writes it, or its tree alone. `areas` are sea areas of
    the register; none named means every centre that the register knows for the area of a centre of this
    Side, so that too many hear rather than too few. What cannot be reached is shown with its telephone
    number.
    """
    needs(officer, Verb.RESCUE)
    held, defects = payloads.decode_distress(body)
    at, reference = node.world.clock.now(), node.world.chance.token(8)
    centres = {
        name: {"message": "", "confirmed_by": "", "confirmed_at": "", "article": ""}
        for name in rescue_centres(node, areas)
    }
    new = Distress(
        reference,
        "opened",
        at,
        officer.name,
        "",
        tree_of(held),
        False,
        "",
        None,
        ring(node, centres),
        defects,
        (),
    )
    for name in centres:
        if name.partition("/")[0] == node.side and name.partition("/")[2] in node.authorities:
            # The centre sits at this very node: the incident is on its pages, and sounds there unless it was
            # the centre itself that opened it.
            centres[name]["message"] = "" if name.endswith(f"/{officer.authority}") else HERE
            continue
        try:
            out = outgoing(node, officer, held, name, reference=node.world.chance.token(8))
            sent = node.contact.dispatch(out)
            centres[name] |= {"message": sent.message, "article": sent.decided.article}
            if not sent.kept:
                defects = (*defects, f"{name}: {IN_MEMORY}")
            if sent.decided.verdict == REFUSE:
                defects = (*defects, f"{name}: {sent.decided.article}: {sent.decided.sentence}")
        except CordialeError as fault:
            defects = (*defects, f"{name}: {fault}")
    return _keep_opened(node, officer, replace(new, defects=defects), centres)


def _keep_opened(
    node: Node, officer: Officer, new: Distress, centres: Mapping[str, Mapping[str, Any]]
) -> Distress:
    """Record it; where the store cannot in time, show it all the same, keep a slip of it in the spool, and
    log it when the store can.
    """
    facts: dict[str, Fact] = {
        "incident": new.reference,
        "officer": officer.id,
        "state": "opened",
        "rescue": True,
    }
    act = _opening(node, new, centres, facts)
    shown = replace(new, centres=centres_of(node, centres), sounding=sounds("opened", centres))
    try:
        node.store.submit([act])[0].result(DISTRESS_WAIT_S)
    except (CordialeError, TimeoutError):
        slip = {"facts": facts, "centres": dict(centres), "new": {**asdict(new), "opened_at": new.opened_at}}
        if not node.spool.keep(SLIP + new.reference, json.dumps(slip, default=str).encode()):
            shown = replace(shown, defects=(*shown.defects, IN_MEMORY))
        shown = replace(shown, logged=False)
        node.unlogged[new.reference] = (shown, act)
    node.announce("distress")
    return shown


def _opening(
    node: Node, new: Distress, centres: Mapping[str, Mapping[str, Any]], facts: dict[str, Fact]
) -> Callable[[Connection], None]:
    """The act that records an incident opened here; done twice, it changes nothing."""
    row = {
        "reference": new.reference,
        "state": "opened",
        "at": new.opened_at,
        "opened_by": new.opened_by,
        "other": "",
        "message_id": "",
        "defects": [bare(one) for one in new.defects],
        "sent_to": dict(centres),
        "body": locked(node, new.reference, new.body),
    }

    def act(tx: Connection) -> None:
        if tables.distress(tx, new.reference) is None:
            tables.put_distress(tx, row)
            node.log.append(tx, Entry(Kind.RESCUE, new.opened_at, facts))

    return act


def recover(node: Node) -> int:
    """After a start: take up again what an earlier life of this node sent or showed and could not record.

    The calls are carried again until a receipt has come, the incidents stand on the pages; how many.
    """
    node.spool.prepare()
    found = node.contact.unstored.recover(node.spool, node.contact.gate)
    for _, raw in node.spool.kept(SLIP):
        try:
            slip = json.loads(raw)
            new = _from_slip(slip["new"])
            act = _opening(node, new, slip["centres"], slip["facts"])
            centres = centres_of(node, slip["centres"])
        except (ValueError, LookupError, TypeError):
            continue  # it stays in the spool, and the doctor tells it; a node must start all the same
        shown = replace(new, centres=centres, sounding=sounds("opened", slip["centres"]), logged=False)
        node.unlogged[new.reference] = (shown, act)
        found += 1
    if found:
        node.announce("distress")
    return found


def _from_slip(fields: dict[str, Any]) -> Distress:
    moment, lists = datetime.fromisoformat(fields["opened_at"]), ("ring", "defects", "centres")
    return Distress(**{**fields, "opened_at": moment, **{name: tuple(fields[name]) for name in lists}})


def log_what_was_shown(node: Node) -> int:
    """Record incidents opened here while the store could not write. Returns how many still wait."""
    for key, (_, act) in list(node.unlogged.items()):
        if act is None:
            continue  # it came from elsewhere: the contact point records it
        try:
            node.store.write(act)
        except StoreError:
            break
        except CordialeError:
            continue  # it stays on the screen; the others go on
        node.unlogged.pop(key, None)
        node.spool.drop(SLIP + key)
    return len(node.unlogged)


def outgoing(
    node: Node, officer: Officer, held: payloads.Carried, recipient: str, *, reference: str, about: str = ""
) -> Outgoing:
    asks = {**ASKS, "act": "answer", "mode": "on_request"} if about else ASKS
    return Outgoing(
        kind="answer" if about else "notice",
        sender=f"{node.side}/{officer.authority}",
        recipient=recipient,
        body=held,
        asks=asks,
        reference=reference,
        about=about,
        officer=officer.id,
    )
