"""A case has a purpose, a regime and a review date, and a person closes it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from cordiale.errors import InputError
from cordiale.reports import case, task, thread
from cordiale.reports.task import Binding, Task, TaskKind
from cordiale.terms import Regime
from tests.reports.rows import NOW, a_case, a_message


def test_open_cases_come_soonest_review_first(tx: Connection) -> None:
    case.open_case(tx, a_case("late", days=90))
    case.open_case(tx, a_case("soon", days=10))
    assert [c.id for c in case.open_cases(tx)] == ["soon", "late"]
    assert case.read_case(tx, "soon") == a_case("soon", days=10)


def test_a_case_without_review_or_regime_is_refused(tx: Connection) -> None:
    with pytest.raises(InputError, match="review_by"):
        case.open_case(tx, replace(a_case(), review_by=NOW))
    with pytest.raises(InputError, match="regime"):
        case.open_case(tx, replace(a_case(), regime=Regime.UNKNOWN))


def test_a_person_closes_a_case_once_and_says_why(tx: Connection) -> None:
    case.open_case(tx, a_case())
    with pytest.raises(InputError, match="says why"):
        case.close_case(tx, "case-1", by="j.invented", at=NOW, reason=" ")
    with pytest.raises(InputError, match="says why"):
        case.close_case(tx, "case-1", by="", at=NOW, reason="done")
    closed = case.close_case(tx, "case-1", by="j.invented", at=NOW, reason="convicted")
    assert (closed.closed_by, closed.closed_reason, closed.closed_at) == ("j.invented", "convicted", NOW)
    with pytest.raises(InputError, match="closed already"):
        case.close_case(tx, "case-1", by="j.invented", at=NOW, reason="again")
    with pytest.raises(InputError, match="there is no case"):
        case.close_case(tx, "nowhere", by="j.invented", at=NOW, reason="x")
    assert case.open_cases(tx) == ()


def test_a_case_with_work_waiting_stays_open_also_if_the_work_hangs_on_a_message(tx: Connection) -> None:
    case.open_case(tx, a_case())
    thread.keep(tx, a_message(case_id="case-1"))
    waiting = Task(
        "t-1", TaskKind.ANSWER, "desk", NOW, NOW + timedelta(days=1), Binding.AIM, "", message_id="m-1"
    )
    task.start(tx, waiting)
    with pytest.raises(InputError, match="1 tasks"):
        case.close_case(tx, "case-1", by="j.invented", at=NOW, reason="done")
    task.finish(tx, "t-1", by="j.invented", at=NOW)
    assert case.close_case(tx, "case-1", by="j.invented", at=NOW, reason="done").closed_at == NOW
