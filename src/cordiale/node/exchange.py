"""The exchange, joined: this node's own card, its partners, and the boxes that a person reads.

A partner is taken in only when somebody has rung there and heard the same twelve words.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cordiale import exchange as room
from cordiale.errors import CordialeError, UsageError
from cordiale.exchange import Peer, boxes, standing
from cordiale.exchange.peers import find_peer
from cordiale.exchange.service import HELLO
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node import agreements, reach
from cordiale.node.home import SERVING
from cordiale.node.saying import Noted, Said
from cordiale.seals import NodeCard, SigningPublic, canonical, fingerprint

if TYPE_CHECKING:
    from cordiale.node.node import Node

CARD_FORMAT: Final = "cordiale-card-1"
CARD_FILE_BYTES_MAX: Final = 1 << 20


def own_card(node: Node) -> dict[str, Any]:
    """This node's card as it is handed to a partner, the words of its Side's key to read out, and in `notes`
    what is wrong with it.
    """
    return {
        "card": card_file(node.keys.card, node.keys.side),
        "words": fingerprint(node.keys.side),
        "notes": list(reach.own_card_notes(node.keys.card.facts)),
    }


def card_file(card: NodeCard, side: SigningPublic) -> dict[str, Any]:
    """What is handed over: format, card, the Side's public key."""
    return {
        "format": CARD_FORMAT,
        "card": json.loads(card.to_bytes()),
        "side_key": b64encode(side.to_bytes()).decode(),
    }


def card_bytes(card: dict[str, Any]) -> bytes:
    """A handed-over card as the bytes of its file."""
    return json.dumps(card, indent=2, sort_keys=True).encode()


def read_card(raw: bytes) -> tuple[NodeCard, SigningPublic]:
    """A handed-over card and the Side's key it came with, neither believed yet. Raises UsageError for
    other files.
    """
    try:
        found = json.loads(raw[:CARD_FILE_BYTES_MAX])
        if set(found) != {"format", "card", "side_key"} or found["format"] != CARD_FORMAT:
            raise UsageError(
                "this is not a node card", field="card", way_out=f"It must be of format {CARD_FORMAT}."
            )
        side = SigningPublic.from_bytes(b64decode(found["side_key"], validate=True))
        return NodeCard.from_bytes(canonical(found["card"])), side
    except (ValueError, TypeError, Base64Error, RecursionError) as wrong:
        raise UsageError(f"this is not a node card: {wrong}", field="card") from wrong


def add_peer(node: Node, raw: bytes, *, words: str, by: str) -> dict[str, Any]:
    """Take a partner in, or its newer card; the ledger says who compared the words."""
    card, side = read_card(raw)
    at = node.world.clock.now()
    if card.facts.node == node.id:
        raise UsageError("this is this node's own card", field="card")
    notes: list[str] = list(reach.their_card_notes(card.facts))
    agreements.check_parties(node.register, str(card.facts.side), tuple(card.facts.authorities))

    def act(tx: Connection) -> Peer:
        added = room.add_peer(tx, card, side, words=words, by=by, at=at)
        facts: dict[str, Fact] = {
            "peer": added.node,
            "card": added.card_digest,
            "serial": card.facts.serial,
            "state": "added",
        }
        node.log.append(tx, Entry(Kind.PEER, at, facts, {"by": Commitment.to("by", by)}))
        return added

    added = node.store.write(act)
    if node.trust is not None:
        node.trust()
    elif pid := node.world.disk.holder(node.home / SERVING):
        notes.append(Said("the node runs (process {pid}) and takes this partner in within a second", pid=pid))
    return {
        "peer": added.node,
        "side": added.side,
        "authorities": list(card.facts.authorities),
        "by": by,
        "notes": notes,
    }


def peers(node: Node) -> list[dict[str, Any]]:
    """Every partner: for whom it speaks, where, since when, what waits for it, when it was last heard."""

    def query(tx: Connection) -> list[dict[str, Any]]:
        waiting = boxes.backlog(tx)
        return [_line(one, waiting.get(one.node, 0)) for one in room.list_peers(tx)]

    return node.store.read(query)


def check_peer(node: Node, peer: str) -> dict[str, Any]:
    """Reach a partner now, and check its card, alarms and backlog."""
    at = node.world.clock.now()
    wrong = node.store.read(lambda tx: room.check_peer(tx, peer, at=at))
    held = node.store.read(lambda tx: find_peer(tx, peer))
    reached = False
    if held is not None and not held.card.facts.address:
        wrong.append(reach.THEIRS_IS_EMPTY)
    elif held is not None:
        try:
            reached = node.courier.wire.post(peer, HELLO, b"", wait_s=10.0).body == held.card.to_bytes()
            wrong += [] if reached else ["It answered with another card than the one held here."]
        except CordialeError as fault:
            wrong += [Noted(fault.message), reach.way_to(held.card.facts)]
    return {"ok": reached and not wrong, "peer": peer, "reached": reached, "wrong": wrong}


def remove_peer(node: Node, peer: str, *, by: str, reason: str) -> dict[str, Any]:
    """End a partnership from now. Who and why are committed to in the ledger."""
    if not reason.strip():
        raise UsageError("say why", field="reason")
    if not by.strip():
        raise UsageError("say who decided", field="by")
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        room.remove_peer(tx, peer)
        told = {"by": Commitment.to("by", by), "reason": Commitment.to("reason", reason)}
        node.log.append(tx, Entry(Kind.PEER, at, {"peer": peer, "state": "removed"}, told))

    node.store.write(act)
    return {"peer": peer, "state": "removed", "by": by, "reason": reason}


def accept_ledger(node: Node, peer: str, *, by: str) -> dict[str, Any]:
    """Cosign a partner's ledger again from where it goes on after a restore. `by` has rung a person there.

    Raises ExchangeError when that partner has said no such thing.
    """
    before, size = standing.accept_ledger(node.contact, peer, by=by)
    return {"peer": peer, "cosigned_before": before, "goes_on_from": size, "by": by}


def alarms(node: Node) -> list[dict[str, Any]]:
    """What a person must look at: gaps, split views, rows without a decision, a clock set back."""
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "peer": one.peer,
            "about": one.about,
            "says": one.says,
            "at": one.raised_at,
        }
        for one in node.store.read(boxes.alarms)
    ]


def settle_alarm(node: Node, alarm_id: int, *, by: str) -> None:
    """A named person has looked at it."""
    at = node.world.clock.now()
    node.store.write(lambda tx: boxes.settle_alarm(tx, alarm_id, by=by, at=at))


def _line(peer: Peer, waiting: int) -> dict[str, Any]:
    facts = peer.card.facts
    return {
        "peer": peer.node,
        "side": peer.side,
        "authorities": list(facts.authorities),
        "address": peer.address,
        "state": peer.state,
        "waiting": waiting,
        "heard_at": peer.heard_at.isoformat() if peer.heard_at else "",
        "ledger_size": peer.head_size,
        "card_until": facts.valid_until.isoformat(),
        "added_by": peer.added_by,
    }
