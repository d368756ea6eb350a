"""Calais Group: priority plan and customs partnership. All persons are invented."""

from __future__ import annotations

import pytest
from agreement_questions import ask, confirmed, leaves, person, refused

CALAIS = "calais-group-2024"
SIGNED = {"confirmations": [confirmed("sign_off")]}
RELEASED = {"confirmations": [confirmed("release")]}


@pytest.mark.law("CG-02")
@pytest.mark.parametrize("recipient", ["BE/be-police", "FR/oltim", "DE/de-police", "NL/nl-police"])
def test_routes_are_told_to_each_of_the_four(recipient: str) -> None:
    """Priority plan: movements on all routes, without persons."""
    said = {"purpose": "situational_awareness", "regime": "immigration", "subjects": []}
    answer = ask(
        "route_intelligence", ("route", "event", "price"), between=("UK/nca", recipient), basis=CALAIS, **said
    )
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("CG-01")
@pytest.mark.parametrize("recipient", ["IE/ie-police", "FRONTEX/frontex"])
def test_whoever_only_looks_on_receives_nothing(recipient: str) -> None:
    """Five states; observers are no recipients, and the group is none either."""
    said = {"purpose": "situational_awareness", "regime": "immigration", "subjects": []}
    answer = ask("route_intelligence", ("route",), between=("UK/nca", recipient), basis=CALAIS, **said)
    assert answer["verdict"] == "refuse"


@pytest.mark.law("CG-02")
def test_a_network_profile_between_states_leans_on_article_563() -> None:
    """A political text is no basis of its own."""
    parts = ("event", "offence", "name", "association")
    answer = ask("network_profile", parts, between=("UK/nca", "DE/de-police"), basis=CALAIS, **RELEASED)
    assert answer["verdict"] == "permit", answer["failures"]
    assert "eu-uk-tca-563-operational" in str(answer["basis"]["relies_on"])


@pytest.mark.law("CG-02")
def test_an_advert_is_one_account_a_person_has_looked_at() -> None:
    """Priority plan: social media."""
    said = {"between": ("UK/nca", "FR/oltim"), "basis": CALAIS}
    parts = ("event", "online_account", "price")
    assert ask("advert_report", parts, **said)["verdict"] == "refuse"
    answer = ask("advert_report", parts, **said, **SIGNED)
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("CG-02")
@pytest.mark.parametrize("targeting", ["untargeted", "group", "named_list"])
def test_nobodys_account_is_trawled(targeting: str) -> None:
    """No scraping of migrants' own accounts."""
    said = {"between": ("UK/nca", "FR/oltim"), "basis": CALAIS, "targeting": targeting}
    assert refused(ask("advert_report", ("event", "online_account"), **said, **SIGNED), "social media")


@pytest.mark.law("FR-05")
def test_customs_bodies_tell_each_other_of_consignments() -> None:
    """Customs partnership led by the UK and France."""
    said = {"between": ("UK/hmrc", "FR/douane"), "basis": CALAIS, "purpose": "customs"}
    parts = ("consignment", "goods", "route", "organisation")
    answer = ask("consignment", parts, **said, **SIGNED, subjects=[])
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("FR-05")
def test_a_trader_is_named_only_when_suspected() -> None:
    """Personal data not without suspicion."""
    said = {"between": ("UK/hmrc", "FR/douane"), "basis": CALAIS, "purpose": "investigate"}
    parts = ("consignment", "trader")
    named = ask("consignment", parts, **said, **SIGNED, subjects=[person(role="suspect")])
    assert "trader" in leaves(named), named["failures"]
    plain = ask("consignment", parts, **said, **SIGNED, subjects=[person(role="trader")])
    assert "trader" not in leaves(plain)


@pytest.mark.law("CG-02")
def test_money_leads_wait_for_the_financial_intelligence_unit() -> None:
    """Illicit finance; the unit's leave."""
    said = {"between": ("UK/nca", "FR/oltim"), "basis": CALAIS, "purpose": "aml_cft"}
    assert ask("finance_lead", ("event", "finance"), **said, **SIGNED)["verdict"] == "refuse"


@pytest.mark.law("CG-02", "uk:CALAIS-EPC")
def test_warnings_to_people_are_made_together() -> None:
    """Preventive communications."""
    said = {"between": ("UK/home-office", "BE/be-contact-point"), "basis": CALAIS}
    answer = ask("practice_note", ("practice",), **said, purpose="prevent", regime="none", subjects=[])
    assert answer["verdict"] == "permit", answer["failures"]


@pytest.mark.law("CG-01")
@pytest.mark.parametrize("act", ["measure", "executive", "readmission"])
def test_the_group_decides_about_nobody(act: str) -> None:
    """Political text."""
    said = {"between": ("UK/nca", "FR/oltim"), "basis": CALAIS, "act": act}
    assert ask("route_intelligence", ("route",), **said)["verdict"] == "refuse"
