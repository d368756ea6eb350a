"""Rehearse a night before it comes: a plain-text story, played by the real code between simulated nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cordiale.cli.app import DONE, REFUSED, AsJson, app
from cordiale.cli.opening import read
from cordiale.cli.telling import errors, out, print_json
from cordiale.errors import UsageError

STORY_BYTES_MAX: Final = 1 << 20


@app.command(epilog="Example: cordiale rehearse night.txt --json")
def rehearse(
    *,
    story: Annotated[Path, typer.Argument(help="A story: header lines, then one act a line.")],
    as_json: AsJson = False,
) -> None:
    """Play a plain-text story between simulated nodes. The real code decides, seals, carries and records;
    only clock, disk and wire are simulated, and nothing leaves this machine. Exit 1 when a line does not
    come true.
    """
    from cordiale.simulation import play

    raw = read(story)
    try:
        told = raw[:STORY_BYTES_MAX].decode("utf-8")
        simulation, wrong = play(told, _papers(), _records())
    except (KeyError, ValueError) as fault:
        raise UsageError(
            f"`{story.name}` is not a story: {fault}",
            field="story",
            way_out="The tutorial shows one.",
        ) from None
    if as_json:
        print_json({"ok": not wrong, "trace": simulation.trace, "wrong": wrong})
    else:
        for line in simulation.trace:
            out.print(line, markup=False, soft_wrap=True)
        for line in wrong:
            errors.print(f"did not come true: {line}", markup=False, soft_wrap=True)
    raise typer.Exit(REFUSED if wrong else DONE)


def _papers() -> dict[str, Callable[[datetime], Mapping[str, Any]]]:
    """What a story may send or state: the invented papers of the demonstration, by their names."""
    from cordiale.demo import papers

    return {
        "network_report": papers.network_report,
        "claimant_report": lambda _: papers.claimant_report("FRONTEX/frontex"),
        "route_note": papers.route_note,
        "distress_call": papers.distress_call,
        "onward": lambda _: papers.onward_asks(),
        "onward_with_consent": lambda _: papers.onward_asks((papers.consent("2026-11-22")[0],)),
    }


def _records() -> dict[str, str]:
    """The legal records that a story may load, all of the invented night."""
    from cordiale.demo import papers

    made = (
        papers.consent("2026-11-22"),
        papers.suspension("2026-11-22"),
    )
    return dict(made)
