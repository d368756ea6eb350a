"""That it is really they: Argon2id passwords (RFC 9106) and TOTP second factors (RFC 6238), each code once.

Hashing is slow on purpose: never inside a transaction.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from datetime import datetime
from typing import Final

import pyotp
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from cordiale.errors import AccountError

PASSWORD_CHARS_MIN: Final = 12  # NCSC: long rather than complicated
PASSWORD_CHARS_MAX: Final = 200
STEP_S: Final = 30
SECRET_BYTES: Final = 20

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)
NOBODY: Final = _HASHER.hash("nobody", salt=b"cordiale-nobody!")
"""What an unknown sign-in name is checked against, so that it takes as long as a known one."""

_USUAL: Final = frozenset({"password", "passwort", "motdepasse", "cordiale", "qwertyuiop", "123456789012"})


def check_new_password(password: str, login: str) -> None:
    """Raise AccountError naming what is wrong with a new password: length, or a word everybody tries."""
    plain = password.lower()
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise AccountError(
            f"the password has {len(password)} characters",
            field="password",
            way_out=f"Use {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX}: three or four words are good.",
        )
    if login.lower() in plain or len(set(plain)) < 5 or any(plain.startswith(w) for w in _USUAL):
        raise AccountError(
            "the password is easy to guess",
            field="password",
            way_out="Take three or four words that do not belong together.",
        )


def hash_password(password: str, salt_hex: str) -> str:
    """The Argon2id hash (64 MiB, 3 passes) under a 16-byte salt. Slow: never inside a transaction."""
    return _HASHER.hash(password, salt=bytes.fromhex(salt_hex))


def password_right(stored: str, password: str) -> bool:
    """Whether a password belongs to a stored hash. Slow: never inside a transaction."""
    try:
        return _HASHER.verify(stored or NOBODY, password[:PASSWORD_CHARS_MAX]) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def new_secret(token_hex: str) -> str:
    """A TOTP secret in base 32 from 20 random bytes in hex."""
    return b32encode(bytes.fromhex(token_hex)[:SECRET_BYTES]).decode()


def factor_uri(secret: str, login: str, node_name: str) -> str:
    """What an authenticator app reads from the QR picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"Cordiale {node_name}")


def step_of_code(secret: str, code: str, at: datetime, after_step: int) -> int | None:
    """The 30-second step of a code: this one, the one before or the next; None if none, or if used.

    RFC 6238 section 5.2: a code is accepted once, so steps up to `after_step` no longer count.
    """
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    typed = "".join(code.split())
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()) and step > after_step:
            found = step
    return found


def place_of_factor(account_id: str) -> str:
    """Where in the vault an account's second factor lies."""
    return f"officer/{account_id}/factor"


def digest_of(token: str) -> str:
    """What is kept of a token or code, in its place."""
    return hashlib.sha256(token.encode()).hexdigest()
