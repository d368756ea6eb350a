"""No page reads a table that grows from end to end, and ten times as many messages cost a page no more.

Every statement that a page runs is explained by SQLite itself; and its own steps are counted, with few
messages and with ten times as many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from cordiale.exchange import tables as carried
from cordiale.ledger import Entry, Kind
from cordiale.node import Node, finding, keeping, people, reports, tables
from cordiale.node.people import NewAccount
from cordiale.reports.tables import stamp, tasks
from cordiale.simulation import Simulation
from cordiale.store import search
from tests.web.pages import NIGHT, PASSWORD, Browser, Night, with_something_to_read

GROW = frozenset(
    {
        "exchange_copy", "exchange_failed", "exchange_following", "exchange_inbox", "exchange_outbox",
        "ledger_checkpoints", "ledger_entries", "ledger_salts", "ledger_tile_hashes", "node_distress",
        "node_judgement", "node_paper", "node_salt", "report_case", "report_draft", "report_message",
        "report_task", "store_bundle", "store_chunk", "store_search_item", "store_search_posting",
    }
)  # fmt: skip
"""Tables with a row for every message, decision, read or file."""
READERS = {
    "sam": {"supervisor", "duty_officer"},
    "kim": {"officer"},
    "vic": {"visiting_observer"},
    "fro": {"fundamental_rights"},
}
FEW, MANY = 150, 1_500
STEPS_AT_ONCE = 20  # SQLite counts its steps so many at a time
GROWTH_MAX = 1.5  # of the steps, for ten times as many messages; a tree grows by a level


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    sides = {"UK": ("nca", "border-force", "hm-coastguard"), "FR": ("oltim", "cross-gris-nez")}
    simulation = Simulation.of(sides, seed=7, at=NIGHT, folder=tmp_path_factory.mktemp("pages"))
    night = Night(simulation)
    for login, roles in READERS.items():
        until = (NIGHT + timedelta(days=90)).date() if login == "vic" else None
        new = NewAccount(login, f"{login} (invented)", "nca", frozenset(roles), until=until)
        _, night.secrets[login] = people.found_account(night.node, new, PASSWORD)
    night.node.settings = replace(night.node.settings, language="en")
    yield with_something_to_read(night)
    night.close()


# ------------------------------------------------------------------------------ many messages


def fill(node: Node, start: int, stop: int) -> None:
    """Older invented messages, half in, half out, one in ten of border-force: in every table that grows."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    made = [(n, f"{n:016x}", began + timedelta(minutes=n)) for n in range(start, stop)]

    def act(tx: Connection) -> None:
        tx.execute(insert(tables.papers), [_paper(*one) for one in made])
        tx.execute(insert(carried.inbox), [_inbox(*one) for one in made if one[0] % 2])
        tx.execute(insert(carried.outbox), [_outbox(*one) for one in made if not one[0] % 2])
        tx.execute(insert(tasks), [_task(*one) for one in made if one[0] % 2])
        tx.execute(insert(tables.judgements), [_judgement(*one) for one in made])
        search.index(tx, finding.ROOM, {name: _marks(node, n) for n, name, _ in made})
        for n, _, at in made:
            node.log.append(tx, Entry(Kind.HOLD, at, {"reference": f"{n:016x}", "outcome": "undone"}))

    node.store.write(act)


def _authority(n: int) -> str:
    return "border-force" if n % 20 < 2 else "nca"


def _marks(node: Node, n: int) -> set[int]:
    words = ["vans", f"quay{n % 8}", str(n)]
    return {
        *(finding.mark(node, finding.WORD, word) for word in words),
        finding.mark(node, finding.AUTHORITY, _authority(n)),
    }


def _paper(n: int, name: str, at: datetime) -> dict[str, Any]:
    came = bool(n % 2)
    return {
        "reference": name, "state": "received" if came else "sent", "direction": "in" if came else "out",
        "other": "FR/oltim", "type": "intelligence_report", "message_id": f"m{n}", "thread": name,
        "officer": "" if came else "an-account", "authority": _authority(n), "about": None if came else "",
        "verdict": "permit", "article": "", "handling": "H0", "urgent": False, "at": at, "due_at": None,
        "erase_by": None, "body": None,
    }  # fmt: skip


def _inbox(n: int, name: str, at: datetime) -> dict[str, Any]:
    return {
        "id": f"m{n}", "peer": "fr", "lane": "main", "sequence": n, "reference": name, "sender": "FR/oltim",
        "recipient": f"UK/{_authority(n)}", "type": "intelligence_report", "kind": "notice", "about": "",
        "raw": b"", "outcome": "accepted", "reason": {}, "defects": [], "restrictions": {},
        "received_under": "", "erase_by": None, "entry": None, "receipt": b"", "received_at": at,
        "erased_at": at,
    }  # fmt: skip


def _outbox(n: int, name: str, at: datetime) -> dict[str, Any]:
    return {
        "id": f"m{n}", "peer": "fr", "lane": "main", "sequence": n, "reference": name,
        "recipient": "FR/oltim", "type": "intelligence_report", "kind": "notice", "about": "",
        "header": b"", "sealed": b"", "signature": {}, "decision": None, "state": "delivered",
        "attempts": 0, "due_at": at, "fault": "", "receipt": b"", "posted_at": at, "closed_at": at,
    }  # fmt: skip


def _task(n: int, name: str, at: datetime) -> dict[str, Any]:
    return {
        "id": f"read_report/{name}", "kind": "read_report", "owner": _authority(n), "started_at": stamp(at),
        "due_at": None, "binding": "none", "article": "", "done_at": stamp(at), "done_by": "an-account",
    }  # fmt: skip


def _judgement(n: int, name: str, at: datetime) -> dict[str, Any]:
    return {
        "at": at, "officer": "an-account", "reference": name, "thread": name, "content": name,
        "recipient": "FR/oltim", "verdict": "permit", "article": "", "step": "", "stated": {},
        "changed": [], "ledger_index": None, "authority": _authority(n),
    }  # fmt: skip


# ------------------------------------------------------------------------------ pages


def pages(made: Night, login: str) -> list[str]:
    """The addresses that a reader asks for, lists also far back."""
    simulation = made.simulation
    node, officer = simulation.officer("UK/nca")
    came = reports.inbox(node, officer)[0].reference
    back = "2026-01-01T01%3A00%3A00%2B00%3A00"
    found = [
        "/", "/inbox", f"/inbox?before={back}", "/outbox", f"/outbox?before={back}~7", "/contacts",
        "/search?words=vans&purpose=prevent", "/search?words=vans+quay7&purpose=prevent",
        "/search?words=nothing&purpose=prevent", "/search?words=vans&purpose=prevent&before=100",
        "/agreements", "/agreements/uk-frontex-wa-2024", "/failed",
    ]  # fmt: skip
    if login == "fro":
        found += ["/decisions", "/ledger"]
    if login in ("sam", "kim"):
        found += [f"/message/{came}?purpose=prevent", f"/message/{came}/print?purpose=prevent"]
        found += ["/question", "/compose", "/compose/intelligence_report"]
    if login == "sam":
        found += ["/decisions", "/ledger", "/distress", "/live/strip", "/accounts"]
    return found


@pytest.mark.parametrize("login", READERS)
def test_no_page_reads_a_table_that_grows_from_end_to_end(made: Night, login: str) -> None:
    browser, said = Browser(made, login), list[tuple[str, str, Any]]()
    paths = pages(made, login)
    for path in paths:
        with heard(made.node, path, said):
            assert browser.get(path).status_code == 200, path
    wrong = [f"{path}: {fault}" for path, sql, given in said for fault in faults(made.node, sql, given)]
    assert len(said) > len(paths), "nothing was heard: the measurement is broken"
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_a_scan_of_a_table_that_grows_is_noticed(made: Night) -> None:
    assert faults(made.node, "SELECT * FROM node_paper WHERE other = ? LIMIT 5", ("x",))
    assert not faults(made.node, "SELECT * FROM node_paper WHERE reference = ?", ("x",))


class heard:
    """What a node asks its database while the block runs, by connection of whoever asks."""

    def __init__(self, node: Node, path: str, said: list[tuple[str, str, Any]]) -> None:
        self.engines = [one for one in (node.store._reader, node.store._writer) if one is not None]
        self.path, self.said = path, said

    def _hear(self, _: Any, __: Any, sql: str, given: Any, *___: Any) -> None:
        self.said.append((self.path, sql, given))

    def __enter__(self) -> None:
        for engine in self.engines:
            event.listen(engine, "before_cursor_execute", self._hear)

    def __exit__(self, *_: object) -> None:
        for engine in self.engines:
            event.remove(engine, "before_cursor_execute", self._hear)


def faults(node: Node, sql: str, given: Any) -> list[str]:
    """What SQLite would read whole for this statement.

    A walk without a condition that ends after so many rows is none, nor is one along an index of only the few
    rows that wait (open, due, unsigned).
    """
    if not sql.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
        return []
    once = given[0] if given and isinstance(given, list) else given
    plan, partial = node.store.read(lambda tx: _explained(tx, sql, once))
    if "WHERE" not in sql.upper() and "LIMIT" in sql.upper():
        return []
    named = {name for name in GROW if re.search(rf"\b{name}\b", sql)}
    aliases = {alias for name in named for alias in re.findall(rf"\b{name} AS (\w+)", sql)}
    walks = [found for step in plan if (found := re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", step))]
    return [f"{walk[0]} in {sql}" for walk in walks if walk[1] in named | aliases and walk[2] not in partial]


def _explained(tx: Connection, sql: str, given: Any) -> tuple[list[str], set[str]]:
    """The steps of a statement, and the names of the indexes that hold only some rows."""
    plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
    some = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    return plan, set(tx.exec_driver_sql(some).scalars())


# ------------------------------------------------------------------------------ steps


def test_ten_times_as_many_messages_cost_no_page_more(made: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, limit in ((search, "COUNTED_MAX"), (search, "STEPS_MAX"), (finding, "COUNT_MAX")):
        monkeypatch.setattr(module, limit, FEW // 3)  # so that a search meets its limits with few already
    node = made.node
    browsers = {login: Browser(made, login) for login in READERS}
    asked = [(login, path) for login in READERS for path in pages(made, login)]
    fill(node, 0, FEW)
    few = {one: page_steps(node, browsers[one[0]], one[1]) for one in asked}
    fill(node, FEW, MANY)
    many = {one: page_steps(node, browsers[one[0]], one[1]) for one in asked}
    grown = {one: (few[one], many[one]) for one in asked if many[one] > few[one] * GROWTH_MAX + 500}
    assert all(few.values()) and not grown, grown


def test_ten_times_as_many_messages_cost_no_turn_of_keeper_and_courier_more(made: Night) -> None:
    node = made.node

    def turn() -> None:
        node.courier.round()
        keeping.keep(node)

    turn()
    few = steps(node, turn)
    fill(node, MANY, 3 * MANY)
    assert 0 < steps(node, turn) <= few * GROWTH_MAX + 500


def page_steps(node: Node, browser: Browser, path: str) -> int:
    """The steps for a page, asked for the second time."""

    def ask() -> None:
        assert browser.get(path).status_code == 200, path

    ask()
    return steps(node, ask)


def steps(node: Node, act: Callable[[], object]) -> int:
    """The steps that SQLite takes for what is done."""
    counted = [0]

    def count() -> int:
        counted[0] += STEPS_AT_ONCE
        return 0

    def set_out(connection: Any, *_: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(count, STEPS_AT_ONCE)

    engines = [one for one in (node.store._reader, node.store._writer) if one is not None]
    for engine in engines:
        event.listen(engine, "begin", set_out)
    try:
        act()
    finally:
        for engine in engines:
            event.remove(engine, "begin", set_out)
    return counted[0]
