"""Agreements, joined: answer a request, list, show, explain and check the files on disk.

Works without a node: a lawyer's laptop needs no keys to ask. The rules are in agreements/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from cordiale.agreements import Answer, Register, decide, parse_question
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.register import SHIPPED, gather
from cordiale.agreements.text import Loaded, load_folder, read_record
from cordiale.errors import RequestError, UsageError
from cordiale.world import Clock, Disk, SystemDisk

REQUEST_BYTES_MAX = 4_000_000
"""A request is items and facts, not attachments; the largest shipped example is under 20 kB."""


def load(texts: Path | None = None, records: Path | None = None) -> Register:
    """The register from the files on disk: the shipped ones unless folders are named."""
    return Register.load(texts, records)


def answer(raw: Mapping[str, Any], register: Register, at: datetime) -> Answer:
    """The gate's answer to one request as of `at`. Raises RequestError naming the field that is wrong."""
    return decide(parse_question(raw), register, at)


def read_request(path: Path, disk: Disk) -> dict[str, Any]:
    """A request from a JSON file. Raises RequestError with the line where it stops being JSON."""
    try:
        raw = disk.read(path)
    except FileNotFoundError:
        raise RequestError(
            f"there is no file `{path.name}`", way_out="Give a path, or `-` for stdin."
        ) from None
    return request_from(raw)


def request_from(raw: bytes) -> dict[str, Any]:
    """A request from JSON bytes."""
    if len(raw) > REQUEST_BYTES_MAX:
        raise RequestError(f"the request is larger than {REQUEST_BYTES_MAX} bytes")
    try:
        found = json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as wrong:
        raise RequestError(f"the request is not JSON: {wrong}") from wrong
    if not isinstance(found, dict):
        raise RequestError("the request is not a JSON object", way_out="See docs/reference/decide.md.")
    return found


def moment(words: str | None, clock: Clock) -> datetime:
    """The moment that `--at` names: a date (its noon, UTC), a date and time with zone, or now."""
    if words is None:
        return clock.now()
    try:
        if len(words) == len("2026-11-22"):
            return datetime.combine(date.fromisoformat(words), time(12), UTC)
        found = datetime.fromisoformat(words)
    except ValueError:
        raise UsageError(
            f"`{words}` is not a date", field="at", way_out="Write 2026-11-22 or 2026-11-22T09:30Z."
        ) from None
    if found.tzinfo is None:
        raise UsageError(f"`{words}` has no time zone", field="at", way_out="Add Z for UTC.")
    return found.astimezone(UTC)


# ------------------------------------------------------------------------------ a node's own register


def register_of(home: Path, texts: str, records: str, disk: Disk) -> Register:
    """The register of a node: the shipped files or its own `texts`, with the records of `home/records` added.

    `records` names a folder instead of `home/records`. Raises AgreementFileError for the first mistake.
    """
    loaded, mistakes = gather(Path(texts) if texts else None, None, disk)
    folder = Path(records) if records else home / "records"
    own = load_folder(folder, disk) if folder.is_dir() else Loaded((), (), (), (), ())
    if wrong := (*mistakes, *own.mistakes):
        raise wrong[0]
    joined = Loaded(
        loaded.agreements,
        (*loaded.records, *own.records),
        loaded.register,
        (),
        (*loaded.digests, *own.digests),
    )
    return Register(joined)


# ------------------------------------------------------------------------------ for people


def listing(register: Register, at: datetime) -> list[dict[str, Any]]:
    """Every agreement and law file: id, kind, title, legal_nature, signed, from, until, state on the day,
    confidence.
    """
    return [_listed(register, one, at) for one in (*register.agreements, *register.laws)]


def _listed(register: Register, one: Agreement, at: datetime) -> dict[str, Any]:
    day, spans = at.date(), one.validity
    suspended = register.on(at).suspensions(one)
    standing = any(span.in_force(day) for span in spans)
    begins = [span.from_ for span in spans if span.from_]
    ends = [span.until for span in spans]
    state = "suspended" if suspended else "in_force" if standing else "not_in_force"
    if not standing and any(span.status == "unknown" for span in spans):
        state = "unknown"
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "legal_nature": one.legal_nature,
        "signed": one.signed.isoformat() if one.signed else "",
        "from": min(begins).isoformat() if begins else "",
        "until": max(end for end in ends if end).isoformat() if ends and all(ends) else "",
        "state": state,
        "confidence": one.confidence,
        "provisions": len(one.provision),
    }


def shown(id: str, texts: Path | None = None, disk: Disk | None = None) -> dict[str, Any]:
    """One file as it lies on disk: id, file, text. Raises UsageError when there is none of that id."""
    disk = disk or SystemDisk()
    for path in sorted((texts or SHIPPED).rglob("*.toml")):
        if path.stem == id or f'id = "{id}"' in disk.read(path).decode("utf-8").splitlines():
            return {"id": id, "file": path.name, "text": disk.read(path).decode("utf-8")}
    raise _nothing(id)


def provisions(register: Register, id: str) -> list[dict[str, Any]]:
    """The provisions of one file: what the article says beside what the file says."""
    return [_told(one) for one in _found(register, id).provision]


def _told(one: Provision) -> dict[str, Any]:
    lists = (
        "types",
        "acts",
        "directions",
        "purposes",
        "regimes",
        "granted",
        "withheld",
        "essential",
        "authority_kinds",
    )
    plain = ("id", "article", "sentence", "source", "confidence", "effect", "read", "personal")
    return {name: str(getattr(one, name)) for name in plain} | {
        name: sorted(str(value) for value in getattr(one, name)) for name in lists
    }


def explained(register: Register, id: str, at: datetime) -> list[str]:
    """One file in sentences: what it is, how it stands, and each provision with its article and
    confidence.
    """
    one = _found(register, id)
    row = _listed(register, one, at)
    lines = [
        f"{one.title} ({one.kind}, {one.legal_nature}), version {one.version}.",
        f"On {at.date().isoformat()}: {row['state'].replace('_', ' ')}; from {row['from'] or 'unread'} until "
        f"{row['until'] or 'no end stated'}.",
    ]
    for side in one.side:
        named = ", ".join(a.id or f"every {a.kind} body" for a in side.authority) or "no authority named"
        lines.append(f"{side.code}{' (and its members)' if side.bloc else ''}: {named}.")
    for key, rows in one.basis:
        for basis in rows:
            regimes = ", ".join(sorted(basis.regimes)) or "no regime"
            lines.append(
                f"Basis {key.replace('_', ' ')}: {basis.mode} ({', '.join(basis.records) or 'no record'}), "
                f"for {regimes}, personal data: {basis.data}. {basis.source}"
            )
    lines += [_sentence(line) for line in one.provision]
    lines += [f"Protects [{line.article}]: {line.sentence}" for line in one.protects]
    lines += [f"Taint [{line.article}]: {line.sentence}" for line in one.taint]
    return lines


def _sentence(line: Provision) -> str:
    about = f" Types: {', '.join(sorted(line.types))}." if line.types else ""
    where = f" Direction: {', '.join(sorted(line.directions))}." if line.directions else ""
    sure = "" if line.confidence == "confirmed" else f" ({line.confidence}: read {line.read or line.source})"
    return f"{line.effect.capitalize()} [{line.article}] {line.sentence}{about}{where}{sure}"


def checked(folder: Path | None, records: Path | None, disk: Disk | None = None) -> dict[str, Any]:
    """Every mistake in the files of a folder: {files, wrong: [sentence]}."""
    loaded, mistakes = gather(folder, records, disk or SystemDisk())
    count = len(loaded.agreements) + len(loaded.records) + len(loaded.register)
    return {"files": count, "wrong": [str(one) for one in mistakes]}


def parties(register: Register, at: datetime) -> list[dict[str, str]]:
    """Every authority of the register on a day: party ("SIDE/authority"), side, name, kind."""
    found = register.on(at).authorities.values()
    rows = [{"party": f"{a.side}/{a.id}", "side": a.side, "name": a.name, "kind": a.kind} for a in found]
    return sorted(rows, key=lambda row: (row["side"], row["name"]))


def said(answer: Answer) -> str:
    """An answer in plain words, for a terminal."""
    found = answer.as_json()
    headline = found.get("headline") or {}
    basis = found.get("basis") or {}
    lines = [
        f"{str(found['verdict']).upper()}  {headline.get('article', '')}",
        str(headline.get("sentence", "")),
    ]
    if basis.get("agreement"):
        lines.append(f"under {basis['agreement']}/{basis.get('provision', '')}, as of {found.get('at', '')}")
    for one in found.get("withheld", ()):
        lines.append(f"withheld: {one['item']}  [{one.get('article', '')}] {one.get('sentence', '')}")
    for one in found.get("failures", ())[1:]:
        lines.append(f"also: step {one.get('step')} [{one.get('article', '')}] {one.get('sentence', '')}")
    for one in found.get("missing", ()):
        lines.append(
            f"would help: {one.get('what')} from {one.get('who_can_give', '')} [{one.get('article', '')}]"
        )
    for one in found.get("duties", ()):
        lines.append(f"duty: {one.get('do')} [{one.get('article', '')}]")
    lines += [f"warning: {one}" for one in found.get("warnings", ())]
    return "\n".join(line for line in lines if line.strip())


def _found(register: Register, id: str) -> Agreement:
    found = register.agreement(id)
    if found is None:
        raise _nothing(id)
    return found


def _nothing(id: str) -> UsageError:
    return UsageError(
        f"no agreement or law file is called `{id[:80]}`",
        field="id",
        way_out="`cordiale agreement list` names them all.",
    )


def check_parties(register: Register, side: str, authorities: tuple[str, ...]) -> None:
    """Raise UsageError unless the register knows this Side and these authorities."""
    if side not in register.sides:
        raise UsageError(
            f"`{side[:40]}` is no Side of the register",
            field="side",
            way_out=f"Use one of: {', '.join(sorted(register.sides))}.",
        )
    known = {one.id for one in register.authorities if one.side == side}
    for name in authorities:
        if name not in known:
            raise UsageError(
                f"`{name[:60]}` is no authority of {side} in the register",
                field="authority",
                way_out=f"Use one of: {', '.join(sorted(known))}.",
            )


def add_record(home: Path, name: str, raw: bytes, disk: Disk) -> str:
    """Put a dated legal record into a node's own folder, after reading it as the gate does; returns its id.

    The running node takes it in with `opening.reload_register`. Raises AgreementFileError with file and line.
    """
    found = read_record(raw, f"{name}.toml")
    disk.write(home / "records" / f"{found.id}.toml", raw, mode=0o644)
    return found.id
