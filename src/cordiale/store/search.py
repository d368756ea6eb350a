"""Finding by words: SQLite FTS5 or PostgreSQL tsvector under one set of verbs, and forgetting without a
trace.

The index holds only what the node gives it. After an erasure `scrub` rebuilds it and empties the write-ahead
log, so that no erased word stays in the file or beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    Column,
    ColumnClause,
    Connection,
    Integer,
    String,
    Table,
    column,
    delete,
    event,
    select,
    table,
    text,
)

from cordiale.errors import StoreError
from cordiale.store.engine import Store
from cordiale.store.schema import metadata

WORDS_MAX: Final = 32  # words of one question
FOUND_MAX: Final = 500
TEXT_CHARS_MAX: Final = 200_000
CHECKPOINT_TRIES: Final = 20  # a reader that still looks at old pages ends within its page

item = Table(
    "store_search_item",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("room", String(40), nullable=False),
    Column("item", String(200), nullable=False, unique=True),
    comment="What can be found: its room and reference. Its words lie in store_search_words.",
)

_SQLITE: Final = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS store_search_words USING fts5(words, "
    "tokenize='unicode61 remove_diacritics 2')"
)
_POSTGRESQL: Final = (
    "CREATE TABLE IF NOT EXISTS store_search_words (id INTEGER PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_store_search_words ON store_search_words USING GIN (words)",
)


def statements(dialect: str) -> tuple[str, ...]:
    """What makes the index itself, which no schema description can say for both databases."""
    return _POSTGRESQL if dialect == "postgresql" else (_SQLITE,)


@event.listens_for(item, "after_create")
def _make_index(_: Table, connection: Connection, **__: object) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: its room and reference, newest first."""

    room: str
    item: str


def index(tx: Connection, room: str, reference: str, words: str) -> None:
    """Let `reference` be found by `words`; what it was found by before no longer counts."""
    if len(words) > TEXT_CHARS_MAX:
        raise StoreError(f"{len(words)} characters are more than can be searched at once", field="words")
    erase(tx, [reference])
    row = tx.execute(item.insert().values(room=room, item=reference).returning(item.c.id)).scalar_one()
    if tx.dialect.name == "postgresql":
        made = text("INSERT INTO store_search_words (id, words) VALUES (:id, to_tsvector('simple', :words))")
    else:
        made = text("INSERT INTO store_search_words (rowid, words) VALUES (:id, :words)")
    tx.execute(made, {"id": row, "words": plain(words, tx.dialect.name)})


def erase(tx: Connection, references: Sequence[str]) -> int:
    """Let these no longer be found; how many there were. Call `scrub` afterwards to leave no trace of their
    words.
    """
    rows = tx.execute(select(item.c.id).where(item.c.item.in_(list(references)))).scalars().all()
    key: ColumnClause[int] = column("id" if tx.dialect.name == "postgresql" else "rowid")
    tx.execute(delete(table("store_search_words", key)).where(key.in_(list(rows))))
    tx.execute(delete(item).where(item.c.id.in_(list(rows))))
    return len(rows)


def find(tx: Connection, words: str, *, rooms: Sequence[str] = (), limit: int = 50) -> list[Found]:
    """What holds all of these words; the last word may be the beginning of one. No words find nothing."""
    asked = re.findall(r"\w+", words.casefold())[:WORDS_MAX]
    if not asked:
        return []
    if tx.dialect.name == "postgresql":
        query = _FIND_POSTGRESQL
        said = " & ".join(
            [*(plain(one, "postgresql") for one in asked[:-1]), plain(asked[-1], "postgresql") + ":*"]
        )
    else:
        query = _FIND_SQLITE
        said = " ".join([*(f'"{one}"' for one in asked[:-1]), f'"{asked[-1]}"*'])
    rows = tx.execute(text(query), {"asked": said, "most": FOUND_MAX})
    found = [Found(row.room, row.item) for row in rows if not rooms or row.room in rooms]
    return found[: min(limit, FOUND_MAX)]


_FIND_SQLITE: Final = """
    SELECT i.room, i.item FROM store_search_words w JOIN store_search_item i ON i.id = w.rowid
    WHERE w.words MATCH :asked ORDER BY w.rowid DESC LIMIT :most
"""
_FIND_POSTGRESQL: Final = """
    SELECT i.room, i.item
    FROM store_search_words w JOIN store_search_item i ON i.id = w.id, to_tsquery('simple', :asked) q
    WHERE w.words @@ q ORDER BY i.id DESC LIMIT :most
"""


def plain(words: str, dialect: str) -> str:
    """Words as the index keeps them. PostgreSQL's `simple` keeps accents, so they are taken off before."""
    if dialect != "postgresql":
        return words
    return "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))


def scrub(store: Store) -> None:
    """Leave no trace of erased words: rebuild the index, overwrite freed pages, empty the write-ahead log.

    Raises StoreError when the log cannot be emptied because a reader holds it; then call again. On PostgreSQL
    the tables are rewritten; its own write-ahead log keeps old words until it is recycled.
    """
    if store.dialect == "postgresql":
        with store.maintenance() as connection:
            connection.exec_driver_sql("VACUUM FULL store_search_words")
            connection.exec_driver_sql("VACUUM FULL store_search_item")
        return
    store.write(
        lambda tx: tx.exec_driver_sql("INSERT INTO store_search_words(store_search_words) VALUES('rebuild')")
    )
    if store.is_in_memory:
        return
    with store.maintenance() as connection:
        for _ in range(CHECKPOINT_TRIES):
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            if not busy:
                return
    raise StoreError("the write-ahead log is in use and still holds erased words", way_out="Scrub again.")
