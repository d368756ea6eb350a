"""Both databases for every test that asks for `url` or `fresh`; and `--store=postgresql`: every store of all
tests on PostgreSQL, but for the tests whose mark says that they are of SQLite's own file or settings.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store.databases import ABSENT, fresh, in_place_of_sqlite, own_server, pgserver, server, url

__all__ = ["fresh", "own_server", "server", "url"]

ITS_OWN = ("sqlite", "postgres")  # marks: SQLite's own, and what opens PostgreSQL by itself in any run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database on which every store of the tests lies",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--store") == "sqlite":
        return
    if pgserver is None:
        raise pytest.UsageError(ABSENT)
    left = [one for one in items if any(one.get_closest_marker(mark) for mark in ITS_OWN)]
    items[:] = [one for one in items if one not in left]
    config.hook.pytest_deselected(items=left)


def pytest_report_header(config: pytest.Config) -> str:
    return f"store: {config.getoption('--store')}"


@pytest.fixture(scope="session", autouse=True)
def _every_store(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.config.getoption("--store") == "sqlite":
        yield
        return
    with in_place_of_sqlite(request.getfixturevalue("server")):
        yield
