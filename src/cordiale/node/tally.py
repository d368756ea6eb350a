"""The ledger against the tables, both ways: what an administrator with a database prompt deleted or changed.

The ledger is the truth; each difference is told with the entry and the row that it concerns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, select

from cordiale import officers
from cordiale.exchange import Envelope, boxes, shapes
from cordiale.exchange import tables as exchange_tables
from cordiale.exchange.entries import binding
from cordiale.exchange.message import RESCUE_LANES, Letter, Restrictions
from cordiale.ledger import Entry, Kind
from cordiale.ledger.audit import FINDINGS_MAX, UNREADABLE
from cordiale.ledger.tables import entries
from cordiale.node import rescue_came, tables
from cordiale.seals import digest

if TYPE_CHECKING:
    from cordiale.node.node import Node

PAGE: Final = 500


def findings(node: Node, check: Callable[[Node, Connection], Iterator[str]]) -> Iterator[str]:
    """What one of the checks below finds, on one snapshot of the database."""
    return iter(node.store.read(lambda tx: list(islice(check(node, tx), FINDINGS_MAX))))


def told(tx: Connection, *kinds: Kind) -> Iterator[tuple[int, Entry]]:
    """The entries of these kinds in order, page by page. What is no entry, the ledger's own audit tells."""
    start, c = -1, entries.c
    mine = select(c.entry_index, c.leaf).where(c.kind.in_([str(one) for one in kinds]))
    while rows := tx.execute(mine.where(c.entry_index > start).order_by(c.entry_index).limit(PAGE)).all():
        for row in rows:
            try:
                yield row.entry_index, Entry.from_leaf(row.leaf)
            except UNREADABLE:
                continue
        start = rows[-1].entry_index


def erased(tx: Connection) -> set[str]:
    """The messages and references of which the ledger tells that they were recalled or erased."""
    gone: set[str] = set()
    for _, entry in told(tx, Kind.ERASURE, Kind.RECALL):
        gone |= {
            str(entry.facts[name]) for name in ("message", "recalled", "reference") if name in entry.facts
        }
    return gone


# ------------------------------------------------------------------------------ what left


def sent(node: Node, tx: Connection) -> Iterator[str]:
    """Every entry that tells of a message that left has its row in the outbox, and both say the same."""
    del node
    moved: set[str] = set()
    missing: dict[str, str] = {}
    for page in _paged(tx, Kind.SENT):
        moved |= {str(e.facts["in_reply_to"]) for _, e in page if e.facts.get("state") == "reseated"}
        rows = _rows(tx, exchange_tables.outbox, [str(e.facts["message"]) for _, e in page])
        for index, entry in page:
            message = str(entry.facts["message"])
            if message not in rows:
                missing[message] = f"entry {index} tells of `{message}`, which is not in the outbox"
            else:
                yield from _as_sent(index, entry, rows[message])
    yield from (says for message, says in missing.items() if message not in moved)


def _as_sent(index: int, entry: Entry, row: Row[Any]) -> Iterator[str]:
    if row.decision != index:
        yield f"`{row.id}` says it was decided in entry {row.decision}, it was in entry {index}"
    for name in ("peer", "reference", "recipient", "type"):
        if name in entry.facts and entry.facts[name] != getattr(row, name):
            yield f"`{row.id}` says {name} {getattr(row, name)}, entry {index} says {entry.facts[name]}"


def receipts(node: Node, tx: Connection) -> Iterator[str]:
    """Every receipt that the ledger tells of lies with its message, whose state is what the receipt says."""
    del node
    last: dict[str, tuple[int, Entry]] = {}
    for page in _paged(tx, Kind.RECEIPT):
        last |= {str(entry.facts["message"]): (index, entry) for index, entry in page}
    names = list(last)
    for start in range(0, len(names), PAGE):
        for message, row in _rows(tx, exchange_tables.outbox, names[start : start + PAGE]).items():
            index, entry = last[message]
            if row.receipt is None or digest(row.receipt) != entry.facts.get("receipt"):
                yield f"`{message}` does not hold the receipt of entry {index}"
            closed = boxes.DELIVERED if entry.facts.get("outcome") == boxes.ACCEPTED else boxes.REFUSED
            if row.state not in (closed, boxes.WAITING, boxes.FAILED):
                yield f"`{message}` says {row.state}, entry {index} says {closed}"


# ------------------------------------------------------------------------------ what came


def came(node: Node, tx: Connection) -> Iterator[str]:
    """Every entry that tells of a message that came has its row in the inbox, and both say the same."""
    del node
    replayed = {str(e.facts["message"]) for page in _paged(tx, Kind.RECEIVED) for _, e in page if _replay(e)}
    gone = erased(tx)
    for page in _paged(tx, Kind.RECEIVED, Kind.REFUSED):
        rows = _rows(tx, exchange_tables.inbox, [str(e.facts["message"]) for _, e in page])
        for index, entry in page:
            message = str(entry.facts["message"])
            if message not in rows:
                yield f"entry {index} tells of `{message}`, which is not in the inbox"
            elif not _replay(entry):
                yield from _as_received(index, entry, rows[message], replayed=message in replayed)
                yield from _as_kept(entry, rows[message], erased=message in gone)


def _replay(entry: Entry) -> bool:
    return entry.facts.get("state") == "replayed"


def _as_received(index: int, entry: Entry, row: Row[Any], *, replayed: bool) -> Iterator[str]:
    facts: dict[str, object] = dict(entry.facts)
    facts["outcome"] = "accepted" if replayed else facts.get("outcome")
    if row.entry != index:
        yield f"`{row.id}` says it is entry {row.entry}, it is entry {index}"
    for name in ("peer", "lane", "sequence", "outcome", "type"):
        if facts.get(name) is not None and facts[name] != getattr(row, name):
            yield f"`{row.id}` says {name} {getattr(row, name)}, entry {index} says {facts[name]}"


def _as_kept(entry: Entry, row: Row[Any], *, erased: bool) -> Iterator[str]:
    """The bytes that came are those of the entry, or the ledger tells that they were destroyed."""
    if not row.raw or row.erased_at is not None:
        if row.raw:
            yield f"`{row.id}` says it was erased, and its bytes are here"
        elif not erased:
            yield f"the bytes of `{row.id}` are gone and no entry tells of an erasure"
        return
    try:
        envelope = Envelope.from_bytes(row.raw)
        same = (envelope.id, envelope.header.digest) == (row.id, entry.facts.get("content"))
        same = same and digest(envelope.sealed) == envelope.header.digest
    except UNREADABLE:
        same = False
    if not same and row.outcome == boxes.ACCEPTED:
        yield f"the bytes of `{row.id}` are not those that came"


def as_written(row: Row[Any], letter: Letter) -> Iterator[str]:
    """What the row of an accepted message says, against its own sealed letter."""
    for name in ("sender", "recipient", "type", "kind", "about"):
        if getattr(row, name) != shapes.fitting(letter, name):
            yield f"`{row.id}` says {name} {getattr(row, name) or 'nothing'}, its letter says another"
    under = shapes.under(letter)
    if row.received_under != under:
        yield f"`{row.id}` says it was received under {row.received_under}, its letter says {under}"
    try:
        kept = Restrictions.from_json(row.restrictions)
        bound = kept.also(binding(letter)) == kept and row.erase_by == kept.erase_by
    except UNREADABLE:
        bound = False
    if not bound:
        yield f"`{row.id}` is bound by less than its letter says"


# ------------------------------------------------------------------------------ distress


def incidents(node: Node, tx: Connection) -> Iterator[str]:
    """Every distress incident that the ledger tells of is on the pages, open until a person closed it."""
    rows = {row.reference: row for row in tx.execute(select(tables.distresses))}
    states: dict[str, list[str]] = {}
    for _, entry in told(tx, Kind.RESCUE, Kind.CONFIRMATION):
        if "incident" in entry.facts and "state" in entry.facts:
            states.setdefault(str(entry.facts["incident"]), []).append(str(entry.facts["state"]))
    calls = {rescue_came.reference_of(row.id): row for row in _calls(tx)}
    for reference, row in calls.items():
        # An answer may belong to a call of our own; what broke the room lies in the failed box.
        if row.kind != "answer" and not any(one.startswith("effect:") for one in row.defects):
            states.setdefault(reference, [])
    for reference in states:
        if reference not in rows:
            yield f"incident `{reference}` is in the ledger and not on the pages"
    for reference, row in rows.items():
        if reference not in states and reference not in calls:
            yield f"incident `{reference}` is on the pages and not in the ledger"
        yield from _as_logged(row, states.get(reference, []))
        yield from _as_told(node, tx, row)


def _calls(tx: Connection) -> list[Any]:
    """What came on the lanes of rescue and was accepted."""
    c = exchange_tables.inbox.c
    mine = select(c.id, c.kind, c.defects).where(
        c.lane.in_(sorted(RESCUE_LANES)), c.outcome == boxes.ACCEPTED
    )
    return list(tx.execute(mine))


def _as_logged(row: Row[Any], seen: list[str]) -> Iterator[str]:
    """`seen`: its states in the order of the ledger. A closing may be taken back, and a partner may call
    again, which asks for a new confirmation.
    """
    closed = [one for one in seen if one in ("closed", "reopened", "called_again")]
    confirmed = [one for one in seen if one in ("confirmed", "called_again")]
    if (row.state == "closed") != (closed[-1:] == ["closed"]):
        was = "closed by nobody" if row.state == "closed" else "closed by a person"
        yield f"incident `{row.reference}` says {row.state}; by the ledger it was {was}"
    if bool(row.confirmed_by) != (confirmed[-1:] == ["confirmed"]):
        yield f"incident `{row.reference}`: who confirmed it is not what the ledger tells"


def _as_told(node: Node, tx: Connection, row: Row[Any]) -> Iterator[str]:
    """Its body opens, and the messages that it names went to whom it says."""
    try:
        json.loads(node.vault.unlock(row.body, f"distress/{row.reference}"))
    except UNREADABLE:
        yield f"the words of incident `{row.reference}` do not open"
    named = {one.get("message", ""): name for name, one in row.sent_to.items()}
    posted = _rows(tx, exchange_tables.outbox, [one for one in named if one.startswith("sha256:")])
    for message, name in named.items():
        if message.startswith("sha256:") and (message not in posted or posted[message].recipient != name):
            yield f"incident `{row.reference}` says it went to {name}; the outbox does not"
    if (
        row.message_id
        and (came_from := boxes.taken(tx, row.message_id))
        and came_from.sender not in ("", row.other)
    ):
        yield f"incident `{row.reference}` says it came from {row.other}, its message from {came_from.sender}"


# ------------------------------------------------------------------------------ accounts


def people(node: Node, tx: Connection) -> Iterator[str]:
    """Every account was made by an entry, with the roles that the entry tells, and ended by one."""
    del node
    rows = {one.id: one for one in officers.accounts(tx)}
    made: dict[str, Entry] = {}
    ended: set[str] = set()
    for _, entry in told(tx, Kind.ACCOUNT):
        account, outcome = str(entry.facts.get("account", "")), entry.facts.get("outcome")
        if outcome in ("founded", "enrolled"):
            made[account] = entry
        elif outcome == "closed":
            ended.add(account)
    for account, entry in made.items():
        if account in rows:
            yield from _as_made(rows[account], entry, ended=account in ended)
        else:
            yield f"account `{account}` is in the ledger and not in the table"
    yield from (
        f"account `{one}` is in the table and not in the ledger" for one in sorted(rows.keys() - made)
    )


def _as_made(row: officers.Account, entry: Entry, *, ended: bool) -> Iterator[str]:
    """An account against the entry that made it. Entries of older versions told no roles."""
    facts, told_of = entry.facts, {"roles": ", ".join(sorted(row.roles)), "authority": row.authority}
    told_of["valid_until"] = row.until.isoformat() if row.until else ""
    roles = facts.get("roles")
    if isinstance(roles, tuple):
        given = {"roles": ", ".join(map(str, roles)), "authority": facts.get("authority")}
        given["valid_until"] = facts.get("valid_until", "")
        for name, value in told_of.items():
            if given[name] != value:
                yield f"account `{row.id}` says {name} {value or 'none'}, its entry {given[name] or 'none'}"
    if row.closed != ended:
        yield f"account `{row.id}` is {'closed' if row.closed else 'open'}; by the ledger it is not"


# ------------------------------------------------------------------------------ rows


def _paged(tx: Connection, *kinds: Kind) -> Iterator[list[tuple[int, Entry]]]:
    """Entries about messages, some hundred at once."""
    page: list[tuple[int, Entry]] = []
    for one in told(tx, *kinds):
        if "message" in one[1].facts:
            page.append(one)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _rows(tx: Connection, table: Any, ids: Sequence[str]) -> dict[str, Row[Any]]:
    return {row.id: row for row in tx.execute(select(table).where(table.c.id.in_(list(ids))))}
