"""Partners: nodes under cards whose Side key two persons have compared by words.

Adding a peer loses nothing: what a partner sent before we knew it waits in its outbox, and is taken then.
Removing one keeps its card and its keys, so that what it signed can be proved for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate, load_der_x509_certificate, load_pem_x509_certificate
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from cordiale.errors import ExchangeError, IdentityError, StoreError
from cordiale.exchange import boxes, tables
from cordiale.seals import NodeCard, SigningPublic, fingerprint
from cordiale.store import Store

ACTIVE: Final = "active"
REMOVED: Final = "removed"
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
    added = find_peer(tx, facts.node)
    assert added is not None
    return added


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


def heard(tx: Connection, node: str, *, at: datetime, size: int, root: str) -> None:
    """Note that a peer was heard of, and the newest ledger head it stands on."""
    tx.execute(_HEARD, {"n": node, "at": at})
    tx.execute(_HEAD, {"n": node, "size": size, "root": root})


_HEARD: Final = (
    update(tables.peer).where(tables.peer.c.node == bindparam("n")).values(heard_at=bindparam("at"))
)
_HEAD: Final = (
    update(tables.peer)
    .where(tables.peer.c.node == bindparam("n"), tables.peer.c.head_size < bindparam("size"))
    .values(head_size=bindparam("size"), head_root=bindparam("root"))
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


@dataclass(slots=True)
class Directory:
    """The active partners, read again only when one was added, renewed or removed."""

    _seen: tuple[tuple[str, str], ...] = ()
    _peers: list[Peer] = field(default_factory=list)

    def active(self, store: Store) -> list[Peer]:
        """The active partners; if the store cannot be read now, those that were active when it last could."""
        try:
            return store.read(self._read)
        except (StoreError, SQLAlchemyError):
            return self._peers

    def _read(self, tx: Connection) -> list[Peer]:
        seen = tuple((row.node, row.card_digest) for row in tx.execute(_ACTIVE))
        if seen != self._seen:
            self._peers, self._seen = list_peers(tx), seen
        return self._peers

    def speaking_for(self, store: Store, side: str, authority: str) -> Peer | None:
        """The active partner that speaks for an authority, or None."""
        return next((one for one in self.active(store) if one.card.speaks_for(side, authority)), None)

    def admits(self, store: Store, certificate: bytes) -> bool:
        """Whether a TLS certificate (DER) comes from the issuer that an active partner's card names."""
        try:
            held = load_der_x509_certificate(certificate)
        except ValueError:
            return False
        return any(_issued(held, one.card.facts.tls_issuer) for one in self.active(store))


def _issued(certificate: Certificate, issuer_pem: str) -> bool:
    try:
        issuer = load_pem_x509_certificate(issuer_pem.encode())
        if certificate != issuer:
            certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


_ACTIVE: Final = (
    select(tables.peer.c.node, tables.peer.c.card_digest)
    .where(tables.peer.c.state == ACTIVE)
    .order_by(tables.peer.c.node)
)


@dataclass(slots=True)
class Cards:
    """Cards by their digest, read once: a card is checked against its Side's key a day at a time, not a
    message.
    """

    _held: dict[str, tuple[NodeCard, SigningPublic, str]] = field(default_factory=dict)
    _good: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def believed(self, tx: Connection, node: str, at: datetime, *, lenient: bool = False) -> NodeCard:
        """The card of an active peer, holding at `at` (at any time, when `lenient`). Raises IdentityError
        otherwise.
        """
        row = tx.execute(_BRIEF, {"n": node}).one_or_none()
        if row is None or row.state != ACTIVE:
            raise IdentityError(f"`{node[:60]}` is not a peer of this node", field="sender")
        with self._lock:
            card, side_key, _ = self._held.get(row.card_digest) or self._read(tx, row.card_digest, node)
            # The chain is checked once an hour of the clock; dates at both ends, every time.
            hour = (row.card_digest, at.strftime("%Y%m%d%H"))
            if hour not in self._good or not card.facts.valid_from <= at < card.facts.valid_until:
                if lenient:
                    return _ever_good(card, side_key)
                card.check(side_key, at)
                self._good = {hour, *(one for one in self._good if one[1] == hour[1])}
        return card

    def _read(self, tx: Connection, digest: str, node: str) -> tuple[NodeCard, SigningPublic, str]:
        peer = find_peer(tx, node)
        assert peer is not None
        self._held = {key: held for key, held in self._held.items() if held[2] != node}
        self._held[digest] = (peer.card, peer.side_key, node)
        return self._held[digest]


def _ever_good(card: NodeCard, side_key: SigningPublic) -> NodeCard:
    """The card, if its chain held on the day it began: distress is forgiven its dates, never its keys."""
    card.check(side_key, card.facts.valid_from)
    return card


_BRIEF: Final = select(tables.peer.c.state, tables.peer.c.card_digest).where(
    tables.peer.c.node == bindparam("n")
)


def addresses(
    read: Callable[[Callable[[Connection], Peer | None]], Peer | None],
) -> Callable[[str], tuple[str, str]]:
    """The look-up that the wire needs: node -> (address, issuing certificate). `read` is `store.read`."""

    def look_up(node: str) -> tuple[str, str]:
        peer = read(lambda tx: find_peer(tx, node))
        if peer is None:
            raise ExchangeError(f"`{node}` is not a peer of this node", field="peer")
        return peer.address, peer.card.facts.tls_issuer

    return look_up
