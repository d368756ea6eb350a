"""A node with many invented messages, written through the real store, tables and ledger.

The newest ones go the whole way (gate, seal, courier, receipt) between two real nodes; the older ones are
written in bulk acts, a ledger entry each, as retention leaves them: sealed bytes and receipts gone. A million
whole ones would be twenty gigabytes and say no more about a page.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from cordiale import payloads
from cordiale.exchange import boxes
from cordiale.exchange import tables as carried
from cordiale.exchange.boxes import IN, OUT, Place
from cordiale.exchange.message import MAIN, Head, Header
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.node import Node, World, exchange, found, open_node, papers, people, reports, tables
from cordiale.node.home import Founding
from cordiale.node.opening import found_in_memory
from cordiale.node.papers import Draft
from cordiale.node.serving import free_ports, service_of
from cordiale.seals import ScryptCost, canonical, digest, new_salt
from cordiale.simulation import Sea
from cordiale.world import MemoryDisk, SeededChance, SystemClock, SystemDisk

SEED = 20261122
PASSPHRASE = "an invented phrase for measuring 5"
PASSWORD = "three green harbour lamps"
CHEAP = ScryptCost(n=1 << 14)
BATCH = 10_000  # messages in one act: ids are digests, so each act touches most pages of every index
YEARS = timedelta(days=400)  # over which the older messages are spread
LIVELY = 300  # of each direction that go the whole way
WORDS = [
    "hulls",
    "engines",
    "vans",
    "dawn",
    "harbour",
    "ferry",
    "pallets",
    "jackets",
    "paddles",
    "depot",
    "cash",
    "rental",
]


@dataclass(slots=True)
class Loaded:
    """A loaded home, ready to be served."""

    home: Path
    pages_port: int
    login: str
    factor_secret: str
    received: list[str]
    sent: list[str]
    count: int
    seconds: float
    database_mb: float


def load(home: Path, count: int) -> Loaded:
    """Found a node in `home`, load `count` messages, close it. Progress goes to standard error."""
    begun, chance = time.monotonic(), SeededChance(SEED)
    sea = Sea(chance)
    clock = SystemClock()
    ports = free_ports(2)
    founding = Founding(
        "UK", ("nca", "border-force"), "ada", "Ada Example (invented)", address=f"127.0.0.1:{ports[1]}",
        more={"pages_port": ports[0], "contact_port": ports[1], "hold_s": 0, "demo": True},
    )  # fmt: skip
    world = World(clock, chance, SystemDisk(), sea)
    found(home, founding, secrets=(PASSPHRASE, PASSWORD), world=world, cost=CHEAP)
    with open_node(home, PASSPHRASE, world=world, environment={}) as node:
        others = [
            _partner(node, sea, clock, side, name) for side, name in (("FR", "oltim"), ("BE", "be-police"))
        ]
        new = people.NewAccount(
            "sam", "Sam Example (invented)", "nca", frozenset({"supervisor", "duty_officer"})
        )
        sam, secret = people.found_account(node, new, PASSWORD)
        older = max(0, count - 2 * LIVELY)
        _older(node, sam.id, others[1].id, older, begun)
        received, sent = _lively(node, others[0], sam, min(LIVELY, count // 2))
        for partner in others:
            partner.close()
    size_mb = (home / "node.db").stat().st_size / 1e6
    return Loaded(home, ports[0], "sam", secret, received, sent, count, time.monotonic() - begun, size_mb)


def _partner(node: Node, sea: Sea, clock: SystemClock, side: str, authority: str) -> Node:
    """Another Side's node in memory; both know each other, and the sea lies between them."""
    world = World(clock, SeededChance(SEED + len(sea.services)), MemoryDisk(), sea)
    founding = Founding(side, (authority,), "admin", "Invented Administrator", more={"hold_s": 0})
    made = found_in_memory(
        Path(f"/{side}"), founding, PASSPHRASE, world=world, register=node.register, cost=CHEAP
    )
    new = people.NewAccount(
        authority, "Invented Officer", authority, frozenset({"duty_officer", "supervisor"})
    )
    people.found_account(made, new, PASSWORD, quick=True)
    for one, other in ((node, made), (made, node)):
        sea.services[one.id] = service_of(one)
        card = exchange.own_card(other)
        exchange.add_peer(one, exchange.card_bytes(card["card"]), words=card["words"], by="Invented Person")
    return made


# ------------------------------------------------------------------------------ the whole way


def report(number: int, owner: str) -> Draft:
    """An invented report about a method; no person is in it."""
    kind = payloads.TYPES["intelligence_report"]
    answers = {
        "case_reference": f"INVENTED-2026-{number}",
        "title": f"{_words(number)} (invented)",
        "methods": f"{_words(number + 1)} seen before dawn, invented report {number}",
    }
    asks = {
        "act": "share", "mode": "spontaneous", "urgent": "no", "purpose": "investigate",
        "regime": "crime", "targeting": "individual", "case": f"INVENTED-2026-{number}",
        "offence": {"max_years": 10, "stage": "investigated"}, "facts": {"judicial_channel_required": False},
        "item": {
            "origin": {"systems": ["national_police"], "obtained": "lawfully", "regime": "crime",
                       "collected_for": "investigate", "owner": owner},
            "handling": {"code": "H0", "classification": "OFFICIAL"},
            "grade": {"scheme": "4x4", "source": "A", "information": "1"},
        },
    }  # fmt: skip
    return Draft(kind.id, payloads.encode(payloads.fill(kind.models["report"], answers)), asks)


def _words(number: int) -> str:
    return " ".join(WORDS[(number * step + step) % len(WORDS)] for step in (1, 3, 5))


def _lively(node: Node, partner: Node, sam: people.Officer, count: int) -> tuple[list[str], list[str]]:
    """`count` messages each way between two real nodes; the references of what came and what went."""
    theirs = people.officer(partner, "oltim")
    for number in range(count):
        for one, who, owner, to in (
            (partner, theirs, "FR/oltim", "UK/nca"),
            (node, sam, "UK/nca", "FR/oltim"),
        ):
            reports.send(one, who, replace(report(number, owner), recipients=(to,)))
        if number % 50 == 49 or number == count - 1:
            for one in (partner, node):
                one.courier.round()
            _say(f"{2 * (number + 1):,} of {2 * count:,} whole ones, through gate, seal and receipt")
    came = [line.reference for line in reports.inbox(node, sam, limit=200) if line.other == "FR/oltim"]
    went = [line.reference for line in reports.outbox(node, sam, limit=200) if line.other == "FR/oltim"]
    if min(len(came), len(went)) < min(count, 200):
        raise RuntimeError("the messages of the measurement did not all arrive")
    return came, went


# ------------------------------------------------------------------------------ in bulk


@dataclass(slots=True)
class _Chain:
    """Where the bulk lanes stand."""

    out: Place
    came: Place


def _older(node: Node, officer: str, peer: str, count: int, begun: float) -> None:
    """Messages of the last year and a bit, half in, half out, in acts of BATCH, newest last."""
    now = node.world.clock.now()
    body = canonical(papers.plain(report(0, "UK/nca").as_json()))
    chain = node.store.read(
        lambda tx: _Chain(boxes.place(tx, peer, MAIN, OUT), boxes.place(tx, peer, MAIN, IN))
    )
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        moments = [now - YEARS + YEARS * ((n + 1) / (count + 2)) for n in numbers]
        batch = _Batch(node, officer, peer, chain, body)
        node.store.write(lambda tx, b=batch, n=numbers, m=moments: b.write(tx, n, m))
        if start // BATCH % 10 == 9 or numbers.stop == count:
            _say(f"{numbers.stop:,} of {count:,} older ones in {time.monotonic() - begun:,.0f} s")


@dataclass(slots=True)
class _Batch:
    """One bulk act: rows for the rooms' own tables, entries for the ledger."""

    node: Node
    officer: str
    peer: str
    chain: _Chain
    body: bytes

    def write(self, tx: Connection, numbers: Sequence[int], moments: Sequence[datetime]) -> None:
        """Entries first, so that each row can name its own."""
        made = list(self._messages(numbers, moments))
        places = self.node.log.append_all(tx, [one["entry"] for one in made])
        for place, one in zip(places, made, strict=True):
            one["place"] = place
        went = [one for one in made if one["direction"] == OUT]
        came = [one for one in made if one["direction"] == IN]
        if went:
            tx.execute(insert(carried.outbox), [self._outbox(one) for one in went])
            tx.execute(insert(carried.copy), [self._copy(one) for one in went])
            tx.execute(
                insert(tables.salts), [{"reference": one["reference"], "salt": one["salt"]} for one in went]
            )
            tx.execute(insert(tables.judgements), [self._judgement(one) for one in went])
            boxes.advance(tx, self.peer, MAIN, OUT, to=self.chain.out)
        if came:
            tx.execute(insert(carried.inbox), [self._inbox(one) for one in came])
            boxes.advance(tx, self.peer, MAIN, IN, to=self.chain.came)
        tx.execute(insert(tables.papers), [self._paper(one) for one in made])
        self.node.log.checkpoint(tx, moments[-1])

    def _messages(self, numbers: Sequence[int], moments: Sequence[datetime]) -> Iterator[dict[str, Any]]:
        for number, at in zip(numbers, moments, strict=True):
            out = number % 2 == 1
            before = self.chain.out if out else self.chain.came
            sender, recipient = (self.node.id, self.peer) if out else (self.peer, self.node.id)
            reference, content = digest(number.to_bytes(8))[7:31], digest(number.to_bytes(9))
            header = Header(
                sender=sender, recipient=recipient, reference=reference, lane=MAIN, bucket=4096,
                digest=content, card=self.node.keys.card.digest(), sequence=before.sequence + 1,
                previous=before.last, head=Head(number, content[7:]),
            ).to_bytes()  # fmt: skip
            place = Place(before.sequence + 1, digest(header))
            if out:
                self.chain.out = place
            else:
                self.chain.came = place
            yield {
                "number": number, "at": at, "direction": OUT if out else IN, "reference": reference,
                "message": place.last, "sequence": place.sequence, "header": header, "content": content,
                "entry": self._entry(out, at, place, content, reference), "salt": new_salt() if out else b"",
            }  # fmt: skip

    def _entry(self, out: bool, at: datetime, place: Place, content: str, reference: str) -> Entry:
        facts: dict[str, Any] = {
            "message": place.last, "content": content, "peer": self.peer, "verdict": "permit",
            "decision": content, "agreement": "eu-uk-tca-563-operational", "type": "intelligence_report",
        }  # fmt: skip
        if not out:
            more = {"sequence": place.sequence, "lane": MAIN, "outcome": "accepted"}
            return Entry(Kind.RECEIVED, at, facts | more)
        facts |= {"reference": reference, "purpose": "investigate", "officer": self.officer}
        return Entry(Kind.SENT, at, facts, {"question": Commitment.to("question", "invented")})

    def _outbox(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": one["message"], "peer": self.peer, "lane": MAIN, "sequence": one["sequence"],
            "reference": one["reference"], "recipient": "BE/be-police", "type": "intelligence_report",
            "kind": "notice", "about": "", "header": one["header"], "sealed": b"", "signature": {},
            "decision": one["place"], "state": boxes.DELIVERED, "attempts": 0, "fault": "",
            "due_at": one["at"],
            "receipt": b"", "posted_at": one["at"], "closed_at": one["at"],
        }  # fmt: skip

    def _inbox(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": one["message"], "peer": self.peer, "lane": MAIN, "sequence": one["sequence"],
            "reference": one["reference"], "sender": "BE/be-police", "recipient": "UK/nca",
            "type": "intelligence_report", "kind": "notice", "about": "", "raw": b"",
            "outcome": boxes.ACCEPTED, "defects": [],
            "reason": {"told": "", "says": "", "article": "TCA-563"},
            "restrictions": {}, "erase_by": one["at"],
            "received_under": "eu-uk-tca-563-operational/TCA-563-1",
            "entry": one["place"], "receipt": b"", "received_at": one["at"], "erased_at": one["at"],
        }  # fmt: skip

    def _paper(self, one: dict[str, Any]) -> dict[str, Any]:
        out = one["direction"] == OUT
        locked = (
            self.node.vault.lock_record(self.body, f"paper/{one['reference']}", one["salt"]) if out else None
        )
        return {
            "reference": one["reference"], "direction": one["direction"],
            "state": "sent" if out else "received",
            "other": "BE/be-police", "type": "intelligence_report", "message_id": one["message"],
            "thread": one["reference"], "officer": self.officer if out else "", "verdict": "permit",
            "article": "TCA Art. 563", "handling": "H0", "urgent": False, "at": one["at"], "due_at": None,
            "erase_by": one["at"] + 3 * YEARS, "body": locked,
        }  # fmt: skip

    def _copy(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "message": one["message"], "holder": "BE/be-police", "via": "", "node": self.peer,
            "original": one["message"], "sent_at": one["at"],
        }  # fmt: skip

    def _judgement(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "at": one["at"], "officer": self.officer, "reference": one["reference"],
            "thread": one["reference"], "content": one["content"][7:], "verdict": "permit",
            "recipient": "BE/be-police",
            "article": "TCA Art. 563", "step": "", "stated": {"purpose": one["content"][7:]}, "changed": [],
            "ledger_index": one["place"],
        }  # fmt: skip


def _say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)
