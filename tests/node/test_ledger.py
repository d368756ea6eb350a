"""What a court gets: the whole ledger, one exchange, or a span of days; checked by two programs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cordiale.errors import LedgerError, UsageError
from cordiale.ledger import commitment_digest
from cordiale.node import Node, ledger, reports
from cordiale.node.ledger import Part
from cordiale.simulation import Simulation
from cordiale.world import SystemDisk
from tests.ledger.scene import second_verifier
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> Iterator[Simulation]:
    """One report a day for three days; the second is recalled."""
    with Simulation.of({"UK": ("nca",), "FR": ("oltim",)}, seed=4, at=NIGHT) as simulation:
        for name in ("first", "second", "third"):
            simulation.send("FR/oltim", intelligence(), "UK/nca", name=name)
            simulation.settle()
            if name == "second":
                simulation.notify(name, "recall")
                simulation.settle()
            simulation.clock.step(86_400)
        yield simulation


def exported(node: Node, part: Part = ledger.WHOLE) -> bytes:
    file = Path("/made/export")
    told = ledger.export_to(node, file, part)
    raw: bytes = node.world.disk.read(file)
    assert told["bytes"] == len(raw)
    return raw


def by_both(raw: bytes) -> dict[str, int]:
    """How many of each line, when both verifiers hold it to be true."""
    first = ledger.verified(raw)
    assert first["ok"], first
    second = second_verifier().check(raw.splitlines(keepends=True))
    assert (first["entries"], first["receipts"]) == (second["lines"]["entry"], second["lines"]["receipt"])
    assert (first["about"], first["size"]) == (second["about"], second["size"])
    counts: dict[str, int] = second["lines"]
    return counts


@pytest.mark.parametrize("side", ["UK", "FR"])
def test_the_whole_ledger_is_proved_to_both_verifiers(made: Simulation, side: str) -> None:
    node = made.nodes[side]
    assert by_both(exported(node))["entry"] == ledger.size(node)
    assert ledger.checked(node)["entries"] == ledger.size(node)


def test_one_exchange_is_a_small_file_with_the_partner_s_receipt(made: Simulation) -> None:
    node, message = made.nodes["FR"], made.lines("first")[0].message
    raw = exported(node, Part(message))
    counts = by_both(raw)
    assert counts["receipt"] == 1 and 2 <= counts["entry"] < 8
    assert len(raw) < 120_000
    assert ledger.verified(raw)["about"] == message


def test_what_was_recalled_says_so_in_its_own_proof(made: Simulation) -> None:
    for side in ("FR", "UK"):
        raw = exported(made.nodes[side], Part(made.lines("second")[0].message))
        by_both(raw)
        assert b'\\"kind\\":\\"recall\\"' in raw


def test_the_receiver_s_proof_of_the_same_exchange_holds_too(made: Simulation) -> None:
    raw = exported(made.nodes["UK"], Part(made.came("UK/nca", "first").message))
    assert by_both(raw)["entry"] >= 1


def test_a_span_of_days_holds_what_was_entered_in_it_and_nothing_else(made: Simulation) -> None:
    node = made.nodes["FR"]
    day = timedelta(days=1)
    midnight = NIGHT.replace(hour=0, minute=0)
    spans = [
        by_both(exported(node, Part(from_at=midnight + day * n, to_at=midnight + day * (n + 1))))["entry"]
        for n in range(3)
    ]
    assert all(spans) and sum(spans) == by_both(exported(node))["entry"]
    assert by_both(exported(node, Part(from_at=midnight + day)))["entry"] == sum(spans[1:])
    assert by_both(exported(node, Part(to_at=midnight + day)))["entry"] == spans[0]


@pytest.mark.parametrize("part", [Part("sha256:" + "0" * 64), Part(from_at=NIGHT + timedelta(days=900))])
def test_what_is_not_there_is_said_not_to_be_there(made: Simulation, part: Part) -> None:
    with pytest.raises(LedgerError, match="no such entry"):
        exported(made.nodes["FR"], part)


def test_verifying_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    for file in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="no file"):
            ledger.verify_file(file, SystemDisk())


def test_a_cut_file_is_told_with_its_line(made: Simulation, tmp_path: Path) -> None:
    raw = exported(made.nodes["FR"])
    (tmp_path / "cut").write_bytes(raw[: len(raw) // 2])
    found = ledger.verify_file(tmp_path / "cut", SystemDisk())
    assert found["ok"] is False and found["wrong"].startswith("line ")


def test_a_partner_whose_card_does_not_hold_does_not_spoil_the_file() -> None:
    with Simulation.of({"UK": ("nca",), "FR": ("oltim",)}, seed=4, at=NIGHT) as simulation:
        node = simulation.nodes["FR"]
        own = node.keys.side.to_bytes()
        node.store.write(lambda tx: tx.exec_driver_sql("UPDATE exchange_peer SET side_key = ?", (own,)))
        assert by_both(exported(node))["entry"] == ledger.size(node)


def test_every_reading_is_an_entry_with_its_purpose_committed_to(made: Simulation) -> None:
    node, officer = made.officer("UK/nca")
    line = made.came("UK/nca", "first")
    before = ledger.size(node)
    reports.open_message(node, officer, line.reference, purpose="an invented purpose")
    read = node.store.read(lambda tx: node.log.entry(tx, before))
    assert (str(read.kind), read.facts["officer"], read.facts["message"]) == (
        "read",
        officer.id,
        line.message,
    )
    salt = node.store.read(lambda tx: node.log.salts(tx, before))["purpose"]
    assert read.commitments["purpose"].digest == commitment_digest("purpose", "an invented purpose", salt)
