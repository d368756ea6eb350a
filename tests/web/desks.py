"""Two real nodes as agencies run them: homes on disk, contact points over mutual TLS, pages on ports."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
from granian.constants import Interfaces
from granian.server.embed import Server

from cordiale.node import Node, exchange, found, open_node, people
from cordiale.node.home import Founding
from cordiale.node.people import NewAccount
from cordiale.node.serving import free_ports, running
from cordiale.seals import ScryptCost
from cordiale.web import application

PASSPHRASE = "an invented phrase for tests"
PASSWORD = "three green harbour lamps"
CHEAP = ScryptCost(n=1 << 12)
CAST = {
    "FR": (("police-judiciaire",), ("claire", "Claire Exemple (inventée)")),
    "UK": (("home-office", "nca"), ("noor", "Noor Example (invented)")),
    "FRONTEX": (("frontex",), ("luca", "Luca Example (invented)")),
}


@dataclass
class Desk:
    """One node with its pages, and the second factor of the invented person who sits at it."""

    node: Node
    login: str
    secret: str
    port: int
    used: list[str] = field(default_factory=list)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.node.world.clock.now())


@contextmanager
def desks(folder: Path, sides: tuple[str, ...], *, hold_s: int) -> Iterator[dict[str, Desk]]:
    """The nodes of these Sides, knowing one another; all stopped in the end."""
    ports = free_ports(2 * len(sides))
    with ExitStack() as stack:
        made = {
            side: _found(stack, folder / side.lower(), side, ports[2 * n : 2 * n + 2], hold_s)
            for n, side in enumerate(sides)
        }
        for side, desk in made.items():
            for other, partner in made.items():
                if side != other:
                    card = exchange.own_card(partner.node)
                    raw = exchange.card_bytes(card["card"])
                    exchange.add_peer(desk.node, raw, words=card["words"], by="an invented administrator")
        for desk in made.values():
            stack.enter_context(running(desk.node))
            stack.enter_context(pages(desk))
        yield made


def _found(stack: ExitStack, home: Path, side: str, ports: list[int], hold_s: int) -> Desk:
    authorities, (login, name) = CAST[side]
    founding = Founding(
        side,
        authorities,
        "admin",
        "Invented Administrator",
        address=f"127.0.0.1:{ports[1]}",
        more={
            "pages_port": ports[0],
            "contact_port": ports[1],
            "demo": True,
            "hold_s": hold_s,
            "language": "en",
        },
    )
    found(home, founding, secrets=(PASSPHRASE, PASSWORD), cost=CHEAP)
    node = stack.enter_context(open_node(home, PASSPHRASE, environment={}))
    new = NewAccount(login, name, authorities[0], frozenset({"officer", "supervisor"}))
    _, secret = people.found_account(node, new, PASSWORD)
    return Desk(node, login, secret, ports[0])


@contextmanager
def pages(desk: Desk) -> Iterator[None]:
    """The pages of one node while the block runs."""
    server = Server(
        application(desk.node),
        address="127.0.0.1",
        port=desk.port,
        interface=Interfaces.ASGI,
        log_enabled=False,
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(10)
