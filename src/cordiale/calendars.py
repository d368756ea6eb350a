"""Working days and due dates. Holidays are passed in as dates; nothing here knows a country or reads a clock.

A date beyond what a calendar knows is a fault, never a guess.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cordiale.errors import InputError

SATURDAY_SUNDAY: Final = frozenset({5, 6})
SPAN_MAX: Final = 3660  # ten years of days; no clock in any agreement is longer


class Unit(StrEnum):
    """In what a clock counts."""

    HOUR = "h"
    DAY = "day"
    WORKING_DAY = "working_day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one place: its holidays, its weekend, and the days for which that is known.

    `known_from`, `known_until`: inclusive; the years whose holidays were loaded.
    """

    name: str
    holidays: frozenset[date]
    known_from: date
    known_until: date
    weekend: frozenset[int] = SATURDAY_SUNDAY
    zone: str = "UTC"
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.known_until < self.known_from:
            raise InputError("ends before it begins", field=f"calendar `{self.name}`")
        if odd := sorted(d for d in self.holidays if not self.known_from <= d <= self.known_until):
            raise InputError(f"holiday {odd[0]} lies outside the known days", field=f"calendar `{self.name}`")
        if not self.weekend < frozenset(range(7)):
            raise InputError("a week needs a working day", field=f"calendar `{self.name}`")
        object.__setattr__(self, "_zone", ZoneInfo(self.zone))

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is a working day. Raises InputError beyond the days that are known."""
        if not self.known_from <= day <= self.known_until:
            raise InputError(
                f"knows {self.known_from} to {self.known_until}, not {day}",
                field=f"calendar `{self.name}`",
                way_out="Load that year's holidays.",
            )
        return day.weekday() not in self.weekend and day not in self.holidays

    def local_day(self, at: datetime) -> date:
        """The day that a moment falls on in this place."""
        return at.astimezone(self._zone).date()

    def end_of(self, day: date) -> datetime:
        """The end of a day in this place, as aware UTC: the first moment of the next one."""
        return datetime.combine(day + timedelta(days=1), time(), self._zone).astimezone(UTC)


def calendar_of(name: str, holidays: Iterable[date], years: Iterable[int], *, zone: str = "UTC") -> Calendar:
    """A calendar that knows whole years."""
    known = sorted(years)
    if not known:
        raise InputError("knows no year", field=f"calendar `{name}`")
    if known != list(range(known[0], known[-1] + 1)):
        raise InputError("has a gap between its years", field=f"calendar `{name}`")
    return Calendar(name, frozenset(holidays), date(known[0], 1, 1), date(known[-1], 12, 31), zone=zone)


def add_working_days(start: date, count: int, calendar: Calendar, *, first_day_counts: bool = False) -> date:
    """The day on which a period of `count` working days ends.

    With `first_day_counts` the start itself is day one if it is a working day, as in "20 working days
    beginning
    with the day of receipt" (EU (Future Relationship) Act 2020 s.5); else counting begins the day after.
    """
    _check_count(count)
    day = start if first_day_counts else start + timedelta(days=1)
    counted = 0
    while True:
        if calendar.is_working_day(day):
            counted += 1
            if counted == count:
                return day
        day += timedelta(days=1)


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """How many working days lie after `start`, up to and with `end`; negative if `end` is before."""
    if end < start:
        return -working_days_between(end, start, calendar)
    days = (end - start).days
    return sum(calendar.is_working_day(start + timedelta(days=n)) for n in range(1, days + 1))


def add_days(start: date, count: int, *, first_day_counts: bool = False) -> date:
    """The last day of a period of `count` days ("28 days beginning with": the first day counts)."""
    _check_count(count)
    return start + timedelta(days=count - 1 if first_day_counts else count)


def add_months(start: date, count: int, *, first_day_counts: bool = False) -> date:
    """The last day of a period of months: the corresponding date, or the month's last day if it has none.

    With `first_day_counts` the period ends the day before the corresponding date.
    """
    _check_count(count)
    index = start.month - 1 + count
    year, month = start.year + index // 12, index % 12 + 1
    end = date(year, month, min(start.day, months.monthrange(year, month)[1]))
    return end - timedelta(days=1) if first_day_counts and end.day == start.day else end


@dataclass(frozen=True, slots=True)
class Period:
    """A period as an agreement states it: `count` of `unit`, and whether the first day counts."""

    count: int
    unit: Unit
    first_day_counts: bool = False

    def due(self, started_at: datetime, calendar: Calendar) -> datetime:
        """When it ends, as aware UTC. Days end at midnight of the calendar's place."""
        if self.unit is Unit.HOUR:
            _check_count(self.count)
            return started_at.astimezone(UTC) + timedelta(hours=self.count)
        start = calendar.local_day(started_at)
        return calendar.end_of(self._last_day(start, calendar))

    def _last_day(self, start: date, calendar: Calendar) -> date:
        if self.unit is Unit.WORKING_DAY:
            return add_working_days(start, self.count, calendar, first_day_counts=self.first_day_counts)
        if self.unit is Unit.MONTH:
            return add_months(start, self.count, first_day_counts=self.first_day_counts)
        return add_days(start, self.count, first_day_counts=self.first_day_counts)


def _check_count(count: int) -> None:
    if not 1 <= count <= SPAN_MAX:
        raise InputError(f"a period counts from 1 to {SPAN_MAX}, not {count}", field="count")
