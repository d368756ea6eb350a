"""Upgrading the schema, and refusing a database that is newer than the program.

Developers: `python -m cordiale.store.migrations "what changes"` writes the next step from all rooms' tables.
"""

from cordiale.store.migrations.upgrade import current, differences, head, upgrade, write_step

__all__ = ["current", "differences", "head", "upgrade", "write_step"]
