"""The list of agreements with their state on a day, and each file in plain lines."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cordiale.agreements import explain, listing
from tests.agreements.gate_factories import AT, agreement, provision, record, world


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (AT, "in force"),
        (datetime(2023, 1, 1, tzinfo=UTC), "not yet"),
        (datetime(2031, 1, 1, tzinfo=UTC), "ended"),
    ],
)
def test_the_state_follows_the_day(tmp_path: Path, at: datetime, state: str) -> None:
    register = world(tmp_path)
    found = listing(register, register.on(at))
    assert (found[0].id, found[0].state, found[0].until) == ("deal", state, "2030-01-01")
    assert found[1].until == ""


def test_suspended_and_unknown_are_said(tmp_path: Path) -> None:
    stopped = world(tmp_path, records={"stop": record("stop", "suspension", agreement='"deal"')})
    assert listing(stopped, stopped.on(AT))[0].state == "suspended"
    text = agreement().replace("until = 2030-01-01", 'status = "unknown"')
    (tmp_path / "record-stop.toml").unlink()
    unsure = world(tmp_path, text)
    assert listing(unsure, unsure.on(AT))[0].state == "unknown"


def test_each_provision_stands_with_its_article_and_confidence(tmp_path: Path) -> None:
    extra = (
        '[[taint]]\narticle = "T"\nsentence = "t"\nsystems = ["sis"]\n[[protects]]\narticle = '
        '"P"\nsentence = "p"\nwhen = {minor = ["yes"]}\nagainst = {}\neffect = "withhold"\n'
    )
    text = agreement(provision(confidence='"unconfirmed"', read='"Art 9"') + extra)
    text = text.replace('code = "UK"', 'code = "UK"\nfootnote = "a note"', 1)
    register = world(tmp_path, text.replace('[[side.authority]]\nid = "mup"\n', ""))
    lines = explain(register.agreements[0], register.on(AT))
    joined = "\n".join(lines)
    assert "Art 1 (1): permit. Invented: 1. [unconfirmed]" in joined and "a person must read: Art 9" in joined
    assert "RS: nobody named" in joined and "every police" in joined and "(a note)" in joined
    assert "T: t [source bar" in joined and "P: p [protects" in joined and "with approval:UK>EU" in joined
