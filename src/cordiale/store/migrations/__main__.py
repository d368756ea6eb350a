"""Write the next migration from the tables of every room: `python -m cordiale.store.migrations "what
changes"`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from cordiale.store.engine import open_store
from cordiale.store.migrations.upgrade import upgrade, write_step

ROOMS = Path(__file__).parents[2]


def import_tables() -> list[str]:
    """Import every room's `tables.py` and the store's own tables, so that the one metadata knows them."""
    found = sorted(ROOMS.glob("*/tables.py")) + [
        ROOMS / "store" / f"{name}.py" for name in ("jobs", "search", "chunks")
    ]
    names = [".".join(("cordiale", *path.relative_to(ROOMS).with_suffix("").parts)) for path in found]
    names.append("cordiale.officers")  # the one room of a single file that keeps tables
    for name in names:
        importlib.import_module(name)
    return names


def main() -> None:
    """Compare an empty upgraded database with the tables, and write the step between them."""
    names = import_tables()
    with open_store("sqlite://") as store:
        upgrade(store)
        path = write_step(store, " ".join(sys.argv[1:]) or "the tables of every room")
    sys.stdout.write(f"{len(names)} rooms; wrote {path.name}: read it before it is committed\n")


if __name__ == "__main__":
    main()
