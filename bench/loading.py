"""A node with many invented messages, written through the real store, tables, ledger and search index.

The newest ones go the whole way (gate, seal, courier, receipt) between two real nodes; the older ones are
written in bulk acts, a ledger entry, a task and a place in the search index each, as retention leaves them:
sealed bytes and receipts gone, bodies locked as always. A million whole ones would be twenty gigabytes.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.schema import CreateIndex, DropIndex

from cordiale import payloads
from cordiale.exchange import boxes
from cordiale.exchange import tables as carried
from cordiale.exchange.boxes import IN, OUT, Place
from cordiale.exchange.message import MAIN, Head, Header
from cordiale.ledger import Commitment, Entry, Kind
from cordiale.ledger.tables import entries
from cordiale.node import (
    Node,
    World,
    exchange,
    finding,
    found,
    looking,
    open_node,
    papers,
    people,
    reports,
    tables,
)
from cordiale.node.home import Founding
from cordiale.node.opening import found_in_memory
from cordiale.node.papers import Draft
from cordiale.node.serving import free_ports, service_of
from cordiale.reports.tables import stamp, tasks
from cordiale.seals import ScryptCost, canonical, digest, new_salt
from cordiale.simulation import Sea
from cordiale.store import search as index
from cordiale.store.migrations import differences
from cordiale.world import MemoryDisk, SeededChance, SystemClock, SystemDisk

SEED = 20261122
PASSPHRASE = "an invented phrase for measuring 5"
PASSWORD = "three green harbour lamps"
CHEAP = ScryptCost(n=1 << 14)
ACT = 50_000  # messages in one act: ids are digests, so each act touches most pages of every index
BATCH = 5_000  # of them in memory at once
CACHE_KB = 600_000  # of SQLite, while loading
OPEN_TASKS = 2_000  # of the newest that nobody has read yet
KEPT = 0.3  # of what went out, the newest, that still has its body
COMMON, MIDDLE = 3, 7  # words of each message: of the twelve, and of five hundred; its number is its own
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


READERS = (
    ("sam", "nca", frozenset({"supervisor", "duty_officer"})),
    ("kim", "nca", frozenset({"officer"})),
    ("lou", "border-force", frozenset({"officer"})),
)
"""Who looks: one who oversees the node, one whose messages nearly all are, one who has few of them."""
FEW = 1_000  # one in so many messages is border-force's


@dataclass(slots=True)
class Loaded:
    """A loaded home, ready to be served. `secrets`: login -> second factor."""

    home: Path
    pages_port: int
    secrets: dict[str, str]
    received: list[str]
    sent: list[str]
    count: int
    seconds: float
    database_mb: float

    def as_json(self) -> dict[str, Any]:
        """What the next run needs to know."""
        return {name: value for name, value in asdict(self).items() if name != "home"}

    @classmethod
    def from_json(cls, fields: dict[str, Any], home: Path) -> Loaded:
        return cls(home=home, **fields)


def load(home: Path, count: int) -> Loaded:
    """The node in `home` with `count` messages: found, loaded and closed, or as an earlier run left it."""
    left = home.with_name("loaded.json")
    if left.is_file() and home.is_dir():
        kept = Loaded.from_json(json.loads(left.read_text(encoding="utf-8")), home)
        if kept.count == count:
            return kept
        raise RuntimeError(f"`{home}` holds {kept.count} messages, not {count}")
    made = _load(home, count)
    left.write_text(json.dumps(made.as_json()), encoding="utf-8")
    return made


def _load(home: Path, count: int) -> Loaded:
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
        people_ = [_person(node, *one) for one in READERS]
        _older(node, people_[0][0].id, others[1].id, max(0, count - 2 * LIVELY), begun)
        received, sent = _lively(node, others[0], people_[0][0], min(LIVELY, count // 2))
        looking.look_on(node)
        for partner in others:
            partner.close()
    size_mb = (home / "node.db").stat().st_size / 1e6
    secrets = {officer.login: secret for officer, secret in people_}
    return Loaded(home, ports[0], secrets, received, sent, count, time.monotonic() - begun, size_mb)


def _person(node: Node, login: str, authority: str, roles: frozenset[str]) -> tuple[people.Officer, str]:
    new = people.NewAccount(login, f"{login.title()} Example (invented)", authority, roles)
    return people.found_account(node, new, PASSWORD)


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
    """Messages of the last year and a bit, half in, half out, in acts of ACT, newest last.

    The indexes that can be made anew are made when all rows are there, as one loads a database.
    """
    chain = node.store.read(
        lambda tx: _Chain(boxes.place(tx, peer, MAIN, OUT), boxes.place(tx, peer, MAIN, IN))
    )
    bulk = _Bulk(node, officer, peer, chain, count)
    indexes = [one for table in FILLED for one in table.indexes]
    node.store.write(lambda tx: [tx.execute(DropIndex(one)) for one in indexes])
    gc.disable()  # a million rows are no rubbish: looking through them would take a third of the time
    for start in range(0, count, ACT):
        act = range(start, min(start + ACT, count))
        node.store.write(partial(bulk.write, numbers=act))
        _say(f"{act.stop:,} of {count:,} older ones in {time.monotonic() - begun:,.0f} s")
    gc.enable()
    for one in indexes:
        node.store.write(lambda tx, made=one: tx.execute(CreateIndex(made)))
    _say(f"{len(indexes)} indexes made in {time.monotonic() - begun:,.0f} s")
    if wrong := node.store.read(differences):
        raise RuntimeError(f"the loaded database is not the migrated one: {wrong}")


FILLED = (
    carried.outbox,
    carried.inbox,
    carried.copy,
    tables.papers,
    tables.salts,
    tables.judgements,
    entries,
    tasks,
)
"""What the bulk acts write, beside the search index."""


@dataclass(slots=True)
class _Bulk:
    """The bulk acts: rows for the rooms' own tables, entries for the ledger, marks for the search."""

    node: Node
    officer: str
    peer: str
    chain: _Chain
    count: int
    card: str = field(init=False)
    body: bytes = field(init=False)
    began: datetime = field(init=False)
    marks: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.card = self.node.keys.card.digest()
        held = replace(report(0, "UK/nca"), typed={"title": FILL})
        self.body = canonical(papers.plain(held.as_json()))
        self.began = self.node.world.clock.now() - YEARS

    def write(self, tx: Connection, numbers: range) -> None:
        """One act: so many batches and a checkpoint."""
        tx.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KB}")
        for start in range(numbers.start, numbers.stop, BATCH):
            self._batch(tx, range(start, min(start + BATCH, numbers.stop)))
        boxes.advance(tx, self.peer, MAIN, OUT, to=self.chain.out)
        boxes.advance(tx, self.peer, MAIN, IN, to=self.chain.came)
        self.node.log.checkpoint(tx, self._at(numbers.stop - 1))

    def _batch(self, tx: Connection, numbers: range) -> None:
        """Entries first, so that each row can name its own."""
        made = [self._message(number) for number in numbers]
        places = self.node.log.append_all(tx, [one["entry"] for one in made])
        for place, one in zip(places, made, strict=True):
            one["place"] = place
        went = [one for one in made if one["direction"] == OUT]
        came = [one for one in made if one["direction"] == IN]
        rows: dict[Table, list[dict[str, Any]]] = {
            carried.outbox: [self._outbox(one) for one in went],
            carried.copy: [self._copy(one) for one in went],
            tables.salts: [
                {"reference": one["reference"], "salt": one["salt"]} for one in went if one["salt"]
            ],
            tables.judgements: [self._judgement(one) for one in went],
            carried.inbox: [self._inbox(one) for one in came],
            tasks: [self._task(one) for one in came],
            tables.papers: [self._paper(one) for one in made],
        }
        for table, each in rows.items():
            if each:
                tx.execute(insert(table), each)
        index.index(tx, finding.ROOM, {one["reference"]: self._marks(one) for one in made})

    def _at(self, number: int) -> datetime:
        return self.began + YEARS * ((number + 1) / (self.count + 2))

    def _message(self, number: int) -> dict[str, Any]:
        out, at = number % 2 == 1, self._at(number)
        before = self.chain.out if out else self.chain.came
        sender, recipient = (self.node.id, self.peer) if out else (self.peer, self.node.id)
        reference, content = digest(number.to_bytes(8))[7:31], digest(number.to_bytes(9))
        header = Header(
            sender=sender, recipient=recipient, reference=reference, lane=MAIN, bucket=4096,
            digest=content, card=self.card, sequence=before.sequence + 1,
            previous=before.last, head=Head(number, content[7:]),
        ).to_bytes()  # fmt: skip
        place = Place(before.sequence + 1, digest(header))
        if out:
            self.chain.out = place
        else:
            self.chain.came = place
        return {
            "number": number, "at": at, "direction": OUT if out else IN, "reference": reference,
            "message": place.last, "sequence": place.sequence, "header": header, "content": content,
            "authority": "border-force" if number % FEW < 2 else "nca", "words": words_of(number),
            "entry": self._entry(out, at, place, content, reference),
            "salt": new_salt() if out and number > self.count * (1 - KEPT) else b"",
        }  # fmt: skip

    def _marks(self, one: dict[str, Any]) -> set[int]:
        """As finding.marks makes them, those of a word only once."""
        own = [finding.mark(self.node, finding.AUTHORITY, one["authority"])]
        if one["direction"] == OUT:
            own.append(finding.mark(self.node, finding.OFFICER, self.officer))
        return {*own, *(self._mark(word) for word in one["words"])}

    def _mark(self, word: str) -> int:
        if word.isdigit():
            return finding.mark(self.node, finding.WORD, word)
        if word not in self.marks:
            self.marks[word] = finding.mark(self.node, finding.WORD, word)
        return self.marks[word]

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
            "reference": one["reference"], "sender": "BE/be-police", "recipient": f"UK/{one['authority']}",
            "type": "intelligence_report", "kind": "notice", "about": "", "raw": b"",
            "outcome": boxes.ACCEPTED, "defects": [],
            "reason": {"told": "", "says": "", "article": "TCA-563"},
            "restrictions": {}, "erase_by": one["at"],
            "received_under": "eu-uk-tca-563-operational/TCA-563-1",
            "entry": one["place"], "receipt": b"", "received_at": one["at"], "erased_at": one["at"],
        }  # fmt: skip

    def _paper(self, one: dict[str, Any]) -> dict[str, Any]:
        out, locked = one["direction"] == OUT, None
        if one["salt"]:
            said = self.body.replace(FILL.encode(), " ".join(one["words"]).encode())
            locked = self.node.vault.lock_record(said, f"paper/{one['reference']}", one["salt"])
        return {
            "reference": one["reference"], "direction": one["direction"],
            "state": "sent" if out else "received", "authority": one["authority"],
            "about": "" if out else None,
            "other": "BE/be-police", "type": "intelligence_report", "message_id": one["message"],
            "thread": one["reference"], "officer": self.officer if out else "", "verdict": "permit",
            "article": "TCA Art. 563", "handling": "H0", "urgent": False, "at": one["at"], "due_at": None,
            "erase_by": one["at"] + 3 * YEARS, "body": locked,
        }  # fmt: skip

    def _task(self, one: dict[str, Any]) -> dict[str, Any]:
        """To read it; done a little later, but for the newest."""
        done = one["number"] < self.count - 2 * OPEN_TASKS
        at = stamp(one["at"])
        return {
            "id": f"read_report/{one['reference']}", "kind": "read_report", "owner": one["authority"],
            "case_id": None, "message_id": None, "started_at": at, "due_at": None, "binding": "none",
            "article": "", "done_at": at if done else None, "done_by": self.officer if done else None,
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
            "ledger_index": one["place"], "authority": one["authority"],
        }  # fmt: skip


FILL = "the words of one message"


def words_of(number: int) -> list[str]:
    """What an older message says: some words that very many have, some that fewer have, and its number."""
    common = [WORDS[(number + step) % len(WORDS)] for step in range(COMMON)]
    middle = [f"quay{(number * (step + 3) + step * step) % 500:03}" for step in range(MIDDLE)]
    return [*common, *middle, "invented", "report", "seen", "before", "dawn", str(number)]


def _say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)
