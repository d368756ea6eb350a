"""Is it found by its marks, however many others there are, and forgotten without a trace?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from cordiale.errors import StoreError
from cordiale.store import Store, metadata, open_store, search

TABLES = [search.item, search.posting, search.erased]
BOAT, LORRY, ENGINE, RARE = 11, -12, 2**63 - 1, -(2**63)
"""Marks as the node makes them: numbers of 64 bits with a sign."""


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.write(lambda tx: metadata.create_all(tx, tables=TABLES))
        yield opened


def index(store: Store, reference: str, *marks: int) -> None:
    store.write(lambda tx: search.index(tx, "paper", {reference: marks}))


def find(store: Store, *asked: Collection[int], limit: int = 50) -> list[str]:
    return store.read(lambda tx: search.find(tx, asked, limit=limit))


def many(store: Store, count: int, *marks: int) -> None:
    """So many items that all have these marks."""
    store.write(lambda tx: search.index(tx, "paper", {f"many-{marks}-{n}": marks for n in range(count)}))


def test_one_mark_of_every_word_must_be_there_and_the_newest_comes_first(store: Store) -> None:
    index(store, "r1", BOAT, ENGINE)
    index(store, "r2", LORRY, ENGINE)
    index(store, "r3", RARE)
    assert find(store, [ENGINE]) == ["r2", "r1"]
    assert find(store, [ENGINE], [BOAT]) == find(store, [BOAT], [ENGINE]) == ["r1"]
    assert find(store, [BOAT], [LORRY]) == []
    assert find(store, [RARE]) == ["r3"]


def test_a_word_of_several_spellings_is_found_by_any_of_them_once(store: Store) -> None:
    index(store, "r1", BOAT, ENGINE)
    index(store, "r2", LORRY, ENGINE)
    index(store, "r3", BOAT, LORRY, ENGINE)
    assert find(store, [BOAT, LORRY]) == ["r3", "r2", "r1"]
    assert find(store, [BOAT, LORRY], [ENGINE]) == ["r3", "r2", "r1"]


def test_nothing_asked_finds_nothing(store: Store) -> None:
    index(store, "r1", BOAT)
    assert find(store) == find(store, []) == find(store, [BOAT], []) == []


def test_indexing_again_replaces_the_marks(store: Store) -> None:
    index(store, "r1", BOAT)
    index(store, "r1", LORRY)
    assert find(store, [BOAT]) == [] and find(store, [LORRY]) == ["r1"]


def test_more_marks_than_a_message_has_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="more words"):
        index(store, "r1", *range(search.MARKS_MAX + 1))


def test_the_rarest_word_leads_and_common_ones_are_only_looked_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "STEPS_MAX", 5)
    index(store, "old", BOAT, RARE)
    many(store, 40, BOAT)
    assert find(store, [BOAT], [RARE]) == find(store, [RARE], [BOAT]) == ["old"]


def test_a_search_looks_at_so_many_and_says_where_it_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "STEPS_MAX", 5)
    index(store, "old", BOAT, LORRY)
    many(store, 6, LORRY)
    many(store, 6, BOAT)
    index(store, "new", BOAT, LORRY)

    def walk(before: int | None) -> tuple[list[str], int | None]:
        def query(tx: Connection) -> tuple[list[str], int | None]:
            (hunt,) = search.hunts(tx, [[BOAT], [LORRY]], before=before)
            return search.named(tx, list(tx.execute(hunt.found).scalars())), hunt.floor

        return store.read(query)

    found, places = list[str](), list[int | None]([None])
    while len(places) == 1 or places[-1] is not None:
        part, floor = walk(places[-1])
        found, places = [*found, *part], [*places, floor]
    assert found == ["new", "old"] and len(places) > 2


def test_erased_items_are_no_longer_found_and_no_mark_of_theirs_stays(store: Store) -> None:
    index(store, "r1", BOAT, RARE)
    index(store, "r2", BOAT)
    assert store.write(lambda tx: search.erase(tx, ["r1", "r9"])) == 1
    assert find(store, [RARE]) == [] and find(store, [BOAT]) == ["r2"]
    assert store.read(lambda tx: search.known(tx, ["r1", "r2"])) == {"r2"}
    count = select(func.count()).select_from(search.posting)
    assert store.read(lambda tx: tx.execute(count).scalar_one()) == 1


def test_a_scrub_is_due_after_an_erasure_and_not_after_it(store: Store) -> None:
    index(store, "r1", BOAT)
    assert not store.read(search.is_scrub_due)
    store.write(lambda tx: search.erase(tx, ["r1"]))
    assert store.read(search.is_scrub_due)
    search.scrub(store)
    assert not store.read(search.is_scrub_due)


SECRET = int.from_bytes(b"\x51QUAYS\x7f\x01", signed=True)


def test_no_erased_mark_stays_in_the_file_or_its_log(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(lambda tx: metadata.create_all(tx, tables=TABLES))
        for n in range(50):
            index(store, f"k{n}", BOAT, 1000 + n)
        index(store, "r1", BOAT, SECRET)
        assert traces(tmp_path), "the search for traces must be able to find one"
        store.write(lambda tx: search.erase(tx, ["r1"]))
        assert traces(tmp_path), "before the scrub the mark is still somewhere"
        search.scrub(store)
        assert traces(tmp_path) == []
        assert find(store, [1007]) == ["k7"]


def test_a_reader_of_old_pages_keeps_the_scrub_due_and_nobody_waits_long(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(lambda tx: metadata.create_all(tx, tables=TABLES))
        index(store, "r1", SECRET)

        def while_reading(tx: Connection) -> None:
            assert search.find(tx, [[SECRET]]) == ["r1"]
            store.write(lambda tx: search.erase(tx, ["r1"]))
            with pytest.raises(StoreError, match="in use"):
                search.scrub(store)

        store.read(while_reading)
        assert store.read(search.is_scrub_due)
        search.scrub(store)
        assert traces(tmp_path) == [] and not store.read(search.is_scrub_due)


def traces(folder: Path) -> list[str]:
    """Files that hold the mark."""
    return [path.name for path in folder.iterdir() if SECRET.to_bytes(8, signed=True) in path.read_bytes()]
