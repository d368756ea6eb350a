"""What would reveal a source is shown, cut only where a person says so, and E-graded persons stay."""

import pytest

from cordiale.errors import InputError
from cordiale.payloads import FreeText, marked
from cordiale.payloads.crime import IntelligenceReport
from cordiale.payloads.parts import Episode, Grading, Suspect
from cordiale.reports.sanitise import CUT, concerns, cut, revealing
from cordiale.terms import Category, GradeScheme


@pytest.mark.parametrize(
    "text",
    [
        "Our source saw the van.",
        "An informant named the depot.",
        "The driver told us where it was.",
        "Only three persons knew of it.",
        "He was present when it was counted.",
        "It comes from an intercept.",
        "His cousin rang twice.",
        "Notre source l'a vu.",
    ],
)
def test_words_that_may_reveal_who_told_it_are_shown_with_the_reason(text: str) -> None:
    found = revealing(text)
    assert found and all(r.why and text[r.start : r.end] == r.words for r in found)


def test_plain_facts_reveal_nobody() -> None:
    assert revealing("A van unloaded one boat at 04:10. Two more followed.") == ()


def test_what_is_cut_leaves_a_sign_and_takes_all_marks_with_it() -> None:
    text = marked(
        FreeText.of("Our source saw it. A van came."), "A van came.", (Category.METHOD,), marked_by="an"
    )
    done = cut(text, [(0, 10)])
    assert done.text == f"{CUT} saw it. A van came."
    assert all(not p.categories for p in done.passages) and done.marks_hold
    assert cut(text, []) is text


@pytest.mark.parametrize("stretches", [[(5, 3)], [(0, 999)], [(0, 5), (4, 8)], [(-1, 3)]])
def test_a_stretch_that_is_none_is_refused(stretches: list[tuple[int, int]]) -> None:
    with pytest.raises(InputError, match="no stretch"):
        cut(FreeText.of("Our source saw it."), stretches)


def report() -> IntelligenceReport:
    return IntelligenceReport(
        case_reference="c",
        title="t",
        episodes=(Episode(what="Our source probably met Omar Beispiel."),),
        suspects=(Suspect(subject="s1", family_name="Beispiel"),),
        narrative=FreeText.of("More of it."),
    )


def test_everything_to_look_at_is_listed_and_a_missing_grade_is_said() -> None:
    said = [(c.path, c.why) for c in concerns(report(), None)]
    text = "\n".join(f"{p}: {w}" for p, w in said)
    for words in ("names a source", "may be a name", "reads like an assessment", "nobody has marked", "X4"):
        assert words in text
    assert not [c for c in concerns(report(), None) if c.stops]


def test_an_e_graded_report_is_stopped_where_it_is_about_a_person() -> None:
    grade = Grading(scheme=GradeScheme.UK_3X5X2, source="1", information="E")
    stops = {c.path for c in concerns(report(), grade) if c.stops}
    assert stops == {"suspects.0.family_name", "narrative.0"}


def test_a_name_of_the_case_is_found_in_a_leaf_about_nobody() -> None:
    quiet = IntelligenceReport(case_reference="c", title="the beispiel depot")
    grade = Grading(scheme=GradeScheme.EU_4X4, source="B", information="2")
    assert concerns(quiet, grade) == ()
    assert [c.path for c in concerns(quiet, grade, names=["Beispiel"])] == ["title"]
