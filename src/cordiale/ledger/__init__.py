"""What happened, so that neither Side can alter it: entries, tree, checkpoints, witnesses, exchange files."""

from cordiale.ledger.audit import Finding, audit
from cordiale.ledger.checkpoint import Checkpoint, Note, NoteSignature, cosigned_at, open_checkpoint
from cordiale.ledger.entry import Commitment, Entry, Kind, commitment_digest
from cordiale.ledger.file import Enclosed, Opening, SignedReceipt, export
from cordiale.ledger.log import Inclusion, Log, Logged
from cordiale.ledger.tree import verify_consistency, verify_inclusion
from cordiale.ledger.verifying import Verified, verify
from cordiale.ledger.witness import (
    AddCheckpoint,
    Heads,
    Outcome,
    Witness,
    WitnessAnswer,
    compare_heads,
    known_checkpoint,
)

__all__ = [
    "AddCheckpoint",
    "Checkpoint",
    "Commitment",
    "Enclosed",
    "Entry",
    "Finding",
    "Heads",
    "Inclusion",
    "Kind",
    "Log",
    "Logged",
    "Note",
    "NoteSignature",
    "Opening",
    "Outcome",
    "SignedReceipt",
    "Verified",
    "Witness",
    "WitnessAnswer",
    "audit",
    "commitment_digest",
    "compare_heads",
    "cosigned_at",
    "export",
    "known_checkpoint",
    "open_checkpoint",
    "verify",
    "verify_consistency",
    "verify_inclusion",
]
