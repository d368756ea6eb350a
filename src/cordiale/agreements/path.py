"""The way of an answer through the twelve steps: what each said, also those that had nothing against it.

Read from the answer alone. It decides nothing and adds no reason of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cordiale.agreements.answer import Answer, Failure
from cordiale.agreements.vocabulary import STEPS

NOT_A_QUESTION: Final = 0
LANES: Final = 1
WHO: Final = 4
MINIMISE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step. `state`: `passed`, `withheld` (items stay or leave in a lesser form), `refused`, `decided`
    (step 1 took it), or `not_asked` (no line to judge by, or an earlier step had the last word).
    """

    step: int
    state: str
    failures: tuple[Failure, ...] = ()
    follows: tuple[Failure, ...] = ()
    """Refusals that only follow from what another step took."""
    items: tuple[str, ...] = ()
    lesser: tuple[tuple[str, str], ...] = ()
    """Items that leave in a lesser form, and which."""

    def as_json(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "name": STEPS[self.step],
            "state": self.state,
            "failures": [f.as_json() for f in self.failures],
            "follows": [f.as_json() for f in self.follows],
            "items": list(self.items),
            "lesser": [list(one) for one in self.lesser],
        }


def path_of(answer: Answer) -> tuple[Stage, ...]:
    """The steps of an answer, 1 to 12; none for what was no question."""
    if answer.step == NOT_A_QUESTION:
        return ()
    if answer.step == LANES:
        return _lane(answer)
    return tuple(_stage(answer, step) for step in STEPS if step != NOT_A_QUESTION)


def _lane(answer: Answer) -> tuple[Stage, ...]:
    """Rescue, rights and quality: step 1 has the last word, whatever the others would say."""
    taken = tuple(dict.fromkeys(item for f in answer.withheld for item in f.items))
    first = Stage(step=LANES, state="decided", failures=answer.withheld, items=taken)
    rest = (Stage(step=n, state="not_asked") for n in STEPS if n > LANES)
    return first, *rest


def _stage(answer: Answer, step: int) -> Stage:
    here = [f for f in answer.failures if f.step == step]
    said = tuple(f for f in here if not f.because)
    lesser = tuple((c.item, c.how) for c in answer.transform) if step == MINIMISE else ()
    return Stage(
        step=step,
        state=_state(answer, step, said, lessened=bool(lesser)),
        failures=said,
        follows=tuple(f for f in here if f.because),
        items=tuple(dict.fromkeys(item for f in said for item in f.items)),
        lesser=lesser,
    )


def _state(answer: Answer, step: int, said: tuple[Failure, ...], *, lessened: bool) -> str:
    if any(not f.items for f in said):
        return "refused"
    if said or lessened:
        return "withheld"
    # Without an agreement only laws speak after step 4; without a line nothing says what is granted.
    unjudged = step > WHO and not (answer.agreement and answer.provision)
    return "not_asked" if unjudged else "passed"
