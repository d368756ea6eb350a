"""Leaves and parts that many information types share: where, when, who, with what, and how good it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from cordiale.payloads.model import (
    Assessed,
    Attachment,
    Between,
    Degrees,
    FreeText,
    Longest,
    Part,
    Payload,
    Shaped,
    Subject,
    SubjectRef,
    model,
)
from cordiale.payloads.words import Basis, DocumentKind, Impact, Sex, Validation, VesselType
from cordiale.terms import Category, Classification, GradeScheme, HandlingCode, Role, SubjectKind

# ---------------------------------------------------------------------------- leaves
Reference = Annotated[
    str,
    Category.REFERENCE,
    Longest(80),
    Shaped(r"[A-Za-z0-9][A-Za-z0-9:/._-]*", "a reference: letters, digits, : / . _ -"),
]
Country = Shaped(r"[A-Z]{2}", "a country code of two letters, such as `FR`")
CountryOfPlace = Annotated[str, Category.PLACE, Country]
Nationality = Annotated[str, Category.NATIONALITY, Country]
When = Annotated[datetime, Category.EVENT]
Happening = Annotated[str, Category.EVENT, Longest(2000)]
PlaceName = Annotated[str, Category.PLACE]
RouteLine = Annotated[str, Category.ROUTE]
Method = Annotated[str, Category.METHOD, Longest(2000)]
Count = Annotated[int, Category.COUNT, Between(0, 1_000_000)]
Price = Annotated[str, Category.PRICE, Longest(120)]
Offence = Annotated[str, Category.OFFENCE]
Authority = Annotated[str, Category.ORGANISATION, Longest(120)]
Statistic = Annotated[int, Category.STATISTIC]
Name = Annotated[str, Category.NAME, Longest(120)]
BirthDate = Annotated[
    str,
    Category.BIRTH,
    Shaped(
        r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
        "a date or part of one: 1990, 1990-05, 1990-05-17",
    ),
]
Phone = Annotated[
    str, Category.PHONE, Shaped(r"\+?[0-9][0-9 ()/-]{3,30}", "a telephone number, such as `+44 7700 900123`")
]
Email = Annotated[str, Category.EMAIL, Shaped(r"[^\s@]{1,64}@[^\s@]{1,190}", "an e-mail address")]
Plate = Annotated[str, Category.VEHICLE, Shaped(r"[\w -]{2,16}", "a registration mark")]
Vin = Annotated[str, Category.VEHICLE, Shaped(r"[A-HJ-NPR-Z0-9]{17}", "a chassis number of 17 signs")]
Hit = Annotated[str, Category.HIT, Longest(80)]

# A caveat travels even when items are withheld, so it must not be able to carry any.
Caveat = Annotated[
    str,
    Category.REFERENCE,
    Longest(80),
    Shaped(r"(?!.*\d{4})[A-Z0-9][A-Z0-9 /,.-]*", "capital letters, and no long number"),
]


# ---------------------------------------------------------------------------- where and how good
@model
class Position(Part):
    """A place on the earth in millionths of a degree (WGS 84), and how far off it may be."""

    latitude: Annotated[int, Category.POSITION, Between(-90_000_000, 90_000_000), Degrees()]
    longitude: Annotated[int, Category.POSITION, Between(-180_000_000, 180_000_000), Degrees()]
    uncertainty_m: Annotated[int, Category.POSITION, Between(0, 500_000)] | None = None

    @classmethod
    def at(cls, latitude: float, longitude: float, uncertainty_m: int | None = None) -> Position:
        """From degrees."""
        return cls(
            latitude=round(latitude * 1_000_000),
            longitude=round(longitude * 1_000_000),
            uncertainty_m=uncertainty_m,
        )

    @property
    def degrees(self) -> tuple[float, float]:
        """Latitude and longitude in degrees."""
        return self.latitude / 1_000_000, self.longitude / 1_000_000


@model
class Grading(Part):
    """A grade in its original scheme; kept as given and never raised (Reg. 2016/794 Art 29)."""

    scheme: Annotated[GradeScheme, Category.REFERENCE]
    source: Annotated[str, Category.REFERENCE, Shaped(r"[ABCX123]", "A, B, C, X (4x4) or 1, 2, 3 (3x5x2)")]
    information: Annotated[str, Category.REFERENCE, Shaped(r"[A-E1-4]", "1 to 4 (4x4) or A to E (3x5x2)")]


@model
class Confidence(Part):
    """The three parts of confidence, stored apart (Impl. Reg. (EU) 2021/581 Art 16)."""

    source: Annotated[str, Category.EVENT, Shaped(r"[ABCX]", "A, B, C or X")]
    information: Annotated[int, Category.EVENT, Between(1, 4)]
    validation: Annotated[Validation, Category.EVENT]


@model
class ImpactLevel(Part):
    """Impact and its three reasons, 0 to 3 each (Impl. Reg. (EU) 2021/581 Art 17; the scores are ours)."""

    level: Annotated[Impact, Category.EVENT]
    migration: Annotated[int, Category.EVENT, Between(0, 3)] | None = None
    crime: Annotated[int, Category.EVENT, Between(0, 3)] | None = None
    lives: Annotated[int, Category.EVENT, Between(0, 3)] | None = None


@model
class NationalityCount(Part):
    """How many of one nationality; a small number here can point to a person: see counts."""

    country: Annotated[str, Category.COUNT, Country]
    basis: Annotated[Basis, Category.COUNT]
    count: Count


# ---------------------------------------------------------------------------- things
@model
class Vehicle(Part):
    """A vehicle, and whom it is about if that is known."""

    plate: Plate | None = None
    country: Annotated[str, Category.VEHICLE, Country] | None = None
    vin: Vin | None = None
    look: Annotated[str, Category.VEHICLE] | None = None
    about: tuple[SubjectRef, ...] = ()


@model
class Vessel(Part):
    """A vessel: what it is, and the identification numbers of ships (EBCG Art 89(2))."""

    kind: Annotated[VesselType, Category.ASSET] | None = None
    length_m: Annotated[int, Category.ASSET, Between(1, 500)] | None = None
    look: Annotated[str, Category.ASSET] | None = None
    flag: Annotated[str, Category.ASSET, Country] | None = None
    name: Annotated[str, Category.VESSEL_ID, Longest(60)] | None = None
    imo: Annotated[str, Category.VESSEL_ID, Shaped(r"\d{7}", "an IMO number of seven digits")] | None = None
    mmsi: Annotated[str, Category.VESSEL_ID, Shaped(r"\d{9}", "an MMSI of nine digits")] | None = None
    call_sign: Annotated[str, Category.VESSEL_ID, Longest(10)] | None = None
    registration: Annotated[str, Category.VESSEL_ID, Longest(30)] | None = None


@model
class TravelPaper(Part):
    """A travel or identity document of a person."""

    kind: Annotated[DocumentKind, Category.IDENTITY_DOCUMENT]
    number: Annotated[str, Category.IDENTITY_DOCUMENT, Longest(40)] | None = None
    issuer: Annotated[str, Category.IDENTITY_DOCUMENT, Country] | None = None
    valid_until: Annotated[date, Category.IDENTITY_DOCUMENT] | None = None


# ---------------------------------------------------------------------------- persons
@model
class Person(Subject):
    """Whom: names, birth, nationality. Each kind of person adds what its part in the matter justifies."""

    family_name: Name | None = None
    given_names: Name | None = None
    aliases: tuple[Annotated[str, Category.ALIAS, Longest(120)], ...] = ()
    date_of_birth: BirthDate | None = None
    place_of_birth: Annotated[str, Category.BIRTH] | None = None
    sex: Annotated[Sex, Category.SEX] | None = None
    nationalities: tuple[Nationality, ...] = ()


@model
class Reachable(Person):
    """A person with the ways to reach or recognise them."""

    addresses: tuple[Annotated[str, Category.ADDRESS], ...] = ()
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    accounts: tuple[Annotated[str, Category.ONLINE_ACCOUNT], ...] = ()
    documents: tuple[TravelPaper, ...] = ()
    occupation: Annotated[str, Category.OCCUPATION] | None = None
    whereabouts: Annotated[str, Category.WHEREABOUTS] | None = None
    vehicles: tuple[Vehicle, ...] = ()
    face: (
        Annotated[str, Category.FACE_IMAGE, Shaped(r"[0-9a-f]{64}", "the digest of the attached image")]
        | None
    ) = None


@model
class Suspect(Reachable):
    """A person with regard to whom there are serious grounds (DPA 2018 s.38(3)(a), LED 6(a))."""

    ROLE: ClassVar[Role] = Role.SUSPECT

    suspected_of: tuple[Annotated[str, Category.SUSPICION], ...] = ()
    assessed_role: Annotated[str, Category.SUSPICION, Assessed()] | None = None
    convictions: tuple[Annotated[str, Category.CONVICTION], ...] = ()
    ties: tuple[Annotated[str, Category.ASSOCIATION], ...] = ()


@model
class Victim(Person):
    """A victim or likely victim: who they are and what they need (LED 6(c); Reg. 2016/794 Annex II B)."""

    ROLE: ClassVar[Role] = Role.VICTIM

    reach: Phone | None = None
    vulnerability: Annotated[str, Category.VULNERABILITY] | None = None


@model
class Witness(Person):
    """A witness: only who they are and how they are reached."""

    ROLE: ClassVar[Role] = Role.WITNESS

    reach: Phone | None = None


@model
class Contact(Person):
    """A contact or associate: the nature of the tie, and no more (Reg. 2016/794 Annex II B.4)."""

    ROLE: ClassVar[Role] = Role.CONTACT

    phones: tuple[Phone, ...] = ()
    tie: Annotated[str, Category.ASSOCIATION] | None = None


@model
class StaffMember(Subject):
    """A member of staff, as far as the work needs it (EBCG Art 83)."""

    ROLE: ClassVar[Role] = Role.STAFF

    name: Annotated[str, Category.STAFF, Longest(120)] | None = None
    rank: Annotated[str, Category.STAFF] | None = None
    unit: Annotated[str, Category.STAFF] | None = None
    nationality: Annotated[str, Category.STAFF, Country] | None = None
    telephone: Annotated[str, Category.STAFF, Longest(40)] | None = None


@model
class Firm(Subject):
    """A firm or trader. A trader is named only if suspect (Calais Group customs partnership)."""

    ROLE: ClassVar[Role] = Role.TRADER
    KIND: ClassVar[SubjectKind] = SubjectKind.ORGANISATION

    name: Annotated[str, Category.TRADER, Longest(160)] | None = None
    address: Annotated[str, Category.TRADER] | None = None
    identifiers: tuple[Annotated[str, Category.TRADER, Longest(60)], ...] = ()
    suspicion: Annotated[str, Category.SUSPICION] | None = None


# ---------------------------------------------------------------------------- intelligence
@model
class Assessment(Part):
    """What somebody makes of the facts: kept apart from them, with its own grade and those it is about."""

    text: Annotated[str, Category.SUSPICION, Assessed(), Longest(2000)]
    grade: Grading | None = None
    about: tuple[SubjectRef, ...] = ()


@model
class MethodAssessment(Part):
    """An assessment about a trade, a route or a method, and about nobody."""

    text: Annotated[str, Category.METHOD, Assessed(), Longest(2000)]
    grade: Grading | None = None


@model
class Episode(Part):
    """Something that happened: what, when, where."""

    what: Happening
    at: When | None = None
    place: PlaceName | None = None
    position: Position | None = None


@model
class Graded(Payload):
    """What every intelligence message says of itself: case, grade, handling, caveats, classification."""

    case_reference: Reference
    handling: Annotated[HandlingCode, Category.REFERENCE] | None = None
    classification: Annotated[Classification, Category.REFERENCE] | None = None
    caveats: tuple[Caveat, ...] = ()
    grade: Grading | None = None


@model
class Intelligence(Graded):
    """An intelligence message: facts, persons by their part in it, things, assessments apart."""

    title: Annotated[str, Category.EVENT, Longest(160)]
    offence: Offence | None = None
    episodes: tuple[Episode, ...] = ()
    routes: tuple[RouteLine, ...] = ()
    methods: tuple[Method, ...] = ()
    prices: tuple[Price, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    victims: tuple[Victim, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    contacts: tuple[Contact, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    vessels: tuple[Vessel, ...] = ()
    phones: tuple[Phone, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    method_assessments: tuple[MethodAssessment, ...] = ()
    narrative: FreeText | None = None
    attachments: tuple[Attachment, ...] = ()
