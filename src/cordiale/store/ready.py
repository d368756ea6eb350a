"""Statements of the busiest paths: worked out once a dialect, then run on the driver's own cursor.

The Core statement stays the source: its text, the order of its values, how a type is kept and read back are
SQLAlchemy's. What is spared is working that out again for each of the forty statements that a message costs.
Several rows go in one statement, so that the driver is called once and not once a row.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Connection, Select, Table, bindparam, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert, Update

Statement = Select[Any] | Insert | Update
Keep = Callable[[Any], Any]
"""How a value of a type is given to the driver, or read back from it."""

WIDTHS: Final = (
    128,
    32,
    8,
    4,
    2,
    1,
)  # rows in one statement; a text for each is made when it is first needed
NAMED_STYLES: Final = ("pyformat", "named")
_SHAPE: Final[Any] = namedtuple
T = TypeVar("T")


def plain(tx: Connection, sql: str) -> None:
    """Run a statement that takes nothing and tells nothing: a savepoint, the beginning of a transaction."""
    _on_cursor(tx, sql, (), fetch=False)


@dataclass(slots=True)
class Ready:
    """One statement with values by name. A row comes as a named tuple of the columns that it selects."""

    statement: Statement
    _made: dict[str, _Made] = field(default_factory=dict)

    def all(self, tx: Connection, **values: Any) -> list[Any]:
        """Every row."""
        made = self._for(tx)
        return made.rows(_run(tx, made.sql, made.bound(values), fetch=True))

    def one(self, tx: Connection, **values: Any) -> Any | None:
        """The first row, or None."""
        rows = self.all(tx, **values)
        return rows[0] if rows else None

    def scalar(self, tx: Connection, **values: Any) -> Any | None:
        """The first column of the first row, or None."""
        rows = self.all(tx, **values)
        return rows[0][0] if rows else None

    def run(self, tx: Connection, **values: Any) -> None:
        """Change what it changes."""
        made = self._for(tx)
        _run(tx, made.sql, made.bound(values))

    def _for(self, tx: Connection) -> _Made:
        name = tx.dialect.name
        if name not in self._made:
            self._made[name] = _made(self.statement, tx)
        return self._made[name]


@dataclass(slots=True)
class ReadyAmong:
    """Which of some values stand in a column."""

    column: Column[Any]
    _made: dict[int, Ready] = field(default_factory=dict)

    def of(self, tx: Connection, values: Sequence[Any]) -> set[Any]:
        """Those of these values that stand there."""
        found: set[Any] = set()
        for part in _parts(values):
            ready = self._made.get(len(part)) or self._made.setdefault(len(part), self._for(len(part)))
            given = {f"v_{place}": value for place, value in enumerate(part)}
            found.update(row[0] for row in ready.all(tx, **given))
        return found

    def _for(self, width: int) -> Ready:
        wanted = [bindparam(f"v_{place}", type_=self.column.type) for place in range(width)]
        return Ready(select(self.column).where(self.column.in_(wanted)))


@dataclass(slots=True)
class ReadyRows:
    """Rows into one table, in order, all with the columns of the first. Where `key` is given, a row that is
    there already under it is changed in the other columns instead; no two rows given share it.
    """

    table: Table
    key: tuple[str, ...] = ()
    _made: dict[tuple[str, tuple[str, ...], int], _Made] = field(default_factory=dict)

    def run(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write all of them."""
        if rows:
            _run_widely(tx, rows, self._made, self._statement)

    def _statement(self, dialect: str, columns: tuple[str, ...], width: int) -> Statement:
        into = (postgresql if dialect == "postgresql" else sqlite).insert(self.table)
        every: Any = into.values(
            [{name: _value(self.table, name, place) for name in columns} for place in range(width)]
        )
        if self.key:
            changes = {name: into.excluded[name] for name in columns if name not in self.key}
            every = every.on_conflict_do_update(index_elements=list(self.key), set_=changes)
        statement: Insert = every
        return statement


@dataclass(slots=True)
class ReadyChanges:
    """Changes to rows of one table, each found by its `key` column; the other values given are new."""

    table: Table
    key: str
    _made: dict[tuple[str, tuple[str, ...], int], _Made] = field(default_factory=dict)

    def run(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Change all of them."""
        if rows:
            _run_widely(tx, rows, self._made, self._statement)

    def _statement(self, dialect: str, columns: tuple[str, ...], width: int) -> Statement:
        del dialect
        given = [
            select(*[_value(self.table, name, place).label(name) for name in columns])
            for place in range(width)
        ]
        new = (union_all(*given) if width > 1 else given[0]).subquery("new")
        changes = {name: new.c[name] for name in columns if name != self.key}
        return update(self.table).values(changes).where(self.table.c[self.key] == new.c[self.key])


# -- made once --------------------


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as the driver takes it. `order`: its values by name, with how each is kept. `cells`: of a
    statement for several rows, which row and column each value is of.
    """

    sql: str
    order: tuple[tuple[str, Keep | None], ...]
    cells: tuple[tuple[int, str, Keep | None], ...]
    fixed: Mapping[str, Any]
    named: bool
    row: Callable[[Any], Any]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = {**self.fixed, **values}
        if self.named:
            return {name: keep(given[name]) if keep else given[name] for name, keep in self.order}
        return [keep(given[name]) if keep else given[name] for name, keep in self.order]

    def spread(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The values of these rows as the driver takes them."""
        flat = [keep(rows[at][name]) if keep else rows[at][name] for at, name, keep in self.cells]
        return {one[0]: value for one, value in zip(self.order, flat, strict=True)} if self.named else flat

    def rows(self, raw: Sequence[Any]) -> list[Any]:
        """What the driver gave, as the columns' types read it."""
        return [self.row(one) for one in raw]


def _made(statement: Statement, tx: Connection, *, wide: bool = False) -> _Made:
    dialect = tx.dialect
    compiled = statement.compile(dialect=dialect)
    binds = compiled.binds
    named = dialect.paramstyle in NAMED_STYLES
    names = list(compiled.params) if named else list(compiled.positiontup or ())
    order = tuple((name, binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names)
    cells = tuple(
        (int(name.rpartition("_")[2]), name.rpartition("_")[0], keep) for name, keep in order if wide
    )
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    columns = list(statement.selected_columns) if isinstance(statement, Select) else []
    return _Made(str(compiled), order, cells, fixed, named, _reader(columns, tx))


def _reader(columns: Sequence[Any], tx: Connection) -> Callable[[Any], Any]:
    """What makes a named tuple of a row, each value read as its column's type says."""
    shape = _SHAPE("Row", [one.key for one in columns])
    reads = [one.type.dialect_impl(tx.dialect).result_processor(tx.dialect, None) for one in columns]
    odd = [(place, read) for place, read in enumerate(reads) if read is not None]
    make: Callable[[Any], Any] = shape._make
    if not odd:
        return make

    def read(row: Any) -> Any:
        values = list(row)
        for place, how in odd:
            values[place] = how(values[place])
        return make(values)

    return read


def _value(table: Table, name: str, place: int) -> Any:
    return bindparam(f"{name}_{place}", type_=table.c[name].type)


# -- run --------------------


def _run_widely(
    tx: Connection,
    rows: Sequence[Mapping[str, Any]],
    made: dict[tuple[str, tuple[str, ...], int], _Made],
    statement: Callable[[str, tuple[str, ...], int], Statement],
) -> None:
    name, columns = tx.dialect.name, tuple(rows[0])
    for part in _parts(rows):
        width = len(part)
        key = (name, columns, width)
        if key not in made:
            made[key] = _made(statement(name, columns, width), tx, wide=True)
        _run(tx, made[key].sql, made[key].spread(part))


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows in as few parts of the known widths as there can be."""
    at = 0
    for width in WIDTHS:
        while len(rows) - at >= width:
            yield rows[at : at + width]
            at += width


def _run(tx: Connection, sql: str, values: Any, *, fetch: bool = False) -> Sequence[Any]:
    if not tx.in_transaction():
        tx.begin()
    return _on_cursor(tx, sql, values, fetch=fetch)


def _on_cursor(tx: Connection, sql: str, values: Any, *, fetch: bool) -> Sequence[Any]:
    """Run on the driver's cursor; a fault comes as SQLAlchemy would tell it, without any value."""
    cursor = tx.connection.cursor()
    try:
        cursor.execute(sql, values)
        return cursor.fetchall() if fetch else ()
    except tx.dialect.loaded_dbapi.Error as fault:
        raise _told(tx, sql, fault, cursor) from fault
    finally:
        cursor.close()


def _told(tx: Connection, sql: str, fault: Any, cursor: Any) -> BaseException:
    lost = tx.dialect.is_disconnect(fault, tx.connection.dbapi_connection, cursor)
    base = tx.dialect.loaded_dbapi.Error
    told: BaseException = DBAPIError.instance(
        sql, None, fault, base, hide_parameters=True, connection_invalidated=lost, dialect=tx.dialect
    )
    if lost:
        tx.invalidate(fault)
    return told
