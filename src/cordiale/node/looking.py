"""The first look at what came and went: it begins to wait for somebody, and can be found by its words.

Whoever keeps a paper puts it on the list (tables.fresh) in the same act; it is struck off in the act that
keeps what the look found. So nothing is looked at twice, and nothing forgotten, whenever the node stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale import payloads
from cordiale.errors import CordialeError, OpenError
from cordiale.exchange import boxes
from cordiale.node import finding, papers, tables, waiting
from cordiale.payloads import Carried
from cordiale.reports import task as room
from cordiale.reports.task import Task
from cordiale.store import search as index

if TYPE_CHECKING:
    from cordiale.node.node import Node

PAGE: Final = 200  # papers opened at once
PAGES_MAX: Final = 5  # in one round of the keeper: about a second, so that nothing held waits long
WAIT_MAX: Final = 50  # of them before a search answers; the keeper looks at the rest
CHECKED: Final = "index checked"
"""Under this name the node remembers that it has looked whether its index is there at all."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at one paper found. `fault`: why it could not be opened."""

    number: int
    reference: str
    tasks: Sequence[Task] = ()
    marks: frozenset[int] = field(default_factory=frozenset)
    about: str | None = None
    fault: str = ""


def look_on(node: Node) -> int:
    """Look at what came and went since the last round, at most PAGES_MAX pages; how many."""
    if CHECKED not in node.seen:
        if node.store.read(tables.is_index_lost):
            node.store.write(tables.look_at_all)
        node.seen[CHECKED] = node.world.clock.now()
    done = 0
    for _ in range(PAGES_MAX):
        count = look(node)
        done += count
        if count < PAGE:
            break
    return done


def look(node: Node, *, limit: int = PAGE, only: str = "") -> int:
    """Look at some papers, oldest first, or at this one; how many."""
    rows = node.store.read(partial(tables.not_looked_at, limit=limit, only=only))
    if not rows:
        return 0
    found = [_look(node, row) for row in rows]
    if node.store.write(lambda tx: _keep(node, tx, found)):
        node.announce("inbox")
    return len(rows)


def _look(node: Node, row: Row[Any]) -> _Look:
    """Open one paper. What cannot be opened is told to a person and holds up no other."""
    if row.state not in tables.KEPT:
        return _Look(row.number, row.reference or "")
    try:
        return _look_in(node, row) if row.direction == "in" else _look_out(node, row)
    except OpenError:
        return _Look(row.number, row.reference)  # erased meanwhile
    except (CordialeError, ValueError, LookupError) as fault:
        return _Look(row.number, row.reference, fault=f"{type(fault).__name__}: {fault}")


def _look_in(node: Node, row: Row[Any]) -> _Look:
    letter = papers.letter_in(node, row.message_id)
    tasks = waiting.tasks_of(node, row, letter) if row.type not in waiting.NO_TASK else []
    marks = _marks(node, row, payloads.decode(letter.type, letter.payload))
    return _Look(row.number, row.reference, tasks, marks)


def _look_out(node: Node, row: Row[Any]) -> _Look:
    draft = papers.draft_of(node, row)
    about = papers.original_of(draft)
    return _Look(row.number, row.reference, marks=_marks(node, row, draft.payload()), about=about)


def _marks(node: Node, row: Row[Any], said: Carried) -> frozenset[int]:
    return frozenset(finding.marks(node, row, said))


def _keep(node: Node, tx: Connection, found: Sequence[_Look]) -> int:
    """Keep what the looks found, of what nobody kept meanwhile and is still to be kept; tasks begun."""
    free = tables.looked_at(tx, [one.number for one in found])
    mine = [one for one in found if one.number in free]
    still = tables.still_kept(tx, [one.reference for one in mine])
    index.index(tx, finding.ROOM, {one.reference: one.marks for one in mine if one.reference in still})
    for one in mine:
        if one.about is not None:
            tables.note_about(tx, one.reference, one.about)
        if one.fault:
            at = node.contact.moment()
            boxes.raise_alarm(tx, "keeper", peer="", about=one.reference, says=one.fault, at=at)
    tasks = [task for one in mine if one.reference in still for task in one.tasks]
    known = tables.tasks_known(tx, [task.id for task in tasks])
    begun = [task for task in tasks if task.id not in known]
    for task in begun:
        room.start(tx, task)
    return len(begun)
