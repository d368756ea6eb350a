"""What if files of a home are lost, swapped or cut? The node says which, and begins no second history."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cordiale.errors import CordialeError, OpenError, SealError, StoreError
from cordiale.node import backup, found, open_node, system_world
from cordiale.node.home import Founding
from cordiale.seals import ScryptCost

PHRASE = "an invented phrase for tests"
CHEAP = ScryptCost(n=1 << 12)


def make(home: Path, authority: str = "home-office") -> Path:
    founding = Founding("UK", (authority,), "admin", "Invented Administrator", address="127.0.0.1:4000")
    found(home, founding, secrets=(PHRASE, "three green harbour lamps"), cost=CHEAP)
    return home


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("home") / "n")


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "n"))


def halved(at: Path) -> None:
    raw = at.read_bytes()
    at.write_bytes(raw[: len(raw) // 2])


def flipped(at: Path) -> None:
    raw = at.read_bytes()
    at.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))


@pytest.mark.parametrize(
    "name", ["card", "side.pub", "vault", "keys/signing", "keys/sealing", "keys/ledger", "keys/marks"]
)
@pytest.mark.parametrize("harm", [halved, flipped, lambda at: at.write_bytes(b"")])
def test_a_damaged_key_or_card_opens_nothing_and_is_said_plainly(
    home: Path, name: str, harm: Callable[[Path], object]
) -> None:
    harm(home / name)
    with pytest.raises(CordialeError), open_node(home, PHRASE, environment={}):
        pass


@pytest.mark.parametrize("name", ["side.pub", "card"])
def test_a_card_or_side_key_of_another_node_is_not_taken_for_ours(
    home: Path, tmp_path: Path, name: str
) -> None:
    """Whoever swaps the Side's key would have its words read out on the telephone."""
    other = make(tmp_path / "other")
    shutil.copy(other / name, home / name)
    with pytest.raises(SealError), open_node(home, PHRASE, environment={}):
        pass


def test_a_database_that_went_away_is_never_replaced_by_an_empty_one(home: Path) -> None:
    """An empty ledger under the same name would be a second history: partners could only see a cheat."""
    (home / "node.db").unlink()
    with pytest.raises(StoreError, match="empty"), open_node(home, PHRASE, environment={}):
        pass
    with pytest.raises(StoreError, match="nothing to bring forward"):
        backup.upgrade(home, passphrase=PHRASE, world=system_world())


@pytest.mark.parametrize(
    "name", ["../escaped", "/etc/escaped", "records/../../escaped.toml", "cordiale.toml/x"]
)
def test_a_backup_writes_nowhere_but_into_its_home(
    home: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever knows the passphrase can make one; it must not become a way to other files of the machine."""
    plain = backup._lines

    def with_more(*given: object) -> object:
        first, *rest = plain(*given)  # type: ignore[arg-type]
        told = json.loads(first)
        told["files"][name] = ""
        yield json.dumps(told).encode() + b"\n"
        yield from rest

    monkeypatch.setattr(backup, "_lines", with_more)
    with open_node(home, PHRASE, environment={}) as node:
        backup.write_backup(node, tmp_path / "file")
    with pytest.raises(OpenError, match="no node has"):
        backup.restore_backup(tmp_path / "file", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert not list(tmp_path.rglob("escaped*")) and not (tmp_path / "again").exists()


def test_a_founding_that_was_cut_short_can_be_done_again(home: Path) -> None:
    """A folder without settings is no node yet."""

    class Cut(BaseException):
        pass

    real = system_world().disk

    class Failing(type(real)):  # type: ignore[misc]
        left = 0

        def write(self, path: Path, raw: bytes, *, mode: int = 0o600) -> None:
            if Failing.left == 0:
                raise Cut
            Failing.left -= 1
            super().write(path, raw, mode=mode)

    for count in (0, 1, 5, 9, 13):
        Failing.left = count
        again = home.parent / f"cut-{count}"
        founding = Founding("UK", ("home-office",), "admin", "Invented", address="127.0.0.1:4000")
        with pytest.raises(Cut):
            found(
                again,
                founding,
                secrets=(PHRASE, "three green harbour lamps"),
                cost=CHEAP,
                world=replace(system_world(), disk=Failing()),
            )
        make(again)


def test_nothing_in_a_home_is_for_other_accounts_of_the_machine(home: Path) -> None:
    for folder, _, names in os.walk(home):
        for name in names:
            if name not in ("card", "cert", "cordiale.toml", "side.pub") and not name.startswith("node.db"):
                assert (Path(folder) / name).stat().st_mode & 0o077 == 0, name
