"""Make a node, run it, and see that all is well with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import HERE, AsJson, Home, Secret, app
from cordiale.cli.opening import opened, passphrase, secret, world
from cordiale.cli.telling import fields, progress, verdict
from cordiale.world import SystemDisk


@app.command(
    epilog="Example: cordiale init --side FR --authority police-judiciaire --administrator ada --person Ada"
    " --home node --passphrase-file phrase"
)
def init(
    *,
    side: Annotated[str, typer.Option(help="The Side, as the register spells it: UK, FR, FRONTEX.")],
    authority: Annotated[
        list[str], typer.Option(help="An authority it speaks for; may be given several times.")
    ],
    administrator: Annotated[str, typer.Option(help="Sign-in name of the first administrator.")],
    person: Annotated[str, typer.Option(help="The administrator's name, as it will stand in the ledger.")],
    home: Home = HERE,
    name: Annotated[str, typer.Option(envvar="CORDIALE_NAME", help="The agency's name on every page.")] = "",
    address: Annotated[
        str, typer.Option(envvar="CORDIALE_ADDRESS", help="HOST:PORT at which partners reach this node.")
    ] = "",
    ring_name: Annotated[
        str, typer.Option(envvar="CORDIALE_RING_NAME", help="Who answers the telephone.")
    ] = "",
    ring_number: Annotated[str, typer.Option(envvar="CORDIALE_RING_NUMBER", help="The number to ring.")] = "",
    store: Annotated[
        str,
        typer.Option(envvar="CORDIALE_STORE", help="Database URL; SQLite in the home folder unless given."),
    ] = "",
    passphrase_file: Secret = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File with the administrator's password; else the terminal asks.")
    ] = None,
    side_home: Annotated[
        Path | None, typer.Option(help="Home folder of the Side's first node, with its `offline` keys.")
    ] = None,
    side_passphrase_file: Annotated[
        Path | None, typer.Option(help="File with that folder's passphrase; else the terminal asks.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a node. It gets a folder, keys under a passphrase, a database and its first administrator. Printed
    once: the administrator's second factor, and the twelve words of the Side's key.
    """
    from cordiale.node import found
    from cordiale.node.home import Founding, side_keys_of

    founding = Founding(
        side=side,
        authorities=tuple(authority),
        administrator=administrator,
        person=person,
        name=name,
        address=address,
        ring_name=ring_name,
        ring_number=ring_number,
        store=store,
    )
    passphrase = secret(passphrase_file, "Passphrase for the keys", twice=True)
    password = secret(password_file, "Password of the administrator", twice=True)
    side_keys = None
    if side_home is not None:
        first = secret(side_passphrase_file, "Passphrase of the first node")
        side_keys = side_keys_of(side_home, first, founding, SystemDisk())
    found(
        home,
        founding,
        secrets=(passphrase, password),
        world=world(),
        side_keys=side_keys,
        tell=lambda made: fields(made.as_json(), as_json),
    )


@app.command(epilog="Example: cordiale serve --home node --passphrase-file phrase")
def serve(
    *,
    home: Home = HERE,
    pages_port: Annotated[int | None, typer.Option(help="Port of the pages.")] = None,
    contact_port: Annotated[int | None, typer.Option(help="Port of the contact point.")] = None,
    passphrase_file: Secret = None,
) -> None:
    """Run the node until Ctrl-C. Pages, contact point and courier are one process."""
    from cordiale.node import serving
    from cordiale.web import application

    flags = {"pages_port": pages_port, "contact_port": contact_port}
    with opened(home, passphrase_file, flags) as node:
        serving.serve(node, application, say=progress)


@app.command(epilog="Example: cordiale audit --home node --passphrase-file phrase --json")
def audit(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Check every invariant of the node. Exit 1 when one does not hold."""
    from cordiale.node.audit import audit as audit_node

    with opened(home, passphrase_file) as node:
        found = audit_node(node)
    verdict(found.as_json(), as_json)


@app.command(epilog="Example: cordiale doctor --home node --passphrase-file phrase")
def doctor(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Look at the machine around the node. Clock, disk, keys, partners, alarms; exit 1 when one is ill."""
    from cordiale.node.doctor import examine

    found = examine(home, lambda: passphrase(home, passphrase_file), world=world())
    verdict(found.as_json(), as_json)
