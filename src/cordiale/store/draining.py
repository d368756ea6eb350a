"""SQLite's write-ahead log is drained into the database beside the writer, so that no commit waits for it.

What a commit has synced stays synced: only copying it on, and syncing that, happens in another thread. Should
this fall behind, the commit that fills the log drains it itself, as SQLite always did.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from cordiale.store.ready import plain

EVERY_S: Final = 1.0  # at 250 messages a second the log has then grown by about 10 MB
PAGES_MAX: Final = (
    8_192  # 32 MB of log: beyond it the committing thread drains; SQLite's own measure is 1,000
)

Apart = Callable[[], AbstractContextManager[Connection]]
"""A connection outside any transaction, on which nobody else works meanwhile."""


@dataclass(slots=True)
class Drain:
    """One thread that drains now and then while something is committed. `failed` hears what the disk said."""

    apart: Apart
    failed: Callable[[DBAPIError], None]
    _committed: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="store-drain", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """Something is durable in the log: drain it soon."""
        self._committed.set()

    def close(self) -> None:
        """Stop. What is left in the log is drained when the database is closed, or opened again."""
        self._over.set()
        self._committed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._committed.wait() and not self._over.wait(EVERY_S):
            self._committed.clear()
            try:
                with self.apart() as connection:
                    drain(connection)
            except DBAPIError as fault:
                self.failed(fault)


def drain(connection: Connection) -> None:
    """Copy on what can be copied on now. It waits for nobody, and nobody for it."""
    plain(connection, "PRAGMA wal_checkpoint(PASSIVE)")  # it begins no transaction, nor is counted as one
