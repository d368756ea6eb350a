"""The closed word lists of agreement files, law files, records and requests that terms.py does not hold."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cordiale.terms import Act, Capacity, Purpose, Role

LANGUAGES: Final = ("fr",)
"""Languages besides English in which a file may say its sentences."""

INFORMATION_TYPES: Final = (
    "situational_item",
    "risk_product",
    "document_alert",
    "practice_note",
    "deployment",
    "research_result",
    "crossing_identifiers",
    "rights_report",
    "dna_search",
    "fingerprint_search",
    "vehicle_search",
    "core_data",
    "passenger_records",
    "intelligence_report",
    "europol_intelligence",
    "conviction_notice",
    "conviction_request",
    "face_search",
    "returns_information",
    "joint_item",
    "launch_alert",
    "surveillance_track",
    "distress_incident",
    "readmission_request",
    "consignment",
    "network_profile",
    "advert_report",
    "finance_lead",
    "route_intelligence",
    "person_intelligence",
    "own_national_return",
    "identity_evidence",
    "support_record",
    "customs_information",
    "device_extract",
    "quality_notice",
)
"""The registry of information types, in its order; payloads.TYPES has their models."""

STEPS: Final = MappingProxyType(
    {
        0: "question",
        1: "rescue",
        2: "taint",
        3: "protection",
        4: "who",
        5: "when",
        6: "purpose",
        7: "basis",
        8: "origin",
        9: "ceiling",
        10: "minimise",
        11: "human",
        12: "record",
    }
)
"""The twelve steps and, before them, the question itself."""

NATURES: Final = (
    "treaty",
    "statute",
    "regulation",
    "arrangement",
    "declaration",
    "political",
    "announced",
    "house",
)
CONFIDENCES: Final = ("confirmed", "partly", "unconfirmed")
RECORD_KINDS: Final = (
    "adequacy",
    "approval",
    "safeguards",
    "case_transfer",
    "declaration",
    "evaluation",
    "accreditation",
    "suspension",
    "termination",
    "consent",
    "restriction_update",
    "edps_authorisation",
    "commission_approval",
    "fro_opinion",
    "country_assessment",
    "sab_approval",
    "operational_plan",
    "status_agreement",
    "neighbour_agreement",
    "host_authorisation",
    "independent_consent",
    "judicial_authorisation",
    "human_rights_check",
    "instrument",
    "purpose_authorisation",
    "assessment",
    "authorisation",
    "plan",
)
STOPPING: Final = ("suspension", "termination")
"""Records that stop an agreement; rescue goes on."""
CASE_RECORDS: Final = frozenset(
    [
        "case_transfer",
        "consent",
        "host_authorisation",
        "independent_consent",
        "judicial_authorisation",
        "human_rights_check",
        "purpose_authorisation",
        "operational_plan",
        "authorisation",
    ]
)
"""Records about one case, one item or one posting: they count only where the request names them. So does any
other record that names a case."""

ONWARD_RULES: Final = ("never", "ask_originator", "ask_or_emergency_then_tell", "listed", "free")
ONWARD_CONDITIONS: Final = ("approval_or_safeguards", "competent_recipient", "same_purpose")
CONSENTS: Final = ("none", "owner", "owner_if_not_party")
PERSONAL_LEVELS: Final = ("none", "identifiers", "staff", "masked", "yes", "off")
BASIS_MODES: Final = ("none", "approval", "instrument", "case_record", "rescue")
BASIS_DATA: Final = ("none", "identifiers", "yes")
RECIPIENT_WORDS: Final = (
    "any",
    "third_country",
    "third_state",
    "state_of_origin",
    "any_not_bound",
    "private",
    "not_listed",
)
GUARDED_FROM: Final = (*RECIPIENT_WORDS, "state_of_nationality")
"""From whom a protective rule may guard; the last means a nationality that is stated, none that may be."""
RESTRICTIONS: Final = (
    "use_only",
    "no_court_use",
    "no_onward",
    "ask_originator",
    "ask_or_emergency_then_tell",
    "no_identification",
    "access",
    "erase_by",
    "review_by",
    "feedback",
)
DUTIES: Final = (
    "inform_originator",
    "inform_state",
    "inform_person",
    "inform_regulator",
    "record_particulars",
    "delete",
    "review",
    "follow_up_request",
    "keep_open",
    "forward_copy",
    "log_justification",
    "rescue_review",
)
CONFIRMATIONS: Final = ("match", "identity", "release", "refoulement", "necessity", "minimum", "sign_off")
LIFTABLE: Final = ("owner_consent", "same_purpose", "confirmation", "record", "refusal")
UNITS: Final = ("h", "day", "working_day", "month", "year")
BINDINGS: Final = ("law", "agreement", "aim", "service", "house", "mechanism")
FACT_TYPES: Final = ("bool", "date", "datetime", "int", "enum", "country", "id")
SENSITIVE_ACTS: Final = frozenset(
    {Act.MEASURE, Act.EXECUTIVE, Act.READMISSION, Act.LIVE_IDENTIFICATION, Act.CLOSE}
)
"""What bears on a person, or ends a rescue: no machine does it."""
DEPLOYED: Final = frozenset({Capacity.OBSERVER, Capacity.COORDINATOR, Capacity.ADVISER, Capacity.TEAM_MEMBER})
CONTINUING: Final = frozenset({Act.RECALL, Act.CORRECT, Act.RESTRICT, Act.ERASE})

_FAMILIES: Final = {
    "crime": "prevent detect investigate prosecute penalty public_security aml_cft evidence",
    "immigration": "border_control immigration_control return readmission travel_document",
    "asylum": "asylum",
    "rescue": "rescue safeguarding",
}
FAMILY: Final = MappingProxyType({Purpose(p): f for f, ps in _FAMILIES.items() for p in ps.split()})
"""Purpose -> the body of law it belongs to; a purpose outside is neutral. DPA s.36(4): no slide between
them."""

LOCKED_FAMILIES: Final = frozenset({"crime", "asylum", "rescue"})
"""Families whose personal data serve nothing else without a fresh lawful ground."""

ROLES_EVERY: Final = frozenset(Role)

BUILT_IN_FACTS: Final = MappingProxyType(
    {
        "life_at_risk": "bool",
        "threat_immediate_serious": "bool",
        "no_time_to_ask": "bool",
        "after_interception": "bool",
        "judicial_channel_required": "bool",
        "authorisation_id": "id",
        "host_authorisation_id": "id",
        "received_at": "datetime",
        "recorded_at": "datetime",
        "arrived_at": "datetime",
        "answered_at": "datetime",
        "aware_at": "datetime",
        "sea_area": "id",
    }
)
"""Facts the gate itself reads; every other name is declared by a line of a file."""
