"""Small counts: no small count can be worked out, checked by trying every possible table."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.counts import OTHER, Protected, Table, bounds, protect, series, table_of
from cordiale.errors import InputError


def tables(high: int = 60) -> st.SearchStrategy[Table]:
    return st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda shape: st.lists(
            st.lists(st.integers(0, high), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        ).map(
            lambda rows: Table(
                tuple(f"r{i}" for i in range(len(rows))),
                tuple(f"c{i}" for i in range(len(rows[0]))),
                tuple(map(tuple, rows)),
            )
        )
    )


def ground_truth(table: Table, shown: Protected) -> Table:
    """The true counts in the shape that is shown: joined lines summed."""
    rows = [[0] * len(shown.columns) for _ in shown.rows]
    for r, name in enumerate(table.rows):
        for c, column in enumerate(table.columns):
            at = shown.rows.index(name if name in shown.rows else OTHER)
            over = shown.columns.index(column if column in shown.columns else OTHER)
            rows[at][over] += table.cells[r][c]
    return Table(shown.rows, shown.columns, tuple(map(tuple, rows)))


@given(tables())
@settings(max_examples=400, deadline=None)
def test_no_small_count_is_shown_and_no_hidden_one_can_be_pinned_down(table: Table) -> None:
    if 0 < table.total < 10:
        with pytest.raises(InputError, match="fewer than 10"):
            protect(table)
        return
    shown = protect(table)
    assert shown.smallest_shown is None or shown.smallest_shown >= 10
    truth = ground_truth(table, shown)
    hidden = {(r, c) for r, row in enumerate(shown.cells) for c, n in enumerate(row) if n is None}
    for r, c in product(range(len(shown.rows)), range(len(shown.columns))):
        if (r, c) not in hidden:
            assert shown.cells[r][c] == truth.cells[r][c]
    everything = len(hidden) == len(shown.rows) * len(shown.columns)
    for cell in hidden:
        low, high = bounds(truth, hidden, cell)
        assert low <= truth.cells[cell[0]][cell[1]] <= high
        assert high - low >= 10 or everything
    assert shown.row_totals == tuple(map(sum, truth.cells))


@given(tables(high=4).filter(lambda t: len(t.rows) * len(t.columns) <= 6), st.data())
@settings(max_examples=150, deadline=None)
def test_bounds_are_exact_as_trying_every_table_shows(table: Table, data: st.DataObject) -> None:
    places = list(product(range(len(table.rows)), range(len(table.columns))))
    hidden = data.draw(st.sets(st.sampled_from(places), min_size=1))
    ordered = sorted(hidden)
    rows = tuple(map(sum, table.cells))
    columns = tuple(map(sum, zip(*table.cells, strict=True)))
    seen: dict[tuple[int, int], set[int]] = {cell: set() for cell in ordered}
    for guess in product(*(range(min(rows[r], columns[c]) + 1) for r, c in ordered)):
        trial = [list(row) for row in table.cells]
        for (r, c), n in zip(ordered, guess, strict=True):
            trial[r][c] = n
        if tuple(map(sum, trial)) == rows and tuple(map(sum, zip(*trial, strict=True))) == columns:
            for cell, n in zip(ordered, guess, strict=True):
                seen[cell].add(n)
    for cell in ordered:
        assert bounds(table, hidden, cell) == (min(seen[cell]), max(seen[cell]))


def test_what_hides_a_small_count_is_no_more_than_is_needed() -> None:
    table = table_of(
        {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 30, ("b", "y"): 20, ("c", "x"): 50, ("c", "y"): 2}
    )
    shown = protect(table)
    assert shown.cells == ((None, None), (30, 20), (None, None))
    assert shown.suppressed_count == 4 and shown.joined == ()


def test_a_line_whose_total_is_small_is_joined_with_others() -> None:
    table = table_of(
        {("a", "x"): 3, ("a", "y"): 2, ("b", "x"): 30, ("b", "y"): 20, ("c", "x"): 50, ("c", "y"): 70}
    )
    shown = protect(table)
    assert OTHER in shown.rows and set(shown.joined) == {"a", "b"}
    assert shown.row_totals == (120, 55)


def test_a_table_without_small_counts_is_shown_whole() -> None:
    table = table_of({("a", "x"): 10, ("a", "y"): 0, ("b", "x"): 0, ("b", "y"): 99})
    assert protect(table).cells == ((10, 0), (0, 99))


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 40), min_size=1, max_size=8))
def test_a_series_never_lets_a_small_count_be_found_from_its_total(values: dict[str, int]) -> None:
    if 0 < sum(values.values()) < 10:
        with pytest.raises(InputError):
            series(values)
        return
    shown = series(values)
    hidden = [values[name] for name, n in shown.items() if n is None]
    assert all(n is None or n == 0 or n >= 10 for n in shown.values())
    assert not hidden or (len(hidden) >= 2 and sum(hidden) >= 10)


@pytest.mark.parametrize(
    ("rows", "columns", "cells"),
    [(("a",), ("x",), ((1, 2),)), (("a", "b"), ("x",), ((1,),)), (("a",), ("x",), ((-1,),))],
)
def test_a_table_that_does_not_fit_is_refused(
    rows: tuple[str, ...], columns: tuple[str, ...], cells: tuple[tuple[int, ...], ...]
) -> None:
    with pytest.raises(InputError):
        Table(rows, columns, cells)


def test_the_threshold_is_never_one() -> None:
    with pytest.raises(InputError, match="2 or more"):
        protect(table_of({("a", "x"): 100}), k=1)
