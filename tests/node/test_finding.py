"""Lists and search of a node on both databases: found by whoever may see it, and gone with its body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cordiale import payloads
from cordiale.exchange import boxes
from cordiale.node import Node, finding, keeping, looking, people, reading, reports, tables, waiting
from cordiale.node.papers import Draft
from cordiale.node.people import NewAccount, Officer
from cordiale.simulation import Simulation
from cordiale.store import search
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
PURPOSE = "prevent"


SIDES = {"UK": ("nca", "border-force"), "FR": ("oltim",)}


@pytest.fixture
def made() -> Iterator[Simulation]:
    """A British and a French node in memory."""
    with Simulation.of(SIDES, seed=5, at=NIGHT) as simulation:
        yield simulation
        assert simulation.audit() == []


@pytest.fixture
def both(url: str) -> Iterator[Simulation]:
    """The same, the British one on either database."""
    with Simulation.of(SIDES, seed=5, at=NIGHT, stores={"UK": url}) as simulation:
        yield simulation
        assert simulation.audit() == []


def report(words: str) -> dict[str, Any]:
    """An invented report that says these words."""
    held = intelligence()
    kind = payloads.TYPES["intelligence_report"]
    answers = {"case_reference": "FR-2026-77", "title": "Invented", "methods": words}
    return held | {"body": payloads.encode(payloads.fill(kind.models["report"], answers))}


def arrive(made: Simulation, *said: str, to: str = "UK/nca", name: str = "") -> None:
    """French reports of these words stand in the UK's in-tray."""
    for words in said:
        made.send("FR/oltim", report(words), to, name=name)
    made.step()
    made.settle()
    made.step()


def write(made: Simulation, words: str, party: str = "UK/nca") -> None:
    """A British report of these words, sent to France."""
    made.send(party, _ours(report(words), party), "FR/oltim")
    made.settle()
    made.step()


def _ours(paper: dict[str, Any], party: str) -> dict[str, Any]:
    paper["asks"]["item"]["origin"]["owner"] = party
    return paper


def hits(node: Node, officer: Officer, words: str, **more: Any) -> list[str]:
    """The references found."""
    return [one.reference for one in reports.search(node, officer, words, purpose=PURPOSE, **more)]


def found(made: Simulation, words: str, party: str = "UK/nca") -> int:
    """How many an authority's officer finds."""
    return len(hits(*made.officer(party), words))


def person(node: Node, role: str, authority: str) -> Officer:
    """Somebody invented with one role."""
    until = date(2027, 3, 1) if role.startswith("visiting_") else None
    new = NewAccount(
        f"{role}-{authority}".replace("_", "-"), "Invented", authority, frozenset({role}), until=until
    )
    return people.found_account(node, new, "three green harbour lamps", quick=True)[0]


# ------------------------------------------------------------------------------ the way of a report


def test_a_report_comes_is_listed_found_read_and_recalled(both: Simulation) -> None:
    arrive(both, "folded hulls in vans", name="hulls")
    write(both, "engines under a tarpaulin")
    node, officer = both.officer("UK/nca")
    (came,), (went,) = reports.inbox(node, officer), reports.outbox(node, officer)
    assert came.unread and went.state == "delivered"
    assert [one.line.reference for one in waiting.waiting(node, officer)] == [came.reference]
    assert hits(node, officer, "Hulls VANS") == [came.reference]
    assert hits(node, officer, "tarpaulin") == [went.reference]
    assert sorted(hits(node, officer, "invented")) == sorted([came.reference, went.reference])
    assert reports.open_message(node, officer, came.reference, purpose=PURPOSE).body
    assert waiting.waiting(node, officer) == [] and not reports.inbox(node, officer)[0].unread
    both.notify("hulls", "recall")
    both.settle()
    assert hits(node, officer, "hulls") == []
    assert {one.reference: one.state for one in reports.inbox(node, officer)}[came.reference] == "recalled"


def test_every_line_of_a_tray_is_shown_once_also_where_a_moment_has_several(both: Simulation) -> None:
    arrive(both, *(f"number {n}" for n in range(7)))
    node, officer = both.officer("UK/nca")
    node.store.write(lambda tx: tx.execute(update(tables.papers).values(at=NIGHT)))
    shown, before = list[str](), None
    while lines := reports.inbox(node, officer, limit=2, before=before):
        shown += [one.reference for one in lines]
        before = (lines[-1].at, lines[-1].reference)
    assert len(shown) == len(set(shown)) == 7


def test_whoever_covers_lists_several_authorities_as_one(both: Simulation) -> None:
    for n in range(3):
        arrive(both, f"number {n}")
        arrive(both, f"number {n}", to="UK/border-force")
    node, away = both.officer("UK/nca")
    other = people.officer(node, "border-force")
    waiting.cover(node, away, other.id, until=date(2026, 11, 23))
    lines = reports.inbox(node, other, limit=4)
    assert [one.at for one in lines] == sorted((one.at for one in lines), reverse=True)
    rest = reports.inbox(node, other, limit=4, before=(lines[-1].at, lines[-1].reference))
    assert len({one.reference for one in [*lines, *rest]}) == 6
    assert len(hits(node, other, "number")) == 6


# ------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("près de la jetée à Fécamp", "FECAMP jetee"),
        ("le cœur du port", "coeur"),
        ("the coeur of the port", "cœur"),
        ("von Müller gesehen", "Mueller"),
        ("seen by Mueller", "Müller"),
        ("Иванов был на пристани", "Ivanov"),
        ("seen: Ivanov", "ИВАНОВ"),
        ("Παπαδόπουλος στο λιμάνι", "Papadopoulos"),
        ("رأى مُحَمَّد المركب", "محمد"),
        ("رأى محمد المركب", "مُحَمَّد"),
        ("أحمد", "احمد"),
    ],
)
def test_a_name_is_found_in_another_spelling_or_script(said: str, asked: str) -> None:
    words = [finding.forms(word) for word in finding._words(said)]
    for word in finding._words(asked):
        assert any(finding.forms(word) & one for one in words), (said, word)


def test_names_in_other_scripts_are_found_where_they_were_written(both: Simulation) -> None:
    arrive(both, "Иванов et Fécamp", "رأى مُحَمَّد المركب")
    assert found(both, "ivanov") == found(both, "fecamp") == found(both, "محمد") == 1
    assert found(both, "petrov") == found(both, "fec") == 0


def test_a_text_of_more_words_than_the_index_takes_is_found_by_the_first_of_them(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MARKS_MAX", 12)
    arrive(made, " ".join(f"Иванов{n}" for n in range(40)))
    node, officer = made.officer("UK/nca")
    assert kept(node) <= 12 and len(hits(node, officer, "FR")) == 1
    assert len(waiting.waiting(node, officer)) == 1


def test_signs_and_no_words_find_nothing(made: Simulation) -> None:
    arrive(made, "folded hulls")
    assert found(made, "*") == found(made, '"%_') == 0


# ------------------------------------------------------------------------------ whose


def test_nobody_finds_or_counts_what_they_may_not_see(made: Simulation) -> None:
    arrive(made, "hulls")
    write(made, "hulls")
    node, officer = made.officer("UK/nca")
    visitor = person(node, "visiting_liaison", "nca")
    for other in (person(node, "officer", "border-force"), visitor):
        told = reports.find(node, other, "hulls", purpose=PURPOSE)
        assert told == reports.Findings()
    assert reports.find(node, officer, "hulls", purpose=PURPOSE).count == 2
    assert len(hits(node, person(node, "fundamental_rights", "border-force"), "hulls")) == 2


def test_a_visitor_finds_what_they_wrote(made: Simulation) -> None:
    node, _ = made.officer("UK/nca")
    visitor = person(node, "visiting_liaison", "nca")
    paper = _ours(report("my own words"), "UK/nca")
    node.settings = replace(node.settings, hold_s=600)
    reports.send(node, visitor, Draft(paper["type"], paper["body"], paper["asks"], ("FR/oltim",)))
    assert len(hits(node, visitor, "own words")) == 1


def test_the_marks_of_whose_it_is_say_what_the_tables_say(both: Simulation) -> None:
    arrive(both, "to nca")
    arrive(both, "to border force", to="UK/border-force")
    write(both, "of nca")
    write(both, "of border force", "UK/border-force")
    node, _ = both.officer("UK/nca")
    looking.look_on(node)
    readers = [
        *(people.officer(node, name) for name in ("nca", "border-force")),
        *(person(node, role, "nca") for role in ("visiting_observer", "supervisor")),
    ]
    for officer in readers:
        mine = reading.reach(node, officer)
        query = select(tables.papers.c.reference).where(mine.clause())
        may = set(node.store.read(lambda tx, asked=query: tx.execute(asked).scalars().all()))
        assert set(hits(node, officer, "invented")) == may, officer.login


# ------------------------------------------------------------------------------ very many


def test_a_common_word_is_walked_in_bounded_steps_and_every_hit_shown_once(
    both: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "STEPS_MAX", 4)
    monkeypatch.setattr(search, "COUNTED_MAX", 4)
    arrive(both, *(f"hulls number{n % 2}" for n in range(9)))
    node, officer = both.officer("UK/nca")
    looking.look_on(node)
    for words, expected in (("hulls", 9), ("hulls number1", 4)):
        shown, told = list[str](), reports.find(node, officer, words, purpose=PURPOSE, limit=3)
        assert told.is_more
        while True:
            shown += [one.reference for one in told.lines]
            if told.older is None:
                break
            told = reports.find(node, officer, words, purpose=PURPOSE, limit=3, before=told.older)
        assert len(shown) == len(set(shown)) == expected, words


def test_what_is_found_is_counted_so_far_and_no_further(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "COUNT_MAX", 3)
    arrive(made, *["hulls"] * 5)
    told = reports.find(*made.officer("UK/nca"), "hulls", purpose=PURPOSE, limit=2)
    assert (told.count, told.is_more, len(told.lines)) == (3, True, 2)


# ------------------------------------------------------------------------------ forgetting


def kept(node: Node) -> int:
    """How many postings the index holds."""
    count = select(func.count()).select_from(search.posting)
    return int(node.store.read(lambda tx: tx.execute(count).scalar_one()))


def test_what_was_recalled_leaves_the_index_in_that_very_act(both: Simulation) -> None:
    arrive(both, "hulls", name="hulls")
    node, _ = both.officer("UK/nca")
    assert kept(node)
    both.notify("hulls", "recall")
    both.nodes["FR"].courier.round()  # it arrives; the UK's keeper has not had a turn since
    gone = reports.inbox(*both.officer("UK/nca"))[0].reference
    assert node.store.read(lambda tx: search.known(tx, [gone])) == set()
    assert node.store.read(search.is_scrub_due)
    both.settle()
    keeping.keep(node)
    assert not node.store.read(search.is_scrub_due)


def test_an_undone_draft_and_an_erased_body_are_no_longer_found(made: Simulation) -> None:
    node, officer = made.officer("UK/nca")
    node.settings = replace(node.settings, hold_s=600)
    paper = _ours(report("tarpaulin"), "UK/nca")
    held = reports.send(node, officer, Draft(paper["type"], paper["body"], paper["asks"], ("FR/oltim",)))
    assert found(made, "tarpaulin") == 1
    assert reports.undo(node, officer, held.reference)
    assert found(made, "tarpaulin") == 0 == kept(node)


def test_what_is_recalled_while_it_is_looked_at_is_not_indexed(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, officer = made.officer("UK/nca")
    monkeypatch.setattr(looking, "look_on", lambda _: 0)
    arrive(made, "hulls")
    (line,) = reports.inbox(node, officer)
    marks = finding.marks

    def meanwhile(*given: Any) -> set[int]:
        node.store.write(lambda tx: tables.set_state(tx, line.reference, "recalled"))
        return marks(*given)

    monkeypatch.setattr(finding, "marks", meanwhile)
    assert looking.look(node) == 1
    assert kept(node) == 0 and waiting.waiting(node, officer) == []


def test_what_reached_its_day_is_neither_found_nor_indexed_again(made: Simulation) -> None:
    arrive(made, "hulls")
    node, officer = made.officer("UK/nca")
    (line,) = reports.inbox(node, officer)
    day = made.clock.now() - timedelta(days=1)
    node.store.write(lambda tx: boxes.restrict(tx, line.message, {}, erase_by=day))
    keeping.erase_due(node)
    assert kept(node) == 0
    node.store.write(tables.look_at_all)
    looking.look_on(node)
    assert found(made, "hulls") == 0 == kept(node)


# ------------------------------------------------------------------------------ the first look


def test_an_index_that_is_gone_is_made_anew_when_the_node_starts(both: Simulation) -> None:
    arrive(both, "hulls")
    node, officer = both.officer("UK/nca")
    for table in (search.posting, search.item):
        node.store.write(lambda tx, gone=table: tx.execute(gone.delete()))
    assert hits(node, officer, "hulls") == []
    node.seen.clear()
    keeping.keep(node)
    assert len(hits(node, officer, "hulls")) == 1
    assert len(waiting.waiting(node, officer)) == 1, "no task began twice"


def test_one_that_cannot_be_opened_is_told_and_holds_up_no_other(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, officer = made.officer("UK/nca")
    opened = looking._look_in
    broken: list[str] = []

    def one_is_odd(given: Node, row: Any) -> Any:
        if not broken or row.reference in broken:
            broken.append(row.reference)
            raise ValueError("odd")
        return opened(given, row)

    monkeypatch.setattr(looking, "_look_in", one_is_odd)
    arrive(made, "hulls", "hulls")
    assert len(hits(node, officer, "hulls")) == 1
    told = [one for one in node.store.read(boxes.alarms) if one.kind == "keeper"]
    assert [one.about for one in told] == [broken[0]] and "odd" in told[0].says
    assert node.store.read(lambda tx: tables.not_looked_at(tx, limit=5)) == []


def test_a_message_that_is_read_before_the_keeper_came_is_done(
    made: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, officer = made.officer("UK/nca")
    monkeypatch.setattr(looking, "look_on", lambda _: 0)
    arrive(made, "hulls")
    (line,) = reports.inbox(node, officer)
    reports.open_message(node, officer, line.reference, purpose=PURPOSE)
    monkeypatch.undo()
    assert looking.look_on(node) == 0 and waiting.waiting(node, officer) == []


def test_a_recall_finds_what_passed_a_message_on_without_opening_the_rest(both: Simulation) -> None:
    write(both, "ours alone")
    node, _ = both.officer("UK/nca")
    assert node.store.read(lambda tx: tables.passing_on(tx, "sha256:another")) == []
    # One that was kept before it was kept what it passes on is opened, and then known.
    node.store.write(lambda tx: tx.execute(update(tables.papers).values(about=None)))
    assert len(node.store.read(lambda tx: tables.passing_on(tx, "sha256:another"))) == 1
    node.store.write(tables.look_at_all)
    looking.look_on(node)
    assert node.store.read(lambda tx: tables.passing_on(tx, "sha256:another")) == []
