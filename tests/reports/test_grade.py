"""Grades side by side: the original stays, and nothing is ever made better by being translated."""

from itertools import product

import pytest

from cordiale.errors import InputError
from cordiale.payloads import itemise
from cordiale.payloads.parts import Grading
from cordiale.payloads.specimens import SPECIMENS
from cordiale.reports.grade import (
    SAYS,
    UNGRADED,
    Grade,
    as_payload,
    barred,
    beside,
    graded,
    regrade,
    to_eu,
    to_uk,
)
from cordiale.terms import GradeScheme

EU, UK = GradeScheme.EU_4X4, GradeScheme.UK_3X5X2
EU_ALL = [Grade(EU, s, i) for s, i in product("ABCX", "1234")]
UK_ALL = [Grade(UK, s, i) for s, i in product("123", "ABCDE")]
# Lower is better. X (cannot be assessed) and 2 (untested) stand between mostly reliable and unreliable.
EU_SOURCE, UK_SOURCE = {"A": 0, "B": 1, "X": 2, "C": 3}, {"1": 0, "2": 1, "3": 2}


@pytest.mark.parametrize(
    ("uk", "eu"),
    [("1A", "B2"), ("1B", "B3"), ("2B", "X3"), ("2C", "X4"), ("2D", "X4"), ("3A", "C2"), ("3D", "C4")],
)
def test_the_crosswalk_is_the_conservative_one(uk: str, eu: str) -> None:
    assert str(to_eu(Grade(UK, *uk))) == eu


def test_suspected_false_has_no_match_in_the_european_scheme() -> None:
    assert all(to_eu(Grade(UK, s, "E")) is None for s in "123")
    assert beside(Grade(UK, "1", "E")).other is None


@pytest.mark.parametrize("grade", UK_ALL, ids=str)
def test_a_uk_grade_is_never_better_after_going_there_and_back(grade: Grade) -> None:
    there = to_eu(grade)
    if there is not None:
        back = to_uk(there)
        assert UK_SOURCE[back.source] >= UK_SOURCE[grade.source]
        assert back.information >= grade.information


@pytest.mark.parametrize("grade", EU_ALL, ids=str)
def test_a_european_grade_is_never_better_after_going_there_and_back(grade: Grade) -> None:
    back = to_eu(to_uk(grade))
    assert back is not None
    assert EU_SOURCE[back.source] >= EU_SOURCE[grade.source]
    assert back.information >= grade.information


def test_ungraded_counts_as_x4() -> None:
    assert graded(None).given == UNGRADED and str(UNGRADED) == "X4"


@pytest.mark.parametrize("grade", EU_ALL + UK_ALL, ids=str)
def test_the_original_is_kept_beside_the_other_and_travels_as_given(grade: Grade) -> None:
    both = beside(grade)
    assert both.given == grade and (both.other is None or both.other.scheme is not grade.scheme)
    assert as_payload(grade) == Grading(
        scheme=grade.scheme, source=grade.source, information=grade.information
    )
    assert graded(as_payload(grade)).given == grade
    assert len(grade.spoken().split("; ")) == 2


def test_every_mark_has_its_words() -> None:
    assert len(SAYS) == 16


@pytest.mark.parametrize(
    ("scheme", "source", "information"),
    [(EU, "1", "1"), (EU, "A", "A"), (UK, "A", "A"), (UK, "1", "5"), (EU, "", "1"), (EU, "AB", "1")],
)
def test_a_mark_of_the_wrong_scheme_is_refused(scheme: GradeScheme, source: str, information: str) -> None:
    with pytest.raises(InputError, match="is no"):
        Grade(scheme, source, information)


def test_nobody_changes_a_grade_without_the_provider() -> None:
    old, better, worse = Grade(EU, "B", "2"), Grade(EU, "A", "1"), Grade(EU, "C", "4")
    for new in (better, worse):
        with pytest.raises(InputError, match="provider"):
            regrade(old, new, provider_agreement=" ")
        assert regrade(old, new, provider_agreement="answer-7") == new
    assert regrade(old, old, provider_agreement="") == old


def test_what_is_about_a_person_and_suspected_false_is_not_exported() -> None:
    leaves = itemise(SPECIMENS["intelligence_report", "report"])
    stopped = barred(Grade(UK, "1", "E"), leaves)
    assert "suspects.0.family_name" in stopped and "vehicles.0.plate" in stopped and "narrative.1" in stopped
    assert "title" not in stopped and "methods.0" not in stopped
    assert barred(Grade(UK, "1", "D"), leaves) == () and barred(UNGRADED, leaves) == ()
