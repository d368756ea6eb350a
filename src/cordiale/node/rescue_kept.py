"""The named queries of what became of an incident (node_distress_step), and of incidents that are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, literal_column, select, update

from cordiale.node.tables import distress_steps as steps
from cordiale.node.tables import distresses

CLOSED: Final = distresses.c.state == literal_column("'closed'")


def add_step(tx: Connection, row: Mapping[str, Any]) -> int:
    """Write what a person or a partner said of an incident; its number."""
    made = insert(steps).values({"told": [], **row}).returning(steps.c.number)
    return int(tx.execute(made).scalar_one())


def note_told(tx: Connection, number: int, told: Sequence[Mapping[str, str]]) -> None:
    """Keep whom a step was told to: recipient, message."""
    tx.execute(update(steps).where(steps.c.number == number).values(told=[dict(one) for one in told]))


def steps_of(tx: Connection, reference: str) -> Sequence[Row[Any]]:
    """What became of an incident, oldest first."""
    return tx.execute(select(steps).where(steps.c.reference == reference).order_by(steps.c.number)).all()


def closed(tx: Connection, *, limit: int, before: datetime | None = None) -> Sequence[Row[Any]]:
    """Incidents that a person closed, the latest opened first; `before`: opened before this moment."""
    query = select(distresses).where(CLOSED)
    query = query if before is None else query.where(distresses.c.at < before)
    return tx.execute(
        query.order_by(distresses.c.at.desc(), distresses.c.reference.desc()).limit(limit)
    ).all()


def by_message(tx: Connection, message: str) -> Row[Any] | None:
    """The incident that a message of a partner made here, open or closed."""
    return tx.execute(select(distresses).where(distresses.c.message_id == message)).first()
