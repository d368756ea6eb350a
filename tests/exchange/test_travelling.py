"""Does what an answer says bind the recipient, in one shape, and does nothing travel that is not known?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cordiale.errors import ExchangeError
from cordiale.exchange.travelling import FREE, as_asked, plain, travelling, written
from cordiale.seals import canonical


@pytest.mark.parametrize("name", ["erase_by", "review_by"])
def test_a_period_whose_start_nobody_stated_is_left_to_a_person(name: str) -> None:
    held = travelling([{name: "90 day from received_at"}])
    assert held.review and held.erase_by is None and held.review_by is None
    dated = travelling([{name: "2026-12-01"}, "no_onward"])
    assert getattr(dated, name) == datetime(2026, 12, 1, tzinfo=UTC) and dated.onward == "never"
    assert travelling([{name: "2026-12-01T10:00:00Z"}]) == travelling(
        [{name: datetime(2026, 12, 1, 10, tzinfo=UTC)}]
    )


def test_of_several_restrictions_the_stricter_of_each_binds() -> None:
    held = travelling(["ask_originator", "no_court_use", {"never_to": ["RS"]}, {"use_only": "crime"}])
    assert (held.onward, held.no_court_use, held.never_to, held.use_only) == (
        "ask_originator",
        True,
        ("RS",),
        ("crime",),
    )
    assert travelling(["ask_originator", "no_onward"]).onward == "never"
    assert travelling(()) == FREE


def test_a_restriction_that_is_not_known_here_does_not_travel() -> None:
    for odd in ("invented", {"invented": True}, {}):
        with pytest.raises(ExchangeError, match="no restriction"):
            travelling([odd])


def test_what_binds_is_asked_again_in_the_words_of_a_question() -> None:
    held = travelling(["no_onward", "no_identification", {"access": True}, {"never_to": ["RS", "AL"]}])
    again = travelling(as_asked(held))
    assert again == held
    assert as_asked(FREE) == []


def test_times_and_tuples_are_written_as_text_and_lists() -> None:
    value = {
        "at": datetime(2026, 12, 1, tzinfo=UTC),
        "on": date(2026, 12, 1),
        "several": (1, "two"),
        "no": None,
    }
    made = {"at": "2026-12-01T00:00:00+00:00", "on": "2026-12-01", "several": [1, "two"], "no": None}
    assert plain(value) == made
    assert written(value) == canonical(made)
