"""Cheating with a ledger: rewriting, dropping, rolling back, two faces. Each attack has its control."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from cordiale.errors import LedgerError
from cordiale.ledger import (
    AddCheckpoint,
    Commitment,
    Entry,
    Heads,
    Kind,
    Log,
    Note,
    Outcome,
    Witness,
    audit,
    commitment_digest,
    compare_heads,
    open_checkpoint,
    tables,
)
from cordiale.ledger.checkpoint import sign_checkpoint
from cordiale.ledger.tree import Frontier
from cordiale.seals import LedgerKeys, leaf_hash
from tests.ledger.scene import AT, entry, filled, fr, ledger_of, memory, uk

LOGS = {uk().origin: uk().ledger.public()}
WITNESS = Witness(fr().origin, fr().ledger)


def rewrite(tx: object, log: Log, at: int) -> None:
    """The most thorough forger: alters an entry and makes hashes, tiles and head anew to fit."""
    rows = tx.execute(select(tables.entries).order_by(tables.entries.c.entry_index)).all()
    frontier, completed = Frontier(), []
    for row in rows:
        leaf = entry(9999).leaf() if row.entry_index == at else row.leaf
        fields = {"leaf": leaf, "leaf_hash": leaf_hash(leaf), "at": row.at}
        if row.entry_index == at:
            fields["at"] = Entry.from_leaf(leaf).at.strftime("%Y-%m-%dT%H:%M:%SZ")
        tx.execute(
            update(tables.entries).where(tables.entries.c.entry_index == row.entry_index).values(**fields)
        )
        completed += frontier.append(leaf_hash(leaf))
    tx.execute(delete(tables.tile_hashes))
    for level, place, hashed in completed:
        tx.execute(insert(tables.tile_hashes).values(level=level, place=place, hash=hashed))
    tx.execute(update(tables.head).values(size=frontier.size, peaks=frontier.to_bytes()))


def test_altered_entry_even_with_all_hashes_made_anew_contradicts_the_signed_checkpoint() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 300)
        log.checkpoint(tx, AT)
        assert audit(tx, log) == ()
        rewrite(tx, log, 17)
        assert [finding.place for finding in audit(tx, log)] == ["checkpoint 300"]
        with pytest.raises(LedgerError, match="was altered"):
            log.checkpoint(tx, AT)


def test_altered_entry_with_the_checkpoints_destroyed_too_is_caught_by_the_partner() -> None:
    with ledger_of(uk()) as (tx, log), memory().begin() as theirs:
        filled(tx, log, 300)
        first = log.checkpoint(tx, AT)
        WITNESS.add_checkpoint(theirs, AddCheckpoint(0, (), first).to_bytes(), AT, logs=LOGS)
        tx.execute(delete(tables.checkpoints))
        rewrite(tx, log, 17)
        assert audit(tx, log) == ()  # the control: alone, a thorough forger looks whole
        forged = log.checkpoint(tx, AT)
        raw = AddCheckpoint(300, (), forged).to_bytes()
        assert WITNESS.add_checkpoint(theirs, raw, AT, logs=LOGS).split_view
        log.append(tx, entry(300))
        later = AddCheckpoint(300, log.consistency(tx, 300, 301), log.checkpoint(tx, AT)).to_bytes()
        assert WITNESS.add_checkpoint(theirs, later, AT, logs=LOGS).outcome is Outcome.INCONSISTENT


def test_dropped_entry_leaves_a_gap_that_the_audit_names() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 50)
        tx.execute(delete(tables.entries).where(tables.entries.c.entry_index == 20))
        assert audit(tx, log)[0].place == "entry 20"


def test_dropped_last_entries_are_missed_by_the_head() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 50)
        tx.execute(delete(tables.entries).where(tables.entries.c.entry_index >= 48))
        assert [finding.place for finding in audit(tx, log)] == ["head"]


def test_reordered_entries_make_another_tree() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 50)
        for old, new in ((3, -1), (4, 3), (-1, 4)):
            where = tables.entries.c.entry_index == old
            tx.execute(update(tables.entries).where(where).values(entry_index=new))
        assert "head" in [finding.place for finding in audit(tx, log)]


def test_swapped_salt_opens_nothing() -> None:
    one, other = Commitment.to("caller", "Zyx (invented)"), Commitment.to("caller", "Wvu (invented)")
    assert one.salt is not None and other.salt is not None
    assert commitment_digest("caller", "Zyx (invented)", one.salt) == one.digest
    assert commitment_digest("caller", "Zyx (invented)", other.salt) != one.digest
    assert commitment_digest("caller", "Wvu (invented)", one.salt) != one.digest


def test_guessing_names_against_a_commitment_without_its_salt_fails() -> None:
    names = [f"Person {i} (invented)" for i in range(200)]
    held = Commitment.to("caller", names[77])
    guessed = {commitment_digest("caller", name, bytes(32)) for name in names}
    assert held.digest not in guessed


def test_forged_checkpoint_is_not_opened_under_the_logs_key() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 5)
        true = log.checkpoint(tx, AT)
        head = log.head(tx)
    open_checkpoint(true, log.origin, uk().ledger.public())
    forged = sign_checkpoint(head, LedgerKeys.generate(), AT)
    with pytest.raises(LedgerError, match="lacks a signature"):
        open_checkpoint(forged.text(), log.origin, uk().ledger.public())


def test_wrong_key_with_the_right_key_id_is_still_wrong() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 5)
        head, true = log.head(tx), Note.from_text(log.checkpoint(tx, AT))
    stranger = sign_checkpoint(head, LedgerKeys.generate(), AT)
    dressed = [
        type(theirs)(ours.name, ours.key_id, theirs.raw)
        for ours, theirs in zip(true.signatures, stranger.signatures, strict=True)
    ]
    with pytest.raises(LedgerError):
        open_checkpoint(Note(head, tuple(dressed)).text(), log.origin, uk().ledger.public())


def test_rollback_to_an_old_backup_is_seen_in_the_next_head() -> None:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, 5)
        backup = Note.from_text(log.checkpoint(tx, AT)).checkpoint
        filled(tx, log, 4)
        known = Note.from_text(log.checkpoint(tx, AT)).checkpoint
    assert compare_heads(backup, known) is Heads.AHEAD
    assert compare_heads(known, backup) is Heads.BEHIND
    with ledger_of(uk()) as (tx, restored):
        filled(tx, restored, 5)
        restored.append_all(tx, [entry(100 + i) for i in range(4)])
        grown = restored.head(tx)
    assert compare_heads(known, grown) is Heads.SPLIT


def test_stale_checkpoint_is_answered_with_the_size_we_know() -> None:
    with ledger_of(uk()) as (tx, log), memory().begin() as theirs:
        filled(tx, log, 5)
        old = log.checkpoint(tx, AT)
        filled(tx, log, 4)
        new = log.checkpoint(tx, AT)
        assert WITNESS.add_checkpoint(theirs, AddCheckpoint(0, (), new).to_bytes(), AT, logs=LOGS).size == 9
        answer = WITNESS.add_checkpoint(theirs, AddCheckpoint(0, (), old).to_bytes(), AT, logs=LOGS)
        assert (answer.outcome, answer.size) == (Outcome.CONFLICT, 9)
        answer = WITNESS.add_checkpoint(theirs, AddCheckpoint(5, (), old).to_bytes(), AT, logs=LOGS)
        assert (answer.outcome, answer.line) == (Outcome.CONFLICT, "")


def test_split_view_two_faces_of_one_size_are_never_both_cosigned() -> None:
    notes = []
    for number in (1, 2):
        with ledger_of(uk()) as (tx, log):
            filled(tx, log, 5)
            log.append(tx, entry(100 * number))
            notes.append(log.checkpoint(tx, AT))
    with memory().begin() as theirs:
        first = WITNESS.add_checkpoint(theirs, AddCheckpoint(0, (), notes[0]).to_bytes(), AT, logs=LOGS)
        assert first.outcome is Outcome.COSIGNED
        for old in (0, 6):
            second = WITNESS.add_checkpoint(
                theirs, AddCheckpoint(old, (), notes[1]).to_bytes(), AT, logs=LOGS
            )
            assert (second.outcome, second.line, second.split_view) == (Outcome.CONFLICT, "", True)
        assert theirs.scalar(select(tables.split_views.c.size)) == 6


def test_key_swap_a_cosignature_under_another_partners_name_is_not_kept() -> None:
    with ledger_of(uk()) as (tx, log), memory().begin() as theirs:
        filled(tx, log, 5)
        raw = AddCheckpoint(0, (), log.checkpoint(tx, AT)).to_bytes()
        line = WITNESS.add_checkpoint(theirs, raw, AT, logs=LOGS).line
        log.add_cosignature(tx, 5, name=fr().origin, public=fr().ledger.public(), line=line)
        with pytest.raises(LedgerError, match="no cosignature by"):
            log.add_cosignature(tx, 5, name="be-police/ledger", public=fr().ledger.public(), line=line)


def test_a_cosignature_of_an_older_checkpoint_does_not_serve_a_newer_one() -> None:
    with ledger_of(uk()) as (tx, log), memory().begin() as theirs:
        filled(tx, log, 5)
        raw = AddCheckpoint(0, (), log.checkpoint(tx, AT)).to_bytes()
        line = WITNESS.add_checkpoint(theirs, raw, AT, logs=LOGS).line
        filled(tx, log, 1)
        log.checkpoint(tx, AT + timedelta(hours=1))
        with pytest.raises(LedgerError, match="is wrong"):
            log.add_cosignature(tx, 6, name=fr().origin, public=fr().ledger.public(), line=line)


def test_planted_names_are_nowhere_in_the_ledgers_tables() -> None:
    planted = ["Zyx Exampleperson", "1990-12-31", "AB1234567", "+44 7700 900123"]
    with ledger_of(uk()) as (tx, log):
        for value in planted:
            hidden = {"subject": Commitment.to("subject", value)}
            log.append(tx, Entry(Kind.SENT, AT, {"sequence": 1}, hidden))
            for name in ("message", "reason", "account", "case_key", "purpose"):
                if name != "case_key" or " " in value or "+" in value:
                    with pytest.raises(LedgerError):
                        Entry(Kind.SENT, AT, {name: value})
        log.checkpoint(tx, AT)
        names = tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        assert {"ledger_entries", "ledger_salts"} <= set(names)
        whole = b"".join(
            cell if isinstance(cell, bytes) else str(cell).encode()
            for name in names
            for row in tx.execute(text(f"SELECT * FROM {name}"))
            for cell in row
        )
        assert len(whole) > 1000
        assert not [value for value in planted if value.encode() in whole]
        control = b"sequence"
        assert control in whole
