"""Signatures over framed bytes, alone or over a Merkle batch.

DSSE's pre-authentication encoding binds the kind of a body to its bytes, so that a receipt can never be
passed off as a message. A batch is signed once over its root; each body carries its path.
"""

from __future__ import annotations

from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self

from cordiale.errors import SealError, SignatureError
from cordiale.seals.canonical import canonical
from cordiale.seals.keys import Signature, SigningKeys, SigningPublic
from cordiale.seals.merkle import leaf_hash, paths_of, root_from_path

MESSAGE_KIND: Final = "application/vnd.cordiale.message.v1"
RECEIPT_KIND: Final = "application/vnd.cordiale.receipt.v1"
BATCH_KIND: Final = "application/vnd.cordiale.batch.v1"
BATCH_MAX: Final = 4096  # 12 steps of path; beyond that one signature costs less than one path
_PAIRS_MAX: Final = 128  # pairs of signatures kept read, about 8 kB each: those of batches that come now
_HASH_CHARS: Final = 44  # of 32 bytes
_HASHES_MAX: Final = 4096  # hashes kept read, about 200 bytes each: two batches of receipts with their paths
_ROOTS_MAX: Final = 1024  # verified batch roots remembered; 1,024 x about 100 bytes


def frame(kind: str, body: bytes) -> bytes:
    """DSSE v1 PAE: "DSSEv1" SP LEN(kind) SP kind SP LEN(body) SP body."""
    name = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(body), body)


def sign(kind: str, body: bytes, keys: SigningKeys) -> Signature:
    """Sign `body` as a `kind` with Ed25519 and ML-DSA-65."""
    return keys.sign(frame(kind, body))


def verify(kind: str, body: bytes, signature: Signature, public: SigningPublic) -> None:
    """Raises SignatureError unless both signatures hold over `body` as a `kind`."""
    public.check(frame(kind, body), signature)


@dataclass(frozen=True, slots=True)
class BatchSignature:
    """One body's share of a signed batch: its place, its path to the root, the signature over the root."""

    index: int
    size: int
    path: tuple[bytes, ...]
    signature: Signature

    def as_json(self) -> dict[str, object]:
        """{"index", "size", "path": [base64], "signature": base64}: what travels."""
        return {
            "index": self.index,
            "size": self.size,
            "path": [b64encode(step).decode() for step in self.path],
            "signature": b64encode(self.signature.to_bytes()).decode(),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> Self:
        """Raises SignatureError for anything that is not the form `as_json` writes."""
        index, size, path = fields.get("index"), fields.get("size"), fields.get("path")
        if set(fields) != {"index", "size", "path", "signature"} or type(index) is not int:
            raise SignatureError("A batch signature has index, size, path and signature, and nothing else.")
        if type(size) is not int or not 0 <= index < size <= BATCH_MAX or not isinstance(path, list):
            raise SignatureError(f"A batch has between 1 and {BATCH_MAX} bodies.")
        steps = tuple(base64_bytes(step) for step in path)
        return cls(index, size, steps, _pair_of(fields["signature"]))


def _pair_of(text: object) -> Signature:
    """The pair of signatures that a text spells; each body of a batch brings the same, which is read once."""
    return _pair_in(text) if isinstance(text, str) else Signature.from_bytes(base64_bytes(text))


@lru_cache(_PAIRS_MAX)
def _pair_in(text: str) -> Signature:
    return Signature.from_bytes(base64_bytes(text))


def base64_bytes(value: object) -> bytes:
    """The bytes of standard base64 text, one spelling only. Raises SignatureError otherwise.

    Read strictly, only the bits that pad the last group can be spelled in several ways: that group is written
    again, and the length compared.
    """
    if type(value) is str and len(value) == _HASH_CHARS:
        return _hash_in(value)
    return _read_base64(value)


@lru_cache(_HASHES_MAX)
def _hash_in(text: str) -> bytes:
    """A hash that a text spells; the upper steps of the paths of one batch or tree are the same ones."""
    return _read_base64(text)


def _read_base64(value: object) -> bytes:
    try:
        raw = a2b_base64(value, strict_mode=True) if isinstance(value, str) else None
    except (Base64Error, ValueError):
        raw = None
    if raw is not None and isinstance(value, str):
        last = b2a_base64(raw[(len(raw) - 1) // 3 * 3 :] if raw else b"", newline=False).decode()
        if len(value) == (len(raw) + 2) // 3 * 4 and value.endswith(last):
            return raw
    raise SignatureError("A signature field is not base64.")


def sign_batch(
    bodies: Sequence[bytes], keys: SigningKeys, *, kind: str = MESSAGE_KIND
) -> list[BatchSignature]:
    """Sign all `bodies` with one pair of signatures; in order, one BatchSignature each.

    Raises SealError for an empty batch or one of more than BATCH_MAX bodies.
    """
    if not 1 <= len(bodies) <= BATCH_MAX:
        raise SealError(f"A batch has between 1 and {BATCH_MAX} bodies, not `{len(bodies)}`.")
    leaves = [leaf_hash(frame(kind, body)) for body in bodies]
    root, paths = paths_of(leaves)
    signature = sign(BATCH_KIND, _root_body(root, len(leaves)), keys)
    return [BatchSignature(i, len(leaves), path, signature) for i, path in enumerate(paths)]


def verify_batch(
    body: bytes, signature: BatchSignature, public: SigningPublic, *, kind: str = MESSAGE_KIND
) -> None:
    """Raises SignatureError unless `body` lies in the batch and both signatures hold over its root."""
    verify(BATCH_KIND, _batch_body(body, signature, kind), signature.signature, public)


@dataclass(slots=True)
class BatchVerifier:
    """`verify_batch` that remembers the roots it has verified: the two signatures are checked once a batch.

    A remembered root is bound to key and signature; another key, root or signature is checked anew.
    """

    _verified: OrderedDict[tuple[bytes, Signature, SigningPublic], None] = field(
        default_factory=OrderedDict, repr=False
    )

    def verify(
        self, body: bytes, signature: BatchSignature, public: SigningPublic, *, kind: str = MESSAGE_KIND
    ) -> None:
        """Raises SignatureError as `verify_batch` does."""
        root = _batch_body(body, signature, kind)
        key = (root, signature.signature, public)
        if key in self._verified:
            self._verified.move_to_end(key)
            return
        verify(BATCH_KIND, root, signature.signature, public)
        self._verified[key] = None
        if len(self._verified) > _ROOTS_MAX:
            self._verified.popitem(last=False)


def _batch_body(body: bytes, signature: BatchSignature, kind: str) -> bytes:
    try:
        leaf = leaf_hash(frame(kind, body))
        root = root_from_path(leaf, signature.index, signature.size, signature.path)
    except SealError as fault:
        raise SignatureError(f"The batch path does not fit: {fault}") from None
    return _root_body(root, signature.size)


def _root_body(root: bytes, size: int) -> bytes:
    return canonical({"root": root.hex(), "size": size})
