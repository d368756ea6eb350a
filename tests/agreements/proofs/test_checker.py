"""Does the small checker follow every true proof, and no false one?"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pysat.solvers import Glucose4

from cordiale.agreements.proofs import checker
from cordiale.agreements.proofs.checker import recheck
from cordiale.agreements.proofs.solving import Satisfiable, Solver, Unsatisfiable, solve
from tests.agreements.proofs.forms import holes, threes

FILE = Path(checker.__file__)
CONTRADICTION = [[1, 2], [-1, 2], [1, -2], [-1, -2]]
LINES_MAX = 145
Steps = list[list[int]]


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver() as kept:
        yield kept


def told(clauses: list[list[int]]) -> list[str]:
    """The proof that the solver itself writes, deletions included."""
    with Glucose4(bootstrap_with=clauses, with_proof=True) as glucose:
        assert glucose.solve() is False
        lines: list[str] = glucose.get_proof()
        return lines


def short(clauses: list[list[int]], by: Solver) -> Steps:
    found = solve(clauses, by=by)
    assert isinstance(found, Unsatisfiable)
    return found.proof


def contradictory(count: int, clauses: int = 64) -> Iterator[tuple[int, list[list[int]]]]:
    """So many sets of random clauses that nothing meets."""
    seed = 0
    while count:
        drawn = threes(seed, clauses=clauses)
        with Glucose4(bootstrap_with=drawn) as glucose:
            if not glucose.solve():
                count -= 1
                yield seed, drawn
        seed += 1


def met(clauses: list[list[int]], variables: int) -> bool:
    """Slow and plain: whether one of all assignments meets every clause."""
    for signs in product((1, -1), repeat=variables):
        if all(any(signs[abs(one) - 1] * one > 0 for one in clause) for clause in clauses):
            return True
    return False


# ---------------------------------------------------------------------- true proofs


def test_it_agrees_with_the_solver_on_three_hundred_random_questions(solver: Solver) -> None:
    proved = 0
    for seed in range(300):
        clauses = threes(seed)
        found = solve(clauses, by=solver)
        if isinstance(found, Unsatisfiable):
            assert recheck(clauses, found.proof), seed
            assert recheck(clauses, told(clauses)), seed
            proved += 1
        else:
            assert isinstance(found, Satisfiable)
            assert not recheck(clauses, ["0"]), seed
    assert proved > 60


@pytest.mark.parametrize("pigeons", [5, 6])
def test_it_follows_the_proof_that_pigeons_need_as_many_holes(pigeons: int, solver: Solver) -> None:
    clauses = holes(pigeons)
    lines = told(clauses)
    assert any(line.startswith("d ") for line in lines) or pigeons == 5
    assert recheck(clauses, lines)
    assert recheck(clauses, short(clauses, solver))


def test_a_contradiction_that_stands_in_the_clauses_needs_one_empty_step() -> None:
    assert recheck([[1], [-1]], ["0"])
    assert recheck([[]], ["0"])
    assert recheck([[1], [-1]], [[0, 1, 2]])
    assert recheck([[]], [[0, 1]])


def test_steps_may_go_on_after_the_contradiction_and_a_last_one_may_not_be_missing() -> None:
    assert recheck(CONTRADICTION, ["2 0", "7 0", "0"])
    assert not recheck([*CONTRADICTION[:3], [3, 4]], ["1 0", "2 0", "0"])


def test_what_follows_from_the_clauses_alone_is_followed_in_whatever_order_they_stand() -> None:
    # Each leaves one literal open when it is taken in; nobody looks at it again.
    assert recheck([[1], [-1, 2], [-2, 3], [-2, -3]], ["0"])
    assert recheck([[1], [-1, 2], [-1, -2, 3], [-3, -1, 4], [-4, -3]], ["0"])


def test_deletions_are_passed_over() -> None:
    assert recheck(CONTRADICTION, ["d 1 2 0", "d -1 2 0", "2 0", "0"])


# ---------------------------------------------------------------------- false proofs


def test_no_proof_is_believed_of_clauses_that_something_meets(solver: Solver) -> None:
    # Proofs of other clauses that are nearly the same: some left out, or literals turned.
    chance, planted = Random(20261123), 0
    for seed, clauses in contradictory(60):
        proof, lines = short(clauses, solver), told(clauses)
        for _ in range(5):
            fewer = [list(clause) for clause in clauses]
            for _ in range(6):
                if chance.random() < 0.5:
                    del fewer[chance.randrange(len(fewer))]
                else:
                    fewer[chance.randrange(len(fewer))][0] *= -1
            with Glucose4(bootstrap_with=fewer) as glucose:
                if glucose.solve():
                    assert not recheck(fewer, lines), seed
                    assert not recheck(fewer, proof), seed
                    planted += 1
    assert planted > 100, planted


def test_a_step_left_out_where_it_matters_is_noticed(solver: Solver) -> None:
    clauses = holes(6)
    proof = short(clauses, solver)
    # Numbers of later steps count from the clauses on: without one of them, they name other clauses.
    for place in range(len(proof) - 1):
        assert not recheck(clauses, proof[:place] + proof[place + 1 :]), place


def test_a_step_left_out_is_noticed_without_hints_too() -> None:
    lines = ["2 0", "0"]
    clauses = [[1, 2, 3], [1, 2, -3], [-1, 2], [1, -2, 4], [1, -2, -4], [-1, -2]]
    assert recheck(clauses, ["1 2 0", *lines])
    assert not recheck(clauses, ["0"])


def test_a_proof_without_its_empty_end_proves_nothing(solver: Solver) -> None:
    assert not recheck(CONTRADICTION, ["2 0"])
    assert not recheck(CONTRADICTION, [])
    proof = short(holes(5), solver)
    assert not recheck(holes(5), proof[:-1])


def test_an_altered_step_is_never_believed_of_what_is_not_so(solver: Solver) -> None:
    chance = Random(7)
    for _, clauses in contradictory(20):
        proof = short(clauses, solver)
        fewer = clauses[:30]
        assert met(fewer, 14)
        for _ in range(10):
            altered = [list(step) for step in proof]
            step = chance.choice(altered)
            step[chance.randrange(len(step))] += chance.choice((-1, 1))
            assert not recheck(fewer, altered)


@pytest.mark.parametrize("hints", [[], [1], [1, 2], [5], [0], [-1], [99], [1, 1, 1, 1], [4, 3], [1, 2, 3, 4]])
def test_hints_that_do_not_lead_to_a_contradiction_are_refused(hints: list[int]) -> None:
    assert not recheck([[1, 2], [-1, 2], [1, -2], [3, 4]], [[0, *hints]])


def test_no_random_proof_is_believed_of_what_something_meets() -> None:
    chance, tried = Random(11), 0
    for _ in range(6_000):
        clauses = [
            [chance.choice((1, -1)) * one for one in chance.sample((1, 2, 3), chance.choice((1, 2, 2, 3)))]
            for _ in range(chance.choice((3, 4, 5)))
        ]
        if not met(clauses, 3):
            continue
        steps = [
            [chance.choice((1, -1)) * one for one in chance.sample((1, 2, 3), chance.choice((1, 2)))]
            for _ in range(chance.choice((0, 1, 2)))
        ] + [[]]
        hinted = [
            [*step, 0, *chance.sample(range(1, len(clauses) + n + 1), min(4, len(clauses) + n))]
            for n, step in enumerate(steps)
        ]
        assert not recheck(clauses, hinted), (clauses, hinted)
        lines = [" ".join(map(str, [*step, 0])) for step in steps]
        assert not recheck(clauses, lines), (clauses, lines)
        tried += 1
    assert tried > 3_000, tried


def test_a_hint_that_leaves_two_literals_open_settles_neither() -> None:
    # Met by 1 and 3 without 2. Whoever takes both 1 and 2 of the first clause finds a contradiction.
    assert not recheck([[1, 2], [-1, 3], [-2, -3]], [[0, 1, 2, 3]])
    assert not recheck([[1, 2, 4], [-1, 3], [-2, -3], [-4, 3]], [[0, 1, 2, 3]])


def test_a_hint_may_not_name_its_own_step_or_a_later_one() -> None:
    assert not recheck([[1, 2]], [[0, 2]])
    assert not recheck([[1, 2]], [[1, 0, 2], [-1, 0, 2], [0, 2, 3]])


@pytest.mark.parametrize(
    "proof",
    [["x 0"], ["1"], ["1 0 2 0"], [""], [7], [None], [{"0": 1}], [[1.0, 0]], [[True, 0]], [["1", 0]], [[]],
     [[1, 2]], None, 7, "0", {"0": [0]}, [["0", 0]], [[0, 1.0]], [[0, "1"]], [[0], "0"], ["0", [0]]],
)  # fmt: skip
def test_what_is_no_proof_at_all_is_refused(proof: Any) -> None:
    assert not recheck([[1, 2], [-1, 2]], proof)


@pytest.mark.parametrize(
    "proof",
    [["2 0", [0, 1, 2]], ["2 0", "7"], ["2 0", "2"], ["2 0", "1 0 2 0", "0"], ["2 0", "0 0", "0"],
     ["2 0", [0]], [[2, 0, 1, 2], "0"], ["2 0", "0", "x"]],
)  # fmt: skip
def test_one_line_that_is_none_spoils_a_proof_that_would_hold_without_it(proof: Any) -> None:
    # Of two manners in one proof as well: whoever mixes them has not written a proof.
    assert recheck(CONTRADICTION, ["2 0", "0"])
    assert not recheck(CONTRADICTION, proof)


# ---------------------------------------------------------------------- small, and alone


def test_it_is_a_page_that_imports_nothing_but_the_standard_library() -> None:
    text = FILE.read_text("utf-8")
    assert len(text.splitlines()) <= LINES_MAX
    named = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            named |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            named.add(str(node.module))
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names
    assert not named & {"importlib", "ctypes", "subprocess"}


def alone(path: Path) -> subprocess.CompletedProcess[str]:
    """Run as its own program, with nothing of ours to import."""
    words = [sys.executable, "-I", "-S", str(FILE), str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_it_runs_alone_on_a_file(tmp_path: Path, solver: Solver) -> None:
    path, clauses = tmp_path / "certificate.json", holes(5)
    proof = short(clauses, solver)
    path.write_text(json.dumps({"clauses": clauses, "proof": proof}), encoding="utf-8")
    assert (alone(path).returncode, alone(path).stdout) == (0, "the proof holds\n")
    path.write_text(json.dumps({"clauses": clauses, "proof": proof[1:]}), encoding="utf-8")
    assert (alone(path).returncode, alone(path).stdout) == (1, "this is NOT a proof\n")


def test_it_says_in_words_whether_the_proof_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "certificate.json"
    for proof, code, words in (("0", 0, "the proof holds\n"), ("1 0", 1, "this is NOT a proof\n")):
        path.write_text(json.dumps({"clauses": [[1], [-1]], "proof": [proof]}), encoding="utf-8")
        assert (checker.main([str(path)]), capsys.readouterr().out) == (code, words)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"clauses": [[1]]}', '{"clauses": [[0]], "proof": ["0"]}', "7",
     '{"clauses": [[1], [-1.0]], "proof": ["0"]}', '{"clauses": 7, "proof": ["0"]}',
     '{"clauses": [1], "proof": []}', '{"clauses": [[1], [-1], [0]], "proof": ["0"]}',
     '{"clauses": [[1], [-1]], "proof": ["0"]', '[[1], [-1], "0"]', '"proof"', "1" * 5_000,
     '{"clauses": [[1], [-1]], "proof": [[' + "1" * 5_000 + ", 0]]}", "[" * 100_000,
     '{"clauses": ' + "[" * 100_000 + '}', '{"clauses": [[1], [-1]], "proof": [NaN]}'],
)  # fmt: skip
def test_a_file_that_is_no_certificate_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(text, encoding="utf-8")
    assert checker.main([str(path)]) == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checker.main([str(tmp_path / "absent.json")]) == 2
    assert checker.main([]) == 2
    assert "usage" in capsys.readouterr().err
