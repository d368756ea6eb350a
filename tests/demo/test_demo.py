"""The demonstration runs whole, ends with three verified ledgers, and tells only what happened."""

import json
import os
import subprocess
import sys

import pytest

WITHHELD_FROM_FRONTEX = ("suspects.", "vehicles.")


@pytest.fixture(scope="module")
def night() -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
    return subprocess.run(
        [sys.executable, "-m", "cordiale.cli", "demo"],
        env=environment | {"DEMO_ONCE": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def summary(night: subprocess.CompletedProcess[str]) -> dict[str, list[dict[str, object]]]:
    assert night.returncode == 0, night.stderr
    found: dict[str, list[dict[str, object]]] = json.loads(night.stdout.strip().splitlines()[-1])
    return found


def step(summary: dict[str, list[dict[str, object]]], name: str) -> dict[str, object]:
    return next(one for one in summary["steps"] if one["name"] == name)


def test_it_says_first_that_nothing_in_it_is_endorsed_or_real(
    night: subprocess.CompletedProcess[str],
) -> None:
    assert "not endorsed by any agency" in night.stderr.splitlines()[0]


def test_every_step_has_the_keys_that_the_summary_promises(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    assert set(summary) == {"steps", "ledgers"}
    assert all(
        set(one) == {"name", "from", "to", "verdict", "article", "withheld"} for one in summary["steps"]
    )
    assert all(one["article"] for one in summary["steps"])


def test_the_report_is_permitted_under_the_trade_treaty(summary: dict[str, list[dict[str, object]]]) -> None:
    found = step(summary, "report")
    assert (found["verdict"], found["withheld"]) == ("permit", []) and "563" in str(found["article"])


def test_frontex_gets_nothing_without_consent_and_no_person_with_it(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    assert step(summary, "onward_without_consent")["verdict"] == "refuse"
    found = step(summary, "onward_with_consent")
    assert found["verdict"] == "withhold"
    withheld = found["withheld"]
    assert isinstance(withheld, list) and withheld
    assert all(str(one).startswith(WITHHELD_FROM_FRONTEX) for one in withheld)


def test_a_person_with_a_pending_claim_reaches_neither_the_state_of_origin_nor_who_passes_it_on(
    summary: dict[str, list[dict[str, object]]],
) -> None:
    assert step(summary, "protected_from_origin_state")["verdict"] == "refuse"
    assert "Art 33" in str(step(summary, "protected_from_origin_state")["article"])
    assert step(summary, "protected_from_frontex")["verdict"] in ("refuse", "withhold")
    withheld = step(summary, "protected_from_frontex")["withheld"]
    assert isinstance(withheld, list) and len(withheld) == 4


def test_distress_sounds_until_a_named_person_confirms(night: subprocess.CompletedProcess[str]) -> None:
    heard, confirmed = night.stderr.index("DISTRESS, NOT CONFIRMED"), night.stderr.index("the sound stops")
    assert heard < confirmed


def test_the_recall_reaches_every_copy(summary: dict[str, list[dict[str, object]]]) -> None:
    assert step(summary, "recall")["to"] == "UK/home-office"
    assert step(summary, "recall_follows_copy")["to"] == "FRONTEX/frontex"


def test_three_ledgers_verify(summary: dict[str, list[dict[str, object]]]) -> None:
    assert [one["node"] for one in summary["ledgers"]] == [
        "uk-home-office",
        "fr-police-judiciaire",
        "frontex-frontex",
    ]
    assert all(one["verified"] is True and int(str(one["size"])) > 5 for one in summary["ledgers"])


def test_ports_that_are_not_six_are_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cordiale.cli", "demo", "--once"],
        env=os.environ | {"CORDIALE_DEMO_PORTS": "1,2"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and "CORDIALE_DEMO_PORTS" in done.stderr
