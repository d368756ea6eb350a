"""The words of agreement files in other languages: which lines there are, and what stands beside each."""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.agreements.model import Agreement, Line


def lines_of(text: Agreement) -> Iterator[Line]:
    """Every line of law in one file, itself the first."""
    yield text
    yield from (*text.validity, *text.provision, *text.protects, *text.taint, *text.deployment)
    for _, rows in text.basis:
        yield from rows
    for side in text.side:
        yield from (side, *side.authority)


def twins_of(text: Agreement, language: str) -> Iterator[tuple[str, str]]:
    """(as it stands, the same in a language) for the title, sentences and `read` of one file."""
    if title := dict(text.titles).get(language):
        yield text.title, title
    for line in lines_of(text):
        for said, others in ((line.sentence, line.sentences), (line.read, line.reads)):
            if other := dict(others).get(language):
                yield said, other
