"""The log over the database: appends, checkpoints, proofs, tiles, erasure of salts."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from cordiale.errors import LedgerError
from cordiale.ledger import Commitment, Entry, Inclusion, Kind, Log, Note, audit, tables
from cordiale.ledger.log import KEPT_MAX, Tiles
from cordiale.ledger.tree import Frontier, Tree, consistency, inclusion, verify_inclusion
from cordiale.seals import leaf_hash
from tests.ledger.scene import AT, MESSAGE, cosign, entry, filled, fr, ledger_of, memory, receipt_from, uk


def twin(count: int) -> Tree:
    tree = Tree()
    for i in range(count):
        tree.append(leaf_hash(entry(i).leaf()))
    return tree


def test_indexes_are_dense_and_the_head_is_that_of_the_tree_in_memory() -> None:
    with ledger_of(uk()) as (tx, log):
        assert log.head(tx).size == 0
        assert [log.append(tx, entry(i)) for i in range(5)] == [0, 1, 2, 3, 4]
        assert log.append_all(tx, [entry(i) for i in range(5, 700)]) == range(5, 700)
        assert log.append_all(tx, []) == range(700, 700)
        assert log.head(tx).root == twin(700).root()
        assert audit(tx, log) == ()


def test_proofs_from_the_tables_are_those_of_the_tree_in_memory() -> None:
    tree = twin(700)
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 700)
        log.checkpoint(tx, AT)
        for index in (0, 1, 255, 256, 511, 512, 699):
            proof = log.inclusion(tx, index)
            assert proof.check(log.origin, uk().ledger.public()).size == 700
            assert Inclusion.from_json(proof.as_json()) == proof
        for old, new in ((0, 700), (1, 2), (3, 256), (256, 512), (257, 699), (700, 700)):
            assert log.consistency(tx, old, new) == consistency(old, new, tree.node)
            assert log.root_at(tx, new) == tree.root(new)


def test_a_ledger_of_more_than_one_tile_of_tiles_still_proves() -> None:
    count = 256 * 256 + 300
    with ledger_of(uk()) as (tx, log):
        for start in range(0, count, 8192):
            log.append_all(tx, [Entry(Kind.NODE, AT)] * min(8192, count - start))
        log.checkpoint(tx, AT)
        log.inclusion(tx, 70).check(log.origin, uk().ledger.public())
        log.inclusion(tx, count - 1).check(log.origin, uk().ledger.public())
        assert tx.scalar(select(func.max(tables.tile_hashes.c.level))) == 2
        assert len(log.tile(tx, 2, 0)) == 32


def test_an_act_that_is_undone_leaves_no_entry() -> None:
    engine, log = memory(), uk().log
    with engine.begin() as tx:
        log.append(tx, entry(0))
    with pytest.raises(ZeroDivisionError), engine.begin() as tx:
        log.append(tx, entry(1))
        _ = 1 / 0
    with engine.begin() as tx:
        assert log.append(tx, entry(2)) == 1
        assert audit(tx, log) == ()


def test_paths_of_what_was_just_appended_need_no_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = twin(700)
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 600)
        log.append_all(tx, [entry(i) for i in range(600, 640)])
        log.append_all(tx, [entry(i) for i in range(640, 700)])
        monkeypatch.setattr(Tiles, "hashes", lambda *_: pytest.fail("a tile was read"))
        for first in (600, 639, 640, 699):
            node = log.nodes(tx, first)
            assert all(inclusion(i, 700, node) == inclusion(i, 700, tree.node) for i in range(first, 700))


@pytest.mark.parametrize("kept", ["none", "of another history", "of another size"])
def test_a_kept_frontier_that_does_not_lead_to_the_root_is_not_believed(kept: str) -> None:
    tree, other = twin(300), Frontier()
    for i in range(290):
        other.append(leaf_hash(entry(i + 1).leaf()))
    with ledger_of(uk()) as (tx, log):
        log.append_all(tx, [entry(i) for i in range(290)])
        log.append_all(tx, [entry(i) for i in range(290, 300)])
        log._kept.clear()
        if kept == "of another history":
            log._kept[290] = other
        elif kept == "of another size":
            log._kept[280] = other
        node = log.nodes(tx, 295)
        assert inclusion(297, 300, node) == inclusion(297, 300, tree.node)


def test_an_act_that_was_undone_leaves_no_path_behind() -> None:
    engine, log = memory(), uk().log
    with pytest.raises(ZeroDivisionError), engine.begin() as tx:
        log.append_all(tx, [entry(i) for i in range(7)])
        _ = 1 / 0
    with engine.begin() as tx:
        log.append_all(tx, [entry(i) for i in range(20, 25)])
        log.append_all(tx, [entry(i) for i in range(25, 30)])
        for first in range(10):
            path = inclusion(first, 10, log.nodes(tx, first))
            leaf = leaf_hash(entry(20 + first).leaf())
            verify_inclusion(leaf, first, 10, path, root=log.head(tx).root)


def test_only_so_many_frontiers_are_kept() -> None:
    with ledger_of(uk()) as (tx, log):
        for i in range(KEPT_MAX + 5):
            log.append(tx, entry(i))
        assert len(log._kept) == KEPT_MAX
        path = inclusion(2, KEPT_MAX + 5, log.nodes(tx, 2))
        verify_inclusion(leaf_hash(entry(2).leaf()), 2, KEPT_MAX + 5, path, root=log.head(tx).root)


def test_a_checkpoint_is_signed_once_a_size() -> None:
    with ledger_of(uk()) as (tx, log):
        assert log.latest(tx) is None
        filled(tx, log, 3)
        first = log.checkpoint(tx, AT)
        assert log.checkpoint(tx, AT + timedelta(hours=1)) == first
        latest = log.latest(tx)
        assert latest is not None
        assert latest.text() == first
        assert log.checkpoint_at(tx, 2) is None


def test_an_empty_ledger_can_be_signed_too() -> None:
    with ledger_of(uk()) as (tx, log):
        assert Note.from_text(log.checkpoint(tx, AT)).checkpoint.size == 0
        assert audit(tx, log) == ()


def test_cosignatures_are_kept_shown_and_replaced() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 3)
        log.checkpoint(tx, AT)
        assert log.cosigned_size(tx, fr().origin) == 0
        for hour in (1, 2):
            cosign(tx, log, uk(), fr(), AT + timedelta(hours=hour))
        assert log.cosigned_size(tx, fr().origin) == 3
        note = log.latest(tx)
        assert note is not None
        assert len(note.signatures) == 3
        assert audit(tx, log, witnesses={fr().origin: fr().ledger.public()}) == ()


def test_a_line_that_is_no_cosignature_of_our_checkpoint_is_not_kept() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 3)
        line = Note.from_text(log.checkpoint(tx, AT)).signatures[0].line()
        for size, fault in ((3, "no cosignature"), (2, "no checkpoint")):
            with pytest.raises(LedgerError, match=fault):
                log.add_cosignature(tx, size, name=fr().origin, public=fr().ledger.public(), line=line)


def test_entries_are_found_by_message_and_kind_in_order() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 10)
        log.append(tx, Entry(Kind.READ, AT, {"purpose": "investigate"}))
        assert [one.index for one in log.entries(tx, message=MESSAGE)] == list(range(10))
        assert [one.index for one in log.entries(tx, kind=Kind.READ)] == [10]
        assert [one.index for one in log.entries(tx, start=4, count=3)] == [4, 5, 6]
        assert log.entry(tx, 10).facts == {"purpose": "investigate"}


def test_what_is_not_there_is_said_to_be_not_there() -> None:
    with ledger_of(uk()) as (tx, log):
        with pytest.raises(LedgerError, match="No checkpoint"):
            log.inclusion(tx, 0)
        filled(tx, log, 2)
        log.checkpoint(tx, AT)
        for ask in (
            lambda: log.inclusion(tx, 2),
            lambda: log.entry(tx, 2),
            lambda: log.tile(tx, 0, 1),
            lambda: log.entry_bundle(tx, 1),
            lambda: log.consistency(tx, 1, 3),
            lambda: log.root_at(tx, 3),
            lambda: log.inclusion(tx, 0, size=1),
        ):
            with pytest.raises(LedgerError):
                ask()


def test_tiles_and_entry_bundles_are_those_of_c2sp() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 300)
        leaves = [entry(i).leaf() for i in range(300)]
        assert log.tile(tx, 0, 0) == b"".join(map(leaf_hash, leaves[:256]))
        assert log.tile(tx, 0, 1) == b"".join(map(leaf_hash, leaves[256:]))
        assert log.tile(tx, 1, 0) == twin(256).root()
        assert log.entry_bundle(tx, 1) == b"".join(len(x).to_bytes(2) + x for x in leaves[256:])


def test_erasing_a_salt_leaves_the_proof_whole_and_the_value_beyond_reach() -> None:
    hidden = {name: Commitment.to(name, "Zyx Exampleperson (invented)") for name in ("caller", "subject")}
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 3)
        index = log.append(tx, Entry(Kind.RECEIVED, AT, {}, hidden))
        log.checkpoint(tx, AT)
        before = log.inclusion(tx, index)
        assert log.salts(tx, index) == {name: held.salt for name, held in hidden.items()}
        assert log.erase_salts(tx, [index], names=["caller"]) == 1
        assert set(log.salts(tx, index)) == {"subject"}
        assert log.erase_salts(tx, [index]) == 1
        assert log.salts(tx, index) == {}
        assert log.inclusion(tx, index) == before
        assert audit(tx, log) == ()


def test_a_store_holds_the_ledger_of_one_node_only() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 1)
        with pytest.raises(LedgerError, match="holds the ledger of"):
            Log(fr().origin, fr().ledger).append(tx, entry(1))
    with pytest.raises(LedgerError, match="cannot name a log"):
        Log("two words", uk().ledger)


def test_a_tree_altered_under_a_signed_checkpoint_is_not_signed_again() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 1)
        log.checkpoint(tx, AT)
        tx.execute(update(tables.head).values(peaks=bytes(32)))
        with pytest.raises(LedgerError, match="was altered"):
            log.checkpoint(tx, AT)


def test_a_missing_entry_makes_no_proof() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 5)
        log.checkpoint(tx, AT)
        tx.execute(delete(tables.entries).where(tables.entries.c.entry_index == 2))
        with pytest.raises(LedgerError, match="not whole"):
            log.inclusion(tx, 0)


@pytest.mark.parametrize(
    "fields",
    [
        None,
        {},
        {"index": "0", "leaf": "AA==", "path": [], "checkpoint": ""},
        {"index": 0, "leaf": "AA==", "path": {}, "checkpoint": ""},
        {"index": 0, "leaf": "AA", "path": [], "checkpoint": ""},
        {"index": 0, "leaf": "AA==", "path": [1], "checkpoint": ""},
        {"index": 0, "leaf": "AA==", "path": [], "checkpoint": 0},
    ],
)
def test_an_inclusion_proof_out_of_form_is_refused(fields: object) -> None:
    with pytest.raises(LedgerError):
        Inclusion.from_json(fields)


def test_a_private_key_does_not_show_in_the_log() -> None:
    assert "keys" not in repr(uk().log)
    assert receipt_from(fr()).card == fr().card.digest()
