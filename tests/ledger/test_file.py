"""Exchange files: made, verified, and refused in every altered form by both verifiers alike."""

import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cordiale.errors import LedgerError
from cordiale.exchange.receipts import Receipt
from cordiale.ledger import Commitment, Enclosed, Entry, Kind, Note, Opening, export, verify
from cordiale.ledger.checkpoint import cosign as cosign_checkpoint
from cordiale.ledger.file import FILE_KIND
from cordiale.seals import (
    RECEIPT_KIND,
    BatchSignature,
    LedgerKeys,
    SigningKeys,
    canonical,
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


def resigned(body: Body, by: Agency | None = None) -> bytes:
    """The file with its outer signature made anew, as a dishonest node could: the proofs must catch it."""
    signature = sign(FILE_KIND, canonical(body), (by or uk()).signing)
    return canonical({"body": body, "signature": b64encode(signature.to_bytes()).decode()})


def altered(change: Callable[[Body], object]) -> bytes:
    body: Body = read_object(whole())["body"]
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
    "entry: a fact changed": put("entries", 0, "leaf", value=replaced('"sequence":3', '"sequence":4')),
    "entry: verdict turned": put("entries", 1, "leaf", value=replaced('"permit"', '"refuse"')),
    "entry: kind turned": put("entries", 0, "leaf", value=replaced('"sent"', '"read"')),
    "entry: index moved": put("entries", 0, "index", value=2),
    "entry: index out of tree": put("entries", 2, "index", value=300),
    "entry: reordered": put("entries", value=lambda held: [held[1], held[0], held[2]]),
    "entry: doubled": put("entries", value=lambda held: [held[0], *held]),
    "entry: path cut": put("entries", 0, "path", value=lambda held: held[:-1]),
    "entry: path longer": put("entries", 0, "path", value=lambda held: [*held, held[0]]),
    "entry: path bit": put("entries", 0, "path", 0, value=flipped),
    "entry: paths swapped": put("entries", 0, "path", value=lambda held: held[::-1]),
    "checkpoint: size": put("checkpoint", value=replaced("\n300\n", "\n301\n")),
    "checkpoint: root": put("checkpoint", value=lambda held: OTHER_NOTE + held.partition("\n\n")[2]),
    "checkpoint: signatures cut": put("checkpoint", value=lambda held: held[:-5] + "\n"),
    "checkpoint: one signature missing": put(
        "checkpoint", value=lambda held: "\n".join(held.split("\n")[:5]) + "\n"
    ),
    "checkpoint: the earlier one put in its place": lambda body: body.update(
        checkpoint=body["earlier"][0]["checkpoint"]
    ),
    "cosignature: bit": put(
        "checkpoint", value=lambda held: held.rstrip("\n")[:-2] + ("A=" if held[-3] != "A" else "B=") + "\n"
    ),
    "earlier: proof cut": put("earlier", 0, "proof", value=lambda held: held[:-1]),
    "earlier: proof bit": put("earlier", 0, "proof", 0, value=flipped),
    "earlier: size": put("earlier", 0, "checkpoint", value=replaced("\n7\n", "\n8\n")),
    "opening: value": put("openings", 0, "value", value="Somebody Else (invented)"),
    "opening: salt": put("openings", 0, "salt", value=flipped),
    "opening: name": put("openings", 0, "name", value="subject"),
    "opening: index": put("openings", 0, "index", value=3),
    "opening: index not shown": put("openings", 0, "index", value=4),
    "receipt: body": put("receipts", 0, "body", value=replaced('"accepted"', '"refused"')),
    "receipt: path": put("receipts", 0, "signature", "path", value=["AAAA"]),
    "receipt: signature": put("receipts", 0, "signature", "signature", value=flipped),
    "receipt: card of another": lambda body: body["receipts"][0].update(card=uk().card.digest()),
    "receipt: unknown card": put("receipts", 0, "card", value="sha256:" + "0" * 64),
    "card: own missing": put("cards", value=lambda held: held[1:]),
    "card: partner missing": put("cards", value=lambda held: held[:1]),
    "card: another ledger key": put("cards", 0, "facts", "ledger", value=flipped),
    "card: later end": put("cards", 0, "facts", "until", value="2036-01-01T00:00:00Z"),
    "card: another authority": put("cards", 0, "facts", "authorities", value=["nca"]),
    "card: another Side": put("cards", 0, "facts", "side", value="FR"),
    "card: authority key dates": put("cards", 0, "authority_keys", 0, "until", value="2036-01-01T00:00:00Z"),
    "side: another key": put("sides", "UK", value=flipped),
    "side: missing": lambda body: body["sides"].pop("FR"),
    "side: swapped": lambda body: body["sides"].update(UK=body["sides"]["FR"], FR=body["sides"]["UK"]),
    "format: older": put("format", value="cordiale-ledger-file-0"),
    "log: another": put("log", value="fr-paf/ledger"),
    "types: entries": put("entries", value={}),
    "types: index": put("entries", 0, "index", value="3"),
    "types: leaf": put("entries", 0, "leaf", value=3),
}


def both_refuse(raw: bytes) -> None:
    with pytest.raises(LedgerError):
        verify(raw)
    module = second_verifier()
    with pytest.raises((module.Wrong, *module.FAULTS)):
        module.check(raw)


def test_a_whole_file_proves_the_same_to_both_verifiers() -> None:
    anchors = {"UK": uk().side_keys.public(), "FR": fr().side_keys.public()}
    first = verify(whole(), anchors)
    second = second_verifier().check(whole(), {side: key.to_bytes() for side, key in anchors.items()})
    assert first.anchored is second["anchored"] is True
    assert (first.about, first.log, first.checkpoint.size) == (second["about"], second["log"], second["size"])
    assert [one.index for one in first.entries] == list(second["entries"]) == [3, 7, 299]
    assert list(first.cosigned) == list(second["cosigned"]) == [fr().origin]
    assert (len(first.receipts), len(first.openings)) == (second["receipts"], second["openings"]) == (1, 1)
    assert first.receipts[0]["message"] == MESSAGE
    assert first.node == "uk-border-force"
    assert verify(whole()).anchored is False
    assert verify(whole()).fingerprints["UK"] == fingerprint(uk().side_keys.public())


@pytest.mark.parametrize("what", ALTERED)
def test_both_verifiers_refuse_a_file_that_its_own_node_altered_and_signed_again(what: str) -> None:
    both_refuse(altered(ALTERED[what]))


def test_signing_again_without_altering_is_accepted_so_the_signature_is_not_what_refuses() -> None:
    raw = altered(lambda body: None)
    assert verify(raw).checkpoint == verify(whole()).checkpoint
    assert second_verifier().check(raw)["size"] == 300


@pytest.mark.parametrize("at", range(40, 60_000, 4001))
def test_both_verifiers_refuse_a_file_with_one_altered_byte(at: int) -> None:
    raw = bytearray(whole())
    raw[at] ^= 1
    both_refuse(bytes(raw))


@pytest.mark.parametrize("count", [0, 1, 1000, 30_000])
def test_both_verifiers_refuse_a_truncated_file(count: int) -> None:
    both_refuse(whole()[:count])
    both_refuse(whole() + b" ")


@pytest.mark.parametrize("what", ["about", "entries", "receipts", "openings", "earlier", "made_at"])
def test_what_somebody_else_drops_or_changes_breaks_the_nodes_signature(what: str) -> None:
    outer = read_object(whole())
    body: Body = outer["body"]
    body[what] = body[what][:-1]
    both_refuse(canonical(outer))


def test_a_file_signed_by_another_node_is_refused() -> None:
    body: Body = read_object(whole())["body"]
    both_refuse(resigned(body, by=fr()))


def test_keys_that_the_reader_does_not_trust_are_refused_by_both() -> None:
    stranger = SigningKeys.generate().public()
    for anchors in ({"UK": stranger, "FR": fr().side_keys.public()}, {"UK": uk().side_keys.public()}, {}):
        with pytest.raises(LedgerError, match="not the one that you trust"):
            verify(whole(), anchors)
        module = second_verifier()
        with pytest.raises(module.Wrong, match="not the trusted one"):
            module.check(whole(), {side: key.to_bytes() for side, key in anchors.items()})


@pytest.mark.parametrize("name", ["sides", "cards", "entries", "openings", "receipts", "earlier"])
@pytest.mark.parametrize("value", [None, 3, "x", [3], {"x": 3}, [{}]])
def test_fields_of_other_types_are_refused_in_words(name: str, value: object) -> None:
    with pytest.raises(LedgerError):
        verify(altered(put(name, value=value)))


def test_fields_too_many_or_too_few_are_refused() -> None:
    for raw in (
        altered(put("more", value=1)),
        altered(lambda body: body.pop("about")),
        canonical({"body": 1}),
    ):
        with pytest.raises(LedgerError, match="fields of a ledger file"):
            verify(raw)


def test_an_export_needs_a_checkpoint_our_card_and_entries_that_are_there() -> None:
    ours = Enclosed(cards=[uk().card], sides={"UK": uk().side_keys.public()})
    theirs = Enclosed(cards=[fr().card], sides={"FR": fr().side_keys.public()})
    early = Enclosed(cards=[uk().card], sides={}, earlier_sizes=[2])
    with ledger_of(uk()) as (tx, log):

        def made(indexes: list[int], enclosed: Enclosed) -> bytes:
            return export(tx, log, indexes, about=MESSAGE, enclosed=enclosed, signing=uk().signing, at=AT)

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
        assert verify(made([2, 0, 0], ours)).entries[1].index == 2


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
    both_refuse(altered(lambda body: body.update(receipts=[item])))
    honest = receipt_from(fr(), kind=Kind.REFUSED, outcome="refused")
    item.update(body=honest.body.decode(), signature=honest.signature.as_json())
    assert len(verify(altered(lambda body: body.update(receipts=[item]))).receipts) == 1
    assert BatchSignature.from_json(receipt.signature.as_json()) == receipt.signature


def test_a_cosignature_by_nobody_we_know_is_not_counted() -> None:
    def change(body: Body) -> None:
        note = Note.from_text(body["checkpoint"])
        stranger = cosign_checkpoint(note.checkpoint, "somebody/else", LedgerKeys.generate(), AT)
        body["checkpoint"] = note.with_line(stranger).text()

    assert list(verify(altered(change)).cosigned) == [fr().origin]


def test_a_file_holds_no_planted_name_unless_it_was_opened_on_purpose() -> None:
    planted = "Zyx Exampleperson (invented)"
    with ledger_of(uk()) as (tx, log):
        hidden = {"caller": Commitment.to("caller", planted)}
        index = log.append(tx, Entry(Kind.RESCUE, AT, {"message": MESSAGE}, hidden))
        log.append(tx, entry(1))
        log.checkpoint(tx, AT)
        enclosed = Enclosed(cards=[uk().card], sides={"UK": uk().side_keys.public()})
        closed = export(tx, log, [index], about=MESSAGE, enclosed=enclosed, signing=uk().signing, at=AT)
        shown = Opening(index, "caller", planted, log.salts(tx, index)["caller"])
        opened = Enclosed(cards=[uk().card], sides=enclosed.sides, openings=[shown])
        told = export(tx, log, [index], about=MESSAGE, enclosed=opened, signing=uk().signing, at=AT)
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
    raw = altered(lambda whole_body: whole_body.update(receipts=[item]))
    assert verify(raw).receipts[0]["node"] == "fr-paf"
    assert second_verifier().check(raw)["receipts"] == 1
