"""Does the doctor say what is ill: in a node that runs, in one that hangs, and in one that does not open?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cordiale.errors import UsageError
from cordiale.node import found, heartbeat, open_node, system_world
from cordiale.node.audit import Findings
from cordiale.node.doctor import examine
from cordiale.node.home import SERVING, Founding
from cordiale.node.serving import free_ports, running
from cordiale.seals import ScryptCost
from cordiale.world import SystemDisk
from tests.crash.distress_home import founded

PHRASE = "an invented phrase for tests 7"
DISK = SystemDisk()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (contact,) = free_ports(1)
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented", address=f"127.0.0.1:{contact}")
    found(
        tmp_path / "n", founding, secrets=(PHRASE, "four invented words together"), cost=ScryptCost(n=1 << 10)
    )
    return tmp_path / "n"


def looked(home: Path, phrase: Callable[[], str] = lambda: PHRASE) -> Findings:
    return examine(home, phrase, world=system_world())


def wrong(found: Findings, *names: str) -> list[str]:
    return [one for one in found.wrong if all(name in one for name in names)]


@pytest.fixture
def held(home: Path) -> Iterator[Path]:
    """A home that some process holds, whatever that process does."""
    let_go = DISK.hold(home / SERVING)
    yield home
    let_go()


def test_a_node_that_nobody_runs_is_said_to_stand_still(home: Path) -> None:
    assert wrong(looked(home), "nobody runs it", "cordiale serve")


def test_a_running_node_is_well_but_for_the_keys_that_still_lie_there(home: Path) -> None:
    with open_node(home, PHRASE, environment={}) as node, running(node):
        node.courier._wake.set()
        until = node.world.clock.monotonic_s() + 20
        while len((heartbeat.read(home, DISK) or NOTHING).parts) < 3:
            assert node.world.clock.monotonic_s() < until
            heartbeat_soon(node.courier._wake.set)
        told = looked(home)
    assert [one for one in told.wrong if "offline" not in one] == []
    assert not (home / heartbeat.FILE).exists(), "a node that has stopped leaves no sign of life"


NOTHING = heartbeat.Heartbeat(system_world().clock.now(), {})


def heartbeat_soon(wake: Callable[[], None]) -> None:
    import time

    wake()
    time.sleep(0.2)


@pytest.mark.parametrize("part", heartbeat.PARTS)
def test_a_part_that_gives_no_sign_of_life_is_named(held: Path, part: str) -> None:
    now = system_world().clock.now()
    last = dict.fromkeys(heartbeat.PARTS, now) | {part: now - timedelta(minutes=5)}
    heartbeat.write(held, DISK, {name: lambda at=at: at for name, at in last.items()}, at=now)
    assert [part in one and "300 s" in one for one in wrong(looked(held), "parts live")] == [True]
    never = {name: lambda: now for name in heartbeat.PARTS if name != part}
    heartbeat.write(held, DISK, never, at=now)
    assert wrong(looked(held), f"the {part} has given no sign of life since the start")


def test_a_process_that_hangs_is_told_from_one_that_works(held: Path) -> None:
    assert wrong(looked(held), "no heartbeat")
    (held / heartbeat.FILE).write_bytes(b"\xff")
    assert wrong(looked(held), "no heartbeat")
    before = system_world().clock.now() - timedelta(hours=1)
    heartbeat.write(held, DISK, {}, at=before)
    assert wrong(looked(held), "process hangs")


def test_a_wrong_passphrase_or_none_is_one_finding_and_the_rest_is_said(home: Path) -> None:
    told = looked(home, lambda: "another phrase altogether")
    assert wrong(told, "the node opens") and wrong(told, "nobody runs it")
    assert "there is room on the disk" in told.checked

    def nobody() -> str:
        raise UsageError("no file and no terminal")

    assert wrong(looked(home, nobody), "no file and no terminal") and wrong(looked(home, nobody), "runs it")


@pytest.mark.parametrize("damage", ["vault", "keys/signing", "card", "cordiale.toml", "node.db"])
@pytest.mark.parametrize("raw", [b"", b"a shopping list " * 400, None])
def test_a_damaged_home_is_looked_at_to_the_end(home: Path, damage: str, raw: bytes | None) -> None:
    if raw is None:
        (home / damage).unlink()
    else:
        (home / damage).write_bytes(raw)
    told = looked(home)
    assert wrong(told, "nobody runs it") and "nothing waits in the spool" in told.checked
    assert [one for one in told.wrong if "runs it" not in one and "offline" not in one], "and it is told"


def test_a_folder_without_a_node_is_no_fault_of_the_doctor(tmp_path: Path) -> None:
    told = looked(tmp_path)
    assert len(wrong(told, "the home folder is whole")) > 5 and wrong(told, "there is no node in")


def test_distress_that_waits_is_told_without_a_word_of_it(tmp_path: Path) -> None:
    from cordiale.node import people, rescue
    from tests.crash.distress_home import call, opened

    home = founded(tmp_path)["UK"]
    with opened(home) as node:
        sam = people.officer(node, "sam")
        body = call(node.world.clock.now())
        rescue.open_distress(node, replace(sam, authority="elsewhere"), body)
    told = looked(home, lambda: PHRASE)
    (one,) = wrong(told, "no distress waits for a person")
    assert "NOT CONFIRMED" in one and "Gris-Nez" not in one
    (home / "spool").mkdir(exist_ok=True)
    (home / "spool" / "call-1").write_bytes(b"damaged")
    told = looked(home)
    assert wrong(told, "1 pieces of distress lie there") and wrong(told, "`call-1` does not open")
