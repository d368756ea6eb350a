"""The exchange's tables, each with what it is for. Bodies lie here only sealed; names of persons never."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cordiale.store.schema import Json, Moment, metadata

peer = Table(
    "exchange_peer",
    metadata,
    Column("node", String(200), primary_key=True),
    Column("side", String(20), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("card", LargeBinary, nullable=False),
    Column("card_digest", String(71), nullable=False),
    Column("side_key", LargeBinary, nullable=False),
    Column("address", String(200), nullable=False),
    Column("state", String(12), nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("heard_at", Moment),
    Column("head_size", Integer, nullable=False, server_default=text("0")),
    Column("head_root", String(64), nullable=False, server_default=""),
    Column("former_cards", Text, nullable=False, server_default=""),  # digests of the cards before this one
    comment="Nodes this one exchanges with, under cards whose Side key two persons have compared.",
)

lane = Table(
    "exchange_lane",
    metadata,
    Column("peer", String(200), primary_key=True),
    Column("lane", String(12), primary_key=True),
    Column("direction", String(3), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("last", String(71), nullable=False),
    comment="The last sequence number and message id, one a peer, lane and direction: no gap goes unseen.",
)

outbox = Table(
    "exchange_outbox",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(71), nullable=False, unique=True),
    Column("peer", String(200), nullable=False),
    Column("lane", String(12), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("reference", String(200), nullable=False, index=True),
    Column("recipient", String(200), nullable=False),
    Column("type", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("about", String(71), nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("signature", Json),
    Column("decision", Integer),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("fault", Text, nullable=False),
    Column("receipt", LargeBinary),
    Column("posted_at", Moment, nullable=False),
    Column("closed_at", Moment),
    UniqueConstraint("peer", "lane", "sequence"),
    Index("ix_exchange_outbox_waiting", "peer", "lane", "state", "sequence"),
    Index("ix_exchange_outbox_state", "state", "peer", "lane"),
    Index(
        "ix_exchange_outbox_unsigned",
        "position",
        sqlite_where=text("signature IS NULL"),
        postgresql_where=text("signature IS NULL"),
    ),
    comment="What has been decided and waits to go, or went. `decision` is the ledger index of its decision.",
)

inbox = Table(
    "exchange_inbox",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(71), nullable=False, unique=True),
    Column("peer", String(200), nullable=False),
    Column("lane", String(12), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("reference", String(200), nullable=False, index=True),
    Column("sender", String(200), nullable=False),
    Column("recipient", String(200), nullable=False),
    Column("type", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("about", String(71), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("reason", Json, nullable=False),
    Column("defects", Json, nullable=False),
    Column("restrictions", Json, nullable=False),
    Column("received_under", String(200), nullable=False),
    Column("erase_by", Moment),
    Column("entry", Integer),
    Column("receipt", LargeBinary),
    Column("received_at", Moment, nullable=False),
    Column("erased_at", Moment),
    Index("ix_exchange_inbox_lane", "peer", "lane", "sequence"),
    Index(
        "ix_exchange_inbox_erase",
        "erase_by",
        sqlite_where=text("erased_at IS NULL"),
        postgresql_where=text("erased_at IS NULL"),
    ),
    Index(
        "ix_exchange_inbox_unreceipted",
        "position",
        sqlite_where=text("receipt IS NULL"),
        postgresql_where=text("receipt IS NULL"),
    ),
    comment="What arrived, sealed as it came: its key for ever, so that a replay is answered, not repeated.",
)

failed = Table(
    "exchange_failed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("direction", String(3), nullable=False),
    Column("message", String(71), nullable=False),
    Column("peer", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary),
    Column("state", String(12), nullable=False),
    Column("failed_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("settled_by", String(200), nullable=False),
    Index("ix_exchange_failed_state", "state", "id"),
    comment="What will not succeed as it is, for a person to read, mend, replay or dismiss.",
)

alarm = Table(
    "exchange_alarm",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(30), nullable=False),
    Column("peer", String(200), nullable=False),
    Column("about", String(200), nullable=False),
    Column("says", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("settled_by", String(200), nullable=False),
    UniqueConstraint("kind", "peer", "about"),
    comment="What a person must look at: gaps, forks, split views, undecided rows, a clock set back.",
)

copy = Table(
    "exchange_copy",
    metadata,
    Column("message", String(71), primary_key=True),
    Column("holder", String(200), primary_key=True),
    Column("via", String(200), nullable=False),
    Column("node", String(200), nullable=False),
    Column("original", String(71), nullable=False, index=True),
    Column("sent_at", Moment, nullable=False),
    comment="Who holds a copy of a message: sent by us, or passed on by a holder who told us.",
)

following = Table(
    "exchange_following",
    metadata,
    Column("notice", String(71), primary_key=True),
    Column("holder", String(200), primary_key=True),
    Column("original", String(71), nullable=False, index=True),
    Column("act", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("open_copies", Integer),  # prints and saved files there that nobody has settled; NULL: not told
    Column("begun_at", Moment),
    Column("asked_at", Moment),  # when that holder was last asked
    comment="How far a recall, correction, restriction or erasure has come, holder by holder.",
)

attachment = Table(
    "exchange_attachment",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("direction", String(3), nullable=False),
    Column("message", String(71), nullable=False, index=True),
    Column("peer", String(200), nullable=False),
    Column("state", String(12), nullable=False),
    Column("next_place", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("fault", Text, nullable=False),
    Index("ix_exchange_attachment_waiting", "direction", "state", "due_at"),
    comment="Attachments on their way; their sealed chunks lie in store_chunk.",
)

clock_mark = Table(
    "exchange_clock_mark",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("latest_at", Moment, nullable=False),
    Column("unlogged", Boolean, nullable=False, server_default=text("false")),
    comment="The latest moment recorded here: a clock set back cannot revive what has ended.",
)
