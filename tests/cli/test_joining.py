"""Partners are taken in beside a running node, and each command says when an address does not fit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from cordiale import cli
from cordiale.node import exchange, found, open_node
from cordiale.node.home import Founding
from cordiale.node.serving import free_ports
from cordiale.seals import ScryptCost

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
SECRET = ("--passphrase-file", "phrase")
FRENCH = ("fr", "FR", "police-judiciaire")
BRITISH = ("uk", "UK", "home-office")
WAIT_S = 60.0


def made(kind: tuple[str, str, str], *, address: str | None = None) -> None:
    """A node in the folder; its contact point listens where its card says, unless told another address."""
    home, side, authority = kind
    pages, contact = free_ports(2)
    more = {"pages_port": pages, "contact_port": contact}
    told = f"127.0.0.1:{contact}" if address is None else address
    founding = Founding(side, (authority,), "ada", "Ada Invented", address=told, more=more)
    found(Path(home), founding, secrets=(PHRASE, PASSWORD), cost=ScryptCost(n=1 << 10))


def card_of(home: str, file: str) -> str:
    """Writes the card of a node; the words of its Side."""
    with open_node(Path(home), PHRASE, environment={}) as node:
        card = exchange.own_card(node)
    Path(file).write_text(json.dumps(card["card"]))
    return str(card["words"])


def add(home: str, file: str, words: str) -> list[str]:
    return ["peer", "add", file, "--words", words, "--by", "Ada", "--home", home, *SECRET]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "CORDIALE_HOME", "CORDIALE_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "password").write_text(PASSWORD)
    return tmp_path


Serve = Callable[..., tuple[subprocess.Popen[str], list[str]]]


@pytest.fixture
def serving(here: Path) -> Iterator[Serve]:
    """Starts `cordiale serve` in a process of its own; (the process, what it said until it listened)."""
    started: list[subprocess.Popen[str]] = []

    def start(home: str, until: str, **more: str) -> tuple[subprocess.Popen[str], list[str]]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
        words = [sys.executable, "-m", "cordiale.cli", "serve", "--home", home, *SECRET]
        one = subprocess.Popen(words, cwd=here, env=kept | more, stderr=subprocess.PIPE, text=True)
        started.append(one)
        killer = threading.Timer(WAIT_S, one.kill)
        killer.start()
        said = []
        assert one.stderr is not None
        for line in one.stderr:
            said.append(line)
            if until in line:
                break
        killer.cancel()
        threading.Thread(target=drain, args=(one.stderr,), daemon=True).start()
        return one, said

    yield start
    for one in started:
        one.send_signal(signal.SIGTERM)
    for one in started:
        try:
            one.wait(timeout=30)
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()


def drain(stream: IO[str]) -> None:
    for _ in stream:
        pass


def test_a_partner_that_is_taken_in_from_the_shell_reaches_the_running_node_without_a_restart(
    here: Path, serving: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    made(FRENCH)
    made(BRITISH)
    french, british = card_of("fr", "fr.card"), card_of("uk", "uk.card")
    assert cli.main(add("uk", "fr.card", french)) == 0
    assert "runs" not in capsys.readouterr().err
    process, _ = serving("fr", "contact point")
    check = ["peer", "check", "fr-police-judiciaire", "--home", "uk", *SECRET, "--json"]
    assert cli.main(check) == 1, "a stranger is not let in"
    capsys.readouterr()
    assert cli.main(add("fr", "uk.card", british)) == 0
    assert f"process {process.pid}" in capsys.readouterr().err
    told = reached(check, capsys)
    assert told["reached"] and told["ok"], told
    removing = ["peer", "remove", "uk-home-office", "--by", "Ada", "--reason", "invented", "--home", "fr"]
    assert cli.main([*removing, *SECRET]) == 0
    capsys.readouterr()
    assert not refused(check, capsys)["reached"], "and who was removed is out, without a restart too"


def reached(check: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    return asked(check, capsys, wanted=True)


def refused(check: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    return asked(check, capsys, wanted=False)


def asked(check: list[str], capsys: pytest.CaptureFixture[str], *, wanted: bool) -> Any:
    """What `peer check` says once it says what is wanted; what it says at the end of its time otherwise."""
    until = time.monotonic() + WAIT_S / 2
    while True:
        cli.main(check)
        told = json.loads(capsys.readouterr().out)
        if told["reached"] is wanted or time.monotonic() > until:
            return told
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("language", "says"),
    [("C", "WARNING: partners are told 192.0.2.10:8201"), ("fr_FR.UTF-8", "ATTENTION : les partenaires")],
)
def test_serve_itself_says_that_partners_are_sent_where_nothing_listens(
    here: Path, serving: Serve, language: str, says: str
) -> None:
    made(FRENCH, address="192.0.2.10:8201")
    _, said = serving("fr", "contact_host", LC_ALL=language)
    assert says in "".join(said), said


def test_the_doctor_says_it_too_one_check_a_line(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(FRENCH, address="192.0.2.10:8201")
    assert cli.main(["doctor", "--home", "fr", *SECRET]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("WRONG  partners are told what is listened on")
    assert (
        lines[at + 1].startswith("       partners are told 192.0.2.10:8201")
        and "contact_host" in lines[at + 1]
    )
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert cli.main(["doctor", "--home", "fr", *SECRET]) == 1
    french = capsys.readouterr().out.splitlines()
    at = french.index("FAUX   les partenaires reçoivent l’adresse où l’on écoute")
    assert french[at + 1].startswith("       les partenaires reçoivent l’adresse 192.0.2.10:8201")
    assert "ok     the card holds" in lines and not [one for one in lines if one.rstrip().endswith("wrong:")]


def test_a_card_without_an_address_is_spoken_of_by_each_command_that_handles_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(FRENCH, address="")
    made(BRITISH)
    assert cli.main(["peer", "card", "--home", "fr", *SECRET]) == 0
    told = capsys.readouterr()
    assert "names no address" in told.err and "peer renew" in told.err
    json.loads(told.out)
    words = card_of("fr", "fr.card")
    assert cli.main(add("uk", "fr.card", words)) == 0
    assert "names no address" in capsys.readouterr().err
    assert cli.main(["peer", "check", "fr-police-judiciaire", "--home", "uk", *SECRET]) == 1
    assert "names no address" in capsys.readouterr().out


def test_a_wrong_address_in_the_settings_goes_on_no_card_and_keeps_nobody_from_a_backup(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(FRENCH)
    made(BRITISH)
    file = Path("fr/cordiale.toml")
    words = card_of("fr", "fr.card")
    good = json.loads(Path("fr.card").read_text())["card"]["facts"]["address"]
    file.write_text(file.read_text().replace(good, f"https://{good}"))
    for command in (["audit"], ["backup", "tonight.backup"], ["peer", "card"]):
        assert cli.main([*command, "--home", "fr", *SECRET]) == 0, "a wrong address keeps nobody from these"
    capsys.readouterr()
    assert cli.main(["doctor", "--home", "fr", *SECRET]) == 1
    assert f"`https://{good}` is no address" in capsys.readouterr().out
    assert cli.main(["peer", "renew", "--home", "fr", *SECRET]) == 2
    assert "HOST:PORT" in capsys.readouterr().err
    assert cli.main(add("uk", "fr.card", words)) == 0
    assert cli.main(["peer", "check", "fr-police-judiciaire", "--home", "uk", *SECRET]) == 1
    told = capsys.readouterr().out
    assert f"WRONG  `fr-police-judiciaire` could not be reached: {good}" in told and "ring them" in told
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert cli.main(["peer", "check", "fr-police-judiciaire", "--home", "uk", *SECRET]) == 1
    assert f"FAUX   `fr-police-judiciaire` n’a pu être joint : {good}" in capsys.readouterr().out


def test_a_card_that_nobody_could_dial_is_not_taken_in(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(BRITISH)
    with pytest.MonkeyPatch.context() as old:
        old.setattr(
            "cordiale.node.home.port_of", lambda address: 0
        )  # a node of before addresses were checked
        made(FRENCH, address="https://192.0.2.10:8201")
    words = card_of("fr", "fr.card")
    assert cli.main(add("uk", "fr.card", words)) == 2
    told = capsys.readouterr().err
    assert "`https://192.0.2.10:8201`" in told and "HOST:PORT" in told
    assert cli.main(["peer", "list", "--home", "uk", *SECRET]) == 0
    assert "no peers" in capsys.readouterr().out
