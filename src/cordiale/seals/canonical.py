"""Canonical bytes and digests: what is signed and hashed is bytes, never objects.

RFC 8785 is the reference; orjson is its fast twin for ASCII keys, integers and no floats, and a test holds
them equal. What arrives is read strictly: bytes that are not their own canonical form are refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from enum import Enum
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


def canonical_with(fields: Mapping[str, object], written: Mapping[str, bytes]) -> bytes:
    """The RFC 8785 bytes of `fields` and of members that are written already: name -> canonical bytes.

    Raises SealError as `canonical` does.
    """
    if _is_plain(fields) and "".join(written).isascii():
        return _fast({**fields, **{name: orjson.Fragment(raw) for name, raw in written.items()}})
    parts = {name: json.loads(raw, parse_int=_number) for name, raw in written.items()}
    return _reference({**fields, **parts})


def _number(digits: str) -> int | float:
    """A number as RFC 8785 writes it: beyond what is exact, a whole double stands there without its point."""
    number = int(digits)
    return number if -INTEGER_MAX <= number <= INTEGER_MAX else float(digits)


def canonical_reference(value: object) -> bytes:
    """The slow twin of `canonical`: always RFC 8785's own algorithm, whatever the value."""
    _refuse_depth(value)
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


def _is_plain(value: object) -> bool:
    """Whether orjson's sorted form of `value` is RFC 8785's: plain types, ASCII keys, safe integers.

    Text of a kind of its own is written as text by both; an enumeration is left to the reference. Raises
    SealError for what is nested too deeply, plain or not.
    """
    if _all_plain((value,), 0):
        return True
    _refuse_depth(value)
    return False


def _all_plain(values: Iterable[Any], depth: int) -> bool:
    """Whether these values, all at one depth, and everything below them are plain."""
    for one in values:
        kind = type(one)
        if kind is str or kind is bool or one is None:
            continue
        if kind is dict:
            for key in one:
                if type(key) is not str or not key.isascii():
                    return False
            if depth == DEPTH_MAX or not _all_plain(one.values(), depth + 1):
                return False
        elif kind is list or kind is tuple:
            if depth == DEPTH_MAX or not _all_plain(one, depth + 1):
                return False
        elif kind is int:
            if not -INTEGER_MAX <= one <= INTEGER_MAX:
                return False
        elif issubclass(kind, dict | list):  # a table or list of a kind of its own is written as one by both
            if not _all_plain((dict(one) if issubclass(kind, dict) else list(one),), depth):
                return False
        elif not _is_text(kind):
            return False
    return True


def _is_text(kind: type) -> bool:
    return issubclass(kind, str) and not issubclass(kind, Enum)


def _refuse_depth(value: object) -> None:
    """Raise SealError for what is nested too deeply. Level by level: no nesting is too deep to be seen."""
    level, depth = [value], 0
    while level:
        if depth > DEPTH_MAX:
            raise SealError(f"JSON nested deeper than {DEPTH_MAX} levels is refused.")
        tables = [inner for one in level if isinstance(one, dict) for inner in one.values()]
        level = tables + [inner for one in level if isinstance(one, list | tuple) for inner in one]
        depth += 1


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
