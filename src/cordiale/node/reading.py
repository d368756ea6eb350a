"""Whose messages an officer sees: those of their own authority, and of whom they cover for; nobody else's.

A node speaks for several authorities, and one authority's report is not another's. Whoever oversees
(supervisor, data protection, fundamental rights) sees what the node holds. A visiting person sees what they
wrote themselves (WA-05). What is not theirs answers like what does not exist. Distress is not touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, true

from cordiale import officers
from cordiale.errors import RequestError
from cordiale.exchange.boxes import Failed
from cordiale.exchange.tables import inbox
from cordiale.node import tables
from cordiale.officers import Verb

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer


@dataclass(frozen=True, slots=True)
class Reach:
    """What one officer may see today. `parties`: "SIDE/authority", none for a visitor; `whole`: all."""

    officer: str
    authorities: frozenset[str]
    parties: frozenset[str]
    whole: bool = False

    def clause(self) -> ColumnElement[bool]:
        """The papers within this reach, as a condition on papers that were found otherwise.

        It is said so that no index serves it: a database that took one would walk through all papers of an
        authority to find the few that were named.
        """
        if self.whole:
            return true()
        paper = tables.papers.c
        mine = and_(paper.direction == "out", func.coalesce(paper.officer, "") == self.officer)
        ours = func.coalesce(paper.authority, "").in_(sorted(self.authorities))
        return or_(mine, ours) if self.authorities else mine

    def strands(self, direction: str) -> list[ColumnElement[bool]]:
        """The same of one tray, to list it: parts that an index serves each, none for a visitor's in-tray."""
        if self.whole:
            return [true()]
        paper = tables.papers.c
        way = paper.direction == tables.DIRECTIONS[direction]
        ours = [and_(way, paper.authority == one) for one in sorted(self.authorities)]
        mine = [and_(way, paper.officer == self.officer)] if direction == "out" else []
        return [*ours, *mine]

    def sees(self, tx: Connection, reference: str) -> bool:
        """Whether the paper of this reference is within it."""
        query = select(tables.papers.c.reference).where(tables.papers.c.reference == reference, self.clause())
        return tx.execute(query).first() is not None

    def sees_failed(self, tx: Connection, failed: Failed) -> bool:
        """Whether an entry of the failed box is within it.

        What could not even be read names no recipient: every officer of the house sees that it came, no
        visitor does.
        """
        if self.whole:
            return True
        paper = tables.papers.c
        named = paper.message_id == failed.message
        if failed.direction == "out":
            named = or_(named, paper.reference.in_((failed.reference, failed.message)))
        known = select(paper.reference).where(named, paper.direction == failed.direction)
        lines = list(tx.execute(known).scalars())
        if lines:
            return any(self.sees(tx, one) for one in lines)
        recipient = tx.execute(select(inbox.c.recipient).where(inbox.c.id == failed.message)).scalar()
        return recipient in self.parties if recipient else bool(self.parties)


def reach(node: Node, officer: Officer) -> Reach:
    """What this officer may see at this moment; cover counts for its days only, and never for a visitor."""
    if officer.visiting:
        return Reach(officer.id, frozenset(), frozenset())
    today = node.world.clock.now().date()
    away = [
        one
        for one in node.store.read(officers.accounts)
        if one.covered_on(today) == officer.id and not one.closed and not one.visiting and one.may(Verb.READ)
    ]
    authorities = frozenset({officer.authority, *(one.authority for one in away)})
    parties = frozenset(f"{node.side}/{name}" for name in authorities)
    return Reach(officer.id, authorities, parties, whole=officer.sees_every_authority)


def found(node: Node, officer: Officer, reference: str) -> Row[Any]:
    """The paper of this reference, if this officer may see it.

    Raises RequestError when there is none, in the same words as when it is another's.
    """
    mine = reach(node, officer)

    def query(tx: Connection) -> Row[Any] | None:
        return tables.paper(tx, reference) if mine.sees(tx, reference) else None

    row = node.store.read(query)
    if row is None:
        raise RequestError(f"there is no message `{reference[:80]}` here", field="reference")
    return row
