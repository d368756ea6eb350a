"""A recall reaches what lies beside the message: drafts, held ones, prints, saved files, open pages; and
whoever called it back hears how it ends. All persons are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cordiale.demo import papers as invented
from cordiale.errors import OpenError, RequestError
from cordiale.exchange import copies
from cordiale.ledger import Kind
from cordiale.node import (
    Node,
    attachments,
    drafts,
    exchange,
    notices,
    people,
    recalls,
    recalls_told,
    reports,
    tables,
    waiting,
)
from cordiale.node.papers import Draft
from cordiale.node.people import NewAccount
from cordiale.simulation import Simulation

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SIDES = {"FR": ["police-judiciaire"], "UK": ["home-office"], "FRONTEX": ["frontex"]}
FR, UK, FRONTEX = "FR/police-judiciaire", "UK/home-office", "FRONTEX/frontex"
PURPOSE = "an invented check of a recall"
CONSENT = "demo-consent-fr-frontex"
FILE = b"an invented harbour plan " * 90


@pytest.fixture
def made() -> Iterator[Simulation]:
    """France sends a report with a file; France agrees that the UK passes it on to Frontex."""
    with Simulation.of(SIDES, seed=5, at=AT) as simulation:
        node, officer = simulation.officer(FR)
        paper = invented.network_report(AT)
        kept = drafts.save_draft(node, officer, Draft(paper["type"], paper["body"], paper["asks"], (UK,)))
        id = attachments.attach(node, officer, kept.reference, name="plan.txt", content=FILE)
        attachments.state_attachment(node, officer, kept.reference, id, holds=["place"])
        held = reports.send(node, officer, drafts.open_draft(node, officer, kept.reference))
        simulation.sent["report"] = (FR, held.reference)
        rounds(simulation)
        simulation.load(["FR", "UK", "FRONTEX"], *invented.consent("2026-11-01"))
        yield simulation
        assert simulation.audit() == []


def rounds(simulation: Simulation, *, seconds: float = 31) -> None:
    for _ in range(4):
        simulation.settle()
        simulation.step(seconds)


def reference(made: Simulation) -> str:
    return made.came(UK, "report").reference


def passed_on(made: Simulation, *, hold_s: int = 30) -> tuple[Node, Any, Draft]:
    """The UK's officer is about to pass the report on to Frontex."""
    node, officer = made.officer(UK)
    node.settings = replace(node.settings, hold_s=hold_s)
    asks = invented.onward_asks((CONSENT,))
    return node, officer, reports.forwarded(node, officer, reference(made), (FRONTEX,), asks=asks)


def kinds(node: Node, officer: Any) -> list[str]:
    return [one.kind for one in waiting.waiting(node, officer)]


def recall(made: Simulation, action: str = "recall", codes: tuple[str, ...] = ()) -> None:
    made.notify("report", action, codes)
    made.settle()


# ------------------------------------------------------------------------------ drafts


def test_a_saved_draft_that_passes_a_recalled_message_on_is_destroyed_and_its_author_is_told(
    made: Simulation,
) -> None:
    node, officer, draft = passed_on(made)
    saved = drafts.save_draft(node, officer, draft)
    answer = drafts.save_draft(node, officer, reports.answering(node, officer, reference(made)))
    recall(made)
    assert [one.reference for one in drafts.drafts(node, officer)] == [answer.reference]
    with pytest.raises((RequestError, OpenError)):
        drafts.open_draft(node, officer, saved.reference)
    row = node.store.read(lambda tx: tables.draft_row(tx, saved.reference))
    assert row is not None and row.body == b"" and row.state == "discarded"
    assert node.store.read(lambda tx: tables.salt_of(tx, saved.reference)) is None
    (told,) = [one for one in waiting.waiting(node, officer) if one.kind == waiting.LOOK_AGAIN]
    assert told.line.reference == reference(made) and told.thread == saved.reference
    (notice,) = recalls_told.withdrawn(node, officer, saved.reference)
    assert (notice.act, notice.by, notice.reason) == ("recall", FR, "inaccurate")
    assert recalls.seen(node, officer, told.line.reference, told.thread)
    assert waiting.LOOK_AGAIN not in kinds(node, officer)


def test_a_draft_of_which_it_was_not_kept_what_it_passes_on_is_found_all_the_same(made: Simulation) -> None:
    node, officer, draft = passed_on(made)
    saved = drafts.save_draft(node, officer, draft)
    node.store.write(lambda tx: tx.exec_driver_sql("UPDATE report_draft SET about = NULL"))
    recall(made)
    assert node.store.read(lambda tx: tables.salt_of(tx, saved.reference)) is None


def test_what_was_recalled_is_neither_saved_nor_sent_by_a_form_that_was_still_open(made: Simulation) -> None:
    node, officer, draft = passed_on(made)
    saved = drafts.save_draft(node, officer, draft)
    recall(made)
    for late in (saved, replace(draft, reference="")):
        with pytest.raises(RequestError):
            drafts.save_draft(node, officer, late)
        with pytest.raises(RequestError):
            reports.send(node, officer, late)
    assert reports.outbox(node, officer) == []


@pytest.mark.parametrize("with_draft", [True, False])
def test_what_is_on_its_hold_is_stopped_by_a_recall_and_nothing_of_it_goes(
    made: Simulation, with_draft: bool
) -> None:
    node, officer, draft = passed_on(made)
    if with_draft:
        draft = drafts.save_draft(node, officer, draft)
    held = reports.send(node, officer, draft)
    assert [one.state for one in reports.outbox(node, officer)] == ["held"]
    recall(made)
    rounds(made, seconds=61)
    (line,) = reports.outbox(node, officer)
    assert line.state == "undone" and reports.inbox(*made.officer(FRONTEX)) == []
    assert drafts.drafts(node, officer) == []
    assert node.store.read(lambda tx: tables.salt_of(tx, line.reference)) is None
    assert [one.thread for one in waiting.waiting(node, officer) if one.kind == waiting.LOOK_AGAIN] == [
        held.reference
    ]


def test_a_correction_stops_what_is_on_its_hold_and_leaves_the_draft_to_its_author(made: Simulation) -> None:
    node, officer, draft = passed_on(made)
    saved = drafts.save_draft(node, officer, draft)
    reports.send(node, officer, saved)
    recall(made, "correct", ("title",))
    rounds(made, seconds=61)
    assert [one.state for one in reports.outbox(node, officer)] == ["undone"]
    assert [one.reference for one in drafts.drafts(node, officer)] == [saved.reference]
    assert waiting.LOOK_AGAIN in kinds(node, officer)
    (notice,) = recalls_told.standing(node, officer, reference(made)).notices
    assert notice.paths == ("title",)


def test_a_correction_follows_what_is_passed_on_only_afterwards(made: Simulation) -> None:
    recall(made, "correct", ("title",))
    node, officer, draft = passed_on(made, hold_s=0)
    found = reports.corrected(node, officer, reference(made))
    assert found is not None
    reports.send(node, officer, replace(draft, despite=found.number))
    rounds(made)
    there, reader = made.officer(FRONTEX)
    (line,) = [one for one in reports.inbox(there, reader) if one.type != notices.TYPE]
    (notice,) = recalls_told.standing(there, reader, line.reference).notices
    assert (notice.act, notice.by, notice.paths) == ("correct", UK, ("title",))
    mine = [one for one in reports.inbox(*made.officer(UK)) if one.type == notices.TYPE]
    assert len(mine) == 1, "nobody is told twice"


def test_the_old_words_of_a_corrected_message_go_to_nobody_until_a_person_has_read_the_correction(
    made: Simulation,
) -> None:
    node, officer, draft = passed_on(made, hold_s=0)
    assert reports.corrected(node, officer, reference(made)) is None
    recall(made, "correct", ("title",))
    with pytest.raises(RequestError, match="old words"):
        reports.send(node, officer, draft)
    name = reference(made)
    with pytest.raises(RequestError, match="old words"):
        reports.forward(node, officer, name, [FRONTEX], asks=draft.asks)
    found = reports.corrected(node, officer, name)
    assert found is not None
    recall(made, "correct", ("methods",))
    with pytest.raises(RequestError, match="old words"):
        reports.send(node, officer, replace(draft, despite=found.number))
    rounds(made)
    assert [one.state for one in reports.outbox(node, officer)] == []
    assert reports.inbox(*made.officer(FRONTEX)) == []


def test_the_message_with_the_correct_words_is_found_beside_the_corrected_one(
    made: Simulation,
) -> None:
    node, officer, _ = passed_on(made)
    recall(made, "correct", ("title",))
    old = reference(made)
    made.send(FR, invented.network_report(AT), UK, name="words")
    rounds(made)
    found = reports.corrected(node, officer, old)
    assert found is not None
    assert [one.reference for one in found.later] == [made.came(UK, "words").reference]


# ------------------------------------------------------------------------------ prints and saved files


def printed(made: Simulation, party: str = UK, name: str = "") -> tuple[Node, Any]:
    node, officer = made.officer(party)
    found = name or reports.inbox(node, officer)[0].reference
    reports.open_message(node, officer, found, purpose=PURPOSE, view=recalls.PRINT)
    return node, officer


def entries(node: Node, kind: Kind) -> list[Any]:
    size = node.store.read(node.log.head).size
    found = node.store.read(lambda tx: [node.log.entry(tx, index) for index in range(size)])
    return [one for one in found if one.kind is kind]


def test_printing_is_logged_as_printing_and_ends_the_reading(made: Simulation) -> None:
    node, officer = made.officer(UK)
    assert "read_report" in kinds(node, officer)
    printed(made)
    assert "read_report" not in kinds(node, officer)
    assert [one.facts["view"] for one in entries(node, Kind.READ)] == ["print"]
    (one,) = recalls.of_message(node, officer, reference(made))
    assert (one.kind, one.officer, one.act, one.open) == ("print", officer.id, "", False)
    assert recalls.mine(node, officer) == []


def test_a_recall_asks_whoever_printed_or_saved_and_only_a_person_ends_it(made: Simulation) -> None:
    node, officer = printed(made)
    (file,) = attachments.came_with(node, reference(made))
    _, pieces = reports.open_file(node, officer, reference(made), file.id, purpose=PURPOSE)
    assert b"".join(pieces) == FILE
    recall(made)
    rounds(made, seconds=3600)
    assert kinds(node, officer) == ["destroy_copy", "destroy_copy"]
    mine = sorted(recalls.mine(node, officer), key=lambda one: one.item)
    assert [(one.kind, one.item) for one in mine] == [("print", ""), ("file", file.id)]
    recalls.settle(node, officer, mine[0].id, "destroyed")
    assert kinds(node, officer) == ["destroy_copy"]
    (entry,) = entries(node, Kind.CONFIRMATION)
    assert entry.facts["outcome"] == "destroyed" and entry.facts["officer"] == officer.id
    assert entry.facts["recalled"] == made.came(UK, "report").message
    with pytest.raises(RequestError, match="no open print"):
        recalls.settle(node, officer, mine[0].id, "destroyed")
    with pytest.raises(RequestError, match="no answer"):
        recalls.settle(node, officer, mine[1].id, "amended")


def test_the_sender_sees_how_many_are_open_until_none_is_and_never_a_name(made: Simulation) -> None:
    node, officer = printed(made)
    recall(made)
    sender, originator = made.officer(FR)
    sent = made.lines("report")[0].reference

    def told() -> list[tuple[str, Any]]:
        return [(one["state"], one["open_copies"]) for one in notices.holders(sender, originator, sent)]

    assert told() == [("applied", 1)]
    question = b"{}"
    with pytest.raises(Exception, match=r"."):
        notices.tell(node, question)
    recalls.settle(node, officer, recalls.mine(node, officer)[0].id, "destroyed")
    # Nobody looks at the page: the node asks by itself, and hears that none is open.
    rounds(made, seconds=901)
    message = made.lines("report")[0].message
    (copy,) = sender.store.read(lambda tx: copies.holders(tx, message))
    assert (copy.state, copy.open_copies) == ("applied", 0)


def test_what_nobody_settles_raises_an_alarm_on_both_sides_after_the_service_level(made: Simulation) -> None:
    node, officer = printed(made)
    recall(made)
    sender, _ = made.officer(FR)
    rounds(made, seconds=3600)
    for one in (node, sender):
        assert not {"recall_open", "copy_not_settled"} & {alarm["kind"] for alarm in exchange.alarms(one)}
    made.clock.step(recalls.CONFIRM_WITHIN.total_seconds())
    rounds(made, seconds=120)
    assert "copy_not_settled" in {alarm["kind"] for alarm in exchange.alarms(node)}
    (alarm,) = [one for one in exchange.alarms(sender) if one["kind"] == "recall_open"]
    assert UK in alarm["says"] and officer.id not in alarm["says"] and officer.name not in alarm["says"]
    exchange.settle_alarm(sender, alarm["id"], by="Invented Supervisor")
    rounds(made, seconds=120)
    assert "recall_open" not in {one["kind"] for one in exchange.alarms(sender)}, "asked again in a day"
    made.clock.step(86_400)
    rounds(made, seconds=120)
    assert "recall_open" in {one["kind"] for one in exchange.alarms(sender)}


def test_a_holder_that_never_answers_stays_open_and_raises_the_alarm(made: Simulation) -> None:
    made.sea.down.add(made.nodes["UK"].id)
    made.notify("report", "recall")
    made.clock.step(recalls.CONFIRM_WITHIN.total_seconds() + 60)
    for _ in range(3):
        made.step(61)
    sender, _ = made.officer(FR)
    (alarm,) = [one for one in exchange.alarms(sender) if one["kind"] == "recall_open"]
    assert "not told how many" in alarm["says"]
    made.sea.down.clear()
    rounds(made, seconds=901)


def test_a_lost_print_stays_open_and_is_told_at_once(made: Simulation) -> None:
    node, officer = printed(made)
    recall(made)
    (mine,) = recalls.mine(node, officer)
    recalls.settle(node, officer, mine.id, "lost")
    assert kinds(node, officer) == []
    assert "copy_lost" in {one["kind"] for one in exchange.alarms(node)}
    (still,) = recalls.mine(node, officer)
    assert still.open and still.outcome == "lost"
    message = made.came(UK, "report").message
    assert node.store.read(lambda tx: recalls.open_count(tx, message)) == 1
    recalls.settle(node, officer, mine.id, "destroyed")
    assert node.store.read(lambda tx: recalls.open_count(tx, message)) == 0


def test_only_whoever_printed_it_covers_for_them_or_oversees_says_what_became_of_it(made: Simulation) -> None:
    node, officer = printed(made)
    logins = {"lee": {"officer"}, "sup": {"supervisor"}}
    for login, roles in logins.items():
        new = NewAccount(login, f"{login} Example (invented)", "home-office", frozenset(roles))
        people.found_account(node, new, "three green harbour lamps")
    lee, sup = (people.officer(node, login) for login in logins)
    recall(made)
    (one,) = recalls.mine(node, officer)
    assert recalls.mine(node, lee) == [] and recalls.mine(node, sup) == [one]
    with pytest.raises(RequestError, match="no open print"):
        recalls.settle(node, lee, one.id, "destroyed")
    waiting.cover(node, officer, lee.id)
    assert recalls.mine(node, lee) == [one] and kinds(node, lee) == ["destroy_copy"]
    recalls.settle(node, sup, one.id, "destroyed")
    (held,) = recalls.of_message(node, officer, one.reference)
    assert held.settled_by == sup.id and not held.open


def test_a_corrected_message_asks_for_its_prints_and_a_later_recall_asks_again(made: Simulation) -> None:
    node, officer = printed(made)
    recall(made, "correct", ("title",))
    (one,) = recalls.mine(node, officer)
    assert kinds(node, officer) == ["amend_copy"] and one.act == "correct"
    recalls.settle(node, officer, one.id, "amended")
    assert recalls.mine(node, officer) == []
    recall(made)
    assert kinds(node, officer) == ["destroy_copy"]
    recalls.settle(node, officer, one.id, "destroyed")
    rounds(made, seconds=901)
    sender, _ = made.officer(FR)
    message = made.lines("report")[0].message
    assert [one.open_copies for one in sender.store.read(lambda tx: copies.holders(tx, message))] == [0]
    made.clock.step(recalls.CONFIRM_WITHIN.total_seconds())
    rounds(made, seconds=120)
    assert "recall_open" not in {one["kind"] for one in exchange.alarms(sender)}, (
        "the older notice is done too"
    )


def test_one_open_print_that_was_corrected_and_then_recalled_is_asked_for_once(made: Simulation) -> None:
    node, officer = printed(made)
    recall(made, "correct", ("title",))
    recall(made)
    assert kinds(node, officer) == ["destroy_copy"]
    recalls.settle(node, officer, recalls.mine(node, officer)[0].id, "not_made")
    assert kinds(node, officer) == []


@pytest.mark.parametrize(("action", "asked"), [("recall", 0), ("erase", 1)])
def test_an_erasure_reaches_the_sender_s_own_prints_and_a_recall_leaves_them(
    made: Simulation, action: str, asked: int
) -> None:
    sent = made.lines("report")[0].reference
    node, officer = printed(made, FR, sent)
    recall(made, action)
    assert len(recalls.mine(node, officer)) == asked


def test_a_print_of_a_copy_that_was_passed_on_is_counted_up_to_the_originator(made: Simulation) -> None:
    node, officer, draft = passed_on(made, hold_s=0)
    reports.send(node, officer, draft)
    rounds(made)
    (line,) = reports.outbox(node, officer)
    printed(made, UK, line.reference)
    there, reader = printed(made, FRONTEX)
    recall(made)
    rounds(made, seconds=901)
    sender, _ = made.officer(FR)
    message = made.lines("report")[0].message

    def open_at() -> dict[str, Any]:
        return {
            one.holder: one.open_copies for one in sender.store.read(lambda tx: copies.holders(tx, message))
        }

    assert open_at() == {UK: 1, FRONTEX: 1}
    recalls.settle(there, reader, recalls.mine(there, reader)[0].id, "destroyed")
    recalls.settle(node, officer, recalls.mine(node, officer)[0].id, "destroyed")
    rounds(made, seconds=901)
    rounds(made, seconds=901)
    assert open_at() == {UK: 0, FRONTEX: 0}


def test_of_what_was_recalled_no_print_is_made(made: Simulation) -> None:
    recall(made)
    node, officer = made.officer(UK)
    reports.open_message(node, officer, reference(made), purpose=PURPOSE, view=recalls.PRINT)
    assert recalls.of_message(node, officer, reference(made)) == []


# ------------------------------------------------------------------------------ open pages


@pytest.mark.parametrize("action", ["recall", "erase", "correct", "restrict"])
def test_each_notice_changes_the_mark_of_an_open_page_on_both_sides(made: Simulation, action: str) -> None:
    sides = [(*made.officer(UK), reference(made)), (*made.officer(FR), made.lines("report")[0].reference)]
    before = [recalls_told.mark(*one) for one in sides]
    assert before == [recalls_told.standing(*one).mark for one in sides]
    heard: list[str] = []
    for node, _, _ in sides:
        node.listeners.append(heard.append)
    codes = {"correct": ("title",), "restrict": ("no_onward",)}
    made.notify("report", action, codes.get(action, ()))
    assert "outbox" in heard, "whoever has it open at the sender is told at once"
    made.settle()
    assert "inbox" in heard
    after = [recalls_told.standing(*one) for one in sides]
    assert [one.mark for one in after] == [recalls_told.mark(*one) for one in sides]
    assert all(one.mark != old for one, old in zip(after, before, strict=True))
    theirs, ours = (one.notices[0] for one in after)
    assert theirs.by == FR and not theirs.is_own and ours.is_own and ours.by == sides[1][1].name
    assert after[0].has_words == (action in ("correct", "restrict"))
    assert after[1].has_words == (action != "erase")
