"""A text shown line by line: what the article says, where to read it, and what the line says to the machine,
field by field and as the lines of the file. Shows; decides nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from cordiale.agreements import Agreement, Register
from cordiale.agreements.model import Line, Protects, Taint
from cordiale.agreements.text import law_digest
from cordiale.errors import InputError
from cordiale.node.agreements import shown
from cordiale.world import Disk

KINDS: Final = ("validity", "side", "basis", "deployment", "taint", "protects", "provision")
"""The tables of a file in which law stands, in the order in which they are shown."""
BESIDE: Final = frozenset({f.name for f in fields(Line)} | {"id", "effect"})
"""What every line says of itself stands beside its encoding, not in it."""
HEADER: Final = re.compile(r"\[\[?\s*([A-Za-z0-9_-]+)((?:\.[^\]]+)?)\s*\]\]?\s*(?:#.*)?")
FENCES: Final = ('"""', "'''")


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a table says, key by key. A value is a word, a number, a day, a yes or no, an Encoding, or several
    of them; a pair of words is one word for another.
    """

    pairs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The lines of a file that one table takes: its name, the first line's number, the words."""

    name: str
    first: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One line of law: the sentence, where to read it, how sure; its encoding as fields and as it stands."""

    kind: str
    id: str
    article: str
    sentence: str
    source: str
    confidence: str
    read: str
    effect: str
    from_: date | None
    until: date | None
    in_force: bool
    encoding: Encoding
    file_line: int
    toml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A whole text: its lines, and its file. `changed`: the file is no longer what the node read."""

    articles: tuple[Article, ...]
    file: str
    text: str
    changed: bool


def article_by_article(
    register: Register,
    id: str,
    on: date,
    texts: Path | None = None,
    *,
    disk: Disk | None = None,
    raw: dict[str, str] | None = None,
) -> Shown:
    """Every line of one text beside its encoding, as of a day. `raw`: its file, where it lies in no folder.

    Raises UsageError when there is none.
    """
    raw = raw or shown(id, texts, disk)
    text = register.agreement(id)
    assert text is not None, "a file that is shown is in the register"
    changed = _digest(raw["text"]) != text.digest
    found = () if changed else chunks(raw["text"])
    articles = tuple(_article(name, line, chunk, on) for name, line, chunk in _beside(text, found))
    return Shown(articles=articles, file=raw["file"], text=raw["text"], changed=changed)


def _digest(words: str) -> str:
    """The digest of a file's law as it lies there; nothing for what is no TOML any more."""
    try:
        return law_digest(tomllib.loads(words))
    except (tomllib.TOMLDecodeError, InputError):
        return ""


def _beside(text: Agreement, found: tuple[Chunk, ...]) -> Iterator[tuple[str, Any, Chunk | None]]:
    """Each line with its kind and the lines of the file that say it, where they can be told apart."""
    for kind in KINDS:
        if kind == "basis":
            for way, rows in text.basis:
                yield from _paired(f"basis.{way}", rows, found)
        else:
            yield from _paired(kind, getattr(text, kind), found)


def _paired(
    name: str, lines: tuple[Any, ...], found: tuple[Chunk, ...]
) -> Iterator[tuple[str, Any, Chunk | None]]:
    here = [chunk for chunk in found if chunk.name == name]
    for number, line in enumerate(lines):
        yield name, line, here[number] if len(here) == len(lines) else None


def chunks(words: str) -> tuple[Chunk, ...]:
    """The tables of a file, each with what stands under it; sub-tables stay with the table they belong to.

    A heading inside a text of several lines is none.
    """
    lines = words.splitlines()
    starts = list(_headings(lines))
    ends = [number for number, _ in starts[1:]] + [len(lines)]
    return tuple(
        Chunk(name=name, first=number + 1, text="\n".join(lines[number:end]).rstrip())
        for (number, name), end in zip(starts, ends, strict=True)
    )


def _headings(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Where each table of law begins: (line, name), counted from 0."""
    fence, open_table = "", ""
    for number, line in enumerate(lines):
        stripped = line.strip()
        if not fence and (found := HEADER.fullmatch(stripped)):
            name, under = found.groups()
            own = name == "basis" or not under
            # [provision.transform] belongs to the provision above it; [basis.UK_to_FR] is a table of its own.
            if own or name != open_table:
                yield number, (name + under).replace(" ", "")
            open_table = name
        for one in FENCES:
            if stripped.count(one) % 2 and fence in ("", one):
                fence = "" if fence else one


def _article(name: str, line: Any, chunk: Chunk | None, on: date) -> Article:
    return Article(
        kind=name.partition(".")[0],
        id=str(getattr(line, "id", "")) or name.partition(".")[2].replace("_to_", ">"),
        article=line.article,
        sentence=line.sentence,
        source=line.source,
        confidence=line.confidence,
        read=line.read,
        effect=str(getattr(line, "effect", "")),
        from_=line.from_,
        until=line.until,
        in_force=line.in_force(on),
        encoding=encoded(line, without=BESIDE),
        file_line=chunk.first if chunk else 0,
        toml=chunk.text if chunk else "",
    )


def encoded(line: Any, *, without: frozenset[str] = frozenset()) -> Encoding:
    """What a line says to the machine: each field that says something, in the order of the model."""
    found = []
    for one in fields(line):
        value = getattr(line, one.name)
        if one.name in without or (value == _default(one) and not _always(line, one.name)):
            continue
        if value is None or (isinstance(value, (str, tuple, frozenset)) and not value):
            continue
        found.append((one.name.rstrip("_"), _value(value)))
    return Encoding(tuple(found))


def _default(one: Any) -> Any:
    return one.default if one.default is not MISSING else object()


def _always(line: Any, name: str) -> bool:
    """What is said also where it is the ordinary: what a fact must be, what a source shuts, what nobody
    knows.
    """
    if name == "is_":
        return bool(line.fact) and line.at_most is None and line.at_least is None
    return isinstance(line, (Protects, Taint)) and name in ("unknown", "bars")


def _value(value: Any) -> Any:
    if is_dataclass(value):
        return encoded(value)
    if isinstance(value, Mapping):
        return tuple((str(k), str(v)) for k, v in value.items())
    if isinstance(value, frozenset):
        return tuple(sorted(str(one) for one in value))
    if isinstance(value, tuple):
        return tuple(_value(one) for one in value)
    return value if isinstance(value, (bool, int, date)) else str(value)
