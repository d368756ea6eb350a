"""Bringing forward: a database and a backup of the first schema step; what a restore still owes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, insert, inspect, select

from cordiale.errors import StoreTooNew
from cordiale.node import backup as backups
from cordiale.node import keeping, ledger, open_node, people, system_world
from cordiale.node.audit import audit
from cordiale.node.backup import restore_backup, upgrade, write_backup
from cordiale.simulation import Simulation
from cordiale.store import Store, metadata, migrations, open_store
from cordiale.store.migrations.upgrade import _config
from tests.node.test_backup import PHRASE, founded
from tests.node.test_finding import NIGHT, SIDES, arrive, found

INDEX = (*backups.MADE_ANEW, "node_fresh", "search_note")


def set_back(url: str) -> None:
    """The same rows in the tables of step 0001, as a node of that time kept them; no index."""
    with open_store(url) as store:
        _set_back(store)


def _set_back(store: Store) -> None:
    rows = {t.name: _rows(store, t) for t in metadata.sorted_tables if t.name not in INDEX}
    end = " CASCADE" if store.dialect == "postgresql" else ""

    def drop(tx: Any) -> None:
        for name in (*(t.name for t in reversed(metadata.sorted_tables)), "alembic_version"):
            tx.exec_driver_sql(f"DROP TABLE {name}{end}")

    store.write(drop)
    store.write(lambda tx: command.upgrade(_config(tx), "0001"))

    def fill(tx: Any) -> None:
        there = set(inspect(tx).get_table_names())
        for name, held in rows.items():
            if name in there and held:
                table = backups._as_it_stands(tx, name)
                kept = [{k: v for k, v in one.items() if k in table.c} for one in held]
                tx.execute(insert(table), kept)

    store.write(fill)


def _rows(store: Store, table: Table) -> list[dict[str, Any]]:
    return store.read(lambda tx: [dict(one._mapping) for one in tx.execute(select(table)).all()])


def test_a_database_of_the_first_step_comes_forward_with_all_messages_and_they_are_found(url: str) -> None:
    with Simulation.of(SIDES, seed=5, at=NIGHT, stores={"UK": url}) as made:
        arrive(made, "folded hulls in vans")
        node, officer = made.officer("UK/nca")
        size, root = ledger.size(node), node.store.read(node.log.head).root
        set_back(url)
        assert migrations.current(node.store) == "0001"
        assert migrations.upgrade(node.store) == migrations.head()
        while keeping.keep(node):
            pass
        assert ledger.size(node) == size and node.store.read(node.log.head).root == root
        assert found(made, "hulls") == 1
        assert people.officer(node, officer.login).name == officer.name
        assert audit(node).wrong == ()


def test_an_upgrade_of_a_home_keeps_a_copy_of_the_first_step_beside_it(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        size = ledger.size(node)
    set_back(f"sqlite:///{tmp_path / 'n' / 'node.db'}")
    told = upgrade(tmp_path / "n", passphrase=PHRASE, world=system_world())
    assert (told["from"], told["to"]) == ("0001", migrations.head())
    assert Path(told["kept"]).is_file()
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        assert audit(node).wrong == () and ledger.size(node) == size
        assert people.officer(node, "ada").name == "Ada Invented"


def _said_to_be_of(monkeypatch: pytest.MonkeyPatch, home: Path, file: Path, step: str) -> None:
    with open_node(home, PHRASE, environment={}) as node:
        monkeypatch.setattr(backups, "current", lambda _: step)
        write_backup(node, file)
        monkeypatch.undo()


def test_a_backup_of_an_older_step_is_restored_and_brought_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded(tmp_path / "n")
    older = {t.name: t for t in metadata.sorted_tables}
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        size = ledger.size(node)
    place = f"sqlite:///{tmp_path / 'n' / 'node.db'}"
    set_back(place)
    past = MetaData()
    with open_store(place) as store:
        store.read(lambda tx: past.reflect(tx, only=lambda name, _: name in older))
    for table in past.sorted_tables:
        for column in table.columns:
            if column.name in older[table.name].c:
                column.type = older[table.name].c[column.name].type
    monkeypatch.setattr(backups, "metadata", past)
    monkeypatch.setattr("cordiale.node.opening.check_schema", lambda _: None)
    # The program of that step knew of no agreement that is activated at a node.
    monkeypatch.setattr("cordiale.node.opening._as_it_counts", lambda node: node.files)
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        (tmp_path / "b").write_bytes(b"".join(_poured(node)))
    monkeypatch.undo()
    told = restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert (told["from"], told["to"], told["ledger_size"]) == ("0001", migrations.head(), size)
    with open_node(tmp_path / "again", PHRASE, environment={}) as node:
        assert audit(node).wrong == ()


def _poured(node: Any) -> list[bytes]:
    return node.store.read(lambda tx: list(backups._sealed(node, backups._lines(node, tx), hashlib.sha256())))


def test_a_backup_of_a_newer_step_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded(tmp_path / "n")
    _said_to_be_of(monkeypatch, tmp_path / "n", tmp_path / "b", "9999")
    with pytest.raises(StoreTooNew, match="9999"):
        restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert not (tmp_path / "again").exists()


def test_an_upgrade_of_a_newer_home_is_refused(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        node.store.write(lambda tx: tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="newer Cordiale"):
        upgrade(tmp_path / "n", passphrase=PHRASE, world=system_world())


def test_a_restore_erases_what_came_due_since_and_says_what_is_left_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded(tmp_path / "n")
    asked: list[str] = []
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
    monkeypatch.setattr(keeping, "erase_due", lambda node: asked.append(node.id) or 3)
    told = restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert told["erased"] == 3 and asked == [told["node"]]
    assert "cordiale doctor" in told["next"] and told["off_hold"] == 0
