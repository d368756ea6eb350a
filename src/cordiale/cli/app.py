"""The commands' common ground: exit codes, groups, and the options that several commands share."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
FAULT: Final = 3

app = typer.Typer(
    name="cordiale",
    help="Exchange what the agreement allows, refuse the rest with the reason, and prove both afterwards.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"cordiale {version('cordiale')}")
        raise typer.Exit(DONE)


@app.callback()
def _at_the_door(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    pass


agreement_app = typer.Typer(help="List, show, explain and check agreements.", no_args_is_help=True)
peer_app = typer.Typer(help="Take partners in, and see how they are.", no_args_is_help=True)
ledger_app = typer.Typer(help="Export the ledger; verify an export anywhere.", no_args_is_help=True)
officer_app = typer.Typer(help="List accounts; give back what was lost.", no_args_is_help=True)
for name, group in (
    ("agreement", agreement_app),
    ("peer", peer_app),
    ("ledger", ledger_app),
    ("officer", officer_app),
):
    app.add_typer(group, name=name)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
At = Annotated[str | None, typer.Option("--at", help="Decide as of this date, or date and time with zone.")]
Texts = Annotated[
    Path | None, typer.Option("--texts", help="Folder of agreements, laws and register to use instead.")
]
Records = Annotated[
    Path | None, typer.Option("--records", help="Folder of dated legal records to use instead.")
]
Home = Annotated[Path, typer.Option("--home", envvar="CORDIALE_HOME", help="Home folder of the node.")]
Secret = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File with the passphrase; else the terminal asks.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Write over the file if it exists.")]
Language = Annotated[
    str | None,
    typer.Option("--language", help="Language of the sentences: en or fr; else that of the terminal."),
]
HERE: Final = Path("cordiale-home")
