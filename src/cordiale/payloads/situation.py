"""Pictures, alerts, tracks and distress: what happens where. No leaf of these can hold a name.

Types 1, 2, 21, 22, 23.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from cordiale.payloads.model import (
    Attachment,
    Between,
    Longest,
    Part,
    Payload,
    Shaped,
    Subject,
    model,
)
from cordiale.payloads.parts import (
    Authority,
    Caveat,
    Confidence,
    Count,
    Country,
    CountryOfPlace,
    Happening,
    ImpactLevel,
    Method,
    NationalityCount,
    PlaceName,
    Position,
    Reference,
    RouteLine,
    Vessel,
    When,
)
from cordiale.payloads.words import (
    AgeGroup,
    AlertKind,
    BoatState,
    Circumstance,
    CloseReason,
    Confirmation,
    Direction,
    DocumentFraud,
    DocumentKind,
    EventKind,
    EventStatus,
    Layer,
    RescuePhase,
    Sensor,
    Stage,
    Transport,
    Trigger,
)
from cordiale.terms import Category, Classification, Role, SubjectKind


@model
class AgeCount(Part):
    """How many of one age group."""

    group: Annotated[AgeGroup, Category.COUNT]
    count: Count


@model
class PersonCounts(Part):
    """Persons as counts with breakdowns; the annexes know no other person field (Annex 2 1.3, 2.3, 2.4)."""

    total: Count | None = None
    minors: Count | None = None
    unaccompanied_minors: Count | None = None
    in_need_of_protection: Count | None = None
    nationalities: tuple[NationalityCount, ...] = ()
    ages: tuple[AgeCount, ...] = ()


@model
class Movement(Part):
    """A position report of a vessel or flight of interest (Annex 2 6.1, 7.1)."""

    measured_at: When
    position: Position
    heading_deg: Annotated[int, Category.POSITION, Between(0, 359)] | None = None
    speed_kn: Annotated[int, Category.POSITION, Between(0, 900)] | None = None
    altitude_m: Annotated[int, Category.POSITION, Between(0, 30_000)] | None = None
    status: Annotated[str, Category.EVENT] | None = None
    sensor: Annotated[Sensor, Category.EVENT] | None = None


@model
class Flight(Part):
    """An external flight of interest (Annex 2 7.2-7.4); aircraft numbers are identifiers (EBCG Art 89(2))."""

    kind: Annotated[str, Category.ASSET] | None = None
    registration: Annotated[str, Category.AIRCRAFT_ID, Longest(16)] | None = None
    flight_number: Annotated[str, Category.AIRCRAFT_ID, Longest(16)] | None = None
    departure: PlaceName | None = None
    destination: PlaceName | None = None


@model
class GoodsFound(Part):
    """Goods of an event (Annex 2 3.3)."""

    goods: Annotated[str, Category.GOODS]
    amount: Annotated[int, Category.GOODS]
    unit: Annotated[str, Category.GOODS, Longest(20)]
    seized: Annotated[bool, Category.GOODS]
    value_eur: Annotated[int, Category.GOODS] | None = None


@model
class FalseDocument(Part):
    """The document of a document-fraud event, without its holder (Annex 2 4.1, 4.4)."""

    kind: Annotated[DocumentKind, Category.SPECIMEN]
    issuer: Annotated[str, Category.SPECIMEN, Country] | None = None
    fraud: Annotated[DocumentFraud, Category.FORGERY_METHOD]
    method: Annotated[str, Category.FORGERY_METHOD] | None = None


@model
class RescueStatus(Part):
    """Status of a rescue case in the picture (Annex 2 8.2)."""

    phase: Annotated[RescuePhase, Category.EVENT]
    centre: Authority | None = None
    place_of_safety: PlaceName | None = None


@model
class SituationalItem(Payload):
    """Type 1: an item of the situational picture. Person-free by schema (EBCG Art 89(2))."""

    TYPE: ClassVar[str] = "situational_item"

    report_id: Reference
    layer: Annotated[Layer, Category.EVENT]
    kind: Annotated[EventKind, Category.EVENT]
    event_id: Reference | None = None
    previous_report: Reference | None = None
    links: tuple[Reference, ...] = ()
    detected_at: When
    aware_at: When | None = None
    triggers: tuple[Annotated[Trigger, Category.EVENT], ...] = ()
    stage: Annotated[Stage, Category.EVENT] | None = None
    clandestine: Annotated[bool, Category.EVENT] | None = None
    response_taken: Happening
    response_planned: Happening | None = None
    confidence: Confidence
    impact: ImpactLevel
    lives_at_risk: Annotated[bool, Category.EVENT] | None = None
    border_section: Reference | None = None
    crossing_point: Reference | None = None
    place: PlaceName | None = None
    position: Position | None = None
    direction: Annotated[Direction, Category.ROUTE] | None = None
    circumstance: Annotated[Circumstance, Category.EVENT] | None = None
    transport: Annotated[Transport, Category.METHOD] | None = None
    last_embarkation: CountryOfPlace | None = None
    destination: CountryOfPlace | None = None
    method: Method | None = None
    persons: PersonCounts | None = None
    perpetrators: PersonCounts | None = None
    goods: tuple[GoodsFound, ...] = ()
    document: FalseDocument | None = None
    vessel: Vessel | None = None
    flight: Flight | None = None
    movements: tuple[Movement, ...] = ()
    rescue: RescueStatus | None = None
    status: Annotated[EventStatus, Category.EVENT] = EventStatus.OPEN
    close_reason: Annotated[CloseReason, Category.EVENT] | None = None
    classification: Annotated[Classification, Category.REFERENCE] | None = None
    caveats: tuple[Caveat, ...] = ()


@model
class Figure(Part):
    """One figure of a series. `suppressed`: too small to be told (see counts)."""

    series: Annotated[str, Category.STATISTIC, Longest(120)]
    period: Annotated[str, Category.STATISTIC, Shaped(r"\d{4}(-\d{2}(-\d{2})?)?", "a year, month or day")]
    value: Annotated[int, Category.STATISTIC] | None = None
    suppressed: Annotated[bool, Category.STATISTIC] | None = None
    place: PlaceName | None = None
    nationality: Annotated[str, Category.STATISTIC, Country] | None = None
    age: Annotated[AgeGroup, Category.STATISTIC] | None = None


@model
class RiskProduct(Payload):
    """Type 2: a risk-analysis product or flow statistics; results hold no personal data (EBCG Art 29(2))."""

    TYPE: ClassVar[str] = "risk_product"

    title: Annotated[str, Category.RISK_PRODUCT]
    period_from: Annotated[date, Category.RISK_PRODUCT]
    period_until: Annotated[date, Category.RISK_PRODUCT]
    area: PlaceName
    findings: tuple[Annotated[str, Category.RISK_PRODUCT, Longest(2000)], ...]
    routes: tuple[RouteLine, ...] = ()
    methods: tuple[Method, ...] = ()
    figures: tuple[Figure, ...] = ()
    source_note: Annotated[str, Category.RISK_PRODUCT, Longest(1000)] | None = None
    confidence: Confidence | None = None
    impact: ImpactLevel | None = None


@model
class LaunchAlert(Payload):
    """Type 21: a gathering, launch or taxi boat seen from the shore: position and counts, no identity."""

    TYPE: ClassVar[str] = "launch_alert"

    alert_id: Reference
    kind: Annotated[AlertKind, Category.EVENT]
    seen_at: When
    position: Position
    place: PlaceName | None = None
    boats: Count | None = None
    persons: Count | None = None
    vehicles: Count | None = None
    children_seen: Annotated[bool, Category.EVENT] | None = None
    heading_for: PlaceName | None = None
    craft: Vessel | None = None
    tasking: Annotated[str, Category.EVENT, Longest(500)] | None = None
    source: Annotated[Sensor, Category.EVENT] | None = None
    status: Annotated[Confirmation, Category.EVENT] = Confirmation.NOT_CONFIRMED


@model
class SurveillanceTrack(Payload):
    """Type 22: an aerial surveillance track; pictures leave blurred, as somebody has stated of each file."""

    TYPE: ClassVar[str] = "surveillance_track"

    track_id: Reference
    asset: Annotated[str, Category.ASSET]
    sensor: Annotated[Sensor, Category.ASSET]
    movements: tuple[Movement, ...]
    coverage_from: Annotated[datetime, Category.COVERAGE] | None = None
    coverage_until: Annotated[datetime, Category.COVERAGE] | None = None
    coverage_area: Annotated[str, Category.COVERAGE] | None = None
    object_seen: Vessel | None = None
    persons_estimate: Count | None = None
    lives_at_risk: Annotated[bool, Category.EVENT] | None = None
    images: tuple[Attachment, ...] = ()


@model
class Caller(Subject):
    """Who rang: only what rescue needs to ring back and to speak with them."""

    ROLE: ClassVar[Role] = Role.PERSON_IN_DISTRESS
    KIND: ClassVar[SubjectKind] = SubjectKind.PERSON

    contact: Annotated[str, Category.CALLER, Longest(80)]
    language_spoken: Annotated[str, Category.CALLER, Longest(40)] | None = None


@model
class HealthNeed(Subject):
    """What somebody on board needs, never who they are."""

    ROLE: ClassVar[Role] = Role.PERSON_IN_DISTRESS

    need: Annotated[str, Category.HEALTH, Longest(300)]


@model
class SourceCall(Part):
    """One call or sighting that the incident rests on; every call is kept."""

    reference: Reference
    received_at: When
    centre: Authority
    said: Annotated[str, Category.EVENT, Longest(1000)] | None = None


@model
class DistressIncident(Payload):
    """Type 23: persons in distress. There is no leaf for nationality, claim, identity document or biometrics.

    Rescue asks who needs help, never who they are (SAR Convention 2.1.10; DPA 2018 s.76(1)(a)).
    """

    TYPE: ClassVar[str] = "distress_incident"

    incident_id: Reference
    first_known_at: When
    position: Position | None = None
    position_at: When | None = None
    place: PlaceName | None = None
    boats: Count | None = None
    persons: Count | None = None
    children: Count | None = None
    state: Annotated[BoatState, Category.EVENT] = BoatState.UNKNOWN
    status: Annotated[Confirmation, Category.EVENT] = Confirmation.NOT_CONFIRMED
    phase: Annotated[RescuePhase, Category.EVENT] = RescuePhase.DISTRESS
    craft: Vessel | None = None
    callers: tuple[Caller, ...] = ()
    health_needs: tuple[HealthNeed, ...] = ()
    telephone_to_ring: Annotated[
        str, Category.ORGANISATION, Shaped(r"\+?[0-9][0-9 ()/-]{3,30}", "a telephone number")
    ]
    centre: Authority
    source_calls: tuple[SourceCall, ...] = ()
    weather: Annotated[str, Category.EVENT, Longest(300)] | None = None
