"""Two nodes on one PostgreSQL server: it stops while they serve, comes back, and is backed up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.errors import StoreError, UsageError
from cordiale.node import found, ledger, open_node, people, rescue, rescue_sent, system_world
from cordiale.node.audit import audit
from cordiale.node.backup import restore_backup, upgrade, write_backup
from cordiale.node.home import Founding
from cordiale.simulation import Simulation
from cordiale.store import migrations
from tests.node.test_backup import CHEAP, PASSWORD, PHRASE
from tests.node.test_finding import NIGHT
from tests.node.test_upgrade import set_back
from tests.store.databases import Server
from tests.web.pages import distress, intelligence

pytestmark = pytest.mark.postgres
SIDES = {"UK": ("nca", "hm-coastguard"), "FR": ("oltim", "cross-gris-nez")}


@pytest.fixture
def two(own_server: Server) -> Iterator[Simulation]:
    """A British and a French node, each with a database of its own on the one server."""
    own_server.start()
    stores = {side: own_server.database() for side in SIDES}
    with Simulation.of(SIDES, seed=5, at=NIGHT, stores=stores) as made:
        yield made
        assert made.audit() == []


def test_connections_cut_between_two_acts_cost_nothing(two: Simulation, own_server: Server) -> None:
    for name in ("a", "b", "c"):
        two.send("FR/oltim", intelligence(), "UK/nca", name=name)
        own_server.cut()
    two.settle()
    own_server.cut()
    assert [two.lines(name)[0].state for name in ("a", "b", "c")] == ["delivered"] * 3


def test_while_the_server_stands_still_distress_is_shown_at_both_ends_and_called_again_until_it_is_back(
    two: Simulation, own_server: Server
) -> None:
    (uk, sam), (fr, _) = two.officer("UK/hm-coastguard"), two.officer("FR/cross-gris-nez")
    for node in (uk, fr):
        node.courier.start()  # as a node that serves does; it knows from then on whom to call
        node.courier.close()
    own_server.stop()
    with pytest.raises(StoreError, match="the database server does not answer; nothing new was accepted"):
        two.send("FR/oltim", intelligence(), "UK/nca")
    assert [one.contact.log_what_was_shown() for one in (uk, fr)] == [0, 0]
    opened = rescue.open_distress(uk, sam, distress(two.clock.now()))
    assert not opened.logged
    uk.courier._carry_unstored()
    assert [one.reference for one in rescue.distresses(uk)] == [opened.reference], "shown where it began"
    assert [one.logged for one in rescue.distresses(fr)] == [False], "and there, before it can be recorded"
    assert [one.prepared.node for one in uk.contact.unstored.waiting()] == [fr.id], "called again for ever"
    own_server.start()
    for _ in range(8):
        two.step(5)
    rescue_sent.recover(uk)
    two.settle()
    assert [one.logged for one in rescue.distresses(fr)] == [True]
    two.send("FR/oltim", intelligence(), "UK/nca", name="after")
    two.settle()
    assert two.lines("after")[0].state == "delivered"


def founded(home: Path, store: str) -> None:
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented", store=store)
    found(home, founding, secrets=(PHRASE, PASSWORD), cost=CHEAP)


def test_a_backup_holds_what_lies_on_the_server_and_comes_back_into_that_database_made_anew(
    tmp_path: Path, own_server: Server
) -> None:
    own_server.start()
    store = own_server.database()
    founded(tmp_path / "n", store)
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
        head = node.store.read(node.log.head)
    with pytest.raises(UsageError, match="is not empty"):
        restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b", "n"]
    name = store.rpartition("/")[2] if "?" not in store else store.partition("?")[0].rpartition("/")[2]
    own_server.tell(f"DROP DATABASE {name}")
    own_server.tell(f"CREATE DATABASE {name}")
    told = restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert told["ok"]
    with open_node(tmp_path / "again", PHRASE, environment={}) as node:
        assert node.store.dialect == "postgresql"
        assert node.store.read(lambda tx: node.log.root_at(tx, head.size)) == head.root
        assert people.officer(node, "ada").name == "Ada Invented" and audit(node).wrong == ()


def test_an_upgrade_brings_it_forward_and_keeps_no_copy_of_its_own(
    tmp_path: Path, own_server: Server
) -> None:
    own_server.start()
    store = own_server.database()
    founded(tmp_path / "n", store)
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        size = ledger.size(node)
    set_back(store)
    told = upgrade(tmp_path / "n", passphrase=PHRASE, world=system_world())
    assert (told["from"], told["to"], told["kept"]) == ("0001", migrations.head(), "")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        assert audit(node).wrong == () and ledger.size(node) == size
