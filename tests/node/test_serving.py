"""`cordiale serve` in a process of its own: it answers, and ends in order on SIGTERM and on SIGINT."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from cordiale import cli
from cordiale.errors import UsageError
from cordiale.node import found, open_node
from cordiale.node.audit import audit
from cordiale.node.home import Founding
from cordiale.node.serving import free_ports, running
from cordiale.seals import ScryptCost

PHRASE = "an invented phrase for tests 7"
PASSWORD = "four invented words together"


def founded(tmp_path: Path) -> tuple[Path, int, int]:
    pages, contact = free_ports(2)
    more = {"pages_port": pages, "contact_port": contact}
    founding = Founding(
        "FR", ("police-judiciaire",), "ada", "Ada Invented", address=f"127.0.0.1:{contact}", more=more
    )
    found(tmp_path / "n", founding, secrets=(PHRASE, PASSWORD), cost=ScryptCost(n=1 << 10))
    (tmp_path / "phrase").write_text(PHRASE)
    return tmp_path / "n", pages, contact


def answers(port: int, wait_s: float = 60.0) -> int:
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as reply:
            return reply.code
        except OSError:
            time.sleep(0.2)
    return 0


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_served_node_answers_and_ends_in_order(tmp_path: Path, name: signal.Signals) -> None:
    home, pages, _ = founded(tmp_path)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CORDIALE_")}
    words = ["serve", "--home", str(home), "--passphrase-file", str(tmp_path / "phrase")]
    served = subprocess.Popen(
        [sys.executable, "-m", "cordiale.cli", *words], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert 200 <= answers(pages) < 500
        served.send_signal(name)
        told = served.communicate(timeout=60)[1]
    finally:
        served.kill()
        served.wait()
    assert served.returncode == 0 and "Traceback" not in told, told
    with open_node(home, PHRASE, environment={}) as node:
        assert audit(node).ok


@pytest.mark.parametrize("which", [1, 2])
def test_a_port_that_is_taken_is_named_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: int
) -> None:
    import socket

    made = founded(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", made[which]))
        holder.listen()
        words = ["serve", "--home", str(made[0]), "--passphrase-file", str(tmp_path / "phrase")]
        code = cli.main(words)
    told = capsys.readouterr().err
    assert code == 2 and str(made[which]) in told and "another port" in told


def test_a_second_process_on_one_home_is_refused_with_the_first_one_s_id_and_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, pages, _ = founded(tmp_path)
    words = ["--home", str(home), "--passphrase-file", str(tmp_path / "phrase")]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CORDIALE_")}
    served = subprocess.Popen([sys.executable, "-m", "cordiale.cli", "serve", *words], env=environment)
    try:
        assert 200 <= answers(pages) < 500
        other = [str(one) for one in free_ports(2)]
        ports = ["--pages-port", other[0], "--contact-port", other[1]]
        assert cli.main(["serve", *words, *ports]) == 2
        told = capsys.readouterr().err
        assert str(served.pid) in told and f"kill {served.pid}" in told and "Traceback" not in told
        assert cli.main(["upgrade", *words]) == 2
        assert str(served.pid) in capsys.readouterr().err
        assert cli.main(["backup", str(tmp_path / "b"), *words]) == 0, "a backup may run beside it"
        assert cli.main(["officer", "list", *words]) == 0
    finally:
        served.kill()
        served.wait()
    with open_node(home, PHRASE, environment={}) as node, running(node):
        assert node.world.disk.holder(home / "serving") == str(os.getpid()), "killed, it holds nothing"
        with pytest.raises(UsageError, match=str(os.getpid())), running(node):
            raise AssertionError("twice in one process is once too often too")
    assert not node.world.disk.holder(home / "serving")
