"""The command line: the same verbs as the pages.

`--json` on every command; progress on standard error; exit 0 done, 1 refused (or a check that did not hold),
2 used wrongly, 3 a fault. Secrets come from files or the terminal, never from an argument. Heavy rooms are
imported inside the commands, so that `--help` is quick.
"""

from cordiale.cli import (
    demonstration,
    gate,
    keeping,
    lasting,
    ledger,
    life,
    node,
    officer,
    peer,
    proof,
    rehearsal,
)
from cordiale.cli.app import app
from cordiale.cli.ending import guarded, main
from cordiale.cli.reference import reference

__all__ = [
    "app",
    "demonstration",
    "gate",
    "guarded",
    "keeping",
    "lasting",
    "ledger",
    "life",
    "main",
    "node",
    "officer",
    "peer",
    "proof",
    "reference",
    "rehearsal",
]
