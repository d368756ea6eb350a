"""The registry of the information types: 36 of them, each with its models.

Ids and numbers are fixed; they are the rows of the law's table of information types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cordiale.errors import PayloadError
from cordiale.payloads import codec, cooperation, crime, forms, records, searches, situation
from cordiale.payloads.codec import (
    Carried,
    Partial,
    envelope,
    keys_of,
    kind_of,
    parse,
    read_leniently,
    refuse_double_subjects,
    tree_of,
    unfold,
)
from cordiale.payloads.forms import FormField
from cordiale.payloads.model import Json, Part, Payload, Slot, slots, walk
from cordiale.terms import CATEGORIES, Category, Personal


@dataclass(frozen=True, slots=True)
class InformationType:
    """One information type.

    `models`: by name: report, or query and reply (and trace). `flows`: who sends it to whom, in plain words.
    """

    id: str
    number: int
    title: str
    flows: str
    models: Mapping[str, type[Payload]]

    @property
    def categories(self) -> frozenset[Category]:
        """Every category that a payload of this type can hold."""
        return frozenset(c for m in self.models.values() for c in categories_of(m))

    @property
    def person_free(self) -> tuple[str, ...]:
        """The models that cannot hold personal data at all (ship and aircraft numbers apart)."""
        return tuple(name for name, m in self.models.items() if not holds_persons(m))

    @property
    def staff_only(self) -> bool:
        """Whether the only persons that it can hold are members of staff."""
        told = {CATEGORIES[c].personal for c in self.categories}
        return Personal.STAFF in told and Personal.YES not in told

    def form(self, model: str = "") -> tuple[FormField, ...]:
        """The questions of a model's form; the first model if none is named."""
        return forms.fields(self.models[model or next(iter(self.models))])


def categories_of(model: type[Part]) -> frozenset[Category]:
    """Every category that a model can hold."""
    found: set[Category] = set()

    def visit(_: type, slot: Slot) -> None:
        if slot.kind == "leaf" and slot.category is not None:
            found.add(slot.category)
        elif slot.kind in ("text", "attachment"):
            found.add(Category.FREE_TEXT if slot.kind == "text" else Category.ATTACHMENT)

    walk(model, visit)
    return frozenset(found)


def holds_persons(model: type[Part]) -> bool:
    """Whether a model has any leaf that says something about a person."""
    nobody = (Personal.NONE, Personal.IDENTIFIERS)
    return any(CATEGORIES[c].personal not in nobody for c in categories_of(model))


def _type(number: int, title: str, flows: str, *models: type[Payload]) -> InformationType:
    return InformationType(
        models[0].TYPE, number, title, flows, MappingProxyType({m.MODEL: m for m in models})
    )


_ALL: Final = (
    _type(1, "Situational picture item", "Frontex and UK, member states and UK", situation.SituationalItem),
    _type(2, "Risk-analysis product and flow statistics", "Frontex and UK", situation.RiskProduct),
    _type(3, "Document-fraud alert", "Frontex and UK, and partners", cooperation.DocumentAlert),
    _type(4, "Training, practice and returns practice", "Frontex and UK", cooperation.PracticeNote),
    _type(5, "Deployment, liaison and accreditation", "sending to hosting authority", cooperation.Deployment),
    _type(6, "Research and pilot result", "Frontex and UK", cooperation.ResearchResult),
    _type(
        7,
        "Crossing-related identifiers",
        "inside Frontex and member states; UK only with a basis",
        cooperation.CrossingIdentifiers,
    ),
    _type(8, "Complaint or serious-incident report", "anybody to a rights officer", cooperation.RightsReport),
    _type(9, "DNA search", "UK and member-state contact points", searches.DnaQuery, searches.DnaReply),
    _type(
        10,
        "Fingerprint search",
        "UK and member-state contact points",
        searches.FingerprintQuery,
        searches.FingerprintReply,
    ),
    _type(
        11,
        "Vehicle registration search",
        "UK and member states",
        searches.VehicleQuery,
        searches.VehicleReply,
    ),
    _type(
        12,
        "Core data after a confirmed match",
        "UK and member states",
        searches.CoreDataRequest,
        searches.CoreData,
        searches.CoreTrace,
    ),
    _type(
        13,
        "Passenger records and results",
        "member-state and UK passenger information units",
        records.PassengerRecords,
        records.PassengerRequest,
    ),
    _type(
        14,
        "Operational information and intelligence report",
        "police and customs, UK and member states",
        crime.IntelligenceReport,
        crime.IntelligenceRequest,
    ),
    _type(15, "Europol-channel intelligence", "UK liaison officers and Europol", crime.EuropolIntelligence),
    _type(16, "Conviction notice", "UK and member-state central authorities", records.ConvictionNotice),
    _type(
        17,
        "Criminal-record request and reply",
        "UK and member-state central authorities",
        records.ConvictionRequest,
        records.ConvictionReply,
    ),
    _type(
        18,
        "Facial image search",
        "UK and member states: not in force",
        searches.FaceQuery,
        searches.FaceReply,
    ),
    _type(19, "Returns operational information", "UK and EU", records.ReturnsInformation),
    _type(20, "Joint intelligence item", "UK and French officers of the joint cell", crime.JointItem),
    _type(21, "Launch or taxi-boat alert", "coordination centre and liaison officers", situation.LaunchAlert),
    _type(22, "Surveillance track and image", "assets to coordination centre", situation.SurveillanceTrack),
    _type(23, "Distress incident", "rescue centres of one sea area", situation.DistressIncident),
    _type(
        24,
        "Readmission request and reply",
        "UK to France; a reply without persons back",
        records.ReadmissionRequest,
        records.ReadmissionReply,
    ),
    _type(25, "Consignment of interest", "customs bodies", cooperation.Consignment),
    _type(26, "Network profile", "Calais Group states, through Europol", crime.NetworkProfile),
    _type(27, "Smuggling advert report", "a state to a platform", crime.AdvertReport),
    _type(28, "Illicit-finance lead", "financial intelligence units and police", crime.FinanceLead),
    _type(29, "Route intelligence", "UK and Western Balkans partners", crime.RouteIntelligence),
    _type(30, "Person intelligence", "UK and one partner, in one case", crime.PersonIntelligence),
    _type(
        31, "Return of own nationals", "UK and Albania", records.OwnNationalReturn, records.OwnNationalReply
    ),
    _type(
        32, "Identity evidence for a travel document", "UK to the central authority", records.IdentityEvidence
    ),
    _type(33, "Training, equipment and funding record", "UK and partner", cooperation.SupportRecord),
    _type(34, "HMRC customs information", "HMRC to listed bodies", cooperation.CustomsInformation),
    _type(
        35, "Extract from a seized device", "between officers of the same offence", cooperation.DeviceExtract
    ),
    _type(
        36,
        "Recall, correction, restriction or erasure",
        "a sender to every holder",
        cooperation.QualityNotice,
    ),
)

TYPES: Final[Mapping[str, InformationType]] = MappingProxyType({t.id: t for t in _ALL})
"""Id -> information type, in the order of their numbers."""


def encode(carried: Carried) -> dict[str, Json]:
    """A payload, or what is left of one, as `{type, model, version, body}`, a tree of plain JSON."""
    refuse_double_subjects(kind_of(carried), tree_of(carried))
    return envelope(carried)


def written(carried: Carried) -> bytes:
    """The canonical bytes (RFC 8785) of `encode`. Raises TypeError for half a character."""
    if not isinstance(carried, Partial) or carried.kept is None:
        refuse_double_subjects(kind_of(carried), tree_of(carried))
    return codec.written(carried)


def decode(type_id: str, raw: Mapping[str, Json]) -> Carried:
    """Read what `encode` wrote. Strict: raises PayloadError naming the field that does not fit."""
    return unfold(type_named(type_id).models, type_id, raw)


def decode_bytes(type_id: str, raw: bytes) -> Carried:
    """Read JSON bytes; a field that comes twice or a fraction is a PayloadError too."""
    return decode(type_id, parse(raw))


def decode_distress(raw: Json) -> tuple[Partial, tuple[str, ...]]:
    """What can be read of a known peer's distress message, and its defects in words. Never raises."""
    return read_leniently(situation.DistressIncident, raw)


def type_named(type_id: str) -> InformationType:
    """The information type of this id. Raises PayloadError naming what there is."""
    found = TYPES.get(type_id)
    if found is None:
        raise PayloadError(
            f"`{type_id[:60]}` is no information type",
            field="type",
            way_out=f"Use one of: {', '.join(TYPES)}.",
        )
    return found


__all__ = [
    "TYPES",
    "InformationType",
    "decode",
    "decode_bytes",
    "decode_distress",
    "encode",
    "keys_of",
    "slots",
]
