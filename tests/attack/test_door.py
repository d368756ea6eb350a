"""What if somebody leans on the peer port: silent crowds, odd HTTP, bodies that never end?"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.exchange import listener as room
from cordiale.exchange.listener import Listener, server_context
from tests.exchange.certificates import Tls, tls
from tests.exchange.test_listener import closed, wire

HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture
def uk(tmp_path: Path) -> Tls:
    return tls(tmp_path, "uk")


@pytest.fixture
def fr(tmp_path: Path) -> Tls:
    return tls(tmp_path, "fr")


class Door(Listener):
    """A French door that remembers what it was asked to serve."""

    def __init__(self, uk: Tls, fr: Tls) -> None:
        self.served: list[tuple[str, bytes]] = []
        context = server_context([uk.issuer], fr.certificate, fr.key)
        super().__init__(self.note, host="127.0.0.1", port=0, tls=context)

    def note(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.served.append((path, body))
        return 200, body


@pytest.fixture
def door(uk: Tls, fr: Tls) -> Iterator[Door]:
    opened = Door(uk, fr)
    opened.start()
    yield opened
    opened.close()


def silent(port: int, count: int, *, own: str = "127.0.0.1") -> list[socket.socket]:
    """Connections from `own` that say nothing."""
    return [
        socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(own, 0))
        for _ in range(count)
    ]


def gone(talk: socket.socket) -> bool:
    talk.settimeout(0.5)
    try:
        return talk.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_silent_crowd_uses_up_no_files_and_shuts_no_partner_out(
    uk: Tls, fr: Tls, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection is a file of this process; a node without files can neither write nor ring anybody."""
    monkeypatch.setattr(room, "STRANGERS_MAX", 8)
    held = silent(door.port, 60)
    try:
        out = wire(uk, fr.issuer, door.port)
        assert out.post("fr", "/x", b"a life", wait_s=10).body == b"a life"
        out.close()
        assert sum(not gone(one) for one in held) <= 8
    finally:
        for one in held:
            one.close()


def test_who_floods_throws_out_itself_and_nobody_at_another_address(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "STRANGERS_MAX", 8)
    slow = silent(door.port, 2, own="127.0.0.2")
    held = silent(door.port, 60)
    try:
        time.sleep(0.5)
        assert [gone(one) for one in slow] == [False, False]
    finally:
        for one in (*slow, *held):
            one.close()


def talk(uk: Tls, fr: Tls, port: int) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=fr.issuer)
    context.load_cert_chain(uk.certificate, uk.key)
    raw = socket.create_connection(("127.0.0.1", port))
    return context.wrap_socket(raw, server_hostname="127.0.0.1")


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 0x3\r\n\r\nabc",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;ext=" + b"z" * (1 << 20),
        HEAD + b"X: " + b"y" * (1 << 20) + b"\r\n\r\n",
        HEAD + b"".join(b"H%d: v\r\n" % n for n in range(50_000)) + b"\r\n",
        b"POST " + b"/" * (1 << 20) + b" HTTP/1.1\r\n\r\n",
        b"POST /\xff\xfe HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        b"\0" * 5000,
    ],
)
def test_what_two_readers_could_read_differently_is_not_served(
    uk: Tls, fr: Tls, door: Door, said: bytes
) -> None:
    one = talk(uk, fr, door.port)
    with contextlib.suppress(OSError):
        one.sendall(said)
    assert closed(one) and door.served == []
    one.close()


@pytest.mark.parametrize("size", [b"99999999999999999999", b"1000000000000"])
def test_a_body_that_is_announced_and_never_sent_costs_nothing_and_ends(
    uk: Tls, fr: Tls, door: Door, monkeypatch: pytest.MonkeyPatch, size: bytes
) -> None:
    monkeypatch.setattr(room, "BODY_WAIT_S", 0.5)
    one = talk(uk, fr, door.port)
    with contextlib.suppress(OSError):
        one.sendall(HEAD + b"Content-Length: " + size + b"\r\n\r\nabc")
    time.sleep(1.0)
    assert closed(one) and door.served == [] and not door._bytes
    one.close()
