"""Signatures alone and over batches."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from random import Random

import pytest

from cordiale.errors import SealError, SignatureError
from cordiale.seals import (
    MESSAGE_KIND,
    RECEIPT_KIND,
    BatchSignature,
    BatchVerifier,
    SigningKeys,
    frame,
    sign,
    sign_batch,
    verify,
    verify_batch,
)
from cordiale.seals import signing as signing_file
from cordiale.seals.signing import BATCH_MAX, base64_bytes

KEYS = SigningKeys.generate()
PUBLIC = KEYS.public()
BODIES = [f"body {i}".encode() for i in range(7)]
BATCH = sign_batch(BODIES, KEYS)


def test_the_frame_is_the_one_of_dsse() -> None:
    # The example of the DSSE protocol document.
    framed = frame("http://example.com/HelloWorld", b"hello world")
    assert framed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_a_signature_holds_over_its_own_kind_and_body_only() -> None:
    signature = sign("a", b"body", KEYS)
    verify("a", b"body", signature, PUBLIC)
    for kind, body in (("b", b"body"), ("a", b"bodies"), ("a b", b"ody")):
        with pytest.raises(SignatureError):
            verify(kind, body, signature, PUBLIC)


@pytest.mark.parametrize("index", range(7))
def test_every_body_of_a_batch_verifies_alone(index: int) -> None:
    verify_batch(BODIES[index], BATCH[index], PUBLIC)


def test_a_batch_of_one_is_fine_and_an_empty_or_too_large_one_is_not() -> None:
    (only,) = sign_batch([b"x"], KEYS)
    assert only.path == ()
    verify_batch(b"x", only, PUBLIC)
    for bodies in ([], [b"x"] * (BATCH_MAX + 1)):
        with pytest.raises(SealError, match="between 1 and"):
            sign_batch(bodies, KEYS)


def test_what_travels_is_read_back_the_same() -> None:
    assert BatchSignature.from_json(BATCH[3].as_json()) == BATCH[3]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("index", "3"),
        ("index", True),
        ("index", 7),
        ("index", -1),
        ("size", "7"),
        ("size", BATCH_MAX + 1),
        ("path", "abc"),
        ("path", ["not base64!"]),
        ("path", [7]),
        ("signature", "AA=="),
        ("signature", None),
        ("more", 1),
    ],
)
def test_a_batch_signature_out_of_form_is_refused(name: str, value: object) -> None:
    with pytest.raises(SignatureError):
        BatchSignature.from_json({**BATCH[3].as_json(), name: value})


@pytest.mark.parametrize("text", ["AB==", "AA", " AA==", "AA==\n", "A-A=", 3, None, "é"])
def test_base64_has_one_spelling(text: object) -> None:
    with pytest.raises(SignatureError):
        base64_bytes(text)


def test_a_verifier_that_remembers_roots_judges_as_one_that_does_not() -> None:
    verifier = BatchVerifier()
    for body, signature in zip(BODIES, BATCH, strict=True):
        verifier.verify(body, signature, PUBLIC)
    assert len(verifier._verified) == 1
    with pytest.raises(SignatureError):
        verifier.verify(b"another", BATCH[0], PUBLIC)
    with pytest.raises(SignatureError):
        verifier.verify(BODIES[0], BATCH[0], SigningKeys.generate().public())
    with pytest.raises(SignatureError):
        verifier.verify(BODIES[0], BATCH[0], PUBLIC, kind=RECEIPT_KIND)


def test_a_verifier_forgets_the_oldest_root_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_file, "_ROOTS_MAX", 2)
    verifier = BatchVerifier()
    for body in (b"1", b"2", b"3"):
        verifier.verify(body, sign_batch([body], KEYS)[0], PUBLIC, kind=MESSAGE_KIND)
    assert len(verifier._verified) == 2


def spelled_strictly(text: str) -> bytes | None:
    """The slow way to read base64: read it, write it again, compare the whole."""
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
    return raw if b64encode(raw).decode() == text else None


def outcome(text: str) -> bytes | None:
    try:
        return base64_bytes(text)
    except SignatureError:
        return None


def test_base64_is_read_and_refused_as_by_writing_all_of_it_again() -> None:
    chance = Random(20261122)
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ \n\u00e9"
    refused = 0
    for number in range(20_000):
        text = b64encode(chance.randbytes(number % 12)).decode()
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(signs) + text[at + chance.randrange(2) :]
        assert outcome(text) == spelled_strictly(text), repr(text)
        refused += outcome(text) is None
    assert 5_000 < refused < 19_000


def test_a_pair_of_signatures_that_is_read_once_is_still_refused_where_it_does_not_hold() -> None:
    verifier, other = BatchVerifier(), SigningKeys.generate().public()
    again = [BatchSignature.from_json(one.as_json()) for one in BATCH]
    assert again[0].signature is again[1].signature
    verifier.verify(BODIES[0], again[0], PUBLIC)
    swapped = ((b"other", again[1], PUBLIC), (BODIES[1], again[2], PUBLIC), (BODIES[1], again[1], other))
    for body, one, key in swapped:
        with pytest.raises(SignatureError):
            verifier.verify(body, one, key)
    for wrong in ("", "AAAA", str(BATCH[0].as_json()["signature"]) + "AAAA", None, 7):
        for _ in range(2):  # what is refused is not remembered as anything else
            with pytest.raises(SignatureError):
                BatchSignature.from_json(BATCH[0].as_json() | {"signature": wrong})


def test_what_is_kept_of_hashes_that_were_read_lets_no_other_spelling_in() -> None:
    def read(how: Callable[[object], bytes], text: object) -> bytes | None:
        try:
            return how(text)
        except SignatureError:
            return None

    raw = bytes(range(31)) + b"\xfc"
    text = b64encode(raw).decode()
    assert len(text) == 44 and base64_bytes(text) == base64_bytes(text) == raw
    for odd in (text[:-2] + "9=", "\n" + text[1:], text[:-1] + "\u00e9", " " * 44):
        assert [read(base64_bytes, odd) for _ in range(2)] == [None, None]
    for other in (text.lower(), text[:-1] + "A", 44, None, ["A"] * 44, text.encode()):
        assert read(base64_bytes, other) == read(signing_file._read_base64, other)
