"""A database server that goes away: in mid-act, during a commit, while nobody looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select

from cordiale.errors import StoreError
from cordiale.store import Attempt, Store, open_store
from cordiale.store import server as its
from tests.store.databases import Server

pytestmark = pytest.mark.postgres
own = MetaData()
number = Table("number", own, Column("n", Integer, primary_key=True))


@pytest.fixture
def store(own_server: Server) -> Iterator[Store]:
    own_server.start()
    with open_store(own_server.database()) as opened:
        opened.write(own.create_all)
        yield opened


def add(n: int) -> Any:
    return lambda tx: tx.execute(insert(number).values(n=n)) and n


def kept(store: Store) -> list[int]:
    return store.read(lambda tx: list(tx.execute(select(number.c.n).order_by(number.c.n)).scalars()))


def test_connections_ended_while_nobody_used_them_are_made_anew_unseen(
    store: Store, own_server: Server
) -> None:
    hold = threading.Barrier(3)
    readers = [threading.Thread(target=store.read, args=(lambda tx: hold.wait(5),)) for _ in range(3)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    own_server.cut()
    assert store.write(add(1)) == 1
    assert kept(store) == [1]
    own_server.stop()
    own_server.start()
    assert kept(store) == [1]
    assert store.write(add(2)) == 2


def test_an_act_cut_off_in_the_middle_is_undone_with_its_group_said_plainly_and_the_store_goes_on(
    store: Store, own_server: Server
) -> None:
    def cut(tx: Connection) -> None:
        add(2)(tx)
        own_server.cut()
        add(3)(tx)

    def cut_inside_an_attempt(tx: Connection) -> None:
        with Attempt(tx):
            cut(tx)

    for act in (cut, cut_inside_an_attempt):
        answers = store.submit([add(1), act, add(4)])
        for one in answers:
            with pytest.raises(StoreError, match="the database server does not answer; nothing new was acc"):
                one.result()
        assert kept(store) == [] and store.broken is None
    assert store.write(add(1)) == 1


def cut_at_commit(store: Store, own_server: Server, *, after: bool, times: int = 1) -> None:
    """The connection is ended as a commit is asked for, or when it is done and before anybody hears."""
    real, left = store._writer.dialect.do_commit, [True] * times

    def commit(connection: Any) -> None:
        if not left:
            real(connection)
            return
        left.pop()
        if after:
            connection.commit()
        own_server.cut()
        connection.execute("SELECT 1")

    store._writer.dialect.do_commit = commit


@pytest.mark.parametrize("after", [False, True])
def test_of_a_commit_that_got_no_answer_the_server_itself_is_asked(
    store: Store, own_server: Server, after: bool
) -> None:
    cut_at_commit(store, own_server, after=after)
    answer = store.submit([add(1)])[0]
    if after:
        assert answer.result() == 1
    else:
        with pytest.raises(StoreError, match="nothing new was accepted"):
            answer.result()
    assert kept(store) == ([1] if after else [])
    assert store.broken is None and store.write(add(2)) == 2


def test_where_nobody_can_say_how_a_commit_ended_the_caller_is_told_and_the_store_goes_on(
    store: Store, own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(its, "TRIES_MAX", 2)
    real = store._writer.dialect.do_commit

    def commit(connection: Any) -> None:
        store._writer.dialect.do_commit = real
        connection.commit()
        own_server.stop()
        connection.execute("SELECT 1")

    store._writer.dialect.do_commit = commit
    with pytest.raises(StoreError, match="it may be kept, or not"):
        store.write(add(1))
    with pytest.raises(StoreError, match="does not answer"):
        store.write(add(2))
    with pytest.raises(StoreError, match="does not answer"):
        kept(store)
    own_server.start()
    assert kept(store) == [1]
    assert store.write(add(2)) == 2


def test_what_the_address_says_of_patience_goes_before_ours(own_server: Server) -> None:
    said = its.patience("postgresql+psycopg://x@192.0.2.1/y?connect_timeout=60")
    assert "connect_timeout" not in said and said["tcp_user_timeout"] == its.PATIENCE["tcp_user_timeout"]
    own_server.start()
    with open_store(own_server.database() + "&connect_timeout=60") as opened:
        assert opened.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar()) == 1
