"""The gate and the agreements, asked from the files on disk: no node, no key, no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import DONE, REFUSED, USAGE, AsJson, At, Language, Records, Texts, agreement_app, app
from cordiale.cli.telling import errors, out, print_json, progress, rows, tongue
from cordiale.world import SystemClock, SystemDisk


@app.command(epilog="Example: cordiale decide request.json --at 2026-11-22")
def decide(
    *,
    request: Annotated[str, typer.Argument(help="A request in JSON; `-` reads standard input.")],
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Answer one request by the files on disk. Exit 0: permit or withhold; 1: refused, also where a Side or
    an agreement is not known; 2: it is no request in the format of docs/reference/decide.md.
    """
    from cordiale.node import agreements

    raw = (
        sys.stdin.buffer.read(agreements.REQUEST_BYTES_MAX + 1)
        if request == "-"
        else agreements.read_request(Path(request), SystemDisk())
    )
    on = agreements.moment(at, SystemClock())
    register = agreements.load(texts, records)
    voice = agreements.voiced(register, *tongue(language))
    found = agreements.judged(raw, register, on)
    if as_json:
        twins = {voice.language: agreements.twins(found.answer, voice)} if voice else {}
        print_json(found.answer.as_json() | twins)
    else:
        out.print(agreements.told(found, voice), markup=False, soft_wrap=True)
        if texts is None and any(one.field == "asked_basis" for one in found.answer.failures):
            progress("An agreement of your own? Name the folder of its files with --texts.")
    if not found.readable:
        raise typer.Exit(USAGE)
    raise typer.Exit(REFUSED if found.answer.verdict == "refuse" else DONE)


@agreement_app.command("list", epilog="Example: cordiale agreement list --at 2026-11-22")
def agreement_list(
    *, at: At = None, texts: Texts = None, records: Records = None, as_json: AsJson = False
) -> None:
    """List every agreement and law file. Nature, dates, and how each stands on the date."""
    from cordiale.node import agreements

    on = agreements.moment(at, SystemClock())
    rows(agreements.listing(agreements.load(texts, records), on), as_json, "agreements")


@agreement_app.command("show", epilog="Example: cordiale agreement show uk-frontex-wa-2024")
def agreement_show(
    *,
    id: Annotated[str, typer.Argument(help="The id of an agreement or law file.")],
    texts: Texts = None,
    as_json: AsJson = False,
) -> None:
    """Print one file as it lies on disk. Its source and confidence lines are in it."""
    from cordiale.node import agreements

    found = agreements.shown(id, texts)
    if as_json:
        print_json(found)
    else:
        print(found["text"])


@agreement_app.command(
    "explain", epilog="Example: cordiale agreement explain uk-frontex-wa-2024 --at 2026-11-22"
)
def agreement_explain(
    *,
    id: Annotated[str, typer.Argument(help="The id of an agreement or law file.")],
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Say in sentences what a file permits. Who may give what to whom, under which article, how sure."""
    from cordiale.node import agreements

    on = agreements.moment(at, SystemClock())
    register = agreements.load(texts, records)
    voice = agreements.voiced(register, *tongue(language))
    lines = agreements.explained(register, id, on, voice)
    if as_json:
        print_json({"id": id, "at": on.isoformat(), "lines": lines})
    else:
        for line in lines:
            out.print(line, markup=False)


@agreement_app.command("check", epilog="Example: cordiale agreement check my-texts --json")
def agreement_check(
    *,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of texts; the shipped ones unless named.")
    ] = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """Read every file as the gate does. A mistake is named with file and line; exit 1 when there is one."""
    from cordiale.node import agreements

    found = agreements.checked(folder, records)
    if as_json:
        print_json(found)
    else:
        for wrong in found["wrong"]:
            errors.print(wrong, markup=False)
        count = len(found["wrong"])
        out.print(f"{found['files']} files, {count} mistake{'s' * (count != 1)}", markup=False)
    raise typer.Exit(REFUSED if found["wrong"] else DONE)
