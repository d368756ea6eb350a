"""Partners cosign each other's checkpoints, so that no node can show two histories.

The request and its answers are those of C2SP tlog-witness; the answer's first line is its status.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from cordiale.errors import LedgerError, Permanent, Transient
from cordiale.exchange import Peer, boxes, list_peers
from cordiale.ledger import AddCheckpoint, Entry, Kind, Note, Outcome, Witness, WitnessAnswer
from cordiale.node.recalls_kept import is_alarm_fresh

if TYPE_CHECKING:
    from cordiale.node.node import Node

SPLIT_VIEW: Final = "split_view"
DOUBTED: Final = "ledger_doubted"
NOT_OURS: Final = "it does not cosign our ledger: it says that ours does not follow from what it knows"
DIGITS_MAX: Final = 18  # of a size that another node tells
PATH: Final = "/ledger/v1/add-checkpoint"
WAIT_S: Final = 5.0


def answer(node: Node, body: bytes, *, by: str = "") -> bytes:
    """A partner asks us to cosign its checkpoint. `by`: over whose connection, "" when none was seen."""
    at = node.contact.moment()
    witness = Witness(node.log.origin, node.log.keys)

    def act(tx: Connection) -> WitnessAnswer:
        logs = {one.card.facts.ledger_origin: one for one in list_peers(tx)}
        partners = {origin: one.card.facts.ledger for origin, one in logs.items()}
        found = witness.add_checkpoint(tx, body, at, logs=partners)
        if found.split_view or found.outcome is Outcome.INCONSISTENT:
            origin = Note.from_text(AddCheckpoint.from_bytes(body).note).checkpoint.origin
            _doubt(node, tx, logs[origin].node, found, by=by)
        return found

    found = node.store.write(act)
    return f"{found.outcome.value}\n".encode() + found.body()


def _doubt(node: Node, tx: Connection, peer: str, found: WitnessAnswer, *, by: str) -> None:
    """A partner's ledger does not follow from what we cosigned: a person hears of it, once while it is open.

    Two signed notes of one size speak for themselves, whoever brings them. A proof that does not hold is
    believed of the partner's own connection alone: a third one could put a wrong proof under a true note.
    """
    if found.split_view:
        says = "it has signed two ledgers of one size; both notes are kept as evidence"
    elif by in ("", peer):
        says = "its newest ledger does not follow from the one that this node cosigned"
    else:
        return
    _alarm(node, tx, SPLIT_VIEW, peer=peer, says=says, unless={"ledger_restarted"})


def _alarm(node: Node, tx: Connection, kind: str, *, peer: str, says: str, unless: Set[str]) -> None:
    """Raise it, with its entry, once a day; not while a known restore says as much to a person."""
    at = node.contact.moment()
    if {one.kind for one in boxes.alarms(tx) if one.peer == peer} & unless:
        return
    if is_alarm_fresh(tx, kind, "ledger", peer=peer, since=at - timedelta(days=1)):
        return
    boxes.raise_alarm(tx, kind, peer=peer, about="ledger", says=says, at=at)
    node.log.append(tx, Entry(Kind.ALARM, at, {"reason": kind, "peer": peer}))


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
        if status == str(Outcome.INCONSISTENT.value).encode():
            node.store.write(
                lambda tx: _alarm(node, tx, DOUBTED, peer=peer.node, says=NOT_OURS, unless={"ledger_lost"})
            )
        size = rest.strip()
        if status != str(Outcome.CONFLICT.value).encode() or not size.isdigit() or len(size) > DIGITS_MAX:
            return 0
        old = int(size)
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
