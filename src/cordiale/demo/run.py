"""`cordiale demo`: set the stage, play the night, verify three ledgers, then serve until Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import Any, Final

from cordiale.demo import story
from cordiale.demo.cast import DISCLAIMER, PASSWORD
from cordiale.demo.stage import OWNER, PREFIX, Desk, build, clear_old, ports_from
from cordiale.errors import CordialeError
from cordiale.node import people
from cordiale.world import SystemClock


def run(*, once: bool = False, ports: str = "") -> int:
    """Play the night. `once`: exit afterwards; else serve until Ctrl-C. Exit 0 when every ledger verified."""
    _say(DISCLAIMER)
    chosen = ports_from(ports)
    if old := clear_old(Path(tempfile.gettempdir())):
        _say(f"Cleared away what {old} demonstration(s) left behind that were cut off by force.")
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / OWNER).write_text(str(os.getpid()), encoding="utf-8")
    desks: list[Desk] = []
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(_stop, desks)
        stack.enter_context(_ends_in_order())
        _say("Founding three nodes ...")
        desks += build(folder, chosen)
        for desk in desks:
            desk.start()
        return _night(desks, folder, once=once)


def _night(desks: list[Desk], folder: Path, *, once: bool) -> int:
    uk, fr, frontex = desks
    night = story.Night(uk, fr, frontex, SystemClock(), _say)
    ledgers: list[dict[str, Any]] = []
    try:
        story.play(night)
        ledgers = story.check(night, folder)
    except CordialeError as fault:
        _say(f"THE STORY STOPPED: {fault}")
    good = bool(ledgers) and all(one["verified"] for one in ledgers)
    _tell_summary(night, ledgers)
    if once:
        _print_summary(night, ledgers)
        return 0 if good else 1
    _welcome(desks)
    if not sys.stdout.isatty():  # a person has read it above in words
        _print_summary(night, ledgers)
    _stay(desks)
    return 0 if good else 1


def _stop(desks: list[Desk]) -> None:
    """End the children that were started here, and only those."""
    for desk in desks:
        desk.stop()


def _welcome(desks: list[Desk]) -> None:
    """Where to look and how to sign in: addresses, invented people, their factors and the codes of now."""
    _say("")
    _say("Open in a browser. Everything is invented; everybody's password is:")
    _say(f"    {PASSWORD}")
    for desk in desks:
        _say("")
        _say(f"{desk.troupe.name}   {desk.address}")
        _say(f"    {'sign in as':<12} {'code now':<8} who; below, the secret for an authenticator app")
        for player in desk.troupe.players:
            secret = desk.secrets[player.login]
            code = people.code_now(secret, SystemClock().now())
            roles = ", ".join(player.roles).replace("_", " ")
            _say(f"    {player.login:<12} {code:<8} {player.name}, {roles}")
            _say(f"    {'':<12} {secret}")
    _say("")
    _say("A code opens once and changes every half minute: press Enter for new ones. Ctrl-C ends it all.")


def _stay(desks: list[Desk]) -> None:
    """Serve until Ctrl-C; each line that somebody types is answered with new codes."""
    for _ in sys.stdin:
        _welcome(desks)
    threading.Event().wait()  # standard input has ended: only a signal ends it now


def _tell_summary(night: story.Night, ledgers: list[dict[str, Any]]) -> None:
    """For people: each step that ran, who to whom, the answer and its article; then the ledgers."""
    _say("")
    _say("WHAT THE GATES ANSWERED THAT NIGHT")
    for number, step in enumerate(night.steps, 1):
        kept = f", {len(step.withheld)} items withheld" if step.withheld else ""
        _say(f"{number:>2}. {step.name}: {step.sender} -> {step.recipient}")
        _say(f"    {step.verdict.upper()}{kept}: {step.article}")
    for one in ledgers:
        _say(f"Ledger of {one['node']}: {one['size']} entries, {_proved(one)}")
    _say("")


def _proved(ledger: dict[str, Any]) -> str:
    return "verified" if ledger["verified"] else "DOES NOT HOLD"


def _print_summary(night: story.Night, ledgers: list[dict[str, Any]]) -> None:
    """The last line of the demonstration: only steps that ran, only ledgers that were looked at."""
    summary = {"steps": [step.as_json() for step in night.steps], "ledgers": ledgers}
    print(json.dumps(summary, ensure_ascii=False), flush=True)


def _say(words: str) -> None:
    """On standard error, no line longer than a narrow terminal, no colour."""
    indent = " " * (len(words) - len(words.lstrip()) + 4)
    for line in textwrap.wrap(words, COLUMNS, subsequent_indent=indent, **_AS_IT_IS) or [""]:
        print(line, file=sys.stderr, flush=True)


COLUMNS: Final = 80
_AS_IT_IS: Final[dict[str, Any]] = {
    "drop_whitespace": True,
    "break_long_words": False,
    "break_on_hyphens": False,
}


@contextlib.contextmanager
def _ends_in_order() -> Any:
    """SIGTERM ends it as Ctrl-C does; a second one does not cut the clearing up short."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    # Both are set: a shell that starts it in the background would otherwise have it ignore Ctrl-C.
    before = {name: signal.signal(name, end) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except KeyboardInterrupt:
        _say("ending ...")
        raise SystemExit(0) from None
    finally:
        for name, held in before.items():
            signal.signal(name, held)
