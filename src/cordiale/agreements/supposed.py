"""Asking what the gate would say if a paper were there: consents, confirmations, records. For asking only.

What is supposed is put beside the register as records of nobody's, and the answer is marked a draft. No
fact about a person, no purpose and no rescue can be supposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final

from cordiale.agreements import vocabulary as v
from cordiale.agreements.model import Agreement, Condition, Record, Requirement
from cordiale.agreements.question import Confirmation, Question
from cordiale.agreements.register import Register
from cordiale.errors import RequestError

PAPERS: Final = frozenset({"confirmation", "record", "consent", "instrument"})
"""What can be supposed: lawful steps that others take."""
SUPPOSED: Final = "supposed"
OR: Final = " or "
OF: Final = "consent of "
OWNERS: Final = "owner's consent"
RESCUE: Final = "life_at_risk"
PERSONS_MAX: Final = 9
"""Confirmations that one line can ask for; no shipped line asks for more than two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One thing supposed: `what` and `name` as an answer's `missing` says them, one alternative alone."""

    what: str
    name: str

    def __post_init__(self) -> None:
        if self.what not in PAPERS or not _known(self.what, self.name):
            raise RequestError(
                f"`{self.what[:40]} {self.name[:80]}` is nothing that can be supposed.",
                field="supposed",
                way_out="Suppose what an answer names as missing: a consent, a confirmation or a record.",
            )


def _known(what: str, name: str) -> bool:
    """Whether a paper is of a kind there is; what is about persons is none."""
    if what == "confirmation":
        of, _, count = name.partition(" x")
        return of in v.CONFIRMATIONS and count.isdigit() and 1 <= int(count) <= PERSONS_MAX
    if what == "consent":
        return name == OWNERS or name.startswith(OF)
    return name.partition(":")[0] in v.RECORD_KINDS


def papers_in(what: str, name: str) -> tuple[Paper, ...]:
    """The papers that one line of `missing` names, each alternative by itself; none for facts and fields."""
    if what not in PAPERS:
        return ()
    names = name.split(OR) if what == "record" else [name]
    return tuple(Paper(what=what, name=one) for one in names)


def suppose(
    question: Question, register: Register, at: datetime, papers: Iterable[Paper]
) -> tuple[Question, Register]:
    """The same question, and the register as if these papers were there on the day."""
    wanted = tuple(dict.fromkeys(papers))
    signed = [c for p in wanted if p.what == "confirmation" for c in _confirmations(p, at)]
    paper = [p for p in wanted if p.what != "confirmation"]
    records = (r for p in paper for r in _records(p, question, register, at))
    made = [replace(r, id=f"{SUPPOSED}-{n}") for n, r in enumerate(records, 1)]
    asked = replace(
        question,
        confirmations=(*question.confirmations, *signed),
        records=question.records | {r.id for r in made},
    )
    return asked, register.supposing(made) if wanted else register


def _confirmations(paper: Paper, at: datetime) -> Iterator[Confirmation]:
    of, _, count = paper.name.partition(" x")
    for number in range(1, int(count) + 1):
        person = f"{SUPPOSED}-{of}-{number}"
        yield Confirmation(person=person, qualified="yes", of=of, at=at)


def _records(paper: Paper, question: Question, register: Register, at: datetime) -> Iterator[Record]:
    """The records that one paper stands for: of a consent, one by each owner who is asked."""
    kind, _, scope = ("consent", "", "") if paper.what == "consent" else paper.name.partition(":")
    start, way, end = scope.partition(">")
    to = question.to
    common = Record(
        id=SUPPOSED,
        kind=kind,
        issued_by=SUPPOSED,
        from_=at.date(),
        known_from=at.date(),
        scope=scope if scope and not way else None,
        from_side=start if way else "",
        to_side=end,
        agreement=scope if kind == "instrument" else "",
        makes_live=frozenset(_lives(register, kind)),
        purposes=frozenset({question.purpose}) if kind == "purpose_authorisation" else frozenset(),
        recipients=frozenset({f"{to.side}/{to.authority}"}),
    )
    if kind != "consent":
        yield common
        return
    for owner in _owners(paper, question, register):
        yield replace(common, owner=owner)


def _owners(paper: Paper, question: Question, register: Register) -> list[str]:
    """Whose consent it is: whom the paper names, else each owner of an item, and whom a line asks itself."""
    if paper.name.startswith(OF):
        return [paper.name.removeprefix(OF)]
    named = {need.owner for need in _needs(register) if need.owner}
    return sorted({item.origin.owner for item in question.items} - {"unknown"} | named)


def _lives(register: Register, kind: str) -> set[str]:
    return {need.makes_live for need in _needs(register) if need.makes_live and need.record == kind}


def wanted(register: Register, names: str) -> tuple[tuple[str, object], ...]:
    """A fact that is missing, and the value at which a line would take it; nothing for whether a life is at
    risk, which nobody may suppose. `names` as `missing` has it: of alternatives the first.
    """
    name = names.partition(OR)[0]
    asked: Iterator[Requirement | Condition] = chain.from_iterable(
        (need, *need.any_fact) for need in _needs(register)
    )
    first = next((one for one in asked if one.fact == name), None)
    if first is None or name == RESCUE:
        return ()
    bound = first.at_most if first.at_most is not None else first.at_least
    return ((name, first.is_ if bound is None else bound),)


def _needs(register: Register) -> Iterator[Requirement]:
    """Every requirement of every line."""
    texts: Sequence[Agreement] = (*register.agreements, *register.laws)
    for text in texts:
        for line in text.provision:
            yield from line.requires
        for row in text.taint:
            for one in row.except_:
                yield from one.needs
