"""An operator's command, killed -9 before each of its steps: nothing half-made looks whole, and the same
command said again does it, or says the way out.
"""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import AccountError, CordialeError, ExchangeError, UsageError
from cordiale.node import backup, exchange, people
from cordiale.node.audit import audit
from cordiale.node.people import NewAccount
from cordiale.store import migrations
from tests.crash import command_process as commands
from tests.crash.command_process import PASSWORD, opened, outside
from tests.node.test_upgrade import set_back

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=2)
STEPS_MAX = 500
BETWEEN = 5  # steps of one command that are tried, beside the last ones
END_WAIT_S = 60.0
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["__main__", "tests.crash.command_process", "tests.crash.node_process"])


def killed(name: str, place: Path, left: int, said: dict[str, Any] | None = None) -> bool:
    """Run the command in a process of its own; whether it was killed before it had ended."""
    child = PROCESSES.Process(target=commands.run, args=(name, place, AT, said or {}, left), daemon=True)
    child.start()
    child.join(END_WAIT_S)
    assert child.exitcode in (0, -signal.SIGKILL), child.exitcode
    return child.exitcode != 0


def again(name: str, place: Path, said: dict[str, Any] | None = None) -> None:
    """The same command two minutes later, by a person, to its end."""
    commands.COMMANDS[name](place, outside(LATER), said or {})


def whole(place: Path, home: str = "home") -> None:
    with opened(place, outside(LATER), home) as node:
        assert audit(node).wrong == ()
        assert people.officer(node, "ada").roles == {"administrator"}


def each_step(name: str, origin: Path, folder: Path, said: dict[str, Any] | None = None) -> Any:
    """A copy of `origin` for each step before which the command is killed: the first, the last ones, and some
    between.
    """
    place = Path(shutil.copytree(origin, folder / name))
    assert not killed(name, place, STEPS_MAX, said)
    count = int((place / "steps").read_text())
    assert count > 5, "nothing would be killed"
    shutil.rmtree(place)
    for left in sorted({*range(0, count, max(count // BETWEEN, 1)), count - 2, count - 1}):
        place = Path(shutil.copytree(origin, folder / f"{name}-{left}"))
        assert killed(name, place, left, said)
        yield place
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with three people, and a backup of it that is kept."""
    place = tmp_path_factory.mktemp("origin")
    (place / "kept").mkdir()
    commands.init(place, outside(AT), {})
    with opened(place, outside(AT)) as node:
        for login, roles in (("ivy", {"administrator"}), ("ida", {"officer"})):
            new = NewAccount(login, f"{login.title()} Invented", "police-judiciaire", frozenset(roles))
            secret = people.found_account(node, new, PASSWORD)[1]
            (place / login).write_text(secret)
        backup.write_backup(node, place / "kept" / "backup")
    return place


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The card of an invented partner, and the words heard on the telephone."""
    from cordiale.node import found
    from cordiale.node.home import Founding
    from cordiale.node.opening import open_node

    home = tmp_path_factory.mktemp("partner") / "uk"
    founding = Founding("UK", ("hm-coastguard",), "ada", "Ada Invented", address="127.0.0.1:1")
    secrets = (commands.PHRASE, PASSWORD)
    found(
        home,
        founding,
        secrets=secrets,
        world=outside(AT),
        cost=commands.CHEAP,
        register=commands.REGISTER,
    )
    with open_node(
        home, commands.PHRASE, world=outside(AT), environment={}, register=commands.REGISTER
    ) as node:
        card = exchange.own_card(node)
        return {"node": node.id, "card": exchange.card_bytes(card["card"]), "words": card["words"]}


def test_a_founding_killed_anywhere_is_no_node_and_the_same_command_makes_one(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in each_step("init", tmp_path / "empty", tmp_path):
        (place / "told").unlink(missing_ok=True)
        with pytest.raises(UsageError) as wrong:
            opened(place, outside(LATER)).close()
        assert "init" in f"{wrong.value} {wrong.value.way_out}"
        again("init", place)
        assert (place / "told").read_text(), "nobody is left without the second factor"
        whole(place)


def test_a_restore_killed_anywhere_leaves_no_node_and_can_be_done_again(origin: Path, tmp_path: Path) -> None:
    for place in each_step("restore", origin, tmp_path):
        half = place / ".again.restoring"
        assert not (place / "again").exists()
        if half.exists():
            with pytest.raises((CordialeError, FileNotFoundError)):
                opened(place, outside(LATER), half.name).close()
        again("restore", place)
        assert not half.exists()
        whole(place, "again")


def test_a_backup_killed_anywhere_leaves_the_one_before_and_no_other(origin: Path, tmp_path: Path) -> None:
    before = (origin / "kept" / "backup").read_bytes()
    for place in each_step("write_backup", origin, tmp_path):
        kept = place / "kept" / "backup"
        assert kept.read_bytes() == before or _restores(kept, place / "tried")
        again("write_backup", place)
        assert [one.name for one in kept.parent.iterdir()] == ["backup"], "nothing half-made is left"
        assert _restores(kept, place / "tried-again")


def _restores(file: Path, home: Path) -> bool:
    return bool(backup.restore_backup(file, home, passphrase=commands.PHRASE, world=outside(LATER))["ok"])


def test_a_backup_that_does_not_read_back_takes_nobody_s_place(
    origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that alters what it keeps: yesterday's backup is still the one that can be relied on."""
    place = Path(shutil.copytree(origin, tmp_path / "n"))
    kept = place / "kept" / "backup"
    before, plain = kept.read_bytes(), backup._opened
    monkeypatch.setattr(backup, "_opened", lambda *given: list(plain(*given))[:-1])
    with opened(place, outside(LATER)) as node, pytest.raises(CordialeError, match="did not read back"):
        backup.write_backup(node, kept)
    assert kept.read_bytes() == before
    assert [one.name for one in kept.parent.iterdir()] == ["backup"]


def test_an_upgrade_killed_anywhere_is_before_or_after_and_its_copy_is_whole(
    origin: Path, tmp_path: Path
) -> None:
    old = Path(shutil.copytree(origin, tmp_path / "old"))
    set_back(f"sqlite:///{old / 'home' / 'node.db'}")
    for place in each_step("upgrade", old, tmp_path):
        copies = list((place / "home").glob("node.db.before-*"))
        for copy in copies:
            with closing(sqlite3.connect(copy)) as held:
                assert held.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert held.execute("SELECT count(*) FROM ledger_entries").fetchone()[0] > 2
        again("upgrade", place)
        left = [one.name for one in (place / "home").iterdir() if "before" in one.name]
        assert left == [f"node.db.before-{migrations.head()}"]
        whole(place)


def test_a_partner_is_taken_in_or_not_wherever_the_command_is_killed(
    origin: Path, tmp_path: Path, partner: dict[str, Any]
) -> None:
    for place in each_step("peer_add", origin, tmp_path, partner):
        whole(place)
        again("peer_add", place, partner)
        with opened(place, outside(LATER)) as node:
            assert [one["peer"] for one in exchange.peers(node)] == [partner["node"]]
        whole(place)


def test_a_partner_is_removed_or_not_wherever_the_command_is_killed(
    origin: Path, tmp_path: Path, partner: dict[str, Any]
) -> None:
    with_it = Path(shutil.copytree(origin, tmp_path / "with"))
    again("peer_add", with_it, partner)
    for place in each_step("peer_remove", with_it, tmp_path, partner):
        whole(place)
        try:
            again("peer_remove", place, partner)
        except ExchangeError as wrong:
            assert "not a peer" in str(wrong)
        with opened(place, outside(LATER)) as node:
            assert exchange.peers(node) == []
        whole(place)


def test_a_reset_by_two_people_killed_anywhere_gives_nothing_away_and_can_be_asked_again(
    origin: Path, tmp_path: Path
) -> None:
    said = {login: (origin / login).read_text() for login in ("ivy", "ida")}
    said["ada"] = (origin / "told").read_text()
    for place in each_step("recover", origin, tmp_path, said):
        (place / "told").unlink()
        with opened(place, outside(LATER)) as node:
            code = people.code_now(said["ida"], LATER)
            assert not isinstance(people.sign_in(node, "ida", PASSWORD, code), people.Denied)
        again("recover", place, said)
        code = (place / "told").read_text()
        with opened(place, outside(LATER)) as node:
            with pytest.raises(AccountError):
                people.redeem(node, "ida", code, "short")
            assert people.redeem(node, "ida", code, "other invented words together") is not None
            assert people.redeem(node, "ida", code, "other invented words together") is None, "once"
        whole(place)
