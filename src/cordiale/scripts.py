"""Names across scripts: to Latin as passports write them, back to possible spellings, and folded for search.

Latin and Cyrillic after ICAO Doc 9303 part 3, section 6; Greek, which it does not list, after ISO 843.
Letters beyond the Russian ones are marked unconfirmed. A folded name finds; it never identifies.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from itertools import islice, product
from types import MappingProxyType
from typing import Final

SPELLINGS_MAX: Final = 200  # a name with more possible originals is not worth listing


class Script(StrEnum):
    """The scripts that this file can write in Latin letters."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    OTHER = "other"


# Doc 9303-3 section 6 A: letters that do not just lose their mark.
_LATIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Ä": "AE", "Å": "AA", "Æ": "AE", "Đ": "D", "Ð": "D", "Ħ": "H", "Ĳ": "IJ", "ĸ": "Q", "Ł": "L",
        "Ŋ": "N", "Ö": "OE", "Ø": "OE", "Œ": "OE", "ß": "SS", "ẞ": "SS", "Þ": "TH", "Ŧ": "T", "Ü": "UE",
        "ı": "I", "ʼ": "", "’": "", "'": "", "ə": "E", "Ə": "E",
    }
)  # fmt: skip

# Doc 9303-3 section 6 B; Russian letters confirmed in independent implementations of the table.
_CYRILLIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ё": "E", "Ж": "ZH", "З": "Z", "И": "I",
        "Й": "I", "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T",
        "У": "U", "Ф": "F", "Х": "KH", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y",
        "Ь": "", "Э": "E", "Ю": "IU", "Я": "IA",
        # unconfirmed: letters of other languages, from memory of the same table
        "Ґ": "G", "Є": "IE", "І": "I", "Ї": "I", "Ў": "U", "Ђ": "D", "Ј": "J", "Љ": "LJ", "Њ": "NJ",
        "Ћ": "C", "Џ": "DZ", "Ѓ": "G", "Ѕ": "DZ", "Ќ": "K",
    }
)  # fmt: skip

# unconfirmed: exceptions that the table makes for one language
_LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "": {},
        "sr": {"Ж": "Z", "Х": "H", "Ц": "C", "Ч": "C", "Ш": "S"},
        "mk": {"Ж": "Z", "Х": "H", "Ц": "C", "Ч": "C", "Ш": "S"},
        "uk": {"Г": "H", "И": "Y"},
        "be": {"Г": "H"},
        "bg": {"Щ": "SHT", "Ъ": "A"},
    }
)

# ISO 843 (ELOT 743), type 2; pairs before letters.
_GREEK_PAIRS: Final[Mapping[str, str]] = MappingProxyType(
    {"ΟΥ": "OU", "ΓΓ": "NG", "ΓΞ": "NX", "ΓΧ": "NCH", "ΑΥ": "AV", "ΕΥ": "EV", "ΗΥ": "IV"}
)
_GREEK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Α": "A", "Β": "V", "Γ": "G", "Δ": "D", "Ε": "E", "Ζ": "Z", "Η": "I", "Θ": "TH", "Ι": "I", "Κ": "K",
        "Λ": "L", "Μ": "M", "Ν": "N", "Ξ": "X", "Ο": "O", "Π": "P", "Ρ": "R", "Σ": "S", "Τ": "T", "Υ": "Y",
        "Φ": "F", "Χ": "CH", "Ψ": "PS", "Ω": "O",
    }
)  # fmt: skip
# For searching only: these have no mark to lose, and half of the world writes them with one letter.
_ONE: Final[Mapping[str, str]] = MappingProxyType({"Ø": "O", "ø": "o"})
_VOICELESS: Final = frozenset("ΘΚΞΠΣΤΦΧΨ")


def script_of(text: str) -> Script:
    """The script of the first letter; OTHER if it is none of ours or there is none."""
    for sign in text:
        if sign.isalpha():
            name = unicodedata.name(sign, "")
            return next((s for s in Script if name.startswith(s.value.upper())), Script.OTHER)
    return Script.OTHER


def to_latin(text: str, language: str = "") -> str:
    """A name in capital Latin letters as a passport's machine-readable zone would spell it.

    `language`: "sr", "mk", "uk", "be", "bg", or "" for the table without exceptions. Letters of scripts that
    this file does not know stay as they are, so that nothing vanishes unseen.
    """
    special = _LANGUAGES.get(language, {})
    signs = _composed(text)
    out: list[str] = []
    at = 0
    while at < len(signs):
        pair, sign = signs[at : at + 2], signs[at]
        if pair in _GREEK_PAIRS:
            out.append(_greek_pair(pair, signs[at + 2 : at + 3]))
            at += 2
            continue
        out.append(special[sign] if sign in special else _letter(sign))
        at += 1
    return "".join(out)


def _composed(text: str) -> str:
    """Capitals, one sign a letter, Greek without accents."""
    capital = "".join(sign if sign in "ßıĸə" else sign.upper() for sign in unicodedata.normalize("NFC", text))
    return "".join(_bare(s) if script_of(s) is Script.GREEK else s for s in capital)


def _bare(sign: str) -> str:
    """A letter without its marks."""
    return "".join(c for c in unicodedata.normalize("NFD", sign) if not unicodedata.combining(c))


def _greek_pair(pair: str, after: str) -> str:
    """αυ, ευ, ηυ sound as v, and as f before a voiceless sound and at the end."""
    latin = _GREEK_PAIRS[pair]
    if latin.endswith("V") and (not after or not after.isalpha() or after in _VOICELESS):
        return latin[0] + "F"
    return latin


def _letter(sign: str) -> str:
    for table in (_LATIN, _CYRILLIC, _GREEK):
        if sign in table:
            return table[sign]
    bare = _bare(sign)
    return bare if bare.isascii() else sign


def possible_originals(latin: str, script: Script, language: str = "", *, limit: int = 20) -> tuple[str, ...]:
    """Spellings in `script` that would be written so in Latin, at most `limit`, likeliest first.

    Transliteration loses letters, so there is rarely one way back; a person chooses. Empty if there is none.
    """
    table = dict(_CYRILLIC if script is Script.CYRILLIC else _GREEK if script is Script.GREEK else {})
    table |= _LANGUAGES.get(language, {}) if script is Script.CYRILLIC else {}
    back: dict[str, list[str]] = {}
    for letter, spelt in table.items():
        if spelt:
            back.setdefault(spelt, []).append(letter)
    if script is Script.GREEK:
        back["OU"] = ["ΟΥ"]
    words = [_ways(word, back) for word in latin.upper().split()]
    if not words or not all(words):
        return ()
    joined = (" ".join(w) for w in product(*words))
    found = (way for way in joined if to_latin(way, language) == " ".join(latin.upper().split()))
    return tuple(islice(found, min(limit, SPELLINGS_MAX)))


def _ways(word: str, back: Mapping[str, list[str]]) -> list[str]:
    """Every way to cut a word into spelt letters, longest pieces first, no more than SPELLINGS_MAX."""
    ways: list[list[str]] = [[] for _ in range(len(word) + 1)]
    ways[len(word)] = [""]
    for at in range(len(word) - 1, -1, -1):
        for length in range(min(4, len(word) - at), 0, -1):
            for letter in back.get(word[at : at + length], []):
                ways[at].extend(letter + rest for rest in ways[at + length])
        ways[at] = ways[at][:SPELLINGS_MAX]
    return ways[0]


def fold(text: str) -> str:
    """A name for searching: Latin, lower case, no marks or punctuation, single spaces.

    ä, ö, ü, ø, å fold to one letter, not two, because half of the world writes them so.
    """
    plain = "".join(_ONE.get(s, _bare(s) if script_of(s) is Script.LATIN else s) for s in text)
    spelt = to_latin(plain).casefold()
    return " ".join(re.sub(r"[^\w]+|_", " ", spelt).split())


def folded_forms(text: str) -> frozenset[str]:
    """Every folded spelling that should find a name: umlauts as one letter and two, Slavic by language."""
    forms = {fold(text), " ".join(re.sub(r"[^\w]+|_", " ", to_latin(text).casefold()).split())}
    if script_of(text) is Script.CYRILLIC:
        forms |= {fold(to_latin(text, language)) for language in _LANGUAGES}
    return frozenset(f for f in forms if f)
