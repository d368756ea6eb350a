"""The demonstration runs whole, ends with three verified ledgers, and tells only what happened."""

import json
import os
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pyotp
import pytest

from cordiale.demo.cast import UK
from cordiale.demo.stage import OWNER, PREFIX, Desk, clear_old, ports_from
from cordiale.demo.story import in_words
from cordiale.errors import UsageError
from cordiale.node.serving import free_ports

WITHHELD_FROM_FRONTEX = ("suspects.", "vehicles.")


@pytest.fixture(scope="module")
def night() -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
    return subprocess.run(
        [sys.executable, "-m", "cordiale.cli", "demo"],
        env=environment | {"DEMO_ONCE": "1", "CORDIALE_DEMO_PORTS": free()},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def summary(night: subprocess.CompletedProcess[str]) -> dict[str, list[dict[str, object]]]:
    assert night.returncode == 0, night.stderr
    found: dict[str, list[dict[str, object]]] = json.loads(night.stdout.strip().splitlines()[-1])
    return found


def free() -> str:
    """Six ports that nobody holds, so that a demonstration of somebody else disturbs nothing."""
    return ",".join(str(one) for one in free_ports(6))


def step(summary: dict[str, list[dict[str, object]]], name: str) -> dict[str, object]:
    return next(one for one in summary["steps"] if one["name"] == name)


def test_it_says_first_that_nothing_in_it_is_endorsed_or_real(
    night: subprocess.CompletedProcess[str],
) -> None:
    assert "not endorsed by any agency" in night.stderr.splitlines()[0]


def test_every_step_has_the_keys_that_the_summary_promises(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    assert set(summary) == {"steps", "ledgers"}
    assert all(
        set(one) == {"name", "from", "to", "verdict", "article", "withheld"} for one in summary["steps"]
    )
    assert all(one["article"] for one in summary["steps"])


def test_the_report_is_permitted_under_the_trade_treaty(summary: dict[str, list[dict[str, object]]]) -> None:
    found = step(summary, "report")
    assert (found["verdict"], found["withheld"]) == ("permit", []) and "563" in str(found["article"])


def test_frontex_gets_nothing_without_consent_and_no_person_with_it(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    assert step(summary, "onward_without_consent")["verdict"] == "refuse"
    found = step(summary, "onward_with_consent")
    assert found["verdict"] == "withhold"
    withheld = found["withheld"]
    assert isinstance(withheld, list) and withheld
    assert all(str(one).startswith(WITHHELD_FROM_FRONTEX) for one in withheld)


def test_a_person_with_a_pending_claim_reaches_neither_the_state_of_origin_nor_who_passes_it_on(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    assert step(summary, "protected_from_origin_state")["verdict"] == "refuse"
    assert "Art 33" in str(step(summary, "protected_from_origin_state")["article"])
    assert step(summary, "protected_from_frontex")["verdict"] in ("refuse", "withhold")
    withheld = step(summary, "protected_from_frontex")["withheld"]
    assert isinstance(withheld, list) and len(withheld) == 4


def test_distress_sounds_until_a_named_person_confirms(night: subprocess.CompletedProcess[str]) -> None:
    heard, confirmed = night.stderr.index("DISTRESS, NOT CONFIRMED"), night.stderr.index("the sound stops")
    assert heard < confirmed


def test_the_recall_reaches_every_copy(summary: dict[str, list[dict[str, object]]]) -> None:
    assert step(summary, "recall")["to"] == "UK/home-office"
    assert step(summary, "recall_follows_copy")["to"] == "FRONTEX/frontex"


def test_three_ledgers_verify(summary: dict[str, list[dict[str, object]]]) -> None:
    assert [one["node"] for one in summary["ledgers"]] == [
        "uk-home-office",
        "fr-police-judiciaire",
        "frontex-frontex",
    ]
    assert all(one["verified"] is True and int(str(one["size"])) > 5 for one in summary["ledgers"])


@pytest.mark.parametrize(
    "words", ["1,2", "0,1,2,3,4,5", "9,9,9,9,9,9", "70000,9101,9102,9103,9104,9105", "a,b,c,d,e,f"]
)
def test_ports_that_are_not_six_are_refused_with_the_way_out(words: str) -> None:
    with pytest.raises(UsageError, match="six different ports") as fault:
        ports_from(words)
    assert fault.value.field == "--ports" and "9101,9102" in str(fault.value.way_out)


def test_a_port_that_is_taken_is_named_and_six_free_ones_are_taken() -> None:
    free = free_ports(6)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free[4]))
        holder.listen()
        with pytest.raises(UsageError, match=f"port {free[4]} of this machine is taken") as fault:
            ports_from(",".join(str(one) for one in free))
    assert "--ports" in str(fault.value.way_out) and "make demo" in str(fault.value.way_out)
    assert ports_from(" ".join(str(one) for one in free)) == free


def test_the_node_with_a_corrupted_gate_is_refused_by_the_receivers_own_files(
    night: subprocess.CompletedProcess[str], summary: dict[str, list[dict[str, object]]]
) -> None:
    found = step(summary, "corrupted_sender")
    assert (found["verdict"], found["to"]) == ("refuse", "FRONTEX/frontex")
    assert str(found["article"]).startswith("WA")
    told = " ".join(night.stderr.split())
    assert "has been corrupted and says PERMIT" in told
    assert "The UK's officer hears only: not_accepted" in told


def test_people_read_each_step_with_its_article_at_eighty_columns_without_colour(
    night: subprocess.CompletedProcess[str], summary: dict[str, list[dict[str, object]]]
) -> None:
    told = night.stderr.partition("WHAT THE GATES ANSWERED THAT NIGHT")[2]
    words = " ".join(told.split())
    for one in summary["steps"]:
        assert f"{one['name']}: {one['from']} -> {one['to']}" in words
        assert f"{one['article']}" in words
    assert len(summary["steps"]) == 13
    assert max(len(line) for line in night.stderr.splitlines()) <= 80
    assert "\x1b" not in night.stderr + night.stdout


def test_what_a_demonstration_cut_off_by_force_left_behind_is_cleared_and_nothing_else(
    tmp_path: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    folders = {"over": str(ended.pid), "runs": str(os.getpid()), "odd": "no number"}
    for name, owner in folders.items():
        (tmp_path / f"{PREFIX}{name}" / "uk").mkdir(parents=True)
        (tmp_path / f"{PREFIX}{name}" / OWNER).write_text(owner)
    (tmp_path / f"{PREFIX}somebody-elses").mkdir()
    (tmp_path / "another").mkdir()
    assert clear_old(tmp_path) == 1
    assert not (tmp_path / f"{PREFIX}over").exists()
    assert len(list(tmp_path.iterdir())) == 4


def test_the_suspended_treaty_lets_no_report_pass_that_night_and_names_the_article(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    names = [str(one["name"]) for one in summary["steps"]]
    found = step(summary, "suspended")
    assert (found["verdict"], found["article"]) == ("refuse", "TCA Art 693")
    assert names.index("suspended") < names.index("distress") < names.index("recall")


def test_ctrl_c_in_the_middle_ends_it_in_order_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
    started = subprocess.Popen(
        [sys.executable, "-m", "cordiale.cli", "demo"],
        env=environment | {"TMPDIR": str(tmp_path), "CORDIALE_DEMO_PORTS": free()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stderr is not None
        told = []
        for line in started.stderr:
            told.append(line)
            if line.startswith("Three nodes know each other"):
                break
        children = [int(one.name) for one in Path("/proc").glob("[0-9]*") if parent_of(one) == started.pid]
        assert len(children) == 3, told
        started.send_signal(signal.SIGINT)
        rest = started.communicate(timeout=60)[1]
    finally:
        started.kill()
        started.wait()
    assert started.returncode == 0 and "Traceback" not in rest
    assert not any(Path(f"/proc/{one}").exists() for one in children)
    assert list(tmp_path.iterdir()) == []


def parent_of(process: Path) -> int:
    """The parent of a process of this machine; 0 when it has just ended."""
    try:
        return int((process / "stat").read_text().rpartition(") ")[2].split()[1])
    except (OSError, IndexError):
        return 0


def test_what_was_withheld_is_told_in_words_and_numbered_for_a_machine_only(
    night: subprocess.CompletedProcess[str], summary: dict[str, list[dict[str, object]]]
) -> None:
    assert in_words("suspects.0.suspected_of.1") == "suspects 1, suspected of 2"
    paths = step(summary, "onward_with_consent")["withheld"]
    assert isinstance(paths, list) and paths
    told = " ".join(night.stderr.split())
    assert all(in_words(str(one)) in told and str(one) not in told for one in paths if "." in str(one))


@pytest.mark.parametrize("terminal", [True, False])
def test_while_it_serves_the_line_for_a_machine_comes_last_and_on_a_terminal_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    run = import_module("cordiale.demo.run")  # the face hands on the function of that name
    order: list[str] = []
    monkeypatch.setattr(run.story, "play", lambda night: None)
    monkeypatch.setattr(run.story, "check", lambda night, folder: [])
    monkeypatch.setattr(run, "_welcome", lambda desks: order.append(capsys.readouterr().out))
    monkeypatch.setattr(run, "_stay", lambda desks: order.append(capsys.readouterr().out))
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    desk = Desk(UK, tmp_path, 8101, 8201)
    assert run._night([desk, desk, desk], tmp_path, once=False) == 1
    before, last = order
    assert before == "" and (last == "") is terminal
    assert terminal or set(json.loads(last)) == {"steps", "ledgers"}


def test_the_end_tells_addresses_names_password_and_codes_that_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cordiale.demo.cast import PASSWORD, UK
    from cordiale.demo.run import _welcome
    from cordiale.demo.stage import Desk

    secret = pyotp.random_base32()
    before = pyotp.TOTP(secret).now()
    _welcome([Desk(UK, tmp_path, 8101, 8201, secrets={one.login: secret for one in UK.players})])
    told = capsys.readouterr().err
    assert "http://127.0.0.1:8101" in told and PASSWORD in told
    assert all(one.login in told and one.name in told for one in UK.players)
    assert before in told or pyotp.TOTP(secret).now() in told
