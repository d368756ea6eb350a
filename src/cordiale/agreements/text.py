"""From TOML to the model: one file, or a folder with every mistake in it.

A file with a mistake is refused whole, with file, line and the words to use. Nothing is guessed and
nothing that is not understood is skipped.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from cordiale.agreements.model import Agreement, Record
from cordiale.agreements.registered import RegisterFile
from cordiale.agreements.shape import Place, read_table
from cordiale.errors import AgreementFileError
from cordiale.world import Disk

T = TypeVar("T")
FILE_BYTES_MAX = 2_000_000
"""An agreement file is read and reviewed by people; the largest shipped one is far below 100 kB."""
NOT_FOR_THE_GATE = frozenset({"coverage.toml"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder holds, and every mistake found in it."""

    agreements: tuple[Agreement, ...] = ()
    records: tuple[Record, ...] = ()
    register: tuple[RegisterFile, ...] = ()
    mistakes: tuple[AgreementFileError, ...] = ()
    digests: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    """(file, its words): to say on which line a pointer leads nowhere."""


def read_agreement(raw: bytes, file: str) -> Agreement:
    """An agreement or law file. Raises AgreementFileError with file and line."""
    found = _read(Agreement, raw, file)
    return replace(found, file=file, digest=digest_of(raw))


def read_record(raw: bytes, file: str) -> Record:
    """A dated record. Raises AgreementFileError with file and line."""
    return _read(Record, raw, file)


def read_register(raw: bytes, file: str) -> RegisterFile:
    """A file of the register. Raises AgreementFileError with file and line."""
    return _read(RegisterFile, raw, file)


def digest_of(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def _read(kind: type[T], raw: bytes, file: str) -> T:
    source, parsed = parse(raw, file)
    return read_table(kind, parsed, Place(file, source))


def parse(raw: bytes, file: str) -> tuple[str, dict[str, Any]]:
    """The text and its TOML tables. tomllib itself refuses a key that stands twice."""
    if len(raw) > FILE_BYTES_MAX:
        raise AgreementFileError(f"{file} is larger than {FILE_BYTES_MAX} bytes.")
    try:
        source = raw.decode("utf-8")
        return source, tomllib.loads(source)
    except UnicodeDecodeError:
        raise AgreementFileError(f"{file} is not UTF-8 text.", way_out="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as wrong:
        dated = "date" in str(wrong)
        way = "A date is written 2026-11-22, without quotes, and must exist." if dated else ""
        way = way or "See docs/reference/agreement-file.md."
        raise AgreementFileError(f"{file}: {wrong}", way_out=way) from None


def load_folder(folder: Path, disk: Disk) -> Loaded:
    """Everything under `folder`, each file by what it says it is; mistakes are gathered, not raised."""
    agreements: list[Agreement] = []
    records: list[Record] = []
    register: list[RegisterFile] = []
    mistakes: list[AgreementFileError] = []
    digests: list[str] = []
    sources: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("*.toml")):
        if path.name in NOT_FOR_THE_GATE:
            continue
        raw, file = disk.read(path), path.relative_to(folder).as_posix()
        digests.append(f"{file} {digest_of(raw)}")
        try:
            source, tables = parse(raw, file)
            sources.append((file, source))
            kind = kind_of(tables)
            if kind == "agreement":
                agreements.append(read_agreement(raw, file))
            elif kind == "record":
                records.append(read_record(raw, file))
            else:
                register.append(read_register(raw, file))
        except AgreementFileError as wrong:
            mistakes.append(wrong)
    return Loaded(
        agreements=tuple(agreements),
        records=tuple(records),
        register=tuple(register),
        mistakes=tuple(mistakes),
        digests=tuple(digests),
        sources=tuple(sources),
    )


def kind_of(parsed: Mapping[str, Any]) -> str:
    """What a file is: `kind = "agreement"` or `"law"`, another `kind` with `issued_by`, or the register."""
    if parsed.get("kind") in ("agreement", "law") or "legal_nature" in parsed or "validity" in parsed:
        return "agreement"
    if "kind" in parsed or "issued_by" in parsed:
        return "record"
    return "register"
