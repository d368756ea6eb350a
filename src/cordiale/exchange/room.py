"""Whether there is room for the files that a partner announces: on the disk, and in its own share of it.

Asked before its message is taken, so that it hears at once and can send it again later; a distress call is
taken without its files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from cordiale.exchange import boxes, tables
from cordiale.store import chunks

PARTNER_BYTES_MAX: Final = 4 << 30  # four files of a gigabyte, announced by one partner and not here yet
FREE_BYTES_MIN: Final = 1 << 30  # stays free for messages and distress: what the doctor asks for too


def wanting(tx: Connection, peer: str, attachments: Sequence[Mapping[str, Any]], *, free_bytes: int) -> str:
    """What is wanting for these files of partner `peer`, in plain words; "" when there is room.

    `free_bytes`: of the disk on which they would lie. What is no count is somebody else's to refuse.
    """
    counts = [one.get("chunk_count") for one in attachments]
    need = sum(one for one in counts if type(one) is int and one > 0) * chunks.CHUNK_BYTES_MAX
    if not need:
        return ""
    expected = expected_bytes(tx)
    mine = expected.get(peer, 0) + need
    if mine > PARTNER_BYTES_MAX:
        return (
            f"{_mib(mine)} of files would be on their way from it, {_mib(PARTNER_BYTES_MAX)} may be at once: "
            "it can send this again when they are here"
        )
    left = free_bytes - sum(expected.values()) - need
    if left < FREE_BYTES_MIN:
        return (
            f"its files take {_mib(need)}; {_mib(free_bytes)} are free, {_mib(FREE_BYTES_MIN)} must stay so: "
            "make room, and let it be sent again"
        )
    return ""


def expected_bytes(tx: Connection) -> dict[str, int]:
    """Partner -> the bytes of files that it has announced and that have not come."""
    a, b = tables.attachment.c, chunks.bundle.c
    missing = func.sum(b.chunk_count - b.held_count)
    waiting = (a.direction == boxes.IN) & (a.state == boxes.WAITING)
    query = select(a.peer, missing).join(chunks.bundle, b.id == a.id).where(waiting).group_by(a.peer)
    return {row[0]: int(row[1] or 0) * chunks.CHUNK_BYTES_MAX for row in tx.execute(query)}


def _mib(count: int) -> str:
    return f"{count >> 20} MiB"
