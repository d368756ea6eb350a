"""The auditor: whole nodes have no findings; what somebody with a database prompt did is found and named."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection

from cordiale.demo import papers
from cordiale.node import Node, people, reports
from cordiale.node.audit import audit
from cordiale.simulation import Simulation
from tests.web.pages import intelligence

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
SIDES = {"UK": ("border-force", "nca", "hm-coastguard"), "FR": ("oltim", "cross-gris-nez")}


@pytest.fixture(scope="module")
def night() -> Iterator[Simulation]:
    """Two reports, one of them recalled; a distress call, confirmed; a visitor."""
    with Simulation.of(SIDES, seed=9, at=NIGHT) as simulation:
        simulation.send("FR/oltim", intelligence(), "UK/nca", name="kept")
        simulation.send("FR/oltim", intelligence(), "UK/nca", name="gone")
        simulation.open_distress("FR/cross-gris-nez", papers.distress_call(NIGHT))
        simulation.settle()
        simulation.confirm("UK/hm-coastguard")
        simulation.notify("gone", "recall")
        simulation.settle()
        simulation.step()
        visitor = people.NewAccount(
            "visitor", "Invented Visitor", "nca", frozenset({"visiting_observer"}), until=date(2027, 3, 1)
        )
        people.found_account(simulation.nodes["UK"], visitor, "four invented words together", quick=True)
        yield simulation


@pytest.fixture
def made(night: Simulation) -> Iterator[Simulation]:
    """The same night for every test: what one did by hand is undone after it."""
    kept = {side: sqlite3.connect(":memory:") for side in night.nodes}
    for side, node in night.nodes.items():
        with node.store.maintenance() as connection:
            _driver(connection).backup(kept[side])
    yield night
    for side, node in night.nodes.items():
        with node.store.maintenance() as connection:
            kept[side].backup(_driver(connection))
        kept[side].close()


def _driver(connection: Connection) -> sqlite3.Connection:
    held = connection.connection.driver_connection
    assert isinstance(held, sqlite3.Connection)
    return held


def sql(node: Node, *statements: str) -> None:
    """What somebody with a database prompt types."""
    with node.store.maintenance() as connection:
        for one in ("PRAGMA foreign_keys=OFF", *statements, "PRAGMA foreign_keys=ON"):
            connection.exec_driver_sql(one)


def names(simulation: Simulation) -> dict[str, str]:
    """The ids that the findings are to name."""
    kept, gone = simulation.came("UK/nca", "kept").message, simulation.came("UK/nca", "gone").message
    visitor = people.officer(simulation.nodes["UK"], "visitor").id
    call = simulation.nodes["UK"].store.read(
        lambda tx: tx.exec_driver_sql("SELECT reference FROM node_distress").scalar_one()
    )
    return {"kept": kept, "gone": gone, "visitor": visitor, "call": call}


def test_a_night_with_a_recall_a_distress_call_and_a_visitor_has_no_findings(made: Simulation) -> None:
    assert made.audit() == []


# name -> (node, statement with the names above, what a finding says)
BY_HAND: dict[str, tuple[str, str, str]] = {
    "a message that came is deleted": (
        "UK",
        "DELETE FROM exchange_inbox WHERE id = '{kept}'",
        "tells of `{kept}`, which is not in the inbox",
    ),
    "a refusal is made of an acceptance": (
        "UK",
        "UPDATE exchange_inbox SET outcome = 'refused' WHERE id = '{kept}'",
        "`{kept}` says outcome refused",
    ),
    "another partner is named": (
        "UK",
        "UPDATE exchange_inbox SET peer = 'x' WHERE id = '{kept}'",
        "`{kept}` says peer x",
    ),
    "another type is named": (
        "UK",
        "UPDATE exchange_inbox SET type = 'practice_note' WHERE id = '{kept}'",
        "`{kept}` says type practice_note",
    ),
    "another sender is named": (
        "UK",
        "UPDATE exchange_inbox SET sender = 'AL/al-police' WHERE id = '{kept}'",
        "`{kept}` says sender AL/al-police",
    ),
    "another agreement of receipt is named": (
        "UK",
        "UPDATE exchange_inbox SET received_under = 'other/1' WHERE id = '{kept}'",
        "received under other/1",
    ),
    "its restrictions are loosened": (
        "UK",
        "UPDATE exchange_inbox SET restrictions = json_set(restrictions, '$.onward', 'free')"
        " WHERE id = '{kept}'",
        "`{kept}` is bound by less",
    ),
    "its restrictions are nonsense": (
        "UK",
        "UPDATE exchange_inbox SET restrictions = json_set(restrictions, '$.x', 1) WHERE id = '{kept}'",
        "`{kept}` is bound by less",
    ),
    "its day of erasure is put off": (
        "UK",
        "UPDATE exchange_inbox SET erase_by = '2099-01-01 00:00:00' WHERE id = '{kept}'",
        "bound by less",
    ),
    "its bytes are emptied": (
        "UK",
        "UPDATE exchange_inbox SET raw = x'' WHERE id = '{kept}'",
        "bytes of `{kept}` are gone",
    ),
    "its bytes are those of another": (
        "UK",
        "UPDATE exchange_inbox SET raw ="
        " (SELECT raw FROM exchange_inbox WHERE type = 'distress_incident' LIMIT 1) WHERE id = '{kept}'",
        "bytes of `{kept}` are not those that came",
    ),
    "its bytes are text": (
        "UK",
        "UPDATE exchange_inbox SET raw = 'nothing' WHERE id = '{kept}'",
        "bytes of `{kept}` are not those that came",
    ),
    "what was recalled is put back": (
        "UK",
        "UPDATE exchange_inbox SET raw = (SELECT raw FROM exchange_inbox WHERE id = '{kept}')"
        " WHERE id = '{gone}'",
        "`{gone}` says it was erased, and its bytes are here",
    ),
    "a message that left is deleted": (
        "FR",
        "DELETE FROM exchange_outbox WHERE id = '{kept}'",
        "tells of `{kept}`, which is not in the outbox",
    ),
    "it went to somebody else": (
        "FR",
        "UPDATE exchange_outbox SET recipient = 'UK/hm-coastguard' WHERE id = '{kept}'",
        "`{kept}` says recipient UK/hm-coastguard",
    ),
    "it says refused": (
        "FR",
        "UPDATE exchange_outbox SET state = 'refused' WHERE id = '{kept}'",
        "`{kept}` says refused",
    ),
    "its receipt is thrown away": (
        "FR",
        "UPDATE exchange_outbox SET receipt = NULL WHERE id = '{kept}'",
        "`{kept}` does not hold the receipt",
    ),
    "it says it was decided elsewhere": (
        "FR",
        "UPDATE exchange_outbox SET decision = 1 WHERE id = '{kept}'",
        "decided in entry 1",
    ),
    "its sealed bytes are emptied": (
        "FR",
        "UPDATE exchange_outbox SET sealed = x'' WHERE id = '{kept}'",
        "`{kept}` to UK/nca has none",
    ),
    "an incident is deleted": (
        "UK",
        "DELETE FROM node_distress",
        "incident `{call}` is in the ledger and not on the pages",
    ),
    "an incident is closed by nobody": (
        "UK",
        "UPDATE node_distress SET state = 'closed'",
        "`{call}` says closed; by the ledger it was closed by nobody",
    ),
    "an incident is not confirmed any more": (
        "UK",
        "UPDATE node_distress SET confirmed_by = ''",
        "incident `{call}`: who confirmed it",
    ),
    "an incident came from somebody else": (
        "UK",
        "UPDATE node_distress SET other = 'FR/other'",
        "incident `{call}` says it came from FR/other",
    ),
    "the words of an incident are changed": (
        "UK",
        "UPDATE node_distress SET body = x'00'",
        "words of incident `{call}` do not open",
    ),
    "an incident is invented": (
        "UK",
        "INSERT INTO node_distress (reference, state, at, opened_by, other, message_id, confirmed_by,"
        " closed_by, defects, sent_to, body)"
        " SELECT 'abcdef0123456789', 'received', at, opened_by, other, '', '', '',"
        " defects, sent_to, body FROM node_distress",
        "`abcdef0123456789` is on the pages and not in the ledger",
    ),
    "an account gets a role": (
        "UK",
        "UPDATE officer SET roles = 'administrator' WHERE id = '{visitor}'",
        "`{visitor}` says roles administrator",
    ),
    "a visit has no end": (
        "UK",
        "UPDATE officer SET until = '' WHERE id = '{visitor}'",
        "`{visitor}` says valid_until none",
    ),
    "an account moves to another authority": (
        "UK",
        "UPDATE officer SET authority = 'hm-coastguard' WHERE id = '{visitor}'",
        "`{visitor}` says authority hm-coastguard",
    ),
    "an account is deleted": (
        "UK",
        "DELETE FROM officer WHERE id = '{visitor}'",
        "account `{visitor}` is in the ledger and not in the table",
    ),
    "an account is closed by nobody": (
        "UK",
        "UPDATE officer SET closed_at = '2026-11-22 04:00:00' WHERE id = '{visitor}'",
        "`{visitor}` is closed",
    ),
    "an account is invented": (
        "UK",
        "INSERT INTO officer (id, login, name, authority, roles)"
        " SELECT 'stranger', 'stranger', name, authority, roles FROM officer WHERE id = '{visitor}'",
        "account `stranger` is in the table and not in the ledger",
    ),
    "the tail of the ledger is cut": (
        "UK",
        "DELETE FROM ledger_entries WHERE entry_index > 4",
        "head: it says size",
    ),
    "a leaf becomes text": (
        "UK",
        "UPDATE ledger_entries SET leaf = 'nothing' WHERE entry_index = 3",
        "entry 3: its leaf is text",
    ),
    "the head is text": ("UK", "UPDATE ledger_head SET peaks = 'nothing'", "the ledger is whole: head"),
    "a note is a number": ("UK", "UPDATE ledger_checkpoints SET note = 7", "the ledger is whole: checkpoint"),
    "the whole ledger is gone": ("UK", "DELETE FROM ledger_entries", "the ledger is whole: head"),
    "a time is nonsense": ("UK", "UPDATE node_distress SET at = 'never'", "could not be finished"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_what_was_done_by_hand_is_found_and_named_and_nothing_is_raised(made: Simulation, what: str) -> None:
    side, statement, says = BY_HAND[what]
    known = names(made)
    sql(made.nodes[side], statement.format(**known))
    wrong = audit(made.nodes[side]).wrong
    assert any(says.format(**known) in one for one in wrong), wrong


def test_a_missing_tile_of_a_long_ledger_is_a_finding(made: Simulation) -> None:
    node, officer = made.officer("UK/nca")
    reference = made.came("UK/nca", "kept").reference
    for _ in range(260):
        reports.open_message(node, officer, reference, purpose="a test")
    assert audit(node).ok
    sql(node, "DELETE FROM ledger_tile_hashes")
    wrong = audit(node).wrong
    assert any("tile hash 1/0" in one for one in wrong)


def test_a_check_that_cannot_be_finished_does_not_silence_the_others(made: Simulation) -> None:
    known = names(made)
    sql(
        made.nodes["UK"],
        "UPDATE node_distress SET at = 'never'",
        f"UPDATE officer SET roles = 'administrator' WHERE id = '{known['visitor']}'",
    )
    wrong = audit(made.nodes["UK"]).wrong
    assert any("could not be finished" in one for one in wrong)
    assert any(known["visitor"] in one for one in wrong)
