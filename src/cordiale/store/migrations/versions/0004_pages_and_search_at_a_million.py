"""whose a paper is, what it passes on, an index of marks, and indexes for lists that grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this step. The search index is made anew by the node when it runs."""
    _search()
    _papers()
    _lists()
    _what_is_there()


def _search() -> None:
    op.execute("DROP TABLE IF EXISTS store_search_words")
    op.drop_table("store_search_item")
    op.create_table(
        "store_search_item",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_search_item")),
        sa.UniqueConstraint("item", name=op.f("uq_store_search_item_item")),
        sqlite_autoincrement=True,
        comment="What can be found: room, reference, and its marks, so that all are forgotten with it.",
    )
    op.create_table(
        "store_search_posting",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("mark", "item", name=op.f("pk_store_search_posting")),
        sqlite_with_rowid=False,
        comment="Which items have a mark; read backwards it is newest first.",
    )
    op.create_table(
        "store_search_erased",
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_store_search_erased")),
        comment="Items that were forgotten, and whose marks may still stand in the write-ahead log.",
    )
    op.create_table(
        "node_fresh",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_node_fresh")),
        sa.UniqueConstraint("reference", name=op.f("uq_node_fresh_reference")),
        sqlite_autoincrement=True,
    )


def _papers() -> None:
    out = sa.text("direction = 'out'")
    kept = sa.text("direction = 'out' AND body IS NOT NULL")
    with op.batch_alter_table("node_paper", schema=None) as table:
        table.add_column(sa.Column("authority", sa.String(length=60), nullable=False, server_default=""))
        table.add_column(sa.Column("about", sa.String(length=80), nullable=True))
        table.drop_index("ix_node_paper_list")
        table.create_index("ix_node_paper_list", ["direction", "at", "reference"])
        table.create_index("ix_node_paper_authority", ["authority", "direction", "at", "reference"])
        table.create_index(
            "ix_node_paper_officer",
            ["direction", "officer", "at", "reference"],
            sqlite_where=out,
            postgresql_where=out,
        )
        table.create_index("ix_node_paper_about", ["about"], sqlite_where=kept, postgresql_where=kept)


def _lists() -> None:
    with op.batch_alter_table("exchange_attachment", schema=None) as table:
        table.create_index("ix_exchange_attachment_waiting", ["direction", "state", "due_at"])
    with op.batch_alter_table("node_judgement", schema=None) as table:
        table.add_column(sa.Column("authority", sa.String(length=60), nullable=False, server_default=""))
        table.create_index("ix_node_judgement_authority", ["authority", "number"])
    open_ = sa.text("state <> 'closed'")
    waiting = sa.text("done_at IS NULL")
    with op.batch_alter_table("exchange_failed", schema=None) as table:
        table.create_index("ix_exchange_failed_state", ["state", "id"])
    with op.batch_alter_table("node_distress", schema=None) as table:
        table.create_index("ix_node_distress_open", ["at"], sqlite_where=open_, postgresql_where=open_)
    with op.batch_alter_table("report_task", schema=None) as table:
        table.drop_index("ix_report_task_owner")
        table.create_index(
            "ix_report_task_waiting",
            ["owner", "due_at", "started_at", "id"],
            sqlite_where=waiting,
            postgresql_where=waiting,
        )
        table.create_index(
            "ix_report_task_overdue", ["due_at", "id"], sqlite_where=waiting, postgresql_where=waiting
        )


def _what_is_there() -> None:
    """Of what is kept already: whose it is; and the node looks at all of it once more, to index it."""
    # What came went to SIDE/authority; what went out went from the authority of who wrote it.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "UPDATE node_paper SET authority = COALESCE("
            "(SELECT split_part(i.recipient, '/', 2) FROM exchange_inbox i"
            " WHERE i.id = node_paper.message_id), '') WHERE direction = 'in'"
        )
    else:
        op.execute(
            "UPDATE node_paper SET authority = COALESCE("
            "(SELECT substr(i.recipient, instr(i.recipient, '/') + 1) FROM exchange_inbox i"
            " WHERE i.id = node_paper.message_id), '') WHERE direction = 'in'"
        )
    op.execute(
        "UPDATE node_paper SET authority = COALESCE("
        "(SELECT o.authority FROM officer o WHERE o.id = node_paper.officer), '') WHERE direction = 'out'"
    )
    op.execute(
        "UPDATE node_judgement SET authority = COALESCE("
        "(SELECT o.authority FROM officer o WHERE o.id = node_judgement.officer), '')"
    )
    op.execute(
        "INSERT INTO node_fresh (reference) SELECT reference FROM node_paper"
        " WHERE state IN ('received', 'sent', 'held') ORDER BY at, reference"
    )


def downgrade() -> None:
    """Go back: a backup is restored instead, so that nothing is ever thrown away by a command."""
    raise SystemExit("Restore the backup made before the upgrade.")
