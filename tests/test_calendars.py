"""Working days and due dates, on England and Wales in 2026 (bank holidays as announced)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.calendars import (
    Calendar,
    Period,
    Unit,
    add_days,
    add_months,
    add_working_days,
    calendar_of,
    working_days_between,
)
from cordiale.errors import InputError

ENGLAND_WALES_2026 = [
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 4),
    date(2026, 5, 25),
    date(2026, 8, 31),
    date(2026, 12, 25),
    date(2026, 12, 28),  # in place of Saturday 26 December
]
UK = calendar_of("england_wales", ENGLAND_WALES_2026, [2026], zone="Europe/London")


def test_england_and_wales_has_253_working_days_in_2026() -> None:
    assert working_days_between(date(2026, 1, 1), date(2026, 12, 31), UK) == 253
    assert working_days_between(date(2026, 12, 31), date(2026, 1, 1), UK) == -253


@pytest.mark.parametrize("day", ENGLAND_WALES_2026)
def test_a_bank_holiday_is_no_working_day(day: date) -> None:
    assert not UK.is_working_day(day)


def test_twenty_working_days_beginning_with_receipt_count_the_day_of_receipt() -> None:
    """EU (Future Relationship) Act 2020 s.5: received on Monday 2 November, the last day is Friday 27."""
    assert add_working_days(date(2026, 11, 2), 20, UK, first_day_counts=True) == date(2026, 11, 27)
    assert add_working_days(date(2026, 11, 2), 20, UK) == date(2026, 11, 30)


def test_a_request_received_on_a_holiday_begins_to_count_on_the_next_working_day() -> None:
    assert add_working_days(date(2026, 4, 3), 1, UK, first_day_counts=True) == date(2026, 4, 7)
    assert add_working_days(date(2026, 12, 24), 2, UK, first_day_counts=True) == date(2026, 12, 29)


def test_twenty_eight_days_beginning_with_recording_end_on_the_twenty_seventh_day_after() -> None:
    """EU (Future Relationship) Act 2020 s.1."""
    assert add_days(date(2026, 11, 1), 28, first_day_counts=True) == date(2026, 11, 28)
    assert add_days(date(2026, 11, 1), 28) == date(2026, 11, 29)


@pytest.mark.parametrize(
    ("start", "count", "first", "end"),
    [
        (date(2026, 1, 31), 1, False, date(2026, 2, 28)),
        (date(2026, 8, 15), 3, False, date(2026, 11, 15)),
        (date(2026, 8, 15), 3, True, date(2026, 11, 14)),
        (date(2026, 11, 30), 3, False, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, True, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, False, date(2025, 2, 28)),
    ],
)
def test_months_end_on_the_corresponding_date_or_the_last_of_the_month(
    start: date, count: int, first: bool, end: date
) -> None:
    assert add_months(start, count, first_day_counts=first) == end


def test_a_day_ends_at_midnight_of_its_place_in_summer_and_in_winter() -> None:
    assert UK.end_of(date(2026, 7, 1)) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert UK.end_of(date(2026, 11, 22)) == datetime(2026, 11, 23, 0, tzinfo=UTC)
    assert UK.local_day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)


def test_a_period_is_due_as_its_unit_says() -> None:
    start = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    assert Period(24, Unit.HOUR).due(start, UK) == datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    assert Period(3, Unit.DAY).due(start, UK) == datetime(2026, 11, 24, 0, tzinfo=UTC)
    assert Period(2, Unit.WORKING_DAY).due(start, UK) == datetime(2026, 11, 25, 0, tzinfo=UTC)
    assert Period(1, Unit.MONTH, first_day_counts=True).due(start, UK) == datetime(2026, 12, 20, tzinfo=UTC)


def test_beyond_what_a_calendar_knows_it_says_so_and_never_guesses() -> None:
    with pytest.raises(InputError, match="Load that year"):
        add_working_days(date(2026, 12, 20), 20, UK)
    with pytest.raises(InputError, match="gap"):
        calendar_of("x", [], [2024, 2026])
    with pytest.raises(InputError, match="outside"):
        calendar_of("x", [date(2025, 1, 1)], [2026])
    with pytest.raises(InputError, match="no year"):
        calendar_of("x", [], [])
    with pytest.raises(InputError, match="working day"):
        Calendar("x", frozenset(), date(2026, 1, 1), date(2026, 12, 31), weekend=frozenset(range(7)))
    with pytest.raises(InputError, match="before"):
        Calendar("x", frozenset(), date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize("count", [0, -1, 4000])
def test_a_period_counts_from_one_to_ten_years(count: int) -> None:
    with pytest.raises(InputError):
        add_working_days(date(2026, 1, 5), count, UK)
    with pytest.raises(InputError):
        Period(count, Unit.HOUR).due(datetime(2026, 1, 1, tzinfo=UTC), UK)


@given(start=st.dates(date(2026, 1, 1), date(2026, 9, 30)), count=st.integers(1, 50))
def test_counting_forward_and_measuring_back_agree(start: date, count: int) -> None:
    end = add_working_days(start, count, UK)
    assert UK.is_working_day(end)
    assert working_days_between(start, end, UK) == count
