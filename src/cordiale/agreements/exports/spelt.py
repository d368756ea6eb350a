"""The encoding of a line in words: every field that says something, by a name that a lawyer can read.

Nothing is chosen: what stands in the file stands here. `NAMES` has a name for each field of the model, which
a test holds against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cordiale.agreements.explain import Speech
from cordiale.agreements.exports.fields import said

TOLD: Final = frozenset(
    {"id", "effect", "article", "sentence", "sentences", "source", "confidence", "read", "reads", "rows"}
)
"""What stands above the encoding, or is kept for people only."""
FREE: Final = frozenset(
    {"article", "source", "read", "note", "by", "to", "footnote", "sentence", "who_can_give", "refer_to"}
)
"""Fields that hold words of the file, not words of a list."""
EVERY: Final = "{name}: {value}"

NAMES: Final = MappingProxyType(
    {
        "accompanied": "accompanied",
        "acts": "acts",
        "against": "kept from",
        "any_fact": "one of these facts",
        "any_record": "one of these records",
        "article": "article",
        "as_soon_as_possible": "as soon as possible",
        "at_least": "at least",
        "at_most": "at most",
        "authority": "authorities",
        "authority_kinds": "only authorities of these kinds",
        "automated": "done by a machine",
        "bars": "what it shuts",
        "binding": "how it binds",
        "bloc": "bloc",
        "binds": "whom it binds",
        "bound_by": "bound by",
        "by": "by when",
        "calendar": "calendar",
        "capacities": "capacities",
        "categories": "categories",
        "ceiling": "ceiling",
        "channel": "ways of sending",
        "classification": "protective marking",
        "classifications": "protective markings",
        "clocks": "periods",
        "code": "code",
        "condition": "what is lifted",
        "conditions": "conditions",
        "confidence": "confidence",
        "confirmation": "confirmation",
        "consent": "consent",
        "continues_after_end": "acts that go on after its end",
        "conviction": "conviction",
        "conviction_class": "kind of conviction",
        "data": "personal data",
        "derived": "also what was made from it",
        "directions": "directions",
        "do": "what",
        "duties": "duties",
        "duty": "duty it rests on",
        "effect": "effect",
        "essential": "essential",
        "except": "except",
        "executive": "executive powers",
        "fact": "fact",
        "facts": "facts",
        "field": "field",
        "first_day_counts": "the first day counts",
        "footnote": "footnote",
        "form": "form",
        "from": "from",
        "grades": "grades",
        "granted": "granted",
        "group": "also groups",
        "handling": "handling code",
        "human_rights_claim": "human rights claim",
        "id": "id",
        "independent": "independent of the sender",
        "information": "information",
        "instead": "the line itself points to",
        "is": "is",
        "kind": "kind",
        "lead": "leading authority",
        "lessened": "a lesser form may leave",
        "lifts": "lifted in an emergency",
        "listed": "listed recipients",
        "makes_live": "makes live",
        "min_cell": "smallest count shown",
        "min_cell_described": "smallest count shown with traits",
        "min_offence_years": "offence punishable by at least (years)",
        "minor": "child",
        "modality": "kinds of comparison",
        "mode": "basis",
        "must_also_send": "must also be sent",
        "must_include": "must be part of it",
        "n": "how many",
        "name": "name",
        "nationality_of_recipient": "a national of the recipient's state",
        "needs": "needs",
        "never_to": "never to",
        "not_authority_kinds": "no authorities of these kinds",
        "not_blocs": "not these blocs",
        "not_purposes": "not for these purposes",
        "not_sides": "not these Sides",
        "not_types": "not these kinds of message",
        "note": "note",
        "obtained": "how obtained",
        "offence_stage": "stage of the case",
        "on": "on whom",
        "only": "only inside this",
        "onward": "passing on",
        "origin": "originator",
        "origin_blocs": "from these blocs",
        "owner": "whose consent",
        "parties": "on either end",
        "personal": "data about persons",
        "protected_activity": "protected activity",
        "protection": "protection",
        "purpose": "purpose",
        "purposes": "purposes",
        "qualified": "by a qualified person",
        "read": "a person must read",
        "reads": "a person must read, in other languages",
        "recipient_kinds": "only recipients of these kinds",
        "recipient_of_nationality": "only to the person's own state",
        "recipients": "recipients",
        "record": "record",
        "records": "records",
        "refer_to": "refer to",
        "regimes": "bodies of law",
        "relies_on": "rests on",
        "requires": "needed first",
        "retention": "kept for at most",
        "role": "role of the person",
        "roles": "roles of the person",
        "rows": "rows of the table of law",
        "rule": "rule",
        "scheme": "scheme",
        "senders": "senders",
        "sentence": "sentence",
        "sentences": "sentence in other languages",
        "sides": "Sides",
        "smaller_than": "smaller than",
        "source": "source",
        "source_articles": "articles of the source",
        "starts": "starts at",
        "stateless": "stateless",
        "status": "standing",
        "step": "step",
        "systems": "systems",
        "systems_barred": "systems barred",
        "targeting": "how aimed",
        "terms": "other terms",
        "then": "and then",
        "to": "to whom",
        "trafficking_indicator": "sign of trafficking",
        "transform": "only in another form",
        "travels": "restrictions that travel with it",
        "types": "kinds of message",
        "unit": "unit",
        "unknown": "unknown",
        "unless_sensitive": "sensitive data without their two papers",
        "until": "until",
        "urgent": "urgent",
        "when": "when",
        "when_urgent": "only when urgent",
        "who_can_give": "who can give it",
        "withdrawable": "consent can be withdrawn",
        "withheld": "withheld",
        "yields_to": "steps behind",
    }
)
"""Field -> its name for people; pages translate it."""


def spelt(line: Any, speech: Speech) -> tuple[str, ...]:
    """One sentence a field: `ceiling: handling code: H2; protective marking: LIMITE`."""
    return spelt_of([one for one in said(line).items() if one[0] not in TOLD], speech)


def spelt_of(found: Iterable[tuple[str, Any]], speech: Speech) -> tuple[str, ...]:
    """One sentence for each of these fields that says something."""
    return tuple(_named(name, value, speech) for name, value in found if _says(value))


def _says(value: Any) -> bool:
    return bool(value != () and value != frozenset())


def _named(name: str, value: Any, speech: Speech) -> str:
    told = speech.translate(NAMES[name]) if name in NAMES else speech.word(name)
    return speech.translate(EVERY).format(name=told, value=_value(name, value, speech))


def _value(name: str, value: Any, speech: Speech) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return _within(value, speech)
    if isinstance(value, bool):
        return speech.word("yes" if value else "no")
    if isinstance(value, frozenset):
        listed = sorted(str(one) for one in value)
        return ", ".join(listed if name == "directions" else map(speech.word, listed))
    if isinstance(value, Mapping):
        return "; ".join(_pair(str(name), one, speech) for name, one in value.items())
    if isinstance(value, tuple | list):
        return _listed(name, value, speech)
    if isinstance(value, int | date):
        return str(value)
    return speech.names.told(str(value)) if name in FREE else speech.word(str(value))


def _within(value: Any, speech: Speech) -> str:
    """A table within a line, without the signs of who confirmed it unless nobody has."""
    return "; ".join(_fields_within(value, speech))


def _fields_within(value: Any, speech: Speech) -> Iterator[str]:
    for name, one in said(value).items():
        if name not in ("rows", "sentences", "reads") and not (name == "confidence" and one == "confirmed"):
            yield _named(name, one, speech)


def _pair(name: str, value: Any, speech: Speech) -> str:
    """A free key and its value: `anonymise: name`."""
    return speech.translate(EVERY).format(name=speech.word(name), value=_value(name, value, speech))


def _listed(name: str, value: tuple[Any, ...] | list[Any], speech: Speech) -> str:
    parts = []
    for one in value:
        if isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str):
            parts.append(_pair(one[0], one[1], speech))
        else:
            parts.append(_value(name, one, speech))
    return " | ".join(parts) if any(is_dataclass(one) for one in value) else ", ".join(parts)
