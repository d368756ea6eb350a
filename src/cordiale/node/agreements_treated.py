"""What becomes of what was received under an agreement that has ended: it is kept as it was, or erased."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, select, tuple_

from cordiale.agreements.life import Act, Treatment, standings
from cordiale.errors import CordialeError
from cordiale.exchange import boxes
from cordiale.ledger import Entry, Kind
from cordiale.node import agreements_kept as kept
from cordiale.node import finding, papers, recalls
from cordiale.node.tables import PAGE
from cordiale.node.tables import papers as table

if TYPE_CHECKING:
    from cordiale.node.node import Node

REASON: Final = "agreement_ended"


def erase_received(node: Node) -> int:
    """Erase what came under an agreement that has ended with that treatment; how many messages. It may be cut
    short and begun again: what is erased stays erased.
    """
    on = node.contact.moment().date()
    standing = node.store.read(lambda tx: standings(kept.all_steps(tx), on))
    ended = {
        id
        for id, one in standing.items()
        if one.ended is not None and one.ended.act is Act.ENDED and one.ended.treatment == Treatment.ERASE
    }
    return _erase_under(node, frozenset(ended)) if ended else 0


def _erase_under(node: Node, agreements: frozenset[str]) -> int:
    last: Row[Any] | None = None
    count = 0
    while rows := node.store.read(partial(_came, after=last)):
        gone = [row for row in rows if _agreement_of(node, row) in agreements]
        if gone:
            _erase(node, gone)
            count += len(gone)
        last = rows[-1]
    return count


def _came(tx: Connection, after: Row[Any] | None) -> list[Row[Any]]:
    """A page of the messages that came and are held, oldest first."""
    c = table.c
    query = select(c.reference, c.message_id, c.at).where(c.direction == "in", c.state == "received")
    if after is not None:
        query = query.where(tuple_(c.at, c.reference) > tuple_(after.at, after.reference))
    return list(tx.execute(query.order_by(c.at, c.reference).limit(PAGE)))


def _agreement_of(node: Node, row: Row[Any]) -> str:
    """The agreement under which a message came; "" for what cannot be opened any more."""
    try:
        return str(papers.letter_in(node, row.message_id).agreement.get("id", ""))
    except CordialeError:
        return ""


def _erase(node: Node, rows: list[Row[Any]]) -> None:
    at = node.contact.moment()

    def act(tx: Connection) -> None:
        for row in rows:
            boxes.erase(tx, row.message_id, at=at)
            recalls.wake_due(node, tx, row.message_id, "", at=at)
            facts = {"message": row.message_id, "reason": REASON}
            node.log.append(tx, Entry(Kind.ERASURE, at, facts))

    node.store.write(act)
    finding.forget(node, [row.reference for row in rows])
