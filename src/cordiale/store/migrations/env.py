"""What Alembic runs: always on a connection that was handed over, with batch mode for SQLite."""

from __future__ import annotations

from alembic import context

from cordiale.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
    transactional_ddl=False,  # the act that upgrades has its own transaction
)
context.run_migrations()
