"""What a node keeps of drafts that were made from pasted texts: the words, and every act on every line.

Nothing here is ever changed or taken away: a later act says what has become of an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, insert, select

from cordiale.store.schema import Json, Moment, metadata

quotes = Table(
    "agreement_quote",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("draft", String(80), nullable=False, index=True),
    Column("line", String(80), nullable=False),  # "" for the words of a pasting that became no line
    Column("article", String(200), nullable=False),
    Column("words", Text, nullable=False),
    Column("joined", Json, nullable=False),  # words that a line's end had cut in two
    Column("origin", String(300), nullable=False),  # where the text is from, in the words of who pasted it
    Column("officer", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
    comment="Articles as they were pasted, each beside the line of a draft that it became.",
)
reviews = Table(
    "agreement_review",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("draft", String(80), nullable=False, index=True),
    Column("line", String(80), nullable=False),
    Column("act", String(16), nullable=False),  # pasted | written | yes | no
    Column("digest", String(80), nullable=False),  # of exactly the words on which it was done
    Column("officer", String(80), nullable=False),
    Column("name", String(120), nullable=False),  # of the person, on that day
    Column("reason", String(500), nullable=False, default=""),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
    comment="Who pasted, wrote, confirmed or turned down which words of a line of a draft.",
)


def keep_quotes(tx: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Keep articles as they were pasted."""
    tx.execute(insert(quotes), list(rows))


def keep_acts(
    tx: Connection, rows: Iterable[dict[str, Any]], *, officer: str, name: str, at: datetime
) -> None:
    """Keep what one person did with lines: `rows` with draft, line, act, digest, reason."""
    tx.execute(insert(reviews), [{**row, "officer": officer, "name": name, "at": at} for row in rows])


def quotes_of(tx: Connection, draft: str) -> Sequence[Row[Any]]:
    """The articles of a draft in the order in which they were pasted."""
    return tx.execute(select(quotes).where(quotes.c.draft == draft).order_by(quotes.c.number)).all()


def acts_of(tx: Connection, draft: str) -> Sequence[Row[Any]]:
    """Every act on the lines of a draft, in their order."""
    return tx.execute(select(reviews).where(reviews.c.draft == draft).order_by(reviews.c.number)).all()


def pasted_drafts(tx: Connection) -> Sequence[str]:
    """The drafts that were made from pasted texts."""
    return tx.execute(select(quotes.c.draft).distinct().order_by(quotes.c.draft)).scalars().all()
