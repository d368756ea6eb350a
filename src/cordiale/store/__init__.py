"""One database: SQLite by default, PostgreSQL by URL; one writer, group commit, nothing answered that is not
durable.
"""

from cordiale.store.engine import Attempt, Store, changed, open_store
from cordiale.store.schema import metadata

__all__ = ["Attempt", "Store", "changed", "metadata", "open_store"]
