"""Attachments as sealed chunks: opaque bytes by number, put in any order, read in order, erased whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from cordiale.errors import StoreError
from cordiale.store.schema import Moment, metadata

CHUNK_BYTES_MAX: Final = (64 << 10) + 64  # seals.SEALED_CHUNK_BYTES and room for another tag
OBJECT_BYTES_MAX: Final = 1 << 30  # one attachment; more belongs on a disk that is handed over
CHUNKS_MAX: Final = OBJECT_BYTES_MAX // (64 << 10) + 1
SWEPT_MAX: Final = 128  # chunks destroyed in one act, 8 MiB: distress never waits behind an erasure

bundle = Table(
    "store_bundle",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("chunk_count", Integer, nullable=False),
    Column("held_count", Integer, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    comment="An attachment: how many sealed chunks it has and how many are here.",
)

chunk = Table(
    "store_chunk",
    metadata,
    Column("bundle", String(64), ForeignKey("store_bundle.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
    comment="One sealed chunk in its place.",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """An attachment as far as it is here. `next_place`: the first chunk that is missing."""

    id: str
    chunk_count: int
    held_count: int
    whole: bool
    next_place: int


def announce(tx: Connection, bundle_id: str, chunk_count: int, *, at: datetime) -> None:
    """Make room for an attachment of so many chunks. Raises StoreError for more than CHUNKS_MAX."""
    if not 1 <= chunk_count <= CHUNKS_MAX:
        raise StoreError(
            f"an attachment has 1 to {CHUNKS_MAX} chunks, not `{chunk_count}`", field="chunk_count"
        )
    row = {"id": bundle_id, "chunk_count": chunk_count, "held_count": 0, "whole": False, "made_at": at}
    tx.execute(insert(bundle).values(**row))


def put(tx: Connection, bundle_id: str, place: int, raw: bytes) -> Bundle:
    """Keep one chunk; again, it changes nothing. Raises StoreError for one that has no room here."""
    held = look(tx, bundle_id)
    if held is None or not 0 <= place < held.chunk_count or len(raw) > CHUNK_BYTES_MAX:
        raise StoreError(f"chunk `{place}` of `{bundle_id}` was not announced or is too long", field="chunk")
    known = tx.execute(
        select(chunk.c.raw).where(chunk.c.bundle == bundle_id, chunk.c.place == place)
    ).scalar()
    if known is not None:
        if known != raw:
            raise StoreError(
                f"chunk `{place}` of `{bundle_id}` is here already, with other bytes", field="chunk"
            )
        return held
    tx.execute(insert(chunk).values(bundle=bundle_id, place=place, raw=raw))
    count = held.held_count + 1
    values = {"held_count": count, "whole": count == held.chunk_count}
    tx.execute(update(bundle).where(bundle.c.id == bundle_id).values(**values))
    after = look(tx, bundle_id)
    assert after is not None
    return after


def look(tx: Connection, bundle_id: str) -> Bundle | None:
    """How far an attachment is here, or None."""
    row = tx.execute(select(bundle).where(bundle.c.id == bundle_id, bundle.c.chunk_count > 0)).one_or_none()
    if row is None:
        return None
    return Bundle(row.id, row.chunk_count, row.held_count, row.whole, _next(tx, row.id, row.held_count))


def read(tx: Connection, bundle_id: str) -> Iterator[bytes]:
    """The sealed chunks in order. Raises StoreError unless the attachment is whole."""
    held = look(tx, bundle_id)
    if held is None or not held.whole:
        raise StoreError(f"`{bundle_id}` is not here, or not whole", field="attachment")
    for place in range(held.chunk_count):
        yield one(tx, bundle_id, place)


def one(tx: Connection, bundle_id: str, place: int) -> bytes:
    """One sealed chunk. Raises StoreError when it is not here."""
    raw = tx.execute(select(chunk.c.raw).where(chunk.c.bundle == bundle_id, chunk.c.place == place)).scalar()
    if raw is None:
        raise StoreError(f"chunk `{place}` of `{bundle_id}` is not here", field="chunk")
    return bytes(raw)


def erase(tx: Connection, bundle_id: str) -> int:
    """Destroy an attachment; how many chunks there were. A large one holds up other writes: `condemn`."""
    gone = tx.execute(delete(chunk).where(chunk.c.bundle == bundle_id)).rowcount
    tx.execute(delete(bundle).where(bundle.c.id == bundle_id))
    return gone


def condemn(tx: Connection, bundle_id: str) -> None:
    """From this act on the attachment is gone for everybody; `sweep` destroys its bytes piece by piece."""
    tx.execute(update(bundle).where(bundle.c.id == bundle_id).values(chunk_count=0, whole=False))


def condemned(tx: Connection) -> bool:
    """Whether bytes of a condemned attachment are still to be destroyed."""
    return tx.execute(select(bundle.c.id).where(bundle.c.chunk_count == 0).limit(1)).scalar() is not None


def sweep(tx: Connection, *, limit: int = SWEPT_MAX) -> int:
    """Destroy at most `limit` chunks of what was condemned; 0 once nothing is left of it."""
    name = tx.execute(select(bundle.c.id).where(bundle.c.chunk_count == 0).limit(1)).scalar()
    if name is None:
        return 0
    first = select(chunk.c.place).where(chunk.c.bundle == name).order_by(chunk.c.place).limit(limit)
    places = list(tx.execute(first).scalars())
    tx.execute(delete(chunk).where(chunk.c.bundle == name, chunk.c.place.in_(places)))
    if len(places) < limit:
        tx.execute(delete(bundle).where(bundle.c.id == name))
    return len(places) or 1


def _next(tx: Connection, bundle_id: str, held_count: int) -> int:
    """The first place that is missing. Places differ, so `n` of them of which the last is `n - 1` are all of
    the first `n`; the index answers that at once, however long the attachment.
    """
    last = tx.execute(select(func.max(chunk.c.place)).where(chunk.c.bundle == bundle_id)).scalar()
    if last is None or last == held_count - 1:
        return held_count
    have = set(tx.execute(select(chunk.c.place).where(chunk.c.bundle == bundle_id)).scalars())
    return next(place for place in range(len(have) + 1) if place not in have)
