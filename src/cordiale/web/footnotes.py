"""Footnotes wherever their Side is named: neutral words that no page and no print may leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Final

from cordiale.web.visit import Visit

STAR: Final = "*"
AS_WRITTEN: Final = re.compile(r"<(pre|code|textarea|script|title)\b.*?</\1>", re.DOTALL)
"""Text that is shown as it lies in a file or was typed: it is never changed, but it calls the footnote."""
BETWEEN_TAGS: Final = re.compile(r">([^<]+)<")


def footnoted(visit: Visit, html: str) -> str:
    """A page with a star at each Side that has a footnote, and the footnotes it calls at its end."""
    called = [
        (name, note) for code, name, note in sides_with_footnotes(visit) if _named(code, name).search(html)
    ]
    if not called:
        return html
    for code, name, _ in sides_with_footnotes(visit):
        html = _starred(html, _pattern(code, name))
    notes = "".join(
        f'<p class="govuk-body-s footnote">{STAR} {escape(name)}: {escape(visit.say(note))}</p>'
        for name, note in called
    )
    head, end, tail = html.rpartition("</main>")
    return f"{head}{notes}{end}{tail}" if end else html + notes


def sides_with_footnotes(visit: Visit) -> Iterator[tuple[str, str, str]]:
    """Code, name without its star, footnote."""
    for code, side in visit.node.register.sides.items():
        if side.footnote:
            yield str(code), side.name.rstrip(STAR), side.footnote


@lru_cache(maxsize=64)
def _pattern(code: str, name: str) -> re.Pattern[str]:
    """The Side named without its star."""
    return re.compile(rf"{_named(code, name).pattern}(?![*])")


@lru_cache(maxsize=64)
def _named(code: str, name: str) -> re.Pattern[str]:
    """The Side by name, or by its code where that is not part of an id."""
    return re.compile(rf"\b(?:{re.escape(name)}|{re.escape(code)}(?![/-]))(?!\w)")


def _starred(html: str, pattern: re.Pattern[str]) -> str:
    """The star, in text alone: not in attributes, nor in what is shown as it lies in a file."""
    kept: list[str] = []

    def aside(found: re.Match[str]) -> str:
        kept.append(found.group(0))
        return f"<kept {len(kept) - 1}>"

    def star(found: re.Match[str]) -> str:
        return ">" + pattern.sub(lambda one: one.group(0) + STAR, found.group(1)) + "<"

    starred = BETWEEN_TAGS.sub(star, AS_WRITTEN.sub(aside, html))
    return re.sub(r"<kept (\d+)>", lambda one: kept[int(one.group(1))], starred)
