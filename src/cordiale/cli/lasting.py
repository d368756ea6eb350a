"""Agreements on their way to other readers, and on their way to an end: export and due."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cordiale.cli.app import (
    HERE,
    AsJson,
    At,
    Home,
    Language,
    Records,
    Replace,
    Texts,
    agreement_app,
)
from cordiale.cli.opening import to_write
from cordiale.cli.telling import fields, out, print_json, progress, tongue
from cordiale.world import SystemClock, SystemDisk


@agreement_app.command(
    "export", epilog="Example: cordiale agreement export uk-frontex-wa-2024 --as odrl --out frontex.jsonld"
)
def agreement_export(
    *,
    id: Annotated[str, typer.Argument(help="The id of an agreement or law file.")],
    form: Annotated[str, typer.Option("--as", help="Which form: odrl, akoma or pdf.")],
    file: Annotated[Path, typer.Option("--out", help="Where to write it.")],
    replace: Replace = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove the safeguards now, and put how they stand into the paper.")
    ] = False,
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    language: Language = None,
    home: Home = HERE,
    as_json: AsJson = False,
) -> None:
    """Write one agreement for other readers. A policy in ODRL form, an Akoma Ntoso skeleton, or a paper to
    read and sign. docs/reference/agreement-exports.md says what each can say and what it cannot.
    """
    from cordiale.node import agreements, exporting

    exporting.check_form(form)
    place = to_write(file, home, None, replace=replace)
    on = agreements.moment(at, SystemClock())
    register = agreements.load(texts, records)
    voice = agreements.voiced(register, *tongue(language))
    proved = exporting.summary(register, id, on) if prove and form == "pdf" else []
    raw = exporting.exported(register, id, form, on, voice=voice, proved=proved)
    fields({"id": id, "as": form} | exporting.write(raw, place, SystemDisk()), as_json)


@agreement_app.command("due", epilog="Example: cordiale agreement due --within 90")
def agreement_due(
    *,
    within: Annotated[int, typer.Option("--within", help="How many days to look ahead.")] = 90,
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Say what ends or begins soon, and what breaks on that day. The gate is asked the same questions as of
    the day before and as of the day. Exit 0, whether or not anything is due.
    """
    from cordiale.node import agreements, lapsing

    on = agreements.moment(at, SystemClock())
    register = agreements.load(texts, records)
    voice = agreements.voiced(register, *tongue(language))
    found = lapsing.due(register, on, within)
    if as_json:
        print_json({"at": on.isoformat(), "within_days": within, "due": found})
        return
    for line in lapsing.told(found, voice):
        out.print(line, markup=False, soft_wrap=True)
    if not found:
        progress(f"nothing ends, begins or is due within {within} days")
