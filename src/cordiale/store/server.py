"""What only PostgreSQL needs: one writer whoever the process, and how a commit ended that got no answer."""

from __future__ import annotations

import time
from typing import Any, Final

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError

WRITER_LOCK: Final = 0x0C0_4D1A  # advisory lock: one writing transaction at a time in a database
TRIES_MAX: Final = 40  # how often the server is asked how a commit ended; a restart takes a few seconds
EVERY_S: Final = 0.25
PATIENCE: Final = {
    "connect_timeout": 5,  # seconds
    "tcp_user_timeout": 10_000,  # milliseconds until a link on which nothing is confirmed counts as lost
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""libpq's words: a server that went away is noticed within half a minute, not after two hours."""


def patience(url: str) -> dict[str, Any]:
    """How long to wait for a server that does not answer; what the URL itself says goes before."""
    said = make_url(url).query
    return {name: value for name, value in PATIENCE.items() if name not in said}


def begin(connection: Connection) -> str:
    """Wait to be the one writer of this database; the transaction's number, by which it can be asked for."""
    row = connection.exec_driver_sql(f"SELECT txid_current(), pg_advisory_xact_lock({WRITER_LOCK})").one()
    return str(row[0])


def is_kept(engine: Engine, number: str) -> bool | None:
    """Whether the server committed this transaction; None when it does not say after TRIES_MAX times."""
    for _ in range(TRIES_MAX):
        try:
            with engine.connect() as connection:
                told = connection.exec_driver_sql(f"SELECT txid_status({int(number)})").scalar()
        except DBAPIError:
            told = "in progress"  # not up yet
        if told != "in progress":
            return None if told is None else bool(told == "committed")
        time.sleep(EVERY_S)
    return None
