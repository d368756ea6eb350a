"""Keep a node: back it up, put it back, bring it forward."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import HERE, AsJson, Home, Replace, Secret, app
from cordiale.cli.opening import opened, secret, to_write, world
from cordiale.cli.telling import fields


@app.command(epilog="Example: cordiale backup tonight.backup --home node --passphrase-file phrase")
def backup(
    *,
    file: Annotated[Path, typer.Argument(help="Where to write it, outside the home of the node.")],
    replace: Replace = False,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Write an encrypted backup. It is read again and its ledger proved; the node may be running."""
    from cordiale.node import backup as backups

    place = to_write(file, home, passphrase_file, replace=replace)
    with opened(home, passphrase_file) as node:
        fields(backups.write_backup(node, place), as_json)


@app.command(epilog="Example: cordiale restore tonight.backup --home empty-folder --passphrase-file phrase")
def restore(
    *,
    file: Annotated[Path, typer.Argument(help="The backup.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty home folder. What came back is audited before it is called done."""
    from cordiale.node import backup as backups

    passphrase = secret(passphrase_file, "Passphrase of the backup")
    fields(backups.restore_backup(file, home, passphrase=passphrase, world=world()), as_json)


@app.command(epilog="Example: cordiale upgrade --home node --passphrase-file phrase")
def upgrade(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Bring the database to this version. A copy of an SQLite database is kept beside it."""
    from cordiale.node import backup as backups

    passphrase = secret(passphrase_file, "Passphrase")
    fields(backups.upgrade(home, passphrase=passphrase, world=world()), as_json)
