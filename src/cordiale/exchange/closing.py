"""The end of a group, inside its transaction: one pair of signatures for all that leaves, one checkpoint and
one pair for all receipts. Nothing is signed that no decision covers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from cordiale.errors import SealError
from cordiale.exchange import boxes, tables
from cordiale.exchange.receipts import Receipt, signed_receipt
from cordiale.exchange.stages import Identity
from cordiale.ledger import Entry, Kind, Log
from cordiale.ledger.log import PAGE_MAX, Inclusion
from cordiale.ledger.tree import inclusion
from cordiale.seals import RECEIPT_KIND, digest, leaf_hash, read_object, sign_batch
from cordiale.store.ready import Ready, ReadyChanges

SIGNED_MAX: Final = 4096  # bodies under one batch signature (seals.BATCH_MAX)
DECISION_COVERS: Final = ("permit", "withhold")
REGAINED: Final = "regained"
"""The state in an entry of what left before this node was put back from a backup: a partner holds it under
our own signature (places.py). The decision is lost; after it these very bytes were signed, by us alone.
"""


def covered(tx: Connection, log: Log, row: Any) -> bool:
    """Whether the ledger holds a decision that lets exactly these bytes leave."""
    return covered_all(tx, log, [row])[0]


def covered_all(tx: Connection, log: Log, rows: Sequence[Any]) -> list[bool]:
    """`covered` of each row. What one group posted lies side by side in the ledger: one query reads it."""
    places = [row.decision for row in rows if row.decision is not None]
    leaves: dict[int, bytes] = {}
    if places and max(places) - min(places) < PAGE_MAX:
        leaves = log.leaves(tx, min(places), max(places) - min(places) + 1)
    else:
        for place in places:
            leaves |= log.leaves(tx, place, 1)
    return [_covers(leaves.get(row.decision), row) for row in rows]


def _covers(leaf: bytes | None, row: Any) -> bool:
    """Whether this leaf is the decision that lets these bytes leave; one that cannot be read is not."""
    if not isinstance(leaf, bytes) or digest(row.header) != row.id:
        return False
    try:
        entry = read_object(leaf)
    except SealError:
        return False
    facts = entry.get("facts")
    return (
        isinstance(facts, dict)
        and entry.get("kind") == str(Kind.SENT)
        and facts.get("message") == row.id
        and facts.get("content") == digest(row.sealed)
        and facts.get("peer") == row.peer
        and (facts.get("verdict") in DECISION_COVERS or facts.get("state") == REGAINED)
    )


def stop(tx: Connection, log: Log, row: Any, *, at: datetime) -> None:
    """A row in the outbox that nobody decided: it stays where it is, and an alarm is raised."""
    tx.execute(update(tables.outbox).where(tables.outbox.c.id == row.id).values(state=boxes.STOPPED))
    says = f"`{row.id}` lies in the outbox without a decision in the ledger; it was not sent"
    boxes.raise_alarm(tx, "no_decision", peer=row.peer, about=row.id, says=says, at=at)
    log.append(tx, Entry(Kind.ALARM, at, {"reason": "no_decision", "box": "outbox"}))


@dataclass(frozen=True, slots=True)
class Closing:
    """What one contact point does at the end of each group."""

    log: Log
    identity: Identity
    moment: Callable[[], datetime]

    def sign_posted(self, tx: Connection) -> None:
        """One pair of signatures for all that this group posted; not for a row that no decision covers."""
        rows = _UNSIGNED.all(tx)
        good = []
        for row, may_leave in zip(rows, covered_all(tx, self.log, rows), strict=True):
            if may_leave:
                good.append(row)
            else:
                stop(tx, self.log, row, at=self.moment())
        if not good:
            return
        shares = sign_batch([row.header for row in good], self.identity.signing)
        signed = [
            {"id": row.id, "signature": share.as_json()} for row, share in zip(good, shares, strict=True)
        ]
        _SIGN.run(tx, signed)

    def sign_receipts(self, tx: Connection) -> dict[str, bytes]:
        """One checkpoint and one pair of signatures for all receipts of this group: message -> receipt."""
        rows = _UNRECEIPTED.all(tx)
        if not rows:
            return {}
        note = self.log.checkpoint(tx, self.moment())
        size = self.log.head(tx).size
        node = self.log.nodes(tx, min(row.entry for row in rows))
        leaves = self._leaves(tx, [row.entry for row in rows])
        bodies = []
        for row in rows:
            leaf = leaves[row.entry]
            proof = Inclusion(row.entry, leaf_hash(leaf), inclusion(row.entry, size, node), note)
            told = str(row.reason.get("told", ""))
            bodies.append(Receipt(row.id, self.identity.node, row.outcome, told, leaf, proof).body())
        shares = sign_batch(bodies, self.identity.signing, kind=RECEIPT_KIND)
        signed = {
            row.id: signed_receipt(body, share) for row, body, share in zip(rows, bodies, shares, strict=True)
        }
        _RECEIPT.run(tx, [{"id": message, "receipt": receipt} for message, receipt in signed.items()])
        return signed

    def _leaves(self, tx: Connection, indexes: list[int]) -> dict[int, bytes]:
        """The ledger entries of these receipts as the tree holds them; one query when they are neighbours."""
        first, last = min(indexes), max(indexes)
        if last - first >= SIGNED_MAX:
            return {index: self.log.entry(tx, index).leaf() for index in indexes}
        return self.log.leaves(tx, first, last - first + 1)


_UNSIGNED: Final = Ready(
    select(
        tables.outbox.c.id,
        tables.outbox.c.header,
        tables.outbox.c.sealed,
        tables.outbox.c.decision,
        tables.outbox.c.peer,
    )
    .where(tables.outbox.c.signature.is_(None), tables.outbox.c.state == boxes.WAITING)
    .order_by(tables.outbox.c.position)
    .limit(SIGNED_MAX)
)
_SIGN: Final = ReadyChanges(tables.outbox, key="id")
_UNRECEIPTED: Final = Ready(
    select(tables.inbox.c.id, tables.inbox.c.outcome, tables.inbox.c.reason, tables.inbox.c.entry)
    .where(tables.inbox.c.receipt.is_(None))
    .order_by(tables.inbox.c.position)
    .limit(SIGNED_MAX)
)
_RECEIPT: Final = ReadyChanges(tables.inbox, key="id")
