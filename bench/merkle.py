"""Ledger tree: appends and proofs a second, beside pymerkle in an environment of its own: `rows()`.

    python -m bench.merkle [COUNT]

pymerkle is GPL: it is put into a temporary environment and runs as another process, never imported here. No
seed: leaves are counters. The ratio is the sturdier figure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine

from bench.row import Row
from cordiale.ledger import Entry, Kind, Log
from cordiale.ledger.tables import metadata
from cordiale.ledger.tree import Frontier, Tree, consistency, inclusion, verify_consistency, verify_inclusion
from cordiale.seals import LedgerKeys, leaf_hash

PEER = """
import sys, time, json
from pymerkle import InmemoryTree
count = int(sys.argv[1]); tree = InmemoryTree(algorithm="sha256")
leaves = [i.to_bytes(32, "big") for i in range(count)]
start = time.perf_counter()
for leaf in leaves: tree.append_entry(leaf)
print(json.dumps({"append": count / (time.perf_counter() - start)}))
"""


COUNT = 300_000
PYMERKLE = "pymerkle==6.1.0"
APPENDS_MIN = 300_000
UV = Path(sys.executable).with_name("uv")
PEER_WAIT_S = 60.0


def rate(count: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def in_memory(count: int) -> dict[str, float]:
    leaves = [i.to_bytes(32) for i in range(count)]
    tree, frontier = Tree(), Frontier()
    figures = {
        "append to the whole tree": rate(count, lambda: [tree.append(leaf_hash(leaf)) for leaf in leaves]),
        "append to the frontier": rate(count, lambda: [frontier.append(leaf_hash(leaf)) for leaf in leaves]),
    }
    root, places = tree.root(), range(0, count, max(1, count // 2000))
    proofs = {i: inclusion(i, count, tree.node) for i in places}
    figures["inclusion proofs made"] = rate(
        len(places), lambda: [inclusion(i, count, tree.node) for i in places]
    )
    figures["inclusion proofs verified"] = rate(
        len(places),
        lambda: [verify_inclusion(leaf_hash(leaves[i]), i, count, proofs[i], root=root) for i in places],
    )
    olds = [i + 1 for i in places]
    roots = {old: tree.root(old) for old in olds}
    figures["consistency proofs made and verified"] = rate(
        len(olds),
        lambda: [
            verify_consistency(
                old, count, consistency(old, count, tree.node), old_root=roots[old], new_root=root
            )
            for old in olds
        ],
    )
    return figures


def in_the_database(count: int) -> dict[str, float]:
    """Appends through SQLAlchemy into SQLite in memory: what the ledger itself costs, without the disk."""
    engine, at = create_engine("sqlite://"), datetime(2026, 3, 1, tzinfo=UTC)
    metadata.create_all(engine)
    log = Log("bench/ledger", LedgerKeys.generate())
    entries = [Entry(Kind.SENT, at, {"sequence": i}) for i in range(count)]
    with engine.begin() as tx:
        one = rate(count, lambda: [log.append(tx, entry) for entry in entries])
        many = rate(count, lambda: log.append_all(tx, entries))
        signed = rate(1, lambda: log.checkpoint(tx, at))
    return {
        "entries, one an act": one,
        "entries, all in one act": many,
        "checkpoints signed": signed,
    }


def rows(count: int = COUNT) -> list[Row]:
    """Appends beside pymerkle's, proofs, and what the ledger costs with its database. About 20 s."""
    figures = in_memory(count)
    theirs = pymerkle(count)
    aim = f"≥ {APPENDS_MIN:,}"
    peer = PYMERKLE if theirs else f"{PYMERKLE}: not to be had here"
    ours = [
        Row(name, figures[name], "/s", aim, figures[name] >= APPENDS_MIN, peer, theirs)
        for name in ("append to the frontier", "append to the whole tree")
    ]
    rest = {name: figure for name, figure in figures.items() if not name.startswith("append")}
    stored = in_the_database(min(count, 20_000))
    return [*ours, *(Row(name, figure, "/s") for name, figure in (rest | stored).items())]


def pymerkle(count: int) -> float | None:
    """Appends a second of pymerkle in memory, in its own process; None when it cannot be had."""
    with tempfile.TemporaryDirectory(prefix="cordiale-peer-") as folder:
        python = str(Path(folder) / "env" / "bin" / "python")
        for words in (
            ["venv", "-q", "--python", sys.executable, str(Path(folder) / "env")],
            ["pip", "install", "-q", "--python", python, PYMERKLE],
        ):
            if subprocess.run([str(UV), *words], capture_output=True, check=False).returncode:
                return None
        done = subprocess.run(
            [python, "-c", PEER, str(count)], capture_output=True, text=True, check=True, timeout=PEER_WAIT_S
        )
    return float(json.loads(done.stdout)["append"])


if __name__ == "__main__":
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT):
        beside = f"  {row.ratio:.2f} times {row.peer} ({row.peer_value:,.0f})" if row.ratio else ""
        print(f"{row.value:>14,.0f} {row.unit}  {row.name}{beside}")
