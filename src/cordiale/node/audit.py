"""One auditor: every invariant of a node, for operators, and at the end of every story, crash and attack.

The machine around it is the doctor's (doctor.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from cordiale import payloads
from cordiale.errors import CordialeError
from cordiale.exchange import Envelope, boxes, list_peers
from cordiale.exchange import tables as exchange_tables
from cordiale.exchange.message import RESCUE_LANES, Letter, open_letter
from cordiale.exchange.receipts import ReceiptVerifier
from cordiale.ledger import Kind
from cordiale.ledger.audit import UNREADABLE
from cordiale.node import ledger, tables, tally
from cordiale.seals import digest
from cordiale.terms import CATEGORIES, Personal

if TYPE_CHECKING:
    from cordiale.node.node import Node


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
        "every message that left is in the outbox as the ledger tells": lambda: tally.findings(
            node, tally.sent
        ),
        "every receipt is in the outbox as the ledger tells": lambda: tally.findings(node, tally.receipts),
        "every message that came has an entry and a receipt": lambda: _inbox(node),
        "every message that came is in the inbox as the ledger tells": lambda: tally.findings(
            node, tally.came
        ),
        "every message that came says what its letter says": lambda: _letters(node),
        "every distress incident is as the ledger tells": lambda: tally.findings(node, tally.incidents),
        "every account is as the ledger tells": lambda: tally.findings(node, tally.people),
        "every receipt verifies": lambda: _receipts(node),
        "nothing is past its retention": lambda: _retention(node),
        "every exported proof verifies": lambda: _export(node),
    }
    return _checked(checks)


def _checked(checks: Mapping[str, Callable[[], Iterator[str]]]) -> Findings:
    """Every check to its end; one that cannot be finished is a finding, so that the others are heard."""
    wrong: list[str] = []
    for name, check in checks.items():
        try:
            wrong.extend(f"{name}: {one}" for one in check())
        except UNREADABLE as fault:
            wrong.append(f"{name}: it could not be finished: {type(fault).__name__}: {fault}")
    return Findings(tuple(checks), tuple(wrong))


def _outbox(node: Node) -> Iterator[str]:
    def query(tx: Connection) -> list[str]:
        gone = tally.erased(tx)
        return [
            f"`{row.id}` to {row.recipient} has none"
            for row in tx.execute(select(exchange_tables.outbox))
            if row.state != boxes.STOPPED
            and not (row.sealed == b"" and row.id in gone and digest(row.header) == row.id)
            and not node.contact.covered(tx, row)
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


def _letters(node: Node) -> Iterator[str]:
    """Of what came and is still held: the row says what the letter says, and personal items have a basis."""
    rows = node.store.read(lambda tx: tx.execute(select(exchange_tables.inbox)).all())
    for row in rows:
        if row.outcome != boxes.ACCEPTED or not row.raw:
            continue
        try:
            letter = open_letter(Envelope.from_bytes(row.raw), node.keys.sealing)
        except UNREADABLE as fault:
            if row.lane not in RESCUE_LANES:  # a distress call is taken although it cannot be read
                yield f"`{row.id}` does not open: {fault}"
            continue
        yield from tally.as_written(row, letter)
        yield from _basis(row, letter)


def _basis(row: Row[Any], letter: Letter) -> Iterator[str]:
    """Personal items that came: the letter names an agreement, or it is rescue."""
    if row.type in ("distress_incident", "quality_notice"):
        return
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
    found = ledger.checked(node)
    if not found["ok"]:
        yield str(found["wrong"])
