"""Sealing: to one node (HPKE, hybrid post-quantum), and attachments in chunks.

What is sealed today must stay secret in 2055, so every seal mixes ML-KEM-768 with X25519. The context is
bound: bytes sealed for one sender, recipient and reference do not open under another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cordiale.errors import OpenError, SealError
from cordiale.seals.canonical import canonical
from cordiale.seals.keys import SUITE, SealingKeys, SealingPublic, fresh_bytes

_HPKE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
CHUNK_BYTES: Final = 64 * 1024
"""Plaintext of every chunk but the last. 64 KiB: one disk sync costs the same up to there."""
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
CHUNKS_MAX: Final = 1 << 24  # 1 TiB; the counter has room for far more
CHUNK_KEY_BYTES: Final = 32


def sealing_info(*, sender: str, recipient: str, reference: str, suite: str = SUITE) -> bytes:
    """The context a seal is bound to: SHA-256 of canonical {suite, sender, recipient, reference}.

    Raises SealError for any suite but ours: there is nothing to negotiate.
    """
    if suite != SUITE:
        raise SealError(f"Suite `{suite[:40]}` is not spoken here.", field="suite", way_out=f"Use {SUITE}.")
    fields = {"suite": suite, "sender": sender, "recipient": recipient, "reference": reference}
    return sha256(canonical(fields)).digest()


def seal(plaintext: bytes, public: SealingPublic, info: bytes) -> bytes:
    """Seal to one node: HPKE MLKEM768-X25519 / HKDF-SHA256 / AES-256-GCM, single shot, 1,136 bytes longer."""
    return _HPKE.encrypt(plaintext, public.joined(), info=info)


def unseal(sealed: bytes, keys: SealingKeys, info: bytes) -> bytes:
    """Open what was sealed to these keys in this context. Raises OpenError otherwise."""
    try:
        return _HPKE.decrypt(sealed, MLKEM768X25519PrivateKey(keys.mlkem768, keys.x25519), info=info)
    except (InvalidTag, ValueError):
        raise OpenError from None


def new_chunk_key() -> bytes:
    """A key for one attachment alone, 32 bytes; it travels inside the sealed body."""
    return fresh_bytes()


@dataclass(frozen=True, slots=True, repr=False)
class Chunks:
    """Seals and opens the chunks of one attachment.

    Key: HKDF-SHA256(attachment key, info = "cordiale chunks v1" NUL attachment id). Nonce: 11 bytes of index
    and one byte that is 1 in the last chunk alone; so a chunk moved, swapped, cut off or added does not open.
    """

    cipher: AESGCM

    @classmethod
    def of(cls, key: bytes, attachment: str) -> Chunks:
        """The chunks of attachment `attachment` under its own `key` (32 bytes)."""
        if len(key) != CHUNK_KEY_BYTES:
            raise SealError(f"An attachment key has {CHUNK_KEY_BYTES} bytes, not `{len(key)}`.")
        info = b"cordiale chunks v1\x00" + attachment.encode()
        return cls(AESGCM(HKDF(hashes.SHA256(), CHUNK_KEY_BYTES, None, info).derive(key)))

    def seal(self, index: int, plaintext: bytes, *, last: bool) -> bytes:
        """Seal one chunk. All but the last have CHUNK_BYTES; only a last and only chunk may be empty."""
        _check_chunk(index, len(plaintext), last=last)
        return self.cipher.encrypt(_nonce(index, last=last), plaintext, None)

    def open(self, index: int, sealed: bytes, *, last: bool) -> bytes:
        """Open one chunk in its place. Raises OpenError when it is not that chunk."""
        try:
            _check_chunk(index, len(sealed) - TAG_BYTES, last=last)
            return self.cipher.decrypt(_nonce(index, last=last), sealed, None)
        except (InvalidTag, SealError):
            raise OpenError(f"Chunk `{index}` of the attachment does not open.") from None


def _check_chunk(index: int, count: int, *, last: bool) -> None:
    fits = count == CHUNK_BYTES if not last else 0 <= count <= CHUNK_BYTES and (count > 0 or index == 0)
    if not fits or not 0 <= index < CHUNKS_MAX:
        raise SealError(
            f"Chunk `{index}` of `{count}` bytes does not fit: all but the last have {CHUNK_BYTES}."
        )


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11) + bytes([last])


def cut(content: bytes) -> list[bytes]:
    """Cut content into plaintext chunks; empty content is one empty chunk."""
    return [content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)] or [b""]


def seal_chunks(content: bytes, key: bytes, attachment: str) -> list[bytes]:
    """All sealed chunks of an attachment, in order."""
    chunks, pieces = Chunks.of(key, attachment), cut(content)
    return [chunks.seal(i, piece, last=i == len(pieces) - 1) for i, piece in enumerate(pieces)]


def open_chunks(sealed: Iterable[bytes], key: bytes, attachment: str) -> Iterator[bytes]:
    """Open chunks one after another; truncation shows at the end, so use nothing until it has ended well.

    Raises OpenError at the first chunk that is not in its place, or when the last one is missing.
    """
    chunks, waiting, index = Chunks.of(key, attachment), None, 0
    for piece in sealed:
        if waiting is not None:
            yield chunks.open(index, waiting, last=False)
            index += 1
        waiting = piece
    if waiting is None:
        raise OpenError("The attachment has no chunks.")
    yield chunks.open(index, waiting, last=True)
