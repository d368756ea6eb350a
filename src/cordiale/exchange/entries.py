"""What ledger and inbox keep of a message: no word about a person, only digests and commitments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from cordiale import payloads
from cordiale.errors import CordialeError
from cordiale.exchange import shapes
from cordiale.exchange.judging import GROUNDS, ITEM_GROUNDS, TELLABLE, Judged, Outgoing, written_body
from cordiale.exchange.message import LETTER_FIELDS, NOBODY, Letter, Restrictions
from cordiale.exchange.stages import Arrived, Prepared, Received
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import FACTS, Fact
from cordiale.seals import canonical_with
from cordiale.terms import Act, Category, HandlingCode, Mode, Purpose, Regime


def told_of(
    decided: Judged, out: Outgoing, reference: str, under: Mapping[str, Commitment]
) -> Mapping[str, Fact]:
    """What the ledger says of a decision, whatever becomes of it: no word about a person.

    Of the whole answer only a commitment, under the salt of the question's (`committed`): answers are few
    and of known words, and who saw a bare digest could try out which facts stood behind a refusal.
    """
    answer = Commitment.to("decision", decided.digest, salt=under["question"].salt)
    known = {
        "verdict": decided.verdict,
        "decision": answer.digest,
        "agreement": decided.agreement,
        "provision": decided.provision,
        "sender": out.sender,
        "recipient": out.recipient,
        "type": out.body.TYPE,
        "reference": reference,
        "purpose": str(out.asks.get("purpose", "")),
        "officer": out.officer,
    }
    return {name: value for name, value in known.items() if value}


def committed(out: Outgoing) -> Mapping[str, Commitment]:
    """What a court may be shown of the question while its salt is kept."""
    spoken = canonical_with({"kind": out.kind, "about": out.about}, {"body": written_body(out.body)})
    return {"question": Commitment.to("question", spoken.decode())}


def sent_entry(kind: Kind, at: datetime, prepared: Prepared, **facts: Fact) -> Entry:
    """The entry of a message that leaves, or was kept from leaving."""
    return Entry(kind, at, {**prepared.facts, **facts}, prepared.secrets)


def received_entry(kind: Kind, at: datetime, arrived: Arrived) -> Entry:
    envelope, letter, decided = arrived.envelope, arrived.letter, arrived.decided
    assert envelope is not None
    known: dict[str, Any] = {
        "message": envelope.id,
        "content": envelope.header.digest,
        "peer": envelope.header.sender,
        "sequence": envelope.header.sequence,
        "lane": envelope.header.lane,
        "verdict": decided.verdict if decided else "",
        "decision": decided.digest if decided else "",
        "agreement": decided.agreement if decided else "",
        "outcome": "refused" if arrived.fault else "accepted",
        "type": letter.type if letter and not arrived.fault and letter.type in payloads.TYPES else "",
    }
    # A partner's odd word must not keep a message from being recorded: what has no form is left out.
    return Entry(kind, at, {name: value for name, value in known.items() if value and _has_form(name, value)})


def _has_form(name: str, value: object) -> bool:
    return FACTS[name].fits(value)


def bare(says: str) -> str:
    """The words of a fault without any value that came: from the first backtick to the last only quoted words
    of the field stay (types, categories, purposes, field names); each other run becomes (…).

    What came may be about a person, and the tables are read by more people than the screen. A value may hold
    backticks itself, so nothing between two of them is taken for our own.
    """
    return _RECEIVED.sub(lambda found: _known_alone(found[0]), says)


def _known_alone(region: str) -> str:
    """A region of a fault in which only words stay that can be about nobody."""
    told: list[str] = []
    for spelled in region.split():
        quoted = _QUOTED.fullmatch(spelled)
        if (quoted and quoted[1].lower() in vocabulary()) or spelled.lower() in _BETWEEN:
            told.append(spelled)
        elif not told or told[-1] != _CUT:
            told.append(_CUT)
    return " ".join(told)


def fault_words(fault: Exception) -> str:
    """What may be kept of a fault: Cordiale's own sentence without what came; of any other only its kind, for
    a library repeats the values that it was given.
    """
    return bare(words_of(fault)) if isinstance(fault, CordialeError) else type(fault).__name__


def words_of(fault: CordialeError) -> str:
    """The words of a fault, its place in front with no name in it that somebody else chose: a field that
    nobody here knows may be called after a person.
    """
    place = "".join(one if _is_ours(one) else _CUT for one in _STEPS.split(fault.field))
    then = f" {fault.way_out}" if fault.way_out else ""
    return f"{place}: {fault.message}{then}" if place else f"{fault.message}{then}"


def _is_ours(step: str) -> bool:
    """Whether one step of a path is a name of our own, a number or what stands between two steps."""
    is_number = step.isascii() and step.isdigit() and len(step) <= _NUMBER_DIGITS_MAX
    return is_number or not step.strip(".[]") or step.lower() in vocabulary() or step in _PLACES


@cache
def vocabulary() -> frozenset[str]:
    """The field's closed words that a fault may name: types, categories, purposes, names of fields."""
    fields = {name for kind in payloads.TYPES.values() for name in _names(kind)}
    closed = (Category, Purpose, Regime, Mode, Act, HandlingCode)
    words = {str(one).lower() for kind in closed for one in kind} | set(payloads.TYPES) | fields
    return frozenset({*words, *LETTER_FIELDS, *TELLABLE, "envelope", "header", "sealed", "signature"})


def _names(kind: payloads.InformationType) -> Iterator[str]:
    """The names of all fields of a type, and their paths without the numbers of list entries."""
    waiting = [(one, "") for model in kind.models for one in kind.form(model)]
    while waiting:
        one, above = waiting.pop()
        yield one.path.lower()
        yield f"{above}{one.path}".lower()
        waiting += [(below, f"{above}{one.path}.") for below in one.fields]


_RECEIVED: Final = re.compile(r"`.*`", re.DOTALL)
_QUOTED: Final = re.compile(r"`([^`]+)`[.,:;]?")
_CUT: Final = "(…)"
_STEPS: Final = re.compile(r"([.\[\]]+)")
_NUMBER_DIGITS_MAX: Final = 4  # of the entry of a list; a longer number may be a telephone's
_PLACES: Final = frozenset(
    {"body", "bucket", "envelope", "facts", "items", "letter", "lane", "model", "node", "party", "request"}
    | {"version", *GROUNDS, *ITEM_GROUNDS, *Restrictions().as_json()}
)
"""Places that our own faults name, beside the words of the vocabulary."""
_BETWEEN: Final = frozenset(["and", "or", "of", "is", "not", "to", "in", "for", "granted"])
"""Words that hold our own sentences together; alone they tell nothing of anybody."""


_IN_CLEAR: Final = ("sender", "recipient", "type", "kind", "about")


def binding(letter: Letter) -> Restrictions:
    """What binds our copy. A list that is not of its form (a distress call's) binds as strictly as can be."""
    held = letter.restrictions
    if not shapes.fits(letter, "restrictions.never_to"):
        held = replace(held, never_to=(), onward="never")
    if not shapes.fits(letter, "restrictions.use_only"):
        held = replace(held, use_only=(NOBODY,), onward="never")
    return held


def inbox_values(arrived: Arrived, received: Received, at: datetime) -> Mapping[str, Any]:
    envelope, letter, decided = arrived.envelope, arrived.letter, arrived.decided
    assert envelope is not None
    header = envelope.header
    return {
        "id": envelope.id,
        "peer": header.sender,
        "lane": header.lane,
        "sequence": header.sequence,
        "reference": shapes.reference_of(header.reference),
        **{name: shapes.fitting(letter, name) if letter else "" for name in _IN_CLEAR},
        "raw": arrived.raw,
        "outcome": received.outcome,
        "reason": {
            "told": received.reason,
            "says": bare(received.says),
            "article": decided.article if decided else "",
        },
        "defects": [bare(one) for one in received.defects],
        "restrictions": binding(letter).as_json() if letter else {},
        "received_under": shapes.under(letter) if letter else "",
        "erase_by": letter.restrictions.erase_by if letter else None,
        "entry": received.entry,
        "receipt": None,
        "received_at": at,
    }
