"""Cases: one matter, one purpose, one review date. Opened and closed by a person, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from cordiale.errors import InputError
from cordiale.reports import tables
from cordiale.reports.tables import stamp
from cordiale.terms import Purpose, Regime


@dataclass(frozen=True, slots=True)
class Case:
    """A case as kept. `title`: sealed by the node. No case without `review_by` (DPA 2018 s.39(2))."""

    id: str
    title: bytes
    purpose: Purpose
    regime: Regime
    opened_by: str
    opened_at: datetime
    review_by: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    closed_reason: str | None = None


def open_case(tx: Connection, case: Case) -> Case:
    """Keep a new case. Raises InputError if its review lies before its opening or it has no regime."""
    if case.review_by <= case.opened_at:
        raise InputError("lies before the opening", field="review_by", way_out="Give a later date.")
    if case.regime in (Regime.UNKNOWN, Regime.NONE):
        raise InputError("a case stands under one regime", field="regime", way_out="Say which.")
    tables.put(
        tx,
        tables.cases,
        {
            "id": case.id, "title": case.title, "purpose": case.purpose.value, "regime": case.regime.value,
            "opened_by": case.opened_by, "opened_at": stamp(case.opened_at), "review_by":
            stamp(case.review_by),
        },
    )  # fmt: skip
    return read_case(tx, case.id)


def read_case(tx: Connection, case_id: str) -> Case:
    """One case. Raises InputError if there is none."""
    row = tables.case_row(tx, case_id)
    if row is None:
        raise InputError(f"there is no case `{case_id[:64]}`", field="case")
    return _case(row)


def open_cases(tx: Connection) -> tuple[Case, ...]:
    """Every open case, the one to be reviewed soonest first."""
    return tuple(_case(row) for row in tables.open_cases(tx))


def close_case(tx: Connection, case_id: str, *, by: str, at: datetime, reason: str) -> Case:
    """Close a case. Raises InputError without a reason, with tasks still waiting, or if it is closed."""
    if not reason.strip() or not by.strip():
        raise InputError("a person closes a case and says why", field="reason")
    if waiting := tables.tasks_open_for(tx, case_id):
        raise InputError(
            f"{waiting} tasks of case `{case_id[:64]}` still wait", field="case", way_out="Finish them first."
        )
    if not tables.close_case_row(tx, case_id, by=by, at=stamp(at), reason=reason):
        raise InputError(f"case `{read_case(tx, case_id).id}` is closed already", field="case")
    return read_case(tx, case_id)


def _case(row: Row[Any]) -> Case:
    opened_at, review_by = tables.moment(row.opened_at), tables.moment(row.review_by)
    assert opened_at is not None and review_by is not None
    return Case(
        id=row.id,
        title=row.title,
        purpose=Purpose(row.purpose),
        regime=Regime(row.regime),
        opened_by=row.opened_by,
        opened_at=opened_at,
        review_by=review_by,
        closed_at=tables.moment(row.closed_at),
        closed_by=row.closed_by,
        closed_reason=row.closed_reason,
    )
