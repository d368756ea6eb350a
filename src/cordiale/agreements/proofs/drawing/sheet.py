"""The sheet on which one basis is drawn: the form, the day, and the words in which requests are told apart.

Each predicate of the gate's Case has its drawing here under the same name, so that the two can be read side
by side. What the gate measures of a request beside the files (whose an item is, whether a consent covers
it) is a variable of its own, free in every proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from cordiale.agreements import vocabulary as v
from cordiale.agreements.model import Agreement, Condition, Provision, Requirement
from cordiale.agreements.proofs.form import NO, YES, Form, Over, Scope
from cordiale.agreements.register import Day
from cordiale.terms import (
    CATEGORIES,
    Act,
    Capacity,
    Category,
    Channel,
    Classification,
    HandlingCode,
    Minor,
    Modality,
    Personal,
    Protection,
    Purpose,
    Regime,
    Role,
    SubjectKind,
    System,
    Targeting,
    Transform,
    Urgency,
)

Drawn = TypeVar("Drawn")
YES_NO: Final = ("yes", "no")
ANSWERS: Final = ("yes", "no", "unknown")
UNKNOWN: Final = "unknown"
OTHER: Final = "other"
NONE: Final = "none"
ELSEWHERE: Final = "elsewhere"
"""Any body that the agreement does not name: step 4 refuses it, so proofs need not tell such bodies apart."""

HEAD: Final = {
    "act": tuple(Act),
    "type": v.INFORMATION_TYPES,
    "purpose": tuple(Purpose),
    "regime": tuple(Regime),
    "channel": tuple(Channel),
    "targeting": tuple(Targeting),
    "modality": (NONE, *Modality),
    "automated": ANSWERS,
    "capacity": tuple(Capacity),
    "posted": YES_NO,
    "urgent": tuple(Urgency),
    "reason": YES_NO,
    "case": YES_NO,
    "offence": YES_NO,
    "offence_stage": ("suspected", "investigated", "tried", "convicted", UNKNOWN),
    "place_of_processing": YES_NO,
    "sought": YES_NO,
    "all_nationals": ANSWERS,
}
"""Variables of the head that every form has, with their values."""

SUBJECT: Final = {
    "kind": tuple(SubjectKind),
    "role": tuple(Role),
    "protection": tuple(Protection),
    "human_rights_claim": ("none", "open", "closed", UNKNOWN),
    "minor": tuple(Minor),
    "accompanied": ANSWERS,
    "trafficking_indicator": ANSWERS,
    "stateless": ANSWERS,
    "protected_activity": ("aid", "rescue", "press", "research", "medical", "legal", "none", UNKNOWN),
    "of_recipient": YES_NO,
    "nationality_settled": YES_NO,
}
"""Variables of a subject, as the steps settle them: a fact that nobody stands for is unknown."""

ITEM: Final = {
    "category": tuple(Category),
    "tied": YES_NO,
    "systems_stated": YES_NO,
    "derived_stated": YES_NO,
    "obtained": ("lawfully", "rights_violation", UNKNOWN),
    "unwatched": YES_NO,
    "owner": ("ours", "theirs", "of_both", OTHER, UNKNOWN),
    "holder": ("ours", "theirs", "of_both", OTHER, UNKNOWN),
    "owner_party": YES_NO,
    "collected_for": (*Purpose, UNKNOWN),
    "collected_regime": tuple(Regime),
    "code": tuple(HandlingCode),
    "classification": tuple(Classification),
    "use_barred": YES_NO,
    "never_here": YES_NO,
    "consent": YES_NO,
    "veto": YES_NO,
    "slide_paper": YES_NO,
    "described": ("no table", "people", OTHER),
    "excluded_goods": YES_NO,
    "sensitive_papers": YES_NO,
}
"""Variables of an item. `holder` is its owner, or, where nobody knows that, the state it came from."""


@dataclass(slots=True)
class Sheet:
    """One form with the day it is drawn for. Equal conditions of several lines are drawn once."""

    form: Form
    day: Day
    bodies: tuple[str, ...]
    by_side: dict[str, int]
    by_kind: dict[str, int]
    facts: dict[str, tuple[str, ...]]
    any_paper: bool = False
    """Whether papers that nobody has issued yet may be thought of: what would be promised with them."""
    suspended: dict[str, int] = field(default_factory=dict)
    """Line (with the name of its version before it) -> when it refuses as if its agreement were suspended."""
    anew: bool = False
    """Draw everything anew for every line: the plain reading, to which the kept one is held equal."""
    kept: dict[object, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, day: Day, bodies: tuple[str, ...], *, any_paper: bool = False, anew: bool = False) -> Sheet:
        """A sheet with the variables that every request has. Of bodies not listed it says `elsewhere`."""
        form = Form()
        for name in ("from", "to"):
            form.variable(name, Scope.HEAD, (*bodies, ELSEWHERE))
        for name in ("from_behalf", "to_behalf"):
            form.variable(name, Scope.HEAD, (NONE, *bodies, ELSEWHERE))
        for scope, table in ((Scope.HEAD, HEAD), (Scope.SUBJECT, SUBJECT), (Scope.ITEM, ITEM)):
            for name, values in table.items():
                form.variable(name, scope, map(str, values))
        by_side: dict[str, int] = {}
        by_kind: dict[str, int] = {}
        for bit, body in enumerate(bodies):
            side, authority = _halves(body)
            kind = day.kind_of(side, authority)
            by_side[side] = by_side.get(side, 0) | 1 << bit
            by_kind[kind] = by_kind.get(kind, 0) | 1 << bit
        return cls(form, day, bodies, by_side, by_kind, facts_told_apart(day), any_paper, anew=anew)

    # -------------------------------------------------------------------- plain words

    def one(self, name: str, *values: str) -> int:
        return self.form.one_of(name, map(str, values))

    def among(self, name: str, values: Iterable[str]) -> int:
        """The variable has one of these values, in the sense of a file: an empty list says nothing."""
        found = tuple(map(str, values))
        return self.form.one_of(name, found) if found else YES

    def flag(self, name: str, scope: Scope = Scope.ITEM) -> int:
        """A yes or no of its own, declared when it is first asked."""
        self.form.variable(name, scope, YES_NO)
        return self.form.one_of(name, ("yes",))

    def all(self, *parts: int) -> int:
        return self.form.all_of(*parts)

    def any(self, *parts: int) -> int:
        return self.form.any_of(*parts)

    def some(self, over: Over, of: int) -> int:
        return self.form.some(over, of)

    # -------------------------------------------------------------------- the two ends

    def body(self, end: str, asks: Callable[[str, str], bool]) -> int:
        """The body at one end (`from`, `to`) is one of which `asks(side, authority)` is true."""
        mask = sum(1 << bit for bit, one in enumerate(self.bodies) if asks(*_halves(one)))
        return self.form.masked(end, mask)

    def side(self, end: str, asks: Callable[[str], bool]) -> int:
        """The Side at one end is one of which `asks` is true."""
        return self.form.masked(end, sum(mask for side, mask in self.by_side.items() if asks(side)))

    def side_among(self, end: str, codes: Iterable[str]) -> int:
        listed = frozenset(codes)
        return self.once(
            ("among", end, listed), lambda: self.side(end, lambda side: self.day.among(side, listed))
        )

    def kind(self, end: str, kinds: Iterable[str]) -> int:
        mask = sum(self.by_kind.get(kind, 0) for kind in frozenset(kinds))
        return self.form.masked(end, mask)

    def same_side(self) -> int:
        """Both ends belong to one Side."""

        def drawn() -> int:
            ends = ([self.form.masked(end, mask) for end in ("from", "to")] for mask in self.by_side.values())
            return self.any(*(self.all(*both) for both in ends))

        return self.once("same side", drawn)

    def along(self, directions: Iterable[str]) -> int:
        """One of these directions is the one that is asked; none named is none."""
        listed = frozenset(directions)
        return self.once(("along", listed), lambda: self.any(*map(self._direction, sorted(listed))))

    def _direction(self, direction: str) -> int:
        start, _, end = direction.partition(">")
        meant = self.day.meant
        return self.all(
            self.side("from", lambda side: meant(side, start)), self.side("to", lambda side: meant(side, end))
        )

    def third(self, bloc: str) -> int:
        return self.once(("third", bloc), lambda: self.side("to", lambda side: self.day.third(side, bloc)))

    def once(self, key: object, draw: Callable[[], Drawn]) -> Drawn:
        """What several lines ask for is worked out once: what is drawn twice is the same."""
        if self.anew:
            return draw()
        if key not in self.kept:
            self.kept[key] = draw()
        found: Drawn = self.kept[key]
        return found

    # -------------------------------------------------------------------- weight and source

    def personal(self, *levels: Personal) -> int:
        """The item's weight is one of these; tied to a person, it is personal whatever its category."""

        def drawn() -> int:
            plain = self.one("category", *(c for c in Category if CATEGORIES[c].personal in levels))
            tied = self.one("tied", "yes")
            return self.any(tied, plain) if Personal.YES in levels else self.all(-tied, plain)

        return self.once(("personal", *levels), drawn)

    def of_categories(self, categories: object) -> int:
        """`personal`, `any`, or a list; free text and attachments may hold any of a list."""
        if categories == "any":
            return YES
        if categories == "personal":
            return self.personal(Personal.YES)
        named = map(str, categories) if isinstance(categories, Iterable) else ()
        return self.form.one_of("category", (*named, "free_text", "attachment"))

    def system(self, systems: Iterable[str], *, derived: bool) -> int:
        """It came from one of these systems, or, where that counts, was made of one."""
        parts = []
        for name in sorted(map(str, systems)):
            parts.append(self.all(self.one("systems_stated", "yes"), self.flag(f"system:{name}")))
            if derived:
                parts.append(self.all(self.one("derived_stated", "yes"), self.flag(f"derived:{name}")))
        return self.any(*parts)

    # -------------------------------------------------------------------- facts and conditions

    def fact(self, name: str, *wanted: str) -> int:
        """The fact has one of these values, spelt as `fact_value` spells them."""
        values = self.facts.get(name, (UNKNOWN, OTHER))
        return self.form.one_of(self.form.variable(f"fact:{name}", Scope.HEAD, values), wanted)

    def holds(self, need: Requirement | Condition) -> tuple[int, int]:
        """(known to be as the line wants, unknown)."""
        values = self.facts.get(need.fact, (UNKNOWN, OTHER))
        met = [value for value in values if value not in (UNKNOWN, OTHER) and meets(value, need)]
        unknown = [
            value for value in values if value == UNKNOWN or (bounded(need) and number_of(value) is None)
        ]
        return self.fact(need.fact, *met), self.fact(need.fact, *unknown)

    def true(self, names: Iterable[str]) -> int:
        """Every one of these facts is stated to be so."""
        return self.all(*(self.fact(name, spelt(True)) for name in names))

    def when(self, condition: Condition, *, restricting: bool) -> int:
        """A line's condition. Unknown counts for what restricts, never for what permits."""
        counts = restricting and condition.unknown != "does_not_count"
        if condition.fact:
            met, unknown = self.holds(condition)
            return self.any(met, unknown) if counts else met
        if condition.urgent is not None:
            if isinstance(condition.urgent, bool):
                calm = self.one("urgent", Urgency.NO)
                return -calm if condition.urgent else calm
            return self.one("urgent", str(condition.urgent))
        if condition.offence_stage:
            found = self.one("offence_stage", condition.offence_stage)
            return self.any(found, self.one("offence_stage", UNKNOWN)) if counts else found
        return self.one("purpose", condition.purpose) if condition.purpose else YES

    def grave(self, years: int) -> int:
        """An offence of at least so many years is shown."""
        cuts = offence_cuts(self.day)
        values = tuple(spelt_cut(cuts, n) for n in range(len(cuts) + 1))
        name = self.form.variable("offence_years", Scope.HEAD, (*values, UNKNOWN))
        reached = [value for n, value in enumerate(values) if n and cuts[n - 1] >= years]
        return self.form.one_of(name, reached)


def _halves(body: str) -> tuple[str, str]:
    side, _, authority = body.partition("/")
    return side, authority


# ---------------------------------------------------------------------- values of facts


def spelt(value: object) -> str:
    """A value of a fact as the forms spell it."""
    return f"={value!r}"


def bounded(need: Requirement | Condition) -> bool:
    return need.at_most is not None or need.at_least is not None


def number_of(value: str) -> int | None:
    """The least number that a value stands for; None for what is no number."""
    digits = value[1:]
    return int(digits) if digits.removeprefix("-").isdigit() else None


def meets(value: str, need: Requirement | Condition) -> bool:
    """Whether a value that the forms tell apart is as the line wants."""
    if bounded(need):
        n = number_of(value)
        if n is None:
            return False
        return (need.at_most is None or n <= need.at_most) and (need.at_least is None or n >= need.at_least)
    return value == spelt(need.is_)


def facts_told_apart(day: Day) -> dict[str, tuple[str, ...]]:
    """Fact -> the values that some line of the register tells apart: constants, numbers, unknown, other.

    A bounded number is told apart at its bounds: `#n` stands for every number from n up to the next.
    """
    register = day.register
    found: dict[str, set[str]] = {}
    cuts: dict[str, set[int]] = {}
    for need in _needs_of(day):
        if bounded(need):
            least = cuts.setdefault(need.fact, set())
            least |= {need.at_least} if need.at_least is not None else set()
            least |= {need.at_most + 1} if need.at_most is not None else set()
        else:
            found.setdefault(need.fact, set()).add(spelt(need.is_))
    for name in {
        n
        for t in (*register.agreements, *register.laws)
        for p in t.provision
        if p.lifts
        for n in p.lifts.when
    }:
        found.setdefault(name, set()).add(spelt(True))
    for name in ("threat_immediate_serious", "no_time_to_ask", "life_at_risk"):
        found.setdefault(name, set()).update((spelt(True), spelt(False)))
    numbers = {name: {f"#{n}" for n in (*least, min(least) - 1)} for name, least in cuts.items()}
    names = found.keys() | numbers.keys()
    return {
        name: (UNKNOWN, *sorted(found.get(name, set()) | numbers.get(name, set())), OTHER)
        for name in sorted(names)
    }


def _needs_of(day: Day) -> list[Requirement | Condition]:
    """Every condition and requirement of the register that reads a fact."""
    register = day.register
    every: list[Requirement | Condition] = []
    for text in (*register.agreements, *register.laws):
        for line in text.provision:
            every += [*line.when, *line.except_, *_spread(line.requires)]
        for row in text.taint:
            for form in row.except_:
                every += _spread(form.needs)
    return [need for need in every if need.fact]


def _spread(needs: Iterable[Requirement]) -> list[Requirement | Condition]:
    found: list[Requirement | Condition] = []
    for need in needs:
        found += [need, *need.any_fact]
    return found


def fact_value(values: tuple[str, ...], value: object) -> str:
    """A stated value of a fact as one of the values that the forms tell apart."""
    if value is None:
        return UNKNOWN
    if spelt(value) in values:
        return spelt(value)
    if isinstance(value, int) and not isinstance(value, bool):
        least = [int(one[1:]) for one in values if one.startswith("#")]
        if least:
            return f"#{max((n for n in least if n <= value), default=min(least))}"
    return OTHER


def offence_cuts(day: Day) -> tuple[int, ...]:
    """The gravities, in years of prison, that some line asks for."""
    texts = (*day.register.agreements, *day.register.laws)
    lines: Iterable[Provision] = (p for text in texts for p in text.provision)
    return tuple(sorted({p.min_offence_years for p in lines if p.min_offence_years is not None}))


def spelt_cut(cuts: tuple[int, ...], n: int) -> str:
    """The n-th span between cuts: below the first, from the first, …"""
    return f"from {cuts[n - 1]}" if n else "below"


def cut_of(cuts: tuple[int, ...], value: int | None) -> str:
    """The span in which a number lies."""
    return UNKNOWN if value is None else spelt_cut(cuts, sum(1 for cut in cuts if cut <= value))


def texts_of(day: Day, agreement: Agreement) -> tuple[Agreement, ...]:
    """The laws of the day and the agreement, in the order in which the gate reads them."""
    return (*day.laws, agreement)


__all__ = ["HEAD", "ITEM", "NO", "SUBJECT", "YES", "Sheet", "System", "Transform"]
