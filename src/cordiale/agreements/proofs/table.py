"""A form as a decision table: rows of two bit masks over a packed word, in stages, as plain values.

A row holds where `state & care == want`, and then sets its own bit. Nothing of the form is read at run time.
The slow twin is `Interpreter`; that a table says the same of every word is shown in validation.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import groupby
from typing import Final

from cordiale.agreements.proofs.form import YES, All, Form, Is, Over, Scope, Some, Values, Word


class Bank(IntEnum):
    """Of what a row speaks, and in which bits of the state its own bit stands."""

    REQUEST = 0
    SUBJECT = 1
    ITEM = 2
    PAIR = 3
    """One item and one subject that it is about."""


_BANKS: Final = {Scope.HEAD: Bank.REQUEST, Scope.SUBJECT: Bank.SUBJECT, Scope.ITEM: Bank.ITEM}
_OF_AN_ITEM: Final = (Over.ITS_SUBJECTS, Over.SAME_PERSON)
_SPEAKS: Final = {
    Over.EVERYBODY: (Bank.REQUEST, Bank.SUBJECT),
    Over.STATED: (Bank.REQUEST, Bank.SUBJECT),
    Over.ITEMS: (Bank.REQUEST, Bank.ITEM),
    Over.ITS_SUBJECTS: tuple(Bank),
    Over.SAME_PERSON: tuple(Bank),
}
"""Of what a condition may speak that is gathered over these."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Holds where `state & care == want`. A `want` outside `care` never holds."""

    care: int
    want: int


ALWAYS: Final = Mask(0, 0)
NEVER: Final = Mask(0, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """Sets bit `sets` of the state where the mask holds, or, with `over`, where it holds of one of those.

    `condition`: which condition of the form it is said to be; the table itself does not need to know.
    """

    level: int
    bank: Bank
    over: Over | None
    mask: Mask
    sets: int
    condition: int

    def spelt(self) -> str:
        """The row in a line: stage, masks in hexadecimal, bit."""
        among = f" some of {self.over}" if self.over else ""
        masks = f"care {self.mask.care:x} want {self.mask.want:x}"
        return f"{self.level}.{self.bank.name.lower()}{among} {masks} sets {self.sets}"


@dataclass(frozen=True, slots=True)
class Place:
    """A variable in the state: the bit of `values[n]` is `first + n`."""

    name: str
    scope: Scope
    values: tuple[str, ...]
    first: int


@dataclass(frozen=True, slots=True)
class Output:
    """A named answer, of the request or of each item."""

    name: str
    bank: Bank
    mask: Mask


Answer = bool | tuple[bool, ...]
"""Of the request, or of its items in their order."""


@dataclass(frozen=True)
class Table:
    """Places, rows and outputs. Rows stand in the order in which they are read."""

    places: tuple[Place, ...]
    rows: tuple[Row, ...]
    outputs: tuple[Output, ...]

    def decide(self, word: Word) -> dict[str, Answer]:
        """Every output of a word. Raises ValueError for a value that a variable cannot have."""
        state = _State(self, word)
        for bank, rows in self._stages:
            state.read(bank, rows)
        return {one.name: state.answer(one) for one in self.outputs}

    def lines(self) -> Iterator[str]:
        """The whole table as text, a line each; equal lines are equal tables."""
        for place in self.places:
            yield f"{place.scope} {place.name}\t{place.first}\t{' '.join(place.values)}"
        for row in self.rows:
            yield row.spelt()
        for out in self.outputs:
            yield f"{out.name}\t{out.bank.name.lower()} care {out.mask.care:x} want {out.mask.want:x}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `lines`."""
        return "sha256:" + hashlib.sha256("\n".join(self.lines()).encode()).hexdigest()

    @cached_property
    def _stages(self) -> tuple[tuple[Bank, tuple[Row, ...]], ...]:
        """Rows that are read together; one bank, one level."""
        stages = groupby(self.rows, key=lambda row: (row.level, row.bank))
        return tuple((bank, tuple(rows)) for (_, bank), rows in stages)

    @cached_property
    def _bits(self) -> Mapping[Scope, tuple[tuple[str, Mapping[str, int]], ...]]:
        return {
            scope: tuple(
                (p.name, {value: 1 << p.first + n for n, value in enumerate(p.values)})
                for p in self.places
                if p.scope is scope
            )
            for scope in Scope
        }

    def packed(self, scope: Scope, values: Values) -> int:
        """The values of one scope as bits."""
        state = 0
        for name, bits in self._bits[scope]:
            try:
                state |= bits[values[name]]
            except KeyError:
                raise ValueError(
                    f"`{name}` cannot be `{values.get(name)}`: the form names other values"
                ) from None
        return state


class _State:
    """One word while a table reads it: what is known of the request, of each subject, item and pair."""

    def __init__(self, table: Table, word: Word) -> None:
        self.stated = word.stated
        self.about = [item.about for item in word.items]
        self.request = table.packed(Scope.HEAD, word.head)
        self.subjects = [table.packed(Scope.SUBJECT, each) for each in word.subjects]
        self.items = [table.packed(Scope.ITEM, each.values) for each in word.items]
        self.pairs = {(m, n): 0 for m, about in enumerate(self.about) for n in about}

    def read(self, bank: Bank, rows: Sequence[Row]) -> None:
        """Read one stage for all of whom it speaks. What it gathers stands in earlier stages."""
        self._join()
        if bank is Bank.REQUEST:
            self.request = self._held(self.request, rows, None)
        elif bank is Bank.SUBJECT:
            self.subjects = [self._held(state, rows, None) for state in self.subjects]
        elif bank is Bank.ITEM:
            self.items = [self._held(state, rows, m) for m, state in enumerate(self.items)]
        else:
            self.pairs = {key: self._held(state, rows, None) for key, state in self.pairs.items()}

    def answer(self, out: Output) -> Answer:
        """One output."""
        care, want = out.mask.care, out.mask.want
        if out.bank is Bank.REQUEST:
            return self.request & care == want
        return tuple((self.request | state) & care == want for state in self.items)

    def _join(self) -> None:
        """What is known of the request is known of everyone, and of a pair what is known of its two."""
        self.subjects = [state | self.request for state in self.subjects]
        self.items = [state | self.request for state in self.items]
        self.pairs = {
            (m, n): state | self.items[m] | self.subjects[n] for (m, n), state in self.pairs.items()
        }

    def _held(self, state: int, rows: Sequence[Row], item: int | None) -> int:
        for row in rows:
            care, want = row.mask.care, row.mask.want
            if row.over is None:
                if state & care == want:
                    state |= 1 << row.sets
            elif any(one & care == want for one in self._asked(row.over, item)):
                state |= 1 << row.sets
        return state

    def _asked(self, over: Over, item: int | None) -> Iterable[int]:
        """The states among whom a row asks."""
        if over is Over.EVERYBODY:
            return self.subjects
        if over is Over.STATED:
            return self.subjects[: self.stated]
        if over is Over.ITEMS:
            return self.items
        assert item is not None, "whose subjects are asked of an item"
        if over is Over.ITS_SUBJECTS:
            return (self.pairs[item, n] for n in self.about[item])
        about = self.about[item]
        return (state for (_, n), state in self.pairs.items() if n in about)


# ------------------------------------------------------------------ compiling


def compiled(form: Form, names: Iterable[str] | None = None) -> Table:
    """The table of a form's outputs (`names`: of these alone, and of what they rest on).

    Raises ValueError for an output about a subject, or a gathering about what it is not gathered over.
    """
    return _Compiler(form, tuple(names if names is not None else form.outputs)).table()


class _Compiler:
    """Lays out one form: banks and levels of its conditions, then bits, then rows."""

    def __init__(self, form: Form, names: Sequence[str]) -> None:
        self.form, self.names = form, names
        self.banks: dict[int, Bank] = {}
        self.levels: dict[int, int] = {}
        self.firsts: dict[int, int] = {}
        self.bits: dict[int, int] = {}

    def table(self) -> Table:
        asked = sorted(cone(self.form, (self.form.outputs[name] for name in self.names)))
        for number in asked:
            self._settle(number)
        self._lay_out(asked)
        drawn = [n for n in asked if n in self.bits]
        drawn.sort(key=lambda n: (self.levels[n], self.banks[n], n))
        places = tuple(
            Place(v.name, v.scope, v.values, self.firsts[place])
            for place, v in enumerate(self.form.variables)
            if place in self.firsts
        )
        return Table(places, tuple(map(self._row, drawn)), tuple(map(self._output, self.names)))

    def _settle(self, number: int) -> None:
        """Bank and level of a condition: one level up wherever it reads what stands in another bank."""
        node = self.form.nodes[number - 1]
        if isinstance(node, Is):
            bank, level = _BANKS[self.form.variables[node.variable].scope], 0
        elif isinstance(node, All):
            parts, bank = [abs(part) for part in node.parts], Bank.REQUEST
            for part in parts:
                bank = Bank(bank | self.banks[part])
            levels = (self.levels[p] + (self._is_row(p) and self.banks[p] is not bank) for p in parts)
            level = max(levels, default=0)
        else:
            of = abs(node.of)
            bank = Bank.ITEM if node.over in _OF_AN_ITEM else Bank.REQUEST
            level = self.levels[of] + self._is_row(of)
            if self.banks[of] not in _SPEAKS[node.over]:
                raise ValueError(f"condition {number} is gathered over {node.over}, and speaks of another")
        self.banks[number], self.levels[number] = bank, level

    def _is_row(self, number: int) -> bool:
        return number != YES and not isinstance(self.form.nodes[number - 1], Is)

    def _lay_out(self, asked: Sequence[int]) -> None:
        """The bits of each bank: the values of its variables, then its conditions."""
        nodes, last = self.form.nodes, 0
        read = sorted({node.variable for n in asked if isinstance(node := nodes[n - 1], Is)})
        for bank in Bank:
            for place in read:
                if _BANKS[self.form.variables[place].scope] is bank:
                    self.firsts[place] = last
                    last += len(self.form.variables[place].values)
            for number in asked:
                if self.banks[number] is bank and self._is_row(number):
                    self.bits[number] = last
                    last += 1

    def _row(self, number: int) -> Row:
        node, over = self.form.nodes[number - 1], None
        if isinstance(node, Some):
            over, mask = node.over, self._mask(node.of)
        else:
            assert isinstance(node, All)
            masks = [self._mask(part) for part in node.parts]
            care = want = 0
            for one in masks:
                care, want = care | one.care, want | one.want
            mask = Mask(care, want)
        return Row(self.levels[number], self.banks[number], over, mask, self.bits[number], number)

    def _mask(self, condition: int) -> Mask:
        """A condition as a mask. That a variable has one of some values: it has none of the others."""
        if abs(condition) == YES:
            return ALWAYS if condition == YES else NEVER
        node = self.form.nodes[abs(condition) - 1]
        if isinstance(node, Is):
            full = (1 << len(self.form.variables[node.variable].values)) - 1
            barred = full & ~node.mask if condition > 0 else node.mask
            return Mask(barred << self.firsts[node.variable], 0)
        bit = 1 << self.bits[abs(condition)]
        return Mask(bit, bit if condition > 0 else 0)

    def _output(self, name: str) -> Output:
        condition = self.form.outputs[name]
        bank = self.banks[abs(condition)]
        if bank not in (Bank.REQUEST, Bank.ITEM):
            raise ValueError(f"output `{name}` speaks of a subject: gather it over subjects first")
        return Output(name, bank, self._mask(condition))


def cone(form: Form, conditions: Iterable[int]) -> set[int]:
    """The conditions that these rest on, themselves among them."""
    found: set[int] = set()
    open_ = [abs(condition) for condition in conditions]
    while open_:
        number = open_.pop()
        if number in found:
            continue
        found.add(number)
        node = form.nodes[number - 1]
        if isinstance(node, All):
            open_ += map(abs, node.parts)
        elif isinstance(node, Some):
            open_.append(abs(node.of))
    return found
