"""The room's tables keep their own rules, whatever the code above them does."""

from datetime import datetime

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from cordiale.errors import InputError
from cordiale.reports import tables, thread
from cordiale.reports.tables import moment, stamp
from tests.reports.rows import NOW, ROOM, a_message


def test_times_sort_as_text_and_come_back_equal() -> None:
    assert moment(stamp(NOW)) == NOW and moment(None) is None
    assert stamp(NOW) < stamp(NOW.replace(microsecond=1)) < stamp(NOW.replace(hour=10))
    with pytest.raises(InputError, match="zone"):
        stamp(datetime(2026, 1, 1))


def test_an_erased_message_with_a_body_cannot_be(tx: Connection) -> None:
    thread.keep(tx, a_message())
    with pytest.raises(IntegrityError):
        tx.execute(update(tables.messages).values(state="erased"))


def test_titles_and_bodies_are_opaque_bytes_and_every_table_is_this_rooms() -> None:
    for table, column in ((tables.cases, "title"), (tables.drafts, "body"), (tables.messages, "body")):
        assert table.c[column].type.python_type is bytes
    assert all(table.name.startswith("report_") for table in ROOM)
