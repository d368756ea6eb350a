"""The shape of what travels: totality, limits, marks that hold only for the text they were made on."""

from datetime import UTC, datetime
from typing import Annotated

import pytest

from cordiale.errors import PayloadError
from cordiale.payloads import TYPES, Attachment, FreeText, Passage, itemise, marked, text_digest
from cordiale.payloads.model import LEAF_CHARS_MAX, Part, Slot, model, slots, walk
from cordiale.payloads.parts import Caveat, Grading, Person, Position, Suspect, Victim, Witness
from cordiale.payloads.registry import categories_of
from cordiale.payloads.situation import DistressIncident, LaunchAlert, SituationalItem
from cordiale.payloads.specimens import SPECIMENS
from cordiale.payloads.words import AlertKind
from cordiale.terms import CATEGORIES, Category, GradeScheme, Personal, Role

ALL_MODELS = [m for t in TYPES.values() for m in t.models.values()]


def test_every_leaf_of_every_model_of_every_type_names_its_category() -> None:
    bare: list[str] = []
    seen: list[Slot] = []

    def visit(owner: type, slot: Slot) -> None:
        seen.append(slot)
        if slot.kind in ("leaf", "key", "ref") and slot.category is None:
            bare.append(f"{owner.__name__}.{slot.name}")

    for kind in ALL_MODELS:
        walk(kind, visit)
    assert not bare
    assert len(seen) > 600, "the walk has not seen the models"


def test_a_leaf_without_a_category_is_found_by_the_walk() -> None:
    @model
    class Careless(Part):
        named: Annotated[str, Category.NAME]
        forgotten: str

    bare: list[str] = []
    walk(Careless, lambda _, s: bare.append(s.name) if s.category is None else None)
    assert bare == ["forgotten"]


def test_a_leaf_of_a_type_that_cannot_travel_is_refused_at_once() -> None:
    @model
    class Fraction(Part):
        share: Annotated[float, Category.STATISTIC]

    with pytest.raises(TypeError, match="cannot travel"):
        slots(Fraction)


def test_rescue_has_no_leaf_for_nationality_claim_identity_document_or_biometrics() -> None:
    never = {
        Category.NATIONALITY,
        Category.ASYLUM,
        Category.IMMIGRATION_STATUS,
        Category.IDENTITY_DOCUMENT,
        Category.NAME,
        Category.BIRTH,
        Category.FINGERPRINT,
        Category.FACE_IMAGE,
        Category.FACE_TEMPLATE,
        Category.DNA,
        Category.ETHNICITY,
        Category.BELIEF,
        Category.SUSPICION,
        Category.FREE_TEXT,
        Category.ATTACHMENT,
    }
    assert not categories_of(DistressIncident) & never
    assert {Category.CALLER, Category.HEALTH} <= categories_of(DistressIncident)


@pytest.mark.parametrize("kind", [SituationalItem, LaunchAlert])
def test_pictures_and_alerts_hold_nobody_but_ship_and_aircraft_numbers(kind: type) -> None:
    kept = {CATEGORIES[c].personal for c in categories_of(kind)}
    assert kept <= {Personal.NONE, Personal.IDENTIFIERS}


def test_a_reply_to_a_readmission_request_holds_nobody() -> None:
    reply = TYPES["readmission_request"].models["reply"]
    assert {CATEGORIES[c].personal for c in categories_of(reply)} == {Personal.NONE}
    assert TYPES["readmission_request"].person_free == ("reply",)


@pytest.mark.parametrize("type_id", ["dna_search", "fingerprint_search", "vehicle_search", "face_search"])
def test_searches_and_replies_hold_reference_data_and_no_name(type_id: str) -> None:
    named = {
        Category.NAME,
        Category.ALIAS,
        Category.BIRTH,
        Category.NATIONALITY,
        Category.ADDRESS,
        Category.SEX,
    }
    mixed = {Category.FREE_TEXT, Category.ATTACHMENT}
    assert not TYPES[type_id].categories & (named | mixed)


def test_suspects_stand_apart_from_victims_and_witnesses_by_type() -> None:
    assert (Suspect.ROLE, Victim.ROLE, Witness.ROLE) == (Role.SUSPECT, Role.VICTIM, Role.WITNESS)
    names = {s.name for s in slots(Victim)}
    assert "suspected_of" not in names and "convictions" not in names


@pytest.mark.parametrize("subject", ["anna", "S1", "s", "1", "s12345", "s1 "])
def test_a_subject_id_is_an_ordinal_in_which_no_name_fits(subject: str) -> None:
    with pytest.raises(PayloadError, match="subject"):
        Person(subject=subject)


def test_a_constructor_refuses_what_does_not_fit_and_names_the_field() -> None:
    with pytest.raises(PayloadError) as wrong:
        Person(subject="s1", family_name="x" * (LEAF_CHARS_MAX + 1))
    assert wrong.value.field == "family_name"
    with pytest.raises(PayloadError, match="between"):
        Position(latitude=90_000_001, longitude=0)
    with pytest.raises(PayloadError, match="whole number"):
        Position(latitude=True, longitude=0)
    with pytest.raises(PayloadError, match="control character"):
        Person(subject="s1", family_name="a\x00b")
    with pytest.raises(PayloadError, match="a list"):
        Person(subject="s1", nationalities=["IQ"])


def test_a_local_time_is_refused_because_it_would_mean_another_moment_elsewhere() -> None:
    with pytest.raises(PayloadError, match="UTC"):
        LaunchAlert(
            alert_id="a",
            kind=AlertKind.LAUNCH,
            seen_at=datetime(2026, 1, 1),
            position=Position.at(50, 1),
        )


def test_a_position_keeps_whole_millionths() -> None:
    here = Position.at(50.951234, -1.62)
    assert (here.latitude, here.longitude) == (50_951_234, -1_620_000)
    assert here.degrees == (50.951234, -1.62)


@pytest.mark.parametrize("caveat", ["RING 07700900123", "see Omar", "nobody", ""])
def test_a_caveat_cannot_carry_a_number_or_a_sentence(caveat: str) -> None:
    report = SPECIMENS["intelligence_report", "report"]
    with pytest.raises(PayloadError):
        type(report)(case_reference="c", title="t", caveats=(caveat,))


def test_grades_are_kept_as_given_with_their_scheme() -> None:
    assert Grading(scheme=GradeScheme.UK_3X5X2, source="3", information="E").information == "E"
    with pytest.raises(PayloadError, match="source"):
        Grading(scheme=GradeScheme.EU_4X4, source="Z", information="1")


# ------------------------------------------------------------------------------ free text
def text() -> FreeText:
    return FreeText.of("The boat left at four. Omar drove. Nobody else knew.")


def test_unmarked_text_counts_as_everything_about_somebody_unidentified() -> None:
    report = type(SPECIMENS["intelligence_report", "report"])(
        case_reference="c",
        title="t",
        narrative=text(),
    )
    leaf = itemise(report)[-1]
    assert (leaf.category, leaf.subjects) == (Category.FREE_TEXT, ("unidentified",))


def test_a_mark_covers_its_words_and_the_rest_stays_free_text() -> None:
    done = marked(
        text(), "Omar drove.", (Category.NAME, Category.SUSPICION), subjects=("s1",), marked_by="an"
    )
    assert [p.text for p in done.passages] == ["The boat left at four. ", "Omar drove.", " Nobody else knew."]
    assert done.text == text().text and done.marks_hold
    assert [bool(p.categories) for p in done.passages] == [False, True, False]


def test_a_changed_text_loses_its_marks() -> None:
    done = marked(text(), "Omar drove.", (Category.NAME,), subjects=("s1",), marked_by="an")
    assert done.rewritten(done.text) is done
    changed = done.rewritten(done.text + " He is ill.")
    assert all(not p.categories for p in changed.passages)
    forged = FreeText((*done.passages, Passage(" He is ill.")), done.digest)
    assert not forged.marks_hold


def test_marks_on_a_text_that_was_changed_behind_them_do_not_count() -> None:
    done = marked(text(), "Omar drove.", (Category.METHOD,), marked_by="an")
    forged = FreeText((*done.passages[:-1], Passage(" Omar is ill.")), done.digest)
    report = type(SPECIMENS["intelligence_report", "report"])(
        case_reference="c",
        title="t",
        narrative=forged,
    )
    found = {leaf.category for leaf in itemise(report) if leaf.path.startswith("narrative")}
    assert found == {Category.FREE_TEXT}


def test_a_mark_cannot_be_laid_over_another_or_on_other_words() -> None:
    done = marked(text(), "Omar drove.", (Category.NAME,), subjects=("s1",), marked_by="an")
    with pytest.raises(PayloadError, match="another mark"):
        done.mark(20, 30, Passage(done.text[20:30], (Category.EVENT,), marked_by="an"))
    with pytest.raises(PayloadError, match="not what the text says"):
        text().mark(0, 3, Passage("xyz", (Category.EVENT,), marked_by="an"))
    with pytest.raises(PayloadError, match="does not stand"):
        marked(done, "Omar drove.", (Category.EVENT,), marked_by="an")


def test_a_mark_says_what_it_holds_and_who_made_it() -> None:
    with pytest.raises(PayloadError, match="free text is no answer"):
        Passage("x", (Category.FREE_TEXT,), marked_by="an")
    with pytest.raises(PayloadError, match="the person who made it"):
        Passage("x", (Category.NAME,))
    with pytest.raises(PayloadError, match="the person who made it"):
        Passage("x", subjects=("s1",))


# ------------------------------------------------------------------------------ attachments
def test_an_attachment_counts_as_everything_until_somebody_states_what_it_holds() -> None:
    from cordiale.payloads.cooperation import RightsReport

    plain = Attachment("scan.pdf", "b" * 64, 10)
    stated = Attachment("scan.pdf", "b" * 64, 10, (Category.COMPLAINT,), ("s1",), "fro", "b" * 64)
    stale = Attachment("scan.pdf", "c" * 64, 10, (Category.COMPLAINT,), ("s1",), "fro", "b" * 64)
    base = SPECIMENS["rights_report", "report"]
    assert isinstance(base, RightsReport)
    report = RightsReport(
        reference="r", kind=base.kind, received_at=datetime(2026, 1, 1, tzinfo=UTC), incident=base.incident,
        files=(plain, stated, stale),
    )  # fmt: skip
    found = {leaf.path: (leaf.category, leaf.subjects) for leaf in itemise(report) if "files" in leaf.path}
    assert found == {
        "files.0": (Category.ATTACHMENT, ("unidentified",)),
        "files.1:complaint": (Category.COMPLAINT, ("s1",)),
        "files.2": (Category.ATTACHMENT, ("unidentified",)),
    }


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "x" * 121, "a\nb", "-rf"])
def test_an_attachment_name_is_a_plain_file_name(name: str) -> None:
    with pytest.raises(PayloadError):
        Attachment(name, "b" * 64, 10)


def test_a_digest_of_text_is_of_its_utf8() -> None:
    assert text_digest("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
    assert Caveat is not None
