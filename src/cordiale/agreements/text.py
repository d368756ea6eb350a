"""From TOML to the model: one file, or a folder with every mistake in it.

A file with a mistake is refused whole, with file, line and the words to use. Nothing is guessed and
nothing that is not understood is skipped.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from cordiale.agreements.model import Agreement, Record
from cordiale.agreements.registered import RegisterFile
from cordiale.agreements.shape import Place, Sheet, read_table
from cordiale.errors import AgreementFileError, InputError
from cordiale.world import Disk

T = TypeVar("T")
FILE_BYTES_MAX = 2_000_000
"""An agreement file is read and reviewed by people; the largest shipped one is far below 100 kB."""
KEY_DOTS_MAX = 64
"""The longest key of a shipped file has three parts; to read one of many thousands takes minutes."""
LINE_SHOWN = 80
"""Characters of a line that an error shows."""
TWINS = frozenset({"sentences", "reads", "titles", "labels"})
"""Tables that say in another language what stands beside them."""
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
    ids: tuple[tuple[str, str], ...] = ()
    """(kind, id) of every file, one with mistakes too: a pointer to it leads somewhere."""
    broken: tuple[tuple[str, str], ...] = ()
    """(kind, file) of every file with a mistake; no kind for one that is no TOML."""


def read_agreement(raw: bytes, file: str) -> Agreement:
    """An agreement or law file. Raises AgreementFileError with file and line."""
    source, tables = parse(raw, file)
    found = read_table(Agreement, tables, Place(file, source))
    return replace(found, file=file, digest=law_digest(tables))


def read_record(raw: bytes, file: str) -> Record:
    """A dated record. Raises AgreementFileError with file and line."""
    return _read(Record, raw, file)


def read_register(raw: bytes, file: str) -> RegisterFile:
    """A file of the register. Raises AgreementFileError with file and line."""
    return _read(RegisterFile, raw, file)


def _as_far(
    kind: type[T], tables: Mapping[str, Any], sheet: Sheet
) -> tuple[T | None, list[AgreementFileError]]:
    """What can be read of a file, and every mistake in it, from its first line to its last."""
    try:
        found: T | None = read_table(kind, tables, sheet)
    except InputError as wrong:
        found = None
        if wrong not in sheet.mistakes:
            sheet.mistakes.append(wrong)
    told = [one for one in sheet.mistakes if isinstance(one, AgreementFileError)]
    return found, sorted(told, key=_line_in)


def _line_in(mistake: AgreementFileError) -> int:
    found = re.search(r", line (\d+):", mistake.message)
    return int(found.group(1)) if found else 0


def digest_of(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def law_digest(tables: Mapping[str, Any]) -> str:
    """The digest by which two nodes know that they hold the same agreement: of what it says in English,
    whatever its layout and comments. A French word that is mended cuts nobody off.
    """
    plain = json.dumps(_in_one_language(tables), sort_keys=True, default=str)
    return digest_of(plain.encode("ascii"))


def _in_one_language(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = ((k, one) for k, one in value.items() if not (k in TWINS and isinstance(one, Mapping)))
        return {k: _in_one_language(one) for k, one in kept}
    return [_in_one_language(one) for one in value] if isinstance(value, list) else value


def _read(kind: type[T], raw: bytes, file: str) -> T:
    source, parsed = parse(raw, file)
    return read_table(kind, parsed, Place(file, source))


def parse(raw: bytes, file: str) -> tuple[str, dict[str, Any]]:
    """The text and its TOML tables. tomllib itself refuses a key that stands twice."""
    if len(raw) > FILE_BYTES_MAX:
        raise AgreementFileError(f"{file} is larger than {FILE_BYTES_MAX} bytes.")
    try:
        source = raw.decode("utf-8")
        if any(line.partition("=")[0].count(".") > KEY_DOTS_MAX for line in source.splitlines()):
            raise AgreementFileError(f"{file} has a key of more than {KEY_DOTS_MAX} parts.")
        return source, tomllib.loads(source)
    except UnicodeDecodeError:
        raise AgreementFileError(f"{file} is not UTF-8 text.", way_out="Save it as UTF-8.") from None
    except RecursionError:
        raise AgreementFileError(f"{file} holds tables or lists in one another without end.") from None
    except tomllib.TOMLDecodeError as wrong:
        raise _no_toml(str(wrong), source, file) from None
    except ValueError:  # of a number that no clock and no count can be
        raise AgreementFileError(f"{file} holds a number that is too long.") from None


def _no_toml(wrong: str, source: str, file: str) -> AgreementFileError:
    """What TOML itself could not read, with its line and the rules that are broken most often."""
    place = re.search(r" \(at line (\d+), column \d+\)$", wrong)
    number = int(place.group(1)) if place else len(source.splitlines())
    line = source.splitlines()[number - 1].strip() if 0 < number <= len(source.splitlines()) else ""
    what = wrong[: place.start()] if place else wrong.removesuffix(" (at end of document)")
    way = "Words stand in quotes, lists in [ ], tables in { }; a key stands once."
    if "date" in wrong or re.search(r"\d{4}", line):
        way = "A date is written 2026-11-22, without quotes, and must exist. " + way
    return AgreementFileError(f"{file}, line {number}: {what}: `{line[:LINE_SHOWN]}`", way_out=way)


def raw_of(path: Path, file: str, disk: Disk) -> bytes:
    """The bytes of one file. Raises AgreementFileError for what has no end (a pipe, a device, a link to one),
    is too large to be an agreement, or cannot be read.
    """
    try:
        if not path.is_file():
            raise AgreementFileError(f"{file} is no plain file.", way_out="Take it out of the folder.")
        if path.stat().st_size > FILE_BYTES_MAX:
            raise AgreementFileError(f"{file} is larger than {FILE_BYTES_MAX} bytes.")
        return disk.read(path)
    except OSError as wrong:
        raise AgreementFileError(f"{file} cannot be read: {wrong.strerror}.") from None


def load_folder(folder: Path, disk: Disk) -> Loaded:
    """Everything under `folder`, each file by what it says it is; mistakes are gathered, not raised.

    Of a file with mistakes stands here what could be read: to look at, never to decide by.
    """
    agreements: list[Agreement] = []
    records: list[Record] = []
    register: list[RegisterFile] = []
    mistakes: list[AgreementFileError] = []
    digests: list[str] = []
    sources: list[tuple[str, str]] = []
    ids: list[tuple[str, str]] = []
    broken: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("*.toml")):
        if path.name in NOT_FOR_THE_GATE:
            continue
        file = path.relative_to(folder).as_posix()
        try:
            raw = raw_of(path, file, disk)
            digests.append(f"{file} {digest_of(raw)}")
            source, tables = parse(raw, file)
        except AgreementFileError as wrong:
            mistakes.append(wrong)
            broken.append(("", file))
            continue
        sources.append((file, source))
        kind, sheet = kind_of(tables), Sheet(file, source)
        if kind == "agreement":
            text, wrongs = _as_far(Agreement, tables, sheet)
            agreements += [replace(text, file=file, digest=law_digest(tables))] if text else []
        elif kind == "record":
            record, wrongs = _as_far(Record, tables, sheet)
            records += [replace(record, file=file)] if record else []
        else:
            part, wrongs = _as_far(RegisterFile, tables, sheet)
            register += [part] if part else []
        mistakes += wrongs
        ids += [(kind, str(tables.get("id", "")))]
        broken += [(kind, file)] if wrongs else []
    return Loaded(
        agreements=tuple(agreements),
        records=tuple(records),
        register=tuple(register),
        mistakes=tuple(mistakes),
        digests=tuple(digests),
        sources=tuple(sources),
        ids=tuple(ids),
        broken=tuple(broken),
    )


def kind_of(parsed: Mapping[str, Any]) -> str:
    """What a file is: `kind = "agreement"` or `"law"`, another `kind` with `issued_by`, or the register."""
    if parsed.get("kind") in ("agreement", "law") or "legal_nature" in parsed or "validity" in parsed:
        return "agreement"
    if "kind" in parsed or "issued_by" in parsed:
        return "record"
    return "register"
