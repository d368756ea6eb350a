"""who closed a distress incident and why, who took it back, what partners told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cordiale.store.schema import Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CLOSED = sa.text("state = 'closed'")


def upgrade() -> None:
    """Go to this step."""
    op.create_table(
        "node_distress_step",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("officer", sa.String(length=80), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("told", Json(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_node_distress_step")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("node_distress_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_node_distress_step_reference"), ["reference"], unique=False)
    with op.batch_alter_table("node_distress", schema=None) as batch_op:
        batch_op.create_index("ix_node_distress_message", ["message_id"], unique=False)
        batch_op.create_index(
            "ix_node_distress_closed",
            ["at", "reference"],
            unique=False,
            sqlite_where=CLOSED,
            postgresql_where=CLOSED,
        )


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
