"""Reports received and sent: threads, quality notices obeyed, and replies that are returned, not sent."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from cordiale.errors import InputError
from cordiale.payloads.specimens import SPECIMENS
from cordiale.payloads.words import QualityAction
from cordiale.reports import thread
from cordiale.reports.thread import BODY_BYTES_MAX, Direction, State
from cordiale.terms import Act, AuthorityId, SideCode
from tests.reports.rows import NOW, a_message

ANSWER = SPECIMENS["intelligence_report", "report"]


def test_a_message_is_kept_as_it_came_with_its_grade_unchanged(tx: Connection) -> None:
    kept = thread.keep(tx, a_message())
    assert kept == a_message()
    assert kept.grade is not None and (kept.grade.source, kept.grade.information) == ("3", "E")
    assert thread.keep(tx, a_message("m-2", grade=None)).grade is None


def test_lists_are_newest_first_and_page_by_time(tx: Connection) -> None:
    for n in range(5):
        thread.keep(tx, a_message(f"m-{n}", minutes=n))
    thread.keep(tx, a_message("sent", direction=Direction.SENT))
    first = thread.listed(tx, Direction.RECEIVED, limit=2)
    assert [m.id for m in first] == ["m-4", "m-3"]
    assert [m.id for m in thread.listed(tx, Direction.RECEIVED, before=first[-1].at, limit=2)] == [
        "m-2",
        "m-1",
    ]
    assert [m.id for m in thread.listed(tx, Direction.SENT)] == ["sent"]
    assert [m.id for m in thread.thread(tx, "t-1")][-1] == "m-4"


def test_the_first_reading_is_noted_and_stays(tx: Connection) -> None:
    thread.keep(tx, a_message())
    thread.seen(tx, "m-1", by="j.invented", at=NOW)
    thread.seen(tx, "m-1", by="k.invented", at=NOW + timedelta(hours=1))
    assert thread.read(tx, "m-1").first_read_at == NOW


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (QualityAction.RECALL, State.RECALLED),
        (QualityAction.RESTRICT, State.RESTRICTED),
        (QualityAction.ERASE, State.ERASED),
    ],
)
def test_a_quality_notice_is_obeyed(tx: Connection, action: QualityAction, state: State) -> None:
    thread.keep(tx, a_message())
    after = thread.obey(tx, "m-1", action)
    assert after.state is state
    assert (after.body is None) == (action is QualityAction.ERASE)


def test_a_correction_brings_the_corrected_body(tx: Connection) -> None:
    thread.keep(tx, a_message())
    with pytest.raises(InputError, match="corrected body"):
        thread.obey(tx, "m-1", QualityAction.CORRECT)
    assert thread.obey(tx, "m-1", QualityAction.CORRECT, b"better").body == b"better"


def test_what_is_erased_stays_erased(tx: Connection) -> None:
    thread.keep(tx, a_message())
    thread.obey(tx, "m-1", QualityAction.ERASE)
    with pytest.raises(InputError, match="erased already"):
        thread.obey(tx, "m-1", QualityAction.CORRECT, b"back again")
    with pytest.raises(InputError, match="no message"):
        thread.obey(tx, "m-9", QualityAction.ERASE)


def test_what_should_have_been_erased_by_now_is_listed(tx: Connection) -> None:
    thread.keep(tx, a_message("old", erase_by=NOW))
    thread.keep(tx, a_message("new", erase_by=NOW + timedelta(days=1)))
    thread.keep(tx, a_message("kept"))
    assert [m.id for m in thread.past_retention(tx, NOW)] == ["old"]
    thread.obey(tx, "old", QualityAction.ERASE)
    assert thread.past_retention(tx, NOW) == ()


def test_a_reply_goes_back_to_whom_it_came_from_and_is_only_returned(tx: Connection) -> None:
    out = thread.reply(thread.keep(tx, a_message()), ANSWER)
    assert (out.act, out.to_side, out.to_authority) == (Act.ANSWER, "FR", "oltim")
    assert (out.thread_id, out.reply_to) == ("t-1", "m-1")
    assert [m.id for m in thread.thread(tx, "t-1")] == ["m-1"]
    with pytest.raises(InputError, match="received"):
        thread.reply(a_message(direction=Direction.SENT), ANSWER)


def test_a_forward_is_onward_transfer_and_names_where_it_comes_from() -> None:
    there = {"to_side": SideCode("DE"), "to_authority": AuthorityId("de-police")}
    out = thread.forward(a_message(), ANSWER, **there)
    assert (out.act, out.comes_from) == (Act.ONWARD, "m-1")
    for state in (State.RECALLED, State.RESTRICTED, State.ERASED):
        with pytest.raises(InputError, match="goes no further"):
            thread.forward(a_message(state=state), ANSWER, **there)
    with pytest.raises(InputError, match="ours"):
        thread.forward(a_message(direction=Direction.SENT), ANSWER, **there)


@pytest.mark.parametrize("body", [None, b"", b"x" * (BODY_BYTES_MAX + 1)])
def test_a_message_without_a_body_or_with_too_large_a_one_is_not_kept(
    tx: Connection, body: bytes | None
) -> None:
    with pytest.raises(InputError, match="body"):
        thread.keep(tx, a_message(body=body))
