"""What travels with a message and binds every later holder: drawn for the proof over chains of any length.

A limit travels without its reason. `p.closed`: nobody passes it on without its owner. `p.never:S`: it never
goes to the Side S, whoever holds it (`record.collect`).
"""

from __future__ import annotations

from typing import Final

from cordiale.agreements.model import Provision
from cordiale.agreements.proofs.drawing.basis import Basis
from cordiale.agreements.proofs.form import NO, YES
from cordiale.agreements.register import EU, Day

STRICT: Final = frozenset({"no_onward", "ask_originator"})
ONWARD: Final = {"never": "no_onward", "ask_originator": "ask_originator", "listed": "ask_originator"}
"""The limit that an onward rule travels as; in an emergency the others ask nobody."""


def labels(basis: Basis, name: str) -> None:
    """Draw what travels under the line; a list of Sides for each state that people may have fled."""
    form = basis.sheet.form
    heard = [(YES, basis.line), *((one.when, one.line) for one in basis.spoken)]
    closed = basis.sheet.any(*(when for when, line in heard if _strict(line)))
    form.output(f"{name}{basis.line.id}.closed", closed)
    for side in reached(basis.sheet.day):
        never = basis.sheet.any(NO, *(when for when, line in heard if side in line.never_to))
        form.output(f"{name}{basis.line.id}.never:{side}", never)


def _strict(line: Provision) -> bool:
    onward = ONWARD.get(line.onward.rule, "") if line.onward else ""
    return bool(STRICT & {*line.travels, onward})


def reached(day: Day) -> tuple[str, ...]:
    """The states outside the Union, but for the United Kingdom, that some agreement names as a Side."""
    sides = day.register.sides
    named = {side.code for text in day.register.agreements for side in text.side}
    return tuple(sorted(s for s in named if s in sides and _may_be_fled(day, s)))


def _may_be_fled(day: Day, side: str) -> bool:
    return day.register.sides[side].kind == "state" and side != "UK" and day.third(side, EU)
