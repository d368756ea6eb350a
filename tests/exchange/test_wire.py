"""Does the wire reach whom the card pins, keep its connections, and repeat nothing that came?"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cordiale.errors import Permanent, Transient
from cordiale.exchange import wire as room
from cordiale.exchange.listener import Listener, server_context
from cordiale.exchange.wire import NOBODY_LISTENS, Line, PinnedWire
from cordiale.world import SteppedClock
from tests.exchange.certificates import Tls, tls

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


@pytest.fixture
def uk(tmp_path: Path) -> Tls:
    return tls(tmp_path, "uk")


@pytest.fixture
def fr(tmp_path: Path) -> Tls:
    return tls(tmp_path, "fr")


@pytest.fixture
def door(uk: Tls, fr: Tls) -> Iterator[Listener]:
    context = server_context([uk.issuer], fr.certificate, fr.key)
    opened = Listener(lambda path, body: (200, body), host="127.0.0.1", port=0, tls=context).start()
    yield opened
    opened.close()


def towards(own: Tls, issuer: str, port: int, clock: SteppedClock | None = None) -> PinnedWire:
    where = (f"127.0.0.1:{port}", issuer)
    return PinnedWire(lambda peer: where, certificate=own.certificate, key=own.key, clock=clock)


def line(out: PinnedWire) -> Line:
    (one,) = out._lines.values()
    return one


@contextlib.contextmanager
def says(words: bytes, uk: Tls, fr: Tls) -> Iterator[int]:
    """A door that answers one request a connection with these words, and closes."""
    context, over = server_context([uk.issuer], fr.certificate, fr.key), threading.Event()

    def serve() -> None:
        while not over.is_set():
            with (
                contextlib.suppress(OSError),
                ears.accept()[0] as raw,
                context.wrap_socket(raw, server_side=True) as talk,
            ):
                talk.recv(1 << 16)
                talk.sendall(words)
                talk.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as ears:
        ears.settimeout(0.2)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield ears.getsockname()[1]
        finally:
            over.set()
            thread.join()


def test_a_connection_is_used_again(uk: Tls, fr: Tls, door: Listener) -> None:
    out = towards(uk, fr.issuer, door.port)
    out.post("fr", "/x", b"1")
    ((first, _),) = line(out)._kept
    assert out.post("fr", "/x", b"2").body == b"2"
    assert [one for one, _ in line(out)._kept] == [first]
    out.close()
    assert first.sock is None, "and closed in the end"


def test_a_connection_that_was_closed_meanwhile_is_not_used_again(uk: Tls, fr: Tls) -> None:
    with says(OK, uk, fr) as port:
        out = towards(uk, fr.issuer, port)
        for _ in range(3):
            assert out.post("fr", "/x", b"1").body == b"hi"
        out.close()


def test_a_connection_that_was_idle_for_long_is_not_used_again(uk: Tls, fr: Tls, door: Listener) -> None:
    clock = SteppedClock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    out = towards(uk, fr.issuer, door.port, clock)
    out.post("fr", "/x", b"1")
    ((first, _),) = line(out)._kept
    clock.step(room.IDLE_S + 1)
    out.post("fr", "/x", b"2")
    assert [one for one, _ in line(out)._kept] != [first]
    out.close()


def test_no_more_connections_are_kept_than_are_needed(
    uk: Tls, fr: Tls, door: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "KEPT_MAX", 0)
    out = towards(uk, fr.issuer, door.port)
    assert out.post("fr", "/x", b"1").body == b"1"
    assert not line(out)._kept
    out.close()


def test_a_new_certificate_is_shown_on_a_new_connection(uk: Tls, fr: Tls, door: Listener) -> None:
    out = towards(uk, fr.issuer, door.port)
    out.post("fr", "/x", b"1")
    before = line(out)
    out.renew()
    assert out.post("fr", "/x", b"2").body == b"2"
    assert line(out) is not before and not before._kept
    out.close()


def test_what_is_under_way_while_the_wire_is_closed_is_closed_when_it_ends(
    uk: Tls, fr: Tls, door: Listener
) -> None:
    out = towards(uk, fr.issuer, door.port)
    out.post("fr", "/x", b"1")
    one = line(out)
    out.close()
    assert one.post("/x", b"2", wait_s=5.0).body == b"2"
    assert not one._kept


def test_what_a_partner_answers_instead_of_http_is_not_repeated(uk: Tls, fr: Tls) -> None:
    with says(b"Invented Person\r\n\r\n", uk, fr) as port:
        out = towards(uk, fr.issuer, port)
        with pytest.raises(Transient) as fault:
            out.post("fr", "/x", b"1")
        assert "BadStatusLine" in str(fault.value) and "Invented" not in str(fault.value)
        out.close()


def test_a_partner_that_hangs_up_without_an_answer_is_tried_later(uk: Tls, fr: Tls) -> None:
    with says(b"", uk, fr) as port:
        out = towards(uk, fr.issuer, port)
        with pytest.raises(Transient, match="could not be reached"):
            out.post("fr", "/x", b"1")
        assert not line(out)._kept
        out.close()


def test_a_partner_that_says_it_will_close_is_believed(uk: Tls, fr: Tls) -> None:
    with says(OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"), uk, fr) as port:
        out = towards(uk, fr.issuer, port)
        assert out.post("fr", "/x", b"1").body == b"hi"
        assert not line(out)._kept
        out.close()


def test_a_reply_longer_than_any_reply_can_be_is_not_read(
    uk: Tls, fr: Tls, door: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "REPLY_BYTES_MAX", 99)
    out = towards(uk, fr.issuer, door.port)
    assert len(out.post("fr", "/x", b"x" * 99).body) == 99
    with pytest.raises(Transient, match="longer than any reply"):
        out.post("fr", "/x", b"x" * 100)
    assert not line(out)._kept, "what was not read whole is used no more"
    out.close()


def test_nobody_who_listens_is_told_apart_from_other_silence(uk: Tls, fr: Tls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ears:
        port = ears.getsockname()[1]
    out = towards(uk, fr.issuer, port)
    with pytest.raises(Transient, match="could not be reached") as fault:
        out.post("fr", "/x", b"1")
    assert fault.value.field == NOBODY_LISTENS
    out.close()


def test_a_partner_that_does_not_answer_in_time_is_tried_later(uk: Tls, fr: Tls) -> None:
    context = server_context([uk.issuer], fr.certificate, fr.key)
    over = threading.Event()

    def slow(path: str, body: bytes) -> tuple[int, bytes]:
        over.wait(10)
        return 200, b""

    door = Listener(slow, host="127.0.0.1", port=0, tls=context).start()
    out = towards(uk, fr.issuer, door.port)
    with pytest.raises(Transient) as fault:
        out.post("fr", "/x", b"1", wait_s=0.3)
    assert "TimeoutError" in str(fault.value) and fault.value.field != NOBODY_LISTENS
    over.set()
    out.close()
    door.close()


def test_tls_files_that_cannot_be_read_are_a_permanent_fault(tmp_path: Path, fr: Tls) -> None:
    gone = Tls(tmp_path / "no.pem", tmp_path / "no.key", fr.issuer)
    with pytest.raises(Permanent, match="TLS files"):
        towards(gone, fr.issuer, 1).post("fr", "/x", b"")


def test_name_and_issuer_of_the_other_end_are_both_checked(uk: Tls, fr: Tls) -> None:
    context = room.client_context(fr.issuer, uk.certificate, uk.key)
    assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert len(context.get_ca_certs()) == 1, "the issuer that the card names, and nobody else"
