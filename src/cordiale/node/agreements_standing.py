"""How agreements stand at this node: what counts, what waits, who has signed, and how the proofs stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from cordiale.agreements.life import Standing, standings
from cordiale.agreements.model import Agreement
from cordiale.node import agreements_kept as kept
from cordiale.node.agreements_counting import ships

if TYPE_CHECKING:
    from cordiale.node.node import Node


def standing_of(node: Node, agreement: str) -> Standing:
    """How an agreement stands today by the steps taken here."""
    on = node.contact.moment().date()
    found = node.store.read(lambda tx: standings(kept.all_steps(tx), on))
    return found.get(agreement, Standing(agreement))


def in_force(node: Node, agreement: str) -> dict[str, str] | None:
    """The file of an agreement that was activated here, as it was signed: id, file, text; else None."""
    digest = standing_of(node, agreement).digest
    parcel = node.store.read(lambda tx: kept.text_of(tx, digest)) if digest else None
    return {"id": agreement, "file": parcel.file, "text": parcel.raw.decode()} if parcel else None


def status(node: Node, agreement: str | None = None) -> list[dict[str, Any]]:
    """Every text that counts, waits or is kept here: agreement, version, state (in_force, shipped, suspended,
    ended, signed, waits), from, signed by, missing, proof, reason.
    """
    on = node.contact.moment().date()

    def found(tx: Connection) -> list[dict[str, Any]]:
        standing = standings(kept.all_steps(tx), on)
        rows: dict[tuple[str, int], dict[str, Any]] = {}
        for text in (*node.files.agreements, *node.register.agreements):
            rows[text.id, text.version] = _row(tx, text, standing.get(text.id, Standing(text.id)))
        for _, _, digest in kept.kept(tx):
            text = kept.agreement_of(tx, digest)
            rows[text.id, text.version] = _row(tx, text, standing.get(text.id, Standing(text.id)))
        return [rows[key] for key in sorted(rows)]

    told = node.store.read(found)
    return [one for one in told if agreement is None or one["agreement"] == agreement]


def _row(tx: Connection, text: Agreement, one: Standing) -> dict[str, Any]:
    signed = kept.signatures_of(tx, text.digest)
    proof = kept.last_proof(tx, text.digest, kept.OURS)
    theirs = kept.last_proof(tx, text.digest, kept.THEIRS)
    sides = {side.side for side in signed}
    stop = one.ended or one.suspended
    return {
        "agreement": text.id,
        "version": text.version,
        "state": _state(text, one, bool(signed)),
        "from": str(one.since or "") if one.digest == text.digest else "",
        "signed_by": sorted(sides),
        "missing": [side.code for side in text.side if side.code not in sides] if signed else [],
        "proof": _proof(proof),
        "their_proof": _proof(theirs),
        "reason": stop.reason if stop is not None else "",
    }


def _proof(found: kept.Proved | None) -> str:
    if found is None:
        return ""
    return f"holds ({found.at:%Y-%m-%d})" if found.holds else f"refused ({found.at:%Y-%m-%d})"


def _state(text: Agreement, one: Standing, is_signed: bool) -> str:
    if one.digest in ("", text.digest) and one.state in ("suspended", "ended"):
        return one.state
    if one.digest == text.digest:
        return one.state
    if one.digest:
        return "signed" if is_signed and text.version > one.version else "replaced"
    if ships(text):
        return "shipped"
    return "signed" if is_signed else "waits"
