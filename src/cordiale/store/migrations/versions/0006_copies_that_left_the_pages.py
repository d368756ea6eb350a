"""prints and saved files, notices about a message, what a draft passes on, how far each holder has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WRITING = sa.text("state in ('open', 'ready')")
OPEN = sa.text("outcome IN ('', 'lost')")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this step."""
    _taken()
    _called()
    with op.batch_alter_table("report_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=80), nullable=True))
        batch_op.create_index(
            "ix_report_draft_about", ["about"], unique=False, sqlite_where=WRITING, postgresql_where=WRITING
        )
    with op.batch_alter_table("exchange_following", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_copies", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("begun_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("asked_at", MOMENT, nullable=True))
    op.execute("UPDATE exchange_following SET begun_at = changed_at")


def _taken() -> None:
    op.create_table(
        "node_taken",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("message", sa.String(length=80), nullable=False),
        sa.Column("officer", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item", sa.String(length=40), server_default="", nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("act", sa.String(length=12), server_default="", nullable=False),
        sa.Column("woken_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=12), server_default="", nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=80), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node_taken")),
    )
    with op.batch_alter_table("node_taken", schema=None) as batch_op:
        batch_op.create_index("ix_node_taken_reference", ["reference"], unique=False)
        batch_op.create_index("ix_node_taken_message", ["message"], unique=False)
        batch_op.create_index(
            "ix_node_taken_open", ["woken_at"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN
        )


def _called() -> None:
    op.create_table(
        "node_called",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("notice", sa.String(length=80), server_default="", nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_node_called")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("node_called", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_node_called_message"), ["message"], unique=False)


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
