"""A request that the gate was asked in thought, in the reader's words: it breaks a safeguard, or two versions
answer it otherwise; and why a proof is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cordiale.node import agreements
from cordiale.node.proofs_asked import NO_TIME
from cordiale.payloads import TYPES
from cordiale.terms import UNKNOWN
from cordiale.web.encoding import KEYS
from cordiale.web.plain import cited, record_name, text_name, who, words_of
from cordiale.web.telling import handled
from cordiale.web.visit import Visit
from cordiale.web.words import mark

Rows = list[tuple[str, str]]
"""(label, what it says) in the order in which they are read."""
IN_FOCUS: Final = "i1"
ASKED: Final = mark("{sender} to {recipient}: {act}. {kind}. For: {purpose}.")
PERSON: Final = ("role", "protection", "human_rights_claim", "minor", "accompanied", "trafficking_indicator",
                 "stateless", "protected_activity")  # fmt: skip
HARMLESS: Final = frozenset({"none", "no"})
"""What a person need not be told of: nobody is protected by it."""
UNKNOWN_ONES: Final = {
    NO_TIME: mark("there was no time left for it"),
    "the solver could not be started": mark("the solver could not be started"),
    "the solver died": mark("the solver died"),
    "the proof fails, but no request was found that the gate permits: a person must look": mark(
        "the proof fails, but no request was found that the gate permits: a person must look"
    ),
    "the two read otherwise, but no request was found that the gate answers otherwise: look at it": mark(
        "the two read otherwise, but no request was found that the gate answers otherwise: look at it"
    ),
}
"""Why something is not known, as the prover says it; what else it says is for whoever runs the node."""
LATE: Final = re.compile(r"the solver found nothing within ([\d.]+) seconds")
FOUND_NOTHING: Final = mark("the solver found nothing within {} seconds")
WAITS: Final = "waits for a paper, or is not in force: "
LACKS: Final = "no request can be served: "
OF_LINES: Final = {
    WAITS: mark("waits for a paper, or is not in force: {}"),
    LACKS: mark("no request can be served: {}"),
}
BEHALF: Final = mark("{} on behalf of {}")
FAILED: Final = mark("the solver failed; whoever runs the node can see how")
FOR: Final = mark("{} (for {})")


def told(visit: Visit, request: Mapping[str, Any]) -> str:
    """Who gives what to whom, and what for, in one sentence."""
    say, word = visit.say, agreements.plain_word
    act, type_, purpose = (str(request[name]) for name in ("act", "type", "purpose"))
    return say(ASKED).format(
        sender=_end(visit, request["from"]),
        recipient=_end(visit, request["to"]),
        act=say(word(act)),
        kind=say(TYPES[type_].title) if type_ in TYPES else type_,
        purpose=say(word(purpose)),
    )


def rows(visit: Visit, request: Mapping[str, Any]) -> Rows:
    """What the request says of the item that leaves and of the person it is about, and what else counts."""
    item = next(one for one in request["items"] if one["id"] == IN_FOCUS)
    return [(visit.say(label), words) for label, words in _rows(visit, request, item) if words]


def _rows(visit: Visit, request: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    held = [item["category"], *(one["category"] for one in request["items"] if one["id"] != IN_FOCUS)]
    origin, handling = item.get("origin", {}), item.get("handling", {})
    # What nobody has stated stands in no request: it counts as unknown, and that is said.
    yield mark("What it tells"), ", ".join(words_of(visit, held))
    subjects = item.get("subjects", ())
    for who_ in (one for one in request["subjects"] if one["id"] in subjects):
        yield mark("About"), "; ".join(_person(visit, who_))
    if not subjects:
        yield mark("About"), visit.say("nobody")
    yield mark("Under which body of law"), _word(visit, request.get("regime", UNKNOWN))
    yield mark("Whose it is"), who(visit, str(origin.get("owner", "")))
    yield mark("Where it comes from"), ", ".join(words_of(visit, origin.get("systems", ())))
    yield mark("How it was obtained"), _word(visit, origin.get("obtained", UNKNOWN))
    yield (
        mark("Marking"),
        ", ".join(
            one
            for one in (handled(visit, handling.get("code", "")), handling.get("classification", ""))
            if one
        ),
    )
    yield mark("What travels with it"), ", ".join(map(_restriction, handling.get("restrictions", ())))
    yield mark("Done by a machine"), visit.say("yes") if request.get("automated") == "yes" else ""
    yield mark("Stated"), "; ".join(_facts(visit, request.get("facts", {})))
    signed = [str(one["of"]) for one in request.get("confirmations", ())]
    yield mark("Confirmed by named persons"), ", ".join(words_of(visit, signed))


def _person(visit: Visit, one: Mapping[str, Any]) -> Iterator[str]:
    """A person or a group, with whatever may protect them, and what nobody knows."""
    say = visit.say
    yield _word(visit, one["kind"])
    for name in PERSON:
        value = one.get(name, UNKNOWN)
        if value in HARMLESS or (name == "accompanied" and one.get("minor") in HARMLESS):
            continue
        words = say("not known") if value == UNKNOWN else _word(visit, value)
        yield say("{}: {}").format(say(KEYS[name]), words)
    nations = one.get("nationality", ())
    yield say("{}: {}").format(say("Nationality"), ", ".join(nations) or say("not known"))
    if one.get("size"):
        yield say("{}: {}").format(say("How many"), one["size"])


def _restriction(one: Any) -> str:
    """A restriction that travels: a word, or a word with whom or what it names."""
    if isinstance(one, Mapping):
        return "; ".join(f"{agreements.plain_word(str(k))}: {_several(v)}" for k, v in one.items())
    return agreements.plain_word(str(one))


def _several(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _facts(visit: Visit, facts: Mapping[str, Any]) -> Iterator[str]:
    for name, value in facts.items():
        said = ("no", "yes")[value] if isinstance(value, bool) else value
        words = _word(visit, said)
        yield visit.say("{}: {}").format(visit.say(agreements.plain_word(name)), words)


def _word(visit: Visit, word: object) -> str:
    return visit.say(agreements.plain_word(str(word)))


def _end(visit: Visit, end: Mapping[str, Any]) -> str:
    named = who(visit, f"{end['side']}/{end['authority']}")
    behalf = end.get("on_behalf_of")
    return visit.say(BEHALF).format(named, who(visit, str(behalf))) if behalf else named


def answered(visit: Visit, answer: Mapping[str, Any]) -> str:
    """Under which line the gate lets it go: the article, and what the text is called."""
    head = answer["headline"]
    return visit.say("{}: {}").format(text_name(visit, str(head["agreement"])), cited(visit, head["article"]))


def papers(visit: Visit, kinds: tuple[str, ...]) -> str:
    """The kinds of records that a request takes in thought."""
    return ", ".join(record_name(visit.say, one) for one in kinds)


def why(visit: Visit, sentence: str) -> list[str]:
    """Why something is not known, or what waits, a sentence each; the purposes of one line together."""
    found: list[str] = []
    of_lines: dict[tuple[str, str], list[str]] = {}
    for one in dict.fromkeys(sentence.split("; ")):
        start = next((start for start in OF_LINES if one.startswith(start)), "")
        if start:
            line, _, purpose = one.removeprefix(start).partition(" for ")
            of_lines.setdefault((start, line), []).append(_word(visit, purpose) if purpose else "")
        elif one:
            found.append(_why(visit, one))
    for (start, line), purposes in of_lines.items():
        named = visit.say(FOR).format(line, ", ".join(purposes)) if any(purposes) else line
        found.append(visit.say(OF_LINES[start]).format(named))
    return found


def _why(visit: Visit, sentence: str) -> str:
    if late := LATE.fullmatch(sentence):
        return visit.say(FOUND_NOTHING).format(late[1])
    return visit.say(UNKNOWN_ONES.get(sentence, FAILED))
