"""Measure what the documents quote and print one table: `python -m bench [NAME …] [--write]`.

Each module here with a `rows()` is one subject. `--write` puts the table into docs/reference/measurements.md;
what was not measured this time stays there with the machine and the day of its own run.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.row import Row

SUBJECTS = (
    "gate",
    "merkle",
    "seals",
    "judging",
    "proving",
    "network",
    "readings",
    "versions",
    "mutation",
    "exchange",
    "pages",
    "install",
)
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "measurements.md"


def main(words: list[str]) -> int:
    """Measure the named subjects (all without a name); exit 1 if an aim was missed."""
    if set(words) & {"-h", "--help"}:
        print(__doc__)
        return 0
    names = [word for word in words if word != "--write"] or list(SUBJECTS)
    if unknown := set(names) - set(SUBJECTS):
        print(
            f"no such subject: {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}", file=sys.stderr
        )
        return 2
    rows: list[tuple[str, Row]] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += [(name, row) for row in importlib.import_module(f"bench.{name}").rows()]
    Console(width=150).print(table(rows))
    print(machine())
    if "--write" in words:
        before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(page(rows, before), encoding="utf-8")
    return 1 if any(row.reached is False for _, row in rows) else 0


def machine() -> str:
    """The machine, the day and how busy it was, in a line."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    kind = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"{kind}, {day}, load average {os.getloadavg()[0]:.1f} at the end"


def cells(subject: str, row: Row) -> tuple[str, ...]:
    """A row as the words of its columns."""
    ratio = f"{row.ratio:,.2f}" if row.ratio is not None else ""
    peer = f"{row.peer}: {row.peer_value:,.6g}" if row.peer_value is not None else row.peer
    reached = {True: "reached", False: "NOT reached", None: ""}[row.reached]
    return subject, row.name, f"{row.value:,.6g} {row.unit}", row.aim, reached, peer, ratio


COLUMNS = ("subject", "what", "measured", "aim", "", "peer in the same run", "ratio")


def table(rows: list[tuple[str, Row]]) -> Table:
    """The table for a terminal."""
    drawn = Table(*COLUMNS, title="Cordiale, measured")
    for subject, row in rows:
        drawn.add_row(*cells(subject, row))
    return drawn


def page(rows: list[tuple[str, Row]], before: str = "") -> str:
    """The table as the reference page. `before`: the page as it was, whose other subjects stay."""
    now = {subject for subject, _ in rows}
    lines = [(subject, "| " + " | ".join(cells(subject, row)) + " |") for subject, row in rows]
    lines += [(one, line) for one, line in _rows_in(before) if one not in now]
    machines = [(sorted(now, key=SUBJECTS.index), machine())]
    machines += [([one for one in those if one not in now], told) for those, told in _machines_in(before)]
    return "\n".join(
        [
            "# Measurements",
            "",
            "Written by `python -m bench --write`; nothing here was typed by hand. Machines are noisy:",
            "a ratio says more than a figure.",
            "",
            *(f"* {', '.join(those)}: {told}" for those, told in machines if those),
            "",
            "| " + " | ".join(name or "reached" for name in COLUMNS) + " |",
            "|" + "---|" * len(COLUMNS),
            *(line for _, line in sorted(lines, key=lambda pair: SUBJECTS.index(pair[0]))),
            "",
        ]
    )


def _rows_in(text: str) -> list[tuple[str, str]]:
    """Subject and line of every row of a page."""
    found = [(line.split("|")[1].strip(), line) for line in text.splitlines() if line.startswith("| ")]
    return [(subject, line) for subject, line in found if subject in SUBJECTS]


def _machines_in(text: str) -> list[tuple[list[str], str]]:
    """Which subjects were measured where and when, as a page says it."""
    found = [line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("* ")]
    return [(those.split(", "), told) for those, told in found]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
