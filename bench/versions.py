"""Two versions of an agreement compared over every possible request, by size: `rows()`.

    python -m bench versions

Invented agreements of 33 and 1,000 lines (bench/proving.py): one line that withholds is taken out, and of
each line that permits it is asked what became permitted and what no longer leaves, each answer a request or
a proof. Then the Frontex file, with the words on pending claims taken out of its protections: all changes
with requests that the gate was asked, and the first of them. Processor time, the solver's process included,
the best of three.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bench.proving import DAY, Lines, _spent, lines_of, register
from bench.row import Row
from cordiale.agreements.model import Protects
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.comparing import Versions
from cordiale.agreements.proofs.solving import Solver, Unknown, solve, solve_all

ROUNDS = 3
AIMS_MS = {33: 100.0, 1_000: 1_000.0}
FRONTEX = "uk-frontex-wa-2024"


def _compared(made: Lines, solver: Solver) -> None:
    """Every line that permits, both ways, for one line less that withholds."""
    form, less = made.form, made.held[:-1]
    old, new = made.leaves(), made.leaves(held=less)
    asked = {}
    for number, line in enumerate(made.granted):
        asked[f"+{number}"] = (new, line, -old)
        asked[f"-{number}"] = (old, line, -new)
    clauses = clauses_of(form, asked)
    found = solve_all(clauses.clauses, clauses.picks, by=solver)
    if any(isinstance(one, Unknown) for one in found.values()):
        raise RuntimeError("what changed is not known")


def _without_claims(rule: Protects) -> Protects:
    less = rule.when.protection - {"claim_pending"}
    return replace(rule, when=replace(rule.when, protection=less))


def frontex() -> Versions:
    """The shipped file, and the same without its words on pending claims."""
    old = register().agreement(FRONTEX)
    assert old is not None
    new = replace(old, protects=tuple(map(_without_claims, old.protects)))
    return Versions(old, new, register(), register().counting([new], digests=["one word less"]))


def rows() -> list[Row]:
    """Comparing by size, and the Frontex file. About a quarter of a minute."""
    told: list[Row] = []
    with Solver() as solver:
        solve([[1]], by=solver)
        for lines, aim_ms in AIMS_MS.items():
            made = lines_of(lines)
            spent = min(_spent(partial(_compared, made, solver), solver) for _ in range(ROUNDS))
            name = f"two versions of {lines:,} invented lines compared, {2 * len(made.granted)} questions"
            told.append(Row(name, spent, "ms", f"< {aim_ms:,.0f}", spent < aim_ms))
        found = frontex()
        whole = min(_spent(lambda: list(found.changes(DAY, solver)), solver) for _ in range(ROUNDS))
        first = min(_spent(lambda: next(found.changes(DAY, solver)), solver) for _ in range(ROUNDS))
    told.append(
        Row(f"`{FRONTEX}`: the first request that leaks, shown", first, "ms", "< 1,000", first < 1_000)
    )
    told.append(Row(f"`{FRONTEX}`: every change, with its request", whole, "ms", "< 100", whole < 100))
    return told


if __name__ == "__main__":
    for row in rows():
        print(f"{row.value:>12,.1f} {row.unit:<3} {row.aim:<12} {row.name}")
