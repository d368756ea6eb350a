"""Exchange files: made, verified, and refused in every altered form by both verifiers alike."""

import random
import subprocess
import sys
import time
import tracemalloc
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import LedgerError
from cordiale.exchange.receipts import Receipt
from cordiale.ledger import Commitment, Enclosed, Entry, Kind, Note, Opening, export, verify, verifying
from cordiale.ledger import file as file_module
from cordiale.ledger import log as log_module
from cordiale.ledger.checkpoint import cosign as cosign_checkpoint
from cordiale.ledger.file import FILE_KIND
from cordiale.seals import (
    RECEIPT_KIND,
    BatchSignature,
    LedgerKeys,
    NodeCard,
    SigningKeys,
    canonical,
    digest,
    fingerprint,
    read_object,
    sign,
    sign_batch,
)
from tests.ledger.scene import (
    AT,
    MESSAGE,
    REFERENCE,
    Agency,
    entry,
    exchange_file,
    filled,
    fr,
    ledger_of,
    receipt_from,
    second_verifier,
    uk,
)

Body = dict[str, Any]


@cache
def whole() -> bytes:
    return exchange_file()


def opened(raw: bytes) -> Body:
    """A file as its head and its lines; the end is left out."""
    head, *lines = (read_object(line) for line in raw.splitlines()[:-1])
    return {"head": head, "lines": lines}


def resigned(body: Body, by: Agency | None = None) -> bytes:
    """The file with its end made anew, as a dishonest node could: the proofs must catch it."""
    lines = b"".join(canonical(one) + b"\n" for one in (body["head"], *body["lines"]))
    end: Body = {"digest": digest(lines), "lines": 1 + len(body["lines"])}
    signature = sign(FILE_KIND, canonical(end), (by or uk()).signing)
    return lines + canonical({**end, "signature": b64encode(signature.to_bytes()).decode()}) + b"\n"


def altered(change: Callable[[Body], object]) -> bytes:
    body = opened(whole())
    change(body)
    return resigned(body)


def flipped(text: str) -> str:
    raw = bytearray(b64decode(text))
    raw[-1] ^= 1
    return b64encode(bytes(raw)).decode()


def put(*path: str | int, value: Any) -> Callable[[Body], object]:
    """Set the value at a path; a function of the old value when callable."""

    def change(body: Body) -> None:
        held: Any = body
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] = value(held[path[-1]]) if callable(value) else value

    return change


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


OTHER_NOTE = "uk-border-force/ledger\n300\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
ALTERED: dict[str, Callable[[Body], object]] = {
    "entry: a fact changed": put("lines", 1, "entry", "leaf", value=replaced('"sequence":3', '"sequence":4')),
    "entry: verdict turned": put("lines", 3, "entry", "leaf", value=replaced('"permit"', '"refuse"')),
    "entry: kind turned": put("lines", 1, "entry", "leaf", value=replaced('"sent"', '"read"')),
    "entry: index moved": put("lines", 1, "entry", "index", value=2),
    "entry: index out of tree": put("lines", 5, "entry", "index", value=300),
    "entry: reordered": put("lines", value=lambda held: [held[0], held[3], held[1], held[5]]),
    "entry: doubled": put("lines", value=lambda held: [*held[:2], held[1], *held[2:]]),
    "entry: path cut": put("lines", 1, "entry", "path", value=lambda held: held[:-1]),
    "entry: path longer": put("lines", 1, "entry", "path", value=lambda held: [*held, held[0]]),
    "entry: path bit": put("lines", 1, "entry", "path", 0, value=flipped),
    "entry: paths swapped": put("lines", 1, "entry", "path", value=lambda held: held[::-1]),
    "checkpoint: size": put("head", "checkpoint", value=replaced("\n300\n", "\n301\n")),
    "checkpoint: root": put("head", "checkpoint", value=lambda held: OTHER_NOTE + held.partition("\n\n")[2]),
    "checkpoint: signatures cut": put("head", "checkpoint", value=lambda held: held[:-5] + "\n"),
    "checkpoint: one signature missing": put(
        "head", "checkpoint", value=lambda held: "\n".join(held.split("\n")[:5]) + "\n"
    ),
    "checkpoint: the earlier one put in its place": lambda body: body["head"].update(
        checkpoint=body["lines"][0]["earlier"]["checkpoint"]
    ),
    "cosignature: bit": put(
        "head",
        "checkpoint",
        value=lambda held: held.rstrip("\n")[:-2] + ("A=" if held[-3] != "A" else "B=") + "\n",
    ),
    "earlier: proof cut": put("lines", 0, "earlier", "proof", value=lambda held: held[:-1]),
    "earlier: proof bit": put("lines", 0, "earlier", "proof", 0, value=flipped),
    "earlier: size": put("lines", 0, "earlier", "checkpoint", value=replaced("\n7\n", "\n8\n")),
    "opening: value": put("lines", 4, "opening", "value", value="Somebody Else (invented)"),
    "opening: salt": put("lines", 4, "opening", "salt", value=flipped),
    "opening: name": put("lines", 4, "opening", "name", value="subject"),
    "opening: index": put("lines", 4, "opening", "index", value=3),
    "opening: index not shown": put("lines", 4, "opening", "index", value=4),
    "receipt: body": put("lines", 2, "receipt", "body", value=replaced('"accepted"', '"refused"')),
    "receipt: path": put("lines", 2, "receipt", "signature", "path", value=["AAAA"]),
    "receipt: signature": put("lines", 2, "receipt", "signature", "signature", value=flipped),
    "receipt: card of another": put("lines", 2, "receipt", "card", value=uk().card.digest()),
    "receipt: unknown card": put("lines", 2, "receipt", "card", value="sha256:" + "0" * 64),
    "card: own missing": put("head", "cards", value=lambda held: held[1:]),
    "card: partner missing": put("head", "cards", value=lambda held: held[:1]),
    "card: another ledger key": put("head", "cards", 0, "facts", "ledger", value=flipped),
    "card: later end": put("head", "cards", 0, "facts", "until", value="2036-01-01T00:00:00Z"),
    "card: another authority": put("head", "cards", 0, "facts", "authorities", value=["nca"]),
    "card: another Side": put("head", "cards", 0, "facts", "side", value="FR"),
    "card: authority key dates": put(
        "head", "cards", 0, "authority_keys", 0, "until", value="2036-01-01T00:00:00Z"
    ),
    "side: another key": put("head", "sides", "UK", value=flipped),
    "side: missing": lambda body: body["head"]["sides"].pop("FR"),
    "side: swapped": lambda body: body["head"]["sides"].update(
        UK=body["head"]["sides"]["FR"], FR=body["head"]["sides"]["UK"]
    ),
    "format: older": put("head", "format", value="cordiale-ledger-file-0"),
    "log: another": put("head", "log", value="fr-paf/ledger"),
    "types: entry": put("lines", 1, value={"entry": []}),
    "types: no name": put("lines", 1, value={}),
    "types: two names": lambda body: body["lines"][1].update(opening={}),
    "types: another line": put("lines", 1, value={"witness": {}}),
    "order: earlier after an entry": put("lines", value=lambda held: [*held[1:], held[0]]),
    "order: earlier twice": put("lines", value=lambda held: [held[0], *held]),
    "order: opening above its entry": put("lines", value=lambda held: [*held[:3], held[4], held[3], held[5]]),
    "order: opening under another": put("lines", value=lambda held: [*held[:4], held[5], held[4]]),
    "order: opening twice": put("lines", value=lambda held: [*held[:5], held[4], held[5]]),
    "order: receipt above every entry": put(
        "lines", value=lambda held: [held[0], held[2], held[1], *held[3:]]
    ),
    "number: a fraction": put("lines", 4, "opening", "value", value=0.5),
    "number: too large": put("lines", 4, "opening", "value", value=2.0**60),
    "name: not ASCII": put("lines", 4, "opening", "value", value={"é": 1}),
    "head: a field more": put("head", "more", value=1),
    "head: a field less": lambda body: body["head"].pop("about"),
    "entry: a field more": put("lines", 1, "entry", "more", value=1),
    "note: a line twice": put("head", "checkpoint", value=lambda held: held + held.split("\n")[4] + "\n"),
    "types: index": put("lines", 1, "entry", "index", value="3"),
    "types: leaf": put("lines", 1, "entry", "leaf", value=3),
}


def both_refuse(raw: bytes) -> None:
    with pytest.raises(LedgerError):
        verify(raw)
    module = second_verifier()
    with pytest.raises(module.FAULTS):
        module.check(raw.splitlines(keepends=True))


def test_a_whole_file_proves_the_same_to_both_verifiers() -> None:
    anchors = {"UK": uk().side_keys.public(), "FR": fr().side_keys.public()}
    first = verify(whole(), anchors)
    keys = {side: key.to_bytes() for side, key in anchors.items()}
    second = second_verifier().check(whole().splitlines(keepends=True), keys)
    assert first.anchored is second["anchored"] is True
    assert (first.about, first.log, first.checkpoint.size) == (second["about"], second["log"], second["size"])
    assert [one.index for one in first.entries] == [3, 7, 299]
    assert first.counts == second["lines"] == {"earlier": 1, "entry": 3, "opening": 1, "receipt": 1}
    assert list(first.cosigned) == list(second["cosigned"]) == [fr().origin]
    assert (len(first.receipts), len(first.openings)) == (1, 1)
    assert first.receipts[0]["message"] == MESSAGE
    assert first.node == "uk-border-force"
    assert verify(whole()).anchored is False
    assert verify(whole()).fingerprints["UK"] == fingerprint(uk().side_keys.public())


def test_the_second_verifier_says_in_words_that_a_file_holds_and_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / "whole").write_bytes(whole())
    (tmp_path / "cut").write_bytes(whole()[:-1000])
    (tmp_path / "uk.pub").write_bytes(uk().side_keys.public().to_bytes())
    (tmp_path / "fr.pub").write_bytes(fr().side_keys.public().to_bytes())
    code, told = asked(tmp_path / "whole")
    assert code == 0 and told.startswith("HOLDS: ") and "not proved. Give each Side's key" in told
    assert f"cosigned by: {fr().origin}" in told and "UK " in told
    keys = (f"UK={tmp_path / 'uk.pub'}", f"FR={tmp_path / 'fr.pub'}")
    code, told = asked(tmp_path / "whole", *keys)
    assert code == 0 and "whose it is: proved by the keys that you gave for FR, UK" in told
    code, told = asked(tmp_path / "whole", keys[0], f"FR={tmp_path / 'uk.pub'}")
    assert code == 1 and told == "DOES NOT HOLD: a Side key that is not the trusted one\n"
    for other in ("cut", "uk.pub"):
        code, told = asked(tmp_path / other)
        assert code == 1 and told.startswith("DOES NOT HOLD: ") and "Error" not in told, told
    code, told = asked(tmp_path / "nowhere")
    assert code == 1 and told.startswith("nothing was checked: ")
    assert "SIDE=KEYFILE" in asked()[1]


@pytest.mark.parametrize("told", ["ledger\nwhose it is: proved by", "ledger\x1b[2Kwhose", "\u202eledger"])
def test_what_a_file_calls_itself_adds_no_line_to_the_verdict(tmp_path: Path, told: str) -> None:
    (tmp_path / "forged").write_bytes(altered(put("head", "about", value=told)))
    code, said = asked(tmp_path / "forged")
    assert code == 0 and said.isascii() and "\x1b" not in said
    assert [one for one in said.splitlines() if one.startswith("whose it is: ")] == [
        "whose it is: not proved. Give each Side's key (SIDE=KEYFILE), or compare with each Side:"
    ]


def asked(*words: Path | str) -> tuple[int, str]:
    """The second verifier as it is run: (exit code, what it said)."""
    line = [sys.executable, str(REFERENCE), *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("what", ALTERED)
def test_both_verifiers_refuse_a_file_that_its_own_node_altered_and_signed_again(what: str) -> None:
    both_refuse(altered(ALTERED[what]))


def test_signing_again_without_altering_is_accepted_so_the_signature_is_not_what_refuses() -> None:
    raw = altered(lambda body: None)
    assert verify(raw).checkpoint == verify(whole()).checkpoint
    assert second_verifier().check(raw.splitlines(keepends=True))["size"] == 300


FLIPS = random.Random(1979).sample(range(8 * 68_000), 60)  # fixed places in a file of about 68 kB


@pytest.mark.parametrize("at", FLIPS)
def test_both_verifiers_refuse_a_file_with_one_bit_flipped(at: int) -> None:
    raw = bytearray(whole())
    raw[at // 8 % len(raw)] ^= 1 << at % 8
    both_refuse(bytes(raw))


@pytest.mark.parametrize("count", [0, 1, 1000, 30_000])
def test_both_verifiers_refuse_a_truncated_file(count: int) -> None:
    both_refuse(whole()[:count])
    both_refuse(whole() + b" ")


@pytest.mark.parametrize("at", range(7))
def test_a_line_that_somebody_drops_doubles_or_moves_breaks_the_nodes_signature(at: int) -> None:
    lines = whole().splitlines(keepends=True)
    both_refuse(b"".join([*lines[:at], *lines[at + 1 :]]))
    both_refuse(b"".join([*lines[: at + 1], *lines[at:]]))
    both_refuse(b"".join([lines[-1], *lines[:-1]]))


def test_a_file_signed_by_another_node_is_refused() -> None:
    both_refuse(resigned(opened(whole()), by=fr()))


def test_keys_that_the_reader_does_not_trust_are_refused_by_both() -> None:
    stranger = SigningKeys.generate().public()
    for anchors in ({"UK": stranger, "FR": fr().side_keys.public()}, {"UK": uk().side_keys.public()}, {}):
        with pytest.raises(LedgerError, match="not the one that you trust"):
            verify(whole(), anchors)
        module = second_verifier()
        with pytest.raises(ValueError, match="not the trusted one"):
            keys = {side: key.to_bytes() for side, key in anchors.items()}
            module.check(whole().splitlines(keepends=True), keys)


@pytest.mark.parametrize("name", ["sides", "cards", "checkpoint", "log", "about", "made_at"])
@pytest.mark.parametrize("value", [None, 3, [3], {"x": 3}, [{}]])
def test_fields_of_other_types_are_refused_in_words(name: str, value: object) -> None:
    with pytest.raises(LedgerError):
        verify(altered(put("head", name, value=value)))


@pytest.mark.parametrize("kind", ["earlier", "entry", "opening", "receipt"])
@pytest.mark.parametrize("value", [None, 3, "x", [3], {"x": 3}, {}])
def test_lines_of_other_forms_are_refused_in_words(kind: str, value: object) -> None:
    place = {"earlier": 0, "entry": 1, "receipt": 2, "opening": 4}[kind]
    with pytest.raises(LedgerError, match=f"line {place + 2}"):
        verify(altered(put("lines", place, kind, value=value)))


def test_an_export_needs_a_checkpoint_our_card_and_entries_that_are_there() -> None:
    ours = Enclosed(cards=[uk().card], sides={"UK": uk().side_keys.public()})
    theirs = Enclosed(cards=[fr().card], sides={"FR": fr().side_keys.public()})
    early = Enclosed(cards=[uk().card], sides={}, earlier_sizes=[2])
    with ledger_of(uk()) as (tx, log):

        def made(indexes: list[int], enclosed: Enclosed) -> bytes:
            made = export(tx, log, indexes, about=MESSAGE, enclosed=enclosed, signing=uk().signing, at=AT)
            return b"".join(made)

        with pytest.raises(LedgerError, match="No checkpoint"):
            made([], ours)
        filled(tx, log, 3)
        log.checkpoint(tx, AT)
        with pytest.raises(LedgerError, match="not among the cards"):
            made([0], theirs)
        with pytest.raises(LedgerError, match="no entry"):
            made([3], ours)
        with pytest.raises(LedgerError, match="No checkpoint to prove from"):
            made([0], early)
        assert verify(made([0, 2], ours)).entries[1].index == 2


OTHER_MESSAGE = "sha256:" + "1" * 64
LYING: dict[str, dict[str, Any]] = {
    "about a message that is not shown": {"message": OTHER_MESSAGE},
    "resting on an entry about another message": {"shown": OTHER_MESSAGE},
    "resting on an entry that received nothing": {"kind": Kind.READ},
    "saying accepted where its entry says refused": {"kind": Kind.REFUSED},
    "without an outcome": {"kind": Kind.READ, "outcome": "none"},
    "showing an entry that is not the proved one": {"leaf": entry(4, kind=Kind.RECEIVED).leaf()},
}


@pytest.mark.parametrize("how", LYING)
def test_a_receipt_that_its_own_node_signed_but_that_does_not_rest_on_its_ledger_is_refused(how: str) -> None:
    receipt = receipt_from(fr(), **LYING[how])
    item = {"card": receipt.card, "body": receipt.body.decode(), "signature": receipt.signature.as_json()}
    both_refuse(altered(put("lines", 2, "receipt", value=item)))
    honest = receipt_from(fr(), kind=Kind.REFUSED, outcome="refused")
    item.update(body=honest.body.decode(), signature=honest.signature.as_json())
    assert len(verify(altered(put("lines", 2, "receipt", value=item))).receipts) == 1
    assert BatchSignature.from_json(receipt.signature.as_json()) == receipt.signature


def test_a_cosignature_by_nobody_we_know_is_not_counted() -> None:
    def change(body: Body) -> None:
        note = Note.from_text(body["head"]["checkpoint"])
        stranger = cosign_checkpoint(note.checkpoint, "somebody/else", LedgerKeys.generate(), AT)
        body["head"]["checkpoint"] = note.with_line(stranger).text()

    assert list(verify(altered(change)).cosigned) == [fr().origin]


def test_a_file_holds_no_planted_name_unless_it_was_opened_on_purpose() -> None:
    planted = "Zyx Exampleperson (invented)"
    with ledger_of(uk()) as (tx, log):
        hidden = {"caller": Commitment.to("caller", planted)}
        index = log.append(tx, Entry(Kind.RESCUE, AT, {"message": MESSAGE}, hidden))
        log.append(tx, entry(1))
        log.checkpoint(tx, AT)
        enclosed = Enclosed(cards=[uk().card], sides={"UK": uk().side_keys.public()})
        closed = b"".join(
            export(tx, log, [index], about=MESSAGE, enclosed=enclosed, signing=uk().signing, at=AT)
        )
        shown = Opening(index, "caller", planted, log.salts(tx, index)["caller"])
        shows = Enclosed(cards=[uk().card], sides=enclosed.sides, openings=[shown])
        told = b"".join(export(tx, log, [index], about=MESSAGE, enclosed=shows, signing=uk().signing, at=AT))
    assert b"Exampleperson" not in closed
    assert b"Exampleperson" in told
    assert verify(told).openings[0].value == planted


def test_the_second_verifier_is_a_program_and_imports_nothing_of_cordiale(tmp_path: Path) -> None:
    file, key = tmp_path / "file.json", tmp_path / "uk.key"
    file.write_bytes(whole())
    key.write_bytes(uk().side_keys.public().to_bytes())
    other = tmp_path / "fr.key"
    other.write_bytes(fr().side_keys.public().to_bytes())
    words = [sys.executable, "-I", str(REFERENCE), str(file), f"UK={key}", f"FR={other}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert MESSAGE in done.stdout
    file.write_bytes(whole()[:-1])
    failed = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert failed.returncode == 1
    assert "DOES NOT HOLD" in failed.stderr
    assert "cordiale" not in [
        line.split()[1].partition(".")[0]
        for line in REFERENCE.read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from "))
    ]


def test_a_receipt_as_the_exchange_writes_it_is_taken_by_both_verifiers() -> None:
    held = entry(3, kind=Kind.RECEIVED)
    with ledger_of(fr()) as (tx, log):
        filled(tx, log, 3)
        index = log.append(tx, held)
        log.checkpoint(tx, AT)
        proof = log.inclusion(tx, index)
    body = Receipt(MESSAGE, fr().card.facts.node, "accepted", "", held.leaf(), proof).body()
    share = sign_batch([body], fr().signing, kind=RECEIPT_KIND)[0]
    item = {"card": fr().card.digest(), "body": body.decode(), "signature": share.as_json()}
    raw = altered(put("lines", 2, "receipt", value=item))
    assert verify(raw).receipts[0]["node"] == "fr-paf"
    assert second_verifier().check(raw.splitlines(keepends=True))["lines"]["receipt"] == 1


# -- long and hostile files --------------------


def long_file(count: int) -> bytes:
    with ledger_of(uk()) as (tx, log):
        filled(tx, log, count)
        log.checkpoint(tx, AT)
        enclosed = Enclosed(cards=[uk().card], sides={"UK": uk().side_keys.public()})
        made = export(tx, log, range(count), about="ledger", enclosed=enclosed, signing=uk().signing, at=AT)
        return b"".join(made)


def test_a_long_file_is_checked_piece_by_piece_in_little_memory_and_tells_how_far_it_is() -> None:
    raw, heard = long_file(3000), []
    pieces = (raw[at : at + 1000] for at in range(0, len(raw), 1000))
    tracemalloc.start()
    found = verify(pieces, told=heard.append)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.counts["entry"] == 3000 and len(found.entries) == 3000
    assert heard == [1000, 2000, 3000]
    assert most < len(raw) * 3  # the entries handed back, and no second copy of the file


def test_of_a_long_file_the_first_entries_are_handed_back_and_all_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verifying, "KEPT_MAX", 5)
    found = verify(long_file(40))
    assert (found.counts["entry"], len(found.entries)) == (40, 5)


def test_an_export_remembers_few_tiles_and_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "TILES_MAX", 3)
    monkeypatch.setattr(file_module, "PAGE_MAX", 7)
    assert verify(long_file(1300)).counts["entry"] == 1300


def endless(first: bytes, then: bytes, read: list[int]) -> Iterator[bytes]:
    yield first
    while True:
        read.append(len(then))
        assert sum(read) < 32 << 20, "it reads on and on"
        yield then


HOSTILE: dict[str, tuple[bytes, bytes, str]] = {
    "a line without end": (b"", b"x" * 65_536, "line 1.*longer than"),
    "a second line without end": (whole().split(b"\n")[0] + b"\n", b"[" * 65_536, "line 2.*longer than"),
    "brackets": (b"[" * 2_000_000 + b"\n", b"", "line 1"),
    "objects in objects": (b'{"a":' * 600_000 + b"1" + b"}" * 600_000 + b"\n", b"", "line 1"),
    "a head by nobody": (b'{"about":"x"}\n', b"y" * 65_536 + b"\n", "line 1.*head"),
    "lines of nothing": (whole().split(b"\n")[0] + b"\n", b"{}\n" * 10_000, "line 2.*no earlier checkpoint"),
    "empty lines": (whole().split(b"\n")[0] + b"\n", b"\n" * 65_536, "line 2"),
    "the same entry for ever": (
        b"\n".join(whole().split(b"\n")[:3]) + b"\n", whole().split(b"\n")[2] + b"\n", "line 4.*not in order",
    ),
    "the same receipt for ever": (
        b"\n".join(whole().split(b"\n")[:4]) + b"\n", whole().split(b"\n")[3] + b"\n", "line 20.*receipt",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_soon_with_the_line_that_is_wrong(what: str) -> None:
    first, then, says = HOSTILE[what]
    read: list[int] = []
    began = time.process_time()
    with pytest.raises(LedgerError, match=says):
        verify(endless(first, then, read))
    assert sum(read) <= 8 << 20
    assert time.process_time() - began < 5.0


def test_nothing_after_a_head_that_does_not_hold_is_read() -> None:
    body = opened(whole())
    body["head"]["cards"][0]["facts"]["until"] = "2036-01-01T00:00:00Z"
    head = resigned(body).splitlines(keepends=True)[0]
    read: list[int] = []
    with pytest.raises(LedgerError, match="line 1"):
        verify(endless(head, b"x", read))
    assert read == []


def test_too_many_cards_are_refused_before_any_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[object] = []
    monkeypatch.setattr(NodeCard, "check", lambda *args: checked.append(args))
    with pytest.raises(LedgerError, match="more than 200"):
        verify(altered(put("head", "cards", value=lambda held: held * 101)))
    assert checked == []


def test_a_fault_names_its_line() -> None:
    with pytest.raises(LedgerError, match="line 5"):
        verify(altered(ALTERED["entry: verdict turned"]))
