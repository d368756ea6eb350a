"""Checkpoints and cosignatures: the C2SP formats, both signatures demanded."""

from datetime import timedelta

import pytest

from cordiale.errors import LedgerError
from cordiale.ledger.checkpoint import (
    Checkpoint,
    Note,
    NoteSignature,
    check_origin,
    cosign,
    cosigned_at,
    cosigned_message,
    key_id,
    open_checkpoint,
    sign_checkpoint,
)
from cordiale.seals import LedgerKeys, LedgerPublic
from tests.ledger.scene import AT

KEYS, OTHER = LedgerKeys.generate(), LedgerKeys.generate()
HEAD = Checkpoint("uk-border-force/ledger", 7, bytes(range(32)))
NOTE = sign_checkpoint(HEAD, KEYS, AT)


def test_a_signed_checkpoint_opens_and_tells_when_it_was_signed() -> None:
    note, at = open_checkpoint(NOTE.text(), HEAD.origin, KEYS.public())
    assert (note.checkpoint, at) == (HEAD, AT)


def test_the_text_is_the_one_of_c2sp() -> None:
    lines = NOTE.text().split("\n")
    assert lines[:4] == [HEAD.origin, "7", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert [line.split(" ")[:2] for line in lines[4:6]] == [["—", HEAD.origin]] * 2
    assert lines[6:] == [""]


def test_a_note_published_in_the_c2sp_page_is_read() -> None:
    """The example of C2SP tlog-cosignature: origin, size, root, an Ed25519 signature and a cosignature."""
    text = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1n"
        "PZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    note = Note.from_text(text)
    assert note.checkpoint.size == 20852163
    assert [line.name for line in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert note.text() == text


def test_the_cosigned_message_is_laid_out_as_c2sp_says() -> None:
    message = cosigned_message(HEAD, "fr", 1)
    name = HEAD.origin.encode()
    expected = b"subtree/v1\n\0" + b"\x02fr" + bytes(7) + b"\x01" + bytes([len(name)]) + name
    assert message == expected + bytes(8) + bytes(7) + b"\x07" + HEAD.root


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        NOTE.text().replace("\n7\n", "\n07\n"),
        NOTE.text().replace("\n7\n", "\n-7\n"),
        NOTE.text().replace("\n7\n", "\n7\nextension\n"),
        NOTE.text().replace("— ", "- "),
        NOTE.text().rstrip("\n"),
        NOTE.text() + "— x\n",
        NOTE.text() + "— x AAAA\n",
        NOTE.text() + "— x !!!!\n",
        NOTE.text() + "— x é\n",
        NOTE.text() + "— a b AAAAAAAA\n",
        NOTE.text() + "— x AAAAAAAA\n" * 40,
        NOTE.text().replace("AAECAwQF", "AAECAw"),
        NOTE.text().replace(HEAD.origin, "two words"),
        "x" * 200_000,
        "a\n1\nAAAA\n\n— x AAAAAAAA\n",
        "a\n1\nAAAA\n\n\n",
    ],
)
def test_a_note_out_of_form_is_refused(text: str) -> None:
    with pytest.raises(LedgerError):
        open_checkpoint(text, HEAD.origin, KEYS.public())


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(LedgerError, match="not of"):
        open_checkpoint(NOTE.text(), "fr-paf/ledger", KEYS.public())


@pytest.mark.parametrize("kept", [0, 1])
def test_one_of_the_two_signatures_is_not_enough(kept: int) -> None:
    with pytest.raises(LedgerError, match="lacks a signature"):
        open_checkpoint(Note(HEAD, (NOTE.signatures[kept],)).text(), HEAD.origin, KEYS.public())


@pytest.mark.parametrize("which", [0, 1])
def test_a_wrong_signature_under_a_known_name_spoils_the_note(which: int) -> None:
    line = NOTE.signatures[which]
    forged = NoteSignature(line.name, line.key_id, line.raw[:-1] + bytes([line.raw[-1] ^ 1]))
    with pytest.raises(LedgerError):
        open_checkpoint(NOTE.with_line(forged).text(), HEAD.origin, KEYS.public())


def test_signatures_of_unknown_keys_are_ignored() -> None:
    stranger = cosign(HEAD, "somebody/else", OTHER, AT)
    note, _ = open_checkpoint(NOTE.with_line(stranger).text(), HEAD.origin, KEYS.public())
    assert len(note.signatures) == 3
    assert cosigned_at(note, "somebody/else", KEYS.public()) is None


def test_a_cosignature_holds_for_its_name_its_key_and_its_time_only() -> None:
    line = cosign(HEAD, "fr-paf/ledger", OTHER, AT + timedelta(seconds=9))
    note = NOTE.with_line(line)
    assert cosigned_at(note, "fr-paf/ledger", OTHER.public()) == AT + timedelta(seconds=9)
    moved = NoteSignature(line.name, line.key_id, (0).to_bytes(8) + line.raw[8:])
    with pytest.raises(LedgerError, match="is wrong"):
        cosigned_at(NOTE.with_line(moved), "fr-paf/ledger", OTHER.public())
    renamed = NoteSignature(
        "be-police/ledger", key_id("be-police/ledger", 6, OTHER.public().mldsa44), line.raw
    )
    with pytest.raises(LedgerError, match="is wrong"):
        cosigned_at(NOTE.with_line(renamed), "be-police/ledger", OTHER.public())


def test_a_line_is_added_once() -> None:
    assert NOTE.with_line(NOTE.signatures[0]) == NOTE


def test_a_key_that_is_no_key_opens_nothing() -> None:
    with pytest.raises(LedgerError):
        open_checkpoint(NOTE.text(), HEAD.origin, LedgerPublic(b"x" * 32, b"y" * 1312))


@pytest.mark.parametrize("name", ["", "two words", "plus+sign", "-dash", "é", "x" * 201])
def test_a_name_that_c2sp_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(LedgerError, match="cannot name a log"):
        check_origin(name)
