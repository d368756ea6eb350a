"""Reports, leads and profiles: intelligence between police, customs and joint cells.

Types 14, 15, 20, 26, 27, 28, 29, 30.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from cordiale.payloads.model import Attachment, FreeText, Longest, Part, Payload, SubjectRef, model
from cordiale.payloads.parts import (
    Assessment,
    Authority,
    Contact,
    Count,
    Firm,
    Graded,
    Intelligence,
    Method,
    MethodAssessment,
    Name,
    Offence,
    Phone,
    PlaceName,
    Price,
    Reference,
    RouteLine,
    Suspect,
    Vehicle,
    Vessel,
    When,
)
from cordiale.payloads.words import CrimeArea, EuropolPurpose, HandOver, Transport
from cordiale.terms import Category


@model
class IntelligenceReport(Intelligence):
    """Type 14: operational information between competent authorities (TCA Art 563)."""

    TYPE: ClassVar[str] = "intelligence_report"

    crime_areas: tuple[Annotated[CrimeArea, Category.OFFENCE], ...] = ()


@model
class IntelligenceRequest(Graded):
    """Type 14: a request for information: what is asked, why it is needed, why it should be there.

    Necessary, proportionate and available are reasons, each written out (Directive (EU) 2023/977 Art 4(3), as
    a model of a good request; the UK is not bound by it).
    """

    TYPE: ClassVar[str] = "intelligence_report"
    MODEL: ClassVar[str] = "query"

    title: Annotated[str, Category.EVENT, Longest(160)]
    offence: Offence
    asked: tuple[Annotated[str, Category.EVENT, Longest(500)], ...]
    why_needed: Annotated[str, Category.EVENT, Longest(1000)]
    why_available: Annotated[str, Category.EVENT, Longest(1000)]
    suspects: tuple[Suspect, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    phones: tuple[Phone, ...] = ()


@model
class EuropolIntelligence(Intelligence):
    """Type 15: through liaison officers at Europol, with the purpose (Reg. 2016/794 Art 18(2))."""

    TYPE: ClassVar[str] = "europol_intelligence"

    purposes: tuple[Annotated[EuropolPurpose, Category.REFERENCE], ...]
    crime_areas: tuple[Annotated[CrimeArea, Category.OFFENCE], ...]


@model
class JointItem(Intelligence):
    """Type 20: an item of the joint intelligence cell; each national keeps its own store and stays owner."""

    TYPE: ClassVar[str] = "joint_item"

    national_owner: Authority
    site: PlaceName | None = None
    hand_over: Annotated[HandOver, Category.REFERENCE] | None = None
    judicial_reference: Reference | None = None


@model
class NetworkProfile(Intelligence):
    """Type 26: a profile of a network: who does what in it, with what, for how much."""

    TYPE: ClassVar[str] = "network_profile"

    network: Annotated[str, Category.ORGANISATION, Longest(120)]
    active_since: Annotated[date, Category.EVENT] | None = None
    members_estimate: Count | None = None
    firms: tuple[Firm, ...] = ()
    money: tuple[MoneyTrail, ...] = ()


@model
class MoneyTrail(Part):
    """One movement of money, and whose."""

    method: Annotated[str, Category.FINANCE] | None = None
    account: Annotated[str, Category.FINANCE, Longest(60)] | None = None
    amount: Annotated[int, Category.FINANCE] | None = None
    currency: Annotated[str, Category.FINANCE, Longest(3)] | None = None
    moved_on: Annotated[date, Category.FINANCE] | None = None
    about: tuple[SubjectRef, ...] = ()


@model
class AdvertReport(Payload):
    """Type 27: an advert for smuggling, to the platform that carries it (DPA 2018 s.77; BSAIA 2025 ss.16-18).

    Only the advert and its account: never the accounts of those who read it.
    """

    TYPE: ClassVar[str] = "advert_report"

    case_reference: Reference
    platform: Authority
    account: Annotated[str, Category.ONLINE_ACCOUNT]
    address: Annotated[str, Category.ONLINE_ACCOUNT, Longest(400)]
    captured_at: When
    words: FreeText | None = None
    language: Annotated[str, Category.EVENT, Longest(40)] | None = None
    route: RouteLine | None = None
    price: Price | None = None
    contact_given: Phone | None = None
    offence: Offence
    asked: Annotated[str, Category.EVENT, Longest(500)]
    evidence: tuple[Attachment, ...] = ()


@model
class FinanceLead(Graded):
    """Type 28: a lead on illicit finance (TCA Art 563(1): money laundering and terrorist financing)."""

    TYPE: ClassVar[str] = "finance_lead"

    title: Annotated[str, Category.EVENT, Longest(160)]
    offence: Offence
    methods: tuple[Method, ...] = ()
    money: tuple[MoneyTrail, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    contacts: tuple[Contact, ...] = ()
    firms: tuple[Firm, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    narrative: FreeText | None = None


@model
class RouteIntelligence(Graded):
    """Type 29: places, methods, prices and kinds of vehicle along a route; nobody's identity."""

    TYPE: ClassVar[str] = "route_intelligence"

    title: Annotated[str, Category.ROUTE, Longest(160)]
    as_of: When
    stages: tuple[RouteLine, ...]
    places: tuple[PlaceName, ...] = ()
    methods: tuple[Method, ...] = ()
    prices: tuple[Price, ...] = ()
    transports: tuple[Annotated[Transport, Category.METHOD], ...] = ()
    vessels: tuple[Vessel, ...] = ()
    persons_per_week: Count | None = None
    assessments: tuple[MethodAssessment, ...] = ()


@model
class PersonIntelligence(Graded):
    """Type 30: intelligence on one person in one case, with its transfer record (DPA ss.75-76)."""

    TYPE: ClassVar[str] = "person_intelligence"

    title: Annotated[str, Category.EVENT, Longest(160)]
    offence: Offence
    transfer_record: Reference
    person: Suspect
    facts: tuple[PersonFact, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    narrative: FreeText | None = None
    attachments: tuple[Attachment, ...] = ()


@model
class PersonFact(Part):
    """One fact about the person, when it was so, and who says so."""

    text: Annotated[str, Category.SUSPICION, Longest(1000)]
    at: Annotated[datetime, Category.SUSPICION] | None = None
    told_by: Name | None = None
    about: tuple[SubjectRef, ...] = ()
