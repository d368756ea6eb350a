"""The life of an agreement at a node: signed, taken from a partner, in force, suspended, ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cordiale.cli.app import HERE, AsJson, Home, Replace, Secret, agreement_app
from cordiale.cli.opening import opened, read, signed_in, to_write
from cordiale.cli.telling import fields, progress, rows
from cordiale.world import SystemDisk

if TYPE_CHECKING:
    from cordiale.node import Node

By = Annotated[str, typer.Option("--by", help="Sign-in name of who does it.")]
And = Annotated[str, typer.Option("--and", help="Sign-in name of the second; another person.")]
Id = Annotated[str, typer.Argument(help="The agreement's id.")]
Reason = Annotated[str, typer.Option(help="Why: partners ask.")]
Version = Annotated[int | None, typer.Option("--version", help="Which version; the newest unless named.")]


@agreement_app.command(
    "sign",
    epilog="Example: cordiale agreement sign note-2.toml --out note.signed --by lea --and sue --home node",
)
def agreement_sign(
    *,
    file: Annotated[str, typer.Argument(help="A file of TOML; or the id of a text taken from a partner.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write what is handed to the partners.")],
    by: By,
    second: And,
    replace: Replace = False,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Sign a text with the key of this node's Side. It is proved first; take the folder `offline` from the
    safe. Two people sign in here, and their names stand under it.
    """
    from cordiale.node import agreements_signed as signing

    place = to_write(out, home, passphrase_file, replace=replace)
    with opened(home, passphrase_file) as node:
        raw = read(Path(file)) if file.endswith(".toml") else None
        found = signing.sign_file(node, _two(node, by, second), file, raw, tell=progress)
        SystemDisk().write(place, found.to_bytes())
        told = {
            "agreement": found.text().id,
            "version": found.text().version,
            "signatures": [one.side for one in found.signatures],
            "certificates": len(found.certificates),
            "file": str(out),
        }
    fields(told, as_json)


@agreement_app.command("take", epilog="Example: cordiale agreement take note.signed --by lea --home node")
def agreement_take(
    *,
    file: Annotated[Path, typer.Argument(help="What a partner handed over.")],
    by: By,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Take a signed text from a partner. Each signature is held against its Side's key, each proof followed
    by this node's own checker; exit 2 where one does not hold, and the ledger says so.
    """
    from cordiale.node import agreements_signed as signing
    from cordiale.node import people

    raw = read(file)
    with opened(home, passphrase_file) as node:
        officer = people.vouches(node, people.Proof(by, *signed_in(by)))
        fields(signing.take(node, officer, raw, tell=progress), as_json)


@agreement_app.command(
    "activate",
    epilog="Example: cordiale agreement activate uk-nl-harbour-note --by lea --and sue --home node",
)
def agreement_activate(
    *,
    id: Id,
    by: By,
    second: And,
    version: Version = None,
    from_: Annotated[str | None, typer.Option("--from", help="From this day on; today unless named.")] = None,
    cap: Annotated[float, typer.Option("--cap", help="Seconds for one safeguard.", min=0.1)] = 10.0,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Bring a signed text into force. Every Side has signed it, and every safeguard is proved for every day
    ahead, here and now; without that it does not count.
    """
    from cordiale.node import agreements_active as active
    from cordiale.node.agreements import moment
    from cordiale.world import SystemClock

    on = moment(from_, SystemClock()).date() if from_ else None
    with opened(home, passphrase_file) as node:
        two = _two(node, by, second)
        found = active.activate(node, two, id, version=version, on=on, cap_s=cap, tell=progress)
    fields(found, as_json)


@agreement_app.command(
    "suspend",
    epilog="Example: cordiale agreement suspend uk-nl-harbour-note --reason 'no court answers' --by sue",
)
def agreement_suspend(
    *,
    id: Id,
    reason: Reason,
    by: By,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Suspend an agreement at once. One person is enough; rescue goes on, whatever is suspended."""
    from cordiale.node import agreements_active as active
    from cordiale.node import people

    with opened(home, passphrase_file) as node:
        officer = people.vouches(node, people.Proof(by, *signed_in(by)))
        fields(active.suspend(node, officer, id, reason), as_json)


@agreement_app.command(
    "resume",
    epilog="Example: cordiale agreement resume uk-nl-harbour-note --reason 'it is mended' --by lea --and sue",
)
def agreement_resume(
    *,
    id: Id,
    reason: Reason,
    by: By,
    second: And,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Take a suspension away. Two people sign in here."""
    from cordiale.node import agreements_active as active

    with opened(home, passphrase_file) as node:
        fields(active.resume(node, _two(node, by, second), id, reason), as_json)


@agreement_app.command(
    "end",
    epilog="Example: cordiale agreement end uk-nl-harbour-note --reason 'denounced' --treatment keep --by lea"
    " --and sue",
)
def agreement_end(
    *,
    id: Id,
    reason: Reason,
    treatment: Annotated[
        str,
        typer.Option(help="What becomes of what was received: `keep` until its retention ends, or `erase`."),
    ],
    by: By,
    second: And,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """End an agreement from today. Two people sign in here; recall and correction go on."""
    from cordiale.node import agreements_active as active

    with opened(home, passphrase_file) as node:
        fields(active.end(node, _two(node, by, second), id, reason, treatment=treatment), as_json)


@agreement_app.command("status", epilog="Example: cordiale agreement status --home node --json")
def agreement_status(
    *,
    id: Annotated[str | None, typer.Argument(help="An agreement's id; all of them unless named.")] = None,
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Say how agreements stand at this node. In force, shipped, suspended, ended, signed or waiting; who has
    signed, and how the proofs stand.
    """
    from cordiale.node import agreements_standing as standing

    with opened(home, passphrase_file) as node:
        rows(standing.status(node, id), as_json, "agreements")


def _two(node: Node, by: str, second: str) -> tuple[Any, Any]:
    """Two people who sign in at this terminal."""
    from cordiale.node import people

    first, other = (people.vouches(node, people.Proof(one, *signed_in(one))) for one in (by, second))
    return first, other
