"""under which earlier cards of a partner something may still be on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this step."""
    with op.batch_alter_table("exchange_peer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("former_cards", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
