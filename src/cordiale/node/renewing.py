"""A node's next card: the same keys and authorities, new dates, and the address that the settings name now.

It is signed with the keys that lie in the safe. Partners take it by themselves, from the key that they hold
(exchange/renewal.py); only where the issuer of the certificate is lost does a person compare the words again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cordiale.errors import IdentityError
from cordiale.exchange import places
from cordiale.ledger import Entry, Kind
from cordiale.ledger.entry import Fact
from cordiale.node.certificates import LOOPBACK, issue_issuer, renew_certificate
from cordiale.node.home import AUTHORITY_DAYS, BEGINS_BEFORE, CARD_DAYS, ISSUER, offline_key
from cordiale.node.saying import Said
from cordiale.node.settings import port_of
from cordiale.seals import AuthorityKey, NodeCard, SigningKeys, fingerprint, write_time
from cordiale.terms import AuthorityId

if TYPE_CHECKING:
    from cordiale.node.node import Node

KEYS: Final = ("signing", "sealing", "ledger_origin", "ledger")
"""What a renewed card says as the one before it did: a running node has these keys and no others."""
WARN_DAYS: Final = 30
"""So long before its end a card is spoken of: the month's grace that a yearly renewal leaves."""


def renew_card(node: Node, *, new_issuer: bool = False) -> dict[str, Any]:
    """Sign the next card and take it into use. A node that runs in another process takes it up in seconds.

    `new_issuer`: the key that issues certificates is lost or stolen. Raises UsageError when a key that it
    takes is not in the folder `offline`.
    """
    port_of(node.settings.address)  # before it stands on a card that partners dial
    now = node.world.clock.now().replace(microsecond=0)
    begins = now - BEGINS_BEFORE
    signers = _signers(node, begins, begins + timedelta(days=CARD_DAYS))
    issuer_key, issuer = _new_issuer(node, begins) if new_issuer else _issuer(node)
    facts = replace(
        node.keys.card.facts,
        serial=_next_serial(node),
        address=node.settings.address or node.keys.card.facts.address,
        tls_issuer=issuer,
        valid_from=begins,
        valid_until=begins + timedelta(days=CARD_DAYS),
    )
    card = NodeCard.issue(facts, signers)
    card.check(node.keys.side, now)
    certificate = renew_certificate(
        node.id,
        begins,
        days=CARD_DAYS,
        host=facts.address.rpartition(":")[0] or LOOPBACK,
        keys=((_tls_key(node), node.keys.tls_password), (issuer_key, issuer)),
    )
    _take(node, card, certificate)
    return {
        "node": node.id,
        "serial": facts.serial,
        "until": write_time(facts.valid_until),
        "address": facts.address,
        "partners": "must be given it as a file, and compare the words"
        if new_issuer
        else "take it themselves",
        "words": fingerprint(node.keys.side),
    }


def _next_serial(node: Node) -> int:
    """One more than any card of ours that we, or after a restore a partner, know of."""
    told = node.store.read(lambda tx: places.card_serial(tx, node.contact))
    return max(told, node.keys.card.facts.serial) + 1


def ends_soon(node: Node) -> str:
    """A sentence when the card ends within a month, else ""."""
    until = node.keys.card.facts.valid_until
    left = until - node.world.clock.now()
    if left > timedelta(days=WARN_DAYS):
        return ""
    return Said("it ends on {until}: renew it with `cordiale peer renew`", until=f"{until:%Y-%m-%d}")


def _take(node: Node, card: NodeCard, certificate: str) -> None:
    """Into the ledger, onto the disk, into use. The certificate fits either card: same key, same issuer."""
    facts: dict[str, Fact] = {
        "side": node.side,
        "card": card.digest(),
        "serial": card.facts.serial,
        "state": "card_renewed",
    }

    def act(tx: Connection) -> None:
        node.log.append(tx, Entry(Kind.NODE, node.world.clock.now(), facts))

    node.store.write(act)
    node.world.disk.write(node.home / "tls" / "cert", certificate.encode(), mode=0o644)
    node.world.disk.write(node.home / "card", card.to_bytes(), mode=0o644)
    _use(node, card)


def take_up(node: Node) -> bool:
    """Take into use a card that another process has renewed (`cordiale peer renew`); False when there is
    none. The keeper calls it. Raises IdentityError or SealError for a card that does not go on from ours.
    """
    raw, held = node.world.disk.read(node.home / "card"), node.keys.card
    if raw == held.to_bytes():
        return False
    card = NodeCard.from_bytes(raw)
    changed = [one for one in ("node", "side", *KEYS) if getattr(card.facts, one) != getattr(held.facts, one)]
    if changed or card.facts.serial <= held.facts.serial:
        raise IdentityError(
            "the file `card` of this home is not the next card of the running node",
            field=changed[0] if changed else "serial",
            way_out="Start the node again, or put the card back from a backup.",
        )
    card.check(node.keys.side, node.world.clock.now())
    _use(node, card)
    return True


def _use(node: Node, card: NodeCard) -> None:
    node.keys = replace(node.keys, card=card)
    node.contact.identity = replace(node.contact.identity, card=card)
    for certify in node.certifiers:
        certify()


def _signers(
    node: Node, begins: datetime, until: datetime
) -> dict[AuthorityId, tuple[AuthorityKey, SigningKeys]]:
    """Each authority's key with the Side's statement of it; one that ends before the card is made anew."""
    found = {}
    for held in node.keys.card.authority_keys:
        keys = SigningKeys.from_bytes(_offline(node, str(held.authority)))
        found[held.authority] = (held if held.valid_until >= until else _stated(node, held, begins), keys)
    return found


def _stated(node: Node, held: AuthorityKey, begins: datetime) -> AuthorityKey:
    return AuthorityKey.issue(
        SigningKeys.from_bytes(_offline(node, "side")),
        side=held.side,
        authority=held.authority,
        signing=held.signing,
        valid_from=begins,
        valid_until=begins + timedelta(days=AUTHORITY_DAYS),
    )


def _issuer(node: Node) -> tuple[str, str]:
    """(key, certificate) of the issuer that partners pin already."""
    return _offline(node, ISSUER).decode(), node.keys.card.facts.tls_issuer


def _new_issuer(node: Node, begins: datetime) -> tuple[str, str]:
    key, certificate = issue_issuer(node.id, begins)
    locked = node.vault.lock(key.encode(), f"offline/{ISSUER}")
    node.world.disk.write(node.home / "offline" / ISSUER, locked)
    return key, certificate


def _offline(node: Node, name: str) -> bytes:
    return offline_key(node.home, node.vault, name, node.world.disk)


def _tls_key(node: Node) -> str:
    return node.world.disk.read(node.home / "tls" / "key").decode()
