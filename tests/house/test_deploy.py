"""What `deploy/` starts is what the command line has."""

import shlex
from configparser import RawConfigParser
from pathlib import Path

import pytest

from cordiale import cli

UNIT = Path(__file__).parents[2] / "deploy" / "cordiale.service"


@pytest.fixture
def unit() -> RawConfigParser:
    found = RawConfigParser(strict=False)
    found.optionxform = str  # names keep their capitals
    found.read_string(UNIT.read_text())
    return found


def test_the_service_starts_a_verb_with_flags_that_exist(
    unit: RawConfigParser, capsys: pytest.CaptureFixture[str]
) -> None:
    program, verb, *words = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/.venv/bin/cordiale") and verb == "serve"
    cli.main([verb, "--help"])
    told = capsys.readouterr().out
    assert all(word in told for word in words if word.startswith("--"))


def test_the_service_runs_without_privilege_and_is_always_started_again(unit: RawConfigParser) -> None:
    service = unit["Service"]
    assert service["User"] not in ("", "root") and service["NoNewPrivileges"] == "yes"
    assert service["Restart"] == "always" and service["UMask"] == "0077"
