"""Cheating with seals: downgrade, key swap, cross-use of signatures, moved and cut chunks; with controls."""

import pytest

from cordiale.errors import OpenError, SealError, SignatureError
from cordiale.seals import (
    CHUNK_BYTES,
    MESSAGE_KIND,
    RECEIPT_KIND,
    BatchSignature,
    SealingKeys,
    Signature,
    SigningKeys,
    SigningPublic,
    new_chunk_key,
    open_chunks,
    seal,
    seal_chunks,
    sealing_info,
    sign,
    sign_batch,
    unseal,
    verify,
    verify_batch,
)

MINE, THEIRS = SigningKeys.generate(), SigningKeys.generate()
CONTENT = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"the end"
KEY = new_chunk_key()
CHUNKS = seal_chunks(CONTENT, KEY, "photo-1")


def opened(chunks: list[bytes], key: bytes = KEY, name: str = "photo-1") -> bytes:
    return b"".join(open_chunks(chunks, key, name))


def test_control_the_untouched_attachment_opens() -> None:
    assert opened(CHUNKS) == CONTENT


def test_truncated_chunks_do_not_open() -> None:
    for kept in range(1, len(CHUNKS)):
        with pytest.raises(OpenError):
            opened(CHUNKS[:kept])
    with pytest.raises(OpenError):
        opened([*CHUNKS[:-1], CHUNKS[-1][:-1]])


def test_reordered_chunks_do_not_open() -> None:
    with pytest.raises(OpenError):
        opened([CHUNKS[1], CHUNKS[0], *CHUNKS[2:]])


def test_a_doubled_dropped_or_added_chunk_does_not_open() -> None:
    for wrong in ([CHUNKS[0], *CHUNKS], [CHUNKS[0], *CHUNKS[2:]], [*CHUNKS, CHUNKS[-1]]):
        with pytest.raises(OpenError):
            opened(wrong)


def test_a_chunk_swapped_in_from_another_attachment_does_not_open() -> None:
    same_key = seal_chunks(CONTENT, KEY, "photo-2")
    other_key = seal_chunks(CONTENT, new_chunk_key(), "photo-1")
    for foreign in (same_key, other_key):
        with pytest.raises(OpenError):
            opened([CHUNKS[0], foreign[1], *CHUNKS[2:]])
    with pytest.raises(OpenError):
        opened(CHUNKS, name="photo-2")


def test_a_middle_chunk_cannot_be_passed_off_as_the_last() -> None:
    with pytest.raises(OpenError):
        opened(CHUNKS[:2])


def test_downgrade_there_is_no_other_suite_to_ask_for() -> None:
    for suite in ("cordiale-0", "x25519", "", "CORDIALE-1"):
        with pytest.raises(SealError, match="not spoken here"):
            sealing_info(sender="a", recipient="b", reference="r", suite=suite)


def test_downgrade_one_of_the_two_signatures_is_never_enough() -> None:
    mine, theirs = sign("k", b"body", MINE), sign("k", b"body", THEIRS)
    verify("k", b"body", mine, MINE.public())
    for half in (Signature(mine.ed25519, theirs.mldsa65), Signature(theirs.ed25519, mine.mldsa65)):
        with pytest.raises(SignatureError):
            verify("k", b"body", half, MINE.public())
    mixed = SigningPublic(MINE.public().ed25519, THEIRS.public().mldsa65)
    with pytest.raises(SignatureError):
        verify("k", b"body", mine, mixed)


def test_key_swap_a_signature_does_not_hold_under_another_key() -> None:
    (signature,) = sign_batch([b"body"], MINE)
    verify_batch(b"body", signature, MINE.public())
    with pytest.raises(SignatureError):
        verify_batch(b"body", signature, THEIRS.public())


def test_cross_use_a_receipt_is_never_a_message() -> None:
    (signature,) = sign_batch([b"body"], MINE, kind=RECEIPT_KIND)
    verify_batch(b"body", signature, MINE.public(), kind=RECEIPT_KIND)
    with pytest.raises(SignatureError):
        verify_batch(b"body", signature, MINE.public(), kind=MESSAGE_KIND)


def test_a_place_in_a_batch_belongs_to_one_body() -> None:
    bodies = [b"a", b"b", b"c"]
    batch = sign_batch(bodies, MINE)
    for i, signature in enumerate(batch):
        for j, body in enumerate(bodies):
            if i == j:
                verify_batch(body, signature, MINE.public())
            else:
                with pytest.raises(SignatureError):
                    verify_batch(body, signature, MINE.public())


def test_an_inner_node_of_a_batch_is_not_a_body() -> None:
    batch = sign_batch([b"a", b"b", b"c", b"d"], MINE)
    left, right = batch[2].path[1], batch[0].path[1]
    forged = BatchSignature(0, 2, (right,), batch[0].signature)
    with pytest.raises(SignatureError):
        verify_batch(left, forged, MINE.public())


def test_a_batch_cannot_be_said_to_be_of_another_size() -> None:
    batch = sign_batch([b"a", b"b", b"c"], MINE)
    one = batch[0]
    verify_batch(b"a", one, MINE.public())
    for size in (2, 4):
        with pytest.raises(SignatureError):
            verify_batch(b"a", BatchSignature(0, size, one.path, one.signature), MINE.public())


def test_what_was_sealed_for_one_context_does_not_open_in_another() -> None:
    keys = SealingKeys.generate()
    info = sealing_info(sender="uk", recipient="fr", reference="r1")
    sealed = seal(b"body", keys.public(), info)
    assert unseal(sealed, keys, info) == b"body"
    for fields in ({"sender": "xx"}, {"recipient": "be"}, {"reference": "r2"}):
        other = sealing_info(**{"sender": "uk", "recipient": "fr", "reference": "r1", **fields})
        with pytest.raises(OpenError):
            unseal(sealed, keys, other)
    with pytest.raises(OpenError):
        unseal(sealed, SealingKeys.generate(), info)


@pytest.mark.parametrize("at", [0, 500, 1100, 1121, -1])
def test_no_altered_byte_of_a_seal_opens(at: int) -> None:
    keys = SealingKeys.generate()
    sealed = bytearray(seal(b"body", keys.public(), b"info"))
    sealed[at] ^= 1
    with pytest.raises(OpenError):
        unseal(bytes(sealed), keys, b"info")


@pytest.mark.parametrize("count", [0, 1, 1119, 1120, 1135])
def test_a_cut_seal_does_not_open(count: int) -> None:
    keys = SealingKeys.generate()
    with pytest.raises(OpenError):
        unseal(seal(b"body", keys.public(), b"info")[:count], keys, b"info")
