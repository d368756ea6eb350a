"""An agreement in plain lines, the list of them on a day, and every mistake of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cordiale.agreements.check import unsourced
from cordiale.agreements.model import Agreement, Basis, Provision
from cordiale.agreements.register import Day, Register, gather
from cordiale.agreements.steps.when import applies, stopped
from cordiale.errors import AgreementFileError
from cordiale.world import Disk, SystemDisk


@dataclass(frozen=True, slots=True)
class Listed:
    """One agreement or law in the list: what it is and how it stands on the day."""

    id: str
    title: str
    kind: str
    legal_nature: str
    state: str
    sides: tuple[str, ...]
    signed: str
    from_: str
    until: str
    confidence: str
    source: str


def listing(register: Register, day: Day) -> tuple[Listed, ...]:
    """Every agreement and law with its state on the day."""
    return tuple(_listed(text, day) for text in (*register.agreements, *register.laws))


def _listed(text: Agreement, day: Day) -> Listed:
    starts = [s.from_ for s in text.validity if s.from_]
    ends = [s.until for s in text.validity]
    open_end = None in ends
    return Listed(
        id=text.id,
        title=text.title,
        kind=text.kind,
        legal_nature=text.legal_nature,
        state=state(text, day),
        sides=tuple(s.code for s in text.side),
        signed=str(text.signed or ""),
        from_=str(min(starts)) if starts else "",
        until="" if open_end else str(max(e for e in ends if e is not None)),
        confidence=text.confidence,
        source=text.source,
    )


def state(text: Agreement, day: Day) -> str:
    """`in force`, `suspended`, `unknown`, `not yet` or `ended` on the day."""
    if any(not stopped(r) for r in day.suspensions(text)):
        return "suspended"
    if applies(text, day):
        return "in force"
    if any(s.in_force(day.on) for s in text.validity):
        return "unknown"
    return "not yet" if all(s.from_ and s.from_ > day.on for s in text.validity) else "ended"


def explain(text: Agreement, day: Day) -> tuple[str, ...]:
    """The whole file in sentences: who, since when, on what basis, and each provision with its article."""
    lines = [text.title, f"{text.legal_nature}; {state(text, day)} on {day.on}; version {text.version}"]
    for side in text.side:
        bodies = ", ".join(a.id or f"every {a.kind}" for a in side.authority) or "nobody named"
        lines.append(f"{side.code}: {bodies}" + (f" ({side.footnote})" if side.footnote else ""))
    for key, rows in text.basis:
        lines += [_basis(key, row) for row in rows]
    for law in text.taint:
        lines.append(f"{law.article}: {law.sentence} [source bar, {law.confidence}]")
    for rule in text.protects:
        lines.append(f"{rule.article}: {rule.sentence} [protects, {rule.confidence}]")
    for line in text.provision:
        lines += _provision(line)
    return tuple(lines)


def _basis(key: str, row: Basis) -> str:
    what = {
        "none": "no personal data",
        "identifiers": "ship and aircraft numbers only",
        "yes": "personal data",
    }
    records = f" with {' or '.join(row.records)}" if row.records else ""
    return f"{key.replace('_to_', ' to ')}: {what[row.data]}{records} [{row.mode}, {row.confidence}]"


def _provision(line: Provision) -> list[str]:
    out = [f"{line.article} ({line.id}): {line.effect}. {line.sentence} [{line.confidence}]"]
    for name in ("types", "acts", "directions", "purposes", "regimes", "granted", "essential", "withheld"):
        if values := getattr(line, name):
            out.append(f"    {name}: {', '.join(sorted(values))}")
    if line.read:
        out.append(f"    a person must read: {line.read}")
    return out


def check_folder(
    texts: Path | None = None, records: Path | None = None, *, disk: Disk | None = None
) -> tuple[AgreementFileError, ...]:
    """Every mistake in the files, none raised, and every line without a source; empty: it can be reviewed."""
    loaded, mistakes = gather(texts, records, disk or SystemDisk())
    return (*mistakes, *unsourced(loaded))
