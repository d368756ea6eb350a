"""The safeguards: what must never leave a node, whatever is asked, and what must always be possible.

Each is stated about what *leaves*, in the words of a request, with the law behind it and its twin for what
nobody knows. None reads the lines that are meant to keep it: a line that is missing, narrowed or mistaken
shows itself as a request that breaks the safeguard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cordiale.agreements.model import Agreement, Basis, Provision
from cordiale.agreements.proofs.drawing import permits
from cordiale.agreements.proofs.drawing.labels import reached
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.form import NO, YES, Over
from cordiale.agreements.steps.minimise import COUNTED
from cordiale.agreements.vocabulary import CASE_RECORDS, CONTINUING, SENSITIVE_ACTS
from cordiale.terms import Act, Capacity, Category, Classification, Modality, Personal, Purpose, SubjectKind

CLAIM: Final = ("claim_pending", "appeal_pending", "granted", "serious_risk")
"""Protection that a person has or seeks, or a risk that nobody has ruled out."""
UNKNOWN: Final = "unknown"
BINDING: Final = frozenset(["treaty", "statute", "regulation"])
SMALLEST_CELL: Final = 10
TACTICAL: Final = ("launch_alert", "situational_item", "surveillance_track")
PRODUCTS: Final = [
    "risk_product",
    "route_intelligence",
    "returns_information",
    "intelligence_report",
    "europol_intelligence",
    "joint_item",
    "network_profile",
    "person_intelligence",
]
"""Types that tell of people and movements at leisure; how many were seen in one event is another matter."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What one agreement lets leave on one day: the sheet, and under each line when an item leaves."""

    sheet: Sheet
    agreement: Agreement
    version: str = ""
    """What stands before its outputs, where several versions share a sheet."""
    suspended: bool = False
    """As if the whole agreement were suspended."""

    def under(self, line: Provision) -> int:
        """The item in focus leaves under this line."""
        stays = self.sheet.form.outputs[f"{self.version}{line.id}.stays"]
        return self.sheet.all(-self.barred(line), stays)

    def barred(self, line: Provision) -> int:
        """The line refuses the request."""
        name, sheet = f"{self.version}{line.id}", self.sheet
        return sheet.suspended[name] if self.suspended else sheet.form.outputs[f"{name}.refused"]

    def refused(self) -> int:
        """Every line refuses the request."""
        return self.sheet.all(*map(self.barred, permits(self.agreement)))

    def anyhow(self) -> int:
        """It leaves under some line."""
        return self.sheet.any(*(self.under(line) for line in permits(self.agreement)))

    def of_right(self) -> int:
        """A complaint or a report about rights, on its way to those whom the agreement names for it."""
        sheet = self.sheet
        return sheet.all(
            sheet.one("purpose", Purpose.RIGHTS), sheet.one("act", Act.COMPLAIN, Act.INCIDENT_REPORT)
        )

    def whole(self) -> int:
        """It leaves in full, and in no lesser form."""
        outputs = self.sheet.form.outputs
        lines = permits(self.agreement)
        return self.sheet.any(
            *(self.sheet.all(self.under(p), -outputs[f"{self.version}{p.id}.lesser"]) for p in lines)
        )


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One promise. `goals` draws what would break it: no request may meet all of them."""

    name: str
    says: str
    law: str
    goals: Callable[[Leaving], tuple[int, ...]]


# ---------------------------------------------------------------------- personal data


def possible_basis(leaving: Leaving) -> int:
    """Some row of the agreement could carry personal data this way on this day, by this regime."""
    sheet, found = leaving.sheet, [leaving.sheet.same_side()]
    for key, rows in leaving.agreement.basis:
        for row in rows:
            if row.in_force(sheet.day.on) and _may_carry(sheet, leaving.agreement, row):
                way = sheet.along([key.replace("_to_", ">")])
                found.append(sheet.all(way, sheet.one("regime", *row.regimes)))
    return sheet.any(*found)


def _may_carry(sheet: Sheet, agreement: Agreement, row: Basis) -> bool:
    """Whether the row names a basis, and a record of a kind that it names is in force or may be given.

    A political text is no basis by itself, whatever its row says: it leans on one that binds.
    """
    if row.mode == "none" or row.confidence == "unconfirmed":
        return False
    if not row.records and row.mode != "rescue" and not _binding(sheet, agreement, row):
        return False
    kinds = {name.partition(":")[0] for name in row.records}
    standing = {record.kind for record in sheet.day.records if record.confidence != "unconfirmed"}
    return not kinds or bool(kinds & (standing | CASE_RECORDS))


def _binding(sheet: Sheet, agreement: Agreement, row: Basis) -> bool:
    """Whether the text, or one that the row relies on, binds in law."""
    relied = (sheet.day.register.agreement(id) for id in row.relies_on)
    return any(text is not None and text.legal_nature in BINDING for text in (agreement, *relied))


def no_basis(leaving: Leaving) -> tuple[int, ...]:
    personal = leaving.sheet.personal(Personal.YES, Personal.IDENTIFIERS)
    return leaving.whole(), personal, -possible_basis(leaving)


def no_regime(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    personal = sheet.personal(Personal.YES, Personal.IDENTIFIERS)
    return leaving.whole(), personal, sheet.one("regime", UNKNOWN), -sheet.same_side()


# ---------------------------------------------------------------------- persons who are protected


def somebody(sheet: Sheet, *protection: str) -> int:
    """The subject in focus is a person, or somebody unidentified, of this protection."""
    person = sheet.one("kind", SubjectKind.PERSON, SubjectKind.UNIDENTIFIED)
    return sheet.all(person, sheet.one("protection", *protection))


def fled(sheet: Sheet) -> int:
    """The recipient is a state of the subject's nationality."""
    return sheet.one("of_recipient", "yes")


def may_have_fled(sheet: Sheet) -> int:
    """Nobody has settled which state was fled, and the recipient is one outside the Union."""
    sides = sheet.day.register.sides
    state = sheet.side("to", lambda side: side in sides and sides[side].kind == "state")
    return sheet.all(-sheet.one("nationality_settled", "yes"), state, sheet.third("EU"))


def unbound(leaving: Leaving, line: Provision) -> int:
    """The recipient has no duty of protection, or may pass on under this line to whom it likes."""
    sheet = leaving.sheet
    if line.onward is not None and line.onward.rule in ("free", "listed"):
        return YES
    bound = "refugee-convention-1951"
    return sheet.side("to", lambda side: bound not in sheet.day.bound_by(side))


def to_unbound(leaving: Leaving) -> int:
    lines = permits(leaving.agreement)
    return leaving.sheet.any(*(leaving.sheet.all(leaving.under(p), unbound(leaving, p)) for p in lines))


def origin_known(leaving: Leaving) -> tuple[int, ...]:
    return leaving.anyhow(), somebody(leaving.sheet, *CLAIM), fled(leaving.sheet)


def origin_unknown(leaving: Leaving) -> tuple[int, ...]:
    return leaving.anyhow(), somebody(leaving.sheet, *CLAIM), may_have_fled(leaving.sheet)


def claim_unknown(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    there = sheet.any(fled(sheet), may_have_fled(sheet))
    return leaving.anyhow(), somebody(sheet, UNKNOWN), there, -leaving.of_right()


def chain_known(leaving: Leaving) -> tuple[int, ...]:
    return to_unbound(leaving), somebody(leaving.sheet, *CLAIM), -leaving.of_right()


def chain_unknown(leaving: Leaving) -> tuple[int, ...]:
    return to_unbound(leaving), somebody(leaving.sheet, UNKNOWN), -leaving.of_right()


def group(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    known = sheet.all(sheet.one("kind", SubjectKind.GROUP), sheet.one("protection", *CLAIM))
    # An alert or a track saves lives: it stays where the group is known to come from there, not where it may.
    settled = sheet.any(fled(sheet), sheet.all(may_have_fled(sheet), -sheet.one("type", *TACTICAL)))
    return leaving.anyhow(), known, settled, -leaving.of_right()


# ---------------------------------------------------------------------- sources


RETURNING: Final = [
    "name",
    "alias",
    "birth",
    "sex",
    "nationality",
    "identity_document",
    "face_image",
    "fingerprint",
    "reference",
]
"""What Eurodac Art 50 lets pass to a third country for a return."""


def from_eurodac(sheet: Sheet) -> int:
    return sheet.system(("eurodac",), derived=True)


def outside(sheet: Sheet) -> int:
    """A state outside the Union and outside those that Art 49(1) names."""
    return sheet.all(sheet.third("EU"), -sheet.side_among("to", ("AMMR",)))


def art_50(sheet: Sheet) -> int:
    """The one form in which Art 50 lets identity data pass for a return, free text never."""
    return sheet.all(
        sheet.one("purpose", Purpose.RETURN, Purpose.TRAVEL_DOCUMENT),
        sheet.one("act", Act.SHARE, Act.ANSWER),
        sheet.one("category", *RETURNING, Category.FREE_TEXT, Category.ATTACHMENT),
    )


def eurodac(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    return leaving.anyhow(), from_eurodac(sheet), outside(sheet), -art_50(sheet)


def eurodac_unknown(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    unsaid = sheet.any(-sheet.one("systems_stated", "yes"), -sheet.one("derived_stated", "yes"))
    return leaving.anyhow(), unsaid, sheet.personal(Personal.YES), outside(sheet), -art_50(sheet)


def veto(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    return leaving.anyhow(), sheet.one("veto", "yes"), -sheet.one("holder", "ours", "of_both")


def no_onward(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    foreign = sheet.one("owner", "other", UNKNOWN)
    return leaving.anyhow(), sheet.flag("limit:no_onward"), foreign, -sheet.same_side()


def never_to(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    return leaving.anyhow(), sheet.one("never_here", "yes"), -sheet.same_side()


def onward_unknown(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    unsaid = sheet.form.one_of("received_under", ("", "not known"))
    return leaving.anyhow(), sheet.one("act", Act.ONWARD), unsaid, sheet.one("owner", "other", UNKNOWN)


# ---------------------------------------------------------------------- people decide


def live(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    scanning = sheet.all(sheet.one("modality", Modality.LIVE), sheet.one("act", Act.SEARCH, Act.COMPARE))
    return leaving.anyhow(), sheet.any(sheet.one("act", Act.LIVE_IDENTIFICATION), scanning)


def unsigned(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    counted = "confirmed:sign_off:qualified"
    signed = NO
    if sheet.form.has(counted):
        signed = -sheet.form.one_of(counted, ("0",))
    return leaving.anyhow(), sheet.one("act", Act.MEASURE, Act.READMISSION), -signed


def machine(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    return leaving.anyhow(), sheet.one("capacity", Capacity.MACHINE), sheet.one("act", *SENSITIVE_ACTS)


def deployed(leaving: Leaving) -> tuple[int, ...]:
    sheet = leaving.sheet
    posted = sheet.one("capacity", Capacity.OBSERVER, Capacity.COORDINATOR, Capacity.ADVISER)
    return leaving.anyhow(), posted, sheet.one("act", *SENSITIVE_ACTS)


# ---------------------------------------------------------------------- markings, counts, time


def ceiling(leaving: Leaving) -> tuple[int, ...]:
    sheet, day = leaving.sheet, leaving.sheet.day
    high = [mark for mark in Classification if mark != UNKNOWN and day.above_node_ceiling(mark)]
    return leaving.anyhow(), sheet.one("classification", *high)


def ceiling_unknown(leaving: Leaving) -> tuple[int, ...]:
    return leaving.anyhow(), leaving.sheet.one("classification", UNKNOWN)


def small_counts(leaving: Leaving) -> tuple[int, ...]:
    return _small(leaving, lambda value: value == "below" or _from(value) < SMALLEST_CELL)


def small_counts_unknown(leaving: Leaving) -> tuple[int, ...]:
    return _small(leaving, lambda value: value == UNKNOWN)


def _small(leaving: Leaving, asks: Callable[[str], bool]) -> tuple[int, ...]:
    sheet = leaving.sheet
    if not sheet.form.has("cell"):
        return (NO,)
    values = sheet.form.variables[sheet.form.place("cell")].values
    told = [v for v in values if v != "no table" and asks(v)]
    counted = sheet.all(sheet.one("category", *COUNTED), sheet.one("described", "people"))
    sides = sheet.day.register.sides
    abroad = sheet.side("to", lambda side: side != "UK" and side in sides and sides[side].kind == "state")
    fled_from = sheet.all(abroad, sheet.third("EU"))
    here = sheet.any(fled_from, sheet.one("type", *PRODUCTS))
    return leaving.whole(), counted, here, sheet.form.one_of("cell", told), -leaving.of_right()


def _from(value: str) -> int:
    number = value.removeprefix("from ")
    return int(number) if number.isdigit() else SMALLEST_CELL


def rescue(leaving: Leaving) -> tuple[int, ...]:
    """A call of distress to a centre of the register that is held up, or loses what a search needs."""
    sheet, day, outputs = leaving.sheet, leaving.sheet.day, leaving.sheet.form.outputs
    centres = {(one.side, one.authority) for one in day.register.rescue if one.in_force(day.on)}
    call = sheet.all(
        sheet.one("type", "distress_incident"),
        sheet.one("act", Act.SHARE, Act.ASK, Act.ANSWER, Act.ONWARD, Act.CORRECT),
        sheet.body("to", lambda side, body: (side, body) in centres),
        sheet.any(*(sheet.fact("life_at_risk", value) for value in ("=True", UNKNOWN))),
    )
    needed = sheet.one("category", *day.rescue_categories)
    carried = sheet.all(outputs["rescue.open"], outputs["rescue.leaves"])
    return call, needed, -carried


BEYOND_RESCUE: Final = [
    "nationality",
    "asylum",
    "immigration_status",
    "identity_document",
    "fingerprint",
    "dna",
    "face_image",
    "face_template",
]


def rescue_minimum(leaving: Leaving) -> tuple[int, ...]:
    outputs = leaving.sheet.form.outputs
    beyond = leaving.sheet.one("category", *BEYOND_RESCUE)
    return outputs["rescue.open"], outputs["rescue.leaves"], beyond


def unlabelled(leaving: Leaving) -> tuple[int, ...]:
    """What leaves could be passed on to a state that people may have fled, for no limit goes with it."""
    sheet, outputs = leaving.sheet, leaving.sheet.form.outputs
    told = sheet.any(sheet.personal(Personal.YES), sheet.one("kind", SubjectKind.GROUP))
    open_ = []
    for line in permits(leaving.agreement):
        name = f"{leaving.version}{line.id}"
        bare = [
            sheet.all(-outputs[f"{name}.never:{side}"], -sheet.side("to", lambda to, s=side: to == s))  # type: ignore[misc]
            for side in reached(sheet.day)
        ]
        open_.append(sheet.all(leaving.under(line), -outputs[f"{name}.closed"], sheet.any(*bare)))
    return sheet.any(*open_), told


SAFEGUARDS: Final = (
    Safeguard(
        "basis",
        "Nothing about a person leaves where no basis could carry it.",
        "LED Art 35; DPA 2018 s.73",
        no_basis,
    ),
    Safeguard(
        "basis-unknown",
        "Nothing about a person leaves under a regime that nobody stated.",
        "LED Art 35; DPA 2018 s.73",
        no_regime,
    ),
    Safeguard(
        "origin",
        "Nothing about a protected person goes to a state of that person's nationality.",
        "Refugee Convention Art 33; ECHR Art 3",
        origin_known,
    ),
    Safeguard(
        "origin-unknown",
        "Nor to a state outside the Union while nobody has settled which state was fled.",
        "Refugee Convention Art 33; ECHR Art 3",
        origin_unknown,
    ),
    Safeguard(
        "origin-claim-unknown",
        "Nor where nobody has settled whether the person is protected.",
        "Refugee Convention Art 33; ECHR Art 3",
        claim_unknown,
    ),
    Safeguard(
        "chain",
        "Nothing about a protected person goes to whoever is not bound, or may pass it on freely.",
        "Refugee Convention Art 33; ECHR Art 3 (Soering)",
        chain_known,
    ),
    Safeguard(
        "chain-unknown",
        "Nor where nobody has settled whether the person is protected.",
        "Refugee Convention Art 33; ECHR Art 3 (Soering)",
        chain_unknown,
    ),
    Safeguard(
        "group",
        "Nothing about a group known to be protected goes to where its people may have fled from.",
        "Refugee Convention Art 33; EBCG Art 89(5)",
        group,
    ),
    Safeguard(
        "eurodac",
        "Nothing from Eurodac or made of it, no hit either, goes to a third country but as Art 50 says.",
        "Reg. 2024/1358 Arts 49, 50",
        eurodac,
    ),
    Safeguard(
        "eurodac-unknown",
        "Nor does anything about a person of which nobody has said where it came from.",
        "Reg. 2024/1358 Arts 49, 50",
        eurodac_unknown,
    ),
    Safeguard(
        "veto",
        "Nothing leaves against its originator's refusal.",
        "Originator control; LED Art 35(1)(c)",
        veto,
    ),
    Safeguard(
        "no-onward",
        "What came with `no onward` goes to nobody but its owner.",
        "TCA Art 563(5); LED Art 9(3)",
        no_onward,
    ),
    Safeguard(
        "never-to",
        "What must never reach a Side does not go there.",
        "Refugee Convention Art 33; LED Art 9(3)",
        never_to,
    ),
    Safeguard(
        "labels",
        "What is told of a person goes with a limit that keeps later holders from the states people fled.",
        "Refugee Convention Art 33; LED Art 35(1)(e)",
        unlabelled,
    ),
    Safeguard(
        "onward-unknown",
        "Nothing of another's is passed on while nobody knows under what it came.",
        "LED Art 35(1)(e)",
        onward_unknown,
    ),
    Safeguard("live", "No live remote identification of people.", "Reg. 2024/1689 Art 5(1)(h)", live),
    Safeguard(
        "human",
        "No act that bears on a person without a qualified person's signature.",
        "LED Art 11; DPA 2018 s.49; GDPR Art 22",
        unsigned,
    ),
    Safeguard("machine", "No machine does what bears on a person.", "LED Art 11; DPA 2018 s.49", machine),
    Safeguard(
        "deployed",
        "No executive act by an observer, coordinator or adviser.",
        "EBCG Arts 74, 78, 82",
        deployed,
    ),
    Safeguard(
        "ceiling",
        "Nothing above the ceiling of the node.",
        "House rule: a node without accreditation",
        ceiling,
    ),
    Safeguard(
        "ceiling-unknown",
        "Nothing that nobody has marked.",
        "House rule: a node without accreditation",
        ceiling_unknown,
    ),
    Safeguard(
        "small-counts", "No count of people below ten, told by what they are.", "EBCG Art 89(5)", small_counts
    ),
    Safeguard(
        "small-counts-unknown",
        "Nor one whose smallest cell nobody knows.",
        "EBCG Art 89(5)",
        small_counts_unknown,
    ),
    Safeguard(
        "rescue",
        "A call of distress to a rescue centre is never held up, whatever else is suspended.",
        "SAR Convention, Annex ch. 2; SOLAS V/33",
        rescue,
    ),
    Safeguard(
        "rescue-minimum",
        "A call of distress carries no nationality, claim, identity document or biometrics.",
        "DPA 2018 s.37; GDPR Art 5(1)(c)",
        rescue_minimum,
    ),
)
"""Every safeguard that each agreement must hold to on every day."""


def out_of_force(leaving: Leaving) -> tuple[int, ...]:
    """Something leaves by an act that does not follow copies which are already there."""
    sheet = leaving.sheet
    following = sheet.one("act", *(CONTINUING & leaving.agreement.continues_after_end))
    return leaving.anyhow(), -following


SUSPENDED: Final = (
    Safeguard(
        "suspended",
        "Nothing leaves while the agreement is suspended, but what follows copies already there.",
        "Vienna Convention on the Law of Treaties Arts 57, 72",
        out_of_force,
    ),
    Safeguard(
        "rescue-suspended",
        "A call of distress goes to the rescue centre although the agreement is suspended.",
        "SAR Convention, Annex ch. 2; SOLAS V/33",
        rescue,
    ),
)
"""What must hold of an agreement as if all of it were suspended."""


def promised(agreement: Agreement, leaving: Leaving) -> Iterator[tuple[Provision, str, tuple[int, ...]]]:
    """(line, purpose, goals) for every purpose that an agreement promises: some request must be served.

    A line that nobody has confirmed promises nothing, nor one that is switched off (`personal = "off"`).
    """
    for line in permits(agreement):
        if line.confidence != "unconfirmed" and line.personal != "off":
            for purpose in sorted(line.purposes - line.not_purposes):
                yield line, purpose, (leaving.under(line), leaving.sheet.one("purpose", purpose))


__all__ = ["SAFEGUARDS", "Leaving", "Over", "Safeguard", "promised"]
