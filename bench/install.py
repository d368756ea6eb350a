"""How much a node's core install weighs, measured from the wheel in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.row import Row

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
CEILING_MB = 160.0


def rows() -> list[Row]:
    """Build the wheel, install it with the locked core into a new environment, add up every file."""
    with tempfile.TemporaryDirectory(prefix="cordiale-install-") as folder:
        place = Path(folder)
        run("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", str(place / "dist"))
        wheel = next((place / "dist").glob("*.whl"))
        run("venv", "-q", "--python", sys.executable, str(place / "env"))
        python = str(place / "env" / "bin" / "python")
        run("pip", "install", "-q", "--python", python, "--require-hashes", "-r", "requirements/core.txt")
        run("pip", "install", "-q", "--python", python, "--no-deps", str(wheel))
        subprocess.run(
            [str(place / "env" / "bin" / "cordiale"), "--help"], check=True, stdout=subprocess.DEVNULL
        )
        size_mb = weight_mb(place / "env")
        return [
            Row("core install", size_mb, "MB", f"≤ {CEILING_MB:.0f} MB", size_mb <= CEILING_MB),
            Row("wheel", wheel.stat().st_size / 1e6, "MB"),
        ]


def run(*words: str) -> None:
    """Run uv, quietly, and fail with its own words."""
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    done = subprocess.run(
        [str(UV), *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"uv {' '.join(words)}: {done.stderr.strip()}")


def weight_mb(folder: Path) -> float:
    """The bytes of all regular files below a folder, in millions; links are not followed."""
    return sum(p.lstat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 1e6
