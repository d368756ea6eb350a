"""Out to a partner's contact point: mutual TLS, and only the certificate that the partner's node card pins.

TLS is the outer wall and no more: who speaks is known from signatures, and secrecy for decades from the seal.
Connections are kept and used again. Nothing is tried twice here: the courier decides what goes again.
"""

from __future__ import annotations

import select
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from pathlib import Path
from typing import Final

from cordiale.errors import Permanent, Transient
from cordiale.world import Clock, Reply, SystemClock

CONNECT_WAIT_S: Final = 10.0
REPLY_BYTES_MAX: Final = 8 << 20  # receipts of a full batch with their proofs, and room to spare
NOBODY_LISTENS: Final = "connection"  # the field of a Transient for a connection that was refused
IDLE_S: Final = 60.0  # connections are kept: a TLS handshake costs more than a message
KEPT_MAX: Final = 4  # idle connections kept to one partner: its lanes and what goes beside them
READ_BYTES: Final = 1 << 20

Address = Callable[[str], tuple[str, str]]
"""node -> (address "host:port", PEM of the certificate that issued its TLS certificate), from its card."""


class PinnedWire:
    """The Wire between contact points. `address` looks a peer up; `certificate`, `key` are our TLS files."""

    def __init__(
        self,
        address: Address,
        *,
        certificate: Path,
        key: Path,
        password: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._address = address
        self._clock = clock or SystemClock()
        self._own = (certificate, key, password)
        self._lines: dict[tuple[str, str, str], Line] = {}
        self._lock = threading.Lock()

    def post(self, peer: str, path: str, body: bytes, *, wait_s: float = 30.0) -> Reply:
        """POST bytes to a peer. Raises Transient when it cannot be reached, Permanent when nobody knows the
        peer.
        """
        line = self._line(peer)
        try:
            return line.post(path, body, wait_s=wait_s)
        except (OSError, HTTPException) as fault:
            # A library repeats what the other end wrote instead of HTTP: that is nobody's to keep.
            is_theirs = isinstance(fault, HTTPException) and not isinstance(fault, RemoteDisconnected)
            why = type(fault).__name__ + ("" if is_theirs else f": {fault}")
            refused = NOBODY_LISTENS if isinstance(fault, ConnectionRefusedError) else ""
            why = f"{line.address or 'no address'}: {why}"
            raise Transient(f"`{peer}` could not be reached: {why}", field=refused) from fault

    def close(self) -> None:
        """Close every connection that is not under way, and keep none from now on."""
        with self._lock:
            lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            line.close()

    def renew(self) -> None:
        """Our certificate is another: new connections from now. What is under way ends on the one it has."""
        self.close()

    def _line(self, peer: str) -> Line:
        address, issuer = self._address(peer)
        key = (peer, address, issuer)
        with self._lock:
            if key not in self._lines:
                self._lines[key] = Line(address, self._trust(issuer), self._clock)
            return self._lines[key]

    def _trust(self, issuer: str) -> ssl.SSLContext:
        certificate, key, password = self._own
        try:
            return client_context(issuer, certificate, key, password=password)
        except (ssl.SSLError, OSError) as fault:
            raise Permanent(f"the TLS files cannot be used: {fault}", field="tls") from fault


@dataclass(slots=True)
class Line:
    """The connections to one address under one trust. Thread-safe: each call has a connection of its own."""

    address: str
    trust: ssl.SSLContext
    clock: Clock
    _kept: list[tuple[HTTPSConnection, float]] = field(default_factory=list)
    """Connections on which nothing is under way, and since when; the one used last is the last."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_open: bool = True

    def post(self, path: str, body: bytes, *, wait_s: float) -> Reply:
        """One call. Raises OSError or HTTPException for what the network or the other end did."""
        connection = self._taken() or self._connected(wait_s)
        try:
            connection.sock.settimeout(wait_s)
            connection.request("POST", path, body)
            answer = connection.getresponse()
            reply = Reply(answer.status, _read(answer))
        except BaseException:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            self._keep(connection)
        return reply

    def close(self) -> None:
        """Close what is kept; what is under way is closed when it has ended."""
        with self._lock:
            kept, self._kept, self._is_open = self._kept, [], False
        for connection, _ in kept:
            connection.close()

    def _connected(self, wait_s: float) -> HTTPSConnection:
        wait_s = min(CONNECT_WAIT_S, wait_s)
        connection = HTTPSConnection(self.address, timeout=wait_s, context=self.trust)
        connection.connect()
        return connection

    def _taken(self) -> HTTPSConnection | None:
        """A kept connection that nobody has closed since, or None."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                connection, since_s = self._kept.pop()
            if self.clock.monotonic_s() - since_s < IDLE_S and not _has_ended(connection):
                return connection
            connection.close()

    def _keep(self, connection: HTTPSConnection) -> None:
        with self._lock:
            if self._is_open and len(self._kept) < KEPT_MAX:
                self._kept.append((connection, self.clock.monotonic_s()))
                return
        connection.close()


def client_context(
    issuer: str, certificate: Path, key: Path, *, password: str | None = None
) -> ssl.SSLContext:
    """TLS 1.3 towards a peer whose certificate must come from `issuer` (PEM) and from nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=issuer)
    context.load_cert_chain(certificate, key, password)
    return context


def _has_ended(connection: HTTPSConnection) -> bool:
    """Whether a kept connection was closed at the other end: nothing else is there to be read on it."""
    waits = select.poll()
    waits.register(connection.sock, select.POLLIN)
    return bool(waits.poll(0))


def _read(answer: HTTPResponse) -> bytes:
    parts, total = [], 0
    while part := answer.read(READ_BYTES):
        total += len(part)
        if total > REPLY_BYTES_MAX:
            raise Transient("the reply is longer than any reply can be")
        parts.append(part)
    return b"".join(parts)
