"""One node, one process: pages, contact point, courier, and the keeper that looks after what has come due.

Sockets are opened here and in the exchange's listener, at start-up only. SIGINT and SIGTERM end it in
order: no more requests, what is under way is finished, the store is closed by whoever opened the node.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, Final

from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy.exc import SQLAlchemyError

from cordiale.errors import CordialeError, StoreError, UsageError
from cordiale.exchange import Listener, renewal
from cordiale.exchange.listener import server_context
from cordiale.exchange.service import Service
from cordiale.node import (
    heartbeat,
    keeping,
    notices,
    recalls_asked,
    renewing,
    rescue_sent,
    restored,
    witnessing,
)
from cordiale.node.home import alone
from cordiale.node.reach import is_this_machine, out_of_reach
from cordiale.node.saying import Said

if TYPE_CHECKING:
    from cordiale.node.node import Node
    from cordiale.node.settings import Settings

KEEPER_S: Final = 0.5  # how late a held message or a recall to pass on may be
ASKER_S: Final = 5.0
WITNESS_S: Final = 5.0  # how far cosignatures may lag while all partners answer
Say = Callable[[str], None]


@contextmanager
def running(node: Node) -> Iterator[None]:
    """The contact point listens, the courier carries, the keeper keeps, while the block runs.

    Raises UsageError while another process runs this node.
    """
    with alone(node.home, node.world.disk), _parts(node):
        yield


@contextmanager
def _parts(node: Node) -> Iterator[None]:
    service = service_of(node)
    settings, issuers = node.settings, _issuers(node)
    tls = _context(node, issuers)
    listener = Listener(service, host=settings.contact_host, port=settings.contact_port, tls=tls).start()
    rescue_sent.recover(node)
    door = Door(node, listener, issuers)
    node.certifiers.append(door.renew)
    node.trust = door.renew
    over, kept = threading.Event(), Signs(node.world.clock.now())
    keeper = threading.Thread(target=_keep, args=(node, over, kept, door.look), name="keeper", daemon=True)
    asker = threading.Thread(target=_pursue, args=(node, over), name="asker", daemon=True)
    heart = threading.Thread(target=_beat, args=(node, over, listener, kept), name="heartbeat", daemon=True)
    node.courier.start()
    keeper.start()
    asker.start()
    heart.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        asker.join()
        heart.join()
        listener.close()
        node.trust = None
        node.certifiers.remove(door.renew)
        node.world.disk.remove(node.home / heartbeat.FILE)


@dataclass(slots=True)
class Door:
    """Whom the listener lets in: under our certificate of now, whoever a partner's card of now names, also
    one that a command in another process has taken in. Connections that are open stay as they are: whose
    each is, is asked again.
    """

    node: Node
    listener: Listener
    issuers: frozenset[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def renew(self) -> None:
        """Our certificate is another, or the partners are."""
        with self._lock:
            self.issuers = _issuers(self.node)
            self.listener.renew(_context(self.node, self.issuers))

    def look(self) -> None:
        """Renew it where the partners have changed."""
        if _issuers(self.node) != self.issuers:
            self.renew()


def _issuers(node: Node) -> frozenset[str]:
    return frozenset(one.card.facts.tls_issuer for one in node.contact.partners())


def _context(node: Node, issuers: frozenset[str]) -> SSLContext:
    tls = node.home / "tls"
    return server_context(issuers, tls / "cert", tls / "key", password=node.keys.tls_password)


@dataclass(slots=True)
class Signs:
    """When the keeper ended its last round, whether something was wrong in it or not."""

    kept_at: datetime


def _beat(node: Node, over: threading.Event, listener: Listener, kept: Signs) -> None:
    """Write down the signs of life until it is over; a full disk is no reason to stop."""
    clock = node.world.clock
    signs = {
        heartbeat.KEEPER: lambda: kept.kept_at,
        heartbeat.COURIER: lambda: node.courier.turned_at,
        heartbeat.LISTENER: lambda: clock.now() - timedelta(seconds=listener.quiet_s()),
    }
    while True:
        with suppress(OSError):
            heartbeat.write(node.home, node.world.disk, signs, at=clock.now())
        if over.wait(heartbeat.BEAT_S):
            return


def service_of(node: Node) -> Service:
    """What this node answers partners: messages, its card, cosignatures."""
    others = {
        witnessing.PATH: lambda body, by: witnessing.answer(node, body, by=by),
        renewal.CARD: lambda body, _: renewal.take(node.contact, body),
        notices.HOLDERS: lambda body, _: notices.tell(node, body),
    }
    return Service(node.contact, others)


def _keep(node: Node, over: threading.Event, signs: Signs, look: Callable[[], None]) -> None:
    """Round after round until it is over; a fault of one round is the next round's work. `look`: whether the
    door still lets in whom it should.
    """
    since_witness = WITNESS_S
    while not over.wait(KEEPER_S):
        since_witness += KEEPER_S
        signs.kept_at = node.world.clock.now()
        try:
            keeping.keep(node)
            look()
            if since_witness >= WITNESS_S:
                since_witness = 0.0
                renewing.take_up(node)
                witnessing.ask_partners(node)
        except StoreError:
            continue  # the store is busy or full: what is due stays due
        # Top of the thread: were it to end, no held message would go and nothing be erased, unseen.
        except Exception as fault:
            _tell(node, fault)  # shown to a person; what is due stays due


def _pursue(node: Node, over: threading.Event) -> None:
    """Ask partners how far recalls have come, apart from the keeper: who does not answer holds up nothing."""
    while not over.wait(ASKER_S):
        try:
            recalls_asked.pursue(node, over.is_set)
        except StoreError:
            continue
        # Top of the thread: were it to end, an open recall would never be heard of again.
        except Exception as fault:
            _tell(node, fault)


def _tell(node: Node, fault: Exception) -> None:
    """Raise the alarm; when the store cannot take it, or a listener fails, the next round tells it again."""
    with suppress(CordialeError, SQLAlchemyError, OSError, RuntimeError, ValueError):
        keeping.alarm(node, fault)
        node.announce("alarm")


def serve(
    node: Node, application: Callable[[Node], Any], *, say: Say, ready: Callable[[], None] | None = None
) -> None:
    """Run pages, contact point and courier until SIGINT or SIGTERM. Raises UsageError when a port is
    taken, or another process runs this node.
    """
    settings = node.settings
    with alone(node.home, node.world.disk):  # before the ports: another port would only hide a second process
        check_wall(settings)
        check_port(settings.pages_host, settings.pages_port, "pages_port")
        check_port(settings.contact_host, settings.contact_port, "contact_port")
        _serve(node, application(node), say=say, ready=ready)


def _serve(node: Node, pages: Any, *, say: Say, ready: Callable[[], None] | None) -> None:
    settings = node.settings
    with _parts(node):
        scheme = "https" if settings.pages_certificate else "http"
        pages_at = f"{scheme}://{settings.pages_host}:{settings.pages_port}"
        listens_at = f"{settings.contact_host}:{settings.contact_port}"
        say(Said("pages: {url}", url=pages_at))
        say(Said("contact point: {at} (mutual TLS, partners only)", at=listens_at))
        for warning in out_of_reach(settings, node.keys.card.facts.address):
            say(Said("WARNING: {what}", what=warning))
        restored.wait_for_partners(node, say, threading.Event().wait)
        gc.collect()
        # Agreements, tables and pages stay: to look through them for rubbish again and again would stop every
        # reader for a tenth of a second each time.
        gc.freeze()
        asyncio.run(_pages(node, pages, ready))


def check_wall(settings: Settings) -> None:
    """Raise UsageError where passwords would cross a network in clear, or a certificate lacks its key."""
    if bool(settings.pages_certificate) != bool(settings.pages_key):
        missing = "pages_key" if settings.pages_certificate else "pages_certificate"
        raise UsageError(
            "a certificate and its key go together",
            field=missing,
            way_out="Set pages_certificate and pages_key, or neither.",
        )
    for name in ("pages_certificate", "pages_key"):
        file = getattr(settings, name)
        if file and not Path(file).is_file():
            raise UsageError(f"`{file}` is not a file", field=name, way_out="Name a PEM file.")
    if not (settings.pages_certificate or settings.pages_proxy or is_this_machine(settings.pages_host)):
        raise UsageError(
            f"the pages would be served without TLS on `{settings.pages_host}`",
            field="pages_host",
            way_out="Set pages_certificate and pages_key, or name the TLS proxy before it in pages_proxy.",
        )


async def _pages(node: Node, pages: Any, ready: Callable[[], None] | None) -> None:
    settings = node.settings
    server = Server(
        pages,
        address=settings.pages_host,
        port=settings.pages_port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
        ssl_cert=Path(settings.pages_certificate) if settings.pages_certificate else None,
        ssl_key=Path(settings.pages_key) if settings.pages_key else None,
    )
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, server.stop)
    task = asyncio.create_task(server.serve())
    if ready is not None:
        ready()
    await task


def check_port(host: str, port: int, field: str) -> None:
    """Raise UsageError when a port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise UsageError(
                f"`{host}:{port}` cannot be had: {fault.strerror}",
                field=field,
                way_out="Stop what holds it, or choose another port: "
                f"`--{field.replace('_', '-')}`, or `{field}` in cordiale.toml.",
            ) from None


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Ports that nobody holds now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((host, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
