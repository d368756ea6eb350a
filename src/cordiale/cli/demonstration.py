"""One night in the Channel: the demonstration, and the hidden command that runs one of its nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import app


@app.command(epilog="Example: cordiale demo --once --ports 9101,9102,9103,9201,9202,9203")
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", envvar="DEMO_ONCE", help="Run the story, then exit.")
    ] = False,
    ports: Annotated[
        str,
        typer.Option(
            envvar="CORDIALE_DEMO_PORTS", help="Six ports: three of pages, three of contact points."
        ),
    ] = "",
) -> None:
    """Play one night in the Channel on this machine. Three nodes, real agreements, invented people."""
    from cordiale.demo import run

    raise typer.Exit(run(once=once, ports=ports))


@app.command("demo-desk", hidden=True)
def demo_desk(
    home: Annotated[Path, typer.Argument(help="Home folder of one node of the demonstration.")],
) -> None:
    """One node of the demonstration in its own process. `cordiale demo` starts it."""
    from cordiale.demo import desk
    from cordiale.web import application

    desk.main(home, application)
