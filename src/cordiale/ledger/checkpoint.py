"""Checkpoints and cosignatures as C2SP signed notes: what a log promises, and who has seen it.

Our logs sign each checkpoint twice, Ed25519 (type 0x01) and ML-DSA-44 (type 0x06); both must hold. Witnesses
cosign with ML-DSA-44, which commits to their name. Other signatures on a note are ignored, as C2SP demands.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Self

from cordiale.errors import LedgerError, SignatureError
from cordiale.seals import LedgerKeys, LedgerPublic

ED25519_TYPE: Final = 0x01
MLDSA44_TYPE: Final = 0x06
NOTE_BYTES_MAX: Final = 128 * 1024  # 16 signatures of 3.3 kB in base64 and room to spare
SIGNATURES_MAX: Final = 32
_LABEL: Final = b"subtree/v1\n\x00"
_SEPARATOR: Final = "\n\n"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/\-]{0,199}")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")


def check_origin(name: str) -> str:
    """The name when it can be a log's origin or a witness's name; raises LedgerError otherwise."""
    if not _NAME.fullmatch(name):
        raise LedgerError(
            f"`{name[:60]}` cannot name a log.", way_out="Use letters, digits and . : / - only."
        )
    return name


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its origin, its number of entries, its root hash."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the three lines; extension lines are refused, since ML-DSA-44 does not sign them."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not _SIZE.fullmatch(lines[1]):
            raise LedgerError("A checkpoint has three lines: origin, size, root.")
        root = _base64(lines[2])
        if len(root) != 32:
            raise LedgerError("A checkpoint's root has 32 bytes.")
        return cls(check_origin(lines[0]), int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note: key name, four bytes of key id, signature."""

    name: str
    key_id: bytes
    raw: bytes

    def line(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.raw).decode()}\n"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Read "— name base64", without its newline."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise LedgerError("A signature line is an em dash, a name and base64.")
        blob = _base64(parts[2])
        if len(blob) < 5:
            raise LedgerError("A signature line holds a key id and a signature.")
        return cls(check_origin(parts[1]), blob[:4], blob[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: text and signature lines, nothing verified yet."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    def text(self) -> str:
        """The note as it travels."""
        return self.checkpoint.text() + "\n" + "".join(one.line() for one in self.signatures)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises LedgerError for anything that is not a checkpoint note in its one spelling."""
        if len(text) > NOTE_BYTES_MAX or _SEPARATOR not in text:
            raise LedgerError("This is not a signed checkpoint.")
        body, _, tail = text.rpartition(_SEPARATOR)
        lines = tail.split("\n")
        if lines[-1] or not 2 <= len(lines) <= SIGNATURES_MAX + 1:
            raise LedgerError(f"A checkpoint has 1 to {SIGNATURES_MAX} signature lines.")
        checkpoint = Checkpoint.from_text(body + "\n")
        signatures = tuple(NoteSignature.from_line(line) for line in lines[:-1])
        if len({(one.name, one.key_id) for one in signatures}) != len(signatures):
            raise LedgerError("A checkpoint has one signature line a key.")
        return cls(checkpoint, signatures)

    def with_line(self, line: NoteSignature) -> Note:
        """The same note with one more signature; a line already there is not doubled."""
        return self if line in self.signatures else Note(self.checkpoint, (*self.signatures, line))


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """C2SP: SHA-256(name || newline || type byte || public key)[:4]."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, keys: LedgerKeys, at: datetime) -> Note:
    """The log's own two signatures. The caller answers for never signing two histories."""
    name, public = check_origin(checkpoint.origin), keys.public()
    plain = NoteSignature(
        name, key_id(name, ED25519_TYPE, public.ed25519), keys.ed25519.sign(checkpoint.text().encode())
    )
    return Note(checkpoint, (plain, cosign(checkpoint, name, keys, at)))


def open_checkpoint(text: str, origin: str, public: LedgerPublic) -> tuple[Note, datetime]:
    """The note, verified under both keys of log `origin`, and when it was signed.

    Raises LedgerError when the origin is another or a signature is missing or wrong.
    """
    note = Note.from_text(text)
    if note.checkpoint.origin != origin:
        raise LedgerError(f"The checkpoint is of log `{note.checkpoint.origin}`, not of `{origin}`.")
    plain = _lines_of(note, origin, key_id(origin, ED25519_TYPE, public.ed25519))
    try:
        for line in plain:
            public.check_ed25519(note.checkpoint.text().encode(), line.raw)
    except SignatureError as fault:
        raise LedgerError(f"The checkpoint of `{origin}` is not signed by its key: {fault}") from None
    signed_at = cosigned_at(note, origin, public)
    if not plain or signed_at is None:
        raise LedgerError(f"The checkpoint of `{origin}` lacks a signature of its log.")
    return note, signed_at


def cosign(checkpoint: Checkpoint, name: str, keys: LedgerKeys, at: datetime) -> NoteSignature:
    """An ML-DSA-44 cosignature (C2SP tlog-cosignature, subtree/v1) by `name`, at `at` to the second."""
    stamp = int(at.timestamp())
    signature = keys.mldsa44.sign(cosigned_message(checkpoint, check_origin(name), stamp))
    return NoteSignature(
        name, key_id(name, MLDSA44_TYPE, keys.public().mldsa44), stamp.to_bytes(8) + signature
    )


def cosigned_at(note: Note, name: str, public: LedgerPublic) -> datetime | None:
    """When `name` cosigned this note; None when it did not. Raises LedgerError when its line is wrong."""
    lines = _lines_of(note, name, key_id(name, MLDSA44_TYPE, public.mldsa44))
    stamp = 0
    for line in lines:
        stamp = int.from_bytes(line.raw[:8])
        try:
            public.check_mldsa44(cosigned_message(note.checkpoint, name, stamp), line.raw[8:])
        except SignatureError as fault:
            raise LedgerError(f"The cosignature of `{name}` is wrong: {fault}") from None
    return datetime.fromtimestamp(stamp, UTC) if lines else None


def cosigned_message(checkpoint: Checkpoint, name: str, stamp: int) -> bytes:
    """C2SP cosigned_message: label, cosigner, timestamp, origin, start 0, end, root."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            _LABEL,
            bytes([len(cosigner)]),
            cosigner,
            stamp.to_bytes(8),
            bytes([len(origin)]),
            origin,
            (0).to_bytes(8),
            checkpoint.size.to_bytes(8),
            checkpoint.root,
        )
    )


def _lines_of(note: Note, name: str, wanted: bytes) -> list[NoteSignature]:
    return [line for line in note.signatures if line.name == name and line.key_id == wanted]


def _base64(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if not raw or b64encode(raw).decode() != text:
        raise LedgerError("A line of the checkpoint is not base64.")
    return raw
