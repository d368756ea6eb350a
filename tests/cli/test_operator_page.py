"""Every command line of docs/how-to/operator.md is run as it stands there; only paths, ports and names are
filled in. What needs a machine's root is named, with its reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyotp
import pytest
from tests.house import how_to

from cordiale import cli
from cordiale.cli.app import FAULT, USAGE
from cordiale.node import found, open_node, people
from cordiale.node.home import Founding
from cordiale.node.people import NewAccount
from cordiale.node.serving import free_ports
from cordiale.seals import ScryptCost
from cordiale.world import SystemClock

FILE = Path(__file__).parents[2] / "docs" / "how-to" / "operator.md"
PAGE = FILE.read_text(encoding="utf-8")
PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"
CHEAP = ScryptCost(n=1 << 10)
NOT_RUN = {
    "sudo useradd": "it makes an account of the machine",
    "sudo systemd-creds": "it needs systemd and root",
    "sudo cp": "it installs a service; tests/house/test_deploy.py reads the unit",
}
PEOPLE = (
    ("grace", "supervisor"),
    ("dan", "administrator"),
    ("eve", "administrator"),
    ("fay", "supervisor"),
    ("olu", "officer"),
)


def commands() -> list[str]:
    """Every command of the page: in fences and between backticks."""
    fenced = [
        line
        for language, _, block in how_to.blocks(FILE)
        if not language
        for line in block.replace("\\\n", " ").splitlines()
    ]
    plain = re.sub(r"```.*?```", "", PAGE, flags=re.S)
    inline = re.findall(r"`((?:cordiale |peer )[^`]*)`", plain)
    return list(dict.fromkeys(re.sub(r"\s+", " ", one).strip() for one in [*fenced, *inline]))


class Desk:
    """A folder in which the page is followed, and what has been run of it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        self.left = [one for one in commands() if not any(one.startswith(name) for name in NOT_RUN)]
        self.contact, self.pages, self.second = free_ports(3)

    def run(self, begins: str, *more: str, **names: str) -> tuple[int, str, str]:
        """Run the line of the page that begins so: (exit code, standard output, standard error)."""
        words = [*self.words(begins, **names), *more]
        code = cli.main(words)
        told = self.capsys.readouterr()
        assert "Traceback" not in told.err + told.out, told.err
        return code, told.out, told.err

    def words(self, begins: str, **names: str) -> list[str]:
        line = next(one for one in self.left if one.startswith(begins))
        self.left.remove(line)
        line = line.partition(" > ")[0].removeprefix("cordiale ")
        for name, value in {
            "/srv/": f"{self.folder}/srv/",
            "192.0.2.10:8201": f"127.0.0.1:{self.contact}",
            "192.0.2.11:8201": f"127.0.0.1:{self.second}",
            **names,
        }.items():
            line = line.replace(name, value)
        return [one.strip('"') for one in re.findall(r'"[^"]*"|\S+', line)]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    for name in ("CORDIALE_HOME", "LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "password").write_text(PASSWORD)
    return Desk(tmp_path, capsys)


def test_every_line_of_the_page_does_what_it_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    srv = desk.folder / "srv"
    first, second = srv / "cordiale", srv / "second"
    at_first = ("--home", str(first), "--passphrase-file", "phrase")
    at_second = ("--home", str(second), "--passphrase-file", "phrase")
    british = Founding("UK", ("home-office",), "ada", "Ada Invented")
    found(srv / "first", british, secrets=(PHRASE, PASSWORD), cost=CHEAP)
    side = ("--side-passphrase-file", "phrase")
    assert desk.run("cordiale init --side FR")[0] == 0
    assert desk.run("cordiale init --side UK", *side)[0] == 0
    join(desk, at_first, at_second)
    look(desk, at_first, at_second)
    keep(desk, at_first, first)
    recover(desk, monkeypatch, at_first, first)
    leave(desk, at_first)
    assert desk.left == ["cordiale serve"], "the same as the line that was run whole"


def join(desk: Desk, at_first: tuple[str, ...], at_second: tuple[str, ...]) -> None:
    code, card, said = desk.run("cordiale peer card", *at_first)
    words = said.partition("telephone: ")[2].strip()
    assert code == 0 and len(words.split()) == 12
    (desk.folder / "our-card.json").write_text(card)
    assert cli.main(["peer", "card", *at_second]) == 0
    theirs = desk.capsys.readouterr()
    (desk.folder / "their-card.json").write_text(theirs.out)
    heard = theirs.err.partition("telephone: ")[2].strip()
    assert desk.run("cordiale peer add", *at_first, **{"…": heard})[0] == 0
    assert cli.main(["peer", "add", "our-card.json", "--words", words, "--by", "Ivy", *at_second]) == 0
    desk.capsys.readouterr()


def look(desk: Desk, at_first: tuple[str, ...], at_second: tuple[str, ...]) -> None:
    """With the node running: reached, backed up, examined, audited."""
    words = desk.words("cordiale serve --home")
    ports = ("--pages-port", str(desk.pages), "--contact-port", str(desk.contact))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "cordiale.cli", *words, *ports],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    killer = threading.Timer(120, process.kill)
    killer.start()
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "contact point" in line:
                break
        code, out, err = desk.run("cordiale peer check", *at_second, NODE="fr-police-judiciaire")
        assert code == 0 and "reached: True" in out, out + err
        code, out, err = desk.run("cordiale backup", *at_first, FILE="night.backup")
        assert code == 0 and "checked: True" in out, out + err
        code, out, err = desk.run("cordiale doctor", *at_first)
        assert code == 1 and "offline" in out and "nobody runs it" not in out, out + err
        assert desk.run("cordiale audit", *at_first)[0] == 0
        code, _, err = desk.run("cordiale upgrade", *at_first)
        assert code == 2 and str(process.pid) in err, "refused while a process runs the node"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        killer.cancel()
    assert process.returncode == 0
    assert cli.main(["upgrade", *at_first]) == 0
    desk.capsys.readouterr()


def keep(desk: Desk, at_first: tuple[str, ...], home: Path) -> None:
    code, out, err = desk.run("cordiale peer renew")
    assert code == 0 and "serial: 2" in out, out + err
    code, out, err = desk.run(
        "cordiale restore",
        "--passphrase-file",
        "phrase",
        **{"FILE": "night.backup", "EMPTY-FOLDER": str(home.with_name("again"))},
    )
    assert code == 0 and "ok: True" in out and "cordiale doctor" in out, out + err
    code, out, err = desk.run("cordiale peer accept", *at_first, NODE="uk-nca")
    assert code != 0 and "has said of no ledger that it begins again" in err
    assert desk.run("cordiale ledger export", *at_first, FILE="ledger.file")[0] == 0
    code, out, err = desk.run("cordiale ledger verify", FILE="ledger.file")
    assert code == 0 and "ok: True" in out, out + err


def recover(desk: Desk, monkeypatch: pytest.MonkeyPatch, at_first: tuple[str, ...], home: Path) -> None:
    """Two people sit down at the terminal; the same one twice, the one who lost it, or a wrong code get
    nothing.
    """
    secrets: dict[str, str] = {}
    with open_node(home, PHRASE, environment={}) as node:
        for name, role in PEOPLE:
            new = NewAccount(name, f"{name.title()} Invented", "police-judiciaire", frozenset({role}))
            _, secrets[name] = people.found_account(node, new, PASSWORD)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)

    def types(prompt: str) -> str:
        name = prompt.removeprefix("Code of ").removesuffix(": ")
        return pyotp.TOTP(secrets[name]).at(SystemClock().now()) if name in secrets else "000000"

    monkeypatch.setattr("builtins.input", types)
    line = ["officer", "recover", "olu", "--lost", "factor", "--reason", "lost at sea"]
    for by, other, says in (
        ("eve", "eve", "`eve` could not sign in"),
        ("olu", "fay", "other people vouch"),
        ("ada", "dan", "`ada` could not sign in"),
    ):
        assert cli.main([*line, "--by", by, "--and", other, *at_first]) != 0
        told = desk.capsys.readouterr()
        assert says in told.err and "code:" not in told.out, (by, other, told.err)
    assert (
        cli.main([*line[:3], "--lost", "temper", *line[5:], "--by", "eve", "--and", "grace", *at_first]) == 2
    )
    assert "cannot be lost" in desk.capsys.readouterr().err
    names = {"NAME": "olu", "ada": "dan", "…": "lost at sea"}
    code, out, err = desk.run("cordiale officer recover", *at_first, **names)
    assert code == 0 and "code: " in out, out + err
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert cli.main([*line, "--by", "eve", "--and", "grace", *at_first]) == 2
    assert "there is no terminal" in desk.capsys.readouterr().err


def leave(desk: Desk, at_first: tuple[str, ...]) -> None:
    more = ("uk-nca", "--by", "Ada", "--reason", "the arrangement has ended", "--json")
    code, out, err = desk.run("peer remove", *more, *at_first)
    assert code == 0 and json.loads(out)["state"] == "removed", err


def test_two_nodes_on_one_machine_meet_as_the_page_says(tmp_path: Path) -> None:
    section = PAGE.partition("## Try it first")[2].partition("\n## ")[0]
    for taken, free in zip(("8201", "8301", "8101", "8102"), map(str, free_ports(4)), strict=True):
        section = section.replace(taken, free)
    pages = re.findall(r"http://127.0.0.1:(\d+)", section)
    section = section.replace("serve --home fr", f"serve --home fr --pages-port {pages[0]}")
    page, folder = tmp_path / "page.md", tmp_path / "two"
    page.write_text(section, encoding="utf-8")
    folder.mkdir()
    try:
        assert how_to.follow(page, folder) >= 12
        assert all(ended(int((folder / one).read_text())) for one in ("fr.pid", "uk.pid"))
    finally:
        for one in folder.glob("*.pid"):
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(one.read_text()), signal.SIGKILL)
    assert "WARNING" not in (folder / "fr.log").read_text() + (folder / "uk.log").read_text()


def ended(process: int) -> bool:
    """Whether a process ends within half a minute."""
    for _ in range(300):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--home nowhere", "nowhere"),
        ("--home n --passphrase-file wrong", "passphrase"),
        ("--home n --passphrase-file missing", "missing"),
        ("--home n --contact-port 99999", "contact_port"),
        ("--home n --pages-port many", "pages-port"),
        ("--home n --passphrase-file phrase --contact-port {held}", "contact_port"),
        ("--home n --passphrase-file phrase --pages-port {held}", "pages_port"),
    ],
)
def test_a_mistake_with_serve_is_one_sentence_that_names_it_and_nothing_runs(
    desk: Desk, words: str, says: str
) -> None:
    import socket

    (desk.folder / "wrong").write_text("another phrase altogether 9")
    founding = Founding("FR", ("police-judiciaire",), "ada", "Ada Invented")
    found(desk.folder / "n", founding, secrets=(PHRASE, PASSWORD), cost=CHEAP)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        held = holder.getsockname()[1]
        if "passphrase-file" not in words:
            words += " --passphrase-file phrase"
        ports = [] if "--pages-port" in words else ["--pages-port", str(desk.pages)]
        code = cli.main(["serve", *words.format(held=held).split(), *ports])
        assert code == (FAULT if says == "passphrase" else USAGE)
    told = desk.capsys.readouterr()
    assert says in told.err and "Traceback" not in told.err and told.out == ""
    assert not (desk.folder / "n" / "heartbeat").exists()
