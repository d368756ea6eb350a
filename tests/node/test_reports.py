"""Reports of a node: drafts as typed, what waits for whom, what is found, files that stay until stated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cordiale import payloads
from cordiale.errors import InputError, PayloadError, RequestError
from cordiale.node import attachments, drafts, looking, people, reports, tables, waiting
from cordiale.node.audit import audit
from cordiale.node.papers import Draft
from cordiale.simulation import Simulation
from cordiale.store.search import item as indexed
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
PURPOSE = "prevent"


@pytest.fixture
def made() -> Iterator[Simulation]:
    with Simulation.of({"UK": ("border-force", "nca"), "FR": ("oltim",)}, seed=3, at=NIGHT) as simulation:
        yield simulation
        assert simulation.audit() == []


def paper(**more: Any) -> Draft:
    held = intelligence()
    return replace(Draft(held["type"], held["body"], held["asks"], ("UK/nca",)), **more)


def arrive(made: Simulation) -> str:
    """A French report stands in the UK's in-tray; its reference there."""
    made.send("FR/oltim", intelligence(), "UK/nca")
    made.step()
    made.settle()
    made.step()
    return reports.inbox(*made.officer("UK/nca"))[0].reference


# ------------------------------------------------------------------------------ drafts


def test_a_draft_is_kept_as_typed_even_while_it_does_not_fit(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    saved = drafts.save_draft(node, officer, Draft("intelligence_report", {}, {}, typed={"title": "Half a"}))
    held = drafts.open_draft(node, officer, saved.reference)
    assert held.typed == {"title": "Half a"} and held.revision == 1
    assert [one.reference for one in drafts.drafts(node, officer)] == [saved.reference]


def test_a_second_window_overwrites_nothing_unseen(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    first = drafts.save_draft(node, officer, paper())
    drafts.save_draft(node, officer, replace(first, typed={"title": "newer"}))
    with pytest.raises(InputError, match="revision"):
        drafts.save_draft(node, officer, replace(first, typed={"title": "older"}))
    assert drafts.open_draft(node, officer, first.reference).typed == {"title": "newer"}


def test_nobody_opens_the_draft_of_a_colleague(made: Simulation) -> None:
    node, officer = made.officer("UK/nca")
    saved = drafts.save_draft(node, officer, paper())
    with pytest.raises(RequestError, match="no draft of yours"):
        drafts.open_draft(node, people.officer(node, "border-force"), saved.reference)


def test_undo_brings_the_draft_back_and_sending_destroys_its_words(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    node.settings = replace(node.settings, hold_s=30)
    saved = drafts.save_draft(node, officer, paper())
    reports.send(node, officer, saved)
    assert drafts.drafts(node, officer) == []
    assert reports.undo(node, officer, saved.reference)
    again = drafts.open_draft(node, officer, saved.reference)
    reports.send(node, officer, again)
    made.clock.step(31)
    assert len(reports.release_due(node)) == 1
    with pytest.raises(RequestError):
        drafts.open_draft(node, officer, saved.reference)
    made.settle()


def test_a_discarded_draft_is_gone(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    saved = drafts.save_draft(node, officer, paper())
    drafts.discard_draft(node, officer, saved.reference)
    with pytest.raises(RequestError):
        drafts.open_draft(node, officer, saved.reference)


# ------------------------------------------------------------------------------ what waits


def test_what_came_waits_for_its_authority_until_a_person_opens_it(made: Simulation) -> None:
    reference = arrive(made)
    node, officer = made.officer("UK/nca")
    assert [one.line.reference for one in waiting.waiting(node, officer)] == [reference]
    assert waiting.waiting(node, people.officer(node, "border-force")) == []
    assert [one.unread for one in reports.inbox(node, officer)] == [True]
    reports.open_message(node, officer, reference, purpose=PURPOSE)
    assert waiting.waiting(node, officer) == []
    assert [one.unread for one in reports.inbox(node, officer)] == [False]


def test_a_colleague_sees_the_absent_one_s_list_until_the_day_is_over(made: Simulation) -> None:
    reference = arrive(made)
    node, away = made.officer("UK/nca")
    other = people.officer(node, "border-force")
    waiting.cover(node, away, other.id, until=date(2026, 11, 23))
    seen = waiting.waiting(node, other)
    assert [(one.line.reference, one.absent) for one in seen] == [(reference, away.name)]
    made.clock.step(timedelta(days=2).total_seconds())
    assert waiting.waiting(node, other) == []


def test_a_round_of_the_keeper_begins_no_task_twice(made: Simulation) -> None:
    arrive(made)
    node, officer = made.officer("UK/nca")
    assert looking.look_on(node) == 0
    assert node.store.write(tables.look_at_all) == 1
    assert looking.look_on(node) == 1
    assert len(waiting.waiting(node, officer)) == 1


def test_an_answer_knows_to_whom_about_what_and_in_which_case(made: Simulation) -> None:
    reference = arrive(made)
    node, officer = made.officer("UK/nca")
    begun = reports.answering(node, officer, reference)
    assert begun.recipients == ("FR/oltim",)
    assert begun.asks["act"] == "answer" and begun.asks["case"] == "FR-2026-77"
    assert begun.about and not begun.passes_on


# ------------------------------------------------------------------------------ finding


def test_a_message_is_found_by_whole_words_without_accents_and_no_word_is_kept(made: Simulation) -> None:
    reference = arrive(made)
    node, officer = made.officer("UK/nca")
    for words in ("hulls", "HULLS vans", "füldéd"):
        found = [one.reference for one in reports.search(node, officer, words, purpose=PURPOSE)]
        assert found == ([reference] if words != "füldéd" else []), words
    found = reports.search(node, officer, "fólded", purpose=PURPOSE)
    assert [one.reference for one in found] == [reference]
    kept = node.store.read(lambda tx: tx.execute(select(indexed)).all())
    assert kept and not any("hulls" in str(row).casefold() for row in kept)


def test_what_was_recalled_is_no_longer_found(made: Simulation) -> None:
    made.send("FR/oltim", intelligence(), "UK/nca", name="hulls")
    made.settle()
    made.step()
    reference = reports.inbox(*made.officer("UK/nca"))[0].reference
    made.notify("hulls", "recall")
    made.settle()
    node, officer = made.officer("UK/nca")
    assert reports.search(node, officer, "hulls", purpose=PURPOSE) == []
    assert reference not in node.store.read(lambda tx: tx.execute(select(indexed.c.item)).scalars().all())


# ------------------------------------------------------------------------------ files


def test_an_unstated_file_stays_and_a_stated_one_travels_sealed(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    content = bytes(range(256)) * 700
    saved = drafts.save_draft(node, officer, paper())
    id = attachments.attach(node, officer, saved.reference, name="van.jpg", content=content)
    unstated = reports.view(node, officer, drafts.open_draft(node, officer, saved.reference), "UK/nca")
    assert "attachments.0" in {one.path for one in unstated.unseen}
    attachments.state_attachment(node, officer, saved.reference, id, holds=["method"])
    stated = drafts.open_draft(node, officer, saved.reference)
    assert reports.view(node, officer, stated, "UK/nca").unseen == ()
    reports.send(node, officer, stated)
    made.settle()
    for _ in range(3):
        made.step(40)
    there, reader = made.officer("UK/nca")
    reference = reports.inbox(there, reader)[0].reference
    file = attachments.came_with(there, reference)[0]
    assert file.whole and file.stated and file.size == len(content)
    _, pieces = reports.open_file(there, reader, reference, file.id, purpose=PURPOSE)
    assert b"".join(pieces) == content


def test_a_file_may_come_in_pieces_and_counts_only_when_whole(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    saved = drafts.save_draft(node, officer, paper())
    raw, half = b"x" * 100_000, 65_536
    id, _ = attachments.begin(node, officer, saved.reference, name="a.bin", size=len(raw))
    assert attachments.add(node, officer, saved.reference, id, at=0, raw=raw[:half]) == half
    draft = drafts.open_draft(node, officer, saved.reference)
    assert [one.whole for one in attachments.files_of(node, draft)] == [False]
    with pytest.raises(RequestError, match="not whole"):
        attachments.state_attachment(node, officer, saved.reference, id, holds=["method"])
    with pytest.raises(RequestError, match="does not fit"):
        attachments.add(node, officer, saved.reference, id, at=half + 1, raw=raw[half:])
    attachments.add(node, officer, saved.reference, id, at=half, raw=raw[half:])
    whole = attachments.files_of(node, drafts.open_draft(node, officer, saved.reference))
    assert [(one.whole, one.stated) for one in whole] == [(True, False)]


def test_anything_is_no_statement_and_a_removed_file_leaves_nothing(made: Simulation) -> None:
    node, officer = made.officer("FR/oltim")
    saved = drafts.save_draft(node, officer, paper())
    id = attachments.attach(node, officer, saved.reference, name="a.bin", content=b"abc")
    with pytest.raises(PayloadError, match="say what it holds"):
        attachments.state_attachment(node, officer, saved.reference, id, holds=["attachment"])
    attachments.detach(node, officer, saved.reference, id)
    draft = drafts.open_draft(node, officer, saved.reference)
    assert attachments.files_of(node, draft) == [] and "attachments" not in draft.body["body"]


# ------------------------------------------------------------------------------ concerns


def test_what_may_reveal_a_source_is_shown_before_anything_leaves() -> None:
    kind = payloads.TYPES["intelligence_report"]
    answers = {"case_reference": "X-1", "title": "t", "narrative": "Our source told us of the vans."}
    body = payloads.encode(payloads.fill(kind.models["report"], answers))
    found = [one.why for one in drafts.concerns(Draft(kind.id, body, {}))]
    assert any("names a source" in one for one in found)
    assert any("nobody has marked" in one for one in found)


def test_an_audit_of_a_node_with_drafts_and_tasks_finds_nothing(made: Simulation) -> None:
    arrive(made)
    node, officer = made.officer("UK/nca")
    drafts.save_draft(node, officer, paper())
    assert audit(node).wrong == ()
