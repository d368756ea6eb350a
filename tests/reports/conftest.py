from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from tests.reports.rows import database


@pytest.fixture
def tx() -> Iterator[Connection]:
    yield from database()
