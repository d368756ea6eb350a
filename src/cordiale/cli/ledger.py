"""The ledger: export it here, verify an export anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import HERE, AsJson, Home, Replace, Secret, ledger_app
from cordiale.cli.opening import opened, to_write
from cordiale.cli.telling import fields, progress, verdict
from cordiale.world import SystemDisk

DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@ledger_app.command(
    "export", epilog="Example: cordiale ledger export night.ledger --home node --passphrase-file phrase"
)
def ledger_export(
    *,
    file: Annotated[Path, typer.Argument(help="Where to write it, outside the home of the node.")],
    message: Annotated[str, typer.Option(help="Only the proof of one message: its id, sha256:...")] = "",
    from_day: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAYS, help="Only what was entered from then on (UTC)."),
    ] = None,
    to_day: Annotated[
        datetime | None, typer.Option("--to", formats=DAYS, help="Only what was entered before then (UTC).")
    ] = None,
    replace: Replace = False,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Write the ledger with its checkpoint. It holds no personal data, only salted commitments."""
    from cordiale.node import ledger

    from_at, to_at = (one.replace(tzinfo=UTC) if one else None for one in (from_day, to_day))
    place = to_write(file, home, passphrase_file, replace=replace)
    with opened(home, passphrase_file) as node:
        part = ledger.Part(message, from_at, to_at)
        fields(ledger.export_to(node, place, part, told=progress), as_json)


@ledger_app.command("verify", epilog="Example: cordiale ledger verify night.ledger")
def ledger_verify(
    *, file: Annotated[Path, typer.Argument(help="An export.")], as_json: AsJson = False
) -> None:
    """Verify an export offline. It needs no node, no key, no network; exit 1 when it does not hold."""
    from cordiale.node import ledger

    verdict(ledger.verify_file(file, SystemDisk(), told=progress), as_json)
