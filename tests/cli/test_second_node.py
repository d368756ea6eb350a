"""A Side with two nodes, each for an authority of its own; and a card that is renewed on the way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cordiale import cli
from cordiale.demo import papers
from cordiale.node import Node, agreements, exchange, found, open_node, people, reports
from cordiale.node.audit import audit
from cordiale.node.home import Founding, side_keys_of
from cordiale.node.papers import Draft
from cordiale.node.serving import free_ports
from cordiale.seals import ScryptCost
from cordiale.world import SystemClock, SystemDisk

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "password").write_text(PASSWORD)

    def call(words: str, *more: str) -> Any:
        """What a command printed as JSON; it must be done."""
        code = cli.main([*words.split(), *more, "--passphrase-file", "phrase", "--json"])
        told = capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out)

    return call


def founded(run: Run, home: str, side: str, authority: str, *more: str) -> None:
    words = f"init --side {side} --authority {authority} --administrator ada --person Ada --home {home}"
    run(words, "--address", "127.0.0.1:8201", "--password-file", "password", *more)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(home: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
        words = [sys.executable, "-m", "cordiale.cli", "serve", "--home", home, "--passphrase-file", "phrase"]
        one = subprocess.Popen(words, cwd=tmp_path, env=kept, stderr=subprocess.PIPE, text=True)
        started.append(one)
        assert one.stderr is not None and "pages" in one.stderr.readline()
        return one

    yield start
    for one in started:
        one.send_signal(signal.SIGTERM)
    for one in started:
        try:
            one.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            one.kill()
            one.communicate()


def test_a_second_node_of_a_side_stands_under_the_same_words(run: Run) -> None:
    founded(run, "first", "UK", "home-office")
    founded(run, "second", "UK", "nca", "--side-home", "first", "--side-passphrase-file", "phrase")
    cards = [run(f"peer card --home {home}") for home in ("first", "second")]
    assert cards[0]["words"] == cards[1]["words"]
    assert cards[0]["card"]["side_key"] == cards[1]["card"]["side_key"]
    Path("second.card").write_text(json.dumps(cards[1]["card"]))
    assert run("peer add second.card --by Ada --home first", "--words", cards[1]["words"])["peer"] == "uk-nca"


@pytest.mark.parametrize(
    ("side", "authority", "says"),
    [("UK", "home-office", "speaks for `home-office` already"), ("FR", "oltim", "is a node of `UK`")],
)
def test_a_second_node_may_not_speak_for_the_same_authority_or_another_side(
    run: Run, capsys: pytest.CaptureFixture[str], side: str, authority: str, says: str
) -> None:
    founded(run, "first", "UK", "home-office")
    words = f"init --side {side} --authority {authority} --administrator ada --person Ada --home second"
    words += " --side-home first --side-passphrase-file phrase --passphrase-file phrase"
    assert cli.main([*words.split(), "--password-file", "password"]) == 2
    assert says in capsys.readouterr().err
    assert not Path("second").exists()


def test_a_card_is_not_renewed_without_the_keys_from_the_safe(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    founded(run, "first", "UK", "home-office")
    Path("first/offline").rename("safe")
    before = Path("first/card").read_bytes()
    assert cli.main(["peer", "renew", "--home", "first", "--passphrase-file", "phrase"]) == 2
    assert "Bring the folder back from the safe" in capsys.readouterr().err
    assert Path("first/card").read_bytes() == before


def test_two_nodes_of_one_side_and_a_partner_exchange_across_a_renewal_and_a_move_without_loss(
    run: Run, serving: Callable[[str], subprocess.Popen[str]]
) -> None:
    """Two processes over TLS take what France writes to the Home Office and the NCA before and after."""
    made("ho", "UK", "home-office")
    made("nca", "UK", "nca", side_home="ho")
    made("fr", "FR", "police-judiciaire")
    introduced("ho", "nca", "fr")
    partners = [serving(home) for home in ("ho", "nca")]
    sent = written("fr", "UK/home-office", "UK/nca")
    port, file = free_ports(1)[0], Path("fr/cordiale.toml")
    with opened("fr") as node:
        old = node.keys.card.facts.address
    file.write_text(file.read_text().replace(old.rpartition(":")[2], str(port)))
    told = run("peer renew --home fr")
    assert (told["serial"], told["address"]) == (2, f"127.0.0.1:{port}")
    sent += written("fr", "UK/home-office", "UK/nca")
    carry("fr", sent)
    for one in partners:
        one.send_signal(signal.SIGTERM)
        one.communicate(timeout=60)
    for home in ("ho", "nca", "fr"):
        with opened(home) as node:
            assert audit(node).ok, audit(node).wrong
            known = {one["peer"]: one["address"] for one in exchange.peers(node)}
            assert known.get("fr-police-judiciaire", told["address"]) == told["address"]


REGISTER = agreements.load()


def opened(home: str) -> Node:
    return open_node(Path(home), PHRASE, environment={}, register=REGISTER)


def made(home: str, side: str, authority: str, *, side_home: str = "") -> None:
    """A node with one officer, under a passphrase that costs little to open."""
    pages, contact = free_ports(2)
    more = {"pages_port": pages, "contact_port": contact, "hold_s": 0}
    founding = Founding(side, (authority,), "ada", "Ada", address=f"127.0.0.1:{contact}", more=more)
    keys = side_keys_of(Path(side_home), PHRASE, founding, SystemDisk()) if side_home else None
    found(Path(home), founding, secrets=(PHRASE, PASSWORD), cost=ScryptCost(n=1 << 10), side_keys=keys)
    with opened(home) as node:
        new = people.NewAccount("desk", "Desk (invented)", authority, frozenset({"officer"}))
        people.found_account(node, new, PASSWORD)


def introduced(*homes: str) -> None:
    cards = {}
    for home in homes:
        with opened(home) as node:
            cards[home] = exchange.own_card(node)
    for home in homes:
        with opened(home) as node:
            for other, card in cards.items():
                if other != home:
                    raw = exchange.card_bytes(card["card"])
                    exchange.add_peer(node, raw, words=card["words"], by="Ada")


def written(home: str, *recipients: str) -> list[str]:
    """A report to each is decided and posted; the threads."""
    threads = []
    with opened(home) as node:
        for recipient in recipients:
            paper = papers.network_report(SystemClock().now())
            draft = Draft(paper["type"], paper["body"], paper["asks"], (recipient,))
            held = reports.send(node, people.officer(node, "desk"), draft)
            assert held.views[0].verdict != "refuse", held.views[0].sentence
            threads.append(held.reference)
    return threads


def carry(home: str, threads: list[str]) -> None:
    """Rounds of the courier until each thread is delivered."""
    states: dict[str, str] = {}
    with opened(home) as node:
        for _ in range(40):
            node.courier.round()
            states = {one.thread: one.state for one in reports.outbox(node, people.officer(node, "desk"))}
            if all(states[one] == "delivered" for one in threads):
                return
    raise AssertionError(states)
