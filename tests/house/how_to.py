"""Run a how-to page: lay down the files it shows, run its console lines, compare what it says they print."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)```", re.S)
ANYTHING = "…"
"""A line of its own: here the page leaves lines out."""


@dataclass(slots=True)
class Line:
    """One command and what the page shows of its output."""

    command: str
    shown: list[str] = field(default_factory=list)


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """(language, file, text) of every fenced block, in order."""
    return FENCE.findall(page.read_text(encoding="utf-8"))


def lines(text: str) -> list[Line]:
    """The commands of a console block."""
    found: list[Line] = []
    for line in text.strip().splitlines():
        if line.startswith("$ "):
            found.append(Line(line.removeprefix("$ ")))
        else:
            found[-1].shown.append(line)
    return found


def follow(page: Path, folder: Path) -> int:
    """Do what the page says in `folder`; how many commands. Fails where it prints something else."""
    count = 0
    for language, file, text in blocks(page):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        elif language == "console":
            for line in lines(text):
                run(line, folder)
                count += 1
    return count


def run(line: Line, folder: Path) -> None:
    """Run one line in a shell, with this environment's commands first, and compare."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDIALE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    done = subprocess.run(
        ["bash", "-c", line.command], cwd=folder, env={**kept, "PATH": path, "COLUMNS": "80"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    printed = done.stdout + done.stderr if done.returncode == 0 else done.stderr + done.stdout
    assert done.returncode == 0, f"{line.command}\n{printed}"
    missing = absent(line.shown, done.stdout, done.stderr)
    assert not missing, f"{line.command}\ndoes not print: {missing}\nbut:\n{printed}"


def absent(shown: list[str], out: str, err: str) -> str:
    """The first shown line that is not printed, in order; line breaks do not count. "" when all are."""
    rest = " ".join(f"{err}\n{out}".split())
    for line in shown:
        words = " ".join(line.split())
        if words == ANYTHING:
            continue
        if words not in rest:
            return line
        rest = rest.partition(words)[2]
    return ""
