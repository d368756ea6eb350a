"""One request before one provision: what the steps read, and what they found.

A Case lives for one evaluation. Steps write failures, withheld items, duties and the rest into it; the
gate turns it into an Answer. `supplied` asks what the answer would be once everything that is missing
were there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from cordiale.agreements.answer import Changed, Duty, Failure, Missing, Restriction
from cordiale.agreements.model import (
    Agreement,
    Condition,
    Grades,
    Line,
    Provision,
    Record,
    Requirement,
    Scope,
)
from cordiale.agreements.question import Item, Question
from cordiale.agreements.register import Day
from cordiale.agreements.vocabulary import CASE_RECORDS
from cordiale.agreements.words import Sentence, say
from cordiale.terms import Capacity, Personal


@dataclass(slots=True)
class Case:
    """What is asked, on which day, under which agreement and provision, and what was found so far."""

    asked: Question
    day: Day
    agreement: Agreement | None = None
    line: Provision | None = None
    supplied: bool = False
    answering: bool = False
    lines: tuple[tuple[Agreement, Provision], ...] = ()
    failures: list[Failure] = field(default_factory=list)
    gone: dict[str, Failure] = field(default_factory=dict)
    changed: dict[str, Changed] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    travels: set[Restriction] = field(default_factory=set)
    relies_on: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    referred: list[tuple[str, str]] = field(default_factory=list)
    must_include: set[str] = field(default_factory=set)

    # -------------------------------------------------------------------- finding

    def refuse(
        self,
        step: int,
        sentence: str,
        line: Line | None = None,
        *,
        scope: str = "basis",
        source: Agreement | None = None,
        field: str = "",
        article: str = "",
        curable: bool = False,
        instead: tuple[str, ...] = (),
        because: int = 0,
    ) -> Failure:
        """Note a failing step that ends the request or this basis."""
        found = self._failure(step, sentence, line, scope=scope, source=source, article=article)
        found = replace(found, field=field, curable=curable, instead=instead, because=because)
        self.failures.append(found)
        return found

    def withhold(
        self,
        item: Item,
        step: int,
        sentence: str,
        line: Line | None = None,
        *,
        scope: str = "item",
        source: Agreement | None = None,
        article: str = "",
        field: str = "",
    ) -> None:
        """Take one item out. The first step that takes it leads; the others are listed too."""
        found = self._failure(
            step, sentence, line, scope=scope, source=source, article=article, items=(item.id,), field=field
        )
        self.failures.append(found)
        self.gone.setdefault(item.id, found)

    def _failure(
        self,
        step: int,
        sentence: str,
        line: Line | None,
        *,
        scope: str,
        source: Agreement | None,
        article: str,
        items: tuple[str, ...] = (),
        field: str = "",
    ) -> Failure:
        origin = source or self.agreement
        return Failure(
            step=step,
            scope=scope,
            article=article or (line.article if line else "") or (self.line.article if self.line else ""),
            sentence=sentence,
            source=line.source if line else "",
            confidence=line.confidence if line else "confirmed",
            agreement=origin.id if origin else "",
            provision=getattr(line, "id", "") if line else "",
            items=items,
            field=field,
            refer_to=getattr(line, "refer_to", "") if line else "",
            read=line.read if line else "",
        )

    def lack(self, what: str, name: str, *, who: str, article: str, items: tuple[str, ...] = ()) -> None:
        """Note what would have to be there beforehand."""
        found = Missing(what=what, name=name, who_can_give=who, article=article, items=items)
        if found not in self.missing:
            self.missing.append(found)

    def said(self, code: str, /, **words: object) -> Sentence:
        """A sentence of the gate, filled in (words.py), with the names that the register has for ids."""
        return say(code, self.day.register, words)

    def warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def change(self, item: Item, how: str, article: str) -> None:
        self.changed.setdefault(item.id, Changed(item=item.id, how=how, article=article))

    # -------------------------------------------------------------------- reading

    def staying(self) -> Iterator[Item]:
        """Items that no step has taken out yet."""
        return (i for i in self.asked.items if i.id not in self.gone)

    def lawful_form(self, item: Item) -> tuple[str, str]:
        """(transform, article) that the provision or a restricting line names for the item's category;
        else empty."""
        lines = [self.line, *(p for _, p in self.lines)] if self.line else [p for _, p in self.lines]
        for line in lines:
            how = dict(line.transform).get(item.category) if line else None
            if line and how:
                return how, line.article
        return "", ""

    def lessen(self, item: Item) -> bool:
        """Let the item leave in its lesser form, if a line names one and the item can take it."""
        how, article = self.lawful_form(item)
        if how and how in item.transformable:
            self.change(item, how, article)
            return True
        return False

    def fact(self, name: str) -> object:
        return self.asked.fact(name)

    def holds(self, need: Requirement | Condition) -> bool | None:
        """Whether a fact is as the line wants: yes, no, or None for unknown."""
        value = self.fact(need.fact)
        if value is None:
            return None
        if need.at_most is not None or need.at_least is not None:
            if isinstance(value, bool) or not isinstance(value, int):
                return None
            return (need.at_most is None or value <= need.at_most) and (
                need.at_least is None or value >= need.at_least
            )
        return bool(value == need.is_)

    def record(self, wanted: str) -> Record | None:
        """A record in force of `kind` or `kind:scope`; a record about one case only if the request names
        it."""
        return next(self.records(wanted), None)

    def records(self, wanted: str) -> Iterator[Record]:
        """Every such record."""
        kind, _, scope = wanted.partition(":")
        for each in self.day.records:
            if each.kind == kind and (not scope or scope in scopes_of(each)) and self._is_ours(each):
                yield each

    def _is_ours(self, record: Record) -> bool:
        """Whether a record speaks of this request: named in it, or general and of these Sides."""
        if not self.counts(record):
            return False
        if record.kind in CASE_RECORDS or record.case:
            return self.names(record)
        if record.from_side and record.to_side:
            return self.day.carries(record, self.asked.from_.side, self.asked.to.side)
        if record.for_sides:
            return any(
                self.day.among(s, record.for_sides) for s in (self.asked.from_.side, self.asked.to.side)
            )
        return True

    def names(self, record: Record) -> bool:
        """Whether a record is of this case; if it names no case, whether the request or an item names it."""
        if record.case:
            return record.case == self.asked.case
        consents = {c for i in self.asked.items for c in i.handling.consents}
        return record.id in self.asked.records | consents

    def counts(self, record: Record) -> bool:
        """Whether a record may open anything here: confirmed, of this agreement, regime, type and purpose.

        A regime that nobody stated is not the record's: what is unknown opens nothing.
        """
        asked = self.asked
        return (
            record.confidence != "unconfirmed"
            and not (record.agreement and self.agreement and record.agreement != self.agreement.id)
            and (not record.regimes or asked.regime in record.regimes)
            and asked.regime not in record.excludes
            and (not record.types or asked.type in record.types)
            and (not record.purposes or asked.purpose in record.purposes)
            and self._reaches(record)
        )

    def _reaches(self, record: Record) -> bool:
        """Whether a record reaches this recipient. A transfer in one case that names none reaches nobody."""
        if record.kind == "consent":
            return True  # its recipients are read with its owner (needs.py)
        to = self.asked.to
        named = record.recipients | limits_of(record, "authorities") | ({record.recipient} - {""})
        if not named:
            return record.kind != "case_transfer"
        return bool({to.side, f"{to.side}/{to.authority}"} & named)

    @property
    def today(self) -> date:
        return self.day.on

    # -------------------------------------------------------------------- scope

    def applies(self, line: Scope) -> bool:
        """Whether a withholding, refusing, restricting or duty line speaks to this request."""
        return (
            self.scoped(line)
            and (not line.roles or any(s.role in line.roles for s in self.asked.subjects))
            and all(self.when(c, restricting=True) for c in line.when)
            and (not speaks_of_items(line) or any(self.touches(line, i) for i in self.asked.items))
        )

    def scoped(self, line: Scope) -> bool:
        """Whether a line speaks to requests with this head: who, what, why, by what way; whoever they are
        about."""
        asked, day = self.asked, self.day
        return (
            line.in_force(day.on)
            and (not line.types or asked.type in line.types)
            and asked.type not in line.not_types
            and (not line.acts or asked.act in line.acts)
            and (not line.directions or day.along(asked.from_.side, asked.to.side, line.directions))
            and (not line.purposes or asked.purpose in line.purposes)
            and asked.purpose not in line.not_purposes
            and (not line.regimes or asked.regime in line.regimes or asked.regime == "unknown")
            and (not line.authority_kinds or bool(self._kinds() & line.authority_kinds))
            and (not line.not_authority_kinds or not self._kinds() & line.not_authority_kinds)
            and (
                not line.recipient_kinds
                or day.kind_of(asked.to.side, asked.to.authority) in line.recipient_kinds
            )
            and (not line.capacities or asked.from_.capacity in line.capacities)
            and (not line.targeting or asked.targeting in line.targeting)
            and (not line.modality or not asked.modality or asked.modality in line.modality)
            and (not line.channel or asked.channel in line.channel)
            and (not line.automated or self._automated() in line.automated)
        )

    def _kinds(self) -> set[str]:
        """The kinds of the two bodies."""
        return {self.day.kind_of(e.side, e.authority) for e in (self.asked.from_, self.asked.to)}

    def _automated(self) -> str:
        """A machine that acts is automated, whatever the field says."""
        return "yes" if self.asked.from_.capacity == Capacity.MACHINE else self.asked.automated

    def when(self, condition: Condition, *, restricting: bool) -> bool:
        """Whether a line's condition is met. Unknown counts for what restricts, never for what permits."""
        unknown = restricting and condition.unknown != "does_not_count"
        if condition.fact:
            found = self.holds(condition)
            return unknown if found is None else found
        if condition.urgent is not None:
            level = self.asked.urgent.level
            return (
                (level != "no") is condition.urgent
                if isinstance(condition.urgent, bool)
                else level == condition.urgent
            )
        if condition.offence_stage:
            stage = self.asked.offence.stage if self.asked.offence else "unknown"
            return unknown if stage == "unknown" else stage == condition.offence_stage
        if condition.purpose:
            return self.asked.purpose == condition.purpose
        return True

    def touches(self, line: Scope, item: Item) -> bool:
        """Whether a line that speaks of sources, grades, markings or convictions speaks of this item."""
        nothing: frozenset[str] = frozenset()
        systems = (item.origin.systems or nothing) | (item.origin.derived_from or nothing)
        return (
            (not line.systems or bool(systems & line.systems))
            and (not line.origin_blocs or self.from_blocs(line.origin_blocs, item))
            and (not line.classifications or item.handling.classification in line.classifications)
            and (line.grades is None or graded(line.grades, item))
            and (not line.unless_sensitive or (item.special and item.sensitive is None))
            and all(self.trait(c, item) for c in line.when)
        )

    def from_blocs(self, blocs: Iterable[str], item: Item) -> bool:
        """Whether an item's owner or state belongs to one of these blocs; unknown, it may."""
        known = {item.origin.owner.partition("/")[0], item.origin.state} - {"unknown"}
        return not known or any(self.day.among(side, blocs) for side in known)

    def trait(self, condition: Condition, item: Item) -> bool:
        """Whether an item's conviction is of the kind a condition names; unknown counts unless it says
        not."""
        if not (condition.conviction or condition.conviction_class):
            return True
        if item.conviction is None:
            return condition.unknown != "does_not_count" and item.category in ("conviction", "offence")
        counts = condition.unknown != "does_not_count"
        spent = {"spent": "yes", "unspent": "no"}.get(condition.conviction, "")
        if spent and item.conviction.spent != spent and not (item.conviction.spent == "unknown" and counts):
            return False
        kind = condition.conviction_class
        return not kind or item.conviction.class_ == kind or (item.conviction.class_ == "unknown" and counts)


def speaks_of_items(line: Scope) -> bool:
    """Whether a line narrows to some items."""
    traits = any(c.conviction or c.conviction_class for c in line.when)
    marks = line.systems or line.origin_blocs or line.classifications or line.grades
    return bool(marks or line.unless_sensitive or traits)


def graded(grades: Grades, item: Item) -> bool:
    """Whether an item is of one of these grades."""
    if item.grade is None or item.grade.scheme != grades.scheme:
        return False
    source = not grades.source or item.grade.source in grades.source
    return source and (not grades.information or item.grade.information in grades.information)


def scopes_of(record: Record) -> set[str]:
    """Every word by which `kind:scope` may call a record."""
    way = {f"{record.from_side}>{record.to_side}"} if record.from_side else set()
    plain = {
        record.id,
        record.agreement,
        record.interconnection,
        *record.of,
        *record.makes_live,
        *record.types,
    }
    scope = record.scope
    listed = {scope} if isinstance(scope, str) else set(scope) if isinstance(scope, list) else set()
    return (way | plain | {str(s) for s in listed}) - {""}


def limits_of(record: Record, name: str) -> frozenset[str]:
    """What the scope of a record says of `authorities` or `categories`: it carries no more than that."""
    found = record.scope.get(name, ()) if isinstance(record.scope, dict) else ()
    return frozenset(map(str, [found] if isinstance(found, str) else found))


def personal_or_listed(item: Item, categories: object) -> bool:
    """Whether an item is of `personal`, `any`, or a list of categories."""
    if categories == "any":
        return True
    if categories == "personal":
        return item.personal is Personal.YES
    named = categories if isinstance(categories, Iterable) else ()
    return item.category in named or item.category in ("free_text", "attachment")


def limit(name: str, values: Iterable[str] = ()) -> Restriction:
    return name, tuple(sorted(str(v) for v in values))
