"""Finding by marks: a posting list one a mark, newest first, the same on SQLite and PostgreSQL.

A mark is a number that stands for a word; who indexes makes it (the node: under a key, so that no word lies
here). A search looks at no more than STEPS_MAX postings of its rarest mark, whatever the words are; what it
has not looked at is told, and asked for with the place where it ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
)

from cordiale.errors import StoreError
from cordiale.store.engine import BUSY_MS, Store
from cordiale.store.schema import metadata

ASKED_MAX: Final = 32  # words of one question
STEPS_MAX: Final = 20_000  # postings looked at in one search: about 50 ms, however common the words are
COUNTED_MAX: Final = 5_000  # of each word, to find the rarest; more common ones are all alike
MARKS_MAX: Final = 20_000  # of one item: more distinct words than a message of its largest size has
CHECKPOINT_TRIES: Final = 5  # a reader that still looks at old pages ends within its page
CHECKPOINT_MS: Final = 100  # of each try
SCRUBBED_MAX: Final = 10_000  # erased items struck off in one scrub; the rest the next time
PAGE: Final = 500  # names in one statement
MARK_BYTES: Final = 8
T = TypeVar("T")

item = Table(
    "store_search_item",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("room", String(40), nullable=False),
    Column("item", String(200), nullable=False, unique=True),
    Column("marks", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
    comment="What can be found: room, reference, and its marks, so that all are forgotten with it.",
)

posting = Table(
    "store_search_posting",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("item", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="Which items have a mark; read backwards it is newest first.",
)

_POST: Final = {
    "sqlite": "INSERT INTO store_search_posting (mark, item) VALUES (?, ?)",
    "postgresql": "INSERT INTO store_search_posting (mark, item) VALUES (%s, %s)",
}
"""Said to the driver itself: of a row of two numbers, naming them costs more than writing them."""

erased = Table(
    "store_search_erased",
    metadata,
    Column("item", Integer, primary_key=True, autoincrement=False),
    comment="Items that were forgotten, and whose marks may still stand in the write-ahead log.",
)

Asked = Sequence[Collection[int]]
"""What is asked for: of each word, the marks of its spellings; an item must have one of every word's.

Whoever makes marks takes into them what they are marks of, so that no two rooms share one.
"""


def index(tx: Connection, room: str, items: Mapping[str, Collection[int]]) -> None:
    """Let each reference be found by its marks; what it was found by before no longer counts."""
    if not items:
        return
    if many := next((name for name, marks in items.items() if len(marks) > MARKS_MAX), ""):
        raise StoreError(f"`{many}` has more words than can be searched", field="words")
    erase(tx, list(items))
    rows = [{"room": room, "item": name, "marks": packed(marks)} for name, marks in items.items()]
    made = tx.execute(insert(item).returning(item.c.item, item.c.id, sort_by_parameter_order=True), rows)
    # In the order of the list they go to neighbouring places: a batch touches few pages.
    if lines := sorted((mark, row.id) for row in made for mark in set(items[row.item])):
        tx.exec_driver_sql(_POST[tx.dialect.name], lines)


def erase(tx: Connection, references: Sequence[str]) -> int:
    """Let these no longer be found; how many there were. A `scrub` is due afterwards."""
    gone = 0
    for names in _parts(references):
        for row in tx.execute(select(item.c.id, item.c.marks).where(item.c.item.in_(names))).all():
            for marks in _parts(unpacked(row.marks)):
                tx.execute(delete(posting).where(posting.c.mark.in_(marks), posting.c.item == row.id))
            gone += tx.execute(delete(item).where(item.c.id == row.id)).rowcount
            tx.execute(insert(erased).values(item=row.id))
    return gone


def packed(marks: Iterable[int]) -> bytes:
    """Marks as the item keeps them: each once, in order, eight bytes."""
    return b"".join(one.to_bytes(MARK_BYTES, signed=True) for one in sorted(set(marks)))


def unpacked(raw: bytes) -> list[int]:
    """The marks that an item keeps."""
    return [int.from_bytes(raw[at : at + MARK_BYTES], signed=True) for at in range(0, len(raw), MARK_BYTES)]


# ------------------------------------------------------------------------------ finding


@dataclass(frozen=True, slots=True)
class Hunt:
    """One list to walk: a SELECT of item ids, newest first, that ends after STEPS_MAX postings.

    `floor`: the id below which it has not looked; None when it has looked at all.
    """

    found: Select[int]
    floor: int | None


def hunts(tx: Connection, asked: Asked, *, before: int | None = None) -> list[Hunt]:
    """The walks that find all items with one mark of every word: one for each spelling of the rarest word.

    `before`: only items older than this id. Nothing asked finds nothing.
    """
    words = [frozenset(one) for one in asked][:ASKED_MAX]
    if not words or not all(words):
        return []
    counts = [sum(_count(tx, mark, before) for mark in word) for word in words]
    rarest = counts.index(min(counts))
    others = [word for place, word in enumerate(words) if place != rarest]
    return [_hunt(tx, mark, others, before) for mark in sorted(words[rarest])]


def _count(tx: Connection, mark: int, before: int | None) -> int:
    """How many items have a mark, counted to COUNTED_MAX."""
    some = select(posting.c.item).where(_posted(mark, before)).limit(COUNTED_MAX).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def _posted(mark: int, before: int | None) -> Any:
    here = posting.c.mark == mark
    return here if before is None else and_(here, posting.c.item < before)


def _hunt(tx: Connection, mark: int, others: Sequence[Collection[int]], before: int | None) -> Hunt:
    newest = select(posting.c.item).where(_posted(mark, before)).order_by(posting.c.item.desc())
    floor = tx.execute(newest.offset(STEPS_MAX - 1).limit(1)).scalar()
    walk = newest if floor is None else newest.where(posting.c.item >= floor)
    for word in others:
        also = posting.alias()
        walk = walk.where(exists().where(also.c.mark.in_(sorted(word)), also.c.item == posting.c.item))
    return Hunt(walk, floor)


def find(tx: Connection, asked: Asked, *, limit: int = 50) -> list[str]:
    """The references of what holds every word, newest first."""
    ids = {id for one in hunts(tx, asked) for id in tx.execute(one.found.limit(limit)).scalars()}
    return named(tx, sorted(ids, reverse=True)[:limit])


def named(tx: Connection, ids: Sequence[int]) -> list[str]:
    """The references of these items, in their order."""
    parts = (select(item.c.id, item.c.item).where(item.c.id.in_(one)) for one in _parts(ids))
    names = {row.id: row.item for part in parts for row in tx.execute(part).all()}
    return [names[id] for id in ids if id in names]


def known(tx: Connection, references: Sequence[str]) -> set[str]:
    """Which of these can be found."""
    queries = (select(item.c.item).where(item.c.item.in_(part)) for part in _parts(references))
    return {name for query in queries for name in tx.execute(query).scalars()}


def _parts(many: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at once as one statement takes."""
    return (many[at : at + PAGE] for at in range(0, len(many), PAGE))


# ------------------------------------------------------------------------------ forgetting


def is_scrub_due(tx: Connection) -> bool:
    """Whether something was erased since the last scrub."""
    return tx.execute(select(erased.c.item).limit(1)).first() is not None


def scrub(store: Store) -> None:
    """Leave no trace of erased marks: empty the write-ahead log. In the file they were overwritten at once.

    Raises StoreError when the log cannot be emptied because a reader holds it; it stays due. PostgreSQL
    frees their place; its own write-ahead log, and freed places until they are written again, keep digests.
    """
    gone = store.read(lambda tx: list(tx.execute(select(erased.c.item).limit(SCRUBBED_MAX)).scalars()))
    _empty(store)
    for part in _parts(gone):
        store.write(partial(_strike_off, items=part))


def _strike_off(tx: Connection, items: Sequence[int]) -> None:
    tx.execute(delete(erased).where(erased.c.item.in_(items)))


def _empty(store: Store) -> None:
    if store.dialect == "postgresql":
        with store.maintenance() as connection:
            connection.exec_driver_sql("VACUUM store_search_posting")
            connection.exec_driver_sql("VACUUM store_search_item")
        return
    if store.is_in_memory:
        return
    with store.maintenance() as connection:
        # While it waits for a reader nobody writes, distress included: so it waits briefly and comes again.
        connection.exec_driver_sql(f"PRAGMA busy_timeout={CHECKPOINT_MS}")
        try:
            for _ in range(CHECKPOINT_TRIES):
                if not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
                    return
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")
    raise StoreError("the write-ahead log is in use and still holds erased marks", way_out="Scrub again.")
