"""The store: one writer thread with group commit, read-only connections beside it.

`write` runs an act in a savepoint of its own; many acts share one transaction and one sync, and no caller is
answered before it. An error while committing means that nothing of the group happened; after a failed sync
the store stops for good, because the next sync would lie (Linux drops the dirty page after reporting the
error once).
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from cordiale.errors import StoreError, StoreFull, UsageError
from cordiale.store.ready import plain

T = TypeVar("T")
Act = Callable[[Connection], T]

QUEUE_MAX = 4096  # acts waiting for the writer; beyond it callers wait: back-pressure, not memory
GROUP_MAX = 512  # acts in one transaction; measured: no gain beyond 256, and a crash redoes at most these
WAIT_S = 30.0  # how long a caller waits for a place in the queue before hearing that the store is busy
READERS_MAX = 8  # read-only connections kept open; pages of one node need no more
CACHE_KB = 16_384  # of each connection; SQLite's own 2 MB hold no index of a million rows
BUSY_MS = 10_000  # how long SQLite waits for another process (a backup, a second command)
WRITER_LOCK = 0x0C0_4D1A  # PostgreSQL advisory lock: one writing transaction at a time, whoever the process

Closing = Callable[[Connection], None]
"""Runs once at the end of each group, inside its transaction: signing, sealing a checkpoint."""


@dataclass(slots=True)
class _Waiting:
    act: Act[Any]
    answer: Future[Any] = field(default_factory=Future)


class Store:
    """One open database. Made by `open_store`; closed once."""

    def __init__(self, writer: Engine, reader: Engine | None, *, url: str) -> None:
        self.url = url
        self.dialect: str = writer.dialect.name
        self._writer = writer
        self._reader = reader
        self._closings: list[Closing] = []
        self._listeners: list[Callable[[], None]] = []
        self._queue: queue.Queue[list[_Waiting] | None] = queue.Queue(QUEUE_MAX)
        self._running: Connection | None = None
        self._broken: StoreError | None = None
        self._closed = False
        self._versions: Counter[str] = Counter()
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    # -- the two verbs --------------------

    def write(self, act: Act[T]) -> T:
        """Run `act` in the writer and return what it returned, once that is durable.

        What the act raises is raised here and only its own changes are undone. Raises StoreFull when the disk
        is full and StoreError when the store has stopped; then nothing of the act has happened.
        """
        answer: Future[T] = self.submit([act])[0]
        return answer.result()

    def submit(self, acts: Sequence[Act[T]]) -> list[Future[T]]:
        """Hand over several acts at once, kept together in one group; answers come when they are durable."""
        if self._in_writer():
            raise StoreError("a write was begun inside a write: pass the transaction down instead")
        waiting = [_Waiting(act) for act in acts]
        with self._gate:
            if self._broken:
                raise self._broken
            if self._closed:
                raise StoreError("the store is closed")
            try:
                self._queue.put(waiting, timeout=WAIT_S)
            except queue.Full:
                raise StoreError(
                    "the store is busy; nothing was accepted", way_out="Try again shortly."
                ) from None
        return [one.answer for one in waiting]

    def read(self, query: Act[T]) -> T:
        """Run `query` on a read-only connection, on one snapshot of the database."""
        if self._reader is None:  # a database in memory has one connection, and the writer owns it
            return query(self._running) if self._in_writer() and self._running else self.write(query)
        with self._reader.connect() as connection, connection.begin():
            return query(connection)

    def at_commit(self, closing: Closing) -> None:
        """Let `closing` run at the end of each group, inside its transaction and before its commit."""
        self._closings.append(closing)

    def after_commit(self, listener: Callable[[], None]) -> None:
        """Tell `listener` after each group that is durable: to wake who waits for work. It must not wait
        itself.
        """
        self._listeners.append(listener)

    def version(self, subject: str) -> int:
        """How many groups of this process have `changed` this subject: what was read before the last of them
        no longer stands. Read it before reading the subject itself.
        """
        return self._versions[subject]

    # -- care --------------------

    @property
    def broken(self) -> StoreError | None:
        """Why the store has stopped, or None."""
        return self._broken

    @property
    def is_in_memory(self) -> bool:
        """Whether the database has no file."""
        return self._reader is None

    def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._writer.dispose()
        if self._reader is not None:
            self._reader.dispose()

    @contextmanager
    def maintenance(self) -> Iterator[Connection]:
        """A connection outside any transaction, for VACUUM and checkpoints of the write-ahead log."""
        plain: dict[str, Any] = (
            {"plain": True} if self.dialect == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        )
        with self._writer.connect().execution_options(**plain) as connection:
            yield connection

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _in_writer(self) -> bool:
        return threading.current_thread() is self._thread

    # -- the writer --------------------

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = self._gather(first)
            if self._broken is None:
                self._commit(group)
            for one in group:
                if not one.answer.done():
                    one.answer.set_exception(self._broken or StoreError("the store stopped"))
            if last:
                return

    def _gather(self, first: list[_Waiting]) -> tuple[list[_Waiting], bool]:
        """What waits now, up to GROUP_MAX; the second value says that the store is closing."""
        group = list(first)
        while len(group) < GROUP_MAX:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                return group, True
            group += more
        return group, False

    def _commit(self, group: list[_Waiting]) -> None:
        outcomes: list[tuple[bool, Any]] = []
        changes: Collection[str] = ()
        committing = False
        try:
            with self._writer.connect() as connection, connection.begin() as transaction:
                self._running = connection
                self._one_writer(connection)
                alone = len(group) == 1
                outcomes = [self._attempt(connection, one.act, alone=alone) for one in group]
                if alone and not outcomes[0][0]:
                    transaction.rollback()
                else:
                    for closing in self._closings:
                        closing(connection)
                    changes = connection.info.pop(_CHANGED, ())
                    committing = True
        except BaseException as fault:  # handed to every caller of the group: nothing of it happened
            self._fail(group, fault, committing=committing)
            return
        finally:
            self._running = None
        self._versions.update(changes)
        for one, (went, outcome) in zip(group, outcomes, strict=True):
            if went:
                one.answer.set_result(outcome)
            else:
                one.answer.set_exception(outcome)
        for listener in self._listeners:
            listener()

    def _one_writer(self, connection: Connection) -> None:
        if self.dialect == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    def _attempt(self, connection: Connection, act: Act[Any], *, alone: bool) -> tuple[bool, Any]:
        """Run one act in its savepoint: (True, result) or (False, what it raised)."""
        if not alone:
            plain(connection, "SAVEPOINT act")
        try:
            result = act(connection)
        except BaseException as fault:  # given to the caller whose act it was, unchanged
            if _is_of_the_disk(fault):
                raise  # SQLite may have undone the whole transaction already: the group fails together
            if not alone:
                plain(connection, "ROLLBACK TO SAVEPOINT act")
                plain(connection, "RELEASE SAVEPOINT act")
            return False, fault
        if not alone:
            plain(connection, "RELEASE SAVEPOINT act")
        return True, result

    def _fail(self, group: list[_Waiting], fault: BaseException, *, committing: bool) -> None:
        told = _in_plain_words(fault)
        if committing and not isinstance(told, StoreFull):
            self._broken = StoreError(
                f"the disk did not confirm a write ({fault}); the store has stopped so that nothing is lost",
                way_out="Check the disk, then start the node again: it recovers by itself.",
            )
            told = self._broken
        for one in group:
            one.answer.set_exception(told)


_CHANGED = "cordiale_changed"


def changed(tx: Connection, subject: str) -> None:
    """Say in an act that what anybody remembers of `subject` no longer stands, once this is durable."""
    tx.info.setdefault(_CHANGED, set()).add(subject)


@dataclass(slots=True)
class Attempt:
    """A part of an act that may fail alone: what it raised is undone and kept in `fault`, the act goes on.

    What the disk or the store itself reports is not caught: nothing can go on after it.
    """

    tx: Connection
    fault: Exception | None = None

    def __enter__(self) -> Attempt:
        plain(self.tx, "SAVEPOINT attempt")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if fault is not None and (
            not isinstance(fault, Exception) or isinstance(fault, StoreError) or _is_of_the_disk(fault)
        ):
            return False
        if fault is not None:
            self.fault = fault
            plain(self.tx, "ROLLBACK TO SAVEPOINT attempt")
        plain(self.tx, "RELEASE SAVEPOINT attempt")
        return fault is not None


def _is_of_the_disk(fault: BaseException) -> bool:
    return isinstance(fault, OperationalError) and isinstance(_in_plain_words(fault), StoreFull | StoreError)


def _in_plain_words(fault: BaseException) -> BaseException:
    """StoreFull or StoreError for what the disk did; anything else as it is."""
    if not isinstance(fault, DBAPIError):
        return fault
    origin = fault.orig
    name = getattr(origin, "sqlite_errorname", "") or ""
    state = getattr(origin, "sqlstate", "") or ""
    if name.startswith("SQLITE_FULL") or state == "53100":
        return StoreFull()
    if name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_READONLY")) or state.startswith(
        ("58", "XX", "08")
    ):
        return StoreError(f"the database could not be written: {origin}")
    return fault


# -- opening --------------------


def open_store(url: str, *, synchronous: str = "FULL") -> Store:
    """Open the database at `url`: `sqlite:///path/node.db`, `sqlite://` (memory) or `postgresql+psycopg://…`.

    `synchronous` is SQLite's; anything below FULL loses acknowledged messages when power fails, so only FULL
    and EXTRA are taken. Raises UsageError for another database or setting.
    """
    if synchronous not in ("FULL", "EXTRA"):
        raise UsageError(
            f"`{synchronous}` would lose acknowledged messages", field="synchronous", way_out="Use FULL."
        )
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        return _open_sqlite(url, target.database, synchronous)
    if target.get_backend_name() == "postgresql":
        return _open_postgresql(url)
    raise UsageError(
        f"`{target.get_backend_name()}` is not a database Cordiale runs on",
        field="store",
        way_out="Use sqlite:///FILE or postgresql+psycopg://…",
    )


def _open_sqlite(url: str, file: str | None, synchronous: str) -> Store:
    memory = file in (None, "", ":memory:")
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": BUSY_MS / 1000}}
    if memory:
        options["poolclass"] = StaticPool
    writer = create_engine(url, **options)
    _prepare_sqlite(writer, synchronous, begin="BEGIN IMMEDIATE")
    if memory:
        return Store(writer, None, url=url)
    with writer.connect():  # makes the file and its write-ahead log before the first reader looks
        pass
    reader = create_engine(url, pool_size=READERS_MAX, max_overflow=READERS_MAX, **options)
    _prepare_sqlite(reader, synchronous, begin="BEGIN", read_only=True)
    return Store(writer, reader, url=url)


def _prepare_sqlite(engine: Engine, synchronous: str, *, begin: str, read_only: bool = False) -> None:
    pragmas = [
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA foreign_keys=ON",
        "PRAGMA secure_delete=ON",  # what is erased is overwritten in the file, not only unlinked
        "PRAGMA temp_store=MEMORY",
        f"PRAGMA cache_size=-{CACHE_KB}",
        f"PRAGMA busy_timeout={BUSY_MS}",
        *(["PRAGMA query_only=ON"] if read_only else []),
    ]

    @event.listens_for(engine, "connect")
    def _settle(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None  # the driver begins nothing by itself: we do, below
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("plain"):  # `maintenance` runs outside any transaction
            plain(connection, begin)


def _open_postgresql(url: str) -> Store:
    writer = create_engine(url, pool_size=2)
    reader = create_engine(
        url,
        pool_size=READERS_MAX,
        max_overflow=READERS_MAX,
        isolation_level="REPEATABLE READ",
        connect_args={"options": "-c default_transaction_read_only=on"},
    )
    return Store(writer, reader, url=url)
