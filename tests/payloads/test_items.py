"""Items and copying out: nothing that was not named can leave, and nobody left out leaves a gap."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.errors import PayloadError
from cordiale.payloads import FreeText, Partial, decode, encode, itemise, marked, only, subjects
from cordiale.payloads.crime import IntelligenceReport
from cordiale.payloads.parts import Assessment, Suspect, Vehicle, Victim
from cordiale.payloads.specimens import SPECIMENS
from cordiale.terms import CATEGORIES, Category, Personal, Role, SubjectKind

EVERY = sorted(SPECIMENS)


def report() -> IntelligenceReport:
    """Three invented persons, the middle one to be protected."""
    text = FreeText.of("Ada drove. Bea fled. The tide was high.")
    text = marked(
        text, "Ada drove.", (Category.NAME, Category.SUSPICION), subjects=("s1",), marked_by="j.invented"
    )
    text = marked(
        text, "Bea fled.", (Category.NAME, Category.ASYLUM), subjects=("s2",), marked_by="j.invented"
    )
    return IntelligenceReport(
        case_reference="c-1",
        title="t",
        suspects=(
            Suspect(subject="s1", family_name="Ada", suspected_of=("a",)),
            Suspect(subject="s2", family_name="Bea"),
            Suspect(subject="s3", family_name="Cyd"),
        ),
        vehicles=(Vehicle(plate="ZZ-1-ZZ", about=("s3", "s2")), Vehicle(plate="YY-1-YY")),
        assessments=(Assessment(text="leads", about=("s3",)),),
        narrative=text,
    )


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_every_leaf_has_one_path_and_personal_leaves_have_a_subject(type_id: str, model: str) -> None:
    leaves = itemise(SPECIMENS[type_id, model])
    assert len({leaf.path for leaf in leaves}) == len(leaves) > 0
    known = {s.id for s in subjects(SPECIMENS[type_id, model])}
    for leaf in leaves:
        assert set(leaf.subjects) <= known
        if CATEGORIES[leaf.category].personal is Personal.YES:
            assert leaf.subjects, leaf.path


def test_whom_a_leaf_is_about_comes_from_its_part_its_pointers_or_is_unidentified() -> None:
    about = {leaf.path: leaf.subjects for leaf in itemise(report())}
    assert about["suspects.0.family_name"] == ("s1",)
    assert about["vehicles.0.plate"] == ("s3", "s2")
    assert about["vehicles.1.plate"] == ("unidentified",)
    assert about["assessments.0.text"] == ("s3",)
    assert about["title"] == ()


def test_assessments_stand_apart_from_facts() -> None:
    said = {leaf.path: leaf.asserted for leaf in itemise(report())}
    assert said["assessments.0.text"] == "assessment"
    assert said["suspects.0.suspected_of.0"] == "fact"


def test_a_passage_has_one_item_a_category_and_the_rest_is_free_text() -> None:
    found = [(leaf.path, leaf.category) for leaf in itemise(report()) if leaf.path.startswith("narrative")]
    assert found == [
        ("narrative.0:name", Category.NAME),
        ("narrative.0:suspicion", Category.SUSPICION),
        ("narrative.1", Category.FREE_TEXT),
        ("narrative.2:name", Category.NAME),
        ("narrative.2:asylum", Category.ASYLUM),
        ("narrative.3", Category.FREE_TEXT),
    ]


def test_subjects_carry_the_role_that_their_part_says() -> None:
    payload = IntelligenceReport(
        case_reference="c", title="t", suspects=(Suspect(subject="s1"),), victims=(Victim(subject="s2"),)
    )
    assert [(s.id, s.role, s.kind) for s in subjects(payload)] == [
        ("s1", Role.SUSPECT, SubjectKind.PERSON),
        ("s2", Role.VICTIM, SubjectKind.PERSON),
    ]
    assert subjects(report())[-1].kind is SubjectKind.UNIDENTIFIED


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_copying_every_path_gives_the_payload_again(type_id: str, model: str) -> None:
    payload = SPECIMENS[type_id, model]
    copied = only(payload, [leaf.path for leaf in itemise(payload)])
    assert copied.withheld == ()
    assert [leaf.value for leaf in itemise(copied) if ":" not in leaf.path] == [
        leaf.value for leaf in itemise(payload) if ":" not in leaf.path
    ]


@pytest.mark.parametrize(("type_id", "model"), EVERY)
def test_copying_no_path_gives_nothing(type_id: str, model: str) -> None:
    empty = only(SPECIMENS[type_id, model], [])
    assert empty.tree == {}
    assert itemise(empty) == () and subjects(empty) == ()


@given(index=st.integers(0, len(EVERY) - 1), draw=st.data())
@settings(max_examples=300, deadline=None)
def test_exactly_what_is_named_leaves_and_it_decodes_again(index: int, draw: st.DataObject) -> None:
    payload = SPECIMENS[EVERY[index]]
    leaves = itemise(payload)
    chosen = draw.draw(st.sets(st.sampled_from([leaf.path for leaf in leaves])))
    part = only(payload, chosen)
    by_path = {leaf.path: leaf for leaf in leaves}
    left = {leaf.path: leaf for leaf in itemise(part)}
    assert set(part.moved) <= chosen
    assert set(part.moved.values()) == set(left)
    assert set(part.withheld) == set(by_path) - set(part.moved)
    for old, new in part.moved.items():
        assert left[new].category is by_path[old].category
        assert left[new].subjects == tuple(part.renamed.get(s, s) for s in by_path[old].subjects)
        if ":" not in old and not isinstance(by_path[old].value, dict):
            assert left[new].value == by_path[old].value
    wire = json.loads(json.dumps(encode(part)))
    back = decode(payload.TYPE, wire)
    assert {leaf.path: leaf.value for leaf in itemise(back)} == {p: leaf.value for p, leaf in left.items()}


def test_a_path_that_is_not_there_is_refused() -> None:
    with pytest.raises(PayloadError) as wrong:
        only(report(), ["suspects.9.family_name"])
    assert wrong.value.field == "suspects.9.family_name"


def test_a_person_who_is_left_out_leaves_no_trace_on_the_wire() -> None:
    """DESIGN: nothing sent lets a protected person be told from an unprotected one."""
    kept = [leaf.path for leaf in itemise(report()) if "s2" not in leaf.subjects]
    wire = encode(only(report(), kept))
    never_there = IntelligenceReport(
        case_reference="c-1",
        title="t",
        suspects=(
            Suspect(subject="s1", family_name="Ada", suspected_of=("a",)),
            Suspect(subject="s2", family_name="Cyd"),
        ),
        vehicles=(Vehicle(plate="YY-1-YY"),),
        assessments=(Assessment(text="leads", about=("s2",)),),
        narrative=marked(
            FreeText.of("Ada drove.  The tide was high."),
            "Ada drove.",
            (Category.NAME, Category.SUSPICION),
            subjects=("s1",),
            marked_by="sender",
        ),
    )
    same = encode(only(never_there, [leaf.path for leaf in itemise(never_there)]))
    kept_words = "".join(p["text"] for p in wire["body"]["narrative"]["passages"])
    assert kept_words == "Ada drove.  The tide was high."
    wire["body"].pop("narrative")
    same["body"].pop("narrative")
    assert wire == same
    assert "withheld" not in wire


def test_a_passage_leaves_only_if_all_that_it_holds_may() -> None:
    part = only(report(), ["narrative.0:name", "narrative.1"])
    assert [p["text"] for p in part.tree["narrative"]["passages"]] == [" "]
    both = only(report(), ["narrative.0:name", "narrative.0:suspicion"])
    assert [p["text"] for p in both.tree["narrative"]["passages"]] == ["Ada drove."]


def test_the_account_that_marked_a_text_and_the_digest_of_the_whole_stay_at_home() -> None:
    part = only(report(), ["narrative.0:name", "narrative.0:suspicion"])
    wire = json.dumps(encode(part))
    narrative = report().narrative
    assert narrative is not None
    assert "j.invented" not in wire
    assert narrative.digest not in wire
    back = decode("intelligence_report", json.loads(wire))
    assert {leaf.path for leaf in itemise(back)} == {"narrative.0:name", "narrative.0:suspicion"}


def test_marks_of_a_changed_text_do_not_travel() -> None:
    narrative = report().narrative
    assert narrative is not None
    forged = FreeText((*narrative.passages[:-1], type(narrative.passages[0])(" More.")), narrative.digest)
    payload = IntelligenceReport(case_reference="c", title="t", narrative=forged)
    part = only(payload, [leaf.path for leaf in itemise(payload)])
    assert all(set(p) == {"text"} for p in part.tree["narrative"]["passages"])


def test_two_persons_cannot_share_one_id() -> None:
    twice = IntelligenceReport(
        case_reference="c", title="t", suspects=(Suspect(subject="s1"),), victims=(Victim(subject="s1"),)
    )
    with pytest.raises(PayloadError, match="two persons"):
        encode(twice)


def test_what_was_withheld_is_known_at_home_only() -> None:
    part = only(report(), ["title"])
    assert "suspects.0.family_name" in part.withheld
    back = decode("intelligence_report", encode(part))
    assert isinstance(back, Partial)
    assert back.withheld == ("case_reference",)
