"""What officers see of reports: trays, one message with its history, what failed, what is found.

Every read asks for a purpose and is logged before anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row

from cordiale.errors import ExchangeError, RequestError
from cordiale.exchange import boxes, copies, list_peers
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.node import attachments, finding, judgements, looking, papers, reading, recalls, tables, waiting
from cordiale.node.papers import Line as Line
from cordiale.node.people import Verb, needs
from cordiale.reports.task import TaskKind

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.people import Officer

PAGE_MAX: Final = 200
MESSAGE, ATTACHMENT = "message", "attachment"
"""How a message is looked at, as its entry tells; `recalls.PRINT` is the third."""
PURPOSE_CHARS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """A message opened by an officer, with its history. Opening it was logged with the purpose."""

    line: Line
    body: Mapping[str, Any]
    grounds: Mapping[str, Any]
    restrictions: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...]


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
