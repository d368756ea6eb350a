"""Does the store keep its promise: nothing answered that is not durable, a failing act alone undone."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import OperationalError

from cordiale.errors import StoreError, StoreFull, UsageError
from cordiale.store import Store, changed, engine, open_store

own = MetaData()
number = Table("number", own, Column("n", Integer, primary_key=True))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        opened.write(own.create_all)
        yield opened


def add(n: int) -> Any:
    return lambda tx: tx.execute(insert(number).values(n=n)) and n


def kept(store: Store) -> list[int]:
    return store.read(lambda tx: list(tx.execute(select(number.c.n).order_by(number.c.n)).scalars()))


def test_what_was_written_is_read_and_the_act_s_result_comes_back(store: Store) -> None:
    assert store.write(add(1)) == 1
    assert kept(store) == [1]


def test_a_failing_act_is_undone_alone_and_its_own_error_reaches_its_caller(store: Store) -> None:
    def fails(tx: Connection) -> None:
        tx.execute(insert(number).values(n=50))
        raise KeyError("mine")

    answers = store.submit([add(1), fails, add(2)])
    assert [answers[0].result(), answers[2].result()] == [1, 2]
    with pytest.raises(KeyError, match="mine"):
        answers[1].result()
    assert kept(store) == [1, 2]


def test_a_failing_statement_inside_a_group_does_not_spoil_its_neighbours(store: Store) -> None:
    answers = store.submit([add(1), add(1), add(2)])
    assert answers[0].result() == 1 and answers[2].result() == 2
    assert answers[1].exception() is not None
    assert kept(store) == [1, 2]


def test_an_act_that_fails_alone_leaves_nothing(store: Store) -> None:
    def fails(tx: Connection) -> None:
        tx.execute(insert(number).values(n=50))
        raise ValueError

    with pytest.raises(ValueError):
        store.write(fails)
    assert kept(store) == []


def test_many_callers_share_one_commit(store: Store) -> None:
    groups: list[int] = []
    store.after_commit(lambda: groups.append(1))
    hold = threading.Event()
    blocker = store.submit([lambda tx: hold.wait(5)])
    callers = [store.submit([add(n)])[0] for n in range(100)]
    hold.set()
    assert [one.result() for one in callers] == list(range(100)) and blocker[0].result()
    store.close()
    assert len(groups) <= 3, "the blocker, and what waited behind it"


def test_closings_run_once_a_group_and_inside_it(store: Store) -> None:
    seen: list[int] = []
    store.at_commit(lambda tx: seen.append(len(list(tx.execute(select(number.c.n))))))
    answers = store.submit([add(1), add(2)])
    assert [one.result() for one in answers] == [1, 2]
    assert seen == [2]


def test_a_closing_that_fails_undoes_the_whole_group_and_every_caller_hears_it(store: Store) -> None:
    def refuse(tx: Connection) -> None:
        raise RuntimeError("no signature")

    store.at_commit(refuse)
    answers = store.submit([add(1), add(2)])
    for one in answers:
        with pytest.raises(RuntimeError, match="no signature"):
            one.result()
    assert kept(store) == []


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_ever(store: Store) -> None:
    with pytest.raises(StoreError, match="inside a write"):
        store.write(lambda tx: store.write(add(1)))


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        store.read(add(1))
    assert kept(store) == []


def test_a_closed_store_takes_nothing_but_finishes_what_it_accepted(url: str) -> None:
    store = open_store(url)
    store.write(own.create_all)
    answers = store.submit([add(n) for n in range(50)])
    store.close()
    assert [one.result() for one in answers] == list(range(50))
    with pytest.raises(StoreError, match="closed"):
        store.write(add(99))
    with open_store(url) as again:
        assert kept(again) == list(range(50))


def test_a_full_queue_pushes_back_instead_of_growing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUEUE_MAX", 1)
    monkeypatch.setattr(engine, "WAIT_S", 0.05)
    with open_store(url) as store:
        hold = threading.Event()
        first = store.submit([lambda tx: hold.wait(5)])
        time.sleep(0.05)
        store.submit([lambda tx: None])
        with pytest.raises(StoreError, match="busy"):
            store.submit([lambda tx: None])
        hold.set()
        assert first[0].result()


def disk_fault(name: str) -> OperationalError:
    origin = sqlite3.OperationalError("disk I/O error")
    origin.sqlite_errorname = name  # as the driver sets it
    return OperationalError("COMMIT", {}, origin)


def break_commit(store: Store, fault: OperationalError) -> None:
    """Let the disk report `fault` at the next commit, after the acts have run."""
    real = store._writer.dialect.do_commit
    left = [fault]

    def commit(connection: Any) -> None:
        if left:
            raise left.pop()
        real(connection)

    store._writer.dialect.do_commit = commit


def test_a_full_disk_answers_store_full_and_the_store_goes_on_when_there_is_room(store: Store) -> None:
    break_commit(store, disk_fault("SQLITE_FULL"))
    with pytest.raises(StoreFull):
        store.write(add(1))
    assert kept(store) == []
    assert store.write(add(2)) == 2


def test_after_a_failed_sync_nothing_is_acknowledged_ever_again(store: Store) -> None:
    break_commit(store, disk_fault("SQLITE_IOERR_FSYNC"))
    with pytest.raises(StoreError, match="did not confirm"):
        store.write(add(1))
    with pytest.raises(StoreError, match="did not confirm"):
        store.write(add(2))
    assert store.broken is not None


@pytest.mark.parametrize("setting", ["OFF", "NORMAL"])
def test_a_setting_that_would_lose_messages_is_refused(setting: str) -> None:
    with pytest.raises(UsageError, match="lose"):
        open_store("sqlite://", synchronous=setting)


def test_sqlite_really_syncs_and_overwrites_what_is_deleted(tmp_path: Any) -> None:
    with open_store(f"sqlite:///{tmp_path / 'x.db'}") as store:
        pragmas = store.write(
            lambda tx: [
                tx.exec_driver_sql(f"PRAGMA {p}").scalar()
                for p in ("synchronous", "journal_mode", "secure_delete")
            ]
        )
    assert pragmas == [2, "wal", 1]


def test_a_real_full_disk_is_answered_with_store_full(tmp_path: Any) -> None:
    with open_store(f"sqlite:///{tmp_path / 'x.db'}") as store:
        store.write(own.create_all)
        store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=3"))
        with pytest.raises(StoreFull):
            store.submit([lambda tx: [add(n)(tx) for n in range(20_000)], add(30_000)])[0].result()
        assert kept(store) == []


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="mysql"):
        open_store("mysql://nobody@127.0.0.1/x")


def test_every_connection_keeps_more_pages_than_sqlite_does_by_itself(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        for ask in (store.read, store.write):
            kept = ask(lambda tx: tx.exec_driver_sql("PRAGMA cache_size").scalar())
            assert kept == -engine.CACHE_KB


def test_a_change_that_is_told_is_counted_once_it_is_durable_and_never_when_it_is_not(store: Store) -> None:
    seen: list[int] = []

    def change(tx: Connection) -> None:
        changed(tx, "subject")
        seen.append(store.version("subject"))

    def fails(tx: Connection) -> None:
        change(tx)
        raise ValueError("no")

    store.write(change)
    assert (seen, store.version("subject"), store.version("another")) == ([0], 1, 0)
    store.write(lambda tx: None)
    assert store.version("subject") == 1
    with pytest.raises(ValueError, match="no"):
        store.write(fails)
    assert store.version("subject") == 1


def test_a_connection_is_kept_at_hand_unless_something_failed_on_it(url: str) -> None:
    with open_store(url) as store:
        store.write(own.create_all)
        assert kept(store) == []
        (first,) = store._reading
        assert kept(store) == [] and store._reading == [first]
        with pytest.raises(KeyError):
            store.read(lambda tx: {}["gone"])
        assert not store._reading and first.closed
        with pytest.raises(ValueError):
            store.write(lambda tx: int("x"))
        assert store.write(add(3)) == 3 and kept(store) == [3]
    assert not store._reading and not store._writing


def test_no_more_connections_are_kept_than_pages_need(url: str) -> None:
    count = engine.READERS_MAX + 3
    with open_store(url) as store:
        store.write(own.create_all)
        together = threading.Barrier(count)
        threads = [
            threading.Thread(target=lambda: store.read(lambda tx: together.wait(10))) for _ in range(count)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(store._reading) <= engine.READERS_MAX
