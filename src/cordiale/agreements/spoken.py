"""An answer in the reader's language: its sentences are made again from their codes and words.

A sentence that stands in a file is told as it stands there: those are words that people have reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cordiale.agreements.register import Register
from cordiale.agreements.words import TEMPLATES, TEXT, Said, Translate, spoken


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
        return f"{title} ({line.article})" if line else title

    def body(self, id: str) -> str:
        return self.register.body(id)


def in_language(answer: Mapping[str, Any], sentence: str, called: Called, translate: Translate) -> str:
    """One sentence of an answer's JSON in the language of `translate`; as it is where it has no code."""
    for one in answer.get("said") or ():
        if one["sentence"] == sentence:
            said = [
                Said(str(s["code"]), tuple((str(k), str(v)) for k, v in s["words"].items()))
                for s in one["says"]
            ]
            if all(s.code == TEXT or s.code in TEMPLATES for s in said):
                return " ".join(spoken(s, called, translate) for s in said)
    return sentence
