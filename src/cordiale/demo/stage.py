"""The stage: founds three homes, starts three processes, hands them orders, stops only what it started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cordiale.demo.cast import PASSPHRASE, PASSWORD, TROUPES, Troupe
from cordiale.errors import CordialeError, UsageError
from cordiale.node import agreements, found, open_node, people, serving
from cordiale.node.home import Founding
from cordiale.node.settings import PORT_MAX
from cordiale.seals import ScryptCost

CHEAP: Final = ScryptCost(
    n=1 << 14
)  # the passphrase is printed: a costly guess would only slow the demonstration
STOP_WAIT_S: Final = 10.0
PORTS: Final = 6
USUAL: Final = (8101, 8102, 8103, 8201, 8202, 8203)
HERE: Final = "127.0.0.1"
_EXAMPLE: Final = "9101,9102,9103,9201,9202,9203"
PREFIX: Final = "cordiale-demo-"
OWNER: Final = "owner"  # in the demonstration's folder: the process that will clear it away


class DeskFault(CordialeError):
    """A desk of the demonstration did not do what it was asked."""


@dataclass(slots=True)
class Desk:
    """One node's process and the way to speak with it."""

    troupe: Troupe
    home: Path
    pages_port: int
    contact_port: int
    process: subprocess.Popen[str] | None = None
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{HERE}:{self.pages_port}"

    def start(self) -> None:
        """Start the process and wait until it serves."""
        log = (self.home / "desk.log").open("ab")
        with log:
            self.process = subprocess.Popen(  # noqa: S603 -- this very interpreter, no shell
                [sys.executable, "-m", "cordiale.cli", "demo-desk", str(self.home)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")},
            )
        self._answer()

    def ask(self, verb: str, **order: Any) -> Any:
        """Hand over one order and wait for its answer. Raises DeskFault when it was not done."""
        assert self.process is not None and self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"verb": verb, **order}, default=str) + "\n")
            self.process.stdin.flush()
        except OSError as fault:
            raise DeskFault(f"`{self.troupe.node}` takes no orders: {fault}") from fault
        return self._answer()

    def _answer(self) -> Any:
        assert self.process is not None and self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            last = (self.home / "desk.log").read_text(encoding="utf-8", errors="replace").strip()[-600:]
            raise DeskFault(f"`{self.troupe.node}` ended: {last or 'it said nothing'}")
        answer = json.loads(line)
        if "fault" in answer:
            raise DeskFault(f"`{self.troupe.node}`: {answer['fault']}")
        return answer["ok"]

    def kill(self) -> None:
        """End it hard, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._drop()

    def stop(self) -> None:
        """Let it finish: the end of its standard input is the order to end."""
        if self.process is None:
            return
        if self.process.stdin is not None and self.process.poll() is None:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._drop()

    def _drop(self) -> None:
        assert self.process is not None
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
        self.process = None


def ports_from(words: str) -> list[int]:
    """Six ports: three of pages, three of contact points. Empty: the usual ones.

    Raises UsageError, naming the port and the way out, when one of them is taken or is no port.
    """
    named = words.replace(",", " ").split() if words else [str(one) for one in USUAL]
    if len(named) != PORTS or len(set(named)) != PORTS or not all(_is_port(one) for one in named):
        raise UsageError(
            f"`{words}` is not six different ports", field="--ports", way_out=f"Write {_EXAMPLE}."
        )
    for one in named:
        try:
            serving.check_port(HERE, int(one), "--ports")
        except UsageError:
            raise UsageError(
                f"port {one} of this machine is taken",
                field="--ports",
                way_out=f"Choose six free ones: `cordiale demo --ports {_EXAMPLE}`,"
                f" or `CORDIALE_DEMO_PORTS={_EXAMPLE} make demo`.",
            ) from None
    return [int(one) for one in named]


def _is_port(word: str) -> bool:
    return word.isascii() and word.isdigit() and 0 < int(word) <= PORT_MAX


def clear_old(place: Path) -> int:
    """Remove the folders of demonstrations that were cut off by force and could not clear up; how many."""
    old = [one for one in place.glob(f"{PREFIX}*") if _is_left_over(one)]
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
    return len(old)


def _is_left_over(folder: Path) -> bool:
    """Whether a folder is of a demonstration of this account whose process has ended."""
    try:
        owner = int((folder / OWNER).read_text(encoding="utf-8"))
        os.kill(owner, 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False


def build(folder: Path, ports: list[int]) -> list[Desk]:
    """Found three homes with their invented people; returns the desks, not started."""
    desks, register = [], agreements.load()
    for place, troupe in enumerate(TROUPES):
        desk = Desk(troupe, folder / troupe.key, ports[place], ports[place + len(TROUPES)])
        _found(desk, register)
        desks.append(desk)
    return desks


def _found(desk: Desk, register: Any) -> None:
    troupe = desk.troupe
    admin = troupe.players[0]
    founding = Founding(
        side=troupe.side,
        authorities=troupe.authorities,
        administrator=admin.login,
        person=admin.name,
        name=troupe.name,
        address=f"{HERE}:{desk.contact_port}",
        more={
            "pages_port": desk.pages_port,
            "contact_port": desk.contact_port,
            "zone": troupe.zone,
            "demo": True,
            "hold_s": 1,
        },
    )
    made = found(desk.home, founding, secrets=(PASSPHRASE, PASSWORD), cost=CHEAP, register=register)
    desk.secrets[admin.login] = made.factor_secret
    with open_node(desk.home, PASSPHRASE, environment={}, register=register) as node:
        for player in troupe.players[1:]:
            new = people.NewAccount(player.login, player.name, player.authority, frozenset(player.roles))
            _, desk.secrets[player.login] = people.found_account(node, new, PASSWORD)
