"""Hit or no hit: searches and replies with reference data and no name, and the core data that may follow.

Types 9, 10, 11, 12, 18. Fields: Decision 2008/616/JHA Art 8; Reg. (EU) 2024/982 Arts 9, 15, 16, 24, 47.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from cordiale.payloads.model import Between, Longest, Part, Payload, Shaped, Subject, SubjectRef, model
from cordiale.payloads.parts import (
    Authority,
    BirthDate,
    Country,
    Hit,
    Name,
    Nationality,
    Offence,
    PlaceName,
    Plate,
    Reference,
    Vin,
    When,
)
from cordiale.payloads.words import MatchQuality, PrintSearch, ProfileKind, Sex, VehicleStatus
from cordiale.terms import Category, Role

SideCode = Annotated[str, Category.REFERENCE, Country]
_BASE64 = Shaped(r"[A-Za-z0-9+/]+={0,2}", "base64")
Allele = Annotated[
    str, Category.DNA_REFERENCE, Shaped(r"\d{1,2}(\.\d)?|X|Y|\*", "a number of repeats, X, Y or *")
]


@model
class Search(Payload):
    """The head of every search: both states' codes, time and number."""

    MODEL: ClassVar[str] = "query"

    from_state: SideCode
    to_state: SideCode
    reference: Reference
    sent_at: When


@model
class SearchReply(Search):
    """The head of every reply: hit or not, and what it answers, and nothing else (Arts 9, 15, 24)."""

    MODEL: ClassVar[str] = "reply"

    query_reference: Reference
    query_sent_at: When
    about: tuple[SubjectRef, ...] = ()
    hit: Annotated[bool, Category.HIT]


@model
class Locus(Part):
    """One locus of a profile with its two alleles."""

    locus: Annotated[
        str, Category.DNA_REFERENCE, Shaped(r"[A-Z0-9_]{2,12}", "the name of a locus, such as `D3S1358`")
    ]
    low: Allele
    high: Allele


@model
class DnaProfile(Subject):
    """A profile under its reference number. The person behind it has no name here."""

    profile: Annotated[str, Category.DNA_REFERENCE, Longest(60)]
    kind: Annotated[ProfileKind, Category.DNA_REFERENCE]
    loci: tuple[Locus, ...]


@model
class DnaQuery(Search):
    """Type 9: search with DNA reference data, in an individual case (TCA Arts 530, 531)."""

    TYPE: ClassVar[str] = "dna_search"

    profiles: tuple[DnaProfile, ...]


@model
class DnaMatch(Subject):
    """One match: their reference number, how well it agrees, and the matching data."""

    ours: Hit
    theirs: Hit
    kind: Annotated[ProfileKind, Category.HIT]
    quality: Annotated[MatchQuality, Category.HIT]
    alleles_matched: Annotated[int, Category.HIT, Between(0, 120)]
    expected_by_chance_ppb: Annotated[int, Category.HIT] | None = None
    loci: tuple[Locus, ...] = ()


@model
class DnaReply(SearchReply):
    """Type 9: hit with reference data, or no hit."""

    TYPE: ClassVar[str] = "dna_search"

    matches: tuple[DnaMatch, ...] = ()


@model
class Print(Subject):
    """A fingerprint or trace as a template under its number."""

    number: Annotated[str, Category.FINGERPRINT_REFERENCE, Longest(60)]
    kind: Annotated[ProfileKind, Category.FINGERPRINT_REFERENCE]
    finger: Annotated[int, Category.FINGERPRINT_REFERENCE, Between(0, 15)] | None = None
    template: Annotated[str, Category.FINGERPRINT_REFERENCE, Longest(40_000), _BASE64]


@model
class FingerprintQuery(Search):
    """Type 10: search with dactyloscopic reference data (TCA Art 534)."""

    TYPE: ClassVar[str] = "fingerprint_search"

    transaction: Annotated[PrintSearch, Category.REFERENCE]
    priority: Annotated[int, Category.REFERENCE, Between(1, 9)] = 5
    prints: tuple[Print, ...]


@model
class Candidate(Subject):
    """One candidate: not yet judged by a person."""

    ours: Hit
    theirs: Hit
    rank: Annotated[int, Category.HIT, Between(1, 10)]
    score: Annotated[int, Category.HIT, Between(0, 1_000_000)] | None = None


@model
class FingerprintReply(SearchReply):
    """Type 10: candidates under their numbers, or no hit."""

    TYPE: ClassVar[str] = "fingerprint_search"

    candidates: tuple[Candidate, ...] = ()


@model
class VehicleQuery(Search):
    """Type 11: by full chassis or registration number (Reg. 2024/982 Art 16(a)-(b); TCA Art 537)."""

    TYPE: ClassVar[str] = "vehicle_search"

    registered_in: Annotated[str, Category.REFERENCE, Country]
    plate: Plate | None = None
    vin: Vin | None = None
    at: When | None = None
    about: tuple[SubjectRef, ...] = ()


@model
class VehicleReply(SearchReply):
    """Type 11: what the register says of the vehicle. Its holder is not here: that follows as core data."""

    TYPE: ClassVar[str] = "vehicle_search"

    make: Annotated[str, Category.HIT, Longest(60)] | None = None
    type: Annotated[str, Category.HIT, Longest(60)] | None = None
    category: Annotated[str, Category.HIT, Longest(10)] | None = None
    status: Annotated[VehicleStatus, Category.HIT] | None = None
    first_registered: Annotated[date, Category.HIT] | None = None


@model
class FaceProbe(Subject):
    """A facial image under its number."""

    number: Annotated[str, Category.FACE_REFERENCE, Longest(60)]
    image: Annotated[str, Category.FACE_REFERENCE, Longest(400_000), _BASE64]


@model
class FaceQuery(Search):
    """Type 18: state code, time, number, image, no more (Reg. 2024/982 Art 24). No power for it today."""

    TYPE: ClassVar[str] = "face_search"

    probe: FaceProbe


@model
class FaceReply(SearchReply):
    """Type 18: candidates under their numbers, or no hit."""

    TYPE: ClassVar[str] = "face_search"

    candidates: tuple[Candidate, ...] = ()


@model
class CoreDataRequest(Payload):
    """Type 12: the reasoned request after a confirmed match (TCA Art 536; model: Reg. 2024/982 Art 47)."""

    TYPE: ClassVar[str] = "core_data"
    MODEL: ClassVar[str] = "query"

    reference: Reference
    match: Hit
    confirmed_at: When
    about: tuple[SubjectRef, ...] = ()
    facts: Annotated[str, Category.OFFENCE, Longest(2000)]
    offence: Offence
    case_reference: Reference


@model
class CorePerson(Subject):
    """The identified person: the fields of Art 47 and no other."""

    ROLE: ClassVar[Role] = Role.SUSPECT

    given_names: Name | None = None
    family_name: Name | None = None
    aliases: tuple[Annotated[str, Category.ALIAS, Longest(120)], ...] = ()
    date_of_birth: BirthDate | None = None
    nationalities: tuple[Nationality, ...] = ()
    place_of_birth: Annotated[str, Category.BIRTH] | None = None
    country_of_birth: Annotated[str, Category.BIRTH, Country] | None = None
    gender: Annotated[Sex, Category.SEX] | None = None
    biometric_taken_on: Annotated[date, Category.EVENT] | None = None
    biometric_taken_at: PlaceName | None = None
    offence: Annotated[str, Category.SUSPICION] | None = None


@model
class CoreData(Payload):
    """Type 12: core data on an identified person. Release is always a person's decision (Art 47(6))."""

    TYPE: ClassVar[str] = "core_data"
    MODEL: ClassVar[str] = "reply"

    reference: Reference
    request_reference: Reference
    person: CorePerson
    case_number: Reference
    authority: Authority


@model
class CoreTrace(Payload):
    """Type 12: core data on a trace: date, place, offence, case, authority."""

    TYPE: ClassVar[str] = "core_data"
    MODEL: ClassVar[str] = "trace"

    reference: Reference
    request_reference: Reference
    taken_on: Annotated[date, Category.EVENT]
    taken_at: PlaceName
    offence: Offence
    case_number: Reference
    authority: Authority
