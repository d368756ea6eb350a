"""Keys: written and read back, of exact length, and never shown."""

import pytest

from cordiale.errors import SealError, SignatureError
from cordiale.seals import (
    LedgerKeys,
    LedgerPublic,
    SealingKeys,
    SealingPublic,
    Signature,
    SigningKeys,
    SigningPublic,
    fresh_bytes,
    seal,
    sign,
    unseal,
    verify,
)

KINDS = [(SigningKeys, SigningPublic), (SealingKeys, SealingPublic), (LedgerKeys, LedgerPublic)]


@pytest.mark.parametrize(("private", "public"), KINDS)
def test_keys_are_the_same_after_they_were_written_and_read(private: type, public: type) -> None:
    keys = private.generate()
    assert private.from_bytes(keys.to_bytes()).public() == keys.public()
    assert public.from_bytes(keys.public().to_bytes()) == keys.public()


@pytest.mark.parametrize(("private", "public"), KINDS)
def test_a_key_of_another_length_is_refused(private: type, public: type) -> None:
    keys = private.generate()
    with pytest.raises(SealError):
        private.from_bytes(keys.to_bytes() + b"\0")
    with pytest.raises(SealError):
        public.from_bytes(keys.public().to_bytes()[:-1])


@pytest.mark.parametrize("private", [SigningKeys, SealingKeys, LedgerKeys])
def test_a_private_key_does_not_show_itself(private: type) -> None:
    keys = private.generate()
    assert keys.to_bytes().hex()[:16] not in repr(keys)


def test_two_keys_are_never_the_same() -> None:
    assert SigningKeys.generate().public() != SigningKeys.generate().public()
    assert fresh_bytes() != fresh_bytes()
    assert SigningKeys.generate().public().id() != SealingKeys.generate().public().id()


def test_read_keys_still_sign_and_open() -> None:
    signing, sealing = SigningKeys.generate(), SealingKeys.generate()
    verify("k", b"b", sign("k", b"b", SigningKeys.from_bytes(signing.to_bytes())), signing.public())
    opened = unseal(seal(b"b", sealing.public(), b"i"), SealingKeys.from_bytes(sealing.to_bytes()), b"i")
    assert opened == b"b"


def test_bytes_that_are_no_key_verify_nothing() -> None:
    signature = sign("k", b"b", SigningKeys.generate())
    with pytest.raises(SignatureError):
        verify("k", b"b", signature, SigningPublic(b"short", b"short"))
    with pytest.raises(SignatureError):
        LedgerPublic(b"x", b"y").check_ed25519(b"m", b"s")
    with pytest.raises(SignatureError):
        LedgerPublic(b"x", b"y").check_mldsa44(b"m", b"s")


def test_bytes_that_are_no_sealing_key_seal_nothing() -> None:
    with pytest.raises(SealError, match="not a sealing key"):
        seal(b"b", SealingPublic(b"x", b"y"), b"i")


def test_a_signature_has_an_exact_length() -> None:
    signature = sign("k", b"b", SigningKeys.generate())
    assert Signature.from_bytes(signature.to_bytes()) == signature
    with pytest.raises(SignatureError):
        Signature.from_bytes(signature.to_bytes()[:-1])
