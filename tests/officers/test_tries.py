"""Is everybody slowed down for their own mistakes alone, and no name told from another by a wait?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cordiale.officers import Tries, tries

AT = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)


def test_a_stranger_makes_only_the_stranger_wait() -> None:
    held = Tries()
    for _ in range(9):
        held.failed("sam", "192.0.2.1", at=AT)
    assert held.wait_until("sam", "192.0.2.1", at=AT) == AT + timedelta(seconds=480)
    assert held.wait_until("SAM ", "192.0.2.1", at=AT), "however the name is spelled"
    assert held.wait_until("sam", "192.0.2.2", at=AT) is None
    assert held.wait_until("sam", "browser 0a", at=AT) is None
    assert held.wait_until("kit", "192.0.2.1", at=AT) is None


def test_a_wait_doubles_to_an_hour_and_ends() -> None:
    held = Tries()
    waits = [held.failed("nobody", "here", at=AT) for _ in range(20)]
    assert waits[:4] == [None] * 4 and waits[4] == AT + timedelta(seconds=30)
    assert waits[-1] == AT + timedelta(hours=1)
    assert held.wait_until("nobody", "here", at=AT + timedelta(hours=1)) is None
    held.succeeded("nobody", "here")
    assert held.failed("nobody", "here", at=AT) is None


def test_guessing_stays_hopeless_from_one_place() -> None:
    """A day of guessing from one place: a few dozen tries against a long password and a code together."""
    held, at, count = Tries(), AT, 0
    while at < AT + timedelta(days=1):
        at = held.failed("sam", "here", at=at) or at
        count += 1
    assert count < 40


def test_the_memory_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "COUNTED_MAX", 3)
    held = Tries()
    for _ in range(5):
        held.failed("first", "here", at=AT)
    for n in range(3):
        held.failed(f"other-{n}", "here", at=AT)
    assert held.wait_until("first", "here", at=AT) is None and len(held._counts) == 3
