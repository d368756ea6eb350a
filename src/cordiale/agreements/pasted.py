"""Text pasted from Word or PDF, cut into articles, paragraphs and points, each with its own words.

What paper put in (page heads and feet, soft hyphens, line ends inside words) goes; no word of the article
does. Where a hyphen at a line's end may belong to the word, the word is named, so that a person looks. One
article with two contents is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cordiale.errors import AgreementFileError

CHARACTERS_MAX: Final = 600_000
"""Of one pasting: the longest agreement among those that ship has a third of that."""
PARAGRAPHS_MAX: Final = 600
"""Paragraphs of one pasting: more nobody reviews in one draft."""
HEADS_MIN: Final = 3
"""Pages on which a line must come back at their edge before it is taken for their head or foot."""
TITLE_MAX: Final = 80
"""Characters of an article's title; longer words are taken for its text."""
SHOWN: Final = 60

_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_QUOTES: Final = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "‟": '"'}
)
_PAGE: Final = re.compile(
    r"\s*(?:[-–—]\s*\d{1,4}\s*[-–—]|\d{1,4}\s*/\s*\d{1,4}|(?:page|p\.|seite)\s*\d{1,4}"
    r"(?:\s*(?:of|de|sur|/|von)\s*\d{1,4})?)\s*",
    re.IGNORECASE,
)
_BARE_NUMBER: Final = re.compile(r"\s*\d{1,4}\s*")
_NUMBER: Final = r"(?:\d{1,3}(?:[a-z]|bis|ter|quater)?|[IVXLC]{1,7}|premier|1er)"
_DEEPER: Final = r"((?:\s*\(\w{1,4}\))*)"
_ARTICLE: Final = re.compile(
    rf"\s*(?:article|art\.?)\s+({_NUMBER}){_DEEPER}"
    rf"(?:,?\s*(?:paragraph|paragraphe|para\.?|par\.|§)\s*\(?(\d{{1,3}})\)?"
    rf"(?:,?\s*(?:point|letter|lettre|sous)\s*\(?([a-z]{{1,4}})\)?)?)?(?=[\s.:,–—-]|$)\s*(.*)",
    re.IGNORECASE,
)
_PARAGRAPH_WORD: Final = re.compile(
    r"\s*(?:paragraph|paragraphe|para\.?)\s+(\d{1,3})\s*[.:–—-]?\s*(.*)", re.I
)
_NUMBERED: Final = re.compile(r"\s*(?:§\s*(\d{1,3})|(\d{1,3})[.)](?!\d)|\((\d{1,3})\))\s*(.*)")
_DECIMAL: Final = re.compile(r"\s*(\d{1,3}(?:\.\d{1,3}){1,3})\.?\s+(.+)")
_POINT: Final = re.compile(r"\s*(?:\(([a-z]{1,4})\)|([a-z])\))\s*(.*)")
_PART: Final = re.compile(
    r"\s*((?:annexe?|schedule|appendix|appendice|protocole?)\b(?:\s+(?:[IVXLC]+|\d{1,3}|[A-Z]))?)\s*(?:[.:–—-]\s*(.*))?",
    re.I,
)
_SECTION: Final = re.compile(
    r"\s*(?:title|titre|chapter|chapitre|section|part|partie)\s+(?:[IVXLC]+|\d{1,3}|[A-Z])\b\s*[.:–—-]?.{0,80}",
    re.I,
)
_ROW: Final = re.compile(r"\t|\s{3,}|\s*\|\s*")
_REFERS: Final = re.compile(
    r"(?:of|or|and|to|applies|apply|shall|may|is|are|de|du|des|et|ou|à|s'applique|est|sont|ne|peut)\b", re.I
)
_ROMAN: Final = frozenset("ivx")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One numbered place of a text: how it is cited, its words, the line of the pasting on which it begins.

    `joined` are words that a line end cut in two, put together again: a hyphen may have been theirs.
    """

    article: str
    words: str
    line: int
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted text as it was cut. `left_out`: (line, words) of what belongs to no numbered place: heads and
    feet of pages, titles, what stands before the first number. A person looks through it.
    """

    paragraphs: tuple[Paragraph, ...]
    left_out: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class _Open:
    """The place that is being read."""

    article: str
    line: int
    parts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """Where in the numbering a reading stands."""

    part: str = ""
    article: str = ""
    paragraph: str = ""
    point: str = ""
    deeper: str = ""
    found: list[Paragraph] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    open: _Open | None = None
    blank: bool = True
    awaits_title: bool = False


# ------------------------------------------------------------------------------ cleaning


def plain(text: str) -> str:
    """The text with what paper and word processors put in taken out: soft hyphens at a line's end join the
    word, ligatures are letters, quotes are straight, blanks are blanks, control characters are none.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\x0c\n")
    text = re.sub("\u00ad[ \t]*\n[ \t]*", "", text).replace("\u00ad", "")
    text = _INVISIBLE.sub("", text)
    text = "".join(unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\ufb06" else c for c in text)
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    text = re.sub("[\u00a0\u2000-\u200a\u202f\u205f\u3000]", " ", text)
    return _CONTROL.sub("", text.replace("\u2011", "-").replace("\u2010", "-").replace("\x0b", "\n"))


def _without_pages(lines: list[str], left_out: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """(line from 1, words) of what stands in the text itself; page numbers, heads and feet are left out."""
    edges = Counter(shape for number in _edges(lines) if (shape := _shape(lines[number])))
    repeated = {shape for shape, count in edges.items() if count >= HEADS_MIN}
    at_edge = set(_edges(lines))
    kept = []
    for number, line in enumerate(lines):
        edge = number in at_edge and (_shape(line) in repeated or _BARE_NUMBER.fullmatch(line))
        if edge or line == "\x0c" or _PAGE.fullmatch(line):
            left_out += [(number + 1, line.strip())] if line.strip() else []
        else:
            kept.append((number + 1, line))
    return kept


def _shape(line: str) -> str:
    """A line as it comes back from page to page: its digits are of no account. An article's number is."""
    folded = " ".join(line.split()).casefold()
    if not folded or folded == "\x0c" or _ARTICLE.fullmatch(line) or _NUMBERED.fullmatch(line):
        return ""
    return re.sub(r"\d+", "0", folded)


def _edges(lines: list[str]) -> Iterator[int]:
    """The lines nearest to where a page ends: two words-bearing lines on either side of a form feed or of a
    line that is nothing but a page number; and the first and last two of all.
    """
    breaks = [n for n, line in enumerate(lines) if line == "\x0c" or _PAGE.fullmatch(line)]
    told = [n for n, line in enumerate(lines) if line.strip() and line != "\x0c"]
    where = {n: place for place, n in enumerate(told)}
    if not breaks:
        return
    for one in (-1, *breaks, len(lines)):
        before = (
            [n for n in told if n < one][-2:]
            if one not in where
            else told[max(0, where[one] - 2) : where[one]]
        )
        after = (
            [n for n in told if n > one][:2] if one not in where else told[where[one] + 1 : where[one] + 3]
        )
        yield from before
        yield from after


# ------------------------------------------------------------------------------ cutting


def cut(text: str) -> Pasted:
    """The numbered places of a pasted text in their order, and what belongs to none of them.

    Raises AgreementFileError where nothing is numbered, where it is too long, and where one article stands
    twice with different words: with the line of the pasting.
    """
    if len(text) > CHARACTERS_MAX:
        raise AgreementFileError(
            f"the pasted text has more than {CHARACTERS_MAX} characters",
            field="text",
            way_out="Paste it in parts, chapter by chapter.",
        )
    cleaned = plain(text)
    reading = _Reading()
    kept = _without_pages(cleaned.split("\n"), reading.left_out)
    hyphened = frozenset(one.casefold() for one in re.findall(r"\b\w+(?:-\w+)+\b", cleaned))
    for place, (number, line) in enumerate(kept):
        ahead = next((words for _, words in kept[place + 1 :] if words.strip()), "")
        _read(reading, number, line, ahead)
    _close(reading)
    found = _once(tuple(_settled(one, hyphened) for one in reading.found))
    return Pasted(found, tuple(sorted(reading.left_out)))


def _read(reading: _Reading, number: int, line: str, ahead: str) -> None:
    """Take one line: a heading opens a place, other words belong to the one that is open."""
    words = line.strip()
    if not words:
        reading.blank = True
        return
    if not _opened(reading, number, line, ahead):
        if reading.open is None or _is_title(reading, words, ahead):
            reading.left_out.append((number, words))
        else:
            _add(reading, words, line)
    reading.blank = False


def _opened(reading: _Reading, number: int, line: str, ahead: str) -> bool:
    """Whether the line opens a place, and then it is open."""
    if (found := _PART.fullmatch(line)) and _apart(reading, found.group(2) or ""):
        _move(reading, number, part=_tidy(found.group(1)), article="", paragraph="", point="")
        reading.left_out.append((number, line.strip()))
        return True
    if _SECTION.fullmatch(line) and _apart(reading, ""):
        _move(reading, number, article="", paragraph="", point="")
        reading.left_out.append((number, line.strip()))
        return True
    if (found := _ARTICLE.fullmatch(line)) and _is_heading(reading, found.group(5), ahead):
        _article(reading, number, found)
        return True
    return _numbered(reading, number, line)


def _numbered(reading: _Reading, number: int, line: str) -> bool:
    """A paragraph or a point of what is open; outside every article a recital or a paragraph of its own."""
    if not _apart(reading, ""):
        return False
    if found := _PARAGRAPH_WORD.fullmatch(line):
        _move(reading, number, paragraph=found.group(1), point="")
        return _rest(reading, found.group(2))
    if (found := _DECIMAL.fullmatch(line)) and not _is_row(line):
        _move(reading, number, paragraph=found.group(1), point="")
        return _rest(reading, found.group(2))
    if found := _NUMBERED.fullmatch(line):
        _move(reading, number, paragraph=next(one for one in found.groups()[:3] if one), point="")
        return _rest(reading, found.group(4))
    if (found := _POINT.fullmatch(line)) and (reading.article or reading.paragraph):
        point = found.group(1) or found.group(2)
        _move_point(reading, number, point)
        return _rest(reading, found.group(3))
    return False


def _article(reading: _Reading, number: int, found: re.Match[str]) -> None:
    """Open an article, with the paragraph and points that its heading names."""
    inner = re.findall(r"\((\w{1,4})\)", found.group(2))
    paragraph = found.group(3) or (inner[0] if inner else "")
    point = found.group(4) or ")(".join(inner[1:])
    _move(reading, number, article=found.group(1), paragraph=paragraph, point=point)
    rest = found.group(5).lstrip(" .:,–—-")
    if paragraph or len(rest) > TITLE_MAX or rest.endswith("."):
        _rest(reading, rest)
    elif rest:
        reading.left_out.append((number, rest))
    else:
        reading.awaits_title = True


def _is_title(reading: _Reading, words: str, ahead: str) -> bool:
    """Whether the line is the title under an article's number: short, and no sentence."""
    waits, reading.awaits_title = reading.awaits_title, False
    alone = not _ARTICLE.fullmatch(ahead) and not ahead.lstrip()[:1].islower()
    return waits and alone and len(words) <= TITLE_MAX and words[-1] not in ".;:," and words[:1].isupper()


def _is_heading(reading: _Reading, rest: str, ahead: str) -> bool:
    """Whether a line that begins `Article 8` is its heading, and no sentence that was broken before it."""
    rest = rest.strip()
    if re.match(r"[.:–—-]\s+[A-Z\u00c0-\u00dd]", rest):
        return True
    if not _apart(reading, rest):
        return False
    if not rest:
        return not (not reading.blank and _unfinished(reading) and ahead.lstrip()[:1].islower())
    return not (rest[:1] == "," or _REFERS.match(rest) or (rest[:1] == "(" and not rest[1:2]))


def _apart(reading: _Reading, rest: str) -> bool:
    """Whether a number may open a place here: after a blank line, or after a sentence that has ended."""
    return not rest[:1].islower() and (reading.blank or not _unfinished(reading))


def _unfinished(reading: _Reading) -> bool:
    """Whether the words that stand last wait for more."""
    if reading.open is None or not reading.open.parts:
        return False
    last = reading.open.parts[-1].rstrip()
    if re.search(r"[;,]\s*(?:and|or|et|ou)$", last):
        return False
    return last[-1:] not in '.;:!?,)"' and not last.endswith(" |") and " | " not in last


def _move(reading: _Reading, number: int, **where: str) -> None:
    """Close what is open and open the place that is named."""
    _close(reading)
    for name, value in where.items():
        setattr(reading, name, value)
    reading.deeper = ""
    reading.awaits_title = False
    label = _label(reading)
    if label:
        reading.open = _Open(label, number)


def _move_point(reading: _Reading, number: int, point: str) -> None:
    """Open a point: `(i)` under `(c)` is its own point one step deeper, after `(h)` the next letter."""
    last = reading.point.partition(")")[0]
    romans = len(point) > 1 or point in _ROMAN
    begins = point == "i" and last != "h"
    if romans and last and set(point) <= _ROMAN and (begins or reading.deeper):
        _move(reading, number, point=f"{last})({point}")
        reading.deeper = point
        return
    _move(reading, number, point=point)


def _label(reading: _Reading) -> str:
    """`Article 7(1)(b)`, `paragraph 3`, `recital 12`, in a part `Annex I, Article 2`."""
    points = f"({reading.point})" if reading.point else ""
    if reading.article:
        article = "1" if reading.article.lower() in ("premier", "1er") else reading.article
        inside = f"({reading.paragraph})" if reading.paragraph else ""
        if "." in reading.paragraph:
            inside = f", paragraph {reading.paragraph}"
        label = f"Article {article}{inside}{points}"
    elif reading.paragraph:
        label = f"paragraph {reading.paragraph}{points}"
    else:
        label = ""
    return ", ".join(one for one in (reading.part, label) if one)


def _rest(reading: _Reading, words: str) -> bool:
    if words.strip():
        _add(reading, words.strip(), words)
    return True


def _add(reading: _Reading, words: str, line: str) -> None:
    """Put a line to what is open; the cells of a table stay apart."""
    if reading.open is None:
        return
    if _is_row(line):
        words = " | ".join(one.strip() for one in _ROW.split(line.strip()) if one.strip()) + " |"
    begins = reading.blank and reading.open.parts and not _unfinished(reading)
    reading.open.parts.append(("\n" if begins else "") + words)


def _is_row(line: str) -> bool:
    return len([one for one in _ROW.split(line.strip()) if one.strip()]) > 1 and (
        "\t" in line.strip() or "|" in line or len(re.findall(r"\S\s{3,}\S", line)) > 1
    )


def _close(reading: _Reading) -> None:
    """Keep the place that is open, its lines apart: they are put together once all words are known."""
    place, reading.open = reading.open, None
    if place is not None and place.parts:
        if len(reading.found) >= PARAGRAPHS_MAX:
            raise AgreementFileError(
                f"the pasted text has more than {PARAGRAPHS_MAX} paragraphs",
                field="text",
                way_out="Paste it in parts, chapter by chapter.",
            )
        reading.found.append(Paragraph(place.article, "\n".join(place.parts), place.line))


def _settled(one: Paragraph, hyphened: frozenset[str]) -> Paragraph:
    """The lines of a place as running words: what was cut at a line's end is whole again."""
    joined: list[str] = []

    def whole(found: re.Match[str]) -> str:
        first, second = found.groups()
        if f"{first}-{second}".casefold() in hyphened:
            return f"{first}-{second}"
        joined.append(f"{first}{second}")
        return f"{first}{second}"

    words = re.sub(r"(\w+)-\n+([^\W\d_A-Z]\w*)", whole, one.words)
    words = re.sub(r"(\w)-\n+(\w)", r"\1-\2", words)
    rows = re.sub(r"(?<!\n)(?<! \|)\n(?!\n)", " ", words)
    rows = re.sub(r"\n{2,}", "\n", rows)
    tidy = "\n".join(" ".join(row.split()) for row in rows.split("\n")).strip()
    return Paragraph(one.article, tidy, one.line, tuple(dict.fromkeys(joined)))


def _tidy(words: str) -> str:
    kind, _, number = " ".join(words.split()).partition(" ")
    return f"{kind.capitalize()} {number.upper()}".strip()


# ------------------------------------------------------------------------------ once each


def _once(found: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """Each article once. Raises AgreementFileError where nothing was found, or two say different things."""
    if not found:
        raise AgreementFileError(
            "no article or paragraph with a number stands in the pasted text",
            field="text",
            way_out="Paste the numbers too: `Article 7`, `7.` or `(1)` at the start of a line.",
        )
    first: dict[str, Paragraph] = {}
    for one in _recitals(found):
        held = first.setdefault(key(one.article), one)
        if same(held.words) != same(one.words):
            raise quoted_twice(one, where=f"on line {held.line}")
    return tuple(first.values())


def _recitals(found: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """The numbered paragraphs before the first article are recitals, where there are articles at all."""
    start = next((n for n, one in enumerate(found) if one.article.startswith("Article ")), 0)
    return tuple(
        Paragraph(one.article.replace("paragraph ", "recital ", 1), one.words, one.line, one.joined)
        if n < start and one.article.startswith("paragraph ")
        else one
        for n, one in enumerate(found)
    )


def key(article: str) -> str:
    """One article by whatever blanks and capitals it is cited."""
    return re.sub(r"\s+", "", article).casefold()


def same(words: str) -> str:
    """Words by which two quotations are the same: neither blanks nor the kind of hyphen tell them apart."""
    return re.sub(r"[\s\-–—]+", "", words)


def quoted_twice(one: Paragraph, *, where: str) -> AgreementFileError:
    """The fault of an article that is quoted twice with different content."""
    return AgreementFileError(
        f"line {one.line}: `{one.article}` is quoted with other words than {where}: `{one.words[:SHOWN]}`",
        field="text",
        way_out="One of them is wrong, or of another text: look it up, and paste the right one alone.",
    )
