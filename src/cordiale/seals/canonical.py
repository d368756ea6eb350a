"""Canonical bytes and digests: what is signed and hashed is bytes, never objects.

RFC 8785 is the reference; orjson is its fast twin for ASCII keys, integers and no floats, and a test holds
them equal. What arrives is read strictly: bytes that are not their own canonical form are refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum
from types import NoneType
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
    return _fast(value) if _is_plain(value) else _reference(value)


def canonical_reference(value: object) -> bytes:
    """The slow twin of `canonical`: always RFC 8785's own algorithm, whatever the value."""
    _is_plain(value)  # for the depth limit alone
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


_LEAVES: Final = frozenset({str, bool, int, NoneType})
_PLAIN: Final = _LEAVES | {dict, list, tuple}
_KEYS: Final = frozenset({str})


def _is_plain(value: object) -> bool:
    """Whether orjson's sorted form of `value` is RFC 8785's: plain types, ASCII keys, safe integers.

    Level by level. Text of a kind of its own is written as text by both; an enumeration is left to the
    reference. Raises SealError for what is nested too deeply, plain or not.
    """
    level: list[object] = [value]
    for depth in range(DEPTH_MAX + 1):
        kinds = set(map(type, level))
        if int in kinds and not _are_safe([one for one in level if type(one) is int]):
            return _not_plain(level, depth)
        if kinds <= _LEAVES:
            return True
        if not kinds <= _PLAIN and not all(kind in _PLAIN or _is_text(kind) for kind in kinds):
            return _not_plain(level, depth)
        keys: list[str] = []
        below: list[object] = []
        for one in level:
            if type(one) is dict:
                keys += one
                below += one.values()
            elif type(one) is list or type(one) is tuple:
                below += one
        if not set(map(type, keys)) <= _KEYS or not "".join(keys).isascii():
            return _not_plain(level, depth)
        level = below
    return _not_plain(level, DEPTH_MAX + 1)


def _are_safe(integers: list[int]) -> bool:
    return min(integers) >= -INTEGER_MAX and max(integers) <= INTEGER_MAX


def _is_text(kind: type) -> bool:
    return issubclass(kind, str) and not issubclass(kind, Enum)


def _not_plain(level: list[object], depth: int) -> bool:
    """False, once the depth limit is seen to hold for the rest."""
    while level:
        if depth > DEPTH_MAX:
            raise SealError(f"JSON nested deeper than {DEPTH_MAX} levels is refused.")
        tables = [inner for one in level if isinstance(one, dict) for inner in one.values()]
        level = tables + [inner for one in level if isinstance(one, list | tuple) for inner in one]
        depth += 1
    return False


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
