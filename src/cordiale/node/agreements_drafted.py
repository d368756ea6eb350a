"""Agreements that are being written: folders of TOML in the node's home, asked in May I? before they count.

A draft stands alone beside the laws, the register and the records, as `cordiale decide --texts` reads it. It
decides nothing that is sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cordiale.agreements import Register
from cordiale.errors import UsageError
from cordiale.node.agreements import register_of
from cordiale.world import Disk

FOLDER: Final = "agreements-in-draft"
"""Where drafts lie in the home of a node: a folder each, read as `--texts` reads one."""
DRAFTS_MAX: Final = 50
"""Drafts that a list offers; an agency writes a few at a time."""


def drafts(home: Path) -> tuple[str, ...]:
    """The names of the drafts of a node."""
    place = home / FOLDER
    if not place.is_dir():
        return ()
    return tuple(sorted(one.name for one in place.iterdir() if one.is_dir()))[:DRAFTS_MAX]


def register_on(home: Path, name: str, disk: Disk) -> Register:
    """The register as a draft has it, every answer of it a draft.

    Raises UsageError where there is no such draft, AgreementFileError for the first mistake in it.
    """
    if name not in drafts(home):
        raise UsageError(f"`{name[:60]}` is no draft of this node", field="texts")
    return register_of(home, str(home / FOLDER / name), "", disk).supposing(())
