"""The ledger, joined: write what proves an exchange into one file, and check such a file anywhere.

A file holds no personal data: entries are facts and salted commitments. Whoever reads one compares the
twelve words of each Side by telephone first; a file that proves itself with keys from within itself proves
only that it is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from cordiale.errors import LedgerError, UsageError
from cordiale.exchange import list_peers
from cordiale.ledger import Enclosed, audit, export, verify
from cordiale.ledger.tables import checkpoints, entries
from cordiale.seals import LedgerPublic
from cordiale.world import Disk

if TYPE_CHECKING:
    from cordiale.node.node import Node


def export_to(node: Node, file: Path, *, message: str = "") -> dict[str, Any]:
    """Write the whole ledger, or all about one message, to `file`; it is verified before it is called
    written.
    """
    raw = exported(node, message=message)
    verify(raw, node.store.read(lambda tx: _enclosed(node, tx)).sides)
    node.world.disk.write(file, raw, mode=0o644)
    return {"file": str(file), "bytes": len(raw), "ledger": node.log.origin, "size": size(node)}


def exported(node: Node, *, message: str = "") -> bytes:
    """An exchange file of the whole ledger, or of the entries about one message."""
    at = node.world.clock.now()

    def act(tx: Connection) -> bytes:
        node.log.checkpoint(tx, at)
        return export(
            tx,
            node.log,
            _indexes(tx, message),
            about=message or "ledger",
            enclosed=_enclosed(node, tx),
            signing=node.keys.signing,
            at=at,
        )

    return node.store.write(act)


def _indexes(tx: Connection, message: str) -> Sequence[int]:
    query = select(entries.c.entry_index).order_by(entries.c.entry_index)
    if message:
        query = query.where(entries.c.message == message)
    found = list(tx.scalars(query))
    if not found:
        raise LedgerError("There is no such entry.", way_out="Give the id of a message of this node.")
    return found


def _enclosed(node: Node, tx: Connection) -> Enclosed:
    """The cards that the proofs need, and every checkpoint that was ever signed, so that nothing was
    rewritten.
    """
    partners = list_peers(tx, removed=True)
    sizes = [size for size in tx.scalars(select(checkpoints.c.size)) if size]
    return Enclosed(
        cards=[node.keys.card, *(one.card for one in partners)],
        sides={node.keys.card.facts.side: node.keys.side, **{one.side: one.side_key for one in partners}},
        earlier_sizes=sizes[:-1][-100:],
    )


def verify_file(file: Path, disk: Disk) -> dict[str, Any]:
    """Check an export, offline: {ok, ledger, size, ...}, or {ok: False, wrong}."""
    try:
        raw = disk.read(file)
    except FileNotFoundError:
        raise UsageError(f"there is no file `{file}`", field="file") from None
    return verified(raw)


def verified(raw: bytes) -> dict[str, Any]:
    """What an exported file proves."""
    try:
        found = verify(raw)
    except LedgerError as wrong:
        return {"ok": False, "wrong": str(wrong)}
    return {
        "ok": True,
        "ledger": found.log,
        "node": found.node,
        "size": found.checkpoint.size,
        "root": found.checkpoint.root.hex(),
        "entries": len(found.entries),
        "cosigned_by": sorted(found.cosigned),
        "made_at": found.made_at.isoformat(),
        "compare_by_telephone": dict(found.fingerprints),
    }


def size(node: Node) -> int:
    """How many entries the ledger has."""
    return node.store.read(node.log.head).size


def faults(node: Node) -> list[str]:
    """All that is wrong with this node's own ledger; empty when every invariant holds."""

    def query(tx: Connection) -> list[str]:
        witnesses: dict[str, LedgerPublic] = {
            one.card.facts.ledger_origin: one.card.facts.ledger for one in list_peers(tx, removed=True)
        }
        return [f"{one.place}: {one.fault}" for one in audit(tx, node.log, witnesses=witnesses)]

    return node.store.read(query)


def story(node: Node, message: str) -> list[dict[str, Any]]:
    """Every entry about one message, in order: index, kind, time, facts."""

    def query(tx: Connection) -> list[dict[str, Any]]:
        return [
            {
                "index": one.index,
                "kind": str(one.entry.kind),
                "at": one.entry.at,
                "facts": dict(one.entry.facts),
            }
            for one in node.log.entries(tx, message=message)
        ]

    return node.store.read(query)
