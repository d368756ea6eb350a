"""Is the write-ahead log drained beside the writer, and is what the disk says of it heard?"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, Table, event, insert
from sqlalchemy.exc import OperationalError

from cordiale.errors import StoreError
from cordiale.store import draining, open_store
from cordiale.store.draining import PAGES_MAX, Drain, drain

own = MetaData()
page = Table("page", own, Column("n", Integer, primary_key=True), Column("raw", LargeBinary))
EVERY_S = 0.01


def fill(tx: Connection) -> None:
    tx.execute(insert(page), [{"raw": bytes(4000)} for _ in range(100)])


def in_the_file_alone(file: Path) -> int:
    """How many rows the database has without its log: what a copy of the file alone would hold."""
    bare = file.with_name("bare.db")
    bare.write_bytes(file.read_bytes())
    with closing(sqlite3.connect(bare)) as opened:
        try:
            return int(opened.execute("SELECT count(*) FROM page").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0  # not even the table has come so far, or it was copied in the middle of a draining


def wait_until_drained(file: Path, rows: int) -> None:
    waiting = threading.Event()
    for _ in range(500):
        if in_the_file_alone(file) == rows:
            return
        waiting.wait(0.02)
    raise AssertionError("it was never drained")


def test_what_was_committed_reaches_the_database_without_anybody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "EVERY_S", EVERY_S)
    file = tmp_path / "node.db"
    with open_store(f"sqlite:///{file}") as store:
        store.write(own.create_all)
        for count in (100, 200):
            store.write(fill)
            wait_until_drained(file, count)


def test_a_reader_of_old_pages_holds_up_neither_writer_nor_drain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "EVERY_S", EVERY_S)
    file, over, reads = tmp_path / "node.db", threading.Event(), threading.Event()
    with open_store(f"sqlite:///{file}") as store:
        store.write(own.create_all)
        store.write(fill)

        def look(tx: Connection) -> int:
            before = tx.exec_driver_sql("SELECT count(*) FROM page").scalar_one()
            reads.set()
            over.wait(10)
            return int(before == tx.exec_driver_sql("SELECT count(*) FROM page").scalar_one())

        seen: list[int] = []
        reader = threading.Thread(target=lambda: seen.append(store.read(look)))
        reader.start()
        reads.wait(10)
        store.write(fill)
        with store.maintenance() as connection:
            drain(connection)
        over.set()
        reader.join()
        assert seen == [1], "it saw one snapshot from beginning to end"
        store.write(fill)
        wait_until_drained(file, 300)


def test_a_commit_drains_itself_only_when_the_log_has_grown_long(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        held = store.write(lambda tx: tx.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())
        synced = store.write(lambda tx: tx.exec_driver_sql("PRAGMA synchronous").scalar_one())
    assert held == PAGES_MAX
    assert synced == 2, "FULL: each commit is synced as before"


def test_what_the_disk_says_while_draining_stops_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(connection: Connection) -> None:
        fault = sqlite3.OperationalError("disk I/O error")
        fault.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise OperationalError("PRAGMA", None, fault)

    monkeypatch.setattr(draining, "EVERY_S", EVERY_S)
    monkeypatch.setattr(draining, "drain", breaks)
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(own.create_all)
        waiting = threading.Event()
        for _ in range(500):
            if store.broken:
                break
            waiting.wait(0.02)
        with pytest.raises(StoreError, match="did not confirm"):
            store.write(fill)


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_BUSY"])
def test_a_full_disk_or_a_lock_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tries: list[int] = []
    thrice = threading.Event()

    def breaks(connection: Connection) -> None:
        tries.append(1)
        if len(tries) >= 3:
            thrice.set()
        fault = sqlite3.OperationalError("not now")
        fault.sqlite_errorname = name
        raise OperationalError("PRAGMA", None, fault)

    monkeypatch.setattr(draining, "EVERY_S", EVERY_S)
    monkeypatch.setattr(draining, "drain", breaks)
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(own.create_all)
        for _ in range(500):
            store.write(fill)
            if thrice.wait(0.02):
                break
        assert thrice.is_set() and store.broken is None


def test_nothing_is_drained_while_nothing_is_committed_and_closing_ends_the_thread() -> None:
    asked: list[int] = []

    def apart() -> AbstractContextManager[Connection]:
        asked.append(1)
        raise AssertionError("nothing was committed")

    one = Drain(apart, lambda fault: None)
    one.start()
    one.close()
    assert not asked and one._thread is not None and not one._thread.is_alive()


def test_two_who_work_apart_wait_for_each_other(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(own.create_all)
        begun, entered = threading.Event(), threading.Event()

        def second() -> None:
            begun.set()
            with store.maintenance():
                entered.set()

        with store.maintenance() as connection:
            other = threading.Thread(target=second)
            other.start()
            begun.wait(10)
            assert not entered.wait(0.1)
            assert connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
        other.join()
        assert entered.is_set()


def test_draining_begins_no_transaction(tmp_path: Path) -> None:
    begun: list[object] = []

    def note(connection: Connection) -> None:
        begun.append(connection)

    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(own.create_all)
        store.write(fill)
        event.listen(Engine, "begin", note)
        try:
            with store.maintenance() as connection:
                drain(connection)
        finally:
            event.remove(Engine, "begin", note)
    assert not begun and in_the_file_alone(tmp_path / "node.db") == 100
