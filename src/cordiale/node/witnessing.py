"""Partners cosign each other's checkpoints, so that no node can show two histories.

The request and its answers are those of C2SP tlog-witness; the answer's first line is its status.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from cordiale.errors import LedgerError, Permanent, Transient
from cordiale.exchange import Peer, boxes, list_peers
from cordiale.ledger import AddCheckpoint, Entry, Kind, Outcome, Witness, WitnessAnswer

if TYPE_CHECKING:
    from cordiale.node.node import Node

PATH: Final = "/ledger/v1/add-checkpoint"
WAIT_S: Final = 5.0


def answer(node: Node, body: bytes) -> bytes:
    """A partner asks us to cosign its checkpoint."""
    at = node.contact.moment()
    witness = Witness(node.log.origin, node.log.keys)

    def act(tx: Connection) -> WitnessAnswer:
        partners = {one.card.facts.ledger_origin: one.card.facts.ledger for one in list_peers(tx)}
        found = witness.add_checkpoint(tx, body, at, logs=partners)
        if found.split_view:
            says = "it has signed two ledgers of one size; both notes are kept as evidence"
            boxes.raise_alarm(tx, "split_view", peer="", about="ledger", says=says, at=at)
            node.log.append(tx, Entry(Kind.ALARM, at, {"reason": "split_view"}))
        return found

    found = node.store.write(act)
    return f"{found.outcome.value}\n".encode() + found.body()


def ask_partners(node: Node) -> int:
    """Let every partner cosign our newest checkpoint; how many did. Who cannot be reached is asked again
    later.
    """
    at = node.contact.moment()
    node.store.write(lambda tx: node.log.checkpoint(tx, at))
    return sum(_ask(node, one) for one in node.store.read(list_peers))


def _ask(node: Node, peer: Peer) -> int:
    name = peer.card.facts.ledger_origin
    old = node.store.read(lambda tx: node.log.cosigned_size(tx, name))
    for _ in range(2):  # a witness that knows another size says so once
        request = node.store.read(partial(_request, node, old=old))
        if request is None:
            return 0
        try:
            reply = node.courier.wire.post(peer.node, PATH, request.to_bytes(), wait_s=WAIT_S)
        except (Transient, Permanent):
            return 0
        status, _, rest = reply.body.partition(b"\n")
        if status == str(Outcome.COSIGNED.value).encode():
            return _take(node, peer, request, rest.decode("utf-8", "replace"))
        if status != str(Outcome.CONFLICT.value).encode() or not rest.strip().isdigit():
            return 0
        old = int(rest.strip())
    return 0


def _request(node: Node, tx: Connection, *, old: int) -> AddCheckpoint | None:
    """What we ask: our newest checkpoint, and the proof that it continues what the witness knows."""
    note = node.log.latest(tx)
    if note is None or note.checkpoint.size <= old:
        return None
    proof = node.log.consistency(tx, old, note.checkpoint.size) if old else ()
    return AddCheckpoint(old, proof, note.text())


def _take(node: Node, peer: Peer, request: AddCheckpoint, line: str) -> int:
    facts = peer.card.facts
    size = int(request.note.split("\n")[1])
    try:
        node.store.write(
            lambda tx: node.log.add_cosignature(
                tx, size, name=facts.ledger_origin, public=facts.ledger, line=line
            )
        )
    except LedgerError:
        return 0  # a line that does not verify is no cosignature; the lag shows it
    return 1
