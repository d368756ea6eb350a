"""Plain words for ids: who a party is, what a text is called, which part of a message is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from markupsafe import Markup, escape

from cordiale.errors import CordialeError
from cordiale.node import agreements
from cordiale.payloads.forms import label
from cordiale.web.faults import in_words
from cordiale.web.visit import Visit
from cordiale.web.words import Say, mark

SIZES: Final = (
    (1_000_000_000, mark("{} GB"), 2),
    (1_000_000, mark("{} MB"), 1),
    (1000, mark("{} kB"), 0),
)
"""(bytes, how that is said, digits behind the point)"""
POINT: Final = mark(".")
"""The decimal point, a comma elsewhere."""
FIELDS: Final = {
    "origin.collected_for": mark("for what it was collected"),
    "origin.systems": mark("which systems it comes from"),
    "origin.derived_from": mark("what it was derived from"),
    "origin.owner": mark("whose it is"),
    "origin.obtained": mark("how it was obtained"),
    "handling.code": mark("its handling code"),
    "handling.classification": mark("its marking"),
    "urgent.reason": mark("why it is urgent"),
    "subjects.nationality": mark("the nationality of the person"),
}
"""Fields of a request that somebody must say -> how a person calls them."""
CONSENT_OF: Final = re.compile(r"consent of (\S+/\S+)")
NOBODYS: Final = mark("a leaf about nobody holds something that {}")


def who(visit: Visit, party: str) -> str:
    """A party, "SIDE/authority", by name: `Home Office (UK)`."""
    side, _, authority = party.partition("/")
    if not authority:
        return party
    name = visit.node.name_of(side, authority)
    return party if name == party else f"{name} ({side})"


def authority_name(visit: Visit, authority: str, side: str = "") -> str:
    """An authority by name, or its id where the register has none. `side`: ours if none is said."""
    side = side or visit.node.settings.side
    name = visit.node.name_of(side, authority)
    return authority if name == f"{side}/{authority}" else name


def words_of(visit: Visit, ids: Iterable[str]) -> list[str]:
    """Words of the vocabulary as a person reads them: `fr_police` is `fr police`, in their language."""
    return [visit.say(agreements.plain_word(one)) for one in ids]


def text_name(visit: Visit, id: str) -> str:
    """What an agreement or a law is called, by its official title in their language where it has one."""
    try:
        return agreements.title_in(visit.node.register, id, visit.language)
    except CordialeError:
        return id


def told(visit: Visit, answer: Mapping[str, Any], sentence: object) -> str:
    """A sentence of the gate's answer in their language; as it stands where an agreement file says it."""
    try:
        register = visit.node.register
    except CordialeError:
        return str(sentence)
    return agreements.in_language(register, answer, str(sentence), language=visit.language, say=visit.say)


def cited(visit: Visit, words: object) -> str:
    """The label of an article, a title or a sentence of a file in their language; as it stands where no file
    has it in that language.
    """
    try:
        return agreements.label_in(visit.node.register, str(words or ""), visit.language)
    except CordialeError:
        return str(words or "")


def concern(visit: Visit, why: str) -> str:
    """What a person should look at, in their language; the words that it quotes stay as they are."""
    quoted = re.fullmatch(r"“(.*)” (.*)", why, re.DOTALL)
    if quoted:
        return f"“{quoted[1]}” {visit.say(quoted[2])}"
    prefix = NOBODYS.removesuffix("{}")
    if why.startswith(prefix):
        return visit.say(NOBODYS).format(visit.say(why.removeprefix(prefix)))
    return visit.say(why)


def said(visit: Visit, sentence: str) -> Markup:
    """A sentence of a fault in their language, begun with a capital; what it quotes in backticks as code."""
    told = in_words(visit.say, sentence)
    if told.partition(" ")[0].strip(",:").isalpha():  # a name of a file keeps its own letters
        told = told[:1].upper() + told[1:]
    parts = re.split(r"`([^`]*)`", told)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(one) if n % 2 else escape(one) for n, one in enumerate(parts))


def part_name(visit: Visit, path: str) -> str:
    """A path of a message as words: `suspects.0.family_name` is `Suspects 1, family name`."""
    stem, _, category = path.partition(":")
    words: list[str] = []
    for one in stem.split("."):
        if one.isdigit():
            words[-1:] = [f"{words[-1]} {int(one) + 1}" if words else str(int(one) + 1)]
        else:
            words.append(visit.say(label(one)))
    said = ", ".join([words[0], *(one.lower() for one in words[1:])])
    return f"{said} ({visit.say(category.replace('_', ' '))})" if category else said


def missing_words(visit: Visit, missing: Mapping[str, Any]) -> str:
    """What is missing, in a sentence: what, of whom."""
    say = visit.say
    kind, name = str(missing.get("what", "")), str(missing.get("name") or missing.get("sentence") or "")
    what = say("not said yet") if kind in ("field", "fact") else say(agreements.plain_word(kind))
    name = _what_is_missing(say, kind, name)
    giver = str(missing.get("who_can_give", ""))
    given = f"; {say('can be given by')} {who(visit, giver) if '/' in giver else say(giver)}" if giver else ""
    if consent := CONSENT_OF.fullmatch(name):
        return say("consent of {}").format(who(visit, consent[1]))
    return visit.say("{}: {}").format(what, name + given) if name else f"{what}{given}"


def _what_is_missing(say: Say, kind: str, name: str) -> str:
    """A field, a fact or a kind of record as a person calls it."""
    if kind == "field" and name in FIELDS:
        return say(FIELDS[name])
    if kind == "record":
        return f" {say('or')} ".join(record_name(say, one) for one in name.split(" or "))
    return say(agreements.plain_word(name.rsplit(".", 1)[-1] if kind == "field" else name))


def record_name(say: Say, name: str) -> str:
    """`safeguards:UK>RS` is `safeguards (UK to RS)`."""
    word, _, pair = name.partition(":")
    giver, between, taker = pair.partition(">")
    way = f" ({say('{} to {}').format(giver, taker)})" if between else f" ({pair})" if pair else ""
    return say(agreements.plain_word(word)) + way


def by_reason(
    visit: Visit, unseen: Iterable[Any], answer: Mapping[str, Any]
) -> list[tuple[str, str, list[str]]]:
    """Withheld parts gathered by the sentence that takes them: article, sentence, paths."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in unseen:
        found.setdefault((one.article, told(visit, answer, one.sentence)), []).append(one.path)
    return [(cited(visit, article), sentence, paths) for (article, sentence), paths in found.items()]


def kilobytes(visit: Visit, count: int) -> str:
    """A number of bytes as a person says it: `9.8 MB`, in French `9,8 Mo`."""
    for size, unit, digits in SIZES:
        if count >= size:
            return visit.say(unit).format(f"{count / size:.{digits}f}".replace(".", visit.say(POINT)))
    return visit.say("{} B").format(count)


def sentence_of(visit: Visit, answer: Mapping[str, Any]) -> str:
    """The sentence of a headline in their language."""
    return told(visit, answer, (answer.get("headline") or {}).get("sentence", ""))


def withheld_by_reason(visit: Visit, answer: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Withheld items of an answer gathered by the sentence that takes them: article, sentence, items."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in answer.get("withheld") or ():
        sentence = told(visit, answer, one["sentence"])
        found.setdefault((str(one["article"]), sentence), []).append(str(one["item"]))
    return [(cited(visit, article), sentence, items) for (article, sentence), items in found.items()]


def failures_by_text(visit: Visit, answer: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The failing steps of an answer under the text that each comes from."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in answer.get("failures") or ():
        spoken = {**one, "sentence": told(visit, answer, one.get("sentence", ""))}
        found.setdefault(text_name(visit, str(one.get("source", ""))), []).append(spoken)
    return list(found.items())


def duties_by_act(visit: Visit, answer: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The duties of an answer under what is to be done."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in answer.get("duties") or ():
        words = visit.say(agreements.plain_word(str(one.get("do", ""))))
        found.setdefault(words[:1].upper() + words[1:], []).append(one)
    return list(found.items())
