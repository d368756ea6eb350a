"""False and authentic documents. All persons are invented."""

from __future__ import annotations

import pytest
from law_questions import put, says

UK = "UK/border-force"
FX = "FRONTEX/frontex"


@pytest.mark.law("FADO")
@pytest.mark.parametrize("category", ["name", "birth", "face_image", "identity_document", "fingerprint"])
def test_no_holders_page_travels(category: str) -> None:
    """Art 5: specimen or pseudonymised; of a false one only what shows the fraud."""
    answer = put("document_alert", ["specimen", category], between=(UK, FX), purpose="document_fraud")
    assert says(answer, "FADO Art 5") and category not in answer["leaves"]


@pytest.mark.law("FADO")
@pytest.mark.parametrize("act", ["search", "compare", "measure"])
def test_nobody_is_looked_for_by_a_document_alert(act: str) -> None:
    """Recital 7: no search on personal elements."""
    answer = put("document_alert", ["specimen"], between=(UK, FX), act=act, purpose="document_fraud")
    assert says(answer, "FADO recital 7") and answer["verdict"] == "refuse"


@pytest.mark.law("eu:FADO-tiers")
def test_a_third_country_reads_only_after_a_delegated_act() -> None:
    """Art 4(4)-(5): none is loaded."""
    answer = put("document_alert", ["specimen"], between=(FX, UK), act="view", channel="portal")
    assert says(answer, "FADO Art 4")
