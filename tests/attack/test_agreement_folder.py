"""What if the folder of agreements is hostile? Each file is a mistake with its name, and nothing hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cordiale.agreements.text import FILE_BYTES_MAX, load_folder
from cordiale.world import SystemDisk

MISTAKES: dict[str, tuple[Callable[[Path], object], str]] = {
    "lists in lists": (lambda at: at.write_text("a = " + "[" * 100_000 + "]" * 100_000), "in one another"),
    "tables in tables": (
        lambda at: at.write_text("a = " + "{a=" * 5_000 + "1" + "}" * 5_000),
        "in one another",
    ),
    "an endless key": (lambda at: at.write_text(".".join(["a"] * 100_000) + " = 1"), "parts"),
    "an endless header": (lambda at: at.write_text("[" + ".".join(["a"] * 100_000) + "]"), "parts"),
    "an endless number": (lambda at: at.write_text("a = " + "9" * 10_000), "too long"),
    "a key twice": (lambda at: at.write_text('id = "a"\n"id" = "b"'), "overwrite"),
    "a key that looks alike": (lambda at: at.write_text('kind = "agreement"\n"ⅰd" = "x"'), "not a key here"),
    "half a character": (lambda at: at.write_bytes(b'a = "\xed\xa0\x80"'), "UTF-8"),
    "a folder": (Path.mkdir, "plain file"),
    "a pipe": (os.mkfifo, "plain file"),
    "a link to nothing": (lambda at: at.symlink_to(at.parent / "none"), "plain file"),
    "a link to itself": (lambda at: at.symlink_to(at), "plain file"),
    "a link to what has no end": (lambda at: at.symlink_to("/dev/zero"), "plain file"),
    "a file of gigabytes": (lambda at: (at.touch(), os.truncate(at, 8 << 30)), f"{FILE_BYTES_MAX} bytes"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_hostile_file_is_a_mistake_that_is_named_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    make, says = MISTAKES[name]
    make(tmp_path / "hostile.toml")
    (tmp_path / "other.toml").write_text("")
    begun = time.process_time()
    found = load_folder(tmp_path, SystemDisk())
    assert time.process_time() - begun < 5
    assert any("hostile.toml" in one.message and says in one.message for one in found.mistakes)
    assert found.agreements == () and any(one.startswith("other.toml") for one in found.digests)


def test_folders_that_lead_into_each_other_are_read_once(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "again").symlink_to(tmp_path)
    (tmp_path / "one.toml").write_text("")
    assert len(load_folder(tmp_path, SystemDisk()).digests) == 1
