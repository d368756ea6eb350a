"""An answer in the reader's language: its sentences are made again from their codes and words.

A sentence that stands in a file is told by its twin in the language, which people have reviewed beside it;
where there is none, as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cordiale.agreements.register import Register
from cordiale.agreements.words import TEMPLATES, TEXT, Said, Translate, spoken

SENTENCES: Final = frozenset({"sentence", "why"})
LABELS: Final = frozenset({"article", "read"})
"""Which keys of an answer hold a sentence, and which the words of a file."""


@dataclass(frozen=True, slots=True)
class Called:
    """What the texts, Sides and authorities of a register are called in one language (`fr`)."""

    register: Register
    language: str

    def text(self, id: str) -> str:
        """The official title in that language where the file gives one, else the title as it stands."""
        name, _, provision = id.partition("/")
        found = self.register.agreement(name)
        if found is None:
            return id
        title = dict(found.titles).get(self.language, found.title)
        line = next((p for p in found.provision if p.id == provision), None)
        return f"{title} ({self.told(line.article)})" if line else title

    def body(self, id: str) -> str:
        """A Side by its name in that language; an authority by its own name, and its Side."""
        side, _, authority = id.partition("/")
        known = self.register.sides.get(side)
        if known is None:
            return id
        name = dict(known.names_).get(self.language, known.name)
        if not authority:
            return name
        one = next((a for a in self.register.authorities if (a.side, a.id) == (side, authority)), None)
        return f"{one.name if one else authority} ({name})"

    def told(self, words: str) -> str:
        """What a file says, by its twin in that language; as it stands where there is none."""
        return self.register.twins(self.language).get(words, words)


def in_language(answer: Mapping[str, Any], sentence: str, called: Called, translate: Translate) -> str:
    """One sentence of an answer's JSON in the language of `translate`; as it is where it has no twin."""
    for one in answer.get("said") or ():
        if one["sentence"] == sentence:
            said = [
                Said(str(s["code"]), tuple((str(k), str(v)) for k, v in s["words"].items()))
                for s in one["says"]
            ]
            if all(s.code == TEXT or s.code in TEMPLATES for s in said):
                return " ".join(spoken(s, called, translate) for s in said)
    return called.told(sentence)


def twins(answer: Mapping[str, Any], called: Called, translate: Translate) -> dict[str, str]:
    """Every sentence and label of an answer's JSON -> the same in the reader's language. The answer itself
    stays as it is, with its codes and digests, whoever reads it.
    """
    found: dict[str, str] = {}
    for key, value in _words(answer):
        label = key in LABELS
        other = called.told(value) if label else in_language(answer, value, called, translate)
        if other != value:
            found[value] = other
    return found


def _words(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(key, words) for what a person reads in an answer, wherever it stands; each once is enough."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            if name != "said":
                yield from _words(one, str(name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _words(one, key)
    elif isinstance(value, str) and value and (key in SENTENCES or key in LABELS or key == "warnings"):
        yield key, value
