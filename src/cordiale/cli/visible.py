"""What a terminal is given: no character in it that steers the terminal or turns the order of what is read.

Titles, names and reasons are other people's words; a partner must not clear a screen, hide a line or write a
clipboard with them. Such characters are shown by their number instead.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from rich.console import Console

KEPT: Final = frozenset("\n\t\u200c\u200d\u00ad")
"""Line ends and tabs; the joiners that Persian and Hindi names need; soft hyphens."""
STEERS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's controls, formats (bidirectional overrides among them), lone surrogates, odd line ends."""


def visible(text: str) -> str:
    """The text with each such character as `\\u` and four hexadecimal digits, which JSON reads too."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(one) if _steers(one) else one for one in text)


def _steers(one: str) -> bool:
    return one not in KEPT and unicodedata.category(one) in STEERS


def _shown(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


class Terminal(Console):
    """A console on which nobody else's words steer anything."""

    def print(self, *objects: Any, **how: Any) -> None:
        """As Console.print; strings are made visible first."""
        super().print(*(visible(one) if isinstance(one, str) else one for one in objects), **how)
