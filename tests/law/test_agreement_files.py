"""Every line of every agreement file says where it comes from and how sure that is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cordiale
from cordiale.terms import CATEGORIES, Category, Personal

TEXTS = Path(cordiale.__file__).parent / "agreements" / "texts" / "agreements"
HERE = Path(__file__).parent
FILES = sorted(TEXTS.glob("*.toml"))
BLOCKS = ("validity", "side", "provision", "protects", "taint", "deployment")
SURE = {"confirmed", "partly", "unconfirmed"}
NOT_A_BASIS = {"arrangement", "declaration", "political", "announced"}

# uk-frontex-wa-2024 -> test_uk_frontex_wa_2024.py
TESTS = {path.stem: HERE / f"test_{path.stem.lower().replace('-', '_')}.py" for path in FILES}


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def lines(text: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line of a file that says something about the law, with a name for it."""
    yield "head", text
    for block in BLOCKS:
        for number, line in enumerate(text.get(block, []), 1):
            yield f"{block} {line.get('id', number)}", line
    for side in text["side"]:
        for authority in side.get("authority", []):
            yield f"authority {authority.get('id', authority.get('kind'))}", authority
    for direction, basis in text.get("basis", {}).items():
        yield f"basis {direction}", basis
    yield "terms", text["terms"]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read(request.param)


def test_eighteen_agreements_are_shipped() -> None:
    assert len(FILES) == 18


def test_every_line_names_its_source_and_how_sure_it_is(text: dict[str, Any]) -> None:
    bare = [
        name for name, line in lines(text) if not line.get("source") or line.get("confidence") not in SURE
    ]
    assert not bare


def test_every_rule_names_its_article_and_says_it_in_our_words(text: dict[str, Any]) -> None:
    rules = [
        (name, line)
        for name, line in lines(text)
        if name.split()[0] in ("provision", "protects", "taint", "deployment")
    ]
    bare = [name for name, line in rules if not line.get("article") or not line.get("sentence")]
    assert rules and not bare


def test_every_rule_names_the_row_of_law_that_it_encodes(text: dict[str, Any]) -> None:
    rules = [(name, line) for name, line in lines(text) if name.split()[0] not in ("validity", "authority")]
    assert not [name for name, line in rules if not line.get("rows")]


def test_an_unconfirmed_line_never_permits_and_names_the_paragraph_to_read(text: dict[str, Any]) -> None:
    for name, line in lines(text):
        if line["confidence"] == "unconfirmed":
            assert line.get("effect") != "permit", name
            assert line.get("read"), name
            assert line.get("mode", "none") == "none", name


def test_a_text_that_binds_nobody_is_no_basis_for_data_about_persons(text: dict[str, Any]) -> None:
    if text["legal_nature"] not in NOT_A_BASIS:
        return
    for direction, basis in text["basis"].items():
        leaning = basis.get("relies_on") or basis.get("records")
        assert basis["data"] in ("none", "identifiers") or leaning, direction
        assert basis["mode"] != "instrument" or basis.get("relies_on"), direction


def test_what_is_essential_is_granted(text: dict[str, Any]) -> None:
    for provision in text["provision"]:
        if provision["effect"] == "permit":
            assert "essential" in provision, provision["id"]
            assert set(provision["essential"]) <= set(provision["granted"]), provision["id"]
            assert not set(provision["granted"]) & set(provision.get("withheld", [])), provision["id"]


def test_a_provision_that_says_no_persons_grants_none(text: dict[str, Any]) -> None:
    may = {"none": {Personal.NONE}, "identifiers": {Personal.NONE, Personal.IDENTIFIERS}}
    may["staff"] = {Personal.NONE, Personal.STAFF}
    for provision in text["provision"]:
        allowed = may.get(provision.get("personal", ""))
        if provision["effect"] == "permit" and allowed:
            granted = {CATEGORIES[Category(c)].personal for c in provision["granted"]}
            assert granted <= allowed, provision["id"]


def test_every_permit_has_an_onward_rule_a_ceiling_and_closed_scopes(text: dict[str, Any]) -> None:
    for provision in text["provision"]:
        if provision["effect"] != "permit" or provision["types"] == ["rights_report"]:
            continue
        for scope in ("types", "acts", "directions", "purposes", "regimes"):
            assert provision[scope], f"{provision['id']}: {scope}"
        assert provision["onward"]["rule"] and provision["ceiling"]["classification"], provision["id"]
        above = ("RESTREINT UE", "CONFIDENTIEL UE", "SECRET", "TOP SECRET")
        assert provision["ceiling"]["classification"] not in above, provision["id"]


def test_no_agreement_lends_a_deployed_person_executive_power(text: dict[str, Any]) -> None:
    for deployment in text.get("deployment", []):
        assert deployment["executive"] is False
        assert not {"executive", "measure", "readmission", "live_identification"} & set(deployment["acts"])


def test_no_permit_grants_asylum_belief_or_health(text: dict[str, Any]) -> None:
    for provision in text["provision"]:
        if provision["effect"] == "permit":
            assert not {"asylum", "belief", "health", "ethnicity", "sexuality"} & set(provision["granted"])


def test_every_agreement_has_its_own_law_tests() -> None:
    missing = [stem for stem, test in TESTS.items() if not test.exists()]
    assert not missing


@pytest.mark.law("XK-01")
def test_kosovo_carries_its_neutral_footnote() -> None:
    kosovo = next(s for s in read(TEXTS / "uk-xk-2024.toml")["side"] if s["code"] == "XK")
    assert "without prejudice to positions on status" in kosovo["footnote"]
    assert "1244/1999" in kosovo["footnote"]
