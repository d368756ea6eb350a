"""What must outlive this process while the database cannot write: distress, sealed, in small files beside it.

Each file is locked by the vault and synced before it counts. A reserve is laid down while there is room, and
given up when the disk is full: then, too, there is room for what a life may hang on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cordiale.errors import OpenError
from cordiale.seals import Vault
from cordiale.world import Disk

FOLDER: Final = "spool"
RESERVE: Final = "reserve"
RESERVE_BYTES: Final = 4 << 20  # a hundred calls of 40 kB: a night in the Channel has tens


@dataclass(slots=True)
class Spool:
    """The small files of one node. `folder` lies in its home."""

    folder: Path
    disk: Disk
    vault: Vault

    def prepare(self) -> None:
        """Lay the reserve down if there is none and the disk has room; it is no fault if it has not."""
        if RESERVE in self.disk.names(self.folder):
            return
        try:
            # Locked, and so without a pattern: no file system keeps it in less room than it has.
            self.disk.write(self.folder / RESERVE, self.vault.lock(bytes(RESERVE_BYTES), _place(RESERVE)))
        except OSError:
            return

    def keep(self, name: str, raw: bytes) -> bool:
        """Keep `raw` under `name` until it is dropped; False when the disk takes not even this."""
        locked = self.vault.lock(raw, _place(name))
        for _ in range(2):
            try:
                self.disk.write(self.folder / name, locked)
            except OSError:
                self._give_up_reserve()
            else:
                return True
        return False

    def _give_up_reserve(self) -> None:
        try:
            self.disk.remove(self.folder / RESERVE)
        except OSError:
            return  # a disk that cannot even forget: the second try says so

    def drop(self, name: str) -> None:
        """It is recorded where it belongs; a disk that cannot forget it keeps a second copy, no more."""
        try:
            self.disk.remove(self.folder / name)
        except OSError:
            return

    def kept(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """What an earlier life of this node kept: (name, bytes) of all names that begin with `kind`.

        What does not open is left where it lies: `unreadable` names it, and the doctor tells it.
        """
        for name in self.disk.names(self.folder):
            if name.startswith(kind) and (raw := self._opened(name)) is not None:
                yield name, raw

    def unreadable(self) -> list[str]:
        """Files here that do not open with this node's keys: damaged, or of another node."""
        return [
            name for name in self.disk.names(self.folder) if name != RESERVE and self._opened(name) is None
        ]

    def _opened(self, name: str) -> bytes | None:
        try:
            return self.vault.unlock(self.disk.read(self.folder / name), _place(name))
        except (OpenError, OSError):
            return None


def _place(name: str) -> str:
    return f"spool/{name}"
