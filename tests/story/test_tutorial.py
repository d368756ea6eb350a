"""The tutorial's commands run as they are printed, one after another, in an empty folder."""

import re
import shlex
from pathlib import Path

import pytest

from cordiale import cli

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "a-night-in-the-channel.md"
PRINTED = re.compile(r"printf '([^']*)' > (\w+)")


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return [line.removeprefix("$ ") for block in blocks for line in block.strip().splitlines()]


def test_every_command_of_the_tutorial_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = commands()
    assert len(lines) >= 11
    for line in lines:
        if found := PRINTED.fullmatch(line):
            Path(found[2]).write_text(found[1], encoding="utf-8")
            continue
        program, *words = shlex.split(line)
        assert program == "cordiale"
        assert cli.main(words) == 0, line


def test_the_tutorial_names_every_step_of_the_demonstration() -> None:
    from cordiale.demo import story

    text = PAGE.read_text(encoding="utf-8")
    source = Path(story.__file__).read_text(encoding="utf-8")
    for name in (
        "report",
        "onward_without_consent",
        "onward_with_consent",
        "distress",
        "recall",
        "partner_down_and_back",
    ):
        assert f"`{name}`" in text and f'"{name}"' in source
