"""What a command says of itself: whole sentences, an example typed rightly; and so in every document."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cordiale import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(?:sh|console)?\n(.*?)^```", re.S | re.M)
INLINE = re.compile(r"`(cordiale [^`…]+)`")
NOT_A_COMMAND = ("cordiale security", "cordiale …")


def commands() -> Iterator[tuple[str, Any]]:
    def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        if command.hidden:
            return
        nested = getattr(command, "commands", None)
        if nested is None:
            yield path, command
        for name, one in (nested or {}).items():
            yield from walk(one, f"{path} {name}")

    return walk(get_command(cli.app), "cordiale")


COMMANDS = dict(commands())


def parsed(line: str) -> str:
    """The command that a line means, once its words are options and arguments of it; "" for a group alone."""
    words = shlex.split(re.split(r" (?:\|\||&&|\||>|2>|<|#) ?", line)[0].replace("\\\n", " "))
    command: Any = get_command(cli.app)
    context = command.make_context("cordiale", list(words[1:]), resilient_parsing=True)
    rest = list(words[1:])
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    if hasattr(command, "commands"):
        assert not rest, f"no such command: {line}"
        return ""
    command.make_context(command.name, rest, parent=context)
    return str(command.name)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_is_whole_sentences_and_an_example_that_is_typed_rightly(name: str) -> None:
    command = COMMANDS[name]
    assert command.help.strip()[0].isupper() and command.help.strip().endswith(".")
    first = " ".join(command.help.split()).partition(". ")[0]
    assert len(first) <= 60, "the list of commands shows the first sentence whole"
    assert command.epilog.startswith("Example: ")
    example = command.epilog.removeprefix("Example: ")
    assert example.startswith(f"{name} ") or example == name
    assert parsed(example)
    for one in command.params:
        if one.name != "help":
            assert one.help and one.help[0].isupper() and one.help.endswith("."), one.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_document_is_one_that_can_be_typed(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in FENCE.findall(text):
        for line in re.findall(r"^(?:\$ )?(cordiale (?:[^\n]*\\\n)*[^\n]*)", block, re.M):
            assert parsed(line), line


@pytest.mark.parametrize("name", ["agreement", "peer", "ledger", "officer"])
def test_a_group_without_a_command_shows_what_there_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name]) == 2
    told = capsys.readouterr().err
    assert "Commands:" in told and "See `" not in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("peer ad", "No such command 'ad'. Did you mean"),
        ("init --sid FR", "--side"),
        (
            "serve --pages-port many",
            "'--pages-port': Input should be a valid integer, unable to parse string as an integer. See",
        ),
        ("rehearse nowhere.txt", "cannot be read"),
    ],
)
def test_a_slip_of_the_finger_is_told_with_what_was_meant(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words.split()) == 2
    assert says in capsys.readouterr().err


NIGHT = """at: 2026-11-22T20:00:00+00:00
nodes: UK=hm-coastguard; FR=cross-gris-nez
FR/cross-gris-nez opens distress distress_call
settle
UK/hm-coastguard {sounds}
"""


def test_a_story_is_rehearsed_and_what_does_not_come_true_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = tmp_path / "night.txt"
    story.write_text(NIGHT.format(sounds="sounds"))
    assert cli.main(["rehearse", str(story)]) == 0
    assert "audit: all is well" in capsys.readouterr().out
    story.write_text(NIGHT.format(sounds="is silent"))
    assert cli.main(["rehearse", str(story), "--json"]) == 1
    assert '"wrong": [\n    "UK/hm-coastguard is silent' in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "at: yesterday\nnodes: UK=home-office\n", NIGHT.format(sounds="sings")])
def test_what_is_no_story_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "night.txt").write_text(text)
    assert cli.main(["rehearse", str(tmp_path / "night.txt")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_list_that_is_too_wide_for_the_terminal_is_told_line_by_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(["agreement", "list", "--at", "2026-11-22"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "uk-frontex-wa-2024" in lines
    assert max(map(len, lines)) <= 80
