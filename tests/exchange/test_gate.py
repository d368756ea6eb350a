"""Do both sides decide by the real agreement files, and is a corrupted sender caught by the receiver's?"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cordiale import payloads
from cordiale.agreements import SHIPPED, Register
from cordiale.exchange import boxes
from cordiale.exchange.gate import RegisterGate
from cordiale.exchange.judging import OWNERS_STEPS, question_about
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
    """A sender's gate that says yes to everything (or to the categories named), under a provision that
    exists."""

    honest: RegisterGate
    basis: tuple[str, str] = (RETURNS, "returns-practice")
    categories: frozenset[str] = frozenset()

    def decide(self, question: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        some = self.categories
        leaves = [one["id"] for one in question["items"] if not some or one["category"] in some]
        return {
            "verdict": "permit",
            "headline": {},
            "basis": dict(zip(("agreement", "provision"), self.basis, strict=True)),
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


# ------------------------------------------------------------------ what only the owner can judge

CONSENT = """
id = "belgium-agrees"
kind = "consent"
issued_by = "invented"
owner = "BE"
recipients = ["UK"]
types = ["intelligence_report"]
purposes = ["investigate"]
from = 2026-01-01
known_from = 2026-01-01
"""


def with_consent(folder: Path) -> RegisterGate:
    """The shipped files, and beside their records one invented consent of Belgium."""
    for file in (SHIPPED / "records").glob("*.toml"):
        shutil.copy(file, folder)
    (folder / "belgium-agrees.toml").write_text(CONSENT, encoding="utf-8")
    return RegisterGate(Register.load(None, folder))


def between_paris_and_london(gate: Any) -> tuple[Partner, Partner]:
    wire = LoopWire()
    fr = partner("fr-paris", "FR", "police-judiciaire", wire=wire, gate=gate)
    uk = partner("uk-london", "UK", "nca", wire=wire, gate=shipped(), clock=fr.clock)
    fr.knows(uk)
    uk.knows(fr)
    return fr, uk


def of_belgium(**changes: Any) -> Any:
    """The report of Paris, made of what Belgium told it."""
    report = reports.under_563(**changes)
    item = dict(report.asks["item"])
    item["origin"] = item["origin"] | {"owner": "BE/be-police", "state": "BE"}
    return replace(report, asks={**report.asks, "item": item, "records": ["belgium-agrees"]})


def test_what_its_originator_allowed_is_accepted_though_the_consent_itself_does_not_travel(
    tmp_path: Path,
) -> None:
    fr, uk = between_paris_and_london(with_consent(tmp_path))
    sent = fr.point.dispatch(of_belgium())
    assert sent.message and "belgium" not in str(sent.decided.answer["withheld"])
    fr.courier.round()
    (row,) = uk.store.read(boxes.inbox)
    assert row.outcome == "accepted", row.reason
    own = shipped().decide(question_about(uk.effects[0].letter, uk.effects[0].body), fr.clock.now())
    assert own["verdict"] == "refuse" and own["headline"]["step"] in OWNERS_STEPS, "alone it would refuse"


def test_without_the_originators_consent_it_never_leaves_and_the_consent_is_the_reason() -> None:
    fr, uk = between_paris_and_london(shipped())
    sent = fr.point.dispatch(of_belgium())
    assert sent.message == "" and sent.decided.verdict == "refuse"
    assert sent.decided.step == 8 and "Police of Belgium" in sent.decided.sentence
    assert uk.effects == []


@pytest.mark.parametrize("categories", [frozenset(), frozenset({"vulnerability"})])
def test_what_is_not_granted_is_refused_by_the_receiver_beside_what_is_its_owners(
    categories: frozenset[str],
) -> None:
    """Nothing left because of step 10 is the receiver's own reason; step 8 beside it changes nothing."""
    basis = (reports.AGREEMENT, "563-1")
    corrupted = Corrupted(shipped(), basis, categories)
    fr, uk = between_paris_and_london(corrupted)
    for report in (reports.under_563(), of_belgium()):
        assert fr.point.dispatch(report).decided.verdict == "permit"
    fr.courier.round()
    rows = uk.store.read(boxes.inbox)
    assert [r.outcome for r in rows] == ["refused", "refused"] and uk.effects == []
    assert {r.reason["told"] for r in rows} == {"not_accepted"}
    assert all("TCA Art 563(1)" in str(r.reason) or "LED Arts 6" in str(r.reason) for r in rows), rows[
        0
    ].reason
