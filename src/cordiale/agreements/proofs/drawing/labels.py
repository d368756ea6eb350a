"""What travels with a message and binds every later holder: drawn for the proof over chains of any length.

A limit travels without its reason. `p.closed`: nobody passes it on without its owner. `p.never:S`: it never
goes to the Side S, whoever holds it (`record.collect`).
"""

from __future__ import annotations

from typing import Final

from cordiale.agreements.model import Provision
from cordiale.agreements.proofs.drawing.basis import Basis
from cordiale.agreements.proofs.form import YES
from cordiale.agreements.register import EU, Day

STRICT: Final = frozenset({"no_onward", "ask_originator"})
ONWARD: Final = {"never": "no_onward", "ask_originator": "ask_originator", "listed": "ask_originator"}
"""The limit that an onward rule travels as; in an emergency the others ask nobody."""


def labels(basis: Basis) -> None:
    """Draw what travels under the line; a list of Sides for each state that people may have fled."""
    form, line, name = basis.sheet.form, basis.line, basis.name
    closed, never = basis.shared("labels", lambda: _told(basis))
    form.output(f"{name}{line.id}.closed", YES if _strict(line) else closed)
    for side, told in never.items():
        form.output(f"{name}{line.id}.never:{side}", YES if side in line.never_to else told)


def _told(basis: Basis) -> tuple[int, dict[str, int]]:
    """(closed, Side -> never there) as laws and the agreement say of every line."""
    any_of, heard = basis.sheet.any, basis.spoken
    closed = any_of(*(one.when for one in heard if _strict(one.line)))
    return closed, {
        side: any_of(*(one.when for one in heard if side in one.line.never_to))
        for side in reached(basis.sheet.day)
    }


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
