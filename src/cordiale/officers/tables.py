"""The officers' tables: accounts, signed-in browsers, and what two people give back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, LargeBinary, String, Table, update

from cordiale.officers.roles import LOGIN_CHARS_MAX
from cordiale.store.schema import Moment, metadata

officer = Table(
    "officer",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(LOGIN_CHARS_MAX), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("authority", String(60), nullable=False),
    Column("roles", String(400), nullable=False),
    Column("until", String(10), nullable=False, server_default=""),
    Column("password", String(300), nullable=False, server_default=""),
    Column("factor", LargeBinary, nullable=True),
    Column("factor_step", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", Moment, nullable=True),
    Column("language", String(5), nullable=False, server_default=""),
    Column("zone", String(60), nullable=False, server_default=""),
    Column("covered_by", String(32), nullable=False, server_default=""),
    Column("covered_until", String(10), nullable=False, server_default=""),
    Column("closed_at", Moment, nullable=True),
    comment="One person's account at this node.",
)
officer_session = Table(
    "officer_session",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("officer", String(32), ForeignKey("officer.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=True),
    Index("officer_session_officer", "officer"),
    comment="A signed-in browser: the digest of its token, never the token.",
)
officer_recovery = Table(
    "officer_recovery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("officer", String(32), ForeignKey("officer.id"), nullable=False),
    Column("lost", String(10), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("first_by", String(32), nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("second_by", String(32), nullable=False, server_default=""),
    Column("second_at", Moment, nullable=True),
    Column("code_digest", String(64), nullable=False, server_default=""),
    Column("until", Moment, nullable=True),
    Column("ended_at", Moment, nullable=True),
    Index("officer_recovery_officer", "officer"),
    comment="A lost password or second factor, or a new account: asked by one person, granted by another.",
)


def end_sessions(tx: Connection, account_id: str, *, at: datetime) -> None:
    """End every session of a person: after a recovery, a closing, or a stolen browser."""
    tx.execute(
        update(officer_session)
        .where(officer_session.c.officer == account_id, officer_session.c.closed_at.is_(None))
        .values(closed_at=at)
    )
