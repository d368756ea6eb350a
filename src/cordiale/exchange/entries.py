"""What ledger and inbox keep of a message: no word about a person, only digests and commitments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cordiale import payloads
from cordiale.exchange.judging import Outgoing
from cordiale.exchange.stages import Arrived, Prepared, Received
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.entry import FACTS
from cordiale.seals import canonical


def sent_entry(kind: Kind, at: datetime, prepared: Prepared, **facts: str) -> Entry:
    """What the ledger says of a message that leaves, or was kept from leaving: no word about a person."""
    decided, out = prepared.decided, prepared.outgoing
    known: dict[str, Any] = {
        "verdict": decided.verdict,
        "decision": decided.digest,
        "agreement": decided.agreement,
        "provision": decided.provision,
        "sender": out.sender,
        "recipient": out.recipient,
        "type": out.body.TYPE,
        "reference": prepared.reference,
        "purpose": str(out.asks.get("purpose", "")),
        "officer": out.officer,
        **facts,
    }
    secret = {"question": Commitment.to("question", canonical(_spoken(out)).decode())}
    return Entry(kind, at, {name: value for name, value in known.items() if value}, secret)


def _spoken(out: Outgoing) -> dict[str, Any]:
    """What a court may be shown of the question while its salt is kept."""
    return {"body": payloads.encode(out.body), "kind": out.kind, "about": out.about}


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
    """The words of a fault without any value that came: all from the first backtick to the last is left out.

    What came may be about a person, and the tables are read by more people than the screen.
    """
    return _RECEIVED.sub("(…)", says)


_RECEIVED: Final = re.compile(r"`.*`", re.DOTALL)


def inbox_values(arrived: Arrived, received: Received, at: datetime) -> Mapping[str, Any]:
    envelope, letter, decided = arrived.envelope, arrived.letter, arrived.decided
    assert envelope is not None
    header = envelope.header
    under = f"{letter.agreement.get('id', '')}/{letter.provision}" if letter else ""
    return {
        "id": envelope.id,
        "peer": header.sender,
        "lane": header.lane,
        "sequence": header.sequence,
        "reference": header.reference[:200],
        "sender": letter.sender if letter else "",
        "recipient": letter.recipient if letter else "",
        "type": letter.type if letter else "",
        "kind": letter.kind if letter else "",
        "about": letter.about if letter else "",
        "raw": arrived.raw,
        "outcome": received.outcome,
        "reason": {
            "told": received.reason,
            "says": bare(received.says),
            "article": decided.article if decided else "",
        },
        "defects": [bare(one) for one in received.defects],
        "restrictions": letter.restrictions.as_json() if letter else {},
        "received_under": under[:200],
        "erase_by": letter.restrictions.erase_by if letter else None,
        "entry": received.entry,
        "receipt": None,
        "received_at": at,
    }
