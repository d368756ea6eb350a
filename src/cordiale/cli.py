"""The command line: the same verbs as the pages.

`--json` on every command; progress on standard error; exit 0 done, 1 refused (or a check that did not hold),
2 used wrongly, 3 a fault. Secrets come from files or the terminal, never from an argument. Heavy rooms are
imported inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from typer.exceptions import TyperException

from cordiale.errors import CordialeError, InputError, UsageError
from cordiale.world import SystemClock, SystemDisk

if TYPE_CHECKING:
    from cordiale.node import Node

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
agreement_app = typer.Typer(help="Agreements: list, show, explain, check.", no_args_is_help=True)
peer_app = typer.Typer(help="Partners: their signed node cards.", no_args_is_help=True)
ledger_app = typer.Typer(help="The ledger: export it, verify an export anywhere.", no_args_is_help=True)
officer_app = typer.Typer(help="Officers: accounts, and what two people may give back.", no_args_is_help=True)
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
HERE: Final = Path("cordiale-home")

_errors: Final = Console(stderr=True, highlight=False)
_out: Final = Console(highlight=False)


# ------------------------------------------------------------------------------ the gate


@app.command()
def decide(
    *,
    request: Annotated[str, typer.Argument(help="A request in JSON; `-` reads standard input.")],
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """Answer one request against the files on disk. Exit 0: permit or withhold; 1: refused; 2: refused
    because it is no request in the format of docs/reference/decide.md.
    """
    from cordiale.node import agreements

    raw = (
        sys.stdin.buffer.read(agreements.REQUEST_BYTES_MAX + 1)
        if request == "-"
        else agreements.read_request(Path(request), SystemDisk())
    )
    on = agreements.moment(at, SystemClock())
    found = agreements.judged(raw, agreements.load(texts, records), on)
    if as_json:
        _print_json(found.answer.as_json())
    else:
        _out.print(agreements.said(found.answer), markup=False, soft_wrap=True)
    if not found.readable:
        raise typer.Exit(USAGE)
    raise typer.Exit(REFUSED if found.answer.verdict == "refuse" else DONE)


@agreement_app.command("list")
def agreement_list(
    *, at: At = None, texts: Texts = None, records: Records = None, as_json: AsJson = False
) -> None:
    """Every agreement and law file: nature, dates, state on the date."""
    from cordiale.node import agreements

    on = agreements.moment(at, SystemClock())
    _rows(agreements.listing(agreements.load(texts, records), on), as_json, "agreements")


@agreement_app.command("show")
def agreement_show(
    *,
    id: Annotated[str, typer.Argument(help="The id of an agreement or law file.")],
    texts: Texts = None,
    as_json: AsJson = False,
) -> None:
    """One file as it lies on disk, with its source and confidence lines."""
    from cordiale.node import agreements

    found = agreements.shown(id, texts)
    if as_json:
        _print_json(found)
    else:
        print(found["text"])


@agreement_app.command("explain")
def agreement_explain(
    *,
    id: Annotated[str, typer.Argument(help="The id of an agreement or law file.")],
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """In sentences: who may give what to whom, why, under which article, and how sure each line is."""
    from cordiale.node import agreements

    on = agreements.moment(at, SystemClock())
    lines = agreements.explained(agreements.load(texts, records), id, on)
    if as_json:
        _print_json({"id": id, "at": on.isoformat(), "lines": lines})
    else:
        for line in lines:
            _out.print(line, markup=False)


@agreement_app.command("check")
def agreement_check(
    *,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of texts; the shipped ones unless named.")
    ] = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """Read every file as the gate does and say what does not hold. Exit 1 when something does not."""
    from cordiale.node import agreements

    found = agreements.checked(folder, records)
    if as_json:
        _print_json(found)
    else:
        for wrong in found["wrong"]:
            _errors.print(wrong, markup=False)
        _out.print(f"{found['files']} files, {len(found['wrong'])} mistakes", markup=False)
    raise typer.Exit(REFUSED if found["wrong"] else DONE)


# ------------------------------------------------------------------------------ the node


@app.command()
def init(
    *,
    side: Annotated[str, typer.Option(help="The Side, as the register spells it: UK, FR, FRONTEX.")],
    authority: Annotated[
        list[str], typer.Option(help="An authority it speaks for; may be given several times.")
    ],
    administrator: Annotated[str, typer.Option(help="Sign-in name of the first administrator.")],
    person: Annotated[str, typer.Option(help="The administrator's name, as it will stand in the ledger.")],
    home: Home = HERE,
    name: Annotated[str, typer.Option(help="The agency's name on every page.")] = "",
    address: Annotated[str, typer.Option(help="URL of the contact point for partners.")] = "",
    ring_name: Annotated[str, typer.Option(help="Who answers the telephone.")] = "",
    ring_number: Annotated[str, typer.Option(help="The number to ring.")] = "",
    store: Annotated[str, typer.Option(help="Database URL; SQLite in the home folder unless given.")] = "",
    passphrase_file: Secret = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File with the administrator's password; else the terminal asks.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a node: folder, keys under a passphrase, database, first administrator."""
    from cordiale.node import found
    from cordiale.node.home import Founding

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
    passphrase = _secret(passphrase_file, "Passphrase for the keys", twice=True)
    password = _secret(password_file, "Password of the administrator", twice=True)
    founded = found(home, founding, secrets=(passphrase, password), world=_world())
    _fields(founded.as_json(), as_json)


@app.command()
def serve(
    *,
    home: Home = HERE,
    pages_port: Annotated[int | None, typer.Option(help="Port of the pages.")] = None,
    contact_port: Annotated[int | None, typer.Option(help="Port of the contact point.")] = None,
    passphrase_file: Secret = None,
) -> None:
    """Run the node: pages, contact point and courier in one process, until Ctrl-C."""
    from cordiale.node import serving
    from cordiale.web import application

    flags = {"pages_port": pages_port, "contact_port": contact_port}
    with _opened(home, passphrase_file, flags) as node:
        serving.serve(node, application, say=_progress)


@app.command()
def backup(
    *,
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Write an encrypted backup, read it again and prove its ledger. The node may be running."""
    from cordiale.node import backup as backups

    with _opened(home, passphrase_file) as node:
        _fields(backups.write_backup(node, file), as_json)


@app.command()
def restore(
    *,
    file: Annotated[Path, typer.Argument(help="The backup.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty home folder, and audit what came back."""
    from cordiale.node import backup as backups

    passphrase = _secret(passphrase_file, "Passphrase of the backup")
    _fields(backups.restore_backup(file, home, passphrase=passphrase, world=_world()), as_json)


@app.command()
def upgrade(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Back up beside the database, then bring its schema to this version."""
    from cordiale.node import backup as backups

    passphrase = _secret(passphrase_file, "Passphrase")
    _fields(backups.upgrade(home, passphrase=passphrase, world=_world()), as_json)


@app.command()
def audit(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Check every invariant of the node. Exit 1 when one does not hold."""
    from cordiale.node.audit import audit as audit_node

    with _opened(home, passphrase_file) as node:
        found = audit_node(node)
    _found(found.as_json(), as_json)


@app.command()
def doctor(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Look at the machine around the node: clock, disk, files, keys, ports, partners. Exit 1 when ill."""
    from cordiale.node.audit import doctor as look

    with _opened(home, passphrase_file) as node:
        found = look(node)
    _found(found.as_json(), as_json)


@app.command()
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
    """One night in the Channel: three nodes on this machine, real agreements, invented people and events."""
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


# ------------------------------------------------------------------------------ partners


@peer_app.command("card")
def peer_card(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """This node's own signed card, to hand to a partner, and the words to read out on the telephone."""
    from cordiale.node import exchange

    with _opened(home, passphrase_file) as node:
        card = exchange.own_card(node)
    if as_json:
        _print_json(card)
    else:
        print(json.dumps(card["card"], indent=2, sort_keys=True))
        _errors.print(f"Read these words out on the telephone: {card['words']}", markup=False)


@peer_app.command("add")
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

    with _opened(home, passphrase_file) as node:
        _fields(exchange.add_peer(node, _read(card), words=words, by=by), as_json)


@peer_app.command("list")
def peer_list(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Every partner: state, waiting messages, last heard."""
    from cordiale.node import exchange

    with _opened(home, passphrase_file) as node:
        _rows(exchange.peers(node), as_json, "peers")


@peer_app.command("check")
def peer_check(
    *,
    peer: Annotated[str, typer.Argument(help="The partner's node id.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Reach a partner now and verify its card, its keys and its ledger head. Exit 1 when one does not
    hold.
    """
    from cordiale.node import exchange

    with _opened(home, passphrase_file) as node:
        found = exchange.check_peer(node, peer)
    _found(found, as_json)


@peer_app.command("remove")
def peer_remove(
    *,
    peer: Annotated[str, typer.Argument(help="The partner's node id.")],
    by: Annotated[str, typer.Option(help="Who decided: stands in the ledger.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """End a partnership from now: its messages are no longer taken, what it holds can still be recalled."""
    from cordiale.node import exchange

    with _opened(home, passphrase_file) as node:
        _fields(exchange.remove_peer(node, peer, by=by, reason=reason), as_json)


# ------------------------------------------------------------------------------ ledger


@ledger_app.command("export")
def ledger_export(
    *,
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Write the whole ledger with its checkpoint: no personal data, only salted commitments."""
    from cordiale.node import ledger

    with _opened(home, passphrase_file) as node:
        _fields(ledger.export_to(node, file), as_json)


@ledger_app.command("verify")
def ledger_verify(
    *, file: Annotated[Path, typer.Argument(help="An export.")], as_json: AsJson = False
) -> None:
    """Verify an export offline: needs no node, no key, no network. Exit 1 when it does not hold."""
    from cordiale.node import ledger

    _found(ledger.verify_file(file, SystemDisk()), as_json)


# ------------------------------------------------------------------------------ officers


@officer_app.command("list")
def officer_list(*, home: Home = HERE, passphrase_file: Secret = None, as_json: AsJson = False) -> None:
    """Every account: roles, state, last sign-in. No secrets."""
    from cordiale.node import people

    with _opened(home, passphrase_file) as node:
        _rows(people.accounts(node), as_json, "officers")


@officer_app.command("recover")
def officer_recover(
    *,
    name: Annotated[str, typer.Argument(help="The sign-in name of the person who lost something.")],
    lost: Annotated[str, typer.Option(help="password or factor")],
    by: Annotated[str, typer.Option(help="Sign-in name of the first person who vouches.")],
    second: Annotated[str, typer.Option("--and", help="Sign-in name of the second; another person.")],
    reason: Annotated[str, typer.Option(help="Why; stands in the ledger.")],
    home: Home = HERE,
    passphrase_file: Secret = None,
    as_json: AsJson = False,
) -> None:
    """Give back a lost password or second factor. Two other people sign in here and vouch; both stand in
    the ledger.
    """
    from cordiale.node import people

    with _opened(home, passphrase_file) as node:
        proofs = (people.Proof(by, *_sign_in(by)), people.Proof(second, *_sign_in(second)))
        _fields(people.recover(node, name, lost=lost, vouched=proofs, reason=reason), as_json)


# ------------------------------------------------------------------------------ how it prints


def _world() -> Any:
    from cordiale.node import system_world

    return system_world()


def _opened(home: Path, passphrase_file: Path | None, flags: Mapping[str, Any] | None = None) -> Node:
    """The node in `home`, opened; close it with `with`."""
    from cordiale.node import open_node, read_settings

    settings = read_settings(home, SystemDisk(), environment=os.environ, flags=flags)
    named = passphrase_file or (Path(settings.passphrase_file) if settings.passphrase_file else None)
    return open_node(home, _secret(named, "Passphrase"), settings=settings, world=_world())


def _secret(file: Path | None, what: str, *, twice: bool = False) -> str:
    """A secret from a file, or asked on the terminal; never from an argument or the environment."""
    if file is not None:
        try:
            return _read(file).decode("utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise UsageError(f"`{file}` is no text: is it the right file?") from None
    if not sys.stdin.isatty():
        raise UsageError(f"{what}: no file and no terminal", way_out="Name a file with --passphrase-file.")
    secret = getpass.getpass(f"{what}: ")
    if twice and getpass.getpass("Once more: ") != secret:
        raise UsageError("the two were not the same")
    return secret


def _sign_in(who: str) -> tuple[str, str]:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{who} has to type password and code here, and there is no terminal",
            way_out="Run this where both people can sit down.",
        )
    return getpass.getpass(f"Password of {who}: "), input(f"Code of {who}: ").strip()


def _read(path: Path) -> bytes:
    try:
        return SystemDisk().read(path)
    except OSError as wrong:
        raise UsageError(f"`{path}` cannot be read: {wrong.strerror}") from None


def _progress(words: str) -> None:
    _errors.print(words, markup=False, soft_wrap=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False, default=str))


def _rows(rows: Sequence[Mapping[str, Any]], as_json: bool, what: str) -> None:
    """A table on a terminal, a list as JSON."""
    if as_json:
        _print_json({what: list(rows)})
        return
    table = Table(box=None, pad_edge=False)
    columns = list(rows[0]) if rows else []
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*[_cell(row[c]) for c in columns])
    _out.print(table if rows else f"no {what}")


def _fields(found: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(dict(found))
        return
    for key, value in found.items():
        _out.print(f"{key.replace('_', ' ')}: {_cell(value)}", markup=False, soft_wrap=True)


def _found(found: Mapping[str, Any], as_json: bool) -> NoReturn:
    """What a check found; exit 1 unless it says ok."""
    _fields(found, as_json)
    raise typer.Exit(DONE if found["ok"] else REFUSED)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_cell(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={_cell(v)}" for k, v in value.items())
    return "" if value is None else str(value)


def reference() -> str:
    """docs/reference/commands.md, whole: the help of every command that is not hidden."""
    from typer.main import get_command

    lines = ["# Commands", "", "Printed from the commands themselves; a test keeps it so.", ""]
    lines += [
        "Exit codes: 0 done (permit, withhold), 1 refused or a check that did not hold, "
        "2 used wrongly, 3 a fault.",
        "",
    ]

    def tell(command: Any, path: str) -> None:
        if command.hidden:
            return
        nested = getattr(command, "commands", None)
        if nested is not None:
            for name in sorted(nested):
                tell(nested[name], f"{path} {name}")
            return
        lines.extend([f"## `{path}`", "", (command.help or "").strip(), ""])
        for one in command.params:
            if one.name != "help":
                shown = str(one.name).upper() if one.param_type_name == "argument" else ", ".join(one.opts)
                need = " (required)" if one.required else ""
                lines.append(f"* `{shown}`{need}: {getattr(one, 'help', '') or ''}")
        lines.append("")

    tell(get_command(app), "cordiale")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. A fault is one plain sentence on standard error."""
    os.umask(0o077)  # nothing that a node writes is for other accounts of this machine
    return _guarded(
        lambda: app(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    )


_DATABASE: Final = "Check `store` in cordiale.toml and the disk, then run `cordiale doctor`."
_OWN_MISTAKE: Final = "Nothing was half done. Run `cordiale audit`, and report the words above."


def _database_faults() -> tuple[type[Exception], ...]:
    """What the database raises, if it was ever loaded: `--help` need not load it to know."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return (loaded.SQLAlchemyError,) if loaded is not None else ()


def _told(wrong: CordialeError) -> str:
    """A fault in whole sentences: where, what, and the way out."""
    said = f"{wrong.field}: {wrong.message}" if wrong.field else wrong.message
    stop = "" if said.endswith((".", "!", "?")) else "."
    return f"{said}{stop} {wrong.way_out}".strip()


def _guarded(run: Callable[[], Any]) -> int:
    try:
        code = run()
    except typer.Abort:
        _progress("stopped")
        return FAULT
    except TyperException as wrong:
        _progress(f"{wrong} See `cordiale --help`.")
        return USAGE
    except InputError as wrong:
        _progress(_told(wrong))
        return USAGE
    except CordialeError as wrong:
        _progress(_told(wrong))
        return FAULT
    except OSError as wrong:
        where = f"`{wrong.filename}`: " if wrong.filename else ""
        _progress(f"{where}{wrong.strerror or wrong}. Check that the path is right and may be used.")
        return FAULT
    except _database_faults() as wrong:
        _progress(f"The database does not answer: {getattr(wrong, 'orig', None) or wrong}. {_DATABASE}")
        return FAULT
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as wrong:
        _progress(f"Cordiale has a mistake of its own: {type(wrong).__name__}: {wrong}. {_OWN_MISTAKE}")
        return FAULT
    return code if isinstance(code, int) else DONE


if __name__ == "__main__":
    sys.exit(main())
