"""The witness: cosigns a partner's checkpoint after it has proved to continue the last one we cosigned.

Never two histories: what was cosigned is stored in the same transaction, before the cosignature is shown.
The request and the answers are those of C2SP tlog-witness.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Self

from sqlalchemy import Connection, insert, select, update

from cordiale.errors import LedgerError, SealError
from cordiale.ledger import tables
from cordiale.ledger.checkpoint import NOTE_BYTES_MAX, Checkpoint, Note, check_origin, cosign, open_checkpoint
from cordiale.ledger.tree import PROOF_MAX, verify_consistency
from cordiale.seals import EMPTY_ROOT, LedgerKeys, LedgerPublic, write_time
from cordiale.seals.signing import base64_bytes

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,15})")


class Outcome(Enum):
    """What the witness did. The number is the HTTP status that C2SP tlog-witness prescribes."""

    COSIGNED = 200
    MALFORMED = 400
    UNSIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """The answer: `size` is what we cosigned last (for CONFLICT), `line` the cosignature (for COSIGNED).

    `split_view` is true when the log has signed two trees of one size: evidence was kept, an alarm is due.
    """

    outcome: Outcome
    size: int = 0
    line: str = ""
    split_view: bool = False

    def body(self) -> bytes:
        """The body that C2SP prescribes: signature line, known size, or nothing."""
        if self.outcome is Outcome.COSIGNED:
            return self.line.encode()
        return f"{self.size}\n".encode() if self.outcome is Outcome.CONFLICT else b""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign: the size we are thought to know, the proof from there, the log's note."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def to_bytes(self) -> bytes:
        """ "old N", a proof line for each hash, an empty line, the note."""
        steps = "".join(f"{b64encode(step).decode()}\n" for step in self.proof)
        return f"old {self.old}\n{steps}\n{self.note}".encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises LedgerError for anything that is not such a request."""
        if len(raw) > NOTE_BYTES_MAX:
            raise LedgerError("The request is too long.")
        try:
            head, gap, note = raw.decode().partition("\n\n")
            first, *rest = head.split("\n")
            matched = _OLD.fullmatch(first)
            proof = tuple(base64_bytes(line) for line in rest)
        except (UnicodeDecodeError, SealError):
            raise LedgerError("The request is not text with a proof in base64.") from None
        if not matched or not gap or len(proof) > PROOF_MAX:
            raise LedgerError(
                f'The request has "old N", up to {PROOF_MAX} proof lines, an empty line and a note.'
            )
        return cls(int(matched[1]), proof, note)


@dataclass(frozen=True, slots=True)
class Witness:
    """Cosigns the checkpoints of known logs under `name`, which is our own log's origin."""

    name: str
    keys: LedgerKeys = field(repr=False)

    def __post_init__(self) -> None:
        check_origin(self.name)

    def add_checkpoint(
        self, tx: Connection, raw: bytes, at: datetime, *, logs: Mapping[str, LedgerPublic]
    ) -> WitnessAnswer:
        """Answer one request. `logs`: origin -> key of every partner's log, from their checked node cards."""
        try:
            request = AddCheckpoint.from_bytes(raw)
            origin = Note.from_text(request.note).checkpoint.origin
        except LedgerError:
            return WitnessAnswer(Outcome.MALFORMED)
        if origin not in logs:
            return WitnessAnswer(Outcome.UNKNOWN_LOG)
        try:
            note, _ = open_checkpoint(request.note, origin, logs[origin])
        except LedgerError:
            return WitnessAnswer(Outcome.UNSIGNED)
        if request.old > note.checkpoint.size:
            return WitnessAnswer(Outcome.MALFORMED)
        return self._judge(tx, request, note, at)

    def _judge(self, tx: Connection, request: AddCheckpoint, note: Note, at: datetime) -> WitnessAnswer:
        """The checkpoint is the log's own: does it continue what we know?"""
        seen, known = note.checkpoint, known_checkpoint(tx, note.checkpoint.origin)
        size = known.size if known else 0
        if known and known.size == seen.size and known.root != seen.root:
            _keep_evidence(tx, note, at)
            return WitnessAnswer(Outcome.CONFLICT, size=size, split_view=True)
        if request.old != size:
            return WitnessAnswer(Outcome.CONFLICT, size=size)
        if not _continues(known, seen, request.proof):
            return WitnessAnswer(Outcome.INCONSISTENT)
        _remember(tx, note, founded=known is not None)
        return WitnessAnswer(Outcome.COSIGNED, seen.size, cosign(seen, self.name, self.keys, at).line())


def known_checkpoint(tx: Connection, origin: str) -> Checkpoint | None:
    """The latest checkpoint of a partner's log that we have cosigned."""
    wanted = select(tables.witnessed.c.size, tables.witnessed.c.root).where(
        tables.witnessed.c.origin == origin
    )
    row = tx.execute(wanted).one_or_none()  # read on read-only connections too; the store has one writer
    return None if row is None else Checkpoint(origin, row.size, row.root)


def _continues(known: Checkpoint | None, seen: Checkpoint, proof: Sequence[bytes]) -> bool:
    if known is None or known.size == 0:
        # C2SP tlog-witness: from size 0 the proof must be empty; elsewhere nothing is proved from 0.
        return not proof and (seen.size > 0 or seen.root == EMPTY_ROOT)
    try:
        verify_consistency(known.size, seen.size, proof, old_root=known.root, new_root=seen.root)
    except LedgerError:
        return False
    return True


def _remember(tx: Connection, note: Note, *, founded: bool) -> None:
    seen = note.checkpoint
    row = {"size": seen.size, "root": seen.root, "note": note.text()}
    if founded:
        tx.execute(update(tables.witnessed).where(tables.witnessed.c.origin == seen.origin).values(**row))
    else:
        tx.execute(insert(tables.witnessed).values(origin=seen.origin, **row))


def begin_again(tx: Connection, note: Note, at: datetime) -> None:
    """Let a log go on from `note`, which its keys have signed and which is shorter than what we cosigned.

    Only after a person has said so: it cannot be proved. Both notes are kept as evidence, for ever.
    """
    known = known_checkpoint(tx, note.checkpoint.origin)
    if known is not None and known.size > note.checkpoint.size:
        _keep_evidence(tx, note, at)
        _remember(tx, note, founded=True)


def _keep_evidence(tx: Connection, note: Note, at: datetime) -> None:
    seen = note.checkpoint
    views = tables.split_views.c
    same = (views.origin == seen.origin) & (views.size == seen.size) & (views.root == seen.root)
    if tx.scalar(select(views.size).where(same)) is not None:
        return
    held = tx.scalar(select(tables.witnessed.c.note).where(tables.witnessed.c.origin == seen.origin))
    row = {"origin": seen.origin, "size": seen.size, "root": seen.root, "held": held}
    tx.execute(insert(tables.split_views).values(**row, seen=note.text(), seen_at=write_time(at)))


class Heads(Enum):
    """How a head that a partner shows stands to the one we hold of it."""

    SAME = "same"
    AHEAD = "ahead"
    BEHIND = "behind"
    SPLIT = "split"


def compare_heads(held: Checkpoint, seen: Checkpoint, proof: Sequence[bytes] | None = None) -> Heads:
    """Compare two heads of one log; `proof` leads from the smaller to the larger, when there is one.

    BEHIND: the log shows less than it once signed: a restored backup, or an old message. SPLIT: two trees of
    one size, or a proof that does not hold. AHEAD without proof is only a claim: ask for the proof.
    """
    if held.origin != seen.origin:
        raise LedgerError(f"Heads of two logs, `{held.origin}` and `{seen.origin}`, cannot be compared.")
    if held.size == seen.size:
        return Heads.SAME if held.root == seen.root else Heads.SPLIT
    old, new = (held, seen) if held.size < seen.size else (seen, held)
    if proof is not None and not _continues(old, new, proof):
        return Heads.SPLIT
    return Heads.AHEAD if new is seen else Heads.BEHIND
