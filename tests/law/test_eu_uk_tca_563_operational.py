"""Trade and Cooperation Agreement, Article 563: operational information. All persons are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused, withheld

TCA = "eu-uk-tca-563-operational"
OUT = ("UK/nca", "FR/police-judiciaire")
IN = ("FR/oltim", "UK/nca")
REPORT = ("event", "place", "route", "method", "offence", "name", "phone", "suspicion")


@pytest.mark.law("TCA-563(1)")
@pytest.mark.parametrize(
    "between", [OUT, IN, ("FR/paf", "UK/home-office"), ("FR/police-judiciaire", "UK/nca")]
)
def test_competent_authorities_tell_each_other_who_is_suspected(between: tuple[str, str]) -> None:
    """Art 563(1): police, customs and like authorities exchange operational information on crime."""
    answer = ask("intelligence_report", REPORT, between=between, basis=TCA)
    assert answer["verdict"] == "permit", answer["failures"]
    assert leaves(answer) == set(REPORT)
    assert answer["basis"]["agreement"] == TCA


@pytest.mark.law("TCA-563(1)")
def test_a_purpose_outside_the_list_is_refused() -> None:
    """Art 563(1): the purposes are a closed list; immigration control is not in it."""
    answer = ask(
        "intelligence_report",
        REPORT,
        between=OUT,
        basis=TCA,
        purpose="immigration_control",
        regime="immigration",
    )
    assert refused(answer, "563(1)")


@pytest.mark.law("TCA-563(1)")
@pytest.mark.parametrize(
    "information",
    ["dna_search", "fingerprint_search", "vehicle_search", "passenger_records", "conviction_request"],
)
def test_the_article_is_no_way_round_another_title(information: str) -> None:
    """Art 563(1): only where no other Title covers the matter."""
    assert refused(ask(information, ["reference"], between=OUT, basis=TCA), "563(1)")


@pytest.mark.law("TCA-563(3)-(4)")
def test_information_is_given_asked_and_unasked() -> None:
    """Art 563(3): on request or spontaneously."""
    for mode in ("on_request", "spontaneous"):
        assert ask("intelligence_report", REPORT, between=OUT, basis=TCA, mode=mode)["verdict"] == "permit"


@pytest.mark.law("TCA-563(3)-(4)")
def test_where_a_judge_is_needed_the_police_way_is_shut() -> None:
    """Art 563(4): not where domestic law requires a judicial channel."""
    answer = ask(
        "intelligence_report", REPORT, between=OUT, basis=TCA, facts={"judicial_channel_required": True}
    )
    assert refused(answer, "563(4)")


@pytest.mark.law("TCA-563(3)-(4)")
def test_nobody_having_said_whether_a_judge_is_needed_is_not_a_no() -> None:
    """Art 563(4): unknown protects."""
    answer = ask(
        "intelligence_report", REPORT, between=OUT, basis=TCA, facts={"judicial_channel_required": "unknown"}
    )
    assert answer["verdict"] == "refuse"


@pytest.mark.law("TCA-563(3)-(4)")
def test_a_likeness_goes_only_with_one_wanted_or_missing_person() -> None:
    """Art 563(3): wanted and missing persons and objects."""
    plain = ask("intelligence_report", ["event", "name", "face_image"], between=OUT, basis=f"{TCA}/563-1")
    assert "face_image" not in leaves(plain)
    wanted = ask(
        "intelligence_report",
        ["event", "name", "face_image"],
        between=OUT,
        basis=f"{TCA}/563-3-wanted-or-missing",
        facts={"wanted_or_missing": True},
    )
    assert "face_image" in leaves(wanted), wanted["failures"]


@pytest.mark.law("TCA-563(5)")
def test_urgent_means_as_soon_as_possible_and_no_hours() -> None:
    """Art 563(5): the article sets no number of hours."""
    answer = ask(
        "intelligence_report",
        REPORT,
        between=OUT,
        basis=TCA,
        urgent={"level": "threat_to_life", "reason": "invented: a launch tonight"},
    )
    clocks = [
        c
        for c in answer["clocks"]
        if c.get("article", "").startswith("TCA Art 563(5)") or c["name"] == "urgent-answer"
    ]
    assert clocks and all(c["as_soon_as_possible"] and not c.get("n") for c in clocks)


@pytest.mark.law("TCA-563(6)+")
def test_use_in_court_waits_for_the_givers_consent() -> None:
    """Art 563(6): evidence use with the provider's consent."""
    assert refused(ask("intelligence_report", REPORT, between=OUT, basis=TCA, purpose="evidence"), "563(6)")


@pytest.mark.law("TCA-563(6)+")
def test_what_travels_says_not_for_court() -> None:
    """Art 563(6): the condition goes with the information."""
    assert "no_court_use" in str(ask("intelligence_report", REPORT, between=OUT, basis=TCA)["travels"])


@pytest.mark.law("TCA-596-632")
@pytest.mark.parametrize("act", ["executive", "measure", "readmission", "live_identification"])
def test_information_is_no_warrant(act: str) -> None:
    """Arts 596-632: an arrest runs through surrender."""
    assert refused(ask("intelligence_report", REPORT, between=OUT, basis=TCA, act=act), "563")


@pytest.mark.law("TCA-528(a)")
def test_a_security_service_is_not_a_party() -> None:
    """Who is not listed is not a party."""
    answer = ask("intelligence_report", REPORT, between=("UK/mi5", "FR/police-judiciaire"), basis=TCA)
    assert answer["verdict"] == "refuse" and answer["headline"]["step"] in (4, "4", "who", "4 who")


@pytest.mark.law("TCA-563(1)")
def test_convictions_biometrics_and_asylum_stay_at_home() -> None:
    """Title IX and Title II have their own doors; an asylum claim has none."""
    kept = {"conviction", "dna", "fingerprint", "asylum"}
    answer = ask("intelligence_report", [*REPORT, *sorted(kept)], between=OUT, basis=TCA)
    assert not leaves(answer) & kept


@pytest.mark.law("TCA-525")
def test_before_adequacy_nothing_about_a_person_comes_from_a_member_state() -> None:
    """LED Arts 35-36: without adequacy or safeguards on the day no personal item comes."""
    answer = ask("intelligence_report", REPORT, between=IN, basis=TCA, at=datetime(2032, 3, 1, tzinfo=UTC))
    assert "name" not in leaves(answer)


@pytest.mark.law("TCA-563(1)")
def test_money_leads_wait_for_the_financial_intelligence_unit() -> None:
    """Art 563(1), money laundering; the unit's own leave comes first."""
    said = {"between": OUT, "basis": TCA, "purpose": "aml_cft", "confirmations": [confirmed("sign_off")]}
    assert ask("finance_lead", ["event", "finance"], **said)["verdict"] == "refuse"
    answer = ask("finance_lead", ["event", "finance"], **said, facts={"fiu_consent": True})
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("TCA-563(1)")
def test_without_what_happened_nothing_goes() -> None:
    """The event is essential: held back by its owner, the report is refused, not hollowed out."""
    owned = {
        "event": {
            "handling": {
                "code": "H3",
                "classification": "SECRET",
                "caveats": [],
                "restrictions": [],
                "consents": [],
            }
        }
    }
    assert ask("intelligence_report", REPORT, between=OUT, basis=TCA, changed=owned)["verdict"] == "refuse"


@pytest.mark.law("TCA-563(1)")
def test_a_person_whose_part_is_unknown_is_not_told() -> None:
    """LED Art 6, DPA s.38(3): suspects, convicts, victims and witnesses stay apart."""
    answer = ask("intelligence_report", REPORT, between=OUT, basis=TCA, subjects=[person(role="unknown")])
    assert "name" not in leaves(answer) and "name" not in str(leaves(answer))
    assert answer["verdict"] != "permit" or "name" in withheld(answer)
