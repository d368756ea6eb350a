"""Factories: two invented partner nodes with real stores, keys, ledgers and doors; only wire, clock and
chance are simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cordiale.exchange.tables
import cordiale.ledger.tables  # noqa: F401 -- its tables must be known before they are made
from cordiale import payloads
from cordiale.errors import Transient
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.courier import Courier
from cordiale.exchange.judging import AgreementFacts, Outgoing
from cordiale.exchange.peers import add_peer
from cordiale.exchange.service import Service
from cordiale.exchange.stages import Identity, Received
from cordiale.ledger import Log
from cordiale.seals import (
    AuthorityKey,
    LedgerKeys,
    NodeCard,
    NodeFacts,
    SealingKeys,
    SigningKeys,
    fingerprint,
)
from cordiale.store import Store, metadata, open_store
from cordiale.terms import AuthorityId, SideCode
from cordiale.world import Reply, SeededChance, SteppedClock

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
AGREEMENT = AgreementFacts("invented-working-arrangement", 3, "sha256:" + "a" * 64)
GRANTED = frozenset(
    [
        "event",
        "position",
        "place",
        "count",
        "route",
        "method",
        "price",
        "asset",
        "statistic",
        "reference",
        "goods",
        "practice",
        "training",
    ]
)


@dataclass(frozen=True)
class ListGate:
    """A gate with one list of categories: what is on it may pass. Steps are numbered as the real gate numbers
    them.
    """

    granted: frozenset[str] = GRANTED
    known: AgreementFacts = AGREEMENT
    closed: bool = False

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        assert question["from"]["side"] and question["to"]["authority"] and at.tzinfo
        leaves = [one["id"] for one in question["items"] if one["category"] in self.granted]
        kept = [one for one in question["items"] if one["category"] not in self.granted]
        base = {
            "basis": {"agreement": self.known.id, "provision": "p1"},
            "travels": ["ask_originator"],
            "duties": [],
        }
        why = {"step": 10, "article": "WA 4(2)", "sentence": "Not among what this arrangement gives."}
        if self.closed or not leaves:
            return {
                **base,
                "verdict": "refuse",
                "headline": why,
                "leaves": [],
                "withheld": [],
                "failures": [why],
            }
        withheld = [{**why, "item": one["id"], "scope": "item"} for one in kept]
        verdict = "withhold" if withheld else "permit"
        return {
            **base,
            "verdict": verdict,
            "headline": {},
            "leaves": leaves,
            "withheld": withheld,
            "failures": [],
        }

    def facts(self, agreement: str, at: datetime) -> AgreementFacts | None:
        return self.known if agreement == self.known.id else None


@dataclass
class LoopWire:
    """A wire in memory: what reaches whom, and what goes wrong on the way, is set by the test."""

    doors: dict[str, Callable[[str, bytes], tuple[int, bytes]]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    lose_replies: int = 0
    carried: list[tuple[str, str, bytes]] = field(default_factory=list)

    def post(self, peer: str, path: str, body: bytes, *, wait_s: float = 30.0) -> Reply:
        if peer in self.down or peer not in self.doors:
            raise Transient(f"`{peer}` is down")
        self.carried.append((peer, path, body))
        reply = Reply(*self.doors[peer](path, body))
        if self.lose_replies:
            self.lose_replies -= 1
            raise Transient("the reply was lost")
        return reply


@dataclass
class Partner:
    """One node's door with all that belongs to it."""

    name: str
    side_keys: SigningKeys
    card: NodeCard
    identity: Identity
    store: Store
    point: ContactPoint
    courier: Courier
    wire: LoopWire
    clock: SteppedClock
    effects: list[Received] = field(default_factory=list)
    shown: list[Received] = field(default_factory=list)

    def knows(self, other: Partner) -> None:
        words = fingerprint(other.side_keys.public())
        at = self.clock.now()
        self.store.write(
            lambda tx: add_peer(
                tx, other.card, other.side_keys.public(), words=words, by="invented officer", at=at
            )
        )


SIGNERS: dict[str, tuple[SigningKeys, SigningKeys]] = {}


def issue_card(
    name: str,
    side: str,
    authorities: tuple[str, ...],
    *,
    side_keys: SigningKeys,
    keys: tuple[SigningKeys, SealingKeys, LedgerKeys],
    serial: int = 1,
    address: str = "127.0.0.1:1",
    tls_issuer: str = "-",
    days: int = 365,
) -> NodeCard:
    span = {"valid_from": START - timedelta(days=1), "valid_until": START + timedelta(days=days)}
    named = tuple(AuthorityId(one) for one in sorted(authorities))
    facts = NodeFacts(
        node=name,
        side=SideCode(side),
        serial=serial,
        authorities=named,
        address=address,
        tls_issuer=tls_issuer,
        signing=keys[0].public(),
        sealing=keys[1].public(),
        ledger_origin=f"{name}/ledger",
        ledger=keys[2].public(),
        **span,
    )
    signers = {}
    for authority in named:
        own = SigningKeys.generate()
        statement = AuthorityKey.issue(
            side_keys, side=SideCode(side), authority=authority, signing=own.public(), **span
        )
        signers[authority] = (statement, own)
    return NodeCard.issue(facts, signers)


def partner(
    name: str,
    side: str,
    *authorities: str,
    wire: LoopWire,
    gate: Any = None,
    url: str = "sqlite://",
    clock: SteppedClock | None = None,
    seed: int = 7,
    effect: Callable[[Any, Received], None] | None = None,
) -> Partner:
    """A node with its door open on `wire`; it knows nobody yet."""
    side_keys = SigningKeys.generate()
    keys = (SigningKeys.generate(), SealingKeys.generate(), LedgerKeys.generate())
    card = issue_card(name, side, authorities, side_keys=side_keys, keys=keys)
    store = open_store(url)
    store.write(metadata.create_all)
    clock = clock or SteppedClock(START)
    identity = Identity(card, keys[0], keys[1])
    effects: list[Received] = []
    shown: list[Received] = []

    def note(tx: Any, received: Received) -> None:
        if effect:
            effect(tx, received)
        effects.append(received)

    chance = SeededChance(seed)
    log = Log(card.facts.ledger_origin, keys[2])
    point = ContactPoint(
        store,
        log,
        identity,
        gate or ListGate(),
        clock=clock,
        chance=chance,
        effect=note,
        on_distress=shown.append,
    )
    wire.doors[name] = Service(point)
    courier = Courier(point, wire)
    return Partner(name, side_keys, card, identity, store, point, courier, wire, clock, effects, shown)


def two(tmp_path: Path | None = None, **gates: Any) -> tuple[Partner, Partner, LoopWire]:
    """A British and a French node, both invented, that know each other."""
    wire, clock = LoopWire(), SteppedClock(START)
    urls = [f"sqlite:///{tmp_path / name}.db" if tmp_path else "sqlite://" for name in ("uk", "fr")]
    shared: dict[str, Any] = {"wire": wire, "clock": clock}
    uk = partner(
        "uk-calais", "UK", "border-force", "nca", gate=gates.get("uk"), seed=1, url=urls[0], **shared
    )
    fr = partner(
        "fr-lille", "FR", "paf", "fr-contact-point", gate=gates.get("fr"), seed=2, url=urls[1], **shared
    )
    uk.knows(fr)
    fr.knows(uk)
    return uk, fr, wire


def note_of_practice(**changes: Any) -> payloads.Carried:
    """An invented practice note: no person in it, unless a test adds a `contact`."""
    body: dict[str, Any] = {"title": "Boat engines", "area": "coast", "lines": ["Engines come by road."]}
    raw = {"type": "practice_note", "model": "report", "version": 1, "body": body | changes}
    return payloads.decode("practice_note", raw)


def outgoing(body: payloads.Carried | None = None, **changes: Any) -> Outgoing:
    """An ordinary notice from the British node's Border Force to the French border police."""
    asks = {
        "act": "share",
        "mode": "spontaneous",
        "purpose": "situational_awareness",
        "regime": "none",
        "facts": {},
    }
    known = Outgoing(
        kind="notice",
        sender="UK/border-force",
        recipient="FR/paf",
        body=body or note_of_practice(),
        asks=asks,
        officer="ab" * 8,
    )
    return replace(known, **changes)
