"""One agency's node: its parts, held together. It has no rule of its own.

`open_node` (opening.py) puts it together; each room is joined in one file beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from cordiale import officers
from cordiale.agreements.register import Register
from cordiale.agreements.registered import RescueAuthority
from cordiale.exchange import ContactPoint, Courier
from cordiale.ledger import Log
from cordiale.node.home import Keys
from cordiale.node.outside import World
from cordiale.node.reminder import Reminder
from cordiale.node.settings import Settings
from cordiale.node.spool import FOLDER, Spool
from cordiale.officers import Account, Session, Tries
from cordiale.seals import Vault
from cordiale.store import Store

Told = Callable[[str], None]
"""Hears that something new is to be seen: "distress", "inbox", "outbox", "alarm"."""


@dataclass(slots=True)
class Node:
    """One agency's running node. Opened and closed once; pages and commands call the functions beside it.

    `files`: what agreements, laws and records say; `register`: the same as it counts here, by which the node
    decides. `lived`: the day, and the step in the life of its agreements, up to which that was counted.
    `unlogged`: distress that is shown while the store cannot write: key -> (as shown, the act that will
    record it). `unshown`: "SIDE/authority" -> its calls that made way on the screen for newer ones.
    `later`: what is announced once the running group of acts is durable. `scrubbed`: the ledger place of the
    last erasure after which the database's own log was emptied.
    `reminder`: how far the keeper is in asking what ends soon.
    `tries`: who failed to sign in, and how often. `unwritten`: token -> a session that the store could not
    write yet, and the act that will; `unwritten_steps`: the codes used up by them.
    `trust`: tells a running listener that the partners have changed. `listeners`: who hears of news.
    `certifiers`: who must read this node's TLS certificate anew once its card is renewed.
    """

    home: Path
    settings: Settings
    world: World
    keys: Keys
    files: Register
    store: Store
    vault: Vault
    log: Log
    register: Register = field(init=False)
    contact: ContactPoint = field(init=False)
    courier: Courier = field(init=False)
    trust: Callable[[], None] | None = None
    listeners: list[Told] = field(default_factory=list)
    seen: dict[str, datetime] = field(default_factory=dict)
    unlogged: dict[str, tuple[Any, Callable[[Connection], None] | None]] = field(default_factory=dict)
    unshown: dict[str, int] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
    scrubbed: int = -1
    lived: tuple[date, int] | None = None
    reminder: Reminder = field(default_factory=Reminder)
    tries: Tries = field(default_factory=Tries)
    unwritten: dict[str, tuple[Session, Callable[[Connection], Any]]] = field(default_factory=dict)
    unwritten_steps: dict[str, int] = field(default_factory=dict)
    closers: list[Callable[[], None]] = field(default_factory=list)
    certifiers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The node's name, as its card says."""
        return self.keys.card.facts.node

    @property
    def side(self) -> str:
        return str(self.keys.card.facts.side)

    @property
    def authorities(self) -> tuple[str, ...]:
        """The authorities for which this node speaks."""
        return tuple(self.keys.card.facts.authorities)

    @property
    def spool(self) -> Spool:
        """Small sealed files for what must outlive this process while the database cannot write."""
        return Spool(self.home / FOLDER, self.world.disk, self.vault)

    def announce(self, what: str) -> None:
        """Tell whoever listens (live pages) that something new is to be seen."""
        for told in list(self.listeners):
            told(what)

    def announce_later(self) -> None:
        """Announce what has become durable. Called after each commit; must not wait."""
        waiting, self.later = self.later, []
        for what in dict.fromkeys(waiting):
            self.announce(what)

    def account(self, account_id: str) -> Account:
        """The account of this id. Raises AccountError when there is none."""
        return self.store.read(lambda tx: officers.account(tx, account_id))

    def names(self) -> dict[str, str]:
        """Account id -> name, for pages that show who did what."""
        return officers.named(self.store.read(officers.accounts))

    def name_of(self, side: str, authority: str) -> str:
        """The name of an authority in the register; "SIDE/authority" when the register does not know it."""
        found = self.register.on(self.world.clock.now()).authorities.get((side, authority))
        return found.name if found else f"{side}/{authority}"

    def rescue_register(self, at: datetime) -> list[RescueAuthority]:
        """Rescue authorities on a day: side, authority, sea_areas, telephone."""
        return [one for one in self.register.rescue if one.in_force(at.date())]

    def telephone_of(self, side: str, authority: str) -> str:
        """The number to ring: a rescue centre's from the register, else none."""
        found = self.register.on(self.world.clock.now()).rescue_authority(side, authority)
        return found.telephone if found else ""

    def close(self) -> None:
        """Stop what was started with this node, finish what was accepted, close the database."""
        for close in reversed(self.closers):
            close()
        self.closers.clear()
        self.store.close()

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
