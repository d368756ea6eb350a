"""Is a proof that is made short still a proof, and only of what was asked?"""

from __future__ import annotations

from pysat.solvers import Glucose4

from cordiale.agreements.proofs.checker import recheck
from cordiale.agreements.proofs.trimming import Deduction, Shortener
from tests.agreements.proofs.forms import holes

CONTRADICTION = [[1, 2], [-1, 2], [1, -2], [-1, -2]]


def learnt(clauses: list[list[int]]) -> list[list[int]]:
    """What a solver learns on the way, in its order."""
    with Glucose4(bootstrap_with=clauses, with_proof=True) as glucose:
        assert glucose.solve() is False
        lines: list[str] = glucose.get_proof()
    steps = [[int(word) for word in line.split()[:-1]] for line in lines if not line.startswith("d")]
    return [step for step in steps if step]


def test_steps_that_are_not_needed_are_left_out() -> None:
    shortener = Shortener(CONTRADICTION)
    shortener.learn([[9, 2, 1], [2], [2, 7], [9, -2, 1]])
    proof = shortener.proof(0)
    assert proof is not None and [step[: step.index(0)] for step in proof] == [[2], []]
    assert recheck(CONTRADICTION, proof)


def test_a_short_proof_is_no_longer_than_what_was_learnt() -> None:
    clauses = holes(6)
    steps = learnt(clauses)
    shortener = Shortener(clauses)
    shortener.learn(steps)
    proof = shortener.proof(0)
    assert proof is not None and len(proof) <= len(steps) + 1
    assert recheck(clauses, proof)


def test_a_step_that_does_not_follow_is_no_part_of_a_proof() -> None:
    shortener = Shortener([[1, 2], [-1, 2]])
    shortener.learn([[-2]])
    assert shortener.proof(0) is None


def test_a_step_may_rest_on_earlier_ones_only() -> None:
    # Each of the two would follow from the other, and from nothing else.
    shortener = Shortener([[1, 2, 3], [-1, -2], [-3, 4]])
    shortener.learn([[4, 1], [4, 2], [-4]])
    assert shortener.proof(0) is None


def test_a_proof_names_the_question_as_the_clause_after_the_others() -> None:
    clauses = [[-3, 1], [-3, -1]]
    shortener = Shortener(clauses)
    proof = shortener.proof(3)
    assert proof is not None and proof[-1][:2] == [0, 3]
    assert recheck([*clauses, [3]], proof)
    assert not recheck([*clauses, [-3]], proof)


def test_what_is_learnt_later_serves_the_questions_after_it() -> None:
    clauses = [[-5, 1, 2], [-5, -1, 2], [-5, 1, -2], [-5, -1, -2]]
    shortener = Shortener(clauses)
    assert shortener.proof(5) is None
    shortener.learn([[-5, 2]])
    proof = shortener.proof(5)
    assert proof is not None and recheck([*clauses, [5]], proof)


def test_a_denial_of_a_step_that_says_both_of_a_thing_has_no_hints() -> None:
    deduction = Deduction([[1, 2]])
    assert deduction.hints([3, -3], 2) is None


def test_a_clause_that_says_a_thing_twice_says_it_once() -> None:
    clauses = [[1, 1], [-1, 2, 2], [-2, -2, -1]]
    proof = Shortener(clauses).proof(0)
    assert proof is not None and recheck(clauses, proof)


def test_an_empty_clause_is_reason_enough() -> None:
    deduction = Deduction([[1], []])
    assert deduction.hints([4], 3) == [2]
    assert deduction.hints([4], 2) is None
