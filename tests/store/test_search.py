"""Is it found by its words, and forgotten without a trace?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.errors import StoreError
from cordiale.store import Store, open_store, search


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.write(search.item.create)
        yield opened


def index(store: Store, reference: str, words: str, room: str = "reports") -> None:
    store.write(lambda tx: search.index(tx, room, reference, words))


def find(store: Store, words: str, **more: object) -> list[str]:
    # type: ignore[arg-type]
    return [one.item for one in store.read(lambda tx: search.find(tx, words, **more))]


def test_all_words_must_be_there_and_the_last_may_be_a_beginning(store: Store) -> None:
    index(store, "r1", "Outboard engines near Gravelines")
    index(store, "r2", "Engines in a lorry at Lille")
    assert find(store, "engines") == ["r2", "r1"] or set(find(store, "engines")) == {"r1", "r2"}
    assert find(store, "engines grav") == ["r1"]
    assert find(store, "engines Marseille") == []


def test_accents_do_not_matter(store: Store) -> None:
    index(store, "r1", "Fécamp, près de la jetée")
    assert find(store, "fecamp jetee") == ["r1"] == find(store, "Fécamp")


def test_no_words_and_signs_of_the_query_language_find_nothing(store: Store) -> None:
    index(store, "r1", "boat OR lorry")
    assert find(store, "") == find(store, '"*()') == []
    assert find(store, "boat NOT lorry") == []


def test_indexing_again_replaces_the_words(store: Store) -> None:
    index(store, "r1", "first")
    index(store, "r1", "second")
    assert find(store, "first") == [] and find(store, "second") == ["r1"]


def test_only_the_rooms_that_are_asked_for_answer(store: Store) -> None:
    index(store, "r1", "engine", room="reports")
    index(store, "d1", "engine", room="documents")
    assert find(store, "engine", rooms=["documents"]) == ["d1"]


def test_too_long_a_text_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="characters"):
        index(store, "r1", "x" * (search.TEXT_CHARS_MAX + 1))


def test_erased_words_are_no_longer_found(store: Store) -> None:
    index(store, "r1", "Zanzibarman")
    index(store, "r2", "harbour")
    assert store.write(lambda tx: search.erase(tx, ["r1", "r9"])) == 1
    search.scrub(store)
    assert find(store, "zanzibarman") == [] and find(store, "harbour") == ["r2"]


def test_no_erased_word_stays_in_the_file_or_its_log(tmp_path: Path) -> None:
    file = tmp_path / "node.db"
    with open_store(f"sqlite:///{file}") as store:
        store.write(search.item.create)
        for n in range(50):
            index(store, f"k{n}", f"harbour keeps number{n}")
        index(store, "r1", "Zanzibarman came by the quaysecret")
        assert traces(tmp_path, b"zanzibarman"), "the search for traces must be able to find one"
        store.write(lambda tx: search.erase(tx, ["r1"]))
        assert traces(tmp_path, b"zanzibarman"), "before the scrub the words are still somewhere"
        search.scrub(store)
        assert traces(tmp_path, b"zanzibarman") == traces(tmp_path, b"quaysecret") == []
        assert find(store, "number7") == ["k7"]


def traces(folder: Path, word: bytes) -> list[str]:
    """Files that hold the word, in any case."""
    return [path.name for path in folder.iterdir() if word in path.read_bytes().lower()]
