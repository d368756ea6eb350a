"""Tasks: what waits for me, until when, and by which rule. A task ends only when a person says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from cordiale.calendars import Calendar, Period
from cordiale.errors import InputError
from cordiale.reports import tables
from cordiale.reports.tables import stamp


class TaskKind(StrEnum):
    """What is to be done."""

    ANSWER = "answer_request"
    READ = "read_report"
    REVIEW = "review_case"
    CONFIRM = "confirm_match"
    RELEASE = "release_decision"
    CORRECT = "act_on_quality_notice"
    INFORM = "inform_somebody"
    CALL_BACK = "ring_back"
    DESTROY = "destroy_copy"
    AMEND = "amend_copy"
    LOOK_AGAIN = "look_again"


class Binding(StrEnum):
    """How hard a deadline is; an aim is never shown as law."""

    LAW = "law"
    AGREEMENT = "agreement"
    AIM = "aim"
    SERVICE = "service"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Task:
    """A task as kept. `owner`: an account or a role. `due_at`: None for "as soon as possible"."""

    id: str
    kind: TaskKind
    owner: str
    started_at: datetime
    due_at: datetime | None
    binding: Binding
    article: str
    case_id: str | None = None
    message_id: str | None = None
    done_at: datetime | None = None
    done_by: str | None = None

    def remaining_s(self, now: datetime) -> int | None:
        """Seconds until it is due, negative if past; None if it has no date."""
        return None if self.due_at is None else int((self.due_at - now).total_seconds())


def due(period: Period | None, started_at: datetime, calendar: Calendar) -> datetime | None:
    """When a period that an agreement states ends; None for "as soon as possible"."""
    return None if period is None else period.due(started_at, calendar)


def start(tx: Connection, task: Task) -> Task:
    """Keep a task. Raises InputError if it binds by law or agreement and names no article."""
    if task.binding in (Binding.LAW, Binding.AGREEMENT) and not task.article:
        raise InputError("a binding deadline names its article", field="article")
    tables.put(
        tx,
        tables.tasks,
        {
            "id": task.id, "kind": task.kind.value, "owner": task.owner, "case_id": task.case_id,
            "message_id": task.message_id, "started_at": stamp(task.started_at),
            "due_at": stamp(task.due_at) if task.due_at else None, "binding": task.binding.value,
            "article": task.article,
        },
    )  # fmt: skip
    return task


def wake(tx: Connection, task: Task) -> Task:
    """Let a task wait from its start on, whether or not there was one of its id before."""
    at, due_at = stamp(task.started_at), stamp(task.due_at) if task.due_at else None
    return task if tables.reopen_task(tx, task.id, at, due_at) else start(tx, task)


def waiting_for(tx: Connection, owners: Collection[str]) -> tuple[Task, ...]:
    """What waits for an account and its roles, soonest due first, undated last."""
    return tuple(_task(row) for row in tables.tasks_waiting(tx, sorted(owners)))


def overdue(tx: Connection, now: datetime) -> tuple[Task, ...]:
    """Every task past its time, whoever has it."""
    return tuple(_task(row) for row in tables.tasks_overdue(tx, stamp(now)))


def finish(tx: Connection, task_id: str, *, by: str, at: datetime) -> None:
    """Finish a task. Raises InputError if it is finished or unknown, or nobody is named."""
    if not by.strip():
        raise InputError("a person finishes a task", field="by")
    if not tables.finish_task(tx, task_id, by, stamp(at)):
        raise InputError(f"task `{task_id[:64]}` is finished already or does not exist", field="task")


def _task(row: Row[Any]) -> Task:
    started_at = tables.moment(row.started_at)
    assert started_at is not None
    return Task(
        id=row.id,
        kind=TaskKind(row.kind),
        owner=row.owner,
        started_at=started_at,
        due_at=tables.moment(row.due_at),
        binding=Binding(row.binding),
        article=row.article,
        case_id=row.case_id,
        message_id=row.message_id,
        done_at=tables.moment(row.done_at),
        done_by=row.done_by,
    )
