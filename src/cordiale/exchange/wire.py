"""Out to a partner's contact point: mutual TLS, and only the certificate that the partner's node card pins.

TLS is the outer wall and no more: who speaks is known from signatures, and secrecy for decades from the seal.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx

from cordiale.errors import Permanent, Transient
from cordiale.world import Reply

CONNECT_WAIT_S: Final = 10.0
REPLY_BYTES_MAX: Final = 8 << 20  # receipts of a full batch with their proofs, and room to spare
NOBODY_LISTENS: Final = "connection"  # the field of a Transient for a connection that was refused
IDLE_S: Final = 60.0  # connections are kept: a TLS handshake costs more than a message

Address = Callable[[str], tuple[str, str]]
"""node -> (address "host:port", PEM of the certificate that issued its TLS certificate), from its card."""


class PinnedWire:
    """The Wire between contact points. `address` looks a peer up; `certificate`, `key` are our TLS files."""

    def __init__(
        self, address: Address, *, certificate: Path, key: Path, password: str | None = None
    ) -> None:
        self._address = address
        self._own = (certificate, key, password)
        self._clients: dict[tuple[str, str, str], httpx.Client] = {}
        self._lock = threading.Lock()

    def post(self, peer: str, path: str, body: bytes, *, wait_s: float = 30.0) -> Reply:
        """POST bytes to a peer. Raises Transient when it cannot be reached, Permanent when nobody knows the
        peer.
        """
        client = self._client(peer)
        limits = httpx.Timeout(wait_s, connect=min(CONNECT_WAIT_S, wait_s))
        try:
            with client.stream("POST", path, content=body, timeout=limits) as answer:
                return Reply(answer.status_code, _read(answer))
        except httpx.HTTPError as fault:
            # A library repeats what the other end wrote instead of HTTP: that is nobody's to keep.
            why = type(fault).__name__
            why += "" if isinstance(fault, httpx.RemoteProtocolError) else f": {fault}"
            says = f"`{peer}` could not be reached: {why}"
            raise Transient(says, field=NOBODY_LISTENS if _was_refused(fault) else "") from fault

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def renew(self) -> None:
        """Our certificate is another: new connections from now. What is under way ends on the one it has."""
        with self._lock:
            self._clients = {}

    def _client(self, peer: str) -> httpx.Client:
        address, issuer = self._address(peer)
        key = (peer, address, issuer)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._connect(address, issuer)
            return self._clients[key]

    def _connect(self, address: str, issuer: str) -> httpx.Client:
        certificate, key, password = self._own
        try:
            trust = client_context(issuer, certificate, key, password=password)
        except (ssl.SSLError, OSError) as fault:
            raise Permanent(f"the TLS files cannot be used: {fault}", field="tls") from fault
        limits = httpx.Limits(max_keepalive_connections=4, keepalive_expiry=IDLE_S)
        return httpx.Client(base_url=f"https://{address}", verify=trust, limits=limits, trust_env=False)


def client_context(
    issuer: str, certificate: Path, key: Path, *, password: str | None = None
) -> ssl.SSLContext:
    """TLS 1.3 towards a peer whose certificate must come from `issuer` (PEM) and from nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=issuer)
    context.load_cert_chain(certificate, key, password)
    return context


def _was_refused(fault: BaseException | None) -> bool:
    """Whether the far machine is there and nobody listens on it; httpx keeps that in the chain of causes."""
    while fault is not None and not isinstance(fault, ConnectionRefusedError):
        fault = fault.__cause__ or fault.__context__
    return fault is not None


def _read(answer: httpx.Response) -> bytes:
    parts, total = [], 0
    for part in answer.iter_raw():
        total += len(part)
        if total > REPLY_BYTES_MAX:
            raise Transient("the reply is longer than any reply can be")
        parts.append(part)
    return b"".join(parts)
