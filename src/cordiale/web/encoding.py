"""What a line of law says to the machine, in the reader's words: a label for each key, a word for each
value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cordiale.node import agreements
from cordiale.node.agreements_shown import Encoding
from cordiale.web.plain import cited, record_name, text_name, who
from cordiale.web.telling import ways
from cordiale.web.visit import Visit
from cordiale.web.words import mark

KEYS: Final = {
    "types": mark("Kinds of information"),
    "not_types": mark("But not these kinds"),
    "acts": mark("What may be done"),
    "directions": mark("Who to whom"),
    "purposes": mark("For what"),
    "not_purposes": mark("But not for"),
    "regimes": mark("Under which body of law"),
    "authority_kinds": mark("Which authorities"),
    "not_authority_kinds": mark("But not these authorities"),
    "recipient_kinds": mark("Which recipients"),
    "capacities": mark("In what capacity"),
    "targeting": mark("Aimed at whom"),
    "modality": mark("Live or stored"),
    "channel": mark("By what way"),
    "roles": mark("Their part"),
    "role": mark("Their part"),
    "automated": mark("Done by a machine"),
    "systems": mark("Where it comes from"),
    "origin_blocs": mark("From whose members"),
    "classifications": mark("Marking"),
    "classification": mark("Marking"),
    "grades": mark("Grades"),
    "scheme": mark("scheme"),
    "information": mark("information"),
    "unless_sensitive": mark("Unless the two papers for sensitive data are there"),
    "min_offence_years": mark("Longest sentence, at least years"),
    "when": mark("When"),
    "step": mark("Told at step"),
    "granted": mark("What may be seen"),
    "essential": mark("Without these, refused"),
    "withheld": mark("What is withheld"),
    "transform": mark("In a lesser form"),
    "personal": mark("About persons"),
    "min_cell": mark("Smallest count"),
    "min_cell_described": mark("Smallest count by what people are"),
    "requires": mark("What must be there"),
    "except": mark("Except"),
    "origin": mark("Whose say"),
    "onward": mark("Passing on"),
    "ceiling": mark("Highest marking"),
    "retention": mark("Kept for"),
    "lifts": mark("An emergency lifts"),
    "clocks": mark("Clocks"),
    "duties": mark("Duties afterwards"),
    "travels": mark("What travels with it"),
    "never_to": mark("Never to"),
    "must_include": mark("Must hold"),
    "must_also_send": mark("Must also be told"),
    "refer_to": mark("Who takes it up"),
    "instead": mark("Instead"),
    "facts": mark("Facts that it declares"),
    "fact": mark("fact"),
    "is": mark("must be"),
    "at_most": mark("at most"),
    "at_least": mark("at least"),
    "any_fact": mark("one of these facts"),
    "confirmation": mark("confirmation"),
    "n": mark("number"),
    "qualified": mark("by a qualified person"),
    "independent": mark("by an independent person"),
    "record": mark("record"),
    "any_record": mark("one of these records"),
    "makes_live": mark("that makes live"),
    "field": mark("said in the request"),
    "who_can_give": mark("can be given by"),
    "owner": mark("owner"),
    "recipient_of_nationality": mark("only to the state of their own nationality"),
    "article": mark("article"),
    "urgent": mark("urgent"),
    "offence_stage": mark("stage of the case"),
    "conviction": mark("conviction"),
    "conviction_class": mark("class of conviction"),
    "purpose": mark("purpose"),
    "unknown": mark("What nobody knows"),
    "consent": mark("consent"),
    "systems_barred": mark("systems barred"),
    "withdrawable": mark("can be withdrawn"),
    "rule": mark("rule"),
    "conditions": mark("conditions"),
    "listed": mark("listed"),
    "handling": mark("handling code"),
    "unit": mark("unit"),
    "from": mark("from"),
    "binding": mark("bound by"),
    "condition": mark("condition"),
    "then": mark("then"),
    "name": mark("name"),
    "starts": mark("starts"),
    "on": mark("for"),
    "first_day_counts": mark("the first day counts"),
    "as_soon_as_possible": mark("as soon as possible"),
    "when_urgent": mark("only when urgent"),
    "calendar": mark("calendar"),
    "source": mark("source"),
    "do": mark("what"),
    "by": mark("by"),
    "to": mark("to"),
    "bars": mark("What it bars"),
    "recipients": mark("For which recipients"),
    "categories": mark("What kind of thing"),
    "bloc": mark("members of"),
    "not_blocs": mark("but not members of"),
    "sides": mark("Sides"),
    "not_sides": mark("but not"),
    "needs": mark("needs"),
    "only": mark("only inside"),
    "form": mark("form"),
    "source_articles": mark("Source articles"),
    "obtained": mark("How it was obtained"),
    "derived": mark("What was made of it too"),
    "senders": mark("For which senders"),
    "against": mark("What is kept from whom"),
    "duty": mark("who are not bound by"),
    "lessened": mark("not in a lesser form either"),
    "protection": mark("International protection"),
    "minor": mark("A child"),
    "accompanied": mark("Accompanied by an adult of the family"),
    "trafficking_indicator": mark("Signs of trafficking"),
    "human_rights_claim": mark("Human rights claim"),
    "stateless": mark("Stateless"),
    "protected_activity": mark("Acts as helper, rescuer, reporter, researcher, medic or lawyer"),
    "nationality_of_recipient": mark("of the recipient's nationality"),
    "group": mark("groups too"),
    "smaller_than": mark("fewer than"),
    "executive": mark("executive power"),
    "mode": mark("On what"),
    "records": mark("With one of these records"),
    "data": mark("Personal data"),
    "relies_on": mark("Relies on"),
    "code": mark("Side"),
    "lead": mark("leads"),
    "bound_by": mark("Bound by"),
    "authority": mark("Which authorities"),
    "id": mark("body"),
    "kind": mark("every body of the kind"),
    "status": mark("Status"),
    "confidence": mark("confidence"),
    "footnote": mark("Footnote"),
    "sentence": mark("Sentence"),
    "sentences": mark("Sentence in other languages"),
    "effect": mark("Effect"),
    "until": mark("until"),
    "read": mark("What a person must read"),
    "reads": mark("What a person must read, in other languages"),
    "rows": mark("Rows of the table of law"),
    "note": mark("Note"),
    "title": mark("Title"),
    "titles": mark("Title in other languages"),
    "version": mark("Version"),
    "legal_nature": mark("Nature"),
    "signed": mark("Signed"),
    "published": mark("Published"),
    "yields_to": mark("Yields to"),
    "continues_after_end": mark("What goes on after the end"),
    "binds": mark("Whom it binds"),
    "terms": mark("Terms"),
}
"""Key of a file -> how a person calls it."""
WORDS: Final = {
    "counts": mark("counts as yes"),
    "counts_for_all": mark("counts as yes for everybody"),
    "does_not_count": mark("does not count"),
    "any": mark("any"),
    "any_not_bound": mark("any that is not bound"),
    "owner_if_not_party": mark("of the owner, where no party"),
    "identifiers": mark("ship and aircraft numbers only"),
    "masked": mark("references that name nobody"),
    "staff": mark("staff in their office"),
    "off": mark("switched off"),
    "case_record": mark("a record for one case"),
    "third_country": mark("a third country"),
    "third_state": mark("a third state"),
    "state_of_origin": mark("the state that was fled from"),
    "state_of_nationality": mark("the state of nationality"),
    "not_listed": mark("whoever is not listed"),
    "private": mark("a private body"),
    "rights_violation": mark("by a violation of rights"),
    "h": mark("hours"),
    "day": mark("days"),
    "working_day": mark("working days"),
    "month": mark("months"),
    "year": mark("years"),
    "aim": mark("aim"),
    "service": mark("service level"),
    "house": mark("house rule"),
    "law": mark("law"),
    "agreement": mark("agreement"),
    "in_force": mark("in force"),
    "later": mark("afterwards"),
}
"""Words of a file that mean something only beside their key."""
FIRST: Final = ("id", "kind", "name", "do", "fact", "record", "confirmation")
LAST: Final = frozenset({"source", "article", "confidence"})
EVERYTHING: Final = mark("everything")
ONE: Final = {
    "h": mark("hour"),
    "day": mark("day"),
    "working_day": mark("working day"),
    "month": mark("month"),
    "year": mark("year"),
}
AS_IT_STANDS: Final = frozenset(
    {"code", "makes_live", "listed", "form", "calendar", "source_articles", "name", "by", "classification"}
    | {
        "classifications",
        "handling",
        "senders",
        "never_to",
        "sides",
        "not_sides",
        "origin_blocs",
        "on",
        "bloc",
    }
    | {"not_blocs", "scheme", "information", "source", "to", "lead", "id", "bound_by", "duty", "refer_to"}
)
"""Keys whose values are names, codes and numbers: the same in every language."""
KINDS: Final = {
    "validity": mark("In force"),
    "side": mark("Side"),
    "basis": mark("Basis for personal data"),
    "deployment": mark("Posted staff"),
    "taint": mark("Source bar"),
    "protects": mark("Protection of persons"),
    "provision": mark("Provision"),
}
"""Table of a file -> what its lines are."""


@dataclass(frozen=True, slots=True)
class Said:
    """One key of a line in words, with its values."""

    label: str
    values: list[str]
    tables: bool
    """Whether each value is a table in its turn, and stands on a line of its own."""


def said(visit: Visit, encoding: Encoding) -> list[Said]:
    """A line's encoding in the reader's words."""
    return [_said(visit, key, value) for key, value in encoding.pairs]


def _said(visit: Visit, key: str, value: Any) -> Said:
    tables = any(isinstance(one, Encoding) for one in (value if isinstance(value, tuple) else (value,)))
    return Said(label(visit, key), values(visit, key, value), tables)


def label(visit: Visit, key: str) -> str:
    """How a person calls a key of a file."""
    return visit.say(KEYS[key]) if key in KEYS else key.replace("_", " ")


def values(visit: Visit, key: str, value: Any) -> list[str]:
    """What stands under a key, each value in words; nothing for what does not stand there."""
    if value is None:
        return []
    if key == "directions":
        return ways(visit, value)
    several = value if isinstance(value, tuple) else (value,)
    return [_value(visit, key, one) for one in several]


def _value(visit: Visit, key: str, value: Any) -> str:
    if isinstance(value, Encoding):
        if not value.pairs:
            return visit.say(EVERYTHING)
        return "; ".join(_briefly(visit, dict(value.pairs)))
    if isinstance(value, tuple):
        return visit.say("{}: {}").format(*(_word(visit, key, one) for one in value))
    return _word(visit, key, value)


def _briefly(visit: Visit, pairs: dict[str, Any]) -> Iterable[str]:
    """A table in brief: `24 hours` in one, the rest each with its label."""
    if "n" in pairs and "unit" in pairs:
        count, unit = pairs.pop("n"), pairs.pop("unit")
        word = visit.say(ONE[unit]) if count == 1 else _word(visit, "unit", unit)
        yield visit.say("{} {}").format(count, word)
    for key in sorted(pairs, key=_place):
        yield _brief(visit, key, pairs[key])


def _place(key: str) -> int:
    """What a table is about stands first in it, where it can be read last; the rest keeps its order."""
    return FIRST.index(key) - len(FIRST) if key in FIRST else int(key in LAST)


def _brief(visit: Visit, key: str, value: Any) -> str:
    name = label(visit, key)
    if value is True and key != "is":
        return name
    return visit.say("{}: {}").format(name, ", ".join(values(visit, key, value)))


def _word(visit: Visit, key: str, value: Any) -> str:
    say = visit.say
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, date):
        return visit.day(value)
    if isinstance(value, int):
        return str(value)
    word = str(value)
    if key in ("record", "any_record", "records", "needs"):
        return record_name(say, word)
    if key == "article":
        return cited(visit, word)
    if key in ("instead", "relies_on"):
        return text_name(visit, word)
    if key == "owner":
        return who(visit, word)
    if key in AS_IT_STANDS:
        return word
    return say(WORDS[word]) if word in WORDS else say(agreements.plain_word(word))
