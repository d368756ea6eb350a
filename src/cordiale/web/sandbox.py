"""The sandbox in May I?: the path through the twelve steps, papers only supposed, facts that lines ask for,
and ways on that can be asked at once. Nothing is sent, and nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cordiale.errors import RequestError
from cordiale.node import agreements, agreements_asked, agreements_drafted
from cordiale.node.agreements_asked import Register, Tried
from cordiale.payloads import TYPES
from cordiale.terms import UNKNOWN
from cordiale.web.forms import Question
from cordiale.web.plain import cited, missing_words, text_name, told, who, words_of
from cordiale.web.visit import Visit
from cordiale.web.words import mark

SUPPOSED: Final = "supposed"
WAY: Final = "way"
TEXTS: Final = "texts"
FACT: Final = "fact."
PAPERS_MAX: Final = 40
"""Papers that one question supposes; the longest list of a shipped line has four."""
STEPS: Final = {
    1: mark("Is it a rescue, or a report about rights? Those come before every rule."),
    2: mark("Where does it come from? Some sources shut it."),
    3: mark("Whom does it protect? What nobody knows counts as yes."),
    4: mark("Who may do this, to whom, with this kind of information?"),
    5: mark("Is the agreement in force on that day?"),
    6: mark("Do the purpose and the body of law fit?"),
    7: mark("Is there a basis for personal data?"),
    8: mark("Whose is it, and may it be passed on?"),
    9: mark("Is it marked above what may pass?"),
    10: mark("What is granted, and what is withheld?"),
    11: mark("Which named person must confirm it?"),
    12: mark("Is everything there that is recorded?"),
}
STATES: Final = {
    "passed": ("permit", mark("passed")),
    "withheld": ("withhold", mark("withheld")),
    "refused": ("refuse", mark("refused")),
    "decided": ("permit", mark("decided here")),
    "not_asked": ("unknown", mark("not asked")),
}
"""State of a step -> the colour of its tag, and the word beside the colour."""
PLACES: Final = {
    "case": "case",
    "reason": "reason",
    "urgent.reason": "reason",
    "offence": "max-years",
    "subjects.nationality": "nationality",
    "origin.collected_for": "collected-for",
    "origin.systems": "system",
    "origin.owner": "owner",
    "origin.obtained": "obtained",
    "handling.code": "code",
    "handling.classification": "classification",
}
"""Field of a request that is missing -> where the form asks for it."""
ASKED: Final = mark("{day}. {sender} to {recipient}: {act}. {kind}. For: {purpose}.")
ASKED_OF: Final = mark("{day}. {sender} to {recipient}: {act}. {kind}, about: {person}. For: {purpose}.")
OFFERED: Final = frozenset({"asked_basis", "channel", "items"})
NO_WAY: Final = mark("Nothing would be left to ask about.")
WRONG_WAY: Final = mark("This is no way on from here. Ask again, and take one that stands beside the answer.")


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is missing and mended in one way: in words with each article; how it is supposed or said here."""

    told: tuple[tuple[str, str], ...]
    papers: tuple[tuple[str, str], ...] = ()
    facts: tuple[Question, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one article of a text said at a step: `at` leads there; each sentence with the parts it takes."""

    article: str
    confidence: str
    at: str
    told: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path: its question in words, the colour and word of its state, and what it said."""

    number: int
    asks: str
    colour: str
    word: str
    stage: Mapping[str, Any]
    reasons: list[Reason]


# ------------------------------------------------------------------------------ what the form says


def supposed(visit: Visit) -> list[str]:
    """The papers that the form supposes."""
    return visit.several(SUPPOSED)[:PAPERS_MAX]


def texts(visit: Visit) -> Register:
    """The texts that are asked: those in force here, or one draft alone beside the laws.

    Raises UsageError and AgreementFileError for a draft that is not there or cannot be read.
    """
    draft, node = visit.answer(TEXTS), visit.node
    if not draft:
        return node.register
    return agreements_drafted.register_on(node.home, draft, node.world.disk, texts=node.settings.texts)


def stated(visit: Visit, register: Register) -> dict[str, object]:
    """The facts that the form states, of their declared types; what is not known is left out."""
    types = agreements_asked.facts(register)
    said = {name.removeprefix(FACT): visit.answer(name) for name in visit.answers if name.startswith(FACT)}
    return {
        name: _value(word, types[name])
        for name, word in said.items()
        if name in types and word not in ("", UNKNOWN)
    }


def _value(word: str, kind: str) -> object:
    if kind == "bool":
        return {"yes": True, "no": False}.get(word, word)
    return int(word) if kind == "int" and word.isdigit() else word


def take_way(visit: Visit, raw: Mapping[str, Any]) -> None:
    """Fill the form in as a way on says: what is asked stands there to be read. Raises RequestError."""
    by = visit.answer(WAY)
    if by.partition(" ")[0] not in OFFERED:
        raise RequestError(visit.say(WRONG_WAY))
    after = agreements_asked.changed(raw, by)
    if not after.items:
        raise RequestError(visit.say(NO_WAY))
    answers = dict(visit.answers) | {"asked_basis": [after.asked_basis], "channel": [after.channel]}
    if len(after.items) < len(raw["items"]):
        answers["categories"] = list(after.items)
    visit.answers = answers


# ------------------------------------------------------------------------------ what the answer shows


def path(visit: Visit, tried: Tried) -> list[Step]:
    """The twelve steps in words; none where nothing was asked."""
    return [_step(visit, tried.answer, stage) for stage in tried.path]


def _step(visit: Visit, answer: Mapping[str, Any], stage: Mapping[str, Any]) -> Step:
    number, (colour, word) = stage["step"], STATES[stage["state"]]
    return Step(
        number, visit.say(STEPS[number]), colour, visit.say(word), stage, _reasons(visit, answer, stage)
    )


def _reasons(visit: Visit, answer: Mapping[str, Any], stage: Mapping[str, Any]) -> list[Reason]:
    """The failures of a step, gathered by the article that each rests on, in their order."""
    found: dict[tuple[str, str, str], Reason] = {}
    for one in stage["failures"]:
        text, _, line = str(one.get("source", "")).partition("/")
        at = f"/agreements/{text}{f'#p-{line}' if line else ''}" if text else ""
        named = cited(visit, one["article"]) or text_name(visit, text)
        key = (named, one.get("confidence", ""), at)
        reason = found.setdefault(key, Reason(*key, []))
        sentence = told(visit, answer, one["sentence"])
        # A part that the sentence names already is not told twice.
        parts = [each for each in words_of(visit, one.get("items", ())) if each not in sentence]
        reason.told.append((sentence, parts))
    return list(found.values())


def lacking(visit: Visit, tried: Tried) -> list[Lacking]:
    """What is missing, what is mended in one way together, with its boxes and questions."""
    found: dict[tuple[Any, ...], Lacking] = {}
    for one in tried.answer["missing"]:
        here = _lacks(visit, one, tried.facts)
        key = (
            here.papers,
            here.facts,
            here.place,
            "" if here.papers or here.facts or here.place else here.told,
        )
        before = found.get(key)
        told = tuple(dict.fromkeys((*before.told, *here.told))) if before else here.told
        found[key] = replace(here, told=told)
    return list(found.values())


def asked(visit: Visit, raw: Mapping[str, Any], at: datetime) -> str:
    """The question in one sentence, to stand above its answer."""
    words = agreements.plain_word
    kind, person = TYPES[raw["type"]].title, raw["subjects"][0]["role"]
    held = visit.several("categories")
    told = ASKED if person == UNKNOWN else ASKED_OF
    return visit.say(told).format(
        sender=who(visit, _party(raw["from"])),
        recipient=who(visit, _party(raw["to"])),
        act=visit.say(words(raw["act"])),
        kind=visit.say(kind) + (f" ({', '.join(words_of(visit, held))})" if held else ""),
        person=visit.say(words(person)),
        purpose=visit.say(words(raw["purpose"])),
        day=visit.day(at.date()),
    )


def _party(end: Mapping[str, Any]) -> str:
    return f"{end['side']}/{end['authority']}"


def _lacks(visit: Visit, one: Mapping[str, Any], types: Mapping[str, str]) -> Lacking:
    papers = tuple(_box(visit, paper) for paper in agreements_asked.papers(one))
    name = str(one["name"])
    facts = tuple(fact(visit, each, types) for each in name.split(" or ")) if one["what"] == "fact" else ()
    place = (
        PLACES.get(name, "categories" if name.startswith("items:") else "") if one["what"] == "field" else ""
    )
    return Lacking(((missing_words(visit, one), str(one["article"])),), papers, facts, place)


def standing(visit: Visit, tried: Tried) -> tuple[list[tuple[str, str]], list[Question]]:
    """What this answer rests on and nobody has recorded: the boxes ticked, and the facts stated here."""
    said = [name.removeprefix(FACT) for name in visit.answers if name.startswith(FACT)]
    known = tried.facts
    asked = {
        name for one in tried.answer["missing"] if one["what"] == "fact" for name in one["name"].split(" or ")
    }
    return [_box(visit, paper) for paper in tried.supposed], [
        fact(visit, one, known) for one in said if one in known and one not in asked
    ]


def _box(visit: Visit, paper: str) -> tuple[str, str]:
    what, _, name = paper.partition("|")
    return paper, missing_words(visit, {"what": what, "name": name})


def fact(visit: Visit, name: str, types: Mapping[str, str]) -> Question:
    """The question for one fact, in the manner of its type, with what was answered."""
    kind = types.get(name, "")
    words = visit.say(agreements.plain_word(name))
    label, value = words[:1].upper() + words[1:], visit.answer(FACT + name)
    if kind == "bool":
        shown = tuple(
            (one, visit.say(word)) for one, word in ((UNKNOWN, "not known"), ("yes", "yes"), ("no", "no"))
        )
        return Question(FACT + name, label, "select", options=shown, value=value or UNKNOWN)
    form = {"int": "number", "date": "date"}.get(kind, "text")
    return Question(FACT + name, label, form, value=value, width="govuk-input--width-10")
