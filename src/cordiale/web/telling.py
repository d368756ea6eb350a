"""What a tray and a form say in words: why a partner did not take a message, which node that is, what a
handling code asks, who `s1` is, which kinds belong together; and a number that a telephone can ring.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from cordiale.node import exchange
from cordiale.terms import UNKNOWN, HandlingCode
from cordiale.web.plain import authority_name, who
from cordiale.web.visit import Visit
from cordiale.web.words import mark

OTHER: Final = "a reason that is not known here"
"""What the courier notes of a word that is none of a partner's own (exchange/courier.py)."""
REASONS: Final = {
    "agreement": mark(
        "The partner does not hold the agreement on which this stands, or holds another version of it. "
        "Ring them: both nodes need the same file."
    ),
    "card": mark(
        "The partner does not know this node's card, or it has ended. "
        "The administrator hands the card over again."
    ),
    "sequence": mark(
        "It came to the partner out of its order. The courier puts that right; if it stays, ring them."
    ),
    "fork": mark(
        "Two messages of ours claim one place at the partner, as after a restored backup. "
        "Ring them and compare both."
    ),
    "form": mark("The partner's node cannot read its form: theirs may be older than ours. Ring them."),
    "seal": mark(
        "The partner could not open it: it was sealed to a key that they no longer hold. Ring them."
    ),
    "signature": mark("Its signature did not hold at the partner: it may have been damaged here. Ring them."),
    "speaker": mark("At the partner, this node may not speak for the authority in whose name it was sent."),
    "size": mark("It is larger than the partner takes. Send less in one message."),
    "type": mark("The partner's node does not know this kind of information. Ring them."),
    "not_accepted": mark(
        "The partner's own gate does not accept it, and a gate does not tell why. "
        "Ring them, or mend it in a draft."
    ),
    "set_aside": mark("The partner has set it aside until a person there has looked at it. Ring them."),
    "no_room": mark("The partner's node has no room for it now. Ring them; then send it again."),
    "store": mark("The partner's node cannot write now. It is tried again by itself."),
    "again": mark("The partner's node asked to wait. It is tried again by itself."),
    OTHER: mark("The partner gave a reason that this node does not know. Ring them."),
}
"""What a partner may say of why (TELLABLE of exchange/judging.py, WAITS of courier.py), as sentences."""
SIZES: Final = {"413": "size", "429": "again", "503": "again"}
"""Answers of a partner that are numbers (HTTP), and the word they come to."""

HANDLING: Final = {
    HandlingCode.H0: mark("to prevent and combat crime"),
    HandlingCode.H1: mark("not in court without its owner's permission"),
    HandlingCode.H2: mark("not to be passed on without its owner's permission"),
    HandlingCode.H3: mark("other restrictions: read them first"),
    HandlingCode.P: mark("sharing permitted"),
    HandlingCode.C: mark("sharing permitted under conditions"),
    HandlingCode.NONE: mark("no handling code"),
    HandlingCode.UNKNOWN: mark("handling not known: counts as the strictest"),
}
"""H0-H3: Europol's codes (Reg. 2016/794 Art. 19(2)); P and C: the UK's."""

ROLES: Final = {"suspects": "suspect", "victims": "victim", "witnesses": "witness", "contacts": "contact"}
"""List of a body -> the part that the persons in it play; elsewhere the part is unknown."""

KINDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        mark("Most used"),
        ("name", "phone", "vehicle", "place", "method", "route", "whereabouts", "suspicion", "image"),
    ),
    (mark("What happened, where, how many"), ("event", "position", "count", "price", "offence", "coverage")),
    (
        mark("About a person"),
        ("alias", "birth", "sex", "nationality", "address", "email", "online_account", "identity_document",
         "occupation", "association", "family", "travel", "immigration_status", "conviction", "caller"),
    ),
    (
        mark("Specially protected"),
        ("face_image", "face_template", "fingerprint", "dna", "health", "ethnicity", "belief", "sexuality",
         "asylum", "vulnerability", "complaint"),
    ),
    (
        mark("Goods, craft, firms, money"),
        ("goods", "consignment", "logistics", "asset", "vessel_id", "aircraft_id", "organisation", "trader",
         "finance"),
    ),
    (mark("Hit or no hit"), ("dna_reference", "fingerprint_reference", "face_reference", "hit")),
)  # fmt: skip
REST: Final = mark("Documents, figures and the rest")

NAMED_MAX: Final = 2  # authorities of one node in a line
NUMBER: Final = re.compile(r"(?<![\w+])\+\d(?:[  .()-]{0,2}\d){7,14}(?!\w)")
"""A telephone number that says its country: any other may be a date, a price or a case."""


def reason_of(visit: Visit, noted: str) -> str:
    """The sentence of a reason as it was noted (`not_accepted`, `somebody does not take it: size`); "" when
    there are no words for it.
    """
    word = noted.strip().rpartition(": ")[2]
    sentence = REASONS.get(SIZES.get(word, word))
    return visit.say(sentence) if sentence else ""


@dataclass(slots=True)
class Partners:
    """Partners' nodes by those for whom they speak: `National Crime Agency (UK)`; an unknown one by its id.

    They are read once a page, and only by a page that names one.
    """

    visit: Visit
    known: dict[str, str] | None = None

    def __call__(self, peer: str) -> str:
        if "/" in peer:
            return who(self.visit, peer)
        if self.known is None:
            self.known = {str(one["peer"]): self._speaks(one) for one in exchange.peers(self.visit.node)}
        return self.known.get(peer) or peer or "–"

    def _speaks(self, one: Mapping[str, Any]) -> str:
        """Two of them by name; of more, how many."""
        names = [authority_name(self.visit, a, one["side"]) for a in one["authorities"]]
        more = f" + {len(names) - NAMED_MAX}" if len(names) > NAMED_MAX else ""
        return f"{', '.join(names[:NAMED_MAX])}{more} ({one['side']})" if names else ""


def handled(visit: Visit, code: str) -> str:
    """A handling code with its words: `H1: not in court without its owner's permission`; "" for none."""
    words = visit.say(HANDLING[HandlingCode(code)]) if code in set(HandlingCode) else ""
    if code in (HandlingCode.NONE, HandlingCode.UNKNOWN):
        return words
    return visit.say("{}: {}").format(code, words) if words else code


def handling_codes(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Every handling code that may be chosen, with its words."""
    codes = [(str(one), handled(visit, one)) for one in HandlingCode if one is not HandlingCode.UNKNOWN]
    return ((UNKNOWN, visit.say("not known")), *codes)


def named(visit: Visit, body: Mapping[str, Any], subject: str) -> str:
    """A person of a draft as the form shows them: `Exempel, suspect 1 (s1)`."""
    for place, entries in body.get("body", {}).items():
        for number, one in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(one, Mapping) and one.get("subject") == subject:
                part = visit.say(ROLES.get(place, "person"))
                name = " ".join(str(one[key]) for key in ("given_names", "family_name") if one.get(key))
                return f"{name + ', ' if name else ''}{part} {number + 1} ({subject})"
    return subject


def ringable(text: str) -> Markup:
    """A text in which every number that says its country can be rung; everything else as it is, escaped."""
    out, at = Markup(""), 0
    for found in NUMBER.finditer(text):
        number = re.sub(r"[^+\d]", "", found[0])
        out += escape(text[at : found.start()])
        out += Markup('<a class="govuk-link" href="tel:{}">{}</a>').format(number, found[0])
        at = found.end()
    return out + escape(text[at:])


def ways(visit: Visit, directions: Sequence[str]) -> list[str]:
    """Who may give to whom: `UK>third` is `UK to a third country`."""
    words = {"*": visit.say("anybody"), "third": visit.say("a third country")}
    pairs = (one.partition(">") for one in directions)
    return [
        visit.say("{} to {}").format(words.get(giver, giver), words.get(taker, taker))
        for giver, _, taker in pairs
    ]


def kinds(visit: Visit, options: Sequence[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The options of a question for kinds of information in groups, those used most first; none is lost."""
    words = dict(options)
    grouped = [(title, [one for one in held if one in words]) for title, held in KINDS]
    seen = {one for _, held in grouped for one in held}
    grouped.append((REST, [value for value, _ in options if value not in seen]))
    return [(visit.say(title), [(one, words[one]) for one in held]) for title, held in grouped if held]
