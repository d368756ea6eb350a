"""Two real nodes over loopback TLS, killed again and again in the middle: is anything lost or doubled?

Negative control: with a courier that believes without a receipt the same check must find losses.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cordiale.exchange import boxes
from cordiale.exchange.peers import add_peer
from cordiale.ledger import Kind, Log, audit
from cordiale.seals import LedgerKeys, NodeCard, SealingKeys, SigningKeys, fingerprint
from cordiale.store import metadata, open_store
from tests.crash.node_process import took
from tests.exchange.certificates import tls
from tests.exchange.partners import issue_card

ROOT = Path(__file__).parents[2]
START_WAIT_S = 60.0
ENDED = 20.0


@dataclass
class Killable:
    """One node that is started, killed and started again; `acked` is all that it ever printed."""

    home: Path
    process: subprocess.Popen[str] | None = None
    acked: list[str] = field(default_factory=list)
    readers: list[Thread] = field(default_factory=list)

    def start(self, manner: str) -> Killable:
        command = [sys.executable, "-m", "tests.crash.node_process", str(self.home), manner]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"
        reader = Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        reader.start()
        self.readers.append(reader)
        return self

    def _read(self, lines: Any) -> None:
        for line in lines:
            if line.endswith("\n"):
                self.acked.append(line.strip())

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._tidy()

    def end(self) -> None:
        assert self.process is not None and self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(ENDED)
        self._tidy()

    def _tidy(self) -> None:
        assert self.process is not None and self.process.stdout is not None and self.process.stdin is not None
        for reader in self.readers:
            reader.join()
        self.readers.clear()
        self.process.stdout.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process = None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def founded(folder: Path) -> tuple[Killable, Killable]:
    """Two nodes with keys, cards, databases, each the other's peer."""
    made = {}
    for name, side, authority in (("uk-calais", "UK", "border-force"), ("fr-lille", "FR", "paf")):
        home = folder / name
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
        facts |= {"card": card.to_bytes().hex(), "port": port, "run": name}  # type: ignore[dict-item]
        (home / "facts.json").write_text(json.dumps(facts))
        made[name] = (home, card, side_keys.public())
    for name, other in (("uk-calais", "fr-lille"), ("fr-lille", "uk-calais")):
        _, card, key = made[other]
        with open_store(f"sqlite:///{made[name][0] / 'node.db'}") as store:
            store.write(metadata.create_all)
            at = datetime.now(UTC)
            store.write(
                lambda tx, c=card, k=key, t=at: add_peer(tx, c, k, words=fingerprint(k), by="x", at=t)
            )
    return Killable(made["uk-calais"][0]), Killable(made["fr-lille"][0])


def found_wrong(uk: Killable, fr: Killable) -> list[str]:
    """Everything that was lost, doubled or is not in both ledgers; empty when all is well."""
    wrong: list[str] = []
    with (
        open_store(f"sqlite:///{uk.home / 'node.db'}") as ours,
        open_store(f"sqlite:///{fr.home / 'node.db'}") as theirs,
    ):
        effects = Counter(theirs.read(lambda tx: [row.reference for row in tx.execute(took.select())]))
        rows = ours.read(lambda tx: tx.execute(boxes.tables.outbox.select()).all())
        sent = {row.reference: row for row in rows}
        acked = {one for one in uk.acked if one.startswith("uk-calais-")}
        wrong += [f"acknowledged and lost here: {one}" for one in acked - set(sent)]
        wrong += [f"never took effect there: {one}" for one in set(sent) - set(effects)]
        wrong += [f"took effect {n} times: {one}" for one, n in effects.items() if n != 1]
        wrong += [f"took effect without having been sent: {one}" for one in set(effects) - set(sent)]
        wrong += [f"not delivered: {row.reference}" for row in rows if row.state != boxes.DELIVERED]
        wrong += _ledgers(ours, theirs, uk, fr, rows)
    return wrong


def _ledgers(ours: Any, theirs: Any, uk: Killable, fr: Killable, rows: Any) -> list[str]:
    wrong: list[str] = []
    logs = []
    for one, store in ((uk, ours), (fr, theirs)):
        facts = json.loads((one.home / "facts.json").read_text())
        card = NodeCard.from_bytes(bytes.fromhex(facts["card"]))
        log = Log(card.facts.ledger_origin, LedgerKeys.from_bytes(bytes.fromhex(facts["ledger"])))
        wrong += [
            f"{one.home.name}: {finding}" for finding in store.read(lambda tx, g=log: list(audit(tx, g)))
        ]
        logs.append(log)
    received = {
        logged.entry.facts["message"]: logged.index
        for start in range(0, 100_000, 1000)
        for logged in theirs.read(lambda tx, s=start: list(logs[1].entries(tx, start=s, kind=Kind.RECEIVED)))
    }
    for row in rows:
        receipts = ours.read(lambda tx, m=row.id: list(logs[0].entries(tx, message=m, kind=Kind.RECEIPT)))
        places = {logged.entry.facts["peer_index"] for logged in receipts}
        if places != {received.get(row.id)}:
            wrong.append(
                f"the ledgers do not agree about {row.reference}: {places} and {received.get(row.id)}"
            )
    return wrong


def killed_over_and_over(tmp_path: Path, *, kills: int, manner: str, seed: int) -> tuple[Killable, Killable]:
    """Kill one or the other at random moments, then let everything that waits go."""
    draw = random.Random(seed)
    uk, fr = founded(tmp_path)
    fr.start("take")
    uk.start(manner)
    for _ in range(kills):
        time.sleep(draw.uniform(0.05, 0.5))
        victim, how = draw.choice([(uk, manner), (fr, "take")])
        victim.kill()
        time.sleep(draw.uniform(0.0, 0.2))
        victim.start(how)
    time.sleep(0.3)
    uk.kill()
    uk.start("drain")
    until = time.monotonic() + START_WAIT_S
    while "drained" not in uk.acked and time.monotonic() < until:
        time.sleep(0.1)
    uk.end()
    fr.end()
    return uk, fr


def test_killed_again_and_again_nothing_is_lost_nothing_doubled(tmp_path: Path) -> None:
    uk, fr = killed_over_and_over(tmp_path, kills=4, manner="send", seed=20261122)
    assert len([one for one in uk.acked if one.startswith("uk-")]) > 20, "the run must have moved something"
    assert found_wrong(uk, fr) == []


def test_the_same_check_finds_the_losses_of_a_careless_courier(tmp_path: Path) -> None:
    uk, fr = founded(tmp_path)
    fr.start("take")
    fr.kill()
    uk.start("careless")
    time.sleep(1.0)
    uk.kill()
    wrong = found_wrong(uk, fr)
    assert any("never took effect" in one for one in wrong)
    assert any("ledgers do not agree" in one for one in wrong)


@pytest.mark.long
def test_killed_a_hundred_times_nothing_is_lost_nothing_doubled(tmp_path: Path) -> None:
    uk, fr = killed_over_and_over(tmp_path, kills=100, manner="send", seed=1)
    assert found_wrong(uk, fr) == []
