"""Partners: nodes under cards whose Side key two persons have compared by words.

Adding a peer loses nothing: what a partner sent before we knew it waits in its outbox, and is taken then.
Removing one keeps its card and its keys, so that what it signed can be proved for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate, load_der_x509_certificate, load_pem_x509_certificate
from sqlalchemy import Connection, Integer, Row, String, bindparam, case, select, update
from sqlalchemy.exc import SQLAlchemyError

from cordiale.errors import ExchangeError, IdentityError, StoreError
from cordiale.exchange import boxes, tables
from cordiale.seals import NodeCard, SigningPublic, fingerprint
from cordiale.store import Store, changed
from cordiale.store.ready import Ready
from cordiale.world import Clock, SystemClock

ACTIVE: Final = "active"
REMOVED: Final = "removed"
FORMER_MAX: Final = 16  # a card is renewed each year; nothing waits longer than a few
FRESH_S: Final = 0.25  # how late we learn what a command in another process did to the partners
_PARTNERS: Final = "partners"  # what the store is told of when one is added, renewed or removed
PEERS_MAX: Final = 256  # partners of one node; the field counts them in tens


@dataclass(frozen=True, slots=True)
class Peer:
    """A partner node: its card as checked when it was added, and what has been heard of it."""

    node: str
    side: str
    card: NodeCard
    card_digest: str
    side_key: SigningPublic
    address: str
    state: str
    added_at: datetime
    added_by: str
    heard_at: datetime | None
    head_size: int
    head_root: str

    @property
    def words(self) -> str:
        """Twelve words of its Side's key, to compare on the telephone."""
        return fingerprint(self.side_key)


def add_peer(
    tx: Connection, card: NodeCard, side_key: SigningPublic, *, words: str, by: str, at: datetime
) -> Peer:
    """Believe a card from now on, after `by` has compared the twelve `words` of its Side's key with a person
    there.

    A newer card of a known peer replaces the older. Raises IdentityError for words that do not match, a card
    that does not hold, one older than the one held, or a known peer under another Side's key.
    """
    if words.split() != fingerprint(side_key).split():
        raise IdentityError(
            "the twelve words do not match the Side's key",
            field="words",
            way_out="Compare them again by telephone, on a number you had before.",
        )
    card.check(side_key, at)
    facts = card.facts
    held = find_peer(tx, facts.node)
    if held and held.side_key != side_key:
        raise IdentityError(
            f"`{facts.node}` is known under another Side key", way_out="Remove that peer first."
        )
    if held and facts.serial < held.card.facts.serial:
        raise IdentityError(
            f"card {facts.serial} of `{facts.node}` is older than card {held.card.facts.serial}"
        )
    if held and facts.serial == held.card.facts.serial and card.digest() != held.card_digest:
        raise IdentityError(f"`{facts.node}` has two different cards of serial {facts.serial}")
    _alone(tx, card, side_key)
    row = {
        "side": facts.side,
        "serial": facts.serial,
        "card": card.to_bytes(),
        "card_digest": card.digest(),
        "side_key": side_key.to_bytes(),
        "address": facts.address,
        "state": ACTIVE,
        "added_at": at,
        "added_by": by,
    }
    boxes.put(tx, tables.peer, {"node": facts.node}, row)
    changed(tx, _PARTNERS)
    if held and held.card.facts.signing == facts.signing:
        note_former(tx, facts.node, [held.card_digest], present=card.digest())
    added = find_peer(tx, facts.node)
    assert added is not None
    return added


def _alone(tx: Connection, card: NodeCard, side_key: SigningPublic) -> None:
    """Raise IdentityError where a card could be mistaken for another active partner's."""
    facts = card.facts
    for other in list_peers(tx):
        if other.node == facts.node:
            continue
        if "CERTIFICATE" in facts.tls_issuer and other.card.facts.tls_issuer == facts.tls_issuer:
            raise IdentityError(
                f"its connections could not be told from those of `{other.node}`: both name one TLS issuer",
                field="tls_issuer",
                way_out="Ask for a card with an issuer of its own.",
            )
        if other.side == facts.side and other.side_key != side_key:
            raise IdentityError(
                f"`{other.node}` speaks for {facts.side} under another Side key",
                field="side_key",
                way_out=f"A Side has one key: ring {facts.side}, and remove the node whose key is wrong.",
            )


def replace_card(tx: Connection, card: NodeCard, *, former: Sequence[str]) -> None:
    """Hold the newer card of an active partner, which has been checked, in place of the one before it."""
    facts = card.facts
    note_former(tx, facts.node, former, present=card.digest())
    newer = {
        "serial": facts.serial,
        "card": card.to_bytes(),
        "card_digest": card.digest(),
        "address": facts.address,
    }
    tx.execute(update(tables.peer).where(tables.peer.c.node == facts.node).values(newer))
    changed(tx, _PARTNERS)


def note_former(tx: Connection, node: str, digests: Sequence[str], *, present: str) -> None:
    """Keep under which earlier cards of a partner something may still be on its way."""
    kept = tx.execute(select(tables.peer.c.former_cards).where(tables.peer.c.node == node)).scalar_one()
    every = [one for one in dict.fromkeys([*kept.split(), *digests]) if one != present]
    told = " ".join(every[-FORMER_MAX:])
    if told != kept:
        tx.execute(update(tables.peer).where(tables.peer.c.node == node).values(former_cards=told))


def list_peers(tx: Connection, *, removed: bool = False) -> list[Peer]:
    """The partners in order of their names; those that were removed only when asked for."""
    query = select(tables.peer).order_by(tables.peer.c.node)
    if not removed:
        query = query.where(tables.peer.c.state == ACTIVE)
    return [_peer(row) for row in tx.execute(query)]


def find_peer(tx: Connection, node: str) -> Peer | None:
    """The peer of this name, whatever its state."""
    row = tx.execute(select(tables.peer).where(tables.peer.c.node == node)).one_or_none()
    return _peer(row) if row else None


def is_active(tx: Connection, node: str) -> bool:
    """Whether this is the name of an active partner."""
    row = _BRIEF.one(tx, n=node)
    return row is not None and row.state == ACTIVE


def peer_for(tx: Connection, side: str, authority: str) -> Peer | None:
    """The active partner that speaks for an authority, or None."""
    return next((one for one in list_peers(tx) if one.card.speaks_for(side, authority)), None)


def check_peer(tx: Connection, node: str, *, at: datetime) -> list[str]:
    """What is wrong with a peer now, in plain words; empty when all is well."""
    peer = find_peer(tx, node)
    if peer is None:
        return [f"`{node}` is not a peer of this node."]
    wrong = []
    if peer.state != ACTIVE:
        wrong.append("It was removed.")
    try:
        peer.card.check(peer.side_key, at)
    except IdentityError as fault:
        wrong.append(str(fault))
    wrong += [f"{one.kind}: {one.says}" for one in boxes.alarms(tx) if one.peer == node]
    if backlog := boxes.backlog(tx).get(node):
        wrong.append(f"{backlog} messages wait for it.")
    return wrong


def remove_peer(tx: Connection, node: str) -> None:
    """Take and send nothing more. Its card stays for proofs; what waits for it stays in the outbox."""
    gone = update(tables.peer).where(tables.peer.c.node == node, tables.peer.c.state == ACTIVE)
    if tx.execute(gone.values(state=REMOVED)).rowcount != 1:
        raise ExchangeError(f"`{node}` is not a peer of this node", field="peer")
    changed(tx, _PARTNERS)


def heard(tx: Connection, node: str, *, at: datetime, size: int, root: str) -> None:
    """Note that a peer was heard of, and the newest ledger head it stands on."""
    _HEARD.run(tx, n=node, at=at, size=size, root=root)


_OLDER: Final = tables.peer.c.head_size < bindparam("size", type_=Integer)
_HEARD: Final = Ready(
    update(tables.peer)
    .where(tables.peer.c.node == bindparam("n"))
    .values(
        heard_at=bindparam("at"),
        head_size=case((_OLDER, bindparam("size", type_=Integer)), else_=tables.peer.c.head_size),
        head_root=case((_OLDER, bindparam("root", type_=String)), else_=tables.peer.c.head_root),
    )
)


def _peer(row: Row[Any]) -> Peer:
    return Peer(
        node=row.node,
        side=row.side,
        card=NodeCard.from_bytes(row.card),
        card_digest=row.card_digest,
        side_key=SigningPublic.from_bytes(row.side_key),
        address=row.address,
        state=row.state,
        added_at=row.added_at,
        added_by=row.added_by,
        heard_at=row.heard_at,
        head_size=row.head_size,
        head_root=row.head_root,
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """When something was read of the partners: after how many changes of theirs, and until when it stands."""

    version: int = -1
    until_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whether what was read of the partners still stands: until this process changes one, and for a quarter
    of a second at most, because a command in another process may add or remove one.
    """

    clock: Clock = field(default_factory=SystemClock)

    def mark(self, store: Store) -> Mark:
        """Taken before the reading: what is changed meanwhile makes it stale."""
        return Mark(store.version(_PARTNERS), self.clock.monotonic_s() + FRESH_S)

    def holds(self, store: Store, mark: Mark) -> bool:
        """Whether nothing can have changed since that reading began."""
        return store.version(_PARTNERS) == mark.version and self.clock.monotonic_s() < mark.until_s


@dataclass(frozen=True, slots=True)
class _Seen:
    mark: Mark = Mark()
    cards: tuple[tuple[str, str], ...] = ()
    peers: list[Peer] = field(default_factory=list)


@dataclass(slots=True)
class Directory:
    """The active partners, read again only when one was added, renewed or removed. Thread-safe: what was read
    is shown whole or not at all.
    """

    _fresh: Freshness = field(default_factory=Freshness)
    _seen: _Seen = _Seen()

    def active(self, store: Store) -> list[Peer]:
        """The active partners; if the store cannot be read now, those that were active when it last could."""
        seen = self._seen
        if self._fresh.holds(store, seen.mark):
            return seen.peers
        mark = self._fresh.mark(store)
        try:
            self._seen = seen = store.read(lambda tx: _look(tx, seen, mark))
        except (StoreError, SQLAlchemyError):
            return seen.peers
        return seen.peers

    def speaking_for(self, store: Store, side: str, authority: str) -> Peer | None:
        """The active partner that speaks for an authority, or None."""
        return next((one for one in self.active(store) if one.card.speaks_for(side, authority)), None)

    def partner_of(self, store: Store, certificate: bytes) -> str:
        """The active partner whose card names the issuer of a TLS certificate (DER), or ""."""
        try:
            held = load_der_x509_certificate(certificate)
        except ValueError:
            return ""
        found = (one.node for one in self.active(store) if _issued(held, one.card.facts.tls_issuer))
        return next(found, "")


def _issued(certificate: Certificate, issuer_pem: str) -> bool:
    try:
        issuer = load_pem_x509_certificate(issuer_pem.encode())
        if certificate != issuer:
            certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _look(tx: Connection, before: _Seen, mark: Mark) -> _Seen:
    cards = tuple((row.node, row.card_digest) for row in _ACTIVE.all(tx))
    return _Seen(mark, cards, before.peers if cards == before.cards else list_peers(tx))


_ACTIVE: Final = Ready(
    select(tables.peer.c.node, tables.peer.c.card_digest)
    .where(tables.peer.c.state == ACTIVE)
    .order_by(tables.peer.c.node)
)


@dataclass(slots=True)
class Cards:
    """Cards by their digest, read once: a card is checked against its Side's key a day at a time, not a
    message.
    """

    _fresh: Freshness = field(default_factory=Freshness)
    _held: dict[str, tuple[NodeCard, SigningPublic, str]] = field(default_factory=dict)
    _good: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _present: tuple[Mark, dict[str, str]] = field(default_factory=lambda: (Mark(), {}))

    def believed(self, tx: Connection, node: str, at: datetime, *, lenient: bool = False) -> NodeCard:
        """The card of an active peer, holding at `at` (at any time, when `lenient`). Raises IdentityError
        otherwise.
        """
        row = _BRIEF.one(tx, n=node)
        if row is None or row.state != ACTIVE:
            raise IdentityError(f"`{node[:60]}` is not a peer of this node", field="sender")
        with self._lock:
            if row.card_digest not in self._held:
                self._read(tx, row.card_digest, node)
            return self._good_at(row.card_digest, at, lenient=lenient)

    def believed_now(self, store: Store, node: str, at: datetime, *, lenient: bool = False) -> NodeCard:
        """`believed`, outside a transaction and without a look at the disk while nothing can have changed."""
        mark, present = self._present
        if not self._fresh.holds(store, mark):
            present = {}
            self._present = self._fresh.mark(store), present
        with self._lock:
            if present.get(node) in self._held:
                return self._good_at(present[node], at, lenient=lenient)
        card = store.read(lambda tx: self.believed(tx, node, at, lenient=lenient))
        present[node] = card.digest()
        return card

    def _good_at(self, digest: str, at: datetime, *, lenient: bool) -> NodeCard:
        card, side_key, _ = self._held[digest]
        # The chain is checked once an hour of the clock; dates at both ends, every time.
        hour = (digest, at.strftime("%Y%m%d%H"))
        if hour not in self._good or not card.facts.valid_from <= at < card.facts.valid_until:
            if lenient:
                return ever_good(card, side_key)
            card.check(side_key, at)
            self._good = {hour, *(one for one in self._good if one[1] == hour[1])}
        return card

    def present(self, node: str, digest: str) -> bool:
        """Whether `digest` is of the card of `node` that was last believed; asks no database."""
        with self._lock:
            held = self._held.get(digest)
        return held is not None and held[2] == node

    def former(self, tx: Connection, node: str, digest: str) -> bool:
        """Whether `digest` is of a card that a partner had before the one that is held."""
        kept = tx.execute(_FORMER, {"n": node}).scalar()
        return digest in (kept or "").split()

    def _read(self, tx: Connection, digest: str, node: str) -> None:
        peer = find_peer(tx, node)
        assert peer is not None
        self._held = {key: held for key, held in self._held.items() if held[2] != node}
        self._held[digest] = (peer.card, peer.side_key, node)


def ever_good(card: NodeCard, side_key: SigningPublic) -> NodeCard:
    """The card, if its chain held on the day it began: distress is forgiven its dates, never its keys."""
    card.check(side_key, card.facts.valid_from)
    return card


_BRIEF: Final = Ready(
    select(tables.peer.c.state, tables.peer.c.card_digest).where(tables.peer.c.node == bindparam("n"))
)
_FORMER: Final = select(tables.peer.c.former_cards).where(tables.peer.c.node == bindparam("n"))


def addresses(store: Store, clock: Clock | None = None) -> Callable[[str], tuple[str, str]]:
    """The look-up that the wire needs: node -> (address, issuing certificate).

    A card is read once; whether it is still the one that is held is asked when a partner was changed here,
    and each quarter of a second.
    """
    fresh, held = Freshness(clock or SystemClock()), dict[str, tuple[str, tuple[str, str]]]()
    now: tuple[Mark, dict[str, tuple[str, str]]] = (Mark(), {})

    def query(tx: Connection, node: str) -> tuple[str, str]:
        brief = _BRIEF.one(tx, n=node)
        if brief is None:
            raise ExchangeError(f"`{node}` is not a peer of this node", field="peer")
        digest, known = held.get(node, ("", ("", "")))
        if digest != brief.card_digest:
            peer = find_peer(tx, node)
            assert peer is not None
            known = (peer.address, peer.card.facts.tls_issuer)
            held[node] = (brief.card_digest, known)
        return known

    def look_up(node: str) -> tuple[str, str]:
        nonlocal now
        mark, known = now
        if not fresh.holds(store, mark):
            known = {}
            now = fresh.mark(store), known
        if node not in known:
            known[node] = store.read(lambda tx: query(tx, node))
        return known[node]

    return look_up
