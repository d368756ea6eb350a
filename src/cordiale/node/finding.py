"""Finding messages by words without keeping a word: the index holds keyed digests, and forgets with bodies.

Whoever has the database and not the node's keys learns no name from it; so only whole words are found. Beside
its words a message is marked with the authority that it came to or went from, so that a search walks through
its reader's own.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale import payloads, scripts
from cordiale.node import tables
from cordiale.payloads import Carried
from cordiale.store import search as index

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.reading import Reach

ROOM: Final = "paper"
COUNT_MAX: Final = 1000  # found ones are counted so far; beyond it a page says "more than"
WORDS_MAX: Final = 10_000  # distinct words of one message
WORD, AUTHORITY, OFFICER = b"word", b"authority", b"officer"
"""What a mark stands for; the same name as word and as authority has two marks."""

# Letters with the marks that may follow them: Latin accents, Arabic vowels; a sign of its own each.
_WORD: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed])+")
_STRETCH: Final = "\u0640"  # Arabic tatweel lengthens a word for the eye


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search found: the newest papers, how many there are as far as was looked, and where to go on.

    `is_more`: there are, or may be, more than `count`. `older`: the place to search on from; None at the end.
    """

    rows: tuple[Row[Any], ...]
    count: int
    is_more: bool
    older: int | None


def sought(node: Node, words: str, *, limit: int, mine: Reach, before: int | None = None) -> Sought:
    """The papers that hold all of these words, newest first, of what their reader may see (`mine`)."""
    asked = [spellings(node, word) for word in _words(words)]
    if asked and not mine.whole:
        asked.append(_scope(node, mine))

    def query(tx: Connection) -> Sought:
        found, bottom = _walked(tx, asked, before)
        shown = found[:limit]
        rows = tables.papers_of(tx, index.named(tx, shown), mine.clause())
        older = shown[-1] if len(found) > limit else bottom
        is_more = len(found) > COUNT_MAX or bottom is not None
        return Sought(tuple(rows), min(len(found), COUNT_MAX), is_more, older)

    return node.store.read(query)


def _walked(tx: Connection, asked: list[frozenset[int]], before: int | None) -> tuple[list[int], int | None]:
    """The ids that the walks find, newest first; and the id below which nobody has looked."""
    found: set[int] = set()
    bottom: int | None = None
    for hunt in index.hunts(tx, asked, before=before):
        ids = list(tx.execute(hunt.found.limit(COUNT_MAX + 1)).scalars())
        end = ids[-1] if len(ids) > COUNT_MAX else hunt.floor
        bottom = end if bottom is None or (end is not None and end > bottom) else bottom
        found.update(ids)
    return sorted((id for id in found if bottom is None or id >= bottom), reverse=True), bottom


# ------------------------------------------------------------------------------ words


def marks(node: Node, row: Row[Any], said: Carried) -> set[int]:
    """What a paper is found by: whose it is, who wrote it, and its words, as many as the index takes."""
    found = {mark(node, AUTHORITY, row.authority)}
    found |= {mark(node, OFFICER, row.officer)} if row.officer else set()
    words = sorted({word for leaf in payloads.itemise(said) for word in _words(words_in(leaf.value))})
    for word in words[:WORDS_MAX]:
        more = spellings(node, word)
        if len(found) + len(more) > index.MARKS_MAX:
            break
        found |= more
    return found


def spellings(node: Node, word: str) -> frozenset[int]:
    """The marks under which a word may stand: as it is written, and as it would be in Latin letters."""
    return frozenset(mark(node, WORD, one) for one in forms(word))


def forms(word: str) -> set[str]:
    """A word folded: without case or accents; a name in another script also in Latin letters (scripts.py)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    found = {bare.replace(_STRETCH, "")}
    if not word.isascii() and scripts.script_of(word) is not scripts.Script.OTHER:
        found |= {one.replace(" ", "") for one in scripts.folded_forms(word)}
    return found - {""}


def mark(node: Node, kind: bytes, word: str) -> int:
    """64 bits under this node's own key: no two words of a node meet by chance."""
    made = hmac.new(node.keys.marks, kind + b"\x00" + word.encode(), sha256).digest()
    return int.from_bytes(made[: index.MARK_BYTES], signed=True)


def words_in(value: Any) -> str:
    """The words of a leaf: its text, that of a passage, the name of a file."""
    if isinstance(value, dict):
        return str(value.get("text") or value.get("name") or "")
    return str(value)


def _words(text: str) -> list[str]:
    """The words of a text, each once, in order."""
    return list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", text))))


def _scope(node: Node, mine: Reach) -> frozenset[int]:
    """The marks of one's own: any paper within reach has one of them."""
    ours = {mark(node, AUTHORITY, one) for one in mine.authorities}
    return frozenset({*ours, mark(node, OFFICER, mine.officer)})


# ------------------------------------------------------------------------------ forgetting


def forget(node: Node, references: list[str]) -> int:
    """Let these no longer be found, and leave no trace of their marks; how many."""
    gone = node.store.write(lambda tx: index.erase(tx, references)) if references else 0
    scrub_due(node)
    return gone


def scrub_due(node: Node) -> None:
    """Leave no trace of what acts have let no longer be found since the last time. The keeper calls it."""
    if node.store.read(index.is_scrub_due):
        index.scrub(node.store)
