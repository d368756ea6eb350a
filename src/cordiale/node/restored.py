"""After a restore: since when, and from which partners nothing has come since.

What a partner recalled after the backup was made stands in the restored node as if it never had been
recalled, until the partner's next message shows it where its lane stands and everything after comes again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from cordiale.errors import StoreError
from cordiale.exchange import list_peers
from cordiale.exchange.tables import inbox
from cordiale.world import Disk

if TYPE_CHECKING:
    from cordiale.node.node import Node

FILE: Final = "restored"
NEXT: Final = (
    "Messages that partners recalled, erased or corrected after this backup are shown as before until each "
    "partner sends again; so is what this node itself recalled or discarded since. Before officers sign in, "
    "ask every partner that `cordiale doctor` names to send anything."
)


def mark(home: Path, disk: Disk, at: datetime) -> None:
    """Note in the home folder that it was restored at this time (UTC)."""
    disk.write(home / FILE, json.dumps({"at": at.isoformat()}).encode(), mode=0o600)


def restored_at(home: Path, disk: Disk) -> datetime | None:
    """When the home was restored; None when it never was. Raises StoreError when the note is damaged."""
    try:
        return datetime.fromisoformat(json.loads(disk.read(home / FILE))["at"])
    except FileNotFoundError:
        return None
    except (ValueError, LookupError, TypeError):
        raise StoreError(
            f"`{FILE}` in the home folder cannot be read", way_out="Ask every partner to send anything."
        ) from None


def silent(node: Node) -> Iterator[str]:
    """One sentence for each partner from which nothing has come since the restore."""
    since = restored_at(node.home, node.world.disk)
    if since is None:
        return
    latest = select(inbox.c.peer, func.max(inbox.c.received_at)).group_by(inbox.c.peer)
    came = dict(tuple(row) for row in node.store.read(lambda tx: tx.execute(latest).all()))
    for one in node.store.read(list_peers):
        last = came.get(one.node)
        if last is None or last < since:
            yield (
                f"nothing has come from {one.node} since the restore of {since:%Y-%m-%d %H:%M} UTC: "
                "what it recalled after the backup may be shown. Ask it to send anything"
            )
