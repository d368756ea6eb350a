"""Working together: documents, practice, staff, research, goods, rights, and the quality of what was sent.

Types 3, 4, 5, 6, 7, 8, 25, 33, 34, 35, 36.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from cordiale.payloads.model import (
    Attachment,
    Between,
    FreeText,
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
    Country,
    CountryOfPlace,
    Firm,
    Graded,
    Offence,
    Phone,
    PlaceName,
    Plate,
    Position,
    Reachable,
    Reference,
    RouteLine,
    StaffMember,
    Vessel,
    Vin,
    When,
)
from cordiale.payloads.words import (
    ComplaintKind,
    DocumentFraud,
    DocumentKind,
    GoodsClass,
    QualityAction,
    QualityReason,
)
from cordiale.terms import Capacity, Category, Role


# ---------------------------------------------------------------------------- documents and practice
@model
class DocumentAlert(Payload):
    """Type 3: a document-fraud alert: types and features, personal page masked (Reg. 2020/493 Art 5)."""

    TYPE: ClassVar[str] = "document_alert"

    alert_id: Reference
    kind: Annotated[DocumentKind, Category.SPECIMEN]
    issuer: Annotated[str, Category.SPECIMEN, Country]
    series: Annotated[str, Category.SPECIMEN, Longest(60)] | None = None
    fraud: Annotated[DocumentFraud, Category.FORGERY_METHOD]
    forgery_methods: tuple[Annotated[str, Category.FORGERY_METHOD, Longest(500)], ...]
    security_features: tuple[Annotated[str, Category.SECURITY_FEATURE, Longest(300)], ...] = ()
    how_to_detect: Annotated[str, Category.PRACTICE, Longest(1000)] | None = None
    detected_on: Annotated[date, Category.EVENT]
    detected_at: PlaceName
    route: RouteLine | None = None
    detections: Annotated[int, Category.COUNT, Between(0, 1_000_000)] | None = None
    examiner: StaffMember | None = None
    images: tuple[Attachment, ...] = ()


@model
class PracticeNote(Payload):
    """Type 4: a course, a practice, how returns are done elsewhere."""

    TYPE: ClassVar[str] = "practice_note"

    title: Annotated[str, Category.PRACTICE]
    area: Annotated[str, Category.PRACTICE, Longest(80)]
    lines: tuple[Annotated[str, Category.PRACTICE, Longest(2000)], ...]
    courses: tuple[Annotated[str, Category.TRAINING, Longest(300)], ...] = ()
    course_from: Annotated[date, Category.TRAINING] | None = None
    places_offered: Annotated[int, Category.TRAINING, Between(0, 10_000)] | None = None
    contact: StaffMember | None = None


@model
class Deployment(Payload):
    """Type 5: who is sent where, in what capacity, with which tasks (EBCG Arts 74, 77, 78, 83)."""

    TYPE: ClassVar[str] = "deployment"

    reference: Reference
    officer: StaffMember
    capacity: Annotated[Capacity, Category.STAFF]
    host: Authority
    site: PlaceName
    tasks: tuple[Annotated[str, Category.PROGRAMME, Longest(300)], ...]
    from_day: Annotated[date, Category.PROGRAMME]
    until_day: Annotated[date, Category.PROGRAMME]
    host_request: Reference | None = None
    operational_plan: Reference | None = None
    accreditation: Reference | None = None
    photo: (
        Annotated[str, Category.STAFF, Shaped(r"[0-9a-f]{64}", "the digest of the attached photo")] | None
    ) = None


@model
class ResearchResult(Payload):
    """Type 6: the result of a project, pilot or test; test data are synthetic."""

    TYPE: ClassVar[str] = "research_result"

    project: Annotated[str, Category.RESEARCH]
    programme: Annotated[str, Category.PROGRAMME] | None = None
    results: tuple[Annotated[str, Category.RESEARCH, Longest(2000)], ...]
    test_data: Annotated[
        str, Category.RESEARCH, Shaped(r"synthetic|public|none", "synthetic, public or none")
    ]
    ethics_review: Reference | None = None
    rights_in_it: Annotated[str, Category.RESEARCH, Longest(300)] | None = None
    contact: StaffMember | None = None


@model
class SupportRecord(Payload):
    """Type 33: training, equipment and funding given: an account of money, not of people."""

    TYPE: ClassVar[str] = "support_record"

    reference: Reference
    programme: Annotated[str, Category.PROGRAMME]
    kind: Annotated[
        str, Category.PROGRAMME, Shaped(r"training|equipment|funding", "training, equipment or funding")
    ]
    what: Annotated[str, Category.PROGRAMME, Longest(500)]
    amount: Annotated[int, Category.PROGRAMME] | None = None
    currency: Annotated[str, Category.PROGRAMME, Longest(3)] | None = None
    receiver: Authority
    given_on: Annotated[date, Category.PROGRAMME] | None = None
    result: Annotated[str, Category.PROGRAMME, Longest(500)] | None = None
    contacts: tuple[StaffMember, ...] = ()


# ---------------------------------------------------------------------------- route analysis
@model
class CrossingIdentifier(Subject):
    """One identifier linked to a crossing: plate, chassis, telephone or vessel (EBCG Art 88(1)(c))."""

    ROLE: ClassVar[Role] = Role.UNKNOWN

    plate: Plate | None = None
    vin: Vin | None = None
    phone: Phone | None = None
    vessel: Vessel | None = None
    seen_at: When | None = None
    place: PlaceName | None = None


@model
class CrossingIdentifiers(Payload):
    """Type 7: identifiers for route analysis, and for nothing else (EBCG Art 88)."""

    TYPE: ClassVar[str] = "crossing_identifiers"

    reference: Reference
    collected_on: Annotated[date, Category.EVENT]
    route: RouteLine
    identifiers: tuple[CrossingIdentifier, ...]


# ---------------------------------------------------------------------------- rights
@model
class Complainant(Subject):
    """Who complains. Their identity goes on only with their consent (EBCG Art 111)."""

    ROLE: ClassVar[Role] = Role.VICTIM

    name: Annotated[str, Category.COMPLAINT, Longest(120)] | None = None
    reach: Annotated[str, Category.COMPLAINT, Longest(160)] | None = None
    language: Annotated[str, Category.COMPLAINT, Longest(40)] | None = None
    consents_to_identity: Annotated[bool, Category.COMPLAINT] | None = None
    represented_by: Annotated[str, Category.COMPLAINT, Longest(160)] | None = None


@model
class Incident(Part):
    """What is reported: in the words of the person, as somebody wrote it down."""

    what: Annotated[str, Category.COMPLAINT, Longest(8000)]
    happened_at: Annotated[str, Category.COMPLAINT, Longest(80)] | None = None
    place: Annotated[str, Category.COMPLAINT] | None = None
    rights_concerned: tuple[Annotated[str, Category.COMPLAINT], ...] = ()
    staff_concerned: Annotated[str, Category.COMPLAINT] | None = None
    about: tuple[SubjectRef, ...] = ()


@model
class RightsReport(Payload):
    """Type 8: a complaint or serious incident, to a rights officer outside the chain of command."""

    TYPE: ClassVar[str] = "rights_report"

    reference: Reference
    kind: Annotated[ComplaintKind, Category.REFERENCE]
    received_at: When
    concerns_agreement: Reference | None = None
    complainant: Complainant | None = None
    incident: Incident
    files: tuple[Attachment, ...] = ()


# ---------------------------------------------------------------------------- goods
@model
class Consignment(Payload):
    """Type 25: a consignment of interest. Life-jackets and the like are no class here (BSAIA 2025 s.15)."""

    TYPE: ClassVar[str] = "consignment"

    reference: Reference
    goods: Annotated[GoodsClass, Category.GOODS]
    description: Annotated[str, Category.GOODS, Longest(300)]
    quantity: Annotated[int, Category.GOODS, Between(1, 1_000_000)]
    hs_code: (
        Annotated[str, Category.GOODS, Shaped(r"\d{4,10}", "a tariff number of 4 to 10 digits")] | None
    ) = None
    marks: tuple[Annotated[str, Category.GOODS, Longest(80)], ...] = ()
    container: Annotated[str, Category.CONSIGNMENT, Longest(20)] | None = None
    carrier: Annotated[str, Category.CONSIGNMENT, Longest(120)] | None = None
    stages: tuple[Annotated[str, Category.CONSIGNMENT], ...] = ()
    from_country: CountryOfPlace
    to_country: CountryOfPlace
    expected_on: Annotated[date, Category.CONSIGNMENT] | None = None
    storage: PlaceName | None = None
    storage_position: Position | None = None
    traders: tuple[Firm, ...] = ()
    why: Annotated[str, Category.METHOD, Longest(1000)]


@model
class CustomsInformation(Graded):
    """Type 34: customs information to a listed body, for its functions alone (BSAIA 2025 ss.30-32)."""

    TYPE: ClassVar[str] = "customs_information"

    functions_served: Annotated[str, Category.REFERENCE, Longest(80)]
    goods: tuple[Annotated[str, Category.GOODS, Longest(300)], ...] = ()
    declarations: tuple[Annotated[str, Category.CONSIGNMENT, Longest(300)], ...] = ()
    traders: tuple[Firm, ...] = ()
    narrative: FreeText | None = None


# ---------------------------------------------------------------------------- devices
@model
class DeviceUser(Reachable):
    """The person from whom the device was taken: not a suspect for that alone."""

    ROLE: ClassVar[Role] = Role.UNKNOWN


@model
class Extract(Part):
    """One thing found on the device, and whom it is about."""

    kind: Annotated[str, Category.ONLINE_ACCOUNT, Longest(40)]
    text: Annotated[str, Category.FREE_TEXT, Longest(4000)]
    at: When | None = None
    about: tuple[SubjectRef, ...] = ()


@model
class DeviceExtract(Graded):
    """Type 35: an extract from a seized device, for ss.25 and 25A offences alone (BSAIA 2025 ss.23-26)."""

    TYPE: ClassVar[str] = "device_extract"

    authorisation: Reference
    offence: Offence
    taken_at: When
    user: DeviceUser
    extracts: tuple[Extract, ...]
    files: tuple[Attachment, ...] = ()


# ---------------------------------------------------------------------------- quality of what was sent
@model
class NewValue(Part):
    """A corrected value, for the path it belongs to; a mark says its category and whom it is about."""

    path: Reference
    value: FreeText


@model
class QualityNotice(Payload):
    """Type 36: recall, correct, restrict or erase: a pointer to what was sent, with a code for the reason.

    It follows every copy and is acknowledged by every holder (DPA ss.38(5), 48(9); LED 7(3), 16(6)).
    """

    TYPE: ClassVar[str] = "quality_notice"

    reference: Reference
    action: Annotated[QualityAction, Category.REFERENCE]
    messages: tuple[Reference, ...]
    paths: tuple[Reference, ...] = ()
    reason: Annotated[QualityReason, Category.REFERENCE]
    decided_at: When
    corrected: tuple[NewValue, ...] = ()
    restrictions: tuple[
        Annotated[
            str,
            Category.REFERENCE,
            Shaped(r"[a-z_]{3,40}(:[a-z_0-9-]{1,40})?", "a restriction such as `no_onward`"),
        ],
        ...,
    ] = ()
