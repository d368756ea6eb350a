"""After an erasure: what could still tell the words is destroyed, also beside the database's own file.

SQLite overwrites what is deleted (secure_delete); its write-ahead log keeps old pages until it is emptied,
which is done here. PostgreSQL frees their place and keeps its own log: its operator rotates it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select

from cordiale.ledger import Kind
from cordiale.ledger.tables import entries

if TYPE_CHECKING:
    from cordiale.node.node import Node

SCRUBBED: Final = "scrubbed"
"""Under this name the node remembers when it last emptied the write-ahead log."""
SCRUB_EVERY: Final = timedelta(minutes=1)  # also what was undone or discarded, of which no entry tells
WAIT_MS: Final = 100  # while it waits for a reader nobody writes, distress included
BUSY_MS: Final = 10_000


def mute(node: Node, tx: Connection, message: str) -> None:
    """Destroy the salts of what the ledger committed to about a message: nobody can try out words then."""
    c = entries.c
    mine = select(c.entry_index).where(c.message == message, c.kind == str(Kind.SENT))
    node.log.erase_salts(tx, list(tx.scalars(mine)), names=["question"])


def scrub(node: Node) -> bool:
    """Empty the write-ahead log when something was erased since the last time, and each minute; False when it
    was not due, or a reader still looks at old pages: then it is due in the next round.
    """
    now, store = node.world.clock.now(), node.store
    if store.dialect != "sqlite" or store.is_in_memory:
        return False
    newest = store.read(_newest)
    last = node.seen.get(SCRUBBED)
    if newest == node.scrubbed and last is not None and now - last < SCRUB_EVERY:
        return False
    with store.maintenance() as connection:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MS}")
        try:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")
    if busy:
        return False
    node.scrubbed, node.seen[SCRUBBED] = newest, now
    return True


def _newest(tx: Connection) -> int:
    """The place of the latest entry that tells of an erasure; -1 before the first."""
    ends = entries.c.kind.in_([str(Kind.ERASURE), str(Kind.RECALL)])
    return tx.execute(select(func.max(entries.c.entry_index)).where(ends)).scalar() or -1
