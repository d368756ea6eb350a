"""A second verifier of Cordiale ledger files, written from ledger-format.md alone.

Needs Python 3.11 and cryptography 50: python verify_exchange.py FILE [SIDE=KEYFILE ...]
It says HOLDS or DOES NOT HOLD. Without Side keys a file that holds is whole, and nobody knows yet whose
it is: the digests of the keys in it are printed, to compare with each Side.
"""

import json
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as Ed25519
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey

FAULTS = (InvalidSignature, AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


class Wrong(ValueError):
    """What does not hold, in words."""


def need(true, fault):
    if not true:
        raise Wrong(fault)


def whole(text):
    need(abs(int(text)) < 2**53, "a number too large")
    return int(text)


def ascii_named(pairs):  # so that sorting by code point is RFC 8785
    return {name.encode("ascii").decode(): value for name, value in pairs}


def read(raw):
    rules = {"parse_float": whole, "parse_constant": whole, "parse_int": whole}
    value = json.loads(raw, object_pairs_hook=ascii_named, **rules)
    need(write(value) == raw, "JSON that is not canonical")
    return value


def write(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parts(item, names):
    need(set(item) == set(names.split()), f"something else than {names}")
    return [item[name] for name in names.split()]


def b64(text):
    need(b64encode(b64decode(text, validate=True)).decode() == text, "base64 in another spelling")
    return b64decode(text)


def pae(kind, body):
    name = b"application/vnd.cordiale." + kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(body), body)


def signed(kind, body, signature, key):
    Ed25519.from_public_bytes(key[:32]).verify(signature[:64], pae(kind, body))
    MLDSA65PublicKey.from_public_bytes(key[32:]).verify(signature[64:], pae(kind, body))


def hashed(*pieces):
    return sha256(b"".join(pieces)).digest()


def cut(path):  # the rest of a path or proof, and its last step
    need(path and len(b64(path[-1])) == 32, "a step that is missing or no hash")
    return path[:-1], b64(path[-1])


def root(leaf, index, size, path):  # RFC 9162, 2.1.3, from the top down
    need(0 <= index < size and (size > 1 or not path), "a path too long, or outside its tree")
    if size == 1:
        return leaf
    half, (rest, last) = 1 << (size - 1).bit_length() - 1, cut(path)
    if index < half:
        return hashed(b"\1", root(leaf, index, half, rest), last)
    return hashed(b"\1", last, root(leaf, index - half, size - half, rest))


def roots(old, size, proof, known=None):  # RFC 9162, 2.1.4: [old root, new root]
    if old == size:
        rest, same = (proof, known) if known else cut(proof)
        need(not rest, "a consistency proof too long")
        return [same, same]
    half, (rest, last) = 1 << (size - 1).bit_length() - 1, cut(proof)
    if old > half:
        return [hashed(b"\1", last, one) for one in roots(old - half, size - half, rest)]
    first, second = roots(old, half, rest, known)
    return [first, hashed(b"\1", second, last)]


def note_of(raw):  # text, origin, size, root, {(name, key id): signature}
    (text, tail), held = raw.split("\n\n"), {}
    origin, size, top = text.split("\n")
    *lines, last = tail.split("\n")
    for dash, name, blob in (line.split(" ") for line in lines):
        need(dash == "\u2014" and len(b64(blob)) > 4 and (name, b64(blob)[:4]) not in held, "a wrong line")
        held[name, b64(blob)[:4]] = b64(blob)[4:]
    need(not last and len(lines) <= 32 and str(int(size)) == size and len(b64(top)) == 32, "a wrong note")
    return text + "\n", origin, int(size), b64(top), held


def cosigned(note, name, key):  # when; "" if it did not
    _, origin, size, top, held = note
    raw = held.get((name, hashed(name.encode(), b"\n\6", key)[:4]))
    if raw is None:
        return ""
    who, log = (bytes([len(one)]) + one.encode() for one in (name, origin))
    message = b"subtree/v1\n\0" + who + raw[:8] + log + bytes(8) + size.to_bytes(8, "big") + top
    MLDSA44PublicKey.from_public_bytes(key).verify(raw[8:], message)
    return datetime.fromtimestamp(int.from_bytes(raw[:8], "big"), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def checkpoint(raw, log, key):  # the note and its time, signed twice by its own log
    note = note_of(raw)
    plain = note[4][log, hashed(log.encode(), b"\n\1", key[:32])[:4]]
    Ed25519.from_public_bytes(key[:32]).verify(plain, note[0].encode())
    at = cosigned(note, log, key[32:])
    need(note[1] == log and at, "a checkpoint that is not signed by its log")
    return note, at


def check_card(card, sides, at):
    keys, facts, signatures = parts(card, "authority_keys facts signatures")
    need(keys and [key["authority"] for key in keys] == facts["authorities"], "a card without its keys")
    for key, signature in zip(keys, signatures, strict=True):
        said = {name: value for name, value in key.items() if name != "signature"}
        need(all(one["from"] <= at < one["until"] for one in (key, facts)), "a card out of its dates")
        need(key["side"] == facts["side"], "an authority of another Side")
        signed("authority-key.v1", write(said), b64(key["signature"]), sides[facts["side"]])
        signed("node-card.v1", write(facts), b64(signature), b64(key["signing"]))


def check_receipt(item, cards, message):
    body, card, share = parts(item, "body card signature")
    facts = cards[card]
    index, path, signature, size = parts(share, "index path signature size")
    top = root(hashed(b"\0", pae("receipt.v1", body.encode())), index, size, path)
    need(size <= 4096, "a batch too large")
    signed("batch.v1", write({"root": top.hex(), "size": size}), b64(signature), b64(facts["signing"]))
    said = read(body.encode())
    leaf = b64(said["entry"])
    index, proved, path, raw = parts(said["inclusion"], "index leaf path checkpoint")
    note, _ = checkpoint(raw, facts["ledger_origin"], b64(facts["ledger"]))
    need(b64(proved) == hashed(b"\0", leaf), "a proof of another entry")
    need(root(hashed(b"\0", leaf), index, note[2], path) == note[3], "a receipt without inclusion")
    outcome = {"received": "accepted", "refused": "refused"}[read(leaf)["kind"]]
    told = [said["message"], read(leaf)["facts"]["message"], said["outcome"]]
    need(message and told == [message, message, outcome], "a receipt that says something else")


def check_head(raw, anchors):
    names = "about cards checkpoint format log made_at sides"
    about, listed, text, form, log, _, keys = parts(read(raw), names)
    sides = {side: b64(key) for side, key in keys.items()}
    need(form == "cordiale-ledger-file-2" and len(listed) <= 200, "another format")
    need(anchors is None or sides.items() <= anchors.items(), "a Side key that is not the trusted one")
    cards = {"sha256:" + sha256(write(card)).hexdigest(): card["facts"] for card in listed}
    (own,) = (facts for facts in cards.values() if facts["ledger_origin"] == log)
    note, at = checkpoint(text, log, b64(own["ledger"]))
    for card in listed:
        check_card(card, sides, at)
    names = {facts["ledger_origin"]: b64(facts["ledger"])[32:] for facts in cards.values()}
    seen = {name: cosigned(note, name, key) for name, key in names.items() if name != log}
    digests = {side: sha256(key).hexdigest() for side, key in sides.items()}
    told = {"about": about, "log": log, "size": note[2], "signed_at": at, "sides": digests}
    return told | {"cosigned": {name: when for name, when in seen.items() if when}}, cards, own, note


def check(lines, anchors=None):
    """What a file proves. `lines`: with their newlines; `anchors`: Side -> key. Raises one of FAULTS."""
    lines, counts = iter(lines), dict.fromkeys(("earlier", "entry", "opening", "receipt"), 0)
    raw = next(lines, b"")
    told, cards, own, (_, log, size, top, _) = check_head(raw[:-1], anchors)
    digest, index, before, name, entry = sha256(raw), -1, 0, "", None
    for raw in lines:
        line = read(raw[:-1])
        if "digest" in line:
            break
        ((kind, item),) = line.items()
        if kind == "earlier":
            text, proof = parts(item, "checkpoint proof")
            old = checkpoint(text, log, b64(own["ledger"]))[0]
            need(entry is None and before < old[2] <= size, "earlier checkpoints out of order")
            need(roots(old[2], size, proof, old[3]) == [old[3], top], "a ledger that was rewritten")
            before = old[2]
        elif kind == "entry":
            need(item["index"] > index, "entries out of order")
            index, leaf, path = parts(item, "index leaf path")
            need(root(hashed(b"\0", leaf.encode()), index, size, path) == top, "an entry of no ledger")
            entry, name = read(leaf.encode()), ""
        elif kind == "opening":
            need(item["index"] == index and item["name"] > name, "an opening that is not under its entry")
            _, name, salt, value = parts(item, "index name salt value")
            framed = pae("commitment.v1", write({"name": name, "value": value}))
            shown = "sha256:" + hmac(b64(salt), framed, sha256).hexdigest()
            need(entry["commitments"][name] == shown, "a value that was not committed to")
        else:
            check_receipt(item, cards, entry["facts"].get("message"))
        counts[kind] += 1
        digest.update(raw)
    end, count, signature = parts(line, "digest lines signature")
    need(end == "sha256:" + digest.hexdigest() and count == 1 + sum(counts.values()), "not the signed lines")
    signed("ledger-file.v2", write({"digest": end, "lines": count}), b64(signature), b64(own["signing"]))
    need(raw.endswith(b"\n") and next(lines, None) is None, "something after the end, or no end")
    return told | {"lines": counts, "anchored": anchors is not None}


def why(fault):
    if isinstance(fault, Wrong):
        return fault
    if isinstance(fault, InvalidSignature):
        return "a signature that its key did not make"
    return "this is no ledger file, or a line of it is broken off or has another form"


def verdict(told):  # in words: what holds, whose it is, who else has seen it
    counts = ", ".join(f"{count} x {kind}" for kind, count in told["lines"].items() if count)
    yield f"HOLDS: {told['about']}, {told['log']}, {told['size']} entries, {told['signed_at']}: {counts}"
    if told["anchored"]:
        yield f"whose it is: proved by the keys that you gave for {', '.join(sorted(told['sides']))}"
    else:
        yield "whose it is: not proved. Give each Side's key (SIDE=KEYFILE), or compare with each Side:"
        yield from (f"  {side} {digest}" for side, digest in sorted(told["sides"].items()))
    seen = [f"{name} {when}" for name, when in sorted(told["cosigned"].items())]
    yield f"cosigned by: {', '.join(seen) or 'no partner yet: only its own node says that it is all'}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    trusted = {side: Path(file).read_bytes() for side, file in (word.split("=", 1) for word in sys.argv[2:])}
    try:
        with Path(sys.argv[1]).open("rb") as file:
            told = check(iter(lambda: file.readline(4 << 20), b""), trusted or None)
        for line in verdict(told):  # a name of the file's own choosing may look like a line of ours
            print(line if line.isascii() and line.isprintable() else ascii(line))
    except OSError as fault:
        sys.exit(f"nothing was checked: {fault}")
    except FAULTS as fault:
        sys.exit(f"DOES NOT HOLD: {why(fault)}")
