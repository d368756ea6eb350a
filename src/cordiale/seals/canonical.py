"""Canonical bytes and digests: what is signed and hashed is bytes, never objects.

RFC 8785 is the reference; orjson is its fast twin for ASCII keys, integers and no floats, and a test holds
them equal. What arrives is read strictly: bytes that are not their own canonical form are refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any, Final, cast

import orjson
import rfc8785

from cordiale.errors import SealError

DEPTH_MAX: Final = 64  # deeper than any payload; far below the interpreter's recursion limit
INTEGER_MAX: Final = 2**53 - 1  # RFC 8785 section 3.2.2.3: what an IEEE double holds exactly
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}\Z")
DIGEST_BYTES: Final = 32


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value` (str, int, float, bool, None, list, tuple, dict with str keys).

    Raises SealError for what JSON cannot carry: NaN, lone surrogates, integers beyond 2**53-1, other types,
    or nesting deeper than DEPTH_MAX.
    """
    return _fast(value) if _is_plain(value, 0) else _reference(value)


def canonical_reference(value: object) -> bytes:
    """The slow twin of `canonical`: always RFC 8785's own algorithm, whatever the value."""
    _is_plain(value, 0)  # for the depth limit alone
    return _reference(value)


def read_canonical(raw: bytes, *, bytes_max: int = 1 << 20) -> object:
    """Read JSON that must be its own canonical form, so that two nodes can never read it differently.

    Refuses duplicate keys, insignificant white space, other key orders, NaN and other number forms.
    """
    if len(raw) > bytes_max:
        raise SealError(f"`{len(raw)}` bytes are more than the {bytes_max} allowed here.")
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise SealError(f"The bytes are not JSON: {fault.msg}.") from None
    if canonical(value) != raw:
        raise SealError(
            "The JSON is not in canonical form (RFC 8785).", way_out="Send the signed bytes as they are."
        )
    return value


def read_object(raw: bytes, *, bytes_max: int = 1 << 20) -> dict[str, object]:
    """`read_canonical` for bytes that must hold one object."""
    value = read_canonical(raw, bytes_max=bytes_max)
    if not isinstance(value, dict):
        raise SealError("A JSON object was expected.")
    return value


def digest(raw: bytes) -> str:
    """The SHA-256 of `raw`, as "sha256:" and 64 lower-case hexadecimal digits."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def digest_bytes(text: str) -> bytes:
    """The 32 bytes of a digest as `digest` writes it. Raises SealError for any other spelling."""
    if not DIGEST.match(text):
        raise SealError(
            f"`{text[:80]}` is not a digest.", way_out='Write "sha256:" and 64 hexadecimal digits.'
        )
    return bytes.fromhex(text.removeprefix("sha256:"))


def same_bytes(one: bytes, other: bytes) -> bool:
    """Whether two byte strings are equal, in time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


def _is_plain(value: object, depth: int) -> bool:
    """Whether orjson's sorted form of `value` is RFC 8785's: exact types, ASCII keys, safe integers."""
    if depth > DEPTH_MAX:
        raise SealError(f"JSON nested deeper than {DEPTH_MAX} levels is refused.")
    if value is None or type(value) is str or type(value) is bool:
        return True
    if type(value) is int:
        return -INTEGER_MAX <= value <= INTEGER_MAX
    if isinstance(value, dict):
        keys = type(value) is dict and all(type(key) is str and key.isascii() for key in value)
        return _all_plain(value.values(), depth) and keys
    if isinstance(value, list | tuple):
        exact = type(value) is list or type(value) is tuple
        return _all_plain(value, depth) and exact
    return False


def _all_plain(values: Iterable[object], depth: int) -> bool:
    plain = True
    for inner in values:  # to the end, so that the depth limit holds for all of them
        plain = _is_plain(inner, depth + 1) and plain
    return plain


def _fast(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as fault:
        raise SealError(f"This cannot be written as canonical JSON: {fault}.") from None


def _reference(value: object) -> bytes:
    try:
        return rfc8785.dumps(cast(Any, value))
    except (rfc8785.CanonicalizationError, UnicodeError) as fault:
        raise SealError(f"This cannot be written as canonical JSON: {fault}.") from None
