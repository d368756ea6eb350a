"""The contact point's own port: mutual TLS with certificates that known partners' cards pin.

Apart from people's pages, in its own thread. Sizes, times, connections and workers are bounded for each
partner, however many certificates it has; distress has workers of its own. A socket is opened here and
nowhere else in this room; who speaks is known from the signature of each message, not from TLS.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar, runtime_checkable

import h11

from cordiale.errors import ExchangeError
from cordiale.exchange.claims import claims_distress
from cordiale.exchange.message import ENVELOPE_BYTES_MAX

BODY_BYTES_MAX: Final = 2 * ENVELOPE_BYTES_MAX + (4 << 20)  # a batch of small messages, or two of the biggest
CONNECTIONS_MAX: Final = 1024  # of all partners together: a wall against running out of files
STRANGERS_MAX: Final = 128  # whose certificate has not been seen yet: nobody without one uses up our files
PER_PARTNER_MAX: Final = 8  # one partner keeps two or three; it can shut no other out
PARTNER_BYTES_MAX: Final = 4 * BODY_BYTES_MAX  # of one partner in memory at once
IDLE_WAIT_S: Final = 120.0  # a connection on which nothing is under way is kept this long
HEAD_WAIT_S: Final = 10.0  # a whole head, from its first byte, must arrive in this time
BODY_WAIT_S: Final = 60.0  # a body that has begun must arrive in this time
CLOSE_WAIT_S: Final = 10.0
WORKERS: Final = 4  # opening letters is work for the processor; the writer groups what they hand over
PARTNER_WORKERS: Final = 3  # of those, for one partner at once: none keeps all others waiting
RESCUE_WORKERS: Final = 8  # for distress alone, so that no ordinary work ever stands before a call
PARTNER_RESCUE_WORKERS: Final = (
    2  # one partner has two lanes of rescue; its many calls queue behind each other
)
DOORKEEPERS: Final = 2  # who looks up a certificate; apart, so that nobody waits outside for work to end
URGENT_BYTES: Final = 16 << 10  # the lane of the first message stands within these
READ_BYTES: Final = 64 << 10

RECHECK_S: Final = 1.0  # a connection that is kept open is checked again after this long
TICK_S: Final = 1.0
Serve = Callable[[str, bytes], tuple[int, bytes]]
"""(path, body) -> (HTTP status, body). Runs in a worker thread."""
T = TypeVar("T")


@runtime_checkable
class Doorkeeper(Protocol):
    """What serves and knows, too, whose a TLS certificate (DER) is at this moment: a partner's, or ""."""

    def partner_of(self, certificate: bytes) -> str: ...

    def __call__(self, path: str, body: bytes, *, by: str) -> tuple[int, bytes]: ...


class Workers:
    """Threads of which one partner has no more than its share at once; what is beyond waits its turn."""

    def __init__(self, name: str, count: int, share: int) -> None:
        self.pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._share = share
        self._seats: dict[str, asyncio.Semaphore] = {}

    async def run(self, partner: str, act: Callable[[], T]) -> T:
        """Run `act` in a thread, in a seat of this partner."""
        seat = self._seats.setdefault(partner, asyncio.Semaphore(self._share))
        async with seat:
            return await asyncio.get_running_loop().run_in_executor(self.pool, act)

    def forget(self, partner: str) -> None:
        """No connection of this partner is open any more."""
        self._seats.pop(partner, None)


class Strangers:
    """Connections whose other end has not shown its certificate yet. Where there is no room, the oldest of
    the address that has most of them goes: who floods throws out itself, and a partner needs a moment only.
    """

    def __init__(self) -> None:
        self._of: dict[str, dict[asyncio.Task[None], None]] = {}

    @contextmanager
    def room(self, address: str, task: asyncio.Task[None]) -> Iterator[None]:
        """A place for this connection; another may take it before the block has ended."""
        while sum(map(len, self._of.values())) >= STRANGERS_MAX:
            most = max(self._of, key=lambda one: len(self._of[one]))
            oldest = next(iter(self._of[most]))
            self._leave(most, oldest)
            oldest.cancel()
        self._of.setdefault(address, {})[task] = None
        try:
            yield
        finally:
            self._leave(address, task)

    def _leave(self, address: str, task: asyncio.Task[None]) -> None:
        several = self._of.get(address, {})
        several.pop(task, None)
        if not several:
            self._of.pop(address, None)


class Listener:
    """Serves `serve` on `host:port` over mutual TLS. `start` returns once it listens; `close` ends every
    thread. Where `serve` is a Doorkeeper, each connection is asked about again, so that a removed partner is
    out, and it is told over whose connection a request came. Else an issuer counts as one partner.
    """

    def __init__(self, serve: Serve, *, host: str, port: int, tls: ssl.SSLContext) -> None:
        self._serve = serve
        self._doorkeeper = serve if isinstance(serve, Doorkeeper) else None
        self._where = (host, port)
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._ordinary = Workers("contact-point", WORKERS, PARTNER_WORKERS)
        self._rescue = Workers("contact-point-rescue", RESCUE_WORKERS, PARTNER_RESCUE_WORKERS)
        self._door = ThreadPoolExecutor(DOORKEEPERS, thread_name_prefix="contact-point-door")
        self._ready = threading.Event()
        self._fault: OSError | None = None
        self._open = 0
        self._strangers = Strangers()
        self._of: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._ticked_s = self._loop.time()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="contact-point-listener", daemon=True)
        self.port = port

    def start(self) -> Listener:
        """Listen. Raises ExchangeError when the port cannot be had."""
        self._thread.start()
        self._ready.wait()
        if self._fault:
            self._thread.join()
            raise ExchangeError(
                f"the contact point cannot listen on `{self._where[0]}:{self._where[1]}`: {self._fault}",
                field="port",
                way_out="Choose another port or stop what holds it.",
            )
        return self

    def close(self) -> None:
        """Stop listening, end open connections, wait for the threads."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        for pool in (self._ordinary.pool, self._rescue.pool, self._door):
            pool.shutdown(wait=True)

    def renew(self, tls: ssl.SSLContext) -> None:
        """Connections from now are taken under this context: our certificate or the partners are others."""
        self._tls = tls

    def quiet_s(self) -> float:
        """How long ago this door last gave a sign of life; it gives one each second."""
        return self._loop.time() - self._ticked_s

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        self._stop = asyncio.Event()
        try:
            server = await asyncio.start_server(self._greet, *self._where)
        except OSError as fault:
            self._fault = fault
            return
        finally:
            if self._fault:
                self._ready.set()
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            while not self._stop.is_set():
                self._ticked_s = self._loop.time()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), TICK_S)
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        address = str((writer.get_extra_info("peername") or ("",))[0])
        try:
            with self._strangers.room(address, task):
                # Nothing is awaited before: what comes first is for TLS to read.
                await writer.start_tls(self._tls, ssl_handshake_timeout=CLOSE_WAIT_S)
                name = await self._partner(writer)
            if name and self._open < CONNECTIONS_MAX:
                await self._seated(name, reader, writer)
        except (
            OSError,
            asyncio.IncompleteReadError,
            asyncio.CancelledError,
            TimeoutError,
            h11.ProtocolError,
        ):
            pass  # the other end went, was too slow or spoke no HTTP: its courier tries again
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _seated(self, partner: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Converse, if this partner has not as many connections already as one may."""
        self._of[partner] += 1
        self._open += 1
        try:
            if self._of[partner] <= PER_PARTNER_MAX:
                await self._converse(partner, reader, writer)
        finally:
            self._open -= 1
            self._of[partner] -= 1
            if not self._of[partner]:
                del self._of[partner]
                self._ordinary.forget(partner)
                self._rescue.forget(partner)

    async def _partner(self, writer: asyncio.StreamWriter) -> str:
        """Whose connection this is at this moment; "" for nobody's."""
        if self._doorkeeper is None:
            return _issuer(writer)
        return await self._loop.run_in_executor(self._door, self._doorkeeper.partner_of, _certificate(writer))

    async def _answer(self, partner: str, path: str, body: bytes) -> tuple[int, bytes]:
        """What is served, by the workers for it: distress has its own."""
        workers = self._rescue if claims_distress(body[:URGENT_BYTES]) else self._ordinary
        serve: Callable[[], tuple[int, bytes]] = partial(self._serve, path, body)
        if self._doorkeeper is not None:
            serve = partial(self._doorkeeper, path, body, by=partner)
        return await workers.run(partner, serve)

    async def _converse(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request after another on one connection."""
        talk = h11.Connection(h11.SERVER)
        checked = self._loop.time()
        while True:
            request = await _head(talk, reader)
            if not isinstance(request, h11.Request):
                return
            if self._loop.time() - checked > RECHECK_S:
                if await self._partner(writer) != name:
                    return
                checked = self._loop.time()
            status, answer = await self._request(name, request, talk, reader)
            await _reply(talk, writer, status, answer)
            if talk.our_state is not h11.DONE or talk.their_state is not h11.DONE:
                return
            talk.start_next_cycle()

    async def _request(
        self, name: str, request: h11.Request, talk: h11.Connection, reader: asyncio.StreamReader
    ) -> tuple[int, bytes]:
        """Read one request whole and answer it: (HTTP status, body)."""
        held = 0

        def keeps(count: int) -> bool:
            nonlocal held
            held += count
            self._bytes[name] += count
            return held <= BODY_BYTES_MAX and self._bytes[name] <= PARTNER_BYTES_MAX

        try:
            async with asyncio.timeout(BODY_WAIT_S):
                body = await _body(talk, reader, keeps)
            if request.method != b"POST":
                return 405, b""
            if body is None:
                return (413 if held > BODY_BYTES_MAX else 503), b""
            return await self._answer(name, request.target.decode("ascii", "replace"), body)
        finally:
            self._bytes[name] -= held
            if not self._bytes[name]:
                del self._bytes[name]


def _issuer(writer: asyncio.StreamWriter) -> str:
    """Who issued the TLS certificate of who has connected."""
    return str((writer.get_extra_info("ssl_object").getpeercert() or {}).get("issuer", ""))


def _certificate(writer: asyncio.StreamWriter) -> bytes:
    """The TLS certificate (DER) of who has connected."""
    return writer.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""


async def _head(talk: h11.Connection, reader: asyncio.StreamReader) -> object:
    """The next request: nothing for a while, then a whole head within one time, however it is cut up."""
    if (event := talk.next_event()) is not h11.NEED_DATA:
        return event
    async with asyncio.timeout(IDLE_WAIT_S):
        talk.receive_data(await reader.read(READ_BYTES))
    async with asyncio.timeout(HEAD_WAIT_S):
        return await _next(talk, reader)


async def _next(talk: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := talk.next_event()) is h11.NEED_DATA:
        talk.receive_data(await reader.read(READ_BYTES))
    return event


async def _body(
    talk: h11.Connection, reader: asyncio.StreamReader, keeps: Callable[[int], bool]
) -> bytes | None:
    """The body of a request, or None when it is longer than allowed; `keeps` counts what is held."""
    parts: list[bytes] = []
    while True:
        event = await _next(talk, reader)
        if isinstance(event, h11.Data):
            if not keeps(len(event.data)):
                return None
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return b"".join(parts)
        else:
            return None


async def _reply(talk: h11.Connection, writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    headers = [("content-length", str(len(body))), ("content-type", "application/octet-stream")]
    head = talk.send(h11.Response(status_code=status, headers=headers)) or b""
    rest = (talk.send(h11.Data(data=body)) or b"") if body else b""
    writer.write(head + rest + (talk.send(h11.EndOfMessage()) or b""))
    await writer.drain()


def server_context(
    issuers: Iterable[str], certificate: Path, key: Path, *, password: str | None = None
) -> ssl.SSLContext:
    """TLS 1.3 for clients alone whose certificate one of `issuers` (PEM, from peers' cards) has issued.
    An issuer that is no certificate opens the door to nobody, and shuts it to no other.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key, password)
    for issuer in issuers:
        with suppress(ssl.SSLError, ValueError):
            context.load_verify_locations(cadata=issuer)
    return context
