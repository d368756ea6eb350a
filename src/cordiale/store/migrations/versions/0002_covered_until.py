"""until when a colleague covers for an absent officer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this step."""
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("covered_until", sa.String(length=10), server_default="", nullable=False)
        )


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
