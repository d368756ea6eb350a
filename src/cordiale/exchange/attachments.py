"""Attachments: sealed chunks beside the message, in a lane of their own, taken up again where they stopped.

The key travels in the sealed letter, so a chunk tells nobody anything; one is taken only for an attachment
that an accepted message has announced. Nothing is opened or shown here.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, select, update

from cordiale.errors import ExchangeError, StoreError, Transient
from cordiale.exchange import boxes, tables
from cordiale.exchange.contact_point import ContactPoint
from cordiale.seals import SEALED_CHUNK_BYTES, new_chunk_key, open_chunks, seal_chunks
from cordiale.store import chunks
from cordiale.world import Wire

CHUNKS: Final = "/exchange/v1/chunks"
WAIT_S: Final = 30.0
STUCK_S: Final = 3600.0  # as long after its message as a lane is tried before a person hears of it
LONGEST_WAIT_S: Final = 300.0
STUCK: Final = "; a file of this message has not got through for an hour"
IN_ONE_GO: Final = 64  # chunks carried before other work is looked at: 4 MiB
IN_ONE_POST: Final = 16  # chunks of one POST, 1 MiB: one commit at the partner, and nothing else waits for it
GONE: Final = (1 << 32) - 1  # "nothing is missing here any more": recalled or erased since it was announced


def attach(point: ContactPoint, content: bytes) -> dict[str, Any]:
    """Seal a file and keep its chunks; what goes into `Outgoing.attachments`.

    It leaves only with a payload whose attachment leaf of the same sha256 the gate lets leave.
    """
    name, key = point.chance.token(16), new_chunk_key()
    sealed = seal_chunks(content, key, name)

    def keep(tx: Connection) -> None:
        chunks.announce(tx, name, len(sealed), at=point.moment())
        for place, raw in enumerate(sealed):
            chunks.put(tx, name, place, raw)

    point.store.write(keep)
    return {
        "chunk_count": len(sealed),
        "id": name,
        "key": b64encode(key).decode(),
        "sha256": sha256(content).hexdigest(),
        "size": len(content),
    }


def carry(point: ContactPoint, wire: Wire) -> int:
    """Carry what is due of attachments whose message has been accepted; how many chunks went."""
    now = point.clock.now()
    t, o = tables.attachment.c, tables.outbox.c
    due = (
        select(t.id, t.peer, t.next_place, t.fault, t.message, o.closed_at)
        .join(tables.outbox, o.id == t.message)
        .where(
            t.direction == boxes.OUT, t.state == boxes.WAITING, t.due_at <= now, o.state == boxes.DELIVERED
        )
    )
    return sum(_carry_one(point, wire, row) for row in point.store.read(lambda tx: tx.execute(due).all()))


def _carry_one(point: ContactPoint, wire: Wire, row: Any) -> int:
    went, name, peer, place = 0, row.id, row.peer, row.next_place
    stuck = ""
    try:
        bundle = point.store.read(lambda tx: chunks.look(tx, name))
        while bundle and place < bundle.chunk_count and went < IN_ONE_GO:
            several = range(place, min(place + IN_ONE_POST, bundle.chunk_count))
            raw = b"".join(
                point.store.read(partial(chunks.one, bundle_id=name, place=one)) for one in several
            )
            answer = wire.post(peer, CHUNKS, bytes.fromhex(name) + place.to_bytes(4) + raw, wait_s=WAIT_S)
            if answer.status != 200 or len(answer.body) != 4:
                raise Transient(f"`{peer}` answered with status {answer.status}")
            place, went = int.from_bytes(answer.body), went + len(several)
        place = min(
            place, bundle.chunk_count if bundle else 0
        )  # what a partner says fits no column by itself
        done = bundle is None or place >= bundle.chunk_count
        values: dict[str, Any] = {"next_place": place, "state": boxes.DELIVERED if done else boxes.WAITING}
    except (Transient, StoreError) as fault:
        now, late = point.clock.now(), timedelta(seconds=STUCK_S)
        is_stuck = not went and row.closed_at is not None and now - row.closed_at > late
        stuck = f"{fault}"[:900] + STUCK if is_stuck else ""
        wait_s = LONGEST_WAIT_S if is_stuck else WAIT_S
        later = now + timedelta(seconds=wait_s * point.chance.uniform(0.5, 1.0))
        values = {"next_place": place, "due_at": later, "fault": stuck or str(fault)[:1000]}
    here = update(tables.attachment).where(tables.attachment.c.id == name).values(values)

    def note(tx: Connection) -> None:
        tx.execute(here)
        if stuck and not row.fault.endswith(STUCK):  # once: a person who has looked at it hears no more of it
            known = {"peer": peer, "about": row.message, "at": point.moment()}
            boxes.raise_alarm(tx, "file_stuck", says=stuck, **known)

    point.store.write(note)
    return went


def take_chunk(point: ContactPoint, body: bytes, *, by: str = "") -> bytes:
    """Keep the chunks that came: id (16 bytes), number of the first (4), sealed chunks one after another.

    The number of the next that is missing, in four bytes; GONE when no more are wanted. `by`: the partner
    over whose connection they came, "" when none was seen: nobody fills or spoils the file of another.
    """
    name, first, raw = body[:16].hex(), int.from_bytes(body[16:20]), body[20:]
    pieces = [raw[at : at + SEALED_CHUNK_BYTES] for at in range(0, len(raw), SEALED_CHUNK_BYTES)]
    if not 1 <= len(pieces) <= IN_ONE_POST:
        raise ExchangeError(f"1 to {IN_ONE_POST} chunks come at once", field="attachment")

    def keep(tx: Connection) -> int:
        t = tables.attachment.c
        announced = tx.execute(select(t.peer).where(t.id == name, t.direction == boxes.IN)).scalar()
        if announced is None or by not in ("", announced):
            raise ExchangeError("no accepted message has announced this attachment", field="attachment")
        held = chunks.look(tx, name)
        if held is None:
            return GONE
        for place, piece in enumerate(pieces, first):
            held = chunks.put(tx, name, place, piece)
        if held.whole:
            tx.execute(update(tables.attachment).where(t.id == name).values(state=boxes.DELIVERED))
        return held.chunk_count if held.whole else held.next_place

    return point.store.write(keep).to_bytes(4)


def content(tx: Connection, attachment: Mapping[str, Any]) -> Iterator[bytes]:
    """The content of an attachment of an opened letter; trust nothing of it before it has ended.

    Raises OpenError when a chunk was moved, altered or cut off, StoreError when it is not whole yet.
    """
    name = str(attachment["id"])
    return open_chunks(chunks.read(tx, name), b64decode(str(attachment["key"])), name)
