"""One process whose files may not grow beyond a limit: `python -m tests.store.full_disk FILE BYTES`.

It writes until the system says no, then tells in one line how many rows were acknowledged and what was said.
"""

from __future__ import annotations

import resource
import signal
import sys

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from cordiale.errors import StoreError
from cordiale.store import open_store

own = MetaData()
row = Table("row", own, Column("n", Integer, primary_key=True), Column("raw", LargeBinary))


def main() -> None:
    file, bytes_max = sys.argv[1], int(sys.argv[2])
    store = open_store(f"sqlite:///{file}")
    store.write(own.create_all)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write itself then fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))
    acknowledged, said = 0, ""
    for n in range(10_000):
        try:
            store.write(lambda tx, one=n: tx.execute(insert(row).values(n=one, raw=bytes(4000))) and None)
        except StoreError as fault:
            said = f"{type(fault).__name__}: {fault}"
            break
        acknowledged = n + 1
    print(acknowledged, said.replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
