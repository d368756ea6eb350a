"""Officers: who there is, and what two others may give back."""

from __future__ import annotations

from typing import Annotated

import typer

from cordiale.cli.app import HERE, AsJson, Home, Secret, officer_app
from cordiale.cli.opening import opened, signed_in
from cordiale.cli.telling import fields, rows


@officer_app.command("list", epilog="Example: cordiale officer list --home node --json")
def officer_list(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """List every account. Roles, state, last sign-in; no secrets."""
    from cordiale.node import people

    with opened(home, passphrase_file) as node:
        rows(people.accounts(node), as_json, "officers")


@officer_app.command(
    "recover",
    epilog="Example: cordiale officer recover ada --lost factor --by ivy --and grace --reason 'lost at sea'",
)
def officer_recover(
    *,
    name: Annotated[str, typer.Argument(help="The sign-in name of the person who lost something.")],
    lost: Annotated[str, typer.Option(help="What was lost: `password` or `factor`.")],
    by: Annotated[str, typer.Option(help="Sign-in name of the first person who vouches.")],
    second: Annotated[str, typer.Option("--and", help="Sign-in name of the second; another person.")],
    reason: Annotated[str, typer.Option(help="Why: stands in the ledger.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Give back a lost password or second factor. Two other people sign in here and vouch; both stand in
    the ledger.
    """
    from cordiale.node import people

    with opened(home, passphrase_file) as node:
        proofs = (people.Proof(by, *signed_in(by)), people.Proof(second, *signed_in(second)))
        fields(people.recover(node, name, lost=lost, vouched=proofs, reason=reason), as_json)
