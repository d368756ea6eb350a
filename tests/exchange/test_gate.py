"""Do both sides decide by the real agreement files, and is a corrupted sender caught by the receiver's?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordiale import payloads
from cordiale.exchange import boxes
from cordiale.exchange.gate import RegisterGate
from tests.exchange import reports
from tests.exchange.partners import LoopWire, Partner, outgoing, partner
from tests.exchange.reports import shipped

RETURNS = "uk-eu-common-understanding-2025"
MARKS = {
    "handling": {"code": "H1", "classification": "OFFICIAL"},
    "origin": {"owner": "UK/home-office", "state": "UK"},
}


@dataclass(frozen=True)
class Corrupted:
    """A sender's gate that says yes to everything, under a provision that exists."""

    honest: RegisterGate

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        basis = {"agreement": RETURNS, "provision": "returns-practice"}
        leaves = [one["id"] for one in question["items"]]
        return {
            "verdict": "permit",
            "headline": {},
            "basis": basis,
            "leaves": leaves,
            "withheld": [],
            "travels": [],
        }

    def facts(self, agreement: str, at: datetime) -> Any:
        return self.honest.facts(agreement, at)


def nodes(gate: Any) -> tuple[Partner, Partner]:
    wire = LoopWire()
    uk = partner("uk-croydon", "UK", "home-office", wire=wire, gate=gate)
    eu = partner("frontex-warsaw", "FRONTEX", "frontex", wire=wire, gate=shipped(), clock=uk.clock)
    uk.knows(eu)
    eu.knows(uk)
    return uk, eu


def practice(purpose: str) -> Any:
    asks = {"act": "share", "mode": "spontaneous", "purpose": purpose, "regime": "none", "item": MARKS}
    return outgoing(sender="UK/home-office", recipient="FRONTEX/frontex", asks=asks)


def test_what_the_shipped_agreement_permits_is_permitted_on_both_sides() -> None:
    uk, eu = nodes(shipped())
    sent = uk.point.dispatch(practice("training"))
    assert (sent.decided.verdict, sent.decided.agreement) == ("permit", RETURNS)
    assert uk.courier.round() == 1
    (row,) = eu.store.read(boxes.inbox)
    assert row.outcome == "accepted" and row.received_under == f"{RETURNS}/returns-practice"
    assert row.restrictions["onward"] == "ask_originator" and row.restrictions["use_only"] == ["training"]


def test_what_it_does_not_permit_never_leaves() -> None:
    uk, eu = nodes(shipped())
    sent = uk.point.dispatch(practice("prosecute"))
    assert sent.decided.verdict == "refuse" and sent.message == ""
    assert uk.courier.round() == 0 and eu.effects == []


def test_a_corrupted_gate_at_the_sender_is_refused_by_the_receiver_of_its_own_file() -> None:
    uk, eu = nodes(Corrupted(shipped()))
    assert uk.point.dispatch(practice("prosecute")).decided.verdict == "permit"
    uk.courier.round()
    (row,) = eu.store.read(boxes.inbox)
    assert row.outcome == "refused" and row.reason["told"] == "not_accepted" and eu.effects == []
    assert uk.store.read(boxes.outbox)[0].state == "refused"


def test_a_report_on_a_suspect_goes_from_france_to_britain_under_article_563() -> None:
    wire = LoopWire()
    fr = partner("fr-paris", "FR", "police-judiciaire", wire=wire, gate=shipped())
    uk = partner("uk-london", "UK", "nca", wire=wire, gate=shipped(), clock=fr.clock)
    fr.knows(uk)
    uk.knows(fr)
    sent = fr.point.dispatch(reports.under_563())
    assert sent.decided.verdict in ("permit", "withhold"), sent.decided.answer["failures"]
    assert sent.decided.agreement == reports.AGREEMENT
    assert fr.courier.round() == 1
    (row,) = uk.store.read(boxes.inbox)
    assert row.outcome == "accepted", row.reason
    leaves = payloads.itemise(uk.effects[0].body)
    assert any(leaf.category.value == "name" for leaf in leaves), (
        "it is a report on a person, not an empty one"
    )
