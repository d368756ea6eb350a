"""Plain words for ids: who a party is, what a text is called, which part of a message is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cordiale.errors import CordialeError
from cordiale.payloads.forms import label
from cordiale.web.visit import Visit


def who(visit: Visit, party: str) -> str:
    """A party, "SIDE/authority", by name: `Home Office (UK)`."""
    side, _, authority = party.partition("/")
    if not authority:
        return party
    name = visit.node.name_of(side, authority)
    return party if name == party else f"{name} ({side})"


def text_name(visit: Visit, id: str) -> str:
    """What an agreement or a law is called; its id where nothing here has that id."""
    try:
        found = visit.node.register.agreement(id.split("/")[0])
    except CordialeError:
        return id
    return found.title if found else id


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
    what = say("not said yet") if kind in ("field", "fact") else say(kind.replace("_", " "))
    name = say((name.rsplit(".", 1)[-1] if kind == "field" else name).replace("_", " "))
    giver = str(missing.get("who_can_give", ""))
    given = f"; {say('can be given by')} {who(visit, giver)}" if giver else ""
    return f"{what}: {name}{given}" if name else f"{what}{given}"


def by_reason(unseen: Iterable[Any]) -> list[tuple[str, str, list[str]]]:
    """Withheld parts gathered by the sentence that takes them: article, sentence, paths."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in unseen:
        found.setdefault((one.article, one.sentence), []).append(one.path)
    return [(article, sentence, paths) for (article, sentence), paths in found.items()]


def kilobytes(count: int) -> str:
    """A number of bytes as a person says it."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def sentence_of(visit: Visit, answer: Mapping[str, Any]) -> str:
    """The sentence of a headline, with the name of its text in place of its id."""
    head = answer.get("headline") or {}
    sentence, id = str(head.get("sentence", "")), str(head.get("agreement") or head.get("law") or "")
    article = str(head.get("article", ""))
    plain = sentence.removeprefix(f"{id}, ").removeprefix(f"{article}: ")
    plain = plain.replace(id, text_name(visit, id)) if id else plain
    return plain[:1].upper() + plain[1:]


def withheld_by_reason(answer: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Withheld items of an answer gathered by the sentence that takes them: article, sentence, items."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in answer.get("withheld") or ():
        found.setdefault((str(one["article"]), str(one["sentence"])), []).append(str(one["item"]))
    return [(article, sentence, items) for (article, sentence), items in found.items()]


def failures_by_text(visit: Visit, answer: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The failing steps of an answer under the text that each comes from."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in answer.get("failures") or ():
        found.setdefault(text_name(visit, str(one.get("source", ""))), []).append(one)
    return list(found.items())


def duties_by_act(visit: Visit, answer: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The duties of an answer under what is to be done."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in answer.get("duties") or ():
        words = visit.say(str(one.get("do", "")).replace("_", " "))
        found.setdefault(words[:1].upper() + words[1:], []).append(one)
    return list(found.items())
