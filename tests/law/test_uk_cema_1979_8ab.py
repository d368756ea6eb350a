"""Customs and Excise Management Act 1979 ss.8A-8B."""

from __future__ import annotations

import pytest
from agreement_questions import shipped


@pytest.mark.law("uk:CEMA-8A/8B")
def test_what_hmrc_gives_serves_customs_and_goes_no_further() -> None:
    """s.8B: no further without the Commissioners."""
    law = shipped().agreement("uk-cema-1979-8ab")
    assert law is not None
    (line,) = law.provision
    assert line.travels == {"ask_originator"} and line.types == {"customs_information", "consignment"}
