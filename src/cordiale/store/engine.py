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
from functools import partial
from types import TracebackType
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from cordiale.errors import StoreError, StoreFull, UsageError
from cordiale.store import server
from cordiale.store.draining import PAGES_MAX, Drain
from cordiale.store.faults import in_plain_words, is_lost, is_of_the_store, unconfirmed, unsettled
from cordiale.store.ready import plain

T = TypeVar("T")
Act = Callable[[Connection], T]

QUEUE_MAX = 4096  # acts waiting for the writer; beyond it callers wait: back-pressure, not memory
GROUP_MAX = 512  # acts in one transaction; measured: no gain beyond 256, and a crash redoes at most these
WAIT_S = 30.0  # how long a caller waits for a place in the queue before hearing that the store is busy
READERS_MAX = 8  # read-only connections kept open; pages of one node need no more
CACHE_KB = 16_384  # of each connection; SQLite's own 2 MB hold no index of a million rows
BUSY_MS = 10_000  # how long SQLite waits for another process (a backup, a second command)

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
        self._apart = threading.RLock()
        self._reading: list[Connection] = []
        self._writing: list[Connection] = []
        self._drain: Drain | None = None
        if self.dialect == "sqlite" and reader is not None:
            self._drain = Drain(partial(self._apart_from_writer, reader), self._not_drained)
            self._drain.start()
            self.after_commit(self._drain.committed)
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
        """Run `query` on a read-only connection, on one snapshot of the database. Run again, once, when the
        server had gone away since the last one. Raises StoreError when it does not answer.
        """
        if self._reader is None:  # a database in memory has one connection, and the writer owns it
            return query(self._running) if self._in_writer() and self._running else self.write(query)
        try:
            return self._read(self._reader, query)
        except DBAPIError as fault:
            if not is_lost(fault):
                raise
        try:
            return self._read(self._reader, query)
        except DBAPIError as fault:
            raise (in_plain_words(fault) if is_lost(fault) else fault) from None

    def _read(self, reader: Engine, query: Act[T]) -> T:
        with self._at_hand(reader, self._reading) as connection, connection.begin():
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
        if self._drain is not None:
            self._drain.close()
        for engine, kept in ((self._writer, self._writing), (self._reader, self._reading)):
            if engine is not None:
                _forget(engine, kept)

    @contextmanager
    def maintenance(self) -> Iterator[Connection]:
        """A connection outside any transaction, for VACUUM and checkpoints of the write-ahead log. One at a
        time: SQLite would turn away the second that empties its log.
        """
        plain: dict[str, Any] = (
            {"plain": True} if self.dialect == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        )
        with self._apart, self._writer.connect().execution_options(**plain) as connection:
            yield connection

    @contextmanager
    def _apart_from_writer(self, reader: Engine) -> Iterator[Connection]:
        """A connection to drain on: not one of the writer's, and never beside `maintenance`."""
        with self._apart, reader.connect().execution_options(plain=True) as connection:
            yield connection

    def _not_drained(self, fault: DBAPIError) -> None:
        """The log could not be copied on. A full disk or a lock ends by itself; after anything else the store
        stops, as after a commit that was not confirmed.
        """
        told = in_plain_words(fault)
        if isinstance(told, StoreError) and not isinstance(told, StoreFull):
            self._broken = unconfirmed(fault)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _at_hand(self, engine: Engine, kept: list[Connection]) -> Iterator[Connection]:
        """A connection that nobody else uses, kept for the next one: to fetch it from the engine's pool and
        hand it back costs more than a small query. One on which something failed is not kept.
        """
        try:
            connection = kept.pop()
        except IndexError:
            connection = engine.connect()
        try:
            yield connection
        except BaseException as fault:
            connection.close()
            if is_lost(fault):
                _forget(engine, kept)  # the others lead nowhere either
            raise
        if self._closed or len(kept) >= READERS_MAX:
            connection.close()
        else:
            kept.append(connection)

    def _in_writer(self) -> bool:
        return threading.current_thread() is self._thread

    # -- the writer --------------------

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = self._gather(first)
            if self._broken is None and not self._commit(group):
                self._commit(group, again=True)
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

    def _commit(self, group: list[_Waiting], *, again: bool = False) -> bool:
        """Run and commit. False: a connection that was kept led nowhere any more and nothing had begun on it,
        so that all of it may be begun `again` on a new one.
        """
        outcomes: list[tuple[bool, Any]] = []
        changes: Collection[str] = ()
        begun, committing = "", False
        try:
            with (
                self._at_hand(self._writer, self._writing) as connection,
                connection.begin() as transaction,
            ):
                self._running = connection
                begun = self._begun(connection)
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
            if is_lost(fault) and not begun and not again:
                return False
            if not (committing and is_lost(fault) and self._is_kept(group, begun)):
                self._versions.update(changes)
                self._fail(group, fault, committing=committing)
                return True
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
        return True

    def _begun(self, connection: Connection) -> str:
        """Be the one writer; the number under which the server keeps this transaction."""
        return server.begin(connection) if self.dialect == "postgresql" else "file"

    def _is_kept(self, group: list[_Waiting], number: str) -> bool:
        """Whether the commit during which the server went away was kept, as the server says itself. Where it
        does not say, the callers are told so.
        """
        kept = server.is_kept(self._writer, number)
        if kept is None:
            for one in group:
                one.answer.set_exception(unsettled())
        return bool(kept)

    def _attempt(self, connection: Connection, act: Act[Any], *, alone: bool) -> tuple[bool, Any]:
        """Run one act in its savepoint: (True, result) or (False, what it raised)."""
        if not alone:
            plain(connection, "SAVEPOINT act")
        try:
            result = act(connection)
        except BaseException as fault:  # given to the caller whose act it was, unchanged
            if is_of_the_store(fault):
                raise  # SQLite may have undone the whole transaction already: the group fails together
            if not alone:
                plain(connection, "ROLLBACK TO SAVEPOINT act")
                plain(connection, "RELEASE SAVEPOINT act")
            return False, fault
        if not alone:
            plain(connection, "RELEASE SAVEPOINT act")
        return True, result

    def _fail(self, group: list[_Waiting], fault: BaseException, *, committing: bool) -> None:
        told = in_plain_words(fault)
        if committing and not isinstance(told, StoreFull) and not is_lost(fault):
            told = self._broken = unconfirmed(fault)
        for one in group:
            if not one.answer.done():
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
            not isinstance(fault, Exception) or isinstance(fault, StoreError) or is_of_the_store(fault)
        ):
            return False
        if fault is not None:
            self.fault = fault
            plain(self.tx, "ROLLBACK TO SAVEPOINT attempt")
        plain(self.tx, "RELEASE SAVEPOINT attempt")
        return fault is not None


def _forget(engine: Engine, kept: list[Connection]) -> None:
    """Close what is kept at hand, and what waits in the engine's pool."""
    while kept:
        kept.pop().close()
    engine.dispose()


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
    name = make_url(url).get_backend_name()
    if name not in KINDS:
        raise UsageError(
            f"`{name}` is not a database Cordiale runs on",
            field="store",
            way_out="Use sqlite:///FILE or postgresql+psycopg://…",
        )
    return KINDS[name](url, synchronous)


def _open_sqlite(url: str, synchronous: str) -> Store:
    file = make_url(url).database
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
        f"PRAGMA wal_autocheckpoint={PAGES_MAX}",
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


def _open_postgresql(url: str, _: str) -> Store:
    patience = server.patience(url)
    writer = create_engine(url, pool_size=2, connect_args=patience)
    reader = create_engine(
        url,
        pool_size=READERS_MAX,
        max_overflow=READERS_MAX,
        isolation_level="REPEATABLE READ",
        connect_args=patience | {"options": "-c default_transaction_read_only=on"},
    )
    return Store(writer, reader, url=url)


KINDS: Final[dict[str, Callable[[str, str], Store]]] = {
    "sqlite": _open_sqlite,
    "postgresql": _open_postgresql,
}
"""How each kind of database is opened, by its name in a URL. Tests put another kind in SQLite's place."""
