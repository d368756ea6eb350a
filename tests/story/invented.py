"""Papers and legal records that the stories use beside those of the demonstration. All of it is invented."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cordiale import payloads
from cordiale.demo import papers
from cordiale.payloads.records import ReadmissionPerson, ReadmissionRequest

Paper = Callable[[datetime], Mapping[str, Any]]


def readmission_request(at: datetime) -> Mapping[str, Any]:
    """An adult, nine days after arrival, every point of the treaty stated, two people confirming."""
    asked = ReadmissionRequest(
        reference="ra-invented-1",
        requested_at=at,
        person=ReadmissionPerson(
            subject="s1",
            family_name="Erfunden",
            given_names="Nemo",
            arrived_at=(at - timedelta(days=9)).date().isoformat(),
            arrived_by="small boat",
        ),
        caseworker="cw-17",
    )
    points = (
        "arrived_by_small_boat",
        "came_directly_from_france",
        "official_finding_adult_or_accompanied",
        "no_live_protection_claim",
        "no_outstanding_human_rights_claim",
        "no_trafficking_indicator",
        "no_suspensive_appeal",
        "no_court_order",
    )
    stated = {"source": "document", "by": "UK/home-office caseworker 17", "at": at.isoformat()}
    about = papers.known_nobody_protected("s1", "ER", role="applicant") | {
        "protection": "inadmissible",
        "human_rights_claim": "closed",
        "established": dict.fromkeys(
            (
                "protection",
                "human_rights_claim",
                "minor",
                "trafficking_indicator",
                "nationality",
                "stateless",
                "protected_activity",
            ),
            stated,
        ),
    }
    return {
        "type": asked.TYPE,
        "body": payloads.encode(asked),
        "asks": {
            "act": "ask",
            "mode": "spontaneous",
            "urgent": "no",
            "purpose": "readmission",
            "regime": "immigration",
            "case": "RA-2026-17",
            "targeting": "individual",
            "automated": "no",
            "facts": dict.fromkeys(points, True) | {"days_since_arrival": 9},
            "subjects": [about],
            "confirmations": [
                {
                    "person": person,
                    "role": "officer",
                    "qualified": "yes",
                    "of": of,
                    "at": (at - timedelta(hours=1)).isoformat(),
                }
                for of, person in (("necessity", "caseworker-17"), ("refoulement", "caseworker-23"))
            ],
            "item": {
                "verified": "yes",
                "assertion": "fact",
                "as_of": (at - timedelta(days=1)).isoformat(),
                "grade": {"scheme": "3x5x2", "source": "1", "information": "A"},
                "origin": {
                    "owner": "UK/home-office",
                    "state": "UK",
                    "systems": ["national_immigration"],
                    "collected_for": "readmission",
                    "regime": "immigration",
                    "obtained": "lawfully",
                },
                "handling": {"code": "P", "classification": "OFFICIAL", "caveats": []},
            },
        },
    }


def nobody_protected(at: datetime) -> Mapping[str, Any]:
    """What a middleman states who knows of no claim, and has a document that says so."""
    stated = {"source": "document", "by": "FR/police-judiciaire desk", "at": at.isoformat()}
    about = papers.known_nobody_protected("s1", "IQ")
    about["established"] = dict.fromkeys(
        ("protection", "human_rights_claim", "minor", "trafficking_indicator", "nationality"), stated
    )
    origin = {"systems": ["national_police"], "state": "UK", "obtained": "lawfully"}
    return {
        "act": "share",
        "subjects": [about],
        "item": {
            "grade": {"scheme": "4x4", "source": "B", "information": "2"},
            "verified": "yes",
            "origin": origin,
        },
    }


def consented(_: datetime) -> Mapping[str, Any]:
    return papers.onward_asks((papers.consent("2026-11-22")[0],))


PAPERS: dict[str, Paper] = {
    "network_report": papers.network_report,
    "route_note": papers.route_note,
    "claimant_report": lambda at: papers.claimant_report("IQ/iq-contact-point"),
    "distress_call": papers.distress_call,
    "readmission_request": readmission_request,
    "nobody_protected": nobody_protected,
    "consented": consented,
}

_COMMON = """issued_by = "invented"
from = 2026-11-01
known_from = 2026-11-01
source = "invented for a story"
confidence = "confirmed"
"""
RECORDS: dict[str, str] = {
    "demo-consent-fr-frontex": papers.consent("2026-11-22")[1],
    "suspension-of-563": f"""id = "suspension-of-563"
kind = "suspension"
title = "Suspension of the operational-information article (invented)"
article = "TCA Art 693"
agreement = "eu-uk-tca-563-operational"
{_COMMON}""",
    "extension-of-dangerous-journeys": f"""id = "extension-of-dangerous-journeys"
kind = "instrument"
title = "Exchange of letters that extends the treaty (invented)"
article = "PDJ final provisions"
agreement = "uk-fr-dangerous-journeys-2025"
until = 2027-06-11
{_COMMON}""",
}
