"""The auditor finds each thing that can be wrong, and nothing when all is well."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, update

from cordiale.ledger import Commitment, Entry, Kind, Log, Note, audit, tables
from cordiale.ledger.checkpoint import Checkpoint, sign_checkpoint
from tests.ledger.scene import AT, cosign, entry, filled, fr, ledger_of, uk

WITNESSES = {fr().origin: fr().ledger.public()}


def whole(tx: Connection, log: Log) -> None:
    filled(tx, log, 1200)
    log.append(tx, Entry(Kind.READ, AT, {}, {"caller": Commitment.to("caller", "x")}))
    log.checkpoint(tx, AT)
    cosign(tx, log, uk(), fr())


def entries_set(**values: object) -> Callable[[Connection], object]:
    return lambda tx: tx.execute(
        update(tables.entries).where(tables.entries.c.entry_index == 700).values(**values)
    )


def note_set(note: str) -> Callable[[Connection], object]:
    return lambda tx: tx.execute(update(tables.checkpoints).values(note=note))


STRANGE = sign_checkpoint(Checkpoint(uk().origin, 1201, bytes(32)), uk().ledger, AT)
FALSIFIED: dict[str, tuple[Callable[[Connection], object], str]] = {
    "a leaf": (entries_set(leaf=entry(9999).leaf()), "entry 700"),
    "a leaf that is no entry": (entries_set(leaf=b"{}"), "entry 700"),
    "a stored hash": (entries_set(leaf_hash=bytes(32)), "entry 700"),
    "a column": (entries_set(kind="read"), "entry 700"),
    "a message column": (entries_set(message=None), "entry 700"),
    "a missing entry": (
        lambda tx: tx.execute(delete(tables.entries).where(tables.entries.c.entry_index == 1100)),
        "",
    ),
    "the head's size": (lambda tx: tx.execute(update(tables.head).values(size=1200)), "head"),
    "the head's peaks": (lambda tx: tx.execute(update(tables.head).values(peaks=bytes(32 * 5))), "head"),
    "the origin": (lambda tx: tx.execute(update(tables.head).values(origin="other/log")), "head"),
    "a tile": (lambda tx: tx.execute(update(tables.tile_hashes).values(hash=bytes(32))), "tile hash 1/0"),
    "a lost tile": (lambda tx: tx.execute(delete(tables.tile_hashes)), "tile hash 1/0"),
    "a checkpoint": (note_set(STRANGE.text()), "checkpoint 1201"),
    "an unsigned checkpoint": (
        note_set(Note(STRANGE.checkpoint, STRANGE.signatures[:1]).text()),
        "checkpoint 1201",
    ),
    "a cosignature": (
        lambda tx: tx.execute(update(tables.cosignatures).values(line="— x AAAAAAAA\n")),
        f"cosignature 1201 by {fr().origin}",
    ),
    "a broken cosignature": (
        lambda tx: tx.execute(update(tables.cosignatures).values(line="—")),
        f"cosignature 1201 by {fr().origin}",
    ),
    "a salt too many": (
        lambda tx: tx.execute(insert(tables.salts).values(entry_index=3, name="caller", salt=bytes(32))),
        "salt 3/caller",
    ),
    "a salt cut short": (lambda tx: tx.execute(update(tables.salts).values(salt=b"x")), "salt 1200/caller"),
}


def test_nothing_is_found_in_a_whole_ledger() -> None:
    with ledger_of(uk()) as (tx, log):
        whole(tx, log)
        assert audit(tx, log, witnesses=WITNESSES) == ()


@pytest.mark.parametrize("what", FALSIFIED)
def test_each_falsification_is_found_and_told_where(what: str) -> None:
    falsify, place = FALSIFIED[what]
    with ledger_of(uk()) as (tx, log):
        whole(tx, log)
        falsify(tx)
        found = audit(tx, log, witnesses=WITNESSES)
        assert found
        assert any(place in finding.place for finding in found)


def test_a_salt_of_an_entry_that_is_wrong_is_told_once_with_the_entry() -> None:
    with ledger_of(uk()) as (tx, log):
        whole(tx, log)
        tx.execute(update(tables.entries).where(tables.entries.c.entry_index == 1200).values(leaf=b"[]"))
        assert not [finding for finding in audit(tx, log) if finding.place.startswith("salt")]


def test_an_empty_store_has_nothing_wrong() -> None:
    with ledger_of(uk()) as (tx, log):
        assert audit(tx, log) == ()
