"""Are the findings of the files told in sentences and in JSON, by the command and by what it calls?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cordiale import cli
from cordiale.agreements import Register
from cordiale.agreements.proofs.findings import CONFLICT, DEAD, IDLE, KINDS, OVERLAP, Finding, Findings
from cordiale.node import agreements_examined

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID = "uk-xk-2024"


def test_every_kind_of_finding_has_its_sentence() -> None:
    assert set(agreements_examined.SAYS) == set(KINDS) == {DEAD, IDLE, CONFLICT, OVERLAP}
    told = Finding(OVERLAP, "a", "Art 1", ("b",), wins="b", why="(invented)")
    assert agreements_examined.sentence(told) == "a and b permit the same; b is cited: (invented) (Art 1)"
    assert "Art 1" in agreements_examined.sentence(replace(told, kind=CONFLICT))


def test_what_is_not_settled_is_said() -> None:
    found = Findings(ID, 1, NOON.date(), (), ("conflict a and b",))
    assert agreements_examined.lines(found)[-1].startswith("  1 not settled: only a message about several")


def test_the_agreements_asked_are_examined_one_after_the_other() -> None:
    register, told = Register.load(), list[str]()
    asked = [one for one in register.agreements if one.id == ID]
    (found,) = agreements_examined.examined(register, asked, NOON, tell=told.append)
    assert told == [f"1 of 1: {ID} as of 2026-11-22"]
    assert [one.line for one in found.found] == ["no-person", "no-executive"]
    assert agreements_examined.lines(found)[0] == f"{ID} as of 2026-11-22: 2 findings"


def test_the_command_prints_findings_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agreement", "findings", ID, "--at", "2026-11-22", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["agreements"]
    assert told["id"] == ID and {one["kind"] for one in told["findings"]} == {IDLE}
