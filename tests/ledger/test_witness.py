"""The witness and the comparison of heads."""

import pytest
from sqlalchemy import select

from cordiale.errors import LedgerError
from cordiale.ledger import (
    AddCheckpoint,
    Heads,
    Log,
    Note,
    Outcome,
    Witness,
    compare_heads,
    known_checkpoint,
    tables,
)
from cordiale.ledger.checkpoint import Checkpoint, sign_checkpoint
from cordiale.seals import EMPTY_ROOT, LedgerKeys
from tests.ledger.scene import AT, entry, filled, fr, ledger_of, memory, uk

LOGS = {uk().origin: uk().ledger.public()}
WITNESS = Witness(fr().origin, fr().ledger)


def grown(*sizes: int) -> tuple[list[str], dict[tuple[int, int], tuple[bytes, ...]]]:
    """Signed notes at each size, and the proofs between neighbours and from 0."""
    notes, proofs = [], {}
    with ledger_of(uk()) as (tx, log):
        for size in sizes:
            filled(tx, log, size - log.head(tx).size)
            notes.append(log.checkpoint(tx, AT))
        for old in (0, *sizes):
            for new in sizes:
                if old <= new:
                    proofs[old, new] = log.consistency(tx, old, new)
    return notes, proofs


def test_a_witness_follows_a_log_as_it_grows() -> None:
    (first, second), proofs = grown(5, 12)
    with memory().begin() as tx:
        answer = WITNESS.add_checkpoint(tx, AddCheckpoint(0, (), first).to_bytes(), AT, logs=LOGS)
        assert answer.outcome is Outcome.COSIGNED
        assert answer.body().decode().startswith(f"— {fr().origin} ")
        again = WITNESS.add_checkpoint(tx, AddCheckpoint(5, (), first).to_bytes(), AT, logs=LOGS)
        assert again.outcome is Outcome.COSIGNED
        more = AddCheckpoint(5, proofs[5, 12], second).to_bytes()
        assert WITNESS.add_checkpoint(tx, more, AT, logs=LOGS).size == 12
        assert known_checkpoint(tx, uk().origin) == Note.from_text(second).checkpoint


def test_who_does_not_know_what_was_cosigned_is_told_the_size() -> None:
    (first, second), proofs = grown(5, 12)
    with memory().begin() as tx:
        WITNESS.add_checkpoint(tx, AddCheckpoint(0, (), first).to_bytes(), AT, logs=LOGS)
        answer = WITNESS.add_checkpoint(tx, AddCheckpoint(0, (), second).to_bytes(), AT, logs=LOGS)
        assert (answer.outcome.value, answer.body(), answer.split_view) == (409, b"5\n", False)
        wrong = AddCheckpoint(5, proofs[5, 12][:-1], second).to_bytes()
        answer = WITNESS.add_checkpoint(tx, wrong, AT, logs=LOGS)
        assert (answer.outcome.value, answer.body()) == (422, b"")
        assert known_checkpoint(tx, uk().origin) == Note.from_text(first).checkpoint


def test_from_size_0_the_proof_must_be_empty() -> None:
    (first,), _ = grown(5)
    with memory().begin() as tx:
        raw = AddCheckpoint(0, (bytes(32),), first).to_bytes()
        assert WITNESS.add_checkpoint(tx, raw, AT, logs=LOGS).outcome is Outcome.INCONSISTENT


def test_an_empty_log_can_be_cosigned_and_grow() -> None:
    empty = sign_checkpoint(Checkpoint(uk().origin, 0, EMPTY_ROOT), uk().ledger, AT).text()
    (first,), _ = grown(5)
    with memory().begin() as tx:
        for note in (empty, first):
            raw = AddCheckpoint(0, (), note).to_bytes()
            assert WITNESS.add_checkpoint(tx, raw, AT, logs=LOGS).outcome is Outcome.COSIGNED


def test_an_unknown_log_an_unsigned_note_and_noise_have_their_own_answers() -> None:
    (first,), _ = grown(5)
    stranger = sign_checkpoint(Note.from_text(first).checkpoint, LedgerKeys.generate(), AT).text()
    asked = {
        Outcome.UNKNOWN_LOG: (AddCheckpoint(0, (), first).to_bytes(), {}),
        Outcome.UNSIGNED: (AddCheckpoint(0, (), stranger).to_bytes(), LOGS),
        Outcome.MALFORMED: (AddCheckpoint(6, (), first).to_bytes(), LOGS),
    }
    with memory().begin() as tx:
        for outcome, (raw, logs) in asked.items():
            assert WITNESS.add_checkpoint(tx, raw, AT, logs=logs).outcome is outcome
        for noise in (
            b"",
            b"old 0\n\n",
            b"old 01\n\n" + first.encode(),
            b"\xff",
            b"old 0\n!\n\n",
            b"x" * 200_000,
        ):
            assert WITNESS.add_checkpoint(tx, noise, AT, logs=LOGS).outcome is Outcome.MALFORMED
        long = AddCheckpoint(0, (bytes(32),) * 64, first).to_bytes()
        assert WITNESS.add_checkpoint(tx, long, AT, logs=LOGS).outcome is Outcome.MALFORMED
        assert known_checkpoint(tx, uk().origin) is None


def test_a_request_is_the_one_of_c2sp() -> None:
    request = AddCheckpoint(7, (bytes(32),), "note\n")
    assert request.to_bytes() == b"old 7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nnote\n"
    assert AddCheckpoint.from_bytes(request.to_bytes()) == request


def test_heads_are_compared_in_every_direction() -> None:
    (first, second), proofs = grown(5, 12)
    small, large = Note.from_text(first).checkpoint, Note.from_text(second).checkpoint
    assert compare_heads(small, small) is Heads.SAME
    assert compare_heads(small, large, proofs[5, 12]) is Heads.AHEAD
    assert compare_heads(small, large) is Heads.AHEAD
    assert compare_heads(large, small) is Heads.BEHIND
    assert compare_heads(large, small, proofs[5, 12]) is Heads.BEHIND
    assert compare_heads(small, large, (bytes(32),)) is Heads.SPLIT
    assert compare_heads(small, Checkpoint(small.origin, 5, bytes(32))) is Heads.SPLIT
    with pytest.raises(LedgerError, match="two logs"):
        compare_heads(small, Checkpoint("fr-paf/ledger", 5, small.root))


def test_evidence_of_a_split_is_kept_once() -> None:
    (first,), _ = grown(5)
    other = sign_checkpoint(Checkpoint(uk().origin, 5, bytes(32)), uk().ledger, AT).text()
    with memory().begin() as tx:
        WITNESS.add_checkpoint(tx, AddCheckpoint(0, (), first).to_bytes(), AT, logs=LOGS)
        for _ in range(2):
            answer = WITNESS.add_checkpoint(tx, AddCheckpoint(5, (), other).to_bytes(), AT, logs=LOGS)
            assert (answer.outcome, answer.split_view) == (Outcome.CONFLICT, True)
        (row,) = tx.execute(select(tables.split_views)).all()
        assert (row.held, row.seen) == (first, other)


def test_entries_differ_by_their_number() -> None:
    assert entry(1).leaf() != entry(2).leaf()
    assert Log(uk().origin, uk().ledger).origin == uk().origin
