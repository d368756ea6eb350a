"""Does a set-up that fails name what failed and the way out, and can it be begun again?

The Makefile runs in an empty copy with an invented Python: nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = (
    "Makefile",
    "requirements/bootstrap.txt",
    "requirements/dev.txt",
    "pyproject.toml",
    "package-lock.json",
    "build_assets.py",
)
UV = """#!/bin/sh
case "$*" in
  "pip sync"*) test "$STEP" != uv ;;
  *) test "$STEP" != install ;;
esac
"""
INSIDE = """#!/bin/sh
case "$*" in
  "-m pip --version") test ! -e .venv/no-pip ;;
  "-m pip install"*) test "$STEP" != pip && cp uv .venv/bin/uv ;;
  *) test "$STEP" != assets ;;
esac
"""
PYTHON = """#!/bin/sh
case "$*" in
  "-c "*) test "$STEP" != old ;;
  "--version") echo "Python 3.9.1" ;;
  *) test "$STEP" != venv && mkdir -p .venv/bin && cp inside .venv/bin/python ;;
esac
"""
WAYS = {
    "old": ("needs Python 3.11", "PYTHON=python3.11"),
    "venv": ("could not make .venv", "python3-venv"),
    "pip": ("pip could not fetch uv", "PIP_INDEX_URL"),
    "uv": ("packages of requirements/dev.txt", "UV_DEFAULT_INDEX"),
    "assets": ("browser files", "NPM_CONFIG_REGISTRY"),
    "install": ("could not be installed", "make clean"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name, text in (("uv", UV), ("inside", INSIDE), ("python", PYTHON)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(copy: Path, step: str, python: str = "./python") -> subprocess.CompletedProcess[str]:
    known = {"HOME": str(copy), "PATH": "/usr/bin:/bin", "STEP": step}
    command = ["make", "setup", f"PYTHON={python}"]
    return subprocess.run(
        command, check=False, cwd=copy, env=known, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("step", WAYS)
def test_a_step_that_fails_is_named_with_the_way_out_and_nothing_is_called_ready(
    copy: Path, step: str
) -> None:
    found = make(copy, step)
    said = found.stdout + found.stderr
    assert found.returncode == 2 and not (copy / ".venv" / ".ready").exists()
    assert all(words in said for words in WAYS[step]), said
    assert make(copy, "").returncode == 0, "begun again, it goes through"
    assert (copy / ".venv" / ".ready").exists()


def test_a_python_that_is_not_there_is_named(copy: Path) -> None:
    found = make(copy, "", python="python-of-nobody")
    assert found.returncode == 2 and "there is no `python-of-nobody`" in found.stderr


def test_a_folder_whose_pip_is_broken_is_made_anew(copy: Path) -> None:
    assert make(copy, "pip").returncode == 2
    (copy / ".venv" / "no-pip").touch()
    assert make(copy, "").returncode == 0
    assert not (copy / ".venv" / "no-pip").exists()
