"""Which notices are not done with: the latest of each holder, until it is applied and nothing is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordiale.errors import ExchangeError
from cordiale.exchange import copies, notices, pursuit
from cordiale.store import Store, metadata, open_store

AT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://") as made:
        made.write(metadata.create_all)
        yield made


def follow(store: Store, notice: str, *, at: datetime, original: str = "m1", **more: Any) -> None:
    facts = {"original": original, "act": "recall", "state": "sent", **more}
    store.write(lambda tx: copies.follow(tx, notice, "UK/nca", **facts, at=at))


def unfinished(store: Store, before: datetime = AT + 9 * HOUR) -> list[str]:
    return store.read(lambda tx: pursuit.unfinished(tx, limit=9, asked_before=before))


def test_a_notice_is_done_with_when_it_is_applied_and_nothing_is_open(store: Store) -> None:
    follow(store, "n1", at=AT)
    assert unfinished(store) == ["m1"]
    follow(store, "n1", at=AT, state="applied")
    assert unfinished(store) == ["m1"], "nobody has told how many prints are open"
    follow(store, "n1", at=AT, state="applied", open_copies=2)
    assert unfinished(store) == ["m1"]
    follow(store, "n1", at=AT, state="applied", open_copies=0)
    assert unfinished(store) == []


def test_only_the_latest_notice_to_a_holder_counts(store: Store) -> None:
    follow(store, "n1", at=AT, act="correct")
    follow(store, "n2", at=AT + HOUR, state="applied", open_copies=0)
    assert unfinished(store) == []
    follow(store, "n3", at=AT + HOUR)
    assert unfinished(store) == ["m1"], "of two at one moment one counts"


def test_what_was_asked_lately_is_not_asked_again_and_what_was_refused_never(store: Store) -> None:
    follow(store, "n1", at=AT)
    follow(store, "n2", at=AT, original="m2", state="refused")
    store.write(lambda tx: pursuit.note_asked(tx, "m1", at=AT + HOUR))
    assert unfinished(store, AT + HOUR) == []
    assert unfinished(store, AT + 2 * HOUR) == ["m1"]


def test_a_holder_is_overdue_from_the_notice_on_and_not_from_the_last_word(store: Store) -> None:
    node = "uk.invented"

    def note(tx: Any) -> None:
        copies.note_copy(tx, "m1", "UK/nca", via="", node=node, original="m1", at=AT)

    store.write(note)
    follow(store, "n1", at=AT)
    follow(store, "n1", at=AT + 5 * HOUR, state="applied", open_copies=1)
    ((original, copy),) = store.read(lambda tx: pursuit.overdue(tx, AT + HOUR))
    assert (original, copy.holder, copy.node, copy.open_copies) == ("m1", "UK/nca", node, 1)
    assert store.read(lambda tx: pursuit.overdue(tx, AT)) == []


def test_what_is_known_already_keeps_its_time(store: Store) -> None:
    follow(store, "n1", at=AT, state="applied", open_copies=1)
    follow(store, "n1", at=AT + HOUR, state="applied", open_copies=1)
    query = "SELECT changed_at, begun_at FROM exchange_following"
    ((changed_at, begun_at),) = store.read(lambda tx: tx.exec_driver_sql(query).all())
    assert changed_at == begun_at


@pytest.mark.parametrize("count", [-1, 1.5, "2", True, 10_000_000])
def test_a_count_that_is_none_is_refused(count: object) -> None:
    told = {"act": "recall", "holder": "", "message": "m1", "state": "applied", "via": ""}
    assert notices._holding({**told, "open_copies": 2}).open_copies == 2
    assert notices._holding(told).open_copies is None
    with pytest.raises(ExchangeError, match="no count"):
        notices._holding({**told, "open_copies": count})
