"""The field's words as frozen types.

One word, one meaning (GLOSSARY.md gives each with its source). Nothing here decides anything; nothing here
reads a file or a clock. Values are the spellings that travel and that files use.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

SideCode = NewType("SideCode", str)
"""A Side as the register spells it: an ISO 3166 code ("UK", "FR", "XK") or an agency ("FRONTEX")."""

AuthorityId = NewType("AuthorityId", str)
"""An authority inside a Side, as the register spells it: "home-office", "mrcc-gris-nez"."""

UNKNOWN: Final = "unknown"
"""The third truth value. Absent equals unknown; unknown protects inside a rule's own reach."""


class Act(StrEnum):
    """What is asked of the gate: one act a request (decide-schema 1)."""

    SHARE = "share"
    ASK = "ask"
    ANSWER = "answer"
    SEARCH = "search"
    COMPARE = "compare"
    VIEW = "view"
    ONWARD = "onward"
    REUSE = "reuse"
    MEASURE = "measure"
    EXECUTIVE = "executive"
    READMISSION = "readmission"
    LIVE_IDENTIFICATION = "live_identification"
    CLOSE = "close"
    COMPLAIN = "complain"
    INCIDENT_REPORT = "incident_report"
    RECALL = "recall"
    CORRECT = "correct"
    RESTRICT = "restrict"
    ERASE = "erase"


class Mode(StrEnum):
    """Whether anybody asked (TCA Art 563(3): on request or spontaneously)."""

    ON_REQUEST = "on_request"
    SPONTANEOUS = "spontaneous"


class Urgency(StrEnum):
    """The closed list of urgency of Directive (EU) 2023/977 Art 4(4), and none."""

    NO = "no"
    THREAT_TO_LIFE = "threat_to_life"
    THREAT_TO_SECURITY = "threat_to_security"
    LIBERTY = "liberty"
    LOSING_RELEVANCE = "losing_relevance"


class Channel(StrEnum):
    """By what way something travels or is seen."""

    NODE = "node"
    LIVE_LINK = "live_link"
    PORTAL = "portal"
    OTHER = "other"


class Capacity(StrEnum):
    """In what capacity a person acts. Deployed capacities hold no executive power (WA-05)."""

    OWN_OFFICER = "own_officer"
    LIAISON = "liaison"
    OBSERVER = "observer"
    COORDINATOR = "coordinator"
    ADVISER = "adviser"
    TEAM_MEMBER = "team_member"
    EXAMINER = "examiner"
    MACHINE = "machine"


class Purpose(StrEnum):
    """Why something is asked or given. Closed: a purpose that is not here cannot be stated."""

    PREVENT = "prevent"
    DETECT = "detect"
    INVESTIGATE = "investigate"
    PROSECUTE = "prosecute"
    PENALTY = "penalty"
    PUBLIC_SECURITY = "public_security"
    AML_CFT = "aml_cft"
    BORDER_CONTROL = "border_control"
    IMMIGRATION_CONTROL = "immigration_control"
    RETURN = "return"
    READMISSION = "readmission"
    ASYLUM = "asylum"
    TRAVEL_DOCUMENT = "travel_document"
    RISK_ANALYSIS = "risk_analysis"
    SITUATIONAL_AWARENESS = "situational_awareness"
    DOCUMENT_FRAUD = "document_fraud"
    RESCUE = "rescue"
    SAFEGUARDING = "safeguarding"
    EVIDENCE = "evidence"
    OWN_RECORD = "own_record"
    VETTING_CHILD_WORK = "vetting_child_work"
    VETTING_OTHER = "vetting_other"
    OTHER_ADMINISTRATIVE = "other_administrative"
    REVENUE = "revenue"
    CUSTOMS = "customs"
    TRAINING = "training"
    RESEARCH = "research"
    STATISTICS = "statistics"
    RIGHTS = "rights"
    DATA_QUALITY = "data_quality"


class Regime(StrEnum):
    """Under which body of law (DPA 2018 Part 3 or LED; UK GDPR or GDPR; vital interests; ...)."""

    CRIME = "crime"
    IMMIGRATION = "immigration"
    RESCUE = "rescue"
    EU_INSTITUTION = "eu_institution"
    SECURITY_SERVICE = "security_service"
    NONE = "none"
    UNKNOWN = "unknown"


class Targeting(StrEnum):
    """Whom a question is aimed at."""

    INDIVIDUAL = "individual"
    NAMED_LIST = "named_list"
    GROUP = "group"
    UNTARGETED = "untargeted"
    UNKNOWN = "unknown"


class Modality(StrEnum):
    """Biometric comparison against stored data, later, or live (AI Act Art 3(41)-(43))."""

    STORED = "stored"
    LATER = "later"
    LIVE = "live"


class SubjectKind(StrEnum):
    """Who an item is about."""

    PERSON = "person"
    GROUP = "group"
    ORGANISATION = "organisation"
    UNIDENTIFIED = "unidentified"


class Role(StrEnum):
    """The part a person plays. Suspects, convicts, victims, witnesses stay apart (LED 6, DPA 38(3))."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    LIKELY_OFFENDER = "likely_offender"
    VICTIM = "victim"
    WITNESS = "witness"
    CONTACT = "contact"
    INFORMANT = "informant"
    MISSING = "missing"
    PERSON_IN_DISTRESS = "person_in_distress"
    STAFF = "staff"
    TRADER = "trader"
    APPLICANT = "applicant"
    OTHER = "other"
    UNKNOWN = "unknown"


class Protection(StrEnum):
    """Where a person stands with international protection. Only `none` stated by somebody counts as none."""

    NONE = "none"
    CLAIM_PENDING = "claim_pending"
    APPEAL_PENDING = "appeal_pending"
    GRANTED = "granted"
    REFUSED_FINAL = "refused_final"
    WITHDRAWN = "withdrawn"
    INADMISSIBLE = "inadmissible"
    SERIOUS_RISK = "serious_risk"
    UNKNOWN = "unknown"


class Answerable(StrEnum):
    """Yes, no, or nobody has said."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Minor(StrEnum):
    """Whether a person is a child. A disputed age counts as a child."""

    YES = "yes"
    NO = "no"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


class System(StrEnum):
    """The systems an item came or was derived from. Taints are written about these."""

    NATIONAL_POLICE = "national_police"
    NATIONAL_IMMIGRATION = "national_immigration"
    NATIONAL_ASYLUM = "national_asylum"
    CRIMINAL_RECORD = "criminal_record"
    EURODAC = "eurodac"
    SIS = "sis"
    VIS = "vis"
    ECRIS = "ecris"
    ECRIS_TCN = "ecris_tcn"
    EUROSUR = "eurosur"
    FRONTEX_RISK = "frontex_risk"
    FRONTEX_SUSPECT = "frontex_suspect"
    FRONTEX_RETURN = "frontex_return"
    EUROPOL = "europol"
    INTERPOL = "interpol"
    PRUM = "prum"
    PNR = "pnr"
    CUSTOMS = "customs"
    SEIZED_DEVICE = "seized_device"
    RESCUE = "rescue"
    OPEN_SOURCE = "open_source"
    COMPLAINT = "complaint"
    OTHER = "other"


class HandlingCode(StrEnum):
    """European handling codes H0-H3 (Europol practice under Reg. 2016/794 Art 19(2)) and UK P and C."""

    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    P = "P"
    C = "C"
    NONE = "none"
    UNKNOWN = "unknown"


class Classification(StrEnum):
    """Protective markings up to and above the ceiling of an unaccredited node, in rising order of pairs."""

    OFFICIAL = "OFFICIAL"
    LIMITE = "LIMITE"
    OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"
    RESTREINT_UE = "RESTREINT UE"
    CONFIDENTIEL_UE = "CONFIDENTIEL UE"
    SECRET = "SECRET"  # noqa: S105 -- a protective marking, not a password
    TOP_SECRET = "TOP SECRET"  # noqa: S105 -- a protective marking
    UNKNOWN = "unknown"


class GradeScheme(StrEnum):
    """The scheme in which intelligence was graded; the original is always kept."""

    EU_4X4 = "4x4"
    UK_3X5X2 = "3x5x2"


class Verdict(StrEnum):
    """The answer of an agreement, always with provisions."""

    PERMIT = "permit"
    WITHHOLD = "withhold"
    REFUSE = "refuse"


class Confidence(StrEnum):
    """How sure we are of a line of law. `unconfirmed` may restrict, never permit."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    UNCONFIRMED = "unconfirmed"


class LegalNature(StrEnum):
    """What a text is. A political text is never a basis for personal data."""

    TREATY = "treaty"
    STATUTE = "statute"
    REGULATION = "regulation"
    ARRANGEMENT = "arrangement"
    DECLARATION = "declaration"
    POLITICAL = "political"
    ANNOUNCED = "announced"


class Effect(StrEnum):
    """What a provision does."""

    PERMIT = "permit"
    WITHHOLD = "withhold"
    REFUSE = "refuse"
    DUTY = "duty"
    RESTRICT = "restrict"


class Transform(StrEnum):
    """What may make an item lawful to pass."""

    BLUR = "blur"
    CROP = "crop"
    MASK = "mask"
    GENERALISE = "generalise"
    AGGREGATE = "aggregate"


class Category(StrEnum):
    """The category that every leaf of every payload names, so that the gate needs to know nothing else."""

    # about nobody
    EVENT = "event"
    POSITION = "position"
    PLACE = "place"
    COUNT = "count"
    ROUTE = "route"
    METHOD = "method"
    PRICE = "price"
    ASSET = "asset"
    COVERAGE = "coverage"
    STATISTIC = "statistic"
    RISK_PRODUCT = "risk_product"
    SPECIMEN = "specimen"
    SECURITY_FEATURE = "security_feature"
    FORGERY_METHOD = "forgery_method"
    TRAINING = "training"
    PRACTICE = "practice"
    RESEARCH = "research"
    PROGRAMME = "programme"
    GOODS = "goods"
    CONSIGNMENT = "consignment"
    LOGISTICS = "logistics"
    OFFENCE = "offence"
    REFERENCE = "reference"
    # craft
    VESSEL_ID = "vessel_id"
    AIRCRAFT_ID = "aircraft_id"
    # staff and firms
    STAFF = "staff"
    ORGANISATION = "organisation"
    TRADER = "trader"
    # about persons
    NAME = "name"
    ALIAS = "alias"
    BIRTH = "birth"
    SEX = "sex"
    NATIONALITY = "nationality"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    ONLINE_ACCOUNT = "online_account"
    IDENTITY_DOCUMENT = "identity_document"
    FACE_IMAGE = "face_image"
    IMAGE = "image"
    VEHICLE = "vehicle"
    FINANCE = "finance"
    OCCUPATION = "occupation"
    ASSOCIATION = "association"
    SUSPICION = "suspicion"
    CONVICTION = "conviction"
    TRAVEL = "travel"
    WHEREABOUTS = "whereabouts"
    FAMILY = "family"
    IMMIGRATION_STATUS = "immigration_status"
    CALLER = "caller"
    # of special weight
    FINGERPRINT = "fingerprint"
    DNA = "dna"
    FACE_TEMPLATE = "face_template"
    HEALTH = "health"
    ETHNICITY = "ethnicity"
    BELIEF = "belief"
    SEXUALITY = "sexuality"
    ASYLUM = "asylum"
    VULNERABILITY = "vulnerability"
    COMPLAINT = "complaint"
    # pseudonymous reference data: no name beside it (Prüm)
    DNA_REFERENCE = "dna_reference"
    FINGERPRINT_REFERENCE = "fingerprint_reference"
    FACE_REFERENCE = "face_reference"
    HIT = "hit"
    # anything at all, until a person has marked it
    FREE_TEXT = "free_text"
    ATTACHMENT = "attachment"


class Personal(StrEnum):
    """What a category says about persons."""

    NONE = "none"
    IDENTIFIERS = "identifiers"
    STAFF = "staff"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Implied:
    """What a category implies whatever the payload.

    `personal`: whether it is personal data. `special`: sensitive processing (DPA s.35(8), LED 10).
    `everything`: counts as every category, with unknown subjects, until a person marks it.
    """

    personal: Personal
    special: bool = False
    everything: bool = False


_NOBODY: Final = """
event position place count route method price asset coverage statistic risk_product specimen
security_feature forgery_method training practice research programme goods consignment logistics offence
reference organisation"""
_PERSONS: Final = """
name alias birth sex nationality address phone email online_account identity_document face_image
image vehicle finance occupation association suspicion conviction travel whereabouts family
immigration_status caller trader dna_reference fingerprint_reference face_reference hit"""
_SPECIAL: Final = """
fingerprint dna face_template health ethnicity belief sexuality asylum vulnerability
complaint"""


def _implied() -> dict[Category, Implied]:
    """Each category with what it implies; total, so that a forgotten one fails at import."""
    table = {Category(name): Implied(Personal.NONE) for name in _NOBODY.split()}
    table |= {Category(name): Implied(Personal.YES) for name in _PERSONS.split()}
    table |= {Category(name): Implied(Personal.YES, special=True) for name in _SPECIAL.split()}
    # EBCG Art 89(2): ship and aircraft identification numbers are the one kind that shared pictures may show.
    table |= {c: Implied(Personal.IDENTIFIERS) for c in (Category.VESSEL_ID, Category.AIRCRAFT_ID)}
    table[Category.STAFF] = Implied(Personal.STAFF)
    for mixed in (Category.FREE_TEXT, Category.ATTACHMENT):
        table[mixed] = Implied(Personal.YES, special=True, everything=True)
    return {category: table[category] for category in Category}


CATEGORIES: Final = MappingProxyType(_implied())
"""Category -> what it implies."""
