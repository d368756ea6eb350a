"""Specimen questions: for a permitting line, questions as it wants them.

All persons are invented and nothing of them is held against anybody: no claim, of full age, all of it stated.
Other lines and laws may still refuse; the gate says so. lapsing.py asks them the day before a date and on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any, Final

from cordiale.agreements.model import Agreement, Condition, Provision, Requirement
from cordiale.agreements.question import STATED, Question, parse_question
from cordiale.agreements.register import Day
from cordiale.errors import RequestError
from cordiale.terms import CATEGORIES, Category, Personal, Transform

STATEMENT: Final = MappingProxyType(
    {"source": "lawful_assessment", "by": "an invented officer", "at": "2020-01-01"}
)
CALM: Final = MappingProxyType(
    {
        "protection": "none",
        "human_rights_claim": "none",
        "stateless": "no",
        "minor": "no",
        "accompanied": "yes",
        "trafficking_indicator": "no",
        "protected_activity": "none",
        "informed": "yes",
    }
)
NATIONALITY: Final = "XX"
"""Of the invented person: a code that ISO 3166 gives to no country, so that it is no Side's own national."""
ABOUT_PERSONS: Final = frozenset({"yes", "masked", ""})
"""Levels of `personal` under which something about a person may leave."""
PURPOSES_MAX: Final = 2
"""Purposes tried for one direction and body of law: a line's purposes share its dates."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What sets one specimen apart from the others of its line: two bodies, the way between them as it is
    told (a member that stands for its bloc has the bloc's name), and why it is sent.
    """

    sender: str
    recipient: str
    way: str
    regime: str
    purpose: str
    person: bool

    @property
    def sides(self) -> frozenset[str]:
        return frozenset(body.partition("/")[0] for body in (self.sender, self.recipient))


@dataclass(frozen=True, slots=True)
class Specimen:
    """One question and its kind."""

    kind: Kind
    question: Question


def specimens(
    agreement: Agreement, line: Provision, day: Day, *, kinds: Iterable[Kind] | None = None
) -> Iterator[Specimen]:
    """The specimens of one line, as it stands on a day: of these kinds, or of every kind."""
    for kind in kinds_of(agreement, line, day) if kinds is None else kinds:
        raw = _raw(line, kind) | {"asked_basis": f"{agreement.id}/{line.id}"}
        raw["records"] = [r.id for r in day.register.records if r.agreement in ("", agreement.id)]
        raw["case"] = next((r.case for r in day.records if r.case and r.agreement == agreement.id), "case-0")
        try:
            yield Specimen(kind, parse_question(raw))
        except RequestError:  # an id in a file of one's own that no request may name: no specimen of it
            continue


def kinds_of(
    agreement: Agreement, line: Provision, day: Day, *, named: Iterable[str] = ()
) -> tuple[Kind, ...]:
    """Each direction, body of law and purpose of a line, with and without a person.

    A bloc is stood for by one of its members, and by those in `named`. Bodies are those of the day.
    """
    purposes = sorted(map(str, line.purposes - line.not_purposes))[:PURPOSES_MAX]
    regimes = sorted(map(str, line.regimes or {"crime"}))
    persons = (True, False) if line.personal in ABOUT_PERSONS else (False,)
    pairs = _pairs(agreement, line, day, frozenset(named))
    return tuple(
        Kind(*pair, regime, purpose, person)
        for pair, regime, purpose, person in product(pairs, regimes, purposes, persons)
    )


# ---------------------------------------------------------------------- who


def _pairs(
    agreement: Agreement, line: Provision, day: Day, named: frozenset[str]
) -> list[tuple[str, str, str]]:
    """(sender, recipient, way): one pair of bodies for each two Sides of each direction."""
    found = []
    for way in sorted(line.directions):
        start, _, end = way.partition(">")
        for (sender, called), (recipient, taken) in product(
            _sides(agreement, start, day, named), _sides(agreement, end, day, named)
        ):
            bodies = (_body(agreement, line, sender, day), _body(agreement, line, recipient, day))
            if sender != recipient and all(bodies):
                found.append((*bodies, f"{called}>{taken}"))
    return list(dict.fromkeys(found))


def _sides(agreement: Agreement, end: str, day: Day, named: frozenset[str]) -> list[tuple[str, str]]:
    """(Side, what it is called) of the agreement that one end of a direction means; of a bloc, one member
    under its name, and those in `named` under their own.
    """
    found: list[tuple[str, str]] = []
    for side in agreement.side:
        if not side.bloc:
            found += [(side.code, side.code)] if day.meant(side.code, end) else []
            continue
        able = {a.side for a in day.authorities.values() if day.member(a.side, side.code)}
        members = [one for one in sorted(able) if day.meant(one, end)]
        found += [(one, side.code) for one in members if one not in named][:1]
        found += [(one, one) for one in members if one in named]
    return list(dict.fromkeys(found))


def _body(agreement: Agreement, line: Provision, code: str, day: Day) -> str:
    """A body of a Side that the agreement names and the line fits; empty where there is none on the day."""
    able = [a for a in day.authorities.values() if a.side == code]
    parties = [side for side in agreement.side if side.code == code or day.member(code, side.code)]
    if rows := [row for side in parties for row in side.authority]:
        fit = [row for row in rows if not row.acts or row.acts & line.acts]
        fit = [row for row in fit if not row.types or row.types & line.types]
        able = [a for a in able if any(a.id == row.id or (row.kind and a.kind == row.kind) for row in fit)]
    fitting = [
        a
        for a in able
        if (not line.authority_kinds or a.kind in line.authority_kinds)
        and a.kind not in line.not_authority_kinds
    ]
    return next((f"{code}/{a.id}" for a in sorted(fitting, key=lambda a: a.id)), "")


# ---------------------------------------------------------------------- what


def _raw(line: Provision, kind: Kind) -> dict[str, Any]:
    """A question as JSON, without its basis."""
    acts, channels = sorted(map(str, line.acts)), sorted(map(str, line.channel))
    people = [_person(line, kind.recipient)] if kind.person else []
    return {
        "id": "specimen",
        "act": _first(acts, "share"),
        "type": min(line.types),
        "channel": _first(channels, "node"),
        "from": _end(kind.sender, _first(line.capacities, "own_officer")),
        "to": _end(kind.recipient, "own_officer"),
        "automated": "no",
        "purpose": kind.purpose,
        "regime": kind.regime,
        "urgent": {"level": "threat_to_life", "reason": "an invented reason"} if _hurries(line) else "no",
        "offence": {"law": "UK", "code": "facilitation", "max_years": 99, "stage": "suspected"},
        "targeting": _first(line.targeting, "individual"),
        "modality": _first(line.modality, "stored"),
        "place_of_processing": "an invented centre",
        "reason": "an invented reason",
        "facts": {"judicial_channel_required": False} | _facts(line),
        "confirmations": _confirmations(line),
        "subjects": people,
        "items": [one | {"origin": _origin(kind)} for one in _items(line, people)],
    }


def _hurries(line: Provision) -> bool:
    return any(one.urgent for one in line.when)


def _first(words: Iterable[object], otherwise: str) -> str:
    """`otherwise` where a line allows it or names nothing, else the first word that it names."""
    listed = sorted(map(str, words))
    return otherwise if otherwise in listed or not listed else listed[0]


def _end(body: str, capacity: str) -> dict[str, Any]:
    side, _, authority = body.partition("/")
    return {"side": side, "authority": authority, "person": {"capacity": capacity, "id": "invented"}}


def _person(line: Provision, recipient: str) -> dict[str, Any]:
    own = any(one.recipient_of_nationality for one in line.requires)
    nationality = recipient.partition("/")[0] if own else NATIONALITY
    said = {"id": "invented-person", "kind": "person", "role": _first(line.roles, "suspect")}
    stated = {name: dict(STATEMENT) for name in STATED if name != "size"}
    return said | CALM | {"nationality": [nationality], "established": stated}


def _items(line: Provision, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An item of each category that the line grants; about the person where it is about anybody."""
    named = sorted(map(str, (line.granted - line.withheld) | line.essential | line.must_include))
    if not people:
        nobody = [one for one in named if CATEGORIES[Category(one)].personal != Personal.YES]
        named = nobody or named
    return [_item(one, people) for one in named]


def _item(category: str, people: list[dict[str, Any]]) -> dict[str, Any]:
    personal = CATEGORIES[Category(category)].personal == Personal.YES
    return {
        "id": category,
        "category": category,
        "subjects": [one["id"] for one in people] if personal else [],
        "transformable": [str(one) for one in Transform],
        "assertion": "fact",
        "grade": {"scheme": "3x5x2", "source": "1", "information": "A"},
        "verified": "yes",
        "handling": {"code": "P", "classification": "OFFICIAL"},
        "aggregate": {"smallest_cell": 1000, "describes": ["place"]},
        "sensitive": {"condition": "an invented condition", "policy_document": "an invented paper"},
    }


def _origin(kind: Kind) -> Mapping[str, Any]:
    return {
        "owner": kind.sender,
        "state": kind.sender.partition("/")[0],
        "systems": ["national_police"],
        "collected_for": kind.purpose,
        "regime": kind.regime,
        "obtained": "lawfully",
    }


def _facts(line: Provision) -> dict[str, Any]:
    """The facts that a line needs, as it wants them."""
    found: dict[str, Any] = {}
    needs: list[Condition | Requirement] = [*line.when, *line.requires]
    needs += [one for need in line.requires for one in need.any_fact]
    for need in needs:
        if need.fact:
            least = need.at_least if need.at_least is not None else need.at_most
            found[need.fact] = need.is_ if least is None else least
    return found


def _confirmations(line: Provision) -> list[dict[str, Any]]:
    """As many named persons as a line wants, qualified and independent, long before the day."""
    return [
        {
            "person": f"invented-{number}-{need.confirmation}",
            "role": "officer",
            "qualified": "yes",
            "of": need.confirmation,
            "at": "2020-01-01T09:00:00Z",
            "independent_of": ["invented"] if need.independent else [],
        }
        for need in line.requires
        if need.confirmation
        for number in range(need.n)
    ]
