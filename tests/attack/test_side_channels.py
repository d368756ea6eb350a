"""What if somebody reads what lies around: trays, columns, sizes? Nothing there tells who is protected.

All persons are invented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, select, text

from cordiale.demo import papers
from cordiale.exchange import boxes
from cordiale.ledger.entry import commitment_digest
from cordiale.ledger.tables import salts
from cordiale.node import Node, reports
from cordiale.node.papers import Draft
from cordiale.node.people import Officer
from cordiale.seals import canonical, digest
from cordiale.simulation import Simulation
from tests.node.test_reads_by_authority import PURPOSE, person

NIGHT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
TELLS = ("Refugee", "ECHR", "Trafficking", "EBCG", "claim_pending", "minor", "protect")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Simulation]:
    sides = {"FR": ("police-judiciaire",), "UK": ("home-office",)}
    with Simulation.of(sides, seed=3, at=NIGHT, folder=tmp_path) as simulation:
        yield simulation
        assert simulation.audit() == []


def about(**said: Any) -> Draft:
    """An invented report about one person, of whom these things are stated."""
    paper = papers.network_report(NIGHT)
    asks = {**paper["asks"], "subjects": [papers.known_nobody_protected("s1", "IQ") | said]}
    return Draft(paper["type"], paper["body"], asks, ("UK/home-office",))


B64 = "[A-Za-z0-9+/=_-]"
LOCKED = re.compile(rf"(?<!{B64})(?={B64}*?[a-z])(?={B64}*?[A-Z])(?={B64}*?[0-9]){B64}{{16,}}")


def readable(value: object) -> str:
    """What somebody with a database prompt can read of a value: of what is locked, nothing.

    Ciphertext is random, so any four letters stand in it sooner or later: bytes that are no
    text and long runs of base64 are left out, everything else is searched.
    """
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return ""
    return LOCKED.sub("", str(value))


def clear_text(folder: Path) -> str:
    """Every value of every table of the French node, one a line; of what is locked nobody reads a word."""
    engine = create_engine(f"sqlite:///{folder / 'FR.db'}")
    found: list[str] = []
    with engine.connect() as tx:
        for table in inspect(tx).get_table_names():
            for row in tx.execute(text(f"SELECT * FROM {table}")):
                found += [readable(one) for one in row]
    engine.dispose()
    return "\n".join(found)


def test_the_search_for_clear_words_passes_over_ciphertext_and_nothing_else() -> None:
    locked = "gAAAAABnQx0eBcG4tY2h1bmtzX29mX2NpcGhlcnRleHQ"
    assert readable(locked) == readable(b"\xffEBCG\x00") == ""
    told = '{"article":"EBCG","because":"refused_for_claim_pending","of":"Refugee Convention Art33"}'
    assert readable(told) == readable(told.encode()) == told


def refuse_all(node: Node, article: str) -> None:
    """From now the gate refuses what is asked, under this article."""
    gate = node.contact.gate

    class Refusing:
        def decide(self, question: Any, at: datetime) -> Any:
            why = {"step": 3, "article": article, "sentence": "Nothing may leave."}
            answer = dict(gate.decide(question, at))
            return answer | {"verdict": "refuse", "leaves": [], "headline": why, "failures": [why]}

        def facts(self, agreement: str, at: datetime) -> Any:
            return gate.facts(agreement, at)

    node.contact.gate = Refusing()


PROTECTION = "Refugee Convention Art 33; ECHR Art 3"


@pytest.mark.parametrize("late", [False, True])
def test_why_something_was_refused_stands_on_no_line_and_in_no_column(
    made: Simulation, tmp_path: Path, late: bool
) -> None:
    """An article in a tray tells every colleague, and everybody with a database prompt, who is protected."""
    node, officer = made.officer("FR/police-judiciaire")
    if late:  # it is refused when its hold is over
        send_held(made, node, officer)
    refuse_all(node, PROTECTION)
    if late:
        reports.release_due(node)
    else:
        reports.send(node, officer, about(protection="claim_pending"))
    (line,) = reports.outbox(node, officer)
    assert (line.state, line.article) == ("refused", "")
    held = clear_text(tmp_path)
    assert [word for word in TELLS if word.lower() in held.lower()] == []
    opened = reports.open_message(node, officer, line.reference, purpose=PURPOSE)
    assert opened.line.article == PROTECTION, "whoever opens it, which is logged, reads why"


def send_held(made: Simulation, node: Node, officer: Officer) -> None:
    node.settings = replace(node.settings, hold_s=30)
    reports.send(node, officer, about())
    made.clock.step(31)


def test_who_oversees_reads_why_and_that_a_fact_was_changed(made: Simulation) -> None:
    node, officer = made.officer("FR/police-judiciaire")
    honest = node.contact.gate
    refuse_all(node, PROTECTION)
    reports.send(node, officer, about(protection="claim_pending"))
    node.contact.gate = honest
    reports.send(node, officer, about(protection="none"))
    supervisor = person(node, "supervisor", "police-judiciaire")
    newer, older = reports.decisions(node, supervisor)
    assert (older["article"], older["step"]) == (PROTECTION, "3")
    assert newer["changed"] == ("subjects",)


def test_a_message_about_a_protected_person_has_the_size_of_any_other(made: Simulation) -> None:
    """On the wire, in the boxes, in both ledgers: the same numbers of bytes."""
    node, officer = made.officer("FR/police-judiciaire")
    for said in ({}, {"protection": "claim_pending"}, {"protection": "unknown"}, {"protection": "granted"}):
        reports.send(node, officer, about(**said))
    made.settle()
    there = made.nodes["UK"].store.read(boxes.inbox)
    assert len(there) == 4 and len({one.outcome for one in there}) == 1
    assert max(len(one.raw) for one in there) - min(len(one.raw) for one in there) < 700, (
        "the batch path alone"
    )
    sent = [
        len(one.entry.leaf())
        for one in node.store.read(lambda tx: list(node.log.entries(tx)))
        if str(one.entry.kind) == "sent"
    ]
    assert len(sent) == 4 and len(set(sent)) == 1


def test_whoever_sees_the_digest_of_a_decision_cannot_try_out_what_was_refused(made: Simulation) -> None:
    """Answers are few and of known words: the whole of one, guessed rightly, must fit no fact of an entry."""
    node, officer = made.officer("FR/police-judiciaire")
    answers: list[Any] = []
    gate = node.contact.gate

    class Heard:
        def decide(self, question: Any, at: datetime) -> Any:
            answers.append(gate.decide(question, at))
            return answers[-1]

        def facts(self, agreement: str, at: datetime) -> Any:
            return gate.facts(agreement, at)

    node.contact.gate = Heard()
    reports.send(node, officer, about(protection="claim_pending"))
    made.step()
    made.settle()
    guessed = {digest(canonical(json.loads(json.dumps(one)))) for one in answers}
    entries = node.store.read(lambda tx: list(node.log.entries(tx)))
    told = [one for one in entries if "decision" in one.entry.facts and "question" in one.entry.commitments]
    assert told and guessed
    for one in told:
        assert one.entry.facts["decision"] not in guessed
        (salt,) = [
            row.salt
            for row in node.store.read(lambda tx: tx.execute(select(salts)).all())
            if row.entry_index == one.index
        ]
        assert one.entry.facts["decision"] in {
            commitment_digest("decision", guess, salt) for guess in guessed
        }, "with the salt a court compares it with the answer"
