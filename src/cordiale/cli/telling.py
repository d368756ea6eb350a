"""How a command tells what it found: table, fields or JSON on standard output, progress on standard error."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

import typer
from rich.table import Table
from rich.text import Text

from cordiale.cli.app import DONE, REFUSED
from cordiale.cli.visible import Terminal, visible
from cordiale.errors import UsageError

errors: Final = Terminal(stderr=True, highlight=False)
out: Final = Terminal(highlight=False)
LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
GAP: Final = 2  # columns are this far apart
MARK: Final = 7  # how far what follows `ok` or `WRONG` stands in


def progress(words: str) -> None:
    """A word about how it goes, on standard error."""
    errors.print(_saying()(words), markup=False, soft_wrap=True)


def notes(found: Mapping[str, Any]) -> dict[str, Any]:
    """The rest of what was found, once its `notes` were told on standard error."""
    for one in found["notes"]:
        progress(one)
    return {name: value for name, value in found.items() if name != "notes"}


def print_json(value: Any) -> None:
    """What a machine reads, on standard output."""
    print(visible(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False, default=str)))


def rows(found: Sequence[Mapping[str, Any]], as_json: bool, what: str) -> None:
    """A list as JSON; for people a table, or where that is too wide for the terminal, a few lines each."""
    if as_json:
        print_json({what: list(found)})
        return
    if not found:
        out.print(f"no {what}")
        return
    columns = list(found[0])
    cells = [[cell(row[column]) for column in columns] for row in found]
    widths = [max(map(len, [name, *texts])) for name, *texts in zip(columns, *cells, strict=True)]
    if sum(widths) + GAP * (len(columns) - 1) > out.width:
        for texts in cells:
            _by_lines(columns, texts)
        return
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for column in columns:
        table.add_column(column.replace("_", " "), no_wrap=True)
    for texts in cells:
        table.add_row(*[Text(one) for one in texts])
    out.print(table)


def _by_lines(columns: Sequence[str], texts: Sequence[str]) -> None:
    """The first column as a heading, what else is said below it."""
    said = [
        f"{name.replace('_', ' ')} {text}" for name, text in zip(columns[1:], texts[1:], strict=True) if text
    ]
    indent = " " * 4
    out.print(texts[0], markup=False, soft_wrap=True)
    for line in textwrap.wrap(
        "; ".join(said), max(out.width, 40), initial_indent=indent, subsequent_indent=indent
    ):
        out.print(line, markup=False, soft_wrap=True)


def fields(found: Mapping[str, Any], as_json: bool) -> None:
    """Name and value, a line each."""
    if as_json:
        print_json(dict(found))
        return
    say = _saying()
    for key, value in found.items():
        out.print(f"{key.replace('_', ' ')}: {cell(say(value))}", markup=False, soft_wrap=True)


def verdict(found: Mapping[str, Any], as_json: bool) -> NoReturn:
    """What a check found; exit 1 unless it says ok."""
    if as_json:
        print_json(dict(found))
    else:
        _told(found)
    raise typer.Exit(DONE if found["ok"] else REFUSED)


def _told(found: Mapping[str, Any]) -> None:
    """The fields; then each check on a line, `ok` or `WRONG`, and below it what is wrong and the way out."""
    from cordiale.node.saying import FAILS, HOLDS, Said

    lists = {name: found[name] for name in ("checked", "wrong") if isinstance(found.get(name), list)}
    fields({name: value for name, value in found.items() if name not in lists}, as_json=False)
    say, wrong = _saying(), list(lists.get("wrong", []))
    for check in lists.get("checked", []):
        of_it = [one for one in wrong if one.startswith(f"{check}: ")]
        out.print(f"{say(FAILS if of_it else HOLDS):<{MARK}}{say(check)}", markup=False, soft_wrap=True)
        for one in of_it:
            wrong.remove(one)
            what = one.values["what"] if isinstance(one, Said) else one.removeprefix(f"{check}: ")
            out.print(" " * MARK + say(what), markup=False, soft_wrap=True)
    for one in wrong:
        out.print(f"{say(FAILS):<{MARK}}{say(one)}", markup=False, soft_wrap=True)


def tongue(asked: str | None) -> tuple[str, Callable[[str], str]]:
    """The language that was asked for, else the terminal's (LC_ALL, LC_MESSAGES, LANG), and how to say things
    in it; English for any that is not spoken here. Raises UsageError where such a one was asked for.
    """
    wanted = (asked or next((os.environ[one] for one in LOCALES if os.environ.get(one)), ""))[:2].lower()
    if wanted == "en" or (asked is None and wanted != "fr"):
        return "en", str
    from cordiale.web.words import LANGUAGES, say_in

    if wanted not in LANGUAGES:
        raise UsageError(
            f"`{asked}` is no language of these commands", field="language", way_out="Use one of: en, fr."
        )
    return wanted, say_in(wanted)


def _saying() -> Callable[[Any], Any]:
    """How to say a value in the terminal's language: words that the catalogue has, sentences that carry their
    values; the rest as it is.
    """
    language, say = tongue(None)
    if language == "en":
        return lambda value: value
    from cordiale.node.saying import said
    from cordiale.web.notes import noted

    def known(text: str) -> str:
        return noted(say, text) or say(text)

    return lambda value: known(value) if type(value) is str and value else said(value, known)


def cell(value: Any) -> str:
    """A value in words."""
    if isinstance(value, list | tuple):
        return ", ".join(cell(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={cell(v)}" for k, v in value.items())
    return "" if value is None else visible(str(value))
