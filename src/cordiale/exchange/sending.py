"""The way out: decide, copy out and seal outside the transaction; then give it its place, record it, post it.

Whatever the gate says is recorded. The signature over all that leaves is made at the end of the group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from cordiale.errors import ExchangeError, StoreError, Transient
from cordiale.exchange import boxes, copies
from cordiale.exchange.arriving import DISTRESS_TYPE
from cordiale.exchange.boxes import OUT, Place
from cordiale.exchange.entries import committed, sent_entry, told_of
from cordiale.exchange.footing import DISTRESS_WAIT_S, Footing
from cordiale.exchange.judging import (
    REFUSE,
    AgreementFacts,
    Judged,
    Outgoing,
    judge,
    letter_of,
    party,
    question_of,
)
from cordiale.exchange.message import DISTRESS, MAIN, RESCUE_LANES, UNSTORED, Head, Header, seal_letter
from cordiale.exchange.stages import Prepared, Sent
from cordiale.exchange.unstored import UnstoredCall
from cordiale.ledger import Entry, Kind
from cordiale.seals import digest

PREPARED_MAX_S: Final = 300.0  # an older decision is asked again before it leaves


@dataclass(slots=True)
class Sending:
    """Sends for one contact point. Thread-safe; holds no transaction of its own."""

    here: Footing

    # -- outside the transaction --------------------

    def preview(self, outgoing: Outgoing) -> Judged:
        """What the gate would answer now. Nothing is sealed, recorded or sent."""
        question = question_of(outgoing, outgoing.reference or "preview")
        return judge(self.here.gate, outgoing, question, self.here.moment())

    def prepare(self, outgoing: Outgoing) -> Prepared:
        """Decide, copy out what may leave, and seal it. Raises RequestError for a malformed question and
        ExchangeError when no known node speaks for the recipient."""
        at, gate = self.here.moment(), self.here.gate
        reference = outgoing.reference or self.here.chance.token(16)
        question = question_of(outgoing, reference)
        decided = judge(gate, outgoing, question, at)
        secrets = committed(outgoing)
        prepared = Prepared(
            outgoing,
            reference,
            decided,
            at,
            gate,
            facts=told_of(decided, outgoing, reference, secrets),
            secrets=secrets,
        )
        if decided.verdict == REFUSE:
            return prepared
        where = party(outgoing.recipient)
        peer = self.here.directory.speaking_for(self.here.store, where["side"], where["authority"])
        if peer is None:
            raise ExchangeError(
                f"no known node speaks for `{outgoing.recipient}`",
                field="recipient",
                way_out="Run `cordiale peer add`.",
            )
        facts = gate.facts(decided.agreement, at) or AgreementFacts(decided.agreement, 0, digest(b""))
        letter = letter_of(outgoing, decided, question=question, facts=facts, at=at)
        bucket, sealed = seal_letter(
            letter, sender=self.here.identity.node, recipient=peer.node, public=peer.card.facts.sealing
        )
        lane = DISTRESS if outgoing.body.TYPE == DISTRESS_TYPE else MAIN
        return replace(
            prepared,
            node=peer.node,
            lane=lane,
            bucket=bucket,
            sealed=sealed,
            attachments=tuple(letter.attachments),
        )

    # -- inside the transaction --------------------

    def send(self, tx: Connection, prepared: Prepared) -> Sent:
        """Record the decision either way; if it lets something leave, give that its place and post it.

        Raises Transient when the agreements changed or the decision is old: prepare it again.
        """
        return self.send_all(tx, [prepared])[0]

    def send_all(self, tx: Connection, several: Sequence[Prepared]) -> list[Sent]:
        """`send` for each in its order, with one write a table for all of them.

        Raises Transient when one of them must be prepared again: then the caller's act is undone as a whole.
        """
        calls = [self.here.unstored.of(one) for one in several]
        sent = iter(self._send_fresh(tx, [one for one, call in zip(several, calls, strict=True) if not call]))
        # What left from memory already is recorded as that one, not a second time.
        return [self.log_unstored(tx, call) if call else next(sent) for call in calls]

    def _send_fresh(self, tx: Connection, several: Sequence[Prepared]) -> list[Sent]:
        at = self.here.moment()
        for one in several:
            self._check_fresh(one, at)
        seats = self._seats(tx, several)
        entries = [_entry(one, seat, at) for one, seat in zip(several, seats, strict=True)]
        decisions = self.here.log.append_all(tx, entries)
        placed = zip(several, seats, decisions, strict=True)
        _post(tx, [(one, seat, decision) for one, seat, decision in placed if seat], at=at)
        return [
            Sent(one.reference, seat.message if seat else "", decision, one.decided)
            for one, seat, decision in zip(several, seats, decisions, strict=True)
        ]

    def _check_fresh(self, prepared: Prepared, at: datetime) -> None:
        if prepared.gate is not self.here.gate or at - prepared.decided_at > timedelta(
            seconds=PREPARED_MAX_S
        ):
            raise Transient("the agreements changed since this was decided", way_out="Prepare it again.")

    def _seats(self, tx: Connection, several: Sequence[Prepared]) -> list[Seat | None]:
        """The places of these messages in their lanes, in order; None for one that the gate refused."""
        stand, card = self.here.log.head(tx), self.here.identity.card.digest()
        head = Head(stand.size, stand.root.hex())
        lanes: dict[tuple[str, str], Place] = {}
        seats: list[Seat | None] = []
        for one in several:
            if not one.sealed:
                seats.append(None)
                continue
            lane = (one.node, one.lane)
            before = lanes.get(lane) or boxes.place(tx, *lane, OUT)
            seat = self._seat(one, before, head, card=card)
            lanes[lane] = Place(seat.sequence, seat.message)
            seats.append(seat)
        for (node, name), place in lanes.items():
            boxes.advance(tx, node, name, OUT, to=place)
        return seats

    def _seat(self, prepared: Prepared, before: Place, head: Head, *, card: str) -> Seat:
        header = Header(
            sender=self.here.identity.node,
            recipient=prepared.node,
            reference=prepared.reference,
            lane=prepared.lane,
            bucket=prepared.bucket,
            digest=digest(prepared.sealed),
            card=card,
            sequence=before.sequence + 1,
            previous=before.last,
            head=head,
        )
        raw = header.to_bytes()
        return Seat(raw, digest(raw), header.digest, header.sequence)

    # -- whole --------------------

    def dispatch(self, outgoing: Outgoing) -> Sent:
        """Prepare and send in one act of its own.

        A distress call that the store cannot record in time leaves all the same, and is recorded when it can.
        """
        prepared = self.prepare(outgoing)
        if prepared.lane not in RESCUE_LANES:
            return self.here.store.write(lambda tx: self.send(tx, prepared))
        try:
            return self.here.store.submit([lambda tx: self.send(tx, prepared)])[0].result(DISTRESS_WAIT_S)
        except (StoreError, TimeoutError):
            return self.send_unstored(prepared)

    # -- before the store can write --------------------

    def send_unstored(self, prepared: Prepared) -> Sent:
        """A decided distress call that the store cannot record: signed and handed to the courier from memory.

        Raises ExchangeError for anything but distress: nothing else leaves without its ledger entry.
        """
        if prepared.lane not in RESCUE_LANES or not prepared.sealed:
            raise ExchangeError("only a distress call leaves before it is recorded", field="lane")
        call = self.here.unstored.hold(prepared, identity=self.here.identity, at=self.here.moment())
        return Sent(prepared.reference, call.message, -1, prepared.decided, logged=False, kept=call.is_kept)

    def log_unstored(self, tx: Connection, call: UnstoredCall) -> Sent:
        """Record a call that left from memory: its decision and its place in the outbox."""
        prepared, at = call.prepared, self.here.moment()
        entry = boxes.decision_of(tx, call.message)
        if entry is None:
            before = boxes.place(tx, prepared.node, UNSTORED, OUT)
            seat = Seat(call.header_raw, call.message, call.header.digest, before.sequence + 1)
            aside = replace(prepared, lane=UNSTORED, facts={**prepared.facts, "lane": UNSTORED})
            entry = self.here.log.append(tx, _entry(aside, seat, at))
            boxes.advance(tx, prepared.node, UNSTORED, OUT, to=Place(seat.sequence, call.message))
            _post(tx, [(aside, seat, entry)], at=call.at)
            boxes.sign(tx, call.message, call.signature)
        return Sent(prepared.reference, call.message, entry, prepared.decided)


@dataclass(frozen=True, slots=True)
class Seat:
    """A message in its place: header, id, digest of the sealed letter, number in its lane."""

    header: bytes
    message: str
    content: str
    sequence: int


def _entry(prepared: Prepared, seat: Seat | None, at: datetime) -> Entry:
    if seat is None:
        return sent_entry(Kind.REFUSED, at, prepared)
    return sent_entry(Kind.SENT, at, prepared, message=seat.message, content=seat.content, peer=prepared.node)


def _post(tx: Connection, several: Sequence[tuple[Prepared, Seat, int]], *, at: datetime) -> None:
    """Into the outbox, with their attachments behind them; who gets a copy is noted."""
    boxes.post_all(tx, [_row(*each, at=at) for each in several])
    copies.note_copies(tx, [_copy(one, seat, at) for one, seat, _ in several])
    for one, seat, _ in several:
        boxes.post_attachments(tx, seat.message, one.node, one.attachments, at=at)


def _row(prepared: Prepared, seat: Seat, decision: int, *, at: datetime) -> dict[str, Any]:
    out = prepared.outgoing
    return {
        "id": seat.message,
        "peer": prepared.node,
        "lane": prepared.lane,
        "sequence": seat.sequence,
        "reference": prepared.reference,
        "recipient": out.recipient,
        "type": out.body.TYPE,
        "kind": out.kind,
        "about": out.about,
        "header": seat.header,
        "sealed": prepared.sealed,
        "decision": decision,
        "due_at": at,
        "posted_at": at,
    }


def _copy(prepared: Prepared, seat: Seat, at: datetime) -> dict[str, Any]:
    out = prepared.outgoing
    return {
        "message": seat.message,
        "holder": out.recipient,
        "via": "",
        "node": prepared.node,
        "original": out.original or seat.message,
        "sent_at": at,
    }
