"""One auditor: every invariant of a node, for operators, and at the end of every story, crash and attack.

The doctor looks at the machine around it: clock, disk, files, ports, partners.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select

from cordiale import payloads
from cordiale.errors import CordialeError
from cordiale.exchange import Envelope, boxes, list_peers
from cordiale.exchange import tables as exchange_tables
from cordiale.exchange.message import open_letter
from cordiale.exchange.receipts import ReceiptVerifier
from cordiale.ledger import Kind
from cordiale.node import ledger, tables
from cordiale.node.exchange import check_peer
from cordiale.seals import digest
from cordiale.store.migrations import current, head
from cordiale.terms import CATEGORIES, Personal

if TYPE_CHECKING:
    from cordiale.node.node import Node

FREE_BYTES_MIN: Final = 1 << 30  # a day of a busy desk with attachments
LAG_MAX: Final = 1000  # entries that no partner has cosigned yet


@dataclass(frozen=True, slots=True)
class Findings:
    """What was checked and what is wrong; `ok` when nothing is."""

    checked: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "checked": list(self.checked), "wrong": list(self.wrong)}


def audit(node: Node) -> Findings:
    """Every outbox row has a decision and a ledger entry; every accepted message too; every personal item
    that left has a basis; every proof verifies; nothing is past its retention."""
    checks: dict[str, Callable[[], Iterator[str]]] = {
        "the ledger is whole": lambda: iter(ledger.faults(node)),
        "every outbox row has a decision in the ledger": lambda: _outbox(node),
        "every message that came has an entry and a receipt": lambda: _inbox(node),
        "every personal item that came has a basis": lambda: _basis(node),
        "every receipt verifies": lambda: _receipts(node),
        "nothing is past its retention": lambda: _retention(node),
        "every exported proof verifies": lambda: _export(node),
    }
    wrong = tuple(f"{name}: {one}" for name, check in checks.items() for one in check())
    return Findings(tuple(checks), wrong)


def _outbox(node: Node) -> Iterator[str]:
    def query(tx: Connection) -> list[str]:
        rows = tx.execute(select(exchange_tables.outbox)).all()
        return [
            f"`{row.id}` to {row.recipient} has none"
            for row in rows
            if row.state != boxes.STOPPED and not node.contact.covered(tx, row)
        ]

    return iter(node.store.read(query))


def _inbox(node: Node) -> Iterator[str]:
    def query(tx: Connection) -> list[str]:
        found = []
        for row in tx.execute(select(exchange_tables.inbox)):
            kinds = {one.entry.kind for one in node.log.entries(tx, message=row.id)}
            if not kinds & {Kind.RECEIVED, Kind.REFUSED}:
                found.append(f"`{row.id}` has no entry")
            if row.receipt is None:
                found.append(f"`{row.id}` has no receipt")
        return found

    return iter(node.store.read(query))


def _basis(node: Node) -> Iterator[str]:
    """Personal items that came and are still held: the letter names an agreement, or it is rescue."""
    rows = node.store.read(lambda tx: tx.execute(select(exchange_tables.inbox)).all())
    for row in rows:
        if (
            row.outcome != boxes.ACCEPTED
            or not row.raw
            or row.type in ("distress_incident", "quality_notice")
        ):
            continue
        letter = open_letter(Envelope.from_bytes(row.raw), node.keys.sealing)
        leaves = payloads.itemise(payloads.decode(letter.type, letter.payload))
        personal = [leaf.path for leaf in leaves if CATEGORIES[leaf.category].personal is Personal.YES]
        if personal and not letter.agreement.get("id"):
            yield f"`{row.id}` holds {len(personal)} personal items under no agreement"


def _receipts(node: Node) -> Iterator[str]:
    verifier = ReceiptVerifier()
    cards = {one.node: one.card for one in node.store.read(lambda tx: list_peers(tx, removed=True))}
    for row in node.store.read(lambda tx: tx.execute(select(exchange_tables.outbox)).all()):
        if row.receipt is None:
            if row.state in (boxes.DELIVERED, boxes.REFUSED):
                yield f"`{row.id}` is {row.state} without a receipt"
            continue
        try:
            verifier.open(row.receipt, cards[row.peer], row.id)
        except (CordialeError, KeyError) as fault:
            yield f"the receipt of `{row.id}` does not hold: {fault}"
        if digest(row.header) != row.id:
            yield f"`{row.id}` is not the digest of its header"


def _retention(node: Node) -> Iterator[str]:
    at = node.contact.moment()
    for row in node.store.read(lambda tx: tables.past_retention(tx, at)):
        yield f"the copy of `{row.reference}` should be gone"
    for one in node.store.read(lambda tx: boxes.due_for_erasure(tx, at)):
        yield f"`{one.id}` should be gone"


def _export(node: Node) -> Iterator[str]:
    found = ledger.verified(ledger.exported(node))
    if not found["ok"]:
        yield str(found["wrong"])


# ------------------------------------------------------------------------------ the machine around it


def doctor(node: Node) -> Findings:
    """Clock, disk, schema, card, files, partners, alarms, boxes: what an operator should look at."""
    checks: dict[str, Callable[[], Iterator[str]]] = {
        "the database is at this program's step": lambda: _schema(node),
        "there is room on the disk": lambda: _room(node),
        "the clock has not gone back": lambda: _clock(node),
        "the card holds": lambda: _card(node),
        "the offline keys are away": lambda: _offline(node),
        "every partner answers": lambda: _partners(node),
        "no alarm is open": lambda: (f"{one.kind}: {one.says}" for one in node.store.read(boxes.alarms)),
        "the failed box is empty": lambda: (
            f"{one.reference}: {one.reason}" for one in node.store.read(boxes.failures)
        ),
        "partners cosign the ledger": lambda: _lag(node),
    }
    wrong = tuple(f"{name}: {one}" for name, check in checks.items() for one in check())
    return Findings(tuple(checks), wrong)


def _schema(node: Node) -> Iterator[str]:
    if current(node.store) != head():
        yield f"it is at `{current(node.store)}`, the program at `{head()}`: run `cordiale upgrade`"


def _room(node: Node) -> Iterator[str]:
    if node.home.is_dir() and (free := shutil.disk_usage(node.home).free) < FREE_BYTES_MIN:
        yield f"{free >> 20} MiB are free, {FREE_BYTES_MIN >> 20} should be"


def _clock(node: Node) -> Iterator[str]:
    now, latest = node.world.clock.now(), node.contact.moment()
    if now < latest:
        yield f"it says {now:%Y-%m-%d %H:%M:%S}, but {latest:%Y-%m-%d %H:%M:%S} was recorded before"


def _card(node: Node) -> Iterator[str]:
    try:
        node.keys.card.check(node.keys.side, node.world.clock.now())
    except CordialeError as fault:
        yield str(fault)


def _offline(node: Node) -> Iterator[str]:
    try:
        node.world.disk.read(node.home / "offline" / "side")
    except FileNotFoundError:
        return
    yield f"`{node.home.name}/offline` still lies here: take it to a safe"


def _partners(node: Node) -> Iterator[str]:
    for one in node.store.read(list_peers):
        found = check_peer(node, one.node)
        yield from (f"{one.node}: {fault}" for fault in found["wrong"])


def _lag(node: Node) -> Iterator[str]:
    size = ledger.size(node)
    for one in node.store.read(list_peers):
        name = one.card.facts.ledger_origin
        lag = size - node.store.read(partial(node.log.cosigned_size, name=name))
        if lag > LAG_MAX:
            yield f"{one.node} is {lag} entries behind"
