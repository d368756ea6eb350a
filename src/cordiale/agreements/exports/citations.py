"""Labels of articles read as citations: `TCA Arts 563(1), (3); LED Art 35` names three places in two texts.

The labels are people's words; what is no citation is left as it stands. Places are named by the OASIS Akoma
Ntoso naming convention 1.0: `art_563__para_1`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

KINDS: Final = MappingProxyType(
    {
        "Art": ("art", "para", "point", "point"),
        "s.": ("sec", "subsec", "para", "subpara"),
        "reg": ("rule", "para", "subpara", "subpara"),
        "para": ("para", "subpara", "point", "point"),
    }
)
"""Word of a label -> abbreviation of the element and of those within it (naming convention, section 5)."""
ELEMENTS: Final = MappingProxyType(
    {
        "art": "article",
        "sec": "section",
        "subsec": "subsection",
        "rule": "rule",
        "para": "paragraph",
        "subpara": "subparagraph",
        "point": "point",
    }
)
"""Abbreviation -> element."""
WORD: Final = re.compile(r"(?:^|\s)(Arts?|ss?\.|regs?|paras?)\s?(?=\d)")
PLACE: Final = re.compile(r"\s*(,|-|and)?\s*(\d+[A-Za-z]*)?((?:\(\w+\))*)")
RANGE_MAX: Final = 100
"""Articles of one range: a Title of a treaty has fifty."""

Part = tuple[str, str]
"""Abbreviation and number: `("art", "563")`."""


@dataclass(frozen=True, slots=True)
class Cited:
    """One place in one text."""

    text: str
    parts: tuple[Part, ...]

    @property
    def eid(self) -> str:
        return eid_of(self.parts)


def eid_of(parts: Sequence[Part]) -> str:
    """`art_563__para_1`: the parts from the outermost inwards."""
    return "__".join(f"{kind}_{number}" for kind, number in parts)


def cited(label: str) -> tuple[Cited, ...]:
    """Every place that a label names, in its order, each once; none where it names no numbered article."""
    found: list[Cited] = []
    for segment in label.split(";"):
        found += _segment(segment.strip(), found[-1].text if found else "")
    return tuple(dict.fromkeys(found))


def short_name(labels: Sequence[str], title: str) -> str:
    """How a file's own text is cited in its labels: by the capitals of its title (`PDJ`), else as more than
    half of the labels begin; empty where no one text leads.
    """
    counted = Counter(filter(None, (leading(label.split(";")[0]) for label in labels)))
    capitals = "".join(re.findall(r"[A-Z]", title))
    by_title = [name for name in counted if name.isupper() and len(name) > 1 and name in capitals]
    first = max(by_title or counted, key=lambda name: (counted[name], name), default="")
    return first if by_title or 2 * counted[first] > len(labels) else ""


def leading(segment: str) -> str:
    """The words of a label before its first number or mark: `TCA`, `WA`, `Calais Group priority plan`."""
    word = WORD.search(segment)
    if word is not None:
        return segment[: word.start()].strip()
    return re.split(r"[,:(]| scope\b| Title\b", segment, maxsplit=1)[0].strip()


def _segment(segment: str, before: str) -> Iterator[Cited]:
    """The places of one text in a label; in `s.103 (DPA 2018 s.164A)` another text begins in the middle. One
    without a name is of the text named `before`.
    """
    text, end = before, 0
    for word in WORD.finditer(segment):
        if word.start() < end:
            continue
        between = segment[end : word.start()].strip(" ,(")
        text = between if between and between != "and" else text
        kind = word.group(1).rstrip("s") if word.group(1) != "ss." else "s."
        places, length = _places(segment[word.end() :], KINDS[kind])
        end = word.end() + length
        yield from (Cited(text, parts) for parts in places)


def _places(words: str, kinds: Sequence[str]) -> tuple[list[tuple[Part, ...]], int]:
    """`563(1), (3)` -> 563(1), 563(3); `542-549` -> each; `27(1)-(3)` -> 27(1), 27(2), 27(3); and how many
    characters that took.
    """
    found: list[tuple[Part, ...]] = []
    last: tuple[str, ...] = ()
    end = 0
    while place := PLACE.match(words, end):
        joint, number, inner = place.group(1) or "", place.group(2) or "", place.group(3)
        inside = tuple(re.findall(r"\((\w+)\)", inner))
        here = (number, *inside) if number else (*last[: max(1, len(last) - len(inside))], *inside)
        if not (number or inner) or (last and not joint) or not here[0]:
            break
        found += [_parts(one, kinds) for one in (_between(last, here) if joint == "-" else (here,))]
        last, end = here, place.end()
    return found, end


def _parts(numbers: Sequence[str], kinds: Sequence[str]) -> tuple[Part, ...]:
    """Numbers with the element each is of: a letter straight under an article is a point (Art 528(a))."""
    lettered = kinds[0] == "art" and len(numbers) > 1 and not numbers[1][0].isdecimal()
    named = (kinds[0], *kinds[2:], kinds[-1]) if lettered else kinds
    return tuple(zip(named, numbers, strict=False))


def _between(first: tuple[str, ...], last: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What stands after the first up to the last, where both are whole numbers; else the last alone."""
    same = len(first) == len(last) and first[:-1] == last[:-1]
    if same and first[-1].isdecimal() and last[-1].isdecimal():
        low, high = int(first[-1]), int(last[-1])
        if low < high <= low + RANGE_MAX:
            yield from ((*first[:-1], str(n)) for n in range(low + 1, high + 1))
            return
    yield last
