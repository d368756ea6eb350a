"""A chain as people can follow it: who tells whom, under which article, each hop asked of the gate itself.

Whoever begins knows that the person is protected, and from which state. Whoever comes later was told nothing
of it and states in good faith that there is no claim; what came with the message binds, where it is heeded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cordiale.agreements.answer import Answer, Restriction
from cordiale.agreements.gate import decide
from cordiale.agreements.model import Provision, Record
from cordiale.agreements.proofs.clauses import clauses_of
from cordiale.agreements.proofs.drawing.sheet import YES_NO, Sheet
from cordiale.agreements.proofs.drawing.sources import rule_name
from cordiale.agreements.proofs.network.graph import Drawn
from cordiale.agreements.proofs.safeguards import CLAIM
from cordiale.agreements.proofs.solving import Asks, Satisfiable, solve_all
from cordiale.agreements.proofs.witness import FOCUS, STATED, Witness, witness
from cordiale.agreements.question import parse_question
from cordiale.agreements.register import Register
from cordiale.terms import Category, HandlingCode, Personal, SubjectKind

TRIES_MAX: Final = 12
"""So many kinds of item, each under each handling code, are sent along one chain before it is given up."""
KINDS_MAX: Final = 3
QUIET: Final = {
    "human_rights_claim": "none",
    "minor": "no",
    "accompanied": "yes",
    "trafficking_indicator": "no",
    "stateless": "no",
    "protected_activity": "none",
    "from_behalf": "none",
    "to_behalf": "none",
    "capacity": "own_officer",
}
SAID: Final = ("consent", "any consent", "veto")
PAPERS: Final = ("paper:", "named:", "slide_paper")
OF_THE_ITEM: Final = (
    *("systems_stated", "derived_stated", "obtained"),
    *("collected_for", "collected_regime", "source_article"),
)
MARKS: Final = ("code", "classification")
QUIETLY: Final = "without papers: "
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hop:
    """One way under one line. `heeds`: the sending node keeps the limits that came with a message."""

    from_: str
    to: str
    drawn: Drawn
    line: Provision
    heeds: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """One hop as the gate permitted it. `heeds` as in Hop."""

    request: Raw
    papers: tuple[Record, ...]
    answer: Answer
    heeds: bool = True

    @property
    def leaves(self) -> bool:
        return FOCUS in self.answer.leaves

    def as_json(self) -> Raw:
        """Who, whom, under which article, with the request and what the gate said to it."""
        asked, answer = self.request, self.answer
        return {
            "from": f"{asked['from']['side']}/{asked['from']['authority']}",
            "to": f"{asked['to']['side']}/{asked['to']['authority']}",
            "agreement": answer.agreement,
            "provision": answer.provision,
            "article": answer.article,
            "heeds": self.heeds,
            "papers": [f"{paper.kind} of {paper.owner or paper.issued_by}" for paper in self.papers],
            "request": asked,
            "answer": answer.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Route:
    """A chain that tells a state of one of its own people."""

    origin: str
    hops: tuple[Told, ...]

    def as_json(self) -> Raw:
        return {"origin": self.origin, "hops": [hop.as_json() for hop in self.hops]}


def replayed(
    state: str, hops: Sequence[Hop], known: tuple[Register, datetime], asked: tuple[Asks, float]
) -> Route | int:
    """The chain, if the gate permits every hop; else the number of the first hop that it never permits.

    `asked`: the solver, and the seconds that one question may take.
    """
    trying = _Trying(state, hops, known, asked)
    best = trying.common()
    for kind in list(trying.kinds())[:TRIES_MAX]:
        told = trying.along(kind)
        if len(told) == len(hops):
            return Route(state, tuple(told))
        best = max(best, len(told) + 1)
    return best


@dataclass(slots=True)
class _Trying:
    """One chain, tried with one kind of item after another."""

    state: str
    hops: Sequence[Hop]
    known: tuple[Register, datetime]
    asked: tuple[Asks, float]
    first: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def common(self) -> int:
        """The number of the first hop that grants no kind of item which all before it grant, or 1."""
        left = set(map(str, Category))
        for number, hop in enumerate(self.hops, start=1):
            left &= set(map(str, hop.line.granted))
            if not left:
                return number
        return 1

    def kinds(self) -> Iterator[str]:
        """The kinds of item that every line grants and that may leave by the first hop; a name first."""
        hop = self.hops[0]
        left = set(map(str, Category)).intersection(*(map(str, one.line.granted) for one in self.hops))
        goals = (*self._ends(hop, 1), *self._begun(hop))
        sheet = hop.drawn.sheet
        first = (Category.NAME, Category.BIRTH, Category.WHEREABOUTS)
        order = [*(c for c in map(str, first) if c in left), *sorted(left - set(map(str, first)))]
        asked = [(category, str(code)) for category in order[:KINDS_MAX] for code in HandlingCode]
        marked = {f"{c} {m}": (*goals, sheet.one("category", c), sheet.one("code", m)) for c, m in asked}
        self.first = self._values(hop, marked)
        yield from (name for name in marked if name in self.first)

    def along(self, kind: str) -> list[Told]:
        """The hops that the gate permits, one after the other, with this kind of item (`name H1`)."""
        told: list[Told] = []
        for number, hop in enumerate(self.hops, start=1):
            if number == 1:
                values: Mapping[str, str] | None = self.first[kind]
            else:
                goals = (*self._ends(hop, number), *self._carried(hop, told, kind))
                values = self._values(hop, {"": goals}).get("")
            if values is None:
                break
            found = self._told(hop, values, told)
            if not found.leaves:
                break
            told.append(found)
        return told

    # -------------------------------------------------------------------- what is asked of the solver

    def _values(self, hop: Hop, questions: Mapping[str, tuple[int, ...]]) -> dict[str, Mapping[str, str]]:
        """A word for each question, one that takes no paper where there is one."""
        by, cap_s = self.asked
        sheet = hop.drawn.sheet
        flags = [v.name for v in sheet.form.variables if v.name.startswith(PAPERS) and v.values == YES_NO]
        none = [-sheet.one(name, "yes") for name in flags]
        asked = dict(questions) | {f"{QUIETLY}{name}": (*goals, *none) for name, goals in questions.items()}
        made = clauses_of(sheet.form, asked, alone=True)
        told = solve_all(made.clauses, made.picks, cap_s, by=by)
        found = {n: v for n, v in told.items() if isinstance(v, Satisfiable)}
        chosen = {name: found.get(f"{QUIETLY}{name}", found.get(name)) for name in questions}
        return {n: made.values(frozenset(v.model)) for n, v in chosen.items() if v is not None}

    def _ends(self, hop: Hop, number: int) -> tuple[int, ...]:
        """The item leaves under the line, from one Side to the other, about a person of that state."""
        sheet, last = hop.drawn.sheet, number == len(self.hops) and hop.to == self.state
        flags = [v.name for v in sheet.form.variables if v.name.startswith(SAID) and v.values == YES_NO]
        return (
            hop.drawn.leaving.under(hop.line),
            sheet.side("from", lambda side: side == hop.from_),
            sheet.side("to", lambda side: side == hop.to),
            sheet.one("kind", SubjectKind.PERSON),
            sheet.one("nationality_settled", "yes"),
            sheet.one("of_recipient", "yes" if last else "no"),
            sheet.personal(Personal.YES),
            *(sheet.one(name, value) for name, value in QUIET.items()),
            *(-sheet.one(name, "yes") for name in flags),
            sheet.form.outputs["world"],
        )

    def _begun(self, hop: Hop) -> tuple[int, ...]:
        """The one who begins knows of the claim, and what it sends is its own."""
        sheet = hop.drawn.sheet
        systems = [v.name for v in sheet.form.variables if v.name.startswith(("system:", "derived:"))]
        plain = {"owner": "ours", "systems_stated": "yes", "derived_stated": "yes", "obtained": "lawfully"}
        plain |= {"source_article": "other"} if sheet.form.has("source_article") else {}
        return (
            sheet.one("protection", *CLAIM),
            *(sheet.one(name, value) for name, value in plain.items()),
            *(sheet.one(name, "no") for name in systems),
            *_limits(sheet, ()),
        )

    def _carried(self, hop: Hop, told: Sequence[Told], kind: str) -> tuple[int, ...]:
        """A later one has the item as it came, and knows of no claim."""
        sheet, owner = hop.drawn.sheet, str(told[0].request["from"]["side"])
        relation = {hop.from_: "ours", hop.to: "theirs"}.get(owner, "other")
        travels = told[-1].answer.travels if hop.heeds else ()
        kept = dict(self.first[kind])
        same = [n for n in kept if n in (*OF_THE_ITEM, *MARKS) or n.startswith(("system:", "derived:"))]
        return (
            sheet.one("protection", "none"),
            sheet.one("category", kind.partition(" ")[0]),
            sheet.one("owner", relation),
            *(sheet.one(name, kept[name]) for name in same if sheet.form.has(name)),
            *_limits(sheet, travels),
            *self._came_under(hop, len(told)),
        )

    def _came_under(self, hop: Hop, number: int) -> tuple[int, ...]:
        sheet, before = hop.drawn.sheet, self.hops[number - 1].line
        if not sheet.form.has("received_under"):
            return ()
        if not hop.heeds or before.onward is None:
            return (sheet.one("received_under", ""),)
        return (sheet.one("received_under", rule_name(before.onward)),)

    # -------------------------------------------------------------------- what is asked of the gate

    def _told(self, hop: Hop, values: Mapping[str, str], before: Sequence[Told]) -> Told:
        made = witness(values, hop.drawn.agreement, hop.line, self.known)
        request = _about(made, self.state)
        if before:
            request = _as_it_came(request, before, hop)
        register, at = self.known
        papered = register.supposing(made.papers) if made.papers else register
        return Told(request, made.papers, decide(parse_question(request), papered, at), hop.heeds)


def _limits(sheet: Sheet, travels: Sequence[Restriction]) -> tuple[int, ...]:
    """The item came with exactly these limits."""
    names = {name for name, _ in travels}
    flags = [v.name for v in sheet.form.variables if v.name.startswith("limit:")]
    found = [sheet.one(name, "yes" if name.removeprefix("limit:") in names else "no") for name in flags]
    for name, listed in travels:
        if name == "use_only" and listed:
            found.append(sheet.one("purpose", *listed))
        if name == "never_to":
            found.append(-sheet.side_among("to", listed))
    return (*found, sheet.one("never_here", "no"), sheet.one("use_barred", "no"))


def _about(made: Witness, state: str) -> Raw:
    """The request, about a person of that state."""
    request = dict(made.request)
    subject = dict(request["subjects"][0])
    subject["nationality"] = [state]
    subject["established"] = {**subject["established"], "nationality": STATED}
    return request | {"subjects": [subject]}


def _as_it_came(request: Raw, before: Sequence[Told], hop: Hop) -> Raw:
    """The request with the item as the chain brought it: its owner, its marks and its limits."""
    first, last = before[0], before[-1]
    begun = first.request["items"][0]
    sender = first.request["from"]
    origin = begun["origin"] | {"owner": f"{sender['side']}/{sender['authority']}", "state": sender["side"]}
    limits: list[Any] = []
    if hop.heeds:
        origin["received_under"] = f"{last.answer.agreement}/{last.answer.provision}"
        limits = [_spelt(one) for one in last.answer.travels if one[0] != "erase_by"]
    item = request["items"][0] | {"category": begun["category"], "origin": origin}
    item["handling"] = begun["handling"] | {"restrictions": limits, "consents": []}
    return request | {"items": [item, *request["items"][1:]]}


def _spelt(one: Restriction) -> Any:
    name, listed = one
    return {name: list(listed)} if name in ("use_only", "never_to") else name
