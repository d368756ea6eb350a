"""Every answer that these tests ask for through `gate_factories` is held to the last word (kept.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agreements import kept


@pytest.fixture(scope="session", autouse=True)
def _keeping() -> Iterator[None]:
    yield
    if kept.KEEPING:
        kept.keep()


@pytest.fixture(autouse=True)
def _every_word(request: pytest.FixtureRequest) -> Iterator[None]:
    kept.heard.clear()
    yield
    kept.compare(request.node.nodeid.removeprefix("tests/agreements/"))
