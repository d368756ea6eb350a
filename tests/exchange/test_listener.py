"""Is the outer wall closed: only partners' certificates, bounded sizes, and the pinned partner alone?"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from cordiale.errors import ExchangeError, Transient
from cordiale.exchange import listener as room
from cordiale.exchange.claims import claims_distress
from cordiale.exchange.listener import Listener, server_context
from cordiale.exchange.wire import PinnedWire
from tests.exchange.certificates import Tls, tls


@pytest.fixture
def uk(tmp_path: Path) -> Tls:
    return tls(tmp_path, "uk")


@pytest.fixture
def fr(tmp_path: Path) -> Tls:
    return tls(tmp_path, "fr")


@pytest.fixture
def door(uk: Tls, fr: Tls) -> Iterator[Listener]:
    """The French door, that takes the British certificate only."""
    context = server_context([uk.issuer], fr.certificate, fr.key)
    opened = Listener(
        lambda path, body: (200, path.encode() + body[::-1]), host="127.0.0.1", port=0, tls=context
    )
    yield opened.start()
    opened.close()


def wire(own: Tls, issuer: str, port: int) -> PinnedWire:
    return PinnedWire(lambda peer: (f"127.0.0.1:{port}", issuer), certificate=own.certificate, key=own.key)


def test_a_partner_with_its_certificate_is_served_again_and_again(uk: Tls, fr: Tls, door: Listener) -> None:
    out = wire(uk, fr.issuer, door.port)
    for n in range(5):
        assert out.post("fr", "/x", b"ab%d" % n).body == b"/x%dba" % n
    big = bytes(range(256)) * 8192
    assert out.post("fr", "/", big).body == b"/" + big[::-1]
    out.close()


def test_a_client_of_another_issuer_is_not_served(tmp_path: Path, fr: Tls, door: Listener) -> None:
    out = wire(tls(tmp_path, "thief"), fr.issuer, door.port)
    with pytest.raises(Transient):
        out.post("fr", "/x", b"")
    out.close()


def test_a_client_without_certificate_is_not_served(fr: Tls, door: Listener) -> None:
    context = ssl.create_default_context(cadata=fr.issuer)
    with (
        pytest.raises(OSError),
        socket.create_connection(("127.0.0.1", door.port)) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as talk,
    ):
        talk.sendall(b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        if not talk.recv(100):
            raise OSError("closed without an answer")


def test_a_door_that_the_card_does_not_pin_is_not_talked_to(tmp_path: Path, uk: Tls, door: Listener) -> None:
    out = wire(uk, tls(tmp_path, "other").issuer, door.port)
    with pytest.raises(Transient, match="CERTIFICATE"):
        out.post("fr", "/x", b"")
    out.close()


def test_too_long_a_body_is_refused(
    uk: Tls, fr: Tls, door: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BODY_BYTES_MAX", 1000)
    out = wire(uk, fr.issuer, door.port)
    assert out.post("fr", "/x", b"x" * 1000).status == 200
    assert out.post("fr", "/x", b"x" * 5000).status == 413
    out.close()


def test_only_posting_is_possible_and_what_is_no_http_is_dropped(uk: Tls, fr: Tls, door: Listener) -> None:
    context = ssl.create_default_context(cadata=fr.issuer)
    context.load_cert_chain(uk.certificate, uk.key)
    for sent, got in (
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"HTTP/1.1 405"),
        (b"\x00\x01nonsense\r\n\r\n", b""),
    ):
        with (
            socket.create_connection(("127.0.0.1", door.port)) as raw,
            context.wrap_socket(raw, server_hostname="127.0.0.1") as talk,
        ):
            talk.sendall(sent)
            try:
                assert talk.recv(12) == got
            except OSError:
                assert not got


def test_a_taken_port_is_said_plainly(uk: Tls, fr: Tls, door: Listener) -> None:
    context = server_context([uk.issuer], fr.certificate, fr.key)
    with pytest.raises(ExchangeError, match="cannot listen"):
        Listener(lambda path, body: (200, b""), host="127.0.0.1", port=door.port, tls=context).start()


def test_a_door_that_is_closed_is_a_transient_failure(uk: Tls, fr: Tls, door: Listener) -> None:
    out = wire(uk, fr.issuer, door.port)
    door.close()
    with pytest.raises(Transient, match="could not be reached"):
        out.post("fr", "/x", b"")
    out.close()


def test_one_certificate_with_slow_connections_shuts_out_nobody_else(
    tmp_path: Path, uk: Tls, fr: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PER_PARTNER_MAX", 3)
    monkeypatch.setattr(room, "HEAD_WAIT_S", 1.0)
    be = tls(tmp_path, "be")
    tls_context = server_context([uk.issuer, be.issuer], fr.certificate, fr.key)
    door = Listener(lambda path, body: (200, body), host="127.0.0.1", port=0, tls=tls_context).start()
    context = ssl.create_default_context(cadata=fr.issuer)
    context.load_cert_chain(uk.certificate, uk.key)
    slow = []
    try:
        for _ in range(6):
            raw = socket.create_connection(("127.0.0.1", door.port))
            slow.append(context.wrap_socket(raw, server_hostname="127.0.0.1"))
            slow[-1].settimeout(10)
            with contextlib.suppress(OSError):
                slow[-1].sendall(b"POST /x HT")
        out = wire(be, fr.issuer, door.port)
        assert out.post("fr", "/x", b"a life").body == b"a life"
        assert sum(not closed(one) for one in slow[3:]) == 0, "more than its share is closed at once"
        end = time.monotonic() + 6
        while time.monotonic() < end and not closed(slow[0]):
            with contextlib.suppress(OSError):
                slow[0].sendall(b"T")
            time.sleep(0.2)
        assert time.monotonic() < end, "a head that drips ends although it never pauses"
        out.close()
    finally:
        for one in slow:
            one.close()
        door.close()


def closed(talk: ssl.SSLSocket) -> bool:
    """Whether the other end has closed within a moment."""
    talk.settimeout(0.3)
    try:
        return talk.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def two_certificates(folder: Path) -> tuple[Tls, Tls]:
    """Two certificates of one issuer: one partner, however many it has."""
    authority = trustme.CA()
    made = []
    for name in ("first", "second"):
        one = authority.issue_cert("127.0.0.1", "localhost")
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in one.cert_chain_pems))
        key.write_bytes(one.private_key_pem.bytes())
        made.append(Tls(authority.cert_pem.bytes().decode(), certificate, key))
    return made[0], made[1]


def test_a_partner_with_many_certificates_has_no_more_connections_than_one_with_one(
    tmp_path: Path, fr: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PER_PARTNER_MAX", 2)
    pair = two_certificates(tmp_path)
    door = Listener(
        lambda path, body: (200, body),
        host="127.0.0.1",
        port=0,
        tls=server_context([pair[0].issuer], fr.certificate, fr.key),
    ).start()
    held = []
    try:
        for one in (*pair, *pair):
            context = ssl.create_default_context(cadata=fr.issuer)
            context.load_cert_chain(one.certificate, one.key)
            raw = socket.create_connection(("127.0.0.1", door.port))
            held.append(context.wrap_socket(raw, server_hostname="127.0.0.1"))
        assert [closed(one) for one in held] == [False, False, True, True]
    finally:
        for one in held:
            one.close()
        door.close()


class Slow:
    """A door whose ordinary work does not end before the test lets it; it knows partners by their issuer."""

    def __init__(self, *issuers: str) -> None:
        self.over = threading.Event()
        self.begun: list[str] = []
        self._names = {
            load_pem_x509_certificate(one.encode()).subject: str(n) for n, one in enumerate(issuers)
        }

    def partner_of(self, certificate: bytes) -> str:
        return self._names.get(load_der_x509_certificate(certificate).issuer, "")

    def __call__(self, path: str, body: bytes, *, by: str) -> tuple[int, bytes]:
        self.begun.append(by)
        if not claims_distress(body):
            self.over.wait(30)
        return 200, by.encode() + b" " + body


@contextlib.contextmanager
def busy(tmp_path: Path, fr: Tls, *own: Tls) -> Iterator[tuple[Slow, Listener]]:
    """A French door with ordinary work of each of these partners under way, as much as it takes."""
    slow = Slow(*(one.issuer for one in own))
    context = server_context([one.issuer for one in own], fr.certificate, fr.key)
    door = Listener(slow, host="127.0.0.1", port=0, tls=context).start()
    wires = [wire(one, fr.issuer, door.port) for one in own for _ in range(4)]
    calls = [threading.Thread(target=one.post, args=("fr", "/x", b"ordinary")) for one in wires]
    try:
        for one in calls:
            one.start()
        until = time.monotonic() + 10
        while len(slow.begun) < room.WORKERS and time.monotonic() < until:
            time.sleep(0.01)
        yield slow, door
    finally:
        slow.over.set()
        for one in calls:
            one.join()
        for out in wires:
            out.close()
        door.close()


def test_ordinary_work_that_does_not_end_holds_up_no_distress_call(tmp_path: Path, uk: Tls, fr: Tls) -> None:
    be = tls(tmp_path, "be")
    with busy(tmp_path, fr, uk, be) as (slow, door):
        assert len(slow.begun) == room.WORKERS, "every ordinary worker is busy"
        out = wire(be, fr.issuer, door.port)
        call = b'{"header":{"lane":"distress"}}'
        assert out.post("fr", "/x", call, wait_s=5.0).body == b"1 " + call, "and it is told who brought it"
        out.close()


def test_one_partner_never_has_all_workers(tmp_path: Path, uk: Tls, fr: Tls) -> None:
    with busy(tmp_path, fr, uk) as (slow, _):
        assert slow.begun == ["0"] * room.PARTNER_WORKERS


def test_what_one_partner_keeps_in_memory_is_bounded(
    uk: Tls, fr: Tls, door: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PARTNER_BYTES_MAX", 900)
    out = wire(uk, fr.issuer, door.port)
    assert out.post("fr", "/x", b"x" * 800).status == 200
    with contextlib.suppress(Transient):  # the door may close before the answer is read
        assert out.post("fr", "/x", b"x" * 1000).status == 503
    out.close()
    anew = wire(uk, fr.issuer, door.port)  # the closed connection is not the subject here
    assert anew.post("fr", "/x", b"x" * 800).status == 200, "what was let go counts no more"
    anew.close()


def test_a_door_says_how_long_it_has_been_quiet(door: Listener) -> None:
    assert 0 <= door.quiet_s() < 5
    door.close()
    time.sleep(0.05)
    assert door.quiet_s() >= 0.05
