"""How a command ends: an exit code, and for a fault one plain sentence, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import typer
from typer.exceptions import TyperException

from cordiale.cli.app import DONE, FAULT, USAGE, app
from cordiale.cli.telling import progress
from cordiale.errors import CordialeError, InputError

PROGRAM: Final = "cordiale"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. A fault is one plain sentence on standard error."""
    os.umask(0o077)  # nothing that a node writes is for other accounts of this machine
    words = list(arguments) if arguments is not None else None
    return guarded(lambda: app(args=words, prog_name=PROGRAM, standalone_mode=False))


_DATABASE: Final = "Check `store` in cordiale.toml and the disk, then run `cordiale doctor`."
_OWN_MISTAKE: Final = "Nothing was half done. Run `cordiale audit`, and report the words above."


def _database_faults() -> tuple[type[Exception], ...]:
    """What the database raises, if it was ever loaded: `--help` need not load it to know."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return (loaded.SQLAlchemyError,) if loaded is not None else ()


def told(wrong: CordialeError) -> str:
    """A fault in whole sentences: where, what, and the way out."""
    said = f"{wrong.field}: {wrong.message}" if wrong.field else wrong.message
    stop = "" if said.endswith((".", "!", "?")) else "."
    return f"{said}{stop} {wrong.way_out}".strip()


def _misused(wrong: TyperException) -> str:
    """What was typed wrongly, by the name that is typed, and where its help is."""
    context = getattr(wrong, "ctx", None)
    command = context.command_path if context else PROGRAM
    said = wrong.format_message().rstrip()
    said += "" if said.endswith((".", "!", "?", ")")) else "."
    return said if said.startswith("Usage:") else f"{said} See `{command} --help`."


def guarded(run: Callable[[], Any]) -> int:
    """Run, and return the exit code; whatever is raised is told in one plain sentence."""
    try:
        code = run()
    except typer.Abort:
        progress("stopped")
        return FAULT
    except TyperException as wrong:
        progress(_misused(wrong))
        return USAGE
    except InputError as wrong:
        progress(told(wrong))
        return USAGE
    except CordialeError as wrong:
        progress(told(wrong))
        return FAULT
    except OSError as wrong:
        where = f"`{wrong.filename}`: " if wrong.filename else ""
        progress(f"{where}{wrong.strerror or wrong}. Check that the path is right and may be used.")
        return FAULT
    except _database_faults() as wrong:
        progress(f"The database does not answer: {getattr(wrong, 'orig', None) or wrong}. {_DATABASE}")
        return FAULT
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as wrong:
        progress(f"Cordiale has a mistake of its own: {type(wrong).__name__}: {wrong}. {_OWN_MISTAKE}")
        return FAULT
    return code if isinstance(code, int) else DONE
