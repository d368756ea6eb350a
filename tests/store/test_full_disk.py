"""A disk with no room, once by the database's own limit and once by the system's: is anything lost?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from cordiale.errors import StoreFull
from cordiale.store import Attempt, Store, open_store
from tests.store.full_disk import own, row

ROOT = Path(__file__).parents[2]


def add(n: int) -> Any:
    return lambda tx: tx.execute(insert(row).values(n=n, raw=bytes(4000))) and n


def count(store: Store) -> int:
    return store.read(lambda tx: tx.execute(select(func.count()).select_from(row)).scalar_one())


def test_what_the_system_will_not_let_grow_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "node.db"
    command = [sys.executable, "-m", "tests.store.full_disk", str(file), str(600_000)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    number, _, said = done.stdout.strip().partition(" ")
    assert int(number) > 10, done.stderr
    assert said.startswith("Store") and ("written" in said or "room" in said or "confirm" in said)
    with open_store(f"sqlite:///{file}") as store:
        assert count(store) == int(number), "everything acknowledged is there, and nothing else"
        assert store.write(add(99_999)) == 99_999, "with room again the same file goes on"


def test_a_full_database_refuses_the_whole_group_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(own.create_all)
        store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=20"))
        kept = 0
        with pytest.raises(StoreFull, match="no room left on disk"):
            for n in range(100):
                kept = store.write(add(n)) + 1
        assert 0 < kept == count(store)
        answers = store.submit([add(200), add(201), add(202), lambda tx: None])
        assert all(isinstance(one.exception(), StoreFull) for one in answers)
        assert count(store) == kept
        store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=10000"))
        assert store.write(add(300)) == 300 and count(store) == kept + 1


def test_an_attempt_undoes_its_own_part_and_the_act_goes_on(url: str) -> None:
    with open_store(url) as store:
        store.write(own.create_all)

        def act(tx: Any) -> str:
            add(1)(tx)
            with Attempt(tx) as attempt:
                add(2)(tx)
                raise KeyError("part")
            with Attempt(tx) as good:
                add(3)(tx)
            assert good.fault is None
            return type(attempt.fault).__name__

        for answer in store.submit([act, add(4)])[:1]:
            assert answer.result() == "KeyError"
        assert count(store) == 3


def test_an_attempt_does_not_hide_that_the_disk_is_full(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'node.db'}") as store:
        store.write(own.create_all)
        store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=4"))

        def act(tx: Any) -> None:
            with Attempt(tx):
                for n in range(100):
                    add(n)(tx)

        with pytest.raises(StoreFull):
            store.write(act)
        assert count(store) == 0
