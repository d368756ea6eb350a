"""One database: SQLite by default, PostgreSQL by URL; one writer, group commit, nothing answered that is not
durable.
"""

from cordiale.store.engine import Attempt, Store, open_store
from cordiale.store.schema import metadata

__all__ = ["Attempt", "Store", "metadata", "open_store"]
