"""Founding, backup, restore and upgrade on a real folder with a real database file."""

import secrets
from functools import partial
from pathlib import Path

import pytest

from cordiale.errors import CordialeError, OpenError, StoreError, UsageError
from cordiale.node import Founded, found, ledger, open_node, people, system_world
from cordiale.node.audit import audit
from cordiale.node.backup import restore_backup, upgrade, write_backup
from cordiale.node.home import Founding
from cordiale.seals import ScryptCost
from cordiale.store import chunks

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
CHEAP = ScryptCost(n=1 << 10)


def founded(home: Path) -> Founded:
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented")
    return found(home, founding, secrets=(PHRASE, PASSWORD), cost=CHEAP)


def test_a_founded_node_opens_passes_its_audit_and_knows_its_administrator(tmp_path: Path) -> None:
    made = founded(tmp_path / "n")
    assert len(made.words.split()) == 12
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        assert people.officer(node, "ada").name == "Ada Invented"
        assert audit(node).wrong == ()
        assert ledger.size(node) == 2


def test_a_side_or_authority_that_the_register_does_not_know_is_no_node(tmp_path: Path) -> None:
    for side, authority, field in (("ZZ", "x", "side"), ("FR", "no-such-body", "authority")):
        with pytest.raises(UsageError) as wrong:
            found(
                tmp_path / side,
                Founding(side, (authority,), "ada", "Ada"),
                secrets=(PHRASE, PASSWORD),
                cost=CHEAP,
            )
        assert wrong.value.field == field
        assert not (tmp_path / side / "cordiale.toml").exists()


def test_what_was_backed_up_comes_back_whole(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        told = write_backup(node, tmp_path / "b")
        head = node.store.read(node.log.head)
    assert told["checked"]
    back = restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    assert back["ok"]
    with open_node(tmp_path / "again", PHRASE, environment={}) as node:
        assert node.store.read(lambda tx: node.log.root_at(tx, head.size)) == head.root
        assert people.officer(node, "ada").roles == {"administrator"}


def test_a_backup_opens_with_no_other_passphrase_and_not_when_a_byte_was_altered(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
    with pytest.raises(OpenError):
        restore_backup(tmp_path / "b", tmp_path / "x", passphrase=PHRASE + "!", world=system_world())
    raw = bytearray((tmp_path / "b").read_bytes())
    raw[-40] ^= 1
    (tmp_path / "b").write_bytes(bytes(raw))
    with pytest.raises(CordialeError):
        restore_backup(tmp_path / "b", tmp_path / "y", passphrase=PHRASE, world=system_world())


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_part_of_a_backup_is_refused_and_leaves_nothing_behind(tmp_path: Path, share: float) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        node.store.write(lambda tx: chunks.announce(tx, "big", 3, at=node.world.clock.now()))
        for place in range(3):
            node.store.write(
                partial(chunks.put, bundle_id="big", place=place, raw=secrets.token_bytes(65_552))
            )
        write_backup(node, tmp_path / "b")
    raw = (tmp_path / "b").read_bytes()
    assert len(raw) > 180_000
    (tmp_path / "b").write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(OpenError):
        restore_backup(tmp_path / "b", tmp_path / "half", passphrase=PHRASE, world=system_world())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b", "n"]


def test_attachments_come_back_chunk_by_chunk(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    held = [secrets.token_bytes(65_552) for _ in range(4)]
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        node.store.write(lambda tx: chunks.announce(tx, "big", 4, at=node.world.clock.now()))
        for place, raw in enumerate(held):
            node.store.write(partial(chunks.put, bundle_id="big", place=place, raw=raw))
        write_backup(node, tmp_path / "b")
    restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    with open_node(tmp_path / "again", PHRASE, environment={}) as node:
        assert node.store.read(lambda tx: list(chunks.read(tx, "big"))) == held


def test_something_in_the_folder_is_never_overwritten(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        restore_backup(tmp_path / "b", tmp_path / "full", passphrase=PHRASE, world=system_world())
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_a_backup_is_not_poured_into_a_database_that_somebody_uses(tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path / 'shared.db'}"
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented", store=elsewhere)
    found(tmp_path / "n", founding, secrets=(PHRASE, PASSWORD), cost=CHEAP)
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
        size = ledger.size(node)
    with pytest.raises(UsageError, match="not empty"):
        restore_backup(tmp_path / "b", tmp_path / "again", passphrase=PHRASE, world=system_world())
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        assert ledger.size(node) == size and audit(node).ok


def test_a_file_that_is_no_backup_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"a shopping list\n" * 50)
    with pytest.raises(OpenError, match="not a backup"):
        restore_backup(tmp_path / "b", tmp_path / "x", passphrase=PHRASE, world=system_world())
    with pytest.raises(UsageError, match="no file"):
        restore_backup(tmp_path / "none", tmp_path / "x", passphrase=PHRASE, world=system_world())


def test_a_backup_holds_no_private_key_in_the_clear(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
        seed = node.keys.signing.to_bytes()[:32]
    assert seed not in (tmp_path / "b").read_bytes()
    assert b"Ada Invented" not in (tmp_path / "b").read_bytes()


def test_nothing_is_restored_over_a_node(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        write_backup(node, tmp_path / "b")
    with pytest.raises(UsageError, match="not empty"):
        restore_backup(tmp_path / "b", tmp_path / "n", passphrase=PHRASE, world=system_world())


def test_a_node_whose_database_is_behind_says_which_command_brings_it_forward(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        node.store.write(lambda tx: tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(StoreError, match="cordiale upgrade"):
        open_node(tmp_path / "n", PHRASE, environment={})


def test_an_upgrade_of_a_node_that_is_up_to_date_changes_nothing(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    told = upgrade(tmp_path / "n", passphrase=PHRASE, world=system_world())
    assert told["from"] == told["to"] and told["kept"] == ""


def test_an_exported_ledger_verifies_and_an_altered_one_does_not(tmp_path: Path) -> None:
    founded(tmp_path / "n")
    file = tmp_path / "ledger"
    with open_node(tmp_path / "n", PHRASE, environment={}) as node:
        ledger.export_to(node, file)
        assert ledger.verify_file(file, node.world.disk)["ok"]
        file.write_bytes(file.read_bytes().replace(b"founded", b"pounded", 1))
        found_ = ledger.verify_file(file, node.world.disk)
    assert found_["ok"] is False and found_["wrong"]
