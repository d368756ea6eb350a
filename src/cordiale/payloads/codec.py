"""Payloads as JSON trees and back, strictly: an unknown, missing, wrong, doubled or over-long field is named.

Only a distress incident is read leniently, with its defects listed: a life comes before a version.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, cast

import orjson

from cordiale.errors import PayloadError
from cordiale.payloads.model import (
    ENTRIES_MAX,
    Attachment,
    FreeText,
    Json,
    Part,
    Passage,
    Payload,
    Slot,
    check_one,
    once_a_class,
    said,
    slots,
)
from cordiale.payloads.swift import Reader, Writer, reader_of, write_moment, writer_of
from cordiale.terms import Category

VERSION: Final = 1
BODY_BYTES_MAX: Final = (
    1_000_000  # one message without attachments; a full text of 20,000 signs and 200 persons fits
)

MISSING: Final = "missing"
"""Under which `Partial.kept` holds the required leaves that are not there."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Partial:
    """A payload from which something was withheld, as the tree that leaves.

    `withheld`: at the sender every path left out; on the wire, and so at the recipient, only the paths of
    required leaves, which their absence shows anyway: a person left out leaves no trace.
    `moved`: old path -> new path, and `renamed`: old subject id -> new one; both at the sender only.
    `kept`: what was worked out of every copy made in the same way (outlines.py), and nothing of its values.
    """

    model: type[Payload]
    tree: Mapping[str, Json]
    withheld: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    renamed: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    kept: dict[Any, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def TYPE(self) -> str:
        return self.model.TYPE

    @property
    def MODEL(self) -> str:
        return self.model.MODEL

    @property
    def missing(self) -> tuple[str, ...]:
        """The required leaves that are not there."""
        if self.kept is None:
            return tuple(_missing(self.model, self.tree, ""))
        missing: tuple[str, ...] = self.kept[MISSING]
        return missing

    def whole(self) -> Payload | None:
        """The payload itself, if every required leaf is still there."""
        return None if self.missing else cast(Payload, read(self.model, self.tree, ""))


Carried = Payload | Partial
"""What travels: a payload, or what is left of one."""


def kind_of(carried: Carried) -> type[Payload]:
    """The model of what travels."""
    return carried.model if isinstance(carried, Partial) else type(carried)


class _Latest(threading.local):
    """The payload that this thread wrote or read last, and its tree: one message asks for it five times.

    By identity, since payloads are frozen; one alone, so that nothing about a person is kept for long.
    """

    payload: Payload | None = None
    tree: Mapping[str, Json] | None = None
    raw: bytes = b""
    """The bytes of the body that it was read from, until somebody asks for the tree."""


_latest = _Latest()


def tree_of(carried: Carried) -> Mapping[str, Json]:
    """The JSON tree of the leaves, without type and version. Not to be written into."""
    if isinstance(carried, Partial):
        return carried.tree
    if _latest.payload is not carried:
        _latest.payload, _latest.tree = carried, _writer(type(carried))(carried)
    if _latest.tree is None:
        _latest.tree = orjson.loads(_latest.raw)
    tree: Mapping[str, Json] = _latest.tree
    return tree


def envelope(carried: Carried) -> dict[str, Json]:
    """`{type, model, version, body}`, and `withheld` when required leaves are missing."""
    kind = kind_of(carried)
    out: dict[str, Json] = {
        "type": kind.TYPE,
        "model": kind.MODEL,
        "version": VERSION,
        "body": dict(tree_of(carried)),
    }
    if isinstance(carried, Partial) and (missing := carried.missing):
        out["withheld"] = list(missing)
    return out


def written(carried: Carried) -> bytes:
    """The canonical bytes (RFC 8785) of `envelope`: names are ASCII, numbers whole and small, by the models.

    Raises TypeError for half a character, which no bytes can hold.
    """
    return orjson.dumps(envelope(carried), option=orjson.OPT_SORT_KEYS)


def unfold(models: Mapping[str, type[Payload]], type_id: str, raw: Mapping[str, Json]) -> Carried:
    """Read an envelope of one of `models`. Raises PayloadError naming the field."""
    if not isinstance(raw, Mapping):
        raise PayloadError(f"must be an object, not {said(type(raw))}", field="payload")
    for name in raw:
        if name not in ("type", "model", "version", "body", "withheld"):
            raise PayloadError(f"`{str(name)[:60]}` is no field of a payload", field=str(name)[:60])
    if raw.get("type") != type_id:
        raise PayloadError(f"says `{str(raw.get('type'))[:60]}`, expected `{type_id}`", field="type")
    if raw.get("version") != VERSION or isinstance(raw.get("version"), bool):
        raise PayloadError(
            f"is not {VERSION}", field="version", way_out="Ask the sender which version it uses."
        )
    kind = models.get(str(raw.get("model")))
    if kind is None:
        raise PayloadError(f"is none of {', '.join(models)}", field="model")
    return _open_body(kind, raw.get("body"), raw.get("withheld"))


def _open_body(kind: type[Payload], body: Json, withheld: Json) -> Carried:
    if withheld is None and (swift := swiftly(kind, body)) is not None:
        return swift
    if size_of(body) > BODY_BYTES_MAX:
        raise PayloadError(f"is larger than {BODY_BYTES_MAX} bytes", field="body")
    if withheld is None:
        payload = cast(Payload, read(kind, body, ""))
        if lost := _missing(kind, body, ""):
            raise PayloadError("is missing", field=lost[0])
        refuse_double_subjects(kind, tree_of(payload))
        return payload
    read(kind, body, "", lacking=True)
    partial = Partial(kind, body)
    if not isinstance(withheld, list) or withheld != list(partial.missing) or not withheld:
        raise PayloadError("does not name exactly the required leaves that are missing", field="withheld")
    refuse_double_subjects(kind, body)
    return Partial(kind, body, withheld=tuple(withheld))


def size_of(tree: Json) -> int:
    """The size of a tree as JSON, in bytes. Raises PayloadError for what is no JSON."""
    try:
        return len(json.dumps(tree, ensure_ascii=False, allow_nan=False).encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        raise PayloadError("holds something that JSON has no word for", field="body") from None


def parse(raw: bytes) -> dict[str, Json]:
    """JSON bytes to an object; a name that comes twice, a fraction or a wrong byte is a PayloadError."""
    if len(raw) > BODY_BYTES_MAX * 2:
        raise PayloadError(f"is larger than {BODY_BYTES_MAX * 2} bytes", field="payload")
    try:
        tree = json.loads(raw, object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as wrong:
        raise PayloadError(f"is not JSON ({type(wrong).__name__})", field="payload") from None
    if not isinstance(tree, dict):
        raise PayloadError("must be an object", field="payload")
    return tree


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for name, value in pairs:
        if name in out:
            raise PayloadError("comes twice", field=name[:60])
        out[name] = value
    return out


def _no_fraction(text: str) -> Json:
    raise PayloadError(f"`{text[:20]}` is a fraction; whole numbers travel", field="payload")


# ------------------------------------------------------------------------------ writing


def write(part: Part) -> dict[str, Json]:
    """A part as a JSON tree; what is empty is left out. The slow twin of what `tree_of` writes."""
    out: dict[str, Json] = {}
    for name, many in _fields(type(part)):
        value = getattr(part, name)
        if value is None or value == ():
            continue
        out[name] = [_write_one(v) for v in value] if many else _write_one(value)
    return out


@once_a_class
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    return tuple((slot.name, slot.many) for slot in slots(kind))


def _write_one(value: object) -> Json:
    if type(value) is str or type(value) is int:
        return value
    if isinstance(value, Part):
        return write(value)
    if isinstance(value, FreeText):
        return {"passages": [_write_passage(p) for p in value.passages], "digest": value.digest}
    if isinstance(value, Attachment):
        return write_attachment(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return write_moment(value)
    return value.isoformat() if isinstance(value, date) else value


def _write_passage(passage: Passage) -> dict[str, Json]:
    out: dict[str, Json] = {"text": passage.text}
    if passage.categories:
        out |= {"categories": [c.value for c in passage.categories], "marked_by": passage.marked_by}
    if passage.subjects:
        out["subjects"] = list(passage.subjects)
    return out


def write_attachment(held: Attachment) -> dict[str, Json]:
    """An attachment's particulars as a JSON tree."""
    out: dict[str, Json] = {"name": held.name, "sha256": held.sha256, "size": held.size}
    if held.categories:
        out["categories"] = [c.value for c in held.categories]
        out |= {"stated_by": held.stated_by, "stated_sha256": held.stated_sha256}
    if held.subjects:
        out["subjects"] = list(held.subjects)
    return out


# ------------------------------------------------------------------------------ reading


def read(kind: type[Part], tree: Json, path: str, *, lacking: bool = False) -> Part | None:
    """A JSON tree as a part. With `lacking`, required leaves may be missing: a check, returns None."""
    if not isinstance(tree, Mapping):
        raise PayloadError(f"must be an object, not {said(type(tree))}", field=path or "body")
    known = {slot.name: slot for slot in slots(kind)}
    for name in tree:
        if name not in known:
            raise PayloadError(
                f"`{str(name)[:60]}` is no field of this type", field=f"{path}.{name}".strip(".")[:120]
            )
    values: dict[str, object] = {}
    for name, slot in known.items():
        here = f"{path}.{name}".strip(".")
        if name in tree:
            values[name] = _read_slot(slot, tree[name], here, lacking)
        elif slot.required and (not lacking or slot.kind == "key"):
            raise PayloadError("is missing", field=here)
    return None if lacking else _build(kind, values, path)


def _build(kind: type[Part], values: dict[str, object], path: str) -> Part:
    """Construct the part; a constructor that refuses is named with the full path."""
    try:
        return kind(**values)
    except PayloadError as wrong:
        where = ".".join(p for p in (path, wrong.field) if p)
        raise PayloadError(wrong.message, field=where, way_out=wrong.way_out) from None


def _read_slot(slot: Slot, value: Json, path: str, lacking: bool) -> object:
    if not slot.many:
        return _read_one(slot, value, path, lacking)
    if not isinstance(value, list):
        raise PayloadError(f"must be a list, not {said(type(value))}", field=path)
    if not value:
        raise PayloadError("is empty", field=path, way_out="Leave it out instead.")
    if len(value) > ENTRIES_MAX:
        raise PayloadError(f"has {len(value)} entries, {ENTRIES_MAX} may travel", field=path)
    return tuple(_read_one(slot, v, f"{path}.{i}", lacking) for i, v in enumerate(value))


def _read_one(slot: Slot, value: Json, path: str, lacking: bool) -> object:
    if slot.kind == "part":
        return read(slot.of, value, path, lacking=lacking)
    if slot.kind in ("text", "attachment"):
        return _read_marked(slot, value, path)
    plain = _read_scalar(slot.of, value, path)
    check_one(slot, plain, path)
    return plain


def _read_scalar(of: type, value: Json, path: str) -> object:
    """A JSON value as the type that the leaf has."""
    if issubclass(of, StrEnum):
        if not isinstance(value, str) or value not in set(of):
            raise PayloadError(f"`{str(value)[:40]}` is none of {', '.join(of)}", field=path)
        return of(value)
    if of in (datetime, date):
        return read_time(of, value, path)
    if not isinstance(value, of) or (isinstance(value, bool) and of is not bool):
        raise PayloadError(f"must be {said(of)}, not {said(type(value))}", field=path)
    return value


def read_time(of: type, value: Json, path: str) -> date:
    """A written time in UTC or a date, in the one spelling that travels."""
    if isinstance(value, str):
        try:
            plain = datetime.fromisoformat(value) if of is datetime else date.fromisoformat(value)
        except ValueError:
            plain = None
        if plain is not None and _write_one(plain if of is date else _utc(plain)) == value:
            return plain
    shown = "2026-11-22T16:00:00Z" if of is datetime else "2026-11-22"
    raise PayloadError(f"must be written like {shown}", field=path)


def _utc(plain: date) -> date:
    return plain if isinstance(plain, datetime) and plain.tzinfo else date.min


def _read_marked(slot: Slot, value: Json, path: str) -> FreeText | Attachment:
    try:
        return _read_text(value) if slot.kind == "text" else read_attachment(value)
    except PayloadError as wrong:
        raise PayloadError(
            wrong.message, field=".".join(p for p in (path, wrong.field) if p), way_out=wrong.way_out
        ) from None


def _read_text(value: Json) -> FreeText:
    tree = _object(value, {"passages", "digest"}, set())
    if not isinstance(tree["passages"], list) or not isinstance(tree["digest"], str):
        raise PayloadError("passages are a list, the digest is text")
    return FreeText(tuple(_read_passage(p, i) for i, p in enumerate(tree["passages"])), tree["digest"])


def _read_passage(value: Json, index: int) -> Passage:
    try:
        tree = _object(value, {"text"}, {"categories", "subjects", "marked_by"})
        if not isinstance(tree["text"], str) or not isinstance(tree.get("marked_by", ""), str):
            raise PayloadError("must be text", field="text")
        return Passage(
            tree["text"],
            _categories(tree.get("categories", [])),
            _texts(tree.get("subjects", []), "subjects"),
            tree.get("marked_by", ""),
        )
    except PayloadError as wrong:
        raise PayloadError(wrong.message, field=f"passages.{index}.{wrong.field}".strip(".")) from None


def read_attachment(value: Json) -> Attachment:
    """An attachment's particulars from a JSON tree."""
    may = {"categories", "subjects", "stated_by", "stated_sha256"}
    tree = _object(value, {"name", "sha256", "size"}, may)
    for name in ("name", "sha256", "stated_by", "stated_sha256"):
        if not isinstance(tree.get(name, ""), str):
            raise PayloadError("must be text", field=name)
    if not isinstance(tree["size"], int) or isinstance(tree["size"], bool):
        raise PayloadError("must be a whole number", field="size")
    plain: dict[str, Any] = {k: v for k, v in tree.items() if k not in ("categories", "subjects")}
    return Attachment(
        **plain,
        categories=_categories(tree.get("categories", [])),
        subjects=_texts(tree.get("subjects", []), "subjects"),
    )


def _object(value: Json, must: set[str], may: set[str]) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise PayloadError(f"must be an object, not {said(type(value))}")
    if odd := set(value) - must - may:
        name = str(sorted(map(str, odd))[0])[:60]
        raise PayloadError(f"`{name}` is no field of this", field=name)
    if lost := must - set(value):
        raise PayloadError("is missing", field=sorted(lost)[0])
    return value


def _texts(value: Json, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise PayloadError("must be a list of texts", field=name)
    return tuple(value)


def _categories(value: Json) -> tuple[Category, ...]:
    texts = _texts(value, "categories")
    if odd := [t for t in texts if t not in _CATEGORIES]:
        raise PayloadError(f"`{odd[0][:40]}` is no category", field="categories")
    return tuple(Category(t) for t in texts)


_CATEGORIES: Final = frozenset(Category)


# ------------------------------------------------------------------------------ reading what is in order


def swiftly(kind: type[Payload], body: Json) -> Payload | None:
    """The payload of a body in perfect order, as `_open_body` reads it; None for all else, which it reads.

    What it writes again is this very body: its bytes are remembered, to be read as its tree.
    """
    try:
        # JSON with spaces is at most twice as long as without.
        raw = orjson.dumps(body)
        if 2 * len(raw) > BODY_BYTES_MAX:
            return None
        subjects: list[str] = []
        payload = cast(Payload, _reader(kind)(body, subjects))
    except (PayloadError, LookupError, TypeError, ValueError, RecursionError, AttributeError):
        return None
    if len(set(subjects)) != len(subjects):
        return None
    _latest.payload, _latest.tree, _latest.raw = payload, None, raw
    return payload


@once_a_class
def _reader(kind: type) -> Reader:
    return reader_of(kind, _reader, _swift_attachment)


@once_a_class
def _writer(kind: type) -> Writer:
    return writer_of(kind, _writer, _write_one)


def _swift_attachment(value: Json) -> Attachment:
    found = read_attachment(value)
    if write_attachment(found) != value:
        raise TypeError
    return found


# ------------------------------------------------------------------------------ what is there


def _missing(kind: type[Part], tree: Mapping[str, Json], path: str) -> Sequence[str]:
    """The paths of slots that are always stated and that a tree does not fill."""
    stated, parts, _ = _below(kind)
    if not parts and stated <= tree.keys():
        return ()
    out: list[str] = []
    for slot in slots(kind):
        if slot.name not in tree:
            out.extend([f"{path}.{slot.name}".strip(".")] if slot.stated else [])
        elif slot.kind == "part":
            here = f"{path}.{slot.name}".strip(".")
            inner = tree[slot.name] if slot.many else [tree[slot.name]]
            for index, entry in enumerate(inner):
                out.extend(_missing(slot.of, entry, f"{here}.{index}" if slot.many else here))
    return out


@once_a_class
def _below(kind: type) -> tuple[frozenset[str], tuple[Slot, ...], tuple[Slot, ...]]:
    """(the names always stated, the slots of parts, the slots in or below which a subject id stands)."""
    every = slots(kind)
    parts = tuple(slot for slot in every if slot.kind == "part")
    keyed = tuple(s for s in every if s.kind == "key" or (s.kind == "part" and _below(s.of)[2]))
    return frozenset(slot.name for slot in every if slot.stated), parts, keyed


def keys_of(kind: type[Part], tree: Mapping[str, Json], path: str = "") -> list[tuple[str, str, type[Part]]]:
    """Every (path, subject id, part class) in a tree, in order."""
    out: list[tuple[str, str, type[Part]]] = []
    for slot in _below(kind)[2]:
        value = tree.get(slot.name)
        if value is None:
            continue
        here = f"{path}.{slot.name}".strip(".")
        if slot.kind == "key":
            out.append((here, value, kind))
        elif slot.kind == "part":
            for index, entry in enumerate(value if slot.many else [value]):
                out.extend(keys_of(slot.of, entry, f"{here}.{index}" if slot.many else here))
    return out


def refuse_double_subjects(kind: type[Part], tree: Mapping[str, Json]) -> None:
    """Two parts with one subject id would lend each other's role."""
    seen: set[str] = set()
    for path, subject, _ in keys_of(kind, tree):
        if subject in seen:
            raise PayloadError(f"`{subject}` stands for two persons", field=path)
        seen.add(subject)


# ------------------------------------------------------------------------------ a life comes first


def read_leniently(kind: type[Payload], raw: Json) -> tuple[Partial, tuple[str, ...]]:
    """What can be read of a damaged or newer message, and its defects in plain words. Never raises.

    Only for distress: from a known peer it is never refused for version, order or an odd field.
    """
    defects: list[str] = []
    tree: Json = raw if isinstance(raw, Mapping) else {}
    if tree.get("version") != VERSION:
        defects.append(f"version: says `{str(tree.get('version'))[:20]}`, read as {VERSION}")
    body = _salvage(kind, tree.get("body", tree), "", defects)
    partial = Partial(kind, body)
    defects.extend(f"{path}: is missing" for path in partial.missing)
    return Partial(kind, body, withheld=partial.missing), tuple(defects)


def _salvage(kind: type[Part], tree: Json, path: str, defects: list[str]) -> dict[str, Json]:
    if not isinstance(tree, Mapping):
        defects.append(f"{path or 'body'}: cannot be read")
        return {}
    known = {slot.name: slot for slot in slots(kind)}
    out: dict[str, Json] = {}
    for name, value in tree.items():
        here = f"{path}.{name}".strip(".")
        if name not in known:
            defects.append(f"unknown here: `{here[:80]}`: `{str(value)[:200]}`")
            continue
        kept = _salvage_slot(known[name], value, here, defects)
        if kept not in (None, [], {}):
            out[name] = kept
    return out


def _salvage_slot(slot: Slot, value: Json, path: str, defects: list[str]) -> Json:
    entries = value if isinstance(value, list) else [value]
    kept: list[Json] = []
    for entry in entries[:ENTRIES_MAX]:
        if slot.kind == "part":
            kept.append(_salvage(slot.of, entry, path, defects))
            continue
        try:
            _read_one(slot, entry, path, lacking=True)
            kept.append(entry)
        except PayloadError as wrong:
            defects.append(f"{wrong} Received: `{str(entry)[:200]}`")
    return kept if slot.many else (kept[0] if kept else None)
