"""What a paper about an agreement says: what it is, who is bound, each line with its encoding, its proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cordiale.agreements.explain import Speech, state
from cordiale.agreements.exports.fields import said
from cordiale.agreements.exports.spelt import spelt, spelt_of
from cordiale.agreements.model import Agreement, Line, PartySide, Provision
from cordiale.agreements.register import Day

Proof = tuple[str, str, str]
"""A safeguard's name, its status (`proved`, `refuted`, `unknown`) and the law behind it."""
WHOLE: Final = frozenset({"relies_on", "yields_to", "continues_after_end", "binds", "facts", "terms"})
"""Fields of the text as a whole that have no place of their own on the paper."""
LABELS: Final = MappingProxyType(
    {
        "what": "{nature}; version {version}; {state} on {day}",
        "signed": "Signed on {day}.",
        "published": "Published on {day}.",
        "span": "Valid from {start} until {end}.",
        "open_start": "its beginning",
        "open_end": "further notice",
        "span_unknown": "Whether it applies is unknown until a person has read: {read}.",
        "draft": "DRAFT: read from a folder that was named, not from the files in force.",
        "sides": "Sides",
        "whole": "The whole text",
        "side": "{name} ({code})",
        "bodies": "Authorities: {bodies}",
        "nobody": "Authorities: nobody named",
        "every": "every {kind}",
        "basis": "Basis for personal data",
        "provisions": "Provisions",
        "bars": "Sources that shut",
        "protects": "Protections",
        "postings": "Posted staff",
        "proofs": "Proofs",
        "no_proofs": "No proof was handed over with this paper. It does not say that a safeguard holds.",
        "proved_for": "As of {day}, with the laws and records of digest {digest}.",
        "proof": "Safeguard",
        "status": "Status",
        "law": "Law",
        "heading": "{article} ({id}): {effect}",
        "confidence": "Confidence: {confidence}. Source: {source}",
        "no_source": "none is named",
        "read": "A person must read: {read}",
        "encoding": "As the file has it:",
        "digest": "Digest of the text: {digest}",
        "page": "page {page} of {pages}",
        "made": "Made on {day}. The sentences are Cordiale's summary, not the text of the agreement.",
    }
)
"""What the paper says beside the words of the file; pages translate it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One paragraph: the style it is set in, and its words."""

    style: str
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a paper says: its paragraphs, the rows of its last table, and what stands at the foot of each page
    (`page` has places for `page` and `pages`).
    """

    title: str
    foot: tuple[str, str]
    page: str
    pieces: tuple[Piece, ...]
    rows: tuple[tuple[str, ...], ...] = ()


def sheet(agreement: Agreement, day: Day, proofs: Sequence[Proof], speech: Speech) -> Sheet:
    """All that the paper says, in the reader's language."""
    rows = [(speech.word(name), speech.word(status), law) for name, status, law in proofs]
    head = tuple(_said(speech, one) for one in ("proof", "status", "law"))
    proved = Piece("H2", _said(speech, "proofs"))
    texts = {"day": day.on, "digest": day.register.texts_digest}
    last = _label(speech, "Small", "proved_for", **texts) if rows else _label(speech, "P", "no_proofs")
    return Sheet(
        title=speech.names.text(agreement.id),
        foot=(f"{agreement.id}, {agreement.version}", _said(speech, "digest", digest=agreement.digest)),
        page=speech.translate(LABELS["page"]),
        pieces=(*pieces(agreement, day, speech), proved, last),
        rows=((head, *rows) if rows else ()),
    )


def pieces(agreement: Agreement, day: Day, speech: Speech) -> Iterator[Piece]:
    """The paper's paragraphs in their order, without the proofs."""
    yield Piece("H1", speech.names.text(agreement.id))
    words = {"nature": speech.word(agreement.legal_nature), "state": speech.word(state(agreement, day))}
    yield _label(speech, "P", "what", version=agreement.version, day=day.on, **words)
    if day.register.draft:
        yield _label(speech, "Strong", "draft")
    yield from _dates(agreement, speech)
    yield _label(speech, "Small", "confidence", **_sureness(agreement, speech))
    yield _label(speech, "Small", "made", day=day.on)
    if agreement.side:
        yield _label(speech, "H2", "sides")
        for side in agreement.side:
            yield from _side(side, day, speech)
    yield from _whole(agreement, speech)
    yield from _bases(agreement, speech)
    for title, lines in (
        ("provisions", agreement.provision),
        ("bars", agreement.taint),
        ("protects", agreement.protects),
        ("postings", agreement.deployment),
    ):
        yield from _chapter(title, lines, speech)


def _dates(agreement: Agreement, speech: Speech) -> Iterator[Piece]:
    if agreement.signed:
        yield _label(speech, "P", "signed", day=agreement.signed)
    if agreement.published:
        yield _label(speech, "P", "published", day=agreement.published)
    for span in agreement.validity:
        start = span.from_ or _said(speech, "open_start")
        yield _label(speech, "P", "span", start=start, end=span.until or _said(speech, "open_end"))
        yield _label(speech, "Small", "confidence", **_sureness(span, speech))
        if span.status != "in_force" or span.confidence == "unconfirmed":
            yield _label(speech, "P", "span_unknown", read=speech.names.told(span.read or span.source))


def _side(side: PartySide, day: Day, speech: Speech) -> Iterator[Piece]:
    yield _label(speech, "H3", "side", name=speech.names.body(side.code), code=side.code)
    bodies = [
        speech.names.body(f"{side.code}/{one.id}")
        if one.id
        else _said(speech, "every", kind=speech.word(one.kind))
        for one in side.authority
    ]
    yield _label(speech, "P", "bodies" if bodies else "nobody", bodies=", ".join(bodies))
    known = day.register.sides.get(side.code)
    if footnote := side.footnote or (known.footnote if known else ""):
        yield Piece("Small", speech.translate(footnote))


def _whole(agreement: Agreement, speech: Speech) -> Iterator[Piece]:
    """What is said of the whole text beside its dates and Sides."""
    told = {name: one for name, one in said(agreement).items() if name in WHOLE}
    terms = told.pop("terms", None)
    found = spelt_of(told.items(), speech)
    if isinstance(terms, dict):  # free words for people, a line each
        found += spelt_of(terms.items(), speech)
    elif terms is not None:
        found += spelt_of([("terms", terms)], speech)
    if found:
        yield _label(speech, "H2", "whole")
    yield from (Piece("Code", one) for one in found)


def _bases(agreement: Agreement, speech: Speech) -> Iterator[Piece]:
    if agreement.basis:
        yield _label(speech, "H2", "basis")
    for way, rows in agreement.basis:
        start, _, end = way.partition("_to_")
        for row in rows:
            yield Piece("H3", f"{start} > {end}")
            if row.article:
                yield Piece("P", speech.names.told(row.article))
            yield from _below(row, speech)


def _chapter(title: str, lines: Sequence[Line], speech: Speech) -> Iterator[Piece]:
    if not lines:
        return
    yield _label(speech, "H2", title)
    for line in lines:
        effect = speech.word(getattr(line, "effect", "") or "refuse") if isinstance(line, Provision) else ""
        words = {"article": speech.names.told(line.article), "id": getattr(line, "id", ""), "effect": effect}
        heading = _said(speech, "heading", **words) if effect else words["article"]
        yield Piece("H3", heading)
        if line.sentence:
            yield Piece("P", speech.names.told(line.sentence))
        yield from _below(line, speech)


def _below(line: Line, speech: Speech) -> Iterator[Piece]:
    """The encoding in words, where it comes from, how sure it is, and what is still to be read."""
    found = spelt(line, speech)
    if found:
        yield _label(speech, "Small", "encoding")
    yield from (Piece("Code", one) for one in found)
    yield _label(speech, "Small", "confidence", **_sureness(line, speech))
    if line.read:
        yield _label(speech, "Strong", "read", read=speech.names.told(line.read))


def _sureness(line: Line, speech: Speech) -> dict[str, object]:
    source = line.source or _said(speech, "no_source")
    return {"confidence": speech.word(line.confidence), "source": source}


def _label(speech: Speech, style: str, code: str, /, **words: object) -> Piece:
    return Piece(style, _said(speech, code, **words))


def _said(speech: Speech, code: str, /, **words: object) -> str:
    return speech.translate(LABELS[code]).format(**words)
