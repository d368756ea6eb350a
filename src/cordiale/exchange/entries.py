"""What ledger and inbox keep of a message: no word about a person, only digests and commitments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordiale import payloads
from cordiale.exchange.judging import Outgoing
from cordiale.exchange.stages import Arrived, Prepared, Received
from cordiale.ledger import Commitment, Entry, Kind
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
        "type": letter.type if letter and not arrived.fault else "",
    }
    return Entry(kind, at, {name: value for name, value in known.items() if value})


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
        "reference": header.reference,
        "sender": letter.sender if letter else "",
        "recipient": letter.recipient if letter else "",
        "type": letter.type if letter else "",
        "kind": letter.kind if letter else "",
        "about": letter.about if letter else "",
        "raw": arrived.raw,
        "outcome": received.outcome,
        "reason": {
            "told": received.reason,
            "says": received.says,
            "article": decided.article if decided else "",
        },
        "defects": list(received.defects),
        "restrictions": letter.restrictions.as_json() if letter else {},
        "received_under": under[:200],
        "erase_by": letter.restrictions.erase_by if letter else None,
        "entry": received.entry,
        "receipt": None,
        "received_at": at,
    }
