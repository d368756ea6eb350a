"""What free text may give away: names, numbers, places and small groups, as spans for a person to judge.

Conservative: it shows too much rather than too little, decides nothing, and an empty answer is no clearance.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cordiale.payloads import Leaf
from cordiale.terms import CATEGORIES, Category, Personal

TEXT_CHARS_MAX: Final = 200_000  # ten times what a payload's text may hold
GROUP_MAX: Final = 9  # a group below ten can point to persons; see counts.SMALLEST_CELL


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that may say something about somebody.

    `start`, `end`: places in the text, end excluded. `why`: one plain sentence.
    """

    start: int
    end: int
    category: Category
    why: str

    def words(self, text: str) -> str:
        """The stretch itself."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Leak:
    """A span in a leaf that promises to be about nobody."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Sign:
    """A shape to look for. `group`: which part of the match is the span."""

    pattern: re.Pattern[str]
    category: Category
    why: str
    group: int = 0


def _sign(pattern: str, category: Category, why: str, group: int = 0) -> _Sign:
    return _Sign(re.compile(pattern), category, why, group)


_MONTH: Final = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|sept|déc)"
    r"[a-zé]*\.?"
)
_DATE: Final = (
    rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}} {_MONTH} \d{{4}})"
)

_MINUTES: Final = r"°\s?\d{1,2}(?:[.,]\d+)?['′’]?(?:\s?\d{1,2}(?:[.,]\d+)?[\"″]?)?\s?"

# First come, first kept: the more telling shape stands before the more general one.
_SIGNS: Final = (
    _sign(r"\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", Category.EMAIL, "looks like an e-mail address"),
    _sign(
        r"(?i)\bhttps?://\S+|\bwww\.\S+|\bt\.me/\S+",
        Category.ONLINE_ACCOUNT,
        "an address can lead to an account",
    ),
    _sign(
        r"(?<![\w@])@[A-Za-z0-9_.]{3,}", Category.ONLINE_ACCOUNT, "looks like the name of an online account"
    ),
    _sign(
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
        Category.FINANCE,
        "looks like a bank account (IBAN)",
    ),
    _sign(r"\b[A-HJ-NPR-Z0-9]{17}\b", Category.VEHICLE, "looks like a chassis number"),
    _sign(
        r"(?i)\bIMO ?\d{7}\b|\bMMSI:? ?\d{9}\b",
        Category.VESSEL_ID,
        "looks like a ship's identification number",
    ),
    _sign(
        rf"(?i)\b(?:born|d\.?o\.?b\.?|date of birth|né|née|geboren)\b[^.\n]{{0,20}}?({_DATE}|\d{{4}})",
        Category.BIRTH,
        "looks like a date of birth",
        1,
    ),
    _sign(
        r"(?<![\d.])[-+]?\d{1,2}[.,]\d{3,}°? ?[NSns]?[,; /]+ ?[-+]?\d{1,3}[.,]\d{3,}°? ?[EWOewo]?(?!\d|\.\d)",
        Category.POSITION,
        "looks like coordinates",
    ),
    _sign(
        rf"\d{{1,2}}{_MINUTES}[NS]\W{{0,3}}\d{{1,3}}{_MINUTES}[EWO]",
        Category.POSITION,
        "looks like coordinates",
    ),
    _sign(
        r"(?i)\b(?:passport|passeport|identity card|id card|carte d['’]identité|visa|permit|licence)\b"
        r"(?: (?:no|nr|number|numéro|n°)\.?)?[ :]*((?=[A-Z0-9]*\d)[A-Z0-9]{5,15})\b",
        Category.IDENTITY_DOCUMENT,
        "looks like the number of a document",
        1,
    ),
    _sign(
        r"\b[A-Z]{1,3}\d{6,9}[A-Z]?\b|\b\d{2}[A-Z]{2}\d{5}\b",
        Category.IDENTITY_DOCUMENT,
        "looks like the number of a document",
    ),
    _sign(
        r"(?<![\w/])(?:\+|00)\d[\d ()./-]{6,20}\d|(?<![\w/.-])0\d(?:[ ./-]?\d){7,11}(?![\d-])",
        Category.PHONE,
        "looks like a telephone number",
    ),
    _sign(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b", Category.VEHICLE, "looks like a British registration mark"),
    _sign(r"\b[A-Z]{2}-\d{3}-[A-Z]{2}\b", Category.VEHICLE, "looks like a French registration mark"),
    _sign(
        r"\b(?:[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{1,4}|\d-[A-Z]{3}-\d{3}|[A-Z]{2}-?\d{3,4}-?[A-Z]{2}"
        r"|\d{1,2}-[A-Z]{2,3}-\d{1,2})\b",
        Category.VEHICLE,
        "looks like a registration mark",
    ),
    _sign(
        r"(?<![\w.,/-])\d{9,15}(?![\w/-]|[.,]\d)",
        Category.IDENTITY_DOCUMENT,
        "a long number can point to a person",
    ),
)

_PEOPLE: Final = (
    r"(?:persons?|people|men|man|women|woman|boys?|girls?|child(?:ren)?|minors?|adults?|brothers?|sisters?|cousins?"
    r"|passengers?|nationals?|migrants?|families|family members|personnes?|hommes?|femmes?|enfants?|mineurs?"
    r"|[A-Z][a-zé]+(?:ians?|ese|is|ans|qis|eans|nians|tians|iens?|iennes?))"
)
_NUMBER_WORDS: Final = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "un",
    "une",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "sept",
    "huit",
    "neuf",
    "a",
    "an",
]
_GROUP: Final = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(_NUMBER_WORDS)}) ((?:[\w-]+ ){{0,2}}?)({_PEOPLE})\b", re.IGNORECASE
)
_FAMILY: Final = re.compile(
    r"(?i)\b(?:family|group|famille|groupe) (?:of|de) (\d{1,2}|two|three|four|five|six|seven|eight|nine)\b"
)

_WORDS: Final[tuple[tuple[str, Category, str], ...]] = (
    (
        r"asylum|refugees?|protection claim|asile|réfugiée?s?|persecut\w+|persécut\w+",
        Category.ASYLUM,
        "may tell of a claim for protection",
    ),
    (
        r"pregnan\w+|enceinte|wounded|injur\w+|diabet\w+|HIV|epilep\w+|hypotherm\w+|asthma\w*|illness|disab\w+"
        r"|blessée?s?|malade\w*",
        Category.HEALTH,
        "may tell of somebody's health",
    ),
    (
        r"muslims?|christians?|yazidis?|jews?|jewish|shia|sunni|catholics?|musulman\w*|chrétien\w*|juif|juive"
        r"|converted",
        Category.BELIEF,
        "may tell of somebody's belief",
    ),
    (
        r"kurd\w*|roma|pashtun\w*|hazara\w*|tigray\w*|oromo|ethnic\w*",
        Category.ETHNICITY,
        "may tell of somebody's origin",
    ),
    (
        r"gay|lesbian|homosexual\w*|transgender|bisexual",
        Category.SEXUALITY,
        "may tell of somebody's sexuality",
    ),
    (
        r"traffick\w+ victims?|raped?|abused?|tortured?|unaccompanied|exploit(?:ed|ation)|non accompagn\w+",
        Category.VULNERABILITY,
        "may tell of somebody's vulnerability",
    ),
    (
        r"convicted|prison sentence|criminal record|condamnée?s?",
        Category.CONVICTION,
        "may tell of a conviction",
    ),
    (
        r"informants?|our source|the source|human source|informateur\w*",
        Category.ASSOCIATION,
        "may reveal who told it",
    ),
)
_WORD_SIGNS: Final = tuple(_sign(rf"(?i)\b(?:{words})\b", category, why) for words, category, why in _WORDS)

_CAPITAL: Final = r"[A-ZÀ-ÖØ-ÞŠŽĆČĐŁŚŻ][\w’'-]*"
_TITLED: Final = re.compile(
    r"(?i:\b(?:mr|mrs|ms|miss|dr|m\.|mme|mlle|herr|frau|named|called|nommée?|known as|alias|dit|dite"
    r"|a\.?k\.?a\.?))\.?"
    rf"\s+[\"“«]?({_CAPITAL}(?:\s+(?:(?:al|el|de|da|van|von|bin|ben|abu|ibn)\s+)?{_CAPITAL})*)"
)
_RUN: Final = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:al|el|de|da|van|von|bin|ben|abu|ibn)\s+)?{_CAPITAL})*")
_FOREIGN: Final = r"[\u0370-\u03ff\u0400-\u052f\u0590-\u08ff\u0900-\u0fff\u3040-\u9fff]+"
_OTHER_SCRIPT: Final = re.compile(rf"{_FOREIGN}(?:\s+{_FOREIGN})*")

# Capitalised words that name no person. A place that is missing here is shown once too often, no more.
_NO_PERSONS_WORDS: Final = """
    i the a an on at in by to of and or for from with near after before police nationale gendarmerie border
    force coast coastguard guard frontex europol interpol eurosur mrcc jrcc cross nca oltim paf hmrc home
    office commission monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi
    vendredi samedi dimanche january february march april may june july august september october november
    december janvier février mars avril mai juin juillet août septembre octobre novembre décembre utc gmt
    eur gbp usd cet official sensitive limite uk eu fr be de nl rs mk al iq united kingdom england wales
    scotland ireland france belgium germany netherlands serbia kosovo albania iraq turkey greece italy spain
    bulgaria hungary austria croatia bosnia romania poland libya tunisia algeria morocco syria afghanistan
    iran eritrea sudan ethiopia somalia vietnam calais dunkirk dunkerque lille boulogne gravelines dover
    folkestone ramsgate hastings london paris brussels belgrade le la les des du channel manche north sea
    mer nord strait cap gris nez wissant sangatte oye plage hardelot berck étaples wimereux ambleteuse marck
    loon grande synthe kent sussex ostend oostende zeebrugge den helder mediterranean aegean balkans western
    europe eur gbp usd
"""
_NO_PERSONS: Final = frozenset(_NO_PERSONS_WORDS.split())


def screen(text: str, names: Collection[str] = ()) -> tuple[Span, ...]:
    """Every stretch that may say something about somebody, in order, none overlapping.

    `names`: names that are known to matter here (of the case's persons); they are found in any capitals.
    """
    found: list[Span] = []
    for span in _candidates(text[:TEXT_CHARS_MAX], names):
        if not any(span.start < old.end and old.start < span.end for old in found):
            found.append(span)
    if len(text) > TEXT_CHARS_MAX:
        found.append(Span(TEXT_CHARS_MAX, len(text), Category.FREE_TEXT, "was too long to be screened"))
    return tuple(sorted(found, key=lambda s: s.start))


def leaks(leaves: Iterable[Leaf], names: Collection[str] = ()) -> tuple[Leak, ...]:
    """Spans in leaves whose category promises nobody: a name in a place line would pass as a place.

    Spans of the leaf's own kind (coordinates in a position) are left out.
    """
    quiet = (Personal.NONE, Personal.IDENTIFIERS)
    return tuple(
        Leak(leaf.path, span)
        for leaf in leaves
        if leaf.worded
        and CATEGORIES[leaf.category].personal in quiet
        and leaf.category
        not in (Category.REFERENCE, Category.ORGANISATION, Category.VESSEL_ID, Category.AIRCRAFT_ID)
        for span in screen(leaf.value, names)
        if CATEGORIES[span.category].personal not in quiet
    )


def _candidates(text: str, names: Collection[str]) -> Iterator[Span]:
    """Every shape that is there, the surest first."""
    for name in sorted({n.strip() for n in names if len(n.strip()) > 1}, key=len, reverse=True):
        for match in re.finditer(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", text):
            yield Span(*match.span(), Category.NAME, "is a name of this case")
    for sign in _SIGNS:
        for match in sign.pattern.finditer(text):
            yield Span(*match.span(sign.group), sign.category, sign.why)
    yield from _groups(text)
    for match in _TITLED.finditer(text):
        yield Span(*match.span(1), Category.NAME, "follows a title or a word for naming")
    for sign in _WORD_SIGNS:
        for match in sign.pattern.finditer(text):
            yield Span(*match.span(), sign.category, sign.why)
    yield from _runs(text)
    for match in _OTHER_SCRIPT.finditer(text):
        yield Span(*match.span(), Category.NAME, "is in another script: it may be a name")


def _groups(text: str) -> Iterator[Span]:
    for pattern in (_GROUP, _FAMILY):
        for match in pattern.finditer(text):
            number = match.group(1).lower()
            if not number.isdigit() or 0 < int(number) <= GROUP_MAX:
                yield Span(*match.span(), Category.VULNERABILITY, "a small group can point to persons")


def _runs(text: str) -> Iterator[Span]:
    """Capitalised words that no list explains. A lone one that opens a sentence is a word."""
    for match in _RUN.finditer(text):
        words = re.findall(r"[\w’'-]+", match.group())
        odd = [w for w in words if re.sub(r"[’']s$", "", w).lower() not in _NO_PERSONS]
        if not odd or (len(words) == 1 and (_opens_sentence(text, match.start()) or odd[0].isdigit())):
            continue
        if len(odd) == 1 and _opens_sentence(text, match.start()) and odd[0] == words[0]:
            continue
        yield Span(*match.span(), Category.NAME, "capital letters: it may be a name")


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(' \t"“«(')
    return not before or before[-1] in ".!?:\n•"
