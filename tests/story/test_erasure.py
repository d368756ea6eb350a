"""Erasure leaves no word in store, index or write-ahead log; the ledger still proves what happened."""

from datetime import UTC, datetime
from pathlib import Path

from cordiale.demo import papers
from cordiale.node import ledger, reports
from cordiale.node.audit import audit
from cordiale.simulation import Simulation

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
SIDES = {"FR": ["police-judiciaire"], "UK": ["home-office"]}
WORD = "Exempel"


def on_disk(folder: Path) -> bytes:
    """Every byte of every database file, write-ahead logs included."""
    return b"".join(one.read_bytes() for one in sorted(folder.iterdir()) if ".db" in one.name)


def test_erasure_leaves_no_sealed_byte_no_word_and_a_whole_proof(tmp_path: Path) -> None:
    with Simulation.of(SIDES, seed=5, at=AT, folder=tmp_path) as simulation:
        simulation.send("FR/police-judiciaire", papers.network_report(AT), "UK/home-office", name="report")
        simulation.settle()
        simulation.step()
        uk, officer = simulation.officer("UK/home-office")
        line = simulation.came("UK/home-office", "report")
        before = ledger.story(uk, line.message)
        sealed = simulation_sealed(simulation, line.message)
        assert sealed in on_disk(tmp_path)
        assert len(reports.search(uk, officer, WORD, purpose="a test")) == 1

        simulation.notify("report", "erase")
        simulation.settle()
        simulation.step()

        assert simulation.held("report") == ["UK/home-office correction applied"]
        assert reports.search(uk, officer, WORD, purpose="a test") == []
        assert ledger.story(uk, line.message)[: len(before)] == before
        for node in simulation.nodes.values():
            assert ledger.verified(ledger.exported(node))["ok"]
            assert audit(node).wrong == ()
        kept = simulation.nodes["UK"].store.read(
            lambda tx: tx.exec_driver_sql(
                "SELECT count(*) FROM exchange_inbox WHERE length(raw) > 0"
            ).scalar()
        )
        assert kept == 1  # the notice itself, and nothing else
        uk_files = [one for one in tmp_path.iterdir() if one.name.startswith("UK.db")]
        assert WORD.encode() not in on_disk(tmp_path)
        with uk.store.maintenance() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert sealed not in b"".join(one.read_bytes() for one in uk_files if one.exists())


def simulation_sealed(simulation: Simulation, message: str) -> bytes:
    """A stretch from the middle of the sealed message, as the UK's store holds it."""
    raw = simulation.nodes["UK"].store.read(
        lambda tx: tx.exec_driver_sql("SELECT raw FROM exchange_inbox WHERE id = ?", (message,)).scalar_one()
    )
    middle = len(raw) // 2
    return bytes(raw[middle : middle + 200])
