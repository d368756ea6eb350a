"""The keys of a node: to sign, to seal, and to sign the ledger. One suite, no negotiation.

Keys draw from the operating system inside `cryptography`. Private keys leave this room only through
`Vault.lock`; `to_bytes` of a private key is for the vault alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from cordiale.errors import SealError, SignatureError
from cordiale.seals.canonical import digest

SUITE: Final = "cordiale-1"
"""Ed25519 + ML-DSA-65 (both must hold), HPKE MLKEM768-X25519 / HKDF-SHA256 / AES-256-GCM, SHA-256.

There is one suite. It is named in every header so that a later one is a new name, never a choice."""

ED25519_BYTES: Final = 32
ED25519_SIGNATURE: Final = 64
MLDSA65_PUBLIC: Final = 1952
MLDSA65_SIGNATURE: Final = 3309
MLDSA44_PUBLIC: Final = 1312
MLDSA44_SIGNATURE: Final = 2420
MLKEM768_PUBLIC: Final = 1184
MLKEM768_SEED: Final = 64
SEED: Final = 32
KEYS_READ: Final = 256  # public keys kept ready to seal to: as many as a node has partners


def fresh_bytes() -> bytes:
    """32 bytes from the operating system, drawn inside `cryptography`: for salts and content keys."""
    return AESGCM.generate_key(bit_length=256)


def _of_length(raw: bytes, count: int, what: str) -> bytes:
    if len(raw) != count:
        raise SealError(f"{what} has `{len(raw)}` bytes instead of {count}.")
    return raw


@dataclass(frozen=True, slots=True)
class Signature:
    """Both signatures over the same bytes: Ed25519 (64 bytes) and ML-DSA-65 (3,309 bytes)."""

    ed25519: bytes
    mldsa65: bytes

    def to_bytes(self) -> bytes:
        return self.ed25519 + self.mldsa65

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        if len(raw) != ED25519_SIGNATURE + MLDSA65_SIGNATURE:
            raise SignatureError(
                f"A signature has {ED25519_SIGNATURE + MLDSA65_SIGNATURE} bytes, not `{len(raw)}`."
            )
        return cls(raw[:ED25519_SIGNATURE], raw[ED25519_SIGNATURE:])


@dataclass(frozen=True, slots=True)
class SigningPublic:
    """What others need to check a signature: Ed25519 (32 bytes) and ML-DSA-65 (1,952 bytes)."""

    ed25519: bytes
    mldsa65: bytes

    def to_bytes(self) -> bytes:
        return self.ed25519 + self.mldsa65

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        _of_length(raw, ED25519_BYTES + MLDSA65_PUBLIC, "A signing key")
        return cls(raw[:ED25519_BYTES], raw[ED25519_BYTES:])

    def id(self) -> str:
        """The digest by which this key is named."""
        return digest(self.to_bytes())

    def check(self, framed: bytes, signature: Signature) -> None:
        """Both signatures must hold over `framed`, or SignatureError: neither alone is enough."""
        try:
            Ed25519PublicKey.from_public_bytes(self.ed25519).verify(signature.ed25519, framed)
            MLDSA65PublicKey.from_public_bytes(self.mldsa65).verify(signature.mldsa65, framed)
        except (InvalidSignature, ValueError):
            raise SignatureError("The signature does not hold under this key.") from None


@dataclass(frozen=True, slots=True, repr=False)
class SigningKeys:
    """The private half: Ed25519 and ML-DSA-65, kept as their two seeds of 32 bytes."""

    ed25519: Ed25519PrivateKey
    mldsa65: MLDSA65PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls(Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate())

    def public(self) -> SigningPublic:
        return SigningPublic(
            self.ed25519.public_key().public_bytes_raw(), self.mldsa65.public_key().public_bytes_raw()
        )

    def sign(self, framed: bytes) -> Signature:
        return Signature(self.ed25519.sign(framed), self.mldsa65.sign(framed))

    def to_bytes(self) -> bytes:
        """Both seeds, 64 bytes: for the vault alone."""
        return self.ed25519.private_bytes_raw() + self.mldsa65.private_bytes_raw()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        _of_length(raw, 2 * SEED, "A private signing key")
        return cls(
            Ed25519PrivateKey.from_private_bytes(raw[:SEED]), MLDSA65PrivateKey.from_seed_bytes(raw[SEED:])
        )


@dataclass(frozen=True, slots=True)
class SealingPublic:
    """What others need to seal to a node: ML-KEM-768 (1,184 bytes) and X25519 (32 bytes)."""

    mlkem768: bytes
    x25519: bytes

    def to_bytes(self) -> bytes:
        return self.mlkem768 + self.x25519

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        _of_length(raw, MLKEM768_PUBLIC + SEED, "A sealing key")
        return cls(raw[:MLKEM768_PUBLIC], raw[MLKEM768_PUBLIC:])

    def id(self) -> str:
        """The digest by which this key is named."""
        return digest(self.to_bytes())

    def joined(self) -> MLKEM768X25519PublicKey:
        """Both keys as one. Raises SealError for bytes that are no key."""
        return _joined(self)


@lru_cache(KEYS_READ)
def _joined(public: SealingPublic) -> MLKEM768X25519PublicKey:
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public.mlkem768)
        return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(public.x25519))
    except ValueError:
        raise SealError("These bytes are not a sealing key.") from None


@dataclass(frozen=True, slots=True, repr=False)
class SealingKeys:
    """The private half: ML-KEM-768 (seed of 64 bytes) and X25519 (32 bytes)."""

    mlkem768: MLKEM768PrivateKey
    x25519: X25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    def public(self) -> SealingPublic:
        return SealingPublic(
            self.mlkem768.public_key().public_bytes_raw(), self.x25519.public_key().public_bytes_raw()
        )

    def to_bytes(self) -> bytes:
        """Both seeds, 96 bytes: for the vault alone."""
        return self.mlkem768.private_bytes_raw() + self.x25519.private_bytes_raw()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        _of_length(raw, MLKEM768_SEED + SEED, "A private sealing key")
        return cls(
            MLKEM768PrivateKey.from_seed_bytes(raw[:MLKEM768_SEED]),
            X25519PrivateKey.from_private_bytes(raw[MLKEM768_SEED:]),
        )


@dataclass(frozen=True, slots=True)
class LedgerPublic:
    """What others need to check a checkpoint or a cosignature: Ed25519 (32) and ML-DSA-44 (1,312 bytes)."""

    ed25519: bytes
    mldsa44: bytes

    def to_bytes(self) -> bytes:
        return self.ed25519 + self.mldsa44

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        _of_length(raw, ED25519_BYTES + MLDSA44_PUBLIC, "A ledger key")
        return cls(raw[:ED25519_BYTES], raw[ED25519_BYTES:])

    def check_ed25519(self, message: bytes, signature: bytes) -> None:
        """Raises SignatureError unless the Ed25519 signature holds."""
        try:
            Ed25519PublicKey.from_public_bytes(self.ed25519).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise SignatureError("The Ed25519 signature of the note does not hold.") from None

    def check_mldsa44(self, message: bytes, signature: bytes) -> None:
        """Raises SignatureError unless the ML-DSA-44 signature holds."""
        try:
            MLDSA44PublicKey.from_public_bytes(self.mldsa44).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise SignatureError("The ML-DSA-44 cosignature does not hold.") from None


@dataclass(frozen=True, slots=True, repr=False)
class LedgerKeys:
    """The private half of a ledger's keys: Ed25519 and ML-DSA-44, as C2SP checkpoints want them."""

    ed25519: Ed25519PrivateKey
    mldsa44: MLDSA44PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls(Ed25519PrivateKey.generate(), MLDSA44PrivateKey.generate())

    def public(self) -> LedgerPublic:
        return LedgerPublic(
            self.ed25519.public_key().public_bytes_raw(), self.mldsa44.public_key().public_bytes_raw()
        )

    def to_bytes(self) -> bytes:
        """Both seeds, 64 bytes: for the vault alone."""
        return self.ed25519.private_bytes_raw() + self.mldsa44.private_bytes_raw()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        _of_length(raw, 2 * SEED, "A private ledger key")
        return cls(
            Ed25519PrivateKey.from_private_bytes(raw[:SEED]), MLDSA44PrivateKey.from_seed_bytes(raw[SEED:])
        )
