"""At rest: private keys, bodies, attachments and backups under AES-256-GCM.

A passphrase (scrypt) opens the vault, the vault holds data keys, a data key and a salt give each record
its own key. Data keys rotate; old ones still open. Destroying a record's salt destroys the record.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from cordiale.errors import OpenError, SealError
from cordiale.seals.canonical import canonical, read_object
from cordiale.seals.keys import fresh_bytes
from cordiale.seals.signing import base64_bytes
from cordiale.seals.words import passphrase_weaknesses

FORMAT: Final = "cordiale-vault-1"
SALT_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
LOCKED_OVERHEAD_BYTES: Final = 4 + NONCE_BYTES + 16  # key number, nonce, tag
_KEYS_MAX: Final = 10_000  # a rotation a day for 27 years
_VAULT_BYTES_MAX: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """Cost of a guess at the passphrase. Default: 128 MiB and about half a second (OWASP 2025 for scrypt)."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1

    def __post_init__(self) -> None:
        power = self.n >= 2 and self.n & (self.n - 1) == 0
        # An altered vault file must not make us allocate what the machine has not: 1 GiB at most.
        if not power or self.r < 1 or not 1 <= self.p <= 16 or 128 * self.n * self.r > 1 << 30:
            raise SealError("The scrypt cost is out of bounds.", way_out="Use n=131072, r=8, p=1.")

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """The 32-byte key that a passphrase gives under this cost."""
        return Scrypt(salt=salt, length=KEY_BYTES, n=self.n, r=self.r, p=self.p).derive(passphrase.encode())


def new_salt() -> bytes:
    """A record's own salt, 32 bytes: keep it beside the index, not beside the record; destroy it to erase."""
    return fresh_bytes()


@dataclass(slots=True, repr=False)
class Vault:
    """An open vault. `lock` and `unlock` carry their salt; `lock_record` and `unlock_record` leave it to you.

    `place` names where bytes belong ("key/signing", "body/inbox/812"): moved bytes do not open.
    """

    _keys: dict[int, bytes]

    @classmethod
    def create(cls, passphrase: str, *, cost: ScryptCost | None = None) -> tuple[Self, bytes]:
        """A new vault with one data key, and the file that `open` reads.

        Raises SealError for a weak passphrase, naming each weakness.
        """
        vault = cls({1: fresh_bytes()})
        return vault, vault.to_bytes(passphrase, cost=cost)

    @classmethod
    def open(cls, raw: bytes, passphrase: str) -> Self:
        """Open a vault file. Raises OpenError when the passphrase is wrong or the file was altered."""
        fields = read_object(raw, bytes_max=_VAULT_BYTES_MAX)
        if set(fields) != {"cost", "format", "locked", "salt"} or fields["format"] != FORMAT:
            raise OpenError("This is not a vault file.", way_out=f"Give a file of format {FORMAT}.")
        try:
            wrap = _cost_from(fields["cost"]).key(passphrase, base64_bytes(fields["salt"]))
            inner = _decrypt(wrap, base64_bytes(fields["locked"]), _outer(fields))
        except (InvalidTag, ValueError, SealError) as fault:
            raise OpenError(
                "The vault does not open: the passphrase is wrong or the file was altered."
            ) from fault
        held = read_object(inner, bytes_max=_VAULT_BYTES_MAX)
        return cls({int(number): base64_bytes(key) for number, key in held.items()})

    def to_bytes(self, passphrase: str, *, cost: ScryptCost | None = None) -> bytes:
        """The vault file under `passphrase`: also the way to change the passphrase."""
        if weak := passphrase_weaknesses(passphrase):
            raise SealError("The passphrase is too weak: " + "; ".join(weak) + ".", field="passphrase")
        cost, salt = cost or ScryptCost(), fresh_bytes()
        fields: dict[str, object] = {
            "cost": {"n": cost.n, "p": cost.p, "r": cost.r},
            "format": FORMAT,
            "salt": b64encode(salt).decode(),
        }
        inner = canonical({str(number): b64encode(key).decode() for number, key in self._keys.items()})
        locked = _encrypt(cost.key(passphrase, salt), inner, _outer(fields))
        return canonical({**fields, "locked": b64encode(locked).decode()})

    @property
    def newest(self) -> int:
        """The number of the data key that locks now; it is the first four bytes of all that is locked."""
        return max(self._keys)

    def rotate(self) -> int:
        """Add a data key and lock with it from now on; write the vault file again before using it."""
        if len(self._keys) >= _KEYS_MAX:
            raise SealError(f"A vault holds at most {_KEYS_MAX} data keys.", way_out="Forget old keys first.")
        self._keys[self.newest + 1] = fresh_bytes()
        return self.newest

    def forget(self, number: int) -> None:
        """Destroy an old data key: all that is still locked under it is gone for ever."""
        if number == self.newest or number not in self._keys:
            raise SealError(
                f"Data key `{number}` cannot be forgotten.", way_out="Rotate first, relock, then forget."
            )
        del self._keys[number]

    def lock(self, plaintext: bytes, place: str) -> bytes:
        """Lock bytes with their salt beside them: for key files and backups. 64 bytes longer."""
        salt = fresh_bytes()
        return salt + self.lock_record(plaintext, place, salt)

    def unlock(self, locked: bytes, place: str) -> bytes:
        """Open what `lock` gave. Raises OpenError when it was altered or belongs to another place."""
        return self.unlock_record(locked[SALT_BYTES:], place, locked[:SALT_BYTES])

    def lock_record(self, plaintext: bytes, place: str, salt: bytes) -> bytes:
        """Lock a record under its own salt, kept apart: who destroys the salt has destroyed the record."""
        number = self.newest
        key = _record_key(self._keys[number], place, salt)
        return number.to_bytes(4) + _encrypt(key, plaintext, place.encode())

    def unlock_record(self, locked: bytes, place: str, salt: bytes) -> bytes:
        """Open a record. Raises OpenError for wrong salt or place, altered bytes, or a forgotten key."""
        held = self._keys.get(int.from_bytes(locked[:4]))
        if held is None or len(locked) < LOCKED_OVERHEAD_BYTES or len(salt) != SALT_BYTES:
            raise OpenError(f"Nothing here opens `{place}`: the key was forgotten or the bytes are cut.")
        try:
            return _decrypt(_record_key(held, place, salt), locked[4:], place.encode())
        except InvalidTag:
            raise OpenError(
                f"`{place}` does not open: it was altered, moved, or its salt destroyed."
            ) from None

    def is_current(self, locked_record: bytes) -> bool:
        """Whether a record is locked under the newest data key."""
        return int.from_bytes(locked_record[:4]) == self.newest

    def relock_record(self, locked: bytes, place: str, salt: bytes) -> bytes:
        """The same record under the newest data key."""
        return self.lock_record(self.unlock_record(locked, place, salt), place, salt)


def _cost_from(value: object) -> ScryptCost:
    if not isinstance(value, Mapping) or set(value) != {"n", "p", "r"}:
        raise SealError("The scrypt cost is missing.")
    n, r, p = value["n"], value["r"], value["p"]
    if type(n) is not int or type(r) is not int or type(p) is not int:
        raise SealError("The scrypt cost is not three integers.")
    return ScryptCost(n, r, p)


def _outer(fields: Mapping[str, object]) -> bytes:
    return canonical({name: fields[name] for name in ("cost", "format", "salt")})


def _record_key(held: bytes, place: str, salt: bytes) -> bytes:
    info = b"cordiale record v1\x00" + place.encode()
    return HKDF(hashes.SHA256(), KEY_BYTES, salt, info).derive(held)


def _encrypt(key: bytes, plaintext: bytes, bound: bytes) -> bytes:
    nonce = fresh_bytes()[:NONCE_BYTES]
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound)


def _decrypt(key: bytes, locked: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], bound)
