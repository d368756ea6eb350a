"""Do attachments come together from their chunks, and only from their own?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from cordiale.errors import StoreError
from cordiale.store import Store, chunks, open_store

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.write(lambda tx: chunks.bundle.metadata.create_all(tx, tables=[chunks.bundle, chunks.chunk]))
        opened.write(lambda tx: chunks.announce(tx, "a1", 3, at=NOW))
        yield opened


def put(store: Store, place: int, raw: bytes) -> chunks.Bundle:
    return store.write(lambda tx: chunks.put(tx, "a1", place, raw))


def test_chunks_in_any_order_are_read_in_order_once_whole(store: Store) -> None:
    assert put(store, 2, b"c").next_place == 0
    with pytest.raises(StoreError, match="not whole"):
        store.read(lambda tx: list(chunks.read(tx, "a1")))
    assert put(store, 0, b"a").next_place == 1
    assert put(store, 1, b"b").whole
    assert store.read(lambda tx: list(chunks.read(tx, "a1"))) == [b"a", b"b", b"c"]


def test_the_same_chunk_again_changes_nothing_but_another_in_its_place_is_refused(store: Store) -> None:
    put(store, 0, b"a")
    assert put(store, 0, b"a").held_count == 1
    with pytest.raises(StoreError, match="other bytes"):
        put(store, 0, b"x")


@pytest.mark.parametrize(("place", "raw"), [(3, b"x"), (-1, b"x"), (0, b"x" * (chunks.CHUNK_BYTES_MAX + 1))])
def test_a_chunk_that_was_not_announced_is_refused(store: Store, place: int, raw: bytes) -> None:
    with pytest.raises(StoreError, match="announced"):
        put(store, place, raw)


@pytest.mark.parametrize("count", [0, chunks.CHUNKS_MAX + 1])
def test_too_few_or_too_many_chunks_are_refused(store: Store, count: int) -> None:
    with pytest.raises(StoreError, match="chunks"):
        store.write(lambda tx: chunks.announce(tx, "a2", count, at=NOW))


def test_an_erased_attachment_is_gone(store: Store) -> None:
    put(store, 0, b"a")
    assert store.write(lambda tx: chunks.erase(tx, "a1")) == 1
    assert store.read(lambda tx: chunks.look(tx, "a1")) is None


def test_a_condemned_attachment_is_gone_at_once_and_swept_a_few_chunks_at_a_time(store: Store) -> None:
    for place, raw in enumerate((b"a", b"b", b"c")):
        put(store, place, raw)
    store.write(lambda tx: chunks.condemn(tx, "a1"))
    assert store.read(lambda tx: chunks.look(tx, "a1")) is None
    with pytest.raises(StoreError, match="announced"):
        put(store, 1, b"b")
    assert store.write(lambda tx: chunks.sweep(tx, limit=2)) == 2
    assert store.write(lambda tx: chunks.sweep(tx, limit=2)) == 1
    assert store.write(lambda tx: chunks.sweep(tx, limit=2)) == 0
    assert store.read(lambda tx: tx.execute(select(func.count()).select_from(chunks.chunk)).scalar()) == 0
    assert store.read(lambda tx: tx.execute(select(func.count()).select_from(chunks.bundle)).scalar()) == 0
