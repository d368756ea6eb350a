"""Backup, restore and upgrade of a node: encrypted, proved before it is called done, restored into an
empty folder.

A backup holds every row of every table in one snapshot and the files of the home folder, sealed in chunks
under a key that the node's own vault locks; so it opens with the node's passphrase and nothing else. The
offline keys are not in it.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, insert, select

from cordiale.errors import OpenError, SealError, StoreError, UsageError
from cordiale.node import ledger
from cordiale.node.audit import audit
from cordiale.node.home import Keys, open_home
from cordiale.node.opening import open_node
from cordiale.node.outside import World
from cordiale.node.settings import FILE, read_settings
from cordiale.seals import Chunks, Vault, canonical, digest, new_chunk_key, open_chunks, read_object
from cordiale.seals.sealing import SEALED_CHUNK_BYTES, cut
from cordiale.store import metadata, open_store
from cordiale.store.migrations import current, head
from cordiale.store.migrations import upgrade as upgrade_store
from cordiale.world import Disk

if TYPE_CHECKING:
    from cordiale.node.node import Node

FORMAT: Final = "cordiale-backup-1"
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
CONTENT_BYTES_MAX: Final = (
    2 << 30
)  # made in memory; beyond it use the database's own tools and `cordiale audit`
HEADER_BYTES_MAX: Final = 8 << 20
PLACE: Final = "backup"


def write_backup(node: Node, file: Path) -> dict[str, Any]:
    """Write an encrypted backup, read it again, and compare; says what it holds. The node may be running."""
    content = zlib.compress(canonical(_content(node)), 6)
    if len(content) > CONTENT_BYTES_MAX:
        raise StoreError("the backup is too large for one file", way_out="Use the database's own backup.")
    raw = _sealed(node, content)
    node.world.disk.write(file, raw)
    if _opened(node.world.disk.read(file), node.vault) != content:
        raise SealError(
            f"`{file.name}` did not read back as it was written", way_out="Check the disk, try again."
        )
    return {
        "file": str(file),
        "bytes": len(raw),
        "node": node.id,
        "ledger_size": ledger.size(node),
        "checked": True,
    }


def restore_backup(file: Path, home: Path, *, passphrase: str, world: World) -> dict[str, Any]:
    """Put a backup into an empty home folder and audit what came back.

    Raises UsageError when a node is there, OpenError for a wrong passphrase or an altered file, and
    StoreError when what came back does not hold: then nothing of it should be used.
    """
    disk = world.disk
    if (home / FILE).exists():
        raise UsageError(
            f"there is a node in `{home}`", field="home", way_out="Restore into an empty folder."
        )
    raw = disk.read(file)
    vault = Vault.open(b64decode(_header(raw)[0]["vault"]), passphrase)
    content = read_object(zlib.decompress(_opened(raw, vault)), bytes_max=CONTENT_BYTES_MAX * 8)
    files: Any = content["files"]
    for name in sorted(files, key=lambda one: one == FILE):
        disk.write(home / name, b64decode(files[name]), mode=0o600)
    _fill(home, content, world)
    with open_node(home, passphrase, world=world, environment={}) as node:
        found = audit(node)
        if not found.ok:
            raise StoreError(
                f"what came back does not hold: {found.wrong[0]}", way_out="Take an older backup."
            )
        return {"home": str(home), "node": node.id, "ledger_size": ledger.size(node), "ok": True}


def upgrade(home: Path, *, passphrase: str, world: World) -> dict[str, Any]:
    """Copy the database file beside itself (SQLite), then bring the schema to this program's step."""
    _, keys = open_home(home, passphrase, world.disk)
    settings = read_settings(home, world.disk)
    kept = ""
    store = open_store(settings.store_url(home))
    with store:
        before = current(store)
        if before != head() and store.dialect == "sqlite":
            kept = str(home / f"node.db.before-{head()}")
            Path(kept).unlink(missing_ok=True)
            with store.maintenance() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (kept,))
        after = upgrade_store(store)
    return {"node": _name(keys), "from": before or "none", "to": after, "kept": kept}


def _name(keys: Keys) -> str:
    return keys.card.facts.node


# ------------------------------------------------------------------------------ content


def _content(node: Node) -> dict[str, Any]:
    """Every table in one snapshot, and the files of the home folder."""
    return {
        "files": _files(node.home, node.world.disk),
        "step": current(node.store),
        "tables": node.store.read(_tables),
    }


def _files(home: Path, disk: Disk) -> dict[str, str]:
    names = [*FILES, *(f"records/{one.name}" for one in sorted((home / "records").glob("*.toml")))]
    return {name: b64encode(disk.read(home / name)).decode() for name in names}


def _tables(tx: Connection) -> dict[str, Any]:
    return {
        table.name: [
            {name: _told(value) for name, value in row._mapping.items()} for row in tx.execute(select(table))
        ]
        for table in metadata.sorted_tables
    }


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


def _fill(home: Path, content: dict[str, Any], world: World) -> None:
    """An empty database at the backup's step, then every row."""
    settings = read_settings(home, world.disk)
    tables: Any = content["tables"]
    with open_store(settings.store_url(home)) as store:
        step = upgrade_store(store)
        if step != content["step"]:
            raise StoreError(
                f"the backup is of step `{content['step']}`, this program makes `{step}`",
                way_out="Restore with the version that wrote it, then upgrade.",
            )
        store.write(lambda tx: _insert(tx, tables))


def _insert(tx: Connection, tables: dict[str, Any]) -> None:
    for table in metadata.sorted_tables:
        rows = [{name: _read(value) for name, value in row.items()} for row in tables.get(table.name, ())]
        if rows:
            tx.execute(insert(table), rows)


# ------------------------------------------------------------------------------ the file


def _sealed(node: Node, content: bytes) -> bytes:
    """Header line, then sealed chunks: the key lies in the header, locked by the node's vault."""
    key, name = new_chunk_key(), digest(content)
    header = {
        "format": FORMAT,
        "node": node.id,
        "content": name,
        "key": b64encode(node.vault.lock(key, PLACE)).decode(),
        "vault": b64encode(node.world.disk.read(node.home / "vault")).decode(),
    }
    chunks, pieces = Chunks.of(key, name), cut(content)
    sealed = [chunks.seal(i, piece, last=i == len(pieces) - 1) for i, piece in enumerate(pieces)]
    return canonical(header) + b"\n" + b"".join(sealed)


def _header(raw: bytes) -> tuple[dict[str, Any], bytes]:
    first, found, rest = raw.partition(b"\n")
    if not found or len(first) > HEADER_BYTES_MAX:
        raise OpenError("this is not a backup")
    header: dict[str, Any] = dict(read_object(first, bytes_max=HEADER_BYTES_MAX))
    if header.get("format") != FORMAT:
        raise OpenError("this is not a backup", way_out=f"Give a file of format {FORMAT}.")
    return header, rest


def _opened(raw: bytes, vault: Vault) -> bytes:
    """The content of a backup. Raises OpenError when a byte of it was altered or it was cut."""
    header, rest = _header(raw)
    key = vault.unlock(b64decode(header["key"]), PLACE)
    pieces = [rest[at : at + SEALED_CHUNK_BYTES] for at in range(0, len(rest), SEALED_CHUNK_BYTES)]
    content = b"".join(open_chunks(pieces, key, header["content"]))
    if digest(content) != header["content"]:
        raise OpenError("the backup is not the one that was written")
    return content
