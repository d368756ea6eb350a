"""Reports of one node: what the pages and the commands call.

Every function takes the node, then the officer who acts. A refusal is an answer and is returned with its
article; a fault is raised (errors.py). Nothing here decides: the gate does, and the contact point records
and carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import CordialeError, ExchangeError, OpenError, RequestError, Transient
from cordiale.exchange import Restrictions, Sent, boxes, copies, list_peers
from cordiale.exchange.entries import fault_words
from cordiale.exchange.judging import REFUSE, Judged, as_asked, party, travelling
from cordiale.exchange.peers import peer_for
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.node import (
    attachments,
    drafts,
    finding,
    judgements,
    looking,
    papers,
    reading,
    recalls,
    tables,
    waiting,
)
from cordiale.node.papers import Draft as Draft
from cordiale.node.papers import Line as Line
from cordiale.node.people import Verb, needs
from cordiale.node.views import RecipientView as RecipientView
from cordiale.node.views import Unseen as Unseen
from cordiale.reports.task import TaskKind

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

DISTRESS: Final = "distress_incident"
PAGE_MAX: Final = 200
MESSAGE, ATTACHMENT = "message", "attachment"
"""How a message is looked at, as its entry tells; `recalls.PRINT` is the third."""
PURPOSE_CHARS_MAX: Final = 300
CARRIED: Final = ("urgent", "case", "offence", "targeting", "modality", "facts")
"""What was stated when a message came and still holds when it is passed on."""
RECIPIENTS_MAX: Final = 40  # one letter each; more is a mailing list, and a group is no recipient


@dataclass(frozen=True, slots=True)
class Held:
    """A message on its hold: it goes at `until` to every recipient whose view is not refuse; undo before."""

    reference: str
    until: datetime
    views: tuple[RecipientView, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A message opened by an officer, with its history. Opening it was logged with the purpose."""

    line: Line
    body: Mapping[str, Any]
    grounds: Mapping[str, Any]
    restrictions: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...]


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


# ------------------------------------------------------------------------------ trays


def inbox(
    node: Node, officer: Officer, *, limit: int = 50, before: datetime | tables.Place | None = None
) -> list[Line]:
    """What has come for this officer's authority, newest first. `before`: the `place` of the last line of the
    page before, or a time.
    """
    needs(officer, Verb.READ)
    strands = reading.reach(node, officer).strands("in")

    def query(tx: Connection) -> list[Line]:
        rows = tables.listed(tx, "in", limit=min(limit, PAGE_MAX), strands=strands, before=_place(before))
        fresh = waiting.unread(tx, [row.reference for row in rows])
        return [replace(papers.line(row), unread=row.reference in fresh) for row in rows]

    return node.store.read(query)


def outbox(
    node: Node, officer: Officer, *, limit: int = 50, before: datetime | tables.Place | None = None
) -> list[Line]:
    """What has gone, is held, waits, was refused or failed, newest first; `before` as in `inbox`."""
    needs(officer, Verb.READ)
    strands = reading.reach(node, officer).strands("out")

    def query(tx: Connection) -> list[Line]:
        rows = tables.listed(tx, "out", limit=min(limit, PAGE_MAX), strands=strands, before=_place(before))
        return _out_lines(tx, rows)

    return node.store.read(query)


def _place(before: datetime | tables.Place | None) -> tables.Place | None:
    return (before, "") if isinstance(before, datetime) else before


def _out_lines(tx: Connection, rows: Sequence[Row[Any]]) -> list[Line]:
    """Lines of the out-tray: for what was posted, how far the courier has come."""
    posted = tables.posted(tx, [row.message_id for row in rows if row.state == "sent" and row.message_id])
    return [
        papers.line(row, state=posted[row.message_id].state, fault=posted[row.message_id].fault)
        if row.state == "sent" and row.message_id in posted
        else papers.line(row)
        for row in rows
    ]


# ------------------------------------------------------------------------------ one message


def open_message(
    node: Node, officer: Officer, reference: str, *, purpose: str, view: str = MESSAGE
) -> Opened:
    """Open one message. The read is logged with its purpose first; no purpose, no message.

    `view`: MESSAGE, or recalls.PRINT for the page that is printed: then it is recorded who printed, so that
    a recall reaches the sheet. Of what was recalled or erased the line and the history are left; its body is
    empty.
    """
    needs(officer, Verb.READ)
    _check_purpose(purpose)
    row = reading.found(node, officer, reference)
    looking.look(node, only=reference)
    _log_read(node, officer, row, purpose, view=view)
    if row.direction == "in":
        held = node.store.read(lambda tx: boxes.taken(tx, row.message_id))
        if held is None or not held.raw:
            return Opened(
                papers.line(row), {}, {}, {}, _history(node, officer, row)
            )  # recalled, or past its retention
        letter = papers.letter_in(node, row.message_id)
        return Opened(
            papers.line(row), letter.payload, letter.grounds, held.restrictions, _history(node, officer, row)
        )
    line = node.store.read(lambda tx: _out_lines(tx, [row])[0])
    if row.body is None:
        return Opened(line, {}, {}, {}, _history(node, officer, row))
    draft, line = papers.draft_of(node, row), replace(line, article=papers.why_of(node, row))
    return Opened(line, draft.body, draft.asks, {}, _history(node, officer, row))


def open_file(
    node: Node, officer: Officer, reference: str, id: str, *, purpose: str
) -> tuple[attachments.File, Iterator[bytes]]:
    """A file that came with a message: its particulars, and its bytes piece by piece. It is logged."""
    needs(officer, Verb.READ)
    _check_purpose(purpose)
    row = reading.found(node, officer, reference)
    if row.state != "received":
        raise RequestError("this message was recalled", field="reference")
    _log_read(node, officer, row, purpose, view=ATTACHMENT, item=id)
    return attachments.content(node, reference, id)


def _check_purpose(purpose: str) -> None:
    if not purpose.strip() or len(purpose) > PURPOSE_CHARS_MAX:
        raise RequestError("say why you open it", field="purpose", way_out="One sentence; it is logged.")


def _log_read(
    node: Node, officer: Officer, row: Row[Any] | None, purpose: str, *, view: str = MESSAGE, item: str = ""
) -> None:
    """Reads are logged like writes. The words of the purpose are committed to, not written down.

    What goes onto paper or into a file is recorded in the same act; not of what holds no words any more.
    """
    at = node.world.clock.now()
    facts = {"officer": officer.id, "view": view if row is not None else "search"}
    if row is not None:
        facts |= {"reference": row.reference, "type": row.type}
        facts |= {"message": row.message_id} if row.message_id else {}
    committed = {"purpose": Commitment.to("purpose", purpose)}

    def act(tx: Connection) -> None:
        node.log.append(tx, Entry(Kind.READ, at, facts, committed))
        if row is None:
            return
        if row.direction == "in" and view in (MESSAGE, recalls.PRINT):
            waiting.end(tx, TaskKind.READ, row.reference, by=officer.id, at=at)
        if view != MESSAGE and recalls.has_words(tx, row):
            kind = recalls.PRINT if view == recalls.PRINT else recalls.FILE
            recalls.take(node, tx, row, officer.id, kind=kind, item=item)

    node.store.write(act)


def _history(node: Node, officer: Officer, row: Row[Any]) -> tuple[Mapping[str, Any], ...]:
    """What happened in this conversation, oldest first, as far as it is theirs; and who holds copies."""
    within = reading.reach(node, officer).clause()

    def query(tx: Connection) -> tuple[Mapping[str, Any], ...]:
        steps = [
            {
                "at": one.at,
                "direction": one.direction,
                "other": one.other,
                "type": one.type,
                "state": one.state,
                "reference": one.reference,
            }
            for one in tables.thread(tx, row.thread, within)
        ]
        held = [
            {"at": one.sent_at, "holder": one.holder, "via": one.via, "act": one.act, "state": one.state}
            for one in (copies.holders(tx, row.message_id) if row.message_id else [])
        ]
        return (*steps, *held)

    return node.store.read(query)


def reply(node: Node, officer: Officer, reference: str, draft: Draft) -> Held:
    """Answer a message: a message of its own, act `answer`, its case kept, decided like every other."""
    begun = answering(node, officer, reference)
    asks = {**begun.asks, **draft.asks}
    return send(node, officer, replace(draft, asks=asks, recipients=begun.recipients, about=begun.about))


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


def forward(
    node: Node,
    officer: Officer,
    reference: str,
    recipients: Sequence[str],
    *,
    asks: Mapping[str, Any] | None = None,
) -> Held:
    """Pass a received message on, with its restrictions and its originator's say.

    `asks` states what changes (act, purpose, regime, subjects, item). The act is `onward` unless another
    is stated: under some agreements what was received elsewhere is shared as one's own act, with its
    origin told. Owner and agreement of receipt are taken from the message and cannot be restated; the gate
    asks the owner's consent.
    """
    return send(node, officer, forwarded(node, officer, reference, recipients, asks=asks))


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


# ------------------------------------------------------------------------------ what failed, what is found


def failed_box(node: Node, officer: Officer) -> list[Mapping[str, Any]]:
    """What could not be delivered or read: id, direction, message, peer, reference, reason, at; newest
    first.
    """
    needs(officer, Verb.READ)
    mine = reading.reach(node, officer)
    return [
        {
            "id": one.id,
            "direction": one.direction,
            "message": one.message,
            "peer": one.peer,
            "reference": one.reference,
            "reason": one.reason,
            "at": one.failed_at,
        }
        for one in node.store.read(
            lambda tx: [one for one in boxes.failures(tx, limit=PAGE_MAX) if mine.sees_failed(tx, one)]
        )
    ]


def replay(node: Node, officer: Officer, failed: int) -> None:
    """Carry a failed message again as it was decided. Raises ExchangeError when it must be written anew."""
    needs(officer, Verb.RELEASE)
    at = node.world.clock.now()
    _theirs(node, officer, failed)
    node.store.write(lambda tx: boxes.replay(tx, failed, by=officer.id, at=at))


def dismiss(node: Node, officer: Officer, failed: int) -> None:
    """A person has read it and nothing more is to be done."""
    needs(officer, Verb.RELEASE)
    at = node.world.clock.now()
    _theirs(node, officer, failed)
    node.store.write(lambda tx: boxes.settle(tx, failed, state="dismissed", by=officer.id, at=at))


def _theirs(node: Node, officer: Officer, failed: int) -> None:
    """Raise ExchangeError for an entry that is another's, in the words of one that does not exist."""
    mine = reading.reach(node, officer)

    def query(tx: Connection) -> bool:
        listed = boxes.failures(tx, limit=PAGE_MAX)
        return any(one.id == failed and mine.sees_failed(tx, one) for one in listed)

    if not node.store.read(query):
        raise ExchangeError(f"`{failed}` is not an open entry of the failed box", field="failed")


def contacts(node: Node, officer: Officer) -> list[Mapping[str, Any]]:
    """Everyone this node can reach: side, authority, name, telephone, state, waiting, heard_at."""
    needs(officer, Verb.ASK)

    def query(tx: Connection) -> list[Mapping[str, Any]]:
        waiting = boxes.backlog(tx)
        return [
            {
                "side": one.side,
                "authority": name,
                "name": node.name_of(one.side, name),
                "node": one.node,
                "telephone": node.telephone_of(one.side, name),
                "state": one.state,
                "waiting": waiting.get(one.node, 0),
                "heard_at": one.heard_at,
            }
            for one in list_peers(tx)
            for name in one.card.facts.authorities
        ]

    return node.store.read(query)


def decisions(node: Node, officer: Officer, *, limit: int = 100) -> list[Mapping[str, Any]]:
    """The decisions for a supervisor, newest first; `changed` names the facts that changed since a refusal
    of the same draft to the same recipient."""
    needs(officer, Verb.OVERSEE)
    mine = reading.reach(node, officer)
    return judgements.latest(node, min(limit, PAGE_MAX), None if mine.whole else mine.authorities)


def search(node: Node, officer: Officer, words: str, *, purpose: str, limit: int = 50) -> list[Line]:
    """Find messages whose text holds every word: the lines of `find`."""
    return list(find(node, officer, words, purpose=purpose, limit=limit).lines)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found, newest first. `is_more`: there are, or may be, more than `count`.

    `older`: give it as `before` to search on among what is older; None when all was looked at.
    """

    lines: tuple[Line, ...] = ()
    count: int = 0
    is_more: bool = False
    older: int | None = None


def find(
    node: Node,
    officer: Officer,
    words: str,
    *,
    purpose: str,
    limit: int = 50,
    before: int | None = None,
) -> Findings:
    """Find messages whose text holds every word, of what this officer may see; logged with its purpose.

    Whole words, without regard to accents or case; the index holds keyed digests and no word (finding.py).
    """
    needs(officer, Verb.READ)
    _check_purpose(purpose)
    if not words.strip():
        raise RequestError("give at least one word", field="words")
    _log_read(node, officer, None, purpose)
    looking.look(node, limit=looking.WAIT_MAX)
    mine = reading.reach(node, officer)
    found = finding.sought(node, words, limit=min(limit, PAGE_MAX), mine=mine, before=before)
    lines = tuple(papers.line(row) for row in found.rows)
    return Findings(lines, found.count, found.is_more, found.older)
