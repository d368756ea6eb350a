"""Two real nodes over loopback TLS, both sending, killed again and again in the middle: is anything lost or
doubled, and does anything arrive between two kills?

Negative control: with a courier that believes without a receipt the same check must find losses. Each node is
a process; the processes come from a fork server that has the modules, so that a restart costs no import.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Link
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cordiale.exchange import boxes, tables
from cordiale.exchange.closing import covered
from cordiale.exchange.peers import add_peer
from cordiale.ledger import Kind, Log, audit
from cordiale.seals import LedgerKeys, NodeCard, SealingKeys, SigningKeys, fingerprint
from cordiale.store import metadata, open_store
from tests.crash.node_process import OWN, run, took
from tests.exchange.certificates import tls
from tests.exchange.partners import issue_card
from tests.store.databases import Fresh

READY_WAIT_S = 30.0
DRAIN_WAIT_S = 120.0
END_WAIT_S = 20.0
LIFE_S = (0.4, 2.0)  # how long a node lives between two kills
DEAD_S = (0.0, 0.3)  # and how long it stays dead
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["__main__", "tests.crash.node_process"])


@dataclass
class Killable:
    """One node that is started, killed and started again; `said` is all that it ever said."""

    home: Path
    store: str
    process: Any = None
    link: Link | None = None
    said: list[str] = field(default_factory=list)
    reader: Thread | None = None

    def start(self, manner: str) -> Killable:
        self.link, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=run, args=(self.home, manner, theirs), daemon=True)
        self.process.start()
        theirs.close()
        assert self.link.poll(READY_WAIT_S) and self.link.recv() == "ready"
        self.reader = Thread(target=self._read, args=(self.link,), daemon=True)
        self.reader.start()
        return self

    def _read(self, link: Link) -> None:
        with suppress(EOFError, OSError):  # killed: half a word is no word
            while True:
                self.said.append(link.recv())

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self._tidy()

    def end(self) -> None:
        assert self.link is not None
        self.link.send("end")
        self.process.join(END_WAIT_S)
        assert self.process.exitcode == 0
        self._tidy()

    def _tidy(self) -> None:
        assert self.reader is not None and self.link is not None
        self.process.join()
        self.reader.join()
        self.link.close()

    @property
    def acknowledged(self) -> set[str]:
        return {one for one in self.said if one.startswith(self.home.name)}

    @property
    def delivered(self) -> int:
        """How many of its messages have a receipt in its database, read from beside."""
        query = "SELECT count(*) FROM exchange_outbox WHERE state = 'delivered' AND receipt IS NOT NULL"
        with open_store(self.store) as beside:
            return int(beside.read(lambda tx: tx.exec_driver_sql(query).scalar_one()))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def founded(folder: Path, fresh: Fresh) -> tuple[Killable, Killable]:
    """Two nodes with keys, cards, databases, each the other's peer."""
    made = {}
    for name, side, authority in (("uk-calais", "UK", "border-force"), ("fr-lille", "FR", "paf")):
        home, store = folder / name, fresh(name)
        home.mkdir()
        walls, port = tls(home, "tls"), free_port()
        side_keys = SigningKeys.generate()
        keys = (SigningKeys.generate(), SealingKeys.generate(), LedgerKeys.generate())
        card = issue_card(
            name,
            side,
            (authority,),
            side_keys=side_keys,
            keys=keys,
            address=f"127.0.0.1:{port}",
            tls_issuer=walls.issuer,
            days=40_000,
        )
        named = zip(("signing", "sealing", "ledger"), keys, strict=True)
        facts = {one: key.to_bytes().hex() for one, key in named}
        facts |= {"card": card.to_bytes().hex(), "port": port, "run": name, "store": store}  # type: ignore[dict-item]
        (home / "facts.json").write_text(json.dumps(facts))
        made[name] = (home, card, side_keys.public(), store)
    for name, other in (("uk-calais", "fr-lille"), ("fr-lille", "uk-calais")):
        _, card, key, _ = made[other]
        with open_store(made[name][3]) as opened:
            opened.write(metadata.create_all)
            opened.write(OWN.create_all)
            at = datetime.now(UTC)
            opened.write(
                lambda tx, c=card, k=key, t=at: add_peer(tx, c, k, words=fingerprint(k), by="x", at=t)
            )
    uk, fr = made["uk-calais"], made["fr-lille"]
    return Killable(uk[0], uk[3]), Killable(fr[0], fr[3])


@dataclass
class Held:
    """What lies on one node's disk after the run."""

    name: str
    acknowledged: set[str]
    effects: Counter[str]
    rows: list[Any]
    taken: list[tuple[int, str]]
    received: dict[str, int]
    receipts: dict[str, set[int]]
    findings: list[str]


def held_by(node: Killable) -> Held:
    facts = json.loads((node.home / "facts.json").read_text())
    card = NodeCard.from_bytes(bytes.fromhex(facts["card"]))
    log = Log(card.facts.ledger_origin, LedgerKeys.from_bytes(bytes.fromhex(facts["ledger"])))
    with open_store(node.store) as store:
        return store.read(lambda tx: _held(tx, node, log))


def _held(tx: Any, node: Killable, log: Log) -> Held:
    rows = tx.execute(tables.outbox.select().order_by(tables.outbox.c.sequence)).all()
    inbox = tx.execute(tables.inbox.select().order_by(tables.inbox.c.sequence)).all()
    findings = [str(one) for one in audit(tx, log)]
    findings += [f"no decision covers {row.reference}" for row in rows if not covered(tx, log, row)]
    received: dict[str, int] = {}
    receipts: dict[str, set[int]] = {}
    for start in range(0, log.head(tx).size, 1000):
        for one in log.entries(tx, start=start, count=1000):
            message = str(one.entry.facts.get("message"))
            if one.entry.kind is Kind.RECEIVED:
                received[message] = one.index
            elif one.entry.kind is Kind.RECEIPT:
                receipts.setdefault(message, set()).add(int(str(one.entry.facts["peer_index"])))
    effects = Counter(row.reference for row in tx.execute(took.select()))
    taken = [(row.sequence, row.id) for row in inbox]
    name, said = node.home.name, node.acknowledged
    return Held(name, said, effects, list(rows), taken, received, receipts, findings)


def found_wrong(uk: Killable, fr: Killable) -> list[str]:
    """Everything that was lost, doubled, out of order or not in both ledgers; empty when all is well."""
    one, other = held_by(uk), held_by(fr)
    wrong = [f"{held.name}: {finding}" for held in (one, other) for finding in held.findings]
    return wrong + _one_way(one, other) + _one_way(other, one)


def _one_way(ours: Held, theirs: Held) -> list[str]:
    sent = {row.reference for row in ours.rows}
    effects = Counter({name: n for name, n in theirs.effects.items() if name.startswith(ours.name)})
    wrong = [f"acknowledged and lost here: {one}" for one in ours.acknowledged - sent]
    wrong += [f"never took effect there: {one}" for one in sent - set(effects)]
    wrong += [f"took effect {n} times: {one}" for one, n in effects.items() if n != 1]
    wrong += [f"took effect without having been sent: {one}" for one in set(effects) - sent]
    wrong += [f"not delivered: {row.reference}" for row in ours.rows if row.state != boxes.DELIVERED]
    places = list(range(1, len(ours.rows) + 1))
    if [row.sequence for row in ours.rows] != places:
        wrong.append(f"{ours.name}: its sequence has a gap")
    if theirs.taken != [(row.sequence, row.id) for row in ours.rows]:
        wrong.append(f"{theirs.name}: what came is not what was sent, in that order")
    for row in ours.rows:
        if ours.receipts.get(row.id) != {theirs.received.get(row.id)}:
            wrong.append(f"the ledgers do not agree about {row.reference}")
    return wrong


@dataclass
class Run:
    """One run: the two nodes, whom each kill hit, and how many receipts came before it since the last."""

    uk: Killable
    fr: Killable
    victims: Counter[str] = field(default_factory=Counter)
    between: list[int] = field(default_factory=list)

    def delivered(self) -> int:
        return self.uk.delivered + self.fr.delivered

    def says(self) -> str:
        acknowledged = len(self.uk.acknowledged) + len(self.fr.acknowledged)
        between = f"receipts between two kills {self.between}, {self.delivered()} in all"
        return f"{dict(self.victims)} kills, {acknowledged} acknowledged, {between}"


def killed_over_and_over(tmp_path: Path, fresh: Fresh, *, kills: int, seed: int) -> Run:
    """Kill one or the other at random moments while both send, then let everything that waits go."""
    draw = random.Random(seed)
    run = Run(*founded(tmp_path, fresh))
    run.fr.start("send")
    run.uk.start("send")
    before = 0
    for _ in range(kills):
        time.sleep(draw.uniform(*LIFE_S))
        victim = draw.choice([run.uk, run.fr])
        victim.kill()
        now = run.delivered()
        run.between.append(now - before)
        run.victims[victim.home.name] += 1
        before = now
        time.sleep(draw.uniform(*DEAD_S))
        victim.start("send")
    for node in (run.uk, run.fr):
        node.kill()
        node.start("drain")
    until = time.monotonic() + DRAIN_WAIT_S
    while not all("drained" in one.said for one in (run.uk, run.fr)) and time.monotonic() < until:
        time.sleep(0.05)
    run.uk.end()
    run.fr.end()
    print(run.says())
    return run


def hold(run: Run, *, kills: int) -> None:
    """Something moved all the while, both were hit, and nothing is wrong."""
    assert sum(run.between) >= kills, f"not one receipt between two kills: {run.says()}"
    assert sum(1 for one in run.between if one) * 4 >= kills, f"it stood still: {run.says()}"
    assert min(run.victims["uk-calais"], run.victims["fr-lille"]) * 4 >= kills
    assert run.uk.delivered >= 50 and run.fr.delivered >= 50, run.says()
    assert found_wrong(run.uk, run.fr) == []


def test_killed_again_and_again_nothing_is_lost_nothing_doubled(tmp_path: Path, fresh: Fresh) -> None:
    hold(killed_over_and_over(tmp_path, fresh, kills=12, seed=20261122), kills=12)


def test_the_same_check_finds_the_losses_of_a_careless_courier(tmp_path: Path, fresh: Fresh) -> None:
    uk, fr = founded(tmp_path, fresh)
    fr.start("take")
    fr.kill()
    uk.start("careless")
    time.sleep(1.0)
    uk.kill()
    wrong = found_wrong(uk, fr)
    assert any("never took effect" in one for one in wrong)
    assert any("ledgers do not agree" in one for one in wrong)


@pytest.mark.long
def test_killed_a_hundred_times_nothing_is_lost_nothing_doubled(tmp_path: Path, fresh: Fresh) -> None:
    hold(killed_over_and_over(tmp_path, fresh, kills=100, seed=1), kills=100)
