"""What comes from outside, by name: Clock, Chance, Wire, Disk.

`datetime.now()`, `random`, `os.urandom`, `open()` and sockets appear here and nowhere else, so that the same
code runs in a simulation. Key generation, sealing and signing draw from the operating system inside
`cryptography`: same seed, same trace, not same bytes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time, always aware UTC."""

    def now(self) -> datetime: ...

    def monotonic_s(self) -> float: ...


class Chance(Protocol):
    """Draws tokens and jitter."""

    def token(self, bytes_count: int = 16) -> str: ...

    def uniform(self, low: float, high: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a peer answered: HTTP status and body."""

    status: int
    body: bytes


class Wire(Protocol):
    """Carries bytes to a peer. Raises errors.Transient when the peer cannot be reached."""

    def post(self, peer: str, path: str, body: bytes, *, wait_s: float = 30.0) -> Reply: ...


class Disk(Protocol):
    """Reads and writes files; `write` is atomic and durable, and so are `move` and `remove`.

    `hold` keeps a file for this process alone until the call that it returns, or the end of the process; it
    raises BlockingIOError, whose text is the other's process id, while another process holds it. `holder` is
    that id, "" when nobody holds the file.
    """

    def read(self, path: Path) -> bytes: ...

    def write(self, path: Path, raw: bytes, *, mode: int = 0o600) -> None: ...

    def pour(self, path: Path, pieces: Iterable[bytes], *, mode: int = 0o600) -> int: ...

    def stream(self, path: Path, piece_bytes: int) -> Iterator[bytes]: ...

    def names(self, folder: Path) -> list[str]: ...

    def move(self, path: Path, to: Path) -> None: ...

    def remove(self, path: Path) -> None: ...

    def hold(self, path: Path) -> Callable[[], None]: ...

    def holder(self, path: Path) -> str: ...

    def free_bytes(self, folder: Path) -> int: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class SystemChance:
    """The operating system's randomness."""

    def token(self, bytes_count: int = 16) -> str:
        return secrets.token_hex(bytes_count)

    def uniform(self, low: float, high: float) -> float:
        return secrets.SystemRandom().uniform(low, high)


class SystemDisk:
    """The machine's disk."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def write(self, path: Path, raw: bytes, *, mode: int = 0o600) -> None:
        """Write beside, sync, then rename: a reader sees the old file or the whole new one."""
        self.pour(path, (raw,), mode=mode)

    def stream(self, path: Path, piece_bytes: int) -> Iterator[bytes]:
        """A large file in pieces of `piece_bytes`; the last may be shorter."""
        with path.open("rb") as held:
            while piece := held.read(piece_bytes):
                yield piece

    def pour(self, path: Path, pieces: Iterable[bytes], *, mode: int = 0o600) -> int:
        """`write`, for what comes in pieces; how many bytes it was."""
        count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                for piece in pieces:
                    count += out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            Path(beside).chmod(mode)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return count

    def names(self, folder: Path) -> list[str]:
        """The files of a folder, sorted; none where there is no folder. What is being written is not among
        them.
        """
        if not folder.is_dir():
            return []
        return sorted(one.name for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))

    def move(self, path: Path, to: Path) -> None:
        """Give a file that is whole its name, in place of what had it; on the same disk."""
        with path.open("rb") as held:
            os.fsync(held.fileno())
        path.replace(to)
        _sync_folder(to.parent)

    def remove(self, path: Path) -> None:
        """Take a file away for good; nothing happens where there is none."""
        if path.exists():
            path.unlink()
            _sync_folder(path.parent)

    def hold(self, path: Path) -> Callable[[], None]:
        """An advisory lock (flock): the kernel lets it go when this process ends, however it ends."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(handle, fcntl.LOCK_EX)
        except OSError:
            held = _pid_in(handle)
            os.close(handle)
            raise BlockingIOError(errno.EWOULDBLOCK, held) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        return lambda: os.close(handle)

    def holder(self, path: Path) -> str:
        """Asked with a shared lock that is let go at once."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return ""
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _pid_in(handle) or "unknown"
        finally:
            os.close(handle)
        return ""

    def free_bytes(self, folder: Path) -> int:
        """How much room this account still has on the disk of a folder."""
        return shutil.disk_usage(folder).free


LOCK_TRIES = 5  # somebody who only asks holds the file for a moment
LOCK_WAIT_S = 0.05


def _lock(handle: int, kind: int) -> None:
    for tried in range(1, LOCK_TRIES + 1):
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if tried == LOCK_TRIES:
                raise
            time.sleep(LOCK_WAIT_S)
        else:
            return


def _pid_in(handle: int) -> str:
    found = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return found if found.isdigit() else ""


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(slots=True)
class SteppedClock:
    """A clock that moves only when told to: for simulations, replays and tests."""

    at: datetime
    elapsed_s: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def step(self, seconds: float) -> None:
        """Move on by `seconds`; may be negative, as a clock set back is."""
        self.at += timedelta(seconds=seconds)
        self.elapsed_s += max(seconds, 0.0)


@dataclass(slots=True)
class SeededChance:
    """Chance from a seed: same seed, same draws."""

    seed: int
    _draw: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)  # noqa: S311 -- a simulation must repeat; no key comes from here

    def token(self, bytes_count: int = 16) -> str:
        return self._draw.randbytes(bytes_count).hex()

    def uniform(self, low: float, high: float) -> float:
        return self._draw.uniform(low, high)


@dataclass(slots=True)
class MemoryDisk:
    """A disk that is a mapping: for simulations and tests."""

    files: dict[Path, bytes] = field(default_factory=dict)
    held: set[Path] = field(default_factory=set)

    def read(self, path: Path) -> bytes:
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def write(self, path: Path, raw: bytes, *, mode: int = 0o600) -> None:
        del mode
        self.files[path] = raw

    def pour(self, path: Path, pieces: Iterable[bytes], *, mode: int = 0o600) -> int:
        self.write(path, b"".join(pieces), mode=mode)
        return len(self.files[path])

    def stream(self, path: Path, piece_bytes: int) -> Iterator[bytes]:
        raw = self.read(path)
        return (raw[at : at + piece_bytes] for at in range(0, len(raw), piece_bytes))

    def names(self, folder: Path) -> list[str]:
        return sorted(path.name for path in self.files if path.parent == folder)

    def move(self, path: Path, to: Path) -> None:
        self.files[to] = self.files.pop(path)

    def remove(self, path: Path) -> None:
        self.files.pop(path, None)

    def hold(self, path: Path) -> Callable[[], None]:
        if path in self.held:
            raise BlockingIOError(errno.EWOULDBLOCK, self.holder(path))
        self.held.add(path)
        return lambda: self.held.discard(path)

    def holder(self, path: Path) -> str:
        return "1" if path in self.held else ""

    def free_bytes(self, folder: Path) -> int:
        del folder
        return 1 << 40


def settings_from(environment: Mapping[str, str], prefix: str = "CORDIALE_") -> dict[str, str]:
    """The settings that the environment holds, without the prefix, in lower case."""
    return {k.removeprefix(prefix).lower(): v for k, v in environment.items() if k.startswith(prefix)}
