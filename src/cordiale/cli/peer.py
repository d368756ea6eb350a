"""Partners: our card, theirs, and whether they answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import HERE, AsJson, Home, Secret, peer_app
from cordiale.cli.opening import opened, read
from cordiale.cli.telling import fields, notes, print_json, progress, rows, verdict


@peer_app.command("card", epilog="Example: cordiale peer card --home node > our-card.json")
def peer_card(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Print this node's own signed card. It is for a partner; the words to read out on the telephone stand
    beside it.
    """
    from cordiale.node import exchange

    with opened(home, passphrase_file) as node:
        card = exchange.own_card(node)
    if as_json:
        print_json(card)
    else:
        notes(card)
        print(json.dumps(card["card"], indent=2, sort_keys=True))
        progress(f"Read these words out on the telephone: {card['words']}")


@peer_app.command("renew", epilog="Example: cordiale peer renew --home node --passphrase-file phrase")
def peer_renew(
    *,
    home: Home = HERE,
    passphrase_file: Secret = None,
    new_issuer: Annotated[
        bool,
        typer.Option("--new-issuer", help="The issuer's key is lost: partners compare the words again."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Renew this node's own card. It takes the folder `offline` from the safe; partners take the new card by
    themselves, and no message is lost. The address is the one that cordiale.toml names now.
    """
    from cordiale.node import renewing

    with opened(home, passphrase_file) as node:
        fields(renewing.renew_card(node, new_issuer=new_issuer), as_json)


@peer_app.command(
    "add",
    epilog='Example: cordiale peer add their-card.json --words "the twelve words you hear" --by Ada',
)
def peer_add(
    *,
    card: Annotated[Path, typer.Argument(help="The partner's card, as they sent it.")],
    words: Annotated[str, typer.Option(help="The fingerprint words, as you HEARD them on the telephone.")],
    by: Annotated[str, typer.Option(help="Who rang and compared: stands in the ledger.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Take a partner in. Refused unless the words heard are the words of the key."""
    from cordiale.node import exchange

    with opened(home, passphrase_file) as node:
        found = exchange.add_peer(node, read(card), words=words, by=by)
    fields(found if as_json else notes(found), as_json)


@peer_app.command("list", epilog="Example: cordiale peer list --home node --json")
def peer_list(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """List every partner. Its state, the messages that wait for it, when it was last heard."""
    from cordiale.node import exchange

    with opened(home, passphrase_file) as node:
        rows(exchange.peers(node), as_json, "peers")


@peer_app.command("check", epilog="Example: cordiale peer check uk-home-office --home node")
def peer_check(
    *,
    peer: Annotated[str, typer.Argument(help="The partner's node id.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Reach a partner now and verify its card. Keys, alarms and backlog too; exit 1 when one is not well."""
    from cordiale.node import exchange

    with opened(home, passphrase_file) as node:
        found = exchange.check_peer(node, peer)
    verdict(found, as_json)


@peer_app.command("accept", epilog="Example: cordiale peer accept uk-home-office --by Ada")
def peer_accept(
    *,
    peer: Annotated[str, typer.Argument(help="The partner's node id.")],
    by: Annotated[str, typer.Option(help="Who rang and asked what was lost: stands beside the entry.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Cosign a partner's ledger again after its restore. It goes on from an earlier entry: ring a person
    there first. What we had cosigned is kept as evidence.
    """
    from cordiale.node import exchange

    with opened(home, passphrase_file) as node:
        fields(exchange.accept_ledger(node, peer, by=by), as_json)


@peer_app.command(
    "remove",
    epilog='Example: cordiale peer remove uk-home-office --by Ada --reason "the arrangement has ended"',
)
def peer_remove(
    *,
    peer: Annotated[str, typer.Argument(help="The partner's node id.")],
    by: Annotated[str, typer.Option(help="Who decided: stands in the ledger.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """End a partnership from now. Its messages are no longer taken; what it holds can still be recalled."""
    from cordiale.node import exchange

    with opened(home, passphrase_file) as node:
        fields(exchange.remove_peer(node, peer, by=by, reason=reason), as_json)
