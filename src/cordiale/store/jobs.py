"""Work for later, in a table: leases, retries with back-off, dead letters.

A job is claimed by one statement on either database. Who claims it holds a lease; a worker that dies loses it
when the lease ends. What fails too often is set aside for a person, and nothing waits behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    insert,
    or_,
    select,
    update,
)

from cordiale.errors import StoreError
from cordiale.store.schema import Json, Moment, metadata
from cordiale.world import Chance

NEW: Final = "new"
LEASED: Final = "leased"
DONE: Final = "done"
DEAD: Final = "dead"
ATTEMPTS_MAX: Final = 8  # with doubling waits from 1 s: about four minutes before a person is asked
WAIT_MAX_S: Final = 3600.0
LEASE_S: Final = 60.0

job = Table(
    "store_job",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(60), nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("lease", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_max", Integer, nullable=False),
    Column("fault", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_store_job_due", "state", "due_at", "id"),
    comment="Work for later. `lease` is the token of who has it; `fault` is why it last failed.",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `lease` proves that it is still ours when it is finished."""

    id: int
    kind: str
    body: Mapping[str, Any]
    attempts: int
    lease: str
    fault: str


def enqueue(
    tx: Connection,
    kind: str,
    body: Mapping[str, Any],
    *,
    at: datetime,
    due_at: datetime | None = None,
    attempts_max: int = ATTEMPTS_MAX,
) -> int:
    """Put work into the queue inside the act that wants it done; its number."""
    row = {
        "kind": kind,
        "body": dict(body),
        "state": NEW,
        "due_at": due_at or at,
        "lease": "",
        "attempts": 0,
        "attempts_max": attempts_max,
        "fault": "",
        "made_at": at,
    }
    return int(tx.execute(insert(job).values(**row).returning(job.c.id)).scalar_one())


def is_due(tx: Connection, kinds: Sequence[str], *, at: datetime) -> bool:
    """Whether there is anything to claim: asked with a reader, so that looking costs no write."""
    waits = and_(job.c.state == NEW, job.c.due_at <= at)
    lost = and_(job.c.state == LEASED, job.c.lease_until < at)
    query = select(job.c.id).where(job.c.kind.in_(list(kinds)), or_(waits, lost)).limit(1)
    return tx.execute(query).scalar() is not None


def claim(
    tx: Connection, kinds: Sequence[str], *, at: datetime, chance: Chance, lease_s: float = LEASE_S
) -> Job | None:
    """The next due job of these kinds, or one whose lease has run out; None when there is none."""
    c = job.c
    free = or_(and_(c.state == NEW, c.due_at <= at), and_(c.state == LEASED, c.lease_until < at))
    first = select(c.id).where(c.kind.in_(list(kinds)), free).order_by(c.due_at, c.id).limit(1)
    taken = (
        update(job)
        .where(c.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(
            state=LEASED,
            lease=chance.token(16),
            lease_until=at + timedelta(seconds=lease_s),
            attempts=c.attempts + 1,
        )
        .returning(c.id, c.kind, c.body, c.attempts, c.lease, c.fault)
    )
    row = tx.execute(taken).one_or_none()
    return _job(row) if row else None


def finish(tx: Connection, done: Job, *, at: datetime) -> None:
    """It is done. Raises StoreError when the lease was lost meanwhile: somebody else has it now."""
    _end(tx, done, {"state": DONE, "ended_at": at, "lease_until": None})


def fail(tx: Connection, failed: Job, fault: str, *, at: datetime, chance: Chance) -> bool:
    """It did not go: try again, later each time, with jitter; True when it was set aside for a person."""
    limit = tx.execute(select(job.c.attempts_max).where(job.c.id == failed.id)).scalar_one()
    dead = failed.attempts >= limit
    wait_s = min(2.0 ** (failed.attempts - 1), WAIT_MAX_S) * chance.uniform(0.5, 1.0)
    values: dict[str, Any] = {"fault": fault[:4000], "lease_until": None}
    values |= (
        {"state": DEAD, "ended_at": at} if dead else {"state": NEW, "due_at": at + timedelta(seconds=wait_s)}
    )
    _end(tx, failed, values)
    return bool(dead)


def dead(tx: Connection, *, limit: int = 100) -> list[Job]:
    """What was set aside, newest first, for a person to read."""
    c = job.c
    columns = [c.id, c.kind, c.body, c.attempts, c.lease, c.fault]
    return [
        _job(row)
        for row in tx.execute(select(*columns).where(c.state == DEAD).order_by(c.id.desc()).limit(limit))
    ]


def revive(tx: Connection, number: int, *, at: datetime, body: Mapping[str, Any] | None = None) -> None:
    """A person lets a dead job run again, mended when `body` is given. Raises StoreError for another job."""
    values: dict[str, Any] = {"state": NEW, "due_at": at, "attempts": 0, "ended_at": None}
    values |= {"body": dict(body)} if body is not None else {}
    again = update(job).where(job.c.id == number, job.c.state == DEAD).values(values)
    if tx.execute(again).rowcount != 1:
        raise StoreError(f"`{number}` is not a job that was set aside", field="job")


def waiting(tx: Connection, kind: str) -> list[Job]:
    """Jobs of one kind that are not yet done, oldest first."""
    c = job.c
    columns = [c.id, c.kind, c.body, c.attempts, c.lease, c.fault]
    query = select(*columns).where(c.kind == kind, c.state.in_((NEW, LEASED))).order_by(c.id)
    return [_job(row) for row in tx.execute(query)]


def cancel(tx: Connection, number: int, *, at: datetime) -> bool:
    """Take a job back before anybody has claimed it; False when it is too late."""
    gone = (
        update(job)
        .where(job.c.id == number, job.c.state == NEW)
        .values(state=DONE, ended_at=at, fault="taken back")
    )
    return tx.execute(gone).rowcount == 1


def _end(tx: Connection, one: Job, values: Mapping[str, Any]) -> None:
    mine = update(job).where(job.c.id == one.id, job.c.lease == one.lease, job.c.state == LEASED)
    if tx.execute(mine.values(dict(values))).rowcount != 1:
        raise StoreError(f"the lease of job `{one.id}` was lost; somebody else has it now", field="job")


def _job(row: Row[Any]) -> Job:
    return Job(row.id, row.kind, row.body, row.attempts, row.lease, row.fault)
