"""One permitted and one refused question to the gate for every information type, on an invented payload.

Examples are requests as docs/reference/decide.md has them; a test asks the real gate with the shipped texts.
Where no text permits a type today, `permitted` is empty and `why_none` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from cordiale.payloads.items import itemise, subjects
from cordiale.payloads.specimens import SPECIMENS
from cordiale.terms import CATEGORIES, Category, SubjectKind

AT: Final = "2026-11-02T12:00:00Z"
"""When every example is asked."""

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A permitted request and a refused one, and in a sentence what makes the difference."""

    permitted: Mapping[str, Any]
    refused: Mapping[str, Any]
    why_refused: str
    why_none: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """From whom to whom, why and how. `more` goes into the request as it stands; `drop`: left out."""

    sender: str
    recipient: str
    purpose: str
    regime: str
    act: str = "share"
    model: str = "report"
    more: Mapping[str, Any] = field(default_factory=dict)
    drop: frozenset[Category] = frozenset({Category.FREE_TEXT, Category.ATTACHMENT})
    person: Mapping[str, Any] = field(default_factory=dict)
    at: str = AT


_SHOWN: Final = {"source": "document", "by": "officer-1", "at": "2026-01-05"}
_STATED: Final = {
    "protection": "none",
    "human_rights_claim": "none",
    "nationality": ["AL"],
    "stateless": "no",
    "minor": "no",
    "accompanied": "no",
    "trafficking_indicator": "no",
    "protected_activity": "none",
}


def _confirmed(*what: str) -> list[Raw]:
    """Named, qualified persons' confirmations, each by another person."""
    return [
        {
            "person": f"examiner-{n}",
            "role": "officer",
            "qualified": "yes",
            "of": of,
            "at": "2026-11-02T11:00:00Z",
            "independent_of": [f"examiner-{m}" for m in range(len(what)) if m != n],
        }
        for n, of in enumerate(what)
    ]


def _party(name: str) -> Raw:
    side, _, authority = name.partition("/")
    return {"side": side, "authority": authority, "person": {"capacity": "own_officer"}}


def request(type_id: str, way: _Way) -> Raw:
    """The request that asks whether the specimen may go this way."""
    payload = SPECIMENS[type_id, way.model]
    leaves = [leaf for leaf in itemise(payload) if leaf.category not in way.drop]
    spoken = {s for leaf in leaves for s in leaf.subjects}
    people = [s for s in subjects(payload) if s.id in spoken]
    asked: Raw = {
        "id": f"example-{type_id}",
        "at": way.at,
        "act": way.act,
        "type": type_id,
        "from": _party(way.sender),
        "to": _party(way.recipient),
        "purpose": way.purpose,
        "regime": way.regime,
        "targeting": "individual",
        "automated": "no",
        "channel": "node",
        "facts": {"judicial_channel_required": False},
        "subjects": [
            {"id": s.id, "kind": s.kind.value, "role": s.role.value}
            | (_STATED | dict(way.person) | {"established": dict.fromkeys((*_STATED, "role"), _SHOWN)})
            for s in people
            if s.kind is not SubjectKind.UNIDENTIFIED
        ]
        + [{"id": s.id, "kind": s.kind.value} for s in people if s.kind is SubjectKind.UNIDENTIFIED],
        "items": [
            {
                "id": leaf.path,
                "category": leaf.category.value,
                "subjects": list(leaf.subjects),
                "assertion": leaf.asserted,
                **({"aggregate": {"smallest_cell": 100}} if leaf.category in _COUNTED else {}),
                **(_SENSITIVE if CATEGORIES[leaf.category].special else {}),
            }
            for leaf in leaves
        ],
        "every_item": _every_item(way),
    }
    facts = asked["facts"] | dict(way.more.get("facts", {}))
    return asked | dict(way.more) | {"facts": facts}


_COUNTED: Final = frozenset({Category.STATISTIC, Category.COUNT})
_SENSITIVE: Final = {"sensitive": {"condition": "Sch8-1", "policy_document": "policy-1"}}


def _code(way: _Way) -> str:
    """The handling code that the sender would use: H0 is for crime alone."""
    return "P" if way.sender.startswith("UK") or way.regime != "crime" else "H0"


def _every_item(way: _Way) -> Raw:
    return {
        "as_of": "2026-11-01",
        "verified": "yes",
        "grade": {"scheme": "3x5x2", "source": "1", "information": "A"},
        "origin": {
            "owner": way.sender,
            "state": way.sender.split("/")[0],
            "systems": ["national_police"],
            "collected_for": way.purpose,
            "regime": way.regime,
            "obtained": "lawfully",
        },
        "handling": {
            "code": _code(way),
            "classification": "OFFICIAL",
            "caveats": [],
            "restrictions": [],
            "consents": [],
        },
    }


_CASE: Final = {
    "case": "INV-2026-0001",
    "offence": {
        "law": "IA1971",
        "code": "s25",
        "max_years": 14,
        "stage": "investigated",
        "place": "FR",
        "date": "2026-10-30",
    },
}
_SEARCH: Final = {**_CASE, "modality": "stored", "facts": {"offence_link": True}}
_SIGNED: Final = {"confirmations": _confirmed("sign_off")}
_RELEASED: Final = {**_CASE, "confirmations": _confirmed("release")}
_RETURN: Final = {
    "case": "INV-2026-0002",
    "confirmations": _confirmed("release", "refoulement"),
    "facts": {"return_decision_final": True},
}
_FRONTEX: Final = "FRONTEX/frontex"
_PRUM: Final = ("UK/uk-prum-contact", "FR/fr-prum-contact", "investigate", "crime", "search", "query")
_NCA_PJ: Final = ("UK/nca", "FR/police-judiciaire", "investigate", "crime")
_NOT_LISTED: Final = "The recipient is not named as a party."
_NO_WORD: Final = "No text with that Side speaks of this kind of message, and what no text names is refused."
_SLIDE: Final = "The purpose is none of this provision's: one does not slide from crime to something else."

_PERMITTED: Final[Mapping[str, _Way]] = MappingProxyType(
    {
        "situational_item": _Way("UK/border-force", _FRONTEX, "situational_awareness", "none"),
        "risk_product": _Way("UK/home-office", _FRONTEX, "risk_analysis", "none", more=_SIGNED),
        "document_alert": _Way("UK/border-force", _FRONTEX, "document_fraud", "none", more=_SIGNED),
        "practice_note": _Way("UK/home-office", _FRONTEX, "training", "none"),
        "deployment": _Way("UK/home-office", "AL/al-police", "training", "none"),
        "research_result": _Way("UK/home-office", _FRONTEX, "research", "none", more=_SIGNED),
        "crossing_identifiers": _Way("UK/border-force", _FRONTEX, "risk_analysis", "immigration"),
        "rights_report": _Way("UK/home-office", "FRONTEX/frontex-fro", "rights", "none", "complain"),
        "dna_search": _Way(*_PRUM, more=_SEARCH),
        "fingerprint_search": _Way(*_PRUM, more=_SEARCH),
        "vehicle_search": _Way(*_PRUM, more=_SEARCH),
        "core_data": _Way(
            "FR/fr-prum-contact",
            "UK/uk-prum-contact",
            "investigate",
            "crime",
            "answer",
            "reply",
            more={**_CASE, "confirmations": _confirmed("match", "release")},
        ),
        "passenger_records": _Way("UK/ukpiu", "FR/fr-piu", "investigate", "crime", more={**_CASE, **_SIGNED}),
        "intelligence_report": _Way(*_NCA_PJ, more=_CASE),
        "europol_intelligence": _Way("UK/nca", "EUROPOL/europol", "investigate", "crime", more=_RELEASED),
        "conviction_notice": _Way(
            "UK/acro", "FR/casier-judiciaire", "prosecute", "crime", person={"nationality": ["FR"]}
        ),
        "conviction_request": _Way(
            "UK/acro", "FR/casier-judiciaire", "prosecute", "crime", "ask", "query", more=_CASE
        ),
        "face_search": _Way(*_PRUM, more=_SEARCH),
        "returns_information": _Way("UK/home-office", _FRONTEX, "return", "immigration"),
        "joint_item": _Way(
            "UK/nca",
            "FR/oltim",
            "investigate",
            "crime",
            more={**_CASE, "confirmations": _confirmed("release", "release")},
        ),
        "launch_alert": _Way("UK/border-force", "FR/paf", "situational_awareness", "none"),
        "surveillance_track": _Way("UK/border-force", "FR/paf", "situational_awareness", "none"),
        "distress_incident": _Way(
            "FR/cross-gris-nez",
            "UK/hm-coastguard",
            "rescue",
            "rescue",
            more={"facts": {"life_at_risk": True}},
        ),
        "readmission_request": _Way(
            "FR/prefecture",
            "UK/home-office",
            "readmission",
            "immigration",
            "answer",
            "reply",
            at="2025-10-01T12:00:00Z",
        ),
        "consignment": _Way("UK/hmrc", "DE/de-customs", "customs", "crime", more=_SIGNED),
        "network_profile": _Way("UK/nca", "EUROPOL/europol", "investigate", "crime", more=_RELEASED),
        "advert_report": _Way(*_NCA_PJ, more={**_CASE, **_SIGNED}),
        "finance_lead": _Way(
            "UK/nca",
            "FR/police-judiciaire",
            "aml_cft",
            "crime",
            more={**_CASE, **_SIGNED, "facts": {"fiu_consent": True}},
        ),
        "route_intelligence": _Way("UK/nca", "RS/rs-police", "situational_awareness", "none"),
        "person_intelligence": _Way(*_NCA_PJ, more=_CASE),
        "own_national_return": _Way(
            "AL/al-contact-point", "UK/home-office", "return", "immigration", "answer", "reply"
        ),
        "identity_evidence": _Way(
            "UK/home-office", "IQ/iq-contact-point", "return", "immigration", more=_RETURN
        ),
        "support_record": _Way("UK/home-office", "IQ/iq-police", "training", "none"),
        "customs_information": _Way("UK/hmrc", "DE/de-customs", "customs", "crime", more=_SIGNED),
        "device_extract": _Way(*_NCA_PJ, more=_CASE),
        "quality_notice": _Way("UK/nca", "FR/police-judiciaire", "data_quality", "crime", "recall"),
    }
)

_WHY_NONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "crossing_identifiers": "No text read lets them leave for the UK (EBCG Art 88).",
        "vehicle_search": "No declaration that starts it is known (TCA Art 540).",
        "passenger_records": "Each transfer needs the independent authority's recorded consent (PNR 13A).",
        "face_search": "No instrument on facial images is in force (Common Understanding para 53).",
        "own_national_return": "Each person needs a recorded case transfer; Albania's law is unread.",
        "identity_evidence": "Each person needs a recorded case transfer (DPA 2018 s.76).",
        "device_extract": "Each device needs a recorded authorisation of inspector's grade and a facilitation"
        " offence (BSAIA 2025 ss.24-26).",
    }
)

_REFUSED: Final[Mapping[str, tuple[dict[str, Any], str]]] = MappingProxyType(
    {
        "situational_item": ({"act": "executive"}, "An executive act is not what the arrangement covers."),
        "risk_product": ({"recipient": "UK/mi5"}, _NOT_LISTED),
        "document_alert": ({"recipient": "IQ/iq-police"}, _NO_WORD),
        "practice_note": ({"act": "executive"}, "An executive act is not what the text covers."),
        "deployment": ({"act": "executive"}, "Nobody deployed under it holds executive power."),
        "research_result": ({"more": {}}, "Nobody has signed it off."),
        "crossing_identifiers": ({}, "No provision covers it in this direction."),
        "rights_report": (
            {"recipient": "AL/al-police", "act": "share"},
            "A police force is no rights officer, and no text lets it have a complaint.",
        ),
        "dna_search": (
            {"more": {**_SEARCH, "targeting": "untargeted"}},
            "Only an individual case may be searched.",
        ),
        "fingerprint_search": (
            {"sender": "UK/mi5"},
            "Bodies that deal with national security are outside this Title (TCA Art 528(a)).",
        ),
        "vehicle_search": ({}, "No declaration has been loaded that starts it."),
        "core_data": (
            {"more": _CASE},
            "No qualified person has confirmed the match, nobody has released it.",
        ),
        "passenger_records": ({"purpose": "immigration_control", "regime": "immigration"}, _SLIDE),
        "intelligence_report": (
            {"more": {**_CASE, "facts": {"judicial_channel_required": True}}},
            "Domestic law asks for a judge here (TCA Art 563(4)).",
        ),
        "europol_intelligence": ({"more": _CASE}, "Nobody has released it."),
        "conviction_notice": ({"recipient": "FR/paf"}, "It goes between central authorities."),
        "conviction_request": ({"purpose": "immigration_control", "regime": "immigration"}, _SLIDE),
        "face_search": ({}, "No instrument on facial images is in force."),
        "returns_information": ({"act": "executive"}, "An executive act is not what the text covers."),
        "joint_item": ({"more": _CASE}, "Neither side has released it."),
        "launch_alert": ({"recipient": "AL/al-police"}, _NO_WORD),
        "surveillance_track": ({"recipient": "AL/al-police"}, _NO_WORD),
        "distress_incident": (
            {
                "recipient": "UK/immigration-enforcement",
                "purpose": "immigration_control",
                "regime": "immigration",
            },
            "Rescue is no key to everything: it goes to rescue centres, for rescue.",
        ),
        "readmission_request": (
            {"at": AT},
            "Whether the treaty was in force that day is unknown until loaded.",
        ),
        "consignment": ({"recipient": "IQ/iq-police"}, _NO_WORD),
        "network_profile": ({"more": _CASE}, "Nobody has released it."),
        "advert_report": ({"purpose": "immigration_control", "regime": "immigration"}, _SLIDE),
        "finance_lead": (
            {"more": {**_CASE, **_SIGNED}},
            "The financial intelligence unit has not consented.",
        ),
        "route_intelligence": (
            {"recipient": "RS/rs-police", "act": "executive"},
            "No text covers such an act.",
        ),
        "person_intelligence": ({"recipient": "IQ/iq-police"}, _NO_WORD),
        "own_national_return": (
            {
                "sender": "UK/home-office",
                "recipient": "AL/al-contact-point",
                "act": "share",
                "model": "report",
                "more": _RETURN,
                "person": {"protection": "claim_pending"},
            },
            "A claim is pending: nothing that serves return goes to that state (Refugee Convention Art 33).",
        ),
        "identity_evidence": (
            {"person": {"protection": "unknown"}},
            "Whether a claim is pending is unknown, and unknown protects.",
        ),
        "support_record": ({"act": "executive"}, "An account of money is no executive act."),
        "customs_information": ({"recipient": "IQ/iq-police"}, _NO_WORD),
        "device_extract": ({"purpose": "immigration_control", "regime": "immigration"}, _SLIDE),
        "quality_notice": ({"act": "executive"}, "A notice about quality is no executive act."),
    }
)


def _examples() -> dict[str, Example]:
    out: dict[str, Example] = {}
    for type_id, way in _PERMITTED.items():
        change, why = _REFUSED[type_id]
        refused = request(type_id, replace(way, **change))
        none = _WHY_NONE.get(type_id, "")
        out[type_id] = Example({} if none else request(type_id, way), refused, why, none)
    return out


EXAMPLES: Final[Mapping[str, Example]] = MappingProxyType(_examples())
"""Type id -> its permitted and its refused request. Total: a test compares it with the registry."""
