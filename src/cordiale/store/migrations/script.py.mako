# ruff: noqa: E501, I001, F401 -- generated from the tables of every room, then read by a person
"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import cordiale.store.schema
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this step."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
