"""One command on an invented node, as a process that is killed -9 right before its n-th step.

A step is what touches the disk or the database: a file that is written (each piece of it), moved, removed or
held, a transaction that begins or commits. Nothing is caught and nothing is tidied: the process is gone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from cordiale.agreements import Register
from cordiale.node import agreements, backup, exchange, found, open_node, people, system_world
from cordiale.node.home import Founding
from cordiale.node.outside import World
from cordiale.seals import ScryptCost
from cordiale.world import SteppedClock, SystemDisk

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
CHEAP = ScryptCost(n=1 << 10)
REGISTER = Register.load()


class Killer:
    """Counts the steps and ends the process before the last one that it may take."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.count = 0

    def step(self, *_: object) -> None:
        self.count += 1
        if self.count > self.left:
            os.kill(os.getpid(), signal.SIGKILL)


class KilledDisk(SystemDisk):
    def __init__(self, killer: Killer) -> None:
        self.killer = killer

    def pour(self, path: Path, pieces: Iterable[bytes], *, mode: int = 0o600) -> int:
        def counted() -> Iterator[bytes]:
            for piece in pieces:
                yield piece
                self.killer.step()

        self.killer.step()
        return super().pour(path, counted(), mode=mode)

    def move(self, path: Path, to: Path) -> None:
        self.killer.step()
        super().move(path, to)

    def remove(self, path: Path) -> None:
        self.killer.step()
        super().remove(path)

    def hold(self, path: Path) -> Callable[[], None]:
        self.killer.step()
        return super().hold(path)


def outside(at: datetime, disk: SystemDisk | None = None) -> World:
    return replace(system_world(), clock=SteppedClock(at), disk=disk or SystemDisk())


def init(place: Path, world: World, _: dict[str, Any]) -> None:
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented", address="127.0.0.1:1")
    told = place / "told"
    found(
        place / "home",
        founding,
        secrets=(PHRASE, PASSWORD),
        world=world,
        cost=CHEAP,
        register=REGISTER,
        tell=lambda made: told.write_text(made.factor_secret),
    )


def write_backup(place: Path, world: World, _: dict[str, Any]) -> None:
    with opened(place, world) as node:
        backup.write_backup(node, place / "kept" / "backup")


def restore(place: Path, world: World, _: dict[str, Any]) -> None:
    backup.restore_backup(place / "kept" / "backup", place / "again", passphrase=PHRASE, world=world)


def upgrade(place: Path, world: World, _: dict[str, Any]) -> None:
    backup.upgrade(place / "home", passphrase=PHRASE, world=world)


def peer_add(place: Path, world: World, said: dict[str, Any]) -> None:
    with opened(place, world) as node:
        exchange.add_peer(node, said["card"], words=said["words"], by="Ada Invented")


def peer_remove(place: Path, world: World, said: dict[str, Any]) -> None:
    with opened(place, world) as node:
        exchange.remove_peer(node, said["node"], by="Ada Invented", reason="invented: it has ended")


def recover(place: Path, world: World, said: dict[str, Any]) -> None:
    def proof(login: str) -> people.Proof:
        return people.Proof(login, PASSWORD, people.code_now(said[login], world.clock.now()))

    with opened(place, world) as node:
        told = people.recover(
            node, "ida", lost="password", vouched=(proof("ada"), proof("ivy")), reason="invented: forgotten"
        )
    (place / "told").write_text(str(told["code"]))


def opened(place: Path, world: World, home: str = "home") -> Any:
    return open_node(place / home, PHRASE, world=world, environment={}, register=REGISTER)


COMMANDS = {
    one.__name__: one for one in (init, write_backup, restore, upgrade, peer_add, peer_remove, recover)
}


def run(name: str, place: Path, at: datetime, said: dict[str, Any], left: int) -> None:
    """The whole command, or as much of it as `left` steps allow."""
    agreements.register_of = lambda *_: REGISTER
    killer = Killer(left)
    event.listen(Engine, "begin", killer.step)
    event.listen(Engine, "commit", killer.step)
    COMMANDS[name](place, outside(at, KilledDisk(killer)), said)
    (place / "steps").write_text(str(killer.count))
