"""An agreement as an Akoma Ntoso 3.0 skeleton: its articles by their eId, with our sentence of each.

It is no copy of the text: the sentences are ours, and `FRBRauthoritative` says so. What it is for is the
mapping: which line of the file encodes which article, also of other texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final
from xml.etree import ElementTree

from cordiale.agreements.exports.citations import ELEMENTS, Cited, Part, cited, eid_of, short_name
from cordiale.agreements.model import Agreement, Deployment, Line, Protects, Taint
from cordiale.agreements.words import Translate

AKN: Final = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
OURS: Final = "urn:cordiale:terms:"
SOURCE: Final = "#cordiale"
COUNTRY: Final = MappingProxyType({"uk": "gb", "eu": "eu"})
"""First word of a law file's id -> country of its address; what belongs to no one country is `xx`."""
NOWHERE: Final = "xx"
LANGUAGES: Final = MappingProxyType({"en": "eng", "fr": "fra"})
NOTE: Final = (
    "Skeleton written by Cordiale. The sentences are a summary in its own words, reviewed beside the text;"
    " they are not the text and have no authority."
)
"""What stands above the first article; pages translate it."""

ElementTree.register_namespace("", AKN)
ElementTree.register_namespace("cordiale", OURS)
Element = ElementTree.Element
NO_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a file, and the places it encodes. `name`: `provision:picture-in`, `basis:UK>FRONTEX`."""

    name: str
    line: Line
    cites: tuple[Cited, ...]
    own: tuple[str, ...]
    """Its eIds in this document."""


@dataclass(slots=True)
class Branch:
    """One numbered place of the text with the lines that encode just it, and what lies within."""

    parts: tuple[Part, ...] = ()
    told: list[Told] = field(default_factory=list)
    within: dict[Part, Branch] = field(default_factory=dict)


def akoma_bytes(agreement: Agreement, language: str = "en", translate: Translate = str) -> bytes:
    """The document as UTF-8 XML, the same bytes for the same file. `language`: `en` or `fr`; a sentence
    without twin stays English and says so (`xml:lang`).
    """
    lines = told(agreement)
    root = Element(_tag("akomaNtoso"))
    document = _under(root, "doc", name="law" if agreement.is_law else "agreement")
    document.append(_meta(agreement, lines, language))
    preface = _under(document, "preface")
    title = _under(_under(preface, "p"), "docTitle")
    title.text = _clean(dict(agreement.titles).get(language, agreement.title))
    _under(preface, "p").text = translate(NOTE)
    _body(_under(document, "mainBody"), lines, language)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def told(agreement: Agreement) -> tuple[Told, ...]:
    """Every line of a file with the eIds of its places in this document, and with those in other texts."""
    named = list(_named(agreement))
    own = short_name([line.article for name, line in named if name.startswith("provision:")], agreement.title)
    found: list[Told] = []
    for name, line in named:
        cites = cited(line.article)
        eids = tuple(one.eid for one in cites if own and one.text == own)
        loose = sum(1 for one in found if one.own[0].startswith("hcontainer_")) + 1
        found.append(Told(name, line, cites, eids or (f"hcontainer_{loose}",)))
    return tuple(found)


def mapping(agreement: Agreement) -> Mapping[str, tuple[str, ...]]:
    """Line of the file -> its eIds in this document."""
    return MappingProxyType({one.name: one.own for one in told(agreement)})


def _named(agreement: Agreement) -> Iterator[tuple[str, Line]]:
    yield from ((f"provision:{one.id}", one) for one in agreement.provision)
    rules: tuple[Taint | Protects | Deployment, ...] = (
        *agreement.taint,
        *agreement.protects,
        *agreement.deployment,
    )
    for number, rule in enumerate(rules, 1):
        yield f"{type(rule).__name__.lower()}:{rule.id or number}", rule
    for way, rows in agreement.basis:
        for number, row in enumerate(rows, 1):
            yield f"basis:{way.replace('_to_', '>')}" + (f":{number}" if len(rows) > 1 else ""), row


# ---------------------------------------------------------------------- meta


def _meta(agreement: Agreement, lines: Sequence[Told], language: str) -> Element:
    meta = Element(_tag("meta"))
    meta.append(_identification(agreement, language))
    days = _days(agreement)
    cycle = _under(meta, "lifecycle", source=SOURCE)
    for number, (on, kind) in enumerate(days, 1):
        _under(cycle, "eventRef", eId=f"meta__lifecycle__e_{number}", date=on, type=kind, source="#text")
    references = _under(meta, "references", source=SOURCE)
    _under(references, "original", eId="text", href=_work(agreement), showAs=agreement.title)
    _under(
        references,
        "TLCOrganization",
        eId="cordiale",
        href="/akn/ontology/organization/cordiale",
        showAs="Cordiale",
    )
    for side in agreement.side:
        name = re.sub(r"[^a-z0-9-]", "-", side.code.lower())
        place = f"/akn/ontology/organization/{name}"
        _under(references, "TLCOrganization", eId=f"side-{name}", href=place, showAs=side.code)
    meta.append(_proprietary(agreement, lines))
    return meta


def _identification(agreement: Agreement, language: str) -> Element:
    work = _work(agreement)
    expression = f"{work}/{LANGUAGES[language]}@{_first_day(agreement)[0]}"
    found = Element(_tag("identification"), source=SOURCE)
    for level, place in (
        ("FRBRWork", work),
        ("FRBRExpression", expression),
        ("FRBRManifestation", f"{expression}.xml"),
    ):
        part = _under(found, level)
        _under(part, "FRBRthis", value=f"{place}/!main")
        _under(part, "FRBRuri", value=place)
        on, name = _first_day(agreement)
        _under(part, "FRBRdate", date=on, name=name)
        _under(part, "FRBRauthor", href=SOURCE)
        if level == "FRBRWork":
            _under(part, "FRBRcountry", value=_country(agreement))
            _under(part, "FRBRprescriptive", value="false")
            _under(part, "FRBRauthoritative", value="false")
        elif level == "FRBRExpression":
            _under(part, "FRBRversionNumber", value=str(agreement.version))
            _under(part, "FRBRlanguage", language=LANGUAGES[language])
        else:
            _under(part, "FRBRformat", value="application/akn+xml")
    return found


def _work(agreement: Agreement) -> str:
    """`/akn/xx/doc/agreement/2024-02-23/uk-frontex-wa-2024`."""
    kind = "law" if agreement.is_law else "agreement"
    return f"/akn/{_country(agreement)}/doc/{kind}/{_first_day(agreement)[0]}/{agreement.id}"


def _country(agreement: Agreement) -> str:
    return COUNTRY.get(agreement.id.partition("-")[0], NOWHERE) if agreement.is_law else NOWHERE


def _first_day(agreement: Agreement) -> tuple[str, str]:
    """The day of a text, and what day that is."""
    first = next((span.from_ for span in agreement.validity if span.from_), None)
    days = ((agreement.signed, "signature"), (agreement.published, "publication"), (first, "validity"))
    return next(((on.isoformat(), name) for on, name in days if on), (date.min.isoformat(), "unknown"))


def _days(agreement: Agreement) -> list[tuple[str, str]]:
    """The days of the life of a text: (day, kind of event)."""
    found = [(on, "generation") for on in (agreement.signed, *(s.from_ for s in agreement.validity)) if on]
    found += [(span.until, "repeal") for span in agreement.validity if span.until]
    days = list(dict.fromkeys((on.isoformat(), kind) for on, kind in sorted(found)))
    return days or [(_first_day(agreement)[0], "generation")]


def _proprietary(agreement: Agreement, lines: Sequence[Told]) -> Element:
    """The mapping: each line of the file, its places here, and its places in other texts."""
    found = Element(_tag("proprietary"), source=SOURCE)
    about = {"id": agreement.id, "version": str(agreement.version), "digest": agreement.digest}
    whole = ElementTree.SubElement(found, f"{{{OURS}}}mapping", about)
    for one in lines:
        facts = {"name": one.name, "confidence": one.line.confidence, "source": one.line.source}
        line = ElementTree.SubElement(whole, f"{{{OURS}}}line", {k: _clean(v) for k, v in facts.items()})
        for eid in one.own:
            ElementTree.SubElement(line, f"{{{OURS}}}here", eId=eid)
        for place in one.cites:
            if place.eid not in one.own:
                ElementTree.SubElement(line, f"{{{OURS}}}elsewhere", text=place.text, eId=place.eid)
    return found


# ---------------------------------------------------------------------- body


def _body(body: Element, lines: Sequence[Told], language: str) -> None:
    """Numbered articles first, in their order; then what the text says without a number."""
    root = Branch()
    for one in lines:
        for place in one.cites:
            if place.eid in one.own:
                _grow(root, place.parts).told.append(one)
    for branch in _ordered(root):
        body.append(_numbered(branch, language))
    for one in lines:
        if one.own[0].startswith("hcontainer_"):
            body.append(_loose(one, language))
    if not len(body):
        _under(body, "p")


def _grow(root: Branch, parts: Sequence[Part]) -> Branch:
    here = root
    for depth, part in enumerate(parts, 1):
        here = here.within.setdefault(part, Branch(tuple(parts[:depth])))
    return here


def _ordered(branch: Branch) -> list[Branch]:
    return sorted(branch.within.values(), key=lambda one: (one.parts[-1][0], _natural(one.parts[-1][1])))


def _natural(number: str) -> list[tuple[int, str]]:
    """9 before 10, and 6 before 6a."""
    return [(int(one), "") if one.isdecimal() else (0, one) for one in re.findall(r"\d+|\D+", number)]


def _numbered(branch: Branch, language: str) -> Element:
    kind, number = branch.parts[-1]
    found = Element(_tag(ELEMENTS[kind]), _ids(eid_of(branch.parts)))
    _under(found, "num").text = number if len(branch.parts) == 1 else f"({number})"
    within = _ordered(branch)
    if not within or branch.told:
        holder = _under(found, "intro" if within else "content")
        for one in branch.told:
            _sentence(holder, one.line, language)
        if not branch.told:
            _under(holder, "p")
    found.extend(_numbered(inner, language) for inner in within)
    return found


def _loose(one: Told, language: str) -> Element:
    """A line whose article has no number in this text: its label is the heading."""
    found = Element(_tag("hcontainer"), _ids(one.own[0]) | {"name": "provision"})
    _under(found, "heading").text = _clean(one.line.article or one.name)
    _sentence(_under(found, "content"), one.line, language)
    return found


def _sentence(holder: Element, line: Line, language: str) -> None:
    words = line.sentence or line.source
    twin = dict(line.sentences).get(language)
    place = _under(holder, "p")
    place.text = _clean(twin or words)
    if language != "en" and not twin:
        place.set("{http://www.w3.org/XML/1998/namespace}lang", "en")


def _ids(eid: str) -> dict[str, str]:
    """eId and wId: the same, for this is the first expression of its numbering."""
    return {"eId": eid, "wId": eid}


def _tag(name: str) -> str:
    return f"{{{AKN}}}{name}"


def _under(parent: Element, name: str, /, **attributes: str) -> Element:
    return ElementTree.SubElement(parent, _tag(name), {key: _clean(one) for key, one in attributes.items()})


def _clean(words: str) -> str:
    """Words without the control characters that XML 1.0 (section 2.2) has no place for."""
    return NO_XML.sub("\N{REPLACEMENT CHARACTER}", words)
