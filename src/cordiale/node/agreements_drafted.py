"""Agreements that are being written: folders of TOML in the node's home, asked in May I? before they count.

A draft is read beside all that counts here, so that it may point there, in the place of what has its id. It
is asked alone, beside the laws, the register and the records; it decides nothing that is sent.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from cordiale.agreements import Register
from cordiale.agreements.check import lint
from cordiale.agreements.register import gather
from cordiale.agreements.text import Loaded, load_folder
from cordiale.errors import UsageError
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


def register_on(home: Path, name: str, disk: Disk, *, texts: str = "") -> Register:
    """The register as a draft has it, without the agreements that are not in it: every answer of it a draft.

    `texts`: the node's own folder of texts, if it has one. Raises UsageError where there is no such draft,
    AgreementFileError for the first mistake in it.
    """
    if name not in drafts(home):
        raise UsageError(f"`{name[:60]}` is no draft of this node", field="texts")
    read = load_folder(home / FOLDER / name, disk)
    if read.mistakes:
        raise read.mistakes[0]
    whole = _in_place(read, home, texts, disk)
    kept = {one.id for one in read.agreements}
    alone = tuple(one for one in whole.agreements if one.is_law or one.id in kept)
    return Register(replace(whole, agreements=alone), draft=True)


def _in_place(read: Loaded, home: Path, texts: str, disk: Disk) -> Loaded:
    """Everything that a node reads, with a draft in the place of what has its ids.

    Raises AgreementFileError for a pointer of the draft that leads nowhere.
    """
    loaded, mistakes = gather(Path(texts) if texts else None, None, disk)
    own = load_folder(home / "records", disk) if (home / "records").is_dir() else None
    ids = {one.id for one in read.agreements}
    parts = [one for one in (own, read) if one is not None]
    whole = replace(
        loaded,
        agreements=(*(one for one in loaded.agreements if one.id not in ids), *read.agreements),
        records=tuple(one for part in (loaded, *parts) for one in part.records),
        register=tuple(one for part in (loaded, *parts) for one in part.register),
        digests=tuple(one for part in (loaded, *parts) for one in part.digests),
        sources=tuple(one for part in (loaded, *parts) for one in part.sources),
    )
    known = {(one.message, one.field) for one in mistakes}
    fresh = [one for one in lint(whole) if (one.message, one.field) not in known]
    for wrong in (*mistakes, *fresh):
        raise wrong
    return whole
