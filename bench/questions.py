"""Seeded questions to the gate, built from the shipped texts: near what is permitted, then spoilt a little.

One seed, one stream. All persons and units are invented. `sibling` tells the same again in other words: other
ids, officers, hours; the gate must answer it alike.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from cordiale import terms
from cordiale.agreements import INFORMATION_TYPES, Register
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.register import Day

Raw = dict[str, Any]
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
STATED = (
    "protection",
    "human_rights_claim",
    "nationality",
    "stateless",
    "minor",
    "accompanied",
    "trafficking_indicator",
    "protected_activity",
    "role",
)
CALM: Mapping[str, Any] = {
    "protection": "none",
    "human_rights_claim": "none",
    "stateless": "no",
    "minor": "no",
    "accompanied": "yes",
    "trafficking_indicator": "no",
    "protected_activity": "none",
}
ODD: Mapping[str, tuple[str, ...]] = {
    "protection": tuple(terms.Protection),
    "human_rights_claim": ("none", "open", "closed", "unknown"),
    "stateless": ("yes", "no", "unknown"),
    "minor": tuple(terms.Minor),
    "accompanied": ("yes", "no", "unknown"),
    "trafficking_indicator": ("yes", "no", "unknown"),
    "protected_activity": ("aid", "press", "legal", "none", "unknown"),
}
DESCRIBES = ("nationality", "status", "place", "age")
DAYS_ODD = ("2021-03-01", "2025-08-20", "2025-12-19", "2026-02-05", "2026-06-12", "2031-12-28")


class Questions:
    """A stream of raw questions for one register and seed. `pair` keeps it to two bodies."""

    def __init__(self, register: Register, seed: int, *, pair: tuple[str, str] | None = None) -> None:
        self.chance = Random(seed)
        self.register = register
        self.day = register.on(NOON)
        self.bodies = sorted(f"{a.side}/{a.id}" for a in self.day.authorities.values())
        self.pair = pair
        self.lines = [
            (agreement, line, pairs)
            for agreement in register.agreements
            for line in agreement.provision
            if line.effect == "permit" and (pairs := self._pairs(agreement, line))
        ]
        assert self.lines, "no line permits anything between these"

    def _pairs(self, agreement: Agreement, line: Provision) -> list[tuple[str, str]]:
        """The ordered pairs of bodies that a line can run between."""
        named = _named(agreement, self.day)
        found = []
        for way in sorted(line.directions):
            start, _, end = way.partition(">")
            senders = [b for b in named if self.day.meant(b.split("/")[0], start)]
            takers = [b for b in named if self.day.meant(b.split("/")[0], end)]
            found += [(s, r) for s in senders for r in takers if s.split("/")[0] != r.split("/")[0]]
        return [p for p in found if self.pair in (None, p)]

    def __iter__(self) -> Iterator[tuple[Raw, datetime]]:
        while True:
            raw = self.near()
            for _ in range(self.chance.choices((0, 1, 2, 4), (50, 28, 14, 8))[0]):
                self.spoil(raw)
            yield raw, self.moment()

    def moment(self) -> datetime:
        odd = self.chance.random() < 0.06
        day = datetime.fromisoformat(self.chance.choice(DAYS_ODD)).replace(tzinfo=UTC) if odd else NOON
        return day + timedelta(minutes=self.chance.randrange(600))

    # -- near what is permitted --------------------

    def near(self) -> Raw:
        """A question as a permitting line wants it, as far as the line tells."""
        pick = self.chance.choice
        agreement, line, pairs = pick(self.lines)
        sender, recipient = pick(pairs)
        purpose = pick(sorted(line.purposes))
        regime = pick(sorted(line.regimes or {"crime"}))
        people = [self.subject(n, line) for n in range(self.chance.choices((0, 1, 2), (3, 6, 1))[0])]
        if line.personal in ("none", "off", "staff", "identifiers"):
            people = []
        raw: Raw = {
            "id": f"q{self.chance.randrange(10**6)}",
            "act": pick(sorted(line.acts)),
            "type": pick(sorted(line.types)),
            "mode": "spontaneous",
            "case": f"case-{self.chance.randrange(10**6)}",
            "from": _party(sender, pick(sorted(line.capacities or {"own_officer"}))),
            "to": _party(recipient),
            "automated": "no",
            "purpose": purpose,
            "regime": regime,
            "offence": {"law": "UK", "code": "facilitation", "max_years": 14, "stage": "suspected"},
            "targeting": pick(sorted(line.targeting or {"individual"})),
            "modality": pick(sorted(line.modality or {"stored"})),
            "place_of_processing": "invented centre",
            "reason": "an invented reason",
            "facts": {"judicial_channel_required": False} | _facts(line),
            "confirmations": _confirmations(line),
            "subjects": people,
        }
        if self.chance.random() < 0.7:
            raw["asked_basis"] = f"{agreement.id}/{line.id}"
        if self.chance.random() < 0.25:
            raw["facts"]["received_at"] = f"2026-10-{self.chance.randrange(10, 31)}T08:15:00+00:00"
        raw["items"] = self.items(line, sender, raw)
        return raw

    def subject(self, number: int, line: Provision) -> Raw:
        by = {"source": "lawful_assessment", "by": f"officer-{self.chance.randrange(99)}", "at": "2026-01-05"}
        return {
            "id": f"person-{number}-{self.chance.randrange(1000)}",
            "kind": "person",
            "role": self.chance.choice(sorted(line.roles or {"suspect"})),
            "nationality": self.chance.choice((["AL"], ["VN"], ["UK"])),
            "informed": "yes",
            "established": dict.fromkeys(STATED, by),
            **CALM,
        }

    def items(self, line: Provision, sender: str, raw: Raw) -> list[Raw]:
        named = sorted(line.granted - line.withheld)
        if not raw["subjects"]:
            named = [c for c in named if terms.CATEGORIES[c].personal != "yes"] or named
        count = min(len(named), self.chance.choice((1, 2, 2, 3, 10)))
        wanted = set(self.chance.sample(named, count)) | line.essential | line.must_include
        return [self.item(c, n, sender, raw) for n, c in enumerate(sorted(wanted))]

    def item(self, category: str, number: int, sender: str, raw: Raw) -> Raw:
        personal = terms.CATEGORIES[terms.Category(category)].personal == "yes"
        about = [self.chance.choice(raw["subjects"])["id"]] if personal and raw["subjects"] else []
        return {
            "id": f"{category}.{number}",
            "category": str(category),
            "subjects": about,
            "transformable": ["blur", "aggregate", "generalise"],
            "assertion": "fact",
            "as_of": "2026-11-01",
            "grade": {"scheme": "3x5x2", "source": "1", "information": "A"},
            "verified": "yes",
            "origin": {
                "owner": sender,
                "state": sender.split("/")[0],
                "systems": ["national_police"],
                "collected_for": raw["purpose"],
                "regime": raw["regime"],
                "obtained": "lawfully",
            },
            "handling": {"code": "P", "classification": "OFFICIAL"},
            "aggregate": {"smallest_cell": 40, "describes": ["place"]},
            "sensitive": {"condition": "Sch 8 para 1", "policy_document": "invented"},
        }

    # -- spoilt a little --------------------

    def spoil(self, raw: Raw) -> None:
        """Change one thing."""
        acts = [self._head, self._head, self._end, self._person, self._origin, self._mark, self._paper]
        self.chance.choice(acts)(raw)

    def _head(self, raw: Raw) -> None:
        pick = self.chance.choice
        changes: Mapping[str, Any] = {
            "act": tuple(terms.Act),
            "type": INFORMATION_TYPES,
            "purpose": tuple(terms.Purpose),
            "regime": tuple(terms.Regime),
            "targeting": tuple(terms.Targeting),
            "modality": tuple(terms.Modality),
            "automated": ("yes", "unknown"),
            "channel": tuple(terms.Channel),
            "urgent": ("threat_to_life", {"level": "liberty", "reason": "a hearing"}),
            "offence": ("unknown", {"max_years": 2, "stage": "convicted"}),
            "reason": ("",),
            "case": ("",),
        }
        name = pick(sorted(changes))
        raw[name] = pick(changes[name])
        if raw[name] == "":
            del raw[name]

    def _end(self, raw: Raw) -> None:
        side = self.chance.choice(("from", "to"))
        if self.pair is None and self.chance.random() < 0.5:
            raw[side] = _party(self.chance.choice(self.bodies))
        elif self.chance.random() < 0.7:
            raw["from"]["person"] = {"capacity": self.chance.choice(tuple(terms.Capacity))}
        else:
            raw.pop("asked_basis", None)

    def _person(self, raw: Raw) -> None:
        if not raw["subjects"]:
            return
        one, pick = self.chance.choice(raw["subjects"]), self.chance.choice
        name = pick((*sorted(ODD), "nationality", "established", "kind", "role"))
        if name == "nationality":
            one[name] = pick((["FR"], ["RS"], ["XK", "AL"], "unknown", ["IQ"]))
        elif name == "established":
            fact = pick(STATED)
            one[name] = {**one[name], fact: pick(("machine", "officer", {"source": "document"}))}
        elif name == "kind":
            one |= {"kind": pick(tuple(terms.SubjectKind)), "size": pick((2, 12, 60))}
        else:
            one[name] = pick(ODD.get(name, tuple(terms.Role)))

    def _origin(self, raw: Raw) -> None:
        if not raw["items"]:
            return
        origin, pick = self.chance.choice(raw["items"])["origin"], self.chance.choice
        changes: Mapping[str, Any] = {
            "owner": ("FR/paf", "RS/rs-police", "unknown", "UK/police", "EUROPOL/europol"),
            "state": ("FR", "RS", "unknown"),
            "systems": (*([s] for s in terms.System), "unknown", []),
            "derived_from": tuple([s] for s in terms.System),
            "collected_for": ("asylum", "rescue", "border_control", "unknown"),
            "regime": tuple(terms.Regime),
            "obtained": ("rights_violation", "unknown"),
            "received_under": tuple(a.id for a in self.register.agreements),
        }
        name = pick(sorted(changes))
        origin[name] = pick(changes[name])

    def _mark(self, raw: Raw) -> None:
        pick = self.chance.choice
        if not raw["items"]:
            return
        one = pick(raw["items"])
        one |= pick(
            (
                {"handling": {"code": pick(tuple(terms.HandlingCode)), "classification": "OFFICIAL"}},
                {"handling": {"code": "P", "classification": pick(tuple(terms.Classification))}},
                {"handling": {**one["handling"], "restrictions": [pick(("no_onward", "ask_originator"))]}},
                {"grade": {"scheme": "3x5x2", "source": "3", "information": "E"}},
                {"category": pick(tuple(terms.Category))},
                {"aggregate": {"smallest_cell": pick((1, 4, 9)), "describes": [pick(DESCRIBES)]}},
                {"aggregate": {"smallest_cell": pick((3, 30))}},
                {"goods": {"class": pick(sorted(self.register.goods))}},
                {"transformable": []},
                {"conviction": {"spent": pick(("yes", "no")), "class": "child_sexual"}},
                {"subjects": []},
            )
        )
        if pick((True, False, False)):
            one.pop("sensitive", None)

    def _paper(self, raw: Raw) -> None:
        pick = self.chance.choice
        kind = pick(("fact", "confirmations", "records", "sought", "no_items"))
        if kind == "fact":
            name = pick(sorted(n for n, t in self.register.fact_types.items() if t == "bool"))
            raw["facts"][name] = pick((True, False))
        elif kind == "confirmations":
            raw[kind] = raw[kind][:-1] or _given("release")
        elif kind == "records":
            raw[kind] = [pick([r.id for r in self.register.records])]
        elif kind == "sought":
            wanted = [str(pick(tuple(terms.Category))) for _ in range(2)]
            raw |= {"act": pick(("ask", "search")), kind: {"categories": sorted(set(wanted))}}
        else:
            raw["items"] = []


def sibling(raw: Raw, chance: Random) -> Raw:
    """The same question of other people on another file: ids, officers, days of statements, free words."""
    other = copy.deepcopy(raw)
    names = {s["id"]: f"other-{n}-{chance.randrange(1000)}" for n, s in enumerate(raw["subjects"])}
    for one in other["subjects"]:
        one |= {"id": names[one["id"]], "informed": "no", "ground": "another ground"}
        for by in one.get("established", {}).values():
            if isinstance(by, dict) and "by" in by:
                by |= {"by": f"officer-{chance.randrange(99)}", "at": "2026-03-07"}
    for number, one in enumerate(other["items"]):
        one |= {"id": f"leaf-{chance.randrange(10**6)}-{number}", "value": "other words"}
        one |= {"as_of": "2026-10-30", "assertion": "assessment", "verified": "no"}
        one["subjects"] = [names.get(s, s) for s in one["subjects"]]
        one["handling"]["caveats"] = ["another caveat"]
        if "conviction" in one:
            one["conviction"] |= {"recorded_at": "2020-05-05", "marker": "another"}
        if "sensitive" in one:
            one["sensitive"] = {"condition": "another", "policy_document": "another"}
    for index, one in enumerate(other["confirmations"]):
        one |= {"person": f"examiner-{index}-{chance.randrange(99)}", "at": "2020-06-01T10:00:00Z"}
    return _other_head(other, chance)


def _other_head(other: Raw, chance: Random) -> Raw:
    """Other words where only their presence counts."""
    if "received_at" in other["facts"]:
        other["facts"]["received_at"] = f"2026-09-{chance.randrange(10, 31)}T21:40:00+00:00"
    if "case" in other:
        other["case"] = f"case-{chance.randrange(10**6)}"
    for name in ("reason", "place_of_processing"):
        if name in other:
            other[name] = "other words"
    if isinstance(other["offence"], dict):
        other["offence"] |= {"law": "FR", "code": "another", "date": "2026-08-08"}
    other["from"]["person"]["id"] = "officer-9"
    return other | {"id": f"q{chance.randrange(10**6)}", "mode": "on_request"}


def _named(agreement: Agreement, day: Day) -> list[str]:
    """The bodies that an agreement names, as the register has them on the day."""
    found = set()
    for side in agreement.side:
        for one in side.authority:
            for body in day.authorities.values():
                member = body.side == side.code or (side.bloc and day.member(body.side, side.code))
                kind = day.kind_of(body.side, body.id)
                if member and (one.id == body.id or (one.kind and one.kind == kind)):
                    found.add(f"{body.side}/{body.id}")
    return sorted(found)


def _party(name: str, capacity: str = "own_officer") -> Raw:
    side, authority = name.split("/")
    return {"side": side, "authority": authority, "person": {"capacity": str(capacity), "id": "officer-0"}}


def _facts(line: Provision) -> Raw:
    """The facts that a line needs, as it wants them."""
    out: Raw = {}
    for need in (*line.when, *line.requires, *(f for n in line.requires for f in n.any_fact)):
        if need.fact:
            least = need.at_least if need.at_least is not None else need.at_most
            out[need.fact] = need.is_ if least is None else least
    return out


def _confirmations(line: Provision) -> list[Raw]:
    wanted = [(n.confirmation, n.n) for n in line.requires if n.confirmation]
    return [one for of, n in wanted for one in _given(of, n)]


def _given(of: str, n: int = 1) -> list[Raw]:
    """Confirmations by so many invented persons, given before any day that is asked about."""
    return [
        {
            "person": f"examiner-{i}-{of}",
            "role": "officer",
            "qualified": "yes",
            "of": of,
            "at": "2020-01-01T09:00:00Z",
        }
        for i in range(n)
    ]
