"""Records of convictions and of passengers, and what goes with a return or a readmission.

Types 13, 16, 17, 19, 24, 31, 32.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from cordiale.payloads.model import (
    Attachment,
    Between,
    Longest,
    Part,
    Payload,
    Shaped,
    Subject,
    SubjectRef,
    model,
)
from cordiale.payloads.parts import (
    Authority,
    BirthDate,
    Country,
    CountryOfPlace,
    Email,
    Hit,
    Name,
    Nationality,
    Offence,
    Person,
    Phone,
    PlaceName,
    Reference,
    TravelPaper,
    When,
)
from cordiale.payloads.situation import Figure
from cordiale.payloads.words import (
    ReadmissionAnswer,
    ReadmissionGround,
    RecordAnswer,
    RecordPurpose,
    Sex,
)
from cordiale.terms import Category, Role


# ---------------------------------------------------------------------------- passengers
@model
class Passenger(Subject):
    """One passenger of a record, as airlines send it (TCA Part Three Title III)."""

    ROLE: ClassVar[Role] = Role.OTHER

    family_name: Name | None = None
    given_names: Name | None = None
    date_of_birth: BirthDate | None = None
    nationality: Nationality | None = None
    document: TravelPaper | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    address: Annotated[str, Category.ADDRESS] | None = None
    payment: Annotated[str, Category.FINANCE] | None = None
    seat: Annotated[str, Category.TRAVEL, Longest(10)] | None = None
    baggage: Annotated[str, Category.TRAVEL] | None = None
    itinerary: tuple[Annotated[str, Category.TRAVEL], ...] = ()
    travels_with: tuple[Annotated[str, Category.ASSOCIATION, Longest(120)], ...] = ()
    rule_hit: Hit | None = None


@model
class PassengerRecords(Payload):
    """Type 13: passenger records or the result of processing them."""

    TYPE: ClassVar[str] = "passenger_records"

    reference: Reference
    locator: Annotated[str, Category.TRAVEL, Longest(20)]
    flight_number: Annotated[str, Category.AIRCRAFT_ID, Longest(16)]
    departs_at: When
    departure: PlaceName
    destination: PlaceName
    eu_origin: Annotated[bool, Category.REFERENCE]
    passengers: tuple[Passenger, ...]


@model
class PassengerRequest(Payload):
    """Type 13: one case, reasoned (Passenger Name Record regulations 2018 reg 10)."""

    TYPE: ClassVar[str] = "passenger_records"
    MODEL: ClassVar[str] = "query"

    reference: Reference
    case_reference: Reference
    offence: Offence
    reason: Annotated[str, Category.EVENT, Longest(1000)]
    flight_number: Annotated[str, Category.AIRCRAFT_ID, Longest(16)] | None = None
    travel_on: Annotated[date, Category.EVENT] | None = None
    locator: Annotated[str, Category.TRAVEL, Longest(20)] | None = None
    passenger: Passenger | None = None


# ---------------------------------------------------------------------------- convictions
@model
class Convict(Subject):
    """The convicted person: EU (Future Relationship) Act 2020 Sch 1, always and if recorded."""

    ROLE: ClassVar[Role] = Role.CONVICTED

    family_name: Name
    given_names: Name
    former_names: tuple[Name, ...] = ()
    gender: Annotated[Sex, Category.SEX]
    date_of_birth: BirthDate
    place_of_birth: Annotated[str, Category.BIRTH]
    nationalities: tuple[Nationality, ...]
    other_names: tuple[Annotated[str, Category.ALIAS, Longest(120)], ...] = ()
    parents_names: tuple[Annotated[str, Category.FAMILY, Longest(120)], ...] = ()
    documents: tuple[TravelPaper, ...] = ()
    fingerprints: (
        Annotated[str, Category.FINGERPRINT, Shaped(r"[0-9a-f]{64}", "the digest of the attached file")]
        | None
    ) = None
    face_image: (
        Annotated[str, Category.FACE_IMAGE, Shaped(r"[0-9a-f]{64}", "the digest of the attached file")] | None
    ) = None
    convictions: tuple[Conviction, ...]


@model
class Conviction(Part):
    """One conviction (Sch 1): court, offence and its date or period, sentence, other orders."""

    convicted_on: Annotated[date, Category.CONVICTION]
    court: Annotated[str, Category.CONVICTION]
    offence: Annotated[str, Category.CONVICTION]
    offence_code: Annotated[str, Category.CONVICTION, Longest(20)] | None = None
    offence_from: Annotated[date, Category.CONVICTION]
    offence_until: Annotated[date, Category.CONVICTION] | None = None
    sentence: Annotated[str, Category.CONVICTION, Longest(500)]
    other_orders: tuple[Annotated[str, Category.CONVICTION], ...] = ()
    reference: Annotated[str, Category.CONVICTION, Longest(60)] | None = None
    place_of_offence: Annotated[str, Category.CONVICTION] | None = None
    spent: Annotated[bool, Category.CONVICTION] | None = None
    proceedings_only: Annotated[bool, Category.CONVICTION] | None = None


@model
class ConvictionNotice(Payload):
    """Type 16: to each state of nationality, within 28 days (FRA 2020 s.1, Sch 1; TCA Title IX)."""

    TYPE: ClassVar[str] = "conviction_notice"

    reference: Reference
    recorded_at: When
    amends: Reference | None = None
    person: Convict
    files: tuple[Attachment, ...] = ()


@model
class SoughtPerson(Person):
    """Whom a central authority asks about."""

    ROLE: ClassVar[Role] = Role.UNKNOWN

    documents: tuple[TravelPaper, ...] = ()


@model
class ConvictionRequest(Payload):
    """Type 17: a request for a criminal record, for one of the lawful purposes (FRA 2020 ss.4-5)."""

    TYPE: ClassVar[str] = "conviction_request"
    MODEL: ClassVar[str] = "query"

    reference: Reference
    purpose: Annotated[RecordPurpose, Category.REFERENCE]
    offence: Offence | None = None
    case_reference: Reference | None = None
    consent_given: Annotated[bool, Category.REFERENCE] | None = None
    person: SoughtPerson


@model
class RecordHolder(Subject):
    """The person whose record is answered, without repeating who that is: the question has said so."""

    ROLE: ClassVar[Role] = Role.CONVICTED

    convictions: tuple[Conviction, ...]


@model
class ConvictionReply(Payload):
    """Type 17: the reply. For one marked proceedings-only, the convicting state is named instead."""

    TYPE: ClassVar[str] = "conviction_request"
    MODEL: ClassVar[str] = "reply"

    reference: Reference
    request_reference: Reference
    purpose: Annotated[RecordPurpose, Category.REFERENCE]
    answer: Annotated[RecordAnswer, Category.HIT]
    about: tuple[SubjectRef, ...] = ()
    record: RecordHolder | None = None
    ask_also: tuple[Annotated[str, Category.REFERENCE, Country], ...] = ()


@model
class ReturnsInformation(Payload):
    """Type 19: how returns are organised: procedures, flights, figures; nobody who is returned."""

    TYPE: ClassVar[str] = "returns_information"

    title: Annotated[str, Category.PRACTICE]
    country: CountryOfPlace
    procedures: tuple[Annotated[str, Category.PRACTICE, Longest(2000)], ...] = ()
    travel_document_practice: Annotated[str, Category.PRACTICE, Longest(2000)] | None = None
    flights: tuple[Annotated[str, Category.LOGISTICS, Longest(300)], ...] = ()
    figures: tuple[Figure, ...] = ()
    contact: Authority | None = None


@model
class ReadmissionPerson(Person):
    """Whom the request is about, with what the treaty's annex form needs and no more."""

    ROLE: ClassVar[Role] = Role.APPLICANT

    documents: tuple[TravelPaper, ...] = ()
    arrived_at: Annotated[str, Category.TRAVEL, Longest(40)] | None = None
    arrived_by: Annotated[str, Category.TRAVEL] | None = None
    proof_of_route: tuple[Annotated[str, Category.TRAVEL, Longest(300)], ...] = ()
    adult_or_accompanied: Annotated[bool, Category.IMMIGRATION_STATUS] | None = None
    health_need: Annotated[str, Category.HEALTH, Longest(300)] | None = None


@model
class ReadmissionRequest(Payload):
    """Type 24: UK to France, only what carrying out the treaty needs (treaty of 2025 Arts 3, 4, 7, 16)."""

    TYPE: ClassVar[str] = "readmission_request"
    MODEL: ClassVar[str] = "query"

    reference: Reference
    requested_at: When
    person: ReadmissionPerson
    caseworker: Reference
    files: tuple[Attachment, ...] = ()


@model
class ReadmissionReply(Payload):
    """Type 24: France to UK. Person-free by schema: Art 16 lets no personal data flow this way."""

    TYPE: ClassVar[str] = "readmission_request"
    MODEL: ClassVar[str] = "reply"

    request_reference: Reference
    answer: Annotated[ReadmissionAnswer, Category.REFERENCE]
    ground: Annotated[ReadmissionGround, Category.REFERENCE] | None = None
    answered_on: Annotated[date, Category.EVENT]


@model
class Returnee(Person):
    """A person to be identified for return: identity and nothing of any claim (Immigration Rules 339IA)."""

    ROLE: ClassVar[Role] = Role.OTHER

    documents: tuple[TravelPaper, ...] = ()
    address_there: Annotated[str, Category.ADDRESS] | None = None
    relatives_there: tuple[Annotated[str, Category.FAMILY, Longest(120)], ...] = ()
    face: (
        Annotated[str, Category.FACE_IMAGE, Shaped(r"[0-9a-f]{64}", "the digest of the attached image")]
        | None
    ) = None
    fingerprints: (
        Annotated[str, Category.FINGERPRINT, Shaped(r"[0-9a-f]{64}", "the digest of the attached file")]
        | None
    ) = None


@model
class OwnNationalReturn(Payload):
    """Type 31: return of an own national: identity and travel document."""

    TYPE: ClassVar[str] = "own_national_return"

    reference: Reference
    person: Returnee
    asked: Annotated[
        str, Category.REFERENCE, Shaped(r"confirm_nationality|travel_document|both", "one of the three")
    ]
    planned_on: Annotated[date, Category.TRAVEL] | None = None
    files: tuple[Attachment, ...] = ()


@model
class OwnNationalReply(Payload):
    """Type 31: the answer: confirmed or not, and the number of the document issued."""

    TYPE: ClassVar[str] = "own_national_return"
    MODEL: ClassVar[str] = "reply"

    request_reference: Reference
    about: SubjectRef
    confirmed: Annotated[bool, Category.HIT]
    document_number: Annotated[str, Category.IDENTITY_DOCUMENT, Longest(40)] | None = None
    valid_days: Annotated[int, Category.REFERENCE, Between(0, 3650)] | None = None
    answered_on: Annotated[date, Category.EVENT]


@model
class IdentityEvidence(Payload):
    """Type 32: evidence of identity for a travel document, to the state's central authority alone."""

    TYPE: ClassVar[str] = "identity_evidence"

    reference: Reference
    person: Returnee
    evidence: tuple[EvidenceOfIdentity, ...] = ()
    files: tuple[Attachment, ...] = ()


@model
class EvidenceOfIdentity(Part):
    """One piece of evidence and what it shows."""

    kind: Annotated[str, Category.IDENTITY_DOCUMENT, Longest(80)]
    shows: Annotated[str, Category.IDENTITY_DOCUMENT, Longest(300)]
    seen_on: Annotated[date, Category.IDENTITY_DOCUMENT] | None = None
