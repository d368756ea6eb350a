"""An invented intelligence report from Paris to London under the shipped agreement (TCA Article 563)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from cordiale import payloads
from cordiale.agreements import Register
from cordiale.exchange.gate import RegisterGate
from cordiale.exchange.judging import Outgoing
from cordiale.payloads.examples import EXAMPLES
from cordiale.payloads.specimens import SPECIMENS

AGREEMENT = "eu-uk-tca-563-operational"
FROM, TO = "FR/police-judiciaire", "UK/nca"


@cache
def shipped() -> RegisterGate:
    """The agreements, laws, register and records that are shipped."""
    return RegisterGate(Register.load())


def report() -> payloads.Carried:
    """A new one each time: what is remembered of one message must not flatter the next in a measurement."""
    return replace(SPECIMENS["intelligence_report", "report"])


def under_563(**changes: Any) -> Outgoing:
    """The shipped example of a permitted report, turned round: the French police tell the NCA."""
    asked = dict(EXAMPLES["intelligence_report"].permitted)
    item = dict(asked["every_item"])
    item["origin"] = {**item["origin"], "owner": FROM, "state": "FR"}
    item["handling"] = {**item["handling"], "code": "H0"}
    kept = ("act", "purpose", "regime", "targeting", "automated", "channel", "facts", "subjects", "case")
    asks = {name: asked[name] for name in (*kept, "offence") if name in asked}
    asks |= {"asked_basis": AGREEMENT, "item": item}
    known: dict[str, Any] = {"officer": "ab" * 8} | changes
    return Outgoing("notice", FROM, TO, report(), asks, **known)
