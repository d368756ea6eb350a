"""Languages and times of the pages: every string through gettext, every moment in UTC and local time."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALE: Final = Path(__file__).parent / "locale"
LANGUAGES: Final = {"en": "English", "fr": "Français"}
Say = Callable[[str], str]
"""A sentence in, the same sentence in the reader's language out."""


def mark(text: str) -> str:
    """Mark a string for translation where it is written; it is translated where it is shown."""
    return text


TOWNS: Final = {
    "Europe/London": mark("London"),
    "Europe/Paris": mark("Paris"),
    "Europe/Brussels": mark("Brussels"),
    "Europe/Berlin": mark("Berlin"),
    "Europe/Warsaw": mark("Warsaw"),
    "Europe/Belgrade": mark("Belgrade"),
    "Europe/Skopje": mark("Skopje"),
    "Europe/Tirane": mark("Tirana"),
    "Asia/Baghdad": mark("Baghdad"),
    "UTC": "UTC",
}
"""Time zone -> the town by which a person knows it."""
ZONES: Final = tuple(TOWNS)
COLON: Final = mark(":")
"""What stands between a label and what it labels: French leaves a space before it."""
FIRST_OF: Final = mark("1 {month}")
"""The first of a month has a word of its own in some languages."""

MONTHS: Final = (
    mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June"),
    mark("July"), mark("August"), mark("September"), mark("October"), mark("November"), mark("December"),
)  # fmt: skip


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations of a language. English is what the code says; others are compiled at set-up."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("cordiale", LOCALE, [language])


def say_in(language: str) -> Say:
    """How to say things in a language."""
    say = catalogue(language).gettext
    # The empty string is where a catalogue keeps its own header.
    return lambda text: say(text) if text else ""


def language_of(header: str, default: str) -> str:
    """The first language of an Accept-Language header that the pages speak."""
    for part in header.split(",")[:20]:
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return default if default in LANGUAGES else "en"


def zone_named(name: str) -> ZoneInfo:
    """A time zone by its name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(at: datetime | str | None, zone: str, say: Say) -> str:
    """A moment for reading: `22 November 2026, 06:14 UTC (07:14 Paris)`; "" for none. Where the clocks there
    show the same, the place alone: `06:14 UTC (London)`.
    """
    found = parsed(at)
    if found is None:
        return at if isinstance(at, str) else ""
    plain = f"{_month_day(found, say)} {found.year}, {found:%H:%M} UTC"
    local = found.astimezone(zone_named(zone))
    if zone == "UTC":
        return plain
    place = town(zone, say)
    if local.utcoffset() == found.utcoffset():
        return f"{plain} ({place})"
    other = "" if local.date() == found.date() else f"{_month_day(local, say)} "
    return f"{plain} ({other}{local:%H:%M} {place})"


def day(on: date | str | None, say: Say) -> str:
    """A day for reading: `23 February 2024`; "" for none, and what is no day as it is."""
    if isinstance(on, str):
        try:
            on = date.fromisoformat(on)
        except ValueError:
            return str(on)
    return "" if on is None else f"{_month_day(on, say)} {on.year}"


def _month_day(on: date, say: Say) -> str:
    month = say(MONTHS[on.month - 1])
    return say(FIRST_OF).format(month=month) if on.day == 1 else f"{on.day} {month}"


def town(zone: str, say: Say) -> str:
    """The town of a time zone, as a person calls it."""
    return say(TOWNS[zone]) if zone in TOWNS else zone.split("/")[-1].replace("_", " ")


def parsed(at: datetime | str | None) -> datetime | None:
    """An aware UTC moment from a datetime or its ISO spelling; None when it is neither."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return None
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
