"""The intermediate form: finite variables, and conditions over them. No loops, no numbers without bounds.

A condition is an integer: positive for itself, negative for its opposite, as a literal is in DIMACS. A form
is drawn in order, each condition from earlier ones, so that every reading is one walk from the front.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import neg
from typing import Final

YES: Final = 1
"""The condition that always holds."""
NO: Final = -1


class Scope(StrEnum):
    """Of what a variable speaks: the head of the request, one of its subjects, or one of its items."""

    HEAD = "head"
    SUBJECT = "subject"
    ITEM = "item"


class Over(StrEnum):
    """Among whom a gathered condition asks for one that meets it."""

    ITS_SUBJECTS = "its subjects"
    """The subjects that an item is about."""
    EVERYBODY = "everybody"
    """All subjects of the request, and whom its items imply."""
    STATED = "stated subjects"
    """The subjects that the request itself describes."""
    ITEMS = "items"
    SAME_PERSON = "items about one of the same subjects"
    """Pairs of an item and a subject: the item is about the subject, and so is the one that asks."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A named choice among finitely many words."""

    name: str
    scope: Scope
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Is:
    """One variable has one of the values whose bits are set in `mask` (bit i is `values[i]`)."""

    variable: int
    mask: int


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these conditions holds; of none, always."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of those asked (`over`) meets the condition `of`, which speaks of one of them.

    Over subjects of an item, `of` may speak of that item too.
    """

    over: Over
    of: int


Node = Is | All | Some


class Form:
    """Variables, conditions and named outputs. Equal conditions are drawn once.

    `nodes[n - 1]` is what the condition `n` says. A condition about an item may gather over its subjects; one
    about the request may gather over everybody and over items.
    """

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self.nodes: list[Node] = [All(())]
        self.outputs: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._bits: list[dict[str, int]] = []
        self._known: dict[Node, int] = {All(()): YES}

    # -------------------------------------------------------------------- drawing

    def variable(self, name: str, scope: Scope, values: Iterable[str]) -> str:
        """Declare a variable (a second time with the same values is allowed). Returns its name."""
        made = Variable(name, scope, tuple(dict.fromkeys(values)))
        if name in self._places:
            if self.variables[self._places[name]] != made:
                raise ValueError(f"variable `{name}` is declared twice, with other values")
            return name
        if not made.values:
            raise ValueError(f"variable `{name}` has no value")
        self._places[name] = len(self.variables)
        self.variables.append(made)
        self._bits.append({value: bit for bit, value in enumerate(made.values)})
        return name

    def one_of(self, name: str, values: Iterable[str]) -> int:
        """The variable has one of these values; values outside its own can never hold."""
        bits = self._bits[self._places[name]]
        mask = 0
        for value in values:
            if value in bits:
                mask |= 1 << bits[value]
        return self.masked(name, mask)

    def masked(self, name: str, mask: int) -> int:
        """The variable has one of the values whose bits are set."""
        place = self._places[name]
        if mask == 0:
            return NO
        if mask == (1 << len(self._bits[place])) - 1:
            return YES
        return self._drawn(Is(place, mask))

    def all_of(self, *parts: int) -> int:
        """Every part holds."""
        kept = {*parts} - {YES}
        if NO in kept or not kept.isdisjoint(map(neg, kept)):
            return NO
        if len(kept) < 2:
            return kept.pop() if kept else YES
        return self._drawn(All(tuple(sorted(kept))))

    def any_of(self, *parts: int) -> int:
        """At least one part holds."""
        return -self.all_of(*(-part for part in parts))

    def if_then(self, when: int, then: int) -> int:
        """Where `when` holds, `then` does."""
        return -self.all_of(when, -then)

    def some(self, over: Over, of: int) -> int:
        """One of those asked meets the condition. Nobody there is nobody who meets it."""
        return NO if of == NO else self._drawn(Some(over, of))

    def output(self, name: str, condition: int) -> None:
        """Give a condition a name by which readings ask for it."""
        self.outputs[name] = condition

    def _drawn(self, node: Node) -> int:
        found = self._known.get(node)
        if found is None:
            self.nodes.append(node)
            found = self._known[node] = len(self.nodes)
        return found

    # -------------------------------------------------------------------- reading

    def place(self, name: str) -> int:
        """The number of a variable."""
        return self._places[name]

    def has(self, name: str) -> bool:
        return name in self._places

    def bit(self, place: int, value: str) -> int:
        """The number of a value of a variable. Raises KeyError for a value it cannot have."""
        return self._bits[place][value]

    def digest(self) -> str:
        """SHA-256 over variables, conditions and outputs: two forms of one digest say the same."""
        said = [f"{v.name}\t{v.scope}\t{' '.join(v.values)}" for v in self.variables]
        said += [_spelt(node) for node in self.nodes]
        said += [f"{name}\t{condition}" for name, condition in sorted(self.outputs.items())]
        return "sha256:" + hashlib.sha256("\n".join(said).encode()).hexdigest()


def _spelt(node: Node) -> str:
    if isinstance(node, Is):
        return f"is {node.variable} {node.mask:x}"
    if isinstance(node, All):
        return "all " + " ".join(map(str, node.parts))
    return f"some {node.over} {node.of}"


# ---------------------------------------------------------------------- words

Values = Mapping[str, str]
"""The value of every variable of one scope."""


@dataclass(frozen=True, slots=True)
class ItemWord:
    """One item: its values, and which subjects it is about (places in `Word.subjects`)."""

    id: str
    values: Values
    about: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A request in the variables of a form. The first `stated` subjects are those that it describes."""

    head: Values
    subjects: tuple[Values, ...]
    items: tuple[ItemWord, ...]
    stated: int


class Interpreter:
    """The plain reading, and the reference: it says of each condition whether it holds."""

    def __init__(self, form: Form, word: Word) -> None:
        self.form, self.word = form, word
        self._known: dict[tuple[int, int | None, int | None], bool] = {}

    def holds(self, condition: int, item: int | None = None, subject: int | None = None) -> bool:
        """Whether a condition holds of the request, of one of its items, or of one subject."""
        key = (abs(condition), item, subject)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(abs(condition), item, subject)
        return found if condition > 0 else not found

    def _read(self, condition: int, item: int | None, subject: int | None) -> bool:
        node = self.form.nodes[condition - 1]
        if isinstance(node, Is):
            return self._is(node, item, subject)
        if isinstance(node, All):
            return all(self.holds(part, item, subject) for part in node.parts)
        return self._some(node, item)

    def _is(self, node: Is, item: int | None, subject: int | None) -> bool:
        variable = self.form.variables[node.variable]
        if variable.scope is Scope.HEAD:
            values = self.word.head
        elif variable.scope is Scope.ITEM:
            assert item is not None, f"`{variable.name}` is asked of an item"
            values = self.word.items[item].values
        else:
            assert subject is not None, f"`{variable.name}` is asked of a subject"
            values = self.word.subjects[subject]
        return bool(node.mask >> self.form.bit(node.variable, values[variable.name]) & 1)

    def _some(self, node: Some, item: int | None) -> bool:
        word = self.word
        if node.over is Over.ITEMS:
            return any(self.holds(node.of, item=n) for n in range(len(word.items)))
        if node.over in (Over.EVERYBODY, Over.STATED):
            asked = range(len(word.subjects) if node.over is Over.EVERYBODY else word.stated)
            return any(self.holds(node.of, subject=n) for n in asked)
        assert item is not None, "whose subjects are asked of an item"
        about = word.items[item].about
        if node.over is Over.ITS_SUBJECTS:
            return any(self.holds(node.of, item=item, subject=n) for n in about)
        return any(
            self.holds(node.of, item=other, subject=n)
            for n in about
            for other, one in enumerate(word.items)
            if n in one.about
        )
