"""Does what a life may hang on find room on a full disk, sealed, and is it read again by its node alone?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cordiale.node.spool import RESERVE, RESERVE_BYTES, Spool
from cordiale.seals import ScryptCost, Vault
from cordiale.world import MemoryDisk, SystemDisk

FOLDER = Path("/spool")


def vault() -> Vault:
    return Vault.create("an invented phrase for tests 7", cost=ScryptCost(n=1 << 4))[0]


@dataclass(slots=True)
class SmallDisk(MemoryDisk):
    """A disk of so many bytes."""

    room_bytes: int = 0

    def write(self, path: Path, raw: bytes, *, mode: int = 0o600) -> None:
        others = sum(len(held) for name, held in self.files.items() if name != path)
        if others + len(raw) > self.room_bytes:
            raise OSError(28, "No space left on device")
        MemoryDisk.write(self, path, raw, mode=mode)

    def pour(self, path: Path, pieces: Iterable[bytes], *, mode: int = 0o600) -> int:
        self.write(path, b"".join(pieces), mode=mode)
        return len(self.files[path])


def test_what_is_kept_is_sealed_and_read_again_by_this_node_alone() -> None:
    disk, own = MemoryDisk(), vault()
    spool = Spool(FOLDER, disk, own)
    assert spool.keep("call-1", b"an invented boat")
    assert b"boat" not in disk.files[FOLDER / "call-1"]
    assert list(Spool(FOLDER, disk, own).kept("call-")) == [("call-1", b"an invented boat")]
    stranger = Spool(FOLDER, disk, vault())
    assert list(stranger.kept("call-")) == [] and stranger.unreadable() == ["call-1"]
    spool.drop("call-1")
    spool.drop("call-1")
    assert list(spool.kept("")) == []


def test_on_a_full_disk_the_reserve_makes_room() -> None:
    disk = SmallDisk(room_bytes=RESERVE_BYTES + 200)
    spool = Spool(FOLDER, disk, vault())
    spool.prepare()
    assert disk.names(FOLDER) == [RESERVE]
    assert spool.keep("call-1", b"x" * 1000), "the reserve was given up for it"
    assert disk.names(FOLDER) == ["call-1"]
    assert not spool.keep("call-2", b"x" * RESERVE_BYTES), "a disk that takes not even this is told"
    disk.room_bytes *= 2
    spool.prepare()
    spool.prepare()
    assert disk.names(FOLDER) == ["call-1", RESERVE], "it is laid down again when there is room"


def test_no_room_for_a_reserve_is_no_fault() -> None:
    spool = Spool(FOLDER, SmallDisk(), vault())
    spool.prepare()
    assert not spool.keep("call-1", b"")


def test_the_machine_s_disk_keeps_and_forgets(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", SystemDisk(), vault())
    spool.prepare()
    assert (
        spool.keep("incident-1", b"an invented boat")
        and (tmp_path / "spool" / RESERVE).stat().st_size >= 4 << 20
    )
    assert [name for name, _ in spool.kept("incident-")] == ["incident-1"]
    spool.drop("incident-1")
    assert spool.unreadable() == [] and list(spool.kept("incident-")) == []
