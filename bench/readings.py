"""One source, read several ways: how fast each says whether a request is refused, and how long it takes to
prove the table equal to its form: `rows()`.

    python -m bench readings

The same words of shipped agreements, in the same run: the plain interpreter (the reference), the decision
table, and Cedar (cedarpy) asked in stages. Validation: forms of 33 and 300 invented lines (bench/proving.py),
each table read back, proved and re-checked. Processor time, the best of three rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby

import cedarpy

from bench.proving import invented
from bench.questions import Questions
from bench.row import Row
from cordiale.agreements import Register, gate, parse_question
from cordiale.agreements.proofs.cedar import Context, Policy, Staged, staged
from cordiale.agreements.proofs.drawing import draw
from cordiale.agreements.proofs.form import Form, Interpreter, Word
from cordiale.agreements.proofs.solving import Solver
from cordiale.agreements.proofs.table import Table, compiled
from cordiale.agreements.proofs.validation import recheck, validate
from cordiale.agreements.proofs.words import word_of
from cordiale.agreements.spelling import misspelt

SEED = 20261123
WORDS = 400
ROUNDS = 3
AGREEMENT = "uk-frontex-wa-2024"
AIM_MS = {33: None, 300: 1_000.0}
ENDS = ("refused", "stays", "lesser")
DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Cedar:
    """Cedar, with each stage's policies read once."""

    def __init__(self, text: Staged) -> None:
        self.entities = cedarpy.Entities.from_json_str("[]")
        self.stages: dict[str, list[Policy]] = {}
        for one in text.policies:
            self.stages.setdefault(one.action, []).append(one)
        self.read = {
            action: cedarpy.PolicySet.from_str("\n".join(one.text() for one in some))
            for action, some in self.stages.items()
        }

    def __call__(self, requests: Sequence[tuple[str, Context]]) -> list[frozenset[str]]:
        """The ids of the policies that hold, of each request."""
        found: list[frozenset[str]] = []
        for action, some in groupby(requests, key=lambda one: one[0]):
            asked = [
                {"principal": 'N::"a"', "action": f'Action::"{action}"', "resource": 'N::"b"', "context": c}
                for _, c in some
            ]
            names = {f"policy{n}": one.id for n, one in enumerate(self.stages[action])}
            told = cedarpy.is_authorized_batch(asked, self.read[action], self.entities)
            found += [frozenset(names[id] for id in one.diagnostics.reasons) for one in told]
        return found


def words() -> tuple[Form, str, list[Word]]:
    """A form, one of its lines, and words of requests under it."""
    register = Register.load()
    day = register.on(DAY)
    agreement = register.agreement(AGREEMENT)
    assert agreement is not None
    form, found, line_id = draw(agreement, day), list[Word](), ""
    for raw, _ in Questions(register, SEED):
        question = parse_question(raw)
        if misspelt(question, day):
            continue
        for text, line in gate.candidates(question, day):
            if text is agreement and line is not None and line_id in ("", line.id):
                line_id = line.id
                found.append(word_of(question, day, form, agreement))
        if len(found) >= WORDS:
            return form, line_id, found[:WORDS]
    raise RuntimeError("the questions ended")


def plain(form: Form, outputs: Sequence[str], word: Word) -> dict[str, object]:
    """Every output by the interpreter."""
    reading = Interpreter(form, word)
    return {
        name: reading.holds(form.outputs[name])
        if name.endswith("refused")
        else tuple(reading.holds(form.outputs[name], item=n) for n in range(len(word.items)))
        for name in outputs
    }


def rows() -> list[Row]:
    """Rates of three readings of the same words, and validation by size. About a minute."""
    form, line, asked = words()
    outputs = [f"{line}.{end}" for end in ENDS]
    table, text = compiled(form, outputs), staged(form, outputs)
    engine = Cedar(text)
    for word in asked[:50]:
        if not plain(form, outputs, word) == table.decide(word) == text.read(word, engine):
            raise RuntimeError("the readings do not agree")
    cedar = _rate(lambda word: text.read(word, engine), asked[:50])
    slow = _rate(lambda word: plain(form, outputs, word), asked)
    fast = _rate(table.decide, asked)
    size = f"`{AGREEMENT}/{line}`, {len(table.rows)} rows"
    told = [
        Row(f"requests decided by the table of {size}", fast, "/s", peer="interpreter", peer_value=slow),
        Row(f"requests decided by the interpreter, {size}", slow, "/s", peer="cedarpy", peer_value=cedar),
    ]
    with Solver() as solver:
        for lines, aim_ms in AIM_MS.items():
            told.append(_validated(lines, aim_ms, solver))
    return told


def _validated(lines: int, aim_ms: float | None, solver: Solver) -> Row:
    form, questions = invented(lines)
    form.output("leaves", questions["claim 1"][0])
    table: Table = compiled(form)

    def act() -> None:
        told = validate(table, form, by=solver)
        if not told.equal or not recheck(told, table, form):
            raise RuntimeError("the table was not proved equal")

    spent = min(_spent(act, solver) for _ in range(ROUNDS))
    return Row(
        f"a table of {lines} invented lines ({len(table.rows):,} rows): proved equal and re-checked",
        spent,
        "ms",
        f"< {aim_ms:,.0f}" if aim_ms else "",
        spent < aim_ms if aim_ms else None,
    )


def _spent(act: Callable[[], None], solver: Solver) -> float:
    """Milliseconds of processor time here and in the solver's process."""

    def there() -> float:
        return time.clock_gettime(~solver.id << 3 | 2)

    here, other = time.process_time(), there()
    act()
    return 1000 * (time.process_time() - here + there() - other)


def _rate(act: Callable[[Word], object], asked: Sequence[Word]) -> float:
    """Words a second of processor time, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for word in asked:
            act(word)
        best = min(best, time.process_time() - begun)
    return len(asked) / best


if __name__ == "__main__":
    for row in rows():
        print(f"{row.value:>12,.1f} {row.unit:<3} {row.aim:<12} {row.name}")
