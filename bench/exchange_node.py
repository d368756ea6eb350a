"""One node of the exchange measurement as a process of its own: `python -m bench.exchange_node HOME MANNER`.

MANNER `take` listens, `send` sends too, until its input closes. Each line of input is answered by one line of
JSON: "closed THREADS SECONDS" and "batch SECONDS" measure a round, "cpu" tells the processor time until now.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.exchange.reports import shipped, under_563

import cordiale.exchange.tables
import cordiale.ledger.tables  # noqa: F401 -- its tables must be known before they are made
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.courier import Courier
from cordiale.exchange.listener import Listener, server_context
from cordiale.exchange.peers import addresses, list_peers
from cordiale.exchange.service import Service
from cordiale.exchange.stages import Identity, Received
from cordiale.exchange.wire import PinnedWire
from cordiale.ledger import Log
from cordiale.seals import LedgerKeys, NodeCard, SealingKeys, SigningKeys
from cordiale.store import open_store
from cordiale.world import SystemChance, SystemClock

ANSWER_WAIT_S = 30.0
GROUP = 128  # messages that an officer's programme posts in one act
AHEAD = 6  # groups that it lets wait for their receipts: without an end, what decides starves what carries


@dataclass
class Telling(Courier):
    """A courier that tells when a receipt has closed a row durably."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    open: set[str] = field(default_factory=set)

    def _settled(self, rows: Sequence[Any], replies: Sequence[bytes]) -> int:
        closed = super()._settled(rows, replies)  # what this closed is on our disk when it returns
        with self.changed:
            self.open -= {row.id for row in rows} if closed == len(rows) else set()
            self.changed.notify_all()
        return closed

    def wait_for(self, message: str) -> None:
        """Until a receipt for it is on our disk. It may have come before anybody waited."""
        with self.changed:
            if not self.changed.wait_for(lambda: message not in self.open, ANSWER_WAIT_S):
                raise TimeoutError(f"no receipt for {message}")


def opened(home: Path) -> tuple[ContactPoint, dict[str, Any]]:
    """The node whose keys, card and database lie in `home`, with the shipped agreements."""
    facts = json.loads((home / "facts.json").read_text())
    keys = {name: bytes.fromhex(facts[name]) for name in ("signing", "sealing", "ledger", "card")}
    identity = Identity(
        NodeCard.from_bytes(keys["card"]),
        SigningKeys.from_bytes(keys["signing"]),
        SealingKeys.from_bytes(keys["sealing"]),
    )
    store = open_store(f"sqlite:///{home / 'node.db'}")
    log = Log(identity.card.facts.ledger_origin, LedgerKeys.from_bytes(keys["ledger"]))

    def effect(tx: Any, received: Received) -> None:
        del tx, received

    clock, chance = SystemClock(), SystemChance()
    return ContactPoint(
        store, log, identity, shipped(), clock=clock, chance=chance, effect=effect, on_distress=print
    ), facts


def one(point: ContactPoint, courier: Telling) -> float:
    """Send one report; seconds until its signed receipt is on our disk."""
    begun = time.perf_counter()
    prepared = point.prepare(under_563())

    def act(tx: Any) -> str:
        message = point.send(tx, prepared).message
        courier.open.add(message)
        return message

    courier.wait_for(point.store.write(act))
    return time.perf_counter() - begun


def closed(point: ContactPoint, courier: Telling, threads: int, seconds: float) -> dict[str, float]:
    """`threads` officers, each of whom sends the next report when the receipt of the last has come."""
    taken: list[float] = []
    until = time.perf_counter() + seconds

    def officer() -> None:
        while time.perf_counter() < until:
            taken.append(one(point, courier))

    begun = time.perf_counter()
    crew = [threading.Thread(target=officer) for _ in range(threads)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    return told(taken, time.perf_counter() - begun)


def batch(point: ContactPoint, courier: Telling, seconds: float) -> dict[str, float]:
    """Reports decided and sealed one after another and posted in groups for `seconds`, never more than AHEAD
    groups before the receipts; until the last of them is receipted on our disk, from the first decision on.
    """
    begun = time.perf_counter()
    answers: list[Future[list[str]]] = []
    while time.perf_counter() - begun < seconds:
        for message in answers[-AHEAD].result() if len(answers) >= AHEAD else ():
            courier.wait_for(message)
        ready = [point.prepare(under_563()) for _ in range(GROUP)]
        answers += point.store.submit([posting(point, courier, ready)])
    messages = [message for answer in answers for message in answer.result()]
    for message in messages:
        courier.wait_for(message)
    return told([], time.perf_counter() - begun, len(messages))


def posting(point: ContactPoint, courier: Telling, ready: Sequence[Any]) -> Callable[[Any], list[str]]:
    """The act that posts a group, each message with its own decision and ledger entry."""

    def act(tx: Any) -> list[str]:
        messages = [sent.message for sent in point.send_all(tx, ready)]
        courier.open |= set(messages)
        return messages

    return act


def told(taken: Sequence[float], elapsed_s: float, count: int = 0) -> dict[str, float]:
    ordered = sorted(taken)
    count = count or len(ordered)
    out = {"per_s": count / elapsed_s, "count": float(count)}
    if ordered:
        out |= {
            "p50_ms": ordered[count // 2] * 1000,
            "p99_ms": ordered[min(count - 1, count * 99 // 100)] * 1000,
        }
    return out


def main() -> None:
    home, manner = Path(sys.argv[1]), sys.argv[2]
    point, facts = opened(home)
    issuers = [each.card.facts.tls_issuer for each in point.store.read(list_peers)]
    tls = server_context(issuers, home / "tls.pem", home / "tls.key")
    door = Listener(Service(point), host="127.0.0.1", port=facts["port"], tls=tls).start()
    wire = PinnedWire(addresses(point.store), certificate=home / "tls.pem", key=home / "tls.key")
    courier = Telling(point, wire)
    if manner == "send":
        courier.start()
    gc.collect()
    gc.freeze()  # as a served node does (node/serving.py)
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "closed":
            print(json.dumps(closed(point, courier, int(words[1]), float(words[2]))), flush=True)
        elif words[0] == "batch":
            print(json.dumps(batch(point, courier, float(words[1]))), flush=True)
        elif words[0] == "cpu":
            print(json.dumps({"cpu_s": time.process_time()}), flush=True)
    courier.close()
    door.close()
    wire.close()
    point.store.close()


if __name__ == "__main__":
    main()
