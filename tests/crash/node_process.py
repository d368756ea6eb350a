"""One invented node as a process of its own, to be killed. `run` is what the process runs.

MANNER: `send` writes numbered messages and names each once it is durable; `take` only listens; `drain` sends
what waits; `careless` is `send` with a courier that closes rows without a receipt (the negative control).
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from functools import partial
from itertools import count
from multiprocessing.connection import Connection as Link
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from cordiale.errors import StoreError
from cordiale.exchange import boxes
from cordiale.exchange import courier as courier_room
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.courier import Courier
from cordiale.exchange.listener import Listener, server_context
from cordiale.exchange.peers import addresses, list_peers
from cordiale.exchange.service import Service
from cordiale.exchange.stages import Identity, Received
from cordiale.exchange.wire import PinnedWire
from cordiale.ledger import Log
from cordiale.seals import LedgerKeys, NodeCard, SealingKeys, SigningKeys
from cordiale.store import Store, open_store
from cordiale.world import SystemChance, SystemClock
from tests.exchange.partners import ListGate, outgoing

WAITING_MAX = 48  # before the courier at once: a few calls' worth
GROUP_MAX = 4  # messages posted in one act, one to so many
CALL_MAX = 6  # messages in one call: call follows call while receipts are settled
WAYS = {
    "uk-calais": {"sender": "UK/border-force", "recipient": "FR/paf"},
    "fr-lille": {"sender": "FR/paf", "recipient": "UK/border-force"},
}

OWN = MetaData()
"""Beside the rooms' tables, not among them: the schema tests see only what Cordiale itself has."""
took = Table(
    "crash_took",
    OWN,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("reference", String(80), nullable=False),
)
"""What took effect, one row each time: a doubled effect would be a second row."""


class Careless(Courier):
    """A courier that takes a failed POST for a delivered message."""

    def _put_off(self, rows: Any, why: str, **_: Any) -> None:
        at = self.point.clock.now()
        for row in rows:
            self.point.store.write(
                lambda tx, one=row: boxes.close_out(tx, one.id, state=boxes.DELIVERED, receipt=None, at=at)
            )


def effect(tx: Any, received: Received) -> None:
    assert received.letter is not None
    tx.execute(insert(took).values(reference=received.letter.reference))


def open_point(home: Path) -> tuple[ContactPoint, dict[str, Any]]:
    """The node whose keys, card and database lie in `home`."""
    facts = json.loads((home / "facts.json").read_text())
    keys = {name: bytes.fromhex(facts[name]) for name in ("signing", "sealing", "ledger", "card")}
    identity = Identity(
        NodeCard.from_bytes(keys["card"]),
        SigningKeys.from_bytes(keys["signing"]),
        SealingKeys.from_bytes(keys["sealing"]),
    )
    store = open_store(facts["store"])
    log = Log(identity.card.facts.ledger_origin, LedgerKeys.from_bytes(keys["ledger"]))
    point = ContactPoint(
        store,
        log,
        identity,
        ListGate(),
        clock=SystemClock(),
        chance=SystemChance(),
        effect=effect,
        on_distress=print,
    )
    return point, facts


def issuers(store: Store) -> list[str]:
    return [one.card.facts.tls_issuer for one in store.read(list_peers)]


def send_for_ever(point: ContactPoint, facts: dict[str, Any], link: Link) -> None:
    """Messages to the other node, each named once it is durable; never more than WAITING_MAX before the
    courier: the point is what is under way when the process is killed, not how much has piled up.
    """
    pause, run, ways = threading.Event(), facts["run"], WAYS[facts["run"]]
    for number in count():
        while sum(point.store.read(boxes.backlog).values()) > WAITING_MAX:
            pause.wait(0.01)
        references = [
            f"{run}-{number}-{each}-{SystemChance().token(4)}" for each in range(1 + number % GROUP_MAX)
        ]
        try:
            several = [point.prepare(outgoing(reference=one, **ways)) for one in references]
            point.store.write(partial(point.send_all, several=several))
        except StoreError:
            return
        for reference in references:
            link.send(reference)


def run(home: Path, manner: str, link: Link) -> None:
    """Open the node, say `ready`, go on until the other end says or closes."""
    point, facts = open_point(home)
    tls = server_context(issuers(point.store), home / "tls.pem", home / "tls.key")
    door = Listener(Service(point), host="127.0.0.1", port=facts["port"], tls=tls).start()
    wire = PinnedWire(addresses(point.store), certificate=home / "tls.pem", key=home / "tls.key")
    courier_room.BATCH_MAX = CALL_MAX
    courier = (Careless if manner == "careless" else Courier)(point, wire).start()
    link.send("ready")
    if manner in ("send", "careless"):
        threading.Thread(target=send_for_ever, args=(point, facts, link), daemon=True).start()
    if manner == "drain":
        wait = threading.Event()
        while point.store.read(boxes.backlog):
            wait.wait(0.1)
        link.send("drained")
    with suppress(EOFError):
        link.recv()
    courier.close()
    door.close()
    wire.close()
    point.store.close()
