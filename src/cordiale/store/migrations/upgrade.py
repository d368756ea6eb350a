"""Alembic under three verbs: upgrade a store, say which step it is at, write the next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from cordiale.errors import StoreTooNew
from cordiale.store.engine import Store
from cordiale.store.schema import metadata

HERE: Final = Path(__file__).parent


def upgrade(store: Store, step: str = "head") -> str:
    """Bring the store to this program's schema, or to an earlier `step` of it, in one act; where it is now.

    Raises StoreTooNew when a newer program wrote it, or made `step`: then nothing is touched.
    """
    store.write(lambda tx: _upgrade(tx, step))
    return current(store)


def current(store: Store) -> str:
    """The step that the store is at; "" before the first."""
    return store.read(lambda tx: MigrationContext.configure(tx).get_current_revision() or "")


def head() -> str:
    """The step that this program expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def differences(tx: Connection) -> list[Any]:
    """What the rooms' tables say and the database does not, or the other way round; empty when they agree.

    Only tables of rooms that have been imported are known.
    """
    options = {"compare_type": False, "render_as_batch": True}
    return list(compare_metadata(MigrationContext.configure(tx, opts=options), metadata))


def write_step(store: Store, message: str) -> Path:
    """Write the next step: the difference between `store` and the tables that have been imported."""
    with store.maintenance() as connection:
        made = command.revision(_config(connection), message, autogenerate=True, rev_id=_next_number())
    assert made is not None and not isinstance(made, list)
    return Path(made.path)


def _upgrade(tx: Connection, step: str) -> None:
    script = ScriptDirectory.from_config(_config())
    known = {step.revision for step in script.walk_revisions()}
    at = MigrationContext.configure(tx).get_current_revision()
    newer = [one for one in (at, step) if one not in (None, "head") and one not in known]
    if newer:
        raise StoreTooNew(
            f"the database is at step `{newer[0]}`, this program knows up to `{script.get_current_head()}`",
            field="store",
            way_out="Install the newer Cordiale, or restore the backup made before the upgrade.",
        )
    command.upgrade(_config(tx), step)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _next_number() -> str:
    return f"{len(list((HERE / 'versions').glob('[0-9]*.py'))) + 1:04d}"
