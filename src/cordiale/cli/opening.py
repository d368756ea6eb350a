"""Opening the node in a home folder. Secrets come from a file or the terminal, never from an argument."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cordiale.cli.telling import progress
from cordiale.errors import UsageError
from cordiale.world import SystemDisk

if TYPE_CHECKING:
    from cordiale.node import Node

OTHERS: Final = 0o077  # the bits of a file's mode for group and others


def world() -> Any:
    """The machine's own clock, chance and disk."""
    from cordiale.node import system_world

    return system_world()


def opened(home: Path, passphrase_file: Path | None, flags: Mapping[str, Any] | None = None) -> Node:
    """The node in `home`, opened; close it with `with`."""
    from cordiale.node import open_node, read_settings

    settings = read_settings(home, SystemDisk(), environment=os.environ, flags=flags)
    named = passphrase_file or (Path(settings.passphrase_file) if settings.passphrase_file else None)
    return open_node(home, secret(named, "Passphrase"), settings=settings, world=world())


def passphrase(home: Path, file: Path | None) -> str:
    """The passphrase of the node in `home`: from the file named, the one in its settings, or the terminal."""
    from cordiale.node import read_settings

    if file is None:
        named = read_settings(home, SystemDisk(), environment=os.environ).passphrase_file
        file = Path(named) if named else None
    return secret(file, "Passphrase")


def secret(file: Path | None, what: str, *, twice: bool = False) -> str:
    """A secret from a file, or asked on the terminal; never from an argument or the environment."""
    if file is not None:
        _warn_if_open(file)
        try:
            return read(file).decode("utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise UsageError(f"`{file}` is no text: is it the right file?") from None
    if not sys.stdin.isatty():
        raise UsageError(
            f"{what}: there is no file and no terminal", way_out="Name a file with --passphrase-file."
        )
    typed = getpass.getpass(f"{what}: ")
    if twice and getpass.getpass("Once more: ") != typed:
        raise UsageError("the two were not the same", way_out="Begin again.")
    return typed


def _warn_if_open(file: Path) -> None:
    """A secret that other accounts of this machine can read is none; it may be meant so, in a container."""
    from cordiale.node.saying import Said

    if file.is_file() and file.stat().st_mode & OTHERS:
        progress(Said("WARNING: other accounts can read `{file}`: `chmod 600 {file}`", file=file))


def signed_in(who: str) -> tuple[str, str]:
    """Password and code of one person who sits at this terminal."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"{who} has to type password and code here, and there is no terminal",
            way_out="Run this where both people can sit down.",
        )
    return getpass.getpass(f"Password of {who}: "), input(f"Code of {who}: ").strip()


def to_write(file: Path, home: Path, passphrase_file: Path | None, *, replace: bool) -> Path:
    """A file that a command may write. Raises UsageError when something stands there already, unless it may
    be replaced; and always for what a node lives on: its home folder, and every file that its settings name.
    """
    from cordiale.node import read_settings

    lives_on = read_settings(home, SystemDisk(), environment=os.environ).lives_on(home)
    if passphrase_file is not None:
        lives_on[passphrase_file.resolve()] = "passphrase_file"
    place = file.resolve()
    for held, setting in lives_on.items():
        if place.is_relative_to(held) or _same(place, held):
            raise UsageError(
                f"`{file}` is what the node lives on (`{setting}`: `{held}`), and that is never written over",
                field="file",
                way_out="Name a file outside of it, best on another disk.",
            )
    if file.exists() and not (replace and file.is_file()):
        raise UsageError(
            f"`{file}` exists already",
            field="file",
            way_out="Name another file, or say --replace if this one may go.",
        )
    return file


def _same(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, also by a hard link."""
    return one.exists() and other.exists() and one.samefile(other)


def read(path: Path) -> bytes:
    """The bytes of a file that was named. Raises UsageError with the reason."""
    try:
        return SystemDisk().read(path)
    except OSError as wrong:
        raise UsageError(f"`{path}` cannot be read: {wrong.strerror}", way_out="Check the path.") from None
