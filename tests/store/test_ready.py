"""Do ready statements say the same as SQLAlchemy's own, on either database?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from cordiale.store import Attempt, Store, open_store
from cordiale.store.ready import WIDTHS, Ready, ReadyAmong, ReadyChanges, ReadyRows
from cordiale.store.schema import Json, Moment

thing = Table(
    "thing",
    MetaData(),
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("raw", LargeBinary),
    Column("at", Moment),
    Column("said", Json),
    Column("count", Integer, nullable=False),
)
AT = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
COUNTS = [0, 1, 3, 4, 5, 17, 127, 128, 129, 300]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as one:
        one.write(thing.metadata.create_all)
        yield one


def row(number: int) -> dict[str, Any]:
    """Values of every kind that is kept, some of them missing."""
    return {
        "name": f"n{number:04d}",
        "raw": bytes([number % 256]) * 3 if number % 3 else None,
        "at": (AT + timedelta(seconds=number)).astimezone(timezone(timedelta(hours=2)))
        if number % 2
        else None,
        "said": {"words": ["é", number], "none": None} if number % 5 else None,
        "count": number,
    }


def everything(tx: Connection) -> list[tuple[Any, ...]]:
    columns = [thing.c[name] for name in ("name", "raw", "at", "said", "count")]
    return [tuple(one) for one in tx.execute(select(*columns).order_by(thing.c.place))]


@pytest.mark.parametrize("count", COUNTS)
def test_rows_written_ready_are_those_that_sqlalchemy_writes_in_the_same_order(
    store: Store, count: int
) -> None:
    rows, ready = [row(number) for number in range(count)], ReadyRows(thing)

    def slowly(tx: Connection) -> list[tuple[Any, ...]]:
        for one in rows:
            tx.execute(insert(thing).values(**one))
        found = everything(tx)
        tx.execute(thing.delete())
        return found

    def swiftly(tx: Connection) -> list[tuple[Any, ...]]:
        ready.run(tx, rows)
        return everything(tx)

    assert store.write(slowly) == store.write(swiftly)
    assert len(store.read(everything)) == count


def test_a_ready_query_reads_what_sqlalchemy_reads_with_the_names_of_the_columns(store: Store) -> None:
    query = select(thing).where(thing.c["count"] >= bindparam("least"), thing.c.name != "n0002")
    query = query.order_by(thing.c.place).limit(bindparam("most"))
    ready = Ready(query)
    store.write(lambda tx: ReadyRows(thing).run(tx, [row(number) for number in range(9)]))

    def both(tx: Connection) -> tuple[list[Any], list[Any]]:
        return ready.all(tx, least=1, most=4), list(tx.execute(query, {"least": 1, "most": 4}))

    swift, slow = store.read(both)
    assert [tuple(one) for one in swift] == [tuple(one) for one in slow]
    assert [one.name for one in swift] == ["n0001", "n0003", "n0004", "n0005"]
    assert swift[0].at == AT + timedelta(seconds=1) and swift[0].said["words"] == ["é", 1]
    assert store.read(lambda tx: ready.one(tx, least=100, most=1)) is None
    assert store.read(lambda tx: ready.scalar(tx, least=100, most=1)) is None
    assert store.read(lambda tx: ready.one(tx, least=8, most=1)).name == "n0008"  # type: ignore[union-attr]


@pytest.mark.parametrize("count", COUNTS)
def test_changes_reach_their_own_rows_and_no_others(store: Store, count: int) -> None:
    store.write(lambda tx: ReadyRows(thing).run(tx, [row(number) for number in range(301)]))
    changes = [
        {"name": f"n{number:04d}", "raw": b"new", "at": AT, "said": {"new": number}}
        for number in range(count)
    ]

    def swiftly(tx: Connection) -> list[tuple[Any, ...]]:
        ReadyChanges(thing, key="name").run(tx, changes)
        return everything(tx)

    found = store.write(swiftly)
    assert [one[1:4] for one in found[:count]] == [(b"new", AT, {"new": n}) for n in range(count)]
    before = [tuple(row(number)[name] for name in ("raw", "at", "said")) for number in range(count, 301)]
    assert [one[1:4] for one in found[count:]] == before


def test_a_row_that_is_there_is_changed_in_its_other_columns(store: Store) -> None:
    ready = ReadyRows(thing, key=("name",))
    store.write(lambda tx: ready.run(tx, [row(number) for number in range(5)]))
    store.write(lambda tx: ready.run(tx, [row(number) | {"count": 70 + number} for number in range(3, 20)]))
    assert [one[4] for one in store.read(everything)] == [0, 1, 2, *range(73, 90)]


def test_a_ready_change_says_what_it_changes(store: Store) -> None:
    more = Ready(
        update(thing)
        .where(thing.c.name == bindparam("n"))
        .values({"count": thing.c["count"] + bindparam("by")})
    )
    store.write(lambda tx: ReadyRows(thing).run(tx, [row(1), row(2)]))
    store.write(lambda tx: more.run(tx, n="n0001", by=10))
    assert [one[4] for one in store.read(everything)] == [11, 2]


def test_what_the_database_refuses_is_told_as_by_sqlalchemy_and_without_any_value(store: Store) -> None:
    ready = ReadyRows(thing)

    def twice(tx: Connection) -> Exception | None:
        ready.run(tx, [row(1)])
        with Attempt(tx) as attempt:
            ready.run(tx, [row(1) | {"raw": b"very secret"}])
        ready.run(tx, [row(2)])
        return attempt.fault

    fault = store.write(twice)
    assert isinstance(fault, IntegrityError)
    assert "secret" not in str(fault) and "n0001" not in str(fault.statement)
    assert [one[4] for one in store.read(everything)] == [1, 2]


def test_what_was_written_ready_is_undone_with_its_act(store: Store) -> None:
    def fails(tx: Connection) -> None:
        ReadyRows(thing).run(tx, [row(number) for number in range(130)])
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(fails)
    assert store.read(everything) == []


def test_a_reader_cannot_write_with_a_ready_statement(store: Store) -> None:
    with pytest.raises(DBAPIError) as told:
        store.read(lambda tx: ReadyRows(thing).run(tx, [row(1)]))
    assert "read" in str(told.value).lower()
    assert store.read(everything) == []


def test_a_ready_statement_outside_a_transaction_begins_one_as_sqlalchemy_does(store: Store) -> None:
    with store._writer.connect() as connection:
        ReadyRows(thing).run(connection, [row(1)])
        assert connection.in_transaction()
        connection.rollback()
    assert store.read(everything) == []


def test_a_connection_that_the_server_has_ended_is_not_used_again(store: Store) -> None:
    ready = Ready(select(thing.c.place))
    if store.dialect != "postgresql":  # a file has no server
        assert store.read(ready.all) == []
        return
    store.read(ready.all)
    store.write(
        lambda tx: tx.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database() AND backend_type = 'client backend'"
        ).all()
    )
    assert store.read(ready.all) == []


def test_every_number_of_rows_is_a_sum_of_the_widths() -> None:
    assert WIDTHS[-1] == 1 and sorted(WIDTHS, reverse=True) == list(WIDTHS)


@pytest.mark.parametrize("count", COUNTS)
def test_those_of_some_values_that_stand_there_are_found(store: Store, count: int) -> None:
    names = [f"n{number:04d}" for number in range(count)]
    among = ReadyAmong(thing.c.name)
    store.write(lambda tx: ReadyRows(thing).run(tx, [row(number) for number in range(0, count, 2)]))
    assert store.read(lambda tx: among.of(tx, names)) == set(names[::2])
    assert store.read(lambda tx: among.of(tx, ["elsewhere"])) == set()
