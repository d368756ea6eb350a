"""Canonical bytes: the official RFC 8785 files, the fast twin equal to the slow one, strict reading."""

import json
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cordiale.errors import SealError
from cordiale.seals import canonical, canonical_reference, digest, digest_bytes, read_canonical, read_object
from cordiale.seals.canonical import DEPTH_MAX, INTEGER_MAX, same_bytes

VECTORS = Path(__file__).parents[2].parent / "shared" / "data" / "vectors" / "jcs-rfc8785" / "testdata"

TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers(-INTEGER_MAX, INTEGER_MAX) | TEXTS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_official_files_of_rfc_8785_come_out_byte_for_byte(name: str) -> None:
    if not VECTORS.is_dir():
        pytest.skip("the shared vectors jcs-rfc8785 are absent")
    given_value = json.loads((VECTORS / "input" / f"{name}.json").read_text(encoding="utf-8"))
    expected = bytes.fromhex("".join((VECTORS / "outhex" / f"{name}.txt").read_text().split()))
    assert canonical(given_value) == expected
    assert canonical_reference(given_value) == expected


@settings(max_examples=2000, deadline=None)
@given(PLAIN)
def test_the_fast_twin_and_the_reference_give_the_same_bytes(value: object) -> None:
    assert canonical(value) == canonical_reference(value)


def test_keys_outside_ascii_are_sorted_by_utf_16_and_not_by_code_point() -> None:
    # U+1F600 is two surrogates from D83D, which sort before U+FB33: a sort by code point differs.
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_every_control_character_is_written_as_the_reference_writes_it() -> None:
    text = "".join(map(chr, range(0x80)))
    assert canonical(text) == canonical_reference(text)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", {"a": "\udfff"}, {1: 2}, b"raw", {1, 2}]
)
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(SealError):
        canonical(value)


class Spoken(str):
    """Text that is a kind of its own."""


class Word(StrEnum):
    ONE = "one"


class Fields(dict[str, object]):
    """A dict that is a kind of its own."""


@pytest.mark.parametrize(
    "value",
    [
        {"b": Spoken("é"), "a": [Word.ONE, (1, 2), True]},
        {Word.ONE: 1, "a": Fields(b=1, a=2)},
        {Spoken("b"): 1, "a": Spoken("x")},
        [Fields(z=[1.0, 1e21]), {"é": 1, "\U0001f600": 2, "z": 2.5}],
    ],
)
def test_kinds_of_their_own_are_written_as_the_reference_writes_them(value: object) -> None:
    assert canonical(value) == canonical_reference(value)


@pytest.mark.parametrize("odd", [1.5, 2**53, Word.ONE, {"é": 1}, Fields(a=1), {1: 1}, b"raw"])
def test_what_is_odd_beside_it_hides_no_depth(odd: object) -> None:
    deep: object = 1
    for _ in range(DEPTH_MAX + 1):
        deep = [deep]
    for value in ([odd, deep], {"a": odd, "b": [deep]}, Fields(a=deep, b=odd)):
        with pytest.raises(SealError, match="deeper"):
            canonical(value)


def test_nesting_deeper_than_the_limit_is_refused_and_at_the_limit_is_not() -> None:
    deep: object = 1
    for _ in range(DEPTH_MAX):
        deep = [deep]
    assert canonical(deep).startswith(b"[[")
    with pytest.raises(SealError, match="nested deeper"):
        canonical([deep])
    with pytest.raises(SealError, match="nested deeper"):
        canonical_reference({"a": deep})


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e0}',
        b'{"a":-0}',
        b'{"a":"\\u0041"}',
        b'{"a":NaN}',
        b'{"a":9007199254740993}',
        b'{"a":"\\ud800"}',
        b"\xff",
        b"",
        b"\xef\xbb\xbf{}",
        b"[" * 5000,
    ],
)
def test_bytes_that_are_not_their_own_canonical_form_are_refused(raw: bytes) -> None:
    with pytest.raises(SealError):
        read_canonical(raw)


@settings(max_examples=300, deadline=None)
@given(PLAIN)
def test_canonical_bytes_are_read_back_as_the_same_value(value: object) -> None:
    assert read_canonical(canonical(value)) == value


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(SealError, match="more than the 4 allowed"):
        read_canonical(b"[1,2]", bytes_max=4)


def test_an_object_is_demanded_where_one_is_needed() -> None:
    assert read_object(b'{"a":1}') == {"a": 1}
    with pytest.raises(SealError, match="object was expected"):
        read_object(b"[1]")


def test_a_digest_has_one_spelling() -> None:
    text = digest(b"")
    assert text == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_bytes(text).hex() == text.removeprefix("sha256:")
    for other in (text.upper(), text + "\n", text[:-1], "md5:00", text.removeprefix("sha256:")):
        with pytest.raises(SealError):
            digest_bytes(other)


def test_bytes_are_compared_whole() -> None:
    assert same_bytes(b"ab", b"ab")
    assert not same_bytes(b"ab", b"ac")
