"""Two nodes on loopback mutual TLS, each with the shipped agreements, both signatures, its ledger and a disk
that is synced; beside them OpenTAXII, which does none of this but store durably, over plain HTTP.

All persons are invented. Quote the ratio: the peer runs in the same minute on the same machine.
"""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.exchange.certificates import tls
from tests.exchange.partners import issue_card

from bench.row import Row
from cordiale.exchange.peers import add_peer
from cordiale.seals import LedgerKeys, SealingKeys, SigningKeys, fingerprint
from cordiale.store import metadata, open_store

ROOT = Path(__file__).parents[1]
ROUND_S = 4.0
WARM_S = 2.0
THREADS = 8
PEER = "opentaxii==0.10.0b1"
OF_ITS_TIME = ("sqlalchemy<2", "flask<2.3", "werkzeug<2.3", "marshmallow<4", "setuptools<70")
"""Packages of the time of that pre-release, with which it runs as it is. Its last full release, 0.9.3, fails
on a TAXII 2.1 POST (500, `Object of type UUID is not JSON serializable`) with these and with those of June
2023: tried on 22 November 2026."""
PEER_WAIT_S = 40.0  # for building its environment; without a package registry the row says so
SIDES = {"fr-paris": ("FR", "police-judiciaire"), "uk-london": ("UK", "nca")}


def rows() -> list[Row]:
    """Single reports closed loop with one officer and with eight, and in batches; OpenTAXII beside them."""
    with tempfile.TemporaryDirectory(prefix="cordiale-bench-") as folder:
        one, eight, batch = measure(Path(folder))
        try:
            theirs, why = opentaxii(Path(folder)), ""
        except (httpx.HTTPError, subprocess.SubprocessError, sqlite3.Error, OSError) as fault:
            theirs, why = {}, _in_a_line(fault)
    peer = f"{PEER} over HTTP, no signature, agreement or ledger" if theirs else f"peer did not run: {why}"
    single = {"peer": peer, "peer_value": theirs.get("single")}
    hundred = {"peer": f"{peer}; 100 in a POST" if theirs else peer, "peer_value": theirs.get("hundred")}
    rate, tail, many = eight["per_s"], eight["p99_ms"], batch["per_s"]
    return [
        Row("reports one by one, one officer", one["per_s"], "/s", **single),
        Row("  receipt on disk, p50", one["p50_ms"], "ms"),
        Row("  receipt on disk, p99", one["p99_ms"], "ms", "< 35", one["p99_ms"] < 35),
        Row(f"reports one by one, {THREADS} officers", rate, "/s", "≥ 250", rate >= 250, **single),
        Row("  receipt on disk, p99", tail, "ms", "< 35", tail < 35),
        Row("reports in batches", many, "/s", "≥ 2,000", many >= 2000, **hundred),
        Row("  processor time of the sender, a report", batch["sender_ms"], "ms"),
        Row("  processor time of the recipient, a report", batch["recipient_ms"], "ms"),
    ]


def _in_a_line(fault: Exception) -> str:
    """Why the peer did not run: its own answer, or the step at which it stopped."""
    if isinstance(fault, httpx.HTTPStatusError):
        return f"{PEER} answers {fault.response.status_code} to a TAXII 2.1 push"
    if isinstance(fault, subprocess.SubprocessError):
        return f"{PEER} could not be installed or set up here ({type(fault).__name__})"
    return f"{PEER}: {type(fault).__name__}"


# -- ours --------------------


def measure(folder: Path) -> list[dict[str, float]]:
    """Found two nodes, run both as processes, and let the French one send."""
    step("founding two nodes")
    homes = founded(folder)
    with running(homes["uk-london"], "take") as taker, running(homes["fr-paris"], "send") as sender:
        step("warming up")
        ask(sender, f"closed 1 {WARM_S}")
        return [
            measured(sender, taker, line)
            for line in (f"closed 1 {ROUND_S}", f"closed {THREADS} {ROUND_S}", f"batch {ROUND_S}")
        ]


def measured(sender: subprocess.Popen[str], taker: subprocess.Popen[str], line: str) -> dict[str, float]:
    """One round, with the processor time that a message cost at each end (milliseconds)."""
    step(line)
    before = [ask(node, "cpu")["cpu_s"] for node in (sender, taker)]
    told = ask(sender, line)
    spent = [ask(node, "cpu")["cpu_s"] - was for node, was in zip((sender, taker), before, strict=True)]
    each = [1000 * one / told["count"] for one in spent]
    return told | {"sender_ms": each[0], "recipient_ms": each[1]}


def step(says: str) -> None:
    """A word to whoever waits."""
    print(f"  exchange: {says} …", file=sys.stderr, flush=True)


def founded(folder: Path) -> dict[str, Path]:
    """Two homes with keys, cards and databases, each the other's peer."""
    homes, cards = {}, {}
    for name, (side, authority) in SIDES.items():
        home = homes[name] = folder / name
        home.mkdir()
        port, wall, side_keys = free_port(), tls(home, "tls"), SigningKeys.generate()
        keys = (SigningKeys.generate(), SealingKeys.generate(), LedgerKeys.generate())
        card = issue_card(
            name,
            side,
            (authority,),
            side_keys=side_keys,
            keys=keys,
            address=f"127.0.0.1:{port}",
            tls_issuer=wall.issuer,
            days=40_000,
        )
        named = zip(("signing", "sealing", "ledger"), keys, strict=True)
        facts: dict[str, Any] = {each: key.to_bytes().hex() for each, key in named}
        facts |= {"card": card.to_bytes().hex(), "port": port}
        (home / "facts.json").write_text(json.dumps(facts))
        cards[name] = (card, side_keys.public())
    for name, other in (("fr-paris", "uk-london"), ("uk-london", "fr-paris")):
        card, key = cards[other]
        with open_store(f"sqlite:///{homes[name] / 'node.db'}") as store:
            store.write(metadata.create_all)
            at, words = datetime.now(UTC), fingerprint(key)
            store.write(lambda tx, c=card, k=key, w=words, t=at: add_peer(tx, c, k, words=w, by="x", at=t))
    return homes


@contextmanager
def running(home: Path, manner: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.exchange_node", str(home), manner]
    node = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert node.stdin is not None and node.stdout is not None
    try:
        if node.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{home.name} did not start")
        yield node
    finally:
        with suppress(BrokenPipeError):
            node.stdin.close()
        try:
            node.wait(20)
        except subprocess.TimeoutExpired:
            node.kill()
        node.stdout.close()


def ask(node: subprocess.Popen[str], line: str) -> dict[str, float]:
    assert node.stdin is not None and node.stdout is not None
    node.stdin.write(line + "\n")
    node.stdin.flush()
    told: dict[str, float] = json.loads(node.stdout.readline())
    return told


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# -- the peer --------------------

SETTINGS = """
domain: "127.0.0.1:{port}"
taxii1: null
taxii2:
  title: "Invented"
  description: "Invented"
  contact: "invented"
  max_content_length: 10485760
  public_discovery: true
  allow_custom_properties: true
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters:
      db_connection: sqlite:///{home}/data.db
      create_tables: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters:
    db_connection: sqlite:///{home}/auth.db
    create_tables: yes
    secret: invented-secret
logging:
  opentaxii: error
  root: error
"""
TAXII = "application/taxii+json;version=2.1"


def opentaxii(folder: Path) -> dict[str, float]:
    """Objects a second into OpenTAXII: one a POST, and a hundred. Raises what keeps it from running."""
    home = folder / "opentaxii"
    home.mkdir()
    tools = home / "venv" / "bin"
    venv.create(home / "venv", with_pip=True)
    install = [str(tools / "pip"), "install", "-q", PEER, *OF_ITS_TIME, "gunicorn"]
    step(f"installing {PEER} in an environment of its own")
    subprocess.run(install, check=True, capture_output=True, timeout=PEER_WAIT_S)
    step("the peer, on the same machine in the same minute")
    port = free_port()
    (home / "opentaxii.yml").write_text(SETTINGS.format(port=port, home=home))
    environment = {"OPENTAXII_CONFIG": str(home / "opentaxii.yml"), "PATH": str(tools)}
    _run(str(tools / "opentaxii-add-api-root"), environment, "--title", "invented", "--default")
    root = _identifier(home / "data.db", "opentaxii_api_root")
    opened = ("--rootid", root, "--title", "invented", "--public", "--public-write")
    _run(str(tools / "opentaxii-add-collection"), environment, *opened)
    collection = _identifier(home / "data.db", "opentaxii_collection")
    command = [str(tools / "gunicorn"), "opentaxii.http:app", "-w", "2", "-b", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [*command, "--log-level", "error"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_open(port)
        where = f"http://127.0.0.1:{port}/taxii2/{root}/collections/{collection}/objects/"
        with httpx.Client(headers={"content-type": TAXII, "accept": TAXII}, trust_env=False) as client:
            _pushed(client, where, seconds=1.0, each=1)
            single = _pushed(client, where, seconds=ROUND_S, each=1)
            return {"single": single, "hundred": _pushed(client, where, seconds=ROUND_S, each=100)}
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _run(command: str, environment: dict[str, str], *words: str) -> None:
    subprocess.run([command, *words], env=environment, check=True, capture_output=True, timeout=60)


def _identifier(file: Path, table: str) -> str:
    """The identifier of what was just added: its own commands do not print it."""
    with closing(sqlite3.connect(file)) as database:
        (found,) = database.execute(f"SELECT id FROM {table}").fetchone()
    return str(UUID(found))


def _until_open(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
            return
        time.sleep(0.1)
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return


def _pushed(client: httpx.Client, where: str, *, seconds: float, each: int) -> float:
    """Objects a second, each POST answered before the next."""
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        answer = client.post(where, content=json.dumps({"objects": [_object() for _ in range(each)]}))
        answer.raise_for_status()
        count += each
    return count / (time.perf_counter() - begun)


def _object() -> dict[str, Any]:
    """An indicator of about 700 bytes, as open-field peers exchange them."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid4()}",
        "created": now,
        "modified": now,
        "name": "Invented boat engine",
        "description": "An invented sentence that makes the object as long as a short report is. " * 5,
        "pattern": "[url:value = 'http://invented.example/']",
        "pattern_type": "stix",
        "valid_from": now,
    }
