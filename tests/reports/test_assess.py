"""Facts and assessments apart."""

from cordiale.payloads import FreeText, itemise
from cordiale.payloads.crime import IntelligenceReport
from cordiale.payloads.parts import Assessment, Episode
from cordiale.payloads.specimens import SPECIMENS
from cordiale.reports.assess import divide, mixed


def test_each_leaf_is_a_fact_an_assessment_or_still_unsaid() -> None:
    payload = SPECIMENS["intelligence_report", "report"]
    parts = divide(payload)
    assert {leaf.path for leaf in parts.assessments} == {"assessments.0.text"}
    assert {leaf.path for leaf in parts.unsaid} == {"narrative.1"}
    assert len(parts.facts) + len(parts.assessments) + len(parts.unsaid) == len(itemise(payload))


def test_a_fact_that_reads_like_an_opinion_is_shown_and_an_assessment_is_not() -> None:
    payload = IntelligenceReport(
        case_reference="c",
        title="t",
        episodes=(Episode(what="A van, probably hired, unloaded a boat."), Episode(what="A van left.")),
        assessments=(Assessment(text="he probably leads"),),
        narrative=FreeText.of("We believe more will follow."),
    )
    assert [(m.path, m.words) for m in mixed(payload)] == [("episodes.0.what", "probably")]
    first = mixed(payload)[0]
    assert payload.episodes[0].what[first.start : first.end] == "probably"
