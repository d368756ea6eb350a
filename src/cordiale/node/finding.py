"""Finding messages by words without keeping a word: the index holds keyed digests, and forgets with bodies.

Whoever has the database and not the node's keys learns no name from it; so only whole words are found.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Row

from cordiale import payloads
from cordiale.errors import OpenError
from cordiale.node import papers, tables
from cordiale.store import search as index

if TYPE_CHECKING:
    from cordiale.node.node import Node

ROOM: Final = "paper"
KEPT: Final = ("received", "sent", "held")
INDEXED, FORGOT = "finding", "forgetting"
"""Under these names the node remembers until when it has looked at what came, and at what is gone."""
LOOK_BACK: Final = timedelta(minutes=1)  # acts become durable a little out of the order of their times
FORGET_EVERY: Final = timedelta(seconds=10)
DIGEST_CHARS: Final = 16  # 64 bits: no two words of a node meet by chance
WORDS_MAX: Final = 10_000  # distinct words of one message; the index takes 200,000 characters


def index_new(node: Node) -> int:
    """Let what came and went since the last round be found; how many. The keeper calls it."""
    return sum(_index_moved(node, direction) for direction in ("in", "out"))


def _index_moved(node: Node, direction: str) -> int:
    done, mark = 0, f"{INDEXED}/{direction}"
    place = (node.seen.get(mark, tables.BEGINNING), "")
    while rows := node.store.read(partial(tables.moved_since, direction=direction, states=KEPT, place=place)):
        done += _index(node, rows)
        place = tables.place_of(rows)
        node.seen[mark] = place[0] - LOOK_BACK
        if len(rows) < tables.PAGE:
            break
    return done


def _index(node: Node, rows: Sequence[Row[Any]]) -> int:
    """Let the rows of one page be found; how many were not yet."""
    known = node.store.read(lambda tx: tables.indexed(tx, [row.reference for row in rows]))
    words = {
        row.reference: " ".join(sorted(digests(node, text_of(node, row)))[:WORDS_MAX])
        for row in rows
        if row.reference not in known
    }

    def act(tx: Connection) -> int:
        for reference, found in words.items():
            index.index(tx, ROOM, reference, found)
        return len(words)

    return node.store.write(act) if words else 0


def forget_gone(node: Node) -> int:
    """Let what was recalled, undone or erased no longer be found, and scrub the index; how many."""
    at = node.world.clock.now()
    if at - node.seen.get(FORGOT, datetime.min.replace(tzinfo=at.tzinfo)) < FORGET_EVERY:
        return 0
    node.seen[FORGOT] = at
    return forget(node, node.store.read(lambda tx: tables.indexed_and_gone(tx, ROOM, KEPT)))


def forget(node: Node, references: list[str]) -> int:
    """Let these no longer be found, and leave no trace of their words."""
    if not references:
        return 0
    gone = node.store.write(lambda tx: index.erase(tx, references))
    index.scrub(node.store)
    return gone


def found(node: Node, words: str, *, limit: int, within: ColumnElement[bool]) -> list[Row[Any]]:
    """The papers that hold all of these words, newest first; `within`: what their reader may see."""
    asked = digests(node, words)

    def query(tx: Connection) -> list[Row[Any]]:
        hits = [one.item for one in index.find(tx, " ".join(asked), rooms=(ROOM,), limit=index.FOUND_MAX)]
        return list(tables.papers_of(tx, hits, KEPT, within))[:limit]

    return node.store.read(query) if asked else []


def digests(node: Node, text: str) -> set[str]:
    """The words of a text as the index keeps them: folded, without accents, under this node's own key."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return {
        hmac.new(node.keys.marks, b"word\x00" + word.encode(), sha256).hexdigest()[:DIGEST_CHARS]
        for word in set(re.findall(r"\w+", plain))
    }


def text_of(node: Node, row: Row[Any]) -> str:
    """All that a kept message says; empty when it was erased."""
    try:
        if row.direction == "in":
            letter = papers.letter_in(node, row.message_id)
            held = payloads.decode(letter.type, letter.payload)
        else:
            held = papers.draft_of(node, papers.found(node, row.reference)).payload()
    except OpenError:
        return ""
    return " ".join(words_in(leaf.value) for leaf in payloads.itemise(held))


def words_in(value: Any) -> str:
    """The words of a leaf: its text, that of a passage, the name of a file."""
    if isinstance(value, dict):
        return str(value.get("text") or value.get("name") or "")
    return str(value)
