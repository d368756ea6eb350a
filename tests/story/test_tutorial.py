"""The tutorial's commands run as they are printed, one after another, in an empty folder."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cordiale import cli

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "a-night-in-the-channel.md"
VERIFIER = PAGE.parents[1] / "reference" / "verify_exchange.py"
PRINTED = re.compile(r"printf '([^']*)' > (\w+)")


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return [line.removeprefix("$ ") for block in blocks for line in block.strip().splitlines()]


def test_every_command_of_the_tutorial_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(VERIFIER, tmp_path)
    lines, heard = commands(), ""
    assert len(lines) >= 16
    for line in lines:
        if found := PRINTED.fullmatch(line):
            Path(found[2]).write_text(found[1], encoding="utf-8")
            continue
        line, _, into = line.partition(" > ")
        program, *words = shlex.split(line.replace("the twelve words you hear", heard))
        if program == "python":
            assert subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode == 0
            continue
        assert program == "cordiale"
        assert cli.main(words) == 0, line
        told = capsys.readouterr()
        if into:
            Path(into).write_text(told.out, encoding="utf-8")
            heard = told.err.partition("telephone: ")[2].strip()


def test_the_tutorial_names_every_step_of_the_demonstration() -> None:
    from cordiale.demo import story

    text = PAGE.read_text(encoding="utf-8")
    source = Path(story.__file__).read_text(encoding="utf-8")
    for name in (
        "report",
        "onward_without_consent",
        "onward_with_consent",
        "suspended",
        "distress",
        "recall",
        "partner_down_and_back",
    ):
        assert f"`{name}`" in text and f'"{name}"' in source
