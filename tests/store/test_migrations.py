"""Does an upgraded database have the tables that the rooms describe, on both databases?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    inspect,
)

from cordiale.errors import StoreTooNew
from cordiale.store import metadata, migrations, open_store
from cordiale.store.migrations.__main__ import import_tables
from cordiale.store.migrations.upgrade import _config


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


def test_step_0004_says_whose_each_paper_is_and_lets_all_be_found_anew(url: str) -> None:
    def before(tx: Connection) -> None:
        command.upgrade(_config(tx), "0003")
        row(tx, "officer", id="o1", login="kim", authority="nca")
        row(tx, "exchange_inbox", id="m1", peer="p", reference="r1", recipient="UK/border-force")
        row(tx, "node_paper", reference="r1", state="received", direction="in", message_id="m1", at=DAY)
        row(tx, "node_paper", reference="r0", state="sent", direction="out", officer="o1", at=EVE)
        row(tx, "node_paper", reference="r2", state="refused", direction="out", officer="gone", at=DAY)
        row(tx, "node_judgement", officer="o1", at=DAY, stated="{}", changed="[]")

    with open_store(url) as store:
        store.write(before)
        migrations.upgrade(store)
        papers = "SELECT reference, authority, about FROM node_paper ORDER BY reference"
        told = store.read(lambda tx: [tuple(one) for one in tx.exec_driver_sql(papers)])
        assert told == [("r0", "nca", None), ("r1", "border-force", None), ("r2", "", None)]
        fresh = "SELECT reference FROM node_fresh ORDER BY number"
        assert store.read(lambda tx: tx.exec_driver_sql(fresh).scalars().all()) == ["r0", "r1"]
        decided = "SELECT authority FROM node_judgement"
        assert store.read(lambda tx: tx.exec_driver_sql(decided).scalars().all()) == ["nca"]


DAY, EVE = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def row(tx: Connection, table: str, **given: Any) -> None:
    """A row of a table as it stands in the database now; what is not said is blank."""
    columns = {one["name"]: one for one in inspect(tx).get_columns(table)}
    blank = {
        name: _blank(one["type"])
        for name, one in columns.items()
        if not one["nullable"] and one["default"] is None and one.get("autoincrement") is not True
    }
    tx.execute(insert(Table(table, MetaData(), autoload_with=tx)).values(**{**blank, **given}))


def _blank(kind: Any) -> Any:
    for type_, value in ((DateTime, DAY), (Boolean, False), (Integer, 0), (LargeBinary, b"")):
        if isinstance(kind, type_):
            return value
    return ""


def test_step_0006_keeps_what_was_followed_and_leaves_open_what_a_draft_passes_on(url: str) -> None:
    def before(tx: Connection) -> None:
        command.upgrade(_config(tx), "0005")
        row(tx, "exchange_following", notice="n1", holder="UK/nca", original="m1", changed_at=EVE)
        row(tx, "report_draft", id="d1", author="o1", state="open")

    with open_store(url) as store:
        store.write(before)
        migrations.upgrade(store)
        ask = "SELECT begun_at = changed_at, open_copies, asked_at FROM exchange_following"
        assert [tuple(one) for one in store.read(lambda tx: tx.exec_driver_sql(ask).all())] == [
            (1, None, None)
        ]
        ask = "SELECT about FROM report_draft"
        assert store.read(lambda tx: tx.exec_driver_sql(ask).scalar()) is None
