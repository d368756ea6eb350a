"""What ends or begins when, and what breaks on that day.

Two readings side by side. The dates are read from the files, every one of them. What they do is found by
asking the gate the same specimen questions as of the day before and as of the day: a line may stop because a
record that it never names has ended. Specimens are samples; the dates are complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final

from cordiale.agreements.answer import Answer
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Agreement, Deployment, Line, Protects, Provision, Taint
from cordiale.agreements.register import Register
from cordiale.agreements.specimens import Specimen, kinds_of, specimens

WITHIN_DAYS: Final = 90
WITHIN_DAYS_MAX: Final = 3660
"""Ten years: the adequacy decisions of 2025 end in 2031."""
NOON: Final = time(12, tzinfo=UTC)

ENDS, BEGINS, DUE = "ends", "begins", "due"
STOPS, PARTLY, LESS = "stops", "stops in part", "gives less"
EVENTS: Final = MappingProxyType(
    {"from_": BEGINS, "known_from": BEGINS, "live_from": BEGINS, "until": ENDS, "withdrawn_at": ENDS}
    | {"next_due": DUE}
)
"""Field that holds a date -> what happens on it. `until` is the first day on which it no longer holds."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One date of the register. `event`: `ends`, `begins`, `due`; `what`: `agreement`, `record`, `side`."""

    on: date
    event: str
    what: str
    id: str
    title: str
    article: str = ""
    source: str = ""

    def as_json(self) -> dict[str, str]:
        """The same as plain words."""
        words = {"event": self.event, "what": self.what, "id": self.id, "title": self.title}
        return words | {"article": self.article, "source": self.source}


@dataclass(frozen=True, slots=True)
class Broken:
    """One permitting line that gives less than the day before. `lost`: categories that left, and do not now.

    `why` and `why_article` are the gate's own words on the day.
    """

    agreement: str
    provision: str
    article: str
    how: str
    ways: tuple[str, ...]
    regimes: tuple[str, ...]
    lost: tuple[str, ...]
    why: str
    why_article: str

    def as_json(self) -> dict[str, Any]:
        """The same as plain words."""
        words = {"agreement": self.agreement, "provision": self.provision, "article": self.article}
        lists = {"ways": list(self.ways), "regimes": list(self.regimes), "lost": list(self.lost)}
        return {**words, "how": self.how, **lists, "why": self.why, "why_article": self.why_article}


Opened = tuple[str, str]
"""(agreement, provision) of a line that gives something which it did not give the day before."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """One day on which something ends or begins, and the lines that give less or more from then on."""

    on: date
    left_days: int
    dated: tuple[Dated, ...]
    breaks: tuple[Broken, ...] = ()
    opens: tuple[Opened, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as plain words."""
        return {
            "on": self.on.isoformat(),
            "left_days": self.left_days,
            "dated": [one.as_json() for one in self.dated],
            "breaks": [one.as_json() for one in self.breaks],
            "opens": [f"{agreement}/{provision}" for agreement, provision in self.opens],
        }


def coming(
    register: Register, today: date, within_days: int = WITHIN_DAYS, *, sides: Iterable[str] = ()
) -> tuple[Lapse, ...]:
    """Every day after `today`, up to the last of `within_days`, on which something ends, begins or is due,
    with what it breaks; the next first. `sides`: only lines between these Sides and others; none is all.
    """
    last = today + timedelta(days=within_days)
    found: dict[date, list[Dated]] = {}
    for one in dates(register):
        if today < one.on <= last:
            found.setdefault(one.on, []).append(one)
    return tuple(lapse(register, on, today, found[on], sides=sides) for on in sorted(found))


def lapse(
    register: Register, on: date, today: date, dated: Sequence[Dated], *, sides: Iterable[str] = ()
) -> Lapse:
    """One day: what is dated on it, and what the gate answers otherwise than the day before."""
    named = {one.id.partition("/")[0] for one in dated}
    breaks, opens = broken(register, on, named=named, sides=frozenset(sides))
    return Lapse(on, (on - today).days, tuple(dated), breaks, opens)


# ---------------------------------------------------------------------- by reading


def dates(register: Register) -> tuple[Dated, ...]:
    """Every date that the register holds, in order."""
    found = [one for line in _everything(register) for one in _dated(*line)]
    return tuple(sorted(set(found), key=lambda d: (d.on, d.event, d.what, d.id, d.title)))


def _everything(register: Register) -> Iterator[tuple[str, str, str, Any]]:
    """(what, id, title, line) of all that can have dates."""
    for text in (*register.agreements, *register.laws):
        yield from _of_text(text)
    yield from (("record", one.id, one.title or one.id, one) for one in register.records)
    for side in register.sides.values():
        yield "side", side.code, side.name, side
        yield from (("membership", side.code, f"{side.name}: {one.bloc}", one) for one in side.member_of)
    yield from (("authority", f"{a.side}/{a.id}", a.name, a) for a in register.authorities)
    yield from (("rescue", f"{r.side}/{r.authority}", r.authority, r) for r in register.rescue)
    yield from (("rights", f"{r.side}/{r.authority}", r.authority, r) for r in register.rights)
    yield from (("calendar", one.id, one.name, one) for one in register.calendars.values())
    yield from (("goods", one.id, one.name, one) for one in register.goods.values())
    yield from (("handling", one.id, one.says, one) for one in register.handling.values())
    yield from (("marking", one.marking, one.marking, one) for one in register.markings.values())


def _of_text(text: Agreement) -> Iterator[tuple[str, str, str, Line]]:
    what = "law" if text.is_law else "agreement"
    yield what, text.id, text.title, text
    yield from ((what, text.id, text.title, span) for span in text.validity)
    for side in text.side:
        yield "party", f"{text.id}/{side.code}", text.title, side
        for body in side.authority:
            yield "party", f"{text.id}/{side.code}/{body.id or body.kind}", text.title, body
    for way, rows in text.basis:
        yield from (("basis", f"{text.id}/{way}", text.title, row) for row in rows)
    rules: list[Provision | Taint | Protects | Deployment] = [*text.provision, *text.taint]
    rules += [*text.protects, *text.deployment]
    yield from (("provision", f"{text.id}/{one.id}", text.title, one) for one in rules)


def _dated(what: str, id: str, title: str, line: Any) -> Iterator[Dated]:
    about = {"article": getattr(line, "article", ""), "source": getattr(line, "source", "")}
    for name, event in EVENTS.items():
        on = getattr(line, name, None)
        if isinstance(on, date):
            yield Dated(on, event, what, id, title, **about)


# ---------------------------------------------------------------------- by asking


@dataclass(slots=True)
class _Heard:
    """What the specimens of one line hear on two days."""

    register: Register
    agreement: Agreement
    line: Provision
    before: datetime
    after: datetime
    pairs: list[tuple[Specimen, Answer, Answer]] = field(default_factory=list)

    def ask(self, named: frozenset[str], sides: frozenset[str]) -> None:
        """Ask every specimen of both days: who is party changes with the day."""
        days = [self.register.on(at) for at in (self.before, self.after)]
        kinds = [kind for day in days for kind in kinds_of(self.agreement, self.line, day, named=named)]
        wanted = [kind for kind in dict.fromkeys(kinds) if not sides or kind.sides & sides]
        for one in specimens(self.agreement, self.line, days[0], kinds=wanted):
            before, after = (decide(one.question, self.register, at) for at in (self.before, self.after))
            self.pairs.append((one, before, after))


def _heard(register: Register, agreement: Agreement, line: Provision, on: date) -> _Heard:
    before, after = (datetime.combine(day, NOON) for day in (on - timedelta(days=1), on))
    return _Heard(register, agreement, line, before, after)


def broken(
    register: Register, on: date, *, named: Iterable[str] = (), sides: frozenset[str] = frozenset()
) -> tuple[tuple[Broken, ...], tuple[Opened, ...]]:
    """The lines that give less on a day than the day before, and those that give more."""
    found = [asked(register, one, on, named=named, sides=sides) for one in register.agreements]
    return tuple(b for less, _ in found for b in less), tuple(o for _, more in found for o in more)


def asked(
    register: Register,
    agreement: Agreement,
    on: date,
    *,
    named: Iterable[str] = (),
    sides: frozenset[str] = frozenset(),
) -> tuple[list[Broken], list[Opened]]:
    """The same of one agreement: a part of the work that takes a fraction of a second."""
    heard = [_heard(register, agreement, one, on) for one in agreement.provision if one.effect == "permit"]
    for one in heard:
        one.ask(frozenset(named), sides)
    less = [found for one in heard if (found := _less(one)) is not None]
    more = [(agreement.id, one.line.id) for one in heard if any(_lost(a, b) for _, b, a in one.pairs)]
    return less, more


def _lost(before: Answer, after: Answer) -> frozenset[str]:
    """What left before and does not now. A specimen's items are called by their categories."""
    gone = frozenset(before.leaves) - frozenset(after.leaves)
    return gone if before.permitted else frozenset()


def _less(heard: _Heard) -> Broken | None:
    """What a line no longer gives; None where it gives all that it gave."""
    gave = [(one, before, after) for one, before, after in heard.pairs if before.permitted]
    hit = [(one, before, after) for one, before, after in gave if _lost(before, after) or not after.permitted]
    if not hit:
        return None
    ended = [(before, after) for _, before, after in hit if not after.permitted]
    how = STOPS if len(ended) == len(gave) else PARTLY if ended else LESS
    why, article = _why(*(ended or [(before, after) for _, before, after in hit])[0])
    return Broken(
        agreement=heard.agreement.id,
        provision=heard.line.id,
        article=heard.line.article,
        how=how,
        ways=tuple(sorted({one.kind.way for one, _, _ in hit})),
        regimes=tuple(sorted({one.kind.regime for one, _, _ in hit})),
        lost=_gone(gave),
        why=why,
        why_article=article,
    )


def _gone(gave: Sequence[tuple[Specimen, Answer, Answer]]) -> tuple[str, ...]:
    """Categories that went some way under some body of law the day before, and go it no more."""
    left: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for one, before, after in gave:
        had, has = left.setdefault((one.kind.way, one.kind.regime), (set(), set()))
        had.update(before.leaves)
        has.update(after.leaves if after.permitted else ())
    return tuple(sorted({leaf for had, has in left.values() for leaf in had - has}))


def _why(before: Answer, after: Answer) -> tuple[str, str]:
    """The gate's sentence and article on the day: the first reason that it did not give the day before."""
    known = {(one.article, one.step, one.provision) for one in before.failures}
    new = [one for one in after.failures if (one.article, one.step, one.provision) not in known]
    return (new[0].sentence, new[0].article) if new else (after.sentence, after.article)
