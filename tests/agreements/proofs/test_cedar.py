"""Does Cedar say of every word what the plain reading of the form says? Another engine's second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import cedarpy
import pytest

from cordiale.agreements.proofs.cedar import Context, Policy, Staged, staged
from cordiale.agreements.proofs.form import Over
from cordiale.agreements.proofs.table import compiled
from cordiale.agreements.proofs.words import word_of
from tests.agreements.proofs.forms import worded
from tests.agreements.proofs.test_readings import ENDS, asked, by_form
from tests.agreements.proofs.test_table import named, plain

BLOCK, BLOCKS = 1_000, 2
FIRST_SEED = 20261223


class Cedar:
    """The engine: what it was given, and which policies it says hold. The whole text is read once, so that it
    is known to be Cedar; each stage is asked with its own policies, for the sake of time.
    """

    def __init__(self, text: Staged) -> None:
        cedarpy.PolicySet.from_str(text.text())
        self.entities = cedarpy.Entities.from_json_str("[]")
        self.stages: dict[str, list[Policy]] = {}
        for one in text.policies:
            self.stages.setdefault(one.action, []).append(one)
        self.read = {
            action: cedarpy.PolicySet.from_str("\n".join(one.text() for one in some))
            for action, some in self.stages.items()
        }

    def __call__(self, requests: Sequence[tuple[str, Context]]) -> list[frozenset[str]]:
        found: list[frozenset[str]] = []
        for action, some in groupby(requests, key=lambda one: one[0]):
            asked = [
                {
                    "principal": 'Node::"asks"',
                    "action": f'Action::"{action}"',
                    "resource": 'Node::"answers"',
                    "context": context,
                }
                for _, context in some
            ]
            told = cedarpy.is_authorized_batch(asked, self.read[action], self.entities)
            assert not any(one.diagnostics.errors for one in told), told[0].diagnostics.errors
            names = {f"policy{n}": one.id for n, one in enumerate(self.stages[action])}
            found += [frozenset(names[id] for id in one.diagnostics.reasons) for one in told]
        return found


@pytest.mark.parametrize("seed", range(12))
def test_cedar_says_the_same_of_random_forms(seed: int) -> None:
    form = named(seed)
    text = staged(form, form.outputs)
    engine, table = Cedar(text), compiled(form)
    for number in range(12):
        word = worded(form, 1_000 * seed + number)
        assert text.read(word, engine) == plain(form, word, table), f"form {seed}, word {number}"


def test_every_way_of_gathering_is_among_them() -> None:
    forms = [named(seed) for seed in range(12)]
    found = {one.over for form in forms for one in staged(form, form.outputs).gathered}
    assert found == set(Over)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BLOCKS))
def test_cedar_says_the_same_of_two_thousand_requests(seed: int) -> None:
    number = open_ = 0
    for form, line, some in by_form(asked(seed, BLOCK)):
        text = staged(form, [f"{line}.{end}" for end in ENDS])
        engine, table = Cedar(text), compiled(form, text.outputs)
        for agreement, _, question, day, where in some:
            word = word_of(question, day, form, agreement)
            told = text.read(word, engine)
            assert told == plain(form, word, table), f"{agreement.id}/{line}: {where}"
            number, open_ = number + 1, open_ + (told[f"{line}.refused"] is False)
    assert number >= BLOCK and open_ > number // 5
