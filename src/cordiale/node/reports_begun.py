"""What is begun from what came: an answer, and what passes a message on, with its originator's say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cordiale.errors import OpenError, RequestError
from cordiale.exchange import Restrictions, boxes
from cordiale.exchange.travelling import as_asked
from cordiale.node import papers, reading, tables
from cordiale.node import recalls_kept as kept
from cordiale.node.papers import Draft, Line
from cordiale.node.people import Verb, needs

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

LOOKED_AT_MAX: Final = 200  # of the newest that came, among which the correct words are looked for
LATER_MAX: Final = 5  # of them shown
CONSENTS_MAX: Final = 30  # of one originator, on a page
CARRIED: Final = ("urgent", "case", "offence", "targeting", "modality", "facts")
"""What was stated when a message came and still holds when it is passed on."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """That a message was corrected. `number`: of the latest correction, for `forward(despite=)`. `later`:
    what the same sender sent of the same kind since: the correct words come as a message of their own.
    """

    number: int
    at: datetime
    later: tuple[Line, ...]


def corrected(node: Node, officer: Officer, reference: str) -> Corrected | None:
    """Whether a message that came was corrected; None when its words stand."""
    needs(officer, Verb.READ)
    row = reading.found(node, officer, reference)
    strands = reading.reach(node, officer).strands("in")

    def query(tx: Connection) -> Corrected | None:
        told = [one for one in kept.called_back(tx, row.message_id) if one.act == "correct"]
        if not told:
            return None
        came = tables.listed(tx, "in", limit=LOOKED_AT_MAX, strands=strands)
        mine = [one for one in came if (one.other, one.type) == (row.other, row.type)]
        later = [one for one in mine if one.at >= told[0].at and one.reference != reference]
        lines = [papers.line(one) for one in later if one.state == "received"]
        return Corrected(max(one.number for one in told), told[-1].at, tuple(lines[:LATER_MAX]))

    return node.store.read(query)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it is recorded here: what it is called, who recorded it, and since when it holds."""

    id: str
    title: str
    issued_by: str
    since: date | None


def consents(node: Node, officer: Officer, reference: str) -> list[Consent]:
    """What the originator of a message consented to, as recorded here and holding today, newest first. The
    gate alone judges whether one of them reaches a recipient.
    """
    needs(officer, Verb.WRITE)
    letter = papers.letter_in(node, reading.found(node, officer, reference).message_id)
    owners = (letter.sender, letter.sender.partition("/")[0])
    given = [
        one
        for one in node.register.on(node.world.clock.now()).records
        if (one.kind, one.answer) == ("consent", "given")
        and one.owner in owners
        and one.confidence != "unconfirmed"
        and (not one.types or letter.type in one.types)
    ]
    newest = sorted(given, key=lambda one: (one.from_ or one.known_from, one.id), reverse=True)
    return [Consent(one.id, one.title, one.issued_by, one.from_) for one in newest[:CONSENTS_MAX]]


def answering(node: Node, officer: Officer, reference: str) -> Draft:
    """The beginning of an answer: to whom, about what, in which case; its body is still empty."""
    needs(officer, Verb.WRITE)
    row = reading.found(node, officer, reference)
    if row.direction != "in":
        raise RequestError("only what came can be answered", field="reference")
    letter = papers.letter_in(node, row.message_id)
    asks: dict[str, Any] = {"act": "answer", "mode": "on_request"}
    asks |= {
        name: letter.grounds[name] for name in CARRIED if letter.grounds.get(name) not in (None, "", {}, [])
    }
    asks |= {"purpose": letter.purpose, "regime": letter.regime}
    asks.pop("facts", None)  # when it came, and what was known there, holds for theirs and not for ours
    return Draft(letter.type, {}, asks, (letter.sender,), about=row.message_id)


def forwarded(
    node: Node,
    officer: Officer,
    reference: str,
    recipients: Sequence[str],
    *,
    asks: Mapping[str, Any] | None = None,
) -> Draft:
    """The draft of passing a message on: to preview, and to send."""
    needs(officer, Verb.WRITE)
    row = reading.found(node, officer, reference)
    if row.direction != "in":
        raise RequestError(
            "only what came can be passed on", field="reference", way_out="Send your own anew."
        )
    letter = papers.letter_in(node, row.message_id)
    stated = dict(asks or {})
    item = dict(stated.pop("item", {}))
    origin = {
        **dict(item.get("origin", {})),
        "owner": letter.sender,
        "received_under": f"{letter.agreement['id']}/{letter.provision}",
        "collected_for": letter.purpose,
        "regime": letter.regime,
    }
    kept = {
        name: value for name, value in letter.grounds.items() if name in CARRIED and value not in ("", {}, [])
    }
    handling = {**dict(letter.handling), **dict(item.get("handling", {}))}
    handling["restrictions"] = as_asked(Restrictions.from_json(_restrictions(node, row.message_id)))
    carried = {
        **kept,
        "act": "onward",
        "purpose": letter.purpose,
        "regime": letter.regime,
        "mode": "spontaneous",
        **stated,
        "item": {**item, "origin": origin, "handling": handling},
    }
    return Draft(
        letter.type, letter.payload, carried, tuple(recipients), about=row.message_id, passes_on=True
    )


def _restrictions(node: Node, message: str) -> Mapping[str, Any]:
    held = node.store.read(lambda tx: boxes.taken(tx, message))
    if held is None:
        raise OpenError(f"`{message}` has been erased")
    return held.restrictions
