"""A second verifier of Cordiale ledger files, written from ledger-format.md alone.

    python verify_exchange.py FILE [SIDE=KEYFILE ...]

Needs Python 3.11 and `cryptography` 50 or later; imports nothing of Cordiale. Prints what the file proves and
ends with 0, or says what does not hold and ends with 1. Without Side keys it prints digests to compare.
"""

import json
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac_new
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey

KIND = "application/vnd.cordiale."


FAULTS = (
    InvalidSignature,
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


class Wrong(Exception):
    """The file does not hold."""


def need(true, fault):
    if not true:
        raise Wrong(fault)


def read(raw):
    """Canonical JSON only. Files hold no fractions and ASCII keys, so sorting by code point is RFC 8785."""
    value = json.loads(raw)
    need(write(value) == raw, "JSON that is not canonical")
    return value


def write(value):
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def b64(text):
    raw = b64decode(text, validate=True)
    need(b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def pae(kind, body):
    name = (KIND + kind).encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(body), body)


def signed(kind, body, signature, key):
    """Both signatures must hold: Ed25519 (32-byte key, 64-byte signature), then ML-DSA-65."""
    framed = pae(kind, body)
    Ed25519PublicKey.from_public_bytes(key[:32]).verify(signature[:64], framed)
    MLDSA65PublicKey.from_public_bytes(key[32:]).verify(signature[64:], framed)


def root_by_path(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    need(0 <= index < size, "a leaf outside its tree")
    node, last = index, size - 1
    for step in path:
        need(len(step) == 32 and last > 0, "a path too long")
        if node & 1 or node == last:
            leaf = sha256(b"\x01" + step + leaf).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            leaf = sha256(b"\x01" + leaf + step).digest()
        node, last = node >> 1, last >> 1
    need(last == 0, "a path too short")
    return leaf


def continues(old, new, proof):
    """RFC 9162 section 2.1.4.2, for sizes above 0."""
    (size, root), (size_new, root_new) = old, new
    need(0 < size <= size_new, "an earlier checkpoint that is not earlier")
    if size == size_new:
        need(not proof and root == root_new, "two trees of one size")
        return
    steps = [root, *proof] if size & (size - 1) == 0 else list(proof)
    need(steps, "an empty consistency proof")
    node, last = size - 1, size_new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        need(last > 0 and len(step) == 32, "a consistency proof too long")
        if node & 1 or node == last:
            first, second = (sha256(b"\x01" + step + side).digest() for side in (first, second))
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = sha256(b"\x01" + second + step).digest()
        node, last = node >> 1, last >> 1
    need(last == 0 and (first, second) == (root, root_new), "the ledger was rewritten")


def note_of(text):
    """(origin, size, root, [(name, key id, signature)]) of a checkpoint note."""
    body, _, tail = text.rpartition("\n\n")
    origin, size, root = body.split("\n")
    need(size.isascii() and size.isdigit() and str(int(size)) == size, "a size in another spelling")
    need(tail.endswith("\n"), "a note that is cut off")
    lines = []
    for line in tail[:-1].split("\n"):
        dash, name, blob = line.split(" ")
        need(dash == "\u2014", "a line that is no signature")
        lines.append((name, b64(blob)[:4], b64(blob)[4:]))
    need(len(b64(root)) == 32, "a root that is no hash")
    return origin, int(size), b64(root), lines


def cosigned(note, name, key):
    """POSIX time of `name`'s ML-DSA-44 cosignature (C2SP subtree/v1), None when there is none."""
    origin, size, root, lines = note
    wanted, stamp = sha256(name.encode() + b"\n\x06" + key[32:]).digest()[:4], None
    for by, key_id, raw in lines:
        if (by, key_id) == (name, wanted):
            stamp = int.from_bytes(raw[:8], "big")
            message = b"subtree/v1\n\0" + bytes([len(name)]) + name.encode() + raw[:8]
            message += bytes([len(origin)]) + origin.encode() + bytes(8) + size.to_bytes(8, "big") + root
            MLDSA44PublicKey.from_public_bytes(key[32:]).verify(raw[8:], message)
    return stamp


def checkpoint(text, origin, key):
    """A note with both signatures of its own log."""
    note = note_of(text)
    need(note[0] == origin, "a checkpoint of another log")
    wanted, body = (
        sha256(origin.encode() + b"\n\x01" + key[:32]).digest()[:4],
        text.rpartition("\n\n")[0] + "\n",
    )
    mine = [raw for by, key_id, raw in note[3] if (by, key_id) == (origin, wanted)]
    for raw in mine:
        Ed25519PublicKey.from_public_bytes(key[:32]).verify(raw, body.encode())
    stamp = cosigned(note, origin, key)
    need(mine and stamp is not None, "a checkpoint without a signature of its log")
    return note, stamp


def stamp_text(stamp):
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_card(card, sides, at):
    facts, keys, signatures = card["facts"], card["authority_keys"], card["signatures"]
    need(
        [key["authority"] for key in keys] == facts["authorities"] and keys, "a card without its authorities"
    )
    need(len(keys) == len(signatures) and facts["side"] in sides, "a card without a Side key")
    for key, signature in zip(keys, signatures, strict=True):
        statement = {name: value for name, value in key.items() if name != "signature"}
        need(key["side"] == facts["side"], "an authority of another Side")
        signed("authority-key.v1", write(statement), b64(key["signature"]), sides[facts["side"]])
        signed("node-card.v1", write(facts), b64(signature), b64(key["signing"]))
        need(key["from"] <= at < key["until"], "an authority key out of its dates")
    need(facts["from"] <= at < facts["until"], "a card out of its dates")


def check_receipt(item, cards, messages):
    facts, raw, share = cards[item["card"]]["facts"], item["body"].encode(), item["signature"]
    leaf = sha256(b"\0" + pae("receipt.v1", raw)).digest()
    root = root_by_path(leaf, share["index"], share["size"], [b64(step) for step in share["path"]])
    batch = write({"root": root.hex(), "size": share["size"]})
    signed("batch.v1", batch, b64(share["signature"]), b64(facts["signing"]))
    receipt = read(raw)
    proof = receipt["inclusion"]
    need(receipt["message"] in messages, "a receipt for another message")
    leaf = b64(receipt["entry"])
    said = read(leaf)
    need(sha256(b"\0" + leaf).digest() == b64(proof["leaf"]), "a receipt whose proof is of another entry")
    need(said["facts"].get("message") == receipt["message"], "a receipt whose entry says something else")
    pair = (said["kind"], receipt["outcome"])
    need(pair in (("received", "accepted"), ("refused", "refused")), "a receipt that its entry contradicts")
    note, _ = checkpoint(proof["checkpoint"], facts["ledger_origin"], b64(facts["ledger"]))
    path = [b64(step) for step in proof["path"]]
    need(
        root_by_path(b64(proof["leaf"]), proof["index"], note[1], path) == note[2],
        "a receipt without inclusion",
    )


def check(raw, anchors=None):
    """What the file proves, as a dict; raises Wrong (or another exception) when it does not hold."""
    outer = read(raw)
    body = outer["body"]
    need(set(outer) == {"body", "signature"} and body["format"] == "cordiale-ledger-file-1", "another format")
    sides = {side: b64(key) for side, key in body["sides"].items()}
    for side, key in sides.items():
        need(anchors is None or anchors.get(side) == key, f"the key of Side {side} is not the trusted one")
    cards = {"sha256:" + sha256(write(card)).hexdigest(): card for card in body["cards"]}
    own = [card["facts"] for card in cards.values() if card["facts"]["ledger_origin"] == body["log"]]
    need(len(own) == 1, "not exactly one card of the ledger's node")
    note, stamp = checkpoint(body["checkpoint"], body["log"], b64(own[0]["ledger"]))
    for card in cards.values():
        check_card(card, sides, stamp_text(stamp))
    signed("ledger-file.v1", write(body), b64(outer["signature"]), b64(own[0]["signing"]))
    entries, before = {}, -1
    for item in body["entries"]:
        need(item["index"] > before, "entries out of order")
        before, leaf = item["index"], item["leaf"].encode()
        path = [b64(step) for step in item["path"]]
        root = root_by_path(sha256(b"\0" + leaf).digest(), before, note[1], path)
        need(root == note[2], "an entry that is not in the ledger")
        entries[before] = read(leaf)
    for item in body["earlier"]:
        old, _ = checkpoint(item["checkpoint"], body["log"], b64(own[0]["ledger"]))
        continues(old[1:3], note[1:3], [b64(step) for step in item["proof"]])
    for item in body["openings"]:
        framed = pae("commitment.v1", write({"name": item["name"], "value": item["value"]}))
        shown = "sha256:" + hmac_new(b64(item["salt"]), framed, sha256).hexdigest()
        need(
            entries[item["index"]]["commitments"][item["name"]] == shown, "a value that was not committed to"
        )
    messages = {entry["facts"].get("message") for entry in entries.values()} - {None}
    for item in body["receipts"]:
        check_receipt(item, cards, messages)
    others = [card["facts"] for card in cards.values() if card["facts"] is not own[0]]
    seen = {
        facts["ledger_origin"]: cosigned(note, facts["ledger_origin"], b64(facts["ledger"]))
        for facts in others
    }
    return {
        "about": body["about"], "log": body["log"], "size": note[1], "signed_at": stamp_text(stamp),
        "entries": entries, "receipts": len(body["receipts"]), "openings": len(body["openings"]),
        "cosigned": {name: stamp_text(at) for name, at in seen.items() if at is not None},
        "sides": {side: sha256(key).hexdigest() for side, key in sides.items()},
        "anchored": anchors is not None,
    }  # fmt: skip


def main(words):
    anchors = {word.partition("=")[0]: Path(word.partition("=")[2]).read_bytes() for word in words[1:]}
    try:
        print(json.dumps(check(Path(words[0]).read_bytes(), anchors or None), indent=1, ensure_ascii=False))
    except (Wrong, *FAULTS) as fault:
        print(f"DOES NOT HOLD: {type(fault).__name__} {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
