"""Clocks: their ends are counted by their own rules, and never guessed."""

from datetime import date
from typing import Any

import pytest

from cordiale.agreements.clocks import DAYS_MAX, add, due, working_day
from cordiale.agreements.model import ClockRule
from cordiale.agreements.registered import Calendar

EW = Calendar(
    id="ew",
    name="England and Wales",
    weekend=frozenset({"saturday", "sunday"}),
    days=frozenset({date(2026, 12, 25), date(2026, 12, 28)}),
    from_=date(2026, 1, 1),
    until=date(2027, 1, 1),
)


def rule(**said: Any) -> ClockRule:
    return ClockRule(**{"name": "x", "binding": "law", "starts": "at", "unit": "day", "n": 28} | said)


@pytest.mark.parametrize(
    ("start", "unit", "n", "first", "end"),
    [
        ("2026-11-01", "day", 28, True, "2026-11-28"),
        ("2026-11-01", "day", 28, False, "2026-11-29"),
        ("2026-11-01T10:00:00+00:00", "h", 24, False, "2026-11-02T10:00:00+00:00"),
        ("2026-11-01", "h", 24, False, ""),
        ("2026-01-31", "month", 1, False, "2026-02-28"),
        ("2026-01-15", "month", 1, True, "2026-02-14"),
        ("2024-02-29", "year", 1, False, "2025-02-28"),
        ("2026-12-31", "month", 2, False, "2027-02-28"),
    ],
)
def test_periods_end_where_their_law_counts_them(
    start: str, unit: str, n: int, first: bool, end: str
) -> None:
    assert add(start, unit, n, first_day_counts=first) == end


@pytest.mark.parametrize(
    ("start", "n", "first", "end"),
    [
        (date(2026, 12, 21), 5, True, date(2026, 12, 29)),
        (date(2026, 12, 21), 5, False, date(2026, 12, 30)),
        (date(2026, 12, 19), 1, True, date(2026, 12, 21)),
        (date(2026, 12, 30), 5, False, None),
        (date(2025, 12, 30), 5, False, None),
    ],
)
def test_working_days_skip_weekends_and_holidays_and_stop_at_the_calendars_end(
    start: date, n: int, first: bool, end: date | None
) -> None:
    assert working_day(start, n, EW, first_day_counts=first) == end


def test_a_calendar_without_working_days_ends_the_count() -> None:
    never = Calendar(
        id="n",
        name="n",
        weekend=frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]),
    )
    assert working_day(date(2026, 1, 1), 1, never, first_day_counts=False) is None and DAYS_MAX > 3650


def test_as_soon_as_possible_is_never_turned_into_hours() -> None:
    clock = due(rule(unit="", n=None, as_soon_as_possible=True), "2026-11-01", {}, "Art 5").as_json()
    assert clock["as_soon_as_possible"] is True and "n" not in clock and "due" not in clock


def test_a_clock_without_its_start_or_calendar_has_no_end_and_says_why() -> None:
    assert due(rule(), None, {}, "Art").due == ""
    working = rule(unit="working_day", n=20, calendar="ew", first_day_counts=True)
    assert "not in the register" in due(working, "2026-11-02", {}, "Art").note
    assert "does not reach" in due(working, "2026-12-20", {"ew": EW}, "Art").note
    assert due(working, "2026-11-02", {"ew": EW}, "Art").due == "2026-11-27"
