"""Who is a partner, and since when not any more?"""

from __future__ import annotations

import sqlite3
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cordiale.errors import ExchangeError, IdentityError, StoreError
from cordiale.exchange import peers
from cordiale.exchange.listener import Listener, server_context
from cordiale.exchange.peers import (
    Cards,
    Directory,
    Freshness,
    addresses,
    check_peer,
    find_peer,
    heard,
    list_peers,
    remove_peer,
)
from cordiale.exchange.service import HELLO, Service
from cordiale.exchange.wire import PinnedWire
from cordiale.seals import LedgerKeys, SealingKeys, SigningKeys, fingerprint
from cordiale.world import SteppedClock
from tests.exchange.certificates import tls
from tests.exchange.partners import START, LoopWire, issue_card, outgoing, partner, two


def pinned(
    one: object, name: str, side: str, authority: str, issuer: str, *, keys_of: SigningKeys | None = None
) -> None:
    """Let `one` know an invented peer whose card pins this TLS issuer."""
    side_keys = keys_of or SigningKeys.generate()
    keys = (SigningKeys.generate(), SealingKeys.generate(), LedgerKeys.generate())
    card = issue_card(name, side, (authority,), side_keys=side_keys, keys=keys, tls_issuer=issuer)
    public = side_keys.public()
    one.store.write(  # type: ignore[attr-defined]
        lambda tx: peers.add_peer(tx, card, public, words=fingerprint(public), by="x", at=START)
    )


def test_a_peer_is_listed_found_and_speaks_for_its_authorities() -> None:
    uk, fr, _ = two()
    (one,) = uk.store.read(list_peers)
    assert (one.node, one.side, one.state) == ("fr-lille", "FR", "active")
    assert one.words == fingerprint(fr.side_keys.public())
    assert uk.store.read(lambda tx: peers.peer_for(tx, "FR", "paf")) == one
    assert uk.store.read(lambda tx: peers.peer_for(tx, "FR", "douane")) is None
    assert uk.store.read(lambda tx: find_peer(tx, "nobody")) is None


def test_a_removed_peer_is_kept_for_proofs_and_removed_once() -> None:
    uk, _, _ = two()
    uk.store.write(lambda tx: remove_peer(tx, "fr-lille"))
    assert uk.store.read(list_peers) == []
    assert [one.state for one in uk.store.read(lambda tx: list_peers(tx, removed=True))] == ["removed"]
    with pytest.raises(ExchangeError, match="not a peer"):
        uk.store.write(lambda tx: remove_peer(tx, "fr-lille"))
    with pytest.raises(ExchangeError, match="no known node speaks"):
        uk.point.prepare(outgoing())


def test_check_says_in_plain_words_what_is_wrong() -> None:
    uk, _, wire = two()
    assert uk.store.read(lambda tx: check_peer(tx, "fr-lille", at=START)) == []
    assert uk.store.read(lambda tx: check_peer(tx, "x", at=START)) == ["`x` is not a peer of this node."]
    wire.down.add("fr-lille")
    uk.point.dispatch(outgoing())
    late = START.replace(year=2030)
    wrong = uk.store.read(lambda tx: check_peer(tx, "fr-lille", at=late))
    assert len(wrong) == 2 and wrong[1] == "1 messages wait for it."


def test_addresses_come_from_the_card_and_an_unknown_peer_has_none() -> None:
    uk, _, _ = two()
    look_up = addresses(uk.store)
    assert look_up("fr-lille") == ("127.0.0.1:1", "-")
    with pytest.raises(ExchangeError, match="not a peer"):
        look_up("x")


def test_the_directory_sees_every_change_at_once_and_remembers_while_the_store_cannot_be_read() -> None:
    uk, _, _ = two()
    directory = Directory()
    assert [one.node for one in directory.active(uk.store)] == ["fr-lille"]
    assert directory.active(uk.store) is directory.active(uk.store), "nothing changed: nothing is read anew"

    class Stopped:
        def version(self, subject: str) -> int:
            return -2

        def read(self, query: object) -> object:
            raise StoreError("stopped")

    assert [one.node for one in directory.active(Stopped())] == ["fr-lille"]  # type: ignore[arg-type]
    uk.store.write(lambda tx: remove_peer(tx, "fr-lille"))
    assert directory.active(uk.store) == []


def test_many_officers_who_ask_at_once_all_find_the_partner() -> None:
    """While one of them reads the partners for the first time, nobody may be shown that there is none."""
    uk, _, _ = two()
    directory, begun, go_on = Directory(), threading.Event(), threading.Event()

    class Slow:
        version = uk.store.version

        def read(self, query: Callable[[Connection], object]) -> object:
            begun.set()
            go_on.wait(10)
            return uk.store.read(query)

    with ThreadPoolExecutor(2) as officers:
        first = officers.submit(directory.active, Slow())  # type: ignore[arg-type]
        assert begun.wait(10)
        second = officers.submit(directory.active, uk.store)
        assert [one.node for one in second.result(10)] == ["fr-lille"]
        go_on.set()
        assert [one.node for one in first.result(10)] == ["fr-lille"]


def test_an_address_is_looked_up_anew_as_soon_as_a_partner_is_changed_here() -> None:
    uk, _, _ = two()
    reads = list[object]()

    class Counting:
        version = uk.store.version

        def read(self, query: Callable[[Connection], object]) -> object:
            reads.append(query)
            return uk.store.read(query)

    look_up = addresses(Counting(), SteppedClock(START))  # type: ignore[arg-type]
    assert look_up("fr-lille") == look_up("fr-lille") == ("127.0.0.1:1", "-") and len(reads) == 1

    def moves(tx: Connection) -> None:
        (card,) = (one.card for one in list_peers(tx))
        moved = replace(card, facts=replace(card.facts, address="127.0.0.1:2"))
        peers.replace_card(tx, moved, former=[card.digest()])

    uk.store.write(moves)
    assert look_up("fr-lille") == ("127.0.0.1:2", "-") and len(reads) == 2


def test_what_does_not_touch_the_partners_does_not_make_them_be_read_again() -> None:
    uk, _, _ = two()
    clock, reads = SteppedClock(START), list[object]()
    directory, cards = Directory(Freshness(clock)), Cards(Freshness(clock))

    class Counting:
        version = uk.store.version

        def read(self, query: Callable[[Connection], object]) -> object:
            reads.append(query)
            return uk.store.read(query)

    def look() -> int:
        directory.active(Counting())  # type: ignore[arg-type]
        cards.believed_now(Counting(), "fr-lille", START)  # type: ignore[arg-type]
        return len(reads)

    assert look() == look() == 2
    uk.store.write(lambda tx: heard(tx, "fr-lille", at=START, size=7, root="00"))
    assert look() == 2, "a message that comes changes no partner"
    pinned(uk, "be-oostende", "BE", "be-police", "-")
    assert look() == 4


def test_partners_are_read_once_until_one_is_changed_or_a_quarter_of_a_second_has_passed(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'fr.db'}"
    fr = partner("fr-lille", "FR", "paf", wire=LoopWire(), url=url)
    clock = SteppedClock(START)
    directory, cards = Directory(Freshness(clock)), Cards(Freshness(clock))
    with pytest.raises(IdentityError):
        cards.believed_now(fr.store, "uk-calais", START)
    pinned(fr, "uk-calais", "UK", "border-force", "-")
    assert cards.believed_now(fr.store, "uk-calais", START).facts.node == "uk-calais"
    assert [one.node for one in directory.active(fr.store)] == ["uk-calais"]
    with closing(sqlite3.connect(tmp_path / "fr.db")) as another_process:
        another_process.execute("UPDATE exchange_peer SET state = 'removed'")
        another_process.commit()
    assert directory.active(fr.store) and cards.believed_now(fr.store, "uk-calais", START), (
        "not looked at yet"
    )
    clock.step(0.3)
    assert directory.active(fr.store) == []
    with pytest.raises(IdentityError, match="not a peer"):
        cards.believed_now(fr.store, "uk-calais", START)


def test_a_card_that_could_be_mistaken_for_another_partner_s_is_refused() -> None:
    fr = partner("fr-lille", "FR", "paf", wire=LoopWire())
    british = SigningKeys.generate()
    pem = "-----BEGIN CERTIFICATE-----"
    pinned(fr, "uk-calais", "UK", "border-force", pem, keys_of=british)
    with pytest.raises(IdentityError, match="both name one TLS issuer"):
        pinned(fr, "be-oostende", "BE", "be-police", pem)
    with pytest.raises(IdentityError, match="under another Side key"):
        pinned(fr, "uk-london", "UK", "nca", "-")
    pinned(fr, "uk-london", "UK", "nca", "-", keys_of=british)
    assert [one.node for one in fr.store.read(list_peers)] == ["uk-calais", "uk-london"]


def test_a_peer_is_admitted_by_its_certificate_until_the_moment_it_is_removed(tmp_path: Path) -> None:
    wire = LoopWire()
    fr = partner("fr-lille", "FR", "paf", wire=wire, url=f"sqlite:///{tmp_path / 'fr.db'}")
    uk_tls, fr_tls, other = (tls(tmp_path, name) for name in ("uk", "fr", "other"))
    pinned(fr, "uk-calais", "UK", "border-force", uk_tls.issuer)

    def der(one: object) -> bytes:
        pem = one.certificate.read_text()  # type: ignore[attr-defined]
        return ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + 26])

    assert fr.point.partner_of(der(uk_tls)) == "uk-calais" and not fr.point.partner_of(der(other))
    assert not fr.point.partner_of(b"no certificate")
    pinned(fr, "be-oostende", "BE", "be-police", "no PEM at all")
    assert fr.point.partner_of(der(uk_tls)), "one bad card spoils no other"

    context = server_context([uk_tls.issuer], fr_tls.certificate, fr_tls.key)
    door = Listener(Service(fr.point), host="127.0.0.1", port=0, tls=context).start()
    address = (f"127.0.0.1:{door.port}", fr_tls.issuer)
    first, second = (
        PinnedWire(lambda _: address, certificate=uk_tls.certificate, key=uk_tls.key) for _ in range(2)
    )
    try:
        assert first.post("fr-lille", HELLO, b"").body == fr.card.to_bytes()
        fr.store.write(lambda tx: remove_peer(tx, "uk-calais"))
        with pytest.raises(ExchangeError, match="could not be reached"):
            second.post("fr-lille", HELLO, b"")
    finally:
        first.close()
        second.close()
        door.close()
    fr.store.close()


def test_a_connection_that_is_kept_open_ends_when_its_peer_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cordiale.exchange import listener

    monkeypatch.setattr(listener, "RECHECK_S", 0.0)
    uk_tls, fr_tls = tls(tmp_path, "uk"), tls(tmp_path, "fr")
    welcome = [True]

    class Door:
        def partner_of(self, certificate: bytes) -> str:
            return "uk-calais" if welcome[0] else ""

        def __call__(self, path: str, body: bytes, *, by: str) -> tuple[int, bytes]:
            assert by == "uk-calais"
            return 200, body

    context = server_context([uk_tls.issuer], fr_tls.certificate, fr_tls.key)
    door = Listener(Door(), host="127.0.0.1", port=0, tls=context).start()
    out = PinnedWire(
        lambda _: (f"127.0.0.1:{door.port}", fr_tls.issuer), certificate=uk_tls.certificate, key=uk_tls.key
    )
    try:
        assert out.post("fr", "/", b"1").body == b"1" == out.post("fr", "/", b"1").body
        welcome[0] = False
        with pytest.raises(ExchangeError):
            out.post("fr", "/", b"2")
    finally:
        out.close()
        door.close()


def test_a_card_whose_dates_are_over_is_believed_for_distress_alone() -> None:
    uk, fr, _ = two()
    late = START.replace(year=2030)
    with pytest.raises(IdentityError):
        fr.store.read(lambda tx: fr.point.cards.believed(tx, "uk-calais", late))
    assert fr.store.read(lambda tx: fr.point.cards.believed(tx, "uk-calais", late, lenient=True)) == uk.card
    with pytest.raises(IdentityError, match="not a peer"):
        fr.store.read(lambda tx: fr.point.cards.believed(tx, "nobody", START, lenient=True))
