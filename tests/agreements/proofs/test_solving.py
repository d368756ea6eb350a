"""A solver that crashes, hangs or lies: whatever it does, nothing false is believed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import pytest

from cordiale.agreements.proofs.checker import recheck
from cordiale.agreements.proofs.solving import (
    FAILURES_MAX,
    Found,
    Met,
    Satisfiable,
    Solver,
    Unknown,
    Unsatisfiable,
    models,
    solve,
    solve_all,
)
from tests.agreements.proofs.forms import holes, threes

EITHER = [[1, 2], [-1, 2], [1, -2]]
"""Met by 1 and 2 both, and by nothing else."""
CONTRADICTION = [*EITHER, [-1, -2]]
SHORT_S = 0.3
LONG_S = 20.0


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


class Says:
    """Answers as it was told to, whatever is asked."""

    def __init__(self, *answers: Mapping[str, object]) -> None:
        self.answers = answers

    def ask(
        self, clauses: Sequence[Sequence[int]], asked: Sequence[int], cap_s: float
    ) -> Iterator[Mapping[str, object]]:
        yield from self.answers


def program(text: str) -> Solver:
    """A process of another program in the solver's place."""
    return Solver((sys.executable, "-I", "-c", text))


def reason(found: Found) -> str:
    assert isinstance(found, Unknown), found
    return found.reason


# ---------------------------------------------------------------------- what is true is found


def test_a_contradiction_comes_with_a_proof_that_the_checker_follows(solver: Solver) -> None:
    found = solve(CONTRADICTION, by=solver)
    assert isinstance(found, Unsatisfiable)
    assert recheck(CONTRADICTION, found.proof)
    assert not recheck(EITHER, found.proof)


def test_a_word_that_meets_the_clauses_comes_as_its_literals(solver: Solver) -> None:
    assert solve(EITHER, by=solver) == Satisfiable((1, 2))


def test_without_a_solver_of_the_callers_one_is_started_and_ended() -> None:
    assert isinstance(solve(CONTRADICTION), Unsatisfiable)


def test_each_question_has_its_own_answer_and_its_own_proof(solver: Solver) -> None:
    clauses = [[-3, 1], [-3, -1], [-4, 1], [-5, 2], [-5, -2]]
    found = solve_all(clauses, {"three": 3, "four": 4, "five": 5, "none": 0}, by=solver)
    assert [type(one) for one in found.values()] == [Unsatisfiable, Satisfiable, Unsatisfiable, Satisfiable]
    for name, literal in (("three", 3), ("five", 5)):
        one = found[name]
        assert isinstance(one, Unsatisfiable) and recheck([*clauses, [literal]], one.proof)
        assert not recheck(clauses, one.proof)


def test_hard_clauses_are_proved_and_the_short_proof_holds(solver: Solver) -> None:
    for pigeons in (5, 6):
        found = solve(holes(pigeons), LONG_S, by=solver)
        assert isinstance(found, Unsatisfiable) and recheck(holes(pigeons), found.proof)


def test_of_three_hundred_random_questions_none_is_left_open(solver: Solver) -> None:
    kinds = {Satisfiable: 0, Unsatisfiable: 0}
    for seed in range(300):
        clauses = threes(seed)
        found = solve(clauses, LONG_S, by=solver)
        assert not isinstance(found, Unknown), (seed, found)
        kinds[type(found)] += 1
        if isinstance(found, Unsatisfiable):
            assert recheck(clauses, found.proof), seed
    assert min(kinds.values()) > 60, kinds


def test_one_process_answers_a_whole_batch(solver: Solver) -> None:
    assert isinstance(solve(CONTRADICTION, by=solver), Unsatisfiable)
    process = solver.id
    assert isinstance(solve(EITHER, by=solver), Satisfiable)
    assert solver.id == process != 0


# ---------------------------------------------------------------------- a solver that lies


@pytest.mark.parametrize(
    "model", [[1, -2], [1], [1, 2, -2], [], [0, 1, 2], [True, 2], [1.0, 2], "12", None, {"1": 2}, [[1], [2]]]
)
def test_a_model_that_does_not_meet_the_clauses_is_not_believed(model: object) -> None:
    assert "model" in reason(solve(EITHER, by=Says({"holds": True, "model": model})))


def test_a_model_that_leaves_out_what_was_asked_is_not_believed() -> None:
    liar = Says({"holds": True, "model": [1, 2]})
    assert "model" in reason(solve_all(EITHER, {"q": 3}, by=liar)["q"])


@pytest.mark.parametrize(
    "steps", [[], [[1]], [[]], [[-1], []], [[0]], [["1"]], [1], "d", None, {"1": 2}, [[True]], [[3], [-3]]]
)
def test_a_proof_of_what_is_not_so_is_not_believed(steps: object) -> None:
    assert "proof" in reason(solve(EITHER, by=Says({"holds": False, "steps": steps})))


def test_a_solver_that_says_no_to_everything_proves_nothing() -> None:
    for seed in range(100):
        clauses = threes(seed, clauses=40)
        found = solve(clauses, by=Says({"holds": False, "steps": [[1], [-1]]}))
        assert not isinstance(found, Satisfiable)
        if isinstance(found, Unsatisfiable):
            assert recheck(clauses, found.proof), seed


def test_steps_that_do_not_follow_do_no_harm_where_they_are_not_needed() -> None:
    found = solve(CONTRADICTION, by=Says({"holds": False, "steps": [[7], [2]]}))
    assert isinstance(found, Unsatisfiable) and recheck(CONTRADICTION, found.proof)


def test_what_a_liar_told_before_spoils_no_later_proof() -> None:
    # `-1` follows from nothing; with it the second question would seem to contradict the clauses.
    liar = Says({"holds": False, "steps": [[-1]]}, {"holds": False, "steps": []})
    found = solve_all([*EITHER, [-3, 1], [-4, 2]], {"three": 3, "four": 4}, by=liar)
    assert {type(one) for one in found.values()} == {Unknown}


# ---------------------------------------------------------------------- a solver that crashes or hangs


def test_a_solver_that_crashes_leaves_the_answer_unknown() -> None:
    with program("import os; os.abort()") as crashing:
        assert reason(solve(CONTRADICTION, LONG_S, by=crashing)) == "the solver died"


def test_a_solver_that_hangs_is_stopped_at_the_cap() -> None:
    with program("import time; time.sleep(600)") as hanging:
        found = solve(CONTRADICTION, SHORT_S, by=hanging)
        assert reason(found) == "the solver found nothing within 0.3 seconds"
        assert hanging.id == 0


@pytest.mark.parametrize("text", ["print('no')", "print('[1, 2]')", "print(7)", "print('{')"])
def test_a_solver_that_tells_no_answer_is_not_believed(text: str) -> None:
    with program(f"import sys; sys.stdin.buffer.readline(); {text}") as odd:
        assert "no answer" in reason(solve(CONTRADICTION, LONG_S, by=odd))


def test_a_solver_that_reads_nothing_and_writes_without_end_is_stopped() -> None:
    with program("import os\nwhile True: os.write(1, b'1' * 65536)") as flooding:
        many = [[n, n + 1] for n in range(1, 60_000)]
        assert isinstance(solve(many, 1.0, by=flooding), Unknown)


def test_a_solver_that_cannot_be_started_leaves_the_answer_unknown() -> None:
    with Solver(("no-such-program-here",)) as absent:
        assert reason(solve(CONTRADICTION, by=absent)) == "the solver could not be started"


def test_after_a_crash_the_next_question_is_asked_of_a_new_process() -> None:
    once = (
        "import json, sys\n"
        "order = json.loads(sys.stdin.buffer.readline())\n"
        "sys.stdin.buffer.read(order['bytes'])\n"
        "if order['asked'][0] == 3: sys.exit(1)\n"
        "print(json.dumps({'holds': True, 'model': [1, 2, order['asked'][0]]}), flush=True)\n"
        "sys.stdin.buffer.readline()\n"
    )
    with program(once) as weak:
        found = solve_all(EITHER, {"three": 3, "four": 4}, LONG_S, by=weak)
    assert reason(found["three"]) == "the solver died"
    assert found["four"] == Satisfiable((1, 2, 4))


def test_a_solver_that_fails_again_and_again_is_asked_no_more() -> None:
    with program("raise SystemExit(1)") as dead:
        found = solve_all(EITHER, {str(n): n for n in range(3, 30)}, LONG_S, by=dead)
    told = [reason(one) for one in found.values()]
    assert len(told) == 27
    assert told[:FAILURES_MAX] == ["the solver died"] * FAILURES_MAX
    assert set(told[FAILURES_MAX:]) == {f"the solver failed {FAILURES_MAX} times in a row"}


def test_answers_that_nobody_took_are_no_answers_to_the_next_question(solver: Solver) -> None:
    asking = solver.ask([*EITHER, [-3, 1], [-4, -1]], [3, 4, 3], LONG_S)
    assert next(asking) != {}
    asking.close()
    assert isinstance(solve(CONTRADICTION, by=solver), Unsatisfiable)
    assert isinstance(solve(EITHER, by=solver), Satisfiable)


def test_a_question_too_hard_for_the_cap_is_unknown_and_not_proved() -> None:
    with Solver() as solver:
        assert "within 0.3 seconds" in reason(solve(holes(13), SHORT_S, by=solver))
        assert isinstance(solve(CONTRADICTION, LONG_S, by=solver), Unsatisfiable)


def test_the_seconds_are_counted_for_a_solver_that_talks_without_an_end() -> None:
    dribbling = "import os, time\nos.read(0, 1 << 20)\nwhile True: os.write(1, b'['); time.sleep(0.001)"
    with program(dribbling) as slow:
        assert "within 0.3 seconds" in reason(solve(CONTRADICTION, SHORT_S, by=slow))
        assert slow.id == 0


def test_no_thread_is_started_for_an_answer_that_comes_at_once(
    solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(self: object) -> None:
        raise AssertionError("a thread for nothing")

    solve(EITHER, by=solver)
    monkeypatch.setattr("cordiale.agreements.proofs.solving.TICK_S", LONG_S / 2)
    monkeypatch.setattr("cordiale.agreements.proofs.solving.Timer.start", started)
    assert isinstance(solve(CONTRADICTION, LONG_S, by=solver), Unsatisfiable)


# ---------------------------------------------------------------------- models without proofs


def test_models_are_those_of_the_questions_that_have_one(solver: Solver) -> None:
    clauses = [[-3, 1], [-3, -1], [-4, 1], [-5, 2]]
    found = models(clauses, {"three": 3, "four": 4, "five": 5}, by=solver)
    assert found.keys() == {"four", "five"}
    assert {4, 1} <= found["four"] and {5, 2} <= found["five"]


@pytest.mark.parametrize("told", [[1, -2], [1], [1, -1, 2], [2, 1, 0], "[1, 2]", [True, 2], None, []])
def test_a_model_that_meets_not_every_clause_is_none(told: object) -> None:
    assert models(EITHER, {"": 0}, by=Says({"holds": True, "model": told})) == {}
    assert isinstance(solve(EITHER, by=Says({"holds": True, "model": told})), Unknown)


def test_nobody_is_believed_who_meets_the_clause_that_says_nothing() -> None:
    assert models([[1], []], {"": 0}, by=Says({"holds": True, "model": [1]})) == {}


@pytest.mark.parametrize("seed", range(20))
def test_a_set_of_literals_meets_the_clauses_when_it_meets_each(seed: int) -> None:
    chance = Random(seed)
    for _ in range(50):
        clauses = threes(chance.randrange(10_000), 5, 8)
        held = {n * chance.choice((1, -1)) for n in range(1, 6) if chance.random() < 0.9}
        plainly = all(any(one in held for one in clause) for clause in clauses)
        assert Met(clauses).by(held) == plainly


# ---------------------------------------------------------------------- a solver that means harm

FORKS = "import os, sys, time\nif os.fork() == 0:\n    {leave}\n    time.sleep(20)\n    os._exit(0)\n{own}\n"
"""What it forked keeps its pipes open; it ends by itself after twenty seconds."""
GROWN = "forked = open(sys.argv[1], 'w'); forked.write(str(os.getpid())); forked.close()"


@pytest.mark.parametrize("leave", ["pass", "os.setsid()"])
@pytest.mark.parametrize("own", ["time.sleep(20)", "os._exit(0)", "os.read(0, 1 << 20); os._exit(0)"])
def test_a_solver_that_forks_keeps_nobody_waiting(leave: str, own: str) -> None:
    many = [[n, n + 1] for n in range(1, 60_000)]  # more than a pipe holds while nobody reads it
    began = time.monotonic()
    with program(FORKS.format(leave=leave, own=own)) as forking:
        assert isinstance(solve(many, SHORT_S, by=forking), Unknown)
        assert forking.id == 0
    assert time.monotonic() - began < 10


def test_what_a_solver_forked_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "process"
    text = FORKS.format(leave=GROWN, own="time.sleep(20)")
    with Solver((sys.executable, "-I", "-c", text, str(path))) as forking:
        assert isinstance(solve(CONTRADICTION, 1.0, by=forking), Unknown)
    for _ in range(100):
        if not alive(int(path.read_text("utf-8"))):
            return
        time.sleep(0.05)
    pytest.fail("it lives on")


def alive(process: int) -> bool:
    """Whether a process still does anything; an ended one that nobody has fetched does not."""
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text("utf-8").rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def test_a_line_longer_than_any_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordiale.agreements.proofs.solving.LINE_MAX", 1 << 20)
    endless = "import os\nos.read(0, 1 << 20)\nwhile True: os.write(1, b'[' * 65536)"
    with program(endless) as flooding:
        assert reason(solve(CONTRADICTION, LONG_S, by=flooding)) == "the solver died"
        assert flooding.id == 0


@pytest.mark.parametrize(
    "line", ["'[' * 100_000", "'{\"a\":' * 100_000", "'9' * 5_000", "'[' * 64 + '9' * 5_000"]
)
def test_an_answer_too_deep_or_too_large_to_read_is_none(line: str) -> None:
    text = f"import sys; sys.stdin.buffer.readline(); print({line})"
    with program(text) as odd:
        assert "no answer" in reason(solve(CONTRADICTION, LONG_S, by=odd))


def test_literals_of_any_size_do_no_harm() -> None:
    for number in (2**31, 2**53, 10**40, -(10**40)):
        assert "proof" in reason(solve(EITHER, by=Says({"holds": False, "steps": [[number], [-number], []]})))
        assert "model" in reason(solve(EITHER, by=Says({"holds": True, "model": [number]})))
        assert isinstance(solve(EITHER, by=Says({"holds": True, "model": [1, 2, number]})), Satisfiable)


@pytest.mark.parametrize("holds", [None, 1, "true", "false", [], {}, False])
def test_what_is_neither_yes_nor_no_is_a_no_that_needs_its_proof(holds: object) -> None:
    assert isinstance(solve(EITHER, by=Says({"holds": holds, "model": [1, 2]})), Unknown)
    assert isinstance(solve(EITHER, by=Says({})), Unknown)


def test_answers_told_before_they_are_asked_for_prove_nothing_of_what_is_not_so() -> None:
    # All at once, in one write, and one more than was asked.
    early = (
        "import sys\n"
        "sys.stdin.buffer.readline()\n"
        'sys.stdout.write(\'{"holds": false, "steps": [[]]}\\n\' * 3)\n'
        "sys.stdout.flush()\n"
        "sys.stdin.buffer.read()\n"
    )
    with program(early) as hasty:
        found = solve_all([*EITHER, [-3, 1], [-4, 2]], {"three": 3, "four": 4}, LONG_S, by=hasty)
        assert {reason(one) for one in found.values()} == {"the solver told a proof that does not hold"}


def test_a_solver_that_answers_two_at_once_is_heard_twice() -> None:
    both = (
        "import json, sys\n"
        "order = json.loads(sys.stdin.buffer.readline())\n"
        "sys.stdin.buffer.read(order['bytes'])\n"
        "told = [json.dumps({'holds': True, 'model': [1, 2, one]}) for one in order['asked']]\n"
        "print(*told, sep='\\n', flush=True)\n"
        "sys.stdin.buffer.read()\n"
    )
    with program(both) as quick:
        found = solve_all(EITHER, {"three": 3, "four": 4}, LONG_S, by=quick)
    assert found == {"three": Satisfiable((1, 2, 3)), "four": Satisfiable((1, 2, 4))}
