"""The failed box: what may be done about each entry, by whom, and that nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cordiale.errors import AccountError, ExchangeError, RequestError
from cordiale.exchange import boxes, tables
from cordiale.node import attachments, drafts, effects, exchange, mending, people, reports
from cordiale.node.papers import Draft
from cordiale.simulation import Simulation
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)


@pytest.fixture
def made() -> Iterator[Simulation]:
    with Simulation.of({"UK": ("nca",), "FR": ("oltim",)}, seed=3, at=NIGHT) as simulation:
        for node in simulation.nodes.values():
            new = people.NewAccount(
                "kit", "Kit Example (invented)", node.authorities[0], frozenset({"supervisor"})
            )
            people.found_account(node, new, "three green harbour lamps")
        yield simulation
        assert simulation.audit() == []


def kit(made: Simulation, side: str) -> tuple[Any, Any]:
    node = made.nodes[side]
    return node, people.officer(node, "kit")


def stuck(made: Simulation) -> None:
    """France's first message is spoilt on its disk; two wait behind it."""
    for name in ("first", "second", "third"):
        made.send("FR/oltim", intelligence(), "UK/nca", name=name)
    node, _ = kit(made, "FR")

    def spoil(tx: Any) -> None:
        c = tables.outbox.c
        row = tx.execute(tables.outbox.select().order_by(c.sequence).limit(1)).one()
        tx.execute(
            tables.outbox.update().where(c.id == row.id).values(signature={**row.signature, "size": 7})
        )

    node.store.write(spoil)
    made.step()


def test_a_stuck_lane_goes_on_when_a_person_on_each_side_says_so(made: Simulation) -> None:
    stuck(made)
    (ours, asker), (theirs, agreer) = kit(made, "FR"), kit(made, "UK")
    (one,) = mending.aside(ours, asker)
    assert set(one.ways) == {mending.CARRY, mending.GO_ON, mending.ANEW} and not one.asked
    with pytest.raises(RequestError, match="say why"):
        mending.ask_to_go_on(ours, asker, one.id, reason=" ")
    mending.ask_to_go_on(ours, asker, one.id, reason="spoilt on our disk")
    assert mending.aside(ours, asker)[0].asked
    made.step(400)
    made.step(400)
    assert reports.inbox(theirs, agreer) == [], "nobody there has agreed yet"
    assert "lane_asked" in {alarm["kind"] for alarm in exchange.alarms(theirs)}
    (asking,) = mending.aside(theirs, agreer)
    assert asking.ways == (mending.AGREE,) and asking.reference == ""
    mending.agree(theirs, agreer, asking.id)
    for _ in range(4):
        made.step(400)
    assert len(reports.inbox(theirs, agreer)) == 2
    assert mending.aside(ours, asker) == [] == mending.aside(theirs, agreer)


def test_what_could_not_go_is_written_anew_with_its_words_and_its_files(made: Simulation) -> None:
    node, officer = kit(made, "FR")
    held = intelligence()
    saved = drafts.save_draft(node, officer, Draft(held["type"], held["body"], held["asks"], ("UK/nca",)))
    id = attachments.attach(node, officer, saved.reference, name="van.jpg", content=b"invented")
    attachments.state_attachment(node, officer, saved.reference, id, holds=["method"])
    draft = drafts.open_draft(node, officer, saved.reference)
    reports.send(node, officer, draft)
    (line,) = reports.outbox(node, officer)
    node.store.write(
        lambda tx: boxes.set_aside(
            tx, boxes.OUT, line.reference, reason="invented", at=made.clock.now(), reference=line.reference
        )
    )
    (one,) = mending.aside(node, officer)
    assert mending.ANEW in one.ways
    again = drafts.open_draft(node, officer, mending.anew(node, officer, one.id))
    assert again.body == draft.body and again.recipients == ("UK/nca",)
    (file,) = attachments.files_of(node, again)
    assert file.whole and file.stated and file.name == "van.jpg" and file.id != id


def test_what_this_node_could_not_take_is_taken_by_a_named_person(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: object) -> None:
        raise LookupError("an invented fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(effects, "list_received", stumbles)
        made.send("FR/oltim", intelligence(), "UK/nca")
        for _ in range(5):
            made.step(400)
    node, officer = kit(made, "UK")
    (one,) = mending.aside(node, officer)
    assert one.ways == (mending.TAKE,) and one.direction == "in"
    mending.take(node, officer, one.id)
    assert len(reports.inbox(node, officer)) == 1 and mending.aside(node, officer) == []


def test_only_who_may_release_mends_and_only_what_they_may_see(made: Simulation) -> None:
    stuck(made)
    node, officer = kit(made, "FR")
    (one,) = mending.aside(node, officer)
    _, plain = made.officer("FR/oltim")
    assert [entry.id for entry in mending.aside(node, plain)] == [one.id]
    visitor = people.NewAccount(
        "vic",
        "Vic Example (invented)",
        "oltim",
        frozenset({"visiting_observer"}),
        until=NIGHT.date().replace(year=2027),
    )
    people.found_account(node, visitor, "three green harbour lamps")
    for act in (mending.take, mending.agree, mending.anew):
        with pytest.raises(AccountError):
            act(node, people.officer(node, "vic"), one.id)
        with pytest.raises(ExchangeError, match="not an open entry"):
            act(node, officer, one.id + 77)
