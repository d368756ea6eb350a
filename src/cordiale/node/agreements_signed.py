"""Signing a text for one's Side, and taking a partner's signed text: signatures and proofs held to account.

The Side's own key signs, the one that lies in the safe: only it binds the state and not an office. Two people
of this node stand under it by name. What comes from a partner is believed when the Side's key, which was
compared on the telephone, signed it, and when this node's own checker has followed the proofs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from cordiale.agreements.life import Act
from cordiale.agreements.model import Agreement
from cordiale.agreements.proofs.ahead import prove_ahead, recheck_ahead
from cordiale.agreements.proofs.solving import CAP_S
from cordiale.agreements.signed import Parcel, Signed, check_party
from cordiale.errors import AgreementFileError, CertificateError
from cordiale.exchange.peers import list_peers
from cordiale.node import agreements_kept as kept
from cordiale.node.agreements_active import (
    Two,
    as_if,
    chosen,
    keep_proof,
    log,
    log_proof,
    not_proved,
    step_of,
    two,
)
from cordiale.node.home import offline_key
from cordiale.node.people import Officer, Verb, needs
from cordiale.seals import SigningKeys, SigningPublic

if TYPE_CHECKING:
    from cordiale.node.node import Node

Tell = Callable[[str], None]


# ---------------------------------------------------------------------- signing


def sign(node: Node, by: Two, parcel: Parcel, *, cap_s: float = CAP_S, tell: Tell = lambda _: None) -> Parcel:
    """Sign a text for this node's Side, after proving it; returns what is handed to the partners.

    Takes the folder `offline` from the safe. Raises AgreementFileError for a text with a mistake, of which
    this Side is no party, or another text of the same number; UsageError where a safeguard does not hold.
    """
    two(by)
    text = parcel.text()
    _fits(node, text, parcel.raw.decode())
    check_party(text, node.side)
    at = node.contact.moment().replace(microsecond=0)
    register = as_if(node, text)
    ahead = prove_ahead(text, register, at, cap_s=cap_s, tell=tell)
    keep_proof(node, text, register, ahead)
    if not ahead.holds:
        raise not_proved(text, ahead)
    keys = SigningKeys.from_bytes(offline_key(node.home, node.vault, "side", node.world.disk))
    signed = Signed.issue(text, keys, side=node.side, at=at, by=(by[0].name, by[1].name))

    def act(tx: Connection) -> None:
        kept.keep_text(tx, parcel, at=at)
        if kept.keep_signature(tx, signed, at=at):
            step = step_of(node, text, Act.SIGNED, by)
            kept.keep_step(tx, step)
            log(node, tx, step)

    node.store.write(act)
    return parcel_of(node, text.id, text.version)


def sign_file(node: Node, by: Two, file: str, raw: bytes | None, *, tell: Tell = lambda _: None) -> Parcel:
    """`sign` a file as it lies on disk (`raw`), or, by its id, a text that was taken from a partner."""
    held = parcel_of(node, file) if raw is None else Parcel(Path(file).name, raw)
    return sign(node, by, held, tell=tell)


def parcel_of(node: Node, agreement: str, version: int | None = None) -> Parcel:
    """What is handed to a partner: the file, every signature kept here, and our certificates."""
    digest, _ = chosen(node, agreement, version)

    def found(tx: Connection) -> Parcel:
        held = kept.text_of(tx, digest)
        assert held is not None, "what was chosen is kept"
        signatures = tuple(kept.signatures_of(tx, digest))
        return replace(held, signatures=signatures, certificates=kept.certificates_of(tx, digest))

    return node.store.read(found)


def _fits(node: Node, text: Agreement, source: str) -> None:
    """Raise AgreementFileError where the text names what is not here, or another one has its number."""
    for wrong in node.files.misfits(text, source):
        raise wrong
    held = node.store.read(lambda tx: kept.versions_of(tx, text.id)).get(text.version)
    standing = node.register.agreement(text.id)
    if held is None and standing is not None and standing.version == text.version:
        held = standing.digest
    if held is not None and held != text.digest:
        raise AgreementFileError(
            f"`{text.id}` has a version {text.version} already, and it says something else",
            field="version",
            way_out="Give the changed text the next number; `cordiale agreement diff` shows what changed.",
        )


# ---------------------------------------------------------------------- taking


def take(node: Node, by: Officer, raw: bytes, *, tell: Tell = lambda _: None) -> dict[str, Any]:
    """Take a signed text from a partner: every signature is held against its Side's key, every certificate
    re-checked by this node's own checker, and the outcome stands in the ledger.

    Raises AgreementFileError, IdentityError or CertificateError naming the field; a refused proof is recorded
    before it is raised, and nothing of the parcel is kept.
    """
    needs(by, Verb.LAW)
    parcel = Parcel.from_bytes(raw)
    text = parcel.text()
    _fits(node, text, parcel.raw.decode())
    known = _keys(node)
    for one in parcel.signatures:
        check_party(text, one.side)
        one.check(text, _key(known, one.side))
    if not parcel.signatures:
        raise AgreementFileError(
            f"nobody has signed this text of `{text.id}`",
            field="signatures",
            way_out="Ask the partner to sign it first; a draft is read with `cordiale agreement check`.",
        )
    tell(f"{text.id}: {len(parcel.certificates)} certificates")
    _recheck(node, text, parcel)
    at = node.contact.moment()

    def act(tx: Connection) -> int:
        kept.keep_text(tx, parcel, at=at)
        fresh = sum([kept.keep_signature(tx, one, at=at) for one in parcel.signatures])
        step = replace(step_of(node, text, Act.TAKEN, (by,)), reason="")
        kept.keep_step(tx, step)
        log(node, tx, step)
        return fresh

    fresh = node.store.write(act)
    signed = {one.side for one in node.store.read(lambda tx: kept.signatures_of(tx, text.digest))}
    return {
        "agreement": text.id,
        "version": text.version,
        "signatures": sorted(signed),
        "fresh": fresh,
        "missing": [one.code for one in text.side if one.code not in signed],
        "certificates": len(parcel.certificates),
        "rechecked": True,
    }


def _recheck(node: Node, text: Agreement, parcel: Parcel) -> None:
    """Follow the partner's proofs over what is drawn here. Raises CertificateError after recording it."""
    at = node.contact.moment()
    register = as_if(node, text)
    why: tuple[str, ...] = ()
    fault: CertificateError | None = None
    try:
        recheck_ahead(text, register, at, parcel.certificates)
    except CertificateError as wrong:
        fault, why = wrong, (wrong.message,)
    found = kept.Proved(kept.THEIRS, register.texts_digest, fault is None, why, at)
    certificates = parcel.certificates if fault is None else ()

    def act(tx: Connection) -> None:
        kept.keep_proof(tx, text.digest, found, certificates)
        log_proof(node, tx, text, found, peer=parcel.signatures[0].side)

    node.store.write(act)
    if fault is not None:
        raise CertificateError(
            f"our own checker refuses the proof: {fault.message}", field=fault.field, way_out=fault.way_out
        )


def _keys(node: Node) -> dict[str, SigningPublic]:
    """Side -> its key: ours, and those that were compared on the telephone."""
    found = {str(one.side): one.side_key for one in node.store.read(list_peers)}
    return found | {node.side: node.keys.side}


def _key(known: dict[str, SigningPublic], side: str) -> SigningPublic:
    if side not in known:
        raise AgreementFileError(
            f"the key of {side} is not known here",
            field=f"signatures.{side}",
            way_out="Take a node of that Side in first: `cordiale peer add`.",
        )
    return known[side]
