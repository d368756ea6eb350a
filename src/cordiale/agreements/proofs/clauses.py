"""Questions about a form as clauses: is there a request in which all of these conditions hold?

One item is in focus, and one subject that it is about, where there are such. What is gathered over others
may be so because of them: it follows from the focus, and is free otherwise. A proof that no word exists is
so a proof for requests of any number of items and subjects, and of none.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import neg
from typing import Final

from cordiale.agreements.proofs.form import All, Form, Is, Over, Scope, Some

Plain = tuple[tuple[int, ...], ...]
"""Conjunctive normal form in DIMACS integers."""
Classes = dict[int, tuple[tuple[int, tuple[int, ...]], ...]]


@dataclass(frozen=True, slots=True)
class Present:
    """The numbers that say what is in focus.

    `item`: an item. `subject`: somebody; the item, if there is one, is about that subject. `stated`: the
    request itself describes that subject.
    """

    item: int
    subject: int
    stated: int

    def asked_by(self, over: Over) -> tuple[int, ...]:
        """What must be in focus for the focus to be among those asked."""
        return {
            Over.ITS_SUBJECTS: (self.item, self.subject),
            Over.SAME_PERSON: (self.item, self.subject),
            Over.EVERYBODY: (self.subject,),
            Over.STATED: (self.subject, self.stated),
            Over.ITEMS: (self.item,),
        }[over]


@dataclass(frozen=True)
class Clauses:
    """Several questions about one form. Numbers up to the form's conditions are these conditions.

    `picks`: the number that puts each question: where it holds, all its goals do. `classes`: of each
    variable, (number, values that no condition here tells apart). `goals`: of each question.
    """

    form: Form
    clauses: Plain
    picks: Mapping[str, int]
    classes: Classes
    present: Present
    goals: Mapping[str, tuple[int, ...]]

    @cached_property
    def form_digest(self) -> str:
        """The form's own digest, worked out once."""
        return self.form.digest()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the clauses as `packed` writes them."""
        return "sha256:" + hashlib.sha256(packed(self.clauses)).hexdigest()

    def values(self, model: frozenset[int]) -> dict[str, str]:
        """A value for every variable that the questions ask of; the first of those that are alike."""
        found = {}
        for place, parts in self.classes.items():
            variable = self.form.variables[place]
            found[variable.name] = next(variable.values[bits[0]] for number, bits in parts if number in model)
        return found

    def others(self, model: frozenset[int]) -> tuple[int, ...]:
        """The gathered conditions that hold in a model because of others than the focus."""
        found = []
        for number in sorted(abs(n) for n in model if abs(n) <= len(self.form.nodes)):
            node = self.form.nodes[number - 1]
            if not isinstance(node, Some) or number not in model:
                continue
            if not model.issuperset((node.of, *self.present.asked_by(node.over))):
                found.append(number)
        return tuple(found)


def packed(clauses: Iterable[Sequence[int]]) -> bytes:
    """Clauses as little-endian 32-bit numbers, each clause ended by 0."""
    flat: list[int] = []
    for clause in clauses:
        flat += clause
        flat.append(0)
    return struct.pack(f"<{len(flat)}i", *flat)


def clauses_of(form: Form, questions: Mapping[str, Iterable[int]], *, alone: bool = False) -> Clauses:
    """The clauses of several questions, each the goals of which no word may meet all.

    `alone`: nothing is so because of other items or subjects, for a request that can be shown. The same form
    and questions give the same clauses on every machine.
    """
    goals = {name: tuple(each) for name, each in questions.items()}
    asked = _cone(form, {abs(goal) for each in goals.values() for goal in each})
    masks: dict[int, list[int]] = {}
    for number in asked:
        node = form.nodes[number - 1]
        if isinstance(node, Is):
            masks.setdefault(node.variable, []).append(node.mask)
    clauses: list[tuple[int, ...]] = []
    classes: Classes = {}
    last = len(form.nodes)
    present = Present(last + 1, last + 2, last + 3)
    last = present.stated
    for place in sorted(masks):
        alike = _alike(len(form.variables[place].values), masks[place])
        classes[place] = tuple((last + n, bits) for n, bits in enumerate(alike, start=1))
        last += len(alike)
        # At most one holds by itself: any two classes are told apart by some condition.
        clauses.append(tuple(number for number, _ in classes[place]))
    for number in asked:
        node = form.nodes[number - 1]
        if isinstance(node, Some):
            clauses += _gathered(node, number, present, alone=alone)
        else:
            clauses += _said(node, number, classes)
    clauses += _wider(form, asked)
    picks, speaks = {}, _speaks(form, asked)
    for name, each in goals.items():
        last += 1
        picks[name] = last
        clauses += [(-last, goal) for goal in each]
        if any(speaks[abs(goal)] & _ITEM for goal in each):
            clauses.append((-last, present.item))
        if any(speaks[abs(goal)] & _SUBJECT for goal in each):
            clauses.append((-last, present.subject))
    return Clauses(form, tuple(clauses), picks, classes, present, goals)


def _cone(form: Form, goals: Iterable[int]) -> list[int]:
    """The conditions that the goals rest on, in the order in which they were drawn."""
    found = set(goals)
    for number in range(max(found, default=0), 0, -1):  # each is drawn from earlier ones
        if number in found:
            node = form.nodes[number - 1]
            if isinstance(node, All):
                found.update(map(abs, node.parts))
            elif isinstance(node, Some):
                found.add(abs(node.of))
    return sorted(found)


def _alike(size: int, masks: list[int]) -> list[tuple[int, ...]]:
    """The values of a variable in classes: values that no mask tells apart are one."""
    classes = [(1 << size) - 1]
    for mask in dict.fromkeys(masks):
        classes = [part for whole in classes for part in (whole & mask, whole & ~mask) if part]
    found = (tuple(bit for bit in range(size) if whole >> bit & 1) for whole in classes)
    return sorted(found)


def _said(node: Is | All, number: int, classes: Classes) -> list[tuple[int, ...]]:
    """What one condition says, both ways."""
    if isinstance(node, Is):
        parts = classes[node.variable]
        return [(-each, number if node.mask >> bits[0] & 1 else -number) for each, bits in parts]
    return [*((-number, part) for part in node.parts), (number, *map(neg, node.parts))]


def _gathered(node: Some, number: int, present: Present, *, alone: bool) -> list[tuple[int, ...]]:
    """What the focus makes so, if it is among those asked; the rest is free, or `alone` is not so.

    An item about nobody, a subject whom the request does not state, a request without items: there the focus
    makes nothing so, and the proof must cover them.
    """
    asked = present.asked_by(node.over)
    found: list[tuple[int, ...]] = [(number, -node.of, *(-there for there in asked))]
    if node.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON):
        found.append((-number, -present.item, present.subject))
    if alone:
        found += [(-number, needed) for needed in (node.of, *asked)]
    return found


def _wider(form: Form, asked: list[int]) -> list[tuple[int, ...]]:
    """Whoever meets a condition among some of the people meets it among everybody."""
    some = [(number, node) for number in asked if isinstance(node := form.nodes[number - 1], Some)]
    everybody = {node.of: number for number, node in some if node.over is Over.EVERYBODY}
    return [
        (-number, everybody[node.of])
        for number, node in some
        if node.of in everybody and node.over in (Over.STATED, Over.ITS_SUBJECTS)
    ]


_SUBJECT: Final = 1
_ITEM: Final = 2
_SPEAKS: Final = {Scope.HEAD: 0, Scope.SUBJECT: _SUBJECT, Scope.ITEM: _ITEM}


def _speaks(form: Form, asked: list[int]) -> dict[int, int]:
    """Whether each condition speaks of the subject or the item in focus itself; what is gathered does not."""
    found: dict[int, int] = {}
    for number in asked:
        node = form.nodes[number - 1]
        if isinstance(node, All):
            told = 0
            for part in node.parts:
                told |= found[abs(part)]
            found[number] = told
        elif isinstance(node, Is):
            found[number] = _SPEAKS[form.variables[node.variable].scope]
        else:
            found[number] = _ITEM if node.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) else 0
    return found
