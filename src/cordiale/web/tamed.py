"""Other people's words on a page: nothing in them turns the order of what is read beside them.

Markup is escaped by the templates; this is for the characters that are none and still steer: bidirectional
overrides and embeddings, and control characters. They are shown by their number.
"""

from __future__ import annotations

from typing import Any, Final

STEERING: Final = {
    number: f"\\u{number:04x}"
    for number in (*range(0x00, 0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F))
}
"""Isolates and marks of direction, which Arabic and Hebrew text needs, stay: they turn only themselves."""


def tamed(value: Any) -> Any:
    """What a template puts out, with nothing in it that steers; what is safe markup stays so."""
    if isinstance(value, str) and not (value.isascii() and value.isprintable()):
        return value.translate(STEERING)
    return value
