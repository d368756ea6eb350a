"""Reports of one node: what the pages and the commands call.

Every function takes the node, then the officer who acts. A refusal is an answer and is returned with its
article; a fault is raised (errors.py). Nothing here decides: the gate does, and the contact point records
and carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import CordialeError, ExchangeError, RequestError, Transient
from cordiale.exchange import Sent, boxes, list_peers
from cordiale.exchange.entries import fault_words
from cordiale.exchange.judging import REFUSE, Judged, party
from cordiale.exchange.peers import peer_for
from cordiale.exchange.travelling import travelling
from cordiale.ledger import Entry, Kind
from cordiale.node import (
    attachments,
    drafts,
    judgements,
    looking,
    papers,
    recalls,
    tables,
    waiting,
)
from cordiale.node.papers import Draft as Draft
from cordiale.node.papers import Line as Line
from cordiale.node.people import Verb, needs
from cordiale.node.reports_begun import Consent as Consent
from cordiale.node.reports_begun import Corrected as Corrected
from cordiale.node.reports_begun import answering as answering
from cordiale.node.reports_begun import consents as consents
from cordiale.node.reports_begun import corrected as corrected
from cordiale.node.reports_begun import forwarded as forwarded
from cordiale.node.reports_read import MESSAGE as MESSAGE
from cordiale.node.reports_read import Findings as Findings
from cordiale.node.reports_read import Opened as Opened
from cordiale.node.reports_read import contacts as contacts
from cordiale.node.reports_read import decisions as decisions
from cordiale.node.reports_read import dismiss as dismiss
from cordiale.node.reports_read import failed_box as failed_box
from cordiale.node.reports_read import find as find
from cordiale.node.reports_read import inbox as inbox
from cordiale.node.reports_read import open_file as open_file
from cordiale.node.reports_read import open_message as open_message
from cordiale.node.reports_read import outbox as outbox
from cordiale.node.reports_read import replay as replay
from cordiale.node.reports_read import search as search
from cordiale.node.views import RecipientView as RecipientView
from cordiale.node.views import Unseen as Unseen
from cordiale.reports.task import TaskKind

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

DISTRESS: Final = "distress_incident"
RECIPIENTS_MAX: Final = 40  # one letter each; more is a mailing list, and a group is no recipient


@dataclass(frozen=True, slots=True)
class Held:
    """A message on its hold: it goes at `until` to every recipient whose view is not refuse; undo before."""

    reference: str
    until: datetime
    views: tuple[RecipientView, ...]


# ------------------------------------------------------------------------------ before sending


def preview(node: Node, officer: Officer, draft: Draft) -> list[RecipientView]:
    """For each possible recipient: may they have it, what they would not see, which article. Records nothing.

    Possible are the recipients that the draft names, then everybody whom a partner node speaks for.
    """
    needs(officer, Verb.ASK)
    known = [name for name in reachable(node) if name not in draft.recipients]
    return [view(node, officer, draft, name) for name in (*draft.recipients, *known)]


def reachable(node: Node) -> list[str]:
    """Every authority that a partner node speaks for, as "SIDE/authority"."""
    partners = node.store.read(list_peers)
    return [f"{one.side}/{name}" for one in partners for name in one.card.facts.authorities]


def view(node: Node, officer: Officer, draft: Draft, recipient: str) -> RecipientView:
    """What one recipient would get."""
    decided = node.contact.preview(papers.outgoing(node, officer, draft, recipient))
    return _view(node, recipient, decided)


def _view(node: Node, recipient: str, decided: Judged) -> RecipientView:
    answer, where = decided.answer, party(recipient)
    peer = node.store.read(lambda tx: peer_for(tx, where["side"], where["authority"]))
    return RecipientView(
        recipient=recipient,
        name=node.name_of(where["side"], where["authority"]),
        verdict=decided.verdict,
        article=decided.article,
        sentence=decided.sentence,
        agreement=decided.agreement,
        sees=decided.paths,
        unseen=tuple(
            Unseen(str(one["item"]), str(one.get("article", "")), str(one.get("sentence", "")))
            for one in answer.get("withheld", ())
        ),
        missing=tuple(answer.get("missing", ())),
        duties=tuple(answer.get("duties", ())),
        warnings=tuple(str(one) for one in answer.get("warnings", ())),
        connected=peer is not None,
        answer=answer,
    )


# ------------------------------------------------------------------------------ sending


def send(node: Node, officer: Officer, draft: Draft) -> Held:
    """Put a message on its hold. Recipients that the gate refuses are recorded as refused now and hold
    nothing.

    Raises RequestError for no recipient, for distress (rescue.open_distress sends that at once) and for a
    question that the gate cannot read; ExchangeError when no known node speaks for a recipient that may
    have it.
    """
    needs(officer, Verb.WRITE)
    _sendable(draft)
    thread = draft.reference or node.world.chance.token(8)
    node.store.read(lambda tx: drafts.check_unsent(tx, officer.id, thread))
    views = tuple(view(node, officer, draft, name) for name in draft.recipients)
    _check_reachable(views)
    at = node.world.clock.now()
    until = at + timedelta(seconds=node.settings.hold_s)
    refused = {one.recipient for one in views if one.verdict == REFUSE}
    # One beginning for all of them, so that a person finds them together; what follows says nothing.
    made = {name: thread + node.world.chance.token(4) for name in draft.recipients}
    files = {name: () if name in refused else attachments.copied(node, draft.files) for name in made}
    prepared = {
        name: node.contact.prepare(papers.outgoing(node, officer, draft, name, reference=made[name]))
        for name in refused
    }

    def act(tx: Connection) -> None:
        papers.check_passable(tx, draft)
        papers.check_correct(tx, draft)
        drafts.hold_draft(node, tx, officer.id, thread)
        for one in views:
            name = one.recipient
            entry = node.contact.send(tx, prepared[name]).entry if name in refused else None
            papers.keep(
                node,
                tx,
                replace(draft, recipients=(name,), typed={}, files=files[name]),
                reference=made[name],
                state="refused" if name in refused else "held",
                other=name,
                thread=thread,
                officer=officer.id,
                authority=officer.authority,
                at=at,
                due_at=None if name in refused else until,
                verdict=one.verdict,
                article="" if name in refused else one.article[:200],
                why=one.article if name in refused else "",
                urgent=draft.asks.get("urgent", "no") != "no",
                handling=judgements.handling_of(draft),
            )
            judgements.note(
                node,
                tx,
                draft,
                one,
                thread=thread,
                reference=made[name],
                officer=officer.id,
                authority=officer.authority,
                entry=entry,
            )
        drafts.let_go(node, tx, officer.id, thread)

    node.store.write(act)
    _answered(node, officer, draft)
    if node.settings.hold_s == 0:
        release_due(node)
    return Held(thread, until, views)


def _check_reachable(views: Sequence[RecipientView]) -> None:
    """Raise ExchangeError where nobody would carry what may go."""
    for one in views:
        if one.verdict != REFUSE and not one.connected:
            raise ExchangeError(
                f"no known node speaks for `{one.recipient}`",
                field="recipients",
                way_out="Run `cordiale peer add`.",
            )


def _answered(node: Node, officer: Officer, draft: Draft) -> None:
    """Whoever answers has done what waited for them."""
    asked = node.store.read(lambda tx: tables.by_message(tx, draft.about)) if draft.about else None
    if asked is not None and not draft.passes_on:
        looking.look(node, only=asked.reference)
        waiting.finish(node, officer, TaskKind.ANSWER, asked.reference)


def _sendable(draft: Draft) -> None:
    if draft.type == DISTRESS:
        raise RequestError(
            "distress is not held", field="type", way_out="Open it as distress: it goes at once."
        )
    if not 1 <= len(set(draft.recipients)) <= RECIPIENTS_MAX or len(set(draft.recipients)) != len(
        draft.recipients
    ):
        raise RequestError(f"name 1 to {RECIPIENTS_MAX} recipients, each once", field="recipients")


def undo(node: Node, officer: Officer, reference: str) -> bool:
    """Take a held message back, from all its recipients; False when it has gone (then `recall` is the
    way).
    """
    needs(officer, Verb.WRITE)
    at = node.world.clock.now()

    def act(tx: Connection) -> bool:
        mine = [
            row for row in tables.thread(tx, reference) if row.state == "held" and row.officer == officer.id
        ]
        for row in mine:
            attachments.erase(tx, attachments.files_kept(node, tx, row.reference))
            tables.set_state(tx, row.reference, "undone", due_at=None)
            tables.erase_paper(tx, row.reference)
            node.log.append(tx, Entry(Kind.HOLD, at, {"reference": row.reference, "outcome": "undone"}))
        if mine:
            drafts.take_up(node, tx, officer.id, reference)
        return bool(mine)

    return node.store.write(act)


def release_due(node: Node) -> list[Sent]:
    """Let go what has been held long enough: decided once more, recorded, posted. The courier's loop calls
    it.
    """
    at = node.world.clock.now()
    gone = []
    for row in node.store.read(lambda tx: tables.held_until(tx, at)):
        full = papers.found(node, row.reference)
        try:
            sent = _release(node, full)
            gone += [sent] if sent else []
        except Transient:
            continue  # the agreements changed this very moment: the next round decides anew
        except (CordialeError, ValueError, LookupError) as fault:
            _set_aside(node, full, fault)  # one message that cannot go holds up no other
    return gone


def _release(node: Node, row: Row[Any]) -> Sent | None:
    """Let one go; None when it was taken back while its decision was made."""
    officer = node.account(row.officer)
    draft = papers.draft_of(node, row)
    prepared = node.contact.prepare(papers.outgoing(node, officer, draft, row.other, reference=row.reference))

    def act(tx: Connection) -> Sent | None:
        if not _is_held(tx, row.reference):
            return None
        sent = node.contact.send(tx, prepared)
        state = "sent" if sent.message else "refused"
        # What the recipient keeps to, the sender keeps to as well.
        travels = travelling(sent.decided.answer.get("travels", ()) if sent.message else ())
        tables.set_state(
            tx,
            row.reference,
            state,
            message_id=sent.message,
            erase_by=travels.erase_by,
            due_at=None,
            verdict=sent.decided.verdict,
            article=sent.decided.article[:200] if sent.message else "",
        )
        if not sent.message:
            papers.keep_why(node, tx, row, sent.decided.article)
        if sent.message and draft.passes_on:
            recalls.send_after(tx, draft.about, row.other, at=node.contact.moment())
        drafts.let_go(node, tx, row.officer, row.thread)
        return sent

    return node.store.write(act)


def _is_held(tx: Connection, reference: str) -> bool:
    """Whether a message is still on its hold: whoever was told "taken back" must be able to rely on it."""
    row = tables.paper(tx, reference)
    return row is not None and row.state == "held"


def _set_aside(node: Node, row: Row[Any], fault: Exception) -> None:
    """What cannot go as it is waits in the failed box for a person."""
    at = node.world.clock.now()

    def act(tx: Connection) -> None:
        kept = tables.paper(tx, row.reference)
        if kept is not None and kept.state != "held":
            return  # it was taken back meanwhile
        tables.set_state(tx, row.reference, "failed", due_at=None)
        boxes.set_aside(tx, "out", row.reference, reason=fault_words(fault), at=at, reference=row.reference)

    node.store.write(act)


def reply(node: Node, officer: Officer, reference: str, draft: Draft) -> Held:
    """Answer a message: a message of its own, act `answer`, its case kept, decided like every other."""
    begun = answering(node, officer, reference)
    asks = {**begun.asks, **draft.asks}
    return send(node, officer, replace(draft, asks=asks, recipients=begun.recipients, about=begun.about))


def forward(
    node: Node,
    officer: Officer,
    reference: str,
    recipients: Sequence[str],
    *,
    asks: Mapping[str, Any] | None = None,
    despite: int = 0,
) -> Held:
    """Pass a received message on, with its restrictions and its originator's say.

    `asks` states what changes (act, purpose, regime, subjects, item). The act is `onward` unless another
    is stated: under some agreements what was received elsewhere is shared as one's own act, with its
    origin told. Owner and agreement of receipt are taken from the message and cannot be restated; the gate
    asks the owner's consent. Of a message that was corrected the old words do not go: RequestError, unless a
    person has read the correction and passes them on all the same; `despite` is its number (`corrected`).
    """
    draft = forwarded(node, officer, reference, recipients, asks=asks)
    return send(node, officer, replace(draft, despite=despite))
