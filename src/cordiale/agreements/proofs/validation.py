"""A decision table proved to say what the form says, of every word: translation validation (Pnueli 1998).

The table is read back bit by bit, without regard to how it was made. Each row must say what the condition
says that it claims to be, given that earlier rows do; then every output does, for any number of items and
people.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from cordiale.agreements.proofs import checker
from cordiale.agreements.proofs.clauses import Clauses, clauses_of
from cordiale.agreements.proofs.form import (
    NO,
    YES,
    Form,
    Interpreter,
    Is,
    ItemWord,
    Over,
    Scope,
    Some,
    Values,
    Word,
)
from cordiale.agreements.proofs.solving import CAP_S, Asks, Satisfiable, Solver, Unsatisfiable, solve_all
from cordiale.agreements.proofs.table import Answer, Bank, Mask, Table
from cordiale.agreements.proofs.trimming import Proof

_OF: Final = {Scope.HEAD: Bank.REQUEST, Scope.SUBJECT: Bank.SUBJECT, Scope.ITEM: Bank.ITEM}
_AMONG: Final = {
    Over.EVERYBODY: Bank.SUBJECT,
    Over.STATED: Bank.SUBJECT,
    Over.ITEMS: Bank.ITEM,
    Over.ITS_SUBJECTS: Bank.PAIR,
    Over.SAME_PERSON: Bank.PAIR,
}
"""Whose state a gathering row reads."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A word of which table and form do not say the same."""

    output: str
    word: Word
    table: Answer
    form: Answer


@dataclass(frozen=True, slots=True)
class Validation:
    """What became of it. `alike`: rows that read back as the very condition; `proofs`: of each other row and
    output, where all hold. `why`: what could not be shown.
    """

    alike: int
    proofs: dict[str, Proof]
    difference: Difference | None = None
    why: str = ""

    @property
    def equal(self) -> bool:
        return self.difference is None and not self.why


def validate(table: Table, form: Form, *, by: Asks | None = None, cap_s: float = CAP_S) -> Validation:
    """Whether the table says of every word what the form says; if not, a word of which it does not."""
    if by is None:
        with Solver() as solver:
            return validate(table, form, by=solver, cap_s=cap_s)
    try:
        read = _ReadBack(table, form, by_claims=True)
    except MisreadError as wrong:
        return Validation(0, {}, _differing(table, form, by, cap_s), str(wrong))
    made = read.clauses()
    found = solve_all(made.clauses, made.picks, cap_s, by=by)
    proofs = {name: one.proof for name, one in found.items() if isinstance(one, Unsatisfiable)}
    if len(proofs) == len(found):
        return Validation(read.alike, proofs)
    failing = ", ".join(sorted(set(found) - set(proofs))[:3])
    return Validation(read.alike, {}, _differing(table, form, by, cap_s), f"not proved: {failing}")


def recheck(told: Validation, table: Table, form: Form) -> bool:
    """Whether the proofs hold, by the small checker and without a solver."""
    try:
        made = _ReadBack(table, form, by_claims=True).clauses()
    except MisreadError:
        return False
    return set(told.proofs) == set(made.picks) and all(
        checker.recheck([*made.clauses, (made.picks[name],)], proof) for name, proof in told.proofs.items()
    )


class MisreadError(ValueError):
    """A table that is none: a row reads or sets what is nowhere."""


class _ReadBack:
    """A table as conditions of (a copy of) the form, as the rows would be followed.

    `by_claims`: what an earlier row has set is taken for the condition that it claims to be, since that is
    proved of each; else for what it says.
    """

    def __init__(self, table: Table, form: Form, *, by_claims: bool) -> None:
        self.table, self.form, self.by_claims = table, deepcopy(form), by_claims
        self.size = len(form.nodes)
        self.is_ = {node: n for n, node in enumerate(form.nodes, start=1) if isinstance(node, Is)}
        self.meaning: dict[int, int] = {}
        self.values: dict[int, tuple[str, str, int]] = {}
        self.known: dict[Bank, set[int]] = {bank: set() for bank in Bank}
        self.pairs: dict[str, tuple[int, int]] = {}
        self.alike = 0
        self._read_places()
        self._read_rows()
        self.outputs = {out.name: self._output(out.name) for out in table.outputs}

    def clauses(self) -> Clauses:
        """A question for each row and output that is not the very condition: may the two differ?"""
        return clauses_of(self.form, self.differing)

    @property
    def differing(self) -> dict[str, tuple[int, ...]]:
        return {
            f"{name} {way}": (one, -other) if way == "only the table" else (other, -one)
            for name, (one, other) in self.pairs.items()
            for way in ("only the table", "only the form")
        }

    def _read_places(self) -> None:
        for place in self.table.places:
            bank = _OF.get(place.scope)
            variable = next((v for v in self.form.variables if v.name == place.name), None)
            if (
                bank is None
                or variable is None
                or (variable.scope, variable.values) != (place.scope, place.values)
            ):
                raise MisreadError(f"`{place.name}` is no variable of the form")
            for number in range(len(place.values)):
                bit = place.first + number
                if bit in self.values:
                    raise MisreadError(f"bit {bit} is two values")
                self.values[bit] = (place.name, place.values[number], number)
                self.known[bank].add(bit)

    def _read_rows(self) -> None:
        """Follow the rows in their stages: what one bank has learnt others know from the next stage on."""
        stage: tuple[int, Bank] | None = None
        for row in self.table.rows:
            if (row.level, row.bank) != stage:
                stage = (row.level, row.bank)
                self._join()
            if row.sets in self.values or row.sets in self.meaning:
                raise MisreadError(f"bit {row.sets} is set twice")
            bank = row.bank if row.over is None else _AMONG[row.over]
            said = self._condition(row.mask, bank)
            if row.over is not None:
                if (row.over in (Over.ITS_SUBJECTS, Over.SAME_PERSON)) != (row.bank is Bank.ITEM):
                    raise MisreadError(f"row {row.sets} gathers for whom it cannot")
                of, said = said, self.form.some(row.over, said)
            named = self.form.nodes[row.condition - 1] if 0 < row.condition <= self.size else None
            if row.over is not None and isinstance(named, Some) and named.over is row.over:
                # What is gathered over the same is the same where those who meet it are.
                self._claim(f"row {row.sets}", of, named.of)
            else:
                self._claim(f"row {row.sets}", said, row.condition)
            self.meaning[row.sets] = row.condition if self.by_claims else said
            self.known[row.bank].add(row.sets)

    def _join(self) -> None:
        known = self.known
        known[Bank.SUBJECT] |= known[Bank.REQUEST]
        known[Bank.ITEM] |= known[Bank.REQUEST]
        known[Bank.PAIR] |= known[Bank.ITEM] | known[Bank.SUBJECT]

    def _claim(self, name: str, said: int, claimed: int) -> None:
        if not 0 < abs(claimed) <= self.size:
            raise MisreadError(f"{name} claims a condition that is not there")
        if said == claimed:
            self.alike += 1
        else:
            self.pairs[name] = (said, claimed)

    def _output(self, name: str) -> int:
        out = next(one for one in self.table.outputs if one.name == name)
        if out.bank is Bank.ITEM:
            self.known[Bank.ITEM] |= self.known[Bank.REQUEST]
        said = self._condition(out.mask, out.bank)
        if name not in self.form.outputs:
            raise MisreadError(f"`{name}` is no output of the form")
        self._claim(f"output {name}", said, self.form.outputs[name])
        return said

    def _condition(self, mask: Mask, bank: Bank) -> int:
        """`state & care == want`, bit by bit; a bit that nobody has set is not set."""
        if mask.want & ~mask.care or mask.care < 0:
            return NO
        barred: dict[str, int] = {}
        parts: list[int] = []
        for bit in _bits(mask.care):
            wanted = bool(mask.want >> bit & 1)
            if bit not in self.known[bank]:
                parts.append(NO if wanted else YES)
            elif bit in self.values:
                name, value, number = self.values[bit]
                if wanted:
                    parts.append(self.form.one_of(name, [value]))
                else:
                    barred[name] = barred.get(name, 0) | 1 << number
            else:
                parts.append(self.meaning[bit] if wanted else -self.meaning[bit])
        return self.form.all_of(*parts, *(self._none_of(name, out) for name, out in barred.items()))

    def _none_of(self, name: str, barred: int) -> int:
        """The variable has none of these values; said as the form says it, where the form does."""
        place = self.form.place(name)
        full = (1 << len(self.form.variables[place].values)) - 1
        said = {Is(place, full & ~barred): 1, Is(place, barred): -1}
        for node, sign in said.items():
            number = self.is_.get(node)
            if number is not None:
                return sign * number
        return self.form.masked(name, full & ~barred)


def _bits(mask: int) -> Iterator[int]:
    bit = 0
    while mask:
        if mask & 1:
            yield bit
        mask >>= 1
        bit += 1


# ---------------------------------------------------------------------- where they differ


def _differing(table: Table, form: Form, by: Asks, cap_s: float) -> Difference | None:
    """A word of which they say different things, if there is one with one item and one person at most."""
    try:
        read = _ReadBack(table, form, by_claims=False)
    except MisreadError:
        return None
    outputs = {
        f"{name} {way}": (said, -form.outputs[name]) if way else (-said, form.outputs[name])
        for name, said in read.outputs.items()
        for way in (True, False)
    }
    made = clauses_of(read.form, outputs, alone=True)
    for one in solve_all(made.clauses, made.picks, cap_s, by=by).values():
        if isinstance(one, Satisfiable):
            word = _word(form, made, frozenset(one.model))
            if (shown := _shown(table, form, word)) is not None:
                return shown
    return None


def _word(form: Form, made: Clauses, model: frozenset[int]) -> Word:
    """The word of a model: one item and one person, where the model has them."""
    told = made.values(model)

    def values(scope: Scope) -> Values:
        return {v.name: told.get(v.name, v.values[0]) for v in form.variables if v.scope is scope}

    there = made.present
    subjects = (values(Scope.SUBJECT),) if there.subject in model else ()
    about = (0,) if subjects else ()
    items = (ItemWord("i1", values(Scope.ITEM), about),) if there.item in model else ()
    return Word(values(Scope.HEAD), subjects, items, int(bool(subjects) and there.stated in model))


def _shown(table: Table, form: Form, word: Word) -> Difference | None:
    """The first output in which the two really differ when both are asked."""
    reading = Interpreter(form, word)
    for name, told in table.decide(word).items():
        plain: Answer = (
            tuple(reading.holds(form.outputs[name], item=n) for n in range(len(word.items)))
            if isinstance(told, tuple)
            else reading.holds(form.outputs[name])
        )
        if plain != told:
            return Difference(name, word, told, plain)
    return None
