"""Small counts: a table leaves only when no cell of it, shown or worked out, can point to a person.

Ten is this house's threshold where no law names one (law: nothing that could identify persons or groups may
go to a third country, Reg. (EU) 2019/1896 Art 89(5)). Suppression is complementary and is audited exactly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cordiale.errors import InputError

SMALLEST_CELL: Final = 10
CELLS_MAX: Final = 10_000  # an audit is a flow problem a cell; larger tables are cut before they come here
OTHER: Final = "other"

Cell = int | None
"""A count, or None where it is suppressed."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by row and column. Zeros are told; a missing combination is a zero."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if len(self.cells) != len(self.rows) or any(len(r) != len(self.columns) for r in self.cells):
            raise InputError("has not one count for each row and column", field="cells")
        if len(self.rows) * len(self.columns) > CELLS_MAX:
            raise InputError(f"has more than {CELLS_MAX} cells", field="cells", way_out="Cut it into parts.")
        if any(n < 0 for row in self.cells for n in row):
            raise InputError("a count is not below nought", field="cells")

    @property
    def total(self) -> int:
        return sum(map(sum, self.cells))


@dataclass(frozen=True, slots=True)
class Protected:
    """A table that may be shown: suppressed cells are None, margins are true and none is small."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    suppressed_count: int
    joined: tuple[str, ...]
    """Rows and columns that were joined into "other"."""

    @property
    def smallest_shown(self) -> int | None:
        """The smallest count above nought that is shown or is a margin; None if nothing is."""
        shown = [n for row in self.cells for n in row if n]
        return min([*shown, *(n for n in (*self.row_totals, *self.column_totals) if n)], default=None)


def table_of(counts: Mapping[tuple[str, str], int]) -> Table:
    """A table from counts by (row, column), in order of first appearance."""
    rows = tuple(dict.fromkeys(r for r, _ in counts))
    columns = tuple(dict.fromkeys(c for _, c in counts))
    return Table(rows, columns, tuple(tuple(counts.get((r, c), 0) for c in columns) for r in rows))


def protect(table: Table, k: int = SMALLEST_CELL) -> Protected:
    """Suppress what is small and what would give it away.

    Lines whose total is small are joined into "other" first. Then counts from 1 to k-1 are suppressed, and
    more beside them until each suppressed count could be any of at least k+1 values, judged by exact bounds.
    Raises InputError if the whole table counts fewer than k: then nothing of it may be shown.
    """
    if k < 2:
        raise InputError("the threshold is 2 or more", field="k")
    if 0 < table.total < k:
        raise InputError(f"counts fewer than {k} in all", field="table", way_out="Show nothing of it.")
    table, joined = _join_small(table, k)
    small = {(r, c) for r, row in enumerate(table.cells) for c, n in enumerate(row) if 0 < n < k}
    hidden = set(small)
    while (weak := _weakest(table, hidden, k)) is not None:
        extra = _beside(table, hidden, weak)
        if extra is None:
            # Nothing is left to hide beside it: the inside of the table goes, the margins stay.
            hidden = {(r, c) for r in range(len(table.rows)) for c in range(len(table.columns))}
            break
        hidden.add(extra)
    for cell in sorted(hidden - small, key=lambda rc: -table.cells[rc[0]][rc[1]]):
        hidden = _without(table, hidden, small, cell, k=k) if cell in hidden else hidden
    return _shown(table, hidden, joined)


def bounds(table: Table, hidden: set[tuple[int, int]], cell: tuple[int, int]) -> tuple[int, int]:
    """The lowest and highest value that a suppressed cell could have, given all else that is shown.

    Exact: what the margins leave open is a transport problem, so the answer is two largest flows.
    """
    now = table.cells[cell[0]][cell[1]]
    return now - _slack(table, hidden, cell, up=False), now + _slack(table, hidden, cell, up=True)


def series(values: Mapping[str, int], k: int = SMALLEST_CELL) -> dict[str, Cell]:
    """One series with its total shown: small counts and the smallest beside them are suppressed (None)."""
    if 0 < sum(values.values()) < k:
        raise InputError(f"counts fewer than {k} in all", field="series", way_out="Show nothing of it.")
    hidden = {name for name, n in values.items() if 0 < n < k}
    rest = sorted((n, name) for name, n in values.items() if n >= k)
    while hidden and (len(hidden) < 2 or sum(values[name] for name in hidden) < k):
        if not rest:
            break
        hidden.add(rest.pop(0)[1])
    return {name: None if name in hidden else n for name, n in values.items()}


# ------------------------------------------------------------------------------ joining


def _join_small(table: Table, k: int) -> tuple[Table, tuple[str, ...]]:
    rows, cells, joined_rows = _join_lines(table.rows, table.cells, k)
    columns, turned, joined_columns = _join_lines(table.columns, tuple(zip(*cells, strict=True)), k)
    cells = tuple(zip(*turned, strict=True)) if turned else tuple(() for _ in rows)
    return Table(rows, columns, cells), (*joined_rows, *joined_columns)


def _join_lines(
    names: Sequence[str], lines: Sequence[tuple[int, ...]], k: int
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...], tuple[str, ...]]:
    """Join lines with small totals, and then the smallest others, until "other" is not small."""
    order = sorted(range(len(names)), key=lambda i: sum(lines[i]))
    chosen = [i for i in order if 0 < sum(lines[i]) < k]
    for i in order:
        if not chosen or (sum(sum(lines[j]) for j in chosen) >= k and len(chosen) > 1):
            break
        if i not in chosen and sum(lines[i]) >= k:
            chosen.append(i)
    if not chosen:
        return tuple(names), tuple(lines), ()
    other = tuple(map(sum, zip(*(lines[i] for i in chosen), strict=True)))
    kept = [i for i in range(len(names)) if i not in chosen]
    return (
        (*(names[i] for i in kept), OTHER),
        (*(lines[i] for i in kept), other),
        tuple(names[i] for i in sorted(chosen)),
    )


# ------------------------------------------------------------------------------ auditing


def _weakest(table: Table, hidden: set[tuple[int, int]], k: int) -> tuple[int, int] | None:
    """A suppressed cell whose bounds are too close together, the closest first; None if all are safe."""
    widths = {cell: _width(bounds(table, hidden, cell)) for cell in sorted(hidden)}
    weak = [cell for cell, width in widths.items() if width < k]
    return min(weak, key=lambda cell: (widths[cell], cell)) if weak else None


def _without(
    table: Table, hidden: set[tuple[int, int]], small: set[tuple[int, int]], cell: tuple[int, int], *, k: int
) -> set[tuple[int, int]]:
    """The suppressed cells without one that was not needed, and without those that hid only it; else all."""
    trial = hidden - {cell}
    while (weak := _weakest(table, trial, k)) is not None:
        if weak in small:
            return hidden
        trial = trial - {weak}
    return trial


def _width(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _beside(table: Table, hidden: set[tuple[int, int]], weak: tuple[int, int]) -> tuple[int, int] | None:
    """The smallest shown count above nought in the row or column of a weak cell, else anywhere."""
    shown = [
        (n, r, c)
        for r, row in enumerate(table.cells)
        for c, n in enumerate(row)
        if n > 0 and (r, c) not in hidden
    ]
    near = [x for x in shown if x[1] == weak[0] or x[2] == weak[1]]
    best = min(near or shown, default=None)
    return (best[1], best[2]) if best else None


def _slack(table: Table, hidden: set[tuple[int, int]], cell: tuple[int, int], *, up: bool) -> int:
    """How far a cell could move up or down while the others absorb it: a largest flow from row to column.

    Raising a cell lowers another of its row, which raises one of that column, and so back; lowering is
    limited by the counts themselves, raising by nothing.
    """
    counts = {(r, c): table.cells[r][c] for r, c in hidden if (r, c) != cell}
    start, goal = ("r", cell[0]), ("c", cell[1])
    limit = table.total if up else table.cells[cell[0]][cell[1]]
    moved = 0
    while moved < limit:
        path = _path(counts, start, goal, up=up)
        if path is None:
            break
        lowered = [counts[step] for step, falls in path if falls]
        amount = min([limit - moved, *lowered])
        for step, falls in path:
            counts[step] += -amount if falls else amount
        moved += amount
    return moved


def _path(
    counts: Mapping[tuple[int, int], int], start: tuple[str, int], goal: tuple[str, int], *, up: bool
) -> list[tuple[tuple[int, int], bool]] | None:
    """A shortest chain of cells from a row to a column, each with whether it falls."""
    came: dict[tuple[str, int], tuple[tuple[str, int], tuple[int, int], bool]] = {}
    todo = deque([start])
    seen = {start}
    while todo:
        here = todo.popleft()
        if here == goal:
            return _trace(came, start, goal)
        for (r, c), n in counts.items():
            from_row = here == ("r", r)
            if not from_row and here != ("c", c):
                continue
            falls = from_row == up
            after = ("c", c) if from_row else ("r", r)
            if after not in seen and (n > 0 or not falls):
                seen.add(after)
                came[after] = (here, (r, c), falls)
                todo.append(after)
    return None


def _trace(
    came: Mapping[tuple[str, int], tuple[tuple[str, int], tuple[int, int], bool]],
    start: tuple[str, int],
    goal: tuple[str, int],
) -> list[tuple[tuple[int, int], bool]]:
    path: list[tuple[tuple[int, int], bool]] = []
    here = goal
    while here != start:
        here, cell, falls = came[here]
        path.append((cell, falls))
    return path


def _shown(table: Table, hidden: set[tuple[int, int]], joined: tuple[str, ...]) -> Protected:
    return Protected(
        rows=table.rows,
        columns=table.columns,
        cells=tuple(
            tuple(None if (r, c) in hidden else n for c, n in enumerate(row))
            for r, row in enumerate(table.cells)
        ),
        row_totals=tuple(map(sum, table.cells)),
        column_totals=tuple(map(sum, zip(*table.cells, strict=True))),
        suppressed_count=len(hidden),
        joined=joined,
    )
