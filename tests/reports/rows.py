"""A small database for this room alone, and things to put in it; everybody is invented."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, create_engine, event

from cordiale.payloads.parts import Grading
from cordiale.reports import tables
from cordiale.reports.case import Case
from cordiale.reports.draft import Draft, State
from cordiale.reports.thread import Direction, Kept
from cordiale.store.schema import metadata
from cordiale.terms import AuthorityId, GradeScheme, Purpose, Regime, SideCode

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOM = [tables.cases, tables.drafts, tables.messages, tables.tasks]


def database() -> Iterator[Connection]:
    """One connection with this room's tables and foreign keys on."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: raw.execute("pragma foreign_keys = on"))
    metadata.create_all(engine, ROOM)
    with engine.begin() as tx:
        yield tx
    engine.dispose()


def a_case(case_id: str = "case-1", days: int = 90) -> Case:
    return Case(
        id=case_id,
        title=b"sealed title",
        purpose=Purpose.INVESTIGATE,
        regime=Regime.CRIME,
        opened_by="j.invented",
        opened_at=NOW,
        review_by=NOW + timedelta(days=days),
    )


def a_draft(draft_id: str = "d-1", author: str = "j.invented") -> Draft:
    return Draft(draft_id, author, "intelligence_report", "report", b"sealed", None, 0, NOW, State.OPEN)


def a_message(message_id: str = "m-1", minutes: int = 0, **different: object) -> Kept:
    usual: dict[str, object] = {
        "id": message_id,
        "direction": Direction.RECEIVED,
        "thread_id": "t-1",
        "type_id": "intelligence_report",
        "model": "report",
        "side": SideCode("FR"),
        "authority": AuthorityId("oltim"),
        "body": b"sealed",
        "at": NOW + timedelta(minutes=minutes),
        "grade": Grading(scheme=GradeScheme.UK_3X5X2, source="3", information="E"),
    }
    return Kept(**(usual | different))
