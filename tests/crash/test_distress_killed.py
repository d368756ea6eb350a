"""A node that cannot write and is killed: is the distress call still there, on its pages and on its way?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cordiale.exchange import boxes
from cordiale.exchange.message import UNSTORED
from cordiale.node import Node, rescue, rescue_sent
from cordiale.node.audit import audit
from cordiale.node.spool import RESERVE
from tests.crash.distress_home import founded, opened

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home of a node that was killed -9 right after it had opened a distress call."""
    home = founded(tmp_path_factory.mktemp("two"))["UK"]
    words = [sys.executable, "-m", "tests.crash.distress_process", str(home)]
    child = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        reference, _, logged = child.stdout.readline().strip().partition(" ")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()  # type: ignore[union-attr]
    assert reference and logged == "False", "the store could not write it"
    return home, reference


def whole(node: Node) -> None:
    assert audit(node).ok, audit(node).wrong


def test_a_killed_node_shows_sends_and_records_the_call_that_its_store_could_not_write(
    killed: tuple[Path, str],
) -> None:
    home, reference = killed
    slips = [one.name for one in (home / "spool").iterdir() if one.name != RESERVE]
    assert len(slips) == 2, "the call to the French centre, and the incident"
    assert not any(b"Gris-Nez" in (home / "spool" / one).read_bytes() for one in slips), "sealed"
    with opened(home) as node:
        assert not any(one.reference == reference for one in rescue.distresses(node)), "nothing was recorded"
        assert rescue_sent.recover(node) == 2
        (shown,) = [one for one in rescue.distresses(node) if one.reference == reference]
        assert shown.body["place"] == "7 NM north of Gris-Nez" and not shown.logged
        (call,) = node.contact.unstored.to_carry(node.world.clock.now())
        assert call.is_kept and call.prepared.node == "fr-cross-gris-nez"
        assert rescue_sent.log_what_was_shown(node) == 0 and node.contact.log_what_was_shown() == 0
        (row,) = node.store.read(boxes.outbox)
        assert (row.id, row.lane) == (call.message, UNSTORED)
        (kept,) = [one for one in rescue.distresses(node) if one.reference == reference]
        assert kept.logged and kept.body == shown.body
        assert not [one for one in (home / "spool").iterdir() if one.name != RESERVE], "nothing is kept twice"
        assert rescue_sent.recover(node) == 0
        whole(node)
