"""Agreements for other readers, joined: an ODRL policy, an Akoma Ntoso document, a paper.

Works without a node: a lawyer's laptop needs no keys to export. What stands in them is agreements/exports.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from cordiale.agreements import Register
from cordiale.agreements.explain import Speech, in_another
from cordiale.agreements.exports.akoma import akoma_bytes
from cordiale.agreements.exports.odrl import odrl_bytes
from cordiale.agreements.exports.paper import paper_bytes
from cordiale.agreements.exports.sheet import Proof
from cordiale.agreements.words import plain
from cordiale.errors import UsageError
from cordiale.node.agreements import Voice, found
from cordiale.node.proving import proofs
from cordiale.world import Disk

FORMS: Final = ("odrl", "akoma", "pdf")


def exported(
    register: Register,
    id: str,
    form: str,
    at: datetime,
    *,
    voice: Voice | None = None,
    proved: Sequence[Proof] = (),
) -> bytes:
    """One file in another form: `odrl` (all languages), `akoma` or `pdf` (in that of `voice`, else English).

    Raises UsageError for a form or id that is not known, and for `pdf` where its extra is not installed.
    """
    check_form(form)
    agreement = found(register, id)
    if form == "odrl":
        return odrl_bytes(agreement)
    language = voice.language if voice else "en"
    if form == "akoma":
        return akoma_bytes(agreement, language, voice.say if voice else str)
    speech = in_another(voice.called, voice.say) if voice else Speech(register, str, plain)
    return paper_bytes(agreement, register.on(at), proofs=proved, speech=speech, language=language)


def forms() -> tuple[str, ...]:
    """The forms that can be written here: `pdf` only where its extra is installed."""
    return tuple(one for one in FORMS if one != "pdf" or find_spec("reportlab") is not None)


def check_form(form: str) -> None:
    """Raise UsageError for a form that an agreement cannot be written in."""
    if form not in FORMS:
        raise UsageError(
            f"`{form[:40]}` is no form in which an agreement is written",
            field="as",
            way_out=f"Use one of: {', '.join(FORMS)}.",
        )


def summary(register: Register, id: str, at: datetime) -> list[Proof]:
    """(safeguard, status, law) of each safeguard of one agreement, proved now: `proved` only where the small
    checker has checked it again.
    """
    proof = next(iter(proofs(register, (found(register, id),), at)))
    return [(one.says, _status(one.status, one.holds), one.law) for one in proof.outcomes]


def _status(status: str, holds: bool) -> str:
    return "unknown" if status == "proved" and not holds else status


def write(raw: bytes, file: Path, disk: Disk) -> dict[str, Any]:
    """Write an export; what was written. Raises UsageError where the disk does not take it."""
    try:
        disk.write(file, raw, mode=0o644)
    except OSError as wrong:
        raise UsageError(f"`{file}` cannot be written: {wrong.strerror}", field="out") from None
    return {"file": str(file), "bytes": len(raw)}
