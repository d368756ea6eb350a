"""What waits for me: soonest first, with the rule that sets the time, finished by a person."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from cordiale.calendars import Period, Unit, calendar_of
from cordiale.errors import InputError
from cordiale.reports import task
from cordiale.reports.task import Binding, Task, TaskKind
from tests.reports.rows import NOW

UK = calendar_of("england_wales", [date(2026, 12, 25)], [2026], zone="Europe/London")


def a_task(
    task_id: str, due_at: datetime | None, owner: str = "desk", article: str = "TCA Art 563(5)"
) -> Task:
    return Task(task_id, TaskKind.ANSWER, owner, NOW, due_at, Binding.LAW, article)


def test_what_waits_comes_soonest_first_and_undated_last(tx: Connection) -> None:
    for one in (
        a_task("none", None),
        a_task("later", NOW + timedelta(days=2)),
        a_task("now", NOW + timedelta(hours=1), owner="j.invented"),
        a_task("other", NOW, owner="somebody else"),
    ):
        task.start(tx, one)
    assert [t.id for t in task.waiting_for(tx, ["desk", "j.invented"])] == ["now", "later", "none"]


def test_a_finished_task_waits_for_nobody_and_is_finished_once(tx: Connection) -> None:
    task.start(tx, a_task("t", NOW))
    task.finish(tx, "t", by="j.invented", at=NOW)
    assert task.waiting_for(tx, ["desk"]) == ()
    with pytest.raises(InputError, match="already"):
        task.finish(tx, "t", by="j.invented", at=NOW)
    with pytest.raises(InputError, match="a person"):
        task.finish(tx, "t", by=" ", at=NOW)


def test_overdue_is_what_is_past_its_time_and_not_done(tx: Connection) -> None:
    task.start(tx, a_task("past", NOW - timedelta(seconds=1)))
    task.start(tx, a_task("done", NOW - timedelta(days=1)))
    task.start(tx, a_task("exactly now", NOW))
    task.start(tx, a_task("undated", None))
    task.finish(tx, "done", by="j.invented", at=NOW)
    late = task.overdue(tx, NOW)
    assert [t.id for t in late] == ["past"]
    assert late[0].remaining_s(NOW) == -1
    assert a_task("x", None).remaining_s(NOW) is None


def test_a_binding_deadline_names_its_article(tx: Connection) -> None:
    with pytest.raises(InputError, match="article"):
        task.start(tx, a_task("t", NOW, article=""))


def test_a_deadline_comes_from_the_period_that_the_agreement_states() -> None:
    twenty = Period(20, Unit.WORKING_DAY, first_day_counts=True)
    due = task.due(twenty, datetime.fromisoformat("2026-11-02T10:00:00+00:00"), UK)
    assert due == datetime.fromisoformat("2026-11-28T00:00:00+00:00")
    assert task.due(None, NOW, UK) is None
