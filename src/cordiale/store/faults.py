"""What a database driver reports, in plain words: the disk is full, the disk failed, the server went away.

A server that goes away is no failed disk: what was under way did not happen, and the store goes on when the
server is back. Only of a commit is it unknown, and then the server itself is asked (`store.engine`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from cordiale.errors import StoreError, StoreFull

# PostgreSQL, Appendix A: 08 connection, 57P01-57P05 ended or not up yet, 53300 no place left for a connection
ENDED: Final = ("57P01", "57P02", "57P03", "57P05", "53300")


def is_lost(fault: BaseException) -> bool:
    """Whether the way to a database server was lost, or could not be made."""
    if not isinstance(fault, DBAPIError) or not hasattr(fault.orig, "sqlstate"):
        return False  # SQLite is in this process and cannot go away
    state = getattr(fault.orig, "sqlstate", None) or ""
    if fault.connection_invalidated or state.startswith("08") or state in ENDED:
        return True
    return isinstance(fault, OperationalError) and not state  # the driver's own: no server answered at all


def is_of_the_store(fault: BaseException) -> bool:
    """Whether disk or server failed, and not this one statement."""
    if is_lost(fault):
        return True
    return isinstance(fault, OperationalError) and isinstance(in_plain_words(fault), StoreError)


def in_plain_words(fault: BaseException) -> BaseException:
    """StoreFull or StoreError for what disk or server did; anything else as it is."""
    if not isinstance(fault, DBAPIError):
        return fault
    origin = fault.orig
    name = getattr(origin, "sqlite_errorname", "") or ""
    state = getattr(origin, "sqlstate", "") or ""
    if name.startswith("SQLITE_FULL") or state == "53100":
        return StoreFull()
    if is_lost(fault):
        return StoreError(
            "the database server does not answer; nothing new was accepted",
            way_out="Start it or mend the way to it: this node goes on by itself.",
        )
    if name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_READONLY")) or state.startswith(
        ("58", "XX")
    ):
        return StoreError(f"the database could not be written: {origin}")
    return fault


def unconfirmed(fault: BaseException) -> StoreError:
    """What is said when a disk did not confirm a commit."""
    return StoreError(
        f"the disk did not confirm a write ({fault}); the store has stopped so that nothing is lost",
        way_out="Check the disk, then start the node again: it recovers by itself.",
    )


def unsettled() -> StoreError:
    """What is said when the server went away during a commit and has not come back to tell how it ended."""
    return StoreError(
        "the database server went away while this was being kept: it may be kept, or not",
        way_out="When the server is back, look whether it is there before doing it again.",
    )
