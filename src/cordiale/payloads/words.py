"""Closed lists that payloads use. Values are the spellings that travel."""

from __future__ import annotations

from enum import StrEnum


class Layer(StrEnum):
    """Layers of a situational picture (Reg. (EU) 2019/1896 Art 24(1))."""

    EVENTS = "events"
    OPERATIONAL = "operational"
    ANALYSIS = "analysis"


class EventKind(StrEnum):
    """Single events (Impl. Reg. (EU) 2021/581 Annex 2; technical and security: Arts 23(3), 32(8))."""

    CROSSING = "crossing"
    FACILITATION = "facilitation"
    GOODS = "goods"
    DOCUMENT_FRAUD = "document_fraud"
    OTHER_CRIME = "other_crime"
    VESSEL = "vessel"
    FLIGHT = "flight"
    RESCUE = "rescue"
    TECHNICAL = "technical"
    SECURITY = "security"


class Direction(StrEnum):
    """Over the border (Annex 2 1.2(b))."""

    ENTRY = "entry"
    EXIT = "exit"
    UNKNOWN = "unknown"


class Circumstance(StrEnum):
    """How something was detected (Annex 2 1.2(f))."""

    CROSSING_POINT_CHECK = "crossing_point_check"
    SURVEILLANCE_OPERATION = "surveillance_operation"
    SECONDARY_MOVEMENT = "secondary_movement"
    PRE_FRONTIER = "pre_frontier"


class Transport(StrEnum):
    """Means of transport (Annex 2 1.2(h) and 3.2)."""

    FLIGHT = "flight"
    VESSEL = "vessel"
    CONTAINER = "container"
    LORRY = "lorry"
    PASSENGER_CAR = "passenger_car"
    BUS = "bus"
    TRAIN = "train"
    PEDESTRIAN = "pedestrian"
    PARCEL = "parcel"


class Stage(StrEnum):
    """How far it went (Annex 2 1.1, 2.1)."""

    SUSPICION = "suspicion"
    ATTEMPT = "attempt"
    COMMITTED = "committed"


class Impact(StrEnum):
    """Impact of an event (EBCG Art 25(3)); not the scale of a border section."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Validation(StrEnum):
    """Validation status, the third part of confidence (Impl. Reg. Art 16)."""

    UNVALIDATED = "unvalidated"
    PARTIAL = "partial"
    VALIDATED = "validated"
    REJECTED = "rejected"


class EventStatus(StrEnum):
    """An event is closed by its owner, never by a machine (Impl. Reg. Art 9(7))."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """The three lawful reasons to close (Impl. Reg. Art 9(7))."""

    DID_NOT_TAKE_PLACE = "did_not_take_place"
    IMPACT_DOES_NOT_JUSTIFY = "impact_does_not_justify"
    SITUATION_ENDED = "situation_ended"


class Trigger(StrEnum):
    """Why an event is reported (Impl. Reg. Art 9(2))."""

    TIMELY_REACTION_NEEDED = "timely_reaction_needed"
    IMPACT_HIGH = "impact_high_or_very_high"
    LISTED = "listed_in_annex_2"


class VesselType(StrEnum):
    """Annex 2 6.2, and the three small craft it has no word for (ours; exported as none with text)."""

    PASSENGER_SHIP = "passenger_ship"
    SAILING_BOAT = "sailing_boat"
    MOTOR_YACHT = "motor_yacht"
    FISHING = "fishing"
    CONTAINER_SHIP = "container_ship"
    BULK_CARRIER = "bulk_carrier"
    OIL_TANKER = "oil_tanker"
    GENERAL_CARGO = "general_cargo"
    HIGH_SPEED_CRAFT = "high_speed_craft"
    OFFSHORE_UNIT = "offshore_unit"
    SPECIAL_PURPOSE = "special_purpose"
    SMALL_INFLATABLE = "small_inflatable"
    SMALL_RIGID = "small_rigid"
    WOODEN = "wooden"


class RescuePhase(StrEnum):
    """Phase of a search and rescue case (Annex 2 8.2)."""

    UNCERTAINTY = "uncertainty"
    ALERT = "alert"
    DISTRESS = "distress"
    ONGOING = "operation_ongoing"
    CONCLUDED = "operation_concluded"


class DocumentKind(StrEnum):
    """Kinds of travel document (Annex 2 4.4(a))."""

    PASSPORT = "passport"
    ID_CARD = "id_card"
    RESIDENCE_PERMIT = "residence_permit"
    VISA = "visa"
    BORDER_STAMP = "border_stamp"
    DRIVING_LICENCE = "driving_licence"
    SEAMANS_BOOK = "seamans_book"
    CIVIL_STATUS = "civil_status"
    OTHER = "other"


class DocumentFraud(StrEnum):
    """Kinds of document fraud (Reg. (EU) 2020/493 and practice)."""

    FORGED = "forged"
    COUNTERFEIT = "counterfeit"
    PSEUDO = "pseudo"
    IMPOSTOR = "impostor"
    FRAUDULENTLY_OBTAINED = "fraudulently_obtained"
    BLANK_STOLEN = "blank_stolen"


class Sex(StrEnum):
    """As recorded on a document or by a register."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class AgeGroup(StrEnum):
    """Age groups for counts."""

    UNDER_14 = "under_14"
    FROM_14_TO_17 = "14_to_17"
    FROM_18_TO_34 = "18_to_34"
    FROM_35 = "35_and_over"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How a nationality in a count is known (Annex 2: supposed or confirmed)."""

    SUPPOSED = "supposed"
    CONFIRMED = "confirmed"


class ProfileKind(StrEnum):
    """A DNA profile or print is of a known person or a trace (Decision 2008/616/JHA Art 8)."""

    REFERENCE = "reference"
    UNIDENTIFIED = "unidentified"


class MatchQuality(StrEnum):
    """How well two DNA profiles agree (Decision 2008/616/JHA, annex; unconfirmed: quality codes)."""

    FULL = "full"
    WILDCARD = "wildcard"
    MISMATCH = "mismatch"
    NEAR = "near"


class PrintSearch(StrEnum):
    """Type of transaction of a print search (unconfirmed: codes as remembered from the annex)."""

    PRINT_TO_PRINT = "CPS"
    PRINT_TO_LATENT = "PMS"
    LATENT_TO_PRINT = "MPS"
    LATENT_TO_LATENT = "MMS"


class VehicleStatus(StrEnum):
    """What a register says of a vehicle."""

    REGISTERED = "registered"
    EXPORTED = "exported"
    SCRAPPED = "scrapped"
    STOLEN = "stolen"
    UNKNOWN = "unknown"


class CrimeArea(StrEnum):
    """The crime areas of this house's messages (TCA Part Three; Reg. (EU) 2016/794 Annex I, in part)."""

    SMUGGLING_OF_PERSONS = "smuggling_of_persons"
    TRAFFICKING_IN_PERSONS = "trafficking_in_persons"
    DOCUMENT_FRAUD = "document_fraud"
    MONEY_LAUNDERING = "money_laundering"
    DRUGS = "drugs"
    FIREARMS = "firearms"
    ONLINE = "online"
    OTHER = "other"


class EuropolPurpose(StrEnum):
    """Why Europol may process it (Reg. (EU) 2016/794 Art 18(2))."""

    CROSS_CHECK = "cross_check"
    STRATEGIC = "strategic"
    OPERATIONAL_ANALYSIS = "operational_analysis"
    FACILITATION = "facilitation"


class RecordPurpose(StrEnum):
    """Why a criminal record is asked for (EU (Future Relationship) Act 2020 ss.4-5)."""

    CRIMINAL_PROCEEDINGS = "criminal_proceedings"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    OWN_RECORD = "own_record"
    CHILD_WORK_VETTING = "child_work_vetting"


class RecordAnswer(StrEnum):
    """What a central authority found."""

    CONVICTIONS = "convictions"
    NONE = "none"
    UNCLEAR_IDENTITY = "unclear_identity"


class ReadmissionAnswer(StrEnum):
    """France's answer under the UK-France treaty of 2025: Art 16 lets no personal data come with it."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    MORE_TIME = "more_time"


class ReadmissionGround(StrEnum):
    """Grounds of refusal (treaty of 2025; read in a secondary source)."""

    APPEAL_PENDING = "suspensive_appeal_pending"
    COURT_ORDER = "court_order"
    TRANSIT_ZONE = "transit_zone_only"
    PUBLIC_ORDER = "public_order"
    LATE = "later_than_14_days"
    TIME_RUN_OUT = "time_run_out"
    BALANCE = "numbers_out_of_balance"
    CONDITIONS = "conditions_not_met"


class AlertKind(StrEnum):
    """What a patrol reports from the beach."""

    GATHERING = "gathering"
    LAUNCH = "launch"
    TAXI_BOAT = "taxi_boat"
    RETURN = "return_to_shore"
    CACHE = "cache"


class Sensor(StrEnum):
    """With what a track was taken."""

    RADAR = "radar"
    AIS = "ais"
    ELECTRO_OPTICAL = "electro_optical"
    INFRARED = "infrared"
    SATELLITE = "satellite"
    VISUAL = "visual"


class BoatState(StrEnum):
    """What a caller or lookout says of a boat in distress."""

    UNDER_WAY = "under_way"
    ENGINE_STOPPED = "engine_stopped"
    TAKING_WATER = "taking_water"
    DEFLATING = "deflating"
    CAPSIZED = "capsized"
    PERSONS_IN_WATER = "persons_in_water"
    UNKNOWN = "unknown"


class Confirmation(StrEnum):
    """Whether anybody has seen it. Unconfirmed distress is distress."""

    NOT_CONFIRMED = "NOT CONFIRMED"
    SIGHTED = "sighted"


class GoodsClass(StrEnum):
    """Goods of the boat trade that may be a relevant article."""

    INFLATABLE_BOAT = "inflatable_boat"
    OUTBOARD_ENGINE = "outboard_engine"
    ENGINE_PART = "engine_part"
    FLOORBOARD = "floorboard"
    PUMP = "pump"
    FUEL_CONTAINER = "fuel_container"
    OTHER = "other"


class ComplaintKind(StrEnum):
    """What is reported to a rights officer (EBCG Arts 110-111)."""

    COMPLAINT = "complaint"
    SERIOUS_INCIDENT = "serious_incident"
    CONCERN = "concern"


class QualityAction(StrEnum):
    """What a holder must do with its copy (DPA 2018 ss.38(5), 46-48; LED 7(3), 16)."""

    RECALL = "recall"
    CORRECT = "correct"
    RESTRICT = "restrict"
    ERASE = "erase"


class QualityReason(StrEnum):
    """Why: a code, because a reason in words would carry what is to be erased."""

    INACCURATE = "inaccurate"
    INCOMPLETE = "incomplete"
    OUT_OF_DATE = "out_of_date"
    UNLAWFUL = "unlawfully_transmitted"
    CONTESTED = "contested"
    NO_LONGER_NEEDED = "no_longer_needed"
    PERSON_S_REQUEST = "request_of_the_person"
    NEW_RESTRICTION = "new_restriction"


class HandOver(StrEnum):
    """Where a joint item goes on."""

    JUDICIAL_INQUIRY = "judicial_inquiry"
    POLICE_OPERATION = "police_operation"
    PREVENTION = "prevention"
