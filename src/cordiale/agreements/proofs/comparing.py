"""Two versions of an agreement compared: what became permitted, withheld or refused, each with a request.

Every possible request is asked of both at once. Where the laws hold what a version no longer says, the
comparison by its own words shows what the words alone would now let through: belt and braces, or a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final

from cordiale.agreements.compiled import dates_of
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, Provision
from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.drawing import permits, sheet_with
from cordiale.agreements.proofs.drawing.sheet import Sheet
from cordiale.agreements.proofs.safeguards import Leaving
from cordiale.agreements.proofs.serving import calm, heaviest, world
from cordiale.agreements.proofs.solving import CAP_S, Asks, Satisfiable, Unknown, models, solve_all
from cordiale.agreements.proofs.witness import FOCUS, Witness, witness
from cordiale.agreements.question import parse_question
from cordiale.agreements.register import Register

OLD: Final = "old:"
NEW: Final = "new:"
NOT_SHOWN: Final = (
    "the two read otherwise, but no request was found that the gate answers otherwise: look at it"
)
PERMITTED: Final = "became permitted"
FULLER: Final = "leaves in full now"
LESSER: Final = "leaves in a lesser form now"
WITHHELD: Final = "became withheld"
REFUSED: Final = "became refused"
TRIES: Final = ((True, True, True), (True, True, False), (True, False, False), (False, False, False))
"""(of one part only, nothing unusual, of what the line cannot do without): the plainest request comes
first, and in the last nothing is asked of it, so that no part that a line may tell is passed over."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what became of a request under which line, on which day, and the request itself.

    `by_words`: by the file's own words alone; the laws give the same answer as before.
    """

    what: str
    line: str
    article: str
    day: date
    shown: Witness | None
    by_words: bool = False
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "what": self.what,
            "provision": self.line,
            "article": self.article,
            "day": self.day.isoformat(),
            "by_own_words_alone": self.by_words,
        }
        if self.shown is not None:
            found |= {"request": self.shown.request, "answer": self.shown.answer.as_json()}
        return found | ({"why": self.why} if self.why else {})


@dataclass(frozen=True, slots=True)
class Wording:
    """A field of a line, or of the text, that reads otherwise, whether or not it decides what leaves."""

    where: str
    name: str
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        return {"where": self.where, "field": self.name, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Versions:
    """Two versions of one agreement, each in the register as it would be with it."""

    old: Agreement
    new: Agreement
    with_old: Register
    with_new: Register

    def changes(self, at: datetime, by: Asks, cap_s: float = CAP_S) -> Iterator[Change]:
        """Every change as of a moment, a line at a time; then what only the words alone would change."""
        seen: set[tuple[str, str]] = set()
        for laws in (True, False):
            for change in self._compared(at, by, cap_s, laws=laws):
                key = (change.what, change.line)
                if key not in seen:
                    seen.add(key)
                    yield change

    def days(self, at: datetime) -> tuple[date, ...]:
        """The moment's day, and every date that stands in one version only: there something may change."""
        before, after = set(dates_of(self.old)), set(dates_of(self.new))
        return (at.date(), *sorted((before ^ after) - {at.date()}))

    def _compared(self, at: datetime, by: Asks, cap_s: float, *, laws: bool) -> Iterator[Change]:
        """What changes for a message of one part; where a line needs several, for one with these too."""
        sheet = sheet_with({OLD: self.old, NEW: self.new}, self.with_new.on(at), laws=laws)
        asked, unshown = dict(self._questions(sheet)), dict[str, Change]()
        for alone, plain, narrow in TRIES if laws else TRIES[2:3]:
            goals = {
                name: (
                    *each,
                    *((calm(sheet),) if plain else ()),
                    *(heaviest(sheet, line) if narrow else ()),
                )
                for name, (_, line, each) in asked.items()
            }
            clauses = clauses_of(sheet.form, goals, alone=alone)
            for name, model in self._models(clauses, by, cap_s, prove=not alone or not laws).items():
                what, line, _ = asked[name]
                told = Change(what, line.id, line.article, at.date(), None, not laws)
                if isinstance(model, Unknown):
                    yield replace(told, why=model.reason)
                    continue
                shown = self._shown(told, line, clauses.values(model), at) if laws else told
                if shown is not None:
                    yield shown
                    del asked[name]
                elif alone:
                    unshown[name] = told
        for name, told in unshown.items():
            if name in asked:
                yield replace(told, why=NOT_SHOWN)

    def _models(
        self, clauses: Clauses, by: Asks, cap_s: float, *, prove: bool
    ) -> dict[str, frozenset[int] | Unknown]:
        """A word for each question that has one. `prove`: that the others have none is proved; what is
        neither shown nor proved is unknown. Without it a word is only looked for.
        """
        if not prove:
            return {**models(clauses.clauses, clauses.picks, cap_s, by=by)}
        found = solve_all(clauses.clauses, clauses.picks, cap_s, by=by)
        return {
            name: frozenset(one.model) if isinstance(one, Satisfiable) else one
            for name, one in found.items()
            if isinstance(one, Satisfiable | Unknown)
        }

    def _questions(self, sheet: Sheet) -> Iterator[tuple[str, tuple[str, Provision, tuple[int, ...]]]]:
        before, after = Leaving(sheet, self.old, OLD), Leaving(sheet, self.new, NEW)
        was, now = before.anyhow(), after.anyhow()
        for line in permits(self.new):
            under = (after.under(line), world(sheet))
            yield f"+{line.id}", (PERMITTED, line, (*under, -was))
            full = sheet.all(after.whole(), was, -before.whole())
            yield f"^{line.id}", (FULLER, line, (*under, full))
        for line in permits(self.old):
            under = (before.under(line), world(sheet))
            yield f"v{line.id}", (LESSER, line, (*under, now, before.whole(), -after.whole()))
            yield f"~{line.id}", (WITHHELD, line, (*under, -now, -after.refused()))
            yield f"-{line.id}", (REFUSED, line, (*under, after.refused()))

    def _shown(self, told: Change, line: Provision, values: Mapping[str, str], at: datetime) -> Change | None:
        """The change with its request, where the gate answers it otherwise under the other version."""
        opened = told.what in (PERMITTED, FULLER)
        version = self.new if opened else self.old
        known, other = (self.with_new, self.with_old) if opened else (self.with_old, self.with_new)
        made = witness(values, version, line, (known, at))
        if not made.leaves:
            return None
        papered = other.supposing(made.papers) if made.papers else other
        answer = decide(parse_question(made.request | {"asked_basis": self.new.id}), papered, at)
        same = FOCUS in answer.leaves and not told.what.startswith("leaves")
        return None if same else replace(told, shown=made)

    def wording(self) -> list[Wording]:
        """Every field that reads otherwise, line by line: duties, periods, sentences, dates."""
        told = list(_fields("the text", self.old, self.new, skip=("provision", "file", "digest")))
        before = {line.id: line for line in self.old.provision}
        after = {line.id: line for line in self.new.provision}
        for id in dict.fromkeys((*before, *after)):
            if id not in before or id not in after:
                state = ("", "added") if id in after else ("there", "taken out")
                told.append(
                    Wording(id, "provision", *(("", "added") if state[1] else ("there", "taken out")))
                )
            else:
                told += _fields(id, before[id], after[id])
        return told


def _fields(where: str, old: Any, new: Any, *, skip: tuple[str, ...] = ()) -> Iterator[Wording]:
    for each in fields(old):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if each.name not in skip and before != after:
            yield Wording(where, each.name.rstrip("_"), _plain(before), _plain(after))


def _plain(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    return str(value)
