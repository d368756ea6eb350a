"""The local copy of what was written here, and the line that officers see of everything that went or came.

What came lies in the exchange's inbox, sealed to this node; what was written here lies locked in the
vault, its salt apart. Whoever destroys the salt has destroyed the copy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from cordiale import payloads
from cordiale.errors import OpenError, RequestError
from cordiale.exchange import Envelope, Letter, Outgoing, Restrictions, boxes
from cordiale.exchange.judging import REFUSE
from cordiale.exchange.message import open_letter
from cordiale.node import recalls_kept as kept
from cordiale.node import tables
from cordiale.seals import canonical, new_salt

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is sent.

    `body` is the payload as payloads.encode writes it: {type, model, version, body}. `asks` is what the
    officer states to the gate, in the request format of docs/reference/decide.md without id, type, from,
    to and items: act, mode, urgent, purpose, regime, case, offence, targeting, subjects, facts,
    confirmations, asked_basis, and `item`: what holds for every item unless `marks` says otherwise (grade,
    origin, handling). `marks` is item path -> the same. `recipients` are "SIDE/authority". `about` is the
    message that it answers or, with `passes_on`, passes on. `files`: the sealed attachments, as
    exchange/attachments.py made them. `typed`: the answers of the form as they were typed, and `model`
    whose form it is, so that what does not fit yet is not lost; `revision` of the kept draft that it was
    drawn from. `despite`: the number of the correction that its author has read and passes the old words on
    in spite of; 0 for none. Of these only `files` is sent.
    """

    type: str
    body: Mapping[str, Any]
    asks: Mapping[str, Any]
    recipients: tuple[str, ...] = ()
    marks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reference: str = ""
    about: str = ""
    passes_on: bool = False
    files: tuple[Mapping[str, Any], ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    revision: int = 0
    despite: int = 0

    def as_json(self) -> dict[str, Any]:
        """What is locked away."""
        return {
            "type": self.type,
            "body": dict(self.body),
            "asks": dict(self.asks),
            "recipients": list(self.recipients),
            "marks": {path: dict(one) for path, one in self.marks.items()},
            "about": self.about,
            "passes_on": self.passes_on,
            "files": [dict(one) for one in self.files],
            "typed": dict(self.typed),
            "model": self.model,
            "despite": self.despite,
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any], reference: str) -> Draft:
        return cls(
            held["type"],
            held["body"],
            held["asks"],
            tuple(held["recipients"]),
            held["marks"],
            reference,
            held["about"],
            held["passes_on"],
            tuple(held.get("files", ())),
            held.get("typed", {}),
            held.get("model", ""),
            despite=held.get("despite", 0),
        )

    def payload(self) -> payloads.Carried:
        """The payload itself. Raises PayloadError naming the field that does not fit."""
        return payloads.decode(self.type, self.body)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a tray or a search: no word of the body, only what a list needs.

    `state`: draft, held, waiting, delivered, refused, failed, stopped, recalled, received, undone. `at` is
    UTC.
    """

    reference: str
    direction: str
    other: str
    type: str
    title: str
    state: str
    at: datetime
    handling: str = ""
    verdict: str = ""
    article: str = ""
    urgent: bool = False
    thread: str = ""
    message: str = ""
    due_at: datetime | None = None
    fault: str = ""
    unread: bool = False


KINDS = {"ask": "request", "answer": "answer", "recall": "recall", "correct": "correction"}
"""Act -> kind of message; every other act is a notice."""

CAPACITIES = {
    "visiting_observer": "observer",
    "visiting_coordinator": "coordinator",
    "visiting_adviser": "adviser",
    "visiting_liaison": "liaison",
}
"""Role of a visiting person -> the capacity that the gate judges (WA-05)."""


def outgoing(node: Node, officer: Officer, draft: Draft, recipient: str, *, reference: str = "") -> Outgoing:
    """What the exchange is asked to carry to one recipient."""
    asks = {"act": "share", "mode": "spontaneous", "channel": "node", "automated": "no", **draft.asks}
    # Retention and answer clocks count from receipt, minutes from now: the gate needs a day to count from.
    asks["facts"] = {"received_at": node.contact.moment().isoformat(), **dict(asks.get("facts", {}))}
    capacity = next((CAPACITIES[role] for role in sorted(officer.roles) if role in CAPACITIES), "")
    if capacity:
        asks["from"] = {"person": {"capacity": capacity}}
    return Outgoing(
        kind=KINDS.get(str(asks["act"]), "notice"),
        sender=f"{node.side}/{officer.authority}",
        recipient=recipient,
        body=draft.payload(),
        asks=asks,
        marks=draft.marks,
        reference=reference,
        about=draft.about,
        original=original_of(draft),
        restrictions=inherited(node, draft),
        handling=dict(dict(asks.get("item", {})).get("handling", {})),
        attachments=draft.files,
        officer=officer.id,
    )


def inherited(node: Node, draft: Draft) -> Restrictions:
    """The restrictions under which the passed-on message was received: they never loosen."""
    came = node.store.read(lambda tx: boxes.taken(tx, draft.about)) if draft.about else None
    if came is None or not draft.passes_on:
        return Restrictions(onward="free")
    return Restrictions.from_json(came.restrictions)


def original_of(draft: Draft) -> str:
    """The message of which this is a copy, so that a recall finds it; "" when it is nobody's copy."""
    return draft.about if draft.passes_on else ""


def check_passable(tx: Connection, draft: Draft) -> None:
    """Raise RequestError for what passes a message on that was recalled or erased meanwhile."""
    if not draft.passes_on:
        return
    came = boxes.taken(tx, draft.about)
    if came is None or not came.raw:
        raise RequestError("the message that this passes on was recalled, or is erased", field="reference")


def check_correct(tx: Connection, draft: Draft) -> None:
    """Raise RequestError for the old words of a message that was corrected, unless whoever passes them on has
    read that correction.
    """
    if draft.passes_on and draft.despite < last_correction(tx, draft.about):
        raise RequestError(
            "the message that this passes on was corrected: these are its old words",
            field="despite",
            way_out="Pass on the message with the correct words, or say on its page that the old words go.",
        )


def last_correction(tx: Connection, message: str) -> int:
    """The number of the latest correction of a message; 0 for none."""
    found = [one.number for one in kept.called_back(tx, message) if one.act == "correct"]
    return max(found, default=0)


# ------------------------------------------------------------------------------ keeping


def keep(node: Node, tx: Connection, draft: Draft, *, why: str = "", **row: Any) -> None:
    """Write a paper with its locked copy. `why`: the article of a refusal, locked with it."""
    locked, salt = _locked(node, draft, row["reference"], why)
    blank = {
        "message_id": "",
        "about": original_of(draft),
        "verdict": "",
        "article": "",
        "handling": "",
        "urgent": False,
        "direction": "out",
    }
    tables.put_paper(tx, {**blank, **row, "type": draft.type, "body": locked}, salt)


def keep_why(node: Node, tx: Connection, row: Row[Any], why: str) -> None:
    """Lock the article of a refusal with a paper that is written already.

    Which article refused may tell who a person is (protection, trafficking, a child): it stands on no line of
    a tray and in no column, only with the words themselves, whose opening is logged.
    """
    locked, salt = _locked(node, draft_of(node, row), row.reference, why)
    tables.lock_anew(tx, row.reference, locked, salt)


def why_of(node: Node, row: Row[Any]) -> str:
    """The article of the decision on a paper that was written here."""
    if row.verdict != REFUSE or row.body is None or row.salt is None:
        return str(row.article)
    return str(_unlocked(node, row).get("why", "")) or str(row.article)


def _locked(node: Node, draft: Draft, reference: str, why: str) -> tuple[bytes, bytes]:
    """(locked copy, its salt)."""
    salt, held = new_salt(), draft.as_json() | ({"why": why} if why else {})
    return node.vault.lock_record(canonical(plain(held)), f"paper/{reference}", salt), salt


def _unlocked(node: Node, row: Row[Any]) -> dict[str, Any]:
    raw = node.vault.unlock_record(row.body, f"paper/{row.reference}", row.salt)
    held: dict[str, Any] = json.loads(raw)
    return held


def draft_of(node: Node, row: Row[Any]) -> Draft:
    """The draft of a paper written here. Raises OpenError when it has been erased."""
    if row.body is None or row.salt is None:
        raise OpenError(f"`{row.reference}` has been erased")
    return Draft.from_json(_unlocked(node, row), row.reference)


def found(node: Node, reference: str) -> Row[Any]:
    """The paper of this reference. Raises RequestError when there is none."""
    row = node.store.read(lambda tx: tables.paper(tx, reference))
    if row is None:
        raise RequestError(f"there is no message `{reference[:80]}` here", field="reference")
    return row


def letter_in(node: Node, message: str) -> Letter:
    """The letter of a message that came, opened. Raises OpenError when it has been erased."""
    came = node.store.read(lambda tx: boxes.taken(tx, message))
    if came is None or not came.raw:
        raise OpenError(f"`{message}` has been erased")
    return open_letter(Envelope.from_bytes(came.raw), node.keys.sealing)


def line(row: Row[Any], *, state: str = "", fault: str = "") -> Line:
    """The line of a paper."""
    return Line(
        reference=row.reference,
        direction=row.direction,
        other=row.other,
        type=row.type,
        title=payloads.type_named(row.type).title,
        state=state or row.state,
        at=row.at,
        handling=row.handling,
        verdict=row.verdict,
        article="" if row.verdict == REFUSE else row.article,
        urgent=row.urgent,
        thread=row.thread,
        message=row.message_id,
        due_at=row.due_at,
        fault=fault,
    )


def plain(value: Any) -> Any:
    """A value as canonical JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
