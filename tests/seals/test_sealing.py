"""Sealing to a node, and chunks of attachments."""

import json
from hashlib import shake_256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cordiale.errors import OpenError, SealError
from cordiale.seals import (
    CHUNK_BYTES,
    SUITE,
    Chunks,
    SealingKeys,
    new_chunk_key,
    open_chunks,
    seal,
    seal_chunks,
    sealing_info,
    unseal,
)
from cordiale.seals.sealing import CHUNKS_MAX, TAG_BYTES, cut

KEYS = SealingKeys.generate()
INFO = sealing_info(sender="uk-border-force", recipient="fr-paf", reference="r1")


@settings(max_examples=25, deadline=None)
@given(some.binary(max_size=5000))
def test_what_is_sealed_opens_to_the_same_bytes(plaintext: bytes) -> None:
    sealed = seal(plaintext, KEYS.public(), INFO)
    assert unseal(sealed, KEYS, INFO) == plaintext
    assert len(sealed) == len(plaintext) + 1136
    assert plaintext not in sealed or len(plaintext) < 3


def test_the_same_plaintext_is_never_sealed_to_the_same_bytes() -> None:
    assert seal(b"x", KEYS.public(), INFO) != seal(b"x", KEYS.public(), INFO)


def test_the_context_names_suite_sender_recipient_and_reference() -> None:
    others = [
        sealing_info(sender="uk-nca", recipient="fr-paf", reference="r1"),
        sealing_info(sender="uk-border-force", recipient="fr-oltim", reference="r1"),
        sealing_info(sender="uk-border-force", recipient="fr-paf", reference="r2"),
    ]
    assert len({INFO, *others}) == 4
    assert sealing_info(sender="uk-border-force", recipient="fr-paf", reference="r1", suite=SUITE) == INFO


@pytest.mark.parametrize("count", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_an_attachment_of_any_length_opens_to_the_same_bytes(count: int) -> None:
    content, key = bytes(i % 251 for i in range(count)), new_chunk_key()
    sealed = seal_chunks(content, key, "a1")
    assert len(sealed) == len(cut(content)) == max(1, -(-count // CHUNK_BYTES))
    assert b"".join(open_chunks(sealed, key, "a1")) == content


def test_a_chunk_that_does_not_fit_its_place_is_not_sealed() -> None:
    chunks = Chunks.of(new_chunk_key(), "a1")
    wrong = [(0, b"short", False), (1, b"", True), (0, b"x" * (CHUNK_BYTES + 1), True), (-1, b"x", True)]
    for index, plaintext, last in [*wrong, (CHUNKS_MAX, b"x", True)]:
        with pytest.raises(SealError):
            chunks.seal(index, plaintext, last=last)


def test_bytes_too_short_to_be_a_chunk_do_not_open() -> None:
    with pytest.raises(OpenError):
        Chunks.of(new_chunk_key(), "a1").open(0, b"x" * (TAG_BYTES - 1), last=True)


def test_an_attachment_without_chunks_does_not_open() -> None:
    with pytest.raises(OpenError, match="no chunks"):
        list(open_chunks([], new_chunk_key(), "a1"))


def test_an_attachment_key_has_an_exact_length() -> None:
    with pytest.raises(SealError, match="32 bytes"):
        Chunks.of(b"short", "a1")


def test_a_sealing_key_is_laid_out_as_in_the_official_hybrid_vectors() -> None:
    """draft-ietf-hpke-pq, KEM 0x647a: the seed expands by SHAKE256 to the two private keys that we keep."""
    path = Path(__file__).parents[2].parent / "shared" / "data" / "vectors" / "hpke-rfc9180"
    if not path.is_dir():
        pytest.skip("the shared vectors hpke-rfc9180 are absent")
    vectors = json.loads((path / "hpke-pq-test-vectors.json").read_text())
    ours = [vector for vector in vectors if vector["kem_id"] == 0x647A]
    assert ours
    for vector in ours:
        keys = SealingKeys.from_bytes(shake_256(bytes.fromhex(vector["skRm"])).digest(96))
        assert keys.public().to_bytes().hex() == vector["pkRm"]
