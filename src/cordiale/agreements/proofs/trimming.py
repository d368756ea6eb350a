"""A found proof made short: only the steps that are used, each with the clauses that it follows from.

Nothing here is trusted: what comes out is for the checker, which needs no search to follow it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

Clause = Sequence[int]
Proof = list[list[int]]
"""Steps as the checker takes them: literals, 0, and the numbers of the clauses used, in their order."""


class Deduction:
    """Clauses in order, numbered from 1, and what follows from the first of them by unit propagation.

    Those given at the start may be used by every step; one that is added, by the steps after it.
    """

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self.clauses: list[Sequence[int]] = []
        self._pairs: defaultdict[int, dict[int, int]] = defaultdict(dict)
        """Literal -> the other -> number, of the first clauses of two: nearly all clauses are such."""
        self._watched: defaultdict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        """Literal -> (number, a copy of the clause, in which the two that are watched stand first)."""
        self._units: list[int] = []
        pairs, kept = self._pairs, self.clauses
        for number, clause in enumerate(clauses, start=1):
            if len(clause) == 2 and clause[0] != clause[1]:
                one, other = clause
                pairs[one].setdefault(other, number)
                pairs[other].setdefault(one, number)
                kept.append(clause)
            else:
                self.add(clause)

    def add(self, clause: Clause) -> int:
        """Its number."""
        own = list(dict.fromkeys(clause))
        self.clauses.append(own)
        number = len(self.clauses)
        if len(own) < 2:
            self._units.append(number)
        else:
            watching = (number, own.copy())
            self._watched[own[0]].append(watching)
            self._watched[own[1]].append(watching)
        return number

    def told(self, number: int) -> list[int]:
        """The literals of a clause."""
        return [*self.clauses[number - 1]]

    def hints(self, literals: Clause, before: int) -> list[int] | None:
        """The clauses numbered below `before` that `literals` follow from, in order of use.

        The one that contradicts what is denied stands last. None where they do not follow.
        """
        why = dict.fromkeys((-literal for literal in literals), 0)
        if not why.keys().isdisjoint(literals):
            return None  # what is denied twice, both ways, needs no clause and has none
        for number in self._units:
            if number < before:
                own = self.clauses[number - 1]
                if not own:
                    return [number]
                if -own[0] in why:
                    return self._used(number, why)
                why.setdefault(own[0], number)
        conflict = self._propagate(why, before)
        return None if conflict is None else self._used(conflict, why)

    def _propagate(self, why: dict[int, int], before: int) -> int | None:
        """Follow what holds (literal -> the clause that makes it so, or 0). Returns a clause that fails."""
        watched, pairs = self._watched, self._pairs
        queue = [*why]
        for literal in queue:
            others = pairs.get(-literal, {})
            for other in others:
                if other not in why:
                    if -other in why:
                        return others[other]
                    why[other] = others[other]
                    queue.append(other)
            watching = watched.pop(-literal, None)
            if watching is None:
                continue
            watched[-literal] = staying = []
            for n, (number, own) in enumerate(watching):
                if own[0] == -literal:
                    own[0], own[1] = own[1], own[0]
                first = own[0]
                if number < before and first not in why:
                    for place in range(2, len(own)):
                        if -own[place] not in why:
                            own[1], own[place] = own[place], own[1]
                            watched[own[1]].append((number, own))
                            break
                    else:
                        if -first in why:
                            staying += watching[n:]
                            return number
                        staying.append((number, own))
                        why[first] = number
                        queue.append(first)
                else:
                    staying.append((number, own))
        return None

    def _used(self, conflict: int, why: dict[int, int]) -> list[int]:
        """The clauses on which a contradiction hangs, each after those that it needs."""
        needed = {-literal for literal in self.clauses[conflict - 1]}
        found = [conflict]
        for literal in reversed(why):
            if literal in needed and (number := why[literal]):
                found.append(number)
                needed.update(-other for other in self.clauses[number - 1] if other != literal)
        return found[::-1]


class Shortener:
    """The steps that a solver told over some clauses, and short proofs cut out of them."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.count = len(clauses)
        self._deduction = Deduction(clauses)
        self._hints: dict[int, list[int] | None] = {}

    def learn(self, steps: Iterable[Clause]) -> None:
        """Take in steps that follow, as somebody says, from what stands before each."""
        for step in steps:
            self._deduction.add(step)

    def proof(self, selector: int) -> Proof | None:
        """A proof that the clauses, and as the next one `[selector]` unless that is 0, contradict each other.

        None where some step that is needed does not follow.
        """
        deduction = self._deduction
        last = deduction.hints([-selector] if selector else [], len(deduction.clauses) + 1)
        if last is None:
            return None
        needed: dict[int, list[int]] = {}
        open_ = [number for number in last if number > self.count]
        while open_:
            number = open_.pop()
            if number not in needed:
                hints = self._hints_of(number)
                if hints is None:
                    return None
                needed[number] = hints
                open_.extend(used for used in hints if used > self.count)
        own = self.count + (1 if selector else 0)
        new = {number: own + n for n, number in enumerate(sorted(needed), 1)}
        steps = [
            [*deduction.told(number), 0, *(new.get(used, used) for used in needed[number])] for number in new
        ]
        first = [own] if selector else []
        return [*steps, [0, *first, *(new.get(used, used) for used in last)]]

    def _hints_of(self, number: int) -> list[int] | None:
        """Why a step follows, worked out once."""
        if number not in self._hints:
            self._hints[number] = self._deduction.hints(self._deduction.told(number), number)
        return self._hints[number]
