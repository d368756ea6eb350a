"""The life of an agreement by commands: two nodes sign, take, refuse, activate, suspend and end it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cordiale import cli
from cordiale.agreements.register import SHIPPED
from cordiale.node import exchange, people
from cordiale.node.home import Founding
from cordiale.node.node import Node
from cordiale.node.opening import found, open_node
from cordiale.seals import ScryptCost

PHRASE, PASSWORD = "seven quiet invented words make a passphrase", "four invented words together"
CHEAP = ScryptCost(n=1 << 10)
ID = "uk-fr-2026-2029"
SHIPS = (SHIPPED / "agreements" / f"{ID}.toml").read_text("utf-8")
TWO = ("--by", "lea", "--and", "sue")
Run = Callable[..., tuple[int, Any, str]]


def text(version: int, more: str = "") -> str:
    return SHIPS.replace("\nversion = 1\n", f"\nversion = {version}\n{more}")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "phrase").chmod(0o600)
    (tmp_path / "note.toml").write_text(text(2))
    (tmp_path / "spoilt.toml").write_text(text(3, 'continues_after_end = ["share"]\n'))
    for side, authority in (("UK", "home-office"), ("FR", "paf")):
        founding = Founding(side, (authority,), "ada", "Ada Invented", more={"hold_s": 0})
        found(tmp_path / side, founding, secrets=(PHRASE, PASSWORD), cost=CHEAP)
        with open_node(tmp_path / side, PHRASE, environment={}) as node:
            for login, role in (("lea", "lawyer"), ("sue", "supervisor")):
                new = people.NewAccount(login, f"{login.title()} (invented)", authority, frozenset({role}))
                people.found_account(node, new, PASSWORD, quick=True)
    introduce(tmp_path)
    capsys.readouterr()

    def call(*words: str, home: str = "UK") -> tuple[int, Any, str]:
        code = cli.main(["agreement", *words, "--home", home, "--passphrase-file", "phrase", "--json"])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, json.loads(told.out) if told.out.strip() else None, told.err

    return call


def introduce(folder: Path) -> None:
    """Each node takes the other in."""
    with (
        open_node(folder / "UK", PHRASE, environment={}) as uk,
        open_node(folder / "FR", PHRASE, environment={}) as fr,
    ):
        for node, other in ((uk, fr), (fr, uk)):
            card = exchange.own_card(other)
            exchange.add_peer(
                node, exchange.card_bytes(card["card"]), words=card["words"], by="Ada (invented)"
            )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who is named sits at the terminal and types what is right."""

    def vouches(node: Node, proof: people.Proof) -> people.Officer:
        return people.officer(node, proof.login)

    monkeypatch.setattr("cordiale.cli.life.signed_in", lambda who: (PASSWORD, "000000"))
    monkeypatch.setattr(people, "vouches", vouches)


@pytest.mark.usefixtures("here")
def test_two_nodes_bring_a_text_into_force_suspend_and_end_it(run: Run) -> None:
    code, told, err = run("sign", "note.toml", "--out", "uk.signed", *TWO)
    assert (code, told["signatures"]) == (0, ["UK"]), err
    assert run("activate", ID, *TWO)[0] == 2
    code, told, err = run("take", "uk.signed", "--by", "lea", home="FR")
    assert (code, told["rechecked"], told["missing"]) == (0, True, ["FR"]), err
    code, told, err = run("sign", ID, "--out", "both.signed", *TWO, home="FR")
    assert (code, told["signatures"]) == (0, ["FR", "UK"]), err
    assert run("take", "both.signed", "--by", "lea")[0] == 0
    code, told, err = run("activate", ID, *TWO)
    assert (code, told["state"], told["version"]) == (0, "in_force", 2), err
    assert run("suspend", ID, "--reason", "an invented reason", "--by", "sue")[1]["state"] == "suspended"
    (line,) = [one for one in run("status", ID)[1]["agreements"] if one["version"] == 2]
    assert (line["state"], line["reason"]) == ("suspended", "an invented reason")
    assert run("resume", ID, "--reason", "it is mended", *TWO)[1]["state"] == "in_force"
    code, told, err = run("end", ID, "--reason", "denounced", "--treatment", "erase", *TWO)
    assert (code, told["state"], told["erased"]) == (0, "ended", 0), err


@pytest.mark.usefixtures("here")
def test_a_file_with_a_hole_is_not_signed_and_the_request_is_told(run: Run, tmp_path: Path) -> None:
    code, told, err = run("sign", "spoilt.toml", "--out", "x.signed", *TWO)
    assert code == 2 and told is None and "it leaves under" in err
    assert not (tmp_path / "x.signed").exists()


@pytest.mark.usefixtures("here")
def test_a_signed_text_that_was_altered_on_its_way_is_refused(run: Run, tmp_path: Path) -> None:
    run("sign", "note.toml", "--out", "uk.signed", *TWO)
    raw = (tmp_path / "uk.signed").read_bytes()
    parcel = json.loads(raw)
    parcel["certificates"][3]["proof"][0][0] = 7
    (tmp_path / "altered.signed").write_text(json.dumps(parcel, separators=(",", ":"), sort_keys=True))
    code, _, err = run("take", "altered.signed", "--by", "lea", home="FR")
    assert code == 2 and "our own checker refuses the proof" in err
    (tmp_path / "half.signed").write_bytes(raw[: len(raw) // 2])
    code, _, err = run("take", "half.signed", "--by", "lea", home="FR")
    assert code == 2 and "no signed text" in err
    assert run("status", ID, home="FR")[1]["agreements"][0]["state"] == "shipped"


def test_without_a_terminal_nobody_signs(run: Run) -> None:
    for words in (
        ("sign", "note.toml", "--out", "x.signed", *TWO),
        ("activate", ID, *TWO),
        ("suspend", ID, "--reason", "x", "--by", "sue"),
    ):
        code, _, err = run(*words)
        assert code == 2 and "there is no terminal" in err
