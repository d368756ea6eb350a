"""The contact point's own port: mutual TLS with certificates that known partners' cards pin, and three paths.

Apart from people's pages, in its own thread. Sizes, times and connections are bounded. A socket is opened
here and nowhere else in this room; who speaks is known from the signature of each message, not from TLS.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import h11

from cordiale.errors import ExchangeError
from cordiale.exchange.message import ENVELOPE_BYTES_MAX

BODY_BYTES_MAX: Final = 2 * ENVELOPE_BYTES_MAX + (4 << 20)  # a batch of small messages, or two of the biggest
CONNECTIONS_MAX: Final = 1024  # of all partners together: a wall against running out of files
PER_CERTIFICATE_MAX: Final = 8  # one partner keeps two or three; it can shut no other out
IDLE_WAIT_S: Final = 120.0  # a connection on which nothing is under way is kept this long
HEAD_WAIT_S: Final = 10.0  # a whole head, from its first byte, must arrive in this time
BODY_WAIT_S: Final = 60.0  # a body that has begun must arrive in this time
CLOSE_WAIT_S: Final = 10.0
WORKERS: Final = 4  # opening letters is work for the processor; the writer groups what they hand over
READ_BYTES: Final = 64 << 10

RECHECK_S: Final = 1.0  # a connection that is kept open is checked again after this long
Serve = Callable[[str, bytes], tuple[int, bytes]]
"""(path, body) -> (HTTP status, body). Runs in a worker thread."""


@runtime_checkable
class Doorkeeper(Protocol):
    """What serves and knows, too, whose TLS certificate (DER) is let in at this moment."""

    def admits(self, certificate: bytes) -> bool: ...


class Listener:
    """Serves `serve` on `host:port` over mutual TLS. `start` returns once it listens; `close` ends every
    thread. Where `serve` is a Doorkeeper, each connection is asked about again: a removed partner is out.
    """

    def __init__(self, serve: Serve, *, host: str, port: int, tls: ssl.SSLContext) -> None:
        self._serve = serve
        self._admits = serve.admits if isinstance(serve, Doorkeeper) else None
        self._where = (host, port)
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="contact-point")
        self._ready = threading.Event()
        self._fault: OSError | None = None
        self._open = 0
        self._of: Counter[bytes] = Counter()
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
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        self._stop = asyncio.Event()
        try:
            server = await asyncio.start_server(
                self._greet, *self._where, ssl=self._tls, ssl_handshake_timeout=CLOSE_WAIT_S
            )
        except OSError as fault:
            self._fault = fault
            return
        finally:
            if self._fault:
                self._ready.set()
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open += 1
        certificate = _certificate(writer)
        self._of[certificate] += 1
        try:
            room = self._of[certificate] <= PER_CERTIFICATE_MAX and self._open <= CONNECTIONS_MAX
            if room and await self._let_in(writer):
                await self._converse(reader, writer)
        except (
            OSError,
            asyncio.IncompleteReadError,
            asyncio.CancelledError,
            TimeoutError,
            h11.ProtocolError,
        ):
            pass  # the other end went, was too slow or spoke no HTTP: its courier tries again
        finally:
            self._open -= 1
            self._of[certificate] -= 1
            self._of += Counter()  # forgets those of which none is open
            self._tasks.discard(task)
            writer.transport.abort()

    async def _let_in(self, writer: asyncio.StreamWriter) -> bool:
        if self._admits is None:
            return True
        return await self._loop.run_in_executor(self._pool, self._admits, _certificate(writer))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request after another on one connection."""
        talk = h11.Connection(h11.SERVER)
        checked = self._loop.time()
        while True:
            request = await _head(talk, reader)
            if not isinstance(request, h11.Request):
                return
            if self._loop.time() - checked > RECHECK_S:
                if not await self._let_in(writer):
                    return
                checked = self._loop.time()
            body = await asyncio.wait_for(_body(talk, reader), BODY_WAIT_S)
            if request.method != b"POST" or body is None:
                status, answer = (405 if request.method != b"POST" else 413), b""
            else:
                path = request.target.decode("ascii", "replace")
                status, answer = await self._loop.run_in_executor(self._pool, self._serve, path, body)
            await _reply(talk, writer, status, answer)
            if talk.our_state is not h11.DONE or talk.their_state is not h11.DONE:
                return
            talk.start_next_cycle()


def _certificate(writer: asyncio.StreamWriter) -> bytes:
    """The TLS certificate (DER) of who has connected."""
    return writer.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""


async def _head(talk: h11.Connection, reader: asyncio.StreamReader) -> object:
    """The next request: nothing for a while, then a whole head within one time, however it is cut up."""
    if (event := talk.next_event()) is not h11.NEED_DATA:
        return event
    talk.receive_data(await asyncio.wait_for(reader.read(READ_BYTES), IDLE_WAIT_S))
    return await asyncio.wait_for(_next(talk, reader), HEAD_WAIT_S)


async def _next(talk: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := talk.next_event()) is h11.NEED_DATA:
        talk.receive_data(await reader.read(READ_BYTES))
    return event


async def _body(talk: h11.Connection, reader: asyncio.StreamReader) -> bytes | None:
    """The body of a request, or None when it is longer than allowed."""
    parts: list[bytes] = []
    total = 0
    while True:
        event = await _next(talk, reader)
        if isinstance(event, h11.Data):
            total += len(event.data)
            if total > BODY_BYTES_MAX:
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
    """TLS 1.3 for clients alone whose certificate one of `issuers` (PEM, from peers' cards) has issued."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key, password)
    for issuer in issuers:
        context.load_verify_locations(cadata=issuer)
    return context
