"""Ledger tree: appends, proofs and audits a second, beside pymerkle in an environment of its own.

    python bench/merkle.py [COUNT] [--peer PYTHON]

`--peer` names a Python that has pymerkle 6 or later (GPL: it runs as another process, never imported here).
Prints machine, seed and date. The ratio is the sturdier figure.
"""

import argparse
import json
import platform
import subprocess
import time
from datetime import UTC, datetime

from sqlalchemy import create_engine

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


def rate(count: int, work: object) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def in_memory(count: int) -> dict[str, float]:
    leaves = [i.to_bytes(32) for i in range(count)]
    tree, frontier = Tree(), Frontier()
    figures = {
        "append to the whole tree /s": rate(count, lambda: [tree.append(leaf_hash(leaf)) for leaf in leaves]),
        "append to the frontier /s": rate(
            count, lambda: [frontier.append(leaf_hash(leaf)) for leaf in leaves]
        ),
    }
    root, places = tree.root(), range(0, count, max(1, count // 2000))
    proofs = {i: inclusion(i, count, tree.node) for i in places}
    figures["inclusion proofs made /s"] = rate(
        len(places), lambda: [inclusion(i, count, tree.node) for i in places]
    )
    figures["inclusion proofs verified /s"] = rate(
        len(places),
        lambda: [verify_inclusion(leaf_hash(leaves[i]), i, count, proofs[i], root=root) for i in places],
    )
    olds = [i + 1 for i in places]
    roots = {old: tree.root(old) for old in olds}
    figures["consistency proofs made and verified /s"] = rate(
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
        "entries, one an act /s": one,
        "entries, all in one act /s": many,
        "checkpoints signed /s": signed,
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("count", nargs="?", type=int, default=300_000)
    words.add_argument("--peer", default="")
    asked = words.parse_args()
    print(f"{platform.machine()} {platform.processor()} Python {platform.python_version()}")
    print(f"no seed: leaves are counters; {datetime.now(UTC):%Y-%m-%d}; {asked.count} leaves")
    figures = in_memory(asked.count) | in_the_database(min(asked.count, 20_000))
    for name, figure in figures.items():
        print(f"{figure:>14,.0f}  {name}")
    if asked.peer:
        done = subprocess.run(
            [asked.peer, "-c", PEER, str(asked.count)], capture_output=True, text=True, check=True
        )
        theirs = json.loads(done.stdout)["append"]
        print(f"{theirs:>14,.0f}  pymerkle in memory, append /s")
        print(f"{figures['append to the whole tree /s'] / theirs:>14.1f}  times pymerkle")


if __name__ == "__main__":
    main()
