"""Does an upgraded database have the tables that the rooms describe, on both databases?"""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, Table

from cordiale.errors import StoreTooNew
from cordiale.store import metadata, migrations, open_store
from cordiale.store.migrations.__main__ import import_tables


def test_every_room_s_tables_are_what_the_migrations_make(url: str) -> None:
    names = import_tables()
    assert "cordiale.exchange.tables" in names and "cordiale.ledger.tables" in names
    with open_store(url) as store:
        assert migrations.upgrade(store) == migrations.head()
        assert store.read(migrations.differences) == []


def test_a_table_that_no_migration_makes_is_noticed() -> None:
    import_tables()
    with open_store("sqlite://") as store:
        migrations.upgrade(store)
        forgotten = Table("test_forgotten", metadata, Column("n", Integer, primary_key=True))
        try:
            found = store.read(migrations.differences)
        finally:
            metadata.remove(forgotten)
    assert [one[0] for one in found] == ["add_table"]


def test_upgrading_twice_changes_nothing(url: str) -> None:
    with open_store(url) as store:
        first = migrations.upgrade(store)
        assert migrations.upgrade(store) == first == migrations.current(store)


def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(url: str) -> None:
    with open_store(url) as store:
        migrations.upgrade(store)
        store.write(lambda tx: tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StoreTooNew, match="newer Cordiale"):
            migrations.upgrade(store)
        assert migrations.current(store) == "9999"
