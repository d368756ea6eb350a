"""Proving what agreements promise, from the files on disk: no node, no key, no network."""

from __future__ import annotations

from typing import Annotated

import typer

from cordiale.cli.app import DONE, REFUSED, AsJson, At, Records, Texts, agreement_app
from cordiale.cli.telling import out, print_json, progress
from cordiale.world import SystemClock


@agreement_app.command("prove", epilog="Example: cordiale agreement prove uk-frontex-wa-2024")
def agreement_prove(
    *,
    file: Annotated[
        str | None,
        typer.Argument(
            help="An agreement's id, or a file that stands in its place; all of them unless named."
        ),
    ] = None,
    at: At = None,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Prove every span of days that lies ahead, too.")
    ] = False,
    network: Annotated[
        bool,
        typer.Option(
            "--network", help="Prove all agreements in force together, for chains of any length, instead."
        ),
    ] = False,
    heedless: Annotated[
        list[str] | None,
        typer.Option("--heedless", help="With --network: a Side thought not to keep the limits it is sent."),
    ] = None,
    begun_by: Annotated[
        str, typer.Option("--begun-by", help="With --network: show chains that begin at this Side.")
    ] = "",
    cap: Annotated[float, typer.Option("--cap", help="Seconds for one safeguard.", min=0.1)] = 10.0,
    texts: Texts = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """Prove that every safeguard holds. For every possible request, or show one that breaks it.

    Exit 0: all proved, and each proof re-checked by the small checker; 1: something is broken or not known.
    """
    from cordiale.node import agreements, network_proved, proving

    on = agreements.moment(at, SystemClock())
    register, asked = proving.chosen(file, texts, records)
    if network:
        careless = tuple(heedless or ())
        whole = network_proved.proved(register, on, cap_s=cap, heedless=careless, begun_by=begun_by)
        if as_json:
            print_json(whole.as_json())
        for line in () if as_json else network_proved.lines(whole):
            out.print(line, markup=False, soft_wrap=True)
        raise typer.Exit(DONE if whole.holds else REFUSED)
    found = []
    for one in proving.proofs(register, asked, on, ahead=ahead, cap_s=cap, tell=progress):
        found.append(one)
        if not as_json:
            holding = sum(1 for outcome in one.outcomes if outcome.holds)
            out.print(
                f"{one.agreement} as of {one.day}: {holding} of {len(one.outcomes)} safeguards proved",
                markup=False,
            )
            for word, sentence in proving.lines(one):
                out.print(f"  {word:<9}  {sentence}", markup=False, soft_wrap=True)
    if as_json:
        print_json(proving.as_json(found))
    raise typer.Exit(DONE if all(one.holds for one in found) else REFUSED)


@agreement_app.command("diff", epilog="Example: cordiale agreement diff uk-frontex-wa-2024 draft.toml")
def agreement_diff(
    *,
    old: Annotated[str, typer.Argument(help="An agreement's id, or a file that stands in its place.")],
    new: Annotated[str, typer.Argument(help="The other version: an id or a file.")],
    at: At = None,
    texts: Texts = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions over every possible request. What became permitted, withheld or refused.

    Each change comes with a request and the article. Exit 0: what leaves is the same; 1: something changed.
    """
    from cordiale.node import agreements, proving

    on = agreements.moment(at, SystemClock())
    found = proving.compared(proving.versions(old, new, texts, records), on)
    if as_json:
        print_json(found)
    else:
        for change in found["changes"]:
            for line in proving.change_lines(change):
                out.print(line, markup=False, soft_wrap=True)
        for one in found["wording"]:
            told = f"reads otherwise: {one['where']}, {one['field']}: {one['before']} -> {one['after']}"
            out.print(told, markup=False, soft_wrap=True)
        out.print(f"{len(found['changes'])} changes of what leaves", markup=False)
    raise typer.Exit(REFUSED if found["changes"] else DONE)


@agreement_app.command("findings", epilog="Example: cordiale agreement findings uk-frontex-wa-2024")
def agreement_findings(
    *,
    file: Annotated[
        str | None,
        typer.Argument(
            help="An agreement's id, or a file that stands in its place; all of them unless named."
        ),
    ] = None,
    at: At = None,
    cap: Annotated[float, typer.Option("--cap", help="Seconds for one question.", min=0.1)] = 10.0,
    texts: Texts = None,
    records: Records = None,
    as_json: AsJson = False,
) -> None:
    """Find what an agreement says in vain or twice. Dead lines, lines without effect, conflicts, overlaps.

    That something never happens comes with a certificate, that it does with a request. None of it is a
    mistake by itself: a lawyer wants the list. Exit 0, whatever is found.
    """
    from cordiale.node import agreements, agreements_examined, proving

    on = agreements.moment(at, SystemClock())
    register, asked = proving.chosen(file, texts, records)
    found = []
    for one in agreements_examined.examined(register, asked, on, cap_s=cap, tell=progress):
        found.append(one)
        for line in () if as_json else agreements_examined.lines(one):
            out.print(line, markup=False, soft_wrap=True)
    if as_json:
        print_json(agreements_examined.as_json(found))
    raise typer.Exit(DONE)
