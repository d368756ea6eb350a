"""What an open page is told of its message: whether it stands as it did when the page was drawn, and if not,
who called it back, when and why. No word of the message is in it, and asking is no reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from cordiale.errors import OpenError
from cordiale.node import papers, reading, recalls, tables
from cordiale.node import recalls_kept as kept
from cordiale.node.people import Verb, needs

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer


@dataclass(frozen=True, slots=True)
class Notice:
    """A recall, erase, correct or restrict. `by`: "SIDE/authority", or the name of whoever here gave it.

    `paths`: the parts of which it holds; `restrictions`: codes; both only while the notice can be opened.
    """

    act: str
    reason: str
    by: str
    at: datetime
    is_own: bool = False
    paths: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a message stands. `mark` changes with each notice and when its words go; a page compares it."""

    mark: str
    has_words: bool
    notices: tuple[Notice, ...] = ()


def standing(node: Node, officer: Officer, reference: str) -> Standing:
    """How a message stands now. Raises RequestError when there is none that this officer may see."""
    needs(officer, Verb.READ)
    row = reading.found(node, officer, reference)

    def query(tx: Connection) -> tuple[bool, list[Row[Any]]]:
        told = kept.called_back(tx, row.message_id) if row.message_id else []
        return recalls.has_words(tx, row), list(told)

    has_words, told = node.store.read(query)
    names = node.names() if any(not one.notice for one in told) else {}
    last = told[-1].number if told else 0
    notices = tuple(_notice(node, one, names) for one in told)
    return Standing(f"{last}.{int(has_words)}", has_words, notices)


def mark(node: Node, officer: Officer, reference: str) -> str:
    """The mark of `standing` alone: asked by every open page, and so without opening anything."""
    needs(officer, Verb.READ)
    row = reading.found(node, officer, reference)

    def query(tx: Connection) -> str:
        last = kept.last_called(tx, row.message_id) if row.message_id else 0
        return f"{last}.{int(recalls.has_words(tx, row))}"

    return node.store.read(query)


def withdrawn(node: Node, officer: Officer, draft: str) -> tuple[Notice, ...]:
    """The notices that ended a draft of this person; none for one that stands, or that they ended."""
    needs(officer, Verb.WRITE)

    def query(tx: Connection) -> list[Row[Any]]:
        row = tables.draft_row(tx, draft)
        if row is None or row.author != officer.id or row.state != "discarded" or not row.about:
            return []
        return [one for one in kept.called_back(tx, row.about) if one.act in recalls.ENDS_COPY]

    return tuple(_notice(node, one, {}) for one in node.store.read(query))


def _notice(node: Node, row: Row[Any], names: Mapping[str, str]) -> Notice:
    if not row.notice:
        return Notice(row.act, row.reason, names.get(row.by, row.by), row.at, is_own=True)
    told: Mapping[str, Any] = {}
    if row.act not in recalls.ENDS_COPY:
        try:
            told = papers.letter_in(node, row.notice).payload["body"]
        except OpenError:
            told = {}  # past its own retention: what it was, by whom and why is still known
    paths = tuple(str(one) for one in told.get("paths", ()))
    codes = tuple(str(one) for one in told.get("restrictions", ()))
    return Notice(row.act, row.reason, row.by, row.at, paths=paths, restrictions=codes)
