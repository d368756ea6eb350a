"""drafts from pasted texts: the words that were quoted, and who wrote and reviewed each line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cordiale.store.schema import Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this step."""
    op.create_table(
        "agreement_quote",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("draft", sa.String(length=80), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("joined", Json(), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("officer", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreement_quote")),
        comment="Articles as they were pasted, each beside the line of a draft that it became.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "agreement_review",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("draft", sa.String(length=80), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("officer", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreement_review")),
        comment="Who pasted, wrote, confirmed or turned down which words of a line of a draft.",
        sqlite_autoincrement=True,
    )
    for table in ("agreement_quote", "agreement_review"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_draft"), ["draft"], unique=False)


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
