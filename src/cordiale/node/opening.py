"""Putting a node together from its home folder, and founding a new one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, func, inspect, select

from cordiale import officers
from cordiale.agreements.register import Register
from cordiale.errors import StoreError, UsageError
from cordiale.exchange import ContactPoint, Courier, Identity, PinnedWire
from cordiale.exchange.gate import RegisterGate
from cordiale.exchange.peers import addresses
from cordiale.ledger import Entry, Kind, Log
from cordiale.ledger.tables import entries
from cordiale.node import agreements, effects, people, rescue_came, restored
from cordiale.node import agreements_counting as counting
from cordiale.node import agreements_kept as kept
from cordiale.node.home import (
    FOUNDING,
    UNFINISHED,
    Founding,
    Keys,
    alone,
    check_finished,
    finish,
    make_home,
    open_home,
    same_side,
    words_of,
)
from cordiale.node.node import Node
from cordiale.node.outside import World, system_world
from cordiale.node.settings import Settings, read_settings
from cordiale.officers import NewAccount, OfficerRole
from cordiale.seals import NodeCard, ScryptCost, SigningKeys, Vault
from cordiale.store import Store, metadata, open_store
from cordiale.store.migrations import current, head, upgrade
from cordiale.world import Disk, Wire

FOUNDING_MAX: Final = 2  # entries that a founding makes: the node, and its first administrator


@dataclass(frozen=True, slots=True)
class Founded:
    """What a founding tells, once: the words of the Side's key and the administrator's second factor."""

    node: str
    home: str
    words: str
    administrator: str
    factor_secret: str
    factor_address: str
    offline: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def found(
    home: Path,
    founding: Founding,
    *,
    secrets: tuple[str, str],
    world: World | None = None,
    cost: ScryptCost | None = None,
    side_keys: SigningKeys | None = None,
    register: Register | None = None,
    tell: Callable[[Founded], object] | None = None,
) -> Founded:
    """Make a node: keys under the passphrase, database, first administrator. `secrets`: passphrase, password.
    `side_keys`: the Side's, for a second node of it (`home.side_keys_of`). `register` spares reading them.
    `tell`: shows what is told once; only after it the folder is a node, so that no factor is lost unseen.

    Raises UsageError, SealError or AccountError naming what is wrong; a founding that was cut short can be
    done again.
    """
    world = world or system_world()
    passphrase, password = secrets
    officers.check_new_password(password, founding.administrator)
    register = register or agreements.register_of(home, read_settings(home, world.disk).texts, "", world.disk)
    agreements.check_parties(register, founding.side, founding.authorities)
    with alone(home, world.disk):
        begun = _begun(home, world.disk)
        vault, keys = make_home(home, founding, passphrase, world=world, cost=cost, side_keys=side_keys)
        settings = read_settings(home, world.disk)
        store = _new_store(settings.store_url(home), begun)
        with _join(home, settings, world, vault=vault, keys=keys, store=store, register=register) as node:
            account, secret = _first_person(node, founding, password)
        founded = Founded(
            node=founding.node,
            home=str(home),
            words=words_of(keys),
            administrator=account.login,
            factor_secret=secret,
            factor_address=officers.factor_uri(secret, account.login, founding.name or founding.node),
            offline=f"Take {home.name}/offline to a safe: with it somebody could speak for {founding.side}.",
        )
        if tell is not None:
            tell(founded)
        finish(home, world.disk)
    return founded


def _begun(home: Path, disk: Disk) -> str:
    """The digest of the card that a founding had made here before it was cut short; "" where none had."""
    names = disk.names(home)
    if not {UNFINISHED, "card"} <= set(names) or disk.read(home / UNFINISHED) != FOUNDING:
        return ""
    return NodeCard.from_bytes(disk.read(home / "card")).digest()


def _new_store(url: str, begun: str = "") -> Store:
    """The database of a new node. What a founding of the card `begun` had put there is taken away. Raises
    UsageError where somebody's rows are in it: a second ledger begun in it would make the first one a lie.
    """
    store = open_store(url)
    try:
        is_ours = False
        if store.read(is_filled):
            is_ours = bool(begun) and store.read(lambda tx: _is_founding_of(tx, begun))
            if not is_ours:
                raise UsageError(
                    "the database that was named is not empty",
                    field="store",
                    way_out="Name another one; or, if a founding that was cut short left it, make it anew.",
                )
        upgrade(store)
        if is_ours:
            store.write(_empty)
    except BaseException:
        store.close()
        raise
    return store


def _is_founding_of(tx: Connection, card: str) -> bool:
    """Whether nothing is in the ledger but how the node of this card was founded."""
    first = select(entries.c.leaf).order_by(entries.c.entry_index).limit(FOUNDING_MAX + 1)
    found = [Entry.from_leaf(one) for one in tx.execute(first).scalars()]
    return 0 < len(found) <= FOUNDING_MAX and found[0].facts.get("card") == card


def _empty(tx: Connection) -> None:
    for one in reversed(metadata.sorted_tables):
        tx.execute(delete(one))


def is_filled(tx: Connection) -> bool:
    """Whether any table of ours holds a row."""
    there = set(inspect(tx).get_table_names())
    counts = (select(func.count()).select_from(one) for one in metadata.sorted_tables if one.name in there)
    return any(tx.execute(one).scalar() for one in counts)


def _first_person(node: Node, founding: Founding, password: str) -> tuple[officers.Account, str]:
    """The first entry and the first administrator, in one act: a database has both or neither."""
    new = NewAccount(
        founding.administrator,
        founding.person,
        founding.authorities[0],
        frozenset({OfficerRole.ADMINISTRATOR.value}),
    )
    act, secret = people.founding_act(node, new, password)

    def both(tx: Connection) -> officers.Account:
        _first_entry(node, tx)
        return act(tx)

    return node.store.write(both), secret


def found_in_memory(
    home: Path, founding: Founding, passphrase: str, *, world: World, register: Register, cost: ScryptCost
) -> Node:
    """A node without a home on disk, for simulations: founded and open, with nobody in it yet. Its database
    is in memory too unless the founding names one.
    """
    vault, keys = make_home(home, founding, passphrase, world=world, cost=cost)
    settings = read_settings(home, world.disk, environment={})
    store = open_store(settings.store or "sqlite://")
    upgrade(store)
    node = _join(home, settings, world, vault=vault, keys=keys, store=store, register=register)
    node.store.write(lambda tx: _first_entry(node, tx))
    finish(home, world.disk)
    return node


def _first_entry(node: Node, tx: Connection) -> None:
    at = node.world.clock.now()
    facts = {
        "side": node.side,
        "card": node.keys.card.digest(),
        "state": "founded",
        "text_digest": node.register.texts_digest,
    }
    node.log.append(tx, Entry(Kind.NODE, at, facts))


def open_node(
    home: Path,
    passphrase: str,
    *,
    settings: Settings | None = None,
    world: World | None = None,
    environment: Mapping[str, str] | None = None,
    register: Register | None = None,
) -> Node:
    """Open the node in `home`. Close it, or use it with `with`.

    `register` spares reading the texts again where several nodes share them.
    Raises UsageError when no node is there, OpenError for a wrong passphrase, StoreTooNew for a database
    of a newer Cordiale and StoreError for an older one (`cordiale upgrade` brings it forward).
    """
    world = world or system_world()
    check_finished(home, world.disk)
    return open_unfinished(
        home, passphrase, settings=settings, world=world, environment=environment, register=register
    )


def open_unfinished(
    home: Path,
    passphrase: str,
    *,
    settings: Settings | None = None,
    world: World,
    environment: Mapping[str, str] | None = None,
    register: Register | None = None,
) -> Node:
    """`open_node`, also while a restore is still under way: only for who restores."""
    vault, keys = open_home(home, passphrase, world.disk)
    settings = settings or read_settings(
        home, world.disk, environment=os.environ if environment is None else environment
    )
    same_side(settings, keys)
    store = open_store(settings.store_url(home))
    try:
        check_schema(store)
        return _join(home, settings, world, vault=vault, keys=keys, store=store, register=register)
    except BaseException:
        store.close()
        raise


EMPTY_WAY_OUT: Final = (
    "Look where it went, or restore the newest backup into an empty folder. If this node was never used, "
    "take its folder away and found it again."
)


def check_schema(store: Store) -> None:
    """Raise StoreError unless the database is at this program's step."""
    if not current(store):
        raise StoreError(
            "the database is empty",
            field="store",
            way_out=EMPTY_WAY_OUT,
        )
    if current(store) != head():
        raise StoreError(
            f"the database is at step `{current(store) or 'none'}`, this program needs `{head()}`",
            field="store",
            way_out="Run `cordiale upgrade`: it backs up first.",
        )


def _join(
    home: Path,
    settings: Settings,
    world: World,
    *,
    vault: Vault,
    keys: Keys,
    store: Store,
    register: Register | None = None,
) -> Node:
    """All parts, joined."""
    register = register or agreements.register_of(home, settings.texts, settings.records, world.disk)
    log = Log(keys.card.facts.ledger_origin, keys.ledger)
    node = Node(home, settings, world, keys, register, store, vault, log)
    node.register = _as_it_counts(node)
    node.contact = ContactPoint(
        store,
        log,
        Identity(keys.card, keys.signing, keys.sealing),
        RegisterGate(node.register),
        clock=world.clock,
        chance=world.chance,
        effect=lambda tx, received: effects.take(node, tx, received),
        on_distress=lambda received: rescue_came.show(node, received),
    )
    if store.dialect == "sqlite" and not store.is_in_memory:
        node.contact.free_bytes = lambda: world.disk.free_bytes(home)
    node.closers.append(lambda: _last_words(node))
    node.contact.on_regained = lambda tx, got: restored.regain(node, tx, got)
    node.courier = Courier(node.contact, _wire(node, world))
    node.closers.append(node.courier.close)
    store.after_commit(node.announce_later)
    return node


def _as_it_counts(node: Node) -> Register:
    """What the files say, with what was activated, suspended or ended at this node."""
    on, own = node.world.clock.now().date(), bool(node.settings.texts)

    def found(tx: Connection) -> tuple[Register, int]:
        return counting.counting(node.files, tx, on, own=own), kept.last_step(tx)

    register, last = node.store.read(found)
    node.lived = (on, last)
    return register


def _last_words(node: Node) -> None:
    """What was only counted so far; a store that has stopped keeps no node from ending."""
    with suppress(StoreError):
        node.contact.log_what_was_counted(all_of_it=True)


def _wire(node: Node, world: World) -> Wire:
    if world.wire is not None:
        return world.wire
    tls = node.home / "tls"
    wire = PinnedWire(
        addresses(node.store), certificate=tls / "cert", key=tls / "key", password=node.keys.tls_password
    )
    node.closers.append(wire.close)
    node.certifiers.append(wire.renew)
    return wire


def reload_register(node: Node) -> None:
    """Read agreements and records anew; what was prepared under the old ones is decided again."""
    settings = node.settings
    take_register(node, agreements.register_of(node.home, settings.texts, settings.records, node.world.disk))


def take_register(node: Node, files: Register) -> None:
    """Let the node decide by these files from now; the ledger says which texts they are."""
    at = node.world.clock.now()
    node.files = files
    node.register = register = _as_it_counts(node)
    node.contact.gate = RegisterGate(register)
    facts = {"text_digest": register.texts_digest, "state": "loaded"}
    node.store.write(lambda tx: node.log.append(tx, Entry(Kind.AGREEMENT, at, facts)))
