"""The registry: 36 types with fixed numbers, every model with a specimen, and the printed table."""

from pathlib import Path

import pytest

from cordiale.errors import PayloadError
from cordiale.payloads import TYPES, type_named
from cordiale.payloads.document import table
from cordiale.payloads.specimens import SPECIMENS
from cordiale.payloads.words import QualityAction

IDS = """situational_item risk_product document_alert practice_note deployment research_result
crossing_identifiers rights_report dna_search fingerprint_search vehicle_search core_data
passenger_records intelligence_report europol_intelligence conviction_notice
conviction_request face_search returns_information joint_item launch_alert
surveillance_track distress_incident readmission_request consignment network_profile
advert_report finance_lead route_intelligence person_intelligence own_national_return
identity_evidence support_record customs_information device_extract quality_notice"""


def test_there_are_thirty_six_types_in_the_order_of_their_numbers() -> None:
    assert list(TYPES) == IDS.split()
    assert [t.number for t in TYPES.values()] == list(range(1, 37))


def test_every_model_of_every_type_has_an_invented_specimen_and_no_other_exists() -> None:
    assert set(SPECIMENS) == {(t.id, m) for t in TYPES.values() for m in t.models}
    for (type_id, model), payload in SPECIMENS.items():
        assert type(payload) is TYPES[type_id].models[model]


def test_every_model_says_which_type_it_is() -> None:
    for t in TYPES.values():
        assert t.title and t.flows
        for name, model in t.models.items():
            assert (t.id, name) == (model.TYPE, model.MODEL)
            assert model.__doc__ and model.__doc__.startswith(f"Type {t.number}:"), model.__name__


def test_an_unknown_type_is_answered_with_what_there_is() -> None:
    with pytest.raises(PayloadError, match="situational_item"):
        type_named("gossip")


def test_a_quality_notice_can_recall_correct_restrict_and_erase() -> None:
    assert [a.value for a in QualityAction] == ["recall", "correct", "restrict", "erase"]


def test_the_printed_table_is_the_registry() -> None:
    printed = Path(__file__).parents[2] / "docs" / "reference" / "information-types.md"
    assert printed.read_text(encoding="utf-8") == table(), "run: python -m cordiale.payloads.document"
