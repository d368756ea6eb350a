"""A form as Cedar text: a second opinion by another engine, and a form that other systems read.

Cedar has no loops over items and people, and no memory. So the text is asked in stages: a request for each
item, person, pair of both, or for the whole; the policies that hold are named in Cedar's own diagnostics
(`@id`), and are true attributes of the context in later stages. `Staged.read` does so with any engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cordiale.agreements.proofs.form import NO, YES, All, Form, Is, Over, Scope, Some, Word
from cordiale.agreements.proofs.table import Answer, Bank, cone

INLINE_MAX: Final = 40
"""So many parts of a condition stand in one policy; what is larger or gathered has a policy of its own."""
_BANKS: Final = {Scope.HEAD: Bank.REQUEST, Scope.SUBJECT: Bank.SUBJECT, Scope.ITEM: Bank.ITEM}
_ENTITY: Final = {
    Bank.REQUEST: "Request",
    Bank.SUBJECT: "Person",
    Bank.ITEM: "Item",
    Bank.PAIR: "PersonInItem",
}
_ATTRIBUTE: Final = re.compile(r"context\.(\w+)")
Context = dict[str, str | bool]
Engine = Callable[[Sequence[tuple[str, Context]]], Sequence[frozenset[str]]]
"""Requests (action, context) -> of each the ids of the policies that hold."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One condition that has a name: asked at `level`, of whom `bank` says."""

    condition: int
    level: int
    bank: Bank
    words: str

    @property
    def id(self) -> str:
        return f"c{self.condition}"

    @property
    def action(self) -> str:
        return f"stage{self.level}-{_ENTITY[self.bank]}"

    def text(self) -> str:
        return (
            f'@id("{self.id}")\npermit (principal, action == Action::"{self.action}", resource)\n'
            f"when {{ {self.words} }};\n"
        )


@dataclass(frozen=True, slots=True)
class Gathered:
    """A condition that holds where one of those asked meets another: Cedar cannot ask it, its caller does."""

    condition: int
    level: int
    over: Over
    of: int


@dataclass(frozen=True)
class Staged:
    """The whole: policies, what is gathered between them, and the outputs, in the order of their levels."""

    form: Form
    policies: tuple[Policy, ...]
    gathered: tuple[Gathered, ...]
    outputs: Mapping[str, int]
    banks: Mapping[int, Bank]

    @cached_property
    def by_level(self) -> Mapping[int, tuple[Policy, ...]]:
        """The policies of each level."""
        levels = {one.level for one in self.policies}
        return {level: tuple(one for one in self.policies if one.level == level) for level in levels}

    @cached_property
    def uses(self) -> Mapping[str, frozenset[str]]:
        """Which attributes of the context the policies of an action ask for."""
        found: dict[str, set[str]] = {}
        for one in self.policies:
            found.setdefault(one.action, set()).update(_ATTRIBUTE.findall(one.words))
        return {action: frozenset(names) for action, names in found.items()}

    def text(self) -> str:
        """The policies as Cedar text, with how they are asked at the head."""
        return "\n".join((*_HEAD, *(one.text() for one in self.policies)))

    def read(self, word: Word, engine: Engine) -> dict[str, Answer]:
        """Every output of a word, by an engine that evaluates the text."""
        reading = _Reading(self, word)
        levels = [one.level for one in self.policies] + [one.level for one in self.gathered]
        for level in range(1 + max(levels, default=0)):
            reading.gather(level)
            reading.ask(level, engine)
        return {name: reading.answer(name) for name in self.outputs}


_HEAD: Final = (
    "// A form of Cordiale as Cedar policies: what holds, not what is allowed. Asked in stages: for each",
    "// action `stageN-…` in the order of N, one request for the whole (Request), each person, each item,",
    "// and each person in each item. The ids of the policies that hold are attributes of the context in",
    "// later stages, `true`; the others are `false`. `gN` says whether one of those asked meets condition",
    "// N: the caller says so.",
    "",
)


def staged(form: Form, names: Iterable[str]) -> Staged:
    """The Cedar text of some outputs of a form, and how it is asked."""
    outputs = {name: form.outputs[name] for name in names}
    return _Writer(form, outputs).staged()


class _Writer:
    """Writes conditions as expressions; what is large or asked twice gets a policy of its own."""

    def __init__(self, form: Form, outputs: Mapping[str, int]) -> None:
        self.form, self.outputs = form, outputs
        self.asked = sorted(cone(form, outputs.values()))
        self.banks: dict[int, Bank] = {}
        self.sizes: dict[int, int] = {}
        self.levels: dict[int, int] = {}
        self.words: dict[int, str] = {}
        self.named: dict[int, Policy] = {}
        self.gathered: dict[int, Gathered] = {}

    def staged(self) -> Staged:
        wanted = {abs(one) for one in self.outputs.values()} | {
            abs(node.of) for n in self.asked if isinstance(node := self.form.nodes[n - 1], Some)
        }
        for number in self.asked:
            self._write(number, named=number in wanted)
        return Staged(
            self.form,
            tuple(sorted(self.named.values(), key=lambda one: (one.level, one.bank, one.condition))),
            tuple(sorted(self.gathered.values(), key=lambda one: (one.level, one.condition))),
            self.outputs,
            self.banks,
        )

    def _write(self, number: int, *, named: bool) -> None:
        node = self.form.nodes[number - 1]
        if isinstance(node, Is):
            variable = self.form.variables[node.variable]
            self.banks[number] = _BANKS[variable.scope]
            values = [v for bit, v in enumerate(variable.values) if node.mask >> bit & 1]
            self._say(number, f"{_listed(values)}.contains(context.{_attribute(variable.name)})", 1, 0)
        elif isinstance(node, All):
            bank = Bank.REQUEST
            for part in node.parts:
                bank = Bank(bank | self.banks[abs(part)])
            self.banks[number] = bank
            told = " && ".join(self._said(part) for part in node.parts) or "true"
            size = 1 + sum(self.sizes[abs(part)] for part in node.parts)
            self._say(number, f"({told})", size, max((self.levels[abs(p)] for p in node.parts), default=0))
        else:
            self.banks[number] = (
                Bank.ITEM if node.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) else Bank.REQUEST
            )
            level = self.levels[abs(node.of)]
            self.gathered[number] = Gathered(number, level, node.over, node.of)
            self._say(number, f"context.g{number}", 1, level)
        if named or self.sizes[number] > INLINE_MAX:
            self._name(number)

    def _say(self, number: int, words: str, size: int, level: int) -> None:
        self.words[number], self.sizes[number], self.levels[number] = words, size, level

    def _name(self, number: int) -> None:
        """Give a condition a policy of its own; from the next level on it is an attribute."""
        level = self.levels[number]
        self.named[number] = Policy(number, level, self.banks[number], self.words[number])
        self._say(number, f"context.c{number}", 1, level + 1)

    def _said(self, part: int) -> str:
        return self.words[part] if part > 0 else f"!{self.words[-part]}"


def _attribute(name: str) -> str:
    """A variable as an attribute of the context: `["class of conviction"]` where it is no plain name."""
    return name if name.isidentifier() else f"x{name.encode().hex()}"


def _listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(json.dumps(one, ensure_ascii=False) for one in values) + "]"


# ---------------------------------------------------------------------- asking


Key = tuple[int | None, int | None]
"""(item, subject): of whom a request is."""


class _Reading:
    """One word while an engine is asked of it. `told`: of whom -> the attributes that earlier stages made."""

    def __init__(self, staged: Staged, word: Word) -> None:
        self.staged, self.word = staged, word
        self.held: dict[tuple[int, Key], bool] = {}
        self.told: dict[Key, Context] = {}
        self.values: dict[Key, Context] = {}

    def ask(self, level: int, engine: Engine) -> None:
        """All policies of one level, of all whom they speak of, in one batch."""
        here: dict[Bank, list[Policy]] = {}
        for one in self.staged.by_level.get(level, ()):
            here.setdefault(one.bank, []).append(one)
        asked = [(bank, key) for bank in here for key in self._keys(bank)]
        requests = []
        for bank, key in asked:
            action = here[bank][0].action
            requests.append((action, self._context(key, self.staged.uses[action])))
        for (bank, key), holding in zip(asked, engine(requests) if requests else (), strict=True):
            for one in here[bank]:
                self._learn(one.condition, key, one.id, holds=one.id in holding)

    def gather(self, level: int) -> None:
        """What is gathered at this level, from what earlier ones have told."""
        for one in self.staged.gathered:
            if one.level == level:
                for key in self._keys(self.staged.banks[one.condition]):
                    found = any(self._holds(one.of, other) for other in self._among(one.over, key[0]))
                    self._learn(one.condition, key, f"g{one.condition}", holds=found)

    def _learn(self, condition: int, key: Key, name: str, *, holds: bool) -> None:
        self.held[condition, key] = holds
        self.told.setdefault(key, {})[name] = holds

    def answer(self, name: str) -> Answer:
        condition = self.staged.outputs[name]
        if self.staged.banks[abs(condition)] is Bank.ITEM:
            return tuple(self._holds(condition, (n, None)) for n in range(len(self.word.items)))
        return self._holds(condition, (None, None))

    def _holds(self, condition: int, key: Key) -> bool:
        if condition in (YES, NO):
            return condition == YES
        bank = self.staged.banks[abs(condition)]
        found = self.held[abs(condition), _own(bank, key)]
        return found if condition > 0 else not found

    def _keys(self, bank: Bank) -> Iterator[Key]:
        if bank is Bank.REQUEST:
            yield None, None
        elif bank is Bank.SUBJECT:
            yield from ((None, n) for n in range(len(self.word.subjects)))
        elif bank is Bank.ITEM:
            yield from ((m, None) for m in range(len(self.word.items)))
        else:
            yield from ((m, n) for m, item in enumerate(self.word.items) for n in item.about)

    def _among(self, over: Over, item: int | None) -> Iterator[Key]:
        """Those among whom is asked."""
        if over is Over.ITEMS:
            yield from self._keys(Bank.ITEM)
        elif over in (Over.EVERYBODY, Over.STATED):
            count = len(self.word.subjects) if over is Over.EVERYBODY else self.word.stated
            yield from ((None, n) for n in range(count))
        else:
            assert item is not None, "whose subjects are asked of an item"
            about = self.word.items[item].about
            yield from (
                key
                for key in self._keys(Bank.PAIR)
                if key[1] in about and (over is Over.SAME_PERSON or key[0] == item)
            )

    def _context(self, key: Key, used: frozenset[str]) -> Context:
        """What is known of whoever is asked, as far as it is asked for."""
        if key not in self.values:
            self.values[key] = self._values(key)
        found: Context = {name: value for name, value in self.values[key].items() if name in used}
        item, subject = key
        for whose in dict.fromkeys(((None, None), (item, None), (None, subject), key)):
            told = self.told.get(whose, {})
            found |= {name: told[name] for name in used & told.keys()}
        return found

    def _values(self, key: Key) -> Context:
        item, subject = key
        values = [self.word.head]
        if item is not None:
            values.append(self.word.items[item].values)
        if subject is not None:
            values.append(self.word.subjects[subject])
        return {_attribute(name): value for some in values for name, value in some.items()}


def _own(bank: Bank, key: Key) -> Key:
    """Of whom a condition of this bank is held, when it is asked of an item, a person, or both."""
    item, subject = key
    return item if bank & Bank.ITEM else None, subject if bank & Bank.SUBJECT else None
