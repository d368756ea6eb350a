"""The papers of the night: payloads and what their officers state. Every person, number and place detail
is invented.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cordiale import payloads
from cordiale.payloads.crime import IntelligenceReport
from cordiale.payloads.parts import Episode, Position, Suspect, Vehicle
from cordiale.payloads.situation import Caller, DistressIncident, HealthNeed
from cordiale.payloads.words import BoatState
from cordiale.terms import Classification, HandlingCode

Paper = dict[str, Any]
"""A draft as the desk takes it: type, body, asks, recipients."""


_SHOWN = {"source": "document", "by": "desk officer (invented)", "at": "2026-11-01"}


def known_nobody_protected(subject: str, nationality: str, role: str = "suspect") -> dict[str, Any]:
    """What an officer states of a suspect whose file was looked at: a negative fact names its source."""
    return {
        "id": subject,
        "role": role,
        "protection": "none",
        "human_rights_claim": "none",
        "nationality": [nationality],
        "stateless": "no",
        "minor": "no",
        "trafficking_indicator": "no",
        "protected_activity": "none",
        "established": dict.fromkeys(("protection", "minor", "nationality"), _SHOWN),
    }


def network_report(at: datetime) -> Paper:
    """A French report on a boat network: what, where, how, and one suspect."""
    report = IntelligenceReport(
        case_reference="PJ-2026-0417",
        handling=HandlingCode.H0,
        classification=Classification.OFFICIAL,
        title="Inflatables and engines moved to the dunes for a launch (invented)",
        offence="facilitation of irregular entry in an organised group",
        episodes=(
            Episode(
                what="Four inflatable boats unloaded from a van before dawn",
                at=at - timedelta(hours=6),
                place="car park behind an invented dune",
            ),
        ),
        routes=("depot inland - dune car park - beach",),
        methods=("boats carried folded in vans hired for one night",),
        prices=("about 1500 EUR a place",),
        suspects=(
            Suspect(
                subject="s1",
                family_name="Exempel",
                given_names="Aron",
                aliases=("the Fitter",),
                phones=("+33 1 99 00 77 01",),
                suspected_of=("supplying boats",),
            ),
        ),
        vehicles=(Vehicle(plate="ZZ 000 ZZ", country="FR", look="white van", about=("s1",)),),
    )
    return {
        "type": report.TYPE,
        "body": payloads.encode(report),
        "asks": {
            "act": "share",
            "mode": "spontaneous",
            "urgent": "no",
            "purpose": "prevent",
            "regime": "crime",
            "case": "PJ-2026-0417",
            "offence": {"law": "FR", "code": "facilitation", "max_years": 15, "stage": "investigated"},
            "targeting": "individual",
            "facts": {"judicial_channel_required": False},
            "subjects": [known_nobody_protected("s1", "FR")],
            "item": _item("FR/police-judiciaire", "FR", "H0", collected_for="prevent"),
        },
        "recipients": ["UK/home-office"],
    }


def _item(owner: str, state: str, code: str, **origin: Any) -> dict[str, Any]:
    return {
        "grade": {"scheme": "4x4", "source": "B", "information": "2"},
        "verified": "yes",
        "origin": {
            "owner": owner,
            "state": state,
            "systems": ["national_police"],
            "collected_for": "investigate",
            "regime": "crime",
            "obtained": "lawfully",
            **origin,
        },
        "handling": {"code": code, "classification": "OFFICIAL", "caveats": []},
    }


def onward_asks(consents: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the UK officer states when passing the report on to Frontex, and the consents relied on."""
    return {
        "act": "share",
        "purpose": "prevent",
        "regime": "crime",
        "subjects": [known_nobody_protected("s1", "FR")],
        "item": {
            "grade": {"scheme": "4x4", "source": "B", "information": "2"},
            "verified": "yes",
            "handling": {"consents": list(consents)},
            "origin": {"systems": ["national_police"], "state": "FR", "obtained": "lawfully"},
        },
    }


def consent(today: str) -> tuple[str, str]:
    """The originator's recorded consent, as the French service gave it: (id, TOML)."""
    return (
        "demo-consent-fr-frontex",
        f"""id = "demo-consent-fr-frontex"
kind = "consent"
title = "Consent of the originator (invented, demonstration)"
issued_by = "FR/police-judiciaire"
owner = "FR/police-judiciaire"
case = "PJ-2026-0417"
types = ["intelligence_report"]
recipients = ["FRONTEX"]
purposes = ["prevent", "investigate"]
answer = "given"
from = {today}
known_from = {today}
article = "TCA Art 563; DPA 2018 s.78"
source = "invented for the demonstration"
confidence = "confirmed"
""",
    )


def suspension(today: str, *, withdrawn: bool = False) -> tuple[str, str]:
    """The suspension of the police part of the trade treaty, and its end the same night: (id, TOML)."""
    return (
        "demo-suspension-563",
        f"""id = "demo-suspension-563"
kind = "suspension"
title = "Suspension of the trade treaty's police part (invented, demonstration)"
issued_by = "European Union (invented)"
agreement = "eu-uk-tca-563-operational"
from = {today}
known_from = {today}
{f"withdrawn_at = {today}" if withdrawn else ""}
article = "TCA Art 693"
source = "invented for the demonstration"
confidence = "confirmed"
""",
    )


def claimant_report(recipient: str) -> Paper:
    """A person with a pending claim, whose state of origin, or who passes things to it, must never hear."""
    report = IntelligenceReport(
        case_reference="HO-2026-0093",
        title="A person who may know a boat supplier (invented)",
        suspects=(
            Suspect(
                subject="s1",
                family_name="Voorbeeld",
                given_names="Sami",
                phones=("+44 1632 960222",),
                suspected_of=("introducing passengers",),
            ),
        ),
    )
    about = known_nobody_protected("s1", "IQ") | {"protection": "claim_pending"}
    return {
        "type": report.TYPE,
        "body": payloads.encode(report),
        "asks": {
            "act": "share",
            "mode": "spontaneous",
            "urgent": "no",
            "purpose": "prevent",
            "regime": "crime",
            "case": "HO-2026-0093",
            "offence": {"law": "UK", "code": "facilitation", "max_years": 14, "stage": "investigated"},
            "targeting": "individual",
            "facts": {"judicial_channel_required": False},
            "subjects": [about],
            "item": _item("UK/home-office", "UK", "P", collected_for="prevent"),
        },
        "recipients": [recipient],
    }


def route_note(at: datetime) -> Paper:
    """What the UK tells Frontex of methods and places, about nobody."""
    report = IntelligenceReport(
        case_reference="HO-2026-0101",
        title="Launches moving west after fog (invented)",
        episodes=(
            Episode(
                what="Launch site abandoned, traces of three boats",
                at=at - timedelta(hours=2),
                place="invented beach",
            ),
        ),
        routes=("inland depot - western beaches",),
        methods=("engines delivered separately",),
    )
    return {
        "type": report.TYPE,
        "body": payloads.encode(report),
        "asks": {
            "act": "share",
            "mode": "spontaneous",
            "urgent": "no",
            "purpose": "situational_awareness",
            "regime": "none",
            "targeting": "untargeted",
            "subjects": [],
            "item": _item("UK/home-office", "UK", "P", collected_for="situational_awareness", regime="none"),
        },
        "recipients": ["FRONTEX/frontex"],
    }


def distress_call(at: datetime) -> dict[str, Any]:
    """A boat in the strait: enough to find and save, and no leaf for who they are."""
    call = DistressIncident(
        incident_id="GN-2026-1122-01",
        first_known_at=at.replace(microsecond=0),
        position=Position.at(50.9871, 1.4522, 800),
        position_at=at.replace(microsecond=0),
        place="mid strait, off an invented buoy",
        boats=1,
        persons=47,
        children=6,
        state=BoatState.TAKING_WATER,
        callers=(Caller(subject="c1", contact="+33 1 99 00 88 10", language_spoken="Kurdish (Sorani)"),),
        health_needs=(HealthNeed(subject="h1", need="one person unconscious"),),
        telephone_to_ring="+33 1 99 00 01 02",
        centre="CROSS Gris-Nez",
    )
    return payloads.encode(call)
