"""the life of agreements: texts as they were signed, signatures, proofs, and every step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cordiale.store.schema import Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this step."""
    op.create_table(
        "agreement_text",
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("agreement", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_agreement_text")),
        comment="Texts of agreements as they came or were signed here, by what they say.",
    )
    op.create_table(
        "agreement_signature",
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("statement", Json(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", "side", name=op.f("pk_agreement_signature")),
        comment="The Sides' signatures under a text, ours and the others'.",
    )
    op.create_table(
        "agreement_proof",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("texts", sa.String(length=80), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("why", Json(), nullable=False),
        sa.Column("certificates", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreement_proof")),
        comment="What became of each proof of a text: found here, or a partner's, re-checked here.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "agreement_step",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("agreement", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", Json(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("treatment", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreement_step")),
        comment="The life of an agreement at this node: signed, taken, in force, suspended, resumed, ended.",
        sqlite_autoincrement=True,
    )
    for table, column in (
        ("agreement_text", "agreement"),
        ("agreement_proof", "digest"),
        ("agreement_step", "agreement"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
