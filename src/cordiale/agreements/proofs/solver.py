"""The solver, a program of its own: `python solver.py`. Nothing that it says is believed unchecked.

On its input a line of JSON {"bytes": n, "asked": [literal, …]}, then n bytes of clauses (little-endian
32-bit numbers, each clause ended by 0). For each literal (0: none) it tells a line: {"holds": false,
"steps": [[…], …]} with what it learnt since the last, or {"holds": true, "model": […]}; then it waits again.
"""

from __future__ import annotations

import json
import resource
import struct
import sys

from pysat.solvers import Glucose4

MEMORY_MAX = 4 << 30
"""Bytes of address space: a question that needs more is one that nobody can answer here."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        answer(_clauses(sys.stdin.buffer.read(order["bytes"])), order["asked"])


def _clauses(raw: bytes) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for number in struct.unpack(f"<{len(raw) // 4}i", raw):
        if number:
            found[-1].append(number)
        else:
            found.append([])
    return found[:-1]


def answer(clauses: list[list[int]], asked: list[int]) -> None:
    """Tell one line for each literal asked."""
    with Glucose4(bootstrap_with=clauses, with_proof=True) as glucose:
        told = 0
        for literal in asked:
            if glucose.solve(assumptions=[literal] if literal else []):
                _tell({"holds": True, "model": glucose.get_model()})
                continue
            lines = glucose.get_proof()
            _tell({"holds": False, "steps": [step for line in lines[told:] if (step := _step(line))]})
            told = len(lines)


def _step(line: str) -> list[int]:
    """The literals of a learnt clause. Deletions do not matter; an empty one holds of what was asked."""
    words = line.split()
    return [] if words[0] == "d" else [int(word) for word in words[:-1]]


def _tell(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
