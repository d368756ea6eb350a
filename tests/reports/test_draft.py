"""Drafts are saved as typed, and nothing is overwritten unseen."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from cordiale.errors import InputError, PayloadError
from cordiale.reports import draft
from cordiale.reports.draft import BODY_BYTES_MAX, State
from tests.reports.rows import NOW, a_draft


def test_a_draft_is_kept_as_typed_and_found_by_its_author(tx: Connection) -> None:
    draft.open_draft(tx, a_draft("d-1"))
    draft.open_draft(tx, a_draft("d-2", author="k.invented"))
    assert [d.id for d in draft.drafts_of(tx, "j.invented")] == ["d-1"]
    saved = draft.save(tx, "d-1", b"more", revision=1, at=NOW + timedelta(minutes=1))
    assert (saved.body, saved.revision, saved.state) == (b"more", 2, State.OPEN)


def test_a_second_window_cannot_overwrite_what_it_has_not_seen(tx: Connection) -> None:
    draft.open_draft(tx, a_draft())
    draft.save(tx, "d-1", b"first window", revision=1, at=NOW)
    with pytest.raises(InputError, match="another window"):
        draft.save(tx, "d-1", b"second window", revision=1, at=NOW)
    assert draft.read_draft(tx, "d-1").body == b"first window"


def test_a_sent_draft_is_no_longer_written_to_and_a_discarded_one_keeps_no_words(tx: Connection) -> None:
    draft.open_draft(tx, a_draft("d-1"))
    draft.open_draft(tx, a_draft("d-2"))
    draft.move(tx, "d-1", State.SENT, revision=1, at=NOW)
    with pytest.raises(InputError, match="is sent"):
        draft.save(tx, "d-1", b"x", revision=2, at=NOW)
    assert draft.move(tx, "d-2", State.DISCARDED, revision=1, at=NOW).body == b""
    assert draft.drafts_of(tx, "j.invented") == ()


def test_a_draft_that_cannot_be_is_refused_with_the_way_out(tx: Connection) -> None:
    from dataclasses import replace

    with pytest.raises(InputError, match="Use one of: report, query"):
        draft.open_draft(tx, replace(a_draft(), model="reply"))
    with pytest.raises(PayloadError, match="no information type"):
        draft.open_draft(tx, replace(a_draft(), type_id="gossip"))
    with pytest.raises(InputError, match="at most"):
        draft.open_draft(tx, replace(a_draft(), body=b"x" * (BODY_BYTES_MAX + 1)))
    with pytest.raises(InputError, match="there is no draft"):
        draft.read_draft(tx, "nowhere")


def test_typed_answers_become_a_payload_that_the_node_may_carry() -> None:
    payload = draft.payload_of("practice_note", "report", {"title": "t", "area": "a", "lines": "one\ntwo"})
    assert payload.TYPE == "practice_note"
    with pytest.raises(PayloadError) as wrong:
        draft.payload_of("practice_note", "report", {"title": "t", "lines": "one"})
    assert wrong.value.field == "area"
