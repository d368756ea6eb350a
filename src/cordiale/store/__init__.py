"""One database: SQLite by default, PostgreSQL by URL; one writer, group commit, nothing answered that is not
durable.
"""

from cordiale.store.engine import Store, open_store
from cordiale.store.schema import metadata

__all__ = ["Store", "metadata", "open_store"]
