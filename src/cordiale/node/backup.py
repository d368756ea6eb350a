"""Backup, restore and upgrade of a node: encrypted, proved before it is called done, restored into an
empty folder.

A backup is a stream: every row of every table in one snapshot, attachments included, and the files of the
home folder, compressed and sealed in chunks under a key that the node's vault locks. It opens with the node's
passphrase and nothing else. The offline keys and the search index are not in it: the index is made anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, MetaData, Table, insert, select

from cordiale.errors import OpenError, SealError, StoreError, UsageError
from cordiale.node import keeping, ledger, restored
from cordiale.node.audit import audit
from cordiale.node.home import RESTORING, UNFINISHED, Keys, alone, check_finished, finish, open_home
from cordiale.node.opening import EMPTY_WAY_OUT, is_filled, open_unfinished
from cordiale.node.outside import World
from cordiale.node.saying import Said
from cordiale.node.settings import FILE, read_settings
from cordiale.seals import Chunks, Vault, canonical, new_chunk_key, open_chunks, read_object
from cordiale.seals.sealing import CHUNK_BYTES, SEALED_CHUNK_BYTES
from cordiale.store import metadata, open_store
from cordiale.store.migrations import current, head
from cordiale.store.migrations import upgrade as upgrade_store
from cordiale.world import Disk

if TYPE_CHECKING:
    from cordiale.node.node import Node

FORMAT: Final = "cordiale-backup-2"
FILES: Final = (
    FILE,
    "vault",
    "card",
    "side.pub",
    "keys/signing",
    "keys/sealing",
    "keys/ledger",
    "keys/marks",
    "keys/tls",
    "tls/key",
    "tls/cert",
)
HEADER_BYTES_MAX: Final = 8 << 20
LINE_BYTES_MAX: Final = 256 << 20  # one row with the largest sealed message, in base64, and room to spare
ROWS_AT_ONCE: Final = 500
MADE_ANEW: Final = ("store_search_item", "store_search_posting", "store_search_erased")  # the index
PLACE: Final = "backup"
_RECORD: Final = re.compile(r"records/[^/\\]{1,200}\.toml")
NEXT: Final = Said(
    "Start the node and keep officers out until `cordiale doctor` names no partner that has not told: each "
    "is asked for all that this node has forgotten. A partner that had cosigned a longer ledger must accept "
    "this one (`cordiale peer accept`): ring it."
)


def write_backup(node: Node, file: Path) -> dict[str, Any]:
    """Write an encrypted backup, read it again, and compare; says what it holds. The node may be running.

    Holds a few chunks in memory, whatever its size. Raises SealError when it did not read back as written.
    """
    written, read, disk = hashlib.sha256(), hashlib.sha256(), node.world.disk
    size = ledger.size(node)
    beside = ledger.unchecked(file, disk)
    try:
        count = node.store.read(lambda tx: disk.pour(beside, _sealed(node, _lines(node, tx), written)))
        for line in _opened(beside, disk, lambda _: node.vault):
            read.update(line)
        if read.digest() != written.digest():
            raise SealError(
                f"`{file.name}` did not read back as it was written", way_out="Check the disk, try again."
            )
        disk.move(beside, file)  # only now has it the name that somebody relies on
    finally:
        disk.remove(beside)
    return {"file": str(file), "bytes": count, "node": node.id, "ledger_size": size, "checked": True}


def restore_backup(file: Path, home: Path, *, passphrase: str, world: World) -> dict[str, Any]:
    """Put a backup into an empty home folder, bring an older schema forward, audit what came back and erase
    what has come due since. What fails leaves nothing behind. `next` says what a person still has to do.

    Raises UsageError when something lies in the folder or there is no such file, OpenError for a wrong
    passphrase and for a file that was altered or cut short, StoreError when what came back does not hold,
    and StoreTooNew when a newer program wrote it.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise UsageError(f"`{home}` is not empty", field="home", way_out="Restore into an empty folder.")
    if not file.is_file():
        raise UsageError(f"there is no file `{file}`", field="file")
    beside = home.with_name(f".{home.name}.restoring")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        world.disk.write(beside / UNFINISHED, RESTORING)
        told = _restored(file, beside, passphrase, world)
        finish(beside, world.disk)
        beside.replace(home)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return {"home": str(home), **told}


def _restored(file: Path, home: Path, passphrase: str, world: World) -> dict[str, Any]:
    lines = _opened(file, world.disk, lambda header: Vault.open(b64decode(str(header["vault"])), passphrase))
    begins = json.loads(next(lines))
    files = begins["files"]
    for name in sorted(files, key=lambda one: one == FILE):
        if name not in FILES and not _RECORD.fullmatch(name):
            raise OpenError(f"the backup names a file that no node has: `{name[:80]}`")
        world.disk.write(home / name, b64decode(files[name]), mode=0o600)
    step = str(begins["step"])
    _fill(home, step, lines, world)
    with open_unfinished(home, passphrase, world=world, environment={}) as node:
        found = audit(node)
        if not found.ok:
            raise StoreError(
                f"what came back does not hold: {found.wrong[0]}", way_out="Take an older backup."
            )
        size = ledger.size(node)
        node.contact.trust_clock()
        erased = keeping.erase_due(node)  # what ended its retention since the backup is not shown again
        off_hold = restored.begin(node)
        hours = restored.forgotten_hours(node)
    return {
        "node": node.id,
        "ledger_size": size,
        "ok": True,
        "from": step,
        "to": head(),
        "erased": erased,
        "off_hold": off_hold,
        "prints_not_recorded": hours,
        "next": NEXT,
    }


def upgrade(home: Path, *, passphrase: str, world: World) -> dict[str, Any]:
    """Copy the database file beside itself (SQLite), then bring the schema to this program's step.

    Raises UsageError while a process runs this node.
    """
    check_finished(home, world.disk)
    _, keys = open_home(home, passphrase, world.disk)
    with alone(home, world.disk):
        return {"node": _name(keys), **_upgraded(home, world)}


def _upgraded(home: Path, world: World) -> dict[str, Any]:
    settings = read_settings(home, world.disk)
    kept = ""
    store = open_store(settings.store_url(home))
    with store:
        before = current(store)
        if not before:
            # Made anew it would begin another ledger under the same name: to partners that is a cheat.
            raise StoreError(
                "the database is empty: there is nothing to bring forward",
                field="store",
                way_out=EMPTY_WAY_OUT,
            )
        if before != head() and store.dialect == "sqlite":
            kept = str(home / f"node.db.before-{head()}")
            beside = home / f".{Path(kept).name}{ledger.UNCHECKED}"
            world.disk.remove(beside)  # of an upgrade that was cut short
            with store.maintenance() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(beside),))
            world.disk.move(beside, Path(kept))
        after = upgrade_store(store)
    return {"from": before or "none", "to": after, "kept": kept}


def _name(keys: Keys) -> str:
    return keys.card.facts.node


# ------------------------------------------------------------------------------ content


def _lines(node: Node, tx: Connection) -> Iterator[bytes]:
    """What a backup says, one line of JSON after another: the files, then each row, then that it is whole."""
    yield _line({"files": _files(node.home, node.world.disk), "step": current(node.store)})
    for table in metadata.sorted_tables:
        if table.name in MADE_ANEW:
            continue
        for row in tx.execute(select(table).execution_options(stream_results=True)):
            yield _line({"t": table.name, "r": {name: _told(value) for name, value in row._mapping.items()}})
    yield _line({"whole": True})


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _files(home: Path, disk: Disk) -> dict[str, str]:
    names = [*FILES, *(f"records/{one.name}" for one in sorted((home / "records").glob("*.toml")))]
    return {name: b64encode(disk.read(home / name)).decode() for name in names}


def _told(value: Any) -> Any:
    """A value of a row as JSON: bytes and times say what they are."""
    if isinstance(value, bytes):
        return {"b": b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"j": json.dumps(value)} if isinstance(value, dict | list) else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    readers: dict[str, Callable[[str], Any]] = {
        "b": b64decode,
        "t": datetime.fromisoformat,
        "d": date.fromisoformat,
        "j": json.loads,
    }
    return readers[kind](held)


def _fill(home: Path, step: str, lines: Iterable[bytes], world: World) -> None:
    """An empty database at the backup's step, then every row, all of them or none; then brought forward."""
    settings = read_settings(home, world.disk)
    with open_store(settings.store_url(home)) as store:
        if store.read(is_filled):
            raise UsageError(
                "the database that the backup names is not empty",
                field="store",
                way_out="Restore on another machine, or empty that database first.",
            )
        if (ours := upgrade_store(store, step)) != step:
            raise StoreError(
                f"the backup is of step `{step}`, the database that it names already of `{ours}`",
                field="store",
                way_out="Make that database anew, without any table.",
            )
        store.write(lambda tx: _insert(tx, lines))
        upgrade_store(store)


def _insert(tx: Connection, lines: Iterable[bytes]) -> None:
    whole = False
    rows = (found for line in lines if (found := json.loads(line)))
    for name, group in groupby(rows, key=lambda one: str(one.get("t", ""))):
        table = _as_it_stands(tx, name) if name and name not in MADE_ANEW else None
        waiting: list[dict[str, Any]] = []
        for one in group:
            whole = whole or one.get("whole") is True
            if table is not None:
                waiting.append({key: _read(value) for key, value in one["r"].items()})
            if table is not None and len(waiting) == ROWS_AT_ONCE:
                tx.execute(insert(table), waiting)
                waiting = []
        if table is not None and waiting:
            tx.execute(insert(table), waiting)
    if not whole:
        raise OpenError("the backup was cut short", way_out="Take another one.")


def _as_it_stands(tx: Connection, name: str) -> Table:
    """A table as the database has it at its step, its values told as the rooms tell them today."""
    table = Table(name, MetaData(), autoload_with=tx, resolve_fks=False)
    today = metadata.tables.get(name)
    for column in table.columns:
        if today is not None and column.name in today.c:
            column.type = today.c[column.name].type
    return table


# ------------------------------------------------------------------------------ the file


def _sealed(node: Node, lines: Iterable[bytes], seen: Any) -> Iterator[bytes]:
    """Header line, then sealed chunks: the key lies in the header, locked by the node's vault."""
    key, name = new_chunk_key(), node.world.chance.token()
    header = {
        "format": FORMAT,
        "node": node.id,
        "content": name,
        "key": b64encode(node.vault.lock(key, PLACE)).decode(),
        "vault": b64encode(node.world.disk.read(node.home / "vault")).decode(),
    }
    yield canonical(header) + b"\n"
    chunks, waiting, index = Chunks.of(key, name), b"", 0
    for piece in _packed(lines, seen):
        waiting += piece
        while len(waiting) > CHUNK_BYTES:
            yield chunks.seal(index, waiting[:CHUNK_BYTES], last=False)
            waiting, index = waiting[CHUNK_BYTES:], index + 1
    yield chunks.seal(index, waiting, last=True)


def _packed(lines: Iterable[bytes], seen: Any) -> Iterator[bytes]:
    packer = zlib.compressobj(6)
    for line in lines:
        seen.update(line)
        yield packer.compress(line)
    yield packer.flush()


def _opened(file: Path, disk: Disk, vault_of: Callable[[dict[str, Any]], Vault]) -> Iterator[bytes]:
    """The lines of a backup. Raises OpenError when it is none, when a byte was altered or when it was cut."""
    pieces = disk.stream(file, SEALED_CHUNK_BYTES)
    header, rest = _header(pieces)
    key = vault_of(header).unlock(b64decode(header["key"]), PLACE)
    unpacker, waiting = zlib.decompressobj(), b""
    for plain in _whole(open_chunks(_recut(rest, pieces), key, str(header["content"]))):
        *whole, waiting = (waiting + unpacker.decompress(plain)).split(b"\n")
        if len(waiting) > LINE_BYTES_MAX:
            raise OpenError("a line of the backup is too long")
        yield from (line + b"\n" for line in whole)


def _whole(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks, and in the words of this room when one does not open."""
    try:
        yield from chunks
    except OpenError:
        raise OpenError("the backup was altered or cut short", way_out="Take another one.") from None


def _recut(rest: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The sealed chunks as they were written, from pieces that were cut elsewhere."""
    for piece in pieces:
        rest += piece
        while len(rest) >= SEALED_CHUNK_BYTES:
            yield rest[:SEALED_CHUNK_BYTES]
            rest = rest[SEALED_CHUNK_BYTES:]
    if rest:
        yield rest


def _header(pieces: Iterator[bytes]) -> tuple[dict[str, Any], bytes]:
    first, found = b"", b""
    for piece in pieces:
        first, found, rest = (first + piece).partition(b"\n")
        if found or len(first) > HEADER_BYTES_MAX:
            break
    if not found or len(first) > HEADER_BYTES_MAX:
        raise OpenError("this is not a backup", way_out=f"Give a file of format {FORMAT}.")
    try:
        header: dict[str, Any] = dict(read_object(first, bytes_max=HEADER_BYTES_MAX))
    except SealError:
        header = {}
    if header.get("format") != FORMAT:
        raise OpenError("this is not a backup", way_out=f"Give a file of format {FORMAT}.")
    return header, rest
