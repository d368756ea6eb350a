"""The ledger's tables and named queries.

Entries and tile roots only ever grow; the head is one row, locked while an act appends; salts are the one
thing here that may be destroyed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    bindparam,
)
from sqlalchemy import select as _select
from sqlalchemy import update as _update

from cordiale.store.ready import Ready, ReadyRows
from cordiale.store.schema import metadata

entries: Final = Table(
    "ledger_entries",
    metadata,
    Column("entry_index", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),  # canonical JSON of the entry
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("message", String(71)),  # the message it is about, for finding; the leaf is the truth
    Column("at", String(27), nullable=False),
)
Index("ix_ledger_entries_message", entries.c.message)
Index("ix_ledger_entries_kind", entries.c.kind, entries.c.entry_index)

tile_hashes: Final = Table(
    "ledger_tile_hashes",  # roots of full tiles, which are the hashes of the tiles one level up
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

head: Final = Table(
    "ledger_head",  # one row: size and compact range, read and written inside the act's own transaction
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
)

salts: Final = Table(
    "ledger_salts",
    metadata,
    Column("entry_index", BigInteger, ForeignKey("ledger_entries.entry_index"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)

checkpoints: Final = Table(
    "ledger_checkpoints",  # the primary key keeps us from signing two roots of one size
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("signed_at", String(20), nullable=False),
)

cosignatures: Final = Table(
    "ledger_cosignatures",
    metadata,
    Column("size", BigInteger, ForeignKey("ledger_checkpoints.size"), primary_key=True),
    Column("witness", String(200), primary_key=True),
    Column("line", Text, nullable=False),
    Column("cosigned_at", String(20), nullable=False),
)

witnessed: Final = Table(
    "ledger_witnessed",  # the latest checkpoint of each partner's log that we have cosigned
    metadata,
    Column("origin", String(200), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
)

split_views: Final = Table(
    "ledger_split_views",  # evidence against a log: two notes, both signed by it, that cannot both be true
    metadata,
    Column("origin", String(200), primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("root", LargeBinary, primary_key=True),
    Column("held", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("seen_at", String(20), nullable=False),
)


# Statements are made once: making one costs more than running it.

_HEAD: Final = _select(head.c.origin, head.c.size, head.c.peaks).where(head.c.id == 1)
HEAD_SEEN: Final = Ready(_HEAD)
"""The head as this transaction sees it, without holding it."""
HEAD_LOCKED: Final = Ready(_HEAD.with_for_update())
"""The head, held until the act ends, so that two workers never append at one size."""
HEAD_MOVED: Final = Ready(
    _update(head)
    .where(head.c.id == 1)
    .values({name: bindparam(name) for name in ("origin", "size", "peaks")})
)
SPAN: Final = Ready(
    _select(entries.c.entry_index, entries.c.leaf)
    .where(entries.c.entry_index >= bindparam("start"))
    .order_by(entries.c.entry_index)
    .limit(bindparam("count"))
)
"""Entries in order from `start`, at most `count`: index, leaf."""
LEAF_HASHES: Final = Ready(
    _select(entries.c.leaf_hash)
    .where(entries.c.entry_index.between(bindparam("first"), bindparam("last")))
    .order_by(entries.c.entry_index)
)
"""The leaf hashes from `first` to `last` in order: a tile of level 0."""
UPPER_HASHES: Final = Ready(
    _select(tile_hashes.c.hash)
    .where(tile_hashes.c.level == bindparam("level"))
    .where(tile_hashes.c.place.between(bindparam("first"), bindparam("last")))
    .order_by(tile_hashes.c.place)
)
"""The hashes from `first` to `last` of a tile level above 0, in order."""
NOTE_AT: Final = Ready(_select(checkpoints.c.note).where(checkpoints.c.size == bindparam("size")))
COSIGNED_AT: Final = Ready(
    _select(cosignatures.c.line)
    .where(cosignatures.c.size == bindparam("size"))
    .order_by(cosignatures.c.witness)
)
ADD_ENTRIES: Final = ReadyRows(entries)
ADD_SALTS: Final = ReadyRows(salts)
ADD_TILES: Final = ReadyRows(tile_hashes)
ADD_CHECKPOINT: Final = ReadyRows(checkpoints)


def entries_from(start: int, count: int) -> Select[int, bytes, bytes]:
    """Entries in order: index, leaf, leaf hash."""
    picked = _select(entries.c.entry_index, entries.c.leaf, entries.c.leaf_hash)
    return picked.where(entries.c.entry_index >= start).order_by(entries.c.entry_index).limit(count)
