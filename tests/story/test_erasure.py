"""Erasure, recall and retention leave no word and no sealed byte in any file; the ledger still proves what
happened. All persons are invented.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from cordiale.demo import papers
from cordiale.exchange import boxes
from cordiale.exchange import tables as exchange_tables
from cordiale.node import Node, attachments, drafts, erasing, keeping, ledger, reports
from cordiale.node.audit import audit
from cordiale.node.papers import Draft
from cordiale.simulation import Simulation
from cordiale.store.chunks import chunk

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SIDES = {"FR": ["police-judiciaire"], "UK": ["home-office"]}
WORD = "Exempel"
FILE = b"an invented harbour plan " * 9000


def on_disk(folder: Path) -> bytes:
    """Every byte of every file: databases, write-ahead logs, indexes, spools, exports."""
    return b"".join(one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Simulation]:
    """France sends a report with a file; the UK has both, indexed."""
    with Simulation.of(SIDES, seed=5, at=AT, folder=tmp_path) as simulation:
        node, officer = simulation.officer("FR/police-judiciaire")
        paper = papers.network_report(AT)
        draft = Draft(paper["type"], paper["body"], paper["asks"], ("UK/home-office",))
        kept = drafts.save_draft(node, officer, draft)
        if attachments.takes_files(kept):
            id = attachments.attach(node, officer, kept.reference, name="plan.txt", content=FILE)
            attachments.state_attachment(node, officer, kept.reference, id, holds=["place"])
        held = reports.send(node, officer, drafts.open_draft(node, officer, kept.reference))
        simulation.sent["report"] = ("FR/police-judiciaire", held.reference)
        for _ in range(3):
            simulation.settle()
            simulation.step(31)
        yield simulation


def stretches(node: Node, table: Any, column: str) -> list[bytes]:
    """A stretch from the middle of each sealed value that a table holds."""
    query = select(table.c[column])
    rows = node.store.read(lambda tx: list(tx.execute(query).scalars()))
    return [bytes(raw[len(raw) // 2 : len(raw) // 2 + 120]) for raw in rows if raw and len(raw) > 400]


def sealed_of(simulation: Simulation) -> list[bytes]:
    """What each database holds of the message: sealed letter on both sides, and every chunk."""
    fr, uk = simulation.nodes["FR"], simulation.nodes["UK"]
    found = stretches(fr, exchange_tables.outbox, "sealed") + stretches(uk, exchange_tables.inbox, "raw")
    return found + stretches(fr, chunk, "raw") + stretches(uk, chunk, "raw")


def rounds(simulation: Simulation) -> None:
    for _ in range(4):
        simulation.settle()
        simulation.step(61)


@pytest.mark.sqlite("looks into the bytes of SQLite's own file and log")
@pytest.mark.parametrize("action", ["erase", "recall"])
def test_erasure_and_recall_leave_no_sealed_byte_no_word_and_a_whole_proof(
    made: Simulation, tmp_path: Path, action: str
) -> None:
    uk, officer = made.officer("UK/home-office")
    line = made.came("UK/home-office", "report")
    before = ledger.story(uk, line.message)
    sealed = sealed_of(made)
    held = on_disk(tmp_path)
    assert len(sealed) >= 2 and all(one in held for one in sealed)
    assert len(reports.search(uk, officer, WORD, purpose="a test")) == 1

    made.notify("report", action)
    rounds(made)

    act = "recall" if action == "recall" else "correction"
    assert made.held("report") == [f"UK/home-office {act} applied"]
    assert reports.search(uk, officer, WORD, purpose="a test") == []
    assert reports.open_message(uk, officer, line.reference, purpose="a test").body == {}
    assert ledger.story(uk, line.message)[: len(before)] == before
    for node in made.nodes.values():
        assert ledger.verified(ledger.exported(node))["ok"]
        assert audit(node).wrong == ()
    left = on_disk(tmp_path)
    assert WORD.encode() not in left and FILE[:100] not in left
    keeps = stretches(made.nodes["FR"], chunk, "raw")
    gone = [one for one in sealed if action == "erase" or one not in keeps]
    assert [one for one in gone if one in left] == []


def test_the_sender_keeps_no_sealed_copy_of_what_was_recalled_once_that_is_acknowledged(
    made: Simulation,
) -> None:
    fr = made.nodes["FR"]
    message = made.lines("report")[0].message
    made.sea.down.add(made.nodes["UK"].id)
    made.notify("report", "recall")
    made.step()
    query = exchange_tables.outbox.select().where(exchange_tables.outbox.c.id == message)
    assert fr.store.read(lambda tx: tx.execute(query).one()).sealed  # the partner has not heard of it yet
    made.sea.down.clear()
    for _ in range(10):
        made.step(61)
    row = fr.store.read(lambda tx: tx.execute(query).one())
    assert row.sealed == b"" and row.receipt and row.header
    assert "erasure" in [one["kind"] for one in ledger.story(fr, message)]
    assert audit(fr).wrong == ()


def test_nobody_can_try_out_the_words_of_what_was_erased(made: Simulation) -> None:
    fr, message = made.nodes["FR"], made.lines("report")[0].message
    sent = next(one["index"] for one in ledger.story(fr, message) if one["kind"] == "sent")
    assert "question" in fr.store.read(lambda tx: fr.log.salts(tx, sent))
    made.notify("report", "erase")
    assert "question" not in fr.store.read(lambda tx: fr.log.salts(tx, sent))


def test_what_is_past_its_retention_leaves_no_sealed_byte_on_either_side(
    made: Simulation, tmp_path: Path
) -> None:
    until = AT + timedelta(days=30)
    for node, table in ((made.nodes["FR"], "node_paper"), (made.nodes["UK"], "exchange_inbox")):
        statement = f"UPDATE {table} SET erase_by = '{until.replace(tzinfo=None).isoformat(' ')}'"
        node.store.write(partial(Connection.exec_driver_sql, statement=statement))
    sealed = sealed_of(made)
    made.clock.step(86_400 * 31)
    rounds(made)
    left = on_disk(tmp_path)
    assert [one for one in sealed if one in left] == []
    assert WORD.encode() not in left
    for node in made.nodes.values():
        assert not [one for one in audit(node).wrong if "bound by less" not in one]


def test_a_partner_that_lost_a_recalled_message_is_not_sent_it_again(made: Simulation) -> None:
    """It restored a backup that is older than the message: a person asks it to go on without."""
    fr, uk = made.nodes["FR"], made.nodes["UK"]
    made.notify("report", "recall")
    rounds(made)
    uk.store.write(lambda tx: tx.exec_driver_sql("DELETE FROM exchange_inbox"))
    uk.store.write(lambda tx: tx.exec_driver_sql("DELETE FROM exchange_lane"))
    made.send("FR/police-judiciaire", papers.network_report(AT), "UK/home-office", name="next")
    for _ in range(4):
        made.step(400)
    stand = made.stand("FR/police-judiciaire")
    assert "its bytes are destroyed" in stand["out"]
    assert uk.store.read(lambda tx: tx.exec_driver_sql("SELECT count(*) FROM exchange_inbox").scalar()) == 0
    assert "no_decision" not in {one.kind for one in fr.store.read(boxes.alarms)}


@pytest.mark.sqlite("looks into the bytes of SQLite's own file and log")
def test_the_log_of_the_database_is_emptied_after_an_erasure_and_each_minute(
    made: Simulation, tmp_path: Path
) -> None:
    uk = made.nodes["UK"]
    log = tmp_path / "UK.db-wal"
    erasing.scrub(uk)
    assert erasing.scrub(uk) is False
    made.notify("report", "recall")
    made.settle()
    keeping.keep(uk)
    assert log.stat().st_size == 0
    made.clock.step(61)
    assert erasing.scrub(uk) is True


@pytest.mark.sqlite("looks into the bytes of SQLite's own file and log")
def test_a_reader_that_looks_at_old_pages_puts_the_emptying_off(made: Simulation) -> None:
    uk = made.nodes["UK"]
    made.notify("report", "recall")
    made.settle()

    def look(tx: Any) -> bool:
        tx.exec_driver_sql("SELECT count(*) FROM exchange_inbox").scalar()
        uk.store.write(lambda other: other.exec_driver_sql("UPDATE exchange_lane SET sequence = sequence"))
        uk.scrubbed = -1
        return erasing.scrub(uk)

    assert uk.store.read(look) is False
    assert erasing.scrub(uk) is True
