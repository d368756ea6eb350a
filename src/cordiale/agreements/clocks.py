"""Clocks: when a period ends. "As soon as possible" has no end; a calendar is never guessed."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from cordiale.agreements.answer import Clocked
from cordiale.agreements.model import ClockRule
from cordiale.agreements.registered import Calendar

DAYS_MAX = 4_000
"""Days a working-day count may run through: ten years, far beyond any clock."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def due(rule: ClockRule, start: object, calendars: Mapping[str, Calendar], article: str) -> Clocked:
    """The clock with its end, if its start is known and its calendar reaches so far."""
    end, note = "", ""
    if rule.n is not None and isinstance(start, str):
        end, note = _end(rule, start, calendars)
    return Clocked(
        name=rule.name,
        binding=rule.binding,
        starts=rule.starts,
        article=rule.article or article,
        first_day_counts=rule.first_day_counts,
        unit=rule.unit,
        n=rule.n,
        calendar=rule.calendar,
        due=end,
        note=note,
    )


def _end(rule: ClockRule, start: str, calendars: Mapping[str, Calendar]) -> tuple[str, str]:
    n = rule.n or 0
    if rule.unit == "working_day":
        listed = calendars.get(rule.calendar)
        if listed is None:
            return "", f"the calendar {rule.calendar} is not in the register"
        end = working_day(_day(start), n, listed, first_day_counts=rule.first_day_counts)
        return (end.isoformat(), "") if end else ("", f"the calendar {listed.id} does not reach that far")
    return add(start, rule.unit, n, first_day_counts=rule.first_day_counts), ""


def _day(words: str) -> date:
    return date.fromisoformat(words[:10])


def add(start: str, unit: str, n: int, *, first_day_counts: bool = False) -> str:
    """ISO start plus n hours, days, months or years. With the first day counted, day n is n - 1 days
    later."""
    if unit == "h":
        if len(start) == len("2026-11-22"):
            return ""
        return (datetime.fromisoformat(start) + timedelta(hours=n)).isoformat()
    day = _day(start)
    if unit == "day":
        return (day + timedelta(days=n - 1 if first_day_counts and n else n)).isoformat()
    count = n * 12 if unit == "year" else n
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = months.monthrange(year, month + 1)[1]
    end = date(year, month + 1, min(day.day, last))
    return (end - timedelta(days=1) if first_day_counts and n else end).isoformat()


def working_day(start: date, n: int, listed: Calendar, *, first_day_counts: bool) -> date | None:
    """The n-th working day. With the first day counted, the start is day one if it is a working day."""
    day, count = start, 0
    if first_day_counts and is_working(day, listed):
        count = 1
    for _ in range(DAYS_MAX):
        if not _reaches(day, listed):
            return None
        if count >= n:
            return day
        day += timedelta(days=1)
        if is_working(day, listed):
            count += 1
    return None


def is_working(day: date, listed: Calendar) -> bool:
    return WEEKDAYS[day.weekday()] not in listed.weekend and day not in listed.days


def _reaches(day: date, listed: Calendar) -> bool:
    return (listed.from_ is None or listed.from_ <= day) and (listed.until is None or day < listed.until)
