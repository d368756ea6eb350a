"""A newer card of a known partner, taken without a telephone call where only dates and address change.

The card that is held vouches for its successor: the notice is signed by the key that it names, the new card
by the Side's key that two persons have compared. Whatever else changes takes a person. Only distress is sent
under a card that the partner has not taken, so that no message is refused for it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from cordiale.errors import ExchangeError, IdentityError, SealError, Transient
from cordiale.exchange import boxes
from cordiale.exchange.contact_point import ContactPoint
from cordiale.exchange.entries import fault_words
from cordiale.exchange.message import exactly, word
from cordiale.exchange.notices import open_signed
from cordiale.exchange.peers import ACTIVE, FORMER_MAX, Peer, find_peer, note_former, replace_card
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.seals import NodeCard, canonical, read_object, sign
from cordiale.world import Wire

CARD: Final = "/exchange/v1/card"
NOTICE_KIND: Final = "application/vnd.cordiale.card-notice.v1"
ANSWER_KIND: Final = "application/vnd.cordiale.card-answer.v1"
AGAIN: Final = timedelta(seconds=60)  # so often a partner is asked that has not taken our card
TAKEN: Final = "taken"
WAITING: Final = "waiting"
_KEPT: Final = ("node", "side", "signing", "sealing", "ledger_origin", "ledger", "tls_issuer")
"""What a renewed card must say as the one before it did: else a person compares the words again."""
_AUTHORITY: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")
"""How an authority is named in an alarm; another word of a partner's is not repeated."""


# -- whose card was renewed --------------------


@dataclass(slots=True)
class Told:
    """Who is known to have which of our cards, by serial, and when others are asked again. Asked once a life
    of this process: a card is small.
    """

    serials: dict[str, int] = field(default_factory=dict)
    again: dict[str, datetime] = field(default_factory=dict)


def tell_everybody(point: ContactPoint, wire: Wire, told: Told) -> None:
    """Hand a renewed card to each active partner, also where nothing waits: it must read what it is sent."""
    serial, now = point.identity.card.facts.serial, point.clock.now()
    if serial == 1:
        return
    for peer in point.directory.active(point.store):
        if told.serials.get(peer.node) == serial or told.again.get(peer.node, now) > now:
            continue
        told.again[peer.node] = now + AGAIN
        with suppress(ExchangeError, SealError):  # it is away, or a person there must take it: asked again
            make_known(point, wire, peer.node, told)


def make_known(point: ContactPoint, wire: Wire, peer: str, told: Told) -> None:
    """Hand our card to a partner unless it is our first, or it is known to have it; `told` remembers.

    Raises Transient while the partner has not taken it: what is for it waits.
    """
    card = point.identity.card
    if card.facts.serial == 1 or told.serials.get(peer) == card.facts.serial:
        return
    former = point.store.read(lambda tx: former_cards(tx, point))
    body = {"card": read_object(card.to_bytes()), "former": former, "node": point.identity.node, "to": peer}
    answer = wire.post(peer, CARD, _signed(point, NOTICE_KIND, body))
    if answer.status != 200:
        raise Transient(
            f"`{peer}` does not take our new card (status {answer.status}): hand it over as a file"
        )
    theirs = point.store.read(lambda tx: point.cards.believed(tx, peer, point.moment()))
    said = open_signed(answer.body, ANSWER_KIND, theirs.facts.signing)
    exactly(said, {"card", "state"}, "card")
    if said != {"card": card.digest(), "state": TAKEN}:
        raise Transient(f"a person at `{peer}` must take our new card first: hand it over as a file")
    told.serials[peer] = card.facts.serial


def former_cards(tx: Connection, point: ContactPoint) -> list[str]:
    """The digests of the cards that this node had before, as its own ledger tells."""
    entries = point.log.entries(tx, kind=Kind.NODE)
    cards = [str(one.entry.facts["card"]) for one in entries if "card" in one.entry.facts]
    now = point.identity.card.digest()
    return [one for one in dict.fromkeys(cards) if one != now][-FORMER_MAX:]


# -- its partner --------------------


def take(point: ContactPoint, raw: bytes) -> bytes:
    """What a partner hears that hands over its newer card: taken, or that a person must.

    Raises ExchangeError, IdentityError or SealError for what is no such notice by the key that is held.
    """
    claimed = read_object(raw).get("body")
    if not isinstance(claimed, dict):
        raise ExchangeError("is not an object", field="card.body")
    exactly(claimed, {"card", "former", "node", "to"}, "card.body")
    node, at = word(claimed["node"], "node"), point.moment()
    held = point.store.read(lambda tx: point.cards.believed(tx, node, at))
    body = open_signed(raw, NOTICE_KIND, held.facts.signing)
    if body["to"] != point.identity.node:
        raise ExchangeError("the notice is for somebody else", field="card.to")
    card, former = NodeCard.from_bytes(canonical(body["card"])), _digests(body["former"])
    if card.facts.node != node:
        raise ExchangeError("the card is of somebody else", field="card.node")
    state = point.store.write(lambda tx: _settled(tx, point, card, former))
    return _signed(point, ANSWER_KIND, {"card": card.digest(), "state": state})


def _settled(tx: Connection, point: ContactPoint, card: NodeCard, former: list[str]) -> str:
    """Take the card if it only goes on from the one that is held; else a person is told."""
    node = card.facts.node
    at, peer = point.moment(), find_peer(tx, node)
    if peer is None or peer.state != ACTIVE:
        raise IdentityError(f"`{node[:60]}` is not a peer of this node", field="sender")
    if card.digest() == peer.card_digest:
        note_former(tx, node, former, present=peer.card_digest)
        return TAKEN
    wrong = _changed(card, peer)
    try:
        card.check(peer.side_key, at)
    except IdentityError as fault:
        wrong = fault_words(fault)
    if wrong:
        says = f"its new card was not taken by itself: {wrong}. Ask for it as a file, and compare the words."
        # One alarm a partner, whatever it sends: a hundred cards are one telephone call.
        boxes.raise_alarm(tx, "card", peer=node, about="card", says=says, at=at)
        return WAITING
    replace_card(tx, card, former=[*former, peer.card_digest])
    facts: dict[str, Fact] = {
        "peer": node,
        "card": card.digest(),
        "serial": card.facts.serial,
        "state": "renewed",
    }
    point.log.append(tx, Entry(Kind.PEER, at, facts))
    return TAKEN


def _changed(card: NodeCard, peer: Peer) -> str:
    """What is new in a card beyond its dates and address; "" when nothing is."""
    new, held = card.facts, peer.card.facts
    changed = [name for name in _KEPT if getattr(new, name) != getattr(held, name)]
    if changed:
        return f"`{changed[0]}` has changed"
    if new.serial <= held.serial:
        return f"card {new.serial} is not newer than card {held.serial}"
    more = sorted(set(new.authorities) - set(held.authorities))
    if not more:
        return ""
    return f"it would speak for `{more[0] if _AUTHORITY.fullmatch(more[0]) else '…'}` too"


def _digests(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > FORMER_MAX:
        raise ExchangeError(f"is a list of at most {FORMER_MAX} digests", field="card.former")
    return [word(one, "former") for one in value]


def _signed(point: ContactPoint, kind: str, body: Mapping[str, Any]) -> bytes:
    raw = canonical(dict(body))
    signature = b64encode(sign(kind, raw, point.identity.signing).to_bytes()).decode()
    return canonical({"body": read_object(raw), "signature": signature})
