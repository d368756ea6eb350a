"""What held on which day: agreements, laws, records and the register of Sides, as of a date.

`Register.load` reads folders; `Register.on(at)` is the whole as it stood then. Nothing here decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cordiale.agreements import vocabulary as v
from cordiale.agreements.check import Known, Named, fits, lint
from cordiale.agreements.model import Agreement, Condition, Record, Requirement
from cordiale.agreements.registered import (
    Authority,
    Calendar,
    GoodsClass,
    HandlingRule,
    Marking,
    RescueAuthority,
    RescueMinimum,
    RightsOfficer,
)
from cordiale.agreements.text import Loaded, load_folder
from cordiale.agreements.tongues import twins_of
from cordiale.errors import AgreementFileError
from cordiale.terms import Category
from cordiale.world import Disk, SystemDisk

SHIPPED: Final = Path(__file__).parent / "texts"
EU: Final = "EU"
EU_BODIES: Final = "EU-BODIES"
DAYS_KEPT_MAX: Final = 64
"""Days that a register keeps built: a node asks of today, a replay of a few others."""
UNMARKED_RANK: Final = 99
"""The height of a marking or handling code that the register does not list: above every ceiling."""

RESCUE_FALLBACK: Final = frozenset(
    {Category.EVENT, Category.POSITION, Category.PLACE, Category.COUNT, Category.VESSEL_ID, Category.ASSET}
    | {Category.CALLER, Category.PHONE, Category.HEALTH, Category.VULNERABILITY, Category.FREE_TEXT}
)
"""What a distress message may carry where no register file says so: a lost file must not cost a life."""


class Register:
    """Agreements, laws, records, Sides and authorities. Frozen once loaded; `on(at)` gives one day."""

    def __init__(self, loaded: Loaded, *, draft: bool = False) -> None:
        self.agreements = tuple(sorted((a for a in loaded.agreements if not a.is_law), key=lambda a: a.id))
        self.laws = tuple(sorted((a for a in loaded.agreements if a.is_law), key=lambda a: a.id))
        self.records = tuple(sorted(loaded.records, key=lambda r: r.id))
        self.draft = draft
        files = loaded.register
        self.sides = MappingProxyType({s.code: s for f in files for s in f.side})
        self.authorities: tuple[Authority, ...] = tuple(a for f in files for a in f.authority)
        self.rescue: tuple[RescueAuthority, ...] = tuple(r for f in files for r in f.rescue_authority)
        minima = [f.rescue_minimum for f in files if f.rescue_minimum is not None]
        self.rescue_minimum: RescueMinimum | None = minima[0] if minima else None
        self.rights: tuple[RightsOfficer, ...] = tuple(r for f in files for r in f.rights_officer)
        self.calendars: MappingProxyType[str, Calendar] = MappingProxyType(
            {c.id: c for f in files for c in f.calendar}
        )
        self.goods: MappingProxyType[str, GoodsClass] = MappingProxyType(
            {g.id: g for f in files for g in f.goods_class}
        )
        self.handling: MappingProxyType[str, HandlingRule] = MappingProxyType(
            {h.id: h for f in files for h in f.handling_code}
        )
        self.markings: MappingProxyType[str, Marking] = MappingProxyType(
            {m.marking: m for f in files for m in f.classification}
        )
        self._labels = [*(one.labels for one in loaded.agreements), *(one.labels for one in files)]
        self.texts_digest = "sha256:" + hashlib.sha256("\n".join(loaded.digests).encode()).hexdigest()
        self._days: dict[date, Day] = {}
        self._twins: dict[str, MappingProxyType[str, str]] = {}

    @classmethod
    def load(
        cls, texts: Path | None = None, records: Path | None = None, *, disk: Disk | None = None
    ) -> Register:
        """Read the shipped files, or the folders named; a folder named makes every answer a draft.

        `texts` without laws or register of its own stands beside the shipped ones: laws bind a draft too.
        Raises AgreementFileError for the first mistake, naming how many there are.
        """
        loaded, mistakes = gather(texts, records, disk or SystemDisk())
        if mistakes:
            first = mistakes[0]
            more = f" ({len(mistakes) - 1} more: `cordiale agreement check`.)" if len(mistakes) > 1 else ""
            raise AgreementFileError(first.message, field=first.field, way_out=first.way_out + more)
        return cls(loaded, draft=texts is not None or records is not None)

    def supposing(self, records: Iterable[Record]) -> Register:
        """The same register with these records beside its own, for asking what would be: always a draft, and
        by another digest, so that no answer of it passes for a decision.
        """
        _ = self.fact_types  # records declare no facts: a copy has them as they were read once
        other, added = copy(self), tuple(records)
        other.records = tuple(sorted((*self.records, *added), key=lambda r: r.id))
        told = "\n".join((self.texts_digest, *(repr(record) for record in added)))
        other.texts_digest = "sha256:" + hashlib.sha256(told.encode()).hexdigest()
        other.draft, other._days = True, {}
        return other

    def misfits(self, text: Agreement, source: str) -> tuple[AgreementFileError, ...]:
        """Every pointer of a text that leads nowhere here; `source`: the words of its file."""
        known = Known(
            Named({code: side.name for code, side in self.sides.items()}),
            {(a.side, a.id): a.name for a in self.authorities},
            {a.kind for a in self.authorities},
            set(self.calendars),
            {text.id, *(one.id for one in (*self.agreements, *self.laws))},
        )
        return fits(text, source, known)

    def counting(
        self,
        texts: Iterable[Agreement],
        *,
        without: Iterable[str] = (),
        records: Iterable[Record] = (),
        digests: Iterable[str] = (),
    ) -> Register:
        """The same register as a node counts it: these texts in the place of those with their ids, some left
        out, and these records added. `digests`: a line for each change, as a file has one.
        """
        other, added = copy(self), tuple(texts)
        gone = {*without, *(text.id for text in added)}
        kept = (text for text in self.agreements if text.id not in gone)
        other.agreements = tuple(sorted((*kept, *added), key=lambda a: a.id))
        other.records = tuple(sorted((*self.records, *records), key=lambda r: r.id))
        other._labels = [*self._labels, *(text.labels for text in added)]
        told = "\n".join((self.texts_digest, *digests))
        other.texts_digest = "sha256:" + hashlib.sha256(told.encode()).hexdigest()
        other._days, other._twins = {}, {}
        other.__dict__.pop("fact_types", None)
        return other

    def agreement(self, id: str) -> Agreement | None:
        return next((a for a in (*self.agreements, *self.laws) if a.id == id), None)

    def text(self, id: str) -> str:
        """What a text is called, with the article of a provision; the id where nothing has it."""
        name, _, provision = id.partition("/")
        found = self.agreement(name)
        if found is None:
            return id
        line = next((p for p in found.provision if p.id == provision), None)
        return f"{found.title} ({line.article})" if line else found.title

    def body(self, id: str) -> str:
        """What a Side or an authority is called: `National Crime Agency (United Kingdom)`."""
        side, _, authority = id.partition("/")
        known = self.sides.get(side)
        if known is None or not authority:
            return known.name if known else id
        one = next((a for a in self.authorities if (a.side, a.id) == (side, authority)), None)
        return f"{one.name if one else authority} ({known.name})"

    def told(self, words: str) -> str:
        """Words of a file as they stand there: English."""
        return words

    def twins(self, language: str) -> MappingProxyType[str, str]:
        """What files say -> the same in a language (`fr`): titles, sentences, labels, what must be read."""
        found = self._twins.get(language)
        if found is None:
            pairs = (pair for text in (*self.agreements, *self.laws) for pair in twins_of(text, language))
            labels = (dict(one).get(language, ()) for one in self._labels)
            said = dict(pairs) | {label: other for some in labels for label, other in some}
            found = self._twins[language] = MappingProxyType(said)
        return found

    @cached_property
    def fact_types(self) -> MappingProxyType[str, str]:
        """Every declared fact and its type: what `facts` of a request may name."""
        found = dict(v.BUILT_IN_FACTS)
        for text in (*self.agreements, *self.laws):
            found |= facts_of(text)
        return MappingProxyType(found)

    def on(self, at: datetime) -> Day:
        """Everything as it stood at `at` (aware UTC). Raises ValueError for a time without zone."""
        if at.tzinfo is None:
            raise ValueError("a decision has a moment with a time zone")
        whole = self._days.get(at.date())
        if whole is None:
            if len(self._days) >= DAYS_KEPT_MAX:
                self._days.clear()
            whole = self._days[at.date()] = Day(self, at)
        return whole.moment(at)


def gather(
    texts: Path | None, records: Path | None, disk: Disk
) -> tuple[Loaded, tuple[AgreementFileError, ...]]:
    """The files of the folders named, completed by the shipped ones, and every mistake in them."""
    for folder in (texts, records):
        if folder is not None and not folder.is_dir():
            there = "is a file, not a folder" if folder.is_file() else "is not there"
            raise AgreementFileError(
                f"`{folder}` {there}: files are read together, by folder.",
                way_out=f"Name the folder: `{folder.parent}`."
                if folder.is_file()
                else "Name a folder of TOML files.",
            )
    own = load_folder(texts or SHIPPED, disk)
    dated = load_folder(records, disk) if records is not None else own
    agreements, register, standing = own.agreements, own.register, dated.records
    without_laws = texts is not None and not any(a.is_law for a in agreements)
    if texts is not None and (without_laws or not register or not (standing or records)):
        shipped = load_folder(SHIPPED, disk)
        if without_laws and not (texts / "laws").is_dir():
            agreements += tuple(a for a in shipped.agreements if a.is_law)
        register = register or shipped.register
        standing = standing if records is not None else standing or shipped.records
    mistakes = own.mistakes if records is None else (*own.mistakes, *dated.mistakes)
    digests = own.digests if records is None else (*own.digests, *dated.digests)
    loaded = Loaded(
        agreements,
        standing,
        register,
        mistakes,
        digests,
        (*own.sources, *dated.sources),
        (*own.ids, *(("agreement", one.id) for one in agreements)),
        own.broken if records is None else (*own.broken, *dated.broken),
    )
    # A folder of records may hold those of shipped agreements, whatever draft stands beside it.
    elsewhere = (
        {path.stem for path in (SHIPPED / "agreements").glob("*.toml")} if texts is not None else set()
    )
    return loaded, (*mistakes, *lint(loaded, elsewhere=frozenset(elsewhere)))


def facts_of(text: Agreement) -> dict[str, str]:
    """The facts that one file declares, in words (`facts`) or by using them."""
    found: dict[str, str] = {}
    for line in text.provision:
        found |= {clock.starts: "datetime" for clock in line.clocks}
        found |= dict.fromkeys(line.lifts.when if line.lifts else (), "bool")
        found |= _used([*line.when, *line.except_], line.requires)
        found |= dict(line.facts)
    for taint in text.taint:
        found |= _used([], [n for e in taint.except_ for n in e.needs])
    return found | {k: t for k, t in text.facts if isinstance(t, str)}


def _used(conditions: Iterable[Condition], needs: Iterable[Requirement]) -> dict[str, str]:
    """The facts that conditions and requirements read, with the type that their own words imply."""
    every: list[Condition | Requirement] = [*conditions]
    for need in needs:
        every += [need, *need.any_fact]
    return {
        e.fact: _type_of(e.is_, e.at_most if e.at_most is not None else e.at_least) for e in every if e.fact
    }


def _type_of(wanted: object, bound: int | None) -> str:
    if bound is not None:
        return "int"
    return "bool" if isinstance(wanted, bool) else "id"


@dataclass(frozen=True)
class Day:
    """The register as it stood at one moment. Cheap to ask, built once."""

    register: Register
    at: datetime
    on: date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "on", self.at.date())

    def moment(self, at: datetime) -> Day:
        """The same day at another moment; what was built of the day is shared, not built again."""
        if at == self.at and at.tzinfo is self.at.tzinfo:
            return self
        self.records, self.laws, self.authorities, self._memberships  # noqa: B018  built once, here
        other = object.__new__(Day)
        other.__dict__.update(self.__dict__)
        other.__dict__["at"] = at
        return other

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """Records in force, known by then, not withdrawn and not superseded."""
        standing = [
            r
            for r in self.register.records
            if r.in_force(self.on)
            and r.known_from <= self.on
            and (r.withdrawn_at is None or self.on < r.withdrawn_at)
            and (r.live_from is None or r.live_from <= self.on)
        ]
        gone = {old for r in standing for old in r.supersedes}
        return tuple(r for r in standing if r.id not in gone)

    @cached_property
    def laws(self) -> tuple[Agreement, ...]:
        """Law files in force. A law whose confidence is low still restricts."""
        return tuple(law for law in self.register.laws if any(s.in_force(self.on) for s in law.validity))

    @cached_property
    def authorities(self) -> MappingProxyType[tuple[str, str], Authority]:
        return MappingProxyType({(a.side, a.id): a for a in self.register.authorities if a.in_force(self.on)})

    @cached_property
    def _memberships(self) -> frozenset[tuple[str, str]]:
        """(Side, bloc) for every membership of the day."""
        return frozenset(
            (code, m.bloc)
            for code, side in self.register.sides.items()
            for m in side.member_of
            if (m.from_ is None or m.from_ <= self.on) and (m.until is None or self.on < m.until)
        )

    def member(self, side: str, bloc: str) -> bool:
        """Whether `side` belongs to `bloc` on the day; every Side belongs to itself."""
        return side == bloc or (side, bloc) in self._memberships

    def third(self, side: str, bloc: str = EU) -> bool:
        """Whether `side` is neither a member of `bloc` nor, for the Union, one of its bodies."""
        return not self.member(side, bloc) and not (bloc == EU and self.member(side, EU_BODIES))

    def among(self, side: str, codes: Iterable[str]) -> bool:
        """Whether `side` is one of `codes`, itself or as member of a bloc named there."""
        return any(self.member(side, code) for code in codes)

    def meant(self, side: str, end: str) -> bool:
        """Whether one end of a direction (`UK`, `EU`, `third`, `*`) means this Side."""
        return end == "*" or (self.third(side) if end == "third" else self.member(side, end))

    def along(self, sender: str, recipient: str, directions: Iterable[str]) -> bool:
        """Whether a direction such as `UK>EU` is the one that is asked."""
        for direction in directions:
            start, _, end = direction.partition(">")
            if self.meant(sender, start) and self.meant(recipient, end):
                return True
        return False

    def carries(self, record: Record, sender: str, recipient: str) -> bool:
        """Whether a record from one Side to another carries this way.

        The Commission's decision for the members holds for the Union's bodies too (Reg. 2018/1725 Art 47(1)).
        """
        starts = self.member(sender, record.from_side)
        if record.from_side == EU and self.member(sender, EU_BODIES):
            starts = True
        return starts and self.member(recipient, record.to_side)

    def kind_of(self, side: str, authority: str) -> str:
        """The kind of a body; empty if the register does not know it on the day."""
        known = self.authorities.get((side, authority))
        if known is None:
            return ""
        return "national_security" if known.national_security else known.kind

    def bound_by(self, side: str) -> frozenset[str]:
        known = self.register.sides.get(side)
        return known.bound_by if known else frozenset()

    def rescue_authority(self, side: str, authority: str) -> RescueAuthority | None:
        return next(
            (
                r
                for r in self.register.rescue
                if (r.side, r.authority) == (side, authority) and r.in_force(self.on)
            ),
            None,
        )

    def rights_officer(self, side: str, authority: str) -> RightsOfficer | None:
        return next(
            (
                r
                for r in self.register.rights
                if (r.side, r.authority) == (side, authority) and r.in_force(self.on)
            ),
            None,
        )

    @property
    def rescue_categories(self) -> frozenset[str]:
        least = self.register.rescue_minimum
        return least.categories - least.never if least else frozenset(RESCUE_FALLBACK)

    def handling_rank(self, code: str) -> int:
        rule = self.register.handling.get(code)
        return rule.rank if rule else UNMARKED_RANK

    def marking_rank(self, marking: str) -> int:
        rule = self.register.markings.get(marking)
        return rule.rank if rule else UNMARKED_RANK

    def above_node_ceiling(self, marking: str) -> bool:
        """Whether a marking is above what a node without accreditation may carry."""
        rule = self.register.markings.get(marking)
        return rule is None or rule.above_ceiling

    def stops(self, agreement: Agreement) -> tuple[Record, ...]:
        """The records of the day that stop an agreement or lines of it: suspensions, and its end."""
        return tuple(r for r in self.records if r.kind in v.STOPPING and r.agreement == agreement.id)
