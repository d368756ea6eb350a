"""Small forms and words drawn by a seed, for the tests of this room."""

from __future__ import annotations

from random import Random

from cordiale.agreements.proofs.form import YES, Form, ItemWord, Over, Scope, Word

SUBJECTS_MAX = 3
ITEMS_MAX = 3


def drawn(seed: int, steps: int = 14) -> tuple[Form, dict[Scope, list[int]]]:
    """A form, and its conditions by what they speak of: the head, a subject (and the head), an item."""
    chance, form = Random(seed), Form()
    for scope in Scope:
        for n in range(2):
            form.variable(f"{scope}{n}", scope, [f"v{k}" for k in range(chance.choice((2, 3, 3, 4)))])
    pools: dict[Scope, list[int]] = {scope: [] for scope in Scope}
    for scope in Scope:
        for variable in form.variables:
            if variable.scope is scope:
                for _ in range(2):
                    size = len(variable.values)
                    pools[scope].append(form.masked(variable.name, chance.randrange(1, (1 << size) - 1)))
    for _ in range(steps):
        kind = chance.choice(("all", "all", "all", *Over))
        if kind == "all":
            scope = chance.choice(tuple(Scope))
            pool = pools[scope] if scope is Scope.HEAD else pools[scope] + pools[Scope.HEAD]
            made = form.all_of(*(chance.choice((1, -1)) * chance.choice(pool) for _ in range(3)))
        else:
            over = Over(kind)
            scope = Scope.ITEM if over in (Over.ITS_SUBJECTS, Over.SAME_PERSON) else Scope.HEAD
            asked = pools[Scope.ITEM if over is Over.ITEMS else Scope.SUBJECT]
            made = form.some(over, chance.choice((1, -1)) * chance.choice(asked))
        if abs(made) != YES:
            pools[scope].append(made)
    return form, pools


def worded(form: Form, seed: int) -> Word:
    """A word of a form: up to three subjects and items, some items about nobody."""
    chance = Random(seed)

    def values(scope: Scope) -> dict[str, str]:
        return {v.name: chance.choice(v.values) for v in form.variables if v.scope is scope}

    count = chance.randrange(SUBJECTS_MAX + 1)
    items = tuple(
        ItemWord(f"i{n}", values(Scope.ITEM), tuple(k for k in range(count) if chance.random() < 0.5))
        for n in range(chance.randrange(ITEMS_MAX + 1))
    )
    subjects = tuple(values(Scope.SUBJECT) for _ in range(count))
    return Word(values(Scope.HEAD), subjects, items, chance.randrange(count + 1))


def holes(pigeons: int) -> list[list[int]]:
    """Pigeons and one hole fewer: no assignment meets these clauses, and short proofs are hard to find."""
    count = pigeons - 1
    own = [[p * count + h + 1 for h in range(count)] for p in range(pigeons)]
    apart = [
        [-own[p][h], -own[q][h]] for h in range(count) for p in range(pigeons) for q in range(p + 1, pigeons)
    ]
    return own + apart


def threes(seed: int, variables: int = 14, clauses: int = 64) -> list[list[int]]:
    """Random clauses of three literals, about as often contradictory as not."""
    chance = Random(seed)
    return [
        [chance.choice((1, -1)) * one for one in chance.sample(range(1, variables + 1), 3)]
        for _ in range(clauses)
    ]
